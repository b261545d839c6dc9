"""How an outlet is, in one word: labels on planted histories."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from crawler.cli.health import Health, health_of
from crawler.reasons import Reason
from crawler.storage.coverage import Past
from crawler.storage.runs import KILLED
from tests.core.histories import crawl, lost, midnight

DAILY = timedelta(days=1)
SIX = [crawl(day) for day in range(6)]
LIMITED = "stopped at the limit of 5 articles"

# What happened, hours since midnight of day 5, the word, and what its cause says.
OUTLETS: dict[str, tuple[Sequence[Past], int, str, str | None]] = {
    "never crawled": ([], 12, "new", "never crawled"),
    "its first crawl is going": ([lost(5, None)], 6, "new", "never crawled"),
    "all is well": (SIX, 12, "healthy", None),
    "the next crawl is going": ([*SIX, lost(6, None)], 30, "healthy", None),
    "the next crawl is a bit late": (SIX, 34, "healthy", None),
    "nobody crawled any more": (SIX, 60, "late", "2026-03-07 05:00 WIB only: no run"),
    "crawls fail": ([*SIX, lost(6, why=("no list could be read",))], 30, "failed", "run 106: no list"),
    "the crawl was killed": ([*SIX, lost(6, why=(KILLED,))], 30, "failed", "run 106: killed"),
    "refused": ([*SIX, lost(6, why=("x",), unusable={Reason.BLOCKED: 1})], 30, "blocked", "run 106: x"),
    "closed": ([*SIX, lost(6, why=("x",), unusable={Reason.ROBOTS: 1})], 30, "robots", "run 106: x"),
    "something was missed": (
        [*SIX, crawl(6, verdict="degraded", why=("no byline",))],
        30,
        "degraded",
        "no byline",
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
    health = health_of(history, DAILY, midnight(5) + timedelta(hours=hours))
    assert health.word == word
    assert cause in (health.cause or "") if cause else health.cause is None


def test_what_is_not_scheduled_is_never_late() -> None:
    assert health_of(SIX, None, midnight(300)) == Health("healthy")
