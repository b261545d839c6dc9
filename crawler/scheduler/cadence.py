"""When an outlet is due: arithmetic on times, the same in every process and after any jump of the clock."""

import hashlib
import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Self

import attrs

from crawler.config import OutletConfig
from crawler.dates import WIB

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400
JITTER_S = 300.0
_ORIGIN = datetime(1970, 1, 1, tzinfo=WIB)  # WIB has no summer time: a slot is a plain number of seconds


@attrs.frozen
class Cadence:
    """The due times of one outlet: its slots, each later by a jitter of the slot's own.

    A period of `period_s` seconds, counted from midnight WIB, has a slot at each of `offsets_s`. The jitter
    is drawn from the outlet's name and the slot, so that every process knows the same due times.
    """

    outlet: str
    period_s: float
    offsets_s: tuple[float, ...]
    jitter_s: float = JITTER_S

    @classmethod
    def of(cls, outlet: str, chosen: OutletConfig | None = None) -> Self:
        """Return what the operator chose for *outlet*, else once a day at an hour drawn from its name."""
        if chosen is not None and chosen.at:
            moments = sorted({_seconds(at) for at in chosen.at})
            gaps = [later - earlier for earlier, later in itertools.pairwise(moments)]
            return cls(outlet, DAY_S, tuple(moments), min(JITTER_S, min(gaps, default=DAY_S) / 2))
        period_s = chosen.every_h * HOUR_S if chosen is not None and chosen.every_h else DAY_S
        own = _drawn(outlet) * period_s // MINUTE_S * MINUTE_S
        return cls(outlet, period_s, (own,), min(JITTER_S, period_s / 10))

    def due_by(self, now: datetime) -> datetime:
        """Return the last due time up to *now*, which may be itself."""
        return max(due for due in self._around(now) if due <= now)

    def due_after(self, moment: datetime) -> datetime:
        """Return the first due time after *moment*."""
        return min(due for due in self._around(moment) if due > moment)

    @property
    def longest_s(self) -> float:
        """Return the longest time between two due times, their jitter included."""
        moments = [*self.offsets_s, self.offsets_s[0] + self.period_s]
        return max(later - earlier for earlier, later in itertools.pairwise(moments)) + self.jitter_s

    def __str__(self) -> str:
        """Return the cadence in words."""
        if len(self.offsets_s) == 1 and self.period_s != DAY_S:
            return f"every {self.period_s / HOUR_S:g} h"
        return "daily at " + ", ".join(f"{(_ORIGIN + timedelta(seconds=s)):%H:%M}" for s in self.offsets_s)

    def _around(self, moment: datetime) -> Iterator[datetime]:
        """Yield the due times of the periods before, at and after a moment."""
        period = (moment - _ORIGIN) // timedelta(seconds=self.period_s)
        for number in (period - 1, period, period + 1):
            for offset_s in self.offsets_s:
                slot = _ORIGIN + timedelta(seconds=number * self.period_s + offset_s)
                yield slot + timedelta(seconds=round(_drawn(f"{self.outlet} {slot}") * self.jitter_s))


def _drawn(name: str) -> float:
    """Return a number from 0 to 1 (never 1) that *name* always gives."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) / 2**32


def _seconds(at: str) -> float:
    hours, minutes = at.split(":")
    return int(hours) * HOUR_S + int(minutes) * MINUTE_S
