"""What the schedule owes: a row for each due time of an outlet, and what became of it.

The service is the only one that takes and ends plans; each of its transactions makes sure that it still
leads. A crawl that is started for a plan refuses to begin when that plan is no longer taken.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Literal, TypeVar

import attrs
from sqlalchemy import Connection, Engine, Row, Select, func, select, update

from crawler.storage import leases
from crawler.storage.database import reading, transact, upsert
from crawler.storage.process import Process
from crawler.storage.runs import Run, get_run
from crawler.storage.schema import articles, plans, runs, schedules

T = TypeVar("T")

PlanState = Literal["waiting", "deferred", "taken", "done", "failed", "dropped"]
Look = Literal["crawl", "recheck", "replay"]

UNBEGUN: Final = ("waiting", "deferred")

SCHEDULER: Final = "scheduler"
"""The name of the lease that the leading service holds."""


@attrs.frozen(kw_only=True)
class Plan:
    """One due time. `not_before` is when a further attempt may be made; `why` tells of the last one.

    `taken_by` is the worker that took it, None where the service did. `part` is what a re-extraction reads.
    """

    id: int
    outlet: str
    look: str
    planned_at: datetime
    reason: str
    state: str
    why: str | None
    attempts: int
    made_at: datetime
    taken_at: datetime | None
    ended_at: datetime | None
    not_before: datetime | None
    taken_by: str | None
    part: Mapping[str, Any] | None


@attrs.frozen(kw_only=True)
class Ending:
    """What becomes of a plan whose process has ended; waiting means another attempt."""

    state: PlanState
    why: str | None = None
    not_before: datetime | None = None
    counted: bool = True


@attrs.frozen(kw_only=True)
class Standing:
    """What holds an outlet back: an operator's pause, or the outlet's own wish to be left alone."""

    paused_at: datetime | None = None
    paused_why: str | None = None
    not_before: datetime | None = None


@attrs.frozen
class Leadership:
    """The right to change plans: every transaction begins by making sure of the lease.

    The leading service has it for all plans, a worker for those that it took: its lease has its own name.
    """

    engine: Engine
    token: str
    name: str = SCHEDULER

    @property
    def worker(self) -> str | None:
        """Return the name of the worker that this is, None for the service."""
        return None if self.name == SCHEDULER else self.name

    def transact(self, work: Callable[[Connection], T]) -> T:
        """Return what *work* returns, done in one transaction of the leader.

        Raises:
            LeaseLostError: this process leads no more; nothing was written.
        """

        def fenced(connection: Connection) -> T:
            leases.hold(connection, self.name, self.token)
            return work(connection)

        return transact(self.engine, fenced)


def plan_due(lead: Leadership, outlet: str, due_at: datetime, reason: str, *, now: datetime) -> bool:
    """Plan a crawl for a due time and return whether that was news.

    An earlier due time that still waits is dropped: one crawl looks at all that was missed.
    """

    def plan(connection: Connection) -> bool:
        if not _add(connection, outlet, "crawl", due_at, reason, now):
            return False
        older = update(plans).where(
            plans.c.outlet == outlet,
            plans.c.look == "crawl",
            plans.c.state.in_(UNBEGUN),
            plans.c.reason != "manual",
            plans.c.planned_at < due_at,
        )
        connection.execute(
            older, {"state": "dropped", "why": "the next due time came first", "ended_at": now}
        )
        return True

    return lead.transact(plan)


def plan_recheck(lead: Leadership, outlet: str, *, now: datetime) -> None:
    """Plan a look at the outlet's articles whose revisit is due."""
    lead.transact(lambda connection: _add(connection, outlet, "recheck", now, "scheduled", now))


def pass_over(lead: Leadership, outlet: str, due_at: datetime, why: str, *, now: datetime) -> None:
    """Note a due time that nothing is owed for, so that it is not taken for a missed one."""

    def note(connection: Connection) -> None:
        _add(connection, outlet, "crawl", due_at, "scheduled", now, state="dropped", why=why, ended_at=now)

    lead.transact(note)


def ask_now(engine: Engine, outlet: str, *, now: datetime) -> Plan | None:
    """Plan a crawl of *outlet* as soon as can be, and return it; None where one was asked for already."""

    def ask(connection: Connection) -> Plan | None:
        asked = select(plans.c.id).where(
            plans.c.outlet == outlet, plans.c.state.in_(UNBEGUN), plans.c.reason == "manual"
        )
        if connection.execute(asked).first() is not None:
            return None
        _add(connection, outlet, "crawl", now, "manual", now)
        made = select(plans).where(
            plans.c.outlet == outlet, plans.c.look == "crawl", plans.c.planned_at == now
        )
        return read_plan(connection.execute(made).one())

    return transact(engine, ask)


def last_due(engine: Engine, *, now: datetime) -> dict[str, datetime]:
    """Return for each outlet the latest due time up to *now* that a crawl was planned for."""
    query = (
        select(plans.c.outlet, func.max(plans.c.planned_at, type_=plans.c.planned_at.type))
        .where(plans.c.look == "crawl", plans.c.reason != "manual", plans.c.planned_at <= now)
        .group_by(plans.c.outlet)
    )
    with reading(engine) as connection:
        return dict(connection.execute(query).all())


def last_looks(engine: Engine, *, now: datetime) -> dict[str, datetime]:
    """Return for each outlet when a plan of any kind was last begun or made, up to *now*."""
    begun = func.coalesce(plans.c.taken_at, plans.c.made_at, type_=plans.c.made_at.type)
    query = (
        select(plans.c.outlet, func.max(begun, type_=plans.c.made_at.type))
        .where(begun <= now, plans.c.state != "dropped", plans.c.look != "replay")
        .group_by(plans.c.outlet)
    )
    with reading(engine) as connection:
        return dict(connection.execute(query).all())


def due_revisits(engine: Engine, *, now: datetime) -> dict[str, int]:
    """Return for each outlet how many of its articles are due to be looked at again, where any are."""
    query = (
        select(articles.c.outlet, func.count()).where(articles.c.due_at <= now).group_by(articles.c.outlet)
    )
    with reading(engine) as connection:
        return dict(connection.execute(query).all())


def waiting(engine: Engine) -> list[Plan]:
    """Return the plans that wait: those asked for by hand, then by due time, re-extractions last."""
    query = select(plans).where(plans.c.state == "waiting").order_by(plans.c.planned_at, plans.c.id)
    found = list_plans(engine, query)
    return sorted(found, key=lambda plan: (plan.look == "replay", plan.reason != "manual"))


def taken(engine: Engine) -> list[Plan]:
    """Return the plans that a process was started for, or is about to be."""
    return list_plans(engine, select(plans).where(plans.c.state == "taken").order_by(plans.c.id))


def looks_to_come(engine: Engine) -> list[Plan]:
    """Return the looks at outlets that are under way, then those that are to be begun."""
    query = select(plans).where(plans.c.state == "deferred").order_by(plans.c.planned_at, plans.c.id)
    found = [*taken(engine), *list_plans(engine, query), *waiting(engine)]
    return [plan for plan in found if plan.look != "replay"]


def get_plan(engine: Engine, plan_id: int) -> Plan | None:
    """Return one plan, None where there is none of that number."""
    return next(iter(list_plans(engine, select(plans).where(plans.c.id == plan_id))), None)


def run_of(engine: Engine, plan: Plan, *, after: int = 0) -> tuple[Run, Process] | None:
    """Return the newest run of a plan, with its process; None where none newer than *after* began."""
    query = (
        select(runs.c.id, runs.c.host, runs.c.pid, runs.c.process)
        .where(runs.c.plan_id == plan.id, runs.c.id > after)
        .order_by(runs.c.id.desc())
    )
    with reading(engine) as connection:
        row = connection.execute(query).first()
    return None if row is None else (get_run(engine, row.id), Process(row.host, row.pid, row.process))


def busy_outlets(engine: Engine) -> set[str]:
    """Return the outlets that are being crawled, by whomever."""
    with reading(engine) as connection:
        return set(connection.execute(select(runs.c.outlet).where(runs.c.ended_at.is_(None))).scalars())


def take(lead: Leadership, plan: Plan, reason: str, *, now: datetime) -> Plan | None:
    """Take a waiting plan, for a process to be started; None where another one of its outlet is taken."""

    def begin(connection: Connection) -> Plan | None:
        other = select(plans.c.id).where(plans.c.outlet == plan.outlet, plans.c.state == "taken")
        if connection.execute(other).first() is not None:
            return None
        attempt = {"attempts": plan.attempts + 1, "taken_at": now, "taken_by": None}
        values = {"state": "taken", "reason": reason, **attempt}
        mine = update(plans).where(plans.c.id == plan.id, plans.c.state == "waiting")
        connection.execute(mine, values)
        mine_now = select(plans).where(plans.c.id == plan.id, plans.c.state == "taken")
        row = connection.execute(mine_now).one_or_none()
        return None if row is None else read_plan(row)

    return lead.transact(begin)


def settle(lead: Leadership, plan: Plan, ending: Ending, *, now: datetime) -> bool:
    """Note how a taken plan ended, or that it waits for another attempt.

    Return False where a run of it is open after all, or its end was noted before.
    """

    def end(connection: Connection) -> bool:
        # The lock first: a process that was slow to begin either has its run by now, or never gets it.
        connection.execute(select(plans.c.id).where(plans.c.id == plan.id).with_for_update())
        begun = select(runs.c.id).where(runs.c.plan_id == plan.id, runs.c.ended_at.is_(None))
        if connection.execute(begun).first() is not None:
            return False
        values: dict[str, Any] = {
            "state": ending.state,
            "why": ending.why,
            "not_before": ending.not_before,
            "ended_at": now,
        }
        if ending.state == "waiting":
            values["reason"] = "catch-up" if plan.reason == "scheduled" else plan.reason
            values["taken_by"] = None
        if not ending.counted:
            values["attempts"] = plans.c.attempts - 1
        mine = update(plans).where(
            plans.c.id == plan.id,
            plans.c.state == "taken",
            plans.c.taken_by.is_not_distinct_from(lead.worker),
        )
        return connection.execute(mine.values(values)).rowcount == 1

    return lead.transact(end)


def remark_on(lead: Leadership, run: Run, why: str) -> None:
    """Add to the reasons of a run that has ended what the run itself could not know."""
    if why not in run.why:
        lead.transact(
            lambda connection: connection.execute(
                update(runs).where(runs.c.id == run.id), {"why": [*run.why, why]}
            )
        )


def drop(lead: Leadership, plan: Plan, why: str, *, now: datetime) -> None:
    """Give up a plan that waits."""

    def give_up(connection: Connection) -> None:
        mine = update(plans).where(plans.c.id == plan.id, plans.c.state == "waiting")
        connection.execute(mine, {"state": "dropped", "why": why, "ended_at": now})

    lead.transact(give_up)


def standings(engine: Engine) -> dict[str, Standing]:
    """Return what holds outlets back, by outlet."""
    with reading(engine) as connection:
        return held_back(connection)


def held_back(connection: Connection) -> dict[str, Standing]:
    """Return what `standings` returns, read in a transaction that is open."""
    return {
        row.outlet: Standing(paused_at=row.paused_at, paused_why=row.paused_why, not_before=row.not_before)
        for row in connection.execute(select(schedules))
    }


def pause(engine: Engine, outlet: str, why: str | None, *, now: datetime) -> None:
    """Let nothing of *outlet* be crawled by the schedule until it is resumed."""
    _stand(engine, outlet, paused_at=now, paused_why=why)


def resume(engine: Engine, outlet: str) -> None:
    """End a pause, and any wish of the outlet to be left alone."""
    _stand(engine, outlet, paused_at=None, paused_why=None, not_before=None)


def postpone(engine: Engine, outlet: str, until: datetime) -> None:
    """Let nothing of *outlet* be crawled by the schedule before *until*: it asked to be left alone."""
    _stand(engine, outlet, not_before=until)


def _stand(engine: Engine, outlet: str, **values: Any) -> None:  # noqa: ANN401 values of columns
    def write(connection: Connection) -> None:
        made = upsert(connection, schedules).values(outlet=outlet, **values)
        connection.execute(made.on_conflict_do_update(index_elements=["outlet"], set_=values))

    transact(engine, write)


def _add(  # noqa: PLR0913, PLR0917 each is a column
    connection: Connection,
    outlet: str,
    look: Look,
    planned_at: datetime,
    reason: str,
    now: datetime,
    *,
    state: PlanState = "waiting",
    **more: Any,  # noqa: ANN401 values of columns
) -> bool:
    made = upsert(connection, plans).values(
        outlet=outlet,
        look=look,
        planned_at=planned_at,
        reason=reason,
        state=state,
        attempts=0,
        made_at=now,
        **more,
    )
    added = connection.execute(made.on_conflict_do_nothing().returning(plans.c.id))
    return added.one_or_none() is not None


def list_plans(engine: Engine, query: Select[Any]) -> list[Plan]:
    """Return the plans that a query of the whole table's columns finds."""
    with reading(engine) as connection:
        return [read_plan(row) for row in connection.execute(query)]


def read_plan(row: Row[Any]) -> Plan:
    """Return a row of the table as a plan."""
    return Plan(**{field.name: getattr(row, field.name) for field in attrs.fields(Plan)})
