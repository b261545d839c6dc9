"""Column types that mean the same on SQLite and PostgreSQL, `Instant` as columns, and the day of a time."""

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, cast

from sqlalchemy import Boolean, Column, DateTime, Dialect, Integer, Row, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from crawler.items import Instant, Precision

# Neither database keeps these in a text: NUL (PostgreSQL refuses it) and halves of surrogate pairs.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def storable(text: str) -> str:
    """Return *text* with NUL and lone surrogates replaced by U+FFFD, all else as it is."""
    return _UNSTORABLE.sub("\ufffd", text)


class Words(TypeDecorator[str]):
    """Text of any length that came from outside; what no database can hold becomes U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 given by SQLAlchemy
        return None if value is None else storable(value)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime of any offset, stored in UTC and given back in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a stored time must be aware, not {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 given
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """A list or mapping as JSON text in ASCII, so that any character survives on both databases."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ANN401, ARG002 any JSON value
        return None if value is None else json.dumps(value, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002 any JSON value
        return None if value is None else json.loads(value)


class WibDay(FunctionElement[str]):
    """The calendar day in WIB that a stored time falls on, as `2026-03-02`."""

    type = Text()
    name = "wib_day"
    inherit_cache = True


@compiles(WibDay, "sqlite")
def _day_on_sqlite(element: WibDay, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 SQLAlchemy's
    return f"date({compiler.process(element.clauses, **options)}, '+7 hours')"


@compiles(WibDay, "postgresql")
def _day_on_postgresql(element: WibDay, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 SQLAlchemy's
    time = compiler.process(element.clauses, **options)
    return f"to_char(({time}) AT TIME ZONE 'UTC' + interval '7 hours', 'YYYY-MM-DD')"


def instant_columns() -> tuple[Column[Any], ...]:
    """Return the columns of one `Instant`: UTC, printed offset in minutes, precision, assumed zone."""
    return (
        Column("published_at", UtcDateTime),
        Column("published_offset_min", Integer),
        Column("published_precision", Text),
        Column("published_zone_assumed", Boolean),
    )


def instant_values(instant: Instant | None) -> dict[str, Any]:
    """Return *instant* as the values of `instant_columns`, each None where it is None."""
    if instant is None:
        return {
            "published_at": None,
            "published_offset_min": None,
            "published_precision": None,
            "published_zone_assumed": None,
        }
    offset = instant.at.utcoffset() or timedelta()
    return {
        "published_at": instant.at,
        "published_offset_min": round(offset.total_seconds() / 60),
        "published_precision": instant.precision,
        "published_zone_assumed": instant.zone_assumed,
    }


def read_instant(row: Row[Any]) -> Instant | None:
    """Return the `Instant` that `instant_values` wrote, with its printed offset."""
    at = row.published_at
    if at is None:
        return None
    zone = timezone(timedelta(minutes=row.published_offset_min or 0))
    return Instant(
        at=at.astimezone(zone),
        precision=cast("Precision", row.published_precision),
        zone_assumed=bool(row.published_zone_assumed),
    )
