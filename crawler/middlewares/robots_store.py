"""Good copies of robots.txt in the store, so that they outlive the process."""

from datetime import UTC, datetime
from typing import Self

from scrapy.crawler import Crawler

from crawler.middlewares.robots import MemoryRobotsCache, RobotsCopy
from crawler.session import session_of
from crawler.storage import sources

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class StoredRobotsCache:
    """Keeps copies with the crawl's session; for commands that open none, for as long as they run."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._memory = MemoryRobotsCache()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def get(self, host: str) -> RobotsCopy | None:
        session = session_of(self._crawler)
        if session is None:
            return await self._memory.get(host)
        kept = await session.in_store(sources.kept_robots, host, not_before=_LONG_AGO)
        return RobotsCopy(kept.status, kept.body, kept.fetched_at) if kept else None

    async def put(self, host: str, status: int, body: bytes, fetched_at: datetime) -> None:
        session = session_of(self._crawler)
        if session is None:
            await self._memory.put(host, status, body, fetched_at)
        else:
            await session.in_store(sources.keep_robots, host, status, body, now=fetched_at)
