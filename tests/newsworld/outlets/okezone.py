# ruff: noqa: E501 - markup keeps its lines
"""Okezone: channels on sub-domains, the day and two numbers in an address, the date inside the byline.

Lists: tag pages, whose unknown tags are answered by the front page; two indexes of a day, by 15 and by 10. Links
to articles of a sister outlet (`mpi`), to galleries and to what robots.txt closes stand among the entries.
An address keeps the day on which a story was begun. Layouts: `2022`, `2017` and, in the archive, `2013`.
"""

from datetime import date, datetime, timedelta
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
from tests.newsworld.messages import Request, Response, html, plain
from tests.newsworld.model import Copy, Entry, Headline, Plan
from tests.newsworld.outlets.linked import news_article, person, script
from tests.newsworld.outlets.mnc import MncOutlet, layout_of, printed_time
from tests.newsworld.outlets.shown import Shown
from tests.newsworld.printed import clock, long_date, month

if TYPE_CHECKING:
    from collections.abc import Callable

PORTALS = 4  # so many hosts have no articles
BY_DATE_STEP, OWN_STEP, TAG_STEP = 15, 10, 15
CHANNELS = {"news": 1, "economy": 11, "women": 12, "celebrity": 13, "sports": 2, "bola": 14, "ototekno": 630}
CHANNELS |= {"muslim": 613, "edukasi": 623}
# Where a desk's stories go: channel, number and name of the section.
SECTIONS = {
    "internasional": ("news", 18, "International"),
    "nasional": ("news", 337, "Nasional"),
    "ekonomi": ("economy", 320, "Sektor Riil"),
    "daerah": ("news", 340, "Nusantara"),
    "olahraga": ("bola", 51, "Bola Dunia"),
    "gaya": ("women", 611, "Life"),
}
# The oldest years of the archive are shown as the oldest pages are.
LAYOUTS = ((2022, "2022"), (2020, "2017"), (0, "2013"))
FRONT = "Berita Terkini dan Informasi Terbaru Hari Ini"
MENU = ("News", "Economy", "Women", "Celebrity", "Sports", "Bola", "Ototekno", "Muslim", "Edukasi")


class Okezone(MncOutlet):
    """www.okezone.com, its channels, its index and the host with a sister's articles."""

    name = "okezone"
    hosts = (
        *("www.okezone.com", "okezone.com", "index.okezone.com", "mpi.okezone.com"),
        *(f"{channel}.okezone.com" for channel in CHANNELS),
    )

    def place(self, plan: Plan, headline: Headline) -> Entry:
        """Return the place: the channel, and an address that may have the day before."""
        rng = Random(plan.key + "/place")
        # A headline that hides the topic is found by its section.
        channel, number, section = SECTIONS["internasional" if headline.neutral else headline.desk]
        begun = plan.published_at - timedelta(hours=rng.choice((0, 0, 0, 9)))
        slug = slugify(headline.text)
        return self.new_entry(
            plan,
            headline,
            host=f"{channel}.okezone.com",
            path=f"/read/{begun:%Y/%m/%d}/{number}/{plan.number}/{slug}",
            slug=slug,
            section=section,
            layout=layout_of(plan.published_at, LAYOUTS),
            lists=("index", *(f"tag/{slugify(tag)}" for tag in headline.tags)),
        )

    def split(self, entry: Entry, copy: Copy) -> int:
        """Return the number of pages: two or three for some of the long stories."""
        if entry.layout == "2013" or len(copy.blocks) < 10 or Random(entry.key + "/split").random() > 0.6:
            return 1
        return 3 if len(copy.blocks) > 18 else 2

    def respond(self, request: Request) -> Response | None:
        """Answer for the portal, the index and the channels."""
        host, path = request.host, request.path.rstrip("/")
        parts = path.split("/")[1:]
        if path == "/robots.txt":
            return plain("User-agent: *\nDisallow: /more/*\nDisallow: /mmore/*\n")
        if host not in self.hosts[PORTALS:]:
            return self._portal(host.partition(".")[0], parts)
        if not path:
            return self._front()
        if parts[0] == "indeks":
            return self._own(host, parts[1:])
        entry = self.at(host, path.replace("/amp/", "/read/", 1))
        return self._article_page(request, entry) if entry is not None else None

    def _portal(self, name: str, parts: list[str]) -> Response | None:
        match name, *parts[:2]:
            case ["www" | "okezone"]:
                return self._front()
            case ["www" | "okezone", "tag", _]:
                return self._tag(parts[1:])
            case ["index", "bydate", "channel"]:
                return self._by_date(parts[2:])
            case ["mpi", "article", "sindonews"]:
                return self.page("Artikel", _SISTERS)
        return None

    # Lists

    def _front(self) -> Response:
        items = "\n".join(map(self._card, self.newest(12)))
        return self.page(f"{FRONT} - Okezone.com", f'<section class="section brt-terkini">{items}</section>')

    def _tag(self, parts: list[str]) -> Response:
        tag, number = parts[0], _number(parts[1:]) or 1
        entries = self.newest(None, lambda entry: f"tag/{tag}" in entry.lists)
        shown = entries[(number - 1) * TAG_STEP : number * TAG_STEP]
        if not shown:
            return self._front()
        rows = "\n".join(
            f"""<div class="tag-wrapper"><a href="{entry.url}"><div class="gambar-head" style="background-image:url('{self._image(entry)}')"></div></a>
<div class="quotes"><a class="ga_BreakingMore" href="{entry.url}">{esc(entry.headline)}</a></div>
<div class="media-time">{printed_time(entry.published_at, " ")}</div><p>{esc(self.copy(entry).standfirst)}</p></div>"""
            for entry in shown
        )
        pages = [(f"/tag/{tag}/{n}", str(n)) for n in range(1, (len(entries) - 1) // TAG_STEP + 2)]
        pager = links(pages, '<li class="pagination-list__item"><a href="{url}">{title}</a></li>')
        return self.page(f"Berita {tag}", f'{rows}<div class="btn-pagination"><ul>{pager}</ul></div>')

    def _by_date(self, parts: list[str]) -> Response | None:
        """Return one page of a day of a channel, 15 stories long."""
        wanted, number, offset = _day(parts[:3]), _number(parts[3:4]), _number(parts[4:]) or 0
        channel = next((name for name, known in CHANNELS.items() if known == number), None)
        if wanted is None or channel is None:
            return None
        entries = self.on_day(wanted, lambda entry: entry.host == f"{channel}.okezone.com")
        rows = [
            _row(entry.url, entry.section, entry.headline, entry.published_at)
            for entry in entries[offset : offset + BY_DATE_STEP]
        ]
        if rows:
            at = entries[0].published_at
            rows.insert(1, _row(f"https://{channel}.okezone.com/more/live", "Live", "Skor Langsung", at))
        here = "/".join(parts[:3])
        steps = [
            (
                f"https://index.okezone.com/bydate/channel/{here}/{number}/{start}/",
                str(start // BY_DATE_STEP + 1),
            )
            for start in range(0, len(entries), BY_DATE_STEP)
        ]
        pager = links(steps, '<a href="{url}">{title}</a>')
        return self.page(
            f"Indeks {here}",
            f'<ul class="list-idx">{"".join(rows)}</ul><div class="pagination-indexs">{pager}</div>',
        )

    def _own(self, host: str, parts: list[str]) -> Response | None:
        """Return one page of a channel's own index, 10 stories long."""
        wanted, offset = _day(parts[:3]), _number(parts[3:]) or 0
        if parts and wanted is None:
            return None
        ours: Callable[[Entry], bool] = lambda entry: entry.host == host  # noqa: E731 - a filter, used twice
        entries = self.newest(None, ours) if wanted is None else self.on_day(wanted, ours)
        items = "\n".join(map(self._card, entries[offset : offset + OWN_STEP]))
        return self.page(
            "Indeks Berita",
            f'<section class="section brt-terkini"><div class="jscroll-inner">{items}</div></section>',
        )

    def _card(self, entry: Entry) -> str:
        at = entry.published_at
        return f"""<div class="group-brt-terkini"><div class="subgroup"><a class="img-section" href="{entry.url}" aria-label="article-image"></a>
<div class="desc-section"><a class="title-text" href="https://{entry.host}/{slugify(entry.section)}"><div></div>{entry.section}</a>
<a class="desc-text" href="{entry.url}" aria-labelledby="article title">{esc(entry.headline)}</a>
<a class="time-text" aria-labelledby="article time">{at.day} {month(at)} {at.year} {clock(at)}:00</a></div></div></div>"""

    # Pages

    def _image(self, entry: Entry) -> str:
        return f"https://img.okezone.com/content/{entry.published_at:%Y/%m/%d}/{entry.number}/{entry.slug[:40]}.jpg"

    def _article_page(self, request: Request, entry: Entry) -> Response:
        copy = self.copy(entry)
        shown = self.shown(entry, request.query.get("page", "1"))
        build = {"2022": self._new, "2017": self._middle, "2013": self._old}[entry.layout]
        main = build(entry, copy, self._body(entry, copy, shown)) + self._pager(entry, shown)
        return self.page(f"{entry.headline} : Okezone {entry.section}", main, entry)

    def _pager(self, entry: Entry, shown: Shown) -> str:
        if shown.pages == 1 or shown.label == "all":
            return ""
        steps = [
            (entry.url if number == 1 else f"{entry.url}?page={number}", str(number))
            for number in range(1, shown.pages + 1)
        ]
        if entry.layout == "2017":
            following = (
                ""
                if shown.last
                else f'<a class="ga_NextArticle" href="{entry.url}?page={int(shown.label) + 1}">Next</a>'
            )
            return f'<div class="paging-detail">{links(steps, "<a href={url}>{title}</a>")}{following}</div>'
        return f'<div id="paging"><div class="title">Halaman:</div><div class="box-nomor">{links(steps, "<a class=nomor href={url}>{title}</a>")}</div></div>'

    def _body(self, entry: Entry, copy: Copy, shown: Shown) -> str:
        rng = Random(f"{entry.key}/body")
        blocks = copy.blocks
        between: dict[int, str] = {}
        for at, other in zip(places_between(blocks, 3, rng), self.earlier(entry, 3), strict=False):
            between[at] = self._cross_link(entry, other, rng)
        if between:
            between[max(between)] += (
                '\n<div class="vicon"><iframe src="https://www.youtube.com/embed/x"></iframe></div>'
            )
        if entry.layout == "2022":
            part = round(len(blocks) / max(shown.pages, 2))
            between[part] = (
                between.get(part, "")
                + '\n<div style="page-break-after: always"><span style="display: none;"> </span></div>\n<p><!--pagebreak--></p>'
            )
        signs = f"({esc(copy.editor)})" if rng.random() < 0.5 else f"({esc(copy.editor[:3].lower())})"
        ending = f"\n<p><strong>{signs}</strong></p>" if entry.layout != "2013" else ""
        if entry.layout == "2022":
            ending += '\n<p>Follow <a href="https://whatsapp.com/channel/okz">WhatsApp Channel Okezone</a> untuk update berita terbaru setiap hari</p>'
            ending += f'\n<div class="inject-follow"><p>Telusuri berita {esc(entry.section.lower())} lainnya</p></div>'
        between[len(blocks)] = between.get(len(blocks), "") + ending
        text = blocks_html(
            shown.blocks,
            lambda inner: f"<p>{inner}</p>",
            lambda inner: f"<p><strong>{inner}</strong></p>",
            shown.here(between),
        )
        if shown.first:
            dash = "-" if entry.layout == "2022" else "&ndash;"
            place = f"<strong>{esc(self.printed(entry, copy).dateline or '')}</strong>"
            text = text.replace("<p>", f"<p>{place} {dash} ", 1)
        return text

    def _cross_link(self, entry: Entry, other: Entry, rng: Random) -> str:
        title = esc(other.headline)
        if entry.layout != "2022":
            return f'<p><strong>Baca Juga:&nbsp;<a href="{other.url}">{title}</a></strong>\n</p>'
        sister = "https://mpi.okezone.com/article/sindonews/1500001"
        url = sister if rng.random() < 0.3 else other.url
        return f'<div id="baca-juga"><div class="text baca">Baca Juga:</div><div class="group-baca"><a href="{url}" class="text title">{title}</a></div></div>'

    def _new(self, entry: Entry, copy: Copy, body: str) -> str:
        author = f"https://redaksi.okezone.com/detail/{slugify(copy.reporter)}/77"
        tags = links(_tags(entry), '<a href="{url}" class="text">{title}</a>')
        return f"""<section class="section article"><div class="title-article"><h1>{esc(entry.headline)}</h1></div>
<div class="journalist"><a href="{author}" class="icon-profile" aria-label="icon account"></a>
<a href="{author}" title="{esc(copy.reporter)}">{esc(copy.reporter)}</a><span>&#44;&nbsp;Jurnalis-{printed_time(entry.published_at, bar=" |")}</span></div>
<div class="img-article"><img src="{self._image(entry)}" alt="{esc(entry.headline)}"><div class="desc-foto">{esc(copy.captions[0])} (Foto: {esc(copy.credits[0])})</div></div>
<div class="c-detail read"><p></p>
{body}
</div></section><div id="tag"><div class="title">Topik Artikel :</div><div class="box-tag">{tags}</div></div>"""

    def _middle(self, entry: Entry, copy: Copy, body: str) -> str:
        tags = links(_tags(entry), '<li><a class="ga_Tag" href="{url}"><span>#</span>{title}</a></li>')
        return f"""<div class="title"><h1>{esc(entry.headline)}</h1></div><div class="reporter"><div class="namerep">{esc(copy.reporter)},
<span>Jurnalis</span><i>·</i><b>{printed_time(entry.published_at, " ")}</b></div></div>
<div class="detfoto"><img id="imgCheck" src="{self._image(entry)}" alt=""><span>{esc(copy.captions[0])} (Foto: {esc(copy.credits[0])})</span></div>
<div class="detail detail__billboard"><div class="detads"><div id="div-gpt-ad-1"></div></div>
<div id="contentx" class="read" itemprop="articleBody">
{body}
<div class="detads-bottom"></div><div class="detail-tag newtag"><ul>{tags}</ul></div></div></div>"""

    def _old(self, entry: Entry, copy: Copy, body: str) -> str:
        at = entry.published_at
        related = links(
            [(other.url, other.headline) for other in self.earlier(entry, 4, "related")],
            '<li><h4><a href="{url}">{title} <i style="display:none;">read-1</i></a></h4></li>',
        )
        return f"""<div class="meta-post"><time class="tgl">{long_date(at)} - {clock(at)} wib</time></div>
<div class="titles"><h1>{esc(entry.headline)}</h1></div><div class="detail-page v2"><div class="detail-img"><img src="{self._image(entry)}" alt="{esc(entry.headline)}">
<div class="caption-img-ab"><p>{esc(copy.captions[0])} (Foto: {esc(copy.credits[0])})</p></div></div>
<div class="autor"><div class="nmreporter"><div>{esc(copy.reporter)}</div><span>Jurnalis</span></div></div>
<div class="detail-content"><div class="detail-img"><div id="contentx" class="dtlnews">
{body}</div><strong>({esc(copy.editor[:3].lower())})</strong></div></div></div>
<div class="meta-bottom-content"><h3>Berita Rekomendasi</h3><div class="berita-terkait-wrap"><ul>{related}</ul></div></div>"""

    def _head(self, entry: Entry) -> str:
        copy, at = self.copy(entry), entry.published_at
        earlier = f"{at - timedelta(hours=9):%Y-%m-%d %H:%M:%S}"
        linked = news_article(
            entry,
            publisher="Okezone.com",
            author=person(copy.reporter),
            description=copy.standfirst,
            mainEntityOfPage={"@type": "WebPage", "@id": str(entry.number)},
            dateModified=earlier,
            **({} if entry.layout == "2022" else {"datePublished": f"{at:%Y-%m-%d %H:%M:%S}"}),
        )
        crumb = {"@type": "ListItem", "position": 1, "item": {"@id": "https://okezone.com", "name": "Home"}}
        return f"""<link rel="canonical" href="{entry.url}"><link rel="amphtml" href="{entry.url.replace("/read/", "/amp/", 1)}">
<meta property="og:type" content="article"><meta property="og:title" content="{esc(entry.headline)} : Okezone {esc(entry.section)}">
<meta property="og:url" content="{entry.url}"><meta name="description" content="{esc(copy.standfirst)}">
<meta name="author" content="Okezone"><meta name="news_keywords" content="{esc(", ".join(entry.tags))}">
{'<meta itemprop="datePublished" content="2014-07-13T20:07:27.8200000">' if entry.layout != "2022" else ""}
{script({"@type": "BreadcrumbList", "itemListElement": [crumb]})}
{script(linked) if entry.layout != "2013" else ""}"""

    def page(self, title: str, main: str, entry: Entry | None = None) -> Response:
        popular = links(
            [(e.url, e.headline) for e in self.newest(10)],
            '<li><a class="title" href="{url}">{title}</a></li>',
        )
        return html(
            f"""{_TOP}<title>{esc(title)}</title>
{self._head(entry) if entry is not None else ""}
</head><body>{_MENU}
<div class="wrapper-container"><div class="left-section">
{main}
</div><div class="right-section"><div class="title">Terpopuler</div><ul class="list-populer">{popular}</ul></div></div>
{_BOTTOM}""",
            modified=entry.modified_at if entry else None,
        )


def _tags(entry: Entry) -> list[tuple[str, str]]:
    return [(f"https://www.okezone.com/tag/{slugify(tag)}", tag) for tag in entry.tags]


def _row(url: str, section: str, title: str, at: datetime) -> str:
    return f"""<li class="col-md-12 p-nol m-nol hei-index inte idx-list"><div class="content-hardnews pad-index">
<time class="category-hardnews f12"><span class="c-news"> <a href="{url}">{section}</a></span> | {printed_time(at)}</time>
<h4 class="f17"> <a href="{url}" title="{esc(title)}">{esc(title)}</a></h4></div></li>"""


def _day(parts: list[str]) -> date | None:
    try:
        year, month_, day_ = map(int, parts)
        return date(year, month_, day_)
    except ValueError:
        return None


def _number(parts: list[str]) -> int | None:
    return int(parts[0]) if parts and parts[0].isdigit() and len(parts[0]) < 7 else None


_SISTERS = "<h1>Kanal Mitra</h1><p>Artikel ini milik kanal lain.</p>"
_TOP = f"""<!DOCTYPE html>
<html lang="id-ID"><head><meta charset="UTF-8"><meta name="viewport" content="initial-scale=1">
<style>{style_filler("okezone", 15_000)}</style>
<script>{script_filler("okezone", 20_000)}</script>
"""
_MENU = f"""<div class="logooke"><h1><a href="https://www.okezone.com" title="Okezone.com">Okezone.com</a></h1></div>
{menu("https://www.okezone.com", MENU)}"""
_BOTTOM = f"""<footer><ul><li><a href="https://www.okezone.com/redaksi">Redaksi</a></li><li><a href="https://www.okezone.com/kontak">Kontak</a></li></ul>
<p>© 2007 - 2026 Okezone.com. All Rights Reserved</p></footer>
<script>{script_filler("okezone-foot", 10_000)}</script></body></html>"""
