"""Kill -9 while the store is written: nothing acknowledged is lost, nothing doubled, a new start suffices."""

import contextlib
import random
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, inspect, select

from crawler.errors import StoreError
from crawler.storage import articles, frontier, runs
from crawler.storage.audit import audit
from crawler.storage.database import connect, migrate, reading
from crawler.storage.replay import archive_files, iterate_file
from crawler.storage.schema import revisions, urls
from crawler.storage.schema import runs as runs_table
from tests.core import storing

KILLS = 20
NUMBERS = range(240)


def test_nothing_acknowledged_is_lost_and_nothing_doubled(store_url: str, store: Engine, tmp_path: Path):
    rng = random.Random(20260304)
    archive, ledger = tmp_path / "archive", tmp_path / "acknowledged"
    killed = 0
    for _ in range(KILLS):
        child, pipe = storing.started(storing.crawl, store_url, archive, ledger, NUMBERS)
        assert pipe.recv() == "going"
        time.sleep(rng.uniform(0.0, 0.12))
        killed += child.is_alive()
        child.kill()
        child.join()
        child.close()
        pipe.close()
    child, pipe = storing.started(storing.crawl, store_url, archive, ledger, NUMBERS)
    child.join(30)
    assert child.exitcode == 0
    child.close()
    pipe.close()

    said = [line.split() for line in ledger.read_text().splitlines()]
    assert killed >= KILLS // 2, "too few kills fell into the crawl to prove anything"
    assert frontier.count_states(store, "kontan") == {"kontan": {"stored": 192, "off-topic": 48}}
    with reading(store) as connection:
        known = set(connection.execute(select(urls.c.url)).scalars())
        assert connection.execute(select(func.count()).select_from(revisions)).scalar_one() == 192
    assert {words[1] for words in said if words[0] == "offered"} <= known
    for words in said:
        if words[0] == "saved":
            stored = articles.find(store, words[1])
            assert stored is not None
            assert (stored.id, stored.revision) == (int(words[2]), int(words[3]))
    report = audit(store, archive)
    assert report.ok, report.faults
    _check_archive(archive, {words[1] for words in said if words[0] == "archived"})
    _check_history(store, finished={int(words[1]) for words in said if words[0] == "finished"})


def _check_archive(archive: Path, acknowledged: set[str]) -> None:
    """Every acknowledged record is there, also in files whose tail was cut."""
    found = set()
    for file in archive_files(archive):
        with contextlib.suppress(StoreError):  # a cut tail; what stands before it must be there
            for response in iterate_file(archive, file):
                found.add(response.ref.id)
    assert acknowledged <= found


def _check_history(store: Engine, finished: set[int]) -> None:
    """Killed runs are visible as such, with the counts of their ledgers."""
    history = runs.list_runs(store)
    assert all(run.ended_at is not None for run in history)
    for run in history:
        if run.verdict == "failed":
            assert run.why == (runs.KILLED,)
            assert run.id not in finished
        else:
            assert run.id in finished or run == history[0]
    assert sum(run.learned for run in history) == len(NUMBERS)
    assert sum(sum(run.counts.values()) for run in history) == len(NUMBERS)


def test_a_migration_that_was_killed_leaves_all_or_nothing(tmp_path: Path):
    rng = random.Random(7)
    for trial in range(12):
        path = tmp_path / f"{trial}.db"
        child, pipe = storing.started(storing.open_store, f"sqlite:///{path}")
        assert pipe.recv() == "going"
        time.sleep(rng.uniform(0.0, 0.1))
        child.kill()
        child.join()
        child.close()
        pipe.close()
        engine = connect(f"sqlite:///{path}")
        before = set(inspect(engine).get_table_names())
        assert len(before) in {0, 16} or before == {"alembic_version"}, before
        migrate(engine)
        runs.start_run(engine, "kontan")
        with reading(engine) as connection:
            assert connection.execute(select(func.count()).select_from(runs_table)).scalar_one() == 1
        engine.dispose()


@pytest.mark.parametrize("contenders", [4])
def test_processes_that_open_an_empty_store_together_all_succeed(tmp_path: Path, contenders: int):
    url = f"sqlite:///{tmp_path / 'new.db'}"
    children = [storing.started(storing.open_store, url) for _ in range(contenders)]
    for child, pipe in children:
        child.join(20)
        assert child.exitcode == 0
        assert [pipe.recv(), pipe.recv()] == ["going", "open"]
        child.close()
        pipe.close()
