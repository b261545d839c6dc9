"""Lists of an invented site, and walks along them."""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from scrapy.http import HtmlResponse, Request, Response, TextResponse

from crawler.dates import WIB
from crawler.discovery.listing import ListPage, Quest, Rung, Window

NOW = datetime(2026, 3, 8, 12, tzinfo=WIB)
WINDOW = Window(datetime(2026, 3, 5, tzinfo=WIB), datetime(2026, 3, 9, tzinfo=WIB))
QUEST = Quest(window=WINDOW, keywords=("korea utara",), tags=("korut",), now=NOW, max_pages=10)


class Site:
    """Answers from a table of addresses and remembers what it was asked."""

    def __init__(self, pages: Mapping[str, Response | str], cls: type[TextResponse] = HtmlResponse) -> None:
        self.pages = pages
        self.cls = cls
        self.asked: list[str] = []

    async def __call__(self, request: Request) -> Response:
        self.asked.append(request.url)
        page = self.pages.get(request.url)
        if page is None:
            return self.cls(request.url, status=404)
        return page if isinstance(page, Response) else self.cls(request.url, body=page, encoding="utf-8")


def walk(rung: Rung, site: Site, quest: Quest = QUEST) -> list[ListPage]:
    async def collect() -> list[ListPage]:
        return [page async for page in rung.walk(site, quest)]

    return asyncio.run(collect())


def urls(pages: list[ListPage]) -> list[str]:
    return [entry.url for page in pages for entry in page.entries]
