"""The workers that are signed in: each holds a lease of its own, and says with it who it is."""

from datetime import datetime
from typing import Any, Final

import attrs
from sqlalchemy import Connection, Engine, Row, delete, select

from crawler.storage.database import clock, read, transact
from crawler.storage.process import Process
from crawler.storage.schema import leases

PREFIX: Final = "worker-"


@attrs.frozen(kw_only=True)
class Worker:
    """One worker. `outlets` are those it takes, None for all; `refuses` says why it takes nothing now.

    `queue_id` is the number by which the queue knows it.
    """

    name: str
    host: str
    pid: int
    since: datetime
    alive: bool
    version: str
    side_by_side: int
    outlets: tuple[str, ...] | None
    refuses: str | None
    queue_id: int

    def takes(self, outlet: str, version: str) -> bool:
        """Tell whether it would take a job of *outlet* that a service of *version* deferred."""
        of_mine = self.outlets is None or outlet in self.outlets
        return self.alive and self.refuses is None and self.version == version and of_mine


def list_workers(engine: Engine) -> list[Worker]:
    """Return all workers that have not signed out, the dead ones too, in the order they came."""
    return read(engine, workers_in)


def workers_in(connection: Connection) -> list[Worker]:
    """Return what `list_workers` returns, read in a transaction that is open."""
    query = select(leases).where(leases.c.name.startswith(PREFIX)).order_by(leases.c.since, leases.c.name)
    now = clock(connection)
    return [_worker(row, now) for row in connection.execute(query)]


def is_alive(connection: Connection, name: str) -> bool:
    """Tell whether that worker is signed in and has not fallen silent."""
    row = connection.execute(select(leases).where(leases.c.name == name)).one_or_none()
    return row is not None and _is_alive(row, clock(connection))


def forget_dead(engine: Engine) -> list[Worker]:
    """Sign out the workers that are dead, and return them."""

    def forget(connection: Connection) -> list[Worker]:
        query = select(leases).where(leases.c.name.startswith(PREFIX)).order_by(leases.c.name)
        rows, now = connection.execute(query.with_for_update()).all(), clock(connection)
        gone = [_worker(row, now) for row in rows if not _is_alive(row, now)]
        for each in gone:
            connection.execute(delete(leases).where(leases.c.name == each.name))
        return gone

    return transact(engine, forget)


def _is_alive(row: Row[Any], now: datetime) -> bool:
    return bool(row.until >= now) and not Process(row.host, row.pid, row.process).is_dead()


def _worker(row: Row[Any], now: datetime) -> Worker:
    about = row.about or {}
    outlets = about.get("outlets")
    return Worker(
        name=row.name,
        host=row.host,
        pid=row.pid,
        since=row.since,
        alive=_is_alive(row, now),
        version=about.get("version", ""),
        side_by_side=about.get("side_by_side", 0),
        outlets=None if outlets is None else tuple(outlets),
        refuses=about.get("refuses"),
        queue_id=about.get("queue_id", 0),
    )
