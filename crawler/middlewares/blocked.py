"""Take no refusal for an article: statuses that mean no, and pages that mean no with a 200.

Stands on the engine's side of Scrapy's RetryMiddleware: what may pass on a second try has had it.
"""

from hashlib import sha1
from typing import Self
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Request, Response
from scrapy.statscollectors import StatsCollector
from scrapy.utils.httpobj import urlparse_cached

from crawler.failures import reason_of_status
from crawler.guard import RefusalError
from crawler.middlewares.guard import wants_status
from crawler.middlewares.retry_after import RETRY_AFTER_S
from crawler.middlewares.robots import ROBOTS_FETCH
from crawler.reasons import Reason
from crawler.refusal_pages import recognise

_FIRST_ERROR = 400
_SAME_PAGE_HOSTS = 3  # one page under so many names is nobody's page
_REMEMBERED_PAGES = 5000
_PORTAL_BYTES = 64 * 1024  # a portal's page is small
# Statuses whose page may say more precisely what is wrong.
_EXPLAINED = frozenset({Reason.BLOCKED, Reason.HTTP_4XX, Reason.HTTP_5XX, Reason.RATE_LIMITED})


class BlockedMiddleware:
    """Refuse error statuses and pages in an article's place; a status the request asked for passes."""

    def __init__(self, stats: StatsCollector) -> None:
        self._stats = stats
        self._hosts_of: dict[bytes, set[str]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware."""
        return cls(crawler.stats)

    def process_response(self, request: Request, response: Response) -> Response:
        """Return the response if it is an answer to what was asked.

        Raises:
            RefusalError: its reason is what the status or the page says.
        """
        if request.meta.get(ROBOTS_FETCH) or wants_status(request, response.status):
            return response
        refusal = self._refusal(request, response)
        if refusal is not None:
            self._stats.inc_value(f"blocked/{refusal.reason}")
            raise refusal
        return response

    def _refusal(self, request: Request, response: Response) -> RefusalError | None:
        reason = None
        if response.status >= _FIRST_ERROR:
            reason = reason_of_status(response.status)
        elif _sent_home(request, response):
            return RefusalError(Reason.NOT_FOUND, f"{response.url}: sent to the front page instead")
        if response.headers.get("cf-mitigated") == b"challenge":
            return RefusalError(Reason.CHALLENGE, f"{response.url}: cf-mitigated")
        if reason is None or reason in _EXPLAINED:
            found = self._recognised(request, response)
            if found and (reason is None or found[0] is not Reason.NOT_FOUND):
                return RefusalError(found[0], f"{response.url}: {found[1]}")
        if reason is None:
            return None
        wait = request.meta.get(RETRY_AFTER_S)
        return RefusalError(reason, f"{response.url}: status {response.status}", retry_after_s=wait)

    def _recognised(self, request: Request, response: Response) -> tuple[Reason, str] | None:
        if not isinstance(response, HtmlResponse) or not response.body:
            return None
        is_list = request.meta.get("kind") == "list"
        found = recognise(response.body, is_list=is_list)
        if found is None and not is_list and len(response.body) <= _PORTAL_BYTES:
            found = self._seen_elsewhere(request, response)
        return found

    def _seen_elsewhere(self, request: Request, response: Response) -> tuple[Reason, str] | None:
        """Tell one and the same page under several hosts, as a captive portal serves it."""
        if len(self._hosts_of) >= _REMEMBERED_PAGES:
            self._hosts_of.clear()
        digest = sha1(response.body, usedforsecurity=False).digest()
        hosts = self._hosts_of.setdefault(digest, set())
        hosts.add(urlparse_cached(request).hostname or "")
        if len(hosts) < _SAME_PAGE_HOSTS:
            return None
        return Reason.CAPTIVE_PORTAL, f"the same page under {', '.join(sorted(hosts)[:3])}"


def _sent_home(request: Request, response: Response) -> bool:
    """Return whether a page further down was redirected to a host's front page, as dead articles are."""
    earlier = request.meta.get("redirect_urls")
    if not earlier or request.meta.get("kind") == "list":
        return False
    home = urlparse_cached(response)
    return not home.path.strip("/") and not home.query and bool(urlsplit(earlier[0]).path.strip("/"))
