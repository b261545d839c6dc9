# ruff: noqa: E501 - markup keeps its lines
"""Kabar Nusa, an invented WordPress site with a gmr/Kentooz theme; its REST interface is closed (401).

Keyword search (`/?s=`), feeds and archives must serve. A desk signs half of the stories; a comment form follows.
It answers over plain http as well.
"""

from random import Random
from typing import ClassVar

from tests.newsworld.markup import links, menu, script_filler, slugify, style_filler, typeset
from tests.newsworld.model import Copy, Entry
from tests.newsworld.outlets.shown import Printed, Shown
from tests.newsworld.outlets.wordpress import CATEGORIES, WordPress
from tests.newsworld.printed import clock, iso, long_date

DESK = "Redaksi"


class KabarNusa(WordPress):
    """kabarnusa.example."""

    name = "kabarnusa"
    hosts = ("kabarnusa.example", "www.kabarnusa.example")
    base = "https://kabarnusa.example"
    title = "Kabar Nusa"
    theme = "gmr"
    plain_hosts = frozenset({"kabarnusa.example"})
    options: ClassVar = {"rest": ("closed", "open")}

    def printed(self, entry: Entry, copy: Copy) -> Printed:
        """Return the credits: a reporter where the desk does not sign, a place where the text opens with one."""
        rng = Random(entry.key + "/printed")
        place = copy.dateline.title() if rng.random() < 0.7 else None
        return Printed(
            byline=() if self.author(copy) == DESK else (copy.reporter,),
            dateline=place,
            captions=(copy.captions[0],),
        )

    def author(self, copy: Copy) -> str:
        """Return the reporter or, for half of the reporters, the desk."""
        return DESK if len(copy.reporter) % 2 else copy.reporter

    def lead_in(self, entry: Entry, copy: Copy) -> str:
        """Return the place and a dash, if any."""
        place = self.printed(entry, copy).dateline
        return f"<strong>{place}</strong> &#8211; " if place else ""

    def paragraph_furniture(self, entry: Entry) -> dict[int, str]:
        """Return cross links in boxes of their own."""
        return self.cross_links(
            entry,
            '<div class="gmr-related-post-content"><p>Baca Juga: <a href="{url}">{title}</a></p></div>',
            2,
        )

    def article_page(self, entry: Entry, shown: Shown) -> str:
        """Return the theme's page."""
        copy, at = self.copy(entry), entry.published_at
        text = self.content(entry, shown)
        middle = text.find("</p>") + 4
        text = f'{text[:middle]}\n<div class="gmr-banner-insidecontent"><a href="#">Pasang Iklan</a></div>{text[middle:]}'
        tags = links(
            [(f"{self.base}/tag/{slugify(tag)}/", tag) for tag in entry.tags],
            '<a href="{url}" rel="tag">{title}</a>',
        )
        related = "".join(
            f'<li><div class="other-content-thumbnail"></div><a href="{other.url}" class="recent-title">{typeset(other.headline)}</a><time class="entry-date published" datetime="{iso(other.published_at)}">{long_date(other.published_at)}</time></li>'
            for other in self.earlier(entry, 6, "related")
        )
        main = f"""<div id="primary" class="col-md-main"><main id="main" class="site-main site-main-single"><article id="post-{entry.number}" class="post type-post">
<div class="gmr-box-content gmr-single"><header class="entry-header"><div class="gmr-metacontent"><span class="cat-links"><a href="{self.base}/category/{entry.section}/">{entry.section.title()}</a></span></div>
<h1 class="entry-title">{typeset(entry.headline)}</h1>
<div class="gmr-metacontent gmr-metacontent-single"><span class="entry-author vcard"><a class="url fn n" rel="author" href="{self.base}/author/{slugify(self.author(copy))}/">{self.author(copy)}</a></span>
<span class="posted-on"><time class="entry-date published" datetime="{iso(at)}">{long_date(at)} {clock(at)} WIB</time></span></div></header>
<figure class="post-thumbnail gmr-thumbnail-single"><img src="{self.base}/wp-content/uploads/{entry.number}.jpg" alt=""><figcaption class="wp-caption-text">{typeset(copy.captions[0])}</figcaption></figure>
<div class="gmr-banner-beforecontent"><a href="#">Iklan</a></div>
<div class="entry-content entry-content-single clearfix">
{text}
<div class="gmr-banner-aftercontent"><a href="#">Iklan</a></div></div>
<footer class="entry-footer"><span class="tags-links">{tags}</span></footer>
<div class="gmr-related-post"><h3 class="related-title">Berita Terkait</h3><ul>{related}</ul></div>
</div></article>
{COMMENT_FORM}
</main></div>"""
        head = f"""<link rel="canonical" href="{entry.url}"><meta property="og:type" content="article"><meta property="og:title" content="{typeset(entry.headline)} - Kabar Nusa">
<meta property="og:url" content="{entry.url}"><meta property="article:published_time" content="{iso(at)}"><meta name="author" content="{self.author(copy)}">"""
        return self.frame(entry.headline, head, main)

    def list_item(self, entry: Entry) -> str:
        """Return a card of the archive."""
        return f"""<article class="item-infinite"><div class="item-content"><h2 class="entry-title"><a href="{entry.url}" rel="bookmark">{typeset(entry.headline)}</a></h2>
<span class="posted-on"><time class="entry-date published" datetime="{iso(entry.published_at)}">{long_date(entry.published_at)}</time></span>
<div class="entry-content entry-content-archive"><p>{self.excerpt(self.copy(entry))}</p></div></div></article>"""

    def frame(self, title: str, head: str, main: str) -> str:
        """Return a whole page."""
        newest = links(
            [(each.url, each.headline) for each in self.newest(8)], '<li><a href="{url}">{title}</a></li>'
        )
        return f"""{_HEAD}<title>{typeset(title)} - Kabar Nusa</title>
{head}{_BODY}
{main}
<aside class="widget-area"><section class="widget"><h3 class="widget-title">Berita Terkini</h3><ul>{newest}</ul></section></aside>
{_FOOT}"""


COMMENT_FORM = """<div id="comments" class="comments-area"><div id="respond" class="comment-respond"><h3 id="reply-title" class="comment-reply-title">Tinggalkan Balasan <small><a rel="nofollow" id="cancel-comment-reply-link" href="#respond" style="display:none;">Batalkan balasan</a></small></h3>
<form action="/wp-comments-post.php" method="post" id="commentform" class="comment-form"><p class="comment-notes"><span id="email-notes">Alamat email Anda tidak akan dipublikasikan.</span> <span class="required-field-message">Ruas yang wajib ditandai <span class="required">*</span></span></p>
<p class="comment-form-comment"><label for="comment">Komentar</label> <textarea id="comment" name="comment"></textarea></p><p class="comment-form-author"><label for="author">Nama</label> <input id="author"></p>
<p class="comment-form-email"><label for="email">Email</label> <input id="email"></p><p class="form-submit"><input name="submit" type="submit" value="Kirim Komentar"></p></form></div></div>"""
_HEAD = f"""<!DOCTYPE html>
<html lang="id"><head><meta charset="UTF-8"><meta name="generator" content="WordPress 6.5"><link rel="alternate" type="application/rss+xml" href="https://kabarnusa.example/feed/">
<style id="gmr-inline-css">{style_filler("kabarnusa", 20_000)}</style><script>{script_filler("kabarnusa", 8_000)}</script>
"""
_BODY = f"""</head><body class="wp-theme-newkarma">
<header id="masthead">{menu("https://kabarnusa.example/category", tuple(CATEGORIES.values()))}</header>
"""
_FOOT = f"""<footer class="site-footer"><div class="site-info">Hak cipta Kabar Nusa</div></footer><script>{script_filler("kabarnusa-foot", 9_000)}</script></body></html>"""
