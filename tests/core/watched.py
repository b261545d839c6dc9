"""An outlet's lists in memory, and crawls of them with a real store: what is asked for, and what is found."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import attrs
from scrapy.http import HtmlResponse, Request, Response, TextResponse
from sqlalchemy import Engine

from crawler.dates import WIB
from crawler.discovery.ladder import Ladder
from crawler.discovery.listing import Quest, Rung, Window
from crawler.discovery.pages import NONSENSE, DatedIndex, Search, TagPages
from crawler.discovery.watching import KeptPast
from crawler.storage import frontier
from crawler.storage.frontier import Entry
from crawler.storage.runs import finish_run, start_run

START = datetime(2026, 3, 2, tzinfo=WIB)
WINDOW_DAYS = 3
RUN_AT = timedelta(hours=3)  # of each day

INDEX = DatedIndex(template="https://o.example/indeks?d={day:%Y-%m-%d}&page={page}", item="li", time="i")
SEARCH = Search(template="https://o.example/cari?q={keyword}&page={page}", item="li", time="i")


@attrs.frozen(kw_only=True)
class Listing(TagPages):
    """Pages of everything, newest first."""

    kind = "listing"


LISTING = Listing(template="https://o.example/{tag}?page={page}", item="li", time="i", tags=("terbaru",))


@attrs.define
class Outlet:
    """Lists what is published at `now`, newest first, and answers conditional requests by its manners."""

    now: datetime = START
    page_size: int = 10
    published: list[datetime] = attrs.field(factory=list)
    pinned: int = 0
    trailing: tuple[int, ...] = ()  # popular articles below each page's own
    ranked: bool = False
    down: bool = False
    etag: Callable[[str], str | None] = lambda body: f'"{hash(body)}"'
    holds: Callable[[str, str | None], bool] = lambda sent, current: sent == current
    asked: list[tuple[str, bool]] = attrs.field(factory=list)

    def publish(self, count: int, at: datetime) -> None:
        """Publish articles, one a second until *at*."""
        self.published += [at - timedelta(seconds=number) for number in reversed(range(count))]

    async def __call__(self, request: Request) -> Response:
        sent = (request.headers.get("If-None-Match") or b"").decode()
        self.asked.append((request.url, bool(sent)))
        if "/wp-json/" in request.url:
            return TextResponse(request.url, status=401, body=b'{"code":"rest_not_logged_in"}')
        body = "" if self.down else self._page(request.url)
        etag = self.etag(body)
        if sent and self.holds(sent, etag):
            return Response(request.url, status=304)
        headers = {"ETag": etag} if etag else {}
        return HtmlResponse(request.url, body=body or "<html></html>", encoding="utf-8", headers=headers)

    def visible(self) -> list[int]:
        """Return the numbers of what is published, newest first."""
        return [
            number for number in reversed(range(len(self.published))) if self.published[number] <= self.now
        ]

    def _page(self, url: str) -> str:
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        numbers = self.visible()
        if query.get("q") == NONSENSE:
            return "<html></html>"
        if "d" in query:
            numbers = [each for each in numbers if self._day(each) == query["d"]]
        if self.ranked:
            numbers.sort(key=lambda number: hash((number, "rank")))
        start = (int(query["page"]) - 1) * self.page_size
        shown = numbers[start : start + self.page_size]
        if start == 0:
            shown = [*range(self.pinned), *shown]
        shown = [*shown, *self.trailing]
        rows = "".join(
            f"<li><a href='{address(each)}'>{each}</a><i>{self._time(each)}</i></li>" for each in shown
        )
        return f"<html><ul>{rows}</ul></html>"

    def _day(self, number: int) -> str:
        return self.published[number].astimezone(WIB).strftime("%Y-%m-%d")

    def _time(self, number: int) -> str:
        return self.published[number].astimezone(WIB).isoformat()


def address(number: int) -> str:
    return f"https://o.example/berita/artikel-{number}"


@attrs.define
class Crawled:
    """What one crawl came to."""

    ladder: Ladder
    past: KeptPast
    asked: list[tuple[str, bool]]

    @property
    def covered(self) -> bool:
        return not self.ladder.uncovered

    @property
    def conditional(self) -> int:
        return sum(conditional for _, conditional in self.asked)


@attrs.define
class Store:
    """Runs crawls of an outlet into a store."""

    engine: Engine
    outlet: Outlet
    known: set[str] = attrs.field(factory=set)

    def crawl(  # noqa: PLR0913 - what a crawl can be told
        self,
        rungs: Sequence[Rung],
        *,
        days: int = WINDOW_DAYS,
        killed: bool = False,
        max_pages: int = 200,
        planned: bool = False,
        until: datetime | None = None,
    ) -> Crawled:
        """Crawl the outlet now; a *killed* crawl keeps nothing of what it learned of lists."""
        now = self.outlet.now
        today = now.astimezone(WIB).replace(hour=0, minute=0, second=0, microsecond=0)
        window = Window(today - timedelta(days=days), until or today + timedelta(days=1))
        run = start_run(self.engine, "contoh", since=window.since, until=window.until, now=now)
        session: Any = _Session(self.engine, run)
        quest = Quest(window=window, keywords=("korea",), tags=(), now=now, max_pages=max_pages)
        past = KeptPast(session, quest, str, now if planned else None)
        ladder, before = Ladder(rungs), len(self.outlet.asked)

        async def climb() -> None:
            async for rung, page in ladder.climb(self.outlet, quest, past):
                entries = [
                    Entry(url=each.url, source=rung.name, list_url=page.url, published_at=each.published_at)
                    for each in page.entries
                ]
                offered = frontier.offer(self.engine, run.id, entries, now=now)
                past.count(rung, len(entries), offered.known_earlier)
                self.known |= {entry.url for entry in entries}
            if not killed:
                await past.keep(ladder)

        asyncio.run(climb())
        finish_run(self.engine, run.id, "failed" if killed else "healthy", now=now)
        return Crawled(ladder, past, self.outlet.asked[before:])

    def missed(self, days: int = WINDOW_DAYS) -> set[str]:
        """Return what was published within so many days and that no crawl has learned of."""
        since = self.outlet.now - timedelta(days=days)
        fresh = {address(each) for each in self.outlet.visible() if self.outlet.published[each] >= since}
        return fresh - self.known


class _Session:
    """As much of a session as lists need."""

    def __init__(self, engine: Engine, run: Any) -> None:
        self.engine = engine
        self.run = run

    async def in_store(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return partial(call, self.engine)(*args, **kwargs)


def day(number: int, at: timedelta = RUN_AT) -> datetime:
    """Return the moment of a day's crawl, days counted from 0."""
    return (START + timedelta(days=number) + at).astimezone(UTC)
