"""What an export covers, and what is missing from it: by outlet, by day, by what could not be read.

It says how far the store was, and nothing of the present: two exports of one state have the same statement.
So a day that nobody looked at is a gap here, also where a look at it was not due yet.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import attrs
from sqlalchemy import Engine, func, select

from crawler.dates import WIB, wib
from crawler.exports.fields import SCHEMA
from crawler.storage.articles import Stored
from crawler.storage.coverage import coverage_of, past_runs
from crawler.storage.database import reading
from crawler.storage.frontier import count_states
from crawler.storage.schema import runs as runs_table
from crawler.storage.spans import Span, gaps_in
from crawler.storage.states import State
from crawler.storage.timeline import Day, days

LEAST_GAP = timedelta(minutes=1)
UNREAD = (State.PENDING, State.FAILED, State.BLOCKED, State.ROBOTS)


@attrs.define
class Tally:
    """Counts the articles while they are written, and those left out: off the topics, not judged by them."""

    articles: int = 0
    undated: int = 0
    partial: int = 0
    generic: int = 0
    gone: int = 0
    off_topic: int = 0
    unjudged: int = 0
    by_outlet: dict[str, int] = attrs.field(factory=dict)

    def watch(self, stored: Iterable[Stored]) -> Iterator[Stored]:
        """Yield the same articles, counting them."""
        for one in stored:
            article = one.article
            self.articles += 1
            self.undated += article.published_at is None
            self.partial += article.partial
            self.generic += article.body_from == "generic"
            self.gone += one.gone is not None
            self.by_outlet[article.outlet] = self.by_outlet.get(article.outlet, 0) + 1
            yield one


@attrs.frozen(kw_only=True)
class OutletCoverage:
    """One outlet: its runs by verdict, what they looked at, what of the window they did not."""

    outlet: str
    runs: dict[str, int]
    covered: tuple[Span, ...]
    gaps: tuple[Span, ...]
    unread: dict[str, int]
    days: tuple[Day, ...] = ()


@attrs.frozen(kw_only=True)
class AsOf:
    """How far a store was: its last run that ended, and those that were going."""

    run: int | None
    ended_at: datetime | None
    going: tuple[int, ...]


def as_of(engine: Engine) -> AsOf:
    """Return how far the store is."""
    open_runs = select(runs_table.c.id).where(runs_table.c.ended_at.is_(None)).order_by(runs_table.c.id)
    last = select(func.max(runs_table.c.ended_at, type_=runs_table.c.ended_at.type))
    with reading(engine) as connection:
        ended_at = connection.execute(last).scalar()
        run = select(func.max(runs_table.c.id)).where(runs_table.c.ended_at == ended_at)
        return AsOf(
            run=connection.execute(run).scalar(),
            ended_at=ended_at,
            going=tuple(connection.execute(open_runs).scalars()),
        )


def survey(
    engine: Engine, outlets: Iterable[str], since: datetime | None, until: datetime | None
) -> list[OutletCoverage]:
    """Return the coverage of each outlet; an open window reaches as far as its runs do.

    Its days are those of the window that the runs reach; what lies beyond is in its gaps.
    """
    states = count_states(engine)
    outlets = list(outlets)
    surveyed = []
    with reading(engine) as connection:
        history = past_runs(connection)
        first = min((run.since for run in history if run.since), default=None)
        last = max((run.started_at for run in history), default=None)
        drawn: list[Day] = []
        if first and last:
            reached = max(since or first, first).astimezone(WIB), min(until or last, last).astimezone(WIB)
            drawn = days(connection, dict.fromkeys(outlets), reached[0].date(), reached[1].date())
    for outlet in outlets:
        runs = [run for run in history if run.outlet == outlet]
        covered = coverage_of(runs)
        verdicts: dict[str, int] = {}
        for run in runs:
            verdict = run.verdict or "still going"
            verdicts[verdict] = verdicts.get(verdict, 0) + 1
        start = since or min((run.since for run in runs if run.since), default=None)
        end = until or max((run.started_at for run in runs), default=None)
        unread = {state.value: states.get(outlet, {}).get(state, 0) for state in UNREAD}
        surveyed.append(
            OutletCoverage(
                outlet=outlet,
                runs=verdicts,
                covered=tuple(covered),
                gaps=tuple(_gaps(covered, start, end)) if start and end else (),
                unread={state: number for state, number in unread.items() if number},
                days=tuple(
                    day
                    for day in drawn
                    if day.outlet == outlet and start and day.on >= start.astimezone(WIB).date()
                ),
            )
        )
    return surveyed


def _gaps(covered: Sequence[Span], start: datetime, end: datetime) -> Iterator[Span]:
    """Yield what nobody looked at; the seconds until a run that has begun asks its first list are no gap."""
    return (gap for gap in gaps_in(covered, start, end) if gap[1] - gap[0] >= LEAST_GAP)


def missing(surveyed: Iterable[OutletCoverage], tally: Tally) -> list[str]:
    """Return one sentence for each thing that the export may lack; what nobody ever began comes last."""
    said, never = list[str](), list[str]()
    for one in surveyed:
        if not one.runs:
            never.append(f"{one.outlet} was never crawled")
            continue
        said.extend(f"{one.outlet}: nobody looked at {wib(start)} to {wib(end)}" for start, end in one.gaps)
        said.extend(f"{one.outlet}: {number} addresses are {state}" for state, number in one.unread.items())
    if tally.partial:
        said.append(f"{tally.partial} articles lack a part that could not be read")
    if tally.generic:
        said.append(f"{tally.generic} bodies were found without the outlet's own selector")
    if tally.unjudged:
        said.append(
            f"{tally.unjudged} stored articles were never judged by these topics; "
            "`pantau relevance --store` judges them"
        )
    return said + never


def statement(
    surveyed: Iterable[OutletCoverage],
    tally: Tally,
    *,
    since: datetime | None,
    until: datetime | None,
    of: AsOf,
) -> dict[str, Any]:
    """Return the coverage as JSON values; times in WIB."""
    surveyed = list(surveyed)
    return {
        "schema": SCHEMA,
        "as_of": {"run": of.run, "ended_at": _text(of.ended_at), "going": list(of.going)},
        "window": {"since": _text(since), "until": _text(until)},
        "articles": tally.articles,
        "undated": tally.undated,
        "partial": tally.partial,
        "body_generic": tally.generic,
        "gone": tally.gone,
        "left_out": {"off_topic": tally.off_topic, "unjudged": tally.unjudged},
        "outlets": [
            {
                "outlet": one.outlet,
                "articles": tally.by_outlet.get(one.outlet, 0),
                "runs": one.runs,
                "covered": [[_text(start), _text(end)] for start, end in one.covered],
                "gaps": [[_text(start), _text(end)] for start, end in one.gaps],
                "unread": one.unread,
                "days": [day_record(day) for day in one.days],
            }
            for one in surveyed
        ],
        "missing": missing(surveyed, tally),
    }


def day_record(day: Day) -> dict[str, Any]:
    """Return one outlet's day as JSON values: how it is drawn, its numbers, the cause of a gap or a zero."""
    return {
        "outlet": day.outlet,
        "day": day.on.isoformat(),
        "mark": day.mark.value,
        "candidates": day.tally.candidates,
        "read": day.tally.read,
        "articles": day.tally.articles,
        "on_topic": day.tally.on_topic,
        "unread": dict(day.tally.unread),
        "cause": day.cause.value if day.cause else None,
        "detail": day.detail,
        "expected": {
            measure: {"low": round(band.low, 1), "middle": band.middle, "high": round(band.high, 1)}
            for measure, band in day.expected.items()
        },
        "fewer": list(day.fewer),
    }


def _text(moment: datetime | None) -> str | None:
    return moment.astimezone(WIB).isoformat(timespec="seconds") if moment else None
