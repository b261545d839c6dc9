"""Pulses: when somebody was last at work, kept after the end, so that others notice the silence."""

from datetime import datetime
from typing import Final

import attrs
from sqlalchemy import Connection, Engine, select, update

from crawler.storage.database import clock, transact, upsert
from crawler.storage.process import Process
from crawler.storage.schema_analysis import pulses

SCHEDULE: Final = "the schedule"
"""The name under which the leading service works."""


@attrs.frozen
class Pulse:
    """A sign of life; `ended` where the work was stopped in order. Times are UTC, by the database's clock."""

    since: datetime
    at: datetime
    host: str
    pid: int
    ended: bool


def beat(engine: Engine, name: str) -> None:
    """Note that this process is at work under that name."""
    me = Process.current()

    def note(connection: Connection) -> None:
        now = clock(connection)
        row = connection.execute(select(pulses).where(pulses.c.name == name)).one_or_none()
        goes_on = row is not None and (row.host, row.pid, row.ended) == (me.host, me.pid, False)
        values = {
            "since": row.since if row is not None and goes_on else now,
            "at": now,
            "host": me.host,
            "pid": me.pid,
            "ended": False,
        }
        made = upsert(connection, pulses).values(name=name, **values)
        connection.execute(made.on_conflict_do_update(index_elements=["name"], set_=values))

    transact(engine, note)


def end(engine: Engine, name: str) -> None:
    """Note that this process stops in order."""
    me = Process.current()
    mine = (pulses.c.name == name) & (pulses.c.pid == me.pid) & (pulses.c.host == me.host)

    def note(connection: Connection) -> None:
        connection.execute(update(pulses).where(mine), {"ended": True, "at": clock(connection)})

    transact(engine, note)


def pulse_of(connection: Connection, name: str) -> Pulse | None:
    """Return the last sign of life under that name, None where there never was one."""
    row = connection.execute(select(pulses).where(pulses.c.name == name)).one_or_none()
    return None if row is None else Pulse(row.since, row.at, row.host, row.pid, row.ended)
