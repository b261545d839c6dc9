"""The seal of a revision: a hash over every column of its row as stored, so that one flipped bit is noticed.

It is taken of the stored form, not of the values read: two spellings of one JSON text are one value, and no
parser notices a changed separator in a time. Columns without a value are left out, so that a later
migration may add one.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Column, Connection, Float, Row, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeDecorator

from crawler.storage.schema import revisions

_OUTSIDE: Final = frozenset({"id", "seal"})
_TIME: Final = "%Y-%m-%d %H:%M:%S.%f"
_BATCH: Final = 200
_DIALECT: Final = sqlite.dialect()


def sealed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a new row of `revisions` with its seal among them."""
    given = {name: values.get(name, _default(column)) for name, column in revisions.c.items()}
    return {**values, "seal": seal({name: _stored(revisions.c[name], given[name]) for name in given})}


def seal(row: Mapping[str, Any]) -> str:
    """Return the SHA-256 over a row as a database gives it without any conversion of types."""
    kept = sorted((name, value) for name, value in row.items() if name not in _OUTSIDE and value is not None)
    plain = [[name, _plain(value)] for name, value in kept]
    return hashlib.sha256(json.dumps(plain, separators=(",", ":")).encode()).hexdigest()


def broken_seals(connection: Connection) -> Iterator[str]:
    """Yield, for each row of `revisions` that is not as it was written, which one it is."""
    for ids in _batches(connection):
        for row in _rows(connection, ids):
            if isinstance(row, str):
                yield row
            elif row.seal != seal(dict(row._mapping)):  # noqa: SLF001 SQLAlchemy's name for a row as a mapping
                yield f"revision {row.number} of article {row.article_id} is not what was stored"


def seal_all(connection: Connection) -> None:
    """Seal every row, as they stand: an older version of pantau wrote them without."""
    for ids in _batches(connection):
        rows = connection.execute(_ROWS, {"first": ids[0], "last": ids[-1]}).mappings().all()
        connection.execute(_SEAL, [{"of": row["id"], "seal": seal(dict(row))} for row in rows])


def note_ruleset(connection: Connection, article_id: int, number: int, ruleset: str) -> None:
    """Note which rules last read a revision as it is stored; one that is damaged is left to the audit."""
    found = connection.execute(_ROW, {"article_id": article_id, "number": number}).mappings()
    row = dict(found.one())
    if row["seal"] == seal(row):
        values = {"ruleset": ruleset, "seal": seal({**row, "ruleset": ruleset}), "of": row["id"]}
        connection.execute(_NOTE_RULESET, values)


def _batches(connection: Connection) -> Iterator[Sequence[int]]:
    after = 0
    while ids := connection.execute(_IDS, {"after": after, "many": _BATCH}).scalars().all():
        yield ids
        after = ids[-1]


def _rows(connection: Connection, ids: Sequence[int]) -> Iterator[Row[Any] | str]:
    """Yield the rows, and words on each that cannot even be read."""
    try:
        yield from connection.execute(_ROWS, {"first": ids[0], "last": ids[-1]}).all()
    except DBAPIError as error:
        if connection.dialect.name != "sqlite":
            raise
        if len(ids) == 1:
            yield f"the revision in row {ids[0]} cannot be read ({error.orig})"
        else:
            for each in ids:
                yield from _rows(connection, [each])


def _default(column: Column[Any]) -> Any:  # noqa: ANN401 a value of any column
    return None if column.server_default is None else str(column.server_default.arg)  # type: ignore[attr-defined]


def _stored(column: Column[Any], value: Any) -> Any:  # noqa: ANN401 a value of any column
    if isinstance(column.type, TypeDecorator):
        return column.type.process_bind_param(value, _DIALECT)
    return float(value) if isinstance(column.type, Float) and value is not None else value


def _plain(value: Any) -> Any:  # noqa: ANN401 a value of any column
    if isinstance(value, datetime):
        return (value if value.tzinfo is None else value.astimezone(UTC)).strftime(_TIME)
    if isinstance(value, bytes):  # what was a text and is none any more
        return ["bytes", value.hex()]
    return int(value) if isinstance(value, bool) else value


# By text, so that no type converts anything.
_IDS: Final = text("SELECT id FROM revisions WHERE id > :after ORDER BY id LIMIT :many")
_ROWS: Final = text("SELECT * FROM revisions WHERE id BETWEEN :first AND :last ORDER BY id")
_ROW: Final = text("SELECT * FROM revisions WHERE article_id = :article_id AND number = :number")
_NOTE_RULESET: Final = text("UPDATE revisions SET ruleset = :ruleset, seal = :seal WHERE id = :of")
_SEAL: Final = text("UPDATE revisions SET seal = :seal WHERE id = :of")
