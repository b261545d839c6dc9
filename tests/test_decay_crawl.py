"""A redesigned outlet, crawled: noticed, kept as a failing fixture, still read, and calm again."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from crawler.pages.article import ArticlePage
from crawler.pages.traits import declared
from crawler.storage.database import connect, reading
from crawler.storage.decay import Alarm, alarms_of
from crawler.text.clean import clean_draft
from spiders.kontan import KontanPage
from tests.crawling import crawl, runs_of, stored
from tests.newsworld.outlets.kontan import Kontan
from tests.newsworld.printed import WIB
from tests.newsworld.redesign import Redesign
from tests.newsworld.running import on_air
from tests.newsworld.world import World
from tests.recorded import FIELDS, Reading, value_of

NEW = datetime(2026, 3, 4, 6, tzinfo=WIB)
DRESS = Redesign(NEW, 1.0, 2, "rewrapped", outlet="kontan")


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the data folder of an outlet whose dress was another on the second of four days."""
    data = tmp_path_factory.mktemp("decay")
    world = World(5, date(2026, 3, 2), 5, 45, (Kontan,), archive=4)
    world.redesign("kontan", NEW, seed=2, kind="rewrapped")
    world.redesign("kontan", NEW + timedelta(days=1), share=0.0)
    with on_air(world) as running:
        for day in (4, 5, 6, 7):
            world.set_now(datetime(2026, 3, day, 5, tzinfo=WIB))
            crawl(running, data, since=f"2026-03-{day - 1:02d}", until=f"2026-03-{day:02d}")
    return data


def alarms(data: Path) -> list[Alarm]:
    engine = connect(f"sqlite:///{data}/pantau.db", create=False)
    try:
        with reading(engine) as connection:
            return alarms_of(connection, "kontan")
    finally:
        engine.dispose()


def failing(folder: Path, page_class: type[ArticlePage]) -> set[str]:
    """Return what of the folder's pages is not read as their goldens say: what the fixtures' tests find."""
    wrong = set()
    for path in sorted(folder.glob("*.json")):
        golden = json.loads(path.read_text(encoding="utf-8"))
        assert golden["unreviewed"]
        page = page_class(path.with_suffix(".html").read_text(encoding="utf-8"), golden["url"])
        found = Reading(page, clean_draft(page.read(), page_class.rules), None)
        slug = path.stem.partition("-2026")[0]
        wrong |= {f"{slug} {field}" for field in FIELDS if value_of(found, field) != golden[field]}
        selectors = declared(page_class)
        wrong |= {
            f"{slug} selector of {field}"
            for field in golden.get("selectors", ())
            if not any(page.tree.css(one) for one in selectors[field])
        }
    return wrong


def test_it_is_noticed_once_and_ends_when_the_old_dress_is_back(after: Path) -> None:
    [alarm] = alarms(after)
    assert alarm.share == 1.0
    assert alarm.signals[0] == "no body was found where it stood, and the page is built otherwise"
    assert alarm.since.astimezone(WIB).date() == date(2026, 3, 5)
    assert alarm.ended_why == "its pages are as they were"
    told = [[why for why in run.why if why.startswith("redesigned: ")] for run in reversed(runs_of(after))]
    assert [len(each) for each in told] == [0, 1, 0, 0]
    assert alarm.evidence is not None
    assert alarm.evidence in told[1][0]


def test_its_articles_kept_coming_and_say_that_they_were_guessed(after: Path) -> None:
    runs = list(reversed(runs_of(after)))
    on_that_day = runs[1].counts["stored"]
    assert on_that_day > 3
    assert f"the body selector found nothing on {on_that_day} of {on_that_day} articles" in runs[1].why
    assert len(stored(after)) == sum(run.counts.get("stored", 0) for run in runs)


def test_the_evidence_fails_until_the_selectors_are_mended(after: Path) -> None:
    [alarm] = alarms(after)
    folder = after / str(alarm.evidence)
    names = sorted(path.stem.partition("-2026")[0] + path.suffix for path in folder.iterdir())
    assert names == ["comparison.txt", "last-good.html", "last-good.json", "page.html", "page.json"]
    assert all(path.stat().st_size < 25_000 for path in folder.glob("*.html"))
    missed = {f"page selector of {field}" for field in ("headline", "published_at", "body")}
    assert failing(folder, KontanPage) == missed | {"page body_from"}

    class Mended(KontanPage):
        headline_css = (_now("h1", "detail-desk"), *KontanPage.headline_css)
        published_css = (_now("", "fs14"), *KontanPage.published_css)
        body_css = (_now("", "tmpt-desk-kon"), *KontanPage.body_css)

    assert failing(folder, Mended) == set()  # the new dress and, below the new selectors, the old one


def test_the_comparison_says_which_selectors_hit_before(after: Path) -> None:
    [alarm] = alarms(after)
    lines = (after / str(alarm.evidence) / "comparison.txt").read_text(encoding="utf-8").splitlines()
    told = {" ".join(line.split()) for line in lines}
    assert "headline h1.detail-desk hits 1 nothing" in told
    assert "body .detail-content nothing nothing" in told
    assert any(line.startswith("last good: https://") for line in told)


def _now(tag: str, name: str) -> str:
    """Return the selector of what had the class *name* before."""
    dressed = DRESS.dressed(f'<html><body><b class="{name}"></b></body></html>')
    return f"{tag}.{dressed.partition('class=')[2].split(chr(34))[1]}"
