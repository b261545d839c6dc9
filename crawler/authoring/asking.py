"""Asks a site for a bounded number of pages, each through the crawler's guards, robots.txt and pauses."""

from typing import Final, Self

from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from crawler.discovery.listing import RungError
from crawler.failures import classify_failure
from crawler.guard import RefusalError
from crawler.middlewares.robots import MemoryRobotsCache, RobotsCopy

MAX_REQUESTS: Final = 36
# Statuses that say there is nothing, or nothing for us: answers to a question, not failures.
ANSWERS: Final = [400, 401, 403, 404, 410]


class Asker:
    """Fetches for one look at a site; refuses to ask more than *budget* times."""

    def __init__(self, crawler: Crawler, budget: int = MAX_REQUESTS) -> None:
        self._crawler = crawler
        self.left = budget
        self.asked = 0

    async def __call__(self, request: Request) -> Response:
        """Return the answer, whatever it says.

        Raises:
            RungError: there is none; the message is the reason.
        """
        if self._crawler.engine is None:
            raise RungError("the engine is not running")
        if not self.left:
            raise RungError("not asked: this look has asked for enough pages")
        self.left -= 1
        self.asked += 1
        request.meta.setdefault("kind", "list")
        request.meta["dont_retry"] = True
        try:
            return await self._crawler.engine.download_async(request)
        except Exception as error:
            reason = classify_failure(error, request)
            said = error.detail if isinstance(error, RefusalError) else request.url
            raise RungError(f"{reason}, {said}") from error

    async def page(self, asked: str | Request, *, kind: str = "list") -> Response:
        """Return the page at an address, or what answers a request.

        Raises:
            RungError: there is none; the message is the reason.
        """
        request = Request(asked) if isinstance(asked, str) else asked
        request.meta.update({"kind": kind, "handle_httpstatus_list": ANSWERS})
        response = await self(request)
        if response.status != 200:  # noqa: PLR2004 - the one status that carries a page
            raise RungError(f"HTTP {response.status}")
        return response


class RobotsSeen(MemoryRobotsCache):
    """Keeps each robots.txt for the length of the process, for the spider to look at."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        kept = cls()
        seen_by[crawler] = kept
        return kept

    def of(self, origin: str) -> RobotsCopy | None:
        """Return what the origin answered, None where it was not asked or could not be read."""
        return self._copies.get(origin)


seen_by: dict[Crawler, RobotsSeen] = {}
"""The robots.txt that each crawl of this process has seen."""
