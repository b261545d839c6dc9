"""The frame of the command line: options, refusals in one line, exit status, streams."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.cli.main import app
from tests.cli.conftest import Run, refused

ROOT = Path(__file__).parents[2]
PANTAU = [sys.executable, "-c", "from crawler.cli.main import main; main()"]
HEAVY = ("scrapy", "sqlalchemy", "twisted", "selectolax", "resiliparse", "pydantic", "lxml")


def pantau(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [*PANTAU, *arguments],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        timeout=60,
    )


def test_help_lists_every_command_with_a_sentence(run: Run) -> None:
    result = run("--help")
    assert result.exit_code == 0
    for command in app.registered_commands:
        assert command.callback is not None
        assert command.callback.__name__ in result.stdout
        assert (command.callback.__doc__ or "").endswith(".")


def test_no_command_is_wrong_use_and_shows_help(run: Run) -> None:
    result = run()
    assert result.exit_code == 2
    assert "crawl" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["crwl"], "No such command 'crwl'. Did you mean 'crawl'?; see `pantau --help`"),
        (["--datadir", "x", "outlets"], "No such option: --datadir"),
        (["crawl", "--data-dir", "x"], "--data-dir goes before the command: `pantau --data-dir"),
        (["search"], "Missing argument"),
        (["export", "--format", "docx"], "jsonl"),
        (["crawl", "--limit", "many"], "--limit"),
        (["--log-level", "LOUD", "outlets"], "--log-level"),
        (["relevance", "no-such-file.jsonl"], "no-such-file.jsonl"),
    ],
)
def test_wrong_use_is_one_line_and_status_2(run: Run, arguments: list[str], said: str) -> None:
    assert said in refused(run(*arguments))


def test_an_unknown_configuration_key_is_refused_by_every_command(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pantau.toml").write_text("datadir = 'x'\n", encoding="utf-8")
    for command in (
        ["outlets"],
        ["audit"],
        ["doctor"],
        ["extract", "page.html"],
        ["crawl"],
        ["search", "kata"],
    ):
        line = refused(run(*command))
        assert "'datadir'" in line
        assert "'data_dir'" in line


def test_an_option_wins_over_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANTAU_DATA_DIR", "from-environment")
    assert "from-environment" in run("doctor").stdout
    result = run("--data-dir", "from-option", "doctor")
    assert "from-option" in result.stdout
    assert "from-environment" not in result.stdout


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from crawler.cli.main import app\n"
        "try: app(['--help'], prog_name='pantau')\n"
        "except SystemExit: pass\n"
        f"print(sorted(name for name in {HEAVY!r} if name in sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True, cwd=ROOT, timeout=60
    )
    assert done.stderr.splitlines()[-1] == "[]"


@pytest.mark.parametrize(("lines", "read"), [(20_000, True), (1, False)], ids=["while writing", "at the end"])
def test_a_closed_pipe_ends_quietly(tmp_path: Path, lines: int, read: bool) -> None:
    path = tmp_path / "many.jsonl"
    path.write_text('{"id": 1, "headline": "Rusia", "body": "Korea Utara"}\n' * lines, encoding="utf-8")
    with subprocess.Popen(
        [*PANTAU, "relevance", str(path), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "", "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        if read:
            process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=30) == 1


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
    ],
)
def test_other_alphabets_survive_a_terminal_that_lacks_them(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    line = '{"id": "a", "headline": "Владимир “Putin” 🚀", "body": ["Korea Utara dan Rusia"]}\n'
    (tmp_path / "a.jsonl").write_text(line, encoding="utf-8")
    for options in ([], ["--json"]):
        done = pantau("relevance", str(tmp_path / "a.jsonl"), *options, **environment)
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout


def test_a_narrow_terminal_gets_lines_instead_of_a_table(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    assert run("--help").exit_code == 0
    result = run("doctor")
    assert result.exit_code in (0, 1)
    assert "python" in result.stdout
