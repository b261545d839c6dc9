"""Copies of the database by its own means: SQLite's online backup, PostgreSQL's pg_dump and pg_restore.

A crawl may write meanwhile; the copy is of one moment, the one at which it began.
"""

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, create_engine, text

from crawler.config import environment_of_programs
from crawler.errors import StoreError
from crawler.storage import disk
from crawler.storage.database import reading

FILES: Final[Mapping[str, str]] = {"sqlite": "pantau.db", "postgresql": "pantau.dump"}
"""What the copy is called, for each kind of database."""

_PAGES: Final = 1024  # a step; between two steps the interpreter is free to stop


@contextlib.contextmanager
def dumped(engine: Engine, target: Path) -> Iterator[Connection]:
    """Copy the database into the file *target*, then yield a connection that sees just what the copy has.

    Raises:
        StoreError: the database is damaged, or its tools are missing or fail.
    """
    if engine.dialect.name == "sqlite":
        copy_sqlite(Path(str(engine.url.database)), target)
        with _opened(target) as connection:
            yield connection
        return
    with reading(engine) as connection:
        snapshot = str(connection.execute(text("SELECT pg_export_snapshot()")).scalar_one())
        arguments = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
        # The jobs of workers: whoever does what is planned makes them anew.
        arguments += ["--exclude-schema=procrastinate_*"]
        _run_tool(engine, "pg_dump", [*arguments, f"--file={target}"])
        target.chmod(0o600)
        disk.sync(target)
        yield connection


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a SQLite database, checked and synced, while others may write to it.

    Raises:
        StoreError: the copy is not sound, because the source is not.
    """
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with (
            contextlib.closing(sqlite3.connect(source, isolation_level=None)) as origin,
            contextlib.closing(sqlite3.connect(target)) as copy,
        ):
            # A reader's snapshot: without it every write of a crawl would make the copy begin anew.
            origin.execute("BEGIN")
            origin.execute("SELECT count(*) FROM sqlite_master").fetchone()
            origin.backup(copy, pages=_PAGES)
        with contextlib.closing(sqlite3.connect(_untouched(target), uri=True)) as copy:
            said = [row[0] for row in copy.execute("PRAGMA integrity_check(3)")]
    except sqlite3.Error as error:
        raise _unsound(source, str(error)) from error
    if said != ["ok"]:
        raise _unsound(source, "; ".join(said))
    disk.sync(target)


def load_postgres(engine: Engine, source: Path) -> None:
    """Load a dump into an empty database, all of it or nothing.

    Raises:
        StoreError: pg_restore is missing or fails.
    """
    arguments = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", str(source)]
    _run_tool(engine, "pg_restore", arguments)


def has_tools() -> bool:
    """Tell whether PostgreSQL's programs for backup and restore are there."""
    return all(map(shutil.which, ("pg_dump", "pg_restore")))


@contextlib.contextmanager
def _opened(copy: Path) -> Iterator[Connection]:
    """Yield a connection to a copy that leaves nothing beside it."""
    # Not `connect`, which makes files beside it.
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(_untouched(copy), uri=True))
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _untouched(copy: Path) -> str:
    return f"{copy.absolute().as_uri()}?immutable=1"


def _run_tool(engine: Engine, tool: str, arguments: Sequence[str]) -> None:
    path = shutil.which(tool)
    if path is None:
        raise StoreError(
            f"{tool} is not here, and PostgreSQL is copied by it; install the package postgresql-client"
        )
    url = engine.url.set(drivername="postgresql", password=None)
    # The password goes by the environment: everybody on the machine sees the arguments of a program.
    secret = {"PGPASSWORD": str(engine.url.password)} if engine.url.password else {}
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL's own, no shell
        [path, f"--dbname={url.render_as_string()}", *arguments],
        env=environment_of_programs(secret),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        said = " ".join(done.stderr.split())[-400:]
        raise StoreError(f"{tool} failed: {said}; see that the server runs and is not newer than {tool}")


def _unsound(source: Path, said: str) -> StoreError:
    return StoreError(
        f"{source} is damaged and was not copied ({said}); run `pantau audit`, restore an earlier backup"
    )
