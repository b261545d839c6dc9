# ruff: noqa: E501 - markup keeps its lines
"""What the outlets on Detik's publishing system share: furniture inside bodies, metadata, credits, lists."""

import re
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import ClassVar

from tests.newsworld.markup import (
    blocks_html,
    esc,
    links,
    places_between,
    script_filler,
    slugify,
    style_filler,
)
from tests.newsworld.messages import RSS, Request, Response, html, plain, redirect, xml
from tests.newsworld.model import Copy, Entry, Headline, Plan
from tests.newsworld.outlets.base import Outlet
from tests.newsworld.outlets.feeds import rss_feed
from tests.newsworld.outlets.linked import news_article, person, script
from tests.newsworld.outlets.shown import Printed, Shown
from tests.newsworld.printed import SHORT_MONTHS, clock, day

INITIALS = ("rfs", "isa", "nvc", "haf", "dek", "gbr", "tfq", "lau", "bac", "pta")


class DetikGroup(Outlet):
    """An outlet of the group; each dresses its own pages."""

    brand: ClassVar[str]
    lead_in: ClassVar[str]
    gambas: ClassVar[str]
    teaser: ClassVar[str]
    # An entry of a box of other stories: as in the outlet's lists, but without a time.
    box_entry: ClassVar[str] = (
        '<article class="list-content__item"><h3 class="media__title"><a href="{url}" class="media__link">{title}</a></h3></article>'
    )
    per_page: ClassVar[int] = 20

    def printed(self, entry: Entry, copy: Copy) -> Printed:
        """Return the credits: a reporter, or the desk, which is nobody."""
        desk = Random(entry.key + "/printed").random() < 0.25
        byline = () if desk else (copy.reporter,)
        return Printed(
            byline=byline,
            dateline=copy.dateline.title(),
            captions=copy.captions[:1],
            credits=copy.credits[:1],
        )

    def writer(self, entry: Entry, copy: Copy, desk: str) -> str:
        """Return who is printed as the writer: a name, or the *desk*."""
        return esc(", ".join(self.printed(entry, copy).byline) or desk)

    def split(self, entry: Entry, copy: Copy) -> int:
        """Return the number of pages: two for some of the long stories, three for the longest."""
        if len(copy.blocks) < 12 or Random(entry.key + "/split").random() > 0.5:
            return 1
        return 3 if len(copy.blocks) > 20 else 2

    # Lists

    def robots(self, *maps: str) -> Response:
        """Return a robots.txt that allows everything."""
        return plain("User-agent: *\nAllow: /\n\n" + "".join(f"Sitemap: {url}\n" for url in maps))

    def page_of(self, request: Request, entries: Sequence[Entry]) -> list[Entry]:
        """Return the entries on the page that the request asks for."""
        page = max(request.number("page", 1), 1)
        return list(entries[(page - 1) * self.per_page : page * self.per_page])

    def of_day(self, wanted: date | None, where: Callable[[Entry], bool]) -> Sequence[Entry]:
        """Return what an index shows for a day; everything, newest first, where it understands no day."""
        return self.on_day(wanted, where) if wanted else self.newest(None, where)

    # Bodies

    def crosslink(self, other: Entry) -> str:
        """Return a link to another story as editors put it between two paragraphs."""
        return (
            '<table class="linksisip"><tbody><tr><td><div class="lihatjg"><strong>Baca juga: </strong>'
            f'<a data-label="List Berita" data-action="Berita Pilihan" href="{other.url}">{esc(other.headline)}</a>'
            "</div></td></tr></tbody></table>"
        )

    def advert(self, box: str) -> str:
        """Return the advert in the middle of a story with its labels, in a box of that class."""
        return f"""<!--s:parallaxindetail--><div class="clearfix"></div><style>@import url("https://cdn.detik.net.id/live/{box}.css");</style>
<div class="{box}"><p class="para_caption">ADVERTISEMENT</p><div class="ads-scrollpage-container"><div class="ads-scrollpage-box">
<div id='div-gpt-ad-15725107435-0'><script>googletag.cmd.push(function(){{googletag.display('div-gpt-ad-15725107435-0');}});</script></div></div></div>
<p class="para_caption">SCROLL TO CONTINUE WITH CONTENT</p></div><!--e:parallaxindetail-->"""

    def between(self, entry: Entry, box: str) -> dict[int, str]:
        """Return the furniture of a story: cross links, an advert, at the end a video and the sign-off."""
        blocks = self.copy(entry).blocks
        rng = Random(entry.key + "/body")
        spots = places_between(blocks, 3, rng)
        pieces = [self.crosslink(other) for other in self.earlier(entry, 2)]
        out = dict(zip(spots, [self.advert(box), *pieces], strict=False))
        video = ""
        if rng.random() < 0.5 and (other := self.earlier(entry, 1, "video")):
            title = esc(other[0].headline)
            video = f"""<br/><br/><strong>{self.teaser.format(title=f'<span id="aevp_title">{title}</span>')}</strong><br/>
<a id="aevp" href="https://20.detik.com/embed/{entry.number}" aevp-params="" class="embed video20detik">[Gambas:{self.gambas}]</a><br/>"""
        one, two = rng.sample(INITIALS, 2)
        out[len(blocks)] = f"{video}<br/><br/><strong>({one}/{two})</strong>{self.tail(entry)}"
        return out

    def tail(self, entry: Entry) -> str:
        """Return what stands in the body's element behind the sign-off."""
        del entry
        return ""

    def body(self, entry: Entry, shown: Shown, box: str) -> str:
        """Return the text of one page: the place stands before the first paragraph, outside of it."""
        text = blocks_html(
            shown.blocks,
            lambda inner: f"<p>{inner}</p>",
            lambda inner: f"<h2>{inner}</h2>",
            shown.here(self.between(entry, box)),
        )
        place = self.printed(entry, self.copy(entry)).dateline
        return self.lead_in.format(place=place) + text if shown.first else text

    # Heads

    def head(self, entry: Entry, *, author: str) -> str:
        """Return metadata: times marked as UTC that are WIB, and when work on the story began."""
        at, copy = entry.published_at, self.copy(entry)
        begun = at.replace(hour=max(at.hour - 1, 0))
        article = news_article(
            entry,
            publisher=self.brand,
            description=copy.standfirst,
            author=person(author),
        )
        return f"""<link rel="canonical" href="{entry.url}"><link rel="amphtml" href="{entry.url}/amp">
<meta name="description" content="{esc(copy.standfirst)}" itemprop="description"><meta name="originalTitle" content="{esc(entry.headline)}">
<meta property="og:type" content="article"><meta property="og:site_name" content="{self.brand}"><meta property="og:title" content="{esc(entry.headline)}">
<meta property="og:description" content="{esc(copy.standfirst)}"><meta property="og:url" content="{entry.url}">
<meta name="articleid" content="{entry.number}"><meta name="articletype" content="singlepage"><meta name="createdate" content="{begun:%Y/%m/%d %H:%M}:07">
<meta name="publishdate" content="{at:%Y/%m/%d %H:%M}:{entry.number % 60:02d}"><meta name="author" content="{esc(author)}">
<meta name="keywords" content="{esc(",".join(entry.tags))}" itemprop="keywords"><meta property="article:author" content="https://www.facebook.com/{self.name}" itemprop="author">
<meta name="pubdate" content="{at:%Y-%m-%dT%H-%M}-00Z" itemprop="datePublished"><meta content="{begun:%Y-%m-%dT%H-%M}-07Z" itemprop="dateCreated">
{script(article)}"""

    def short(self, entry: Entry) -> str:
        """Return `Rabu, 18 Jun 2025 07:30 WIB` for the time of a story."""
        at = entry.published_at
        return f"{day(at)}, {at.day:02d} {SHORT_MONTHS[at.month - 1]} {at.year} {clock(at)} WIB"

    def whole_page(
        self, title: str, head: str, above: str, main: str, entry: Entry | None = None
    ) -> Response:
        """Return a page: *above* are logo and menus, below stand other stories and the footer."""
        popular = links([(e.url, e.headline) for e in self.newest(10)], self.box_entry)
        page = f"""<!DOCTYPE html>
<html lang="id-ID"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,minimum-scale=1,initial-scale=1">
<title>{esc(title)}</title>{head}
<script>{script_filler(self.name, 24_000)}</script><style>{style_filler(self.name, 9_000)}</style></head><body>
{above}<div class="container"><div class="grid-row"><div class="column-8">
{main}
</div><div class="column-4"><div class="box cb-mostpop"><div class="box__title">Berita Terpopuler</div><div class="list-pop">{popular}</div></div></div></div></div>
<footer><p>Copyright @ 2026 {self.brand}. All right reserved</p></footer><script>{script_filler(self.name + "-foot", 10_000)}</script></body></html>"""
        return html(page, modified=entry.modified_at if entry else None)


class Stamped(DetikGroup):
    """An outlet on one host whose addresses hold the moment at which work on a story began, and its number.

    Its index of a day takes `YYYY/MM/DD` and shows the newest where it is asked otherwise.
    """

    base: ClassVar[str]
    index: ClassVar[str]
    feed: ClassVar[str]
    sections: ClassVar[Mapping[str, tuple[str, int]]]
    new_layout_from: ClassVar[int]
    above: ClassVar[str]
    box_entry = '<article class="flex-grow"><a href="{url}" class="group flex gap-4 items-center"><h2 class="mb-2 text-base">{title}</h2></a></article>'
    per_page = 10

    def place(self, plan: Plan, headline: Headline) -> Entry:
        """Return the place: section, stamp, number of the section, number of the story."""
        section, number = self.sections[headline.desk]
        begun = plan.published_at - timedelta(minutes=20 + Random(plan.key + "/place").randrange(90))
        slug = slugify(headline.text)
        lists = ["index", *(["feed"] if section == self.feed.strip("/").split("/")[0] else [])]
        return self.new_entry(
            plan,
            headline,
            host=self.hosts[0],
            path=f"/{section}/{begun:%Y%m%d%H%M%S}-{number}-{plan.number}/{slug}",
            slug=slug,
            section=section,
            layout="new" if plan.published_at.year >= self.new_layout_from else "old",
            lists=(*lists, *(f"tag/{slugify(tag)}" for tag in headline.tags)),
        )

    def template(self, host: str, title: str, main: str) -> Response:
        """Return a page in the outlet's own dress."""
        del host
        return self.whole_page(title, "", self.above, main)

    def respond(self, request: Request) -> Response | None:
        """Answer for the only host."""
        path = request.path.rstrip("/")
        if request.host != self.hosts[0]:
            return redirect(f"{self.base}{request.target}")
        if path == "/robots.txt":
            return self.robots(f"{self.base}/sitemap.xml")
        if path == self.feed:
            entries = self.newest(30, lambda entry: "feed" in entry.lists)
            return xml(rss_feed(self.brand, self.base, entries), content_type=RSS)
        return self._list(request, path) or self.article_page(request)

    def _list(self, request: Request, path: str) -> Response | None:
        if path == "":
            return self.list_page("Home", self.newest(self.per_page))
        if path == self.index:
            asked = STAMP.fullmatch(request.query.get("date", ""))
            wanted = date(*(int(part) for part in asked.groups())) if asked else None
            return self.list_page("Indeks", self.page_of(request, self.of_day(wanted, lambda _: True)))
        if path.startswith("/tag/"):
            _, _, tag, *page = path.split("/")
            entries = self.newest(None, lambda entry: f"tag/{tag}" in entry.lists)
            first = (int(page[0]) - 1 if page and page[0].isdigit() else 0) * self.per_page
            return self.list_page(f"Tag {tag}", entries[first : first + self.per_page])
        return None

    def list_page(self, title: str, entries: Sequence[Entry]) -> Response:
        """Return a page of a list."""
        items = "".join(self.item(entry) for entry in entries)
        main = f'<div class="nhl-list flex flex-col gap-5">{items}</div>'
        return self.whole_page(title, "", self.above, main)

    def article_page(self, request: Request) -> Response | None:
        """Return the page of a story, or a part of it."""
        path = self.story_path(request.path)
        entry = self.at(request.host, path)
        if entry is None:
            return None
        shown = self.shown(entry, self.part(request, path))
        copy = self.copy(entry)
        related = links(
            [(other.url, other.headline) for other in self.earlier(entry, 6, "terkait")], self.box_entry
        )
        main = f"""{self.article_markup(entry, copy, shown)}
<div class="box"><div class="title-box">Berita Terkait</div>{related}</div>"""
        return self.whole_page(
            entry.headline, self.head(entry, author=self.signed(entry, copy)), self.above, main, entry
        )

    def signed(self, entry: Entry, copy: Copy) -> str:
        """Return whom linked data calls the author."""
        return ", ".join(self.printed(entry, copy).byline)

    @abstractmethod
    def item(self, entry: Entry) -> str:
        """Return an entry of a list."""

    @abstractmethod
    def part(self, request: Request, path: str) -> str:
        """Return the number of the part that is asked for, or `all`."""

    @abstractmethod
    def article_markup(self, entry: Entry, copy: Copy, shown: Shown) -> str:
        """Return the article with what is above and below it."""


STAMP = re.compile(r"(\d{4})/(\d\d)/(\d\d)")
