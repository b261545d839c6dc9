# ruff: noqa: E501 - markup keeps its lines
"""Media Indonesia, national daily: one host, articles by section and number.

Lists: a search that is a form (POST, twenty a page), the newest of each section by offset, a sitemap. Articles
are never split. The printed time has no zone and stands day first; linked data is some minutes late and calls
the editor the author. Stories open with a word in capitals and end in the section's letter and a digit.
Layouts: `2022` and `2018` before, whose articles have addresses of another form.
"""

from dataclasses import replace
from random import Random
from typing import ClassVar
from urllib.parse import parse_qsl

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
from tests.newsworld.messages import Request, Response, html, plain, xml
from tests.newsworld.model import Copy, Entry, Headline, Plan
from tests.newsworld.outlets.base import Outlet
from tests.newsworld.outlets.feeds import sitemap
from tests.newsworld.outlets.linked import news_article, person, script
from tests.newsworld.outlets.shown import Printed
from tests.newsworld.printed import SHORT_MONTHS, clock, day, iso

STEP = 20
NEW_LAYOUT_FROM = 2022
MAP_ITEMS = 60
SITE = "https://mediaindonesia.com"
SECTIONS = {
    # Now and then a story from abroad stands among those from home.
    "internasional": (*("internasional",) * 5, "politik-dan-hukum"),
    "nasional": ("politik-dan-hukum", "humaniora"),
    "ekonomi": ("ekonomi",),
    "daerah": ("nusantara", "megapolitan"),
    "olahraga": ("sepak-bola", "olahraga"),
    "gaya": ("hiburan", "teknologi", "kuliner"),
}
NAMES = tuple(sorted({name for names in SECTIONS.values() for name in names}))
MENU = ("Politik dan Hukum", "Ekonomi", "Megapolitan", "Internasional", "Humaniora", "Olahraga", "Nusantara")
ROBOTS = f"User-agent: *\nDisallow: /login\nDisallow: /template/\n\nSitemap: {SITE}/sitemap.xml\n"


class MediaIndonesia(Outlet):
    """mediaindonesia.com."""

    name = "mediaindonesia"
    hosts = ("mediaindonesia.com", "www.mediaindonesia.com", "epaper.mediaindonesia.com")
    options: ClassVar = {"search": ("honest", "ignores-query")}

    def place(self, plan: Plan, headline: Headline) -> Entry:
        """Return the place: section and number; the number alone in an address of the old form."""
        section = Random(plan.key + "/place").choice(SECTIONS[headline.desk])
        slug, number = slugify(headline.text), 612_000 + plan.number
        new = plan.published_at.year >= NEW_LAYOUT_FROM
        return self.new_entry(
            plan,
            headline,
            host="mediaindonesia.com",
            path=f"/{section}/{number}/{slug}" if new else f"/read/detail/{number}-{slug}",
            slug=slug,
            section=section,
            layout="2022" if new else "2018",
            lists=("search", "section", "sitemap"),
        )

    def write(self, entry: Entry) -> Copy:
        """Return the story with its first word in capitals."""
        copy = super().write(entry)
        first, _, rest = copy.blocks[0].text.partition(" ")
        return replace(
            copy, blocks=(replace(copy.blocks[0], text=f"{first.upper()} {rest}"), *copy.blocks[1:])
        )

    def printed(self, entry: Entry, copy: Copy) -> Printed:
        """Return the credits; where no reporter is named the outlet stands in his place."""
        nobody = Random(entry.key + "/printed").random() < 0.15
        return Printed(
            byline=() if nobody else (copy.reporter,),
            editors=(copy.editor,),
            captions=(copy.captions[0],),
            credits=(f"({copy.credits[0].strip('()')})",),
        )

    def template(self, host: str, title: str, main: str) -> Response:
        """Return a page in the outlet's own dress."""
        del host
        return self._page(title, main)

    def respond(self, request: Request) -> Response | None:
        """Answer for the one host; the others lead to it."""
        path = request.path.rstrip("/")
        if path == "/robots.txt":
            return plain(ROBOTS)
        if request.host != "mediaindonesia.com":
            return self._page("E-Paper", '<div class="e-paper"></div>')
        if path == "/search":
            return self._search(request)
        if path == "/sitemap.xml":
            return xml(sitemap([(each.url, iso(each.modified_at)) for each in self.newest(MAP_ITEMS)]))
        if not path:
            return self._list("Media Indonesia", self.newest(STEP))
        entry = self.at(request.host, path)
        return self._article_page(entry) if entry is not None else self._section(path)

    # Lists

    def _search(self, request: Request) -> Response:
        """Answer the form: `q`, and `next` from the second page on; asked by GET it only shows itself."""
        fields = dict(parse_qsl(request.body.decode())) if request.method == "POST" else {}
        words, page = fields.get("q", ""), fields.get("next", "0")
        found = self.newest() if self.chosen["search"] == "ignores-query" else self.search(words)
        start = STEP * (int(page) if page.isdigit() and len(page) < 5 else 0)
        return self._list(f"Hasil pencarian {words}", found[start : start + STEP] if fields else [])

    def _section(self, path: str) -> Response | None:
        name, *rest = path.strip("/").split("/")
        if name not in {*NAMES, "indeks"} or rest[:1] not in ([], [str(STEP)]):
            return None
        offset = int(rest[1]) if len(rest) > 1 and rest[1].isdigit() and len(rest[1]) < 7 else 0
        entries = self.newest(offset + STEP, lambda entry: name in {entry.section, "indeks"})
        return self._list(name.replace("-", " ").title(), entries[offset:], video=not offset)

    def _list(self, title: str, entries: list[Entry], *, video: bool = False) -> Response:
        items = [self._item(entry.url, entry) for entry in entries]
        if video and entries:
            items.insert(1, self._item(f"{SITE}/video/detail_video/{entries[0].number}", entries[0]))
        rows = "\n".join(items) or '<p class="empty">Berita tidak ditemukan</p>'
        more = f'<div class="has-text-centered"><a href="{SITE}/indeks" class="bt bt-primary">LOAD MORE</a></div>'
        return self._page(
            title,
            f'<section><div class="ti">{esc(title)}</div><ul class="list-3">{rows}</ul>{more}</section>',
        )

    def _item(self, url: str, entry: Entry, tag: str = "h2") -> str:
        picture = f'<div class="pic"><figure class="ratio ratio-1"><a href="{url}"><img class="lazyload" src="{self._image(entry)}" alt=""></a></figure></div>'
        return f"""<li>{picture}<div class="text"><{tag}><a href="{url}">{esc(entry.headline)}</a></{tag}>
<span><i class="fa fa-clock"></i> {self._when(entry)}</span></div></li>"""

    # Pages

    def _when(self, entry: Entry) -> str:
        at = entry.published_at
        return f"{at.day:02d}/{at.month}/{at.year} {clock(at)}"

    def _image(self, entry: Entry) -> str:
        return f"https://asset.mediaindonesia.com/news/{entry.published_at:%Y/%m}/{entry.number:x}.jpg"

    def _body(self, entry: Entry, cross_link: str) -> str:
        """Return the text with a cross link, an advert and an empty paragraph in it, and its sign-off."""
        blocks, rng = self.copy(entry).blocks, Random(entry.key + "/body")
        other = links(
            [(each.url, each.headline) for each in self.earlier(entry, rng.choice((1, 1, 3)))], cross_link
        )
        advert = """<div class="flying-carpet"><div class="amp-fx-flying-carpet"><div class="dfp-ad"><div class="dfp-ad-container">
<div id="Ads_paralax"><ins class="adsbygoogle" id="ins_paralax"></ins></div></div></div></div></div><p></p>"""
        between = dict(zip(places_between(blocks, 2, rng), (other, advert), strict=False))
        text = blocks_html(
            blocks,
            lambda inner: f"<p>{inner}</p>",
            lambda inner: (
                f"<p><strong>{inner}</strong></p>" if entry.layout == "2018" else f"<h3>{inner}</h3>"
            ),
            between,
        )
        return f"{text}\n<p>({entry.section[0].upper()}-{1 + entry.number % 5})</p>"

    def _article_page(self, entry: Entry) -> Response:
        copy = self.copy(entry)
        build = self._new_article if entry.layout == "2022" else self._old_article
        return self._page(entry.headline, build(entry, self.printed(entry, copy)), entry)

    def _new_article(self, entry: Entry, printed: Printed) -> str:
        text = self._body(entry, '<p class="related-news">Baca juga : <a href="{url}">{title}</a></p>')
        tags = "".join(
            f'<li><a class="bt bt-grey" href="{SITE}/tag/{slugify(tag)}"># {esc(tag)}</a></li>'
            for tag in entry.tags
        )
        return f"""<div class="post-header"><ul class="mi-breadcrumb"><li><a href="{SITE}/">Home <i class="fa fa-angle-right"></i></a></li>
<li><a href="{SITE}/{entry.section}">{entry.section.replace("-", " ").title()}</a></li></ul>
<h1>{esc(entry.headline)}</h1>
<div class="info"><div class="author-2">{esc(printed.byline[0] if printed.byline else "Media Indonesia")}</div>
<span class="datetime">{self._when(entry)}</span><div class="font-size-bt-group"><button class="bt-min">A-</button><button class="bt-plus">A+</button></div></div></div>
<div class="article"><figure class="main-img"><img class="zoomable" src="{self._image(entry)}" alt="{esc(entry.headline)}">
<figcaption>{esc(printed.captions[0])}{esc(printed.credits[0])}</figcaption></figure>
{text}
<br><br><div class="ext-channel">Cek berita dan artikel yg lain di <a href="https://news.google.com/publications/mi">Google News</a> dan dan ikuti <a href="https://whatsapp.com/channel/mi">WhatsApp channel</a> mediaindonesia.com</div>
<div class="info-author">Editor : <a href="{SITE}/author/{entry.number % 90}/x" class="author">{esc(printed.editors[0])}</a></div>
<div class="_ap_apex_ad"></div></div>
<div class="foot-article"><div class="share-group"><span>SHARE</span><a href="https://www.facebook.com/share.php?u={entry.url}"></a></div></div>
<ul class="related-tags"><li>Tags:</li>{tags}</ul>
<section><div class="ti">Berita Lainnya</div><ul class="list-3"></ul></section>"""

    def _old_article(self, entry: Entry, printed: Printed) -> str:
        at = entry.published_at
        text = self._body(entry, '<p><strong>Baca juga : <a href="{url}">{title}</a></strong></p>')
        return f"""<ol class="breadcrumb"><li><a href="{SITE}/">Home</a></li><li><a href="{SITE}/{entry.section}">{entry.section.title()}</a></li></ol>
<h1>{esc(entry.headline)}</h1>
<p class="meta"><span>Penulis: <strong>{esc(printed.byline[0] if printed.byline else "mediaindonesia.com")}</strong></span>
<span>Pada: {day(at)}, {at.day:02d} {SHORT_MONTHS[at.month - 1]} {at.year}, {clock(at)} WIB</span></p>
<figure><img src="{self._image(entry)}" alt=""><figcaption>{esc(printed.captions[0])} {esc(printed.credits[0])}</figcaption></figure>
<div itemprop="articleBody" class="article-text">
{text}
</div>
<p class="penyunting">Editor: {esc(printed.editors[0])}</p>"""

    def _page(self, title: str, main: str, entry: Entry | None = None) -> Response:
        newest = self.newest(8)
        opinions = "\n".join(self._item(each.url, each, "h3") for each in newest)
        ticker = links(
            [(each.url, each.headline) for each in newest[:4]],
            '<a href="{url}"><div class="item">{title}</div></a>',
        )
        teasers = "".join(
            f'<div class="card-1"><div class="text"><h5>{name}</h5><div class="card-1-title"><a href="https://epaper.mediaindonesia.com/detail/{each.slug}">'
            f"{esc(each.headline)}</a></div><p>{esc(self.copy(each).standfirst)}</p></div></div>"
            for name, each in zip(("Headline", "Fokus"), newest[4:], strict=False)
        )
        return html(
            f"""{_HEAD}<title>{esc(title)}</title>
{self._head(entry) if entry is not None else ""}{_BODY}<div class="columns">{teasers}</div>
<section class="newsticker"><div class="title">NEWSTICKER</div><div class="newsticker-slider owl-carousel">{ticker}</div></section>
<section class="detail"><div class="container max-w-1024"><div class="columns"><div class="column is-8">
{main}
</div><div class="column is-4"><section><div class="ti">Opini</div><ul class="list-4">{opinions}</ul></section></div></div></div></section>
{_FOOT}""",
            modified=entry.modified_at if entry else None,
        )

    def _head(self, entry: Entry) -> str:
        copy, at = self.copy(entry), entry.published_at
        head = f"""<link rel="canonical" href="{entry.url}">
<meta property="og:type" content="website"><meta property="og:url" content="{entry.url}">
<meta property="og:title" content="{esc(entry.headline)}"><meta name="author" content="mediaindonesia.com developer">
<meta name="keywords" content="{esc(", ".join(entry.tags))}">"""
        if entry.layout == "2018":
            return head
        data = news_article(
            entry,
            publisher="Media Indonesia",
            datePublished=iso(at.replace(minute=(at.minute + 3) % 60)),
            author={**person(copy.editor), "jobTitle": "Jurnalis"},
        )
        return f"{head}\n{script(data)}"


_HEAD = f"""<!DOCTYPE html>
<html lang="id"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1.0">
<style>{style_filler("mediaindonesia", 14_000)}</style><script>{script_filler("mediaindonesia", 17_000)}</script>
"""
_BODY = f"""</head><body><div id="div-gpt-ad-oop1"></div><div class="master"><div class="header">
<div class="banner top-banner"><div id="Ads_billboard"></div></div>
<form class="src" action="/search" method="post"><input type="text" name="q"><button><i class="fa fa-search"></i></button></form>
<a href="{SITE}/" class="logo"><img src="{SITE}/images/logo.png" alt="Media Indonesia"></a>{menu(SITE, MENU)}
"""
_FOOT = f"""</div></div><footer class="footer"><a href="{SITE}/redaksi">Redaksi</a><a href="{SITE}/kontak">Kontak</a>
<p>Copyright @ 2026 Media Group - mediaindonesia. All Rights Reserved</p></footer>
<script>{script_filler("mediaindonesia-foot", 8_000)}</script></body></html>"""
