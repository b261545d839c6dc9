"""Articles of a WordPress site: its REST interface, and the ladder for sites that close it."""

import html
import json
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

import attrs
from scrapy.http import Request, Response

from crawler.dates import WIB, parse_iso
from crawler.discovery.feed import Feed
from crawler.discovery.listing import (
    ALSO_ANSWERS,
    ClosedError,
    Fetch,
    Listed,
    ListPage,
    Quest,
    Rung,
    RungError,
    RungKind,
)
from crawler.discovery.pages import NONSENSE, DatedIndex, Search

PER_PAGE = 100  # the most that WordPress gives
PAST_THE_END = 400
UNAUTHORISED = 401
CLOSED = frozenset({UNAUTHORISED, 404})
POSTS = "article, .post, .td_module_wrap, .item-article"
POST_LINK = "h1 a[href], h2 a[href], h3 a[href]"

# Permalinks take any form, so an article is what is none of WordPress's own lists.
ARTICLE_PATTERN = (
    r"https?://[^/]+/(?!(?:tag|category|author|page|feed|search|wp-[^/?#]*)(?:/|$))[^?#]*[^/?#]/?$"
)


@attrs.frozen(kw_only=True)
class WordPressPosts(Rung):
    """All posts of the site at *site* (`https://host`) in the window, by `/wp-json/wp/v2/posts`."""

    site: str

    @property
    def name(self) -> str:
        return f"{type(self).__name__.lower()} {self.site}"

    @property
    def interface(self) -> str:
        return f"{self.site}/wp-json"

    def queries(self, quest: Quest) -> Sequence[str]:  # noqa: ARG002 - for searches
        """Return the words to ask for; an empty one asks for everything."""
        return ("",)

    async def walk(self, fetch: Fetch, quest: Quest) -> AsyncIterator[ListPage]:
        ended = True
        for words in self.queries(quest):
            for number in range(1, quest.max_pages + 1):
                request, first = self._request(words, quest, number), number == 1
                response = await (quest.watch.first(fetch, words, request) if first else fetch(request))
                if response is None or (response.status == PAST_THE_END and not first):
                    break
                page = self._read(response)
                if page.entries:
                    yield page
                if await quest.watch.meets(words, page) or len(page.entries) < PER_PAGE:
                    break
            else:
                ended = False
        yield ListPage(self.site, (), reaches_back=ended)

    def _request(self, words: str, quest: Quest, page: int) -> Request:
        return Request(self._url(words, quest, page), meta={ALSO_ANSWERS: [UNAUTHORISED]})

    def _url(self, words: str, quest: Quest, page: int) -> str:
        # WordPress compares these bounds with its local time; whole days of WIB and one more cover any zone.
        since, until = quest.days(WIB)
        query = {
            "search": words,
            "after": since.strftime("%Y-%m-%dT00:00:00"),
            "before": (until + timedelta(days=1)).strftime("%Y-%m-%dT23:59:59"),
            "per_page": PER_PAGE,
            "page": page,
            "orderby": "date",
            "_fields": "link,date_gmt,title",
        }
        given = {name: value for name, value in query.items() if value != ""}
        return f"{self.site}/wp-json/wp/v2/posts?{urlencode(given)}"

    @staticmethod
    def _read(response: Response) -> ListPage:
        if response.status != 200:  # noqa: PLR2004 - anything else is no list
            closed = response.status in CLOSED and _is_own_refusal(response)
            raise (ClosedError if closed else RungError)(f"HTTP {response.status} from {response.url}")
        try:
            posts: Any = json.loads(response.body)
            if not isinstance(posts, list):
                raise RungError(f"not a list of posts: {response.url}")
            entries = tuple(
                Listed(
                    url=response.urljoin(post["link"]),
                    headline=html.unescape(post["title"]["rendered"]) or None,
                    published_at=parse_iso(f"{post['date_gmt']}Z", WIB),
                )
                for post in posts
            )
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            raise RungError(f"not a list of posts: {response.url}") from error
        return ListPage(response.url, entries)


def _is_own_refusal(response: Response) -> bool:
    """Tell WordPress's own refusal from one that something in front of it may take back within the hour."""
    try:
        said: Any = json.loads(response.body)
    except (ValueError, RecursionError):
        return False
    return isinstance(said, dict) and str(said.get("code", "")).startswith("rest_")


@attrs.frozen(kw_only=True)
class WordPressSearch(WordPressPosts):
    """Posts of the site that match the topic's words, in the window, by the same interface."""

    kind: ClassVar[RungKind] = "search"

    def queries(self, quest: Quest) -> Sequence[str]:
        return quest.keywords

    async def misled(self, fetch: Fetch, quest: Quest) -> bool:
        response = await fetch(self._request(NONSENSE, quest, 1))
        return bool(self._read(response).entries)


def wordpress_ladder(site: str) -> tuple[Rung, ...]:
    """Return the rungs that a WordPress site at *site* (`https://host`) may have, cheapest first."""
    day = f"{site}/{{day:%Y}}/{{day:%m}}/{{day:%d}}/page/{{page}}/"
    found = f"{site}/page/{{page}}/?s={{keyword}}"
    return (
        Feed(url=f"{site}/feed/"),
        WordPressPosts(site=site),
        DatedIndex(template=day, item=POSTS, link=POST_LINK, time="time", may_be_absent=True),
        WordPressSearch(site=site),
        Search(template=found, item=POSTS, link=POST_LINK, time="time"),
    )
