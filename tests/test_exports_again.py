"""Exports of one state are the same bytes wherever and whenever they are made; nothing half stays of one."""

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.stores import NOON, article, crawled

ROOT = Path(__file__).parents[1]
FORMS = ["jsonl", "csv", "parquet", "txt", "atom"]
WRITE_ALL = """
import sys
from pathlib import Path
from crawler.cli.main import app
for form in sys.argv[2].split(","):
    orders = [["export", "--format", form, "--output", f"{sys.argv[1]}/{form}"]]
    if form == "bundle":
        orders = [["bundle", "1", "3", "--output", f"{sys.argv[1]}/bundle.zip"]]
    for order in orders:
        try:
            app(order, prog_name="pantau")
        except SystemExit as end:
            assert not end.code, order
"""
DIE_AT = """
import os, signal, sys
from crawler.exports import writing
left = int(sys.argv[1])
def die(function):
    def dying(*arguments):
        global left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments)
    return dying
writing.os.fsync = die(os.fsync)
writing.Path.rename = die(writing.Path.rename)
from crawler.cli.main import app
app(sys.argv[2:], prog_name="pantau")
"""
HERE = {
    "TZ": "UTC",
    "LC_ALL": "C",
    "PYTHONHASHSEED": "1",
    "PANTAU_NOW": (NOON + timedelta(days=1)).isoformat(),
}
THERE = {
    "TZ": "Pacific/Auckland",
    "LC_ALL": "C.UTF-8",
    "PYTHONHASHSEED": "2",
    "PANTAU_NOW": (NOON + timedelta(days=2000)).isoformat(),
}


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    hostile = article(
        "kontan", 2, headline="Perundingan «ditunda» \x1b[31m\u202e ñ", page_text="Beranda\n" * 90_000
    )
    crawled(tmp_path, "kontan", [article("kontan", 1), hostile])
    crawled(tmp_path, "antara", [article("antara", 3, published_at=None)], failed=1, verdict="degraded")
    return tmp_path


def pantau(
    folder: Path, program: str, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PANTAU_")}
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        timeout=120,
        check=False,
    )


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_exports_of_one_state_are_the_same(filled: Path) -> None:
    made = {}
    for name, environment in (("here", HERE), ("there", THERE)):
        (filled / name).mkdir()
        done = pantau(filled, WRITE_ALL, name, ",".join([*FORMS, "bundle"]), **environment)
        assert done.returncode == 0, done.stderr.decode()
        made[name] = everything(filled / name)
    # Four files with their statements, three texts with one, a bundle.
    assert len(made["here"]) == 4 * 2 + 3 + 1 + 1
    assert made["here"] == made["there"]
    for statement in (name for name in made["here"] if name.endswith("coverage.json")):
        said = json.loads(made["here"][statement])
        assert said["as_of"]["run"] == 2
        assert {day["mark"] for day in said["outlets"][0]["days"]} <= {"found", "zero", "gap", "partly"}


def killed(folder: Path, death: int, *order: str) -> None:
    done = pantau(folder, DIE_AT, str(death), *order)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def outputs(folder: Path) -> dict[str, bytes]:
    return {name: data for name, data in everything(folder).items() if name.startswith("out")}


def test_a_kill_leaves_nothing_half_in_place(filled: Path) -> None:
    order = ["export", "--format", "jsonl", "--output", "out"]
    for death in (1, 2):
        killed(filled, death, *order)
        assert outputs(filled) == {}
    killed(filled, 1, "export", "--format", "txt", "--output", "out")
    assert outputs(filled) == {}
    for name in ("out", "out.coverage.json"):
        (filled / name).write_bytes(b"an earlier export")
    before = outputs(filled)
    killed(filled, 2, *order, "--force")
    assert outputs(filled) == before


def test_a_reader_who_leaves_is_no_fault_of_the_export(filled: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "crawler.cli.main", "export", "--format", "jsonl"],
        cwd=filled,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.read(10).startswith(b'{"schema":')
        process.stdout.close()
        said = process.stderr.read().decode()
        assert process.wait(60) == 1
    assert "Traceback" not in said
