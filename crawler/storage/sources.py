"""What is known of the lists an outlet is watched by, and the robots.txt files of its hosts."""

from datetime import datetime

import attrs
from sqlalchemy import Engine, select

from crawler.storage.database import read, transact, upsert
from crawler.storage.schema import robots, sources


@attrs.frozen
class RobotsCopy:
    """A robots.txt as it was last answered: status, body, when (UTC)."""

    host: str
    status: int
    body: bytes
    fetched_at: datetime


def judge(engine: Engine, outlet: str, source: str, *, honest: bool, now: datetime) -> None:
    """Remember whether a search passed its check with a word that nobody writes."""
    _put(engine, outlet, source, {"honest": honest, "verified_at": now})


def standing(engine: Engine, outlet: str, source: str, not_before: datetime) -> bool | None:
    """Tell whether a search passed that check; None where it was never taken, or before *not_before*."""
    query = select(sources.c.honest, sources.c.verified_at).where(
        sources.c.outlet == outlet, sources.c.source == source
    )
    row = read(engine, lambda connection: connection.execute(query).one_or_none())
    if row is None or row.verified_at is None or row.verified_at < not_before:
        return None
    return bool(row.honest)


@attrs.frozen(kw_only=True)
class Polled:
    """How a source was last polled: how often that pays, and how far its walks reach without a hole."""

    polled_at: datetime
    interval_s: float
    next_poll_at: datetime
    covered_since: datetime | None = None
    covered_until: datetime | None = None


def polled(engine: Engine, outlet: str, source: str) -> Polled | None:
    """Return how a source was last polled, None where it never was."""
    query = select(*(sources.c[field.name] for field in attrs.fields(Polled))).where(
        sources.c.outlet == outlet, sources.c.source == source, sources.c.next_poll_at.is_not(None)
    )
    row = read(engine, lambda connection: connection.execute(query).mappings().one_or_none())
    return Polled(**row) if row is not None else None


def keep_polled(engine: Engine, outlet: str, source: str, found: Polled) -> None:
    """Keep how a source was polled, in place of the time before."""
    _put(engine, outlet, source, attrs.asdict(found))


def keep_robots(engine: Engine, host: str, status: int, body: bytes, *, now: datetime) -> None:
    """Keep a good copy of a host's robots.txt, in place of the one before."""
    values = {"status": status, "body": body, "fetched_at": now}
    transact(
        engine,
        lambda connection: connection.execute(
            upsert(connection, robots)
            .values(host=host, **values)
            .on_conflict_do_update(index_elements=["host"], set_=values)
        ),
    )


def kept_robots(engine: Engine, host: str, *, not_before: datetime) -> RobotsCopy | None:
    """Return the copy of a host's robots.txt, None where there is none or it is older than *not_before*."""
    query = select(robots).where(robots.c.host == host)
    row = read(engine, lambda connection: connection.execute(query).one_or_none())
    if row is None or row.fetched_at < not_before:
        return None
    return RobotsCopy(row.host, row.status, row.body, row.fetched_at)


def _put(engine: Engine, outlet: str, source: str, values: dict[str, object]) -> None:
    transact(
        engine,
        lambda connection: connection.execute(
            upsert(connection, sources)
            .values(outlet=outlet, source=source, **values)
            .on_conflict_do_update(index_elements=["outlet", "source"], set_=values)
        ),
    )
