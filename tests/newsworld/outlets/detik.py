# ruff: noqa: E501 - markup keeps its lines
"""Detik: a host for each channel, numbered addresses, one template for all.

Lists: keyword search with days over all channels (10 a page), tag pages, and of the foreign desk a dated index
and a news map. Loose times are printed and exact ones are in attributes; videos and pictures stand among the
stories. The index understands its day only percent-encoded and before the page. Layouts: `2020` and `2017`.
"""

import re
from datetime import UTC, datetime, timedelta
from random import Random
from typing import ClassVar
from urllib.parse import unquote

from tests.newsworld.markup import esc, links, menu, slugify
from tests.newsworld.messages import Request, Response, xml
from tests.newsworld.model import Copy, Entry, Headline, Plan
from tests.newsworld.outlets.detik_group import DetikGroup
from tests.newsworld.outlets.feeds import news_sitemap
from tests.newsworld.outlets.shown import Shown
from tests.newsworld.printed import clock, day, relative

NEW_LAYOUT_FROM = 2021
CHANNELS = {
    "internasional": ("news", "internasional", "detikNews"),
    "nasional": ("news", "berita", "detikNews"),
    "ekonomi": ("finance", "berita-ekonomi-bisnis", "detikFinance"),
    "daerah": ("www", "jabar/berita", "detikJabar"),
    "olahraga": ("sport", "sport-lain", "detikSport"),
    "gaya": ("hot", "celeb", "detikHot"),
}
LABELS = {section: label for _, section, label in CHANNELS.values()}
HOSTS = tuple(sorted({f"{host}.detik.com" for host, _, _ in CHANNELS.values()}))
MENU = ("Home", "Berita", "Daerah", "Internasional", "Kolom", "Hukum", "Foto News", "Video", "Indeks")
FOREIGN = "internasional"
INDEX = re.compile(r"date=(\d\d)%2F(\d\d)%2F(\d{4})(?:&|$)")


class Detik(DetikGroup):
    """www.detik.com and its channels."""

    name = "detik"
    hosts = (*HOSTS, "detik.com")
    options: ClassVar = {"search": ("latest", "empty")}
    brand = "detikcom"
    lead_in = "\n        <strong>{place}</strong> - "
    gambas = "Video 20detik"
    teaser = 'Simak Video "{title}"'
    per_page = 10

    def place(self, plan: Plan, headline: Headline) -> Entry:
        """Return the place: a channel for each desk, the number in the address."""
        host, section, _ = CHANNELS[headline.desk]
        slug = slugify(headline.text)
        rng = Random(plan.key + "/place")
        lists = ["search", "index", *(["sitemap"] if rng.random() < 0.9 else [])]
        return self.new_entry(
            plan,
            headline,
            host=f"{host}.detik.com",
            path=f"/{section}/d-{plan.number}/{slug}",
            slug=slug,
            section=section,
            layout="2020" if plan.published_at.year >= NEW_LAYOUT_FROM else "2017",
            lists=(*lists, *(f"tag/{slugify(tag)}" for tag in headline.tags)),
        )

    def template(self, host: str, title: str, main: str) -> Response:
        """Return a page in the outlet's own dress."""
        del host
        return self.whole_page(title, "", ABOVE, main)

    def story_path(self, path: str) -> str:
        """Return the path of the story that a part, or the page for telephones, is one of."""
        return re.sub(r"(/d-\d+/[^/]+)/(?:\d|amp)$", r"\1", path)

    def page_urls(self, entry: Entry, parts: int) -> tuple[str, ...]:
        """Return the addresses of the pages: the number is behind the address."""
        return (entry.url, *(f"{entry.url}/{number}" for number in range(2, parts + 1)))

    def whole_url(self, entry: Entry, parts: int) -> str:
        """Return the address that shows the whole story."""
        return f"{entry.url}?single=1" if parts > 1 else entry.url

    def respond(self, request: Request) -> Response | None:
        """Answer for the portal and the channels."""
        path, host = request.path, request.host
        if path == "/robots.txt":
            return self.robots("https://news.detik.com/internasional/sitemap_news.xml")
        if host == "www.detik.com" and path.startswith(("/search/searchall", "/tag/")):
            return self._search(request) if path.startswith("/search/") else self._tag(request)
        if host == "news.detik.com" and path.startswith(f"/{FOREIGN}"):
            return self._foreign_desk(request) or self._article(request)
        if path == "/":
            entries = self.newest(self.per_page, lambda entry: host in {"www.detik.com", entry.host})
            return self._list_page("Home", entries)
        return self._article(request)

    def _article(self, request: Request) -> Response | None:
        path = self.story_path(request.path)
        entry = self.at(request.host, path)
        if entry is None:
            return None
        page = "all" if "single" in request.query else request.path.removeprefix(path).strip("/") or "1"
        return self._page_of(entry, self.shown(entry, page))

    # Lists

    def _foreign_desk(self, request: Request) -> Response | None:
        if request.path == f"/{FOREIGN}/sitemap_news.xml":
            since = self.now - timedelta(days=2)
            entries = self.newest(
                100, lambda e: foreign(e) and "sitemap" in e.lists and e.published_at >= since
            )
            return xml(news_sitemap("detikcom", entries))
        if request.path != f"/{FOREIGN}/indeks":
            return None
        asked = INDEX.match(request.target.partition("?")[2])
        month, day_, year = (int(part) for part in asked.groups()) if asked else (0, 0, 0)
        entries = self.of_day(
            datetime(year, month, day_, tzinfo=self.zone).date() if asked else None, foreign
        )
        return self._list_page("Indeks", self.page_of(request, entries))

    def _tag(self, request: Request) -> Response:
        wanted = f"tag/{request.path.strip('/').split('/')[-1]}"
        entries = self.newest(None, lambda entry: wanted in entry.lists)
        return self._list_page("Tag", self.page_of(request, entries))

    def _search(self, request: Request) -> Response:
        if self.chosen["search"] == "empty":
            return self._list_page("Hasil Pencarian", [])
        found = self.search(request.query.get("query", ""))
        first, last = (
            datetime.strptime(unquote(request.query[name]), "%d/%m/%Y").date()  # noqa: DTZ007 - a day, not an instant
            for name in ("fromdatex", "todatex")
        )
        within = [entry for entry in found if first <= entry.published_at.date() <= last]
        return self._list_page("Hasil Pencarian", self.page_of(request, within))

    def _list_page(self, title: str, entries: list[Entry]) -> Response:
        items = [self._item(entry) for entry in entries]
        for at, trap in (
            (1, "20.detik.com/detikflash/20260302-260302034"),
            (4, "news.detik.com/foto-news/d-7300001"),
        ):
            if len(entries) > at:
                items.insert(
                    at,
                    ITEM.format(
                        url=f"https://{trap}/{entries[at].slug}", title=esc(entries[at].headline), when=""
                    ),
                )
        main = f'<div class="list"><div class="grid-row list-content" id="indeks-container">{"".join(items)}</div></div>'
        return self.whole_page(title, "", ABOVE, main)

    def _item(self, entry: Entry) -> str:
        at = entry.published_at
        shown = relative(at, self.now) if self.now - at < timedelta(days=1) else self.short(entry)
        label = LABELS[entry.section]
        when = f'{label} | <span d-time="{int(at.astimezone(UTC).timestamp())}" title="{self.short(entry)}">{shown}</span>'
        return ITEM.format(url=entry.url, title=esc(entry.headline), when=when)

    # Pages

    def tail(self, entry: Entry) -> str:
        """Return the tags, which stand inside the body."""
        tags = [(f"https://www.detik.com/tag/{slugify(tag)}/", tag) for tag in entry.tags]
        names = (
            ("detail__body-tag mgt-16", "nav__item") if entry.layout == "2020" else ("detail_tag", "tag_item")
        )
        found = links(tags, f'<a class="{names[1]}" dtr-evt="tag" href="{{url}}">{{title}}</a>')
        return f'<div class="{names[0]}"><div class="nav">{found}</div></div>'

    def _page_of(self, entry: Entry, shown: Shown) -> Response:
        copy = self.copy(entry)
        author = ", ".join(self.printed(entry, copy).byline) or "Tim detikcom"
        build = self._new_article if entry.layout == "2020" else self._old_article
        related = [(other.url, other.headline) for other in self.earlier(entry, 6, "terkait")]
        below = links(related, RELATED)
        main = f"""{build(entry, copy, shown)}
<div class="box cb-berita-terkait"><div class="box__header"><div class="box__title">Berita Terkait</div></div><div id="bt_tkt" class="list-content grid-row">{below}</div></div>"""
        title = entry.headline if shown.label in {"1", "all"} else f"{entry.headline} - Halaman {shown.label}"
        return self.whole_page(title, self.head(entry, author=author), ABOVE, main, entry)

    def _picture(self, entry: Entry, copy: Copy) -> str:
        return f'<img src="https://awsimages.detik.net.id/visual/{entry.number}_169.jpeg?w=700" alt="{esc(entry.headline)}" title="{esc(copy.captions[0])}">'

    def _new_article(self, entry: Entry, copy: Copy, shown: Shown) -> str:
        return f"""<div class="page__header"><div class="page__breadcrumb"><a href="https://{entry.host}/">{LABELS[entry.section]}</a> <a href="https://{entry.host}/{entry.section}">{entry.section.title()}</a></div></div>
<article class="detail"><div class="detail__header"><h1 class="detail__title">
        {esc(entry.headline)}    </h1>
<div class="detail__author">{self.writer(entry, copy, "Tim detikcom")} - <span class="detail__label">{LABELS[entry.section]}</span></div>
<div class="detail__date">{self.short(entry)}</div></div>
<div class="detail__media"><figure class="detail__media-image">{self._picture(entry, copy)}
<figcaption class="detail__media-caption">{esc(copy.captions[0])} (Foto: {esc(copy.credits[0])})</figcaption></figure></div>
<div class="detail__body itp_bodycontent_wrapper"><div class="detail__body-text itp_bodycontent"><!-- S:Table of Content --><!-- E:Table of Content -->
{self.body(entry, shown, "parallaxindetail scrollpage")}
</div>{self._pager(entry, shown)}<div class="skybanner"><div id="div-gpt-ad-1610072322555-0"></div></div></div>
<div class="detail__newstag"><ins data-labelname="newstag" data-revive-zoneid="778"></ins></div></article>
<div d-widget="newsfeed_recommendation"></div>"""

    def _old_article(self, entry: Entry, copy: Copy, shown: Shown) -> str:
        at = entry.published_at
        return f"""<div class="content_detail"><article><div class="detail_content"><div class="jdl"><div class="date">{day(at)} {at:%d/%m/%Y}, {clock(at)} WIB</div>
<h1>{esc(entry.headline)}</h1><div class="author"><strong>{self.writer(entry, copy, "Tim detikcom")}</strong> - {LABELS[entry.section]}</div></div>
<div class="share-box"><a href="#">Share</a> <a href="#">Tweet</a></div>
<div class="media_artikel"><div class="pic_artikel">{self._picture(entry, copy)}<span class="caption">{esc(copy.captions[0])} (Foto: {esc(copy.credits[0])})</span></div></div>
<div class="itp_bodycontent detail_text group" id="detikdetailtext">
{self.body(entry, shown, "staticdetail_container")}
</div>{self._pager(entry, shown)}</div></article></div>"""

    def _pager(self, entry: Entry, shown: Shown) -> str:
        if shown.pages == 1 or shown.label == "all":
            return ""
        numbers = range(1, shown.pages + 1)
        steps = [(self.page_urls(entry, shown.pages)[number - 1], str(number)) for number in numbers]
        found = links(steps, '<a class="detail__anchor-numb" href="{url}">{title}</a>')
        return f'<div class="detail__multiple"><div class="detail__anchor">Halaman {found} <a href="{entry.url}?single=1">Tampilkan Semua</a></div></div>'


def foreign(entry: Entry) -> bool:
    """Tell whether a story is the foreign desk's."""
    return entry.section == FOREIGN


ITEM = """<article class="list-content__item"><div class="media media--left block-link"><div class="media__image"><a href="{url}" class="media__link"><span class="ratiobox"></span></a></div>
<div class="media__text"><h3 class="media__title"><a href="{url}" class="media__link">{title}</a></h3><div class="media__date">{when}</div></div></div></article>"""
RELATED = '<article class="list-content__item column-6"><h3 class="list-content__title"><a href="{url}">{title}</a></h3></article>'
ABOVE = f'<div class="navbar"><a href="https://www.detik.com/"><img src="/logo.svg" alt="detikcom"></a>{menu("https://news.detik.com", MENU)}</div>\n<div id="leaderboard"></div>\n'
