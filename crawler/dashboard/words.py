"""How values are written on the pages: times in WIB, numbers, lengths of time, glosses, addresses."""

import functools
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import Final
from urllib.parse import quote, urlsplit

from markupsafe import Markup, escape

from crawler.dates import WIB
from crawler.storage.columns import storable

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_KILO: Final = 1000


def day(moment: date | datetime) -> str:
    """Return a day as in `4 Mar 2026`, a moment's in WIB."""
    on = moment.astimezone(WIB).date() if isinstance(moment, datetime) else moment
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def clock(moment: datetime) -> str:
    """Return a moment as in `4 Mar 2026, 12:00`, in WIB."""
    return f"{day(moment)}, {moment.astimezone(WIB):%H:%M}"


def iso(moment: date | datetime) -> str:
    """Return a moment for machines, in UTC; a day as it is."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if isinstance(moment, datetime) else str(moment)


def number(value: float) -> str:
    """Return a number with its thousands apart, as in `100 000` with narrow spaces."""
    return f"{value:,}".replace(",", "\u202f")


def span(length: timedelta | float) -> str:
    """Return a length of time in one or two units, as in `3 days` or `2 h 5 min`; a number is seconds."""
    seconds = round(length.total_seconds() if isinstance(length, timedelta) else length)
    if abs(seconds) < _MINUTE:
        return f"{seconds} s"
    if abs(seconds) < _HOUR:
        return f"{seconds // _MINUTE} min"
    if abs(seconds) < 2 * _DAY:
        hours, rest = divmod(seconds, _HOUR)
        return f"{hours} h {rest // _MINUTE} min" if rest >= _MINUTE else f"{hours} h"
    return f"{seconds // _DAY} days"


def size(octets: float) -> str:
    """Return a size as in `1.2 MB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if octets < _KILO:
            return f"{octets:.0f} {unit}" if unit == "B" else f"{octets:.1f} {unit}"
        octets /= _KILO
    return f"{octets:.1f} TB"


def coded(text: str) -> Markup:
    """Return a message of ours, what stands between backticks in it as code; all of it is escaped."""
    parts = [escape(part) for part in text.split("`")]
    if len(parts) % 2 == 0:
        return escape(text)
    marked = (Markup("<code>{}</code>").format(part) if at % 2 else part for at, part in enumerate(parts))
    return Markup("").join(marked)


def quoted(text: str) -> str:
    """Return *text* as one part of a path or query, the slash quoted too."""
    return quote(storable(text), safe="")


def outward(url: str | None) -> str | None:
    """Return an address from the web where a browser may follow it, None for any other scheme."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname else None


@functools.cache
def glossary() -> Mapping[str, str]:
    """Return what Indonesian words and those of the trade mean, by the word."""
    text = files("crawler.dashboard").joinpath("glossary.toml").read_text(encoding="utf-8")
    return {term: str(meant) for term, meant in tomllib.loads(text).items()}


def meaning(term: str) -> str | None:
    """Return what a word of the glossary means, whatever its case; None for any other word."""
    return _folded().get(term.casefold())


@functools.cache
def _folded() -> Mapping[str, str]:
    return {term.casefold(): meant for term, meant in glossary().items()}
