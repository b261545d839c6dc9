"""`pantau move` as a user meets it, from one SQLite file to another: both databases take the same way."""

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Run, refused
from tests.cli.stores import article, crawled


def test_a_moved_store_is_told_of_until_it_is_taken_back(run: Run, own_folder: Path) -> None:
    crawled(own_folder, "kontan", [article("kontan", 1), article("kontan", 2)])
    there = "sqlite:///data/there.db"
    exported = run("export", "--format", "jsonl").stdout
    moved = run("move", "--to", there)
    assert moved.exit_code == 0, moved.output
    assert "articles: 2 rows" in moved.stdout.splitlines()
    assert moved.stdout.splitlines()[-1] == (
        f"next: set `database` (or PANTAU_DATABASE) to {there}; the old store stays, unused"
    )
    for command in (("status",), ("audit",), ("crawl", "kontan"), ("export", "--format", "jsonl")):
        assert f"this store was moved to {there} (" in refused(run(*command))
    assert any(
        line.startswith("fail") and f"moved to {there}" in line for line in run("doctor").stdout.splitlines()
    )
    assert run("--database", there, "export", "--format", "jsonl").stdout == exported
    assert run("--database", there, "audit").exit_code == 0
    back = run("move", "--undo")
    assert (back.exit_code, back.stdout.startswith("this store is in use again")) == (0, True)
    assert run("export", "--format", "jsonl").stdout == exported
    assert run("move", "--undo").stdout == "nothing to do: this store was not moved\n"


def test_for_programs(run: Run, own_folder: Path) -> None:
    crawled(own_folder, "kontan", [article("kontan", 1)])
    lines = run("move", "--to", "sqlite:///data/there.db", "--json").stdout.splitlines()
    told, *checks = map(json.loads, lines)
    assert (told["to"], told["rows"]["articles"], told["done_before"]) == (
        "sqlite:///data/there.db",
        1,
        False,
    )
    assert all(check["ok"] for check in checks)
    assert json.loads(run("move", "--undo", "--json").stdout) == {"taken_back_from": told["to"]}
    assert json.loads(run("move", "--to", told["to"], "--json").stdout.splitlines()[0])["done_before"]


def test_what_cannot_be_moved_is_said_in_one_line(run: Run, own_folder: Path) -> None:
    assert "there is no store" in refused(run("move", "--to", "sqlite:///there.db"))
    crawled(own_folder, "kontan", [article("kontan", 1)])
    assert "where to is missing" in refused(run("move"))
    assert "--undo takes no address" in refused(run("move", "--undo", "--to", "sqlite:///there.db"))
    assert "is there already" in refused(run("move", "--to", "sqlite:///data/../data/pantau.db"))
    assert "is no address of a database" in refused(run("move", "--to", "hanya kata"))
    (own_folder / "berkas.db").write_text("bukan basis data")
    assert "is not a database" in refused(run("move", "--to", "sqlite:///berkas.db"))
    nobody = "postgresql+psycopg://orang:rahasia@127.0.0.1:1/tiada"
    said = refused(run("move", "--to", nobody))
    assert "the server cannot be used" in said
    assert "rahasia" not in said
    assert run("audit").exit_code == 0


def test_the_archive_is_copied_elsewhere_and_used_there(
    run: Run, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawled(own_folder, "kontan", [article("kontan", 1)])
    crawled(own_folder, "suara", [article("suara", 1)])
    shared = own_folder / "bersama"
    assert "is not there; mount its disk, or make it" in refused(run("move", "--archive", "bersama"))
    shared.mkdir()
    assert "stands alone" in refused(run("move", "--archive", "bersama", "--undo"))
    copied = run("move", "--archive", "bersama")
    assert copied.exit_code == 0, copied.output
    assert copied.stdout.startswith("2 files copied, 0 were there, ")
    assert "set `archive` (or PANTAU_ARCHIVE) to bersama" in copied.stdout.splitlines()[-1]
    [first, *_] = sorted(shared.glob("*/*.gz"))
    first.write_bytes(first.read_bytes()[:-9])  # as a kill in the middle may leave it on some disks
    again = json.loads(run("move", "--archive", "bersama", "--json").stdout.splitlines()[0])
    assert (again["copied"], again["there"]) == (1, 1)
    shutil.rmtree(own_folder / "data" / "archive")
    assert run("audit").exit_code == 1
    monkeypatch.setenv("PANTAU_ARCHIVE", "bersama")
    assert run("audit").exit_code == 0
    assert "is in bersama already" in refused(run("move", "--archive", "bersama"))
    assert [line for line in run("doctor").stdout.splitlines() if " archive: " in line] == [
        "ok    archive: bersama can be written to and read"
    ]
    shared.rename(own_folder / "dilepas")
    [line] = [line for line in run("doctor").stdout.splitlines() if " archive: " in line]
    assert line.startswith("fail  archive: the archive's folder bersama is not there → mount its disk")
