"""Obey robots.txt, and fetch nothing of a host whose robots.txt cannot be read.

Follows RFC 9309, strictly where it leaves a choice: a server error, a rate limit or silence closes the host,
unless a good copy of at most 24 hours is at hand. A plain "there is none" (4xx) opens it.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol, Self

import attrs
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import build_from_crawler, load_object

from crawler.clock import Clock
from crawler.failures import classify_failure, innermost
from crawler.guard import RefusalError
from crawler.items import aware
from crawler.middlewares.guard import TAKE_FIRST_BYTES
from crawler.reasons import Reason
from crawler.robots import CRAWL_DELAY_EXCESS, READ_BYTES, Rules, read_robots

if TYPE_CHECKING:
    from crawler.config import Config

logger = logging.getLogger(__name__)

# Request.meta: this request fetches a robots.txt itself; refusals by status are left to this middleware.
ROBOTS_FETCH = "robots_fetch"

MAX_REDIRECTS = 5
_PRIORITY = 1000
_TOO_MANY = 429


@attrs.frozen
class RobotsCopy:
    """An answer that may be relied on: a status of 2xx with its first 500 KiB, or of 4xx with none."""

    status: int
    body: bytes
    fetched_at: datetime = attrs.field(validator=aware)


class RobotsCache(Protocol):
    """Where good copies outlive the process. *host* is the origin: `https://www.example.com`."""

    async def get(self, host: str) -> RobotsCopy | None:
        """Return the latest copy kept for *host*, however old."""

    async def put(self, host: str, status: int, body: bytes, fetched_at: datetime) -> None:
        """Keep a copy for *host* in place of the earlier one."""


class MemoryRobotsCache:
    """Copies for the length of this process."""

    def __init__(self) -> None:
        self._copies: dict[str, RobotsCopy] = {}

    async def get(self, host: str) -> RobotsCopy | None:
        return self._copies.get(host)

    async def put(self, host: str, status: int, body: bytes, fetched_at: datetime) -> None:
        self._copies[host] = RobotsCopy(status, body, fetched_at)


@attrs.frozen
class Standing:
    """What holds for one origin until `until`: its rules, or the refusal that every request to it meets."""

    until: datetime
    rules: Rules | None = None
    reason: Reason = Reason.ROBOTS_UNAVAILABLE
    detail: str = ""


@attrs.frozen(kw_only=True)
class Limits:
    """For how long a robots.txt counts, and which delays it may ask for."""

    product: str = "pantau"
    refresh: timedelta = timedelta(hours=12)
    stale: timedelta = timedelta(hours=24)
    retry: timedelta = timedelta(minutes=10)
    timeout_s: float = 15.0
    min_delay_s: float = 0.0
    max_delay_s: float = 60.0


class RobotsMiddleware:
    """Ask each origin for its robots.txt once, hold every request against it, and keep its Crawl-delay."""

    def __init__(self, crawler: Crawler, cache: RobotsCache, limits: Limits, clock: Clock) -> None:
        self._crawler = crawler
        self._cache = cache
        self._limits = limits
        self._clock = clock
        self._standings: dict[str, Standing] = {}
        self.loading: dict[str, asyncio.Task[Standing]] = {}
        self._delays: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware with the cache that ROBOTS_CACHE names."""
        settings = crawler.settings
        limits = Limits(
            product=settings.get("ROBOTSTXT_USER_AGENT") or "pantau",
            refresh=timedelta(seconds=settings.getfloat("ROBOTS_REFRESH_S", 12 * 3600)),
            stale=timedelta(seconds=settings.getfloat("ROBOTS_STALE_S", 24 * 3600)),
            retry=timedelta(seconds=settings.getfloat("ROBOTS_RETRY_S", 600)),
            timeout_s=settings.getfloat("ROBOTS_TIMEOUT_S", 15),
            min_delay_s=settings.getfloat("DOWNLOAD_DELAY"),
            max_delay_s=settings.getfloat("ROBOTS_MAX_DELAY_S", 60),
        )
        cache_class = load_object(settings.get("ROBOTS_CACHE") or MemoryRobotsCache)
        config: Config | None = settings.get("CONFIG")
        clock = Clock.starting_at(config.now if config else None)
        made = cls(crawler, build_from_crawler(cache_class, crawler), limits, clock)
        # Comes after AutoThrottle's, which is connected earlier: its delay is corrected, not replaced.
        crawler.signals.connect(made.response_downloaded, signal=signals.response_downloaded)
        return made

    async def process_request(self, request: Request) -> None:
        """Let the request pass if the origin's robots.txt allows it.

        Raises:
            RefusalError: robots or robots_unavailable.
        """
        if request.meta.get(ROBOTS_FETCH):
            return
        url = urlparse_cached(request)
        origin = f"{url.scheme}://{url.netloc}"
        standing = self._standings.get(origin)
        if standing is None or standing.until <= self._clock.now():
            standing = await self._standing(origin)
        if standing.rules is None:
            self._crawler.stats.inc_value("robots/unavailable")
            raise RefusalError(standing.reason, standing.detail)
        if not standing.rules.allows(request.url):
            self._crawler.stats.inc_value("robots/forbidden")
            raise RefusalError(Reason.ROBOTS, request.url)

    def response_downloaded(self, request: Request) -> None:
        """Put the Crawl-delay back where AutoThrottle went below it."""
        slot_key = request.meta.get("download_slot")
        delay = self._delays.get(slot_key) if slot_key else None
        if delay:
            self._slow_down(str(slot_key), delay)

    async def _standing(self, origin: str) -> Standing:
        """Return what holds for *origin*, fetching its robots.txt once for all that wait for it."""
        if origin not in self.loading:
            task = asyncio.ensure_future(self._renew(origin))
            self.loading[origin] = task
            task.add_done_callback(lambda _: self.loading.pop(origin, None))
        # Shielded: a request given up must not take the robots.txt away from the others.
        return await asyncio.shield(self.loading[origin])

    async def _renew(self, origin: str) -> Standing:
        # Noted before the task ends: a request that comes just then must find it.
        self._standings[origin] = standing = await self._load(origin)
        return standing

    async def _load(self, origin: str) -> Standing:
        now = self._clock.now()
        request = self._request(origin)
        try:
            copy = await self._fetch(request)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the answer is the same: not readable
            why = classify_failure(error, request)
            detail = error.detail if isinstance(error, RefusalError) else innermost(error)
            if why is Reason.PROXY:
                detail = f"{request.meta.get('proxy')}: {detail}"
            self._crawler.stats.inc_value(f"robots/failed/{why}")
            logger.warning("Cannot read %s/robots.txt (%s): %s", origin, why, detail)
            return await self._fall_back(origin, now, why, f"{origin}/robots.txt: {why}, {detail}")
        await self._cache.put(origin, copy.status, copy.body, copy.fetched_at)
        return self._obey(origin, copy, now + self._limits.refresh)

    def _request(self, origin: str) -> Request:
        return Request(
            f"{origin}/robots.txt",
            priority=_PRIORITY,
            callback=NO_CALLBACK,
            meta={
                ROBOTS_FETCH: True,
                TAKE_FIRST_BYTES: READ_BYTES,
                "download_maxsize": 0,  # no failure by size: the first bytes count
                "download_timeout": self._limits.timeout_s,
                "redirect_ttl": MAX_REDIRECTS,
            },
        )

    async def _fetch(self, request: Request) -> RobotsCopy:
        """Return the copy that the server gives now.

        Raises:
            RefusalError: an answer that says nothing about the rules.
        """
        self._crawler.stats.inc_value("robots/fetched")
        try:
            response: Response = await self._crawler.engine.download_async(request)
        except RefusalError:
            raise
        except IgnoreRequest as error:
            raise RefusalError(classify_failure(error, request), str(error)) from error
        self._crawler.stats.inc_value(f"robots/status/{response.status}")
        status = response.status
        if status // 100 == 2:  # noqa: PLR2004 - the class of success
            return RobotsCopy(status, response.body[:READ_BYTES], self._clock.now())
        if status // 100 == 4 and status != _TOO_MANY:  # noqa: PLR2004 - the class of "no such thing here"
            return RobotsCopy(status, b"", self._clock.now())
        raise RefusalError(Reason.ROBOTS_UNAVAILABLE, f"status {status}")

    async def _fall_back(self, origin: str, now: datetime, why: Reason, detail: str) -> Standing:
        if why is Reason.BLOCKED_ADDRESS:  # the host itself is out of bounds, whatever its rules once were
            return Standing(now + self._limits.retry, reason=why, detail=detail)
        copy = await self._cache.get(origin)
        if copy is not None and timedelta(0) <= now - copy.fetched_at <= self._limits.stale:
            self._crawler.stats.inc_value("robots/stale_copy_used")
            return self._obey(
                origin, copy, min(now + self._limits.retry, copy.fetched_at + self._limits.stale)
            )
        reason = why if why is Reason.PROXY else Reason.ROBOTS_UNAVAILABLE
        return Standing(now + self._limits.retry, reason=reason, detail=detail)

    def _obey(self, origin: str, copy: RobotsCopy, until: datetime) -> Standing:
        rules = read_robots(copy.body, self._limits.product)
        if rules.delay_s is not None:
            self._keep_delay(origin, rules.delay_s)
        return Standing(until, rules)

    def _keep_delay(self, origin: str, asked_s: float) -> None:
        """Slow the host's download slot down to what was asked, within the limits."""
        stats, host = self._crawler.stats, urlparse_cached(Request(origin)).hostname or ""
        if asked_s > self._limits.max_delay_s:
            stats.inc_value("robots/crawl_delay_capped")
            stats.max_value(f"{CRAWL_DELAY_EXCESS}/{host}", asked_s / self._limits.max_delay_s)
            logger.warning(
                "%s asks for a Crawl-delay of %s s; kept at %s s", origin, asked_s, self._limits.max_delay_s
            )
        delay = max(min(asked_s, self._limits.max_delay_s), self._limits.min_delay_s)
        if delay <= 0:
            return
        self._delays[host] = max(delay, self._delays.get(host, 0.0))
        stats.max_value("robots/crawl_delay_s", delay)
        self._slow_down(host, self._delays[host])

    def _slow_down(self, slot_key: str, delay: float) -> None:
        downloader = self._crawler.engine.downloader
        # For the slots that the downloader makes later; its jitter would undercut the delay by half.
        known = downloader.per_slot_settings.setdefault(slot_key, {})
        known["delay"] = max(delay, float(known.get("delay", 0.0)))
        known["jitter"] = 0.0
        slot = downloader.slots.get(slot_key)
        if slot is not None:
            slot.delay = max(slot.delay, delay)
            slot.jitter = 0.0
