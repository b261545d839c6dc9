"""One crawl's hold on the store and the archive: opened by the spider's `start`, closed when it closes.

Stock Scrapy commands that only look (`shell`, `parse`, `check`) open none, so they write nothing. Everything
that waits for a disk or a database happens in a thread of its own. The archive is written to at once, into
the system's memory; that thread sees to it that it is on the disk before a row names it.
"""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar
from weakref import WeakKeyDictionary, ref

import attrs
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.utils.misc import load_object
from sqlalchemy import Engine

from crawler import logs
from crawler.clock import Clock
from crawler.decay.watch import PageWatch
from crawler.errors import StoreError
from crawler.failures import classify_failure
from crawler.items import Article
from crawler.reasons import Reason
from crawler.ruleset import fingerprint
from crawler.storage import articles, frontier, reextraction, runs, verdicts
from crawler.storage.archive import ArchiveWriter, RecordRef
from crawler.storage.database import open_database
from crawler.storage.frontier import Entry, Offered, Settlement, Work
from crawler.storage.looks import Look
from crawler.storage.places import archive_of
from crawler.storage.reach import Reach, given_up, reach
from crawler.storage.replay import LostRecordError
from crawler.storage.revisions import Cause, OtherRulesError
from crawler.storage.run_looks import RunLooks
from crawler.storage.space import require_space
from crawler.storage.states import RETRIED, State
from crawler.storage.troubles import UnsavableError
from crawler.storage.verdicts import Shown, Traits

if TYPE_CHECKING:
    from crawler.config import Config

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

VERDICT_STAT = "run/verdict"
HEARTBEAT_S = 20.0
SETTLE_EVERY_S = 0.25
ROBOTS_FETCH = "robots_fetch"  # as crawler.middlewares.robots marks its own requests
_ONE_THING = (UnsavableError, OtherRulesError, LostRecordError)  # the store itself can be used

_sessions: "WeakKeyDictionary[Crawler, Session]" = WeakKeyDictionary()


def session_of(crawler: Crawler) -> "Session | None":
    """Return the session that the crawl has opened; None before that, and for commands that open none."""
    return _sessions.get(crawler)


class Session:
    """What one run of one outlet writes to. Made by `open`."""

    def __init__(
        self, crawler: Crawler, engine: Engine, run: runs.Run, clock: Clock, pages: PageWatch
    ) -> None:
        config: Config = crawler.settings["CONFIG"]
        self.run = run
        self.pages = pages
        self.ruleset = pages.ruleset
        self._settings = crawler.settings
        self._config = config
        self._crawler = ref(crawler)  # the sessions are kept by their crawlers
        self.clock = clock
        self.looked = runs.Looked()
        self.remarks: list[str] = []
        self.notes: list[str] = []
        self.failed = False
        self.unread: Counter[str] = Counter()
        self.settled: Counter[tuple[str, str]] = Counter()
        self.listed: Counter[str] = Counter()
        self.unusable: Counter[str] = Counter()
        self.learned = 0
        self._engine = engine
        self._place = archive_of(config)
        self._archive = ArchiveWriter(self._place, run.outlet, run.id)
        self._thread = ThreadPoolExecutor(1, "store")
        self._unindexed: dict[str, RecordRef] = {}
        self._unsettled: list[Settlement] = []
        self._lost = self._closed = False
        self.looks = RunLooks(config.revisit_ages)
        self._closing = asyncio.Event()
        self._tending = asyncio.get_running_loop().create_task(self._tend())

    @classmethod
    async def open(cls, crawler: Crawler, order: runs.Order, clock: Clock) -> Self:
        """Return the session of a new run that holds the outlet; its run has the window that is in force.

        Where nobody asked for these days, the run reaches back to where the outlet was last covered.

        Raises:
            StoreError: the store cannot be used, or another run holds the outlet.
        """
        config: Config = crawler.settings["CONFIG"]
        log: str | None = crawler.settings.get("RUN_LOG")

        def begin() -> tuple[Engine, runs.Run, Reach, PageWatch]:
            _require_space(config, config.min_free_mb)
            archive_of(config)  # refuses what cannot be, before there is a run
            engine = open_database(config.database_url)
            reached = Reach(order.since)
            if order.look == "crawl" and not order.asked:
                reached = reach(engine, order.outlet, order.since, clock.now())
            asked_for = attrs.asdict(order) | {"since": reached.since}
            run = runs.start_run(engine, **asked_for, log=log, shift=clock.shift)
            return engine, run, reached, PageWatch.open(engine, order.outlet, fingerprint(crawler))

        engine, run, reached, pages = await asyncio.to_thread(begin)
        session = cls(crawler, engine, run, clock, pages)
        if reached.since < order.since:
            session.note(f"reaches back to {reached.since:%Y-%m-%d}, where the outlet was last covered")
        if reached.given_up is not None:
            session.remark(given_up(order.outlet, reached.given_up))
        _sessions[crawler] = session
        logs.about.update(outlet=order.outlet, run=session.run.id)
        return session

    def note(self, text: str) -> None:
        """Keep with the run what somebody should know of it although it is no fault."""
        self.notes.append(text)

    def remark(self, text: str, *, failed: bool = False) -> None:
        """Note why the run is not healthy; with *failed* it could not look at all."""
        self.remarks.append(text)
        self.failed = self.failed or failed

    def found(self, *, not_modified: int) -> None:
        """Record how many lists were as they had been."""
        self.looked = attrs.evolve(self.looked, not_modified=not_modified)

    def covered(self, since: datetime, until: datetime) -> None:
        """Record for which times of publication the lists were read without a hole."""
        self.looked = attrs.evolve(self.looked, covered=(since, until))

    async def leftover(self) -> list[Work]:
        """Return what earlier runs left to be fetched."""
        return await self._in_store(frontier.pending, self._engine, self.run.id, now=self.clock.now())

    async def offer(self, entries: Sequence[Entry]) -> Offered:
        """Record the entries of a list and return those to be fetched, and how many were known."""
        offered = await self._in_store(
            frontier.offer, self._engine, self.run.id, entries, now=self.clock.now()
        )
        self.listed.update(entry.source for entry in entries)
        self.learned += offered.new
        return offered

    def settle(
        self,
        url_id: int,
        state: State,
        reason: str,
        detail: Mapping[str, Any] | None = None,
        record_ids: Iterable[str] = (),
    ) -> None:
        """Note what became of an address; it is written within `SETTLE_EVERY_S`, many in one transaction.

        A crawl that is killed before that finds the address pending and fetches it again.
        """
        if self._lost:
            return
        self.settled[state, reason] += 1
        if state in RETRIED and reason not in {Reason.NOT_FOUND, Reason.ROBOTS}:
            self.unread[reason] += 1
        records = self._claimed(record_ids)
        settlement = Settlement(url_id=url_id, state=state, reason=reason, detail=detail, records=records)
        if not self.looks.settle(settlement):
            self._unsettled.append(settlement)

    async def due(self) -> list[Look]:
        """Return the looks at stored articles that are due."""
        run = self.run
        return await self._in_store(self.looks.due, self._engine, run.id, run.outlet, self.clock.now())

    async def save(self, article: Article) -> articles.Outcome:
        """Store an article, its address and its ledger entry in one transaction.

        Where the outcome is none that keeps it, nothing was written: the address is to be settled.
        """
        if article.url_id is None:
            raise ValueError(f"{article.url} was never offered to the frontier")
        records, url_id, now = self._claimed(article.record_ids), article.url_id, self.clock.now()
        fetched = self.looks.fetched(url_id)

        def write() -> articles.Outcome:
            self._archive.sync()
            return articles.save(
                self._engine,
                article,
                self.run.id,
                url_id,
                records,
                fetched=fetched,
                ruleset=self.ruleset,
                cause=cause,
                now=now,
            )

        cause: Cause | None = None
        try:
            outcome = await self._in_store(write)
        except OtherRulesError as unclear:
            cause = await self._read_again(unclear.article_id)
            outcome = await self._in_store(write)
        if not self.looks.saved(outcome.article_id, article.url, outcome.state, fetched):
            self._unindexed |= {ref.id: ref for ref in records}
        return outcome

    async def _read_again(self, article_id: int) -> Cause:
        """Store what the rules now read on the stored revision's page; what differs still is the outlet's.

        Where that page is no longer there, or gives no article now, who changed the text cannot be told.
        """
        stored = await self._in_store(articles.find, self._engine, article_id)
        if stored is None:
            raise StoreError(f"article {article_id} has no current revision; run `pantau audit`")
        reading = None
        try:
            page = await self._in_store(reextraction.page_of, self._engine, stored)
            reading = await self._rereader.read(page, partial(page.answer, self._engine, self._place))
        except LostRecordError as error:
            logger.warning("Article %d: whether outlet or rules changed it is unclear: %s", article_id, error)
        if reading is None or reading.article is None or reading.lacks_parts_of(stored.article):
            return "unclear"
        await self._in_store(
            reextraction.store_reading,
            self._engine,
            stored,
            reading.article,
            run_id=self.run.id,
            ruleset=self.ruleset,
            now=self.clock.now(),
        )
        return "outlet"

    @cached_property
    def _rereader(self) -> Any:  # noqa: ANN401 - named in the settings: it stands above this module
        return load_object(self._settings["REREADER"])(self._crawler())

    def archive(self, request: Request, response: Response) -> str:
        """Write a response to the archive and return the name of its record."""
        return self._written(partial(self._write_record, request, response, self.clock.now()))

    def archive_rendered(self, request: Request, response: Response, of: str | None) -> str:
        """Write a page as a browser drew it, *of* which record, and return the name of its own."""
        kind = request.meta.get("kind", "article")
        write = partial(self._archive.write_rendering, response.url, response.body, kind=kind)
        return self._written(partial(write, refers_to=of, fetched_at=self.clock.now()))

    def _written(self, write: Callable[[], RecordRef]) -> str:
        try:
            ref = write()
        except StoreError as error:
            self._lose(error)
            raise
        self._unindexed[ref.id] = ref
        return ref.id

    async def in_store(
        self, call: Callable[Concatenate[Engine, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what a call that takes the store's engine returns, made in the store's thread."""
        return await self._in_store(call, self._engine, *args, **kwargs)

    async def history(self) -> list[Shown]:
        """Return what earlier runs of the outlet showed, oldest first."""
        since = self.run.started_at - verdicts.REMEMBERED
        return await self._in_store(verdicts.shown_since, self._engine, self.run.outlet, since)

    async def close(self, spent: runs.Spent, traits: Traits) -> runs.Run:
        """Close the run with its verdict, the archive and the store."""
        self._closing.set()
        await self._tending
        self.remarks.extend(self.looks.judge())
        try:
            if not self._lost:
                with contextlib.suppress(StoreError):  # it is lost then, and the verdict says why
                    await self._write_rest()
            verdict: runs.RunVerdict = "failed" if self.failed else "degraded" if self.remarks else "healthy"
            return await self._in_store(
                runs.finish_run,
                self._engine,
                self.run.id,
                verdict,
                [*self.remarks, *self.notes],
                spent=spent,
                looked=attrs.evolve(self.looked, listed=self.listed.total(), traits=attrs.asdict(traits)),
            )
        finally:
            self._closed = True
            with contextlib.suppress(StoreError):  # all that was acknowledged is kept
                await asyncio.get_running_loop().run_in_executor(self._thread, self._archive.close)
            self._thread.shutdown()
            self._engine.dispose()

    def _write_record(self, request: Request, response: Response, at: datetime) -> RecordRef:
        headers = [(name, value) for name, values in response.headers.items() for value in values]
        kind = "robots" if request.meta.get(ROBOTS_FETCH) else request.meta.get("kind", "article")
        return self._archive.write(
            response.url,
            response.status,
            headers,
            response.body,
            fetched_at=at,
            kind=kind,
            method=request.method,
        )

    def _claimed(self, record_ids: Iterable[str]) -> list[RecordRef]:
        """Return the references of records, to be entered into the index once the archive is synced."""
        return [self._unindexed.pop(record_id) for record_id in record_ids if record_id in self._unindexed]

    async def _write_settlements(self) -> None:
        settlements, self._unsettled = self._unsettled, []
        if settlements:
            await self._in_store(self._archive.sync)
            await self._in_store(
                frontier.settle, self._engine, self.run.id, settlements, now=self.clock.now()
            )
        if self.pages.has_news:
            await self.write_pages()
        if self.looks.has_news:
            await self._in_store(self._archive.sync)
            run = self.run
            await self._in_store(self.looks.write, self._engine, run.id, run.outlet, self.clock.now())

    async def _write_rest(self) -> None:
        await self._write_settlements()
        lists = self._claimed(list(self._unindexed))
        await self._in_store(self._archive.sync)
        await self._in_store(frontier.add_records, self._engine, self.run.id, lists)
        if self.pages.pages:
            await self.write_pages()

    async def write_pages(self) -> None:
        """Write what the outlet's pages showed: what is learned of them, an alarm and its evidence."""
        folder, now = self._config.data_dir, self.clock.now()
        await self._in_store(self.pages.write, self._engine, folder, self.run.id, now)

    async def _tend(self) -> None:
        """Write settlements and the heartbeat until the session closes; end a crawl that lost its run."""
        beaten = self.clock.seconds()
        while not self._closing.is_set() and not self._lost:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), SETTLE_EVERY_S)
            with contextlib.suppress(StoreError):
                await self._in_store(_require_space, self._config, self._config.min_free_mb / 2)
                await self._write_settlements()
                if self.clock.seconds() - beaten >= HEARTBEAT_S:
                    await self._in_store(runs.heartbeat, self._engine, self.run.id)
                    beaten = self.clock.seconds()

    async def _in_store(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._closed:
            raise runs.RunEndedError(f"run {self.run.id} has ended")
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, partial(call, *args, **kwargs))
        except _ONE_THING:
            raise
        except StoreError as error:
            self._lose(error)
            raise

    def _lose(self, error: StoreError) -> None:
        """End the crawl because what it does cannot be kept; a later run fetches what is not settled."""
        if self._lost:
            return
        self._lost = True
        logger.error("%s", error)
        reason = classify_failure(error)
        self.remark(str(error) if reason is Reason.INTERNAL else f"{reason}: {error}", failed=True)
        crawler = self._crawler()
        if crawler is not None and crawler.engine is not None and not self._closing.is_set():
            closing = crawler.engine.close_spider_async(reason="run lost")
            self._ending = asyncio.get_running_loop().create_task(closing)


def _require_space(config: "Config", least_mb: float) -> None:
    require_space(config.data_dir, least_mb)
    if config.archive and config.archive_url is None:
        require_space(config.archive_dir, least_mb)
