"""Stored articles looked at again, end to end: edits, deletions and outages of a news world in time."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from crawler.storage.articles import Stored, find, iterate
from crawler.storage.database import connect, reading
from crawler.storage.revisits import Event, events_of
from crawler.storage.runs import Run
from crawler.storage.schema import visits
from tests.crawling import DAYS, SEED, START, audited, crawl_command, crawl_environ, run, runs_of
from tests.newsworld.model import Entry
from tests.newsworld.outlets.all import ALL, FIRST
from tests.newsworld.running import Running, on_air
from tests.newsworld.world import World

DAY = timedelta(days=1)


def busy_world(name: str) -> World:
    outlets = [outlet for outlet in ALL if outlet.name == name]
    return World(SEED, START, DAYS, 30, outlets, archive=6)


class Watched:
    """A crawler that watches a world of one outlet."""

    def __init__(self, running: Running, data: Path) -> None:
        self.running, self.data = running, data

    @property
    def world(self) -> World:
        return self.running.world

    def look(self, **arguments: str) -> Run:
        """Crawl at the world's time and return the run; the accounts must agree."""
        command = crawl_command(self.running, **arguments)
        done = run(command, crawl_environ(self.running, self.data, window_days="3"))
        assert done.returncode in {0, 1}, done.stderr[-3000:]
        report = audited(self.data)
        assert report.ok, report.faults
        return runs_of(self.data)[0]

    def recheck(self, after: timedelta = timedelta(0)) -> Run:
        """Let time pass, look only at what is due, and return the run."""
        self.world.advance(after)
        return self.look(recheck="1")

    def all(self) -> list[Stored]:
        engine = connect(f"sqlite:///{self.data}/pantau.db", create=False)
        try:
            return list(iterate(engine))
        finally:
            engine.dispose()

    def of(self, url: str) -> tuple[Stored, list[Event]]:
        """Return an article and what happened to it."""
        engine = connect(f"sqlite:///{self.data}/pantau.db", create=False)
        try:
            stored = find(engine, url)
            assert stored is not None
            return stored, events_of(engine, stored.id)
        finally:
            engine.dispose()

    def entry(self, number: int = 0) -> Entry:
        """Return one of the articles on the topic, the newest first."""
        kept = {stored.article.canonical_url for stored in self.all()}
        found = [entry for entry in self.world.entries() if entry.url in kept]
        return sorted(found, key=lambda entry: entry.published_at, reverse=True)[number]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """Return a crawler that has crawled the world once."""
    with on_air(busy_world("kontan")) as running:
        one = Watched(running, tmp_path)
        first = one.look()
        assert first.counts["stored"] >= 5
        yield one


def test_a_look_is_due_once_for_all_ages_that_passed(watched: Watched) -> None:
    now = watched.world.now
    ages = [timedelta(hours=hours) for hours in (1, 6, 24, 72, 168, 720)]
    for stored in watched.all():
        published = stored.article.published_at.utc
        assert stored.due_at == min(published + age for age in ages if published + age > now)
    assert watched.recheck().counts == {}
    counts = watched.recheck(2 * DAY).counts
    assert counts == {"unchanged": len(watched.all())}


@pytest.mark.parametrize(
    "kind", ["headline", "byline", "date", "number", "name", "quote", "correction", "other"]
)
def test_an_edit_is_found_at_the_next_look_with_its_kind(watched: Watched, kind: str) -> None:
    entry = watched.entry(1)
    watched.world.edit(entry.url, watched.world.now, kind)
    watched.recheck(3 * DAY)
    stored, events = watched.of(entry.url)
    ((_, edit),) = watched.world.edits()
    (event,) = events
    assert stored.revision == 2
    assert (event.kind, event.detail["kinds"]) == ("revised", [edit.kind])


HOWS = ("404", "410", "soft-404", "home")


def test_deletions_are_suspected_then_confirmed_then_taken_back(watched: Watched) -> None:
    world, kept = watched.world, watched.all()
    assert len(kept) > 2 * len(HOWS)
    back_at = world.now + 9 * DAY
    missing = {watched.entry(number).url: how for number, how in enumerate(HOWS)}
    for url, how in missing.items():
        world.delete(url, world.now, back_at, how)
    texts = {stored.id: stored.article.body for stored in kept}
    confirmed: dict[str, timedelta] = {}
    for days in (1, 1, 1, 1, 1, 1):
        watched.recheck(days * DAY)
        for url in missing:
            stored, events = watched.of(url)
            if stored.gone == "confirmed" and url not in confirmed:
                confirmed[url] = events[-1].at - events[0].at
                assert events[-1].detail["signals"] >= 3
                assert events[-1].detail["control"]
    assert set(confirmed) == set(missing)
    assert all(3 * DAY <= after < 5 * DAY for after in confirmed.values())
    watched.recheck(8 * DAY)
    for stored in watched.all():
        found, events = watched.of(stored.article.canonical_url)
        wanted = ["suspected", "confirmed", "restored"] if stored.article.canonical_url in missing else []
        assert [event.kind for event in events] == wanted
        assert (found.gone, found.article.body) == (None, texts[found.id])


@pytest.mark.parametrize("how", ["503", "404", "home"])
def test_an_outage_of_days_confirms_nothing(watched: Watched, how: str) -> None:
    world = watched.world
    world.outage("kontan", world.now, world.now + 5 * DAY, how)
    for _ in range(2):
        found = watched.recheck(2 * DAY)
        assert found.verdict != "healthy"
        assert not found.counts.get("unchanged")
    assert all(not stored.gone and not watched.of(stored.article.url)[1] for stored in watched.all())
    assert watched.recheck(2 * DAY).counts == {"unchanged": len(watched.all())}


def test_many_that_vanish_at_once_are_believed_only_after_days(watched: Watched) -> None:
    world, kept = watched.world, watched.all()
    gone = [watched.entry(number).url for number in range(1, len(kept))]
    for url in gone:
        world.delete(url, world.now)
    found = watched.recheck(DAY)
    assert found.verdict == "degraded"
    assert any("all at once" in why for why in found.why)
    for _ in range(2):
        watched.recheck(DAY)
        assert {watched.of(url)[0].gone for url in gone} == {"suspected"}
    for _ in range(4):
        watched.recheck(DAY)
    assert {watched.of(url)[0].gone for url in gone} == {"confirmed"}


def test_articles_are_asked_conditionally_once_their_validators_have_proved_themselves(
    watched: Watched,
) -> None:
    world, entry = watched.world, watched.entry(1)
    world.edit(entry.url, world.now, "number")
    first = watched.recheck(DAY)  # 24 h: the edit, with other validators
    assert first.counts["revised"] == 1
    world.advance(2 * DAY)
    second = watched.look(recheck="1")  # 72 h: the stale validators are answered with the page
    assert "not-modified" not in reasons(watched, second)
    other = watched.entry(2)
    world.edit(other.url, world.now, "other")
    third = watched.recheck(4 * DAY)
    assert "not-modified" in reasons(watched, third)
    assert watched.of(other.url)[0].revision == 2


@pytest.mark.parametrize("lie", ["constant-etag", "always-304"])
def test_validators_that_lie_are_never_believed(watched: Watched, lie: str) -> None:
    world, entry = watched.world, watched.entry(1)
    world.lie("kontan", world.now - 30 * DAY, world.now + 90 * DAY, lie, "articles")
    for days in (1, 2, 4, 23):
        world.edit(entry.url, world.now + timedelta(hours=1), "other")
        found = watched.recheck(days * DAY)
        assert found.counts["revised"] == 1
        assert "not-modified" not in reasons(watched, found)


def reasons(watched: Watched, found: Run) -> set[str | None]:
    engine = connect(f"sqlite:///{watched.data}/pantau.db", create=False)
    try:
        with reading(engine) as connection:
            return set(connection.scalars(select(visits.c.reason).where(visits.c.run_id == found.id)))
    finally:
        engine.dispose()


KINDS = ("headline", "byline", "date", "number", "name", "quote", "correction", "other")


# Of the others those that build their pages most unlike these.
BUILT_OTHERWISE = ("antara", "detik", "sindonews")


@pytest.mark.parametrize("name", [*(kind.name for kind in FIRST if kind.name != "kontan"), *BUILT_OTHERWISE])
def test_each_outlet_shows_its_edits_and_nothing_else(name: str, tmp_path: Path) -> None:
    with on_air(busy_world(name)) as running:
        watched = Watched(running, tmp_path)
        watched.look()
        world, kept = watched.world, watched.all()
        # All are named first: a changed date changes which one is the fourth.
        edited = [watched.entry(number).url for number in range(min(len(KINDS), len(kept) - 1))]
        for url, kind in zip(edited, KINDS, strict=False):
            world.edit(url, world.now, kind)
        watched.recheck(3 * DAY)
        wanted = {entry.url: edit.kind for entry, edit in world.edits()}
        found = {}
        for stored in watched.all():
            for event in watched.of(stored.article.canonical_url)[1]:
                found[stored.article.canonical_url] = ", ".join(event.detail.get("kinds", (event.kind,)))
        assert found == wanted
