"""The grid of coverage: a row an outlet, a cell a day, each with a mark, a number and words for it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

import attrs
from sqlalchemy import Connection

from crawler.dashboard.desk import Desk, Outlet
from crawler.dashboard.words import day as spelt
from crawler.dates import WIB
from crawler.health import Health, Known, judge, owed_until
from crawler.storage.coverage import Cause
from crawler.storage.timeline import Day, Mark, days

RANGES: Final = (14, 28, 90)
USUAL_RANGE: Final = 28

_HEAT: Final = ((5, "3"), (2, "2"), (1, "1"))
_MARKS: Final[Mapping[Mark, str]] = {
    Mark.FOUND: "found",
    Mark.ZERO: "zero",
    Mark.PARTLY: "partly",
    Mark.GAP: "gap",
    Mark.NOT_DUE: "later",
}
_SIGNS: Final[Mapping[Cause | None, str]] = {Cause.FAILED: "×", Cause.BLOCKED: "!", Cause.ROBOTS: "R"}
_SATURDAY: Final = 5


@attrs.frozen(kw_only=True)
class Cell:
    """A day of an outlet as it is drawn: classes of the stylesheet, the sign in it, the words for it."""

    on: date
    classes: str
    sign: str
    words: str
    link: str | None


@attrs.frozen(kw_only=True)
class Row:
    """An outlet with its days; `sum` is what it published on the topic in them."""

    outlet: Outlet
    health: Health
    known: Known
    cells: Sequence[Cell]
    sum: int
    days: Sequence[Day]

    @property
    def noteworthy(self) -> list[Day]:
        """Return the days that somebody should look into, newest first."""
        return [day for day in reversed(self.days) if day.noteworthy]


@attrs.frozen(kw_only=True)
class Grid:
    """All outlets over the same days."""

    rows: Sequence[Row]
    days: Sequence[date]

    @property
    def months(self) -> list[tuple[date, int]]:
        """Return the months of the days, each with how many days of it are there."""
        months: dict[tuple[int, int], list[date]] = {}
        for on in self.days:
            months.setdefault((on.year, on.month), []).append(on)
        return [(each[0], len(each)) for each in months.values()]


def grid_of(connection: Connection, desk: Desk, names: Iterable[str], length: int) -> Grid:
    """Return the last *length* days of these outlets, today included."""
    now = desk.now()
    last = now.astimezone(WIB).date()
    first = last - timedelta(days=length - 1)
    chosen = [desk.outlets[name] for name in names]
    known = Known.of_all(connection)
    owed: dict[str, datetime | None] = {}
    for outlet in chosen:
        longest = outlet.declared.longest
        owed[outlet.name] = None if longest is None else owed_until(longest, now)
    by_outlet: dict[str, list[Day]] = {}
    for day in days(connection, owed, first, last):
        by_outlet.setdefault(day.outlet, []).append(day)
    rows = []
    for outlet in chosen:
        of_it, all_known = by_outlet.get(outlet.name, []), known.get(outlet.name, Known())
        begun = min((run.started_at for run in all_known.runs), default=None)
        rows.append(
            Row(
                outlet=outlet,
                health=judge(outlet.name, outlet.declared, all_known, now),
                known=all_known,
                cells=[_cell(day, begun) for day in of_it],
                sum=sum(day.tally.on_topic for day in of_it),
                days=[day for day in of_it if not _before(day, begun)],
            )
        )
    return Grid(rows=rows, days=[first + timedelta(days=number) for number in range(length)])


def _before(day: Day, begun: datetime | None) -> bool:
    """Tell whether a day lies before anybody ever looked, so that nothing is missing of it."""
    return begun is None or (bool(day.holes) and day.on < begun.astimezone(WIB).date())


def _cell(day: Day, begun: datetime | None) -> Cell:
    weekend = " weekend" if day.on.weekday() >= _SATURDAY else ""
    if _before(day, begun):
        return Cell(on=day.on, classes=f"later{weekend}", sign="", words="not watched yet", link=None)
    number = day.tally.on_topic
    classes, sign = _MARKS[day.mark], ""
    if day.mark in {Mark.FOUND, Mark.PARTLY} and number:
        sign = str(number)
    if day.mark is Mark.FOUND:
        classes += f" heat-{next(heat for least, heat in _HEAT if number >= least)}"
    if day.cause in _SIGNS and not number:
        sign = _SIGNS[day.cause]
        classes += " bad"
    if day.noteworthy:
        classes += " noted"
    words = f"{number} on the topic" if number or not day.cause else ""
    said = "; ".join(filter(None, (words, day.words)))
    link = f"/articles?outlet={day.outlet}&since={day.on}&until={day.on}" if number else None
    return Cell(on=day.on, classes=classes + weekend, sign=sign, words=f"{spelt(day.on)}: {said}", link=link)
