# ruff: noqa: E501 - markup keeps its lines
"""SINDOnews: channels on sub-domains, texts without paragraphs, nearly every story split by an offset in the path.

Lists: search, dated index by channel (20 a page), feed. Stories of other products (`scope`) stand among the entries.
A story's page 2 is `/5` or `/10`; `?showpage=all` has all of it. Linked data is on the first page alone.
Layouts: `2021`, `2016`, and `2013` whose body is a bare section.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from random import Random

from tests.newsworld.markup import esc, links, menu, places_between, script_filler, slugify, style_filler
from tests.newsworld.messages import RSS, Request, Response, html, plain, redirect, xml
from tests.newsworld.model import Block, Copy, Entry, Headline, Plan
from tests.newsworld.outlets.base import day_of
from tests.newsworld.outlets.feeds import rss_feed
from tests.newsworld.outlets.linked import news_article, person, script
from tests.newsworld.outlets.mnc import MncOutlet, layout_of, printed_time
from tests.newsworld.outlets.shown import Shown

STEP, FEED = 20, 15
# The channels of the index, and where a desk's stories go: channel and number of the section.
CHANNELS = {"nasional": 5, "daerah": 7, "ekbis": 8, "international": 9, "sports": 10, "lifestyle": 154}
SECTIONS = {
    "internasional": ("international", 41),
    "nasional": ("nasional", 15),
    "ekonomi": ("ekbis", 178),
    "daerah": ("daerah", 174),
    "olahraga": ("sports", 11),
    "gaya": ("lifestyle", 156),
}
# The oldest years of the archive are shown as the oldest pages are.
LAYOUTS = ((2022, "2021"), (2020, "2016"), (0, "2013"))
MENU = ("Nasional", "Metro", "Daerah", "Ekbis", "International", "Sports", "Edukasi", "Tekno", "Kalam")
_PART = re.compile(r"(/(?:read|newsread)/\d+/\d+/[^/]+)/(\d+)")


class Sindonews(MncOutlet):
    """www.sindonews.com and its channels."""

    name = "sindonews"
    hosts = (
        *("www.sindonews.com", "sindonews.com", "index.sindonews.com", "scope.sindonews.com"),
        *(f"{channel}.sindonews.com" for channel in CHANNELS),
    )

    def place(self, plan: Plan, headline: Headline) -> Entry:
        """Return the place: a channel, two numbers and a slug that ends in a time stamp."""
        channel, number = SECTIONS[headline.desk]
        slug = f"{slugify(headline.text)}-{int(plan.published_at.timestamp())}"
        return self.new_entry(
            plan,
            headline,
            host=f"{channel}.sindonews.com",
            path=f"/read/{plan.number}/{number}/{slug}",
            slug=slug,
            section=channel,
            layout=layout_of(plan.published_at, LAYOUTS),
            lists=("search", "index", "feed"),
        )

    def story_path(self, path: str) -> str:
        """Return the path of the story without the offset of a part, by its usual name."""
        return _PART.sub(r"\1", path.rstrip("/")).replace("/newsread/", "/read/", 1)

    def split(self, entry: Entry, copy: Copy) -> int:
        """Return the number of pages: two, or three for long stories, one for the very short."""
        del entry
        return 1 if len(copy.blocks) < 4 else 3 if len(copy.blocks) > 14 else 2

    def page_urls(self, entry: Entry, parts: int) -> tuple[str, ...]:
        """Return the addresses of the parts: an offset behind the first."""
        step = self._step(entry)
        return (entry.url, *(f"{entry.url}/{step * number}" for number in range(1, parts)))

    def whole_url(self, entry: Entry, parts: int) -> str | None:
        """Return the address that shows the whole story."""
        return f"{entry.url}?showpage=all" if parts > 1 else entry.url

    def respond(self, request: Request) -> Response | None:
        """Answer for the portal and the channels."""
        host, path = request.host, request.path.rstrip("/")
        if path == "/robots.txt":
            return plain("User-agent: *\nAllow: /\n\nSitemap: https://www.sindonews.com/sitemap.xml\n")
        if host == "index.sindonews.com":
            return redirect("https://www.sindonews.com/indeks")
        if host == "scope.sindonews.com":
            return self.page("SINDOscope", _SCOPE)
        if not path:
            return self._list_page("Beranda", self.newest(STEP))
        if host.removeprefix("www.") == "sindonews.com":
            return self._portal(request, path.strip("/").split("/"))
        entry = self.at(host, self.story_path(path))
        return self._article_page(request, entry) if entry is not None else None

    # Lists

    def _portal(self, request: Request, parts: list[str]) -> Response | None:
        if parts == ["feed"]:
            entries = self.newest(FEED, lambda entry: "feed" in entry.lists)
            return xml(rss_feed("SINDOnews", "https://www.sindonews.com", entries), content_type=RSS)
        if parts == ["search", "go"]:
            start = (max(request.number("p", 1), 1) - 1) * STEP
            found = self.search(request.query.get("q", ""))
            return self._list_page("Pencarian", found[start : start + STEP])
        if parts[0] == "indeks" and all(part.isdigit() and len(part) < 7 for part in parts[1:]):
            channel, offset = (*map(int, parts[1:3]), 0, 0)[:2]
            hosts = {f"{name}.sindonews.com" for name, number in CHANNELS.items() if channel in {0, number}}
            wanted = day_of(request.query.get("t", ""))
            if wanted is None:
                entries = self.newest(None, lambda entry: entry.host in hosts)
            else:
                entries = self.on_day(wanted, lambda entry: entry.host in hosts)
            return self._list_page("Indeks Berita", entries[offset : offset + STEP], scope=True)
        return None

    def _list_page(self, title: str, entries: Sequence[Entry], *, scope: bool = False) -> Response:
        rows = [self._row(entry.url, entry.section, entry.headline, entry.published_at) for entry in entries]
        if rows and scope:
            other = "https://scope.sindonews.com/read/221/1/di-balik-tembok-kremlin-1771000000"
            rows.insert(1, self._row(other, "SINDOscope", "Di Balik Tembok Kremlin", entries[0].published_at))
        return self.page(
            title, f'<div class="wrap-indeks mb32"><div class="list-article">{"".join(rows)}</div></div>'
        )

    def _row(self, url: str, section: str, title: str, at: datetime) -> str:
        return f"""<div class="warp-article"><a href="{url}"><div class="img-article"><img src="https://pict.sindonews.com/webp/228/1.webp" alt="{esc(title)}"></div></a>
<div class="warp-title-article"><div class="sub-kanal"><a href="https://{section.lower()}.sindonews.com/">{section.title()}</a></div>
<div class="title-article news-title"><a href="{url}">{esc(title)}</a></div><div class="date-article">{printed_time(at, bar=" - ")}</div>
<div class="hit-view">Dibaca: {len(title)}x</div></div></div>"""

    # Pages

    def _step(self, entry: Entry) -> int:
        return Random(entry.key + "/step").choice((5, 10))

    def _image(self, entry: Entry) -> str:
        return (
            f"https://pict.sindonews.com/dyn/850/pena/news/{entry.published_at:%Y/%m/%d}/{entry.number}/x.jpg"
        )

    def _article_page(self, request: Request, entry: Entry) -> Response:
        copy = self.copy(entry)
        part = _PART.fullmatch(request.path.rstrip("/"))
        number = int(part[2]) // self._step(entry) + 1 if part else 1
        shown = self.shown(entry, "all" if request.query.get("showpage") == "all" else str(number))
        body = self._body(entry, copy, shown)
        build = {"2021": self._new, "2016": self._middle, "2013": self._old}[entry.layout]
        first = shown.first and shown.label != "all"
        return self.page(
            entry.headline,
            build(entry, copy, body, self._pager(entry, shown)),
            entry,
            linked=first or shown.pages == 1,
        )

    def _pager(self, entry: Entry, shown: Shown) -> str:
        if shown.pages == 1:
            return ""
        whole = f"{entry.url}?showpage=all"
        if entry.layout == "2013":
            return (
                ""
                if shown.label == "all"
                else f'<div class="content-show"><a href="{whole}">Tampilkan Semua</a></div>'
            )
        steps = "".join(
            f'<li><a class="active" href="#">{number}</a></li>'
            if shown.label in {str(number), "all"}
            else f'<li><a href="{url}" data-ci-pagination-page="{number}">{number}</a></li>'
            for number, url in enumerate(self.page_urls(entry, shown.pages), 1)
        )
        every = (
            ""
            if shown.label == "all"
            else f'<div class="paging-all"><a href="{whole}">Baca Selengkapnya</a></div>'
        )
        return f'<div class="paging-artikel mt16 mb16"><div class="title-paging">Halaman :</div><ul>{steps}</ul>{every}</div>'

    def _body(self, entry: Entry, copy: Copy, shown: Shown) -> str:
        """Return the text: paragraphs are apart by line breaks, and so are cross links."""
        rng = Random(f"{entry.key}/body")
        between: dict[int, str] = {}
        for at, other in zip(places_between(copy.blocks, 3, rng), self.earlier(entry, 3), strict=False):
            title = f'<a class="int-link" href="{other.url}">{esc(other.headline)}<br></a>'
            between[at] = rng.choice(
                (f"<strong>Baca Juga:</strong> {title} <br>", f"<strong>Baca Juga: {title} </strong><br>")
            )
            if entry.layout == "2016":
                between[at] = (
                    f'<div class="baca-inline"><div class="baca-inline-head">Baca Juga:</div><ul><li>{title}</li></ul></div>'
                )
        if between:
            between[max(between)] += (
                '<div class="v-youtube"><iframe data-src="https://www.youtube.com/embed/x"></iframe></div>'
            )
        here = shown.here(between)
        text = "".join(here.get(at, "") + _block(shown.blocks, at) for at in range(len(shown.blocks)))
        if shown.first:
            place = esc(self.printed(entry, copy).dateline or "")
            text = f"<strong>{place}</strong> - {text}"
        return text.removesuffix("<br><br>")

    def _new(self, entry: Entry, copy: Copy, body: str, pager: str) -> str:
        author = f"https://www.sindonews.com/blog/91/{slugify(copy.reporter)}"
        return f"""<article><h1 class="detail-title">{esc(entry.headline)}</h1><div class="wrap-header-detail">
<div class="warp-nama-redaksi"><div class="detail-avatar"><a rel="author" href="{author}"><img src="https://e.sindonews.com/a.svg" alt="{esc(copy.reporter)}"></a></div>
<div class="detail-nama-redaksi"><a rel="author" href="{author}">{esc(copy.reporter)}</a></div></div>
<div class="detail-date-artikel">{printed_time(entry.published_at, bar=" - ")}</div></div>
<figure class="detail-img"><img data-src="{self._image(entry)}" alt="{esc(entry.headline)}"><figcaption>{esc(copy.captions[0])} Foto/{esc(copy.credits[0])}</figcaption></figure>
<div class="detail-desc" id="detail-desc">
{body}<div class="editor">({esc(copy.editor[:3].lower())})</div>
</div><div class="page-status"></div>{pager}</article>"""

    def _middle(self, entry: Entry, copy: Copy, body: str, pager: str) -> str:
        return f"""<ul class="breadcrumb"><li><a href="https://{entry.host}">{entry.section.title()}</a></li></ul>
<div class="article"><h1>{esc(entry.headline)}</h1><div class="reporter"><p class="author"><a href="https://index.sindonews.com/blog/91">{esc(copy.reporter)}</a></p></div>
<time>{printed_time(entry.published_at, bar=" - ")}</time>
<div class="article-img"><img src="{self._image(entry)}" alt=""><div class="caption">{esc(copy.captions[0])} Foto/{esc(copy.credits[0])}</div></div>
<div id="content" itemprop="articleBody">
{body}<br><div class="editor">({esc(copy.editor[:3].lower())})</div></div>{pager}</div>"""

    def _old(self, entry: Entry, copy: Copy, body: str, pager: str) -> str:
        when = printed_time(entry.published_at, bar="  −  ")
        return f"""<h1 class="title">{esc(entry.headline)}</h1><span class="by">{esc(copy.reporter)}</span><time>{when}</time>
<section class="article col-md-11"><figure><img src="{self._image(entry)}" alt=""><figcaption>{esc(copy.captions[0])} Foto/{esc(copy.credits[0])}</figcaption></figure>
{body}<br><br>({esc(copy.editor[:3].lower())})<br><span class="reporter">{esc(copy.reporter)}</span>{pager}</section>"""

    def _head(self, entry: Entry, *, linked: bool) -> str:
        copy = self.copy(entry)
        article = news_article(
            entry, publisher="SINDOnews.com", author=person(copy.reporter), description=copy.standfirst
        )
        crumb = {
            "@type": "ListItem",
            "position": 1,
            "item": {"@id": f"https://{entry.host}/", "name": "home"},
        }
        return f"""<link rel="canonical" href="{entry.url}"><meta property="og:title" content="{esc(entry.headline)}">
<meta property="og:url" content="{entry.url}"><meta name="description" content="{esc(copy.standfirst)}">
<meta name="keywords" content="{esc(", ".join(entry.tags))}">
{script({"@type": "BreadcrumbList", "itemListElement": [crumb]})}
{script(article) if linked and entry.layout != "2013" else ""}"""

    def page(self, title: str, main: str, entry: Entry | None = None, *, linked: bool = False) -> Response:
        popular = links(
            [(e.url, e.headline) for e in self.newest(10)],
            '<div class="title-terpopuler"><a href="{url}">{title}</a></div>',
        )
        return html(
            f"""{_TOP}<title>{esc(title)} - SINDOnews.com</title>
{self._head(entry, linked=linked) if entry is not None else ""}
</head><body>{_MENU}
<section class="container"><div class="left-section">
{main}
</div><div class="right-section"><div class="title-section">Terpopuler</div>{popular}</div></section>
{_BOTTOM}""",
            modified=entry.modified_at if entry else None,
        )


def _block(blocks: Sequence[Block], at: int) -> str:
    """Return a block with what ends it: two line breaks, or the end of a list."""
    block = blocks[at]
    if block.kind == "item":
        opened = "<ul>" if not at or blocks[at - 1].kind != "item" else ""
        closed = "</ul><br>" if at + 1 == len(blocks) or blocks[at + 1].kind != "item" else ""
        return f"{opened}<li>{esc(block.text)}</li>{closed}"
    text = f"<strong>{esc(block.text)}</strong>" if block.kind == "heading" else esc(block.text)
    return f"{text}<br><br>"


_SCOPE = "<h1>SINDOscope</h1><p>Laporan panjang untuk pelanggan.</p>"
_TOP = f"""<!DOCTYPE html>
<html lang="id"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<style>{style_filler("sindonews", 16_000)}</style>
<script>{script_filler("sindonews", 22_000)}</script>
"""
_MENU = f"""<div class="logo"><a href="https://www.sindonews.com/"><img src="https://e.sindonews.com/logo.png" alt="SINDOnews"></a></div>
{menu("https://www.sindonews.com", MENU)}"""
_BOTTOM = f"""<footer><div class="mnc"><a href="https://www.okezone.com">okezone.com</a><a href="https://www.inews.id">inews.id</a></div>
<p>Copyright © 2026 SINDOnews.com, All Rights Reserved</p></footer>
<script>{script_filler("sindonews-foot", 10_000)}</script></body></html>"""
