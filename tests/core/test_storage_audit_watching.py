"""The audit of what watching keeps: silent on a sound store, and each planted fault is found by its check."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, insert, text

from crawler.storage.audit import audit
from crawler.storage.runs import finish_run, start_run
from crawler.storage.schema import events, lists, plans
from tests.core import storing
from tests.core.storing import NOON

HOUR = timedelta(hours=1)


def plan(connection: Connection, number: int, state: str, **more: object) -> int:
    values = {
        "outlet": "kontan", "look": "crawl", "planned_at": NOON + number * HOUR, "reason": "scheduled",
        "state": state, "attempts": 1, "made_at": NOON,
    }  # fmt: skip
    made = connection.execute(insert(plans).values(**values | more).returning(plans.c.id))
    return int(made.scalar_one())


@pytest.fixture
def watched(store: Engine) -> Engine:
    """Return a store with plans in each state, a covered run, a list, and articles that vanished."""
    with store.begin() as connection:
        done = plan(connection, 1, "taken", taken_at=NOON)
    run = start_run(store, "kontan", plan_id=done, now=NOON)
    for number in range(1, 5):
        storing.saved(store, run.id, number)
    storing.saved(store, run.id, 5)
    finish_run(store, run.id, "healthy", now=NOON + HOUR)
    other = start_run(store, "republika", now=NOON)
    with store.begin() as connection:
        connection.execute(text("UPDATE plans SET state = 'done', ended_at = made_at"))
        plan(connection, 2, "waiting", attempts=0)
        plan(connection, 3, "taken", taken_at=NOON)
        plan(connection, 4, "failed", ended_at=NOON)
        plan(connection, 5, "dropped", attempts=0, ended_at=NOON)
        plan(connection, 6, "waiting", look="recheck", attempts=0)
        connection.execute(
            text("UPDATE runs SET covered_since = started_at, covered_until = ended_at WHERE id = 1")
        )
        connection.execute(
            insert(lists).values(
                outlet="kontan", key="k", url="https://www.kontan.example/rss", source="feed", polled_at=NOON,
                telling=True, trust="proven", unasked=0,
                walked_run_id=run.id, walked_at=NOON, covered_since=NOON,
            )
        )  # fmt: skip
        told = {1: "suspected", 2: "suspected confirmed", 3: "suspected restored", 5: "revised"}
        for article_id, kinds in told.items():
            for kind in kinds.split():
                event = {"article_id": article_id, "run_id": run.id, "at": NOON, "kind": kind}
                connection.execute(insert(events).values(**event, detail={}))
        gone = "UPDATE articles SET gone = 'suspected', gone_at = first_seen_at WHERE id = 1"
        connection.execute(text(gone))
        gone = "UPDATE articles SET gone = 'confirmed', gone_at = first_seen_at WHERE id = 2"
        connection.execute(text(gone))
    assert other.id == run.id + 1
    return store


FAULTS = {
    "UPDATE plans SET state = 'wating' WHERE state = 'waiting' AND look = 'crawl'": "plans",
    "UPDATE plans SET look = 'peek' WHERE state = 'waiting' AND look = 'crawl'": "plans",
    "UPDATE plans SET attempts = -1 WHERE state = 'waiting'": "plans",
    "UPDATE plans SET taken_at = NULL WHERE state = 'taken'": "plans",
    "UPDATE plans SET ended_at = NULL WHERE state = 'failed'": "plans",
    "UPDATE plans SET state = 'done', ended_at = made_at WHERE state = 'waiting' AND look = 'crawl'": "plans",
    "UPDATE plans SET state = 'taken', taken_at = made_at WHERE state = 'waiting'": "plans",
    "UPDATE plans SET outlet = 'republika' WHERE state = 'done'": "planned",
    "UPDATE plans SET planned_at = made_at WHERE state = 'done'": "planned",
    "UPDATE runs SET look = 'recheck' WHERE plan_id IS NOT NULL": "planned",
    "UPDATE runs SET planned_at = NULL WHERE plan_id IS NOT NULL": "planned",
    "UPDATE runs SET covered_until = NULL WHERE plan_id IS NOT NULL": "coverage",
    "UPDATE runs SET covered_since = ended_at, covered_until = started_at WHERE id = 1": "coverage",
    "UPDATE lists SET walked_run_id = 2": "lists",
    "UPDATE lists SET trust = 'prooven'": "lists",
    "UPDATE lists SET unasked = -1": "lists",
    "UPDATE articles SET gone = NULL, gone_at = NULL WHERE id = 1": "vanished",
    "UPDATE articles SET gone = 'confirmed' WHERE id = 1": "vanished",
    "UPDATE articles SET gone = 'vanished' WHERE id = 1": "vanished",
    "UPDATE articles SET gone_at = NULL WHERE id = 2": "vanished",
    "UPDATE articles SET gone = 'suspected', gone_at = first_seen_at WHERE id = 3": "vanished",
    "UPDATE articles SET gone = 'suspected', gone_at = first_seen_at WHERE id = 4": "vanished",
    "UPDATE events SET run_id = 2 WHERE kind = 'revised'": "events",
}


def test_a_sound_store_passes(watched: Engine):
    report = audit(watched)
    assert report.ok, report.faults


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_by_its_check(watched: Engine, fault: str):
    with watched.begin() as connection:
        assert connection.execute(text(fault)).rowcount
    assert FAULTS[fault] in [check.name for check in audit(watched).faults]


def test_a_plan_that_waits_has_no_run_under_way(watched: Engine):
    with watched.begin() as connection:
        connection.execute(text("UPDATE runs SET plan_id = 2 WHERE ended_at IS NULL"))
    assert "plans" in [check.name for check in audit(watched).faults]
