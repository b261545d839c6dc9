"""A store that others lock, a server that ends sessions, a clock that jumps: the run waits, or says so."""

import contextlib
import os
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from crawler.storage.articles import iterate
from crawler.storage.audit import audit
from crawler.storage.database import connect
from crawler.storage.runs import list_runs
from tests.crawling import (
    against_truth,
    audited,
    crawl,
    crawl_command,
    crawl_environ,
    held_against,
    run,
    runs_of,
    small_world,
)
from tests.newsworld.faults import Fault
from tests.newsworld.running import ROOT, Running, on_air
from tests.sabotage.orders import sabotaged

HELD_S = 5.0
DAY_S = 86400


@pytest.fixture
def world() -> Iterator[Running]:
    with on_air(small_world("kontan")) as running:
        yield running


@contextlib.contextmanager
def write_lock(data: Path) -> Iterator[None]:
    """Hold the store's write lock, as another program would that writes and does not end."""
    with contextlib.closing(sqlite3.connect(data / "pantau.db", isolation_level=None, timeout=30)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        yield
        holder.execute("ROLLBACK")


def test_a_crawl_waits_for_a_store_that_is_locked_for_a_while(world: Running, tmp_path: Path) -> None:
    connect(f"sqlite:///{tmp_path}/pantau.db").dispose()
    with write_lock(tmp_path):
        waiting = subprocess.Popen(
            crawl_command(world),
            env=crawl_environ(world, tmp_path),
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(HELD_S)
        assert waiting.poll() is None
        assert len(world.log) == 0
    assert waiting.wait(90) == 0
    assert against_truth(world, tmp_path).faults() == {}


def test_a_store_that_stays_locked_ends_the_run_and_names_the_holder(world: Running, tmp_path: Path) -> None:
    crawl(world, tmp_path)
    world.world.advance(days=1)
    world.faults.add(Fault(r"kontan", "slow", delay_s=0.2))
    asked = len(world.log)
    process = subprocess.Popen(
        crawl_command(world),
        env=sabotaged(crawl_environ(world, tmp_path), busy_s=0.5),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    while len(world.log) == asked and process.poll() is None:
        time.sleep(0.001)
    with write_lock(tmp_path):
        log = process.communicate(timeout=90)[1]
    assert process.returncode == 1, log[-2000:]
    assert "Traceback" not in log
    assert "another program holds the write lock, wait for it or end it" in log
    assert f"held by process {os.getpid()} " in log
    assert "nothing new" not in log
    world.faults.clear()
    again = crawl(world, tmp_path)
    assert again.returncode == 0, again.stderr[-2000:]
    assert against_truth(world, tmp_path).faults() == {}
    assert runs_of(tmp_path)[1].verdict == "failed"


@pytest.mark.parametrize("delta_s", [DAY_S, -DAY_S, 3650 * DAY_S])
def test_a_clock_that_jumps_in_a_run_loses_nothing(world: Running, tmp_path: Path, delta_s: int) -> None:
    ended = run(crawl_command(world), sabotaged(crawl_environ(world, tmp_path), step=[12, delta_s]))
    assert "Traceback" not in ended.stderr
    assert against_truth(world, tmp_path).faults() == {}
    (jumped,) = runs_of(tmp_path)
    assert jumped.ended_at is not None
    assert 0 <= jumped.fetching_s < 60
    again = crawl(world, tmp_path)
    assert again.returncode == 0, again.stderr[-2000:]
    assert against_truth(world, tmp_path).faults() == {}
    assert audited(tmp_path).ok


@pytest.fixture
def postgres(world: Running, tmp_path: Path, empty_postgres_url: str) -> dict[str, str]:
    return crawl_environ(world, tmp_path, database=empty_postgres_url)


@pytest.fixture
def empty_postgres_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue("empty_postgres")()
    return url


def test_sessions_that_the_server_ends_are_begun_anew(
    world: Running, tmp_path: Path, postgres: dict[str, str], empty_postgres_url: str
) -> None:
    plain = make_url(empty_postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)
    over = threading.Event()
    ended = 0

    def disturb() -> None:
        nonlocal ended
        query = (
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE application_name = 'pantau' AND datname = current_database()"
        )
        with psycopg.connect(plain, autocommit=True) as server:
            while not over.wait(0.15):
                ended += server.execute(query).fetchone()[0]

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        crawled = run(crawl_command(world), postgres)
    finally:
        over.set()
        thread.join()
    assert ended > 1, "too few sessions were ended to prove anything"
    assert crawled.returncode == 0, crawled.stderr[-3000:]
    engine = connect(empty_postgres_url)
    try:
        assert held_against(world, [each.article for each in iterate(engine)]).faults() == {}
        assert audit(engine, tmp_path / "archive").ok
        assert len(list_runs(engine)) == 1
    finally:
        engine.dispose()


def test_a_database_that_can_only_be_read_is_said_to_be_so(
    world: Running, postgres: dict[str, str], empty_postgres_url: str
) -> None:
    read_only = f"{empty_postgres_url}?options=-c%20default_transaction_read_only%3Don"
    ended = run(crawl_command(world), postgres | {"PANTAU_DATABASE": read_only})
    assert ended.returncode == 2, ended.stderr[-1000:]
    assert "Traceback" not in ended.stderr
    assert "it can only be read" in ended.stderr
    assert len(world.log) == 0
