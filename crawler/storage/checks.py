"""What the checks of an audit are made of."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection, Select, func, select

Checker = Callable[[Connection], tuple[int, Iterable[str]]]
"""Returns how many things it looked at, and words on each that breaks the promise."""


def counted(connection: Connection, query: Any) -> int:  # noqa: ANN401 a table or a condition on one
    """Return how many rows there are."""
    number: int = connection.execute(select(func.count()).select_from(query)).scalar_one()
    return number


def asked(what: Any, query: Select[Any], words: str) -> Checker:  # noqa: ANN401 a table
    """Return a check on *what* whose faults are the rows of *query*, each told by *words*."""

    def check(connection: Connection) -> tuple[int, Iterable[str]]:
        rows = connection.execute(query).mappings()
        return counted(connection, what), (words.format_map(dict(row)) for row in rows)

    return check
