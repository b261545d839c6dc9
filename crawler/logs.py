"""Log lines: one record is one line that a terminal only prints, as text or as a JSON object.

What a page, an address or a server says can stand in a log; nothing of it may break a line, drive a terminal
or give a password away.
"""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

# Control characters, marks that turn the direction of text, the Unicode line ends, halves of surrogate pairs.
UNSAFE: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
BREAKS: Final = re.compile(r"[\t-\r\x1c-\x1e\x85\u2028\u2029]+")
TEXT: Final = "%(asctime)s [%(name)s] %(levelname)s: %(message)s"
DATES: Final = "%Y-%m-%d %H:%M:%S"

# The password in the address of a server, wherever that stands: in an error, a setting, a traceback. It may
# hold any sign; a port before a path that has an @ is none.
_PASSWORD = re.compile(r"(?<=://)([^\s:/@'\"]*):(?!\d{1,5}/)\S*@")

about: dict[str, Any] = {}
"""What every JSON line of this process tells of it, such as outlet and run: one crawl is one process."""


def inert(text: object) -> str:
    """Return *text* as one line that a terminal only prints: control characters are spelled out."""
    return UNSAFE.sub(escape, BREAKS.sub(" ", str(text)))


def escape(match: re.Match[str]) -> str:
    """Return the number of a character that is not to be printed, in Python's way of writing it."""
    code = ord(match[0])
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"  # noqa: PLR2004 - one byte


def without_passwords(text: str) -> str:
    """Return *text* with the password of every address that has one replaced."""
    return _PASSWORD.sub(r"\1:***@", text)


class TextLines(logging.Formatter):
    """A record as a line of text; a traceback follows on lines of its own."""

    def __init__(self, form: str = TEXT) -> None:
        super().__init__(form, DATES)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Return the line of the record itself."""
        return inert(without_passwords(super().formatMessage(record)))

    def formatException(self, ei: Any) -> str:  # noqa: N802, ANN401 - logging's
        """Return a traceback, its lines kept."""
        lines = without_passwords(super().formatException(ei)).splitlines()
        return "\n".join(UNSAFE.sub(escape, line) for line in lines)


class JsonLines(logging.Formatter):
    """A record as one JSON object: at (UTC), level, logger, message, what `about` says, and exc."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object as one line in ASCII, which is inert by itself."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            **about,
            "message": without_passwords(record.getMessage()),
        }
        if record.exc_info:
            line["exc"] = without_passwords(self.formatException(record.exc_info))
        return UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(line))


def as_text(line: str) -> list[str]:
    """Return a line of a log as lines of text, whichever form it was written in."""
    if not line.startswith("{"):
        return [line]
    try:
        told = json.loads(line)
        return [f"{told['level']}: {told['message']}", *told.get("exc", "").splitlines()]
    except (ValueError, KeyError, TypeError, AttributeError):
        return [line]


def log_to_stderr(log_format: str, level: str, form: str = TEXT) -> None:
    """Let the process write its records of *level* and above to standard error, and nowhere else."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if log_format == "json" else TextLines(form))
    handler.setLevel(level)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.getLevelName(level))


def instead_of_scrapys(settings: "BaseSettings") -> None:
    """Let a Scrapy command log through this module, unless it was told where to log, or not to."""
    if settings.getbool("LOG_ENABLED") and not settings.get("LOG_FILE"):
        settings.set("LOG_INSTALL_ROOT_HANDLER", value=False, priority="cmdline")
        log_to_stderr(settings["CONFIG"].log_format, settings["LOG_LEVEL"], settings["LOG_FORMAT"])
