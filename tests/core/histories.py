"""Invented histories of an outlet: daily crawls at five in the morning, WIB."""

from datetime import date, datetime, timedelta
from typing import Any

from crawler.dates import WIB
from crawler.storage.coverage import Past

DAY = timedelta(days=1)
FIRST = datetime(2026, 3, 2, tzinfo=WIB)
AT = timedelta(hours=5)
USUAL = 3 * DAY


def midnight(day: int) -> datetime:
    return FIRST + day * DAY


def on(day: int) -> date:
    return midnight(day).date()


def crawl(day: int, **changes: Any) -> Past:
    """Return the healthy crawl of a day, over the usual window."""
    started_at = midnight(day) + AT
    values: dict[str, Any] = {
        "id": day + 100,
        "outlet": "kontan",
        "look": "crawl",
        "since": midnight(day) - USUAL,
        "until": midnight(day + 1),
        "asked": False,
        "article_limit": None,
        "started_at": started_at,
        "ended_at": started_at + timedelta(minutes=9),
        "verdict": "healthy",
        "why": (),
    }
    values |= changes
    return Past(**{"covered_since": values["since"], "covered_until": started_at} | values)


def lost(day: int, verdict: str = "failed", **changes: Any) -> Past:
    """Return the crawl of a day that covered nothing."""
    return crawl(day, verdict=verdict, covered_since=None, covered_until=None, **changes)
