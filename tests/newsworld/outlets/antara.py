# ruff: noqa: E501 - markup keeps its lines
"""Antara, the news agency: one number an article, provincial hosts, text in nodes between line breaks.

Lists: keyword search over all hosts, tags by page, the newest of the national host, two feeds of it; nothing by day.
The column beside a list has cards of what is popular, in the list's own markup. Layouts: `2023`, `2018` in the
archive and at the Makassar host still, `2015` at the Papua host. Eastern hosts print WITA and WIT.
"""

from dataclasses import replace
from datetime import timedelta
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
from tests.newsworld.messages import RSS, Request, Response, html, plain, redirect, xml
from tests.newsworld.model import Copy, Entry, Headline, Plan
from tests.newsworld.outlets.base import Outlet
from tests.newsworld.outlets.feeds import rss_feed
from tests.newsworld.outlets.linked import news_article, script
from tests.newsworld.outlets.shown import Printed, Shown
from tests.newsworld.printed import WIB, WIT, WITA, clock, iso, long_date, relative, zone

if TYPE_CHECKING:
    from collections.abc import Callable

STEP = 15
NATIONAL = "www.antaranews.com"
PROVINCES = {
    "jabar.antaranews.com": (WIB, "2023"),
    "makassar.antaranews.com": (WITA, "2018"),
    "papua.antaranews.com": (WIT, "2015"),
}
NEW_LAYOUT_FROM = 2022
SECTIONS = {
    "internasional": "dunia",
    "nasional": "politik",
    "ekonomi": "ekonomi",
    "daerah": "metro",
    "olahraga": "olahraga",
    "gaya": "lifestyle",
}
FEEDS = ("terkini", "top-news", *SECTIONS.values())
AGENCIES = ("Sputnik/RIA Novosti", "Yonhap", "Anadolu", "Kyodo")
ROBOTS = "User-agent: ClaudeBot\nDisallow: /\n\nUser-agent: *\nDisallow: /ajax/*\nDisallow: /ucnews/*\n"
MENU = ("Top News", "Terkini", "Politik", "Hukum", "Ekonomi", "Metro", "Sepakbola", "Dunia", "Tekno", "Foto")


class Antara(Outlet):
    """www.antaranews.com and hosts of the provinces."""

    name = "antara"
    hosts = (NATIONAL, *PROVINCES, "antaranews.com", "m.antaranews.com")

    def place(self, plan: Plan, headline: Headline) -> Entry:
        """Return the place: the national host for most stories, a province's for some."""
        rng = Random(plan.key + "/place")
        provincial = rng.random() < (0.6 if headline.desk == "daerah" else 0.15)
        host = rng.choice(tuple(PROVINCES)) if provincial else NATIONAL
        hour, layout = PROVINCES.get(host, (WIB, "2023"))
        at = plan.published_at.astimezone(hour)
        slug = slugify(headline.text)
        lists = ["search"]
        if host == NATIONAL:
            lists.append("newest")
        if at.year < NEW_LAYOUT_FROM and layout == "2023":
            layout = "2018"
        return self.new_entry(
            replace(plan, published_at=at),
            headline,
            host=host,
            path=f"/berita/{plan.number}/{slug}",
            slug=slug,
            section=SECTIONS[headline.desk],
            layout=layout,
            lists=(*lists, *(f"tag/{slugify(tag)}" for tag in headline.tags)),
        )

    def printed(self, entry: Entry, copy: Copy) -> Printed:
        """Return the credits: foreign stories may be translated from an agency, with nobody as their writer."""
        rng = Random(entry.key + "/printed")
        agency = rng.choice(AGENCIES) if entry.section == "dunia" and rng.random() < 0.3 else None
        return Printed(
            byline=() if agency else (copy.reporter,),
            editors=(copy.editor,),
            dateline=copy.dateline.title(),
            source=agency,
            captions=copy.captions[:1],
            credits=copy.credits[:1],
        )

    def template(self, host: str, title: str, main: str) -> Response:
        """Return a page in the outlet's own dress."""
        return self._page(host, title, main)

    def split(self, entry: Entry, copy: Copy) -> int:
        """Return the number of pages: two for some of the longest stories."""
        return 2 if len(copy.blocks) > 16 and Random(entry.key + "/split").random() < 0.5 else 1

    def respond(self, request: Request) -> Response | None:
        """Answer for the national host and the provinces."""
        host, path = request.host, request.path.rstrip("/")
        if host not in {NATIONAL, *PROVINCES}:
            return redirect(f"https://{NATIONAL}{request.target.removeprefix('/amp')}")
        if path == "/robots.txt":
            return plain(ROBOTS)
        first, _, rest = path.strip("/").partition("/")
        page = max(request.number("page", 1), 1)
        routes: dict[str, Callable[[], Response | None]] = {
            "": lambda: self._list(host, "Beranda", self._of(host), 1),
            "terkini": lambda: self._list(host, "Berita Terkini", self._of(host), page),
            "search": lambda: self._found(host, request.query.get("q", ""), page),
            "tag": lambda: self._tag(host, rest),
            "rss": lambda: self._feed(host, rest.removesuffix(".xml")),
        }
        if first in routes:
            return routes[first]()
        entry = self.at(host, path)
        return self._article_page(request, entry) if entry is not None else None

    # Lists

    def _of(self, host: str) -> list[Entry]:
        return self.newest(None, lambda entry: entry.host == host)

    def _found(self, host: str, words: str, page: int) -> Response:
        return self._list(host, f"Hasil pencarian {words}", self.search(words), page)

    def _tag(self, host: str, rest: str) -> Response:
        tag, _, number = rest.partition("/")
        entries = self.newest(None, lambda entry: f"tag/{tag}" in entry.lists)
        return self._list(host, f"Berita {tag}", entries, int(number) if number.isdigit() else 1)

    def _feed(self, host: str, name: str) -> Response | None:
        if name not in FEEDS:
            return None
        wanted = {"terkini", "top-news"}
        entries = self.newest(
            STEP, lambda entry: entry.host == host and (name in wanted or entry.section == name)
        )
        return xml(rss_feed(f"ANTARA News - {name}", f"https://{host}", entries), content_type=RSS)

    def _list(self, host: str, title: str, entries: list[Entry], page: int) -> Response:
        shown = entries[(page - 1) * STEP : page * STEP]
        cards = [self._card(entry) for entry in shown]
        if page == 1:
            cards.insert(2, self._video_card(host))
        pager = links(
            [(f"?page={number}", str(number)) for number in range(1, (len(entries) - 1) // STEP + 2)],
            '<li class="page-item"><a class="page-link" href="{url}">{title}</a></li>',
        )
        main = f"""<h4 class="border_section">{esc(title)}</h4>
<div class="wrapper__list__article">{"".join(cards)}</div><ul class="pagination">{pager}</ul>"""
        return self._page(host, title, main)

    def _card(self, entry: Entry, *, relative_times: bool = True) -> str:
        at = entry.published_at
        fresh = relative_times and self.now - at < timedelta(days=1)
        when = relative(at, self.now) if fresh else f"{at.day} {long_date(at).split(' ', 2)[2]} {clock(at)}"
        return f"""<div class="card__post card__post-list card__post__transition mt-30"><div class="row"><div class="col-md-5">
<a href="{entry.url}" title="{esc(entry.headline)}"><picture><img class="img-fluid" src="{self._image(entry)}" alt=""></picture></a></div>
<div class="col-md-7"><div class="card__post__body"><div class="card__post__author-info mb-2"><span class="text-primary">{entry.section.title()}</span>
<span class="text-secondary">{when}</span></div><div class="card__post__title"><h2 class="h5"><a href="{entry.url}" title="{esc(entry.headline)}">{esc(entry.headline)}</a></h2></div>
<p>Simak kabar lengkapnya ...</p></div></div></div></div>"""

    def _video_card(self, host: str) -> str:
        url = f"https://{host}/video/51021/putin-dan-kim-jong-un-dalam-gambar"
        return f'<div class="card__post card__post-list mt-30"><span class="text-secondary">1 jam lalu</span><h2 class="h5"><a href="{url}">Video: Putin dan Kim Jong Un dalam gambar</a></h2></div>'

    # Pages

    def _image(self, entry: Entry) -> str:
        return f"https://img.antaranews.com/cache/800x533/{entry.number}.jpg"

    @staticmethod
    def _credit(copy: Copy) -> str:
        whose = copy.credits[0]
        return f"{whose if whose.startswith('ANTARA') else f'ANTARA/{whose}'}/foc."

    def _when(self, entry: Entry) -> str:
        at = entry.published_at
        return f"{long_date(at)} {clock(at)} {zone(at)}"

    def _article_page(self, request: Request, entry: Entry) -> Response:
        copy = self.copy(entry)
        shown = self.shown(entry, request.query.get("page", "1"))
        build = {"2023": self._article_2023, "2018": self._article_2018, "2015": self._article_2015}
        body = self._body(entry, copy, shown)
        credits_line = "<br>".join(self._credits(entry, copy))
        if entry.layout == "2023":
            body += f'<p class="text-muted mt-2 small">{credits_line}</p>\n<p class="text-muted small">Dilarang menyalin isi halaman ini tanpa izin tertulis ANTARA.</p>'
        elif entry.layout == "2018":
            body += f'<p class="text-muted small mt10">{credits_line.replace("Copyright", "COPYRIGHT")}</p>'
        return self._page(entry.host, entry.headline, build[entry.layout](entry, copy, body), entry)

    def _credits(self, entry: Entry, copy: Copy) -> tuple[str, str, str]:
        printed = self.printed(entry, copy)
        who = f"Pewarta: {esc(copy.reporter)}" if printed.byline else f"Penerjemah: {esc(copy.reporter)}"
        return who, f"Editor: {esc(copy.editor)}", f"Copyright &copy; ANTARA {entry.published_at.year}"

    def _body(self, entry: Entry, copy: Copy, shown: Shown) -> str:
        rng = Random(f"{entry.key}/body")
        blocks, between, others = copy.blocks, dict[int, str](), self.earlier(entry, 4)
        for at in places_between(blocks, 2, rng):
            between[at] = "".join(self._cross(entry, other) for other in others[:1]) + "<br /><br />"
            del others[:1]
        if others:
            between[len(blocks)] = "".join(self._cross(entry, other) + "<br />" for other in others)
        source = self.printed(entry, copy).source
        if source:
            between[len(blocks)] = f"Sumber: {source}<br /><br />" + between.get(len(blocks), "")
        brand = "ANTARA News" if entry.layout == "2015" else "ANTARA"
        dateline = f"{esc(copy.dateline.title())} ({brand}) - "
        if entry.layout == "2023" and rng.random() < 0.3:
            text = blocks_html(
                shown.blocks, "<p>{}</p>".format, "<h2>{}</h2>".format, shown.here(between)
            ).replace("<p>", f"<p>{dateline}" if shown.first else "<p>", 1)
        else:
            text = blocks_html(
                shown.blocks, "{}<br /><br />".format, "<b>{}</b><br /><br />".format, shown.here(between)
            )
            text = dateline + text if shown.first else text
        if shown.pages > 1 and shown.label != "all":
            steps = [(f"{entry.path}?page={number}", str(number)) for number in range(1, shown.pages + 1)]
            steps.append((f"{entry.path}?page=all", "Tampilkan Semua"))
            items = links(steps, '<li class="page-item"><a class="page-link" href="{url}">{title}</a></li>')
            text += f'<nav><ul class="pagination">{items}</ul></nav>'
        return text

    def _cross(self, entry: Entry, other: Entry) -> str:
        link = f'Baca juga: <a href="{other.url}" title="{esc(other.headline)}">{esc(other.headline)}</a>'
        return f'<span class="baca-juga"><b>{link}</b></span>' if entry.layout == "2023" else f"<b>{link}</b>"

    def _article_2023(self, entry: Entry, copy: Copy, body: str) -> str:
        tags = [(f"https://{entry.host}/tag/{slugify(tag)}", f"#{tag}") for tag in entry.tags]
        minutes = 1 + len(copy.blocks) // 5
        return f"""<ul class="breadcrumbs"><li class="breadcrumbs__item"><a class="breadcrumbs__url" href="/{entry.section}">{entry.section.title()}</a></li></ul>
<div class="wrap__article-detail"><div class="wrap__article-detail-title"><h1>{esc(entry.headline)}</h1></div><hr>
<div class="wrap__article-detail-info"><ul class="list-inline"><li class="list-inline-item"><span class="text-secondary font-weight-normal"><i class="fa fa-clock-o"></i> {self._when(entry)}</span></li>
<li class="list-inline-item"><span class="text-secondary">waktu baca {minutes} menit</span></li></ul></div>
<div class="wrap__article-detail-image mt-4"><figure><img class="img-fluid" src="{self._image(entry)}" alt="{esc(entry.headline)}">
<figcaption>{esc(copy.captions[0])} {esc(self._credit(copy))}</figcaption></figure></div>
<div class="wrap__article-detail-content post-content"><div class="share-wrapper"><a href="#">Bagikan</a></div>
{body}
</div></div>
<div class="blog-tags"><ul class="list-inline">{links(tags, '<li class="list-inline-item"><a href="{url}">{title}</a></li>')}</ul></div>
{self._related(entry)}"""

    def _article_2018(self, entry: Entry, copy: Copy, body: str) -> str:
        return f"""<article class="post-wrapper clearfix"><header class="post-header"><h1 class="post-title">{esc(entry.headline)}</h1>
<p class="simple-share"><span class="article-date"><i class="fa fa-clock-o"></i> {self._when(entry)}</span></p></header>
<figure class="image-overlay"><img src="{self._image(entry)}" alt="{esc(entry.headline)}"><p class="wp-caption-text">{esc(copy.captions[0])} ({esc(copy.credits[0])})</p></figure>
<div class="post-content clearfix">
{body}
</div></article>
{self._related(entry)}"""

    def _article_2015(self, entry: Entry, copy: Copy, body: str) -> str:
        who, editor, _ = self._credits(entry, copy)
        return f"""<div class="bjbrt"><h1 class="title"><strong>{esc(entry.headline)}</strong></h1>
<div class="date mt10">{self._when(entry)} | 1.{entry.number % 1000:03d} Views</div>
<div class="byline">{who}</div>
<div id="image_news"><img src="{self._image(entry)}" alt="{esc(entry.headline)}"><div id="caption_news">{esc(copy.captions[0])} ({esc(copy.credits[0])})</div></div>
<div id="content_news">
{body}<p class="mt10">{editor}</p><p class="date">COPYRIGHT &copy; ANTARA {entry.published_at.year}</p>
</div></div>
{self._related(entry)}"""

    def _related(self, entry: Entry) -> str:
        rows = [(other.url, other.headline) for other in self.earlier(entry, 4, "related")]
        return f'<div class="related-article"><h4>Berita Terkait</h4>{links(rows, "<h5><a href={url}>{title}</a></h5>")}</div>'

    def _page(self, host: str, title: str, main: str, entry: Entry | None = None) -> Response:
        head = ""
        if entry is not None:
            data = news_article(
                entry, publisher="ANTARA News", author={"@type": "Organization", "name": "ANTARA News"}
            )
            head = f"""<link rel="canonical" href="{entry.url}">
<meta property="og:type" content="article"><meta property="og:title" content="{esc(entry.headline)}">
<meta property="og:site_name" content="Antara News"><meta property="og:description" content="{esc(self.copy(entry).standfirst)}">
<meta property="article:published_time" content="{iso(entry.published_at)}"><meta name="keywords" content="{esc(", ".join(entry.tags))}">
{script(data) if entry.layout == "2023" else ""}"""
        popular = self.newest(40, lambda each: each.host == host)[::8]
        beside = "".join(self._card(each, relative_times=False) for each in popular)
        return html(
            f"""{_HEAD}<title>{esc(title)} - ANTARA News</title>
{head}{_BODY}
<section class="pb-80"><div class="container"><div class="row"><div class="col-md-8">
{main}
</div><div class="col-md-4"><div class="sidebar-sticky"><aside class="wrapper__list__article"><h4 class="border_section">Terpopuler</h4>{beside}</aside></div></div></div></div></section>
{_FOOT}""",
            modified=entry.modified_at if entry else None,
        )


_HEAD = f"""<!DOCTYPE html>
<html lang="id"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<style>{style_filler("antara", 14_000)}</style>
<script>{script_filler("antara", 24_000)}</script>
"""
_BODY = f"""</head><body><header class="bg-light"><a class="navbar-brand" href="https://{NATIONAL}/"><img src="/img/antara.png" alt="Logo Header Antaranews.com"></a>
{menu(f"https://{NATIONAL}", MENU)}<a href="https://en.antaranews.com/news/30711/kremlin-confirms-kim-jong-un-visit">English</a></header>
"""
_FOOT = f"""<footer class="wrapper__footer"><a href="/tentang-kami">Tentang Kami</a><a href="/ketentuan-penggunaan">Ketentuan Penggunaan</a>
<a href="https://{NATIONAL}/rss">RSS</a><p>Copyright © ANTARA 2026</p></footer>
<script>{script_filler("antara-foot", 9_000)}</script></body></html>"""
