"""Leases: a role that one process at a time may play, and loses when it falls silent or dies."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import attrs
from sqlalchemy import Connection, Engine, Row, delete, select, update

from crawler.errors import StoreError
from crawler.storage.database import clock, reading, transact, upsert
from crawler.storage.moves import refuse_moved
from crawler.storage.process import Process
from crawler.storage.schema import leases


class LeaseLostError(StoreError):
    """Another process has the lease now, so this one may no longer write in its name."""


@attrs.frozen
class Holder:
    """Who has a lease, and whether that is the process that asked."""

    host: str
    pid: int
    since: datetime
    mine: bool


def acquire(
    engine: Engine, name: str, token: str, lease_s: float, about: Mapping[str, Any] | None = None
) -> Holder:
    """Take or prolong the lease *name* for the holder of *token*, and return who has it now.

    It is free when nobody has it, when its time has run out by the database's clock, or when its holder was
    a process of this machine that has ended. *about* is what the holder says of itself.
    """
    me = Process.current()

    def take(connection: Connection) -> Holder:
        refuse_moved(connection)
        now = clock(connection)
        values: dict[str, Any] = {
            "token": token,
            "host": me.host,
            "pid": me.pid,
            "process": me.mark,
            "until": now + timedelta(seconds=lease_s),
            "about": about,
        }
        row = _row(connection, name)
        if row is None:
            made = upsert(connection, leases).values(name=name, since=now, **values).on_conflict_do_nothing()
            connection.execute(made)
        elif row.token == token:
            news = {"until": values["until"], "about": about}
            connection.execute(update(leases).where(leases.c.name == name), news)
        elif _is_free(row, now, lease_s):
            connection.execute(update(leases).where(leases.c.name == name), {**values, "since": now})
        row = _row(connection, name)
        if row is None:
            raise StoreError(f"the lease {name!r} vanished while it was being taken; try again")
        return Holder(row.host, row.pid, row.since, mine=row.token == token)

    return transact(engine, take)


def hold(connection: Connection, name: str, token: str) -> None:
    """Make sure that nobody else gets the lease before this transaction ends.

    Raises:
        LeaseLostError: somebody else has it, or its time has run out.
    """
    row = _row(connection, name)
    if row is None or row.token != token or row.until < clock(connection):
        raise LeaseLostError(f"the lease {name!r} was lost; another process has it, or will")


def release(engine: Engine, name: str, token: str) -> None:
    """Give the lease back, where it is still held."""

    def give(connection: Connection) -> None:
        connection.execute(delete(leases).where(leases.c.name == name, leases.c.token == token))

    transact(engine, give)


def holder_of(engine: Engine, name: str) -> Holder | None:
    """Return who has the lease, None where nobody living does."""
    with reading(engine) as connection:
        row = connection.execute(select(leases).where(leases.c.name == name)).one_or_none()
        now = clock(connection)
    if row is None or row.until < now or Process(row.host, row.pid, row.process).is_dead():
        return None
    return Holder(row.host, row.pid, row.since, mine=False)


def _row(connection: Connection, name: str) -> Row[Any] | None:
    return connection.execute(select(leases).where(leases.c.name == name).with_for_update()).one_or_none()


def _is_free(row: Row[Any], now: datetime, lease_s: float) -> bool:
    # An end further off than any lease lasts: the clock was set back after it was written.
    lapsed = not now <= row.until <= now + timedelta(seconds=2 * lease_s)
    return lapsed or Process(row.host, row.pid, row.process).is_dead() is True
