"""Come back when the outlet says: Retry-After pauses the host's download slot, and nothing else.

Stands on the wire's side of Scrapy's RetryMiddleware, which then asks again; the request waits in its slot's
queue, so other hosts go on. A wait that is too long, or too much waiting in all, closes the host for the run.
"""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Self

import attrs
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.utils.httpobj import urlparse_cached
from twisted.python.failure import Failure

from crawler.clock import Clock
from crawler.guard import RefusalError
from crawler.outcomes import ASKED_UNTIL_STAT
from crawler.reasons import Reason

if TYPE_CHECKING:
    from crawler.config import Config

# Request.meta: how long, in seconds, the outlet last asked this request to wait.
RETRY_AFTER_S = "retry_after_s"
_TOO_MANY, _UNAVAILABLE = 429, 503
_SECONDS = re.compile(r"[0-9]{1,20}(?:\.[0-9]{0,9})?")
_LONGEST_S = 366 * 86400.0
_WEEK_S = 7 * 86400.0
_LEAST_DELAY_S = 0.01  # Scrapy's slot heeds its `lastseen` only where it has a delay


def parse_retry_after(value: str, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for, from 0 to a year, or None where it is junk.

    Both forms are read, seconds and an HTTP date; a date that has passed is 0, a negative number is junk.
    """
    text = value.strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), _LONGEST_S)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), _LONGEST_S)


@attrs.frozen(kw_only=True)
class Patience:
    """How long a run waits: for one answer, for one host in all, and where no time is given; in seconds.

    In a pause longer than `short_s` only `max_waiting` requests wait in the host's slot; the others are
    refused until then, since they would fill the downloader and keep other hosts out.
    """

    longest_s: float = 120.0
    in_all_s: float = 600.0
    default_s: float = 10.0
    short_s: float = 30.0
    max_waiting: int = 4


@attrs.define
class _Host:
    resume_at: float = 0.0
    waited_s: float = 0.0
    closed: bool = False


class RetryAfterMiddleware:
    """Pause a host that answers 429, or 503 with Retry-After; close it for the run when that is too long."""

    def __init__(
        self,
        crawler: Crawler,
        patience: Patience,
        clock: Clock,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._crawler = crawler
        self._patience = patience
        self._clock = clock
        self._seconds = seconds
        self._hosts: dict[str, _Host] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware with the patience of the RETRY_AFTER_* settings."""
        settings = crawler.settings
        config: Config | None = settings.get("CONFIG")
        patience = Patience(
            longest_s=settings.getfloat("RETRY_AFTER_MAX_S", 120),
            in_all_s=settings.getfloat("RETRY_AFTER_TOTAL_S", 600),
            default_s=settings.getfloat("RETRY_AFTER_DEFAULT_S", 10),
            short_s=settings.getfloat("RETRY_AFTER_SHORT_S", 30),
            max_waiting=settings.getint("RETRY_AFTER_MAX_WAITING", 4),
        )
        made = cls(crawler, patience, Clock.starting_at(config.now if config else None))
        crawler.signals.connect(made.response_downloaded, signal=signals.response_downloaded)
        return made

    def process_request(self, request: Request) -> None:
        """Let the request go to its slot.

        Raises:
            RefusalError: rate_limited, while the host is closed or enough requests wait for it.
        """
        key = _slot_key(request)
        host = self._hosts.get(key)
        left = host.resume_at - self._seconds() if host else 0.0
        if host is None or left <= 0:
            return
        slot = self._crawler.engine.downloader.slots.get(key)
        waiting = len(slot.queue) if slot is not None else 0
        if host.closed or (left > self._patience.short_s and waiting >= self._patience.max_waiting):
            raise self._limited(key, left)

    def response_downloaded(self, response: Response, request: Request) -> None:
        """Pause or close the host, before its slot sends the next request."""
        request.meta.pop(RETRY_AFTER_S, None)  # of an earlier try
        header = response.headers.get("Retry-After")
        if response.status != _TOO_MANY and not (response.status == _UNAVAILABLE and header):
            return
        asked = parse_retry_after(header.decode("latin-1"), self._clock.now()) if header else None
        backed_off = self._patience.default_s * 2.0 ** request.meta.get("retry_times", 0)
        wait = backed_off if asked is None else asked
        request.meta[RETRY_AFTER_S] = wait
        key = _slot_key(request)
        host = self._hosts.setdefault(key, _Host())
        now = self._seconds()
        host.waited_s += max(now + wait - max(host.resume_at, now), 0.0)
        host.resume_at = max(host.resume_at, now + wait)
        self._crawler.stats.inc_value("retry_after/asked")
        if wait > self._patience.longest_s or host.waited_s > self._patience.in_all_s:
            host.closed = True
            self._crawler.stats.inc_value("retry_after/hosts_closed")
            if asked is not None and asked > self._patience.longest_s:
                self._crawler.stats.max_value(
                    ASKED_UNTIL_STAT, self._clock.now().timestamp() + min(asked, _WEEK_S)
                )
            self._send_away(key, 0, host.resume_at - now)
            return
        self._pause(key, host.resume_at)
        if host.resume_at - now > self._patience.short_s:
            self._send_away(key, self._patience.max_waiting, host.resume_at - now)

    def process_response(self, request: Request, response: Response) -> Response:
        """Return the response, for Scrapy's RetryMiddleware to ask again after the pause.

        Raises:
            RefusalError: rate_limited, where the wait is longer than the run can afford.
        """
        host = self._hosts.get(_slot_key(request))
        if host is not None and host.closed and RETRY_AFTER_S in request.meta:
            raise self._limited(_slot_key(request), request.meta[RETRY_AFTER_S])
        return response

    def _pause(self, key: str, resume_at: float) -> None:
        slot = self._crawler.engine.downloader.slots.get(key)
        if slot is not None:
            # The slot sends its next request no earlier than its delay after `lastseen`, also on this clock.
            slot.delay = max(slot.delay, _LEAST_DELAY_S)
            slot.lastseen = max(slot.lastseen, resume_at)
            self._crawler.stats.inc_value("retry_after/pauses")

    def _send_away(self, key: str, kept: int, left_s: float) -> None:
        """Refuse all but the first *kept* requests that wait in the slot already."""
        slot = self._crawler.engine.downloader.slots.get(key)
        while slot is not None and len(slot.queue) > kept:
            _request, waiting = slot.queue.pop()
            waiting.errback(Failure(self._limited(key, left_s)))  # type: ignore[no-untyped-call]

    def _limited(self, key: str, left_s: float) -> RefusalError:
        self._crawler.stats.inc_value("retry_after/refused")
        return RefusalError(Reason.RATE_LIMITED, f"{key} in {left_s:.0f} s", retry_after_s=left_s)


def _slot_key(request: Request) -> str:
    return str(request.meta.get("download_slot") or urlparse_cached(request).hostname or "")
