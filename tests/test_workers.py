"""Workers as real processes on PostgreSQL: each plan once, whoever is killed, frozen, stopped or cut off."""

import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from crawler.storage import plans as planning
from crawler.storage.audit import audit
from crawler.storage.database import connect
from crawler.storage.schema import HEAD, leases, plans, runs
from crawler.storage.workers import list_workers
from crawler.worker.queue import Queue, schema_name
from tests.daemon import VERSION, later
from tests.serving import Services, leader, rows, states, wait_until
from tests.test_daemon import FAR, only_plan, only_run

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("store_url", ["postgres"], indirect=True)]
OUTLETS = [f"outlet{number}" for number in range(6)]


@pytest.fixture
def store(store_url: str) -> Iterator[Engine]:
    """Return an empty store on PostgreSQL, without a queue."""
    engine = connect(store_url, busy_s=5)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA IF EXISTS {schema_name()} CASCADE"))
    yield engine
    engine.dispose()


def ask(store: Engine, *outlets: str) -> None:
    for outlet in outlets:
        assert planning.ask_now(store, outlet, now=later(0)) is not None


def led(daemons: Services, *outlets: str, **settings: str) -> Any:
    """Start a service that hands these outlets' plans to workers."""
    return daemons.start(*(f"{outlet}={FAR}" for outlet in outlets), "--hands", **settings)


def worked(daemons: Services, store: Engine, *words: str, **settings: str) -> Any:
    """Start a worker, and return it when it is known."""
    process = daemons.work(*words, **settings)
    wait_until(lambda: process.pid in {each.pid for each in list_workers(store)})
    return process


def end_of(process: Any) -> None:
    """Let a machine lose power, as far as its worker goes."""
    family = [process, *(psutil.Process(process.pid).children(recursive=True))]
    for each in family:
        each.kill()
    process.wait()


def test_the_plans_of_a_dead_worker_are_taken_over_and_each_is_done_once(
    daemons: Services, store: Engine
) -> None:
    led(daemons, *OUTLETS, workers="true")
    first = worked(daemons, store, *OUTLETS, "--mode", "long", side_by_side="3")
    ask(store, *OUTLETS)
    wait_until(lambda: len(rows(store, runs)) == 3)
    worked(daemons, store, *OUTLETS, side_by_side="4")
    end_of(first)
    wait_until(lambda: Counter(states(store).values())["done"] == len(OUTLETS))
    healthy = Counter(run.outlet for run in rows(store, runs) if run.verdict == "healthy")
    assert healthy == dict.fromkeys(OUTLETS, 1)
    assert len(rows(store, runs)) == len(OUTLETS) + 3
    assert audit(store).ok
    wait_until(lambda: Queue(store, VERSION).jobs() == [])
    assert "taken over from a worker that died" in daemons.log(2)


def test_a_crawl_outlives_its_worker_and_the_next_one_goes_on_with_it(
    daemons: Services, store: Engine
) -> None:
    led(daemons, "kontan", workers="true")
    first = worked(daemons, store, "kontan", "--mode", "long")
    ask(store, "kontan")
    child = only_run(store)
    first.kill()
    first.wait()
    worked(daemons, store, "kontan")
    wait_until(lambda: f"run {child.id} goes on" in daemons.log())
    assert len(rows(store, runs)) == 1
    os.kill(child.pid, signal.SIGTERM)
    wait_until(lambda: states(store)["kontan"] == "done")
    assert [run.verdict for run in rows(store, runs)] == ["degraded", "healthy"]


def freeze(process: Any, store: Engine) -> None:
    """Stop a process where it holds no lock: one that does holds up every other until it goes on."""
    impatient = connect(store.url.render_as_string(hide_password=False), busy_s=0.2)
    while True:
        process.send_signal(signal.SIGSTOP)
        try:
            with impatient.begin() as connection:
                connection.execute(text("LOCK TABLE leases, plans, runs IN EXCLUSIVE MODE"))
        except DBAPIError:
            process.send_signal(signal.SIGCONT)
            continue
        impatient.dispose()
        return


def test_a_worker_that_was_cut_off_comes_back_and_doubles_nothing(daemons: Services, store: Engine) -> None:
    quick = json.dumps({"lease_s": 2.0, "renew_s": 0.4})
    led(daemons, "kontan", workers="true")
    first = worked(daemons, store, "kontan", "--mode", "long", "--rhythm", quick)
    ask(store, "kontan")
    child = only_run(store)
    freeze(first, store)
    second = worked(daemons, store, "kontan", "--rhythm", quick)
    wait_until(lambda: f"run {child.id} goes on" in daemons.log())
    first.send_signal(signal.SIGCONT)
    wait_until(lambda: "was taken for dead" in daemons.log(1))
    assert {each.pid for each in list_workers(store) if each.alive} == {first.pid, second.pid}
    daemons.stop(first)  # and its crawl with it, which is the second one's by now
    wait_until(lambda: states(store)["kontan"] == "done")
    assert [run.verdict for run in rows(store, runs)] == ["degraded", "healthy"]
    assert only_plan(store).attempts == 2
    wait_until(lambda: Queue(store, VERSION).jobs() == [])


def test_of_one_outlet_there_is_one_crawl_at_a_time(daemons: Services, store: Engine) -> None:
    led(daemons, "kontan", workers="true")
    for _ in range(2):
        worked(daemons, store, "kontan", "--mode", "long")
    ask(store, "kontan")
    child = only_run(store)
    assert planning.ask_now(store, "kontan", now=later(5)) is not None
    moved = rows(store, leases)[0].until
    wait_until(lambda: rows(store, leases)[0].until > moved)  # turns of the leader later
    assert [row.state for row in rows(store, plans) if row.reason == "manual"] == ["taken", "waiting"]
    assert len(rows(store, runs)) == 1
    os.kill(child.pid, signal.SIGKILL)
    wait_until(lambda: len(rows(store, runs)) == 2)


def test_stopped_in_order_a_worker_stops_its_crawls_and_another_one_does_them(
    daemons: Services, store: Engine
) -> None:
    led(daemons, "kontan", workers="true")
    first = worked(daemons, store, "kontan", "--mode", "long")
    ask(store, "kontan")
    only_run(store)
    daemons.stop(first)
    (run,) = rows(store, runs)
    assert (run.verdict, run.ended_at is not None) == ("degraded", True)
    plan = only_plan(store)
    assert (plan.state in planning.UNBEGUN, plan.attempts, plan.why) == (True, 0, "the service was stopped")
    assert list_workers(store) == []
    worked(daemons, store, "kontan")
    wait_until(lambda: states(store)["kontan"] == "done")


def test_a_worker_may_be_the_first_to_use_a_store(other_url: str, tmp_path: Path) -> None:
    made = Services(tmp_path, other_url)
    first, second = made.work("kontan", "--once"), made.work("kontan", "--once")
    assert (first.wait(60), second.wait(60)) == (0, 0), made.log(0) + made.log(1)
    engine = connect(other_url)
    assert Queue(engine, VERSION).exists()
    assert list_workers(engine) == []
    engine.dispose()


def test_sessions_that_the_server_ends_lose_and_double_nothing(daemons: Services, store: Engine) -> None:
    outlets = OUTLETS[:4]
    led(daemons, *outlets, workers="true")
    for _ in range(2):
        worked(daemons, store, *outlets, side_by_side="2")
    ask(store, *outlets)
    end_sessions = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    for number in range(1, len(outlets)):
        wait_until(lambda number=number: len(rows(store, runs)) >= number)
        with store.begin() as connection:
            connection.execute(end_sessions)
        store.dispose()
    wait_until(lambda: Counter(states(store).values())["done"] == len(outlets))
    healthy = Counter(run.outlet for run in rows(store, runs) if run.verdict == "healthy")
    assert healthy == dict.fromkeys(outlets, 1)
    assert audit(store).ok


def test_a_worker_of_another_version_or_for_another_outlet_takes_nothing(
    daemons: Services, store: Engine
) -> None:
    led(daemons, "kontan", workers="true")
    worked(daemons, store, "kontan", "--version", "9.9.9")
    worked(daemons, store, "detik", "--restricted")
    ask(store, "kontan")
    wait_until(lambda: states(store)["kontan"] == "deferred")
    right = worked(daemons, store, "kontan")
    wait_until(lambda: states(store)["kontan"] == "done")
    (name,) = [each.name for each in list_workers(store) if each.pid == right.pid]
    assert only_plan(store).taken_by == name


def test_a_worker_takes_nothing_from_a_store_of_another_version(daemons: Services, store: Engine) -> None:
    worked(daemons, store, "kontan")
    with store.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    try:
        (found,) = wait_until(lambda: [each for each in list_workers(store) if each.refuses])
    finally:
        with store.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": HEAD})
    assert "the store is of version 9999" in str(found.refuses)
    wait_until(lambda: list_workers(store)[0].refuses is None)


def test_the_service_does_what_no_worker_is_left_for(daemons: Services, store: Engine) -> None:
    led(daemons, "kontan", "detik")
    worker = worked(daemons, store, "kontan", "detik", "--mode", "long")
    wait_until(lambda: leader(store))
    ask(store, "kontan")
    wait_until(lambda: any(row.taken_by for row in rows(store, plans)))
    wait_until(lambda: rows(store, runs))
    end_of(worker)
    wait_until(lambda: states(store)["kontan"] == "done")
    assert only_plan(store).taken_by is None
    assert [run.verdict for run in rows(store, runs)] == ["failed", "healthy"]
