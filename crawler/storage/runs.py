"""The history of runs, and the lock that lets one outlet have one run at a time."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import attrs
from sqlalchemy import Connection, Engine, Row, Select, bindparam, func, select, update

from crawler.errors import StoreError
from crawler.storage.database import clock, reading, transact, upsert
from crawler.storage.process import Process
from crawler.storage.schema import runs, urls, visits

RunVerdict = Literal["healthy", "degraded", "failed"]
RunReason = Literal["manual", "scheduled", "catch-up", "replay"]

KILLED: Final = "killed"
LEASE_S: Final = 120.0
"""How long a run on another machine may be silent before its outlet is free again."""


@attrs.frozen(kw_only=True)
class Run:
    """One run of one outlet, as the history has it. `counts` maps each outcome to its number of addresses."""

    id: int
    outlet: str
    reason: str
    since: datetime | None
    until: datetime | None
    article_limit: int | None
    host: str
    pid: int
    started_at: datetime
    heartbeat_at: datetime
    ended_at: datetime | None
    verdict: str | None
    why: tuple[str, ...]
    counts: dict[str, int]
    learned: int
    requests: int
    bytes_received: int
    fetching_s: float


_OPEN = select(runs).where(runs.c.outlet == bindparam("outlet"), runs.c.ended_at.is_(None)).with_for_update()
_BY_ID = select(runs).where(runs.c.id == bindparam("run_id"))
_LOCKED = (
    select(runs.c.id).where(runs.c.id == bindparam("run_id"), runs.c.ended_at.is_(None)).with_for_update()
)
_HELD = (
    select(runs.c.outlet, runs.c.since, runs.c.until, runs.c.ended_at)
    .where(runs.c.id == bindparam("run_id"))
    .with_for_update(read=True)
)


@attrs.frozen
class HeldRun:
    """What a transaction of a run needs to know of it."""

    outlet: str
    since: datetime | None
    until: datetime | None
    ended_at: datetime | None


class RunEndedError(StoreError):
    """A run was closed by another process, so nothing more may be written for it."""


def start_run(  # noqa: PLR0913 keyword-only, each is a column
    engine: Engine,
    outlet: str,
    *,
    reason: RunReason = "manual",
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = None,
    lease_s: float = LEASE_S,
    now: datetime | None = None,
) -> Run:
    """Return a new run that holds the outlet, after closing a dead one as failed("killed").

    A run is dead when its process on this machine is gone, or when it has been silent for *lease_s* seconds
    and its process cannot be seen from here. Of several processes that start at once exactly one gets it.

    Raises:
        StoreError: another run holds the outlet; the message names it.
    """
    me = Process.current()
    values: dict[str, Any] = {
        "outlet": outlet,
        "reason": reason,
        "since": since,
        "until": until,
        "article_limit": limit,
        "host": me.host,
        "pid": me.pid,
        "process": me.mark,
        "token": uuid.uuid4().hex,
        "why": [],
        "counts": {},
        "learned": 0,
        "requests": 0,
        "bytes_received": 0,
        "fetching_s": 0.0,
    }

    def start(connection: Connection) -> Run:
        moment = now or clock(connection)
        holder = connection.execute(_OPEN, {"outlet": outlet}).one_or_none()
        if holder is not None and holder.token == values["token"]:  # committed before a lost connection
            return _run(holder)
        if holder is not None:
            if not _is_dead(holder, moment, lease_s):
                raise _held(holder)
            _close_killed(connection, holder)
        made = connection.execute(
            upsert(connection, runs)
            .values({**values, "started_at": moment, "heartbeat_at": moment})
            .on_conflict_do_nothing()
            .returning(*runs.c)
        ).one_or_none()
        if made is None:  # PostgreSQL: another process was quicker between our look and our insert
            raise _held(connection.execute(_OPEN, {"outlet": outlet}).one())
        return _run(made)

    return transact(engine, start)


def heartbeat(engine: Engine, run_id: int, *, now: datetime | None = None) -> None:
    """Note that the run is alive; to be called well within the lease, by default of 120 seconds.

    Raises:
        RunEndedError: the run was taken for dead and closed; it must stop.
    """

    def beat(connection: Connection) -> None:
        touched = connection.execute(
            update(runs).where(runs.c.id == run_id, runs.c.ended_at.is_(None)),
            {"heartbeat_at": now or clock(connection)},
        )
        if touched.rowcount != 1:
            raise _ended(run_id)

    transact(engine, beat)


def finish_run(  # noqa: PLR0913 keyword-only, each is a column
    engine: Engine,
    run_id: int,
    verdict: RunVerdict,
    why: Sequence[str] = (),
    *,
    requests: int = 0,
    bytes_received: int = 0,
    fetching_s: float = 0.0,
    now: datetime | None = None,
) -> Run:
    """Close the run with its verdict and return it; its counts come from the ledger, not from the caller.

    Raises:
        RunEndedError: it was closed by another process.
    """

    def finish(connection: Connection) -> Run:
        _close(
            connection,
            run_id,
            ended_at=now or clock(connection),
            verdict=verdict,
            why=list(why),
            requests=requests,
            bytes_received=bytes_received,
            fetching_s=fetching_s,
        )
        return _run(connection.execute(_BY_ID, {"run_id": run_id}).one())

    return transact(engine, finish)


def close_dead_runs(engine: Engine, *, lease_s: float = LEASE_S, now: datetime | None = None) -> list[Run]:
    """Close every run whose process is dead, of all outlets, and return them: for the service's start."""

    def close(connection: Connection) -> list[Run]:
        moment = now or clock(connection)
        dead = [
            holder
            for holder in connection.execute(select(runs).where(runs.c.ended_at.is_(None)).with_for_update())
            if _is_dead(holder, moment, lease_s)
        ]
        for holder in dead:
            _close_killed(connection, holder)
        return [_run(connection.execute(_BY_ID, {"run_id": holder.id}).one()) for holder in dead]

    return transact(engine, close)


def get_run(engine: Engine, run_id: int) -> Run:
    """Return one run.

    Raises:
        StoreError: there is none of that number.
    """
    with reading(engine) as connection:
        row = connection.execute(_BY_ID, {"run_id": run_id}).one_or_none()
    if row is None:
        raise StoreError(f"there is no run {run_id}; see `pantau runs`")
    return _run(row)


def list_runs(engine: Engine, outlet: str | None = None, *, limit: int | None = None) -> list[Run]:
    """Return runs, newest first: of one outlet or of all."""
    query: Select[Any] = select(runs).order_by(runs.c.id.desc()).limit(limit)
    if outlet is not None:
        query = query.where(runs.c.outlet == outlet)
    with reading(engine) as connection:
        return [_run(row) for row in connection.execute(query)]


def hold_run(connection: Connection, run_id: int) -> HeldRun:
    """Return outlet and window of the run, which cannot be closed before this transaction ends.

    A run that was taken for dead, and only slept, thereby writes nothing more.

    Raises:
        RunEndedError: it is closed.
    """
    row = connection.execute(_HELD, {"run_id": run_id}).one_or_none()
    if row is None:
        raise StoreError(f"there is no run {run_id}; start one first")
    if row.ended_at is not None:
        raise _ended(run_id)
    return HeldRun(*row)


def _is_dead(holder: Row[Any], now: datetime, lease_s: float) -> bool:
    dead = Process(holder.host, holder.pid, holder.process).is_dead()
    # Also a heartbeat from the future is none: the clock was set back after it.
    return abs(now - holder.heartbeat_at) > timedelta(seconds=lease_s) if dead is None else dead


def _close_killed(connection: Connection, holder: Row[Any]) -> None:
    last = connection.execute(select(func.max(visits.c.at)).where(visits.c.run_id == holder.id)).scalar()
    _close(
        connection,
        holder.id,
        ended_at=max(moment for moment in (holder.heartbeat_at, last) if moment is not None),
        verdict="failed",
        why=[KILLED],
    )


def _close(connection: Connection, run_id: int, **values: Any) -> None:  # noqa: ANN401 values of columns
    # The lock first: on PostgreSQL a transaction of this run that is still open must end before we count.
    locked = connection.execute(_LOCKED, {"run_id": run_id}).one_or_none()
    if locked is None:
        raise _ended(run_id)
    tally = select(visits.c.outcome, func.count()).where(visits.c.run_id == run_id).group_by(visits.c.outcome)
    counts: dict[str, int] = dict(sorted(connection.execute(tally)))
    learned = connection.execute(select(func.count()).where(urls.c.first_run_id == run_id)).scalar_one()
    connection.execute(
        update(runs).where(runs.c.id == run_id), {**values, "counts": counts, "learned": learned}
    )


def _run(row: Row[Any]) -> Run:
    values = row._mapping  # noqa: SLF001 SQLAlchemy's own name for a row as a mapping
    kept = {field.name: values[field.name] for field in attrs.fields(Run)}
    return Run(**kept | {"why": tuple(values["why"])})


def _held(holder: Row[Any]) -> StoreError:
    return StoreError(
        f"run {holder.id} of {holder.outlet} is still going (process {holder.pid} on {holder.host}, "
        f"since {holder.started_at:%Y-%m-%d %H:%M:%S} UTC); wait for it or stop it"
    )


def _ended(run_id: int) -> RunEndedError:
    return RunEndedError(f"run {run_id} was closed by another process; start a new one")
