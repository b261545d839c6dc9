"""How an outlet is, in one word with its cause: judged on its runs, pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import attrs

from crawler.cli.articles import wib
from crawler.storage.coverage import Cause, Past, cause_of, coverage_of, said_by, why_not

GRACE: Final = timedelta(hours=6)
"""How late a look may be before it is missed: a crawl may wait for its turn, and take its time."""

HEALTHY: Final = "healthy"
_FAILED: Final = {Cause.BLOCKED: "blocked", Cause.ROBOTS: "robots", Cause.FAILED: "failed"}


@attrs.frozen
class Health:
    """One word, and why it is not "healthy".

    `new`: never crawled · `failed`, `blocked`, `robots`: the last crawl could not look · `late`: not looked
    at for longer than it is due · `degraded`: the last crawl missed something · `paused`: by an operator.
    """

    word: str
    cause: str | None = None


def owed_until(longest: timedelta, now: datetime) -> datetime:
    """Return up to when somebody should have looked by now; *longest* is the time between two due times."""
    return now - longest - GRACE


def health_of(runs: Sequence[Past], longest: timedelta | None, now: datetime) -> Health:
    """Return how an outlet is from its runs, oldest first; *longest* is None where none is scheduled."""
    crawls = [run for run in runs if run.look == "crawl" and run.verdict is not None]
    if not crawls:
        return Health("new", "it was never crawled")
    # What somebody asks for beside the daily crawls, old days or a few articles, says nothing about today.
    last = next((run for run in reversed(crawls) if not run.asked and not run.article_limit), crawls[-1])
    said = said_by(last) if last.why else None
    if last.verdict == "failed":
        return Health(_FAILED[cause_of(last)], said)
    late = None if longest is None else _late(runs, owed_until(longest, now), now)
    if late is not None:
        return late
    return Health(HEALTHY) if last.verdict == HEALTHY else Health("degraded", said)


def covered_until(runs: Sequence[Past]) -> datetime | None:
    """Return the end of the last time that was looked at, None where nothing ever was."""
    return max((end for _, end in coverage_of(runs)), default=None)


def _late(runs: Sequence[Past], owed: datetime, now: datetime) -> Health | None:
    reached = covered_until(runs)
    if reached is not None and reached >= owed:
        return None
    cause, detail = why_not(runs, (reached or owed, now))
    since = f"looked at until {wib(reached)} only" if reached else "nothing was ever looked at to its end"
    return Health("late", f"{since}: {detail or cause}")
