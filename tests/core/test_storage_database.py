"""Opening, migrating and writing the store, and every way in which it cannot be used."""

import os
import sqlite3
import stat
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, insert, inspect, select, text

from crawler.errors import StoreError
from crawler.items import Instant
from crawler.storage import frontier, upgrade
from crawler.storage.columns import storable
from crawler.storage.database import (
    check,
    connect,
    migrate,
    open_database,
    reading,
    schema_revision,
    transact,
)
from crawler.storage.runs import Run
from crawler.storage.schema import HEAD, metadata, robots, sources
from crawler.storage.troubles import UnsavableError
from tests.core import storing


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


class TestSchema:
    def test_the_migrations_build_what_the_schema_declares(self, store: Engine):
        with reading(store) as connection:
            context = MigrationContext.configure(
                connection,
                opts={
                    "include_name": lambda name, kind, _: not (kind == "table" and name.startswith("search"))
                },
            )
            assert compare_metadata(context, metadata) == []

    def test_the_newest_migration_is_the_head(self):
        assert upgrade.pending_steps()[-1] == HEAD

    def test_migrating_twice_does_nothing(self, store: Engine):
        assert schema_revision(store) == HEAD
        assert migrate(store) == []

    def test_an_empty_database_is_migrated_and_before_that_refused_to_readers(self, tmp_path: Path):
        engine = connect(sqlite_url(tmp_path / "new.db"))
        with pytest.raises(StoreError, match="holds nothing yet; run `pantau crawl`"):
            check(engine)
        assert migrate(engine) == upgrade.pending_steps()
        check(engine)
        engine.dispose()

    @pytest.mark.parametrize("revision", [f"{int(HEAD) + 1:04}", "9999"])
    def test_a_newer_schema_is_refused_and_left_alone(self, store: Engine, revision: str):
        _set_revision(store, revision)
        try:
            for use in (check, migrate):
                with pytest.raises(StoreError, match="made by a newer version of pantau; upgrade pantau"):
                    use(store)
        finally:
            _set_revision(store, HEAD)

    def test_an_older_schema_is_migrated_by_writers_and_refused_to_readers(self, store: Engine):
        _set_revision(store, "0000")
        with pytest.raises(StoreError, match="older version of pantau; run `pantau migrate`"):
            check(store)
        _set_revision(store, HEAD)

    def test_the_tables_of_another_alembic_program_are_refused(self, store: Engine):
        _set_revision(store, "4f1c2b9d")
        with pytest.raises(StoreError, match="another program"):
            migrate(store)
        _set_revision(store, HEAD)

    def test_a_step_that_fails_leaves_nothing_behind(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        engine = connect(sqlite_url(tmp_path / "new.db"))
        real = upgrade.take

        def broken(connection: Connection, **given: object) -> bool:
            real(connection, **given)
            raise StoreError("the disk is full")

        monkeypatch.setattr(upgrade, "take", broken)
        with pytest.raises(StoreError, match="disk is full"):
            migrate(engine)
        assert inspect(engine).get_table_names() == []
        monkeypatch.undo()
        assert migrate(engine) == upgrade.pending_steps()
        engine.dispose()


class TestWrongUse:
    @pytest.mark.parametrize(
        "content", [b"tanggal;judul\n" * 100, b"\x00" * 5000, b"SQLite format 2\0" + b"x" * 100]
    )
    def test_a_file_that_is_no_database_is_refused_and_left_alone(self, tmp_path: Path, content: bytes):
        path = tmp_path / "notes.txt"
        path.write_bytes(content)
        with pytest.raises(StoreError, match="is not a database; move it away"):
            open_database(sqlite_url(path))
        assert path.read_bytes() == content
        assert sorted(tmp_path.iterdir()) == [path]

    def test_the_database_of_another_program_is_refused_and_left_alone(self, tmp_path: Path):
        path = tmp_path / "places.sqlite"
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE places (name TEXT)")
        connection.commit()
        connection.close()
        before = path.read_bytes()
        with pytest.raises(StoreError, match="belongs to another program"):
            open_database(sqlite_url(path))
        assert path.read_bytes() == before
        assert sorted(tmp_path.iterdir()) == [path]

    def test_a_damaged_header_names_the_next_step(self, tmp_path: Path, empty_sqlite: Path):
        path = tmp_path / "torn.db"
        content = bytearray(empty_sqlite.read_bytes())
        content[100:1100] = b"\xaa" * 1000
        path.write_bytes(content)
        with pytest.raises(StoreError, match=r"pantau audit|backup"):
            open_database(sqlite_url(path))

    def test_a_file_where_the_folder_should_be(self, tmp_path: Path):
        (tmp_path / "data").write_text("not a folder")
        with pytest.raises(StoreError, match="--data-dir"):
            connect(sqlite_url(tmp_path / "data" / "pantau.db"))

    def test_a_folder_where_the_file_should_be(self, tmp_path: Path):
        with pytest.raises(StoreError, match="cannot open the store"):
            connect(sqlite_url(tmp_path))

    @pytest.mark.skipif(os.geteuid() == 0, reason="root writes to read-only folders")
    def test_a_read_only_folder(self, tmp_path: Path, empty_sqlite: Path):
        folder = tmp_path / "data"
        folder.mkdir()
        (folder / "pantau.db").write_bytes(empty_sqlite.read_bytes())
        folder.chmod(0o500)
        with pytest.raises(StoreError, match="read-only"):
            connect(sqlite_url(folder / "pantau.db"))
        with pytest.raises(StoreError, match="cannot open the store"):
            connect(sqlite_url(folder / "other.db"))
        folder.chmod(0o700)

    def test_a_folder_that_says_it_is_read_only(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("crawler.storage.database.os.access", lambda *_: False)
        with pytest.raises(StoreError, match="is read-only, but the store writes beside its file"):
            connect(sqlite_url(tmp_path / "pantau.db"))

    def test_a_missing_store_is_not_made_for_a_reader(self, tmp_path: Path):
        path = tmp_path / "nowhere" / "pantau.db"
        with pytest.raises(StoreError, match=r"no store at .*; run `pantau crawl`"):
            connect(sqlite_url(path), create=False)
        assert not path.parent.exists()

    @pytest.mark.parametrize(
        "url", ["", "pantau.db", "mysql://x/y", "nosuch://x", "sqlite://", "sqlite:///:memory:", "oracle://x"]
    )
    def test_an_address_that_cannot_be_used_names_those_that_can(self, url: str):
        with pytest.raises(StoreError, match="sqlite:///FILE"):
            connect(url)

    def test_no_server(self):
        with pytest.raises(StoreError, match="check that it runs") as caught:
            connect("postgresql+psycopg://someone:hush@127.0.0.1:1/nothing")
        assert "hush" not in str(caught.value)
        assert "\n" not in str(caught.value)

    @pytest.mark.postgres
    def test_a_database_that_does_not_exist(self, postgres_url: str):
        with pytest.raises(StoreError, match="create it"):
            connect(postgres_url + "_not")


class TestFiles:
    def test_file_and_folder_belong_to_the_owner_only(self, tmp_path: Path):
        path = tmp_path / "data" / "pantau.db"
        engine = open_database(sqlite_url(path))
        with engine.connect() as connection:
            connection.execute(
                insert(robots), {"host": "x", "status": 200, "body": b"", "fetched_at": storing.NOON}
            )
            connection.commit()
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
        engine.dispose()
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert modes == dict.fromkeys(["pantau.db", "pantau.db-wal", "pantau.db-shm"], 0o600)

    def test_every_commit_reaches_the_disk(self, tmp_path: Path):
        engine = open_database(sqlite_url(tmp_path / "pantau.db"))
        with engine.connect() as connection:
            settings = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            }
        engine.dispose()
        assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


class TestTransactions:
    def test_an_error_takes_all_of_it_back(self, store: Engine):
        def work(connection: Connection) -> None:
            connection.execute(insert(sources), {"outlet": "kontan", "source": "feed"})
            raise KeyError("in the middle")

        with pytest.raises(KeyError):
            transact(store, work)
        with reading(store) as connection:
            assert connection.execute(select(sources)).all() == []

    def test_a_reader_sees_one_moment(self, store: Engine):
        def add(source: str) -> None:
            transact(store, lambda it: it.execute(insert(sources), {"outlet": "kontan", "source": source}))

        add("feed")
        with reading(store) as connection:
            before = connection.execute(select(sources)).all()
            writer = threading.Thread(target=add, args=("map",))
            writer.start()
            writer.join()
            assert connection.execute(select(sources)).all() == before
        with reading(store) as connection:
            assert len(connection.execute(select(sources)).all()) == 2

    def test_a_lock_held_too_long_is_one_line_that_says_so(self, store_url: str, store: Engine, run: Run):
        other = connect(store_url, busy_s=0.2)
        held, done = threading.Event(), threading.Event()

        def hold(connection: Connection) -> None:
            connection.execute(insert(sources), {"outlet": "kontan", "source": "feed"})
            held.set()
            done.wait(10)

        holder = threading.Thread(target=transact, args=(store, hold))
        holder.start()
        held.wait(10)
        try:
            with pytest.raises(StoreError, match=r"wait for it or end it") as caught:
                transact(
                    other, lambda it: it.execute(insert(sources), {"outlet": "kontan", "source": "feed"})
                )
        finally:
            done.set()
            holder.join()
            other.dispose()
        assert "\n" not in str(caught.value)
        if store.dialect.name == "sqlite":
            assert f"open: run {run.id} of kontan, process {run.pid} on" in str(caught.value)

    def test_a_broken_rule_of_the_schema_is_unsavable_and_nothing_else(self, store: Engine):
        with pytest.raises(UnsavableError, match="refused a value"):
            transact(store, lambda it: it.execute(insert(sources), {"outlet": None, "source": "feed"}))
        transact(store, lambda it: it.execute(insert(sources), {"outlet": "kontan", "source": "feed"}))

    @pytest.mark.postgres
    def test_a_session_that_the_server_ends_is_opened_again(self, postgres_url: str):
        engine = connect(postgres_url)
        ended = []

        def work(connection: Connection) -> int:
            if not ended:
                ended.append(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
                with engine.connect() as other:
                    other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": ended[0]})
            return connection.execute(text("SELECT 41 + 1")).scalar_one()

        assert transact(engine, work) == 42
        engine.dispose()

    @pytest.mark.postgres
    def test_of_two_transactions_that_wait_for_each_other_both_are_done(self, store: Engine):
        if store.dialect.name != "postgresql":
            pytest.skip("on SQLite one writer waits for the other from the start")
        for source in ("a", "b"):
            transact(
                store,
                lambda it, source=source: it.execute(insert(sources), {"outlet": "x", "source": source}),
            )
        both = threading.Barrier(2, timeout=10)
        first_try: set[str] = set()

        def lock(connection: Connection, first: str, second: str) -> None:
            update = text(
                "UPDATE sources SET interval_s = coalesce(interval_s, 0) + 1 WHERE source = :source"
            )
            connection.execute(update, {"source": first})
            if first not in first_try:
                first_try.add(first)
                both.wait()
            connection.execute(update, {"source": second})

        threads = [
            threading.Thread(target=transact, args=(store, lambda it, pair=pair: lock(it, *pair)))
            for pair in (("a", "b"), ("b", "a"))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with reading(store) as connection:
            assert connection.execute(select(sources.c.interval_s)).scalars().all() == [2, 2]


class TestValues:
    def test_times_come_back_in_utc_whatever_zone_they_had(self, store: Engine):
        east = datetime(2026, 3, 4, 23, 30, 15, 654321, tzinfo=timezone(timedelta(hours=9)))
        transact(
            store, lambda it: it.execute(insert(sources), {"outlet": "x", "source": "y", "polled_at": east})
        )
        with reading(store) as connection:
            found = connection.execute(select(sources.c.polled_at)).scalar_one()
            order = connection.execute(select(sources).where(sources.c.polled_at == east)).all()
        assert found == east
        assert found.tzinfo is UTC
        assert len(order) == 1

    def test_a_time_without_a_zone_is_refused(self, store: Engine):
        naive = datetime(2026, 3, 4)  # noqa: DTZ001 the point of the test
        with pytest.raises(Exception, match="must be aware"):
            transact(
                store,
                lambda it: it.execute(insert(sources), {"outlet": "x", "source": "y", "polled_at": naive}),
            )

    def test_what_no_database_holds_is_replaced_and_the_rest_kept(self, store: Engine, run: Run):
        dirty = "Menteri\0 tiba \ud83d di \U0001f1f7 Pyongyang"
        [work] = frontier.offer(store, run.id, [storing.entry(1, headline=dirty)]).fetch
        [again] = frontier.pending(store, run.id)
        assert again.url_id == work.url_id
        assert again.headline == storable(dirty) == "Menteri\ufffd tiba \ufffd di \U0001f1f7 Pyongyang"

    def test_an_instant_keeps_offset_precision_and_assumption(self, store: Engine, run: Run):
        wit = timezone(timedelta(hours=9))
        instants = [
            Instant(datetime(2026, 1, 2, 3, 4, 5, tzinfo=wit), "second"),
            Instant(datetime(2026, 1, 2, tzinfo=storing.WIB), "day", zone_assumed=True),
            None,
        ]
        entries = [storing.entry(number, published_at=instant) for number, instant in enumerate(instants)]
        frontier.offer(store, run.id, entries)
        found = [work.published_at for work in frontier.pending(store, run.id)]
        assert found == instants
        assert [instant and instant.at.utcoffset() for instant in found] == [
            timedelta(hours=9),
            timedelta(hours=7),
            None,
        ]


def _set_revision(engine: Engine, revision: str) -> None:
    transact(
        engine, lambda it: it.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})
    )
