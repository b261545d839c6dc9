"""Articles as CSV that a spreadsheet shows and does not run.

A cell that a spreadsheet would take for a formula gets an apostrophe in front of the sign, also behind a
quotation mark or a separator, where a program that splits otherwise would begin a cell. `disarm` adds one
apostrophe at each such place and `rearm` takes one away, so nothing is lost.
"""

import csv
import io
import re
from collections.abc import Iterable
from typing import Any, Final

from crawler.exports.fields import FIELDS, Record
from crawler.exports.formats import About, Sink
from crawler.storage.columns import storable

# What may begin a cell, then apostrophes that are the text's own, then a sign that begins a formula.
_SIGNS = "=+\\-@\t\r＝＋－＠"
_ARMED = re.compile(rf"(^|[\",;|\t\r\n])('*)(?=[{_SIGNS}])")
_DISARMED = re.compile(rf"(^|[\",;|\t\r\n])'('*)(?=[{_SIGNS}])")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")

COLUMNS: Final = tuple(field.name for field in FIELDS if field.cell)
_PARAGRAPHS = frozenset({"body", "captions"})


def disarm(text: str) -> str:
    """Return *text* so that no spreadsheet takes it, or a part of it, for a formula."""
    return _ARMED.sub(r"\1'\2", text)


def rearm(text: str) -> str:
    """Return what `disarm` was given."""
    return _DISARMED.sub(r"\1\2", text)


def write_csv(records: Iterable[Record], into: Sink, about: About) -> None:
    """Write the header and a row for each record, UTF-8; with `about.raw` cells are left as they are."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for record in records:
        into.write(_taken(buffer))
        cells = [storable(cell_of(name, record[name])) for name in COLUMNS]
        writer.writerow(cells if about.raw else [disarm(_printable(cell)) for cell in cells])
    into.write(_taken(buffer))


def cell_of(name: str, value: Any) -> str:  # noqa: ANN401 - any JSON value
    """Return a value as the text of a cell: paragraphs apart by a blank line, names by a semicolon."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ("\n\n" if name in _PARAGRAPHS else "; ").join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _printable(text: str) -> str:
    """Return *text* with control characters spelled out; tabs and line ends are at home in a quoted cell."""
    return _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()
