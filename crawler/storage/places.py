"""Where the archive is: a folder, here or on a shared disk, or an object store. One interface for both.

A file of the archive is named from there on, with one slash: `2026-03-04/kontan-run12-0001.warc.gz`.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import IO, Final, Protocol, runtime_checkable

from crawler.config import Config
from crawler.errors import ConfigError

IS_FILE: Final = "*/*.warc.gz"


class Sink(Protocol):
    """What one run adds to the archive: written in one thread, synced perhaps in another."""

    def append(self, data: bytes, at: datetime) -> tuple[str, int]:
        """Add all of *data* or nothing; return the file it is in, and where.

        Raises:
            StoreError: the disk is full or fails.
        """
        ...

    def sync(self) -> None:
        """Return when all that was appended is kept for good.

        Raises:
            StoreError: the disk or the store fails; it may be called again.
        """
        ...

    def close(self) -> None:
        """Sync, and end the file; a later `append` begins a new one.

        Raises:
            StoreError: as `sync`.
        """
        ...


@runtime_checkable
class Place(Protocol):
    """Where the files of an archive are.

    A file that is not there is a FileNotFoundError; what a disk does else is an OSError, what an object store
    does else a StoreError, after some attempts.
    """

    @property
    def name(self) -> str:
        """Return what people call it: the folder, or the address without any secret."""
        ...

    @property
    def folder(self) -> Path | None:
        """Return the folder that it is, None for an object store."""
        ...

    def files(self) -> Mapping[str, int]:
        """Return all files with their sizes, by name; none where the place was never written to."""
        ...

    def read(self, file: str, start: int, length: int) -> bytes:
        """Return that stretch of a file, less where it ends before."""
        ...

    def open(self, file: str) -> AbstractContextManager[IO[bytes]]:
        """Yield a file to be read from its beginning."""
        ...

    def replacing(self, file: str) -> AbstractContextManager[IO[bytes]]:
        """Yield what becomes that file when the block ends: whole, for good, or not at all."""
        ...

    def remove(self, file: str) -> None:
        """Remove a file for good."""
        ...

    def tidy(self, before: datetime) -> None:
        """Remove what a kill left half written, and folders of earlier days that are empty."""
        ...

    def sink(self, outlet: str, run_id: int, roll_bytes: int) -> Sink:
        """Return what a run of an outlet adds to; a file of *roll_bytes* is followed by the next."""
        ...

    def probe(self) -> None:
        """Write something, read it, and remove it again.

        Raises:
            OSError: a folder cannot be written to.
            StoreError: an object store cannot be used.
        """
        ...

    def alone(self) -> AbstractContextManager[None]:
        """Keep every other process of this machine out of the same block.

        Raises:
            StoreError: another one is in it.
        """
        ...


def place_at(where: Path | Place) -> Place:
    """Return a folder as a place, a place as it is."""
    if isinstance(where, Path):
        # Both know the names of this module.
        from crawler.storage.folder import Folder  # noqa: PLC0415

        return Folder(where)
    return where


def archive_of(config: Config) -> Place:
    """Return where the archive is, as configured.

    Raises:
        ConfigError: what speaks to the object store is not installed, or the folder is not there.
    """
    if config.archive_url is None:
        # Made by hand, once: a disk that is not mounted is not to be taken for an empty archive.
        if config.archive and not config.archive_dir.is_dir():
            raise ConfigError(
                f"the archive's folder {config.archive_dir} is not there; mount its disk, or make it"
            )
        return place_at(config.archive_dir)
    # Costs half a second, which a folder need not wait for.
    from crawler.storage.objects import ObjectStore  # noqa: PLC0415

    return ObjectStore(config.archive_url, config.archive_options, beside=config.data_dir)
