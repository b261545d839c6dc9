"""`pantau backup` and `pantau restore` as a user meets them."""

import json
from pathlib import Path

from tests.cli.conftest import Run, refused
from tests.cli.stores import article, crawled


def test_a_backup_is_made_and_put_back(run: Run, own_folder: Path) -> None:
    crawled(own_folder, "kontan", [article("kontan", 1), article("kontan", 2)])
    made = run("backup")
    assert made.exit_code == 0, made.output
    folder, articles, files = made.stdout.splitlines()
    assert articles.startswith("2 articles, 2 archived responses, ")
    assert files == "archive files: 1 copied, 0 as in the backup before"
    back = run("--data-dir", "again", "restore", folder)
    assert back.exit_code == 0, back.output
    assert back.stdout.startswith("restored 2 articles as of ")
    assert run("--data-dir", "again", "audit").exit_code == 0
    assert run("--data-dir", "again", "restore", folder).exit_code == 0  # nothing else is there
    crawled(own_folder, "kontan", [article("kontan", 3)])
    assert "is in the way" in refused(run("restore", folder))
    assert run("restore", folder, "--force").exit_code == 0


def test_for_programs(run: Run, own_folder: Path) -> None:
    crawled(own_folder, "kontan", [article("kontan", 1)])
    first, second = (json.loads(run("backup", "--to", "b", "--keep", "1", "--json").stdout) for _ in range(2))
    assert (first["files_copied"], first["files_linked"]) == (1, 0)
    assert (second["files_copied"], second["files_linked"]) == (0, 1)
    assert [path.name for path in (own_folder / "b").iterdir()] == [Path(second["folder"]).name]
    lines = run("--data-dir", "again", "restore", second["folder"], "--json").stdout.splitlines()
    assert all(json.loads(line)["ok"] for line in lines)


def test_a_loss_is_told_and_the_status_says_so(run: Run, own_folder: Path) -> None:
    crawled(own_folder, "kontan", [article("kontan", 1)])
    run("backup")
    [file] = (own_folder / "data" / "archive").glob("*/*.gz")
    file.write_bytes(file.read_bytes()[:-1])
    made = run("backup")
    assert made.exit_code == 1
    assert made.stdout.splitlines()[-1].startswith("LOST  ")


def test_without_a_store_there_is_nothing_to_back_up(run: Run) -> None:
    assert "there is no store" in refused(run("backup"))
    assert "is no backup" in refused(run("restore", "nirgends"))
