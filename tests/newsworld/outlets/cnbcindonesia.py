# ruff: noqa: E501 - markup keeps its lines
"""CNBC Indonesia: one host, addresses with the moment at which work on a story began, months in English.

Lists: a dated index of all channels (10 a page) and tag pages by number in the path, both with loose times alone; a
feed of the news channel. Search is an empty shell. Readers' comments have an address of their own. A split story goes
on under `?page=2` and is whole under `?page=all`. Layouts: `new` (since 2022) and `old`.
"""

from tests.newsworld.markup import esc, links, menu, slugify
from tests.newsworld.messages import Request
from tests.newsworld.model import Copy, Entry
from tests.newsworld.outlets.detik_group import Stamped
from tests.newsworld.outlets.shown import Shown
from tests.newsworld.printed import ENGLISH_MONTHS, clock, relative

MENU = ("Market", "MyMoney", "News", "Tech", "Lifestyle", "Syariah", "Entrepreneur", "Research", "Opini")


class CnbcIndonesia(Stamped):
    """www.cnbcindonesia.com."""

    name = "cnbcindonesia"
    hosts = ("www.cnbcindonesia.com", "cnbcindonesia.com")
    base = "https://www.cnbcindonesia.com"
    index = "/indeks"
    feed = "/news/rss"
    sections = {
        "internasional": ("news", 4),
        "nasional": ("news", 4),
        "ekonomi": ("market", 17),
        "daerah": ("news", 4),
        "olahraga": ("lifestyle", 33),
        "gaya": ("lifestyle", 33),
    }
    new_layout_from = 2022
    above = f'<header><a href="/"><img src="/logo.svg" alt="CNBC Indonesia"></a>{menu("https://www.cnbcindonesia.com", MENU)}</header><div class="mb-1 text-base font-semibold">Market Data</div>'
    brand = "CNBC Indonesia"
    lead_in = ""
    gambas = "Video CNBC"
    teaser = "Saksikan video di bawah ini:"

    def part(self, request: Request, path: str) -> str:
        """Return the part that the query names."""
        del path
        return request.query.get("page", "1")

    def item(self, entry: Entry) -> str:
        """Return an entry of a list; every seventh is followed by a video."""
        found = ITEM.format(
            url=entry.url,
            title=esc(entry.headline),
            section=entry.section.title(),
            when=relative(entry.published_at, self.now),
        )
        if entry.number % 7 == 0:
            video = f"{self.base}/{entry.section}/20260302090000-8-{entry.number + 1}/video-{entry.slug}"
            found += ITEM.format(url=video, title=f"Video: {esc(entry.headline)}", section="CNBC TV", when="")
        return found

    def crosslink(self, other: Entry) -> str:
        """Return a link to another story as editors put it between two paragraphs."""
        return f"""<table class="link_sisip_berita linksisip"><tbody><tr><td><div class="lihatjg"><strong>Baca:</strong>
<a href="{other.url}">{esc(other.headline)}</a></div></td></tr></tbody></table>"""

    def tail(self, entry: Entry) -> str:
        """Return the next article, which the page announces below the sign-off."""
        other = self.earlier(entry, 1, "next")
        following = f'<a href="{other[0].url}">{esc(other[0].headline)}</a>' if other else ""
        return f"""<br/><br/><a href="{self.base}/embed/video/{entry.number}" class="embed videocnbc">[Gambas:Video CNBC]</a><br/>
<div class="my-4"><strong>Next Article</strong> {following}</div>"""

    def body(self, entry: Entry, shown: Shown, box: str) -> str:
        """Return the text of one page: the place stands inside the first paragraph."""
        text = super().body(entry, shown, box)
        if not shown.first:
            return text
        place = self.printed(entry, self.copy(entry)).dateline
        return text.replace("<p>", f"<p><strong>{place}, CNBC Indonesia</strong> - ", 1)

    def article_markup(self, entry: Entry, copy: Copy, shown: Shown) -> str:
        """Return the article in its layout."""
        at = entry.published_at
        when = f"{at.day:02d} {ENGLISH_MONTHS[at.month - 1]} {at.year} {clock(at)}"
        writer = self.writer(entry, copy, "Redaksi")
        tags = links(
            [(f"{self.base}/tag/{slugify(tag)}", tag) for tag in entry.tags], '<a href="{url}">{title}</a> '
        )
        caption = f"Foto: {esc(copy.captions[0])} ({esc(copy.credits[0])})"
        picture = f'<img src="https://awsimages.detik.net.id/visual/{entry.number}_169.jpeg" alt="{esc(entry.headline)}">'
        if entry.layout == "old":
            return f"""<div class="jdl"><div class="breadcrumb"><a href="{self.base}/{entry.section}">{entry.section.title()}</a></div><h1>{esc(entry.headline)}</h1>
<div class="author">{writer}, CNBC Indonesia</div><div class="date"><span>{entry.section.upper()}</span> {when}</div></div>
<div class="media_artikel">{picture}<span class="caption">{caption}</span></div>
<div class="detail_box"><div class="detail_text">
{self.body(entry, shown, "paradetail")}
</div>{self._pager(entry, shown)}<div class="detail_tag">TAGS: {tags}</div></div>"""
        return f"""<a href="#" class="text-xs font-semibold">{entry.section.title()}</a><h1 class="mb-4 text-32 font-extrabold">{esc(entry.headline)}</h1>
<div class="flex items-center"><div><div class="mb-1 text-base font-semibold">{writer}, <span>CNBC Indonesia</span></div><div class="text-cm text-gray">{when}</div></div></div>
<figure class="my-5">{picture}<figcaption class="mt-2 text-xs">{caption}</figcaption></figure>
<div class="detail-text min-w-0">
{self.body(entry, shown, "paradetail")}
</div>{self._pager(entry, shown)}<section class="my-5"><div class="text-sm">Tags</div><div class="flex flex-wrap gap-2">{tags}</div></section>
<a class="btn" href="{entry.url}?page=komentar">Komentar</a>"""

    def _pager(self, entry: Entry, shown: Shown) -> str:
        if shown.pages == 1 or shown.label == "all":
            return ""
        steps = [(url, str(number)) for number, url in enumerate(self.page_urls(entry, shown.pages), 1)]
        steps.append((f"{entry.url}?page=all", "Tampilkan Semua"))
        return f'<div class="flex gap-2 my-4">Halaman: {links(steps, "<a href={url}>{title}</a>")}</div>'


ITEM = """<article><a href="{url}" class="group flex gap-4 items-center"><span class="flex-none"><img src="/t.jpg" alt=""></span>
<div class="flex-grow"><h2 class="mb-2 text-base font-bold">{title}</h2><span class="text-xs text-green">{section}</span> <span class="text-xs text-gray">{when}</span></div></a></article>
"""
