# ruff: noqa: E501 - markup keeps its lines
"""Republika: channel hosts under one template, a nine-character code in each address, no date in it.

Lists: search (`/search/v3`, also by dates), index by offset (50 a page) and by day, feeds of 15, one sitemap of about
350 addresses that mixes channels and articles. robots.txt bars Scrapy and many others by name. Layouts: `2023`
(paragraphs within paragraphs, an empty h1 now and then, another article below) and `2015` before, where long
stories go on at `…-part2`.
"""

from datetime import timedelta
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
from tests.newsworld.messages import RSS, Request, Response, html, plain, redirect, xml
from tests.newsworld.model import Copy, Entry, Headline, Plan
from tests.newsworld.outlets.base import Outlet, day_of
from tests.newsworld.outlets.feeds import rss_feed, sitemap
from tests.newsworld.outlets.linked import news_article, person, script
from tests.newsworld.outlets.shown import Printed, Shown
from tests.newsworld.printed import ENGLISH_MONTHS, SHORT_MONTHS, clock, day, iso, month, relative

if TYPE_CHECKING:
    from collections.abc import Callable

STEP, INDEX_STEP, FEED_ITEMS, MAP_ITEMS = 20, 50, 15, 330
NEW_LAYOUT_FROM = 2023
CHANNELS = {
    "internasional": ("internasional", "internasional", "internasional", "news"),
    "nasional": ("news",),
    "ekonomi": ("ekonomi", "esgnow"),
    "daerah": ("rejabar", "rejogja"),
    "olahraga": ("sport",),
    "gaya": ("ameera",),
}
HOSTS = tuple(sorted({channel for channels in CHANNELS.values() for channel in channels}))
BARRED = (
    *("Scrapy", "news-please", "GPTBot", "ClaudeBot", "CCBot", "anthropic-ai", "Bytespider", "PerplexityBot"),
    *("Diffbot", "magpie-crawler", "TurnitinBot", "omgilibot", "cohere-ai", "FacebookBot"),
)
CLOSED = (
    *("/search/?q=", "/komentar/", "/copy/", "/cron/", "/curl/", "/feed/", "/post/", "/ajax/"),
    *("/*?utm_source=", "/*?source="),
)
ROBOTS = (
    "User-agent: *\n"
    + "".join(f"Disallow: {path}\n" for path in CLOSED)
    + "".join(f"\nUser-agent: {bot}\nDisallow: /\n" for bot in BARRED)
    + "\nSitemap: https://republika.co.id/files/xml/sitemap.xml\n"
)
MENU = ("News", "Internasional", "Ekonomi", "Khazanah", "Sport", "Ameera", "Rejabar", "Visual", "Esgnow")
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def code(number: int) -> str:
    """Return the nine characters that stand for an article: a letter, five of its number, three digits."""
    left, out = number * 7919 % 36**5, ""
    while len(out) < 5:
        left, digit = divmod(left, 36)
        out = DIGITS[digit] + out
    return f"t{out}{number % 1000:03d}"


class Republika(Outlet):
    """republika.co.id and its channels."""

    name = "republika"
    hosts = ("republika.co.id", "www.republika.co.id", *(f"{host}.republika.co.id" for host in HOSTS))
    options: ClassVar = {"search": ("honest", "ignores-query")}

    def place(self, plan: Plan, headline: Headline) -> Entry:
        """Return the place: a channel host, the code and the slug."""
        rng = Random(plan.key + "/place")
        channel, slug = rng.choice(CHANNELS[headline.desk]), slugify(headline.text)
        lists = ["search", "index", "feed"]
        if rng.random() > 0.05:
            lists.append("sitemap")
        return self.new_entry(
            plan,
            headline,
            host=f"{channel}.republika.co.id",
            path=f"/berita/{code(plan.number)}/{slug}",
            slug=slug,
            section=channel,
            layout="2023" if plan.published_at.year >= NEW_LAYOUT_FROM else "2015",
            lists=tuple(lists),
        )

    def printed(self, entry: Entry, copy: Copy) -> Printed:
        """Return the credits; a story of an agency has an editor only. Captions are often the lead, cut short."""
        rng = Random(entry.key + "/printed")
        agency = rng.choice(("Antara", "Reuters", "AP")) if rng.random() < 0.35 else None
        caption = copy.captions[0]
        if rng.random() < 0.3:
            caption = copy.blocks[0].text.rstrip(".")
        credit = f"Foto: {copy.credits[0]}" if entry.layout == "2023" else copy.credits[0]
        return Printed(
            standfirst=copy.standfirst.rstrip(".") if entry.layout == "2023" else None,
            byline=() if agency else (copy.reporter,),
            editors=(copy.editor,),
            dateline=copy.dateline,
            source=agency,
            captions=(caption,),
            credits=(credit,),
        )

    def template(self, host: str, title: str, main: str) -> Response:
        """Return a page in the outlet's own dress."""
        del host
        return self._page(title, main)

    def story_path(self, path: str) -> str:
        """Return the path of the story: its second page has another."""
        return path.rstrip("/").replace("/berita//", "/berita/", 1).removesuffix("-part2")

    def split(self, entry: Entry, copy: Copy) -> int:
        """Return the number of pages: two for long stories of the old layout, else one."""
        return 2 if entry.layout == "2015" and len(copy.blocks) > 12 else 1

    def page_urls(self, entry: Entry, parts: int) -> tuple[str, ...]:
        """Return the addresses of the pages: the second has its own slug."""
        return (entry.url,) if parts == 1 else (entry.url, f"{entry.url}-part2")

    def whole_url(self, entry: Entry, parts: int) -> str | None:
        """Return the address of the whole story: a divided one has none."""
        return entry.url if parts == 1 else None

    def respond(self, request: Request) -> Response | None:
        """Answer for the portal and the channels, which share all paths."""
        path = request.path.rstrip("/")
        routes: tuple[tuple[str, Callable[[], Response | None]], ...] = (
            ("/robots.txt", lambda: plain(ROBOTS)),
            ("/search/v3", lambda: self._search(request, path)),
            ("/index", lambda: self._index(path)),
            ("/indeks", lambda: self._list_page("Indeks", self.newest(INDEX_STEP))),
            ("/rss", lambda: self._feed(path.removeprefix("/rss").strip("/"))),
            ("/files/xml/sitemap.xml", self._map),
            ("/tag", lambda: self._page("Tag", _TAG_PAGE)),
            ("/share", lambda: self._shared(path.removeprefix("/share/"))),
        )
        for prefix, route in routes:
            if path == prefix or path.startswith(prefix + "/"):
                return route()
        if not path:
            return self._list_page("Republika Online", self.newest(INDEX_STEP))
        return self._story(request.host, path.replace("/berita//", "/berita/", 1))

    def _story(self, host: str, path: str) -> Response | None:
        second = path.endswith("-part2")
        entry = self.at(host, path.removesuffix("-part2"))
        if entry is None or (second and self.split(entry, self.copy(entry)) == 1):
            return None
        return self._article_page(entry, self.shown(entry, "2" if second else "1"))

    def _shared(self, shared: str) -> Response | None:
        found = [entry for entry in self.published() if entry.path.startswith(f"/berita/{shared}/")]
        return redirect(found[0].url) if found else None

    # Lists

    def _link(self, entry: Entry) -> str:
        """Return the address as lists print it: now and then with a doubled slash."""
        return entry.url.replace("/berita/", "/berita//") if entry.number % 36 == 20 else entry.url

    def _search(self, request: Request, path: str) -> Response:
        words = request.query.get("q", "")
        found = self.newest() if self.chosen["search"] == "ignores-query" else self.search(words)
        page = max(request.number("page", 1), 1)
        steps = path.removeprefix("/search/v3").strip("/").split("/")
        if steps[0] == "all":
            page = int(steps[1]) if len(steps) > 1 and steps[1].isdigit() else 1
            first, last = day_of(request.query.get("startdate", "")), day_of(request.query.get("enddate", ""))
            if request.query.get("latest_date") == "custom":
                found = [
                    entry
                    for entry in found
                    if (first is None or entry.published_at.date() >= first)
                    and (last is None or entry.published_at.date() <= last)
                ]
        start = (max(page, 1) - 1) * STEP
        items = "\n".join(
            f'<div class="news-item"><div class="news-title"><a href="{self._link(entry)}"><h2>{esc(entry.headline)}</h2></a></div>'
            f'<div class="news-summary">{esc(self.copy(entry).standfirst)}</div><div class="date">{self._loose(entry)}</div></div>'
            for entry in found[start : start + STEP]
        )
        return self._page(
            f"Hasil pencarian {words}",
            f'<div class="results-section"><div class="total">{len(found)} hasil</div>{items}</div>',
        )

    def _loose(self, entry: Entry) -> str:
        at = entry.published_at
        if self.now - at < timedelta(days=1):
            return relative(at, self.now)
        return f"{day(at)} , {at.day:02d} {SHORT_MONTHS[at.month - 1]} {at.year}, {clock(at)} WIB"

    def _index(self, path: str) -> Response | None:
        steps = path.removeprefix("/index").strip("/").split("/")
        channel = steps.pop(0) if steps[0] in HOSTS else ""
        numbers = [int(step) for step in steps if step.isdigit() and len(step) < 8]
        if len(numbers) != len([step for step in steps if step]):
            return None
        offset = numbers[0] if numbers else 0
        if len(numbers) == 4 and not channel:
            wanted = day_of("-".join(f"{number:02d}" for number in numbers[1:]))
            entries = self.on_day(wanted) if wanted else []
            return self._list_page("Indeks", entries[offset : offset + INDEX_STEP], dated=True)
        if len(numbers) > 1:
            return None
        entries = self.newest(offset + INDEX_STEP, lambda entry: channel in {"", entry.section})
        return self._list_page("Indeks", entries[offset:])

    def _list_page(self, title: str, entries: list[Entry], *, dated: bool = False) -> Response:
        items = []
        for entry in entries:
            at = entry.published_at
            when = (
                f"{at.day:02d} {ENGLISH_MONTHS[at.month - 1]} {at.year}, {clock(at)}"
                if dated
                else relative(at, self.now)
            )
            items.append(
                f'<li class="list-group-item list-border conten1"><a href="{self._link(entry)}"><div class="conten_center"><div class="date">'
                f'<span class="kanal-info">{entry.section.title()}</span> - {when}</div><h3><span>{esc(entry.headline)}</span></h3></div></a></li>'
            )
        return self._page(
            title,
            f'<ul class="list-group wp-terhangat">{"".join(items)}</ul><a class="btn-next" href="/indeks/filter" data-method="post">Selanjutnya</a>',
        )

    def _feed(self, channel: str) -> Response | None:
        if channel and channel not in HOSTS:
            return None
        entries = self.newest(FEED_ITEMS, lambda entry: channel in {"", entry.section})
        extra = {
            entry.key: f"<dc:creator>{self.copy(entry).editor}</dc:creator><category>{entry.section}</category>"
            for entry in entries
        }
        return xml(
            rss_feed("Republika Online", "https://republika.co.id", entries, extra=extra), content_type=RSS
        )

    def _map(self) -> Response:
        channels = [(f"https://republika.co.id/kanal/{name}", "") for name in HOSTS]
        entries = self.newest(MAP_ITEMS, lambda entry: "sitemap" in entry.lists)
        rows = [(entry.url, iso(entry.modified_at)) for entry in entries]
        return xml(sitemap([*channels[:4], *rows[:40], *channels[4:], *rows[40:]]))

    # Pages

    def _image(self, entry: Entry) -> str:
        return f"https://static.republika.co.id/uploads/images/inpicture_slide/{entry.slug[:40]}_{entry.number}.jpg"

    def _article_page(self, entry: Entry, shown: Shown) -> Response:
        build = self._new_article if entry.layout == "2023" else self._old_article
        return self._page(entry.headline, build(entry, self.copy(entry), shown), entry)

    def _between(self, entry: Entry) -> dict[int, str]:
        """Return the furniture inside the body: a list of other stories, whose heading may stand alone, and adverts."""
        rng = Random(entry.key + "/body")
        spots = places_between(self.copy(entry).blocks, 3, rng)
        other = links(
            [(each.url, each.headline) for each in self.earlier(entry, rng.choice((0, 2, 3)))],
            '<li><a href="{url}">{title}</a></li>',
        )
        pieces = (
            f'<div class="picked-article"><h3>Baca Juga</h3><ul>{other}</ul></div>',
            '<div class="parallax__container"><div id="div-gpt-ad-1654228181896-0"></div></div>',
            '<p class="b2"><p>&nbsp;</p></p><div id="bn_inside"></div>',
        )
        return dict(zip(spots, pieces, strict=False))

    def _new_article(self, entry: Entry, copy: Copy, shown: Shown) -> str:
        printed, at = self.printed(entry, copy), entry.published_at
        rng = Random(entry.key + "/new")
        headline = "" if rng.random() < 0.15 else esc(entry.headline)
        text = blocks_html(
            shown.blocks,
            lambda inner: f'<p class="b2"><p>{inner}</p></p>',
            lambda inner: f'<h3 class="b2">{inner}</h3>',
            self._between(entry),
        )
        text = text.replace(
            '<p class="b2"><p>',
            f'<p class="b2"><p><strong>REPUBLIKA.CO.ID, </strong>{esc(copy.dateline)} -- ',
            1,
        )
        source = (
            f'<div class="footnote-wrap"><div>sumber : {printed.source}</div></div>' if printed.source else ""
        )
        return f"""<div class="breadcrumb"><a href="https://republika.co.id">Home</a> > <a href="https://republika.co.id/kanal/{entry.section}">{entry.section.title()}</a></div>
<div class="max-card"><div class="date date-item__headline">{day(at)}   {at.day:02d} {SHORT_MONTHS[at.month - 1]} {at.year}  {clock(at)} WIB</div>
<div class="max-card__title"><h1>{headline}</h1><p class="max-card__teaser">{esc(printed.standfirst or "")}</p><div>{_who(printed, "/")}</div></div></div>
<div class="main-content"><div class="main-content__left">
<figure class="detail__media"><img src="{self._image(entry)}" alt="{esc(printed.captions[0])}">
<figcaption class="detail__media-caption"><div class="source-img">{esc(printed.credits[0])}</div><div class="caption-img">{esc(printed.captions[0])}</div></figcaption></figure>
<div class="article-content"><div class="scrollToRead"></div><article>
{text}
</article>{source}</div>
<div class="wa-channel"><a href="https://whatsapp.com/channel/republika">Ikuti Whatsapp Channel Republika</a></div>
<div class="ads">Advertisement</div><div class="ttl">Berita Lainnya</div><div class="ads">Advertisement</div>
{self._next_article(entry)}<div class="ads">Advertisement</div><div class="ads">Advertisement</div>
</div></div>"""

    def _next_article(self, entry: Entry) -> str:
        """Return what the page loads below: the beginning of another article, in the same template."""
        other = self.earlier(entry, 1, "next")
        if not other or other[0].plan.archive:
            return '<div id="next-article" data-max-pages="5"></div>'
        copy = self.copy(other[0])
        text = "".join(f'<p class="b2"><p>{esc(block.text)}</p></p>' for block in copy.blocks[:3])
        text = text.replace("<p>", f"<p><strong>REPUBLIKA.CO.ID, </strong>{esc(copy.dateline)} -- ", 1)
        return f"""<div id="next-article" data-max-pages="5"><div class="max-card"><div class="max-card__title"><h2><a href="{other[0].url}">{esc(other[0].headline)}</a></h2></div></div>
<div class="article-content"><article>{text}</article></div></div>
"""

    def _old_article(self, entry: Entry, copy: Copy, shown: Shown) -> str:
        printed, at = self.printed(entry, copy), entry.published_at
        text = blocks_html(
            shown.blocks,
            lambda inner: f"<p>{inner}</p>",
            lambda inner: f"<p><strong>{inner}</strong></p>",
            shown.here(self._between(entry)),
        )
        if shown.first:
            text = text.replace("<p>", f"<p>REPUBLIKA.CO.ID, {esc(copy.dateline)} -- ", 1)
        pager = ""
        if shown.pages > 1:
            pages = [(url, str(number + 1)) for number, url in enumerate(self.page_urls(entry, shown.pages))]
            pager = (
                f'<div class="pagination"><ul>{links(pages, "<li><a href={url}>{title}</a></li>")}</ul></div>'
            )
        source = (
            f'<div class="sumber">Sumber : {printed.source}</div>' if printed.source and shown.last else ""
        )
        return f"""<div class="breadcome"><a href="http://www.republika.co.id/">Home</a> &gt; <a href="http://www.republika.co.id/kanal/{entry.section}">{entry.section.title()}</a></div>
<h1 class="jdl-detail">{esc(entry.headline)}</h1>
<div class="rangka"><div class="date"> {day(at)}, {at.day:02d} {month(at)} {at.year}, {clock(at)} WIB </div><div class="red">{_who(printed, "")}</div></div>
<div class="def-foto">{esc(printed.credits[0])}</div>
<div class="img-detailberita"><img src="{self._image(entry)}" alt="{esc(printed.captions[0])}"></div>
<div class="caption-foto">{esc(printed.captions[0])}</div>
<p class="BD Bodytext"></p>
<div class="txt-detailberita">
{text}
</div>{source}{pager}"""

    def _page(self, title: str, main: str, entry: Entry | None = None) -> Response:
        head = self._head(entry) if entry is not None else ""
        newest = links(
            [(self._link(e), e.headline) for e in self.newest(15)],
            '<li class="list-terkini"><a href="{url}">{title}</a></li>',
        )
        return html(
            f"""{_HEAD}<title>{esc(title)} |Republika Online</title>
{head}{_BODY}
{main}
<div class="main-content__right"><div class="ttl">Terpopuler</div><ol>{newest}</ol></div>
{_FOOT}""",
            modified=entry.modified_at if entry else None,
        )

    def _head(self, entry: Entry) -> str:
        copy, at = self.copy(entry), iso(entry.published_at)
        shared = entry.path.split("/")[2]
        head = f"""<link rel="canonical" href="{entry.url}">
<meta name="description" content="{esc(copy.standfirst.rstrip("."))}"><meta name="keywords" content="{esc(", ".join(entry.tags))}">
<meta property="og:type" content="article"><meta property="og:url" content="https://republika.co.id/share/{shared}">
<meta property="og:title" content="{esc(entry.headline)} |Republika Online"><meta property="og:description" content="{esc(copy.standfirst.rstrip("."))}">"""
        if entry.layout == "2015":
            return head
        # Their linked data names the editor as the author.
        data = news_article(entry, publisher="Republika Online", author=person(copy.editor))
        return f'{head}<meta property="article:published_time" content="{at}">\n{script(data)}'


def _who(printed: Printed, after: str) -> str:
    """Return reporter (if any) and editor as the outlet abbreviates them."""
    reporter = f"Rep: {esc(printed.byline[0])}{after} " if printed.byline else ""
    return f"{reporter}Red: {esc(printed.editors[0])}"


_TAG_PAGE = '<div class="tag-list" data-load="ajax"></div><script>loadTag()</script>'
_HEAD = f"""<!DOCTYPE html>
<html lang="id"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<style>{style_filler("republika", 16_000)}</style><script>{script_filler("republika", 20_000)}</script>
"""
_BODY = f"""</head><body>
<header><a href="https://republika.co.id"><img src="https://static.republika.co.id/logo.png" alt=""></a>{menu("https://republika.co.id/kanal", MENU)}</header>
"""
_FOOT = f"""<footer><div class="copyright">Copyright © 2026 republika.co.id</div></footer>
<script>{script_filler("republika-foot", 8_000)}</script></body></html>"""
