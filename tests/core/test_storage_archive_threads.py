"""The archive is written in one thread and synced from another."""

from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import pytest

from crawler.storage.archive import ArchiveWriter
from crawler.storage.replay import read_record

NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)


def test_syncing_from_another_thread_loses_and_breaks_nothing(tmp_path: Path) -> None:
    done, faults = Event(), []
    with ArchiveWriter(tmp_path, "kabar", 1, roll_bytes=4_000) as writer:

        def sync() -> None:
            while not done.is_set():
                try:
                    writer.sync()
                except Exception as error:  # noqa: BLE001 - whatever it is, the test is to say so
                    faults.append(error)
                    return

        other = Thread(target=sync)
        other.start()
        refs = [
            writer.write(f"https://kabar.example/{n}", 200, [], b"isi %d " % n * 40, fetched_at=NOW)
            for n in range(300)
        ]
        done.set()
        other.join()
    assert not faults
    assert len({ref.file for ref in refs}) > 3
    assert [read_record(tmp_path, ref).body for ref in refs] == [b"isi %d " % n * 40 for n in range(300)]


def test_what_is_written_while_the_disk_works_is_synced_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    with ArchiveWriter(tmp_path, "kabar", 1) as writer:

        def slow(descriptor: int) -> None:
            if not synced:  # the disk is at work: meanwhile another record comes
                synced.append(descriptor)
                writer.write("https://kabar.example/2", 200, [], b"dua", fetched_at=NOW)
            else:
                synced.append(descriptor)

        writer.write("https://kabar.example/1", 200, [], b"satu", fetched_at=NOW)
        monkeypatch.setattr("crawler.storage.folder.os.fsync", slow)
        writer.sync()
        before = len(synced)
        writer.sync()
        assert len(synced) > before  # the second record was not taken for synced
        after = len(synced)
        writer.sync()
        assert len(synced) == after
