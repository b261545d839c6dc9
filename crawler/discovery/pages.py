"""Articles listed by HTML pages: a keyword search, a dated archive index, tag pages, the newest of a channel.

The address is a template in `str.format` form. It may use `{keyword}`, `{tag}`, `{page}` (from 1), `{offset}`
(page times *step*), `{day}`, `{since}` and `{until}` (dates: `{day:%Y-%m-%d}` and `{day.month}` both work).
So may the values of a form, for lists that are asked for by POST.
"""

from abc import abstractmethod
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, ClassVar
from urllib.parse import quote_plus

import attrs
from scrapy.http import FormRequest, Request, Response
from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.dates import WIB
from crawler.discovery.listing import (
    AWAITS,
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
from crawler.discovery.times import listed_time, time_in_address
from crawler.pages.parse import NotAnArticle, decode, parse_html

NONSENSE = "qzxwvkjrumblat"
OK, NO_SUCH_PAGE = 200, 404


@attrs.frozen(kw_only=True)
class HtmlList(Rung):
    """Pages of links: *item* selects an entry; *link*, *headline*, *time* select inside it.

    Where *link* is empty the item is the link. A walk along one series of pages ends at a page with nothing
    new on it, at a page that reaches back to the window, or at the page budget. With *may_be_absent* a series
    that has nothing may answer 404, or with a page that holds *absent*; where all of them do, the address is
    wrong. *first* is the address of a first page that has another than the template gives. Where scripts draw
    the list, *awaits* selects what must be there before it is read: that takes a browser, and a spider that
    says `render = True`. Where a list prints no times, *dated* finds them in the addresses: its groups are
    year, month and day, and perhaps hour, minute and second.

    With a *form* each page is asked for by POST with these fields; those in *form_beyond* join them from the
    second page on.
    """

    template: str
    first: str = ""
    item: str
    link: str = "a[href]"
    headline: str = ""
    time: str = ""
    dated: str = ""
    step: int = 1
    first_page: int = 1
    zone: tzinfo = WIB
    may_be_absent: bool = False
    absent: str = ""
    awaits: str = ""
    form: Mapping[str, str] = attrs.field(factory=dict, hash=False)
    form_beyond: Mapping[str, str] = attrs.field(factory=dict, hash=False)
    ends_whole: ClassVar[bool] = True  # whether a series that shows nothing more has shown all that it has

    @property
    def name(self) -> str:
        fields = (f"{name}={value}" for name, value in self.form.items())
        return " ".join((type(self).__name__.lower(), self.template, *fields))

    @abstractmethod
    def series(self, quest: Quest) -> Iterator[dict[str, Any]]:
        """Yield the template's values for each series of pages."""

    def page_url(self, page: int, **values: object) -> str:
        """Return the address of the *page*-th page, counted from 0, of a series."""
        template = self.template if page or not self.first else self.first
        if "keyword" in values:
            values["keyword"] = quote_plus(str(values["keyword"]))
        return self._filled(template, page, values)

    def request(self, page: int, **values: object) -> Request:
        """Return what asks for the *page*-th page, counted from 0, of a series."""
        url, meta = self.page_url(page, **values), {AWAITS: self.awaits} if self.awaits else None
        if not self.form:
            return Request(url, meta=meta)
        fields = {**self.form, **(self.form_beyond if page else {})}
        filled = {name: self._filled(value, page, values) for name, value in fields.items()}
        return FormRequest(url, method="POST", formdata=filled, meta=meta)

    def _filled(self, template: str, page: int, values: Mapping[str, object]) -> str:
        return template.format(page=page + self.first_page, offset=page * self.step, **values)

    def complete(self, page: ListPage, quest: Quest) -> bool:
        """Tell whether a series may stop after *page*."""
        return reaches(page.entries, quest.window.since)

    def series_name(self, values: Mapping[str, Any]) -> str:
        """Return what tells a series apart within the rung, and stays the same from day to day."""
        first = self.request(0, **values)
        return f"{first.url} {first.body.decode()}".rstrip()

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
            only_page = _is_same(self.request(0, **values), self.request(1, **values))
            for number in range(budget):
                budget -= 1
                request = self.request(number, **values)
                if number:
                    response = await fetch(request)
                else:
                    first = await quest.watch.first(fetch, name, request, believe=on_top)
                    if first is None:
                        ended = any_page = True
                        break
                    response = first
                if self._is_absent(response) and (number or self.may_be_absent):
                    ended = self.ends_whole
                    break
                page = self.read(checked(response), quest)
                any_page = True
                fresh = {entry.url for entry in page.entries} - met
                met |= fresh
                if page.entries:
                    yield page
                meets = await quest.watch.meets(name, page) and on_top
                reached, over = meets or self.complete(page, quest), not fresh or only_page
                ended = reached or (over and self.ends_whole)
                if reached or over:
                    break
            every_series_ended = every_series_ended and ended
        if not any_page:
            raise RungError(f"no page at {self.page_url(0, **values)}")
        yield ListPage(self.template, (), every_series_ended)

    def _is_absent(self, response: Response) -> bool:
        """Tell whether there is no such page: the server says so, or shows another in its place."""
        if response.status == NO_SUCH_PAGE:
            return True
        return (
            bool(self.absent) and response.status == OK and _tree(response).css_first(self.absent) is not None
        )

    def read(self, response: Response, quest: Quest) -> ListPage:
        """Return the entries of one list page, in its order."""
        entries = []
        for node in _tree(response).css(self.item):
            anchor = node.css_first(self.link) if self.link else node
            href = (anchor.attributes.get("href") or "").strip() if anchor else ""
            if not anchor or not href or href.startswith(("#", "javascript:")):
                continue
            headline = _text(node, self.headline) if self.headline else anchor.text(strip=True)
            at = node.css_first(self.time) if self.time else None
            published_at = listed_time(at, zone=self.zone, now=quest.now) if at else None
            if published_at is None and self.dated:
                published_at = time_in_address(href, self.dated, zone=self.zone)
            entries.append(
                Listed(url=response.urljoin(href), headline=headline or None, published_at=published_at)
            )
        return ListPage(response.url, tuple(entries))


@attrs.frozen(kw_only=True)
class Search(HtmlList):
    """The outlet's own search, asked for each of the topic's words.

    One that shows only so many results is asked for *most_days* at a time. Such a span of days is done with
    once it was read to its end `LATE` after it.
    """

    kind: ClassVar[RungKind] = "search"
    most_days: int = 0

    def series(self, quest: Quest) -> Iterator[dict[str, Any]]:
        for keyword in quest.keywords:
            yield from self._asked(keyword, quest)

    def series_name(self, values: Mapping[str, Any]) -> str:
        word = quote_plus(values["keyword"])
        return f"{word} {values['since']}" if self.most_days else word

    def complete(self, page: ListPage, quest: Quest) -> bool:
        # What is sorted by rank has old entries anywhere.
        return is_sorted(page.entries) and super().complete(page, quest)

    def grows_on_top(self, values: Mapping[str, Any], quest: Quest) -> bool:
        return not self.most_days or quest.now < _over_at(values["until"], self.zone)

    async def settled(self, name: str, values: Mapping[str, Any], quest: Quest) -> bool:
        over_at = _over_at(values["until"], self.zone)
        return bool(self.most_days) and await quest.watch.is_settled(name, over_at + LATE)

    async def misled(self, fetch: Fetch, quest: Quest) -> bool:
        response = await fetch_ok(fetch, self.request(0, **next(self._asked(NONSENSE, quest))))
        return bool(self.read(response, quest).entries)

    def _asked(self, keyword: str, quest: Quest) -> Iterator[dict[str, Any]]:
        """Yield what one word is asked with: for each span of days, the latest first."""
        since, until = quest.days(self.zone)
        length = timedelta(days=self.most_days or (until - since).days + 1)
        starts = [since]
        while starts[-1] + length <= until:
            starts.append(starts[-1] + length)
        for start in reversed(starts):
            last = min(start + length - timedelta(days=1), until)
            yield {"keyword": keyword, "since": start, "until": last}


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
        return quest.now < _over_at(values["day"], self.zone)

    async def settled(self, name: str, values: Mapping[str, Any], quest: Quest) -> bool:
        return await quest.watch.is_settled(name, _over_at(values["day"], self.zone) + LATE)


@attrs.frozen(kw_only=True)
class NewestPages(HtmlList):
    """The pages of all that an outlet or a channel has, newest first.

    Such a list often ends, or repeats its last page, long before the archive does: where it ends above the
    start of the window, it has not covered it.
    """

    ends_whole: ClassVar[bool] = False

    def series(self, quest: Quest) -> Iterator[dict[str, Any]]:  # noqa: ARG002 - it has the one
        yield {}


@attrs.frozen(kw_only=True)
class TagPages(HtmlList):
    """The pages of the topic's tags; how an outlet spells them is in the topic or in *tags*."""

    kind: ClassVar[RungKind] = "search"
    tags: tuple[str, ...] = ()

    def series(self, quest: Quest) -> Iterator[dict[str, Any]]:
        for tag in self.tags or quest.tags:
            yield {"tag": tag}


def _is_same(one: Request, other: Request) -> bool:
    return (one.url, one.body) == (other.url, other.body)


def _over_at(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, zone)


def _tree(response: Response) -> LexborHTMLParser:
    try:
        return parse_html(decode(response.body).text)
    except NotAnArticle as refusal:
        raise RungError(f"cannot read {response.url}: {refusal}") from refusal


def _text(node: LexborNode, css: str) -> str:
    found = node.css_first(css)
    return " ".join(found.text().split()) if found else ""
