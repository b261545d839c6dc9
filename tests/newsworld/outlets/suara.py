# ruff: noqa: E501 - markup keeps its lines
"""Suara, news portal: addresses hold the second of publication, and lists print no times.

Lists: an index of all (20 a page), tag pages, a feed; search is drawn by a script, whose data is closed to who
asks for it plainly. Long stories are cut (`?page=2`, `?page=all`); the AMP mirror has each of them whole.
Layouts: `2021`, and `2016` before.
"""

from collections.abc import Callable, Sequence
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
from tests.newsworld.model import Copy, Entry, Headline, Plan
from tests.newsworld.outlets import drawn
from tests.newsworld.outlets.base import Outlet
from tests.newsworld.outlets.feeds import rss_feed
from tests.newsworld.outlets.linked import news_article, person, script
from tests.newsworld.outlets.shown import Printed, Shown
from tests.newsworld.printed import clock, day, month

STEP, FEED_ITEMS, LONG = 20, 20, 14
NEW_LAYOUT_FROM = 2021
SITE = "https://www.suara.com"
CHANNELS = {
    "internasional": ("news",),
    "nasional": ("news",),
    "ekonomi": ("bisnis",),
    "daerah": ("news", "jogja"),
    "olahraga": ("bola", "sport"),
    "gaya": ("lifestyle", "health", "tekno"),
}
MENU = (
    "News",
    "Bisnis",
    "Bola",
    "Lifestyle",
    "Entertainment",
    "Otomotif",
    "Tekno",
    "Health",
    "Foto",
    "Video",
)
DATA, EMPTY = "/api", '<p class="not-found">Berita tidak ditemukan.</p>'
ROW = """<div class="item"><div class="img-thumb"><a href="{url}"><img src="/t.jpg" alt=""></a></div><div class="description">
<h2><a href="{url}">{title}</a></h2></div></div>"""
GALLERY = "Foto: Anak-anak Belajar Menari di Wonsan bersama Guru dari Rusia"


class Suara(Outlet):
    """www.suara.com, a regional edition, and the AMP mirror."""

    name = "suara"
    hosts = ("www.suara.com", "amp.suara.com", "jogja.suara.com")

    def place(self, plan: Plan, headline: Headline) -> Entry:
        """Return the place: channel, day and second; a regional story is on its edition's host."""
        rng = Random(plan.key + "/place")
        channel, slug, at = rng.choice(CHANNELS[headline.desk]), slugify(headline.text), plan.published_at
        regional = channel == "jogja"
        return self.new_entry(
            plan,
            headline,
            host="jogja.suara.com" if regional else "www.suara.com",
            path=f"/{'read' if regional else channel}/{at:%Y/%m/%d/%H%M}{plan.number % 60:02d}/{slug}",
            slug=slug,
            section=channel,
            layout="2021" if at.year >= NEW_LAYOUT_FROM else "2016",
            lists=("index", "search", "feed", *(f"tag/{slugify(tag)}" for tag in headline.tags)),
        )

    def printed(self, entry: Entry, copy: Copy) -> Printed:
        """Return the credits: the old layout names the editor too."""
        return Printed(
            standfirst=copy.standfirst if entry.layout == "2021" else None,
            byline=(copy.reporter,),
            editors=(copy.editor,) if entry.layout == "2016" else (),
            captions=(copy.captions[0],),
            credits=(f"[{copy.credits[0].strip('()')}]",),
        )

    def template(self, host: str, title: str, main: str) -> Response:
        """Return a page in the outlet's own dress."""
        del host
        return self._page(title, main)

    def split(self, entry: Entry, copy: Copy) -> int:
        """Return the number of pages: two for some of the long stories."""
        return 2 if len(copy.blocks) >= LONG and Random(entry.key + "/split").random() < 0.6 else 1

    def refuse(self, request: Request) -> Response | None:
        """Refuse the data of drawn lists to whoever does not ask for it as their script does."""
        return drawn.closed_to_plain_clients(request, f"{DATA}/")

    def respond(self, request: Request) -> Response | None:
        """Answer for the portal, its edition and its mirror."""
        steps = request.path.strip("/").split("/")
        start = STEP * (max(request.number("page", 1), 1) - 1)
        lists: dict[str, Callable[[], Response | None]] = {
            "robots.txt": lambda: plain("User-agent: *\nDisallow: /cms/\n"),
            "": lambda: self._list("Suara.com", self.newest(STEP)),
            "indeks": lambda: self._list("Indeks", self.newest(start + STEP)[start:], gallery=not start),
            "rss": lambda: self._feed(steps[-1]),
            "tag": lambda: self._tag("/".join(steps), start),
            "search": lambda: self._page("Pencarian", drawn.shell("hasil", "/build/cari.js", "Pencarian")),
            "build": lambda: drawn.drawing(box="hasil", data=DATA, row=ROW, empty=EMPTY),
            "api": lambda: self._found(request.query.get("q", ""), start),
            "foto": self._gallery,
        }
        if steps[0] in lists:
            return lists[steps[0]]()
        mirror = request.host == "amp.suara.com"
        entry = self.at("www.suara.com" if mirror else request.host, request.path)
        if entry is None:
            return None
        return self._article_page(
            entry, self.shown(entry, "all" if mirror else request.query.get("page", "1"))
        )

    # Lists

    def _found(self, words: str, start: int) -> Response:
        found = self.search(words)[start : start + STEP]
        return drawn.items(found, [""] * len(found))

    def _tag(self, name: str, start: int) -> Response | None:
        entries = self.newest(start + STEP, lambda entry: name in entry.lists)
        return self._list(name, entries[start:]) if entries else None

    def _list(self, title: str, entries: Sequence[Entry], *, gallery: bool = False) -> Response:
        rows = [
            (each.url.replace("//www.", "//amp.") if each.number % 17 == 5 else each.url, esc(each.headline))
            for each in entries
        ]
        if gallery and entries:
            at = entries[0].published_at
            rows.insert(1, (f"{SITE}/foto/{at:%Y/%m/%d/%H%M}00/{slugify(GALLERY)}", GALLERY))
        items = "\n".join(ROW.format(url=url, title=headline) for url, headline in rows)
        return self._page(title, f'<div class="list-item-y-img-retangle">{items}</div>')

    def _feed(self, channel: str) -> Response:
        entries = self.newest(FEED_ITEMS, lambda entry: channel in {"rss", entry.section})
        return xml(rss_feed(f"Suara.com - {channel}", SITE, entries), content_type=RSS)

    # Pages

    def _gallery(self) -> Response:
        return self._page(GALLERY, f'<h1>{GALLERY}</h1><div class="slider"><img src="/1.jpg" alt=""></div>')

    def _body(self, entry: Entry, shown: Shown) -> str:
        blocks, rng = self.copy(entry).blocks, Random(entry.key + "/body")
        others = [(each.url, each.headline) for each in self.earlier(entry, 4)]
        label = "Baca Juga" if entry.layout == "2021" else "BACA JUGA"
        cross = links(
            others[:1],
            f'<div class="baca-juga-new"><p class="item--baca-juga-inner">{label}:<a href="{{url}}">{{title}}</a></p></div>',
        )
        advert = '<div id="div-ad-inarticle"></div><div class="placeholder_mid"><span>Advertisement</span></div><div class="ten-second">SCROLL TO CONTINUE WITH CONTENT</div>'
        related = links(others[1:], '<li><a href="{url}">{title}</a></li>')
        between = dict(zip(places_between(blocks, 2, rng), (cross, advert), strict=False))
        text = blocks_html(
            shown.blocks,
            lambda inner: f"<p>{inner}</p>",
            lambda inner: f"<h3>{inner}</h3>",
            shown.here(between),
        )
        name = "SuaraJogja.id" if entry.section == "jogja" else "Suara.com"
        if shown.first:
            text = text.replace("<p>", f"<p><strong>{name} - </strong>", 1)
        return f"{text}\n<h4>Berita Terkait</h4><ul>{related}</ul>" if shown.last else text

    def _article_page(self, entry: Entry, shown: Shown) -> Response:
        printed, at, pager = self.printed(entry, self.copy(entry)), entry.published_at, ""
        if shown.pages > 1 and shown.label != "all":
            steps = [(f"{entry.path}?page={number}", str(number)) for number in range(1, shown.pages + 1)]
            pager = f'<ul class="pagination">{links([*steps, (f"{entry.path}?page=all", "Tampilkan Semua")], "<li><a href={url}>{title}</a></li>")}</ul>'
        when = f"{day(at)}, {at.day:02d} {month(at)} {at.year} | {clock(at)} WIB"
        if entry.layout == "2021":
            names, body = (
                f"""<h2 class="sub-title">{esc(printed.standfirst or "")}</h2>
<div class="writer"><a href="{SITE}/penulis">{esc(printed.byline[0])}</a> <span>Suara.Com</span></div>""",
                "article-content detail-font",
            )
        else:
            names, body = (
                f"<p>Penulis: {esc(printed.byline[0])} | Editor: {esc(printed.editors[0])}</p>",
                "detail-content",
            )
        return self._page(
            entry.headline,
            f"""<ul class="breadcrumb"><li><a href="{SITE}">Home</a></li><li><a href="{SITE}/{entry.section}">{entry.section.title()}</a></li></ul>
<div class="info"><h1>{esc(entry.headline)}</h1>{names}<div class="date-article"><span>{when}</span></div></div>
<figure class="img-cover"><img src="https://media.suara.com/pictures/{entry.number:x}.jpg" alt="{esc(entry.headline)}"><figcaption>{esc(printed.captions[0])} {esc(printed.credits[0])}</figcaption></figure>
<article class="{body}"><p class="follow">Ikuti Suara.com di <a href="https://whatsapp.com/channel/suara">WhatsApp Channel</a> dan <a href="https://news.google.com/publications/suara">Google News</a></p>
{self._body(entry, shown)}
</article>{pager}
<div class="tag-header"><span>Tag</span><ul>{links([(f"{SITE}/tag/{slugify(tag)}", f"# {tag}") for tag in entry.tags], '<li><a href="{url}">{title}</a></li>')}</ul></div>""",
            entry,
        )

    def _page(self, title: str, main: str, entry: Entry | None = None) -> Response:
        # The oldest as well: what is popular need not be new.
        popular = [*self.newest(6), *self.published()[:3]]
        items = "\n".join(ROW.format(url=each.url, title=esc(each.headline)) for each in popular)
        return html(
            f"""{_HEAD}<title>{esc(title)}</title>
{self._head(entry) if entry is not None else ""}{_BODY}
<div class="wrap"><div class="content">
{main}
</div><aside class="sidebar"><h3>Terpopuler</h3>{items}</aside></div>
{_FOOT}""",
            modified=entry.modified_at if entry else None,
        )

    def _head(self, entry: Entry) -> str:
        head = f"""<link rel="canonical" href="{entry.url}"><link rel="amphtml" href="https://amp.suara.com{entry.path}">
<meta property="og:type" content="article"><meta property="og:site_name" content="suara.com"><meta property="og:title" content="{esc(entry.headline)}">"""
        if entry.layout == "2016":
            return head
        data = news_article(entry, publisher="Suara.com", author=person(self.copy(entry).reporter))
        return f"{head}\n{script(data)}"


_HEAD = f"""<!DOCTYPE html>
<html lang="id"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<style>{style_filler("suara", 14_000)}</style><script>{script_filler("suara", 18_000)}</script>
"""
_BODY = f"""</head><body><header><a href="{SITE}"><img src="https://assets.suara.com/logo.png" alt="suara.com"></a>{menu(SITE, MENU)}</header>
"""
_FOOT = f"""<footer><a href="{SITE}/pages/redaksi">Redaksi</a><a href="{SITE}/pages/kontak">Kontak</a>
<p>© 2026 suara.com - All Rights Reserved.</p></footer>
<script>{script_filler("suara-foot", 8_000)}</script></body></html>"""
