# ruff: noqa: E501 - markup keeps its lines
"""Tribunnews and its regional editions: three address shapes, no usable search or feed, clients turned away by name.

Lists: `index-news` by day and section (20 a page), news sitemaps of the 100 newest of a section; tag and topic pages
answer but robots.txt closes them, feeds link to the home page. Layouts: `2024`, and `2018` in the archive and at the
Belitung edition still. Editions east of Java print WITA.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random

from tests.newsworld.markup import (
    blocks_html,
    esc,
    linked_once,
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
from tests.newsworld.outlets.feeds import news_sitemap, rss_feed, sitemap_index
from tests.newsworld.outlets.linked import in_script, news_article, person, script
from tests.newsworld.outlets.shown import Printed, Shown
from tests.newsworld.outlets.tribun_editions import EDITIONS, NATIONAL, REGIONAL
from tests.newsworld.printed import clock, iso, long_date, relative, zone

STEP = 20
LAST_PAGE = 10
NEWEST = 100
NEW_LAYOUT_FROM = 2024
SECTIONS = {
    "internasional": "internasional",
    "nasional": "nasional",
    "ekonomi": "bisnis",
    "daerah": "regional",
    "olahraga": "sport",
    "gaya": "lifestyle",
}
CLOSED = (
    *("/api/", "/setting/", "/ajax/", "/json/", "/auth/", "/member/"),
    *("/posts/", "/komentar/", "/search", "/tag/", "/topic/"),
)
MENU = ("News", "Internasional", "Regional", "Bisnis", "Sport", "Seleb", "Lifestyle", "Techno", "Kesehatan")
LINKED = ("Vladimir Putin", "Kim Jong Un", "Korea Utara", "Bank Indonesia")
SISTERS = ("TribunSolo.com", "TribunWow.com", "Warta Kota", "Surya Malang")


class Tribunnews(Outlet):
    """www.tribunnews.com and its regional editions."""

    name = "tribunnews"
    hosts = (*EDITIONS, "tribunnews.com", "m.tribunnews.com")

    def refuse(self, request: Request) -> Response | None:
        """Turn away bare clients and whatever calls itself a bot, as the network in front of the site does."""
        agent = request.agent
        if agent.startswith("Mozilla/5.0") and "Chrome/" in agent and "bot" not in agent.lower():
            return None
        return Response(403, _FORBIDDEN.encode(), headers=(("X-Cache", "Error from cloudfront"),))

    def place(self, plan: Plan, headline: Headline) -> Entry:
        """Return the place: the national edition for most stories, numbered or dated addresses."""
        rng = Random(plan.key + "/place")
        regional = rng.random() < (0.8 if headline.desk == "daerah" else 0.2)
        edition = rng.choice(REGIONAL) if regional else NATIONAL
        at = plan.published_at.astimezone(edition.zone)
        # With neither search nor tags to go by, only its section gives away what a headline does not say.
        section = SECTIONS["internasional" if headline.neutral else headline.desk]
        slug = slugify(headline.text)
        days = f"{at:%Y/%m/%d}"
        if edition.dated:
            slug = self.free_slug(slug, lambda slug: (edition.host, f"/{days}/{slug}"))
            path = f"/{days}/{slug}"
        elif at.year < NEW_LAYOUT_FROM or rng.random() < 0.35:
            slug = self.free_slug(slug, lambda slug: (edition.host, f"/{section}/{days}/{slug}"))
            path = f"/{section}/{days}/{slug}"
        else:
            path = f"/{section}/{plan.number}/{slug}"
        in_map = headline.neutral or rng.random() > 0.1
        layout = edition.layout or ("2024" if at.year >= NEW_LAYOUT_FROM else "2018")
        return self.new_entry(
            replace(plan, published_at=at),
            headline,
            host=edition.host,
            path=path,
            slug=slug,
            section=section,
            layout=layout,
            lists=("index", "sitemap") if in_map else ("index",),
        )

    def printed(self, entry: Entry, copy: Copy) -> Printed:
        """Return the credits: writer and editor, now and then the sister edition the story comes from."""
        rng = Random(entry.key + "/printed")
        pairs = zip(copy.captions[1:], copy.credits[1:], strict=True)
        captions = (copy.captions[0], *(f"{caption} ({credit})" for caption, credit in pairs))
        return Printed(
            standfirst=copy.standfirst,
            byline=(copy.reporter,),
            editors=(copy.editor,),
            dateline=copy.dateline if rng.random() < 0.5 else None,
            source=rng.choice(SISTERS) if rng.random() < 0.25 else None,
            captions=captions,
            credits=copy.credits[:1],
        )

    def template(self, host: str, title: str, main: str) -> Response:
        """Return a page in the outlet's own dress."""
        return self._page(host, title, main)

    def story_path(self, path: str) -> str:
        """Return the path of the story, however it ends."""
        return path.rstrip("/")

    def split(self, entry: Entry, copy: Copy) -> int:
        """Return the number of pages: two or three for most of the long stories."""
        if len(copy.blocks) < 12 or Random(entry.key + "/split").random() > 0.6:
            return 1
        return 3 if len(copy.blocks) > 20 else 2

    def respond(self, request: Request) -> Response | None:
        """Answer for one edition."""
        host, path = request.host, request.path.rstrip("/")
        if host not in EDITIONS:
            return redirect(f"https://www.tribunnews.com{request.target}")
        first, _, rest = path.strip("/").partition("/")
        routes: dict[str, Callable[[], Response | None]] = {
            "": lambda: self._hub(host, ""),
            "robots.txt": lambda: self._robots(host),
            "index-news": lambda: self._index(request, rest),
            "rss": lambda: self._feed(host),
            "tag": lambda: self._tag(host, rest),
            "topic": lambda: self._tag(host, rest),
        }
        if path.endswith(".xml"):
            return self._sitemap(host, path.strip("/"))
        if first in routes:
            return routes[first]()
        if first in SECTIONS.values() and not rest:
            return self._hub(host, first)
        entry = self.at(host, path)
        return self._article_page(request, entry) if entry is not None else None

    def _robots(self, host: str) -> Response:
        closed = "".join(f"Disallow: {prefix}\n" for prefix in CLOSED)
        return plain(f"User-agent: *\n{closed}\nSitemap: https://{host}/sitemap.xml\n")

    # Lists

    def _hub(self, host: str, section: str) -> Response:
        """Return the front page of an edition or a section, which does not page."""
        return self._list_page(host, "Berita terbaru", self.newest(10, self._of(host, section)), dated=False)

    def _tag(self, host: str, tag: str) -> Response:
        entries = self.newest(STEP, lambda entry: tag in [slugify(each) for each in entry.tags])
        return self._list_page(host, f"Berita {tag}", entries, dated=False)

    def _of(self, host: str, section: str) -> Callable[[Entry], bool]:
        return lambda entry: entry.host == host and section in {"", entry.section}

    def _index(self, request: Request, section: str) -> Response | None:
        if section and section not in SECTIONS.values():
            return None
        wanted = self._of(request.host, section)
        page = max(request.number("page", 1), 1)
        text = request.query.get("date", "")
        if not text:
            page = min(page, LAST_PAGE)  # later pages repeat this one
            entries = self.newest(page * STEP, wanted)
            return self._list_page(request.host, "Indeks Berita", entries[(page - 1) * STEP :], dated=False)
        wanted_day = day_of(text)
        if wanted_day is None:
            return self._list_page(request.host, "Indeks Berita", [], dated=True)
        around = [self.on_day(wanted_day + timedelta(days=more), wanted) for more in (1, 0, -1)]
        entries = [entry for each in around for entry in each if entry.published_at.date() == wanted_day]
        shown = entries[(page - 1) * STEP : page * STEP]
        pages = [
            (f"/index-news/{section}?date={text}&page={n}".replace("/?", "?"), str(n))
            for n in range(1, (len(entries) - 1) // STEP + 2)
        ]
        if page < len(pages):
            pages.append((pages[page][0], "Next"))
        pager = f'<div class="paging" id="paginga"><div class="paging">{links(pages, "<a href={url}>{title}</a>")}</div></div>'
        return self._list_page(request.host, f"Indeks Berita {text}", shown, dated=True, pager=pager)

    def _list_page(
        self, host: str, title: str, entries: list[Entry], *, dated: bool, pager: str = ""
    ) -> Response:
        items = "\n".join(self._item(entry, dated=dated) for entry in entries)
        return self._page(host, title, f'<div class="content"><ul class="lsi">{items}</ul>{pager}</div>')

    def _item(self, entry: Entry, *, dated: bool) -> str:
        sides = [tag for tag in entry.tags if entry.on_topic and ("Rusia" in tag or "Kor" in tag)]
        topic = sides[0] if sides else entry.tags[0]
        when = self._when(entry) if dated else relative(entry.published_at, self.now)
        return f"""<li class="ptb15"><div class="fr mt5 pos_rel"><a href="{entry.url}"><img src="{self._image(entry)}" alt=""></a></div>
<div class="mr140"><h4 class="f14"><a class="fbo2" href="https://{entry.host}/topic/{slugify(topic)}">{esc(topic)}</a></h4>
<h3><a class="f20 ln24 fbo txt-oev-2" href="{entry.url}" title="{esc(entry.headline)}">{esc(entry.headline)}</a></h3>
<div class="grey pt5"><time class="grey">{when}</time></div></div></li>"""

    def _sitemap(self, host: str, name: str) -> Response | None:
        if name == "sitemap.xml":
            sections = sorted(set(SECTIONS.values()))
            names = [f"{section}/sitemap-{kind}.xml" for section in sections for kind in ("news", "web")]
            return xml(sitemap_index(f"https://{host}/{each}" for each in names))
        section, _, kind = name.rpartition("/")
        if section not in SECTIONS.values() or kind not in {"sitemap-news.xml", "sitemap-web.xml"}:
            return None
        wanted = self._of(host, section)
        entries = self.newest(NEWEST, lambda entry: wanted(entry) and "sitemap" in entry.lists)
        return xml(news_sitemap("Tribunnews.com", entries))

    def _feed(self, host: str) -> Response:
        entries = self.newest(STEP, self._of(host, ""))
        home = {entry.key: f"https://{host}/" for entry in entries}
        return xml(rss_feed("Tribunnews", f"https://{host}", entries, links=home), content_type=RSS)

    # Pages

    def _image(self, entry: Entry) -> str:
        return f"https://asset-2.tstatic.net/tribunnews/foto/bank/images/{entry.number}.jpg"

    def _when(self, entry: Entry) -> str:
        at = entry.published_at
        return f"{long_date(at)} {clock(at)} {zone(at)}"

    def _article_page(self, request: Request, entry: Entry) -> Response:
        copy = self.copy(entry)
        shown = self.shown(entry, request.query.get("page", "1"))
        suffix = "" if "page" not in request.query or shown.pages == 1 else f" - Halaman {shown.label}"
        build = self._new_article if entry.layout == "2024" else self._old_article
        main = build(entry, copy, self._body(entry, copy, shown) + self._pager(entry, shown))
        return self._page(entry.host, entry.headline + suffix, main, entry)

    def _pager(self, entry: Entry, shown: Shown) -> str:
        if shown.pages == 1 or shown.label == "all":
            return ""
        if entry.layout == "2018":
            following = f"{entry.url}?page={int(shown.label) + 1}"
            return (
                ""
                if shown.last
                else f'<div class="mb20"><a class="bgblue" href="{following}">Halaman Selanjutnya</a></div>'
            )
        steps = [(f"{entry.url}?page={number}", str(number)) for number in range(1, shown.pages + 1)]
        steps.append((f"{entry.url}?page=all", "Semua Halaman"))
        return f'<div class="paging"><span class="total-page">Halaman {shown.label}/{shown.pages}</span>{links(steps, "<a href={url}>{title}</a>")}</div>'

    def _body(self, entry: Entry, copy: Copy, shown: Shown) -> str:
        rng = Random(f"{entry.key}/body")
        printed, edition = self.printed(entry, copy), EDITIONS[entry.host]
        blocks = copy.blocks
        between: dict[int, str] = {}
        spots = places_between(blocks, 3, rng)
        others = self.earlier(entry, 6)
        for at in spots:
            row = [others.pop(0) for _ in range(min(len(others), rng.choice((1, 1, 2, 3))))]
            between[at] = "\n".join(
                f'<p class="baca">Baca juga: <a href="{other.url}" title="{esc(other.headline)}">{esc(other.headline)}</a></p>'
                for other in row
            )
        if spots:
            between[spots[-1]] += '\n<div class="ads-placeholder"><div id="div-Inside"></div></div>'
            between[spots[0]] += '\n<div class="fbo f18 pb10">Berita Rekomendasi</div>'
        for caption, text in zip(printed.captions[1:], copy.captions[1:], strict=True):
            at = spots[-1] if spots else len(blocks)
            figure = f'<figure><a class="icon_zoom" href="{self._image(entry)}"><img src="{self._image(entry)}" alt="{esc(text)}"></a><figcaption>{esc(caption)}</figcaption></figure>'
            between[at] = figure + "\n" + between.get(at, "")
        comma = "/" if rng.random() < 0.8 else ", "
        between[len(blocks)] = between.get(len(blocks), "") + (
            f"\n<p>({edition.signs}{comma}{esc(copy.reporter)})</p>\n"
            f'<p>Berita lain terkait <a href="https://{entry.host}/tag/{slugify(entry.tags[0])}">{esc(entry.tags[0])}</a></p>'
        )
        text = blocks_html(
            shown.blocks,
            lambda inner: f"<p>{inner}</p>",
            lambda inner: f"<h2>{inner}</h2>",
            shown.here(between),
        )
        for name in LINKED:
            link = f'<a class="blue" href="https://{entry.host}/tag/{slugify(name)}" title="{name}">{name.replace(" ", "&nbsp;")}</a>'
            text = linked_once(text, name, link)
        if shown.first:
            place = f", {esc(printed.dateline)}" if printed.dateline else ""
            text = text.replace("<p>", f"<p><strong>{edition.brand}{place}</strong> - ", 1)
            if entry.layout == "2024" and rng.random() < 0.4:
                text = f'<blockquote class="summary-article"><strong>Ringkasan Berita:</strong><ul><li>{esc(copy.standfirst)}</li><li>Kabar ini beredar di {esc(copy.dateline.title())}</li></ul></blockquote>\n{text}'
        return text

    def _new_article(self, entry: Entry, copy: Copy, body: str) -> str:
        recommended = [(other.url, other.headline) for other in self.earlier(entry, 5, "mb5")]
        return f"""<h2 class="red f16"><a href="https://{entry.host}/topic/{slugify(entry.tags[-1])}">{esc(entry.tags[-1])}</a></h2>
<h1 class="f50 black2 f400 crimson" id="arttitle">{esc(entry.headline)}</h1>
<div class="mt10"><span class="grey">Tayang:</span> <time datetime="{iso(entry.published_at)}">{self._when(entry)}</time></div>
<h2 class="f18 grey2 lead">{esc(copy.standfirst)}</h2>
<div class="credit mt10"><div id="penulis">Penulis: <a href="https://{entry.host}/penulis/{slugify(copy.reporter)}">{esc(copy.reporter)}</a></div>
<div id="editor">Editor: <a href="https://{entry.host}/editor/{slugify(copy.editor)}">{esc(copy.editor)}</a></div></div>
<div id="artimg"><a class="icon_zoom" href="{self._image(entry)}">zoom-in</a> {self._lead_picture(entry, copy)}</div>
<script>var keywordBrandSafety = {in_script(" ".join(block.text for block in copy.blocks))};</script>
<div class="side-article txt-article multi-fontsize editcontent" data-content-id="{entry.number}">
{body}
</div>
{self._below(entry, copy)}
<div class="side-article mb5"><div class="fbo">Berita Rekomendasi</div>{links(recommended, '<p><a href="{url}">{title}</a></p>')}</div>"""

    def _old_article(self, entry: Entry, copy: Copy, body: str) -> str:
        return f"""<h1 class="f32 ln32 fbo txt-black display-inline mt10" id="arttitle">{esc(entry.headline)}</h1>
<div class="grey bdr3 pb10 pt10"><time class="grey">{self._when(entry)}</time></div>
<h2 class="f18 lead">{esc(copy.standfirst)}</h2>
<div class="credit"><div id="penulis">Penulis: <a href="#">{esc(copy.reporter)}</a></div><div id="editor">Editor: <a href="#">{esc(copy.editor)}</a></div></div>
<div id="artimg"><div class="pos_rel">{self._lead_picture(entry, copy)}</div></div>
<div class="side-article txt-article" data-content-id="{entry.number}">
{body}
</div>
{self._below(entry, copy)}"""

    def _lead_picture(self, entry: Entry, copy: Copy) -> str:
        """Return the picture whose alternative text is the headline, then its credit, then its caption."""
        caption = self.printed(entry, copy).captions[0]
        return f"""<img class="imgfull" src="{self._image(entry)}" alt="{esc(entry.headline)}">
<div class="f12 grey">{esc(copy.credits[0])}</div><figcaption>{esc(caption)}</figcaption>"""

    def _below(self, entry: Entry, copy: Copy) -> str:
        source = self.printed(entry, copy).source
        named = f'<div class="sources"><h6>Sumber: <a href="#">{source}</a></h6></div>' if source else ""
        tags = [(f"https://{entry.host}/tag/{slugify(tag)}", tag) for tag in entry.tags]
        return named + links(tags, '<h5 class="tagcloud3"><a class="rd2" href="{url}">{title}</a></h5>')

    def _linked_data(self, entry: Entry) -> str:
        copy = self.copy(entry)
        article = news_article(
            entry,
            publisher="Tribunnews.com",
            description=copy.standfirst,
            author=[person(copy.reporter)],
            editor=person(copy.editor),
            articleSection=entry.section.title(),
            keywords=list(entry.tags),
            isAccessibleForFree=True,
        )
        home = {"@type": "ListItem", "position": 1, "name": "Home", "item": f"https://{entry.host}"}
        return script({"@graph": [article, {"@type": "BreadcrumbList", "itemListElement": [home]}]})

    def _page(self, host: str, title: str, main: str, entry: Entry | None = None) -> Response:
        head = ""
        if entry is not None:
            head = f"""<link rel="canonical" href="{entry.url}">
<meta name="description" content="{esc(self.copy(entry).standfirst)}"><meta property="og:type" content="article">
<meta property="og:title" content="{esc(entry.headline)}"><meta property="og:url" content="{entry.url}">
<meta property="og:description" content="{esc(self.copy(entry).standfirst)}"><meta property="android:app_id" content="{entry.number}">
{self._linked_data(entry) if entry.layout == "2024" else ""}"""
        newest = links(
            [(e.url, e.headline) for e in self.newest(12, self._of(host, ""))],
            '<li><a href="{url}">{title}</a></li>',
        )
        return html(
            f"""{_HEAD}<title>{esc(title)} - {host.partition(".")[0].title() if host != NATIONAL.host else "Tribunnews.com"}</title>
{head}{_BODY}
<div class="main"><div class="fl w677">
{main}
</div><div class="fr w300"><div class="fbo">Berita Terkini</div><ul class="lsx">{newest}</ul></div></div>
{_FOOT}""",
            modified=entry.modified_at if entry else None,
        )


_FORBIDDEN = """<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN"><HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE></HEAD>
<BODY><H1>403 ERROR</H1><H2>The request could not be satisfied.</H2><HR noshade size="1px">Request blocked.<BR><PRE>Generated by cloudfront (CloudFront)</PRE></BODY></HTML>"""
_HEAD = f"""<!DOCTYPE html>
<html lang="id"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<style>{style_filler("tribunnews", 14_000)}</style>
<script>{script_filler("tribunnews", 26_000)}</script>
"""
_BODY = f"""</head><body>
<div class="topx"><a href="https://tribunx.com">Baca berita tanpa jeda, hanya di TribunX</a></div>
<div class="logo"><a href="https://www.tribunnews.com/"><img src="/img/logo.png" alt="Tribun"></a></div>
{menu("https://www.tribunnews.com", MENU)}
"""
_FOOT = f"""<div class="wa"><div>Dapatkan Berita Pilihan</div><div>di WhatsApp Anda</div><a href="https://whatsapp.com/channel">Baca WhatsApp Tribunnews</a></div>
<footer><a href="/"><img src="/img/logo.png" alt="Tribunnews"></a><div>Ikuti kami di</div>
<p>© 2026 TRIBUNnews.com,a subsidiary of KG Media. All Rights Reserved</p><a href="#top">Atas</a></footer>
<script>{script_filler("tribunnews-foot", 12_000)}</script></body></html>"""
