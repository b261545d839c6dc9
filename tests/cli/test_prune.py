"""`pantau prune` as a user meets it."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.stores import article, crawled


def test_without_a_term_nothing_goes(run: Run, own_folder: Path) -> None:
    crawled(own_folder, "kontan", [article("kontan", 1)])
    done = run("prune")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "0 records went",
        "0 bytes; files: 0 removed, 0 rewritten",
        "no term is set: everything stays (`archive_days`, `archive_other_days`)",
    ]


def test_what_is_past_its_term_goes_unless_rehearsed(
    run: Run, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawled(own_folder, "kontan", [article("kontan", 1), article("kontan", 2)])
    monkeypatch.setenv("PANTAU_ARCHIVE_DAYS", "30")
    monkeypatch.setenv("PANTAU_NOW", "2026-06-01T00:00:00+07:00")
    assert run("prune").stdout.startswith("0 records went\n")
    rehearsed = run("prune", "--everything", "--dry-run").stdout
    assert rehearsed.startswith("2 records would go: 2 pages of articles\n")
    done = json.loads(run("prune", "--everything", "--json").stdout)
    assert (done["records"], done["files_removed"]) == ({"pages of articles": 2}, 1)
    assert run("audit").exit_code == 0
    told = run("explain", article("kontan", 1).url).stdout
    assert "taken out of the archive on 2026-06-01" in told
    assert run("show", "1").exit_code == 0


def test_what_had_to_be_left_is_told(run: Run, own_folder: Path) -> None:
    crawled(own_folder, "kontan", [article("kontan", 1)])
    [file] = (own_folder / "data" / "archive").glob("*/*.gz")
    file.rename(file.with_name("kontan-run99-0001.warc.gz"))
    done = run("prune")
    assert done.exit_code == 1
    assert done.stdout.splitlines()[-1].startswith("LEFT  ")
