"""The ledger of a run: its sums by state and reason, whether they agree, the end of its log."""

import os
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import attrs
from sqlalchemy import Connection, func, select

from crawler.dates import WIB
from crawler.logs import inert
from crawler.storage.columns import WibDay
from crawler.storage.runs import Run
from crawler.storage.schema import runs, visits
from crawler.storage.states import sentence

TAIL_BYTES: Final = 24_000
VERDICTS: Final = ("healthy", "degraded", "failed")


@attrs.frozen(kw_only=True)
class Sum:
    """How many addresses of a run came to one outcome for one reason; `meaning` is the reason in words."""

    outcome: str
    reason: str | None
    meaning: str | None
    number: int


@attrs.frozen(kw_only=True)
class Ledger:
    """The sums of a run, by outcome. `agrees` tells whether they are what the run itself counted."""

    sums: Mapping[str, Sequence[Sum]]
    totals: Mapping[str, int]
    total: int
    agrees: bool | None


def ledger_of(connection: Connection, run: Run) -> Ledger:
    """Return what became of every address that a run met."""
    number = func.count().label("number")
    query = (
        select(visits.c.outcome, visits.c.reason, number)
        .where(visits.c.run_id == run.id)
        .group_by(visits.c.outcome, visits.c.reason)
        .order_by(visits.c.outcome, number.desc(), visits.c.reason)
    )
    sums: dict[str, list[Sum]] = {}
    for row in connection.execute(query):
        meaning = sentence(row.reason)
        one = Sum(
            outcome=row.outcome,
            reason=row.reason,
            meaning=None if meaning == row.reason else meaning,
            number=row.number,
        )
        sums.setdefault(row.outcome, []).append(one)
    totals = {outcome: sum(one.number for one in each) for outcome, each in sums.items()}
    counted = {outcome: number for outcome, number in run.counts.items() if number}
    return Ledger(
        sums=sums,
        totals=totals,
        total=sum(totals.values()),
        agrees=None if run.ended_at is None else totals == counted,
    )


def verdicts_by_day(connection: Connection, now: datetime, length: int) -> dict[date, dict[str, int]]:
    """Return how many runs of each of the last *length* days (WIB) ended with which verdict."""
    last = now.astimezone(WIB).date()
    found = {last - timedelta(days=ago): dict.fromkeys(VERDICTS, 0) for ago in range(length - 1, -1, -1)}
    began = WibDay(runs.c.started_at).label("day")
    query = (
        select(began, runs.c.verdict, func.count().label("number"))
        .where(runs.c.started_at >= now - timedelta(days=length + 1), runs.c.verdict.is_not(None))
        .group_by(began, runs.c.verdict)
    )
    for row in connection.execute(query):
        of_day = found.get(date.fromisoformat(row.day))
        if of_day is not None and row.verdict in of_day:
            of_day[row.verdict] = row.number
    return found


def log_tail(run: Run, folder: Path) -> list[str] | None:
    """Return the last lines of a run's log, inert; None where it is not there, or not below *folder*.

    The store says where it is, and a store may come from elsewhere: no other file is ever shown.
    """
    if run.log is None:
        return None
    path = Path(run.log)
    for each in (path, folder / path.name):
        try:
            if not each.resolve().is_relative_to(folder.resolve()):
                continue
            with each.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - TAIL_BYTES))
                lines = file.read().decode("utf-8", "replace").splitlines()
        except (OSError, ValueError):
            continue
        return [inert(line) for line in (lines[1:] if size > TAIL_BYTES else lines)]
    return None
