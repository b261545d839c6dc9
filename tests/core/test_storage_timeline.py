"""Days with what is usual of them: planted losses are flagged, bad luck and quiet days are not."""

import random
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from crawler.health import owed_until
from crawler.items import Instant, Verdict
from crawler.storage import articles, frontier, runs
from crawler.storage.coverage import Cause, Past, Tally
from crawler.storage.database import reading
from crawler.storage.frontier import Settlement
from crawler.storage.runs import Looked
from crawler.storage.states import State
from crawler.storage.tallies import tallies
from crawler.storage.timeline import Day, Mark, days, expected_of, timeline
from tests.core import storing
from tests.core.histories import AT, DAY, crawl, lost, midnight, on

LOST = range(35, 49)  # two weeks


def usual(outlet: int, day: int) -> Tally:
    """Return a day of an outlet: some forty addresses, fewer at weekends, one or two on the topic."""
    rng = random.Random(f"{outlet} {day}")
    middle = 24 if on(day).weekday() >= 5 else 40
    named = round(rng.gauss(middle, middle**0.5))
    return Tally(candidates=named, read=named // 4, articles=2, on_topic=rng.choice((0, 1, 1, 2)))


def silent(_outlet: int, _day: int) -> Tally:
    return Tally()


def a_quarter(outlet: int, day: int) -> Tally:
    named = usual(outlet, day).candidates // 4
    return Tally(candidates=named, read=named // 4)


def judged(outlet: int, until: int, tally: Callable[[int, int], Tally], *, hit: bool) -> list[Day]:
    """Return the days up to one, as they stand on the morning after it."""
    found = {on(day): (tally if hit and day in LOST else usual)(outlet, day) for day in range(until + 1)}
    history = [crawl(day + 1) for day in range(-3, until + 1)]
    return timeline(f"outlet{outlet}", history, found, on(0), on(until), midnight(until + 1))


@pytest.mark.parametrize("planted", [silent, a_quarter])
def test_two_weeks_lost_in_half_of_the_outlets_are_flagged_on_the_first_day(
    planted: Callable[[int, int], Tally],
) -> None:
    for outlet in range(16):
        first = judged(outlet, LOST[0], planted, hit=outlet % 2 == 0)
        assert first[-1].noteworthy == (outlet % 2 == 0), outlet
    for outlet in range(0, 16, 2):
        through = judged(outlet, LOST[-1], planted, hit=True)
        assert all(
            day.fewer == ("candidates",)
            for day in through[-len(LOST) :]
            if day.on.weekday() < 5 or not day.tally.read
        )
        assert "addresses in the lists, where" in through[-len(LOST)].words


def test_chance_alone_is_rarely_flagged() -> None:
    flagged = [day for outlet in range(40) for day in judged(outlet, 100, usual, hit=False) if day.noteworthy]
    assert len(flagged) < 40 * 100 / 200


def test_a_lasting_change_is_usual_after_some_weeks() -> None:
    found = {on(day): Tally(candidates=60 if day < 30 else 12, on_topic=1) for day in range(70)}
    history = [crawl(day + 1) for day in range(-3, 70)]
    flagged = [
        day.on for day in timeline("kontan", history, found, on(0), on(69), midnight(70)) if day.noteworthy
    ]
    assert flagged[0] == on(30)
    assert on(43) in flagged
    assert flagged[-1] < on(60)


def test_days_that_nobody_looked_at_tell_nothing_of_what_is_usual() -> None:
    history = [crawl(day + 1) for day in range(-3, 10)] + [lost(day + 1) for day in range(10, 30)]
    found = {on(day): Tally(candidates=40, on_topic=1) for day in range(10)}
    judged_days = timeline("kontan", history, found, on(0), on(29), midnight(30))
    last = judged_days[-1]
    assert (last.mark, last.cause, last.owed, last.fewer) == (Mark.GAP, Cause.FAILED, True, ())
    band = last.expected["candidates"]
    assert (band.middle, band.days) == (40, 9)
    assert expected_of("candidates", on(6), judged_days[:6]) is None


MARKS: dict[str, tuple[list[Past], Tally, int, Mark]] = {
    "found": ([crawl(6)], Tally(on_topic=1), 80, Mark.FOUND),
    "none": ([crawl(6)], Tally(candidates=9), 80, Mark.ZERO),
    "silent": ([crawl(6)], Tally(), 80, Mark.ZERO),
    "nobody": ([lost(6)], Tally(), 80, Mark.GAP),
    "found by chance": ([lost(6)], Tally(on_topic=3), 80, Mark.GAP),
    "to half": ([crawl(5)], Tally(), 80, Mark.PARTLY),
    "to half, and found": ([crawl(5)], Tally(on_topic=2), 80, Mark.PARTLY),
    "not yet": ([crawl(5)], Tally(), 12, Mark.NOT_DUE),
}


@pytest.mark.parametrize("name", MARKS)
def test_a_gap_is_never_drawn_as_a_zero(name: str) -> None:
    history, tally, hour, mark = MARKS[name]
    owed = owed_until(DAY, midnight(5) + timedelta(hours=hour))
    (day,) = timeline("kontan", history, {on(5): tally}, on(5), on(5), owed)
    assert day.mark is mark
    assert bool(day.words) == (mark is not Mark.FOUND)


def test_nothing_is_owed_of_an_outlet_that_nobody_crawls() -> None:
    (day,) = timeline("kontan", [], {}, on(5), on(5), None)
    assert (day.mark, day.cause, day.owed, day.noteworthy) == (Mark.GAP, Cause.NO_RUN, False, False)


class TestStore:
    def test_days_come_from_the_store(self, store: Engine) -> None:
        begun = runs.start_run(store, "kontan", since=midnight(0), until=midnight(1), now=midnight(1) + AT)
        listed = storing.entry(1, published_at=Instant(midnight(0) + AT))
        (work,) = frontier.offer(store, begun.id, [listed]).fetch
        dated = storing.article(1, published_at=Instant(midnight(0) + AT))
        articles.save(store, dated, begun.id, work.url_id)
        looked = Looked(covered=(midnight(0), midnight(1)))
        runs.finish_run(store, begun.id, "healthy", looked=looked, now=midnight(1) + 2 * AT)
        with reading(store) as connection:
            found = days(connection, {"kontan": midnight(1), "republika": None}, on(0), on(1))
        assert [(day.outlet, day.on, day.mark) for day in found] == [
            ("kontan", on(0), Mark.FOUND),
            ("kontan", on(1), Mark.NOT_DUE),
            ("republika", on(0), Mark.GAP),
            ("republika", on(1), Mark.GAP),
        ]
        assert found[0].tally == Tally(candidates=1, read=1, articles=1, on_topic=1)

    def test_an_article_counts_on_the_day_that_its_page_states(self, store: Engine, run: runs.Run) -> None:
        """A list gave another day; a second address carries the same text; a look at it failed since."""
        one, other = storing.offered(store, run.id, 1, 2)
        late = Instant(midnight(0) - timedelta(minutes=1))
        articles.save(store, storing.article(1, published_at=late), run.id, one.url_id)
        twin = storing.article(2, body=storing.article(1).body, published_at=late)
        articles.save(store, twin, run.id, other.url_id)
        again = runs.finish_run(store, run.id, "healthy")
        later = runs.start_run(store, again.outlet)
        failed = Settlement(url_id=one.url_id, state=State.FAILED, reason="timeout")
        frontier.settle(store, later.id, failed)
        with reading(store) as connection:
            found = tallies(connection, midnight(-9), midnight(9))
        day: date = on(0) - DAY
        assert found == {("kontan", day): Tally(candidates=2, read=2, articles=1, on_topic=1)}

    def test_an_article_off_the_topic_is_none_on_it(self, store: Engine, run: runs.Run) -> None:
        (work,) = storing.offered(store, run.id, 1)
        verdict = Verdict("russia-north-korea", on_topic=False, score=0.0, reason="one side only")
        off = storing.article(1, verdict=verdict)
        articles.save(store, off, run.id, work.url_id)
        with reading(store) as connection:
            (tally,) = tallies(connection, midnight(-9), midnight(9)).values()
        assert tally == Tally(candidates=1, read=1, articles=1, on_topic=0)
