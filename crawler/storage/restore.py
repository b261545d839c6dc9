"""Puts a backup back: verified first, the archive before the database, the database at once or not at all.

A restore that was interrupted is taken up by the same command.
"""

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, delete, inspect, select, update

from crawler.errors import StoreError
from crawler.storage import disk, dumps
from crawler.storage.audit import AuditReport, audit
from crawler.storage.backup import ARCHIVE, Kept, Manifest, read_manifest
from crawler.storage.database import connect, open_database, read_address, reading, transact
from crawler.storage.places import Place, place_at
from crawler.storage.process import Process
from crawler.storage.runs import close_dead_runs
from crawler.storage.schema import HEAD, leases, runs

_GOING: Final = select(runs).where(runs.c.ended_at.is_(None))
_BESIDE: Final = ("", "-wal", "-shm")


def restore(
    backup: Path, url: str, archive: Path | Place, *, force: bool = False, now: datetime | None = None
) -> tuple[Manifest, AuditReport]:
    """Put a backup into the database at *url* and into *archive*; return it with what the audit says.

    With *force* what is there is moved aside, into a folder `replaced-…` beside the archive; a PostgreSQL
    database must be empty all the same, and so must an object store. Runs that were open when the backup was
    made are closed as killed.

    Raises:
        StoreError: the backup is damaged or of a newer pantau, or there is something in its way.
    """
    manifest = read_manifest(backup)
    _check_version(manifest, url)
    damage = list(_damage(backup, manifest))
    if damage:
        raise StoreError(
            f"{backup} is damaged: {damage[0]}{_and_more(damage)}; nothing was restored, take another backup"
        )
    place = place_at(archive)
    with place.alone():
        moment = (now or datetime.now(UTC)).astimezone(UTC)
        _make_room(manifest, url, place, moment.strftime("replaced-%Y-%m-%dT%H%M%SZ"), force=force)
        try:
            there = place.files() if place.folder is None else {}
            for kept in manifest.archive:
                if place.folder is not None:
                    _put(backup / ARCHIVE / kept.file, place.folder / kept.file, kept)
                else:
                    _put_object(backup / ARCHIVE / kept.file, place, kept, there.get(kept.file))
            _put_database(backup / manifest.database.file, url, manifest)
        except OSError as error:
            raise disk.failed(Path(place.name), error) from error
        engine = open_database(url)
        try:
            transact(engine, _let_go)
            close_dead_runs(engine, lease_s=0)
            return manifest, audit(engine, place)
        finally:
            engine.dispose()


def _check_version(manifest: Manifest, url: str) -> None:
    if manifest.schema_revision > HEAD:
        raise StoreError(f"the backup was made by pantau {manifest.pantau}, which is newer; upgrade pantau")
    kind = read_address(url).get_backend_name()
    if kind != manifest.kind:
        raise StoreError(
            f"the backup is of {manifest.kind}, the configured database of {kind}; set `database`"
        )


def _damage(backup: Path, manifest: Manifest) -> Iterator[str]:
    for kept, path in (
        (manifest.database, backup / manifest.database.file),
        *((kept, backup / ARCHIVE / kept.file) for kept in manifest.archive),
    ):
        try:
            if disk.hash_file(path) != (kept.bytes, kept.sha256):
                yield f"{kept.file} is not what was backed up"
        except OSError as error:
            yield f"{kept.file}: {error.strerror}"


def _make_room(manifest: Manifest, url: str, place: Place, aside_name: str, *, force: bool) -> None:
    """Move what is in the way aside, or refuse; what an interrupted restore put there is not in the way."""
    database = _sqlite_file(url)
    if database is None:
        with _opened(url) as engine, reading(engine) as connection:
            if inspect(connection).get_table_names():
                raise StoreError("the configured database is not empty; make a new one, set `database` to it")
    in_the_way = [] if database is None or _is(database, manifest.database) else _files_of(database)
    ours = {kept.file for kept in manifest.archive} | {each.file for each in manifest.left_out}
    others = [Path(place.name) / file for file in place.files() if file not in ours]
    if others and place.folder is None:
        raise StoreError(
            f"{place.name} holds {len(others)} other objects, and none is moved aside; "
            "set `archive` to another prefix"
        )
    in_the_way += others
    if not in_the_way:
        return
    if not force:
        raise StoreError(
            f"{in_the_way[0]} is in the way; give another --data-dir, or --force to move it aside"
        )
    if database is not None and database.exists():
        _refuse_while_used(url)
    beside = place.folder.parent if place.folder is not None else in_the_way[0].parent
    aside = beside / aside_name
    aside.mkdir(mode=0o700)
    for path in _files_of(database) if database is not None else ():
        shutil.move(path, aside / path.name)  # they may be on another disk than the archive
    # An archive that the backup left out is what its rows name: it stays.
    if place.folder is not None and place.folder.exists() and not manifest.left_out:
        place.folder.rename(aside / place.folder.name)
    disk.sync(aside)
    disk.sync(beside)


def _refuse_while_used(url: str) -> None:
    going: Sequence[Row[Any]] = ()
    # What cannot be read is used by nobody, and often the reason for the restore.
    with contextlib.suppress(StoreError), _opened(url) as engine, reading(engine) as connection:
        going = connection.execute(_GOING).all()
    for run in going:
        if Process(run.host, run.pid, run.process).is_dead() is False:
            raise StoreError(f"run {run.id} of {run.outlet} is at work (process {run.pid}); stop it first")


def _let_go(connection: Connection) -> None:
    """Take the runs and the lead from processes that hold them in another store, of which this is a copy."""
    connection.execute(update(runs).where(runs.c.ended_at.is_(None)).values(process=""))
    connection.execute(delete(leases))


def _put(source: Path, target: Path, kept: Kept) -> None:
    """Bring one file of the archive to its place, checked."""
    if _is(target, kept):
        return
    disk.make_folder(target.parent)
    new = target.with_name(f".{target.name}.new")
    if disk.copy_file(source, new) != (kept.bytes, kept.sha256):
        raise StoreError(f"{source} changed while it was read; check the disk")
    new.rename(target)
    disk.sync(target.parent)


def _put_object(source: Path, place: Place, kept: Kept, size: int | None) -> None:
    """Bring one file of the archive into an object store, checked; *size* is what it has there already."""
    if size == kept.bytes:
        with place.open(kept.file) as there:
            if disk.hash_stream(there) == (kept.bytes, kept.sha256):
                return
    with source.open("rb") as reader, place.replacing(kept.file) as writer:
        shutil.copyfileobj(reader, writer)


def _put_database(source: Path, url: str, manifest: Manifest) -> None:
    database = _sqlite_file(url)
    if database is not None:
        disk.make_folder(database.parent)
        _put(source, database, manifest.database)
        return
    with _opened(url) as engine:
        dumps.load_postgres(engine, source)


def _is(path: Path, kept: Kept) -> bool:
    return path.exists() and disk.hash_file(path) == (kept.bytes, kept.sha256)


def _files_of(database: Path) -> list[Path]:
    """Return the files of a SQLite database that are there, logs too: the next database would read them."""
    return [path for end in _BESIDE if (path := database.with_name(database.name + end)).exists()]


@contextlib.contextmanager
def _opened(url: str) -> Iterator[Engine]:
    engine = connect(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _sqlite_file(url: str) -> Path | None:
    parsed = read_address(url)
    return Path(str(parsed.database)) if parsed.get_backend_name() == "sqlite" else None


def _and_more(found: list[str]) -> str:
    return f" and {len(found) - 1} more" if len(found) > 1 else ""
