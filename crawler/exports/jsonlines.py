"""Articles as JSON Lines: one object a line, UTF-8, inert on a terminal."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from crawler.exports.fields import Record
from crawler.exports.formats import About, Sink
from crawler.logs import UNSAFE


def write_jsonl(records: Iterable[Record], into: Sink, about: About) -> None:  # noqa: ARG001 - as every format
    """Write each record as one line, its fields in their order."""
    for record in records:
        into.write(json_bytes(record) + b"\n")


def json_bytes(value: Mapping[str, Any], *, indent: int | None = None) -> bytes:
    """Return JSON that reads back as the same values and in which no character drives a terminal."""
    plain = json.dumps(value, ensure_ascii=False, indent=indent)
    if indent is None:
        return UNSAFE.sub(_spelled, plain).encode()
    return "\n".join(UNSAFE.sub(_spelled, line) for line in plain.split("\n")).encode()


def _spelled(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
