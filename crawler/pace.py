"""The pause between two requests to one host, kept where requests leave: for every one, whatever sent it.

Scrapy's slots pace what goes through them: one process, as it sends. Here the pause counts from when the
host has begun to answer, so that no two requests reach it closer together than that; it holds after a
redirect out of another host's slot, for other runs that ask the host, and for the run after a killed one.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Final
from weakref import WeakKeyDictionary, ref

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.utils.httpobj import urlparse_cached

from crawler.clock import Clock
from crawler.guard import RefusalError
from crawler.handlers import CappedHTTP11Handler
from crawler.middlewares.retry_after import RETRY_AFTER_S
from crawler.reasons import Reason
from crawler.session import session_of
from crawler.storage import turns

PATIENCE_S: Final = 120.0
"""A host that asked to be left alone for longer is not waited for."""


class PacedHandler(CappedHTTP11Handler):
    """The download handler that waits for the host's turn."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pace = pace_of(crawler)
        self._pool.retryAutomatically = False  # asks again at once; Scrapy's retries wait for their turn

    async def download_request(self, request: Request) -> Response:
        """Return the response, asked for in the host's turn.

        Raises:
            RefusalError: rate_limited, where the host asked an earlier run to stay away for longer than that.
        """
        async with self._pace.turn(request):
            return await super().download_request(request)


class Pace:
    """When each host may be asked next, as far as this process knows; the store knows of the others."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = ref(crawler)  # the paces are kept by their crawlers
        self._begun = Clock.seconds()
        self._free_at: dict[str, float] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._floor_s = crawler.settings.getfloat("DOWNLOAD_DELAY")
        crawler.signals.connect(self._answered, signals.headers_received)
        crawler.signals.connect(self._left, signals.request_left_downloader)

    @contextlib.asynccontextmanager
    async def turn(self, request: Request) -> AsyncIterator[None]:
        """Wait until the request's host may be asked; where there is a pause, it is asked one by one."""
        host = urlparse_cached(request).hostname or ""
        if not self._pause_s(host):
            if host not in self._free_at:  # it may have asked an earlier run to stay away
                await asyncio.sleep(await self._turn_in_store(host, 0.0))
                self._free_at[host] = 0.0
            yield
            return
        async with self._locks[host]:
            pause_s = self._pause_s(host)
            # A process that starts cannot know who asked last, unless they all keep their turns in one store.
            free_at = self._free_at.pop(host, self._begun + pause_s)
            await asyncio.sleep(max(free_at - Clock.seconds(), 0.0))
            await asyncio.sleep(await self._turn_in_store(host, pause_s))
            try:
                yield
            finally:
                self._free_at.setdefault(host, Clock.seconds() + self._pause_s(host))

    def _left(self, request: Request) -> None:
        """Remember that the host asks to be left alone: later runs must know it too."""
        wait_s = request.meta.get(RETRY_AFTER_S, 0.0)  # the middleware has read the answer by now
        crawler = self._crawler()
        session = session_of(crawler) if crawler is not None else None
        if session is not None and wait_s > 0:
            host = urlparse_cached(request).hostname or ""
            noted = session.in_store(turns.hold_off, host, session.run.id, wait_s, shift=session.clock.shift)
            self._noting = asyncio.ensure_future(noted)

    def _answered(self, request: Request) -> None:
        host = urlparse_cached(request).hostname or ""
        self._free_at[host] = Clock.seconds() + self._pause_s(host)

    def _pause_s(self, host: str) -> float:
        """Return the rule for the host: the configured pause, or what its robots.txt asks for."""
        crawler = self._crawler()
        engine = crawler.engine if crawler is not None else None
        own = engine.downloader.per_slot_settings.get(host, {}) if engine is not None else {}
        return max(self._floor_s, float(own.get("delay", 0.0)))

    async def _turn_in_store(self, host: str, pause_s: float) -> float:
        crawler = self._crawler()
        session = session_of(crawler) if crawler is not None else None
        if session is None:
            return 0.0
        wait_s = await session.in_store(
            turns.take,
            host,
            session.run.id,
            pause_s,
            patience_s=PATIENCE_S,
            shift=session.clock.shift,
        )
        if wait_s > PATIENCE_S:
            raise RefusalError(
                Reason.RATE_LIMITED,
                f"{host} wants to be left alone for {wait_s:.0f} s",
                retry_after_s=wait_s,
            )
        return wait_s


def pace_of(crawler: Crawler) -> Pace:
    """Return the crawl's pace, which all its handlers share."""
    if crawler not in _paces:
        _paces[crawler] = Pace(crawler)
    return _paces[crawler]


_paces: "WeakKeyDictionary[Crawler, Pace]" = WeakKeyDictionary()
