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
BREAKS = re.compile(r"[\t-\r\x1c-\x1e\x85\u2028\u2029]+")


def inert(text: object) -> str:
    """Return *text* as one line that a terminal only prints: control characters are spelled out."""
    return UNSAFE.sub(_escape, BREAKS.sub(" ", str(text)))


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


class InertLog(logging.Handler):
    """Prints each log record on standard error as one inert line; a traceback keeps its lines."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print one record."""
        first, *trace = self.format(record).splitlines() if record.exc_info else [self.format(record)]
        complain(first)
        for line in trace:
            sys.stderr.write(UNSAFE.sub(_escape, line) + "\n")


def prepare_logging(level: str | None) -> None:
    """Print log records of *level* and above (None: warnings)."""
    root = logging.getLogger()
    root.setLevel(level or logging.WARNING)
    if not any(isinstance(handler, InertLog) for handler in root.handlers):
        root.addHandler(InertLog())


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


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"  # noqa: PLR2004 - one byte
