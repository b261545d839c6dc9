"""How procrastinate reaches the store: by the store's own engine, with its retries and its messages."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from procrastinate.connector import BaseConnector
from psycopg.types.json import Jsonb
from sqlalchemy import Connection, Engine, func, select

from crawler.storage.database import transact


class StoreConnector(BaseConnector):
    """Runs procrastinate's statements in transactions of the store, or within one of ours."""

    def __init__(self, engine: Engine, schema: str) -> None:
        self._engine = engine
        self._schema = schema
        self._joined: Connection | None = None

    @contextlib.contextmanager
    def joined(self, connection: Connection) -> Iterator[None]:
        """Let everything in this block be part of a transaction that is open."""
        see_schema(connection, self._schema)
        self._joined = connection
        try:
            yield
        finally:
            self._joined = None

    def get_sync_connector(self) -> BaseConnector:
        """Return this: it never waits."""
        return self

    def execute_query(self, query: str, **arguments: object) -> None:
        """Run a statement."""
        self._rows(query, arguments)

    def execute_query_one(self, query: str, **arguments: object) -> dict[str, Any]:
        """Return the one row of a statement."""
        return self._rows(query, arguments)[0]

    def execute_query_all(self, query: str, **arguments: object) -> list[dict[str, Any]]:
        """Return the rows of a statement."""
        return self._rows(query, arguments)

    async def execute_query_async(self, query: str, **arguments: object) -> None:
        """Run a statement."""
        self._rows(query, arguments)

    async def execute_query_one_async(self, query: str, **arguments: object) -> dict[str, Any]:
        """Return the one row of a statement."""
        return self._rows(query, arguments)[0]

    async def execute_query_all_async(self, query: str, **arguments: object) -> list[dict[str, Any]]:
        """Return the rows of a statement."""
        return self._rows(query, arguments)

    def _rows(self, query: str, arguments: Mapping[str, object]) -> list[dict[str, Any]]:
        given = {name: _adapted(value) for name, value in arguments.items()}

        def ask(connection: Connection) -> list[dict[str, Any]]:
            found = connection.exec_driver_sql(query, given)
            return [dict(row) for row in found.mappings()] if found.returns_rows else []

        if self._joined is not None:
            return ask(self._joined)

        def alone(connection: Connection) -> list[dict[str, Any]]:
            see_schema(connection, self._schema)
            return ask(connection)

        return transact(self._engine, alone)


def see_schema(connection: Connection, schema: str) -> None:
    """Let the rest of this transaction find the queue's tables and functions, after the store's own."""
    path = func.current_setting("search_path") + f", {schema}"
    connection.execute(select(func.set_config("search_path", path, True)))  # noqa: FBT003 - SQL's own


def _adapted(value: Any) -> Any:  # noqa: ANN401 - a statement's argument
    if isinstance(value, dict):
        return Jsonb(value)
    if isinstance(value, tuple):
        return tuple(map(_adapted, value))
    return list(map(_adapted, value)) if isinstance(value, list) else value
