"""Kill -9 while the store is written: nothing acknowledged is lost, nothing doubled, a new start suffices."""

import contextlib
import random
import shutil
import sqlite3
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
FIRST_TABLES = {
    "runs",
    "urls",
    "visits",
    "sightings",
    "records",
    "articles",
    "revisions",
    "sources",
    "robots",
}
COPIES = 200


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
        assert before in (set(), {"alembic_version"}) or before >= FIRST_TABLES, before
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


def test_a_copy_of_a_store_that_is_being_written_is_whole(tmp_path: Path, empty_sqlite: Path) -> None:
    """A power cut leaves what the disk had at that moment: like this copy of database and log."""
    rng = random.Random(11)
    live, ledger = tmp_path / "live.db", tmp_path / "acknowledged"
    shutil.copy(empty_sqlite, live)
    ledger.touch()
    child, pipe = storing.started(
        storing.crawl, f"sqlite:///{live}", tmp_path / "archive", ledger, range(9000)
    )
    assert pipe.recv() == "going"
    grown = 0
    for number in range(COPIES):
        said = {words[1] for words in map(str.split, ledger.read_text().splitlines()) if words[0] == "saved"}
        copy = tmp_path / f"{number}.db"
        _copy_torn(live, copy, rng)
        with contextlib.closing(sqlite3.connect(copy)) as opened:
            assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            query = "SELECT urls.url FROM revisions JOIN urls ON urls.id = revisions.url_id"
            kept = {url for (url,) in opened.execute(query)}
        assert said <= kept, f"{len(said - kept)} acknowledged articles are not in the copy"
        grown += bool(said)
        for part in tmp_path.glob(f"{number}.db*"):
            part.unlink()
    child.kill()
    child.join()
    child.close()
    pipe.close()
    assert grown > COPIES // 2, "too little was written to prove anything"


def _copy_torn(live: Path, copy: Path, rng: random.Random) -> None:
    """Copy database and log as they are just now, with junk behind what is in the log."""
    log = live.with_name(live.name + "-wal")
    # A checkpoint moves pages into the database: a copy that one falls into is no state the disk ever had.
    while True:
        before = _marks(live)
        content, logged = live.read_bytes(), log.read_bytes() if log.exists() else b""
        if _marks(live) == before:
            break
    copy.write_bytes(content)
    copy.with_name(copy.name + "-wal").write_bytes(logged + rng.randbytes(rng.randrange(5000)))


def _marks(live: Path) -> tuple[int, bytes]:
    """Return what a checkpoint changes: when the database was written, and the head of the log."""
    log = live.with_name(live.name + "-wal")
    head = log.read_bytes()[:32] if log.exists() else b""
    return live.stat().st_mtime_ns, head
