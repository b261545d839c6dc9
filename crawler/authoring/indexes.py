"""Looks for the lists that a site makes for readers: its search, a dated archive, tag pages."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Any, TypeVar

import attrs
from scrapy.http import Request, Response
from selectolax.lexbor import LexborHTMLParser

from crawler.authoring.asking import Asker
from crawler.authoring.findings import ListFound
from crawler.authoring.listings import Link, ListShape, article_links, shape_of
from crawler.authoring.marks import SearchForm
from crawler.authoring.templates import Paging, day_templates, filled, paging_of, template_of
from crawler.dates import WIB
from crawler.discovery.listing import Quest, RungError, order_of
from crawler.discovery.pages import NONSENSE, DatedIndex, HtmlList, NewestPages, Search, TagPages
from crawler.pages.parse import NotAnArticle, decode, parse_html

_WORDS, _MAX_FORMS, _MAX_ARCHIVES, _MAX_DAY_TEMPLATES = 3, 2, 2, 3
_EVERYWHERE = "Indonesia"  # a word that every outlet's search has something for
_MIN_ENTRIES = 2
_RIGHT_DAY_SHARE = 0.5
_DAY_IN_PATH = r"/(20\d\d)/(\d\d)/(\d\d)/"

Kind = TypeVar("Kind", bound=HtmlList)


@attrs.frozen
class _Page:
    asked: str
    response: Response
    tree: LexborHTMLParser
    links: Sequence[Link]

    @property
    def urls(self) -> set[str]:
        return {link.url for link in self.links}


class Indexes:
    """Looks at the lists of one site; *furniture* are the articles that stand beside others."""

    def __init__(
        self, ask: Asker, quest: Quest, is_article: Callable[[str], bool], furniture: Collection[str]
    ) -> None:
        self._ask = ask
        self._quest = quest
        self._is_article = is_article
        self._furniture = set(furniture)

    # --- Search

    async def search(self, forms: Sequence[SearchForm]) -> list[ListFound]:
        """Return what becomes of words that are typed into the site's search forms."""
        found = []
        for form in forms[:_MAX_FORMS]:
            try:
                found.append(await self._search(form))
            except RungError as error:
                found.append(ListFound("search", form.action, str(error)))
            if found[-1].rung:
                break
        return found or [ListFound("search", "", "no form that asks for words on the pages looked at")]

    async def _search(self, form: SearchForm) -> ListFound:
        where = f"{form.action} ({form.method.upper()}, {form.parameter}=…)"
        none = await self._page(form.request(NONSENSE))
        single = [word for word in self._quest.keywords if " " not in word]
        page, word, wanted = none, "", set[str]()
        for word in [*single, _EVERYWHERE][-_WORDS:]:
            page = await self._page(form.request(word))
            wanted = page.urls - none.urls
            if len(wanted) >= _MIN_ENTRIES:
                break
        if not page.urls:
            return ListFound(
                "search", where, f"no entry in the HTML for {word!r}: it is drawn by script, or finds nothing"
            )
        if len(wanted) < _MIN_ENTRIES:
            said = (
                "a word nobody writes gets the same entries: it ignores what it is asked, or draws by script"
            )
            return ListFound("search", where, said)
        shape = shape_of(page.tree, page.links, wanted, self._quest.now, empty=none.tree)
        if shape is None:
            said = f"{len(wanted)} entries for {word!r}, which stand in no list that could be told"
            return ListFound("search", where, said)
        rung = self._rung(Search, page, shape, {word: "{keyword}"})
        if form.method != "get":
            rung = attrs.evolve(rung, form={**form.fields, form.parameter: "{keyword}"})
        if rung.read(none.response, self._quest).entries:
            return ListFound(
                "search", where, "answers a word that nobody writes: it ignores what it is asked"
            )
        told = f"{self._told(rung, page)} for {word!r}, none for a word nobody writes"
        return ListFound("search", where, told, rung)

    # --- An archive by days

    async def archive(self, links: Sequence[str]) -> list[ListFound]:
        """Return whether a page that lists all articles can be asked for a day."""
        today = self._quest.now.astimezone(WIB).date()
        found = []
        for url in links[:_MAX_ARCHIVES]:
            try:
                plain = await self._page(url)
                found.append(await self._dated(plain, today))
            except RungError as error:
                found.append(ListFound("dated index", url, str(error)))
            if found[-1].rung:
                break
        there = [each for each in found if not each.says.startswith("HTTP 404")]
        return there or [
            ListFound("dated index", "", "no page of all articles is linked or in the usual place")
        ]

    async def _dated(self, plain: _Page, today: date) -> ListFound:
        day, other = today - timedelta(days=2), today - timedelta(days=1)
        for template in islice(day_templates(plain.tree, plain.asked, today), _MAX_DAY_TEMPLATES):
            try:
                page = await self._page(filled(template, day))
                wanted = page.urls - self._furniture
                shape = shape_of(page.tree, page.links, wanted, self._quest.now) if wanted else None
                if shape is None:
                    continue
                rung = self._rung(DatedIndex, page, shape, _day_marks(template, day), template)
                if await self._is_of(day, rung, page, filled(template, other)):
                    return ListFound("dated index", template, f"{self._told(rung, page)} on {day}", rung)
            except RungError:
                continue  # no such address: the next form is tried
        return self._newest(plain)

    def _newest(self, plain: _Page) -> ListFound:
        """Return the page of all articles as one that is read from the top."""
        cannot = "could not be asked for a day"
        shape = shape_of(plain.tree, plain.links, plain.urls - self._furniture, self._quest.now)
        if shape is None:
            return ListFound("dated index", plain.asked, f"{len(plain.urls)} articles, but it {cannot}")
        rung = self._rung(NewestPages, plain, shape, {})
        if order_of(rung.read(plain.response, self._quest).entries) in {"oldest first", "mixed"}:
            return ListFound(
                "dated index", plain.asked, f"it {cannot}, and its entries are in no order of time"
            )
        told = f"{self._told(rung, plain)}, newest first; it {cannot}"
        return ListFound("newest pages", plain.asked, told, rung)

    async def _is_of(self, day: date, rung: DatedIndex, page: _Page, other_day: str) -> bool:
        """Tell whether the page shows what came out that day: by its printed times, else by another day's."""
        entries = rung.read(page.response, self._quest).entries
        days = [entry.published_at.at.astimezone(WIB).date() for entry in entries if entry.published_at]
        if days:
            return sum(each == day for each in days) >= len(days) * _RIGHT_DAY_SHARE
        other = await self._page(other_day)
        shown = {entry.url for entry in entries}
        return bool(other.urls) and not shown & {
            entry.url for entry in rung.read(other.response, self._quest).entries
        }

    # --- Tags

    async def tags(self, linked: Sequence[tuple[str, str]]) -> list[ListFound]:
        """Return whether the pages of tags list articles: of the topic's tags, else of one that is linked."""
        if not linked:
            return [ListFound("tag pages", "", "no tag is linked on the pages looked at")]
        template = Counter(template for template, _ in linked).most_common(1)[0][0]
        tried = [*self._quest.tags[:1], *(tag for each, tag in linked if each == template)][:2]
        says = ""
        for tag in tried:
            try:
                page = await self._page(template.format(tag=tag))
            except RungError as error:
                says = str(error)
                continue
            wanted = page.urls - self._furniture
            shape = shape_of(page.tree, page.links, wanted, self._quest.now)
            if shape is not None:
                rung = self._rung(TagPages, page, shape, {tag: "{tag}"})
                return [ListFound("tag pages", template, f"{self._told(rung, page)} under {tag!r}", rung)]
            says = f"no list of articles under {tag!r}"
        return [ListFound("tag pages", template, says)]

    # --- All of them

    async def _page(self, asked: str | Request) -> _Page:
        response = await self._ask.page(asked)
        try:
            tree = parse_html(decode(response.body).text)
        except NotAnArticle as refusal:
            raise RungError(f"cannot read {response.url}: {refusal}") from refusal
        url = asked if isinstance(asked, str) else asked.url
        return _Page(url, response, tree, article_links(tree, response.url, self._is_article))

    def _rung(
        self, kind: type[Kind], page: _Page, shape: ListShape, marks: dict[str, str], template: str = ""
    ) -> Kind:
        paging = paging_of(page.tree, page.asked)
        return kind(
            template=_with_page(template, paging) if template else template_of(page.asked, paging, marks),
            item=shape.item,
            link=shape.link,
            headline=shape.headline,
            time=shape.time,
            dated="" if shape.time else _dated_address(shape.urls),
            **_numbers(paging),
        )

    def _told(self, rung: HtmlList, page: _Page) -> str:
        entries = rung.read(page.response, self._quest).entries
        dated = sum(entry.published_at is not None for entry in entries)
        further = (
            "" if {"{page}", "{offset}"} & set(_marks_in(rung.template)) else ", no further pages linked"
        )
        return f"{len(entries)} entries, {dated} with a time{further}"


def _numbers(paging: Paging | None) -> dict[str, Any]:
    if paging is None:
        return {}
    return {"step": paging.step} if paging.offset else {"first_page": paging.first_page}


def _with_page(template: str, paging: Paging | None) -> str:
    if paging is None:
        return template
    if paging.name:
        return f"{template}{'&' if '?' in template else '?'}{paging.name}={paging.mark}"
    path, mark, query = template.partition("?")
    slash = "/" if path.endswith("/") else ""
    return f"{path.rstrip('/')}{paging.before}{paging.mark}{slash}{mark}{query}"


def _dated_address(urls: Sequence[str]) -> str:
    """Return the pattern of the day in the addresses of a list, nothing where they do not all have one."""
    return _DAY_IN_PATH if urls and all(re.search(_DAY_IN_PATH, url) for url in urls) else ""


def _day_marks(template: str, day: date) -> dict[str, str]:
    return {filled(template, day): template}


def _marks_in(template: str) -> Iterator[str]:
    return (mark for mark in ("{page}", "{offset}") if mark in template)
