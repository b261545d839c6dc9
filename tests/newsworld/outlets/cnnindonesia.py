# ruff: noqa: E501 - markup keeps its lines
"""CNN Indonesia: one host, addresses with the moment at which work on a story began.

Lists: a dated index of all channels (10 a page), tag pages by number in the path, a feed of the foreign desk. They
print loose times; the exact one is in a comment. Videos stand among the stories. Linked data names no author.
A split story goes on under `/2`; nothing shows it whole. Layouts: `new` (since 2022) and `old`.
"""

import re

from tests.newsworld.markup import esc, links, menu, slugify
from tests.newsworld.messages import Request
from tests.newsworld.model import Copy, Entry
from tests.newsworld.outlets.detik_group import Stamped
from tests.newsworld.outlets.shown import Shown
from tests.newsworld.printed import clock, day, relative

MENU = ("Nasional", "Internasional", "Ekonomi", "Olahraga", "Teknologi", "Otomotif", "Hiburan", "Gaya Hidup")


class CnnIndonesia(Stamped):
    """www.cnnindonesia.com."""

    name = "cnnindonesia"
    hosts = ("www.cnnindonesia.com", "cnnindonesia.com")
    base = "https://www.cnnindonesia.com"
    index = "/indeks/2"
    feed = "/internasional/rss"
    sections = {
        "internasional": ("internasional", 113),
        "nasional": ("nasional", 20),
        "ekonomi": ("ekonomi", 92),
        "daerah": ("nasional", 12),
        "olahraga": ("olahraga", 142),
        "gaya": ("gaya-hidup", 284),
    }
    new_layout_from = 2022
    above = f'<header><a href="/"><img src="/logo.svg" alt="CNN Indonesia"></a>{menu("https://www.cnnindonesia.com", MENU)}</header>'
    brand = "CNN Indonesia"
    lead_in = "<strong>{place}, CNN Indonesia</strong> -- "
    gambas = "Video CNN"
    teaser = "Lihat Juga Video: {title}"

    def story_path(self, path: str) -> str:
        """Return the path of the story that a part is one of."""
        return re.sub(r"(/\d{14}-\d+-\d+/[^/]+)/(?:\d|amp)$", r"\1", path)

    def page_urls(self, entry: Entry, parts: int) -> tuple[str, ...]:
        """Return the addresses of the pages: the number is behind the address."""
        return (entry.url, *(f"{entry.url}/{number}" for number in range(2, parts + 1)))

    def whole_url(self, entry: Entry, parts: int) -> str | None:
        """Return nothing for a split story."""
        return None if parts > 1 else entry.url

    def part(self, request: Request, path: str) -> str:
        """Return the number behind the address."""
        return request.path.removeprefix(path).strip("/") or "1"

    def signed(self, entry: Entry, copy: Copy) -> str:
        """Return nobody."""
        del entry, copy
        return ""

    def item(self, entry: Entry) -> str:
        """Return an entry of a list; every seventh is followed by a video."""
        at = entry.published_at
        when = f" &bull; {relative(at, self.now)} <!-- {at:%Y-%m-%d %H:%M}:{entry.number % 60:02d} -->"
        found = ITEM.format(
            url=entry.url, title=esc(entry.headline), section=entry.section.title(), when=when
        )
        if entry.number % 7 == 0:
            video = f"{self.base}/{entry.section}/20260302090000-117-{entry.number + 1}/video-{entry.slug}"
            found += ITEM.format(url=video, title=f"VIDEO: {esc(entry.headline)}", section="Video", when="")
        return found

    def crosslink(self, other: Entry) -> str:
        """Return a link to another story as editors put it between two paragraphs."""
        return (
            '<table class="linksisip"><tbody><tr><td><div class="lihatjg"><h5>Lihat Juga :</h5><div class="lihatjg-flex"><div class="lihatjg-title">'
            f'<a href="{other.url}" class="gtm_body_lihat_juga">{esc(other.headline)}</a></div></div></div></td></tr></tbody></table>'
        )

    def tail(self, entry: Entry) -> str:
        """Return what closes the article inside its element."""
        if entry.layout == "old":
            return ""
        return f"""<a href="{self.base}/outboundlinks?url=https://www.google.com" class="border border-black-light3 rounded-md flex">Add as a preferred source on Google</a>
<div class="end-of-article"></div><div class="newstag"><ins data-labelname="newstag" data-revive-zoneid="1065"></ins></div>"""

    def article_markup(self, entry: Entry, copy: Copy, shown: Shown) -> str:
        """Return the article in its layout."""
        return self._new(entry, copy, shown) if entry.layout == "new" else self._old(entry, copy, shown)

    def _new(self, entry: Entry, copy: Copy, shown: Shown) -> str:
        tags = links(self._tags(entry), '<a href="{url}">{title}</a>')
        byline = self.printed(entry, copy).byline
        name = f"{esc(byline[0])} | " if byline else ""
        return f"""<div class="breadcrumb flex items-center gap-2 mb-2"><a class="gtm_breadcrumb_kanal" href="{self.base}/{entry.section}">{entry.section.title()}</a> <a class="gtm_breadcrumb_subkanal" href="#">Berita</a></div>
<h1 class="mb-2 text-[28px] leading-9 text-cnn_black"> {esc(entry.headline)} </h1>
<div class="text-cnn_black_light3 text-sm mb-2.5"> {name}<span class="text-cnn_red">CNN Indonesia</span> </div>
<div class="text-cnn_grey text-sm mb-4"> {self.short(entry)} </div>
<div class="detail-image my-5"><figure><img src="https://akcdn.detik.net.id/visual/{entry.number}_169.jpeg" class="w-full" alt="{esc(entry.headline)}">
<figcaption class="text-xs text-cnn_black_light3 py-2">{esc(copy.captions[0])} ({esc(copy.credits[0])})</figcaption></figure></div>
<div class="detail-wrap flex gap-4 relative"><div class="detail-text text-cnn_black text-sm grow min-w-0">
{self.body(entry, shown, "paradetail")}
</div></div>{self._pager(entry, shown, "flex items-center gap-2 my-4")}
<aside class="my-5"><div class="title-box"> TOPIK TERKAIT </div><div class="flex flex-wrap gap-3">{tags}</div></aside>"""

    def _old(self, entry: Entry, copy: Copy, shown: Shown) -> str:
        at = entry.published_at
        tags = links(self._tags(entry), '<a href="{url}">{title}</a> ')
        return f"""<div class="content_detail"><div class="breadcrumb"><a href="{self.base}/{entry.section}">{entry.section.title()}</a></div>
<div class="detail_wrap"><h1 class="title">{esc(entry.headline)}</h1><div class="date">{self.writer(entry, copy, "Tim")}, CNN Indonesia | {day(at)}, {at:%d/%m/%Y} {clock(at)} WIB</div>
<div class="share_article"><span>Bagikan :</span> <a href="#">Facebook</a></div>
<div class="media_artikel"><div class="pic_artikel"><img src="https://akcdn.detik.net.id/visual/{entry.number}_169.jpeg" alt="{esc(entry.headline)}"><span class="caption">{esc(copy.captions[0])} ({esc(copy.credits[0])})</span></div></div>
<div class="detail_text" id="detikdetailtext">
{self.body(entry, shown, "paradetail")}
</div>{self._pager(entry, shown, "paging")}<div class="list-topik-terkait">{tags}</div></div></div>"""

    def _tags(self, entry: Entry) -> list[tuple[str, str]]:
        return [(f"{self.base}/tag/{slugify(tag)}", tag) for tag in entry.tags]

    def _pager(self, entry: Entry, shown: Shown, names: str) -> str:
        if shown.pages == 1:
            return ""
        steps = [(url, str(number)) for number, url in enumerate(self.page_urls(entry, shown.pages), 1)]
        return f'<div class="{names}">{links(steps, "<a href={url}>{title}</a>")}</div>'


ITEM = """<article class="flex-grow"><a href="{url}" class="flex group items-center gap-4" dtr-evt="indeks"><span class="flex-none"><img src="/t.jpg" alt=""></span>
<span class="flex-grow"><h2 class="text-cnn_black_light mb-2 inline leading-normal text-xl group-hover:text-cnn_red">{title}</h2>
<span class="block"><span class="text-xs text-cnn_red">{section}</span> <span class="text-xs text-cnn_black_light3">{when}</span></span></span></a></article>
"""
