"""The archive as a folder: files that are appended to and synced. A disk that machines share is one too.

No two writers ever have one file, on however many machines: each makes its own, exclusively.
"""

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import RLock
from typing import IO, Final

import attrs

from crawler.errors import DiskFullError, StoreError
from crawler.storage import disk
from crawler.storage.places import IS_FILE
from crawler.storage.warc import first_record, name_part

_FOLDER_DAYS: Final = 7  # a younger folder may be about to get its first file


@attrs.frozen
class Folder:
    """A folder, as `crawler.storage.places.Place` describes it."""

    folder: Path

    @property
    def name(self) -> str:
        return str(self.folder)

    def files(self) -> Mapping[str, int]:
        found: dict[str, int] = {}
        for path in sorted(self.folder.glob(IS_FILE)):
            with contextlib.suppress(FileNotFoundError):  # pruned meanwhile
                found[path.relative_to(self.folder).as_posix()] = path.stat().st_size
        return found

    def read(self, file: str, start: int, length: int) -> bytes:
        with (self.folder / file).open("rb") as reader:
            reader.seek(start)
            return reader.read(length)

    def open(self, file: str) -> IO[bytes]:
        return (self.folder / file).open("rb")

    @contextlib.contextmanager
    def replacing(self, file: str) -> Iterator[IO[bytes]]:
        path = self.folder / file
        disk.make_folder(path.parent)
        with disk.writing(path) as writer:
            yield writer

    def remove(self, file: str) -> None:
        path = self.folder / file
        path.unlink()
        disk.sync(path.parent)

    def tidy(self, before: datetime) -> None:
        if not self.folder.is_dir():
            return
        for left in self.folder.glob("*/.*.new"):
            left.unlink()
        for folder in self.folder.iterdir():
            with contextlib.suppress(ValueError, OSError):  # not a day's, or not empty
                if date.fromisoformat(folder.name) < before.date() - timedelta(days=_FOLDER_DAYS):
                    folder.rmdir()

    def sink(self, outlet: str, run_id: int, roll_bytes: int) -> "FileSink":
        return FileSink(self.folder, outlet, run_id, roll_bytes)

    def probe(self) -> None:
        with tempfile.TemporaryFile(dir=self.folder) as file:
            file.write(b"probe")

    def alone(self) -> AbstractContextManager[None]:
        disk.make_folder(self.folder.parent)
        return disk.alone(self.folder.parent)


class FileSink:
    """Files of one run that are appended to, as `crawler.storage.places.Sink` describes it."""

    def __init__(self, folder: Path, outlet: str, run_id: int, roll_bytes: int) -> None:
        self._folder = folder
        self._run_id = run_id
        self._outlet = name_part(outlet)
        self._roll_bytes = roll_bytes
        self._descriptor: int | None = None
        self._file = ""
        self._size = 0
        self._dirty = False
        self._new_folders: set[Path] = set()
        self._lock = RLock()

    def sync(self) -> None:
        with self._lock:
            if self._descriptor is None or not self._dirty:
                return
            # A copy of the descriptor: writing goes on, and may even begin a new file, while the disk works.
            descriptor, folders = os.dup(self._descriptor), set(self._new_folders)
            self._dirty = False
        try:
            os.fsync(descriptor)
            for folder in folders:
                disk.sync(folder)
        except OSError as error:
            self._dirty = True
            raise self._failed(error) from error
        finally:
            os.close(descriptor)
        self._new_folders -= folders

    def close(self) -> None:
        with self._lock:
            try:
                self.sync()
            finally:
                if self._descriptor is not None:
                    os.close(self._descriptor)
                    self._descriptor = None

    def append(self, data: bytes, at: datetime) -> tuple[str, int]:
        with self._lock:
            if self._descriptor is not None and self._size >= self._roll_bytes:
                self.close()
            try:
                if self._descriptor is None:
                    self._begin_file(at)
                start = self._size
                self._dirty = True
                self._put(data)
            except OSError as error:
                raise self._failed(error) from error
            return self._file, start

    def _put(self, data: bytes) -> None:
        """Append all of *data* or nothing."""
        if self._descriptor is None:
            raise ValueError("no file is open")
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError:
            # The half record goes; where even that fails, the file is left behind and a new one begun.
            try:
                os.ftruncate(self._descriptor, self._size)
            except OSError:
                self._abandon()
            raise
        self._size += len(data)

    def _begin_file(self, at: datetime) -> None:
        day = at.astimezone(UTC).date().isoformat()
        folder = self._folder / day
        for missing in (self._folder, folder):
            if not missing.exists():
                missing.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._new_folders.add(missing.parent)
        number = 1
        while True:
            name = f"{self._outlet}-run{self._run_id}-{number:04d}.warc.gz"
            try:
                # Exclusive: a file that exists belongs to somebody, and O_EXCL follows no link either.
                self._descriptor = os.open(
                    folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600
                )
                break
            except FileExistsError:
                number += 1
        self._file, self._size = f"{day}/{name}", 0
        self._new_folders.add(folder)
        try:
            self._put(first_record(name, f"run {self._run_id} of {self._outlet}", at))
        except OSError:
            self._abandon()
            raise

    def _abandon(self) -> None:
        if self._descriptor is not None:
            with contextlib.suppress(OSError):  # the error that led here is being raised
                os.close(self._descriptor)
            self._descriptor = None

    def _failed(self, error: OSError) -> StoreError:
        where = self._folder / self._file if self._file else self._folder
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return DiskFullError(f"no space left for the archive {where}; free some and start again")
        return StoreError(
            f"cannot write the archive {where}: {error.strerror}; check the path, its rights and the disk"
        )
