# ruff: noqa: E501 - markup keeps its lines
"""Kontan, business daily: portal on www, articles on channel hosts, no date or number in an address.

Lists: keyword search and dated index (20 a page, by offset), tag pages, feeds of four channels, news sitemaps of
the newest two days. Articles: byline as the first paragraph, long ones split (`?page=2`, `?page=all`).
Layouts: `2021` (since 2021) and `2018` before.
"""

from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, ClassVar

from tests.newsworld.markup import (
    blocks_html,
    esc,
    links,
    menu,
    places_between,
    script_filler,
    slugify,
    style_filler,
)
from tests.newsworld.messages import RSS, Request, Response, html, plain, xml
from tests.newsworld.model import Copy, Entry, Headline, Plan
from tests.newsworld.outlets.base import Outlet
from tests.newsworld.outlets.feeds import news_sitemap, rss_feed, sitemap_index
from tests.newsworld.outlets.shown import Printed, Shown
from tests.newsworld.printed import clock, day, iso, long_date, month, relative

if TYPE_CHECKING:
    from collections.abc import Callable

STEP = 20
NEW_LAYOUT_FROM = 2021
CHANNELS = {
    "internasional": ("internasional", "internasional", "newssetup"),
    "nasional": ("nasional",),
    "ekonomi": ("investasi", "keuangan", "industri"),
    "daerah": ("regional",),
    "olahraga": ("lifestyle",),
    "gaya": ("lifestyle", "personalfinance"),
}
HOSTS = tuple(sorted({channel for channels in CHANNELS.values() for channel in channels}))
FEEDS = ("nasional", "investasi", "keuangan", "analisis")
BARRED = (
    "GPTBot",
    "CCBot",
    "ClaudeBot",
    "Bytespider",
    "Amazonbot",
    "PetalBot",
    "Diffbot",
    "omgili",
    "Google-Extended",
)
ROBOTS = "".join(f"User-agent: {bot}\nDisallow: /\n\n" for bot in BARRED)
MENU = (
    "Nasional",
    "Internasional",
    "Investasi",
    "Keuangan",
    "Industri",
    "Regional",
    "Lifestyle",
    "Peluang Usaha",
)


class Kontan(Outlet):
    """www.kontan.co.id and its channels."""

    name = "kontan"
    hosts = (
        "www.kontan.co.id",
        "kontan.co.id",
        "rss.kontan.co.id",
        *(f"{host}.kontan.co.id" for host in HOSTS),
    )
    plain_hosts = frozenset({"rss.kontan.co.id"})
    options: ClassVar = {"robots": ("2026", "2024")}

    def place(self, plan: Plan, headline: Headline) -> Entry:
        """Return the place: a channel host, and the slug as the only key."""
        rng = Random(plan.key + "/place")
        channel = rng.choice(CHANNELS[headline.desk])
        host = f"{channel}.kontan.co.id"
        slug = self.free_slug(slugify(headline.text), lambda slug: (host, f"/news/{slug}"))
        lists = ["search", "index"]
        if rng.random() > 0.05:
            lists.append("sitemap")
        if channel in FEEDS:
            lists.append("feed")
        return self.new_entry(
            plan,
            headline,
            host=host,
            path=f"/news/{slug}",
            slug=slug,
            section=channel,
            layout="2021" if plan.published_at.year >= NEW_LAYOUT_FROM else "2018",
            lists=(*lists, *(f"tag/{slugify(tag)}" for tag in headline.tags)),
        )

    def printed(self, entry: Entry, copy: Copy) -> Printed:
        """Return the credits: some stories name an agency in place of a reporter."""
        rng = Random(entry.key + "/printed")
        agency = rng.choice(("Reuters", "Bloomberg", "Channel News Asia")) if rng.random() < 0.2 else None
        caption = f"ILUSTRASI. {copy.captions[0]} {copy.credits[0]}"
        return Printed(
            byline=()
            if agency
            else (copy.reporter,)
            if rng.random() < 0.8
            else (copy.reporter, "Handoyo Laksana"),
            editors=(copy.editor,),
            dateline=copy.dateline,
            source=agency,
            captions=(caption,),
        )

    def template(self, host: str, title: str, main: str) -> Response:
        """Return a page in the outlet's own dress."""
        del host
        return self._page(title, main)

    def split(self, entry: Entry, copy: Copy) -> int:
        """Return the number of pages: two or three for some of the long stories."""
        if len(copy.blocks) < 14 or Random(entry.key + "/split").random() > 0.5:
            return 1
        return 3 if len(copy.blocks) > 20 else 2

    def respond(self, request: Request) -> Response | None:
        """Answer for the portal, the feeds and the channels."""
        path, host = request.path, request.host
        if path == "/robots.txt":
            closed = "User-agent: *\nDisallow: /search/*\n\n" if self.chosen["robots"] == "2024" else ""
            return plain(closed + ROBOTS + "Sitemap: https://www.kontan.co.id/sitemap.xml\n")
        if host == "rss.kontan.co.id":
            return self._feed(path)
        if path.startswith("/tag/"):
            return self._tag(path)
        if host == "www.kontan.co.id":
            return self._portal(request)
        if path == "/":
            return self._list_page(
                "Home", self.newest(STEP, lambda entry: entry.host == host), relative_times=True
            )
        entry = self.at(host, path)
        return self._article_page(request, entry) if entry is not None else None

    # Lists

    def _portal(self, request: Request) -> Response | None:
        path = request.path.rstrip("/")
        offset = request.number("per_page", 0)
        if path == "":
            return self._list_page("Home", self.newest(STEP), relative_times=True)
        if path == "/search":
            found = self.search(request.query.get("search", ""))
            return self._list_page(
                "Pencarian", found[offset : offset + STEP], relative_times=True, offset=offset
            )
        if path == "/search/indeks":
            return self._index(request, offset)
        if path == "/sitemap.xml":
            return xml(
                sitemap_index(
                    [f"https://www.kontan.co.id/sitemap/{host}/news.xml" for host in HOSTS], cdata=True
                )
            )
        if path.startswith("/sitemap/") and path.endswith("/news.xml"):
            return self._sitemap(path.split("/")[2])
        return None

    def _index(self, request: Request, offset: int) -> Response:
        channel = request.query.get("kanal", "")
        wanted: Callable[[Entry], bool] = lambda entry: channel in {"", "all", entry.section}  # noqa: E731 - a filter, used twice
        try:
            wanted_day = date(
                request.number("tahun", 0), request.number("bulan", 0), request.number("tanggal", 0)
            )
        except ValueError:
            entries = self.newest(None, wanted)
        else:
            entries = self.on_day(wanted_day, wanted)
        return self._list_page("Indeks", entries[offset : offset + STEP], relative_times=False, offset=offset)

    def _tag(self, path: str) -> Response:
        name = f"tag/{path.split('/')[2]}"
        entries = self.newest(STEP, lambda entry: name in entry.lists)
        items = "\n".join(self._item(entry, at, relative_times=True) for at, entry in enumerate(entries))
        return self._page("Tag", f'<div class="list-berita"><ul id="load_berita">{items}</ul></div>')

    def _item(self, entry: Entry, at: int, *, relative_times: bool) -> str:
        url, at_time = f"//{entry.host}{entry.path}", entry.published_at
        if relative_times and self.now - at_time < timedelta(days=1):
            when = relative(at_time, self.now)
        else:
            when = f"{day(at_time)}, {at_time.day:02d} {month(at_time)} {at_time.year} | {clock(at_time)} WIB"
        return f"""<li data-offset="{at}"><div class="pic"><a href="{url}"><img src="{self._image(entry)}" alt=""></a></div>
<div class="ket"><div class="sp-hl linkto-black"><h1><a href="{url}">{esc(entry.headline)}</a></h1></div>
<div class="fs14 ff-opensans font-gray"><span class="linkto-orange hrf-gede mar-r-5"><a href="//{entry.host}">
{entry.section.title()}</a></span> | <span class="font-gray">{when}</span></div></div></li>"""

    def _list_page(
        self, title: str, entries: list[Entry], *, relative_times: bool, offset: int = 0
    ) -> Response:
        items = "\n".join(
            self._item(entry, offset + at, relative_times=relative_times) for at, entry in enumerate(entries)
        )
        return self._page(title, f'<div class="list-berita"><ul>{items}</ul></div>')

    def _feed(self, path: str) -> Response | None:
        channel = path.strip("/").removeprefix("news/")
        if channel not in FEEDS:
            return None
        entries = self.newest(STEP, lambda entry: "feed" in entry.lists and entry.section == channel)
        return xml(rss_feed(f"Kontan {channel}", "https://www.kontan.co.id", entries), content_type=RSS)

    def _sitemap(self, channel: str) -> Response | None:
        if channel not in HOSTS:
            return None
        since = self.now - timedelta(days=2)
        entries = self.newest(
            500,
            lambda entry: (
                entry.section == channel and "sitemap" in entry.lists and entry.published_at >= since
            ),
        )
        return xml(news_sitemap("Kontan", entries, cdata=True))

    # Pages

    def _image(self, entry: Entry) -> str:
        return f"https://foto.kontan.co.id/{entry.number:x}/smart/{entry.number}.jpg"

    def _article_page(self, request: Request, entry: Entry) -> Response:
        copy = self.copy(entry)
        shown = self.shown(entry, request.query.get("page", "1"))
        pager = ""
        if shown.pages > 1:
            steps = [(f"{entry.path}?page={number}", str(number)) for number in range(1, shown.pages + 1)]
            steps.append((f"{entry.path}?page=all", "Selengkapnya"))
            items = links(steps, '<li><a href="{url}">{title}</a></li>')
            pager = f'<div class="pagination"><ul>{items}</ul></div>'
        body = f"{self._body(entry, shown)}\n<!-- pagination start -->{pager}<!-- pagination end -->"
        build = self._new_article if entry.layout == "2021" else self._old_article
        suffix = "" if shown.label in {"1", "all"} else f" - Halaman {shown.label}"
        return self._page(entry.headline + suffix, build(entry, copy, body), entry)

    def _body(self, entry: Entry, shown: Shown) -> str:
        rng = Random(f"{entry.key}/body")
        blocks = self.copy(entry).blocks
        between: dict[int, str] = {}
        label = rng.choice(("Baca Juga:", "Baca Juga:", "Menarik Dibaca:"))
        tag = "h2" if label.startswith("Menarik") else "p"
        spots = places_between(blocks, 2 + (len(blocks) > 12), rng)
        for at, other in zip(spots, self.earlier(entry, 3), strict=False):
            between[at] = (
                f'<{tag}><strong>{label} <a class="track-bacajuga-inside" href="//{other.host}{other.path}">'
                f"{esc(other.headline)}</a></strong></{tag}>"
            )
        if spots:
            advert = '<div class="ads-partner-wrap"><div id="adsoutsream"></div></div>'
            between[spots[-1]] = between.get(spots[-1], "") + advert
        between[len(blocks)] = (
            '<p><a class="track-gnews" href="https://news.google.com/publications/kontan">'
            "Cek Berita dan Artikel lain di Google News</a></p>"
        )
        text = blocks_html(
            shown.blocks,
            lambda inner: f"<p>{inner}</p>",
            lambda inner: f"<h2><strong>{inner}</strong></h2>",
            shown.here(between),
        )
        if shown.first:
            dateline = f"<strong>KONTAN.CO.ID - </strong>{esc(self.copy(entry).dateline)}. "
            text = text.replace("<p>", f"<p>{dateline}", 1)
        return text

    def _credit_line(self, entry: Entry, copy: Copy) -> str:
        printed = self.printed(entry, copy)
        who = (
            f"Sumber: <strong>{printed.source}</strong>"
            if printed.source
            else f"Reporter: <strong>{esc(', '.join(printed.byline))}</strong>"
        )
        return f"{who} | Editor: <strong>{esc(printed.editors[0])}</strong>"

    def _when(self, entry: Entry) -> str:
        return f"{long_date(entry.published_at)} / {clock(entry.published_at)} WIB"

    def _new_article(self, entry: Entry, copy: Copy, body: str) -> str:
        caption = esc(self.printed(entry, copy).captions[0])
        return f"""<div class="breadcumb fs18"><a href="//{entry.host}">{entry.section.title()}</a> / News</div>
<h1 class="detail-desk">{esc(entry.headline)}</h1>
<div class="fs14 ff-opensans font-gray">{self._when(entry)}</div>
<div class="img-detail-desk"><img src="{self._image(entry)}" alt="{esc(entry.headline)}">
<div class="fs12 ff-opensans-i pad-5">{caption}</div></div>
<div class="kiri-det-desk"><div class="kus"></div></div>
<div class="tmpt-desk-kon" itemprop="articleBody"><p>{self._credit_line(entry, copy)}</p>
{body}
</div>"""

    def _old_article(self, entry: Entry, copy: Copy, body: str) -> str:
        caption = esc(self.printed(entry, copy).captions[0])
        return f"""<div class="bag-kiri"><h1>{esc(entry.headline)}</h1>
<div class="fs14 ff-opensans font-gray">{self._when(entry)}</div>
<div class="fs13 font-gray ff-knowledge-l">{self._credit_line(entry, copy)}</div>
<div class="img-detail"><img src="{self._image(entry)}" alt="{esc(entry.headline)}"><p class="cap">{caption}</p></div>
<div class="detail-content" itemprop="articleBody">
{body}
</div></div>"""

    def _page(self, title: str, main: str, entry: Entry | None = None) -> Response:
        head = ""
        if entry is not None:
            at = entry.published_at
            head = f"""<link rel="canonical" href="{entry.url}">
<meta property="og:type" content="article"><meta property="og:url" content="{entry.url}">
<meta property="og:title" content="{esc(entry.headline)}"><meta property="og:image" content="{self._image(entry)}">
<meta name="content_PublishedDate" content="{at:%Y-%m-%d %H:%M}:{entry.number % 60:02d}">
<meta name="content_category" content="{entry.section}"><meta name="content_tags" content="{esc(", ".join(entry.tags))}">
<script type="application/ld+json">{{"@context":"https://schema.org","@type":"WebPage","url":"{entry.url}",\
"datePublished":"{iso(at)}"}}</script>"""
        popular = [(f"//{e.host}{e.path}", e.headline) for e in self.newest(12)]
        sidebar = links(popular, '<li><div class="sp-hl"><a href="{url}">{title}</a></div></li>')
        return html(
            f"""{_TOP_HEAD}<title>{esc(title)} - Kontan</title>
{head}{_TOP_BODY}
<div class="container"><div class="row"><div class="col-main">
{main}
</div><aside class="sidebar"><div class="ttl">TERPOPULER</div><ul class="list-populer">{sidebar}</ul></aside></div></div>
{_BOTTOM}""",
            modified=entry.modified_at if entry else None,
        )


_TICKER = (
    "EMAS",
    "USD/IDR",
    "IDX",
    "KOMPAS100",
    "LQ45",
    "ISSI",
    "IDX30",
    "IDXHIDIV20",
    "IDX80",
    "IDXV30",
    "IDXQ30",
)
_TOP_HEAD = f"""<!DOCTYPE html>
<html lang="id"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<script>{script_filler("kontan", 22_000)}</script>
<style>{style_filler("kontan", 9_000)}</style>
"""
_TOP_BODY = f"""</head><body><div id="fixslowshow"></div>
<div class="logo"><a href="https://www.kontan.co.id/"><img src="//asset.kontan.co.id/logo.png" alt="kontan.co.id"></a></div>
<div class="lgn-top"><a href="//langganan.kontan.co.id"><img src="//asset.kontan.co.id/lgn.png" alt="banner langganan top">
</a></div>
<div class="ticker"><span>| : WIB | INDIKATOR |</span><ul>
{"".join(f"<li>{name} {1000 + 37 * at}   {at},{10 + at}   0,{20 + at}%</li>" for at, name in enumerate(_TICKER))}</ul></div>
{menu("//www.kontan.co.id/kategori", MENU)}
"""
_BOTTOM = f"""<div class="terbaru"><div class="ttl">TERBARU</div></div>
<div class="academy"><div class="ttl">Kontan Academy</div><a href="//academy.kontan.co.id/1">Manajemen Persediaan Modern</a>
<a href="//academy.kontan.co.id/2">Kelas Neraca untuk Pemula</a></div>
<a class="close" href="#">×</a>
<footer><a href="//www.kontan.co.id/redaksi">Redaksi</a><a href="//www.kontan.co.id/kontak">Kontak</a>
<a href="//asset.kontan.co.id/news/main">Unduh</a><p>© PT Grahanusa Mediatama. All rights reserved</p></footer>
<script>{script_filler("kontan-foot", 9_000)}</script></body></html>"""
