"""What a list of articles says, and what every rung of a discovery ladder must be able to do.

A rung is one way of learning of articles: a sitemap, a feed, a search, an archive index. To write one,
subclass `Rung` and let `walk` yield a `ListPage` for each list it fetched, newest first, until the window is
reached back to, the list meets what an earlier crawl has seen of it, or there is nothing more; raise
`RungError` where the list cannot be used. The quest's `watch` tells what earlier crawls have seen.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import ClassVar, Literal

import attrs
from scrapy.http import Request, Response

from crawler.items import Instant, aware

END = 3  # so many entries are the end of a page
LATE = timedelta(days=1)  # so much later may an article show that is dated back
# Request.meta: further statuses of an answer that its rung judges.
ALSO_ANSWERS = "also_answers"
AWAITS = "awaits"  # Request.meta: what scripts must have drawn before a page is read; it takes a browser
SURELY_SORTED = 4  # one time in 120 that many steps all go down by chance

Fetch = Callable[[Request], Awaitable[Response]]
RungKind = Literal["listing", "search"]


class RungError(Exception):
    """A rung cannot be used in this run; the message is the reason that the run's record keeps."""


class ClosedError(RungError):
    """The interface that a rung asks is closed by its site, and will be for days."""


@attrs.frozen
class Window:
    """The publication times that a crawl is after: *since* inclusive, *until* exclusive, both aware."""

    since: datetime = attrs.field(validator=aware)
    until: datetime = attrs.field(validator=aware)

    def holds(self, instant: Instant) -> bool:
        """Tell whether something published then belongs here; a bare day does when any hour of it does."""
        length = timedelta(days=1) if instant.precision == "day" else timedelta(0)
        return self.since - length <= instant.at < self.until

    def days(self, zone: tzinfo) -> tuple[date, date]:
        """Return the first and the last day of the window as the calendar of *zone* has them."""
        last_moment = self.until - timedelta(seconds=1)
        return self.since.astimezone(zone).date(), last_moment.astimezone(zone).date()


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


class Watch:
    """What earlier crawls know of the series of lists that one rung walks along; this one knows nothing.

    A *series* is one list with the pages that continue it, under a name that stays the same from day to day.
    """

    async def first(
        self, fetch: Fetch, series: str, request: Request, *, believe: bool = True
    ) -> Response | None:
        """Return the first page of a series, None where the server says that it is as it was.

        Without *believe* the first page would not show all that is new, so it is always read.
        """
        del series, believe
        return await fetch(request)

    async def meets(self, series: str, page: ListPage, *, paged: bool = True) -> bool:
        """Tell whether nothing is missing below *page*; to be asked for each page that was yielded.

        A list that is not *paged* is there as a whole, in whatever order.
        """
        del series, page, paged
        return False

    async def is_settled(self, series: str, over_at: datetime) -> bool:
        """Tell whether a series that takes up nothing after *over_at* was walked to its end since then."""
        del series, over_at
        return False


@attrs.frozen
class Quest:
    """What a walk is looking for: the window, the words to search for, the present, the page budget.

    With *steady*, addresses with days in them name whole weeks, so that they stay the same for some days.
    """

    window: Window
    keywords: Sequence[str]
    tags: Sequence[str]
    now: datetime = attrs.field(validator=aware)
    max_pages: int = 200
    watch: Watch = attrs.field(factory=Watch)
    steady: bool = False

    def days(self, zone: tzinfo) -> tuple[date, date]:
        """Return the first and the last day to ask for."""
        since, until = self.window.days(zone)
        if self.steady:
            since -= timedelta(days=since.weekday())
            until += timedelta(days=6 - until.weekday())
        return since, until


@attrs.frozen(kw_only=True)
class Rung(ABC):
    """One way of learning of an outlet's articles.

    A `listing` names everything that the outlet published; a `search` names what matches the topic's words,
    also where no headline shows it. `section` tells apart what one rung cannot cover for another, such as a
    regional edition. One that does not name all that it should, such as a sitemap that leaves articles out,
    says so with *names_all*: it is asked for what it adds, and covers nothing.
    """

    kind: ClassVar[RungKind] = "listing"
    section: str = ""
    names_all: bool = True

    @property
    @abstractmethod
    def name(self) -> str:
        """Name the rung in records and tables; unique within its outlet and stable over time."""

    @property
    def interface(self) -> str:
        """Name what a site may close, for all rungs that ask it; empty where there is no such thing."""
        return ""

    @abstractmethod
    def walk(self, fetch: Fetch, quest: Quest) -> AsyncIterator[ListPage]:
        """Yield the lists of this rung, newest first.

        Raises:
            RungError: a list could not be had or read.
        """

    async def misled(self, fetch: Fetch, quest: Quest) -> bool:  # noqa: ARG002 - only a search can be misled
        """Tell whether the rung answers a word that nobody writes, and so ignores what it is asked."""
        return False


Order = Literal["newest first", "oldest first", "mixed", "unknown"]


def order_of(entries: Sequence[Listed]) -> Order:
    """Return in which order of time a list mostly stands: a few entries pinned to its top do not count."""
    ups, downs = _steps(entries)
    if not ups and not downs:
        return "unknown"
    if downs >= 2 * ups:
        return "newest first"
    return "oldest first" if ups >= 2 * downs and ups > 1 else "mixed"


def is_sorted(entries: Sequence[Listed]) -> bool:
    """Tell whether nothing speaks against a list's being sorted by time, newest first."""
    ups, downs = _steps(entries)
    return ups <= downs // 10


def is_chronological(entries: Sequence[Listed]) -> bool:
    """Tell whether a list is plainly sorted by time, newest first: what is sorted by rank hardly looks so."""
    return is_sorted(entries) and _steps(entries)[1] >= SURELY_SORTED


def _steps(entries: Sequence[Listed]) -> tuple[int, int]:
    """Return how often the next entry that has a time is newer, and how often older."""
    times = [entry.published_at.at for entry in entries if entry.published_at is not None]
    pairs = list(pairwise(times))
    return sum(one < other for one, other in pairs), sum(one > other for one, other in pairs)


def reaches(entries: Sequence[Listed], since: datetime) -> bool:
    """Tell whether a list has come to *since*; a bare day only once it is over.

    At the end of a list that runs newest first, so that an old entry pinned to its top does not count.
    """
    dated = [entry.published_at for entry in entries if entry.published_at is not None]
    if order_of(entries) == "newest first":
        dated = dated[-END:]
    return any(_ended(instant) <= since for instant in dated)


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
