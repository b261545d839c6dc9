"""Moves a whole store into another, empty database: SQLite to PostgreSQL, or back.

All that is written to the new one is one transaction, held until each table was read back and found equal;
the old one is only read, under its write lock, and marked as moved when the new one has everything. So a kill
at any moment leaves the old store in use, and the same command does what is left.

Values travel as the columns hold them, not as they are read: seals, and the spelling of JSON, survive. The
search index is made anew, since each database has its own.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import attrs
import psycopg
from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    MetaData,
    Table,
    Text,
    and_,
    func,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from crawler.errors import StoreError
from crawler.storage.columns import Json, Words
from crawler.storage.database import (
    check,
    clock,
    connect,
    read_address,
    reading,
    schema_revision,
    transact,
)
from crawler.storage.leases import holder_of
from crawler.storage.moves import FROM, TO, mark, marked, moves, unmark
from crawler.storage.plans import SCHEDULER
from crawler.storage.runs import close_dead_runs
from crawler.storage.schema import articles, revisions, runs
from crawler.storage.schema_analysis import metadata
from crawler.storage.search import index, index_articles
from crawler.storage.upgrade import pending_steps, take

BATCH: Final = 200
_TIME: Final = "%Y-%m-%d %H:%M:%S.%f"
_DIGEST_BITS: Final = 256
_DAMAGE = (ValueError, TypeError, UnicodeError, DBAPIError)

Digests = dict[str, list[Any]]
Tell = Callable[[str], object]


@attrs.frozen(kw_only=True)
class Moved:
    """What was moved: rows of each table, and where to. `again`: an earlier move had done it already."""

    rows: Mapping[str, int]
    place: str
    again: bool = False


def move_store(source_url: str, target_url: str, tell: Tell = lambda _: None) -> Moved:
    """Move the store at *source_url* into the empty database at *target_url*; *tell* hears of each step.

    Raises:
        StoreError: the store is in use, the other database is not empty, or either fails; nothing was moved.
    """
    if _same(read_address(source_url), read_address(target_url)):
        raise StoreError("the store is there already; give the address of another database")
    source = connect(source_url, create=False)
    try:
        check(source)
        refuse_in_use(source)
        target = connect(target_url)
        try:
            schema_revision(target)  # refuses what is not ours
            return transact(source, lambda connection: _move(connection, target, tell))
        finally:
            target.dispose()
    finally:
        source.dispose()


def refuse_in_use(engine: Engine) -> None:
    """Return if neither a run nor a service is at work on the store.

    Raises:
        StoreError: one is; the message names it.
    """
    close_dead_runs(engine)
    with reading(engine) as connection:
        _refuse_runs(connection)
    lead = holder_of(engine, SCHEDULER)
    if lead is not None:
        raise StoreError(f"`pantau schedule` is at work (process {lead.pid} on {lead.host}); stop it first")


def stay(url: str) -> str | None:
    """Take the mark of a move off the store at *url*; return where it had gone, None where it had not.

    Raises:
        StoreError: it cannot be used.
    """
    engine = connect(url, create=False)

    def write(connection: Connection) -> str | None:
        if not inspect(connection).has_table(moves.name):
            return None
        moved = marked(connection, TO)
        unmark(connection, TO)
        return None if moved is None else str(moved.place)

    try:
        return transact(engine, write)
    finally:
        engine.dispose()


def _move(source: Connection, target: Engine, tell: Tell) -> Moved:
    _keep_still(source)
    _refuse_runs(source)
    place = target.url.render_as_string(hide_password=True)
    moved = transact(target, lambda connection: _fill(source, connection, place, tell))
    tell("committed")
    mark(source, TO, place, {}, clock(source))
    return moved


def _refuse_runs(connection: Connection) -> None:
    going = connection.execute(select(runs).where(runs.c.ended_at.is_(None))).first()
    if going is not None:
        raise StoreError(
            f"run {going.id} of {going.outlet} is at work (process {going.pid} on {going.host}); "
            "stop it, or wait for it"
        )


def _keep_still(source: Connection) -> None:
    """Let nobody else write; on SQLite the transaction itself does that."""
    if source.dialect.name == "postgresql":
        names = ", ".join(table.name for table in metadata.sorted_tables)
        source.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))


def _fill(source: Connection, target: Connection, place: str, tell: Tell) -> Moved:
    tables = [table for table in metadata.sorted_tables if table is not moves]
    earlier = _prepare(target)
    if earlier is not None:
        digests: Digests = {}
        for table in tables:
            digests[table.name] = _digest(_rows(source, table))
            tell(f"compared {table.name}")
        if digests != earlier:
            raise StoreError(f"{place} holds another store; give the address of an empty database")
        return Moved(rows={name: number for name, (number, _) in digests.items()}, place=place, again=True)
    digests = {}
    for table in tables:
        digests[table.name] = _copy(source, target, table)
        tell(f"copied {table.name}: {digests[table.name][0]}")
    index_articles(target, _texts(source))
    tell("indexed")
    for table in tables:
        if _digest(_rows(target, table)) != digests[table.name]:
            raise StoreError(f"{table.name} in {place} is not what was sent there; nothing was moved")
        if _numbered(table):
            _go_on_after(target, table, _last_number(source, table))
        tell(f"verified {table.name}")
    found = target.execute(select(func.count()).select_from(index)).scalar_one()
    if found != digests[articles.name][0]:
        number = digests[articles.name][0]
        raise StoreError(f"{found} articles of {number} have a text to be searched; run `pantau audit`")
    source_name = source.engine.url.render_as_string(hide_password=True)
    mark(target, FROM, source_name, digests, clock(target))
    return Moved(rows={name: number for name, (number, _) in digests.items()}, place=place)


def _prepare(target: Connection) -> Digests | None:
    """Make the tables where there are none; return what an earlier move brought, where one did.

    Raises:
        StoreError: there is something else.
    """
    for step in pending_steps():
        take(target, step, lambda _: None)
    earlier = marked(target, FROM)
    if earlier is not None:
        return {name: list(digest) for name, digest in earlier.digests.items()}
    for table in metadata.sorted_tables:
        if target.execute(select(table).limit(1)).first() is not None:
            raise StoreError(
                f"{_name(target)} is not empty: it has rows of {table.name}; give that of a new database"
            )
    return None


def _copy(source: Connection, target: Connection, table: Table) -> list[Any]:
    plain, sums = _plain(table), _Sum()
    rows = (sums.added(row) for row in _rows(source, table))
    try:
        if target.dialect.name == "postgresql":
            _copy_in(target, plain, rows)
        else:
            names = list(plain.c.keys())
            for batch in _batches(rows):
                target.execute(insert(plain), [dict(zip(names, row, strict=True)) for row in batch])
    except psycopg.Error as error:
        raise StoreError(f"{table.name} cannot be written: {_line(error)}; run `pantau audit`") from error
    return sums.digest


def _copy_in(target: Connection, plain: Table, rows: Iterator[Sequence[Any]]) -> None:
    """Write rows by COPY: a tenth of the time that INSERT takes."""
    connection: Any = target.connection.driver_connection
    columns = ", ".join(f'"{name}"' for name in plain.c.keys())  # noqa: SIM118 - not a mapping
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {plain.name} ({columns}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def _rows(connection: Connection, table: Table) -> Iterator[Sequence[Any]]:
    """Yield all rows, a batch in memory at a time.

    Raises:
        StoreError: a row is damaged.
    """
    # A row that has a page is large, and there may be many.
    query = select(_plain(table)).execution_options(yield_per=BATCH)
    try:
        yield from connection.execute(query)
    except _DAMAGE as error:
        said = _line(error.orig if isinstance(error, DBAPIError) else error)
        raise StoreError(f"a row of {table.name} cannot be read ({said}); run `pantau audit`") from error


def _texts(source: Connection) -> Iterator[tuple[int, str, Sequence[str]]]:
    query = select(articles.c.id, revisions.c.headline, revisions.c.body).join_from(
        articles,
        revisions,
        and_(revisions.c.article_id == articles.c.id, revisions.c.number == articles.c.current),
    )
    for row in source.execute(query.execution_options(yield_per=BATCH)):
        yield row.id, row.headline, row.body


def _plain(table: Table) -> Table:
    """Return the table with columns that are taken as they are stored."""
    return Table(table.name, MetaData(), *(Column(each.name, _stored(each.type)) for each in table.c))


def _stored(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    return Text() if isinstance(kind, (Json, Words)) else kind


class _Sum:
    """Number and digest of rows, in whatever order they come: each database has its own."""

    def __init__(self) -> None:
        self._number = self._sum = 0

    def added(self, row: Sequence[Any]) -> Sequence[Any]:
        spelt = json.dumps([_spelt(value) for value in row], separators=(",", ":")).encode()
        self._number += 1
        self._sum += int.from_bytes(hashlib.sha256(spelt).digest(), "big")
        return row

    @property
    def digest(self) -> list[Any]:
        return [self._number, f"{self._sum % (1 << _DIGEST_BITS):064x}"]


def _digest(rows: Iterator[Sequence[Any]]) -> list[Any]:
    sums = _Sum()
    for row in rows:
        sums.added(row)
    return sums.digest


def _spelt(value: Any) -> Any:  # noqa: ANN401 a value of any column
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime(_TIME)
    return ["bytes", value.hex()] if isinstance(value, bytes) else value


def _numbered(table: Table) -> bool:
    """Tell whether the database numbers the rows of a table."""
    column = table.autoincrement_column
    return column is not None and not column.foreign_keys


def _last_number(source: Connection, table: Table) -> int:
    """Return the highest number that was ever given, also to a row that is gone."""
    highest: int = source.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
    if source.dialect.name == "postgresql":
        query = text(f"SELECT last_value, is_called FROM {table.name}_id_seq")  # noqa: S608 a name of our own
        last, called = source.execute(query).one()
        return max(highest, last if called else 0)
    if not table.dialect_options["sqlite"]["autoincrement"]:
        return highest
    query = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
    return max(highest, source.execute(query, {"name": table.name}).scalar() or 0)


def _go_on_after(target: Connection, table: Table, last: int) -> None:
    """Let the next row get a number above *last*."""
    if not last:
        return
    if target.dialect.name == "postgresql":
        target.execute(text(f"SELECT setval('{table.name}_id_seq', :last)"), {"last": last})
    elif table.dialect_options["sqlite"]["autoincrement"]:
        given = {"name": table.name, "last": last}
        target.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), given)
        target.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), given)


def _batches(rows: Iterator[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    batch = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _same(one: URL, other: URL) -> bool:
    if one.get_backend_name() == other.get_backend_name() == "sqlite":
        return Path(str(one.database)).resolve() == Path(str(other.database)).resolve()
    parts = [(url.get_backend_name(), url.host, url.port or 5432, url.database) for url in (one, other)]
    return parts[0] == parts[1]


def _name(connection: Connection) -> str:
    return connection.engine.url.render_as_string(hide_password=True)


def _line(error: object) -> str:
    return " ".join(str(error).split())[:300]
