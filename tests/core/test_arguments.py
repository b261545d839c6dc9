"""What a crawl is told: its window and its limit."""

from datetime import datetime

import pytest

from crawler.dates import WIB
from crawler.discovery.arguments import read_limit, read_window
from crawler.discovery.listing import Window
from crawler.errors import ConfigError
from crawler.items import Instant
from tests.core.lists import NOW, WINDOW


def test_the_window_runs_from_midnight_to_midnight_of_the_outlets_zone() -> None:
    window = read_window("2026-03-02", "2026-03-03", NOW, 3, WIB)
    assert window == Window(datetime(2026, 3, 2, tzinfo=WIB), datetime(2026, 3, 4, tzinfo=WIB))
    assert read_window(None, None, NOW, 3, WIB) == Window(WINDOW.since, WINDOW.until)


def test_a_day_belongs_to_a_window_that_holds_an_hour_of_it() -> None:
    since_noon = Window(datetime(2026, 3, 5, 12, tzinfo=WIB), WINDOW.until)
    assert since_noon.holds(Instant(datetime(2026, 3, 5, tzinfo=WIB), "day"))
    assert not since_noon.holds(Instant(datetime(2026, 3, 5, 11, 59, tzinfo=WIB)))
    assert not since_noon.holds(Instant(datetime(2026, 3, 9, tzinfo=WIB)))


@pytest.mark.parametrize(
    ("since", "until", "complaint"),
    [
        ("kemarin", None, "since: 'kemarin' is not a day; write it as in 2026-03-02"),
        ("2026-02-30", None, "is not a day"),
        ("9999-12-31", None, "give a year of 1990 to 2100"),
        (None, "2026/03/01", "until: '2026/03/01' is not a day"),
        ("2026-03-09", "2026-03-08", "is after until"),
    ],
)
def test_a_window_that_cannot_be_is_refused(since: str | None, until: str | None, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        read_window(since, until, NOW, 3, WIB)


@pytest.mark.parametrize("limit", ["0", "-3", "banyak", "1.5"])
def test_a_limit_must_be_a_positive_number(limit: str) -> None:
    with pytest.raises(ConfigError, match="limit"):
        read_limit(limit)
