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
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, ParamSpec, Self, TypeVar
from weakref import WeakKeyDictionary, ref

from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from sqlalchemy import Engine

from crawler.clock import Clock
from crawler.errors import StoreError
from crawler.items import Article
from crawler.reasons import Reason
from crawler.storage import articles, frontier, runs, sources
from crawler.storage.archive import ArchiveWriter, RecordRef
from crawler.storage.database import open_database
from crawler.storage.frontier import Entry, Settlement, Work
from crawler.storage.states import State

if TYPE_CHECKING:
    from crawler.config import Config

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

VERDICT_STAT = "run/verdict"
HEARTBEAT_S = 20.0
SETTLE_EVERY_S = 0.25
SEARCH_TRUSTED_FOR = timedelta(days=7)
ROBOTS_FETCH = "robots_fetch"  # as crawler.middlewares.robots marks its own requests
_LONG_AGO = datetime.min.replace(tzinfo=UTC)

_sessions: "WeakKeyDictionary[Crawler, Session]" = WeakKeyDictionary()


def session_of(crawler: Crawler) -> "Session | None":
    """Return the session that the crawl has opened; None before that, and for commands that open none."""
    return _sessions.get(crawler)


class Session:
    """What one run of one outlet writes to. Made by `open`."""

    def __init__(self, crawler: Crawler, engine: Engine, run: runs.Run) -> None:
        config: Config = crawler.settings["CONFIG"]
        self.run = run
        self._crawler = ref(crawler)  # the sessions are kept by their crawlers
        self.clock = Clock.starting_at(config.now)
        self.remarks: list[str] = []
        self.failed = False
        self.unread: Counter[str] = Counter()
        self._engine = engine
        self._archive = ArchiveWriter(config.archive_dir, run.outlet, run.id)
        self._thread = ThreadPoolExecutor(1, "store")
        self._unindexed: dict[str, RecordRef] = {}
        self._unsettled: list[Settlement] = []
        self._closing = asyncio.Event()
        self._tending = asyncio.get_running_loop().create_task(self._tend())

    @classmethod
    async def open(
        cls, crawler: Crawler, outlet: str, since: datetime, until: datetime, limit: int | None
    ) -> Self:
        """Return the session of a new run that holds the outlet.

        Raises:
            StoreError: the store cannot be used, or another run holds the outlet.
        """
        config: Config = crawler.settings["CONFIG"]
        config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)

        def begin() -> tuple[Engine, runs.Run]:
            engine = open_database(config.database_url)
            return engine, runs.start_run(engine, outlet, since=since, until=until, limit=limit)

        session = cls(crawler, *await asyncio.to_thread(begin))
        _sessions[crawler] = session
        return session

    def remark(self, text: str, *, failed: bool = False) -> None:
        """Note why the run is not healthy; with *failed* it could not look at all."""
        self.remarks.append(text)
        self.failed = self.failed or failed

    async def leftover(self) -> list[Work]:
        """Return what earlier runs left to be fetched."""
        return await self._in_store(frontier.pending, self._engine, self.run.id, now=self.clock.now())

    async def offer(self, entries: Sequence[Entry]) -> tuple[Work, ...]:
        """Record the entries of a list and return those to be fetched."""
        offered = await self._in_store(
            frontier.offer, self._engine, self.run.id, entries, now=self.clock.now()
        )
        return offered.fetch

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
        if state in {State.FAILED, State.BLOCKED} and reason != Reason.NOT_FOUND:
            self.unread[reason] += 1
        records = self._claimed(record_ids)
        self._unsettled.append(
            Settlement(url_id=url_id, state=state, reason=reason, detail=detail, records=records)
        )

    async def save(self, article: Article) -> articles.Outcome:
        """Store an article, its address and its ledger entry in one transaction."""
        if article.url_id is None:
            raise ValueError(f"{article.url} was never offered to the frontier")
        records, url_id, now = self._claimed(article.record_ids), article.url_id, self.clock.now()

        def write() -> articles.Outcome:
            self._archive.sync()
            return articles.save(self._engine, article, self.run.id, url_id, records, now=now)

        return await self._in_store(write)

    def archive(self, request: Request, response: Response) -> str:
        """Write a response to the archive and return the name of its record."""
        ref = self._write_record(request, response, self.clock.now())
        self._unindexed[ref.id] = ref
        return ref.id

    async def kept_robots(self, host: str) -> sources.RobotsCopy | None:
        """Return the store's copy of a host's robots.txt, however old."""
        return await self._in_store(sources.kept_robots, self._engine, host, not_before=_LONG_AGO)

    async def keep_robots(self, host: str, status: int, body: bytes, fetched_at: datetime) -> None:
        """Keep a good copy of a host's robots.txt."""
        await self._in_store(sources.keep_robots, self._engine, host, status, body, now=fetched_at)

    async def search_standing(self, source: str) -> bool | None:
        """Tell whether a search passed its nonsense-word check lately; None where it must take it again."""
        return await self._in_store(
            sources.standing, self._engine, self.run.outlet, source, self.clock.now() - SEARCH_TRUSTED_FOR
        )

    async def search_judged(self, source: str, *, honest: bool) -> None:
        """Remember the outcome of a nonsense-word check."""
        await self._in_store(
            sources.judge, self._engine, self.run.outlet, source, honest=honest, now=self.clock.now()
        )

    async def close(self, requests: int, bytes_received: int) -> runs.Run:
        """Close the run with its verdict, the archive and the store."""
        self._closing.set()
        await self._tending
        verdict: runs.RunVerdict = "failed" if self.failed else "degraded" if self.remarks else "healthy"
        try:
            await self._write_settlements()
            lists = self._claimed(list(self._unindexed))
            await self._in_store(self._archive.sync)
            await self._in_store(frontier.add_records, self._engine, self.run.id, lists)
            return await self._in_store(
                runs.finish_run,
                self._engine,
                self.run.id,
                verdict,
                self.remarks,
                requests=requests,
                bytes_received=bytes_received,
            )
        finally:
            self._archive.close()
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

    async def _tend(self) -> None:
        """Write settlements and the heartbeat until the session closes; end a crawl that lost its run."""
        beaten = self.clock.seconds()
        while not self._closing.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), SETTLE_EVERY_S)
            try:
                await self._write_settlements()
                if self.clock.seconds() - beaten >= HEARTBEAT_S:
                    await self._in_store(runs.heartbeat, self._engine, self.run.id)
                    beaten = self.clock.seconds()
            except StoreError as error:
                logger.error("%s", error)  # noqa: TRY400 - the message says it all
                self.remark(str(error), failed=True)
                crawler = self._crawler()
                if crawler is not None and crawler.engine is not None and not self._closing.is_set():
                    closing = crawler.engine.close_spider_async(reason="run lost")
                    self._ending = asyncio.get_running_loop().create_task(closing)
                return

    async def _in_store(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, partial(call, *args, **kwargs))
