# ruff: noqa: E501 - markup keeps its lines
"""Kompas, national daily: channels on hosts of their own or below www, each address with its day and hour.

Lists: search on a host of its own, by words and days, which shows no more than 38 pages; an index by day (20 a page,
days without hours); tag pages. Metadata is in UTC, once without saying so. Layouts: `2021`; `2017` in the archive
and of one channel still, `2015` of another. Copies for printing and comments have addresses like articles.
"""

from datetime import UTC
from random import Random
from typing import TYPE_CHECKING

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
from tests.newsworld.messages import Request, Response, html, plain, redirect
from tests.newsworld.outlets.base import Outlet, day_of
from tests.newsworld.outlets.linked import news_article, person, script
from tests.newsworld.outlets.shown import Printed, Shown
from tests.newsworld.printed import clock, long_date

if TYPE_CHECKING:
    from tests.newsworld.model import Copy, Entry, Headline, Plan

STEP, FOUND_STEP, LAST_FOUND = 20, 10, 38
NEW_LAYOUT_FROM = 2020
WWW, INDEX, SEARCH = "www.kompas.com", "indeks.kompas.com", "search.kompas.com"
CHANNELS = {
    "internasional": ("global", "global", "tren"),
    "nasional": ("nasional",),
    "ekonomi": ("money", "otomotif"),
    "daerah": ("regional", "megapolitan"),
    "olahraga": ("bola",),
    "gaya": ("lifestyle", "health"),
}
BELOW_WWW = frozenset({"global", "tren"})
OLD_LAYOUT = {"bola": "2017", "lifestyle": "2017", "otomotif": "2015"}
HOSTS = sorted(
    {f"{name}.kompas.com" for names in CHANNELS.values() for name in names if name not in BELOW_WWW}
)
ROBOTS = """User-agent: GPTBot
Disallow: /

User-agent: *
Disallow: /search/?q=
Disallow: /komentar/
Disallow: /copy/
Disallow: /*?utm_source
Disallow: /*?source
"""
MENU = (
    "News",
    "Global",
    "Nusantara",
    "Bola",
    "Ekonomi",
    "Tekno",
    "Otomotif",
    "Health",
    "Lifestyle",
    "Travel",
)


class Kompas(Outlet):
    """www.kompas.com, its channels, its index and its search."""

    name = "kompas"
    hosts = (WWW, *HOSTS, INDEX, SEARCH, "amp.kompas.com", "kompas.com")

    def place(self, plan: "Plan", headline: "Headline") -> "Entry":
        """Return the place: a channel, and an address with day and hour."""
        rng = Random(plan.key + "/place")
        channel = rng.choice(CHANNELS[headline.desk])
        at, slug = plan.published_at, slugify(headline.text)
        folder = f"/{channel}" if channel in BELOW_WWW else ""
        layout = OLD_LAYOUT.get(channel, "2021")
        if at.year < NEW_LAYOUT_FROM and layout == "2021":
            layout = "2017"
        return self.new_entry(
            plan,
            headline,
            host=WWW if folder else f"{channel}.kompas.com",
            path=f"{folder}/read/{at:%Y/%m/%d}/{at:%H%M}{plan.number % 100_000:05d}/{slug}",
            slug=slug,
            section=channel,
            layout=layout,
            lists=("search", "index", *(f"tag/{slugify(tag)}" for tag in headline.tags)),
        )

    def printed(self, entry: "Entry", copy: "Copy") -> Printed:
        """Return the credits: writer and editor, in the newest layout now and then the writer alone."""
        rng = Random(entry.key + "/printed")
        alone = entry.layout == "2021" and rng.random() < 0.3
        return Printed(
            byline=(copy.reporter,),
            editors=() if alone else (copy.editor,),
            dateline=copy.dateline,
            source=rng.choice(("AFP", "Reuters", "AP")) if entry.section == "global" and alone else None,
            captions=copy.captions[:1],
            credits=copy.credits[:1],
        )

    def template(self, host: str, title: str, main: str) -> Response:
        """Return a page in the outlet's own dress."""
        del host
        return self._page(title, main)

    def split(self, entry: "Entry", copy: "Copy") -> int:
        """Return the number of pages: two or three for most of the long stories."""
        if len(copy.blocks) < 12 or Random(entry.key + "/split").random() > 0.6:
            return 1
        return 3 if len(copy.blocks) > 20 else 2

    def respond(self, request: Request) -> Response | None:
        """Answer for the portal, the channels, the index and the search."""
        host, path = request.host, request.path.rstrip("/")
        if host in {"kompas.com", "amp.kompas.com"}:
            return redirect(f"https://{WWW}{request.target}")
        if path == "/robots.txt":
            return plain(ROBOTS) if host not in {INDEX, SEARCH} else None
        page = max(request.number("page", 1), 1)
        if host == INDEX:
            day = day_of(request.query.get("date", ""))
            entries = self.on_day(day) if day else self.newest()
            return self._list("Indeks", entries, page, STEP)
        if host == SEARCH:
            return self._search(request, page) if path == "/search" else None
        if path == "" or path.startswith("/tag/"):
            wanted = (
                (lambda entry: path.strip("/") in entry.lists) if path else (lambda entry: entry.host == host)
            )
            return self._list("Berita", self.newest(None, wanted), page, STEP)
        entry = self.at(host, path)
        return self._article_page(request, entry) if entry is not None else None

    # Lists

    def _search(self, request: Request, page: int) -> Response:
        since, until = (day_of(request.query.get(name, "")) for name in ("start_date", "end_date"))
        found = [
            entry
            for entry in self.search(request.query.get("q", ""))
            if (since is None or since <= entry.published_at.date())
            and (until is None or entry.published_at.date() <= until)
        ]
        return self._list("Pencarian", found[: LAST_FOUND * FOUND_STEP], page, FOUND_STEP)

    def _list(self, title: str, entries: "list[Entry]", page: int, step: int) -> Response:
        items = "\n".join(self._item(entry) for entry in entries[(page - 1) * step : page * step])
        last = (len(entries) - 1) // step + 1
        pager = links(
            [(f"?page={number}", str(number)) for number in range(1, last + 1)],
            '<div class="paging__item"><a class="paging__link" href="{url}">{title}</a></div>',
        )
        video = '<div class="articleItem"><a class="article-link" href="https://video.kompas.com/watch/1820/putin-dan-kim-jong-un-di-stasiun"><h2 class="articleTitle">Putin dan Kim Jong Un di stasiun</h2></a></div>'
        partner = '<div class="articleItem"><a class="article-link" href="https://biz.kompas.com/read/2026/03/02/090000028/wisata-rusia-dan-korea-utara"><h2 class="articleTitle">Wisata Rusia dan Korea Utara</h2></a></div>'
        traps = video + partner if page == 1 and items else ""
        return self._page(
            title,
            f'<div class="articleList -list">{items}{traps}</div><div class="paging__wrap">{pager}</div>',
        )

    def _item(self, entry: "Entry") -> str:
        return f"""<div class="articleItem"><a class="article-link" href="{entry.url}"><div class="articleItem-wrap"><div class="articleItem-img"><img src="{self._image(entry)}" alt=""></div>
<div class="articleItem-box"><h2 class="articleTitle">{esc(entry.headline)}</h2><div class="articlePost"><div class="articlePost-subtitle">{entry.section.title()}</div><div class="articlePost-date">{entry.published_at:%d/%m/%Y}</div></div></div></div></a></div>"""

    # Pages

    def _image(self, entry: "Entry") -> str:
        return f"https://asset.kompas.com/crops/{entry.number:x}/780x390/data/photo/{entry.number}.jpg"

    def _article_page(self, request: Request, entry: "Entry") -> Response:
        copy = self.copy(entry)
        shown = self.shown(entry, request.query.get("page", "1"))
        pager = ""
        if shown.pages > 1 and shown.label != "all":
            steps = [(f"{entry.url}?page={number}", str(number)) for number in range(1, shown.pages + 1)]
            items = links(
                [*steps, (f"{entry.url}?page=all", "Show All")],
                '<div class="paging__item"><a class="paging__link" href="{url}">{title}</a></div>',
            )
            pager = f'<div class="paging paging--article clearfix"><div class="paging__wrap">Halaman: {items}</div></div>'
        build = {"2021": self._article_2021, "2017": self._article_2017, "2015": self._article_2015}
        suffix = "" if shown.label == "1" else f" Halaman {shown.label}"
        return self._page(
            entry.headline + suffix,
            build[entry.layout](entry, copy, self._body(entry, copy, shown), pager),
            entry,
        )

    def _body(self, entry: "Entry", copy: "Copy", shown: Shown) -> str:
        rng = Random(f"{entry.key}/body")
        blocks, between, others = copy.blocks, dict[int, str](), self.earlier(entry, 3)
        for at in places_between(blocks, 3, rng):
            between[at] = "\n".join(self._cross(entry, other) for other in others[:1])
            del others[:1]
            if entry.layout == "2021":
                between[at] += _INSIDE
        if entry.layout == "2021":
            between[len(blocks)] = _AFTER
        if entry.layout == "2015":
            parts = ("{}<br /><br />".format, "<strong>{}</strong><br /><br />".format)
        else:
            parts = (
                "<p>{}</p>".format,
                "<h2>{}</h2>".format if entry.layout == "2021" else "<p><strong>{}</strong></p>".format,
            )
        text = blocks_html(shown.blocks, *parts, shown.here(between))
        if not shown.first:
            return text
        dash = "-" if entry.layout == "2021" else "&ndash;"
        dateline = f"<strong>{esc(copy.dateline)}, KOMPAS.com</strong> {dash} "
        return (
            "<br /><br />" + dateline + text
            if entry.layout == "2015"
            else text.replace("<p>", f"<p>{dateline}", 1)
        )

    def _cross(self, entry: "Entry", other: "Entry") -> str:
        link = f'Baca juga: <a class="inner-link-baca-juga" href="{other.url}?source=inside">{esc(other.headline)}</a>'
        return (
            f"<strong>{link}</strong><br /><br />"
            if entry.layout == "2015"
            else f"<p><strong>{link}</strong></p>"
        )

    def _when(self, entry: "Entry") -> str:
        at, changed = entry.published_at, entry.changed_at
        more = f" Diperbarui {changed.astimezone(at.tzinfo):%d/%m/%Y, %H:%M} WIB" if changed else ""
        return f"Kompas.com - {at:%d/%m/%Y, %H:%M} WIB{more}"

    def _article_2021(self, entry: "Entry", copy: "Copy", body: str, pager: str) -> str:
        printed = self.printed(entry, copy)
        names = (*printed.byline, *printed.editors)
        who = ",</h6><h6>".join(map(esc, names))
        role = "Tim Redaksi" if printed.editors else "Penulis"
        source = (
            f'<div class="read__source">Sumber <span>{printed.source}</span></div>' if printed.source else ""
        )
        tags = [(f"https://{WWW}/tag/{slugify(tag)}", tag) for tag in entry.tags]
        address = entry.path.partition("/read/")[2]
        return f"""<ul class="breadcrumb__wrap"><li class="breadcrumb__item"><a class="breadcrumb__link" href="/">Home</a></li><li class="breadcrumb__item"><a class="breadcrumb__link" href="/{entry.section}">{entry.section.title()}</a></li></ul>
<div class="adfree">Baca berita tanpa iklan. <a href="https://plus.kompas.com">Gabung Kompas.com+</a></div>
<h1 class="read__title">{esc(entry.headline)}</h1><div class="read__header"><div class="read__time">{self._when(entry)}</div><a href="https://{entry.host}/komentar/{address}">Komentar</a></div>
<div class="credit mt2"><div class="credit-title"><div class="credit-title-name"><h6>{who}</h6></div><p>{role}</p></div></div>{source}
<div class="photo"><div class="photo__wrap"><img src="{self._image(entry)}" alt="{esc(copy.captions[0])}"></div><div class="photo__caption">{esc(copy.captions[0])} ({esc(copy.credits[0])})</div></div>
<div class="read__content"><div class="clearfix">{body}</div></div>
{pager}
<ul class="tagsCloud">{links(tags, '<li class="tagsCloud-tag"><a href="{url}">{title}</a></li>')}</ul><a href="https://{entry.host}/copy/{address}">Salin Artikel</a>
{self._related(entry)}"""

    def _article_2017(self, entry: "Entry", copy: "Copy", body: str, pager: str) -> str:
        return f"""<div class="read__header"><h1 class="read__title">{esc(entry.headline)}</h1><div class="read__time">{self._when(entry)}</div></div>
<div class="photo"><img src="{self._image(entry)}" alt=""><div class="photo__caption">{esc(copy.captions[0])}<span class="photo__author">({esc(copy.credits[0])})</span></div></div>
<div class="read__credit clearfix"><div class="read__credit__item">Penulis<a href="#">{esc(copy.reporter)}</a></div> | <div class="read__credit__item">Editor<a href="#">{esc(copy.editor)}</a></div></div>
<div class="read__content"><div class="clearfix">{body}</div></div>
{pager}
{self._related(entry)}"""

    def _article_2015(self, entry: "Entry", copy: "Copy", body: str, pager: str) -> str:
        return f"""<div class="kcm-header"><h1>{entry.section.title()}</h1></div><div class="kcm-read"><div class="kcm-read-top"><ul class="kcm-breadcrumb"><li><h4><a href="/">{entry.section.title()}</a></h4></li></ul>
<h2>{esc(entry.headline)}</h2><div class="msmall grey mb2">{long_date(entry.published_at)} | {clock(entry.published_at)} WIB</div>
<div class="photo"><img src="{self._image(entry)}" alt=""><span class="pb_10 author">{esc(copy.credits[0])}</span> {esc(copy.captions[0])}</div></div>
<div class="kcm-read-body"><div class="span6"><div class="kcm-read-text">
{body}
{pager}
<div class="kcm-read-copy mt2"><table class="grey"><tbody><tr><td>Penulis</td><td>: {esc(copy.reporter)}</td></tr><tr><td>Editor</td><td>: {esc(copy.editor)}</td></tr></tbody></table></div>
</div></div></div></div>
{self._related(entry)}"""

    def _related(self, entry: "Entry") -> str:
        rows = [(other.url, other.headline) for other in self.earlier(entry, 4, "related")]
        items = links(
            rows,
            '<div class="article__grid"><h3 class="article__title"><a class="article__link" href="{url}">{title}</a></h3></div>',
        )
        return f'<div class="berita-terkait"><h4>Rekomendasi untuk Anda</h4>{items}</div>'

    def _head(self, entry: "Entry") -> str:
        copy, at = self.copy(entry), entry.published_at.astimezone(UTC)
        printed = self.printed(entry, copy)
        editor = f'<meta name="content_editor" content="{esc(copy.editor)}">' if printed.editors else ""
        data = news_article(
            entry, publisher="Kompas.com", author=person(copy.reporter), description=copy.standfirst
        )
        return f"""<link rel="canonical" href="{entry.url}"><link rel="amphtml" href="https://amp.kompas.com/{entry.section}/read/{entry.path.partition("/read/")[2]}">
<meta name="author" content="Kompas Cyber Media"><meta name="content_author" content="{esc(copy.reporter)}">{editor}
<meta name="content_PublishedDate" content="{at:%Y-%m-%d %H:%M:%S}"><meta property="article:published_time" content="{at:%Y-%m-%dT%H:%M:%S}Z">
<meta property="og:type" content="article"><meta property="og:title" content="{esc(entry.headline)} - Kompas.com"><meta property="og:site_name" content="KOMPAS.com">
<meta property="og:description" content="{esc(copy.standfirst)}">{script(data) if entry.layout == "2021" else ""}"""

    def _page(self, title: str, main: str, entry: "Entry | None" = None) -> Response:
        popular = links(
            [(each.url, each.headline) for each in self.newest(60)[::12]],
            '<div class="mostList"><a class="mostList-link" href="{url}"><h3>{title}</h3></a></div>',
        )
        return html(
            f"""{_TOP}<title>{esc(title)} - Kompas.com</title>
{self._head(entry) if entry else ""}{_MIDDLE}
<div class="container clearfix"><div class="row"><div class="col-bs10-7">
{main}
</div><div class="col-bs10-3"><div class="most__wrap"><h3>Terpopuler</h3>{popular}</div></div></div></div>
{_BOTTOM}""",
            modified=entry.modified_at if entry else None,
        )


_INSIDE = """
<div class="inject-baca-juga"></div><div class="ads-on-body"><div id="div-gpt-ad-Top_R1"></div></div>
<div class="kompasidRec-1"><span>Kompas.id</span><a href="https://kompas.id/kuis">Seberapa jauh kamu mengenal dunia? Ikuti kuisnya</a></div>"""
_AFTER = """<p><strong>Baca juga:</strong></p>
<div class="gate-kgplus">Lanjutkan membaca dengan KG Media ID</div>
<div class="kgnw-player">Dengarkan artikel ini</div>
<p><em>Simak kabar pilihan kami lewat <a href="https://whatsapp.com/channel/kompas">WhatsApp Channel Kompas.com</a></em></p>
<p>Dalam segala situasi, KOMPAS.com berkomitmen memberi kabar jernih. <a href="https://plus.kompas.com">Dukung kami di sini</a>.</p>"""
_TOP = f"""<!DOCTYPE html>
<html lang="id"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<style>{style_filler("kompas", 12_000)}</style>
<script>{script_filler("kompas", 26_000)}</script>
"""
_MIDDLE = f"""</head><body><header class="header"><a class="logo" href="https://{WWW}/"><img src="https://asset.kompas.com/logo.png" alt="Kompas.com"></a>
{menu(f"https://{WWW}", MENU)}</header>
"""
_BOTTOM = f"""<footer class="footer"><p>Berikan apresiasi untuk karya jurnalis kami.</p><a href="https://inside.kompas.com/about-us">Tentang kami</a> <a href="https://kompas.id">Kompas.id</a>
<p>Copyright 2008 - 2026 PT. Kompas Cyber Media (Kompas Gramedia Digital Group). All Rights Reserved.</p></footer>
<script>{script_filler("kompas-foot", 9_000)}</script></body></html>"""
