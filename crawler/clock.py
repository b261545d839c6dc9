"""The clock of a crawl: real time, or a rehearsal's time that starts elsewhere and runs on."""

import time
from datetime import UTC, datetime, timedelta

import attrs


@attrs.frozen
class Clock:
    """Tells the time, always aware and in UTC.

    `shift` is zero in normal use. A rehearsal (the demo, a simulated year) sets it so that "now" is the
    simulated moment; time still passes at its ordinary rate.
    """

    shift: timedelta = timedelta(0)

    @classmethod
    def starting_at(cls, moment: datetime | None) -> "Clock":
        """Return the real clock, or one that reads *moment* now."""
        return cls() if moment is None else cls(moment - datetime.now(UTC))

    def now(self) -> datetime:
        """Return the current moment in UTC."""
        return datetime.now(UTC) + self.shift

    @staticmethod
    def seconds() -> float:
        """Return a monotonic count of seconds for durations; a stepped system clock does not touch it."""
        return time.monotonic()
