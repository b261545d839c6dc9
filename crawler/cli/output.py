"""What reaches the terminal: lines for people, JSON lines for programs, one-line messages.

Text from the web passes through here before anything prints it, so that no page can drive a terminal.
"""

import json
import logging
import os
import re
import sys
from collections.abc import Mapping
from typing import Any, TextIO

# Control characters, marks that turn the direction of text, the Unicode line ends, halves of surrogate pairs.
UNSAFE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def inert(text: object) -> str:
    """Return *text* as one line that a terminal only prints: control characters are spelled out."""
    return UNSAFE.sub(_escape, " ".join(str(text).split()))


def json_line(record: Mapping[str, Any]) -> str:
    """Return *record* as one line of JSON that is inert on a terminal and reads back as the same values."""
    utf8 = (sys.stdout.encoding or "").lower() in ("utf-8", "utf8")
    plain = json.dumps(record, ensure_ascii=not utf8)
    return UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", plain)


def print_json(record: Mapping[str, Any]) -> None:
    """Print one record for a program."""
    sys.stdout.write(json_line(record) + "\n")


def say(text: object = "", *, indent: int = 0) -> None:
    """Print one line for a person."""
    sys.stdout.write(" " * indent + inert(text) + "\n")


def complain(text: object) -> None:
    """Print one line on standard error, under the program's name."""
    sys.stderr.write(f"pantau: {inert(text)}\n")


class InertLog(logging.Formatter):
    """Formats a log record as one inert line under the program's name; a traceback keeps its lines."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        first, *trace = super().format(record).splitlines() if record.exc_info else [super().format(record)]
        return "\n".join([f"pantau: {inert(first)}", *map(_without_controls, trace)])


def prepare_logging(level: str | None) -> None:
    """Send log records of *level* and above (None: warnings) to standard error, inert."""
    handler = logging.StreamHandler()
    handler.setFormatter(InertLog())
    logging.basicConfig(level=level or logging.WARNING, handlers=[handler], force=True)


def prepare_streams() -> None:
    """Make every text printable: what an encoding lacks comes out escaped, not as an error."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)  # a stream that a caller put there may lack it
        if reconfigure:
            reconfigure(errors="backslashreplace")


def discard(stream: TextIO) -> None:
    """Point *stream* at nothing: its reader has gone, and the interpreter still flushes it at exit."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, stream.fileno())
    os.close(devnull)


def _without_controls(line: str) -> str:
    return UNSAFE.sub(_escape, line)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"  # noqa: PLR2004 - one byte
