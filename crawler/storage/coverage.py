"""What of an outlet was looked at, and what nobody looked at: interval arithmetic on the runs' rows."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Final

import attrs
from sqlalchemy import Connection, Engine, select

from crawler.storage.database import reading
from crawler.storage.schema import runs as runs_table
from crawler.storage.spans import Span, gaps_in, joined

OVERLAP: Final = timedelta(hours=6)
"""How much of what was covered is looked at again: lists show some articles late, or dated earlier."""

FURTHEST: Final = timedelta(days=60)
"""How far back a crawl reaches by itself; older gaps are `pantau gaps`' to tell and somebody's to fill."""

TRIES: Final = 3
"""How many crawls look for the same gap; what so many could not cover is left to `pantau gaps`."""


@attrs.frozen(kw_only=True)
class Past:
    """What the history has of one run, as far as coverage rests on it; the fields are those of `Run`."""

    id: int
    outlet: str
    look: str
    since: datetime | None
    until: datetime | None
    asked: bool
    article_limit: int | None
    started_at: datetime
    ended_at: datetime | None
    verdict: str | None
    why: Sequence[str]
    covered_since: datetime | None
    covered_until: datetime | None


@attrs.frozen
class Reach:
    """Where a crawl begins that nobody gave a day, and which gap is too old for it, None for none."""

    since: datetime
    given_up: Span | None = None


def past_runs(connection: Connection, outlet: str | None = None) -> list[Past]:
    """Return all runs, of one outlet or of every one, oldest first."""
    columns = [runs_table.c[field.name] for field in attrs.fields(Past)]
    query = select(*columns).order_by(runs_table.c.id)
    if outlet is not None:
        query = query.where(runs_table.c.outlet == outlet)
    return [Past(**row) for row in connection.execute(query).mappings()]


def covered_by(run: Past) -> Span | None:
    """Return the publication times that a run looked at without a hole; None for a failed or open one."""
    if run.verdict in {None, "failed"} or run.covered_since is None or run.covered_until is None:
        return None
    # What came out after the run had begun, it need not have seen.
    end = min(run.covered_until, run.started_at)
    return (run.covered_since, end) if run.covered_since < end else None


def coverage_of(runs: Iterable[Past]) -> list[Span]:
    """Return all that the runs looked at, joined and in order."""
    return joined(span for span in map(covered_by, runs) if span is not None)


def watched_since(runs: Iterable[Past]) -> datetime | None:
    """Return since when an outlet is owed to be covered: the start of its first crawl of the usual window."""
    return min((run.since for run in runs if _is_usual(run) and run.since is not None), default=None)


def reach(engine: Engine, outlet: str, usual: datetime, now: datetime) -> Reach:
    """Return where the next crawl of *outlet* has to begin so that no downtime leaves a hole.

    *usual* is the start of its usual window, a midnight in the outlet's zone; so is the answer.
    """
    with reading(engine) as connection:
        return reach_of(past_runs(connection, outlet), usual, now)


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


def _sought_by(run: Past) -> Span | None:
    """Return what a crawl that could read lists was after, whether or not it covered it."""
    whole = run.look == "crawl" and run.article_limit is None and run.verdict in {"healthy", "degraded"}
    if not whole or run.since is None or run.until is None:
        return None
    return run.since, min(run.until, run.started_at)


def _is_usual(run: Past) -> bool:
    return run.look == "crawl" and not run.asked


def _midnight(moment: datetime, like: datetime) -> datetime:
    """Return the start of the day of *moment* in the zone of *like*."""
    return datetime.combine(moment.astimezone(like.tzinfo).date(), time.min, like.tzinfo)
