"""What of an outlet was looked at, day by day, and why nothing was found: judged on rows of the store.

The one place that says so: `pantau status`, `pantau gaps` and the crawl's own window rest on it. A day is a
calendar day in WIB. It was looked at where runs read the lists of that time after it was over.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

import attrs
from sqlalchemy import Connection, func, select

from crawler.dates import WIB
from crawler.reasons import Reason
from crawler.storage.runs import KILLED
from crawler.storage.schema import runs as runs_table
from crawler.storage.schema import urls
from crawler.storage.spans import Span, gaps_in, joined
from crawler.storage.states import KEPT, UNFETCHED, State, state_of

READ: Final = KEPT | {State.DUPLICATE, State.OFF_TOPIC}
UNREAD: Final = (State.BLOCKED, State.ROBOTS, State.FAILED, State.PENDING)


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

    `unusable` has the lists that could not be had: their number by the reason of `crawler.reasons`.
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
    unusable: Mapping[str, int] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Tally:
    """What is known of a day's addresses: those that lists name, those read, those on the topic.

    `unread` has those of which nothing is known yet, by their state.
    """

    candidates: int = 0
    read: int = 0
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
    names = [field.name for field in attrs.fields(Past) if field.name != "unusable"]
    query = select(*(runs_table.c[name] for name in names), runs_table.c.traits).order_by(runs_table.c.id)
    if outlet is not None:
        query = query.where(runs_table.c.outlet == outlet)
    return [
        Past(**{name: row[name] for name in names}, unusable=(row["traits"] or {}).get("unusable", {}))
        for row in connection.execute(query).mappings()
    ]


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


def judge_day(outlet: str, on: date, runs: Sequence[Past], tally: Tally, owed_until: datetime) -> Day:
    """Return what is known of a day from the outlet's runs, oldest first.

    What came out before *owed_until* somebody should have looked at by now.
    """
    holes = tuple(gaps_in(coverage_of(runs), *span_of(on)))
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
    reasons = {Reason(reason) for reason in run.unusable if reason in set(Reason)}
    if KILLED in run.why or not reasons:
        return Cause.FAILED
    if State.BLOCKED in {state_of(reason) for reason in reasons}:
        return Cause.BLOCKED
    # A robots.txt that cannot be read closes the outlet too, but that is a fault and no rule.
    return Cause.ROBOTS if reasons == {Reason.ROBOTS} else Cause.FAILED


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
        for on in _days_of(start, end)
    ]
    days = [day for day, _ in itertools.groupby(days)]  # a day may have several holes
    return [_gap(list(alike)) for _, alike in itertools.groupby(_numbered(days), key=_likeness)]


def tallies(connection: Connection, since: datetime, until: datetime) -> dict[tuple[str, date], Tally]:
    """Return what is known of the addresses of these days, by outlet and day.

    An address belongs to the day that a list or its page gives it, else to the day that it became known.
    """
    at = func.coalesce(urls.c.published_at, urls.c.first_seen_at, type_=urls.c.published_at.type)
    query = select(urls.c.outlet, at.label("at"), urls.c.state, urls.c.reason).where(at >= since, at < until)
    found: dict[tuple[str, date], Counter[str]] = {}
    for row in connection.execute(query):
        if row.reason == "address":
            continue  # a link that is no article's
        counts = found.setdefault((row.outlet, row.at.astimezone(WIB).date()), Counter())
        counts["candidates"] += 1
        counts["read"] += row.state in READ and row.reason not in UNFETCHED
        counts["on_topic"] += row.state in KEPT
        if row.state in UNREAD and row.reason != Reason.NOT_FOUND:
            counts[State.FAILED if row.reason == Reason.ROBOTS_UNAVAILABLE else row.state] += 1
    return {
        key: Tally(
            candidates=counts["candidates"],
            read=counts["read"],
            on_topic=counts["on_topic"],
            unread={state.value: counts[state] for state in UNREAD if counts[state]},
        )
        for key, counts in found.items()
    }


def span_of(on: date) -> Span:
    """Return a calendar day in WIB as a span."""
    start = datetime.combine(on, time.min, WIB)
    return start, start + timedelta(days=1)


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


def _days_of(start: datetime, end: datetime) -> Iterator[date]:
    day = start.astimezone(WIB).date()
    while span_of(day)[0] < end:
        yield day
        day += timedelta(days=1)


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
