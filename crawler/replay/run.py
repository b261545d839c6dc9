"""Replays one outlet: reads its archived pages again by the present rules, and tells what changes.

Nothing is fetched. Without `write` nothing is stored either, and no run is begun. Findings are written as
JSON lines, the last of them the sum; `crawler.cli.replay` prints them.
"""

import asyncio
import json
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from time import process_time
from typing import TYPE_CHECKING, Any, Final

import attrs
from sqlalchemy import Engine

from crawler.clock import Clock
from crawler.discovery.base import ArticleSpider
from crawler.errors import CrawlerError
from crawler.items import aware
from crawler.replay.reading import Reading, Rereader
from crawler.ruleset import fingerprint
from crawler.session import HEARTBEAT_S
from crawler.storage import runs
from crawler.storage.articles import Stored, iterate
from crawler.storage.database import check, connect
from crawler.storage.parts import SUMS
from crawler.storage.places import archive_of
from crawler.storage.reextraction import (
    ArchiveGoneError,
    Unkept,
    confirm,
    differences,
    page_of,
    save_found,
    store_reading,
    unkept,
)
from crawler.storage.replay import LostRecordError
from crawler.storage.states import State

if TYPE_CHECKING:
    from crawler.config import Config

STATUS_STAT: Final = "replay/status"
SAME, DIFFERENT = 0, 1

# Kinds of findings, each also a key of the sum.
CHANGED: Final = "changed"  # a field of a stored article would be another
REFUSED: Final = "refused"  # a stored article would be none any more
FOUND: Final = "found"  # an address without an article would have one, on the topic
TURNED: Final = "turned"  # an address without an article would have none for another reason
DAMAGED: Final = "damaged"  # its archived page cannot be read
LACKING: Final = "lacking"  # the rules ask for pages that were never archived
PRUNED: Final = "pruned"  # its archived page was taken out on purpose
IDENTICAL: Final = "identical"
KINDS: Final = (IDENTICAL, CHANGED, REFUSED, FOUND, TURNED, DAMAGED, LACKING, PRUNED)
FAULTS: Final = (REFUSED, DAMAGED, LACKING)

_CONFIRMED_AT_ONCE: Final = 100
_NETWORK: Final = frozenset(
    {"socket.bind", "socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}
)

Tell = Callable[[Mapping[str, Any]], None]


@attrs.frozen(kw_only=True)
class ReplayOrder:
    """What to replay: articles published from *since* to *until*, undated ones always.

    With *write* changes are stored; with *everything* the addresses without an article are read again too.
    Without *undated* it is one of several that share an outlet's archive, and another one has the undated.
    A *plan* of the schedule gets the run and its sums.
    """

    since: datetime | None = attrs.field(default=None, validator=aware)
    until: datetime | None = attrs.field(default=None, validator=aware)
    write: bool = False
    everything: bool = False
    undated: bool = True
    plan: int | None = None


def forbid_network(*, but_archive: bool = False) -> None:
    """Make every connection that this process would open or look up an error, for good.

    A database on PostgreSQL is still reached: its driver does not go through Python's sockets. With
    *but_archive* so is an object store, which is spoken to in threads of its own, where no page is read.
    """
    thread = threading.get_ident()

    def refuse(event: str, _arguments: tuple[Any, ...]) -> None:
        if event in _NETWORK and not (but_archive and threading.get_ident() != thread):
            raise PermissionError(f"{event} in a replay: it reads the archive alone")

    sys.addaudithook(refuse)


class Replay:
    """One replay of one outlet. To be run as a spider's `replay`, in place of a crawl."""

    def __init__(self, order: ReplayOrder, tell: Tell) -> None:
        self._order = order
        self._tell = tell
        self._sums: Counter[str] = Counter()
        self._run: runs.Run | None = None
        self._same: list[Stored] = []

    async def __call__(self, spider: ArticleSpider) -> None:
        """Replay the outlet of *spider*, and leave the exit status in the stats.

        Raises:
            StoreError: the store cannot be used, or with `write`, a run holds the outlet.
        """
        config: Config = spider.crawler.settings["CONFIG"]
        self._spider, self._archive = spider, archive_of(config)
        self._ruleset, self._rereader = fingerprint(spider.crawler), Rereader(spider.crawler)
        self._engine = connect(config.database_url, create=False)
        try:
            check(self._engine)
            await self._all(self._engine)
        except CrawlerError as error:
            self._tell({"kind": "failed", "outlet": spider.outlet, "why": str(error)})
            raise
        except asyncio.CancelledError:
            why = "interrupted; what was stored stays, replay again for the rest"
            self._tell({"kind": "failed", "outlet": spider.outlet, "why": why})
            raise
        finally:
            self._engine.dispose()
        faults = sum(self._sums[kind] for kind in FAULTS)
        news = 0 if self._order.write else sum(self._sums[kind] for kind in (CHANGED, FOUND, TURNED))
        spider.crawler.stats.set_value(STATUS_STAT, DIFFERENT if faults or news else SAME)

    async def _all(self, engine: Engine) -> None:
        order, outlet, began, worked = self._order, self._spider.outlet, Clock.seconds(), process_time()
        if order.write:
            self._run = runs.start_run(
                engine,
                outlet,
                look="replay",
                reason="replay",
                plan_id=order.plan,
                shift=self._spider.clock.shift,
            )
        self._beaten, whole = Clock.seconds(), False
        try:
            await self._read_all(engine, outlet)
            self._confirm()
            whole = True
        finally:
            if self._run is not None:
                self._finish(self._run, whole=whole)
        total = {
            "kind": "sum",
            "outlet": outlet,
            "ruleset": self._ruleset,
            "run": self._run.id if self._run else None,
            "read": sum(self._sums.values()),
            **{kind: self._sums[kind] for kind in KINDS},
            "seconds": round(Clock.seconds() - began, 3),
            "cpu_s": round(process_time() - worked, 3),
        }
        self._tell(total)

    async def _read_all(self, engine: Engine, outlet: str) -> None:
        order = self._order
        for stored in iterate(
            engine, outlet=outlet, since=order.since, until=order.until, undated=order.undated
        ):
            await self._read_article(stored)
            await self._pause()
        if order.everything:
            for address in unkept(engine, outlet, order.since, order.until, undated=order.undated):
                await self._read_address(address)
                await self._pause()

    async def _pause(self) -> None:
        """Hear signals, which end a replay between two articles, and tell that the run is alive."""
        await asyncio.sleep(0)
        if self._run is not None and Clock.seconds() - self._beaten >= HEARTBEAT_S:
            runs.heartbeat(self._engine, self._run.id)
            self._beaten = Clock.seconds()

    async def _read_article(self, stored: Stored) -> None:
        about = {
            "outlet": stored.article.outlet,
            "id": stored.id,
            "revision": stored.revision,
            "url": stored.article.url,
            "headline": stored.article.headline,
        }
        try:
            page = page_of(self._engine, stored)
            reading = await self._rereader.read(page, partial(page.answer, self._engine, self._archive))
        except ArchiveGoneError:
            self._sums[PRUNED] += 1
            return
        except LostRecordError as error:
            self._find(DAMAGED, about, why=str(error))
            return
        if reading.article is None and reading.missing:
            self._find(LACKING, about, missing=reading.missing)
        elif reading.article is None:
            self._find(REFUSED, about, **_told(reading))
        elif reading.lacks_parts_of(stored.article):
            self._find(LACKING, about, missing=reading.missing)
        elif fields := differences(stored.article, reading.article):
            number = None
            if self._run is not None:
                number = store_reading(
                    self._engine,
                    stored,
                    reading.article,
                    run_id=self._run.id,
                    ruleset=self._ruleset,
                    now=self._spider.clock.now(),
                )
            self._find(CHANGED, about, fields=fields, written=number)
        else:
            self._sums[IDENTICAL] += 1
            self._same.append(stored)
            if len(self._same) >= _CONFIRMED_AT_ONCE:
                self._confirm()

    async def _read_address(self, address: Unkept) -> None:
        about = {
            "outlet": self._spider.outlet,
            "url": address.url,
            "was": address.state,
            "for": address.reason,
        }
        page = address.page
        try:
            reading = await self._rereader.read(page, partial(page.answer, self._engine, self._archive))
        except LostRecordError as error:
            self._find(DAMAGED, about, why=str(error))
            return
        if reading.missing:
            self._find(LACKING, about, missing=reading.missing)
        elif _comes_to_the_same(address, reading):
            self._sums[IDENTICAL] += 1
        elif reading.state is State.STORED and reading.article is not None:
            written = self._run is not None and save_found(
                self._engine,
                reading.article,
                run_id=self._run.id,
                url_id=page.url_id,
                ruleset=self._ruleset,
                ages=self._spider.config.revisit_ages,
                now=self._spider.clock.now(),
            )
            self._find(FOUND, about, headline=reading.article.headline, written=written)
        else:
            self._find(TURNED, about, **_told(reading))

    def _find(self, kind: str, about: Mapping[str, Any], **more: Any) -> None:  # noqa: ANN401 JSON values
        self._sums[kind] += 1
        self._tell({"kind": kind, **about, **more})

    def _confirm(self) -> None:
        if self._run is not None:
            confirm(self._engine, self._run.id, self._ruleset, self._same)
        self._same.clear()

    def _finish(self, run: runs.Run, *, whole: bool) -> None:
        why = [f"{number} {kind}" for kind in FAULTS if (number := self._sums[kind])]
        if not whole:
            why.append(f"{runs.STOPPED}: not everything was read again")
        looked = runs.Looked(traits={SUMS: {kind: self._sums[kind] for kind in KINDS}})
        runs.finish_run(self._engine, run.id, "degraded" if why else "healthy", why, looked=looked)


def json_lines(write: Callable[[str], object]) -> Tell:
    """Return a teller that writes each finding as one line of JSON."""

    def tell(finding: Mapping[str, Any]) -> None:
        write(json.dumps(finding) + "\n")

    return tell


def _comes_to_the_same(address: Unkept, reading: Reading) -> bool:
    if reading.state is not State.STORED:
        return reading.state is address.state
    if address.state is State.DUPLICATE:
        return True
    published = reading.article.published_at if reading.article else None
    return (
        address.state is State.OUT_OF_WINDOW
        and published is not None
        and published.at == address.published_at
    )


def _told(reading: Reading) -> dict[str, Any]:
    return {"now": reading.state, "reason": reading.reason, "detail": {**reading.detail}}
