"""Looks for the lists that a site makes for programs: feeds, sitemaps, the WordPress interface."""

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import attrs
from scrapy.http import Request

from crawler.authoring.asking import ANSWERS, Asker
from crawler.authoring.findings import ListFound
from crawler.dates import WIB
from crawler.discovery.feed import Feed
from crawler.discovery.listing import Listed, Quest, Rung, RungError
from crawler.discovery.sitemap import Sitemap, SitemapFile, read_sitemap
from crawler.discovery.wordpress import WordPressPosts
from crawler.pages.site import site_of

_USUAL_FEEDS = ("/feed/", "/rss", "/rss.xml", "/feed")
_USUAL_MAPS = (
    "/sitemap.xml",
    "/news-sitemap.xml",
    "/sitemap-news.xml",
    "/sitemap_index.xml",
    "/wp-sitemap.xml",
)
_MAX_MAPS, _MAX_CHILDREN, _MAX_FEEDS = 4, 2, 4
_FRESH = timedelta(days=2)
_OWN_SHARE = 0.5
_NEWS = re.compile(r"news|berita|latest|terbaru", re.IGNORECASE)


async def feeds(ask: Asker, origin: str, site: str, declared: Sequence[str], quest: Quest) -> list[ListFound]:
    """Return what the declared feeds hold, and those in the usual places where none of them serves."""
    found = [await _feed(ask, url, site, quest) for url in declared[:_MAX_FEEDS]]
    for path in _USUAL_FEEDS:
        if any(each.rung for each in found):
            break
        if f"{origin}{path}" not in declared:
            found.append(await _feed(ask, f"{origin}{path}", site, quest))
    return _without_absent(found, "feed", f"none declared, none at {', '.join(_USUAL_FEEDS)}", origin)


async def _feed(ask: Asker, url: str, site: str, quest: Quest) -> ListFound:
    rung = Feed(url=url)
    try:
        entries = [entry async for page in _pages(ask, rung, quest) for entry in page]
    except RungError as error:
        return ListFound("feed", url, str(error))
    own = _own(entries, site)
    if not own or len(own) < len(entries) * _OWN_SHARE:
        return ListFound(
            "feed", url, f"{len(entries)} entries, {len(own)} of them articles of this site: no use"
        )
    return ListFound("feed", url, _told(own, quest.now), rung, tuple(own))


async def _pages(ask: Asker, rung: Rung, quest: Quest) -> AsyncIterator[Sequence[Listed]]:
    async def fetch(request: Request) -> object:
        request.meta["handle_httpstatus_list"] = ANSWERS
        return await ask(request)

    async for page in rung.walk(fetch, quest):  # type: ignore[arg-type] # responses, as they come
        yield page.entries


async def sitemaps(ask: Asker, origin: str, site: str, named: Sequence[str], quest: Quest) -> list[ListFound]:
    """Return what the sitemaps hold that robots.txt names, else those in the usual places."""
    found = [await _sitemap(ask, url, site, quest) for url in named[:_MAX_MAPS]]
    for path in _USUAL_MAPS:
        if any(each.rung for each in found):
            break
        if f"{origin}{path}" not in named:
            found.append(await _sitemap(ask, f"{origin}{path}", site, quest))
    return _without_absent(found, "sitemap", "none in robots.txt, none in the usual places", origin)


async def _sitemap(ask: Asker, url: str, site: str, quest: Quest) -> ListFound:
    try:
        first = read_sitemap(await ask.page(url))
        follow, children = _worth_following(first)
        entries = list(first.entries)
        for child in children:
            entries += read_sitemap(await ask.page(child)).entries
    except RungError as error:
        return ListFound("sitemap", url, str(error))
    own = _own(entries, site)
    told = f"{f'index of {len(first.children)}, of which {len(children)} read: ' if children else ''}"
    if not own:
        return ListFound(
            "sitemap", url, f"{told}{len(entries)} entries, none of them an article of this site"
        )
    newest = _newest(own)
    told += _told(own, quest.now)
    if newest is None or newest < quest.now - _FRESH:
        return ListFound("sitemap", url, f"{told}: stale, no use for news")
    return ListFound("sitemap", url, told, Sitemap(url=url, follow=follow), tuple(own))


def _worth_following(index: SitemapFile) -> tuple[str, list[str]]:
    """Return the pattern of the files to follow in an index, and the few that are looked at."""
    if not index.children:
        return "", []
    news = [child.url for child in index.children if _NEWS.search(urlsplit(child.url).path)]
    if news:
        names = {re.sub(r"\d+", r"", urlsplit(url).path.rpartition("/")[2]) for url in news}
        follow = (
            "/" + re.escape(names.pop()).replace(r"\-", "-")
            if len(names) == 1 and len(news) < len(index.children)
            else ""
        )
        return (follow if all(re.search(follow, url) for url in news) else _NEWS.pattern), news[
            :_MAX_CHILDREN
        ]
    posts = [child for child in index.children if re.search(r"post|article|artikel", child.url)] or list(
        index.children
    )
    dated = sorted(
        posts,
        key=lambda child: child.published_at.utc if child.published_at else datetime.min.replace(tzinfo=WIB),
    )
    return "", [child.url for child in dated[-1:]]


async def rest(ask: Asker, origin: str, quest: Quest) -> ListFound:
    """Return whether the WordPress interface is open."""
    rung = WordPressPosts(site=origin)
    url = f"{origin}/wp-json/wp/v2/posts"
    try:
        entries = [
            entry async for page in _pages(ask, rung, attrs.evolve(quest, max_pages=1)) for entry in page
        ]
    except RungError as error:
        return ListFound("WordPress REST", url, f"closed: {error}")
    if not entries:
        return ListFound("WordPress REST", url, "open, but names no post of the last days")
    return ListFound("WordPress REST", url, f"open: {_told(entries, quest.now)}", rung, tuple(entries))


def _own(entries: Iterable[Listed], site: str) -> list[Listed]:
    return [
        entry
        for entry in entries
        if site_of(urlsplit(entry.url).hostname or "") == site and urlsplit(entry.url).path.strip("/")
    ]


def _newest(entries: Sequence[Listed]) -> datetime | None:
    return max((entry.published_at.at for entry in entries if entry.published_at), default=None)


def _told(entries: Sequence[Listed], now: datetime) -> str:
    """Return how many entries there are, with what, and how far back they reach."""
    times = [entry.published_at.at for entry in entries if entry.published_at]
    words = f"{len(entries)} entries of this site"
    if not any(entry.headline for entry in entries):
        words += ", without headlines"
    if not times:
        return f"{words}, without times"
    hours = (max(times) - min(times)).total_seconds() / 3600
    age = max((now - max(times)).total_seconds() / 3600, 0)
    return f"{words}, the newest {_span(age)} old, reaching back {_span(hours)} from there"


def _span(hours: float) -> str:
    return f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} days"  # noqa: PLR2004 - three days


def _without_absent(found: Sequence[ListFound], what: str, nothing: str, origin: str) -> list[ListFound]:
    """Return the findings without places where there is nothing; where that is all, one that says so."""
    there = [each for each in found if not each.says.startswith("HTTP 404")]
    return there or [ListFound(what, origin, nothing)]
