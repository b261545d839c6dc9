"""What of an outlet was looked at, day by day, and why nothing was found: judged on rows of the store.

The one place that says so: `pantau status`, `pantau gaps` and the crawl's own window rest on it. A day is a
calendar day in WIB. It was looked at where runs read the lists of that time after it was over.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

import attrs
from sqlalchemy import Connection, select

from crawler.dates import WIB
from crawler.reasons import REFUSALS, Reason
from crawler.storage.runs import KILLED
from crawler.storage.schema import runs as runs_table
from crawler.storage.spans import Span, gaps_in, joined
from crawler.storage.states import State


class Cause(StrEnum):
    """Why nothing is there of a day."""

    NO_RUN = "no run"
    FAILED = "run failed"
    BLOCKED = "blocked"
    ROBOTS = "robots"
    SILENT = "outlet silent"
    NONE = "looked and found none"
    NOT_DUE = "not due yet"


@attrs.frozen(kw_only=True)
class Past:
    """What the history has of one run, as far as coverage rests on it; the fields are those of `Run`.

    `unusable` has the lists that could not be had, `unread` the articles: their number by the reason of
    `crawler.reasons`. `read` are the pages that were read, `learned` the addresses that were new.
    """

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
    learned: int = 0
    unusable: Mapping[str, int] = attrs.field(factory=dict)
    unread: Mapping[str, int] = attrs.field(factory=dict)
    read: int = 0

    @property
    def whole(self) -> bool:
        """Tell whether it was after all that is new: a crawl without limit or given days."""
        return self.look == "crawl" and not self.asked and self.article_limit is None


@attrs.frozen(kw_only=True)
class Tally:
    """What is known of a day: addresses that lists name, pages read, articles stored, those on a topic.

    `unread` has the addresses of which nothing is known yet, by their state.
    """

    candidates: int = 0
    read: int = 0
    articles: int = 0
    on_topic: int = 0
    unread: Mapping[str, int] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Day:
    """One outlet on one day. `holes` are what nobody looked at; `cause` says why, or why nothing was found.

    `owed` tells that somebody should have looked by now.
    """

    outlet: str
    on: date
    tally: Tally
    holes: tuple[Span, ...]
    owed: bool
    cause: Cause | None
    detail: str | None = None


@attrs.frozen(kw_only=True)
class Gap:
    """Days in a row that nobody looked at, or not to their end, for one cause."""

    outlet: str
    since: date
    until: date
    cause: Cause
    detail: str | None
    partly: bool


def past_runs(connection: Connection, outlet: str | None = None) -> list[Past]:
    """Return all runs, of one outlet or of every one, oldest first."""
    typical = ("unusable", "unread", "read")
    names = [field.name for field in attrs.fields(Past) if field.name not in typical]
    query = select(*(runs_table.c[name] for name in names), runs_table.c.traits).order_by(runs_table.c.id)
    if outlet is not None:
        query = query.where(runs_table.c.outlet == outlet)
    found = []
    for row in connection.execute(query).mappings():
        traits = row["traits"] or {}
        kept = {name: traits[name] for name in typical if name in traits}
        found.append(Past(**{name: row[name] for name in names}, **kept))
    return found


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
    return min(
        (run.since for run in runs if run.look == "crawl" and not run.asked and run.since is not None),
        default=None,
    )


def judge_day(  # noqa: PLR0913 - keyword-only, what was worked out before
    outlet: str,
    on: date,
    runs: Sequence[Past],
    tally: Tally,
    owed_until: datetime,
    *,
    covered: Sequence[Span] | None = None,
) -> Day:
    """Return what is known of a day from the outlet's runs, oldest first.

    What came out before *owed_until* somebody should have looked at by now. *covered* is what `coverage_of`
    returns of the runs, for who judges many days.
    """
    holes = tuple(gaps_in(coverage_of(runs) if covered is None else covered, *span_of(on)))
    owed = next((hole for hole in holes if hole[0] < owed_until), None)
    detail: str | None = None
    if owed is not None:
        cause, detail = why_not(runs, owed)
    elif holes:
        cause = Cause.NOT_DUE
    elif tally.on_topic:
        return Day(outlet=outlet, on=on, tally=tally, holes=(), owed=False, cause=None)
    else:
        cause, detail = _why_none(tally)
    return Day(
        outlet=outlet, on=on, tally=tally, holes=holes, owed=owed is not None, cause=cause, detail=detail
    )


def why_not(runs: Sequence[Past], hole: Span) -> tuple[Cause, str | None]:
    """Return why nobody looked at *hole*, by the last run that was to."""
    were_to = [run for run in runs if _was_to_look(run, hole)]
    if not were_to:
        return Cause.NO_RUN, None
    run = were_to[-1]
    if run.verdict is None:
        return Cause.NO_RUN, f"run {run.id} is still going"
    return cause_of(run), said_by(run)


def cause_of(run: Past) -> Cause:
    """Return why a run did not look, by what kept it from the lists."""
    return Cause.FAILED if KILLED in run.why else cause_in(run.unusable)


def cause_in(unusable: Mapping[str, int]) -> Cause:
    """Return the same from the lists that could not be had: their number by reason."""
    if not unusable:
        return Cause.FAILED
    if set(unusable) == {Reason.ROBOTS}:
        # A robots.txt that cannot be read closes the outlet too, but that is a fault and no rule.
        return Cause.ROBOTS
    refused = sum(number for reason, number in unusable.items() if reason in REFUSALS)
    open_lists = sum(number for reason, number in unusable.items() if reason != Reason.ROBOTS)
    return Cause.BLOCKED if 2 * refused >= open_lists else Cause.FAILED


def said_by(run: Past) -> str:
    """Return what a run says of itself first, with the reason that kept it from most lists."""
    why = run.why[0] if run.why else "its lists do not reach that far"
    most = max(run.unusable, key=lambda reason: run.unusable[reason], default=None)
    return f"run {run.id}: {why} ({most})" if most else f"run {run.id}: {why}"


def gaps_of(
    outlet: str, runs: Sequence[Past], since: datetime, until: datetime, owed_until: datetime
) -> list[Gap]:
    """Return the days from *since* to *until* that were not looked at to their end, those in a row as one."""
    days = [
        judge_day(outlet, on, runs, Tally(), owed_until)
        for start, end in gaps_in(coverage_of(runs), since, until)
        for on in days_of(start, end)
    ]
    days = [day for day, _ in itertools.groupby(days)]  # a day may have several holes
    return [_gap(list(alike)) for _, alike in itertools.groupby(_numbered(days), key=_likeness)]


def span_of(on: date) -> Span:
    """Return a calendar day in WIB as a span."""
    start = datetime.combine(on, time.min, WIB)
    return start, start + timedelta(days=1)


def days_of(start: datetime, end: datetime) -> Iterator[date]:
    """Yield the calendar days in WIB that the time from *start* to *end* touches."""
    day = start.astimezone(WIB).date()
    while span_of(day)[0] < end:
        yield day
        day += timedelta(days=1)


def _was_to_look(run: Past, hole: Span) -> bool:
    if run.look != "crawl" or run.since is None or run.until is None:
        return False
    return run.since < hole[1] and run.until > hole[0] and run.started_at > hole[0]


def _why_none(tally: Tally) -> tuple[Cause, str | None]:
    if tally.unread:
        state, number = max(tally.unread.items(), key=lambda each: each[1])
        detail = f"{number} of {tally.candidates} addresses are {state}"
        return _UNREAD_CAUSE.get(state, Cause.FAILED), detail
    return (Cause.NONE if tally.candidates else Cause.SILENT), None


_UNREAD_CAUSE: Final[Mapping[str, Cause]] = {
    State.BLOCKED: Cause.BLOCKED,
    State.ROBOTS: Cause.ROBOTS,
}


def _numbered(days: Iterable[Day]) -> Iterator[tuple[int, Day]]:
    """Yield each day with a number that is the same for days in a row."""
    for at, day in enumerate(days):
        yield day.on.toordinal() - at, day


def _likeness(numbered: tuple[int, Day]) -> tuple[int, Cause | None, str | None, bool]:
    row, day = numbered
    return row, day.cause, day.detail, day.owed


def _gap(numbered: Sequence[tuple[int, Day]]) -> Gap:
    days = [day for _, day in numbered]
    return Gap(
        outlet=days[0].outlet,
        since=days[0].on,
        until=days[-1].on,
        cause=days[0].cause or Cause.NO_RUN,
        detail=days[0].detail,
        partly=any(day.holes != (span_of(day.on),) for day in days),
    )
