# ruff: noqa: E501 - markup keeps its lines
"""Lintas Dunia, an invented WordPress site with the Newspaper theme: dated addresses, open REST, linked data.

Its texts carry the boxes of common plugins: a table of contents, sharing buttons, related posts.
"""

import json
from random import Random

from tests.newsworld.markup import (
    blocks_html,
    links,
    menu,
    places_between,
    script_filler,
    slugify,
    style_filler,
    typeset,
)
from tests.newsworld.model import Copy, Entry
from tests.newsworld.outlets.shown import Printed, Shown
from tests.newsworld.outlets.wordpress import CATEGORIES, WordPress
from tests.newsworld.printed import iso, month


class LintasDunia(WordPress):
    """lintasdunia.example."""

    name = "lintasdunia"
    hosts = ("lintasdunia.example", "www.lintasdunia.example")
    base = "https://lintasdunia.example"
    title = "Lintas Dunia"
    theme = "newspaper"
    dated_addresses = True
    maps = ("sitemap_index.xml", "post-sitemap1.xml")

    def printed(self, entry: Entry, copy: Copy) -> Printed:
        """Return the credits: always a reporter, and a place for most stories."""
        place = copy.dateline if Random(entry.key + "/printed").random() < 0.8 else None
        return Printed(byline=(copy.reporter,), dateline=place, captions=(copy.captions[0],))

    def lead_in(self, entry: Entry, copy: Copy) -> str:
        """Return the place, the brand and a dash, if any."""
        place = self.printed(entry, copy).dateline
        return f"<strong>{place}, LintasDunia &#8211;</strong> " if place else ""

    def paragraph_furniture(self, entry: Entry) -> dict[int, str]:
        """Return cross links in a box for which the site has a class."""
        return self.cross_links(
            entry, '<p class="baca-juga"><strong>Baca juga:</strong> <a href="{url}">{title}</a></p>', 2
        )

    def article_page(self, entry: Entry, shown: Shown) -> str:
        """Return the theme's page."""
        copy, at = self.copy(entry), entry.published_at
        between = dict(shown.here(self.paragraph_furniture(entry)))
        spots = places_between(shown.blocks, 1, Random(entry.key + "/advert"))
        if spots:
            between[spots[0]] = (
                '<div class="td-a-rec td-a-rec-id-content_inline"><span class="td-adspot-title">- Advertisement -</span></div>'
                + between.get(spots[0], "")
            )
        text = blocks_html(
            shown.blocks, lambda inner: f"<p>{inner}</p>", lambda inner: f"<h3>{inner}</h3>", between, typeset
        )
        text = text.replace("<p>", f"<p>{self.lead_in(entry, copy)}", 1)
        headings = [block.text for block in shown.blocks if block.kind == "heading"]
        toc = ""
        if len(headings) > 1:
            rows = links(
                [("#" + slugify(each), each) for each in headings], '<li><a href="{url}">{title}</a></li>'
            )
            toc = f'<div id="toc_container" class="no_bullets"><p class="toc_title">Daftar Isi</p><ul class="toc_list">{rows}</ul></div>'
        tags = links(
            [(f"{self.base}/tag/{slugify(tag)}/", tag) for tag in entry.tags],
            '<li><a href="{url}">{title}</a></li>',
        )
        related = links(
            [(each.url, each.headline) for each in self.earlier(entry, 3, "jp")],
            '<div class="jp-relatedposts-post"><h4><a href="{url}">{title}</a></h4></div>',
        )
        more = links(
            [(each.url, each.headline) for each in self.earlier(entry, 6, "td")],
            '<div class="td_module_related_posts"><h3 class="entry-title"><a href="{url}">{title}</a></h3></div>',
        )
        main = f"""<article id="post-{entry.number}" class="td-post-template-default post type-post"><div class="td-post-header"><ul class="td-category"><li><a href="{self.base}/category/{entry.section}/">{entry.section.title()}</a></li></ul>
<header class="td-post-title"><h1 class="entry-title">{typeset(entry.headline)}</h1>
<div class="td-module-meta-info"><div class="td-post-author-name"><div class="td-author-by">Oleh</div> <a href="{self.base}/author/{slugify(copy.reporter)}/">{copy.reporter}</a></div>
<span class="td-post-date"><time class="entry-date updated td-module-date" datetime="{iso(at)}">{at.day} {month(at)} {at.year}</time></span></div></header></div>
<div class="td-post-sharing-top"><a href="#">Facebook</a> <a href="#">Twitter</a> <a href="#">WhatsApp</a></div>
<div class="td-post-content tagdiv-type"><div class="td-post-featured-image"><figure><img class="entry-thumb" src="{self.base}/wp-content/uploads/{entry.number}.jpg" alt="{typeset(entry.headline)}"><figcaption class="wp-caption-text">{typeset(copy.captions[0])}</figcaption></figure></div>
{toc}
{text}
<div class="sharedaddy sd-sharing-enabled"><h3 class="sd-title">Bagikan ini:</h3><ul><li><a href="#"><span>Facebook</span></a></li><li><a href="#"><span>X</span></a></li></ul></div>
<div id="jp-relatedposts" class="jp-relatedposts"><h3 class="jp-relatedposts-headline"><em>Terkait</em></h3>{related}</div>
</div>
<footer><div class="td-post-source-tags"><ul class="td-tags"><li><span>TAGS</span></li>{tags}</ul></div>
<div class="author-box-wrap"><a href="#">{copy.reporter}</a></div></footer></article>
<div class="td_block_wrap td_block_related_posts"><h4 class="td-related-title">ARTIKEL TERKAIT</h4>{more}</div>
<div class="comments" id="comments"><div id="respond" class="comment-respond"><h3 id="reply-title">TINGGALKAN KOMENTAR</h3></div></div>"""
        return self.frame(entry.headline, self._head(entry, copy), main)

    def _head(self, entry: Entry, copy: Copy) -> str:
        at = iso(entry.published_at)
        graph = {
            "@context": "https://schema.org",
            "@graph": [
                {
                    "@type": "Article",
                    "headline": entry.headline,
                    "datePublished": at,
                    "dateModified": iso(entry.modified_at),
                    "author": {
                        "name": copy.reporter,
                        "@id": f"{self.base}/#/schema/person/{slugify(copy.reporter)}",
                    },
                    "articleSection": [entry.section.title()],
                    "keywords": list(entry.tags),
                    "mainEntityOfPage": {"@id": entry.url},
                },
                {
                    "@type": "WebPage",
                    "@id": entry.url,
                    "url": entry.url,
                    "name": f"{entry.headline} - Lintas Dunia",
                },
                {
                    "@type": "Person",
                    "@id": f"{self.base}/#/schema/person/{slugify(copy.reporter)}",
                    "name": copy.reporter,
                },
            ],
        }
        return f"""<link rel="canonical" href="{entry.url}"><meta property="og:type" content="article"><meta property="og:title" content="{typeset(entry.headline)} - Lintas Dunia">
<meta property="og:url" content="{entry.url}"><meta property="og:description" content="{self.excerpt(copy)}"><meta property="article:published_time" content="{at}">
<script type="application/ld+json" class="yoast-schema-graph">{json.dumps(graph)}</script>"""

    def list_item(self, entry: Entry) -> str:
        """Return a card of the archive."""
        at = entry.published_at
        return f"""<div class="td_module_11 td_module_wrap"><div class="item-details"><h3 class="entry-title td-module-title"><a href="{entry.url}" rel="bookmark">{typeset(entry.headline)}</a></h3>
<span class="td-post-date"><time class="entry-date updated td-module-date" datetime="{iso(at)}">{at.day} {month(at)} {at.year}</time></span><div class="td-excerpt">{self.excerpt(self.copy(entry))}</div></div></div>"""

    def frame(self, title: str, head: str, main: str) -> str:
        """Return a whole page."""
        newest = links(
            [(each.url, each.headline) for each in self.newest(8)],
            '<div class="td_module_6"><h3 class="entry-title"><a href="{url}">{title}</a></h3></div>',
        )
        return f"""{_HEAD}<title>{typeset(title)} - Lintas Dunia</title>
{head}{_BODY}
<div class="td-main-content-wrap"><div class="td-container"><div class="td-pb-span8 td-main-content">
{main}
</div><div class="td-pb-span4 td-main-sidebar"><h4 class="block-title">TERBARU</h4>{newest}</div></div></div>
{_FOOT}"""


_HEAD = f"""<!DOCTYPE html>
<html lang="id-ID"><head><meta charset="UTF-8"><meta name="generator" content="WordPress 6.6"><link rel="https://api.w.org/" href="https://lintasdunia.example/wp-json/">
<style id="td-theme-css">{style_filler("lintasdunia", 22_000)}</style><script>{script_filler("lintasdunia", 14_000)}</script>
"""
_BODY = f"""</head><body class="single td-standard-pack"><div class="td-header-wrap">{menu("https://lintasdunia.example/category", tuple(CATEGORIES.values()))}</div>
"""
_FOOT = f"""<div class="td-sub-footer-container">&copy; Lintas Dunia</div><script>{script_filler("lintasdunia-foot", 11_000)}</script></body></html>"""
