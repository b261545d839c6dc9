"""A polite look at a site: what it offers to those who want to learn of its articles, and how they read."""

import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Spider
from scrapy.exceptions import CloseSpider
from scrapy.http import Request, Response
from selectolax.lexbor import LexborHTMLParser

from crawler import agent
from crawler.authoring import files, marks
from crawler.authoring.addresses import looks_like_article, pattern_of
from crawler.authoring.articles import ArticleRead, body_selectors, read_response
from crawler.authoring.asking import Asker, seen_by
from crawler.authoring.findings import ListFound, Look, RobotsFound
from crawler.authoring.indexes import Indexes
from crawler.authoring.listings import article_links
from crawler.clock import Clock
from crawler.dates import WIB
from crawler.discovery.listing import Quest, RungError, Window
from crawler.discovery.wordpress import ARTICLE_PATTERN, wordpress_ladder
from crawler.pages.pager import whole_url
from crawler.pages.parse import NotAnArticle, decode, parse_html
from crawler.pages.site import site_of
from crawler.robots import lines_for, read_robots
from crawler.text.relevance import load_topics
from crawler.urls import host_of

if TYPE_CHECKING:
    from crawler.config import Config

_SITEMAP_LINE = re.compile(rb"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_LOOK_BACK = timedelta(days=3)
_SAMPLES, _FEW_LINKS = 2, 5
_MORE = 1.2  # the whole of a split article has at least so much more text than its first part
_WHOLE = "page=all"


class ProbeSpider(Spider):
    """Looks at the site of *url* once; `look` says what was found, `failed` why nothing could be."""

    name = "probe"

    def __init__(self, url: str = "", **kwargs: Any) -> None:  # noqa: ANN401 - whatever else -a names
        super().__init__(**kwargs)
        self.url = url
        self.site = site_of(host_of(url))
        self.allowed_domains = [self.site]
        self.look: Look | None = None
        self.failed = ""

    async def start(self) -> AsyncIterator[Request]:
        """Look; yield nothing, since every page is asked for where it is needed."""
        try:
            self.look = await self._probe().run()
        except RungError as error:
            self.failed = str(error)
            if "403" in self.failed or "blocked" in self.failed:
                self.failed += "; it may turn bare clients away: try --browser-shaped"
            raise CloseSpider("nothing to look at") from error
        nothing: tuple[Request, ...] = ()
        for request in nothing:
            yield request

    def _probe(self) -> "_Probe":
        config: Config = self.settings["CONFIG"]
        now, topic = Clock.starting_at(config.now).now(), load_topics(config.topics)[0]
        quest = Quest(
            window=Window(now - _LOOK_BACK, now), keywords=topic.search, tags=topic.tags, now=now, max_pages=3
        )
        return _Probe(self, quest)


class _Probe:
    """One look, step by step; each step asks for few pages and notes what it found."""

    def __init__(self, spider: ProbeSpider, quest: Quest) -> None:
        self._spider = spider
        self._quest = quest
        self._ask = Asker(spider.crawler)
        self._look = Look(url=spider.url, site=spider.site)
        self._read: list[ArticleRead] = []
        self._given: Response | None = None

    async def run(self) -> Look:
        """Return what was found.

        Raises:
            RungError: not even the first page could be had.
        """
        await self._first_pages()
        look, quest = self._look, self._quest
        look.robots = self._robots()
        look.made_with = marks.systems(self._html, self._tree)
        look.wordpress = marks.is_wordpress(self._html)
        declared = marks.declared_feeds(self._tree, self._front.url)
        look.lists += await files.sitemaps(self._ask, self._origin, look.site, look.robots.sitemaps, quest)
        look.lists += await files.feeds(self._ask, self._origin, look.site, declared, quest)
        if look.wordpress:
            look.lists.append(await files.rest(self._ask, self._origin, quest))
        await self._articles()
        look.pattern = ARTICLE_PATTERN if look.wordpress else pattern_of(self._addresses(), look.site)
        await self._indexes()
        await self._paging()
        look.asked = self._ask.asked
        return look

    # --- What is there at once

    async def _first_pages(self) -> None:
        parts = urlsplit(self._spider.url)
        front = f"{parts.scheme}://{parts.netloc}/"
        if parts.path.strip("/") or parts.query:
            self._given = await self._ask.page(self._spider.url, kind="article")
        try:
            self._front = await self._ask.page(front)
        except RungError:
            if self._given is None:
                raise
            self._front = self._given  # some hosts have articles and no front page
        ours = urlsplit(self._front.url)
        self._origin = self._look.origin = f"{ours.scheme}://{ours.netloc}"
        self._html = decode(self._front.body).text
        links = article_links(self._tree, self._front.url, self._is_article)
        self._shown = list(dict.fromkeys(link.url for link in links))
        self._look.front_links = len(self._shown)
        if len(self._shown) < _FEW_LINKS:
            scripts = len(self._tree.css("script"))
            self._look.drawn = (
                f"the front page holds {len(self._shown)} links to articles and {scripts} scripts: "
                "its lists are likely drawn by script"
            )

    @cached_property
    def _tree(self) -> LexborHTMLParser:
        try:
            return parse_html(self._html)
        except NotAnArticle as refusal:
            raise RungError(f"the front page cannot be read: {refusal}") from refusal

    def _is_article(self, url: str) -> bool:
        if site_of(urlsplit(url).hostname or "") != self._look.site:
            return False
        if self._look.pattern and not self._look.wordpress:
            return bool(re.match(self._look.pattern, url))
        return looks_like_article(url)

    def _robots(self) -> RobotsFound:
        kept = seen_by.get(self._spider.crawler)
        copy = kept.of(self._origin) if kept is not None else None
        if copy is None:
            return RobotsFound()
        rules = read_robots(copy.body, agent.PRODUCT)
        closes = [
            line.partition(":")[2].strip()
            for line in lines_for(copy.body, agent.PRODUCT)
            if line.lower().startswith("disallow") and line.partition(":")[2].strip()
        ]
        named = [found.decode("utf-8", "replace") for found in _SITEMAP_LINE.findall(copy.body)]
        return RobotsFound(
            status=copy.status,
            delay_s=rules.delay_s,
            closes=tuple(dict.fromkeys(closes)),
            bars_scrapy=not read_robots(copy.body, "scrapy").allows(f"{self._origin}/"),
            sitemaps=tuple(url for name in named if (url := marks.absolute(f"{self._origin}/", name))),
        )

    # --- Articles

    def _listed(self) -> list[str]:
        return [entry.url for found in self._look.lists for entry in found.entries]

    def _addresses(self) -> list[str]:
        read = [each.found.url for each in self._read if each.found.draft]
        return [*read, *(url for url in [*self._listed(), *self._shown] if looks_like_article(url))]

    async def _articles(self) -> None:
        """Read the page that was named, and a few that the lists name, so that what they share shows."""
        look = self._look
        if self._given is not None:
            self._read.append(read_response(self._given, wordpress=look.wordpress))
        listed = [url for url in self._listed() if looks_like_article(url)] or self._shown
        step = max(len(listed) // (_SAMPLES + 1), 1)
        given = self._given.url if self._given is not None else ""
        for url in [url for url in listed[::step] if url != given][:_SAMPLES]:
            try:
                self._read.append(
                    read_response(await self._ask.page(url, kind="article"), wordpress=look.wordpress)
                )
            except RungError:
                continue
        look.articles = [each.found for each in self._read]
        good = [each for each in self._read if each.found.draft and each.found.draft.body]
        look.sample = next((each.found.url for each in good), None)
        if not (look.wordpress and good and all(each.found.known_css for each in good)):
            look.body_css = body_selectors(good)

    async def _paging(self) -> None:
        split = next((each for each in self._read if each.found.parts), None)
        if split is None:
            return
        look, found = self._look, split.found
        look.paging = f"a split article goes on at {found.parts[0]}"
        try:
            whole = read_response(
                await self._ask.page(whole_url(found.url, _WHOLE), kind="article"), wordpress=look.wordpress
            )
        except RungError:
            return
        if whole.chars > split.chars * _MORE:
            look.whole_query = _WHOLE
            look.paging += f", and is whole under ?{_WHOLE}"

    # --- Lists for readers

    async def _indexes(self) -> None:
        look = self._look
        pages = [(self._tree, self._front.url)]
        pages += [(each.tree, each.found.url) for each in self._read if each.tree is not None]
        forms = [form for tree, url in pages for form in marks.search_forms(tree, url)]
        if look.wordpress and not any(form.parameter == "s" for form in forms):
            forms.append(marks.SearchForm(f"{self._origin}/", "get", "s"))
        beside = [
            link.url
            for tree, url in pages[1:]
            for link in article_links(tree, url, self._is_article)
            if link.url != url
        ]
        lists = Indexes(self._ask, self._quest, self._is_article, beside or self._shown)
        if look.wordpress:
            look.lists.append(await self._wordpress_days())
        else:
            linked = marks.index_links(self._tree, self._front.url)
            own = [url for url in linked if site_of(host_of(url)) == look.site]
            look.lists += await lists.archive(own or [f"{self._origin}/indeks"])
        look.lists += await lists.search(self._best_first(forms))
        tags = [tag for tree, url in pages for tag in marks.tag_links(tree, url)]
        look.lists += await lists.tags([tag for tag in tags if site_of(host_of(tag[0])) == look.site])

    def _best_first(self, forms: Sequence[marks.SearchForm]) -> list[marks.SearchForm]:
        """Return the forms, most often seen first: a search stands on every page."""
        own = [form for form in forms if site_of(host_of(form.action)) == self._look.site]
        return [form for form, _ in Counter(own).most_common()]

    async def _wordpress_days(self) -> ListFound:
        """Return whether the ladder of WordPress reads the archive of a day."""
        rung = next(each for each in wordpress_ladder(self._origin) if each.name.startswith("datedindex"))
        day = self._quest.now.astimezone(WIB).date() - timedelta(days=2)
        url = rung.page_url(0, day=day)  # type: ignore[attr-defined] # a dated index
        try:
            response = await self._ask.page(url)
        except RungError as error:
            return ListFound("dated index", url, str(error))
        entries = rung.read(response, self._quest).entries  # type: ignore[attr-defined] # a dated index
        if not entries:
            return ListFound("dated index", url, "there, but the theme's list is not one that is known")
        return ListFound("dated index", url, f"{len(entries)} entries on {day}", rung)
