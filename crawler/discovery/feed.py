"""Articles listed by an RSS or Atom feed."""

import re
from calendar import timegm
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import attrs
import feedparser
from scrapy.http import Request

from crawler.discovery.listing import Fetch, Listed, ListPage, Quest, Rung, RungError, checked, reaches
from crawler.items import Instant

MAX_BYTES = 5 * 1024 * 1024
# feedparser looks for a mail address in authors in quadratic time (its issue 562); nobody here reads them.
_AUTHORS = re.compile(rb"<((?:\w{1,20}:)?(?:author|creator|managingEditor|webMaster))\b[^<]*</\1>")


@attrs.frozen(kw_only=True)
class Feed(Rung):
    """The feed at *url*."""

    url: str

    @property
    def name(self) -> str:
        return f"feed {self.url}"

    async def walk(self, fetch: Fetch, quest: Quest) -> AsyncIterator[ListPage]:
        response = await quest.watch.first(fetch, self.url, Request(self.url))
        if response is None:
            yield ListPage(self.url, (), reaches_back=True)
            return
        parsed = feedparser.parse(
            _AUTHORS.sub(b"", checked(response).body[:MAX_BYTES]),
            sanitize_html=False,
            resolve_relative_uris=False,
        )
        if not parsed.get("version"):
            raise RungError(f"not a feed: {response.url}")
        entries = tuple(
            Listed(
                url=response.urljoin(entry.link),
                headline=entry.get("title") or None,
                published_at=_published(entry),
                keywords=" ".join(tag.get("term") or "" for tag in entry.get("tags", ())),
            )
            for entry in parsed.entries
            if entry.get("link")
        )
        page = ListPage(self.url, entries)
        meets = await quest.watch.meets(self.url, page, paged=False)
        yield attrs.evolve(page, reaches_back=meets or reaches(entries, quest.window.since))


def _published(entry: feedparser.FeedParserDict) -> Instant | None:
    moment = entry.get("published_parsed") or entry.get("updated_parsed")
    if moment is None:
        return None
    try:
        return Instant(datetime.fromtimestamp(timegm(moment), UTC), "second")
    except (ValueError, OverflowError, OSError):
        return None
