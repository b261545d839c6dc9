"""A store of an older version keeps all it had when it is migrated; a kill on the way leaves it as it was."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, Table, TextClause, insert, inspect, select, text

from crawler.storage import articles, frontier, revisits
from crawler.storage.archive import ArchiveWriter
from crawler.storage.audit import audit
from crawler.storage.database import connect, migrate, reading, schema_revision
from crawler.storage.frontier import Settlement
from crawler.storage.runs import finish_run, list_runs, start_run
from crawler.storage.schema import HEAD
from crawler.storage.schema_analysis import metadata
from crawler.storage.search import search
from crawler.storage.sources import judge, keep_robots
from crawler.storage.states import State
from crawler.storage.upgrade import pending_steps, take
from tests.core import storing
from tests.core.storing import NOON, address, article

Rows = dict[str, list[dict[str, Any]]]
DROPPED = {"sources": {"etag", "last_modified"}}
SEARCHED = {"sqlite": "rowid, headline, body", "postgresql": "rowid, headline, body, words"}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def full(store: Engine, archive: Path) -> Engine:
    """Return a store of today with something in each table that the first version had."""
    for number in (1, 2):
        run = start_run(store, "kontan", now=NOON)
        with ArchiveWriter(archive, "kontan", run.id) as writer:
            ref = writer.write(address(1), 200, [], b"halaman %d" % number, fetched_at=NOON)
            writer.sync()
            [work] = frontier.offer(store, run.id, [storing.entry(1)], now=NOON).fetch or [None]
            changed = article(1, headline=f"Judul ke-{number}", record_ids=(ref.id,))
            url_id = work.url_id if work else 1
            articles.save(store, changed, run.id, url_id, [ref], now=NOON)
            [off] = frontier.offer(store, run.id, [storing.entry(10 + number)], now=NOON).fetch
            frontier.settle(
                store, run.id, Settlement(url_id=off.url_id, state=State.OFF_TOPIC, reason="text"), now=NOON
            )
        finish_run(store, run.id, "healthy", now=NOON)
    judge(store, "kontan", "search", honest=True, now=NOON)
    keep_robots(store, "www.kontan.example", 200, b"User-agent: *\n", now=NOON)
    return store


@pytest.fixture
def first(full: Engine, other_url: str) -> Iterator[Engine]:
    """Return the same store as the first version of pantau had it."""
    engine = connect(other_url)
    with engine.begin() as connection:
        take(connection, pending_steps()[0], lambda _: None)
    with full.connect() as source, engine.begin() as target:
        for table in first_tables(engine):
            now = Table(table.name, MetaData(), autoload_with=full)
            there = [column.name for column in table.columns if column.name in now.c]
            rows = source.execute(select(*(now.c[name] for name in there))).mappings().all()
            if rows:
                target.execute(insert(table), [dict(row) for row in rows])
        named = SEARCHED[full.dialect.name]
        marks = ", ".join(f":{name.strip()}" for name in named.split(","))
        for row in source.execute(text(f"SELECT {named} FROM search")).mappings():  # noqa: S608 names of our own
            target.execute(text(f"INSERT INTO search ({named}) VALUES ({marks})"), dict(row))  # noqa: S608
        if full.dialect.name == "postgresql":
            for name in ("runs", "urls", "articles", "revisions"):
                target.execute(text(f"SELECT setval('{name}_id_seq', (SELECT max(id) FROM {name}))"))  # noqa: S608
    yield engine
    engine.dispose()


def first_tables(engine: Engine) -> list[Table]:
    found = MetaData()
    with engine.connect() as connection:
        names = set(inspect(connection).get_table_names()) & set(metadata.tables)
    found.reflect(engine, only=sorted(names))
    return [table for table in found.sorted_tables if table.name in names]


def contents(engine: Engine, columns: dict[str, set[str]]) -> Rows:
    """Return the rows of these tables and columns as the database gives them, in order."""
    with engine.connect() as connection:
        return {
            name: sorted(
                (dict(row) for row in connection.execute(_all_of(name, wanted)).mappings()), key=repr
            )
            for name, wanted in sorted(columns.items())
        }


def _all_of(name: str, columns: set[str]) -> TextClause:
    named = ", ".join(f'"{column}"' for column in sorted(columns))
    return text(f"SELECT {named} FROM {name}")  # noqa: S608 names of our own


def columns_of(engine: Engine) -> dict[str, set[str]]:
    return {
        table.name: {column.name for column in table.columns} - DROPPED.get(table.name, set())
        for table in first_tables(engine)
    }


def tables_of(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return sorted(inspect(connection).get_table_names())


def test_every_table_of_the_first_version_has_something_to_lose(first: Engine) -> None:
    assert schema_revision(first) == "0001"
    rows = contents(first, columns_of(first))
    assert set(rows) == {
        "articles", "records", "revisions", "robots", "runs", "sightings", "sources", "urls", "visits",
    }  # fmt: skip
    assert all(rows.values()), {name for name, kept in rows.items() if not kept}


def test_all_of_it_is_there_afterwards_and_passes_the_audit(first: Engine, archive: Path) -> None:
    columns = columns_of(first)
    before = contents(first, columns)
    assert migrate(first) == pending_steps()[1:]
    assert schema_revision(first) == HEAD
    assert contents(first, columns) == before
    report = audit(first, archive)
    assert report.ok, report.faults
    assert [hit.headline for hit in search(first, "judul")] == ["Judul ke-2"]
    assert [run.verdict for run in list_runs(first)] == ["healthy", "healthy"]


def test_its_recent_articles_are_looked_at_again(first: Engine) -> None:
    migrate(first)
    assert [look.url for look in revisits.due(first, start_run(first, "kontan").id, now=NOON)] == [address(1)]


def test_it_is_crawled_on_with(first: Engine) -> None:
    migrate(first)
    run = start_run(first, "kontan")
    assert storing.saved(first, run.id, 30).state is State.STORED
    finish_run(first, run.id, "healthy")
    report = audit(first)
    assert report.ok, report.faults


def test_a_kill_between_any_two_statements_leaves_it_whole(first: Engine, other_url: str) -> None:
    columns = columns_of(first)
    before = contents(first, columns)
    tables = {"0001": tables_of(first)}
    first.dispose()
    killed, statement, reached = 0, 1, "0001"
    while True:
        child, pipe = storing.started(storing.migrate_until, other_url, statement)
        child.join(60)
        ended = child.exitcode
        child.close()
        pipe.close()
        if ended == 0:
            break
        killed += 1
        statement += 4
        now = schema_revision(first)
        if now != reached:  # a step was made whole, and the next one is killed from its beginning
            assert now is not None
            reached, statement = now, 2
        assert contents(first, columns) == before
        assert tables.setdefault(reached, tables_of(first)) == tables_of(first)
    assert killed > 5
    assert set(tables) >= {"0001", "0003"}
    assert schema_revision(first) == HEAD
    assert contents(first, columns) == before
