"""Every outlet day by day: what was looked at, what was found, what is usual, and what looks like a loss.

Who draws days, draws what `days` returns; nothing else decides what a day is. So a page of the dashboard is

    owed = {name: owed_until(pauses[name], now) for name in names}  # None for outlets that nobody crawls
    with reading(engine) as connection:
        drawn = days(connection, owed, first, last)

and each `Day` of it has its `mark` (how it is drawn), its `tally` (the numbers), its `words` (the cause of a
gap or a zero), `expected` (the bands) and `fewer` (the measures that are below theirs). `noteworthy` tells
whether somebody should look into it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import sqrt
from statistics import median
from typing import Final

import attrs
from sqlalchemy import Connection

from crawler.storage.coverage import Cause, Past, Tally, coverage_of, judge_day, past_runs, span_of
from crawler.storage.coverage import Day as Judged
from crawler.storage.tallies import tallies

USUAL_DAYS: Final = 28
"""How many days before a day tell what is usual.

Those that have fewer than usual themselves are left out, so that a loss stays one for three weeks. What lasts
longer is usual from then on: too few other days are left by which to judge.
"""

LEAST_DAYS: Final = 7
LEAST_ALIKE: Final = 2

SPREADS: Final = 3.0
"""How many spreads from the middle a band reaches: chance alone leaves it below once in some 700 days."""

# The median of absolute deviations of a normal distribution is this share of its standard deviation.
_MAD_OF_SIGMA: Final = 0.6745
_SATURDAY: Final = 5

MEASURES: Final = ("candidates", "on_topic")


class Mark(StrEnum):
    """How a day is drawn. A gap is nobody's looking: it is no zero, whatever was found by chance."""

    FOUND = "found"
    ZERO = "zero"
    PARTLY = "partly"
    GAP = "gap"
    NOT_DUE = "not due yet"


@attrs.frozen(kw_only=True)
class Band:
    """What of a measure is usual: its middle, and the ends between which chance leaves it. `days` tell it."""

    low: float
    middle: float
    high: float
    days: int


@attrs.frozen(kw_only=True)
class Day(Judged):
    """A judged day with what is expected of it, by measure, and the measures that have fewer than that."""

    expected: Mapping[str, Band] = attrs.field(factory=dict)
    fewer: tuple[str, ...] = ()

    @property
    def mark(self) -> Mark:
        """Return how the day is drawn."""
        if not self.holes:
            return Mark.FOUND if self.tally.on_topic else Mark.ZERO
        if self.cause is Cause.NOT_DUE:
            return Mark.NOT_DUE
        return Mark.GAP if self.holes == (span_of(self.on),) else Mark.PARTLY

    @property
    def noteworthy(self) -> bool:
        """Tell whether something may be lost: nobody looked in time, pages unread, or fewer than usual."""
        unread = self.cause in {Cause.BLOCKED, Cause.FAILED, Cause.ROBOTS} and not self.holes
        return self.owed or unread or bool(self.fewer)

    @property
    def words(self) -> str:
        """Return the cause of a gap or a zero and what is fewer than usual, for people; empty for neither."""
        said = [": ".join(filter(None, (self.cause, self.detail)))] if self.cause else []
        for measure in self.fewer:
            band, number = self.expected[measure], getattr(self.tally, measure)
            named = NAMES[measure]
            said.append(
                f"fewer than usual: {number} {named}, where {round(band.low)} to {round(band.high)} are usual"
            )
        return "; ".join(said)


NAMES: Final[Mapping[str, str]] = {
    "candidates": "addresses in the lists",
    "read": "pages read",
    "articles": "articles",
    "on_topic": "on the topic",
}


def days(
    connection: Connection, outlets: Mapping[str, datetime | None], since: date, until: date
) -> list[Day]:
    """Return every day from *since* to *until*, both included, of each outlet in the order given.

    *outlets* has for each one up to when somebody should have looked by now, which is what
    `crawler.health.owed_until` returns; None where nobody is to look, as at an outlet in quarantine.
    """
    first = since - timedelta(days=USUAL_DAYS)
    tallied = tallies(connection, span_of(first)[0], span_of(until)[1])
    histories: dict[str, list[Past]] = {name: [] for name in outlets}
    for run in past_runs(connection):
        if run.outlet in histories:
            histories[run.outlet].append(run)
    found: list[Day] = []
    for name, owed in outlets.items():
        of_it = {on: tally for (outlet, on), tally in tallied.items() if outlet == name}
        judged = timeline(name, histories[name], of_it, first, until, owed)
        found.extend(day for day in judged if day.on >= since)
    return found


def timeline(  # noqa: PLR0913, PLR0917 - what the days of one outlet are judged by
    outlet: str,
    runs: Sequence[Past],
    tallied: Mapping[date, Tally],
    since: date,
    until: date,
    owed_until: datetime | None,
) -> list[Day]:
    """Return the days of one outlet from *since* to *until*, each with what those before it tell of it."""
    covered = coverage_of(runs)
    deadline = owed_until or span_of(until)[1]
    found: list[Day] = []
    for number in range((until - since).days + 1):
        on = since + timedelta(days=number)
        judged = judge_day(outlet, on, runs, tallied.get(on, Tally()), deadline, covered=covered)
        values = {field.name: getattr(judged, field.name) for field in attrs.fields(Judged)}
        if owed_until is None:
            values["owed"] = False
        before = found[-USUAL_DAYS:]
        expected = {
            measure: band for measure in MEASURES if (band := expected_of(measure, on, before)) is not None
        }
        # What is not looked at to its end may have few for that reason; its cause says so.
        fewer = tuple(
            measure
            for measure, band in expected.items()
            if not judged.holes and getattr(judged.tally, measure) < band.low
        )
        found.append(Day(**values, expected=expected, fewer=fewer))
    return found


def expected_of(measure: str, on: date, before: Iterable[Day]) -> Band | None:
    """Return what is usual of a measure on a day, by the days before it that were looked at to their end.

    The middle is the median of working days or of weekends, which are quieter; of all days until two of the
    kind are known. The spread is what those days show, by the median of their deviations, but no less than
    what chance makes of a count. None where fewer than seven days are known.
    """
    known = [
        (_weekend(day.on), int(getattr(day.tally, measure)))
        for day in before
        if not day.holes and measure not in day.fewer
    ]
    if len(known) < LEAST_DAYS:
        return None
    overall = median(number for _, number in known)
    middles = dict.fromkeys((False, True), overall)
    for kind in middles:
        alike = [number for weekend, number in known if weekend is kind]
        if len(alike) >= LEAST_ALIKE:
            middles[kind] = median(alike)
    middle = middles[_weekend(on)]
    shown = median(abs(number - middles[weekend]) for weekend, number in known) / _MAD_OF_SIGMA
    spread = max(shown, sqrt(middle))
    return Band(
        low=max(0.0, middle - SPREADS * spread),
        middle=float(middle),
        high=middle + SPREADS * spread,
        days=len(known),
    )


def _weekend(on: date) -> bool:
    return on.weekday() >= _SATURDAY
