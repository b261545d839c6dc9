"""How an outlet is, in one word with its cause, kind and beginning: labels on planted histories."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import attrs
import pytest
from sqlalchemy import Engine

from crawler.dates import WIB
from crawler.health import Declared, Known, Word, healths, judge, probe_at
from crawler.items import Quarantine
from crawler.reasons import REFUSALS, Reason
from crawler.storage import decay, plans
from crawler.storage.coverage import Past
from crawler.storage.database import reading
from crawler.storage.decay import Alarm
from crawler.storage.plans import Standing
from crawler.storage.runs import KILLED, Run
from tests.core.histories import crawl, lost, midnight

DAILY = timedelta(days=1)
SIX = [crawl(day) for day in range(6)]
LIMITED = "stopped at the limit of 5 articles"
NONE = "no list could be read"


def shut(day: int, *reasons: Reason, **changes: Any) -> Past:
    """Return a crawl that could read no list."""
    return lost(day, why=(NONE,), unusable=dict.fromkeys(reasons, 2), **changes)


# What happened, hours since midnight of day 5, the word with its kind, what its cause says.
OUTLETS: dict[str, tuple[Sequence[Past], int, str, str | None]] = {
    "never crawled": ([], 12, "new", "never crawled; `pantau crawl kontan`"),
    "its first crawl is going": ([lost(5, None)], 6, "new", "never crawled"),
    "all is well": (SIX, 12, "healthy", None),
    "the next crawl is going": ([*SIX, lost(6, None)], 30, "healthy", None),
    "the next crawl is a bit late": (SIX, 34, "healthy", None),
    "nobody crawled any more": (
        SIX,
        60,
        "late",
        "2026-03-07 05:00 WIB only: no run; see whether the service",
    ),
    "could not look, nobody knows why": ([*SIX, lost(6, why=(NONE,))], 30, "failed", "run 106: no list"),
    "the crawl was killed": (
        [*SIX, lost(6, why=(KILLED,))],
        30,
        "failed (killed)",
        "`pantau crawl kontan` go",
    ),
    "the crawl was stopped": (
        [*SIX, lost(6, why=("stopped early: shutdown",))],
        30,
        "failed (stopped)",
        "goes",
    ),
    "dark": ([*SIX, shut(6, Reason.TIMEOUT)], 30, "failed (unreachable)", "in a browser"),
    "nonsense": (
        [*SIX, shut(6, Reason.BOMB)],
        30,
        "failed (unusable)",
        "`pantau runs 106` names its log",
    ),
    "leads elsewhere": (
        [*SIX, shut(6, Reason.BLOCKED_ADDRESS)],
        30,
        "failed (unusable)",
        "",
    ),
    "refused": ([*SIX, shut(6, Reason.BLOCKED)], 30, "blocked (403)", "run 106: no list"),
    "a bot check": ([*SIX, shut(6, Reason.CHALLENGE)], 30, "blocked (challenge)", "write to the outlet"),
    "consent": ([*SIX, shut(6, Reason.CONSENT)], 30, "blocked (consent page)", "consent to cookies"),
    "too fast": ([*SIX, shut(6, Reason.RATE_LIMITED)], 30, "blocked (rate limit)", "less often"),
    "a portal": ([*SIX, shut(6, Reason.CAPTIVE_PORTAL)], 30, "blocked (network)", "network in between"),
    "refused, one list times out": (
        [*SIX, lost(6, why=(NONE,), unusable={Reason.CHALLENGE: 3, Reason.TIMEOUT: 1})],
        30,
        "blocked (challenge)",
        "bot check",
    ),
    "dark, one list was refused": (
        [*SIX, lost(6, why=(NONE,), unusable={Reason.CHALLENGE: 1, Reason.TIMEOUT: 9})],
        30,
        "failed (unreachable)",
        "reached",
    ),
    "lists can be read, articles are refused": (
        [*SIX, crawl(6, verdict="degraded", why=("x",), unread={Reason.CHALLENGE: 7}, read=1)],
        30,
        "blocked (challenge)",
        "before its articles",
    ),
    "one article in many is refused": (
        [*SIX, crawl(6, verdict="degraded", why=("x",), unread={Reason.CHALLENGE: 7}, read=70)],
        30,
        "degraded",
        "run 106: x",
    ),
    "closed": ([*SIX, shut(6, Reason.ROBOTS)], 30, "robots", "ask the outlet for leave"),
    "closed, the rest refused": (
        [*SIX, shut(6, Reason.ROBOTS, Reason.BLOCKED)],
        30,
        "blocked (403)",
        "refuses",
    ),
    "something was missed": (
        [*SIX, crawl(6, verdict="degraded", why=("no byline",))],
        30,
        "degraded",
        "no byline; `pantau runs 106`",
    ),
    "always cut short at a limit": (
        [*SIX, *(lost(day, "healthy", article_limit=5, why=(LIMITED,)) for day in (6, 7))],
        60,
        "late",
        LIMITED,
    ),
    "something was asked for beside": (
        [*SIX, lost(5, asked=True), crawl(5, verdict="degraded", article_limit=3)],
        12,
        "healthy",
        None,
    ),
    "revisits failed, the crawl did not": ([*SIX, lost(5, look="recheck")], 12, "healthy", None),
    "well again": ([*SIX, lost(6), crawl(7)], 60, "healthy", None),
}


@pytest.mark.parametrize("name", OUTLETS)
def test_an_outlet_has_one_word_and_its_cause(name: str) -> None:
    history, hours, word, cause = OUTLETS[name]
    health = judge(
        "kontan", Declared(longest=DAILY), Known(runs=history), midnight(5) + timedelta(hours=hours)
    )
    assert health.name == word
    assert cause in (health.cause or "") if cause is not None else health.cause is None


def test_every_refusal_has_a_kind_of_its_own() -> None:
    now = midnight(6) + timedelta(hours=6)
    kinds = [
        judge("kontan", Declared(longest=DAILY), Known(runs=[*SIX, shut(6, reason)]), now).kind
        for reason in REFUSALS
    ]
    assert None not in kinds
    assert len(set(kinds)) == len(REFUSALS)


def test_what_is_not_scheduled_is_never_late() -> None:
    assert judge("kontan", Declared(), Known(runs=SIX), midnight(300)).word is Word.HEALTHY


@pytest.mark.parametrize(
    ("history", "since"),
    [
        (SIX, 0),
        ([*SIX, shut(6, Reason.BLOCKED), shut(7, Reason.CHALLENGE)], 6),
        ([*SIX, shut(6, Reason.BLOCKED), crawl(7), shut(8, Reason.CHALLENGE)], 8),
        ([*SIX, shut(6, Reason.TIMEOUT), shut(7, Reason.BLOCKED)], 7),
        ([*SIX, lost(6), lost(6, asked=True, verdict="healthy"), lost(7)], 6),
    ],
)
def test_it_is_so_since_the_first_crawl_in_a_row_that_found_it_so(history: list[Past], since: int) -> None:
    health = judge("kontan", Declared(longest=DAILY), Known(runs=history), history[-1].started_at)
    assert health.since == midnight(since) + timedelta(hours=5)


def test_an_outlet_is_late_since_somebody_should_have_looked() -> None:
    health = judge("kontan", Declared(longest=DAILY), Known(runs=SIX), midnight(9))
    assert health.since == midnight(6) + timedelta(hours=11)  # a day and six hours after the last look


# --- What somebody decided, and what stands


PAUSED = Standing(paused_at=midnight(5), paused_why="their site moves")
ALARM = Alarm(
    id=1,
    outlet="kontan",
    run_id=106,
    since=midnight(6),
    url="https://www.kontan.co.id/news/delegasi",
    share=0.9,
    signals=("no body where the selector looks", "no byline"),
    evidence=None,
    ruleset="0",
)
QUARANTINE = Quarantine(on=date(2026, 3, 6), reason="the site is being rebuilt")


def word_of(declared: Declared, known: Known) -> tuple[str, datetime | None]:
    health = judge("kontan", declared, known, midnight(6) + timedelta(hours=6))
    return health.word.value, health.since


def test_what_was_decided_comes_first_then_what_kept_a_crawl_from_looking() -> None:
    on, refused = Declared(longest=DAILY), [*SIX, shut(6, Reason.BLOCKED)]
    all_of_it = Known(runs=refused, standing=PAUSED, alarm=ALARM)
    quarantined = Declared(quarantine=QUARANTINE, longest=None)
    assert word_of(quarantined, all_of_it) == ("quarantined", datetime(2026, 3, 6, tzinfo=WIB))
    assert word_of(Declared(enabled=False), all_of_it)[0] == "switched off"
    assert word_of(on, all_of_it) == ("paused", midnight(5))
    assert word_of(on, Known(runs=refused, alarm=ALARM))[0] == "blocked"
    missed = [*SIX, crawl(6, verdict="degraded", why=("no byline",))]
    assert word_of(on, Known(runs=missed, alarm=ALARM)) == ("redesigned", midnight(6))
    assert word_of(on, Known(runs=[*SIX, crawl(6)], alarm=ALARM))[0] == "redesigned"


def test_what_was_decided_says_why_and_how_it_ends() -> None:
    told = str(judge("kontan", Declared(quarantine=QUARANTINE), Known(), midnight(6)))
    assert told.startswith(
        "quarantined since 2026-03-06 00:00 WIB: the site is being rebuilt; `pantau crawl kontan`"
    )
    told = str(judge("kontan", Declared(longest=DAILY), Known(standing=PAUSED), midnight(6)))
    assert told == (
        "paused since 2026-03-07 00:00 WIB: their site moves; `pantau schedule resume kontan` ends it"
    )


def test_a_redesign_names_what_is_missing_where_and_what_to_do() -> None:
    cause = judge("kontan", Declared(longest=DAILY), Known(runs=SIX, alarm=ALARM), midnight(5)).cause or ""
    assert "no body where the selector looks; no byline (on 90% of its pages, first on https://" in cause
    assert ALARM.url in cause
    assert "`scrapy record kontan" in cause
    kept = Known(runs=SIX, alarm=attrs.evolve(ALARM, evidence="decay/kontan-2026"))
    cause = judge("kontan", Declared(longest=DAILY), kept, midnight(5)).cause or ""
    assert cause.endswith("; mend spiders/kontan.py until the failing fixture in decay/kontan-2026 passes")


def test_one_that_asked_to_be_left_alone_is_until_then() -> None:
    standing = Standing(not_before=midnight(8))
    refused = Known(runs=[*SIX, shut(6, Reason.RATE_LIMITED)], standing=standing)
    assert "left alone until 2026-03-10 00:00 WIB" in (
        judge("kontan", Declared(longest=DAILY), refused, midnight(7)).cause or ""
    )
    assert "left alone" not in (judge("kontan", Declared(longest=DAILY), refused, midnight(9)).cause or "")


def test_one_that_turns_crawls_away_is_left_alone_for_as_long_as_it_has_done_so() -> None:
    away = [shut(day, Reason.CHALLENGE) for day in range(6, 30)]
    begun = away[0].started_at
    hours = [
        (probe - begun) / timedelta(hours=1)
        for number in (1, 2, 3, 5, 24)
        if (probe := probe_at([*SIX, *away[:number]]))
    ]
    assert hours == [5, 24 + 23, 48 + 47, 96 + 95, 23 * 24 + 7 * 24 - 1]
    assert probe_at([*SIX, *away, crawl(30)]) is None
    assert probe_at([*SIX, shut(6, Reason.TIMEOUT)]) is None
    told = judge("kontan", Declared(longest=DAILY), Known(runs=[*SIX, away[0]]), midnight(7)).cause or ""
    assert "leaves it alone until 2026-03-08 10:00 WIB" in told


# --- Silence


def days(*learned: int, **changes: Any) -> list[Past]:
    """Return a healthy crawl a day that found so many new addresses."""
    return [crawl(day, learned=number, **changes) for day, number in enumerate(learned)]


WEEKLY = (12, 9, 11, 8, 10, 0, 0) * 3
SILENCES: dict[str, tuple[list[Past], bool]] = {
    "a busy outlet, a day": (days(*[40] * 10, 0), True),
    "a slow outlet, a day": (days(*[3] * 10, 0), False),
    "a slow outlet, two days": (days(*[3] * 10, 0, 0), False),
    "a slow outlet, a week": (days(*[3] * 10, *[0] * 7), True),
    "weekends are its habit": (days(*WEEKLY), False),
    "three days are no weekend, but may be a holiday": (days(*WEEKLY, 0, 0, 0), False),
    "two weeks without a word": (days(*WEEKLY, *[0] * 14), True),
    "silent for half a year": (days(*[40] * 10, *[0] * 180), True),
    "it has hardly a past": (days(40, 40, 40, 0), False),
    "something came": (days(*[40] * 10, 0, 1), False),
    "it never had any news": (days(*[0] * 20), False),
}


@pytest.mark.parametrize("name", SILENCES)
def test_silence_is_what_the_outlets_own_past_makes_implausible(name: str) -> None:
    history, silent = SILENCES[name]
    health = judge("kontan", Declared(longest=DAILY), Known(runs=history), history[-1].started_at)
    assert health.word is (Word.SILENT if silent else Word.HEALTHY)
    if silent:
        newest = max(run.started_at for run in history if run.learned)
        assert health.since == newest
        assert "look at the site" in (health.cause or "")


def test_a_night_is_no_silence_for_an_outlet_crawled_every_hour() -> None:
    def at(hour: int, learned: int) -> Past:
        return attrs.evolve(crawl(0, learned=learned), started_at=midnight(0) + timedelta(hours=hour))

    history = [at(hour, 6) for hour in range(8, 20)]
    night = [*history, *(at(hour, 0) for hour in range(20, 30))]
    assert judge("kontan", Declared(), Known(runs=night), midnight(1)).word is Word.HEALTHY


def test_lists_that_could_not_be_read_are_no_silence() -> None:
    history = days(*[40] * 10)
    missed = crawl(10, learned=0, verdict="degraded", why=("x",), unusable={Reason.TIMEOUT: 1})
    health = judge("kontan", Declared(longest=DAILY), Known(runs=[*history, missed]), midnight(10))
    assert health.word is Word.DEGRADED


# --- From the store


def test_the_store_tells_of_all_outlets_at_once(store: Engine, run: Run) -> None:
    plans.pause(store, "republika", "their site moves", now=midnight(5))
    decay.raise_alarm(
        store,
        "mercinews",
        run_id=run.id,
        since=midnight(6),
        url=ALARM.url,
        share=0.5,
        signals=("no byline",),
        evidence=None,
        ruleset="0",
    )
    declared = dict.fromkeys(("kontan", "republika", "mercinews"), Declared(longest=DAILY))
    with reading(store) as connection:
        found = healths(connection, declared, midnight(6))
        known = Known.of_all(connection)
    assert {name: health.word.value for name, health in found.items()} == {
        "kontan": "new",  # its only run is going
        "republika": "paused",
        "mercinews": "new",
    }
    assert known["mercinews"].alarm is not None
    assert [each.id for each in known["kontan"].runs] == [run.id]


# --- Quarantine


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"reason": "rebuilt"}, "'on'"),
        ({"on": date(2026, 3, 2)}, "'reason'"),
        ({"on": "2026-03-02", "reason": "rebuilt"}, "must be a date"),
        ({"on": None, "reason": "rebuilt"}, "must be a date"),
        ({"on": datetime(2026, 3, 2, tzinfo=WIB), "reason": "rebuilt"}, "must be a date"),
        ({"on": date(2026, 3, 2), "reason": " "}, "must say in words why"),
    ],
)
def test_there_is_no_quarantine_without_date_and_reason(values: dict[str, Any], said: str) -> None:
    with pytest.raises((TypeError, ValueError), match=said):
        Quarantine(**values)
