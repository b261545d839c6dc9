"""Renders the pages that only scripts make whole: those of requests that say what they await.

Stands between the retries and `blocked.py`: what is rendered has been fetched, paced, archived and judged
like any other page, and what comes of it is judged again. Everything else passes as it is.
"""

from typing import Any, Final, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Request, Response

from crawler.dates import WIB
from crawler.discovery.listing import AWAITS
from crawler.errors import ConfigError
from crawler.guard import Policy, RefusalError
from crawler.reasons import Reason
from crawler.rendering import limits
from crawler.rendering.browser import Pages
from crawler.rendering.finding import NEXT_STEP, Found, find_browser
from crawler.rendering.visit import Scripts, Visit
from crawler.session import session_of

_SUCCESS: Final = 200
_ZONES: Final = {7: "Asia/Jakarta", 8: "Asia/Makassar", 9: "Asia/Jayapura"}


class RenderMiddleware:
    """Give back a page as its scripts drew it, where the request's `awaits` names what must be in it."""

    def __init__(self, crawler: Crawler, found: Found | None, missing: str = "") -> None:
        self._crawler = crawler
        self._missing = missing
        self._pages = Pages(crawler, found) if found else None
        self._scripts = Scripts()
        self._policy = Policy.from_settings(crawler.settings)
        self._patience_s = crawler.settings.getfloat("RENDERING_PATIENCE_S", limits.PATIENCE_S)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware with the browser of this machine, or with why there is none."""
        try:
            found = find_browser(crawler.settings["CONFIG"].browser)
            made = cls(crawler, found, f"there is no browser on this machine; {NEXT_STEP}")
        except ConfigError as error:
            made = cls(crawler, None, str(error))
        crawler.signals.connect(made.close, signals.engine_stopped)
        return made

    def process_request(self, request: Request) -> None:
        """Let the request pass.

        Raises:
            RefusalError: no_browser, where the page could not be rendered.
        """
        if self._pages is None and request.meta.get(AWAITS):
            raise RefusalError(Reason.NO_BROWSER, self._missing)

    async def process_response(self, request: Request, response: Response) -> Response:
        """Return the response as a browser shows it.

        Raises:
            RefusalError: no_browser, not_rendered, navigation_refused, too_large, browser_hang or _crash.
        """
        css = request.meta.get(AWAITS)
        if not css or self._pages is None or response.status != _SUCCESS:
            return response
        if not isinstance(response, HtmlResponse):
            return response
        if len(response.body) > limits.MOST_BYTES:
            raise RefusalError(Reason.TOO_LARGE, f"{response.url}: {len(response.body)} bytes to be rendered")

        def visit() -> Visit:
            return Visit(self._crawler, self._policy, self._patience_s, response, css, self._scripts)

        text = await self._pages.render(visit, self._context())
        # Without the validators of what was sent: they say nothing of what scripts put into it.
        rendered = HtmlResponse(response.url, body=text.encode(), encoding="utf-8", request=request)
        session = session_of(self._crawler)
        if session is not None:
            records = request.meta.get("record_ids", ())
            record_id = session.archive_rendered(request, rendered, records[-1] if records else None)
            request.meta["record_ids"] = (*records, record_id)
        return rendered

    async def close(self) -> None:
        """End the browser."""
        if self._pages is not None:
            await self._pages.close()

    def _context(self) -> dict[str, Any]:
        offset = getattr(self._crawler.spider, "zone", WIB).utcoffset(None)
        hours = int(offset.total_seconds() // 3600) if offset else 7
        return {
            "user_agent": self._crawler.settings["USER_AGENT"],
            "locale": "id-ID",
            "timezone_id": _ZONES.get(hours, _ZONES[7]),
            "service_workers": "block",
            "accept_downloads": False,
        }
