"""Backups: a folder each, with a copy of the database, every record that its rows name, and a manifest.

A backup comes to be under another name and gets its own when all of it is on the disk, so that half a backup
never passes for a whole one. What an earlier backup beside it has already is linked, not copied: the
archive's files are only ever added to. Of an object store, what an earlier backup has is not even read again.
"""

import contextlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import attrs
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection, Engine, func, select

from crawler.errors import StoreError
from crawler.storage import disk, dumps
from crawler.storage.alone import alone
from crawler.storage.database import check
from crawler.storage.places import Place, place_at
from crawler.storage.schema import HEAD, articles, records, revisions

MANIFEST: Final = "manifest.json"
ARCHIVE: Final = "archive"
FILE: Final = r"^(\d{4}-\d\d-\d\d/)?[A-Za-z0-9_-][A-Za-z0-9_.-]*$"
_UNFINISHED: Final = ".unfinished-"
_NAME: Final = "%Y-%m-%dT%H%M%S.%fZ"
_IS_NAME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d{6}\.\d{6}Z")

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Kept(BaseModel):
    """One file of a backup. An archive's is named from the archive folder on, with slashes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: Annotated[str, Field(pattern=FILE)]
    bytes: Annotated[int, Field(ge=0)]
    sha256: Sha256


class LeftOut(BaseModel):
    """A file of the archive that the backup has not, as large as the rows name it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: Annotated[str, Field(pattern=FILE)]
    bytes: Annotated[int, Field(ge=0)]


class Manifest(BaseModel):
    """What a backup holds. `lost` names what the store had lost already when it was made.

    Where the archive was left out, `archive_at` says where it is, and `left_out` what the rows name of it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    pantau: str
    schema_revision: str
    made_at: AwareDatetime
    kind: Annotated[str, Field(pattern="^(sqlite|postgresql)$")]
    database: Kept
    archive: tuple[Kept, ...]
    articles: int
    revisions: int
    records: int
    lost: tuple[str, ...]
    archive_at: str = ""
    left_out: tuple[LeftOut, ...] = ()


@attrs.frozen(kw_only=True)
class Backup:
    """A finished backup: where it is, what it holds, how many files of the archive were new."""

    folder: Path
    manifest: Manifest
    copied: int
    linked: int


def make_backup(  # noqa: PLR0913 keyword-only options
    engine: Engine,
    archive: Path | Place,
    folder: Path,
    *,
    version: str,
    now: datetime | None = None,
    keep: int = 0,
    with_archive: bool = True,
) -> Backup:
    """Make a new backup below *folder* and return it; with *keep*, drop all but so many of the newest.

    The store is copied as of one moment while crawls go on. Where the archive differs from an earlier backup,
    the earlier copy is kept and the manifest says so.

    Raises:
        StoreError: the store is damaged, the disk is full or fails, or another backup is at work.
    """
    check(engine)
    disk.make_folder(folder)
    place = place_at(archive)
    if place.folder is not None:
        disk.make_folder(place.folder)
    with contextlib.ExitStack() as stack:
        stack.enter_context(alone(engine, place))
        if place.folder is None or folder.resolve() != place.folder.parent.resolve():
            stack.enter_context(disk.alone(folder))
        for left in folder.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(left)
        moment = (now or datetime.now(UTC)).astimezone(UTC)
        final = folder / moment.strftime(_NAME)
        work = folder / f"{_UNFINISHED}{final.name}"
        try:
            if final.exists():
                raise StoreError(f"there is a backup {final} already; wait a moment and start again")
            work.mkdir(mode=0o700)
            making = _Making(engine, place, work, _newest(folder))
            manifest = making.make(version, moment, with_archive=with_archive)
            work.rename(final)
            disk.sync(folder)
        except OSError as error:
            raise disk.failed(work, error) from error
        finally:
            shutil.rmtree(work, ignore_errors=True)
        if keep and not manifest.lost:
            for old in backups(folder)[:-keep]:
                _drop(old)
    return Backup(folder=final, manifest=manifest, copied=making.copied, linked=making.linked)


def backups(folder: Path) -> list[Path]:
    """Return the finished backups below *folder*, oldest first."""
    found = (path for path in folder.glob("*") if _IS_NAME.fullmatch(path.name))
    return sorted(path for path in found if (path / MANIFEST).is_file())


def read_manifest(folder: Path) -> Manifest:
    """Return what the backup in *folder* says it holds.

    Raises:
        StoreError: there is no backup, or its manifest is damaged.
    """
    path = folder / MANIFEST
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        inside = backups(folder)
        step = f"the newest in it is {inside[-1]}" if inside else "give the folder that `pantau backup` named"
        raise StoreError(f"{folder} is no backup; {step}") from error
    except OSError as error:
        raise disk.failed(path, error) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "its text"
        raise StoreError(f"{path} is damaged ({where}: {first['msg']}); take an earlier backup") from error


@attrs.define
class _Making:
    """One backup that is being made in the folder *work*."""

    engine: Engine
    archive: Place
    work: Path
    earlier: Path | None
    copied: int = 0
    linked: int = 0
    lost: list[str] = attrs.field(factory=list)

    def make(self, version: str, moment: datetime, *, with_archive: bool) -> Manifest:
        kind = self.engine.dialect.name
        database = self.work / dumps.FILES[kind]
        with dumps.dumped(self.engine, database) as connection:
            needed = dict(_needed(connection))
            counts = {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (articles, revisions, records)
            }
        size, digest = disk.hash_file(database)
        manifest = Manifest(
            pantau=version,
            schema_revision=HEAD,
            made_at=moment,
            kind=kind,
            database=Kept(file=database.name, bytes=size, sha256=digest),
            archive=tuple(self._take_archive(needed)) if with_archive else (),
            lost=tuple(self.lost),
            archive_at="" if with_archive else self.archive.name,
            left_out=() if with_archive else _left_out(needed),
            **counts,
        )
        for folder in (*self.work.glob(f"{ARCHIVE}/*"), *self.work.glob(ARCHIVE)):
            disk.sync(folder)
        with disk.writing(self.work / MANIFEST) as file:
            file.write(manifest.model_dump_json(indent=1).encode())
        return manifest

    def _take_archive(self, needed: dict[str, int]) -> Iterator[Kept]:
        before = {kept.file: kept for kept in read_manifest(self.earlier).archive} if self.earlier else {}
        there = self.archive.files() if self.archive.folder is None else None
        for file, length in sorted(needed.items()):
            target = self.work / ARCHIVE / file
            disk.make_folder(target.parent)
            yield from self._take(file, length, before.get(file), there)

    def _take(
        self, file: str, length: int, known: Kept | None, there: Mapping[str, int] | None
    ) -> Iterator[Kept]:
        """Copy or link what the rows name of one file of the archive; *there* are the sizes of objects."""
        target = self.work / ARCHIVE / file
        if known is not None and self.earlier is not None:
            # An object never changes; damage to it is the audit's to find.
            unchanged = self._is(file, known) if there is None else there.get(file, -1) >= known.bytes
            if not unchanged:
                self.lost.append(f"{file} is not what it was at the backup {self.earlier.name}")
            if not unchanged or known.bytes == length:
                # A file that is only ever added to and now differs is damaged: the earlier copy is better.
                _link(self.earlier / ARCHIVE / file, target)
                self.linked += 1
                yield known
                return
        try:
            with self.archive.open(file) as source:
                size, digest = disk.copy_stream(source, target, length)
        except FileNotFoundError:
            self.lost.append(f"{file} is missing")
            target.unlink(missing_ok=True)
            return
        self.copied += 1
        if size < length:
            self.lost.append(f"{file} has {size} of {length} bytes")
        yield Kept(file=file, bytes=size, sha256=digest)

    def _is(self, file: str, known: Kept) -> bool:
        try:
            with self.archive.open(file) as source:
                return disk.hash_stream(source, known.bytes) == (known.bytes, known.sha256)
        except FileNotFoundError:
            return False


def _left_out(needed: Mapping[str, int]) -> tuple[LeftOut, ...]:
    return tuple(LeftOut(file=file, bytes=length) for file, length in sorted(needed.items()))


def _needed(connection: Connection) -> Iterator[tuple[str, int]]:
    """Yield each file of the archive with how much of it the rows name: a crawl may be adding to it."""
    query = (
        select(records.c.file, func.max(records.c.offset + records.c.length))
        .where(records.c.pruned_at.is_(None))
        .group_by(records.c.file)
    )
    yield from ((file, length) for file, length in connection.execute(query))


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # not every file system has links
        disk.copy_file(source, target)


def _newest(folder: Path) -> Path | None:
    return next(reversed(backups(folder)), None)


def _drop(backup: Path) -> None:
    """Remove a backup; a kill leaves it unfinished, to be removed by the next."""
    going = backup.with_name(f"{_UNFINISHED}{backup.name}")
    backup.rename(going)
    shutil.rmtree(going)
