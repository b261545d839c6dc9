"""Reads archived pages again, as the outlet's spider reads them now; nothing here knows a network.

What decides between the wire and the store is the crawl's own: redirects, content codings, what is taken for
a refusal, the page object with the parts of a split article, the reading pipelines. What guards, paces,
repeats and archives requests has nothing to do here.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import attrs
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.http import Headers, Request, Response
from scrapy.responsetypes import responsetypes
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.utils.misc import build_from_crawler, load_object

from crawler.discovery.base import ArticleSpider
from crawler.discovery.reading import LISTED_AT, LISTED_HEADLINE, Unread, read_article
from crawler.errors import StoreError
from crawler.failures import classify_failure
from crawler.guard import RefusalError
from crawler.items import Article, Draft
from crawler.middlewares.blocked import BlockedMiddleware
from crawler.middlewares.compression import CompressionMiddleware
from crawler.outcomes import Dropped
from crawler.reasons import Reason
from crawler.storage.reextraction import Page
from crawler.storage.replay import ArchivedResponse
from crawler.storage.states import State, state_of

Answer = Callable[[str], ArchivedResponse | None]

_OK, _NOT_OK = 200, 300


@attrs.frozen(kw_only=True)
class Reading:
    """What an archived page is read as: an article, on the topic or not, or why it is none.

    `missing` are addresses that the present rules ask for and the archive has no answer from.
    """

    state: State
    reason: str | None = None
    detail: Mapping[str, Any] = attrs.field(factory=dict)
    article: Article | None = None
    missing: tuple[str, ...] = ()

    def lacks_parts_of(self, before: Article) -> bool:
        """Tell whether parts are missing only because nobody asked the outlet for them at the time."""
        return bool(self.missing) and self.article is not None and self.article.partial > before.partial


class Rereader:
    """Reads archived pages with the spider of a crawler."""

    def __init__(self, crawler: Crawler) -> None:
        if not isinstance(crawler.spider, ArticleSpider):
            raise TypeError("only outlets' spiders read articles")
        self._crawler = crawler
        self._spider = crawler.spider
        self._compression = CompressionMiddleware.from_crawler(crawler)
        self._redirect = RedirectMiddleware.from_crawler(crawler)
        steps = crawler.settings.getdict("READING_PIPELINES")
        self._pipelines = [
            build_from_crawler(load_object(path), crawler) for path in sorted(steps, key=steps.__getitem__)
        ]

    async def read(self, page: Page, answer: Answer) -> Reading:
        """Return what *page* is read as now; *answer* gives the archived response of an address.

        An article off the topic comes with its state, and whole. A fault of the rules is `parse_error`, as in
        a crawl.

        Raises:
            LostRecordError: a record cannot be read.
        """
        visit = _Visit(self, answer)
        hint = {LISTED_HEADLINE: page.hint.headline, LISTED_AT: page.hint.published_at}
        try:
            response = await visit.fetch(page.url, hint)
            _check_status(response)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a download can fail with, as `errback` gets it
            reason = classify_failure(error)
            return visit.outcome(Reading(state=state_of(reason), reason=reason, detail={"error": str(error)}))
        try:
            read = await read_article(
                response, self._spider.page_class, visit.fetch_part, page.fetched_at, lambda _page: None
            )
            return visit.outcome(await self._judged(read, page))
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - the rules' own faults, as Scrapy takes them
            detail = {"error": f"{type(error).__name__}: {error}"}
            return visit.outcome(Reading(state=State.FAILED, reason=Reason.PARSE_ERROR, detail=detail))

    async def _judged(self, read: Draft | Unread, page: Page) -> Reading:
        if isinstance(read, Unread):
            return Reading(state=read.state, reason=read.reason, detail=read.detail)
        read.outlet, read.url_id = self._spider.outlet, page.url_id
        item: Any = read
        off_topic: Dropped | None = None
        for pipeline in self._pipelines:
            try:
                item = pipeline.process_item(item)
                item = await item if inspect.isawaitable(item) else item
            except Dropped as dropped:
                if dropped.state != State.OFF_TOPIC:
                    return Reading(state=State(dropped.state), reason=dropped.reason, detail=dropped.detail)
                off_topic = dropped  # its verdict stands in the item; the rest of it is wanted too
        state = State.OFF_TOPIC if off_topic else State.STORED
        return Reading(state=state, reason=off_topic.reason if off_topic else None, article=item)

    def judge_response(self, request: Request, response: Response) -> Response | Request:
        """Return the response as the crawl's middlewares leave it, or the request that it redirects to.

        Raises:
            RefusalError: it is not what was asked for.
        """
        followed = self._redirect.process_response(request, response)
        if isinstance(followed, Request):
            return followed
        plain = self._compression.process_response(request, response)
        # A new one each time: what it remembers of other pages would make the order of reading matter.
        return BlockedMiddleware.from_crawler(self._crawler).process_response(request, plain)


class _Visit:
    """The requests of one article, answered from the archive."""

    def __init__(self, rereader: Rereader, answer: Answer) -> None:
        self._rereader = rereader
        self._answer = answer
        self._missing: list[str] = []

    async def fetch(self, url: str, meta: Mapping[str, Any]) -> Response:
        request = Request(url, meta={"kind": "article", **meta})
        while True:
            archived = self._answer(request.url)
            if archived is None:
                self._missing.append(request.url)
                raise RefusalError(Reason.NOT_FOUND, f"{request.url} is not in the archive")
            request.meta["record_ids"] = (*request.meta.get("record_ids", ()), archived.ref.id)
            judged = self._rereader.judge_response(request, _response(request, archived))
            if isinstance(judged, Response):
                judged.request = request
                return judged
            request = judged

    async def fetch_part(self, url: str) -> Response:
        return await self.fetch(url, {})

    def outcome(self, reading: Reading) -> Reading:
        return attrs.evolve(reading, missing=tuple(self._missing))


def _check_status(response: Response) -> None:
    """Refuse what Scrapy lets no callback see unasked.

    Raises:
        HttpError: the status is no success.
    """
    if not _OK <= response.status < _NOT_OK:
        raise HttpError(response)


def _response(request: Request, archived: ArchivedResponse) -> Response:
    headers = Headers()
    for name, value in archived.headers:
        headers.appendlist(name, value)
    kind = responsetypes.from_args(headers=headers, url=request.url, body=archived.body)
    return kind(url=request.url, status=archived.ref.status, headers=headers, body=archived.body)
