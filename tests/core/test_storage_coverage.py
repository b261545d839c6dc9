"""What of an outlet was looked at, day by day, and why nothing was found: labels on planted histories."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from crawler.items import Instant
from crawler.reasons import Reason
from crawler.storage import articles, frontier, runs
from crawler.storage.coverage import (
    Cause,
    Gap,
    Past,
    Tally,
    gaps_of,
    judge_day,
    past_runs,
    watched_since,
)
from crawler.storage.database import reading
from crawler.storage.frontier import Settlement
from crawler.storage.runs import KILLED, Looked
from crawler.storage.states import State
from crawler.storage.tallies import tallies
from tests.core import storing
from tests.core.histories import AT, DAY, USUAL, crawl, lost, midnight, on

SOME = Tally(candidates=40, read=6, on_topic=2)
READ = Tally(candidates=40, read=6)
NOTHING = Tally()
DAILY = [crawl(day) for day in range(10)]
BEFORE = DAILY[:6]
NO_LIST = ("no list could be read",)


def unlisted(day: int, *reasons: Reason) -> Past:
    """Return a crawl that could read no list, for these reasons."""
    return lost(day, why=NO_LIST, unusable=dict.fromkeys(reasons, 1))


# What happened, what is known of day 5, how many hours after it began somebody asks, and the label.
DAYS: dict[str, tuple[Sequence[Past], Tally, int, Cause | None]] = {
    "articles were found": (DAILY, SOME, 72, None),
    "looked, read, found none": (DAILY, READ, 72, Cause.NONE),
    "named by lists, off topic by their headlines": (DAILY, Tally(candidates=40), 72, Cause.NONE),
    "lists answer and name nothing of the day": (DAILY, NOTHING, 72, Cause.SILENT),
    "never looked at": ([], NOTHING, 72, Cause.NO_RUN),
    "no run since": (DAILY[:4], NOTHING, 72, Cause.NO_RUN),
    "a run on the day itself only": (BEFORE, READ, 72, Cause.NO_RUN),
    "all runs since were killed": (
        [*BEFORE, *(lost(day, why=(KILLED,)) for day in range(6, 9))],
        NOTHING,
        72,
        Cause.FAILED,
    ),
    "lists time out": ([*BEFORE, unlisted(6, Reason.TIMEOUT)], NOTHING, 72, Cause.FAILED),
    "lists are refused": ([*BEFORE, unlisted(6, Reason.BLOCKED)], NOTHING, 72, Cause.BLOCKED),
    "a bot check before the lists, one timeout": (
        [*BEFORE, unlisted(6, Reason.CHALLENGE, Reason.TIMEOUT)],
        NOTHING,
        72,
        Cause.BLOCKED,
    ),
    "robots.txt closes the lists": ([*BEFORE, unlisted(6, Reason.ROBOTS)], NOTHING, 72, Cause.ROBOTS),
    "robots.txt cannot be read": (
        [*BEFORE, unlisted(6, Reason.ROBOTS_UNAVAILABLE)],
        NOTHING,
        72,
        Cause.FAILED,
    ),
    "robots.txt closes one list, another one times out": (
        [*BEFORE, unlisted(6, Reason.ROBOTS, Reason.TIMEOUT)],
        NOTHING,
        72,
        Cause.FAILED,
    ),
    "a run stopped at its limit": (
        [*BEFORE, lost(6, "healthy", article_limit=5, why=("stopped at the limit of 5 articles",))],
        SOME,
        72,
        Cause.FAILED,
    ),
    "failed first, made up for later": ([*BEFORE, lost(6), lost(7), crawl(8)], READ, 96, Cause.NONE),
    "blocked first, then timeouts": (
        [*BEFORE, unlisted(6, Reason.BLOCKED), unlisted(7, Reason.TIMEOUT)],
        NOTHING,
        72,
        Cause.FAILED,
    ),
    "lists can be read, articles are refused": (
        DAILY,
        Tally(candidates=9, read=1, unread={State.BLOCKED: 8}),
        72,
        Cause.BLOCKED,
    ),
    "lists can be read, robots.txt closes the articles": (
        DAILY,
        Tally(candidates=9, unread={State.ROBOTS: 9}),
        72,
        Cause.ROBOTS,
    ),
    "lists can be read, articles time out": (
        DAILY,
        Tally(candidates=9, unread={State.FAILED: 8, State.PENDING: 1}),
        72,
        Cause.FAILED,
    ),
    "the day is not over": (BEFORE, READ, 12, Cause.NOT_DUE),
    "the day is over, the next run not due yet": (BEFORE, SOME, 28, Cause.NOT_DUE),
    "the run of the next day is late": (BEFORE, SOME, 40, Cause.NO_RUN),
}


@pytest.mark.parametrize("name", DAYS)
def test_each_day_has_its_cause(name: str) -> None:
    history, tally, hour, cause = DAYS[name]
    now = midnight(5) + timedelta(hours=hour)
    begun = [run for run in history if run.started_at <= now]
    day = judge_day("kontan", on(5), begun, tally, owed_until=now - timedelta(hours=30))
    assert day.cause == cause
    assert day.owed == (bool(day.holes) and cause is not Cause.NOT_DUE)


def test_the_cause_names_the_run_and_what_it_said() -> None:
    day = judge_day("kontan", on(5), [lost(6, why=("the feed is gone",))], NOTHING, midnight(9))
    assert day.detail == "run 106: the feed is gone"
    unread = lost(6, why=NO_LIST, unusable={"timeout": 1, "reset": 3})
    assert judge_day("kontan", on(5), [unread], NOTHING, midnight(9)).detail == (
        "run 106: no list could be read (reset)"
    )


PLANTED = {
    Cause.FAILED: Reason.RESET,
    Cause.BLOCKED: Reason.RATE_LIMITED,
    Cause.ROBOTS: Reason.ROBOTS,
    Cause.SILENT: None,
    Cause.NO_RUN: None,
}


@pytest.mark.parametrize("planted", PLANTED)
def test_two_weeks_lost_in_half_of_the_outlets_are_told_from_the_first_day(planted: Cause) -> None:
    """What of each day was looked at on the next morning, at five: all of it, or not all of it."""
    lost_days = range(10, 24)
    reason = PLANTED[planted]
    for outlet in range(8):
        history: list[Past] = []
        for day in range(30):
            hit = outlet % 2 == 0 and day in lost_days
            if not hit or planted is Cause.SILENT:
                history.append(crawl(day + 1))
            elif reason is not None:
                history.append(unlisted(day + 1, reason))
            judged = judge_day(
                "kontan", on(day), history, NOTHING if hit else SOME, owed_until=midnight(day + 1) + AT
            )
            assert judged.cause is (planted if hit else None), (outlet, day)


def test_days_in_a_row_are_one_gap() -> None:
    runs_of_it = [*DAILY[:3], crawl(9, since=midnight(8), covered_since=midnight(8))]
    now = midnight(9) + 2 * AT
    assert gaps_of("kontan", runs_of_it, midnight(-3), now, owed_until=now - timedelta(hours=30)) == [
        Gap(outlet="kontan", since=on(2), until=on(7), cause=Cause.NO_RUN, detail=None, partly=True),
        Gap(outlet="kontan", since=on(9), until=on(9), cause=Cause.NOT_DUE, detail=None, partly=True),
    ]


def test_nothing_is_missing_where_all_was_looked_at() -> None:
    assert gaps_of("kontan", DAILY, midnight(-3), midnight(9), midnight(9)) == []


def test_an_outlet_is_watched_since_its_first_usual_crawl() -> None:
    asked = crawl(0, asked=True, since=midnight(-300))
    assert watched_since([asked]) is None
    assert watched_since([asked, lost(4), crawl(5)]) == midnight(4) - USUAL


class TestStore:
    def test_addresses_are_counted_by_their_day(self, store: Engine, run: runs.Run) -> None:
        works = storing.offered(store, run.id, 1, 2, 3, 4)
        articles.save(store, storing.article(1), run.id, works[0].url_id)
        for work, state, reason in (
            (works[1], State.OFF_TOPIC, "one side only"),
            (works[2], State.FAILED, Reason.TIMEOUT),
            (works[3], State.FAILED, Reason.NOT_FOUND),
        ):
            frontier.settle(store, run.id, Settlement(url_id=work.url_id, state=state, reason=reason))
        unfetched = storing.entry(
            5, published_at=Instant(storing.NOON + DAY), state=State.OFF_TOPIC, reason="headline"
        )
        no_article = storing.entry(6, state=State.NOT_AN_ARTICLE, reason="address")
        frontier.offer(store, run.id, [unfetched, no_article])
        day = storing.NOON.date()
        with reading(store) as connection:
            found = tallies(connection, storing.NOON - DAY, storing.NOON + 2 * DAY)
        assert found == {
            ("kontan", day): Tally(candidates=4, read=2, articles=1, on_topic=1, unread={"failed": 1}),
            ("kontan", day + DAY): Tally(candidates=1),
        }

    def test_runs_come_with_what_coverage_rests_on(self, store: Engine) -> None:
        begun = runs.start_run(store, "kontan", since=midnight(0), until=midnight(1), now=midnight(0) + AT)
        looked = Looked(covered=(midnight(0), midnight(0) + AT), traits={"unusable": {"robots": 1}})
        ended = runs.finish_run(store, begun.id, "degraded", ["x"], looked=looked, now=midnight(0) + 2 * AT)
        runs.start_run(store, "republika")
        with reading(store) as connection:
            (past,) = past_runs(connection, "kontan")
            assert len(past_runs(connection)) == 2
        assert (past.id, past.verdict, tuple(past.why)) == (begun.id, "degraded", ("x",))
        assert (past.covered_since, past.covered_until) == (ended.covered_since, ended.covered_until)
        assert past.unusable == {"robots": 1}
