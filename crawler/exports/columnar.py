"""Articles as Parquet: typed columns, written in row groups, the same bytes for the same articles."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import attrs
import pyarrow as pa
from pyarrow import parquet

from crawler.exports.fields import FIELDS, SCHEMA, Kind, Record
from crawler.exports.formats import About, Sink
from crawler.storage.columns import storable

GROUP_ROWS: Final = 1000
GROUP_CHARACTERS: Final = 8_000_000
OFFSET: Final = "published_offset_min"
"""A column of its own: a Parquet time has one zone for all rows, and that is UTC."""

_TEXTS = pa.list_(pa.string())
_TYPES: Final = {
    Kind.WHOLE: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.TEXT: pa.string(),
    Kind.FLAG: pa.bool_(),
    Kind.PRINTED: pa.timestamp("us", tz="UTC"),
    Kind.MOMENT: pa.timestamp("us", tz="UTC"),
    Kind.TEXTS: _TEXTS,
    Kind.CUTS: pa.list_(pa.struct([("line", pa.int64()), ("rule", pa.string()), ("text", pa.string())])),
    Kind.WITNESSES: pa.list_(
        pa.struct(
            [
                ("field", pa.string()),
                ("by", pa.string()),
                ("agree", _TEXTS),
                ("differ", pa.list_(pa.struct([("witness", pa.string()), ("value", pa.string())]))),
            ]
        )
    ),
    Kind.EVIDENCE: pa.list_(pa.struct([(name, pa.string()) for name in ("term", "side", "place", "text")])),
}


def arrow_schema() -> pa.Schema:
    """Return the columns: those of `FIELDS` and the printed offset, with the version in the metadata."""
    columns = []
    for field in FIELDS:
        columns.append(pa.field(field.name, _TYPES[field.kind], nullable=field.may_lack))
        if field.kind is Kind.PRINTED:
            columns.append(pa.field(OFFSET, pa.int32()))
    return pa.schema(columns, metadata={"pantau.schema": str(SCHEMA)})


def write_parquet(records: Iterable[Record], into: Sink, about: About) -> None:  # noqa: ARG001 - as every format
    """Write the records, holding no more than one row group of them at a time."""
    schema = arrow_schema()
    with parquet.ParquetWriter(pa.PythonFile(_Told(into), "w"), schema, compression="zstd") as writer:
        for rows in _groups(map(_row, records)):
            writer.write_batch(pa.RecordBatch.from_pylist(rows, schema=schema))


@attrs.define
class _Told:
    """A sink as Arrow asks for it: it knows how much was written, and may be a pipe."""

    sink: Sink
    written: int = 0
    closed: bool = False

    def write(self, data: bytes) -> int:
        self.sink.write(bytes(data))
        self.written += len(data)
        return len(data)

    def tell(self) -> int:
        return self.written

    def flush(self) -> None:
        """Nothing is held back here."""

    def close(self) -> None:
        self.closed = True


def _groups(rows: Iterable[Record]) -> Iterator[list[Record]]:
    group: list[Record] = []
    characters = 0
    for row in rows:
        group.append(row)
        characters += len(row["page_text"]) + sum(map(len, row["body"]))
        if len(group) >= GROUP_ROWS or characters >= GROUP_CHARACTERS:
            yield group
            group, characters = [], 0
    if group:
        yield group


def _row(record: Record) -> Record:
    row: Record = {}
    for field in FIELDS:
        value = record[field.name]
        if field.kind in {Kind.PRINTED, Kind.MOMENT}:
            at = datetime.fromisoformat(value) if value else None
            row[field.name] = at and at.astimezone(UTC)
            if field.kind is Kind.PRINTED:
                row[OFFSET] = at and _minutes(at.utcoffset())
        elif field.kind is Kind.WITNESSES:
            row[field.name] = [
                _kept({"field": name, **said, "differ": _pairs(said)}) for name, said in value.items()
            ]
        else:
            row[field.name] = _kept(value)
    return row


def _pairs(said: dict[str, Any]) -> list[dict[str, str]]:
    return [{"witness": name, "value": value} for name, value in said["differ"].items()]


def _minutes(offset: timedelta | None) -> int:
    return round((offset or timedelta()).total_seconds() / 60)


def _kept(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return *value* with what UTF-8 cannot hold replaced, in whatever depth."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_kept(each) for each in value]
    if isinstance(value, dict):
        return {name: _kept(each) for name, each in value.items()}
    return value
