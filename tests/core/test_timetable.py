"""Due times become plans, whatever the job store says and whatever was done to the clock."""

import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select, update

from crawler.clock import Clock
from crawler.config import OutletConfig
from crawler.dates import WIB
from crawler.scheduler.cadence import DAY_S, Cadence
from crawler.scheduler.timetable import Timetable
from crawler.storage import leases, plans, runs
from crawler.storage.database import reading, transact
from crawler.storage.plans import SCHEDULER, Leadership
from crawler.storage.schema import articles, schedule_jobs
from crawler.storage.schema import plans as plan_table
from tests.serving import wait_until

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DAILY = Cadence.of("kontan")
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=WIB)


class SetClock(Clock):
    """A clock that shows what it was set to."""

    __slots__ = ("moment",)

    def now(self) -> datetime:
        moment: datetime = self.moment
        return moment

    def set(self, moment: datetime) -> "SetClock":
        object.__setattr__(self, "moment", moment)
        return self


@pytest.fixture
def lead(store: Engine) -> Leadership:
    assert leases.acquire(store, SCHEDULER, "mine", 600).mine
    return Leadership(store, "mine")


@pytest.fixture
def clock() -> SetClock:
    return SetClock().set(NOON)


def timetable(lead: Leadership, clock: Clock, *cadences: Cadence) -> Timetable:
    return Timetable(lead, {each.outlet: each for each in cadences or (DAILY,)}, clock)


def planned(store: Engine) -> list[tuple[str, datetime, str]]:
    """Return outlet, due time and reason of what is owed or was."""
    query = select(plan_table).where(plan_table.c.state != "dropped").order_by(plan_table.c.id)
    with reading(store) as connection:
        return [(row.outlet, row.planned_at, row.reason) for row in connection.execute(query)]


def jobs(store: Engine) -> dict[str, datetime]:
    with reading(store) as connection:
        found = connection.execute(select(schedule_jobs)).all()
    return {row.id: datetime.fromtimestamp(row.next_run_time, UTC) for row in found}


def do(store: Engine, statement: Any) -> None:
    transact(store, lambda connection: connection.execute(statement))


def test_what_was_due_before_the_schedule_began_is_not_owed(
    lead: Leadership, store: Engine, clock: SetClock
) -> None:
    timetable(lead, clock).reconcile()
    assert planned(store) == []
    assert jobs(store) == {"kontan": DAILY.due_after(NOON)}


@pytest.mark.parametrize(
    ("away", "reason"), [(3 * HOUR / 3600, "scheduled"), (3 * HOUR, "catch-up"), (3 * DAY + HOUR, "catch-up")]
)
@pytest.mark.parametrize("lost", [False, True])
def test_what_was_missed_is_planned_once(  # noqa: PLR0913 - cases and fixtures
    lead: Leadership, store: Engine, clock: SetClock, away: timedelta, reason: str, *, lost: bool
) -> None:
    timetable(lead, clock).reconcile()
    if lost:
        do(store, delete(schedule_jobs))
    now = DAILY.due_after(NOON) + away
    clock.set(now)
    for _ in range(3):
        timetable(lead, clock).reconcile()
    assert planned(store) == [("kontan", DAILY.due_by(now), reason)]


def test_a_job_that_nobody_can_read_is_made_anew(lead: Leadership, store: Engine, clock: SetClock) -> None:
    table = timetable(lead, clock)
    table.reconcile()
    for state in (b"no pickle", pickle.dumps({"version": 99})):
        do(store, update(schedule_jobs).values(job_state=state))
        table.reconcile()
        assert jobs(store) == {"kontan": DAILY.due_after(NOON)}
    assert planned(store) == []


def test_a_next_time_that_a_wrong_clock_set_is_put_right(
    lead: Leadership, store: Engine, clock: SetClock
) -> None:
    clock.set(NOON + 3652 * DAY)
    timetable(lead, clock).reconcile()
    assert jobs(store)["kontan"] > NOON + 3652 * DAY
    clock.set(NOON)
    timetable(lead, clock).reconcile()
    assert jobs(store) == {"kontan": DAILY.due_after(NOON)}
    clock.set(DAILY.due_after(NOON) + HOUR / 60)
    timetable(lead, clock).reconcile()
    assert planned(store) == [("kontan", DAILY.due_after(NOON), "scheduled")]


@pytest.mark.parametrize("back", [HOUR, DAY, 3652 * DAY], ids=str)
def test_a_clock_that_goes_back_has_nothing_run_twice(
    lead: Leadership, store: Engine, clock: SetClock, back: timedelta
) -> None:
    table, due = timetable(lead, clock), DAILY.due_after(NOON)
    table.reconcile()
    clock.set(due + HOUR / 60)
    table.reconcile()
    clock.set(due + HOUR / 60 - back)
    table.reconcile()
    clock.set(due + 2 * HOUR / 60)
    table.reconcile()
    assert planned(store) == [("kontan", due, "scheduled")]


def test_a_new_cadence_owes_nothing_for_the_time_before_it(
    lead: Leadership, store: Engine, clock: SetClock
) -> None:
    timetable(lead, clock).reconcile()
    often = Cadence.of("kontan", OutletConfig(every_h=1))
    timetable(lead, clock, often).reconcile()
    assert planned(store) == []
    assert jobs(store) == {"kontan": often.due_after(NOON)}


def test_a_new_cadence_forgets_nothing_that_was_missed(
    lead: Leadership, store: Engine, clock: SetClock
) -> None:
    timetable(lead, clock).reconcile()
    clock.set(DAILY.due_after(NOON) + HOUR)
    often = Cadence.of("kontan", OutletConfig(every_h=1))
    timetable(lead, clock, often).reconcile()
    assert [outlet for outlet, _, _ in planned(store)] == ["kontan"]


def test_an_outlet_that_is_left_out_has_no_job(lead: Leadership, store: Engine, clock: SetClock) -> None:
    timetable(lead, clock, DAILY, Cadence.of("republika")).reconcile()
    timetable(lead, clock, DAILY).reconcile()
    assert set(jobs(store)) == {"kontan"}


def test_a_paused_outlet_is_caught_up_with_once_when_it_is_resumed(
    lead: Leadership, store: Engine, clock: SetClock
) -> None:
    table = timetable(lead, clock)
    table.reconcile()
    plans.pause(store, "kontan", None, now=NOON)
    for day in range(1, 4):
        clock.set(NOON + day * DAY)
        table.reconcile()
    assert planned(store) == []
    plans.resume(store, "kontan")
    table.reconcile()
    assert planned(store) == [("kontan", DAILY.due_by(clock.now()), "catch-up")]


def test_apscheduler_plans_a_due_time_when_it_comes(lead: Leadership, store: Engine) -> None:
    """Step by the machine's clock: APScheduler has no other."""
    now = datetime.now(UTC)
    coming = now.replace(microsecond=0) + timedelta(seconds=2)
    cadence = Cadence("kontan", DAY_S, ((coming.timestamp() + 7 * 3600) % DAY_S,), 0)
    table = timetable(lead, Clock(), cadence)
    table.reconcile()
    assert planned(store) == []
    waits_s = table.step()
    assert 0 < waits_s <= 2
    wait_until(lambda: datetime.now(UTC) >= coming)
    assert table.step() > DAY_S - 60
    assert planned(store) == [("kontan", coming, "scheduled")]
    assert jobs(store) == {"kontan": coming + DAY}


def add_article(store: Engine, due_at: datetime, outlet: str = "kontan") -> None:
    values = {
        "outlet": outlet,
        "key": due_at.isoformat(),
        "canonical_url": "https://example.org/",
        "current": 1,
    }
    seen = {"first_seen_at": NOON, "last_seen_at": NOON, "due_at": due_at}
    do(store, articles.insert().values(values | seen))


@pytest.fixture
def rechecks(lead: Leadership, store: Engine, clock: SetClock) -> Callable[[], list[tuple[str, datetime]]]:
    """Return what looks for due revisits and gives the rechecks that are planned."""
    table = timetable(lead, clock)

    def find() -> list[tuple[str, datetime]]:
        table.plan_rechecks(HOUR)
        with reading(store) as connection:
            query = select(plan_table).where(plan_table.c.look == "recheck").order_by(plan_table.c.id)
            return [(row.outlet, row.planned_at) for row in connection.execute(query)]

    return find


def test_articles_that_are_due_get_a_recheck_between_crawls(
    lead: Leadership, store: Engine, clock: SetClock, rechecks: Callable[[], list[tuple[str, datetime]]]
) -> None:
    early = DAILY.due_by(NOON) + 3 * HOUR
    clock.set(early)
    add_article(store, early + HOUR)
    add_article(store, early - HOUR, "unknown")
    assert rechecks() == []
    clock.set(early + HOUR)
    assert rechecks() == [("kontan", early + HOUR)]
    assert len(rechecks()) == 1  # it waits already
    (plan,) = plans.waiting(store)
    taken = plans.take(lead, plan, plan.reason, now=clock.now())
    assert taken is not None
    plans.settle(lead, taken, plans.Ending(state="done"), now=clock.now())
    clock.set(early + HOUR + HOUR / 2)
    assert len(rechecks()) == 1
    clock.set(early + 2 * HOUR)
    assert len(rechecks()) == 2


def refused(store: Engine, outlet: str, now: datetime, reason: str = "challenge") -> None:
    """Record a crawl that was turned away from every list."""
    run = runs.start_run(store, outlet, now=now)
    looked = runs.Looked(traits={"unusable": {reason: 3}})
    runs.finish_run(store, run.id, "failed", ["no list could be read"], looked=looked, now=now)


@pytest.mark.parametrize(
    ("reason", "asked"),
    [("challenge", [0, 1, 2, 4, 8, 15, 22, 29]), ("timeout", list(range(30)))],
)
def test_who_turns_crawls_away_is_asked_ever_more_rarely_and_never_not_at_all(
    lead: Leadership, store: Engine, clock: SetClock, reason: str, asked: list[int]
) -> None:
    table, first = timetable(lead, clock), DAILY.due_after(NOON)
    table.reconcile()
    days = []
    for day in range(30):
        clock.set(DAILY.due_by(first + day * DAY + HOUR))
        table.reconcile()
        for plan in plans.waiting(store):
            taken = plans.take(lead, plan, plan.reason, now=clock.now())
            assert taken is not None
            refused(store, "kontan", clock.now(), reason)
            plans.settle(lead, taken, plans.Ending(state="failed"), now=clock.now())
            days.append(day)
    assert days == asked
    with reading(store) as connection:
        why = connection.execute(select(plan_table.c.why).where(plan_table.c.state == "dropped")).scalars()
        assert sum("turns crawls away" in each for each in why) == 30 - len(asked)


def test_who_turns_crawls_away_is_not_asked_for_stored_articles_either(
    store: Engine, clock: SetClock, rechecks: Callable[[], list[tuple[str, datetime]]]
) -> None:
    early = DAILY.due_by(NOON) + 3 * HOUR
    add_article(store, early - HOUR)
    refused(store, "kontan", early - 2 * HOUR)
    clock.set(early)
    assert rechecks() == []
    healthy = runs.start_run(store, "kontan", now=early)
    runs.finish_run(store, healthy.id, "healthy", now=early)
    assert rechecks() == [("kontan", early)]
