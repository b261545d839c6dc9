"""Articles listed by HTML pages: a keyword search, a dated archive index, tag pages.

The address is a template in `str.format` form. It may use `{keyword}`, `{tag}`, `{page}` (from 1), `{offset}`
(page times *step*), `{day}`, `{since}` and `{until}` (dates: `{day:%Y-%m-%d}` and `{day.month}` both work).
"""

from abc import abstractmethod
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime, time, timedelta, tzinfo
from typing import Any, ClassVar
from urllib.parse import quote_plus

import attrs
from scrapy.http import Request, Response
from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.dates import WIB, parse_instant
from crawler.discovery.listing import (
    LATE,
    Fetch,
    Listed,
    ListPage,
    Quest,
    Rung,
    RungError,
    RungKind,
    checked,
    fetch_ok,
    is_sorted,
    reaches,
)
from crawler.pages.parse import NotAnArticle, decode, parse_html

NONSENSE = "qzxwvkjrumblat"
NO_SUCH_PAGE = 404


@attrs.frozen(kw_only=True)
class HtmlList(Rung):
    """Pages of links: *item* selects an entry; *link*, *headline*, *time* select inside it.

    Where *link* is empty the item is the link. A walk along one series of pages ends at a page with nothing
    new on it, at a page that reaches back to the window, or at the page budget. With *may_be_absent* a series
    that has nothing may answer 404; where all of them do, the address is wrong.
    """

    template: str
    item: str
    link: str = "a[href]"
    headline: str = ""
    time: str = ""
    step: int = 1
    first_page: int = 1
    zone: tzinfo = WIB
    may_be_absent: bool = False

    @property
    def name(self) -> str:
        return f"{type(self).__name__.lower()} {self.template}"

    @abstractmethod
    def series(self, quest: Quest) -> Iterator[dict[str, Any]]:
        """Yield the template's values for each series of pages."""

    def page_url(self, page: int, **values: object) -> str:
        """Return the address of the *page*-th page, counted from 0, of a series."""
        return self.template.format(page=page + self.first_page, offset=page * self.step, **values)

    def complete(self, page: ListPage, quest: Quest) -> bool:
        """Tell whether a series may stop after *page*."""
        return reaches(page.entries, quest.window.since)

    def series_name(self, values: Mapping[str, Any]) -> str:
        """Return what tells a series apart within the rung, and stays the same from day to day."""
        return self.page_url(0, **values)

    def grows_on_top(self, values: Mapping[str, Any], quest: Quest) -> bool:  # noqa: ARG002
        """Tell whether what is new in a series comes to stand above what was there."""
        return True

    async def settled(self, name: str, values: Mapping[str, Any], quest: Quest) -> bool:  # noqa: ARG002
        """Tell whether a series need not be asked again."""
        return False

    async def walk(self, fetch: Fetch, quest: Quest) -> AsyncIterator[ListPage]:
        budget = quest.max_pages
        every_series_ended, any_page = True, False
        for values in self.series(quest):
            met: set[str] = set()
            ended, name, on_top = False, self.series_name(values), self.grows_on_top(values, quest)
            if await self.settled(name, values, quest):
                any_page = True
                continue
            for number in range(budget):
                budget -= 1
                request = Request(self.page_url(number, **values))
                if number:
                    response = await fetch(request)
                else:
                    first = await quest.watch.first(fetch, name, request, believe=on_top)
                    if first is None:
                        ended = any_page = True
                        break
                    response = first
                if response.status == NO_SUCH_PAGE and (number or self.may_be_absent):
                    ended = True
                    break
                page = self.read(checked(response), quest)
                any_page = True
                fresh = {entry.url for entry in page.entries} - met
                met |= fresh
                if page.entries:
                    yield page
                meets = await quest.watch.meets(name, page) and on_top
                only_page = self.page_url(0, **values) == self.page_url(1, **values)
                ended = meets or not fresh or only_page or self.complete(page, quest)
                if ended:
                    break
            every_series_ended = every_series_ended and ended
        if not any_page:
            raise RungError(f"no page at {self.page_url(0, **values)}")
        yield ListPage(self.template, (), every_series_ended)

    def read(self, response: Response, quest: Quest) -> ListPage:
        """Return the entries of one list page, in its order."""
        entries = []
        for node in _tree(response).css(self.item):
            anchor = node.css_first(self.link) if self.link else node
            href = (anchor.attributes.get("href") or "").strip() if anchor else ""
            if not anchor or not href or href.startswith(("#", "javascript:")):
                continue
            headline = _text(node, self.headline) if self.headline else anchor.text(strip=True)
            printed = _text(node, self.time) if self.time else ""
            entries.append(
                Listed(
                    url=response.urljoin(href),
                    headline=headline or None,
                    published_at=parse_instant(printed, zone=self.zone, now=quest.now) if printed else None,
                )
            )
        return ListPage(response.url, tuple(entries))


@attrs.frozen(kw_only=True)
class Search(HtmlList):
    """The outlet's own search, asked for each of the topic's words."""

    kind: ClassVar[RungKind] = "search"

    def series(self, quest: Quest) -> Iterator[dict[str, Any]]:
        for keyword in quest.keywords:
            yield self._values(keyword, quest)

    def series_name(self, values: Mapping[str, Any]) -> str:
        return str(values["keyword"])

    def complete(self, page: ListPage, quest: Quest) -> bool:
        # What is sorted by rank has old entries anywhere.
        return is_sorted(page.entries) and super().complete(page, quest)

    async def misled(self, fetch: Fetch, quest: Quest) -> bool:
        response = await fetch_ok(fetch, Request(self.page_url(0, **self._values(NONSENSE, quest))))
        return bool(self.read(response, quest).entries)

    def _values(self, keyword: str, quest: Quest) -> dict[str, Any]:
        since, until = quest.days(self.zone)
        return {"keyword": quote_plus(keyword), "since": since, "until": until}


@attrs.frozen(kw_only=True)
class DatedIndex(HtmlList):
    """An archive index with a page series for each day: it reaches any window.

    The running day is followed to what was seen of it before; a day that is over is read to its end until
    that was done `LATE` after it, and then is not asked again.
    """

    def series(self, quest: Quest) -> Iterator[dict[str, Any]]:
        since, until = quest.window.days(self.zone)
        day = min(until, quest.now.astimezone(self.zone).date())
        while day >= since:
            yield {"day": day}
            day -= timedelta(days=1)

    def complete(self, page: ListPage, quest: Quest) -> bool:  # noqa: ARG002 - a day is read to its end
        return False

    def grows_on_top(self, values: Mapping[str, Any], quest: Quest) -> bool:
        # What comes into a day that is over takes its place by its time.
        return quest.now < self._over_at(values)

    async def settled(self, name: str, values: Mapping[str, Any], quest: Quest) -> bool:
        return await quest.watch.is_settled(name, self._over_at(values) + LATE)

    def _over_at(self, values: Mapping[str, Any]) -> datetime:
        return datetime.combine(values["day"] + timedelta(days=1), time.min, self.zone)


@attrs.frozen(kw_only=True)
class TagPages(HtmlList):
    """The pages of the topic's tags; how an outlet spells them is in the topic or in *tags*."""

    kind: ClassVar[RungKind] = "search"
    tags: tuple[str, ...] = ()

    def series(self, quest: Quest) -> Iterator[dict[str, Any]]:
        for tag in self.tags or quest.tags:
            yield {"tag": tag}


def _tree(response: Response) -> LexborHTMLParser:
    try:
        return parse_html(decode(response.body).text)
    except NotAnArticle as refusal:
        raise RungError(f"cannot read {response.url}: {refusal}") from refusal


def _text(node: LexborNode, css: str) -> str:
    found = node.css_first(css)
    return " ".join(found.text().split()) if found else ""
