"""Where a crawl begins that nobody gave a day: so far back that no downtime leaves a hole."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Final

import attrs
from sqlalchemy import Engine

from crawler.dates import WIB
from crawler.storage.coverage import Past, coverage_of, past_runs, watched_since
from crawler.storage.database import read
from crawler.storage.runs import STOPPED
from crawler.storage.spans import Span, gaps_in, joined

OVERLAP: Final = timedelta(hours=6)
"""How much of what was covered is looked at again: lists show some articles late, or dated earlier."""

FURTHEST: Final = timedelta(days=60)
"""How far back a crawl reaches by itself; older gaps are `pantau gaps`' to tell and somebody's to fill."""

TRIES: Final = 3
"""How many crawls look for the same gap; what so many could not cover is left to `pantau gaps`."""


@attrs.frozen
class Reach:
    """Where a crawl begins that nobody gave a day, and which gap is too old for it, None for none."""

    since: datetime
    given_up: Span | None = None


def reach(engine: Engine, outlet: str, usual: datetime, now: datetime) -> Reach:
    """Return where the next crawl of *outlet* has to begin so that no downtime leaves a hole.

    *usual* is the start of its usual window, a midnight in the outlet's zone; so is the answer.
    """
    return reach_of(read(engine, lambda connection: past_runs(connection, outlet)), usual, now)


def reach_of(runs: Iterable[Past], usual: datetime, now: datetime) -> Reach:
    """Return the same from the outlet's runs."""
    runs = list(runs)
    watched = watched_since(runs)
    if watched is None:
        return Reach(usual)
    floor = now - FURTHEST
    covered = coverage_of(runs)
    sought = joined((span for span in map(_sought_by, runs) if span is not None), least=TRIES)
    holes = list(gaps_in(joined([*covered, *sought]), watched, now))
    open_since = [max(start, floor) - OVERLAP for start, end in holes if end > floor]
    since = _midnight(max(min([usual, *open_since]), floor), usual)
    # Told once, by the crawl that comes back after so long: the next one finds the edge covered.
    too_old = next(((start, since) for start, end in holes if start < floor < end), None)
    return Reach(min(since, usual), too_old)


def given_up(outlet: str, span: Span) -> str:
    """Return in words that a gap is too old for a crawl by itself, with the command that fills it."""
    since, last = span[0].astimezone(WIB).date(), (span[1] - timedelta(microseconds=1)).astimezone(WIB).date()
    return (
        f"nobody looked at {since} to {last}, too long ago for a run by itself; "
        f"`pantau crawl {outlet} --since {since} --until {last}` does"
    )


def _sought_by(run: Past) -> Span | None:
    """Return what a crawl that could read lists was after, whether or not it covered it."""
    looked = run.look == "crawl" and run.article_limit is None and run.verdict in {"healthy", "degraded"}
    cut_short = any(reason.startswith(STOPPED) for reason in run.why)
    if not looked or cut_short or run.since is None or run.until is None:
        return None
    return run.since, min(run.until, run.started_at)


def _midnight(moment: datetime, like: datetime) -> datetime:
    """Return the start of the day of *moment* in the zone of *like*."""
    return datetime.combine(moment.astimezone(like.tzinfo).date(), time.min, like.tzinfo)
