"""Plans in the hands of workers: deferred as jobs, taken by one worker each, taken over when it dies.

The truth is the plan. A job only brings its number to a worker: one whose plan is settled, or taken by a
worker that lives, comes to nothing.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, Engine, Row, or_, select, update

from crawler.storage.plans import Leadership, Plan, list_plans, read_plan
from crawler.storage.schema import plans
from crawler.storage.workers import is_alive


def defer(lead: Leadership, plan: Plan, put: Callable[[Connection, Plan], object]) -> bool:
    """Hand a waiting plan to the workers: *put* makes its job in the same transaction.

    Return False where it waits no more, or another plan of its outlet is under way.
    """

    def hand_over(connection: Connection) -> bool:
        other = select(plans.c.id).where(
            plans.c.outlet == plan.outlet, plans.c.state.in_(("deferred", "taken"))
        )
        if connection.execute(other).first() is not None:
            return False
        mine = update(plans).where(plans.c.id == plan.id, plans.c.state == "waiting")
        if connection.execute(mine, {"state": "deferred"}).rowcount != 1:
            return False
        put(connection, plan)
        return True

    return lead.transact(hand_over)


def in_hands(engine: Engine) -> list[Plan]:
    """Return the plans that were handed to workers and have not ended."""
    theirs = or_(plans.c.state == "deferred", (plans.c.state == "taken") & plans.c.taken_by.is_not(None))
    return list_plans(engine, select(plans).where(theirs).order_by(plans.c.id))


def put_again(lead: Leadership, plan: Plan, put: Callable[[Connection, Plan], object]) -> None:
    """Make the job of a plan anew that lost it, where it still needs one."""

    def again(connection: Connection) -> None:
        row = _locked(connection, plan.id)
        if row is not None and (row.state == "deferred" or _is_orphan(connection, row)):
            put(connection, plan)

    lead.transact(again)


def take_back(lead: Leadership, plan: Plan) -> None:
    """Let the service itself do what no worker is left to do."""

    def back(connection: Connection) -> None:
        row = _locked(connection, plan.id)
        if row is None:
            return
        if row.state == "deferred":
            connection.execute(update(plans).where(plans.c.id == plan.id), {"state": "waiting"})
        elif _is_orphan(connection, row):
            connection.execute(update(plans).where(plans.c.id == plan.id), {"taken_by": None})

    lead.transact(back)


def give_back(worker: Leadership, plan: Plan, not_before: datetime | None) -> None:
    """Let a deferred plan wait again: it may not be begun now."""
    mine = update(plans).where(plans.c.id == plan.id, plans.c.state == "deferred")
    worker.transact(
        lambda connection: connection.execute(mine, {"state": "waiting", "not_before": not_before})
    )


def take_up(worker: Leadership, plan: Plan, reason: str, *, now: datetime) -> Plan | None:
    """Take a deferred plan, for a process to be started; None where it is not to be had."""

    def take(connection: Connection) -> Plan | None:
        row = _locked(connection, plan.id)
        other = select(plans.c.id).where(plans.c.outlet == plan.outlet, plans.c.state == "taken")
        if row is None or row.state != "deferred" or connection.execute(other).first() is not None:
            return None
        attempt = {"attempts": row.attempts + 1, "taken_at": now, "taken_by": worker.worker}
        return _changed(connection, plan.id, state="taken", reason=reason, **attempt)

    return worker.transact(take)


def take_over(worker: Leadership, plan: Plan) -> Plan | None:
    """Take the plan of a worker that died; None where that one lives, or the plan has ended."""

    def take(connection: Connection) -> Plan | None:
        row = _locked(connection, plan.id)
        if row is None or not _is_orphan(connection, row):
            return None
        return _changed(connection, plan.id, taken_by=worker.worker)

    return worker.transact(take)


def begin_again(worker: Leadership, plan: Plan, *, now: datetime) -> Plan | None:
    """Note a further attempt at a plan that was taken over; None where it is not this worker's."""

    def again(connection: Connection) -> Plan | None:
        row = _locked(connection, plan.id)
        if row is None or (row.state, row.taken_by) != ("taken", worker.worker):
            return None
        return _changed(connection, plan.id, attempts=row.attempts + 1, taken_at=now)

    return worker.transact(again)


def _locked(connection: Connection, plan_id: int) -> Row[tuple[object, ...]] | None:
    return connection.execute(select(plans).where(plans.c.id == plan_id).with_for_update()).one_or_none()


def _is_orphan(connection: Connection, row: Row[tuple[object, ...]]) -> bool:
    """Tell whether a worker took the plan and died."""
    return row.state == "taken" and row.taken_by is not None and not is_alive(connection, row.taken_by)


def _changed(connection: Connection, plan_id: int, **values: object) -> Plan:
    mine = update(plans).where(plans.c.id == plan_id)
    return read_plan(connection.execute(mine.values(**values).returning(*plans.c)).one())
