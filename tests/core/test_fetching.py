"""A list request ends in an answer or in a reason, and spends from the host's budget."""

import asyncio
from typing import Any

import pytest
from scrapy.http import Request, Response

from crawler.config import Config
from crawler.discovery.fetching import ListFetcher
from crawler.discovery.listing import RungError
from crawler.robots import CRAWL_DELAY_EXCESS


class _Stats(dict[str, Any]):
    get_value = dict.get


class _Crawler:
    """Answers every request from the address that *leads_to* names."""

    def __init__(self, stats: dict[str, Any] | None = None, leads_to: str | None = None) -> None:
        self.stats = _Stats(stats or {})
        self.engine = self
        self.leads_to = leads_to

    async def download_async(self, request: Request) -> Response:
        return Response(self.leads_to or request.url)


def fetcher(crawler: Any, pages: int = 200) -> ListFetcher:
    return ListFetcher(crawler, Config(list_pages=pages))


def test_a_crawl_delay_beyond_what_is_kept_leaves_fewer_pages() -> None:
    fetch = fetcher(_Crawler({f"{CRAWL_DELAY_EXCESS}/o.example": 5.0}), pages=20)
    for page in range(4):
        asyncio.run(fetch(Request(f"https://o.example/{page + 1}")))
    with pytest.raises(RungError, match=r"over_budget, the Crawl-delay of o\.example"):
        asyncio.run(fetch(Request("https://o.example/5")))
    for page in range(30):
        asyncio.run(fetch(Request(f"https://other.example/{page}")))


def test_a_list_that_is_sent_to_the_front_page_is_none() -> None:
    with pytest.raises(RungError, match="sent to the front page"):
        asyncio.run(fetcher(_Crawler(leads_to="https://o.example/"))(Request("https://o.example/feed/")))


@pytest.mark.parametrize(
    "url", ["https://o.example/", "https://o.example/?s=korea", "https://o.example/feed"]
)
def test_a_list_may_be_at_the_front_page_or_move_elsewhere(url: str) -> None:
    asyncio.run(fetcher(_Crawler())(Request(url)))
    asyncio.run(fetcher(_Crawler(leads_to="https://o.example/rss"))(Request(url)))
