"""The history of runs, and the lock that lets one outlet have one run at a time."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import attrs
from sqlalchemy import Connection, Engine, Row, Select, bindparam, func, select, update

from crawler.errors import StoreError
from crawler.storage.database import clock, read, transact, upsert
from crawler.storage.moves import refuse_moved
from crawler.storage.process import Process
from crawler.storage.schema import plans, runs, urls, visits

RunVerdict = Literal["healthy", "degraded", "failed"]
RunReason = Literal["manual", "scheduled", "catch-up", "replay"]
RunLook = Literal["crawl", "recheck", "replay"]

KILLED: Final = "killed"
STOPPED: Final = "stopped early"
"""How the reason begins of a run that was ended in order, but before its end."""

LEASE_S: Final = 120.0
"""How long a run on another machine may be silent before its outlet is free again."""


@attrs.frozen(kw_only=True)
class Run:
    """One run of one outlet, as the history has it. `counts` maps each outcome to its number of addresses.

    `asked` is true where somebody named the days; any other crawl reaches back to where the outlet was last
    covered. What was published from `covered_since` to `covered_until` cannot have been missed: the lists of
    that time were read without a hole. Both are None where the lists were not. `fetching_s` adds up how long
    the requests took.
    """

    id: int
    outlet: str
    look: str
    reason: str
    plan_id: int | None
    planned_at: datetime | None
    since: datetime | None
    until: datetime | None
    asked: bool
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
    covered_since: datetime | None
    covered_until: datetime | None
    listed: int
    not_modified: int
    traits: Mapping[str, Any]
    log: str | None

    @property
    def complete(self) -> bool:
        """Tell whether it ran to its end and was able to look."""
        stopped = any(reason.startswith(STOPPED) for reason in self.why)
        return self.verdict in {"healthy", "degraded"} and not stopped


@attrs.frozen(kw_only=True)
class Order:
    """What a run is to do, and for whom: the arguments that `start_run` keeps with it."""

    outlet: str
    since: datetime
    until: datetime
    asked: bool = False
    limit: int | None = None
    look: RunLook = "crawl"
    reason: RunReason = "manual"
    plan_id: int | None = None
    planned_at: datetime | None = None


@attrs.frozen(kw_only=True)
class Spent:
    """What a run asked of its outlet: requests, bytes that came, seconds that the requests took."""

    requests: int = 0
    bytes_received: int = 0
    fetching_s: float = 0.0


@attrs.frozen(kw_only=True)
class Looked:
    """What a run saw of its outlet's lists; `traits` are what its verdict was judged by."""

    covered: tuple[datetime, datetime] | None = None
    listed: int = 0
    not_modified: int = 0
    traits: Mapping[str, Any] | None = None


_OPEN = select(runs).where(runs.c.outlet == bindparam("outlet"), runs.c.ended_at.is_(None)).with_for_update()
_BY_ID = select(runs).where(runs.c.id == bindparam("run_id"))
_LOCKED = (
    select(runs.c.clock_shift_s)
    .where(runs.c.id == bindparam("run_id"), runs.c.ended_at.is_(None))
    .with_for_update()
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
    look: RunLook = "crawl",
    reason: RunReason = "manual",
    plan_id: int | None = None,
    planned_at: datetime | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    asked: bool = False,
    limit: int | None = None,
    log: str | None = None,
    shift: timedelta = timedelta(0),
    lease_s: float = LEASE_S,
    now: datetime | None = None,
) -> Run:
    """Return a new run that holds the outlet, after closing a dead one as failed("killed").

    *shift* is how far a rehearsal's clock is ahead; all times of the run are then the rehearsal's.

    A run is dead when its process on this machine is gone, or when it has been silent for *lease_s* seconds
    and its process cannot be seen from here. Of several processes that start at once exactly one gets it.
    A plan of the schedule gives its run what it looks at, its reason and its due time.

    Raises:
        StoreError: another run holds the outlet, or the plan is no longer this run's; the message says which.
    """
    me = Process.current()
    values: dict[str, Any] = {
        "outlet": outlet,
        "look": look,
        "reason": reason,
        "plan_id": plan_id,
        "planned_at": planned_at,
        "since": since,
        "until": until,
        "asked": asked,
        "article_limit": limit,
        "clock_shift_s": shift.total_seconds(),
        "log": log,
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
        refuse_moved(connection)  # since it was opened
        moment = now or clock(connection)
        holder = connection.execute(_OPEN, {"outlet": outlet}).one_or_none()
        if holder is not None and holder.token == values["token"]:  # committed before a lost connection
            return _run(holder)
        if holder is not None:
            if not _is_dead(holder, moment, lease_s):
                raise _held(holder)
            _close_killed(connection, holder)
        planned = {} if plan_id is None else _planned(connection, plan_id)
        made = connection.execute(
            upsert(connection, runs)
            .values({**values, **planned, "started_at": moment + shift, "heartbeat_at": moment + shift})
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
        run = _locked(connection, run_id)
        connection.execute(
            update(runs).where(runs.c.id == run_id), {"heartbeat_at": now or clock(connection) + _shift(run)}
        )

    transact(engine, beat)


def finish_run(  # noqa: PLR0913 keyword-only, each is a column
    engine: Engine,
    run_id: int,
    verdict: RunVerdict,
    why: Sequence[str] = (),
    *,
    spent: Spent | None = None,
    looked: Looked | None = None,
    now: datetime | None = None,
) -> Run:
    """Close the run with its verdict and return it; its counts come from the ledger, not from the caller.

    Raises:
        RunEndedError: it was closed by another process.
    """
    spent, looked = spent or Spent(), looked or Looked()
    since, until = looked.covered or (None, None)

    def finish(connection: Connection) -> Run:
        _close(
            connection,
            run_id,
            ended_at=now,
            verdict=verdict,
            why=list(why),
            **attrs.asdict(spent),
            covered_since=since,
            covered_until=until,
            listed=looked.listed,
            not_modified=looked.not_modified,
            traits=dict(looked.traits or {}),
        )
        run = _run(connection.execute(_BY_ID, {"run_id": run_id}).one())
        if run.plan_id is not None and run.complete:
            mine = update(plans).where(plans.c.id == run.plan_id, plans.c.state == "taken")
            connection.execute(mine, {"state": "done", "why": None, "ended_at": run.ended_at})
        return run

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
    row = read(engine, lambda connection: connection.execute(_BY_ID, {"run_id": run_id}).one_or_none())
    if row is None:
        raise StoreError(f"there is no run {run_id}; see `pantau runs`")
    return _run(row)


def list_runs(
    engine: Engine, outlet: str | None = None, *, since: datetime | None = None, limit: int | None = None
) -> list[Run]:
    """Return runs, newest first: of one outlet or of all, those that began at *since* or later."""
    query: Select[Any] = select(runs).order_by(runs.c.id.desc()).limit(limit)
    if outlet is not None:
        query = query.where(runs.c.outlet == outlet)
    if since is not None:
        query = query.where(runs.c.started_at >= since)
    return read(engine, lambda connection: [_run(row) for row in connection.execute(query)])


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


def _planned(connection: Connection, plan_id: int) -> dict[str, Any]:
    """Return what a plan gives its run, having made sure that the schedule still wants it done."""
    row = connection.execute(select(plans).where(plans.c.id == plan_id).with_for_update()).one_or_none()
    if row is None or row.state != "taken":
        raise StoreError(f"plan {plan_id} is not to be done now; ask by `pantau schedule run-now OUTLET`")
    return {"look": row.look, "reason": row.reason, "planned_at": row.planned_at}


def _is_dead(holder: Row[Any], now: datetime, lease_s: float) -> bool:
    dead = Process(holder.host, holder.pid, holder.process).is_dead()
    # By the true clock, also for a rehearsal. A heartbeat from the future is none: the clock was set back.
    silent = abs(now - (holder.heartbeat_at - _shift(holder)))
    return silent > timedelta(seconds=lease_s) if dead is None else dead


def _shift(run: Row[Any]) -> timedelta:
    return timedelta(seconds=run.clock_shift_s)


def _locked(connection: Connection, run_id: int) -> Row[Any]:
    """Return the open run, locked; on PostgreSQL a transaction of it that is still going ends before."""
    row = connection.execute(_LOCKED, {"run_id": run_id}).one_or_none()
    if row is None:
        raise _ended(run_id)
    return row


def _close_killed(connection: Connection, holder: Row[Any]) -> None:
    last = connection.execute(select(func.max(visits.c.at)).where(visits.c.run_id == holder.id)).scalar()
    _close(
        connection,
        holder.id,
        ended_at=max(moment for moment in (holder.heartbeat_at, last) if moment is not None),
        verdict="failed",
        why=[KILLED],
    )


def _close(connection: Connection, run_id: int, ended_at: datetime | None, **values: Any) -> None:  # noqa: ANN401 values of columns
    run = _locked(connection, run_id)  # before we count what it wrote
    tally = select(visits.c.outcome, func.count()).where(visits.c.run_id == run_id).group_by(visits.c.outcome)
    counts: dict[str, int] = dict(sorted(connection.execute(tally)))
    learned = connection.execute(select(func.count()).where(urls.c.first_run_id == run_id)).scalar_one()
    connection.execute(
        update(runs).where(runs.c.id == run_id),
        {
            **values,
            "ended_at": ended_at or clock(connection) + _shift(run),
            "counts": counts,
            "learned": learned,
        },
    )


def _run(row: Row[Any]) -> Run:
    values = row._mapping  # noqa: SLF001 SQLAlchemy's own name for a row as a mapping
    kept = {field.name: values[field.name] for field in attrs.fields(Run)}
    return Run(**kept | {"why": tuple(values["why"]), "traits": values["traits"] or {}})


def _held(holder: Row[Any]) -> StoreError:
    return StoreError(
        f"run {holder.id} of {holder.outlet} is still going (process {holder.pid} on {holder.host}, "
        f"since {holder.started_at:%Y-%m-%d %H:%M:%S} UTC); wait for it or stop it"
    )


def _ended(run_id: int) -> RunEndedError:
    return RunEndedError(f"run {run_id} was closed by another process; start a new one")
