"""Due times, and what the schedule decides: arithmetic on given times, without a clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.config import OutletConfig
from crawler.dates import WIB
from crawler.scheduler.cadence import DAY_S, JITTER_S, Cadence
from crawler.scheduler.decisions import (
    ATTEMPTS,
    OUTLET_DOWN,
    PAUSES,
    after_process,
    may_start,
    owed,
    reason_at,
    recheck_is_due,
)
from crawler.storage.plans import Plan, Standing
from crawler.storage.runs import KILLED, STOPPED, Run

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=WIB)
DAILY = Cadence.of("kontan")
TWICE = Cadence.of("kontan", OutletConfig(at=("18:30", "06:30")))
OFTEN = Cadence.of("kontan", OutletConfig(every_h=0.25))
CADENCES = (DAILY, TWICE, OFTEN, Cadence.of("kontan", OutletConfig(every_h=168)))
TIMES = st.integers(946_684_800, 3_471_292_800).map(lambda second: datetime.fromtimestamp(second, UTC))


def plan(**changes: object) -> Plan:
    values: dict[str, object] = dict.fromkeys(
        ("why", "taken_at", "taken_by", "ended_at", "not_before", "part")
    )
    values |= {"id": 1, "outlet": "kontan", "look": "crawl", "planned_at": NOON, "made_at": NOON}
    return Plan(**values | {"reason": "scheduled", "state": "taken", "attempts": 1} | changes)  # type: ignore[arg-type]


def run(verdict: str | None, *why: str) -> Run:
    values = dict.fromkeys(field.name for field in Run.__attrs_attrs__)  # type: ignore[attr-defined]
    return Run(**values | {"verdict": verdict, "why": why, "counts": {}, "traits": {}})  # type: ignore[arg-type]


# --- Cadences


@pytest.mark.parametrize("cadence", CADENCES, ids=str)
@given(moment=TIMES)
def test_due_times_follow_one_another_without_a_hole(cadence: Cadence, moment: datetime) -> None:
    last, following = cadence.due_by(moment), cadence.due_after(moment)
    assert last <= moment < following
    assert cadence.due_after(last) == following
    assert cadence.due_by(following) == following
    # No due time lies between the two, so both neighbours are a period apart, give or take the jitter.
    period = timedelta(seconds=cadence.period_s)
    assert following - last <= period + timedelta(seconds=cadence.jitter_s)


@given(moment=TIMES)
def test_twice_a_day_is_at_the_two_times_and_a_little_later(moment: datetime) -> None:
    due = TWICE.due_by(moment).astimezone(WIB)
    late = min(
        (due - due.replace(hour=hour, minute=30, second=0)).total_seconds() % DAY_S for hour in (6, 18)
    )
    assert 0 <= late <= JITTER_S


def test_outlets_are_spread_over_the_day_and_always_alike() -> None:
    names = [f"outlet{number}" for number in range(48)]
    hours = {Cadence.of(name).due_by(NOON).astimezone(WIB).hour for name in names}
    assert len(hours) > 12
    assert Cadence.of("kontan") == DAILY


def test_the_jitter_differs_from_day_to_day_and_keeps_the_order() -> None:
    drawn = {DAILY.due_by(NOON + timedelta(days=day)).second for day in range(10)}
    assert len(drawn) > 3
    close = Cadence.of("kontan", OutletConfig(at=("06:30", "06:31")))
    first = close.due_after(NOON)
    assert timedelta(0) < close.due_after(first) - first < timedelta(minutes=2)


def test_the_zone_has_no_summer_time() -> None:
    try:
        jakarta = ZoneInfo("Asia/Jakarta")
    except ZoneInfoNotFoundError:
        pytest.skip("this machine has no time zones")
    for year in range(1970, 2090, 5):
        for month in (1, 7):
            assert datetime(year, month, 1, tzinfo=jakarta).utcoffset() == WIB.utcoffset(None)


def test_a_cadence_says_what_it_is() -> None:
    assert str(TWICE) == "daily at 06:30, 18:30"
    assert str(OFTEN) == "every 0.25 h"


def test_only_one_kind_of_cadence_is_taken() -> None:
    for wrong in ({"at": ["06:30"], "every_h": 6}, {"at": ["24:00"]}, {"at": ["6:30"]}, {"every_h": 0.1}):
        with pytest.raises(ValueError, match=r"at|every_h"):
            OutletConfig.model_validate(wrong)


# --- What is owed


class Ledger:
    """The due times that were planned, as a service that looks every now and then plans them."""

    def __init__(self, cadence: Cadence, started_at: datetime) -> None:
        self.cadence = cadence
        self.planned = {cadence.due_by(started_at): "dropped"}

    def look(self, now: datetime) -> list[str]:
        """Plan what is owed and return the reasons of what was new."""
        known = [at for at in self.planned if at <= now]
        if not known:
            self.planned[self.cadence.due_by(now)] = "dropped"
            return []
        due = owed(self.cadence, max(known), now)
        if due is None or due in self.planned:
            return []
        self.planned[due] = reason_at("scheduled", due, now)
        return [self.planned[due]]


def test_only_a_due_time_after_the_last_planned_one_is_owed() -> None:
    due, second = DAILY.due_by(NOON), timedelta(seconds=1)
    assert owed(DAILY, due - second, NOON) == due
    assert owed(DAILY, due, NOON) is None
    assert owed(DAILY, due + second, NOON) is None  # planned by another cadence, or another jitter


@pytest.mark.parametrize(
    ("away", "reason"),
    [
        (timedelta(seconds=3), "scheduled"),
        (timedelta(hours=3), "catch-up"),
        (timedelta(days=3, hours=2), "catch-up"),
    ],
)
def test_what_was_missed_is_made_up_for_once(away: timedelta, reason: str) -> None:
    ledger = Ledger(DAILY, NOON)
    due = DAILY.due_after(NOON)
    assert ledger.look(due - timedelta(seconds=1)) == []
    assert ledger.look(due + away) == [reason]
    for later in range(60):
        assert ledger.look(due + away + timedelta(minutes=later)) == []


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(days=1), timedelta(days=3652)], ids=str)
@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize("cadence", CADENCES, ids=str)
def test_a_clock_that_jumps_and_comes_back_neither_loses_nor_doubles(
    cadence: Cadence, jump: timedelta, direction: int
) -> None:
    ledger, step = Ledger(cadence, NOON), timedelta(minutes=5)
    now, end = NOON, NOON + timedelta(seconds=2 * cadence.period_s)
    new: list[str] = []
    while now < NOON + timedelta(seconds=cadence.period_s):
        new += ledger.look(now)
        now += step
    before = len(ledger.planned)
    for wrong in range(10):  # for some minutes the clock is wrong
        ledger.look(now + direction * jump + wrong * step)
    assert len(ledger.planned) - before <= 1 + 10 * step.total_seconds() / cadence.period_s
    while now < end:
        new += ledger.look(now)
        now += step
    due, wanted = cadence.due_after(NOON), []
    while due < end - step:
        wanted.append(due)
        due = cadence.due_after(due)
    # None was lost, and a due time is a key: it cannot be planned twice.
    assert set(wanted) <= set(ledger.planned)


def test_a_plan_begun_late_is_a_catch_up_and_one_asked_for_by_hand_stays_that() -> None:
    late = NOON + timedelta(hours=1)
    assert reason_at("scheduled", NOON, NOON + timedelta(minutes=2)) == "scheduled"
    assert reason_at("scheduled", NOON, late) == "catch-up"
    assert reason_at("manual", NOON, late) == "manual"


# --- What may begin


def test_a_pause_holds_the_schedule_but_not_what_is_asked_for() -> None:
    paused = Standing(paused_at=NOON)
    assert may_start(plan(), Standing(), NOON)
    assert not may_start(plan(), paused, NOON)
    assert may_start(plan(reason="manual"), paused, NOON)


def test_an_outlet_that_wants_to_be_left_alone_is() -> None:
    wish = Standing(not_before=NOON + timedelta(hours=5))
    assert not may_start(plan(reason="manual"), wish, NOON)
    assert may_start(plan(), wish, NOON + timedelta(hours=5))
    assert not recheck_is_due(DAILY, wish, None, timedelta(hours=1), NOON - timedelta(hours=2))


def test_a_further_attempt_waits_but_not_for_a_time_that_only_a_wrong_clock_set() -> None:
    assert not may_start(plan(not_before=NOON + timedelta(minutes=1)), Standing(), NOON)
    assert may_start(plan(not_before=NOON), Standing(), NOON)
    assert may_start(plan(not_before=NOON + timedelta(days=3650)), Standing(), NOON)
    assert may_start(plan(), Standing(not_before=NOON + timedelta(days=3650)), NOON)


def test_a_recheck_leaves_a_crawl_that_is_near_and_a_look_that_was_made_alone() -> None:
    hour = timedelta(hours=1)
    early = DAILY.due_by(NOON) + 2 * hour
    assert recheck_is_due(DAILY, Standing(), None, hour, early)
    assert recheck_is_due(DAILY, Standing(), early - hour, hour, early)
    assert not recheck_is_due(DAILY, Standing(), early - hour / 2, hour, early)
    assert not recheck_is_due(DAILY, Standing(), None, hour, DAILY.due_after(early) - hour / 2)
    assert not recheck_is_due(DAILY, Standing(paused_at=NOON), None, hour, early)


# --- What becomes of a plan


@pytest.mark.parametrize("verdict", ["healthy", "degraded"])
def test_a_run_that_came_to_its_end_is_the_end_of_its_plan(verdict: str) -> None:
    assert after_process(plan(), run(verdict), how="", now=NOON).state == "done"


@pytest.mark.parametrize("broken", [None, run("failed", KILLED), run("degraded", f"{STOPPED}: shutdown")])
def test_what_broke_off_is_begun_again_with_growing_pauses(broken: Run | None) -> None:
    pauses = []
    for attempt in range(1, ATTEMPTS):
        ending = after_process(plan(attempts=attempt), broken, how="lost", now=NOON)
        assert ending.state == "waiting"
        assert ending.not_before is not None
        pauses.append(ending.not_before - NOON)
    assert pauses == list(PAUSES) == sorted(pauses)
    ending = after_process(plan(attempts=ATTEMPTS), broken, how="lost", now=NOON)
    assert (ending.state, bool(ending.why)) == ("failed", True)
    assert after_process(plan(), broken, how="lost", at_once=True, now=NOON).not_before is None


def test_an_outlet_that_is_down_is_asked_once_more() -> None:
    down = run("failed", "no list could be read")
    ending = after_process(plan(), down, how="", now=NOON)
    assert (ending.state, ending.not_before) == ("waiting", NOON + OUTLET_DOWN)
    ending = after_process(plan(attempts=2), down, how="", now=NOON)
    assert (ending.state, ending.why) == ("failed", "no list could be read")


@pytest.mark.parametrize(("reason", "again"), [("blocked", False), ("challenge", False), ("timeout", True)])
def test_an_outlet_that_turned_a_crawl_away_is_not_asked_again_for_that(reason: str, *, again: bool) -> None:
    away = attrs.evolve(run("failed", "no list could be read"), traits={"unusable": {reason: 4}})
    assert after_process(plan(), away, how="", now=NOON).state == ("waiting" if again else "failed")
