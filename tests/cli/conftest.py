"""A runner for the command line, with its data in a folder of the test's own."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from crawler.cli.main import app

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, without the configuration of whoever runs the tests."""
    for name in list(os.environ):
        if name.startswith("PANTAU_") and not name.startswith("PANTAU_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "200")  # tables as on a wide terminal, wherever the tests run
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run() -> Run:
    """Return a function that runs `pantau ARGUMENTS` in this process."""
    runner = CliRunner()

    def invoke(*arguments: str, stdin: str | bytes | None = None) -> Result:
        result = runner.invoke(app, list(arguments), input=stdin, prog_name="pantau")
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return invoke


def refused(result: Result) -> str:
    """Return the one line with which wrong use was refused."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("pantau: ")
    return line
