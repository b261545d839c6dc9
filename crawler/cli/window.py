"""The days that a command is asked for, as moments."""

from datetime import date, datetime, time, timedelta

from crawler.dates import WIB
from crawler.errors import ConfigError

# Before the web there is nothing to find, and far ends of the calendar overflow when they become moments.
FIRST_YEAR, LAST_YEAR = 1990, 2100


def read_bounds(since: str | None, until: str | None) -> tuple[datetime | None, datetime | None]:
    """Return the first and the last moment of the days given, both included, in WIB; None is open.

    Raises:
        ConfigError: a day cannot be read, or *since* is after *until*.
    """
    first = read_day(since, "--since") if since is not None else None
    last = read_day(until, "--until") if until is not None else None
    if first and last and first > last:
        raise ConfigError(f"--since {first} is after --until {last}; swap them")
    start = datetime.combine(first, time.min, tzinfo=WIB) if first else None
    end = datetime.combine(last, time.min, tzinfo=WIB) + timedelta(days=1, microseconds=-1) if last else None
    return start, end


def read_day(text: str, option: str) -> date:
    """Return the day that an option names.

    Raises:
        ConfigError: it names none that can be searched for.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{option}: {text!r} is not a day; write it as in 2026-03-02") from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ConfigError(f"{option}: {text!r} is not between {FIRST_YEAR} and {LAST_YEAR}")
    return day
