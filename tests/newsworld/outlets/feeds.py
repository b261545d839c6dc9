"""Feeds and sitemaps in the forms that several outlets share."""

from collections.abc import Iterable, Sequence

from tests.newsworld.markup import esc
from tests.newsworld.model import Entry
from tests.newsworld.printed import iso, mail_date

_MAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def _xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _loc(url: str, *, cdata: bool) -> str:
    return f"<loc><![CDATA[{url}]]></loc>" if cdata else f"<loc>{_xml(url)}</loc>"


def sitemap_index(urls: Iterable[str], *, cdata: bool = False) -> str:
    """Return a sitemap index of *urls*."""
    inner = "\n".join(f"<sitemap>{_loc(url, cdata=cdata)}</sitemap>" for url in urls)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex {_MAP}>\n{inner}\n</sitemapindex>\n'


def sitemap(rows: Iterable[tuple[str, str]]) -> str:
    """Return a plain sitemap of addresses and times of change (empty for none)."""
    inner = "\n".join(
        f"<url>{_loc(url, cdata=False)}{f'<lastmod>{changed}</lastmod>' if changed else ''}</url>"
        for url, changed in rows
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {_MAP}>\n{inner}\n</urlset>\n'


def news_sitemap(publication: str, entries: Iterable[Entry], *, cdata: bool = False) -> str:
    """Return a news sitemap: address, time with offset, headline, keywords."""
    inner = "\n".join(
        f"""<url>{_loc(entry.url, cdata=cdata)}<news:news><news:publication>\
<news:name>{publication}</news:name><news:language>id</news:language></news:publication><news:publication_date>{iso(entry.published_at)}\
</news:publication_date><news:title>{_xml(entry.headline)}</news:title>\
<news:keywords>{_xml(", ".join(entry.tags))}</news:keywords></news:news></url>"""
        for entry in entries
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {_MAP} {_NEWS}>\n{inner}\n</urlset>\n'


def rss_feed(
    title: str,
    link: str,
    entries: Sequence[Entry],
    *,
    extra: dict[str, str] | None = None,
    links: dict[str, str] | None = None,
) -> str:
    """Return an RSS 2.0 feed.

    *extra* holds further elements of an item, and *links* another address for it, by the key of its entry.
    """
    items = "\n".join(
        f"""<item><title>{_xml(entry.headline)}</title>\
<link>{_xml((links or {}).get(entry.key, entry.url))}</link>\
<guid isPermaLink="false">{entry.number}</guid><pubDate>{mail_date(entry.published_at)}</pubDate>\
{(extra or {}).get(entry.key, "")}</item>"""
        for entry in entries
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" \
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">
<channel><title>{esc(title)}</title><link>{link}</link><description>{esc(title)}</description>
<language>id</language>
{items}
</channel></rss>
"""
