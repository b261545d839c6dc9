"""How the articles of stories are spread over time."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import Connection, case, select

from crawler.storage.schema_analysis import story_members
from crawler.storage.stories import Member

_HOUR_S = 3600
_MOST_BARS = 24


def lags_of(connection: Connection, ids: Iterable[str]) -> dict[str, list[float]]:
    """Return, by story, how many seconds behind the first each of its dated articles came, in order."""
    # The first one itself has no lag.
    lag_s = case((story_members.c.role == "first", 0.0), else_=story_members.c.lag_s).label("lag_s")
    query = select(story_members.c.story_id, lag_s).where(story_members.c.story_id.in_(list(ids)))
    found: dict[str, list[float]] = {}
    for row in connection.execute(query.where(lag_s.is_not(None)).order_by(lag_s)):
        found.setdefault(row.story_id, []).append(row.lag_s)
    return found


def spread(members: Sequence[Member]) -> tuple[str, list[str], list[int]]:
    """Return what a step of time is called, the steps, and how many articles had appeared by each."""
    lags = (timedelta() if member.role == "first" else member.lag for member in members)
    hours = sorted(max(0.0, lag.total_seconds() / _HOUR_S) for lag in lags if lag is not None)
    last = hours[-1] if hours else 0.0
    unit, length = next(
        ((name, step) for name, step in _STEPS if last / step < _MOST_BARS),
        (_STEPS[-1][0], last / _MOST_BARS),
    )
    steps = range(int(last / length) + 2)
    labels = [f"{round(step * length / _LENGTHS[unit], 1):g}" for step in steps]
    return unit, labels, [sum(hour <= step * length for hour in hours) for step in steps]


_LENGTHS = {"minutes": 1 / 60, "hours": 1.0, "days": 24.0}
_STEPS = (
    ("minutes", 5 / 60), ("minutes", 15 / 60), ("hours", 1.0), ("hours", 3.0), ("hours", 6.0),
    ("days", 24.0), ("days", 48.0),
)  # fmt: skip
