"""`pantau schedule` as real processes: each due time once, whoever is killed, stopped, frozen or hung."""

import os
import shutil
import signal
import socket
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, update

from crawler.errors import StoreError
from crawler.storage import plans as planning
from crawler.storage.database import connect, open_database, transact
from crawler.storage.process import Process
from crawler.storage.runs import KILLED, list_runs
from crawler.storage.schema import leases, plans, runs, schedule_jobs
from tests.crawling import against_truth, crawl, crawl_environ, small_world
from tests.daemon import due_times, later
from tests.newsworld.faults import Fault
from tests.newsworld.running import on_air
from tests.serving import Services, known_before, leader, rows, services, states, wait_until

both_databases = pytest.mark.usefixtures("store_url")
HOUR = timedelta(hours=1)
FAR = (later(0) + HOUR).isoformat()


@pytest.fixture
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Return an empty store: SQLite, but for the tests that ask for both databases."""
    url = request.getfixturevalue("store_url") if "store_url" in request.fixturenames else None
    if url is None:
        shutil.copy(request.getfixturevalue("empty_sqlite"), tmp_path / "pantau.db")
    engine = connect(url or f"sqlite:///{tmp_path}/pantau.db", busy_s=5)
    yield engine
    engine.dispose()


def ask(store: Engine, outlet: str) -> None:
    assert planning.ask_now(store, outlet, now=later(0)) is not None


def only_run(store: Engine) -> Any:
    found = wait_until(lambda: rows(store, runs))
    assert len(found) == 1
    return found[0]


def freeze(service: Any, store: Engine) -> None:
    """Stop a process where it holds no lock: one that does holds up every other until it goes on."""
    impatient = connect(store.url.render_as_string(hide_password=False), busy_s=0.2)
    while True:
        service.send_signal(signal.SIGSTOP)
        try:
            transact(
                impatient, lambda connection: connection.execute(update(leases).values(name="scheduler"))
            )
        except StoreError:
            service.send_signal(signal.SIGCONT)
            continue
        impatient.dispose()
        return


def only_plan(store: Engine) -> Any:
    """Return the only plan beside those that were passed over at the start."""
    (plan,) = [row for row in rows(store, plans) if row.state != "dropped"]
    return plan


# --- One leader, each due time once


@both_databases
def test_each_due_time_is_run_once_though_leaders_are_killed(daemons: Services, store: Engine) -> None:
    due = list(due_times(8, later(6), timedelta(seconds=1)))
    known_before(store, due)
    for _ in range(3):
        daemons.start(*due)
    for wanted in (2, 5):
        wait_until(lambda wanted=wanted: len(rows(store, runs)) >= wanted)
        chosen = wait_until(lambda: leader(store))
        os.kill(chosen, signal.SIGKILL)
        wait_until(lambda chosen=chosen: leader(store) != chosen)
    wait_until(lambda: Counter(states(store).values())["done"] == len(due))
    assert [run.verdict for run in rows(store, runs)] == ["healthy"] * len(due)
    assert Counter(run.outlet for run in rows(store, runs)) == {f"outlet{each}": 1 for each in range(8)}
    assert all(run.planned_at is not None for run in rows(store, runs))


@both_databases
def test_a_frozen_leader_loses_the_lease_and_not_its_children(daemons: Services, store: Engine) -> None:
    first = daemons.start(f"kontan={FAR}", f"detik={FAR}", "--mode", "long")
    wait_until(lambda: leader(store) == first.pid)
    ask(store, "kontan")
    child = only_run(store)
    second = daemons.start(f"kontan={FAR}", f"detik={FAR}", "--mode", "quick")
    freeze(first, store)
    wait_until(lambda: leader(store) == second.pid)
    first.send_signal(signal.SIGCONT)
    wait_until(lambda: "no longer leads" in daemons.log(0))
    ask(store, "detik")
    wait_until(lambda: states(store)["detik"] == "done")
    assert Process(child.host, child.pid, child.process).is_dead() is False
    assert states(store)["kontan"] == "taken"
    os.kill(child.pid, signal.SIGTERM)  # it stops early, and the new leader has it begun again
    wait_until(lambda: states(store)["kontan"] == "done")
    assert [run.verdict for run in list_runs(store, "kontan")] == ["healthy", "degraded"]


@both_databases
def test_the_next_service_leads_at_once_when_one_ends_in_order(daemons: Services, store: Engine) -> None:
    slow = '{"lease_s": 600}'
    first = daemons.start(f"kontan={FAR}", "--rhythm", slow)
    wait_until(lambda: leader(store) == first.pid)
    second = daemons.start(f"kontan={FAR}", "--rhythm", slow)
    wait_until(lambda: f"waiting: process {first.pid}" in daemons.log(1))
    daemons.stop(first)
    wait_until(lambda: leader(store) == second.pid)


# --- What was missed or broke off


def test_a_child_that_is_killed_is_begun_again(daemons: Services, store: Engine) -> None:
    daemons.start(f"kontan={FAR}", "--mode", "long")
    ask(store, "kontan")
    os.kill(only_run(store).pid, signal.SIGKILL)
    wait_until(lambda: len(rows(store, runs)) == 2)
    first, second = rows(store, runs)
    assert (first.verdict, first.why) == ("failed", [KILLED])
    assert second.plan_id == first.plan_id
    plan = only_plan(store)
    assert (plan.state, plan.attempts) == ("taken", 2)


def test_a_crawl_outlives_its_service_and_is_not_begun_twice(daemons: Services, store: Engine) -> None:
    first = daemons.start(f"kontan={FAR}", "--mode", "long")
    ask(store, "kontan")
    child = only_run(store)
    first.kill()
    first.wait()
    daemons.start(f"kontan={FAR}", "--mode", "quick")
    wait_until(lambda: f"run {child.id} goes on" in daemons.log())
    assert len(rows(store, runs)) == 1
    os.kill(child.pid, signal.SIGKILL)
    wait_until(lambda: states(store)["kontan"] == "done")
    assert [run.verdict for run in rows(store, runs)] == ["failed", "healthy"]


@both_databases
def test_service_and_crawl_killed_together_are_made_good_by_the_next_start(
    daemons: Services, store: Engine
) -> None:
    due = f"kontan={later(2).isoformat()}"
    known_before(store, [due])
    first = daemons.start(due, "--mode", "long")
    child = only_run(store)
    first.kill()
    os.kill(child.pid, signal.SIGKILL)
    first.wait()
    daemons.start(due, "--mode", "quick")
    wait_until(lambda: states(store)["kontan"] == "done")
    plan = only_plan(store)
    assert (plan.reason, plan.attempts) == ("catch-up", 2)
    assert [run.verdict for run in rows(store, runs)] == ["failed", "healthy"]


@pytest.mark.parametrize("jobs", [[], [{"id": "kontan", "next_run_time": 0.0, "job_state": b"no pickle"}]])
def test_a_time_missed_while_down_is_made_up_for_though_the_jobs_are_lost(
    daemons: Services, store: Engine, jobs: list[dict[str, Any]]
) -> None:
    due_at = later(-3)
    due = f"kontan={due_at.isoformat()}"
    known_before(store, [due])
    if jobs:
        transact(store, lambda connection: connection.execute(insert(schedule_jobs), jobs))
    daemons.start(due)
    wait_until(lambda: states(store).get("kontan") == "done")
    (job,) = rows(store, schedule_jobs)
    assert job.next_run_time == (due_at + timedelta(days=1)).timestamp()
    assert len(rows(store, runs)) == 1


def test_a_crawl_that_cannot_begin_is_tried_again_and_then_given_up(daemons: Services, store: Engine) -> None:
    daemons.start(f"kontan={FAR}", "--mode", "broken")
    ask(store, "kontan")
    plan = wait_until(lambda: only_plan(store) if only_plan(store).why else None)
    assert (plan.state, plan.attempts) == ("waiting", 1)
    assert plan.why == "its process ended with status 3"
    assert plan.not_before is not None


def test_an_outlet_that_is_down_is_left_alone_for_an_hour(daemons: Services, store: Engine) -> None:
    daemons.start(f"kontan={FAR}", "--mode", "failing")
    ask(store, "kontan")
    plan = wait_until(lambda: only_plan(store) if only_plan(store).why else None)
    assert (plan.state, plan.attempts) == ("waiting", 1)
    assert plan.why == "no list could be read"
    assert abs(plan.not_before - plan.ended_at - HOUR) < timedelta(seconds=5)


# --- Stopping


def test_stopped_in_order_it_stops_its_crawls_and_the_next_start_goes_on(
    daemons: Services, store: Engine
) -> None:
    first = daemons.start(f"kontan={FAR}", "--mode", "long")
    ask(store, "kontan")
    only_run(store)
    daemons.stop(first)
    (run,) = rows(store, runs)
    assert (run.verdict, run.ended_at is not None) == ("degraded", True)
    plan = only_plan(store)
    assert (plan.state, plan.attempts, plan.not_before) == ("waiting", 0, None)
    assert leader(store) is None
    daemons.start(f"kontan={FAR}", "--mode", "quick")
    wait_until(lambda: states(store)["kontan"] == "done")


def test_what_does_not_stop_in_time_is_killed(daemons: Services, store: Engine) -> None:
    service = daemons.start(f"kontan={FAR}", "--mode", "deaf")
    ask(store, "kontan")
    child = only_run(store)
    assert daemons.stop(service) < 3 + 5
    assert Process(child.host, child.pid, child.process).is_dead()
    assert states(store)["kontan"] == "waiting"
    assert rows(store, runs)[0].why[0] == KILLED


def test_a_second_signal_stops_at_once(daemons: Services, store: Engine) -> None:
    service = daemons.start(f"kontan={FAR}", "--mode", "deaf", stop_s="600")
    ask(store, "kontan")
    child = only_run(store)
    service.send_signal(signal.SIGTERM)
    wait_until(lambda: "stopping" in daemons.log())
    service.send_signal(signal.SIGINT)
    service.wait(5)
    wait_until(lambda: Process(child.host, child.pid, child.process).is_dead())


def test_systemd_hears_that_it_is_ready_and_alive(daemons: Services, store: Engine, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(30)
        service = daemons.start(f"kontan={FAR}", "--notify", str(tmp_path / "notify"))
        wait_until(lambda: leader(store))
        daemons.stop(service)
        heard = {manager.recv(100).decode() for _ in range(4)}
    assert {"READY=1", "WATCHDOG=1", "STATUS=leading"} <= heard
    assert daemons.log().splitlines()[-1] == "loaded:"  # nothing that reads pages


# --- Limits


@pytest.mark.parametrize(
    ("mode", "settings", "said"),
    [
        ("long", {"run_hours": "0.0005"}, "it ran for more than"),
        ("greedy", {"run_memory_mb": "200"}, "more than 200"),
    ],
)
def test_a_crawl_that_takes_too_much_is_ended(
    daemons: Services, store: Engine, mode: str, settings: dict[str, str], said: str
) -> None:
    daemons.start(f"kontan={FAR}", "--mode", mode, **settings)
    ask(store, "kontan")
    run = wait_until(lambda: next((row for row in rows(store, runs) if said in " ".join(row.why)), None))
    assert run.verdict != "healthy"
    assert Process(run.host, run.pid, run.process).is_dead()


# --- The real crawl


def test_the_real_crawl_is_begun_stopped_and_finished(tmp_path: Path) -> None:
    with on_air(small_world("kontan")) as running:
        environ = crawl_environ(running, tmp_path, window_days="3")
        store = open_database(f"sqlite:///{tmp_path}/pantau.db")
        with services(tmp_path, store) as made:
            made.environ = environ
            command = [sys.executable, "-m", "crawler.cli.main", "schedule"]
            planning.ask_now(store, "kontan", now=running.world.now)
            first = made.begin(command, {"delay_s": "0.3"})
            wait_until(lambda: len(running.log) > 5)
            made.stop(first)
            (run,) = rows(store, runs)
            assert any("stopped early" in why for why in run.why)
            made.begin(command, {})
            wait_until(lambda: states(store)["kontan"] == "done")
            assert [(run.reason, run.verdict) for run in rows(store, runs)] == [
                ("manual", "degraded"),
                ("manual", "healthy"),
            ]
            made.stop(made.running[-1])
        assert against_truth(running, tmp_path).faults() == {}
        store.dispose()


def test_an_outlet_that_asks_to_be_left_alone_is_not_crawled_before(tmp_path: Path) -> None:
    busy = Fault(r"kontan\.co\.id/", "status", status=503, headers={"Retry-After": "7200"})
    with on_air(small_world("kontan"), faults=[busy]) as running:
        began = datetime.now(UTC)
        ended = crawl(running, tmp_path)
        assert ended.returncode == 1
        store = open_database(f"sqlite:///{tmp_path}/pantau.db")
        asked = planning.standings(store)["kontan"].not_before
        store.dispose()
        assert asked is not None
        lasted = asked - running.world.now - timedelta(hours=2)
        assert timedelta(0) <= lasted <= datetime.now(UTC) - began
