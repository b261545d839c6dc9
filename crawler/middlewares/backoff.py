"""Wait longer before each further try of a request that failed; other hosts and other requests go on.

Scrapy's RetryMiddleware asks again at once. Where an outlet says itself how long to wait, `retry_after`
pauses its host instead.
"""

import asyncio
from typing import Self

from scrapy.crawler import Crawler
from scrapy.http import Request

from crawler.middlewares.retry_after import RETRY_AFTER_S

# Request.meta: for how many tries the request has waited already; redirects of it keep the number.
_WAITED = "backed_off_tries"


class BackoffMiddleware:
    """Hold a request that is tried again: for `RETRY_PAUSE_S`, then for twice that, and so on."""

    def __init__(self, pause_s: float) -> None:
        self._pause_s = pause_s

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware with the pause of the settings."""
        return cls(crawler.settings.getfloat("RETRY_PAUSE_S"))

    async def process_request(self, request: Request) -> None:
        """Let the request go on when its time has come."""
        tries = request.meta.get("retry_times", 0)
        if tries <= request.meta.get(_WAITED, 0):
            return
        request.meta[_WAITED] = tries
        if RETRY_AFTER_S not in request.meta:
            await asyncio.sleep(self._pause_s * 2 ** (tries - 1))
