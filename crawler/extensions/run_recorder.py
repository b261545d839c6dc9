"""Settles what did not reach the store, judges the run when it ends, and records both."""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

import attrs
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.errors import StoreError
from crawler.handlers import FETCHING_STAT
from crawler.items import Article, Draft, Expect
from crawler.outcomes import ASKED_UNTIL_STAT, REFUSED_STAT, Dropped
from crawler.reasons import Reason
from crawler.session import VERDICT_STAT, Session, session_of
from crawler.storage import plans
from crawler.storage.database import open_database
from crawler.storage.runs import STOPPED, Run, Spent
from crawler.storage.states import State
from crawler.storage.verdicts import Shown, Traits, complaints

if TYPE_CHECKING:
    from crawler.config import Config

logger = logging.getLogger(__name__)

MIN_JUDGED = 5  # articles; below that a share says nothing


FIELDS = ("standfirst", "published_at", "byline", "editors", "dateline", "source", "captions", "tags")
HEARD = ("won", "agreed", "differed")
NO_ARTICLE = frozenset({State.NOT_AN_ARTICLE, State.FAILED})
CAME = frozenset({State.OFF_TOPIC, State.NOT_AN_ARTICLE, State.OUT_OF_WINDOW, State.DUPLICATE})
"""What can become of a page that came, beside being stored; of those that did not come nothing is learned."""


@attrs.define
class Pages:
    """Counts what pages had that were read as articles."""

    fields: Collection[str]
    read: int = 0
    generic: int = 0
    partial: int = 0
    trimmed: int = 0
    gutted: int = 0
    filled: Counter[str] = attrs.field(factory=Counter)
    heard: dict[str, dict[str, Counter[str]]] = attrs.field(factory=dict)

    def count(self, article: Article) -> None:
        """Add one."""
        self.read += 1
        self.generic += article.body_from == "generic"
        self.partial += article.partial
        taken, left = sum(len(each.text) for each in article.removed), sum(map(len, article.body))
        self.trimmed += taken > 0
        self.gutted += taken > left
        self.filled.update({field: int(bool(getattr(article, field))) for field in self.fields})
        for field, witness in article.witnesses.items():
            said = self.heard.setdefault(field, {})
            said.setdefault(witness.by, Counter())["won"] += 1
            for name in witness.agree:
                said.setdefault(name, Counter())["agreed"] += 1
            for name in witness.differ:
                said.setdefault(name, Counter())["differed"] += 1

    def witnesses(self) -> dict[str, dict[str, list[int]]]:
        """Return, by field and witness, on how many pages it won, agreed, differed and said nothing."""
        return {
            field: {
                name: [*(said[what] for what in HEARD), self.read - sum(said[what] for what in HEARD)]
                for name, said in sorted(witnesses.items())
            }
            for field, witnesses in sorted(self.heard.items())
        }


class RunRecorder:
    """Listens to the crawl; no spider and no pipeline knows of it."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        fields = {*FIELDS, *self._expect().coverage}
        self.kept = Pages(fields)
        self.read = Pages(fields)  # those that were not kept as well

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
        """Count what a stored article has."""
        self.kept.count(item)
        self.read.count(item)

    def item_dropped(self, item: Draft | Article, exception: BaseException) -> None:
        """Settle an address whose article a pipeline did not keep."""
        if isinstance(item, Article):
            self.read.count(item)
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
        if session.pages.has_news:
            with contextlib.suppress(StoreError):  # the session has ended the crawl, and says why
                await session.write_pages()
        if session.pages.standing:
            session.remark(f"redesigned: {session.pages.told}")
        for why, number in sorted(session.unread.items()):
            session.remark(f"{number} addresses could not be read: {why}")
        if reason != "finished":
            session.remark(f"{STOPPED}: {reason}")
        until = self.crawler.stats.get_value(ASKED_UNTIL_STAT)
        try:
            if until is not None:
                config, moment = self.crawler.settings["CONFIG"], datetime.fromtimestamp(until, UTC)
                await asyncio.to_thread(_leave_alone, config, session.run.outlet, moment)
            run = await self._recorded(session)
        except StoreError as error:
            # The next run of the outlet closes this one; this process's status says now that it failed.
            self.crawler.stats.set_value(VERDICT_STAT, "failed")
            logger.error("the end of run %d could not be recorded: %s", session.run.id, error)  # noqa: TRY400
            return
        self.crawler.stats.set_value(VERDICT_STAT, run.verdict)
        found = ", ".join(f"{number} {state}" for state, number in sorted(run.counts.items()))
        logger.info("%s: %s; %s", run.outlet, run.verdict, found or self._nothing(run))
        for remark in run.why:
            level = logging.INFO if remark in session.notes else logging.WARNING
            logger.log(level, "%s: %s", run.outlet, remark)

    @staticmethod
    def _nothing(run: Run) -> str:
        """Return what to call it that nothing was found: only who could look knows that nothing is new."""
        return "nothing new" if run.verdict == "healthy" else "nothing came"

    async def _recorded(self, session: Session) -> Run:
        stats, traits = self.crawler.stats, self._traits(session)
        for complaint in await self._compared(session, traits):
            session.remark(complaint)
        return await session.close(
            Spent(
                requests=stats.get_value("downloader/request_count", 0),
                bytes_received=stats.get_value("downloader/response_bytes", 0),
                fetching_s=round(stats.get_value(FETCHING_STAT, 0.0), 3),
            ),
            traits,
        )

    def _expect(self) -> Expect:
        return getattr(self.crawler.spidercls, "expect", None) or Expect()

    def _complaints(self) -> list[str]:
        said, kept = [], self.kept
        if kept.generic:
            said.append(f"the body selector found nothing on {kept.generic} of {kept.read} articles")
        if kept.partial:
            said.append(f"{kept.partial} articles lack a part that could not be read")
        if kept.read >= MIN_JUDGED:
            for field, least in self._expect().coverage.items():
                share = kept.filled[field] / kept.read
                if share < least:
                    said.append(f"{field} on {share:.0%} of articles, expected at least {least:.0%}")
        return said

    def _traits(self, session: Session) -> Traits:
        """Return what was typical of this run."""
        came = {cause: number for cause, number in session.settled.items() if _came(*cause)}
        return Traits(
            read=self.read.read,
            filled=dict(self.read.filled),
            generic=self.read.generic,
            partial=self.read.partial,
            fetched=self.kept.read + sum(came.values()),
            unreadable=sum(number for (state, _), number in came.items() if state in NO_ARTICLE),
            listed=dict(session.listed),
            unusable=dict(session.unusable),
            unread=dict(session.unread),
            refused={
                stat.removeprefix(REFUSED_STAT): number
                for stat, number in self.crawler.stats.get_stats().items()
                if stat.startswith(REFUSED_STAT)
            },
            witnesses=self.read.witnesses(),
            trimmed=self.read.trimmed,
            gutted=self.read.gutted,
        )

    @staticmethod
    async def _compared(session: Session, traits: Traits) -> list[str]:
        """Return in what the run falls behind its outlet's own history; one that failed is not compared."""
        if session.failed or session.run.look != "crawl":
            return []
        run = session.run
        shown = Shown(
            started_at=run.started_at,
            whole=not run.asked and run.article_limit is None,
            verdict=None,
            learned=session.learned,
            traits=traits,
        )
        try:
            return complaints(shown, await session.history())
        except StoreError as error:
            return [f"not compared with earlier runs: {error}"]


def _came(state: str, reason: str) -> bool:
    return state in CAME or reason in {Reason.PARSE_ERROR, Reason.INTERNAL}


def _leave_alone(config: "Config", outlet: str, until: datetime) -> None:
    """Tell the schedule when the outlet wants to be asked again."""
    engine = open_database(config.database_url)
    try:
        plans.postpone(engine, outlet, until)
    finally:
        engine.dispose()
