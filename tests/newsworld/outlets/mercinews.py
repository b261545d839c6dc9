# ruff: noqa: E501 - markup keeps its lines
"""Mercinews: WordPress with an open REST interface and the `nomina` theme; long stories split at `/slug/2/`.

The page prints no reporter for most stories and has no time in its head: the printed date is all there is.
"""

from random import Random

from tests.newsworld.markup import (
    blocks_html,
    links,
    menu,
    places_between,
    script_filler,
    style_filler,
    typeset,
)
from tests.newsworld.model import Copy, Entry
from tests.newsworld.outlets.shown import Printed, Shown
from tests.newsworld.outlets.wordpress import CATEGORIES, WordPress
from tests.newsworld.printed import SHORT_MONTHS, clock, day, long_date

NETWORKS = ("facebook", "twitter", "whatsapp", "telegram", "line", "copy")


class Mercinews(WordPress):
    """mercinews.com."""

    name = "mercinews"
    hosts = ("mercinews.com", "www.mercinews.com")
    base = "https://mercinews.com"
    title = "Mercinews"

    def printed(self, entry: Entry, copy: Copy) -> Printed:
        """Return the credits: a reporter now and then, nothing else."""
        named = Random(entry.key + "/printed").random() < 0.2
        return Printed(byline=(copy.reporter,) if named else (), captions=(copy.captions[0],))

    def author(self, copy: Copy) -> str:
        """Return the account that posts everything."""
        del copy
        return "Redaksi"

    def split(self, entry: Entry, copy: Copy) -> int:
        """Return the number of pages: two or three for some of the long stories."""
        if len(copy.blocks) < 14 or Random(entry.key + "/split").random() > 0.5:
            return 1
        return 3 if len(copy.blocks) > 20 else 2

    def lead_in(self, entry: Entry, copy: Copy) -> str:
        """Return the brand and a dash."""
        del entry, copy
        return "<strong>Mercinews.com &#8211;</strong> "

    def _initials(self, entry: Entry, copy: Copy) -> str:
        rng = Random(entry.key + "/initials")
        return f"({rng.choice('mrsd')}/{''.join(part[0] for part in copy.editor.lower().split()[:2])})"

    def paragraph_furniture(self, entry: Entry) -> dict[int, str]:
        """Return cross links with two spaces after the colon, and the sign-off."""
        copy = self.copy(entry)
        found = self.cross_links(entry, '<p>Baca Juga:&nbsp; <a href="{url}">{title}</a></p>')
        found[len(copy.blocks)] = f"<p>{self._initials(entry, copy)}</p>"
        return found

    def article_page(self, entry: Entry, shown: Shown) -> str:
        """Return the theme's page: share bars with a message, caption twice, three lists of other stories."""
        copy, at = self.copy(entry), entry.published_at
        printed = self.printed(entry, copy)
        caption = typeset(printed.captions[0])
        spots = places_between(shown.blocks, 2, Random(entry.key + "/adverts"))
        between = dict(shown.here(self.paragraph_furniture(entry)))
        if spots:
            advert = '<div class="ads-in"><p>ADVERTISEMENT</p><p>SCROLL TO RESUME CONTENT</p></div>'
            between[spots[0]] = advert + between.get(spots[0], "")
        text = blocks_html(
            shown.blocks, lambda inner: f"<p>{inner}</p>", lambda inner: f"<h3>{inner}</h3>", between, typeset
        )
        if shown.first:
            text = text.replace("<p>", f"<p>{self.lead_in(entry, copy)}", 1)
        pager = ""
        if shown.pages > 1:
            steps = [(url, str(number + 1)) for number, url in enumerate(self.page_urls(entry, shown.pages))]
            pager = f'<div class="page-link-wrap"><span>Halaman</span> {links(steps, "<a class=post-page-numbers href={url}>{title}</a>")}</div>'
        who = f'<div class="nama-penulis">{printed.byline[0]}</div>' if printed.byline else ""
        tags = links(
            [(f"{self.base}/tag/{name.lower().replace(' ', '-')}/", name) for name in entry.tags],
            '<a class="tagname" href="{url}">{title}</a>',
        )
        bar = " ".join(f'<a href="#"><img src="/i/{name}.png" alt="{name}"></a>' for name in NETWORKS)
        mobile = " ".join(
            f'<a href="#"><img src="/i/{name}.png" alt="{name}{"" if name == "copy" else " icon"}"></a>'
            for name in NETWORKS
        )
        main = f"""<div id="single-content-wrap"><div id="single-content">
<div class="single-kategori"><a href="{self.base}/category/{entry.section}/">{entry.section.replace("-", " ").title()}</a></div>
<h1>{typeset(entry.headline)}</h1>
{who}<div class="tanggal-single">{long_date(at)} - {clock(at)} WIB</div>
<div class="single-media-social">{bar}<p class="copied">URL berhasil dicopy</p></div>
<div class="media-sosial-mobile">{mobile}<p class="copied-mobile">URL berhasil dicopy</p></div>
<p class="foto-utama"><img src="{self.base}/wp-content/uploads/{entry.number}.jpg" alt="{caption}"></p>
<p class="caption-photo">{caption}</p>
<div id="single-article-text" class="single-article-text">
{text}
</div>{pager}
<div class="tag-wrap">{tags}</div>
{self._related(entry)}
</div></div>"""
        head = f"""<link rel="canonical" href="{entry.url}"><meta property="og:type" content="article"><meta property="og:url" content="{entry.url}">
<meta property="og:title" content="{typeset(entry.headline)} - Mercinews"><meta property="og:image" content="{self.base}/wp-content/uploads/{entry.number}.jpg">
<link rel="alternate" type="application/json" href="{self.base}/wp-json/wp/v2/posts/{entry.number}">"""
        return self.frame(entry.headline, head, main)

    def _related(self, entry: Entry) -> str:
        others = self.earlier(entry, 8, "related")
        rows = "".join(
            f'<div class="related-post-box"><a href="{other.url}"><h3>{typeset(other.headline)}</h3></a></div>'
            for other in others
        )
        mobile = "".join(
            f'<div class="box-mobile"><div class="mobile-tanggal-terkait">{long_date(other.published_at)} - {clock(other.published_at)} WIB</div>'
            f'<a href="{other.url}"><h3>{typeset(other.headline)}</h3></a></div>'
            for other in others[:5]
        )
        newest = "".join(
            f'<div class="box-terbaru"><a href="{other.url}"><img src="/u/{other.number}.jpg" alt="{typeset(self.copy(other).captions[0])}"></a><div class="kategori">{other.section.title()}</div>'
            f'<a href="{other.url}"><h3>{typeset(other.headline)}</h3></a><div class="tanggal-berita-terbaru">{day(other.published_at)}, {other.published_at.day} '
            f"{SHORT_MONTHS[other.published_at.month - 1]} {other.published_at.year} - {clock(other.published_at)} WIB</div></div>"
            for other in self.newest(2)
        )
        return f"""<div class="related-post-wrap"><div class="judul">Berita Terkait</div>{rows}</div>
<div class="mobile-berita-terkait"><div class="judul">Berita Terkait</div>{mobile}</div>
<div class="desktop-berita-terbaru"><div class="judul">Berita Terbaru</div>{newest}</div>"""

    def list_item(self, entry: Entry) -> str:
        """Return a card of the archive."""
        return f"""<div class="archive-box"><a href="{entry.url}"><img src="/u/{entry.number}.jpg" alt=""></a><a href="{entry.url}"><h2 class="judul-archive">{typeset(entry.headline)}</h2></a>
<div class="tanggal-archive">{long_date(entry.published_at)} - {clock(entry.published_at)} WIB</div></div>"""

    def frame(self, title: str, head: str, main: str) -> str:
        """Return a whole page."""
        return f"""{_HEAD}<title>{typeset(title)} - Mercinews</title>
{head}{_BODY}
{main}
{_FOOT}"""


_HEAD = f"""<!DOCTYPE html>
<html lang="id"><head><meta charset="UTF-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="https://api.w.org/" href="https://mercinews.com/wp-json/"><link rel="alternate" type="application/rss+xml" href="https://mercinews.com/feed/">
<style id="global-styles">{style_filler("mercinews", 18_000)}</style><script>{script_filler("mercinews", 14_000)}</script>
"""
_BODY = f"""</head><body class="single">
<header><a href="https://mercinews.com"><img src="/logo.png" alt=""></a>{menu("https://mercinews.com/category", tuple(CATEGORIES.values()))}</header>
"""
_FOOT = f"""<footer><p class="copyright">Copyright &copy; Mercinews. All Right Reserved.</p></footer>
<script>{script_filler("mercinews-foot", 8_000)}</script></body></html>"""
