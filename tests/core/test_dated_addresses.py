"""The times of entries whose list prints none: those in their addresses."""

from datetime import datetime, timedelta

import pytest
from scrapy.http import HtmlResponse

from crawler.dates import WIB
from crawler.discovery.listing import Quest, Window
from crawler.discovery.pages import NewestPages
from crawler.discovery.times import time_in_address
from crawler.items import Instant

NOW = datetime(2026, 3, 8, 12, tzinfo=WIB)
QUEST = Quest(window=Window(NOW - timedelta(days=1), NOW), keywords=(), tags=(), now=NOW)
SECOND = r"/(\d{4})/(\d\d)/(\d\d)/(\d\d)(\d\d)(\d\d)/"


@pytest.mark.parametrize(
    ("pattern", "address", "at", "precision"),
    [
        (SECOND, "/a/2026/03/07/235958/judul", (2026, 3, 7, 23, 59, 58), "second"),
        (r"/(\d{4})/(\d\d)/(\d\d)/(\d\d)(\d\d)", "/a/2026/03/07/2359/judul", (2026, 3, 7, 23, 59), "minute"),
        (r"/(\d{4})/(\d\d)/(\d\d)/(?:(\d\d)(\d\d)/)?", "/2026/03/07/judul", (2026, 3, 7), "day"),
    ],
)
def test_the_groups_say_how_exact_a_time_is(
    pattern: str, address: str, at: tuple[int, ...], precision: str
) -> None:
    found = time_in_address(address, pattern, zone=WIB)
    assert found is not None
    assert (found.at, found.precision) == (datetime(*at, tzinfo=WIB), precision)  # type: ignore[misc]


@pytest.mark.parametrize(
    "address", ["/a/2026/13/07/235958/judul", "/a/2026/03/07/246060/judul", "/tag/rusia"]
)
def test_digits_that_are_no_time_say_nothing(address: str) -> None:
    assert time_in_address(address, SECOND, zone=WIB) is None


def test_a_printed_time_comes_before_that_of_the_address() -> None:
    rung = NewestPages(template="https://o.example/indeks", item="li", time="i", dated=SECOND)
    rows = "".join(
        f"<li><a href='/news/2026/03/07/100000/{slug}'>Judul</a><i>{printed}</i></li>"
        for slug, printed in (("a", ""), ("b", "7 Maret 2026 11:30"))
    )
    page = rung.read(HtmlResponse("https://o.example/indeks", body=f"<ul>{rows}</ul>".encode()), QUEST)
    assert [entry.published_at for entry in page.entries] == [
        Instant(datetime(2026, 3, 7, 10, tzinfo=WIB), "second", zone_assumed=True),
        Instant(datetime(2026, 3, 7, 11, 30, tzinfo=WIB), "minute", zone_assumed=True),
    ]
