"""The mark of a store that was moved: whoever opens it is told where it went."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, Connection, Row, Table, Text, delete, insert, select

from crawler.errors import StoreError
from crawler.storage.columns import Json, UtcDateTime, Words
from crawler.storage.schema import metadata

TO: Final = "to"
FROM: Final = "from"

moves = Table(
    "moves",
    metadata,
    # "to": the store was moved there and is used no more; "from": it came from there, with these digests.
    Column("way", Text, primary_key=True),
    Column("place", Words, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("digests", Json, nullable=False),
)


class MovedError(StoreError):
    """The store was moved elsewhere, and is used no more."""


def refuse_moved(connection: Connection) -> None:
    """Return if the store is the one in use.

    Raises:
        MovedError: it was moved; the message says where it went.
    """
    moved = marked(connection, TO)
    if moved is not None:
        raise MovedError(
            f"this store was moved to {moved.place} ({moved.at:%Y-%m-%d %H:%M} UTC); set `database` to that"
        )


def marked(connection: Connection, way: str) -> Row[Any] | None:
    """Return where the store was moved to, or came from, and what it held; None where it was not moved."""
    return connection.execute(select(moves).where(moves.c.way == way)).one_or_none()


def mark(connection: Connection, way: str, place: str, digests: Mapping[str, Any], at: datetime) -> None:
    """Note that the store was moved."""
    unmark(connection, way)
    connection.execute(insert(moves), {"way": way, "place": place, "digests": dict(digests), "at": at})


def unmark(connection: Connection, way: str) -> bool:
    """Take the mark off; return whether there was one."""
    return bool(connection.execute(delete(moves).where(moves.c.way == way)).rowcount)
