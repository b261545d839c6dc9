"""What reaches the terminal: lines for people, JSON lines for programs, one-line messages.

Text from the web passes through here before anything prints it, so that no page can drive a terminal.
"""

import json
import logging
import os
import sys
from collections.abc import Mapping
from typing import Any, TextIO

from crawler.logs import UNSAFE, escape, inert, log_to_stderr, without_passwords


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
        complain(without_passwords(first))
        for line in trace:
            sys.stderr.write(UNSAFE.sub(escape, without_passwords(line)) + "\n")


def prepare_logging(level: str | None, log_format: str = "text") -> None:
    """Print log records of *level* and above (None: warnings), as text or as JSON lines."""
    if log_format == "json":
        log_to_stderr(log_format, level or "WARNING")
        return
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
