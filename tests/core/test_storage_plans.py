"""Plans and leases in the store: each due time once, nothing written by who leads no more."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest
from sqlalchemy import Engine, update

from crawler.dates import WIB
from crawler.errors import StoreError
from crawler.storage import leases, plans, runs
from crawler.storage.database import transact
from crawler.storage.leases import LeaseLostError
from crawler.storage.plans import SCHEDULER, Ending, Leadership, Plan
from crawler.storage.process import Process
from crawler.storage.schema import leases as lease_table
from crawler.storage.schema import schedules

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=WIB)
HOUR = timedelta(hours=1)


def leading(store: Engine) -> Leadership:
    assert leases.acquire(store, SCHEDULER, "mine", 30).mine
    return Leadership(store, "mine")


def planned(lead: Leadership, outlet: str = "kontan", at: datetime = NOON) -> Plan:
    """Plan a due time and return the plan."""
    assert plans.plan_due(lead, outlet, at, "scheduled", now=at)
    return next(
        plan for plan in plans.waiting(lead.engine) if plan.outlet == outlet and plan.planned_at == at
    )


def taken(lead: Leadership, outlet: str = "kontan", at: datetime = NOON) -> Plan:
    plan = plans.take(lead, planned(lead, outlet, at), "scheduled", now=at)
    assert plan is not None
    return plan


def change_lease(store: Engine, **values: Any) -> None:
    transact(store, lambda connection: connection.execute(update(lease_table).values(**values)))


def ended_process() -> Process:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        running = Process.running(child.pid)
        child.communicate(b"")
        return running


# --- Leases


def test_one_of_many_gets_the_lease_and_keeps_it(store: Engine) -> None:
    tokens = [f"token{number}" for number in range(8)]
    mine: list[bool] = []

    def ask(token: str) -> None:
        mine.append(leases.acquire(store, SCHEDULER, token, 30).mine)

    threads = [threading.Thread(target=ask, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert mine.count(True) == 1
    assert [leases.acquire(store, SCHEDULER, token, 30).mine for token in tokens].count(True) == 1


def test_a_lease_that_ran_out_goes_to_who_asks(store: Engine) -> None:
    lead = leading(store)
    change_lease(store, until=NOON, process="")  # long ago; a process of which nothing is known
    with pytest.raises(LeaseLostError):
        plans.plan_due(lead, "kontan", NOON, "scheduled", now=NOON)
    assert leases.acquire(store, SCHEDULER, "other", 30).mine
    assert not leases.acquire(store, SCHEDULER, "mine", 30).mine


def test_a_lease_of_a_clock_that_was_set_back_is_no_hold(store: Engine) -> None:
    leading(store)
    change_lease(store, until=datetime(2099, 1, 1, tzinfo=WIB), process="")
    assert leases.acquire(store, SCHEDULER, "other", 30).mine


def test_the_lease_of_a_process_that_died_is_free_at_once(store: Engine) -> None:
    leading(store)
    dead = ended_process()
    change_lease(store, host=dead.host, pid=dead.pid, process=dead.mark)
    assert leases.holder_of(store, SCHEDULER) is None
    holder = leases.acquire(store, SCHEDULER, "other", 30)
    assert (holder.mine, holder.pid) == (True, os.getpid())


def test_a_lease_given_back_is_free_and_one_of_another_stays(store: Engine) -> None:
    leading(store)
    leases.release(store, SCHEDULER, "other")
    assert leases.holder_of(store, SCHEDULER) is not None
    leases.release(store, SCHEDULER, "mine")
    assert leases.holder_of(store, SCHEDULER) is None


WRITES: dict[str, Callable[[Leadership, Plan, Plan], object]] = {
    "plan": lambda lead, _taken, _waiting: plans.plan_due(lead, "detik", NOON, "scheduled", now=NOON),
    "recheck": lambda lead, _taken, _waiting: plans.plan_recheck(lead, "detik", now=NOON),
    "pass over": lambda lead, _taken, _waiting: plans.pass_over(lead, "detik", NOON, "why", now=NOON),
    "take": lambda lead, _taken, waits: plans.take(lead, waits, "scheduled", now=NOON),
    "settle": lambda lead, begun, _waiting: plans.settle(lead, begun, Ending(state="done"), now=NOON),
    "drop": lambda lead, _taken, waits: plans.drop(lead, waits, "why", now=NOON),
}


@pytest.mark.parametrize("write", WRITES)
def test_who_leads_no_more_writes_nothing(store: Engine, write: str) -> None:
    lead = leading(store)
    begun, waits = taken(lead), planned(lead, "republika")
    change_lease(store, token="another")  # noqa: S106 - no secret
    before = [*plans.taken(store), *plans.waiting(store)]
    with pytest.raises(LeaseLostError):
        WRITES[write](lead, begun, waits)
    assert [*plans.taken(store), *plans.waiting(store)] == before


# --- Plans


def test_a_due_time_is_planned_once(store: Engine) -> None:
    lead = leading(store)
    assert plans.plan_due(lead, "kontan", NOON, "scheduled", now=NOON)
    assert not plans.plan_due(lead, "kontan", NOON, "catch-up", now=NOON + HOUR)
    (plan,) = plans.waiting(store)
    assert (plan.outlet, plan.planned_at, plan.reason, plan.attempts) == ("kontan", NOON, "scheduled", 0)


def test_a_due_time_that_still_waits_gives_way_to_the_next(store: Engine) -> None:
    lead = leading(store)
    asked = plans.ask_now(store, "kontan", now=NOON - HOUR)
    planned(lead)
    planned(lead, "republika")
    planned(lead, at=NOON + HOUR)
    left = [(plan.outlet, plan.planned_at) for plan in plans.waiting(store)]
    assert asked is not None
    assert left == [("kontan", NOON - HOUR), ("republika", NOON), ("kontan", NOON + HOUR)]


def test_one_plan_of_an_outlet_is_taken_at_a_time(store: Engine) -> None:
    lead = leading(store)
    first = taken(lead)
    assert (first.state, first.attempts, first.taken_at) == ("taken", 1, NOON)
    second = planned(lead, at=NOON + HOUR)
    assert plans.take(lead, second, "scheduled", now=NOON + HOUR) is None
    assert plans.take(lead, first, "scheduled", now=NOON + HOUR) is None
    assert plans.settle(lead, first, Ending(state="done"), now=NOON + HOUR)
    again = plans.take(lead, second, "catch-up", now=NOON + HOUR)
    assert again is not None
    assert (again.reason, again.attempts) == ("catch-up", 1)


def test_a_plan_that_waits_again_is_a_catch_up(store: Engine) -> None:
    lead = leading(store)
    ending = Ending(state="waiting", why="lost", not_before=NOON + HOUR)
    assert plans.settle(lead, taken(lead), ending, now=NOON)
    (plan,) = plans.waiting(store)
    assert (plan.reason, plan.why, plan.not_before, plan.attempts) == ("catch-up", "lost", NOON + HOUR, 1)
    again = plans.take(lead, plan, plan.reason, now=NOON + HOUR)
    assert again is not None
    assert plans.settle(lead, again, Ending(state="waiting", counted=False), now=NOON + HOUR)
    assert [plan.attempts for plan in plans.waiting(store)] == [1]
    assert not plans.settle(lead, again, Ending(state="done"), now=NOON + HOUR)


def test_what_is_asked_for_by_hand_is_asked_once_and_comes_first(store: Engine) -> None:
    lead = leading(store)
    planned(lead, "republika", NOON - HOUR)
    assert plans.ask_now(store, "kontan", now=NOON) is not None
    assert plans.ask_now(store, "kontan", now=NOON + HOUR) is None
    assert [plan.outlet for plan in plans.waiting(store)] == ["kontan", "republika"]
    assert plans.last_due(store, now=NOON + HOUR) == {"republika": NOON - HOUR}


def test_the_last_due_time_is_the_last_up_to_now(store: Engine) -> None:
    lead = leading(store)
    plans.pass_over(lead, "kontan", NOON, "before the schedule", now=NOON)
    planned(lead, at=NOON + 10 * 365 * 24 * HOUR)
    plans.plan_recheck(lead, "kontan", now=NOON + HOUR)
    assert plans.last_due(store, now=NOON + 2 * HOUR) == {"kontan": NOON}
    assert plans.last_due(store, now=NOON - HOUR) == {}


def test_pauses_and_wishes_stand_until_resumed(store: Engine) -> None:
    plans.pause(store, "kontan", "their site moves", now=NOON)
    plans.postpone(store, "kontan", NOON + HOUR)
    plans.pause(store, "republika", None, now=NOON)
    kontan = plans.standings(store)["kontan"]
    assert attrs.astuple(kontan) == (NOON, "their site moves", NOON + HOUR)
    plans.resume(store, "kontan")
    assert attrs.astuple(plans.standings(store)["kontan"]) == (None, None, None)
    assert plans.standings(store)["republika"].paused_at == NOON
    transact(store, lambda connection: connection.execute(schedules.delete()))


# --- Plans and their runs


def test_a_run_of_a_plan_says_so_and_ends_it(store: Engine) -> None:
    lead = leading(store)
    plan = taken(lead)
    run = runs.start_run(store, "kontan", plan_id=plan.id)
    assert (run.plan_id, run.planned_at, run.reason, run.look) == (plan.id, NOON, "scheduled", "crawl")
    assert plans.busy_outlets(store) == {"kontan"}
    runs.finish_run(store, run.id, "degraded", ["two pages could not be read"])
    assert plans.taken(store) == plans.waiting(store) == []
    found = plans.run_of(store, plan)
    assert found is not None
    assert (found[0].id, found[1].pid) == (run.id, os.getpid())
    assert plans.run_of(store, plan, after=run.id) is None


@pytest.mark.parametrize(
    ("verdict", "why"), [("failed", "no list could be read"), ("degraded", f"{runs.STOPPED}: shutdown")]
)
def test_a_run_that_could_not_look_leaves_its_plan_to_the_service(
    store: Engine, verdict: runs.RunVerdict, why: str
) -> None:
    lead = leading(store)
    plan = taken(lead)
    run = runs.start_run(store, "kontan", plan_id=plan.id)
    runs.finish_run(store, run.id, verdict, [why])
    assert [taken.id for taken in plans.taken(store)] == [plan.id]


def test_no_run_begins_for_a_plan_that_is_not_taken(store: Engine) -> None:
    lead = leading(store)
    plan = planned(lead)
    with pytest.raises(StoreError, match=f"plan {plan.id} is not to be done now"):
        runs.start_run(store, "kontan", plan_id=plan.id)
    with pytest.raises(StoreError, match="plan 99"):
        runs.start_run(store, "kontan", plan_id=99)
    begun = plans.take(lead, plan, "scheduled", now=NOON)
    assert begun is not None
    done = runs.start_run(store, "kontan", plan_id=plan.id)
    runs.finish_run(store, done.id, "healthy")
    with pytest.raises(StoreError, match="not to be done now"):  # a process that was slow to begin
        runs.start_run(store, "kontan", plan_id=plan.id)


def test_a_plan_whose_run_is_open_is_not_ended(store: Engine) -> None:
    lead = leading(store)
    plan = taken(lead)
    run = runs.start_run(store, "kontan", plan_id=plan.id)
    assert not plans.settle(lead, plan, Ending(state="waiting", why="lost"), now=NOON)
    runs.finish_run(store, run.id, "failed", ["no list could be read"])
    assert plans.settle(lead, plan, Ending(state="failed", why="no list could be read"), now=NOON)


def test_what_a_run_could_not_know_is_added_to_its_reasons(store: Engine) -> None:
    lead = leading(store)
    run = runs.start_run(store, "kontan", plan_id=taken(lead).id)
    ended = runs.finish_run(store, run.id, "failed", [runs.KILLED])
    for _ in range(2):
        plans.remark_on(lead, ended, "ended by the watchdog")
        ended = runs.get_run(store, run.id)
    assert ended.why == (runs.KILLED, "ended by the watchdog")
