"""Scrapy with nothing in it: fetches the addresses of a JSON list and says how many a second."""

import json
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response

SETTINGS = {
    "LOG_ENABLED": False,
    "CONCURRENT_ITEMS": 8,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
    "DOWNLOAD_VERIFY_CERTIFICATES": True,
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "COOKIES_ENABLED": False,
}


class BareSpider(Spider):
    """Fetches and throws away."""

    name = "bare"
    urls: tuple[str, ...] = ()
    fetched = 0
    began = 0.0
    ended = 0.0

    async def start(self) -> AsyncIterator[Request]:
        BareSpider.began = time.monotonic()
        for url in self.urls:
            yield Request(url, self.parse, dont_filter=True)

    def parse(self, response: Response) -> None:
        BareSpider.fetched += response.status == 200
        BareSpider.ended = time.monotonic()


def main() -> int:
    """Fetch the addresses in the file given as argument; fail where one is missing."""
    BareSpider.urls = tuple(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    process = AsyncCrawlerProcess(SETTINGS)
    process.crawl(BareSpider)
    process.start()
    sys.stdout.write(f"{BareSpider.fetched / (BareSpider.ended - BareSpider.began):.1f}\n")
    return int(BareSpider.fetched != len(BareSpider.urls))


if __name__ == "__main__":
    sys.exit(main())
