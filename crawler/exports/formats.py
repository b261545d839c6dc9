"""The formats of an export, each by one function: records in, bytes out. None knows a store or a clock."""

# ruff: noqa: PLC0415 - only what is asked for is loaded: Arrow alone takes longer than a small export

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Protocol

import attrs

from crawler.exports.fields import Record


class Form(StrEnum):
    """What an export is written as."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"
    TXT = "txt"
    ATOM = "atom"


class Sink(Protocol):
    """Where the bytes of a format go."""

    def write(self, data: bytes, /) -> int:
        """Take all of the bytes."""


@attrs.frozen(kw_only=True)
class About:
    """What a format has to know besides the records: `raw` for CSV, the rest for Atom."""

    outlet: str | None = None
    topics: tuple[str, ...] = ()
    newest: int = 100
    raw: bool = False


Write = Callable[[Iterable[Record], Sink, About], None]


def writer_of(form: Form) -> Write:
    """Return what writes a format of one file; page texts are a folder, see `crawler.exports.pagetexts`."""
    if form is Form.JSONL:
        from crawler.exports.jsonlines import write_jsonl

        return write_jsonl
    if form is Form.CSV:
        from crawler.exports.csvcells import write_csv

        return write_csv
    if form is Form.PARQUET:
        from crawler.exports.columnar import write_parquet

        return write_parquet
    if form is Form.ATOM:
        from crawler.exports.atom import write_atom

        return write_atom
    raise ValueError(f"{form} is not one file")
