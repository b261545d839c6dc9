"""Fetches lists: through every guard, delay and robots rule, like any other page."""

from collections import Counter
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from crawler.config import Config
from crawler.discovery.listing import ALSO_ANSWERS, AWAITS, RungError
from crawler.failures import classify_failure
from crawler.guard import RefusalError
from crawler.reasons import Reason
from crawler.robots import CRAWL_DELAY_EXCESS
from crawler.session import session_of

NOT_MODIFIED = 304
# How lists say that they are as they were, that there is nothing, or nothing more: for the rung to judge.
# Other refusals end the rung.
LIST_ANSWERS = [NOT_MODIFIED, 400, 404]


class ListFetcher:
    """Fetches the lists of one crawl."""

    def __init__(self, crawler: Crawler, config: Config) -> None:
        self._crawler = crawler
        self._max_pages = config.list_pages
        self._pages: Counter[str] = Counter()

    async def __call__(self, request: Request) -> Response:
        """Return the response to a list request.

        Raises:
            RungError: there is none; the message is the reason.
        """
        if self._crawler.engine is None:
            raise RungError("the engine is not running")
        if request.meta.get(AWAITS) and not getattr(self._crawler.spider, "render", False):
            raise RungError("a rung says `awaits`: its spider must say `render = True`")
        self._spend_page(request)
        request.meta["kind"] = "list"
        request.meta["handle_httpstatus_list"] = [*LIST_ANSWERS, *request.meta.get(ALSO_ANSWERS, ())]
        try:
            response = await self._crawler.engine.download_async(request)
        except Exception as error:
            why = error.detail if isinstance(error, RefusalError) else request.url
            reason, session = classify_failure(error, request), session_of(self._crawler)
            if session is not None:
                session.unusable[reason] += 1
            raise RungError(f"{reason}, {why}") from error
        if _is_front_page(response.url) and not _is_front_page(request.url):
            raise RungError(f"sent to the front page instead of {request.url}")
        return response

    def _spend_page(self, request: Request) -> None:
        """Count a page; a host whose Crawl-delay is longer than is kept is asked for fewer of them.

        Raises:
            RungError: so many have been asked for.
        """
        host = urlsplit(request.url).hostname or ""
        self._pages[host] += 1
        excess = self._crawler.stats.get_value(f"{CRAWL_DELAY_EXCESS}/{host}")
        if excess and self._pages[host] > max(self._max_pages / excess, 1):
            raise RungError(f"{Reason.OVER_BUDGET}, the Crawl-delay of {host} leaves no more list pages")


def _is_front_page(url: str) -> bool:
    parts = urlsplit(url)
    return not parts.path.strip("/") and not parts.query
