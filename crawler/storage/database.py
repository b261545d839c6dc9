"""Opens the store, runs transactions on it and keeps its schema current.

Two databases, one behaviour: SQLite (one file, the default) and PostgreSQL (`postgresql+psycopg://…`).
The interface is synchronous: a crawl calls it from one thread of its own, off the event loop.
"""

import contextlib
import functools
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, inspect, make_url, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.schema import Table

from crawler.errors import StoreError
from crawler.logs import without_passwords
from crawler.storage.moves import moves, refuse_moved
from crawler.storage.process import write_lock_holders
from crawler.storage.schema import HEAD
from crawler.storage.troubles import explained, foreign, name_of

T = TypeVar("T")

BUSY_S: Final = 30.0
"""How long a writer waits for another one before it gives up."""

_WRITES: Final = "pantau_writes"
_STAMP: Final = text("SELECT version_num FROM alembic_version")
_MIGRATION_LOCK: Final = 0x70616E746175  # "pantau"; only the number counts
_RETRY_AFTER_S: Final = (0.2, 1.0, 4.0)
_SQLITE_HEADER: Final = b"SQLite format 3\0"

Upsert = sqlite.Insert | postgresql.Insert


def connect(url: str, *, busy_s: float = BUSY_S, create: bool = True) -> Engine:
    """Return an engine for the store at *url*, made with owner-only rights where it does not exist yet.

    With `create=False` a missing SQLite file is an error. Dispose of the engine when done.

    Raises:
        StoreError: the address, folder, file or server cannot be used.
    """
    parsed = read_address(url)
    if parsed.get_backend_name() == "sqlite":
        engine = _open_sqlite(parsed, busy_s, create=create)
    else:
        engine = _open_postgres(parsed, busy_s)
    try:
        read(engine, lambda connection: connection.execute(select(1)))
    except StoreError:
        engine.dispose()
        raise
    return engine


def read_address(url: str) -> URL:
    """Return the address of a store as its parts.

    Raises:
        StoreError: it is none, or of a database that is not supported.
    """
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError(
            f"{without_passwords(url)!r} is no address of a database; use sqlite:///FILE or postgresql+psycopg://…"
        ) from error
    if backend not in {"sqlite", "postgresql"}:
        raise StoreError(f"{backend} is not supported; use sqlite:///FILE or postgresql+psycopg://…")
    return parsed


def open_database(url: str, *, busy_s: float = BUSY_S) -> Engine:
    """Return `connect(url)` with a current schema: how every command that writes begins."""
    engine = connect(url, busy_s=busy_s)
    try:
        migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def transact(engine: Engine, work: Callable[[Connection], T]) -> T:
    """Return what *work* returns, having committed all it wrote, or none of it when it raises.

    On SQLite the transaction takes the write lock at once, so it never fails half way for another writer.
    On PostgreSQL a lost connection or a deadlock repeats *work*; therefore all work here can be repeated.

    Raises:
        StoreError: the store cannot be written; `UnsavableError` where only this value cannot.
    """

    def attempt() -> T:
        with engine.connect() as connection:
            connection.execution_options(**{_WRITES: True})
            with connection.begin():
                return work(connection)

    return _repeated(engine, attempt)


def read(engine: Engine, work: Callable[[Connection], T]) -> T:
    """Return what *work* returns, which only reads and sees one moment of the store; repeated as `transact`.

    Raises:
        StoreError: the store cannot be read.
    """

    def attempt() -> T:
        with _moment(engine) as connection:
            return work(connection)

    return _repeated(engine, attempt)


def writing(engine: Engine) -> Engine:
    """Return the engine for a library that begins its own transactions; each takes the write lock at once."""
    return engine.execution_options(**{_WRITES: True})


@contextlib.contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Yield a connection that sees one moment of the store, however long it reads.

    What is read at once, by a crawl or by the service, is `read`: a session that ends is begun anew there.

    Raises:
        StoreError: the store cannot be read.
    """
    try:
        with _moment(engine) as connection:
            yield connection
    except DBAPIError as error:
        raise explained(engine.url, error) from error


def upsert(engine_or_connection: Engine | Connection, table: Table) -> Upsert:
    """Return an INSERT into *table* that can say what to do on a conflict."""
    if engine_or_connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def clock(connection: Connection) -> datetime:
    """Return the present moment by the clock that all users of this store share."""
    if connection.dialect.name == "postgresql":
        moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return moment.astimezone(UTC)
    return datetime.now(UTC)


def migrate(engine: Engine) -> list[str]:
    """Bring the schema to what this pantau needs, a transaction a step; return the steps made.

    Safe to call at the start of every command, by any number of processes at once.

    Raises:
        StoreError: a newer pantau made this database, or another program did.
    """
    if schema_revision(engine) == HEAD:
        return []
    # Costs a tenth of a second, which commands on a current store need not wait for.
    from crawler.storage.upgrade import pending_steps, take  # noqa: PLC0415

    return [
        step
        for step in pending_steps()
        if transact(engine, functools.partial(take, step=step, hold=_hold_migrations))
    ]


def check(engine: Engine) -> None:
    """Refuse a store whose schema is not the one this pantau reads.

    Raises:
        StoreError: it is empty, older, newer, or another program's.
    """
    revision = schema_revision(engine)
    if revision is None:
        raise StoreError(f"{name_of(engine.url)} holds nothing yet; run `pantau crawl` first")
    if revision != HEAD:
        raise StoreError(
            f"{name_of(engine.url)} was made by an older version of pantau; run `pantau migrate`"
        )


def schema_revision(engine: Engine) -> str | None:
    """Return the revision of the schema, None for an empty database.

    Raises:
        MovedError: the store was moved.
        StoreError: a newer pantau made this database, or another program did.
    """

    def stamp(connection: Connection) -> str | None:
        tables = set(inspect(connection).get_table_names())
        if tables and "alembic_version" not in tables:
            raise foreign(engine.url)
        if moves.name in tables:
            refuse_moved(connection)
        return connection.execute(_STAMP).scalar() if tables else None

    revision = read(engine, stamp)
    if revision is None:
        return None
    if not (revision.isdigit() and len(revision) == len(HEAD)):
        raise foreign(engine.url)
    if revision > HEAD:
        raise StoreError(f"{name_of(engine.url)} was made by a newer version of pantau; upgrade pantau")
    return str(revision)


def _repeated(engine: Engine, attempt: Callable[[], T]) -> T:
    """Return what *attempt* returns, tried again where the server ended the session or a deadlock."""
    for pause_s in (*_RETRY_AFTER_S, None):
        try:
            return attempt()
        except DBAPIError as error:
            if pause_s is None or not _passes(engine, error):
                raise explained(engine.url, error, _open_runs(engine, error)) from error
        time.sleep(pause_s)
    raise AssertionError("the last attempt returns or raises")


@contextlib.contextmanager
def _moment(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        # Nothing is written, and a damaged file can be left behind but not committed.
        transaction = connection.begin()
        try:
            yield connection
        finally:
            transaction.rollback()


def _open_sqlite(url: URL, busy_s: float, *, create: bool) -> Engine:
    if not url.database or url.database == ":memory:":
        raise StoreError("a store in memory keeps nothing; use sqlite:///FILE")
    path = Path(url.database)
    _prepare_file(path, create=create)
    engine = create_engine(url, connect_args={"timeout": busy_s})

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        # The driver's own BEGIN comes late and never IMMEDIATE: begin ourselves, below.
        connection.isolation_level = None
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "cache_size = -16000",
            "journal_size_limit = 67108864",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _prepare_file(path: Path, *, create: bool) -> None:
    """Make folder and file with owner-only rights, and refuse what is not ours before SQLite touches it."""
    try:
        if not path.exists():
            if not create:
                raise StoreError(
                    f"there is no store at {path}; run `pantau crawl` first, or check --data-dir"
                )
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Not O_EXCL: two first runs may start together.
        descriptor = os.open(path, os.O_RDWR | (os.O_CREAT if create else 0), 0o600)
        with os.fdopen(descriptor, "rb") as file:
            start = file.read(len(_SQLITE_HEADER))
    except OSError as error:
        raise StoreError(
            f"cannot open the store {path}: {error.strerror}; check path and rights, or give --data-dir"
        ) from error
    if start and start != _SQLITE_HEADER:
        raise StoreError(f"{path} is not a database; move it away, or give another file")
    if not os.access(path.parent, os.W_OK):
        raise StoreError(
            f"the folder {path.parent} is read-only, but the store writes beside its file; give --data-dir"
        )
    if start:
        _refuseforeign(path)


def _refuseforeign(path: Path) -> None:
    """Look at the tables by a plain connection: switching to WAL would already change another's file."""
    connection = sqlite3.connect(path, timeout=BUSY_S)
    try:
        names = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
    except sqlite3.DatabaseError as error:
        raise StoreError(
            f"{path} cannot be read ({error}); run `pantau audit`, or restore a backup"
        ) from error
    finally:
        connection.close()
    if names and "alembic_version" not in names:
        raise foreign(make_url(f"sqlite:///{path}"))


def _open_postgres(url: URL, busy_s: float) -> Engine:
    given = url.query.get("options", "")
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": 10,
            "application_name": "pantau",
            # No transaction waits for ever.
            "options": f"{given} -c timezone=UTC -c lock_timeout={int(busy_s * 1000)}",
        },
    )


def _hold_migrations(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_MIGRATION_LOCK)))


def _passes(engine: Engine, error: DBAPIError) -> bool:
    """Tell whether the same work may well succeed on a second attempt."""
    if engine.dialect.name != "postgresql":
        return False
    code: Any = getattr(error.orig, "sqlstate", None)
    if code is None:
        return error.connection_invalidated
    return code in {"40001", "40P01"} or code[:2] == "08" or code[:3] == "57P"


def _open_runs(engine: Engine, error: DBAPIError) -> str:
    """Return who holds the lock that *error* is about, or which runs may: SQLite itself cannot tell."""
    if "locked" not in str(error.orig):
        return ""
    holders = write_lock_holders(Path(f"{engine.url.database}-shm"))
    if holders:
        return f"; held by {', '.join(holders)}"
    query = text("SELECT id, outlet, pid, host FROM runs WHERE ended_at IS NULL ORDER BY id")
    try:
        with reading(engine) as connection:
            found = [
                f"run {row.id} of {row.outlet}, process {row.pid} on {row.host}"
                for row in connection.execute(query)
            ]
    except StoreError:
        return ""  # the lock is the error to report, and nothing more is known of it
    return f"; open: {'; '.join(found)}" if found else ""
