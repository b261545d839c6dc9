"""`pantau stories`: the table, one story with its changes, JSON, and what is wrong use."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.items import Instant
from tests.cli.conftest import Run, refused
from tests.cli.stores import NOON, article, crawled
from tests.core.test_similarity import written

pytestmark = pytest.mark.usefixtures("told")


@pytest.fixture
def told(tmp_path: Path) -> None:
    text = tuple(written(1))
    crawled(tmp_path, "antara", [article("antara", 1, body=text, published_at=Instant(NOON))])
    later = Instant(NOON + timedelta(minutes=125))
    copied = article("kontan", 2, body=text[:4], published_at=later, headline="Judul \x1b[31mlain")
    crawled(tmp_path, "kontan", [copied])


def test_the_table_one_story_and_its_changes(run: Run) -> None:
    listed = run("stories", "--json")
    assert listed.exit_code == 0
    [one] = [json.loads(line) for line in listed.stdout.splitlines()]
    assert (one["outlets"], one["members"], one["sources"]) == (["antara", "kontan"], 2, 1)
    assert one["id"] in run("stories").stdout
    shown = run("stories", one["id"]).stdout
    assert "2 articles in 2 outlets, 1 independent source" in shown
    assert "+2 h 05 min" in shown
    assert "100%" in shown
    assert "left out: " in shown
    assert "\x1b[31m" not in shown
    told_again = json.loads(run("stories", "https://www.kontan.co.id/news/delegasi-ke-2", "--json").stdout)
    assert [(each["outlet"], each["role"], each["lag_s"]) for each in told_again["articles"]] == [
        ("antara", "first", None),
        ("kontan", "copy", 7500.0),
    ]
    kinds = [change["kind"] for change in told_again["articles"][1]["changes"]]
    assert kinds[0] == "headline"
    assert {change["action"] for change in told_again["articles"][1]["changes"][1:]} == {"removed"}


def test_what_is_asked_for_can_be_narrowed(run: Run) -> None:
    assert "no story stands in 3 outlets" in run("stories", "--least", "3").stdout
    assert "no story" in run("stories", "--since", "2026-03-05").stdout
    assert "Delegasi" in run("stories", "--outlet", "kontan", "--until", "2026-03-04").stdout
    assert run("stories", "--update").stdout == "0 articles compared, 0 pairs share text\n"


def test_wrong_use_is_one_line(run: Run) -> None:
    assert "nobody shares a text of 0123456789abcdef" in refused(run("stories", "0123456789abcdef"))
    assert "no run of an outlet 'kontam'" in refused(run("stories", "--outlet", "kontam"))
    assert "--since" in refused(run("stories", "--since", "gestern"))
