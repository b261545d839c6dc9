"""Settles what did not reach the store, judges the run when it ends, and records both."""

import logging
from collections import Counter
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.items import Article, Draft, Expect
from crawler.outcomes import Dropped
from crawler.reasons import Reason
from crawler.session import VERDICT_STAT, session_of
from crawler.storage.runs import STOPPED, Spent
from crawler.storage.states import State

logger = logging.getLogger(__name__)

MIN_JUDGED = 5  # articles; below that a share says nothing


class RunRecorder:
    """Listens to the crawl; no spider and no pipeline knows of it."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.read = 0
        self.filled: Counter[str] = Counter()
        self.generic = 0
        self.partial = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        recorder = cls(crawler)
        connect = crawler.signals.connect
        connect(recorder.item_scraped, signals.item_scraped)
        connect(recorder.item_dropped, signals.item_dropped)
        connect(recorder.item_error, signals.item_error)
        connect(recorder.spider_error, signals.spider_error)
        connect(recorder.spider_closed, signals.spider_closed)
        return recorder

    def item_scraped(self, item: Article) -> None:
        """Count which fields a stored article has."""
        self.read += 1
        self.generic += item.body_from == "generic"
        self.partial += item.partial
        for field in self._expect().coverage:
            self.filled[field] += bool(getattr(item, field))

    def item_dropped(self, item: Draft, exception: BaseException) -> None:
        """Settle an address whose article a pipeline did not keep."""
        session = session_of(self.crawler)
        if session and item.url_id is not None and isinstance(exception, Dropped):
            state = State(exception.state)
            session.settle(item.url_id, state, exception.reason, exception.detail, item.record_ids)

    def item_error(self, item: Draft, failure: Failure) -> None:
        """Settle an address whose article could not be cleaned, judged or stored."""
        session = session_of(self.crawler)
        if session and item.url_id is not None:
            detail = {"error": str(failure.value)}
            session.settle(item.url_id, State.FAILED, Reason.INTERNAL, detail, item.record_ids)

    def spider_error(self, failure: Failure, response: Response | None) -> None:
        """Settle an address whose page could not be read."""
        session = session_of(self.crawler)
        request = response.request if response is not None else None
        url_id = request.cb_kwargs.get("url_id") if request is not None else None
        if session and request is not None and url_id is not None:
            detail, records = {"error": str(failure.value)}, request.meta.get("record_ids", ())
            session.settle(url_id, State.FAILED, Reason.PARSE_ERROR, detail, records)

    async def spider_closed(self, reason: str) -> None:
        """Judge the run and close its session."""
        session = session_of(self.crawler)
        if session is None:
            return
        for complaint in self._complaints():
            session.remark(complaint)
        for why, number in sorted(session.unread.items()):
            session.remark(f"{number} addresses could not be read: {why}")
        if reason != "finished":
            session.remark(f"{STOPPED}: {reason}")
        stats = self.crawler.stats
        run = await session.close(
            Spent(
                requests=stats.get_value("downloader/request_count", 0),
                bytes_received=stats.get_value("downloader/response_bytes", 0),
            )
        )
        stats.set_value(VERDICT_STAT, run.verdict)
        found = ", ".join(f"{number} {state}" for state, number in sorted(run.counts.items()))
        logger.info("%s: %s; %s", run.outlet, run.verdict, found or "nothing new")
        for remark in run.why:
            logger.warning("%s: %s", run.outlet, remark)

    def _expect(self) -> Expect:
        return getattr(self.crawler.spidercls, "expect", None) or Expect()

    def _complaints(self) -> list[str]:
        complaints = []
        if self.generic:
            complaints.append(f"the body selector found nothing on {self.generic} of {self.read} articles")
        if self.partial:
            complaints.append(f"{self.partial} articles lack a part that could not be read")
        if self.read >= MIN_JUDGED:
            for field, least in self._expect().coverage.items():
                share = self.filled[field] / self.read
                if share < least:
                    complaints.append(f"{field} on {share:.0%} of articles, expected at least {least:.0%}")
        return complaints
