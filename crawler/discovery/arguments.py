"""What a crawl is asked for, read from text: the window of days and the limit."""

from datetime import date, datetime, time, timedelta, tzinfo

from crawler.discovery.listing import Window
from crawler.errors import ConfigError

FIRST_YEAR, LAST_YEAR = 1990, 2100


def read_day(text: str, option: str) -> date:
    """Return the day that *text* names, as in 2026-03-02.

    Raises:
        ConfigError: it names none.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{option}: {text!r} is not a day; write it as in 2026-03-02") from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ConfigError(
            f"{option}: {text} is not a day of the web; give a year of {FIRST_YEAR} to {LAST_YEAR}"
        )
    return day


def read_window(since: str | None, until: str | None, now: datetime, days: int, zone: tzinfo) -> Window:
    """Return the window from the start of *since* to the end of *until*, days of *zone*.

    *until* defaults to today; *since* to *days* before it.

    Raises:
        ConfigError: a day cannot be read, or *since* is after *until*.
    """
    today = now.astimezone(zone).date()
    last = read_day(until, "until") if until else today
    first = read_day(since, "since") if since else last - timedelta(days=days)
    if first > last:
        raise ConfigError(f"since {first} is after until {last}; swap them")
    start = datetime.combine(first, time.min, tzinfo=zone)
    return Window(start, datetime.combine(last, time.min, tzinfo=zone) + timedelta(days=1))


def read_limit(text: str | int | None) -> int | None:
    """Return the limit as a number, None for no limit.

    Raises:
        ConfigError: it is not a positive whole number.
    """
    if text is None or text == "":
        return None
    try:
        limit = int(text)
    except ValueError as error:
        raise ConfigError(f"limit: {text!r} is not a whole number") from error
    if limit < 1:
        raise ConfigError(f"limit: {limit} fetches nothing; give 1 or more")
    return limit


def read_plan(text: str | None) -> int | None:
    """Return the number of the schedule's plan that a crawl is started for, None for none.

    Raises:
        ConfigError: it is not a number.
    """
    if not text:
        return None
    if not text.isdecimal():
        raise ConfigError(f"plan: {text!r} is not the number of a plan; only `pantau schedule` gives one")
    return int(text)
