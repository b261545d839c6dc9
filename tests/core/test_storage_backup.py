"""Backups and their way back, on both databases: whole, of one moment, verified, and never half."""

import contextlib
import json
import random
import shutil
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import attrs
import pytest
from sqlalchemy import Engine, make_url

from crawler.errors import StoreError
from crawler.storage import articles, disk, dumps, frontier
from crawler.storage.archive import ArchiveWriter
from crawler.storage.audit import AuditReport
from crawler.storage.backup import Backup, backups, make_backup, read_manifest
from crawler.storage.database import connect, reading
from crawler.storage.restore import restore
from crawler.storage.runs import Run, finish_run, list_runs, start_run
from tests.core import storing
from tests.core.storing import NOON, address, article

VERSION = "0.1.0"


@attrs.frozen
class Places:
    """A store's archive, the folder of its backups, and where they are restored to."""

    root: Path
    store: Engine
    archive: Path
    folder: Path
    other_url: str
    elsewhere: Path

    def back_up(self, hours: int = 0, keep: int = 0) -> Backup:
        now = NOON + timedelta(hours=hours)
        return make_backup(self.store, self.archive, self.folder, version=VERSION, now=now, keep=keep)

    def restore(self, made: Backup, *, force: bool = False) -> AuditReport:
        return restore(made.folder, self.other_url, self.elsewhere, force=force)[1]

    def restored(self) -> AbstractContextManager[Engine]:
        return opened(self.other_url)


@contextlib.contextmanager
def opened(url: str) -> Iterator[Engine]:
    engine = connect(url, create=False)
    yield engine
    engine.dispose()


@pytest.fixture
def places(store: Engine, other_url: str, tmp_path: Path) -> Places:
    return Places(
        tmp_path,
        store,
        tmp_path / "data" / "archive",
        tmp_path / "backups",
        other_url,
        tmp_path / "elsewhere" / "archive",
    )


def keep_pages(store: Engine, run: Run, archive: Path, *numbers: int) -> None:
    """Archive and store articles, a file of the archive for each call."""
    with ArchiveWriter(archive, "kontan", run.id) as writer:
        for number in numbers:
            [work] = storing.offered(store, run.id, number)
            page = b"<html>halaman %d</html>" % number
            ref = writer.write(address(number), 200, [], page * 50, fetched_at=NOON)
            writer.sync()
            articles.save(store, article(number, record_ids=(ref.id,)), run.id, work.url_id, [ref])


@pytest.fixture
def kept(store: Engine, run: Run, places: Places) -> Places:
    """Return a store of five articles, of which the pages are archived in two files."""
    keep_pages(store, run, places.archive, 1, 2, 3)
    keep_pages(store, run, places.archive, 4, 5)
    finish_run(store, run.id, "healthy")
    return places


def headlines(engine: Engine) -> list[str]:
    return [each.article.headline for each in articles.iterate(engine)]


class TestAWholeBackup:
    def test_it_is_restored_elsewhere_and_passes_the_audit(self, kept: Places):
        made = kept.back_up()
        assert (made.copied, made.linked) == (2, 0)
        report, manifest = kept.restore(made), made.manifest
        assert report.ok, report.faults
        assert report.notes == ()
        assert (manifest.articles, manifest.revisions, manifest.records) == (5, 5, 5)
        with kept.restored() as engine:
            assert headlines(engine) == headlines(kept.store)

    def test_it_is_its_owners_alone(self, kept: Places):
        made = kept.back_up()
        for path in (kept.folder, made.folder, *made.folder.rglob("*")):
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path

    def test_the_next_one_links_what_is_there_and_copies_what_is_new(self, kept: Places):
        kept.back_up()
        run = start_run(kept.store, "kontan")
        keep_pages(kept.store, run, kept.archive, 6)
        made = kept.back_up(hours=1)
        assert (made.copied, made.linked) == (1, 2)
        assert backups(kept.folder)[-1] == made.folder
        shutil.rmtree(backups(kept.folder)[0])
        assert kept.restore(made).ok

    def test_only_so_many_are_kept(self, kept: Places):
        made = [kept.back_up(hours=hours, keep=2) for hours in range(4)]
        assert backups(kept.folder) == [each.folder for each in made[2:]]
        assert len(list(kept.folder.iterdir())) == 2

    def test_a_file_that_is_still_written_is_taken_as_far_as_rows_name_it(
        self, store: Engine, run: Run, places: Places
    ):
        with ArchiveWriter(places.archive, "kontan", run.id) as writer:
            [work] = storing.offered(store, run.id, 1)
            ref = writer.write(address(1), 200, [], b"halaman", fetched_at=NOON)
            writer.sync()
            articles.save(store, article(1, record_ids=(ref.id,)), run.id, work.url_id, [ref])
            writer.write(address(2), 200, [], b"belum ada barisnya", fetched_at=NOON)
            made = places.back_up()
        report = places.restore(made)
        assert report.ok
        assert report.notes == ()
        assert (places.elsewhere / ref.file).stat().st_size == ref.offset + ref.length
        with places.restored() as engine:
            [held] = list_runs(engine)
            assert held.why == ("killed",)
            start_run(engine, "kontan")  # the outlet is free, although the run goes on in the first store

    def test_an_empty_store_has_one_too(self, places: Places):
        made = places.back_up()
        assert places.restore(made).ok


class TestWhileACrawlWrites:
    def test_all_that_was_acknowledged_before_is_in_it(self, store_url: str, places: Places):
        ledger = places.root / "acknowledged"
        child, pipe = storing.started(storing.crawl, store_url, places.archive, ledger, range(400))
        assert pipe.recv() == "going"
        while not ledger.exists() or ledger.read_text().count("saved") < 20:
            time.sleep(0.005)
        before = ledger.read_text()
        made = places.back_up()
        going = child.is_alive()
        child.kill()
        child.join()
        child.close()
        pipe.close()
        assert going, "the crawl ended before the backup, which proves nothing"
        report = places.restore(made)
        assert report.ok, report.faults
        with places.restored() as engine:
            for line in before[: before.rindex("\n")].splitlines():
                if line.startswith("saved"):
                    assert articles.find(engine, line.split()[1]) is not None
            run = start_run(engine, "kontan")
            known = frontier.count_states(engine, "kontan")["kontan"]
            assert known["stored"] >= 20
            frontier.pending(engine, run.id)

    def test_writers_are_not_kept_waiting_nor_the_copy_begun_anew(self, kept: Places):
        if kept.store.dialect.name != "sqlite":
            pytest.skip("pg_dump's own affair")
        target = kept.root / "copy.db"
        with dumps.dumped(kept.store, target) as connection:
            run = start_run(kept.store, "kontan")
            assert not connection.exec_driver_sql(f"SELECT 1 FROM runs WHERE id = {run.id}").all()  # noqa: S608
        assert list(kept.root.glob("copy.db?*")) == []


class TestAKilledBackup:
    def test_no_half_passes_for_a_whole_and_the_next_one_needs_nothing(self, kept: Places, store_url: str):
        drawn, folder = random.Random(20260304), kept.folder
        run = start_run(kept.store, "kontan")
        keep_pages(kept.store, run, kept.archive, *range(10, 60))
        whole, killed = 0, 0
        began = time.monotonic()
        kept.back_up(hours=-1)
        takes_s = time.monotonic() - began  # on this machine, as busy as it is
        for _ in range(12):
            child, pipe = storing.started(storing.back_up, store_url, kept.archive, folder)
            assert pipe.recv() == "going"
            time.sleep(drawn.uniform(0, takes_s))
            killed += child.is_alive()
            child.kill()
            child.join()
            child.close()
            pipe.close()
            assert len(backups(folder)) >= whole
            whole = len(backups(folder))
            for backup in backups(folder):
                manifest = read_manifest(backup)
                assert manifest.records == 55
                assert {path.name for path in backup.rglob("*.gz")} == {
                    each.file.partition("/")[2] for each in manifest.archive
                }
        assert killed >= 3, "too few kills fell into a backup"
        made = kept.back_up()
        assert list(folder.glob(".*")) == []
        assert len(backups(folder)) == whole + 1
        assert made.manifest.lost == ()


class TestWhatIsWrong:
    def test_a_flipped_bit_in_any_file_of_a_backup_keeps_it_from_being_restored(self, kept: Places):
        made = kept.back_up()
        drawn = random.Random(5)
        files = [path for path in made.folder.rglob("*") if path.is_file()]
        assert len(files) == 4
        for path in files:
            sound = path.read_bytes()
            data = bytearray(sound)
            at = sound.index(b'"sha256": "') + 15 if path.suffix == ".json" else drawn.randrange(len(data))
            data[at] ^= 1
            path.write_bytes(data)
            with pytest.raises(StoreError, match="damaged"):
                kept.restore(made)
            path.write_bytes(sound)
        assert not kept.elsewhere.parent.exists()
        (made.folder / read_manifest(made.folder).database.file).unlink()
        with pytest.raises(StoreError, match="No such file"):
            kept.restore(made)

    def test_a_file_outside_the_archive_is_not_restored(self, kept: Places):
        made = kept.back_up()
        manifest = json.loads((made.folder / "manifest.json").read_text())
        for name in ("../../x.warc.gz", "/etc/passwd", "2026-03-04/../../x", ""):
            manifest["archive"][0]["file"] = name
            (made.folder / "manifest.json").write_text(json.dumps(manifest))
            with pytest.raises(StoreError, match="damaged"):
                kept.restore(made)

    def test_a_folder_of_backups_is_told_from_a_backup(self, kept: Places):
        made = kept.back_up()
        with pytest.raises(StoreError, match=f"the newest in it is {made.folder}"):
            restore(kept.folder, "sqlite:///x.db", kept.root)
        with pytest.raises(StoreError, match="is no backup; give the folder"):
            restore(kept.root, "sqlite:///x.db", kept.root)

    def test_a_newer_pantau_and_another_kind_of_database_are_refused(self, kept: Places):
        made = kept.back_up()
        kinds = {"sqlite": "postgresql://x@localhost/x", "postgresql": f"sqlite:///{kept.root}/x.db"}
        with pytest.raises(StoreError, match="the configured database of"):
            restore(made.folder, kinds[kept.store.dialect.name], kept.elsewhere)
        path = made.folder / "manifest.json"
        path.write_text(path.read_text().replace('"schema_revision": "0', '"schema_revision": "9'))
        with pytest.raises(StoreError, match="upgrade pantau"):
            kept.restore(made)

    def test_an_archive_file_that_changed_since_is_told_and_the_good_copy_kept(self, kept: Places):
        kept.back_up()
        changed, missing = sorted(kept.archive.glob("*/*.gz"))
        data = bytearray(changed.read_bytes())
        data[len(data) // 2] ^= 4
        changed.write_bytes(data)
        missing.unlink()
        made = kept.back_up(hours=1, keep=1)
        assert len(made.manifest.lost) == 2
        assert len(backups(kept.folder)) == 2  # the one before is not dropped now
        assert kept.restore(made).ok

    def test_what_was_lost_before_the_first_backup_is_named(self, kept: Places):
        cut, missing = sorted(kept.archive.glob("*/*.gz"))
        cut.write_bytes(cut.read_bytes()[:-10])
        missing.unlink()
        made = kept.back_up()
        assert [each.split()[1:3] for each in made.manifest.lost] == [
            ["has", str(cut.stat().st_size)],
            ["is", "missing"],
        ]
        assert not kept.restore(made).ok

    def test_a_damaged_database_is_not_copied(self, kept: Places):
        if kept.store.dialect.name != "sqlite":
            pytest.skip("the server's own affair")
        with contextlib.closing(sqlite3.connect(str(kept.store.url.database))) as plain:
            plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (root,) = plain.execute("SELECT rootpage FROM sqlite_master WHERE name = 'revisions'").fetchone()
        kept.store.dispose()
        with Path(str(kept.store.url.database)).open("r+b") as file:
            file.seek((root - 1) * 4096)
            file.write(b"\xff" * 4096)
        with pytest.raises(StoreError, match="is damaged"):
            kept.back_up()
        assert list(kept.folder.iterdir()) == []

    def test_two_at_once_do_not_mix(self, kept: Places):
        kept.folder.mkdir()
        for folder in (kept.folder, kept.archive.parent):
            with disk.alone(folder), pytest.raises(StoreError, match="already at work"):
                kept.back_up()
        assert kept.back_up().copied == 2

    def test_missing_tools_are_named(self, kept: Places, monkeypatch: pytest.MonkeyPatch):
        if kept.store.dialect.name != "postgresql":
            pytest.skip("SQLite needs none")
        monkeypatch.setattr(dumps.shutil, "which", lambda _name: None)
        with pytest.raises(StoreError, match="install the package postgresql-client"):
            kept.back_up()

    def test_a_tool_that_fails_tells_why_without_the_password(
        self, kept: Places, monkeypatch: pytest.MonkeyPatch
    ):
        if kept.store.dialect.name != "postgresql":
            pytest.skip("SQLite needs none")
        seen = []
        real = dumps.subprocess.run
        monkeypatch.setattr(
            dumps.subprocess, "run", lambda args, **more: seen.append(args) or real(args, **more)
        )
        wrong = kept.store.url.set(port=1, drivername="postgresql", password="rahasia")  # noqa: S106 nobody's
        monkeypatch.setattr(dumps, "reading", lambda _engine: reading(kept.store))
        stand_in = type("Engine", (), {"dialect": kept.store.dialect, "url": wrong})
        with (
            pytest.raises(StoreError, match="pg_dump failed") as caught,
            dumps.dumped(stand_in, kept.root / "x"),
        ):
            pass
        assert "rahasia" not in str(caught.value) + str(seen)


class TestWhatIsInTheWay:
    def test_a_store_in_use_is_refused_or_moved_aside(self, kept: Places, store_url: str):
        made = kept.back_up()
        kept.restore(made)
        with kept.restored() as engine:
            run = start_run(engine, "kontan")
            storing.saved(engine, run.id, 9)
        if make_url(store_url).get_backend_name() == "postgresql":
            with pytest.raises(StoreError, match="is not empty; make a new one"):
                kept.restore(made, force=True)
            return
        with pytest.raises(StoreError, match="is in the way; give another --data-dir, or --force"):
            kept.restore(made)
        with pytest.raises(StoreError, match=f"run {run.id} of kontan is at work"):
            kept.restore(made, force=True)
        with kept.restored() as engine:
            finish_run(engine, run.id, "healthy")
        assert kept.restore(made, force=True).ok
        with kept.restored() as engine:
            assert len(headlines(engine)) == 5
        [aside] = kept.elsewhere.parent.glob("replaced-*")
        with opened(f"sqlite:///{aside}/pantau.db") as engine:
            assert len(headlines(engine)) == 6
        assert (aside / "archive").is_dir()

    def test_a_restore_that_was_interrupted_goes_on(self, kept: Places, monkeypatch: pytest.MonkeyPatch):
        made = kept.back_up()
        with monkeypatch.context() as broken:
            broken.setattr("crawler.storage.restore._put_database", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                kept.restore(made)
        first = next(kept.elsewhere.glob("*/*.gz"))
        first.write_bytes(first.read_bytes()[:-5])
        assert kept.restore(made).ok

    def test_a_log_left_alone_is_not_read_into_the_restored_database(self, kept: Places):
        if kept.store.dialect.name != "sqlite":
            pytest.skip("SQLite's own affair")
        made = kept.back_up()
        kept.elsewhere.mkdir(parents=True)
        (kept.elsewhere.parent / "pantau.db-wal").write_bytes(b"sisa")
        with pytest.raises(StoreError, match=r"pantau.db-wal is in the way"):
            kept.restore(made)
        assert kept.restore(made, force=True).ok
