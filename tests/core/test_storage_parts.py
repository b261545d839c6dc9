"""Re-extractions in parts: each article is in exactly one part, and what the parts came to is summed up."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from crawler.items import Instant
from crawler.storage import leases, plans, runs
from crawler.storage.articles import iterate
from crawler.storage.parts import SUMS, plan_parts, re_extractions
from crawler.storage.plans import SCHEDULER, Leadership, Plan
from crawler.storage.runs import Looked
from tests.core import storing
from tests.core.storing import NOON

DAY = timedelta(days=1)


@pytest.fixture
def full(store: Engine) -> Engine:
    """Return a store with eleven articles: several of one moment, two without a date."""
    run = runs.start_run(store, "kontan", now=NOON)
    days = [0, 1, 1, 1, 2, 3, 4, 5, 6, None, None]
    for number, day in enumerate(days):
        at = None if day is None else Instant(NOON - day * DAY, "second")
        storing.saved(store, run.id, number, published_at=at)
    runs.finish_run(store, run.id, "healthy", now=NOON)
    return store


def ids_of(store: Engine, plan: Plan) -> list[int]:
    """Return the articles that the process of a part would read again."""
    part = plan.part or {}
    bounds = {name: datetime.fromisoformat(part[name]) for name in ("since", "until") if part[name]}
    return [each.id for each in iterate(store, outlet=plan.outlet, undated=part["undated"], **bounds)]


@pytest.mark.parametrize("at_once", [1, 2, 3, 500])
def test_each_article_is_in_exactly_one_part(full: Engine, at_once: int) -> None:
    number = plan_parts(full, ["kontan"], at_once=at_once, now=NOON)
    planned = plans.waiting(full)
    assert len(planned) == number
    assert (number == 1) == (at_once == 500)
    read = [each for plan in planned for each in ids_of(full, plan)]
    assert sorted(read) == [each.id for each in iterate(full)]


def test_a_window_of_days_is_kept_and_the_undated_are_in_it(full: Engine) -> None:
    plan_parts(full, ["kontan"], since=NOON - 4 * DAY, until=NOON - 1 * DAY, at_once=2, now=NOON)
    read = [each for plan in plans.waiting(full) for each in ids_of(full, plan)]
    wanted = iterate(full, since=NOON - 4 * DAY, until=NOON - 1 * DAY)
    assert sorted(read) == [each.id for each in wanted]


def test_what_the_parts_came_to_is_summed_up_and_a_killed_run_counts_once(full: Engine) -> None:
    assert leases.acquire(full, SCHEDULER, "mine", 30).mine
    lead = Leadership(full, "mine")
    plan_parts(full, ["kontan"], at_once=6, now=NOON)
    for plan in plans.waiting(full):
        taken = plans.take(lead, plan, plan.reason, now=NOON)
        assert taken is not None
        for attempt in range(2):
            run = runs.start_run(full, "kontan", look="replay", plan_id=plan.id)
            verdict = ("failed", "healthy")[attempt]
            looked = Looked(traits={SUMS: {"identical": 5, "changed": 1}})
            runs.finish_run(full, run.id, verdict, ["killed"] * (attempt == 0), looked=looked)  # type: ignore[arg-type]
    (progress,) = re_extractions(full)
    assert (progress.parts, progress.done, progress.waiting, progress.outlets) == (2, 2, 0, 1)
    assert progress.came_to == {"identical": 10, "changed": 2}
    assert progress.ended_at is not None
