"""`pantau metrics` as a user meets it."""

import json
import stat
from pathlib import Path

from tests.cli.conftest import Run, refused
from tests.cli.stores import article, crawled


def test_in_both_forms_and_in_a_file(run: Run, own_folder: Path) -> None:
    crawled(own_folder, "kontan", [article("kontan", 1)])
    printed = run("metrics")
    assert printed.exit_code == 0
    assert 'pantau_articles{outlet="kontan"} 1.0' in printed.stdout.splitlines()
    lines = [json.loads(line) for line in run("metrics", "--json").stdout.splitlines()]
    assert {"name": "pantau_articles", "labels": {"outlet": "kontan"}, "value": 1.0} in lines
    file = own_folder / "pantau.prom"
    file.write_text("lama")
    assert run("metrics", "--to", str(file)).stdout == ""
    assert 'pantau_articles{outlet="kontan"} 1.0' in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert {path.name for path in own_folder.iterdir()} == {"data", "pantau.prom"}


def test_a_file_that_cannot_be_written_is_told(run: Run) -> None:
    assert "No such file" in refused(run("metrics", "--to", "nirgends/pantau.prom"))
