# ruff: noqa: E501 - markup keeps its lines
"""Liputan6, news portal: channels are folders of www, in old years hosts of their own.

Lists: dated indexes of all and of each channel (24 a page), tag pages that a script draws, feeds. Search is
closed by robots.txt. A long story stands whole in one page, in parts with labels between them.
Layouts: `2023`, which prints no time but that of the last update where there was one; `2018`, the mobile page;
`2014`, on channel hosts. A gallery has the address of an article and is in each day's index of the channel.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from random import Random

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
from tests.newsworld.model import Block, Copy, Entry, Headline, Plan
from tests.newsworld.outlets import drawn
from tests.newsworld.outlets.base import Outlet, day_of
from tests.newsworld.outlets.feeds import rss_feed
from tests.newsworld.outlets.linked import news_article, person, script
from tests.newsworld.outlets.shown import Printed
from tests.newsworld.printed import SHORT_MONTHS, clock, iso

STEP = 24
FEED_ITEMS = 25
GALLERIES = 9_000_000  # their numbers begin here; a day has one
SITE = "https://www.liputan6.com"
CHANNELS = {
    # Now and then a story from abroad stands among those from home.
    "internasional": (*("global",) * 5, "news"),
    "nasional": ("news",),
    "ekonomi": ("bisnis",),
    "daerah": ("regional",),
    "olahraga": ("bola",),
    "gaya": ("health", "tekno", "hot"),
}
NAMES = tuple(sorted({name for names in CHANNELS.values() for name in names}))
ROBOTS = "User-agent: *\nDisallow: /search\nDisallow: /login\n"
MENU = ("News", "Bisnis", "Global", "Bola", "Regional", "Tekno", "Health", "Hot")
DATA, EMPTY = "/ajax", '<p class="articles--empty">Tidak ada artikel.</p>'
ROW = """<article class="articles--iridescent-list--item"><figure><a href="{url}"><img src="/t.png" alt=""></a></figure>
<aside><h4><a href="{url}" title="{title}">{title}</a></h4><time>{date}</time></aside></article>"""


class Liputan6(Outlet):
    """www.liputan6.com and its channel hosts."""

    name = "liputan6"
    hosts = (
        "www.liputan6.com",
        "m.liputan6.com",
        "feed.liputan6.com",
        *(f"{name}.liputan6.com" for name in NAMES),
    )

    def place(self, plan: Plan, headline: Headline) -> Entry:
        """Return the place: a folder of www, or in the oldest layout a channel's host."""
        channel, year = Random(plan.key + "/place").choice(CHANNELS[headline.desk]), plan.published_at.year
        layout = "2023" if year >= 2023 else "2018" if year >= 2021 else "2014"
        slug, number = slugify(headline.text), plan.number - 2_000_000
        old = layout == "2014"
        return self.new_entry(
            plan,
            headline,
            host=f"{channel}.liputan6.com" if old else "www.liputan6.com",
            path=f"/read/{number}/{slug}" if old else f"/{channel}/read/{number}/{slug}",
            slug=slug,
            section=channel,
            layout=layout,
            lists=("index", "feed", *(f"tag/{slugify(tag)}" for tag in headline.tags)),
        )

    def printed(self, entry: Entry, copy: Copy) -> Printed:
        """Return the credits: the newest layout names no editor, and some stories nobody."""
        nobody = Random(entry.key + "/printed").random() < 0.15
        return Printed(
            byline=() if nobody else (copy.reporter,),
            editors=() if entry.layout == "2023" else (copy.editor,),
            dateline=copy.dateline,
            captions=(copy.captions[0],),
            credits=(f"({copy.credits[0].strip('()')})",),
        )

    def template(self, host: str, title: str, main: str) -> Response:
        """Return a page in the outlet's own dress."""
        del host
        return self._page(title, main)

    def refuse(self, request: Request) -> Response | None:
        """Refuse the data of drawn lists to whoever does not ask for it as their script does."""
        return drawn.closed_to_plain_clients(request, f"{DATA}/")

    def respond(self, request: Request) -> Response | None:
        """Answer for the portal, its feeds, and the channel hosts of old."""
        steps = request.path.strip("/").split("/")
        lists: dict[str, Callable[[], Response | None]] = {
            "robots.txt": lambda: plain(ROBOTS),
            "": lambda: self._list("Liputan6.com", self.newest(STEP)),
            "rss": lambda: self._feed(steps[-1]),
            "assets": lambda: drawn.drawing(box="daftar", data=DATA, row=ROW, empty=EMPTY),
            "ajax": lambda: self._tagged(request, steps),
            "tag": lambda: self._page(steps[-1], drawn.shell("daftar", "/assets/list.js", steps[-1])),
        }
        if steps[0] in lists:
            return lists[steps[0]]()
        if "indeks" in steps[:2]:
            return self._index(request, steps)
        return self._story(request.host, "/" + "/".join(steps))

    def _story(self, host: str, path: str) -> Response | None:
        if found := re.fullmatch(r"/global/read/(9\d{6})/foto-.*", path):
            return self._gallery(date.fromordinal(int(found[1]) - GALLERIES))
        entry = self.at(host.replace("m.", "www."), path)
        return self._article_page(entry, mobile=host == "m.liputan6.com") if entry is not None else None

    # Lists

    def _tagged(self, request: Request, steps: Sequence[str]) -> Response | None:
        if steps[1:2] != ["tag"] or len(steps) != 3:
            return None
        start, wanted = STEP * (max(request.number("page", 1), 1) - 1), "/".join(steps[1:])
        entries = self.newest(start + STEP, lambda entry: wanted in entry.lists)[start:]
        return drawn.items(entries, [_when(entry.published_at) for entry in entries])

    def _index(self, request: Request, steps: Sequence[str]) -> Response | None:
        """Answer for `/indeks/2026/03/02` and `/global/indeks/2026/03/02`; without a day a script draws it."""
        channel, days = ("", steps[1:]) if steps[0] == "indeks" else (steps[0], steps[2:])
        if channel not in {"", *NAMES}:
            return None
        if not days:
            return self._page("Indeks", drawn.shell("daftar", "/assets/list.js", "Indeks"))
        day = day_of("-".join(days))
        if day is None:
            return None
        start = STEP * (max(request.number("page", 1), 1) - 1)
        entries = self.on_day(day, lambda entry: channel in {"", entry.section})[start : start + STEP]
        return self._list(
            f"Indeks {channel}", entries, galleries_of=day if channel == "global" and not start else None
        )

    def _list(self, title: str, entries: Sequence[Entry], *, galleries_of: date | None = None) -> Response:
        rows = [
            (
                each.url.replace("//www.", "//m.") if each.number % 19 == 7 else each.url,
                each.headline,
                each.published_at,
            )
            for each in entries
        ]
        if galleries_of is not None and rows:
            rows.insert(1, (f"{SITE}{_gallery_path(galleries_of)}", _GALLERY, rows[0][2]))
        items = "\n".join(
            f"""<article class="articles--rows--item" data-type="Article"><a href="{url}" class="articles--rows--item__figure-thumbnail"><img src="/t.png" alt=""></a>
<div class="articles--rows--item__details"><header><a class="articles--rows--item__category" href="{SITE}/global">Global</a><h4 class="articles--rows--item__title">
<a class="articles--rows--item__title-link" href="{url}">{esc(headline)}</a></h4><time class="articles--rows--item__time" datetime="{at:%Y-%m-%d %H:%M:%S}">{_when(at)}</time></header></div></article>"""
            for url, headline, at in rows
        )
        return self._page(title, f'<div class="articles--list articles--list_rows">{items}</div>')

    def _feed(self, channel: str) -> Response | None:
        if channel not in NAMES:
            return None
        entries = self.newest(FEED_ITEMS, lambda entry: entry.section == channel)
        return xml(rss_feed(f"Liputan6 {channel}", SITE, entries), content_type=RSS)

    # Pages

    def _image(self, entry: Entry) -> str:
        return f"https://cdn0-production-images-kly.akamaized.net/medias/{entry.number}/original/{entry.number:x}.jpg"

    def _gallery(self, day: date) -> Response | None:
        if datetime(day.year, day.month, day.day, tzinfo=self.zone) > self.now:
            return None
        slides = (
            '<div class="article-gallery-slider__item js-gallery-item"><img src="/t.png" alt=""></div>' * 5
        )
        return self._page(
            _GALLERY,
            f"""<div class="article-header"><h1 class="article-header__title">{_GALLERY}</h1>
<span class="article-header__datetime">pada {day.day:02d} {SHORT_MONTHS[day.month - 1]} {day.year}, 09:00 WIB</span></div>
<div class="article-short-desc">Foto-foto dari upacara penyambutan rombongan Rusia di Pyongyang, Korea Utara.</div>
<div class="article-gallery-slider">{slides}<div class="article-gallery-slider__info">Klik gambar untuk perbesar</div>
<div class="article-gallery-slider__short-desc">Barisan kehormatan menyambut tamu dari Moskow. (AFP/KCNA)</div></div>""",
        )

    def _between(self, entry: Entry) -> dict[int, str]:
        rng = Random(entry.key + "/body")
        other = links(
            [(each.url, each.headline) for each in self.earlier(entry, 3)],
            '<li><a href="{url}">{title}</a></li>',
        )
        box = f'<div class="baca-juga"><p class="baca-juga__header">Baca Juga</p><ul class="baca-juga__list">{other}</ul></div>'
        if entry.layout == "2023":
            box = f'<div class="baca-juga-collections"><div class="baca-juga-collections__detail">{box}</div></div>'
        advert = '<div class="article-ad" id="gpt-ad-liputan6-sc-1"></div><div class="seamless-ads"><a href="javascript:void(0)">Advertisement</a></div><p>&nbsp;</p>'
        return dict(zip(places_between(self.copy(entry).blocks, 2, rng), (box, advert), strict=False))

    def _parts(self, entry: Entry) -> list[tuple[str, str]]:
        """Return the title (none of the first) and the text of each part; a part begins at a subheading."""
        blocks, between = self.copy(entry).blocks, self._between(entry)
        starts = [0, *(at for at, block in enumerate(blocks) if block.kind == "heading" and at)]
        dateline = f"<p><b>Liputan6.com, {esc(self.copy(entry).dateline)} -</b> "
        parts = []
        for first, end in zip(starts, [*starts[1:], len(blocks)], strict=True):
            own: tuple[Block, ...] = blocks[first + bool(first) : end]
            here = {at - first - bool(first): piece for at, piece in between.items() if first < at < end}
            text = blocks_html(own, lambda inner: f"<p>{inner}</p>", lambda inner: f"<h3>{inner}</h3>", here)
            parts.append((blocks[first].text if first else "", text))
        return [("", parts[0][1].replace("<p>", dateline, 1)), *parts[1:]]

    def _article_page(self, entry: Entry, *, mobile: bool = False) -> Response:
        printed = self.printed(entry, self.copy(entry))
        build = {"2023": self._new_article, "2018": self._mobile_article, "2014": self._old_article}
        return self._page(entry.headline, build["2018" if mobile else entry.layout](entry, printed), entry)

    def _new_article(self, entry: Entry, printed: Printed) -> str:
        at, parts = entry.published_at, self._parts(entry)
        said = (
            f"Diperbarui {_when(at + timedelta(minutes=17))}"
            if entry.number % 2
            else f"Diterbitkan {_when(at)}"
        )
        body = "\n".join(
            f"""<div class="article-content-body__item-page" data-page="{number}" data-title="{esc(title or entry.headline)}">
{f'<div class="article-content-body__item-break">{number} dari {len(parts)} halaman</div><h2 class="article-content-body__item-title">{esc(title)}</h2>' if number > 1 else ""}
<div class="article-content-body__item-content" data-component-name="desktop:read-page:article-content-body:section:text">{text}</div></div>"""
            for number, (title, text) in enumerate(parts, 1)
        )
        return f"""<header class="read-page--header"><h1 class="read-page--header--title entry-title" itemprop="headline">{esc(entry.headline)}</h1>
<div class="read-page-box"><div class="read-page-box__author"><p class="read-page-box__author__name">Oleh <a href="{SITE}/me/{entry.number % 97}">{esc(printed.byline[0] if printed.byline else "Liputan6.com")}</a></p>
<p class="read-page-box__author__updated">{said}</p></div></div></header>
<div class="read-page--photo-gallery"><figure class="read-page--photo-gallery--item"><img src="{self._image(entry)}" alt="{esc(entry.headline)}">
<figcaption class="read-page--photo-gallery--item__caption">{esc(printed.captions[0])} {esc(printed.credits[0])}</figcaption></figure></div>
<div class="article-content-body article-content-body_with-aside" itemprop="articleBody">
{body}</div>
<ul class="tags--snippet__list">{self._tags(entry)}</ul>"""

    def _mobile_article(self, entry: Entry, printed: Printed) -> str:
        parts, who = self._parts(entry), printed.byline[0] if printed.byline else "Liputan6.com"
        body = "\n".join(
            f"""<div class="article-content-body__item">{f'<h2 class="article-content-body__item-title">{esc(title)}</h2>' if title else ""}
<div class="article-raw-content" itemprop="description">{text}</div><div class="article-ad"></div>
{f'<div class="article-content-body__break"><div class="article-content-body__item-index">{number + 1} dari {len(parts)} halaman</div><hr></div>' if number < len(parts) else ""}</div>"""
            for number, (title, text) in enumerate(parts, 1)
        )
        return f"""<div class="article-header"><h1 class="article-header__title">{esc(entry.headline)}</h1>
<span class="article-header__authors">Oleh <span><a class="article-header__author-link" href="https://m.liputan6.com/me/x">{esc(who)}</a></span></span>
<span class="article-header__datetime">pada {_when(entry.published_at)}</span></div>
<div class="article-photo-gallery--item"><img src="{self._image(entry)}" alt=""><div class="article-photo-gallery--item__button-zoom">Perbesar</div>
<div class="article-photo-gallery--item__description"><span>{esc(printed.captions[0])} {esc(printed.credits[0])}</span></div></div>
<div class="article-content-body multisection" itemprop="articleBody">
{body}
<div class="article-content-body__item"><h2 class="article-content-body__item-title">Saksikan Video Pilihan Berikut Ini:</h2><div class="article-video-gallery--item"></div></div>
<div class="article-content-body__load-more yeah">Lanjutkan Membaca ↓</div></div>
<div class="tags--topics"><h2>Tag Terkait</h2><ul>{self._tags(entry)}</ul></div>
<ul class="article-credits">{_credit(who, "Author")}{_credit(self.copy(entry).editor, "Editor")}</ul>"""

    def _old_article(self, entry: Entry, printed: Printed) -> str:
        at, who = entry.published_at, printed.byline[0] if printed.byline else "Liputan6.com"
        text = "\n".join(
            f"{f'<h3>{esc(title)}</h3>' if title else ''}{text}" for title, text in self._parts(entry)
        )
        return f"""<article class="hentry main"><header class="read-page--header"><h1 class="read-page--header__title" itemprop="headline">{esc(entry.headline)}</h1>
<div class="read-page--header__by-author">By <span class="read-page--header__author vcard"><span class="fn" itemprop="author">{esc(who)}</span></span>
<p class="read-page--header__datetime-wrapper"><time class="read-page--header__datetime updated" itemprop="datePublished" datetime="{at:%Y-%m-%d %H:%M:%S}">on {at.day:02d} {SHORT_MONTHS[at.month - 1]} {at.year} at {clock(at)} WIB</time></p></div></header>
<figure class="read-page--photo-gallery--item"><img src="{self._image(entry)}" alt=""><figcaption class="read-page--photo-gallery--item__caption">{esc(printed.captions[0])} {esc(printed.credits[0])}</figcaption></figure>
<div class="read-page--content"><div class="read-page__content-body text-detail js-multi-page-container" itemprop="description"><div id="multi-page-0">
{text}
<p>(Cas/Isk)</p></div></div></div>
<ul class="read-page--credits__list"><li class="read-page--credits__role"><span>Editor</span></li><li class="read-page--credits__item"><span class="read-page--credits__name">{esc(printed.editors[0])}</span></li></ul></article>"""

    def _tags(self, entry: Entry) -> str:
        return "".join(f'<li><a href="{SITE}/tag/{slugify(tag)}">{esc(tag)}</a></li>' for tag in entry.tags)

    def _page(self, title: str, main: str, entry: Entry | None = None) -> Response:
        newest = links(
            [(each.url, each.headline) for each in self.newest(12)],
            '<li><a class="articles--right-list__link" href="{url}"><h5>{title}</h5></a></li>',
        )
        return html(
            f"""{_HEAD}<title>{esc(title)} - Liputan6.com</title>
{self._head(entry) if entry is not None else ""}{_BODY}
{main}
<aside class="sidebar"><h4>Berita Terkini</h4><ul class="articles--right-list">{newest}</ul></aside>
{_FOOT}""",
            modified=entry.modified_at if entry else None,
        )

    def _head(self, entry: Entry) -> str:
        copy, at = self.copy(entry), iso(entry.published_at)
        printed = self.printed(entry, copy)
        data = news_article(
            entry,
            publisher="Liputan6.com",
            author=person(printed.byline[0] if printed.byline else "Liputan6.com"),
        )
        return f"""<link rel="canonical" href="{entry.url}">
<link rel="amphtml" href="https://m.liputan6.com/amp/{entry.path.split("/")[-2]}/{entry.slug}">
<meta property="og:site_name" content="liputan6.com"><meta property="og:type" content="article"><meta property="og:title" content="{esc(entry.headline)}">
<meta property="article:published_time" content="{at}"><meta name="author" content="Liputan6.com">
{script(data)}"""


def _when(at: datetime) -> str:
    return f"{at.day:02d} {SHORT_MONTHS[at.month - 1]} {at.year}, {clock(at)} WIB"


def _credit(name: str, role: str) -> str:
    return f'<li class="article-credits__item"><span class="article-credits__item-name">{esc(name)}</span><span class="article-credits__item-role">{role}</span></li>'


_GALLERY = "FOTO: Rombongan Rusia Disambut Barisan Kehormatan di Pyongyang"


def _gallery_path(day: date) -> str:
    return f"/global/read/{GALLERIES + day.toordinal()}/{slugify(_GALLERY)}"


_HEAD = f"""<!DOCTYPE html>
<html lang="id"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1.0">
<style>{style_filler("liputan6", 13_000)}</style><script>{script_filler("liputan6", 18_000)}</script>
"""
_BODY = f"""</head><body><div class="container-header"><a class="navbar--top--logo" href="{SITE}/"><img src="/logo.png" alt="Liputan6.com"></a>
{menu(SITE, MENU)}</div><div class="read-page">
"""
_FOOT = f"""</div><footer class="footer"><a href="{SITE}/info/kontak">Kontak</a><a href="{SITE}/info/disclaimer">Kebijakan Privasi</a>
<p>Copyright © 2026 Liputan6.com KLY KapanLagi Youniverse All Right Reserved</p></footer>
<script>{script_filler("liputan6-foot", 8_000)}</script></body></html>"""
