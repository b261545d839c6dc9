"""Re-extractions of the archive in parts: planned like crawls, each done by a process of its own, summed up.

A part is some hundred articles of one outlet, cut by their times of publication. To do one twice changes
nothing, so one whose process died is simply done again.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import attrs
from sqlalchemy import Connection, Engine, func, select

from crawler.storage.database import reading, transact
from crawler.storage.runs import STOPPED
from crawler.storage.schema import articles, events, plans, revisions, runs, urls
from crawler.storage.search import in_window

SUMS: Final = "replay"
"""The trait of a run of a replay: how many pages came to what."""

AT_ONCE: Final = 500
RE_EXTRACTED: Final = "re-extracted"  # kind of an event
_TICK: Final = timedelta(microseconds=1)


@attrs.frozen(kw_only=True)
class Progress:
    """How far a re-extraction is: parts by state, pages by what they came to, revisions that were stored."""

    asked_at: datetime
    outlets: int
    parts: int
    waiting: int
    going: int
    done: int
    failed: int
    came_to: Mapping[str, int]
    stored: int
    ended_at: datetime | None


def plan_parts(  # noqa: PLR0913 keyword-only, what is to be read again
    engine: Engine,
    outlets: Iterable[str],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    everything: bool = False,
    at_once: int = AT_ONCE,
    now: datetime,
) -> int:
    """Plan a re-extraction of *outlets* and return of how many parts it is.

    The window is that of publication; what has no known date is in the first part of its outlet.
    """

    def plan(connection: Connection) -> int:
        number = 0
        for outlet in outlets:
            times = _times(connection, outlet, since, until, everything=everything)
            for place, part in enumerate(_cut(times, since, until, at_once)):
                values = {
                    "outlet": outlet,
                    "look": "replay",
                    # Of one outlet and moment there is one plan.
                    "planned_at": now + place * _TICK,
                    "reason": "replay",
                    "state": "waiting",
                    "attempts": 0,
                    "made_at": now,
                    "part": {**part, "undated": place == 0, "everything": everything},
                }
                connection.execute(plans.insert(), values)
                number += 1
        return number

    return transact(engine, plan)


def re_extractions(engine: Engine) -> list[Progress]:
    """Return how far each re-extraction is that was planned, the newest first."""
    query = select(plans).where(plans.c.look == "replay").order_by(plans.c.made_at.desc(), plans.c.id)
    with reading(engine) as connection:
        asked: dict[datetime, list[Any]] = {}
        for row in connection.execute(query):
            asked.setdefault(row.made_at, []).append(row)
        return [_progress(connection, made_at, rows) for made_at, rows in asked.items()]


def _progress(connection: Connection, asked_at: datetime, rows: Sequence[Any]) -> Progress:
    states = Counter(row.state for row in rows)
    of_these = runs.c.plan_id.in_([row.id for row in rows])
    stored = (
        select(func.count())
        .select_from(events.join(runs, runs.c.id == events.c.run_id))
        .where(of_these, events.c.kind == RE_EXTRACTED)
    )
    came_to: Counter[str] = Counter()
    whole = select(runs.c.traits, runs.c.why).where(of_these, runs.c.verdict != "failed")
    for run in connection.execute(whole):
        if not any(why.startswith(STOPPED) for why in run.why):
            came_to.update((run.traits or {}).get(SUMS, {}))
    ended = [row.ended_at for row in rows if row.state in {"done", "failed", "dropped"}]
    return Progress(
        asked_at=asked_at,
        outlets=len({row.outlet for row in rows}),
        parts=len(rows),
        waiting=states["waiting"] + states["deferred"],
        going=states["taken"],
        done=states["done"],
        failed=states["failed"] + states["dropped"],
        came_to=dict(came_to),
        stored=connection.execute(stored).scalar_one(),
        ended_at=max(ended) if len(ended) == len(rows) else None,
    )


def _times(
    connection: Connection,
    outlet: str,
    since: datetime | None,
    until: datetime | None,
    *,
    everything: bool,
) -> list[datetime]:
    """Return the known times of publication of what is to be read again, in order."""
    current = (
        select(revisions.c.published_at)
        .join(articles, articles.c.id == revisions.c.article_id)
        .where(revisions.c.number == articles.c.current, articles.c.outlet == outlet)
        .where(revisions.c.published_at.is_not(None), in_window(since, until))
    )
    times = list(connection.execute(current).scalars())
    if everything:
        listed = select(urls.c.published_at).where(
            urls.c.outlet == outlet, urls.c.article_id.is_(None), urls.c.published_at.is_not(None)
        )
        listed = listed if since is None else listed.where(urls.c.published_at >= since)
        listed = listed if until is None else listed.where(urls.c.published_at <= until)
        times += connection.execute(listed).scalars()
    return sorted(times)


def _cut(
    times: Sequence[datetime], since: datetime | None, until: datetime | None, at_once: int
) -> list[dict[str, str | None]]:
    """Return windows that do not overlap, each with so many of *times*, that make up the whole one."""
    cuts = sorted(set(times[at_once::at_once]))
    begins, ends = [since, *cuts], [*(cut - _TICK for cut in cuts), until]
    return [
        {"since": begin.isoformat() if begin else None, "until": end.isoformat() if end else None}
        for begin, end in zip(begins, ends, strict=True)
    ]
