"""What a list of articles says, and what every rung of a discovery ladder must be able to do.

A rung is one way of learning of articles: a sitemap, a feed, a search, an archive index. To write one,
subclass `Rung` and let `walk` yield a `ListPage` for each list it fetched, newest first, until the window is
reached back to or there is nothing more; raise `RungError` where the list cannot be used.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Literal

import attrs
from scrapy.http import Request, Response

from crawler.items import Instant, aware

Fetch = Callable[[Request], Awaitable[Response]]
RungKind = Literal["listing", "search"]


class RungError(Exception):
    """A rung cannot be used in this run; the message is the reason that the run's record keeps."""


@attrs.frozen
class Window:
    """The publication times that a crawl is after: *since* inclusive, *until* exclusive, both aware."""

    since: datetime = attrs.field(validator=aware)
    until: datetime = attrs.field(validator=aware)

    def holds(self, instant: Instant) -> bool:
        """Tell whether something published then belongs here; a bare day does when any hour of it does."""
        length = timedelta(days=1) if instant.precision == "day" else timedelta(0)
        return self.since - length <= instant.at < self.until


@attrs.frozen
class Listed:
    """One entry of a list: the link, and what the list says of the article."""

    url: str
    headline: str | None = None
    published_at: Instant | None = None
    keywords: str = ""


@attrs.frozen
class ListPage:
    """One list that was fetched; `reaches_back` says that nothing older in the window can be left out."""

    url: str
    entries: tuple[Listed, ...]
    reaches_back: bool = False


@attrs.frozen
class Quest:
    """What a walk is looking for: the window, the words to search for, the present, the page budget."""

    window: Window
    keywords: Sequence[str]
    tags: Sequence[str]
    now: datetime = attrs.field(validator=aware)
    max_pages: int = 200


@attrs.frozen(kw_only=True)
class Rung(ABC):
    """One way of learning of an outlet's articles.

    A `listing` names everything that the outlet published; a `search` names what matches the topic's words,
    also where no headline shows it. `section` tells apart what one rung cannot cover for another, such as a
    regional edition.
    """

    kind: ClassVar[RungKind] = "listing"
    section: str = ""

    @property
    @abstractmethod
    def name(self) -> str:
        """Name the rung in records and tables; unique within its outlet and stable over time."""

    @abstractmethod
    def walk(self, fetch: Fetch, quest: Quest) -> AsyncIterator[ListPage]:
        """Yield the lists of this rung, newest first.

        Raises:
            RungError: a list could not be had or read.
        """

    async def misled(self, fetch: Fetch, quest: Quest) -> bool:  # noqa: ARG002 - only a search can be misled
        """Tell whether the rung answers a word that nobody writes, and so ignores what it is asked."""
        return False


def reaches(entries: Sequence[Listed], since: datetime) -> bool:
    """Tell whether a list that runs newest first has come to *since*; a bare day only once it is over."""
    return any(entry.published_at is not None and _ended(entry.published_at) <= since for entry in entries)


def _ended(instant: Instant) -> datetime:
    return instant.at + timedelta(days=1) if instant.precision == "day" else instant.at


async def fetch_ok(fetch: Fetch, request: Request) -> Response:
    """Return the response where it is a success.

    Raises:
        RungError: the server said otherwise.
    """
    return checked(await fetch(request))


def checked(response: Response) -> Response:
    """Return the response where it is a success.

    Raises:
        RungError: the server said otherwise.
    """
    if response.status != 200:  # noqa: PLR2004 - the one status that carries a list
        raise RungError(f"HTTP {response.status} from {response.url}")
    return response
