"""Articles listed by a sitemap or a news sitemap, through sitemap indexes."""

import re
from collections.abc import AsyncIterator, Iterator
from io import BytesIO

import attrs
from lxml import etree
from scrapy.http import Request, Response
from scrapy.utils.gz import gunzip, gzip_magic_number

from crawler.dates import WIB, parse_iso
from crawler.discovery.listing import Fetch, Listed, ListPage, Quest, Rung, RungError, checked, reaches

MAX_ENTRIES = 50_000  # what the sitemap protocol allows in one file
MAX_CHILDREN = 50
MAX_DEPTH = 3
MAX_BYTES = 50 * 1024 * 1024


@attrs.frozen
class SitemapFile:
    """One file: the further files that it names, and the pages."""

    children: tuple[Listed, ...]
    entries: tuple[Listed, ...]


@attrs.frozen(kw_only=True)
class Sitemap(Rung):
    """A sitemap at *url*; of an index, the children that match *follow* and changed since the window."""

    url: str
    follow: str = ""

    @property
    def name(self) -> str:
        return f"sitemap {self.url}"

    async def walk(self, fetch: Fetch, quest: Quest) -> AsyncIterator[ListPage]:
        waiting = [(self.url, 0)]
        met = {self.url}
        all_reach = True
        while waiting:
            url, depth = waiting.pop(0)
            response = await quest.watch.first(fetch, url, Request(url))
            if response is None:
                continue
            sitemap = read_sitemap(checked(response))
            for child in sitemap.children:
                fresh = child.published_at is None or child.published_at.at >= quest.window.since
                wanted = fresh and re.search(self.follow, child.url) and child.url not in met
                if wanted and depth < MAX_DEPTH and len(met) <= MAX_CHILDREN:
                    met.add(child.url)
                    waiting.append((child.url, depth + 1))
            page = ListPage(url, sitemap.entries)
            if not sitemap.children and await quest.watch.meets(url, page, paged=False):
                yield page
            elif sitemap.entries:
                all_reach = all_reach and reaches(sitemap.entries, quest.window.since)
                yield page
        yield ListPage(self.url, (), reaches_back=all_reach)


def read_sitemap(response: Response) -> SitemapFile:
    """Return what a sitemap or an index of sitemaps names.

    Raises:
        RungError: it is neither.
    """
    body = response.body
    if gzip_magic_number(response):
        body = gunzip(body, max_size=MAX_BYTES)
    children: list[Listed] = []
    entries: list[Listed] = []
    for kind, values in _elements(body):
        loc = values.get("loc", "").strip()
        if not loc:
            continue
        url = response.urljoin(loc)
        date = values.get("publication_date") or values.get("lastmod") or ""
        listed = Listed(
            url=url,
            headline=values.get("title") or None,
            published_at=parse_iso(date.strip(), WIB),
            keywords=values.get("keywords", ""),
        )
        (children if kind == "sitemap" else entries).append(listed)
        if len(entries) >= MAX_ENTRIES:
            break
    if not children and not entries and not re.search(rb"<\w*:?(urlset|sitemapindex)\b", body[:4096]):
        raise RungError(f"not a sitemap: {response.url}")
    return SitemapFile(tuple(children), tuple(entries))


def _elements(body: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield `url` and `sitemap` elements as their kind and the texts of what they hold, in flat memory."""
    context = etree.iterparse(
        BytesIO(body), events=("end",), recover=True, resolve_entities=False, no_network=True, load_dtd=False
    )
    values: dict[str, str] = {}
    try:
        for _, element in context:
            if not isinstance(element.tag, str):
                continue
            tag = etree.QName(element).localname.lower()
            if tag in {"url", "sitemap"}:
                yield tag, values
                values = {}
                element.clear()
            elif tag in {"loc", "lastmod", "publication_date", "title", "keywords"} and element.text:
                values.setdefault(tag, element.text)
    except etree.XMLSyntaxError:
        return
