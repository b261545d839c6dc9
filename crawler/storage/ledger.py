"""Rows that a transaction adds beside its own: sightings, visits and the archive index, in bulk."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs
from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from crawler.storage.archive import RecordRef
from crawler.storage.facts import write_fact
from crawler.storage.schema import events, records, sightings, visits


def write_visits(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows of the ledger; a later one of the same run and address replaces the earlier."""
    connection.execute(_VISIT[connection.dialect.name], rows)


def write_sightings(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write which list offered an address; the first sighting by each source stays."""
    connection.execute(_SIGHTING[connection.dialect.name], rows)


def write_event(  # noqa: PLR0913, PLR0917 each is a column
    connection: Connection, run_id: int, article_id: int, kind: str, detail: Mapping[str, Any], at: datetime
) -> None:
    """Write what happened to a stored article: revised, suspected, confirmed, restored, re-extracted.

    A transaction that is repeated finds it there. What can be told of it is also a fact for the alerts.
    """
    there = select(events.c.id).where(
        events.c.article_id == article_id, events.c.run_id == run_id, events.c.kind == kind
    )
    if connection.execute(there).first() is not None:
        return
    row = {"article_id": article_id, "run_id": run_id, "at": at, "kind": kind, "detail": dict(detail)}
    connection.execute(events.insert(), row)
    write_fact(connection, run_id, article_id, kind, detail, at)


def index_records(connection: Connection, run_id: int, refs: Sequence[RecordRef]) -> None:
    """Enter records that are on the disk into the archive index, once each."""
    if refs:
        rows = [{**attrs.asdict(ref), "run_id": run_id} for ref in refs]
        connection.execute(_RECORD[connection.dialect.name], rows)


def _on_both(table: Table, *, replace: Sequence[str] = ()) -> dict[str, sqlite.Insert | postgresql.Insert]:
    """Return, per database, an INSERT into *table* that keeps the row there, or replaces some of it."""
    if not replace:
        return {
            "sqlite": sqlite.insert(table).on_conflict_do_nothing(),
            "postgresql": postgresql.insert(table).on_conflict_do_nothing(),
        }
    key = list(table.primary_key)
    on_sqlite, on_postgres = sqlite.insert(table), postgresql.insert(table)
    return {
        "sqlite": on_sqlite.on_conflict_do_update(
            index_elements=key, set_={name: on_sqlite.excluded[name] for name in replace}
        ),
        "postgresql": on_postgres.on_conflict_do_update(
            index_elements=key, set_={name: on_postgres.excluded[name] for name in replace}
        ),
    }


_VISIT = _on_both(visits, replace=("outcome", "reason", "at", "detail", "record_ids"))
_RECORD = _on_both(records)
_SIGHTING = _on_both(sightings)
