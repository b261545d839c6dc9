"""A simulated news world: deterministic outlets over simulated time.

    world = World(seed=7, start=date(2026, 3, 2), days=7, articles_per_day=20)
    world.now                       # the world's time; lists and pages show what is published by then
    world.advance(hours=6)          # time goes on
    for article in world.truth():   # what is published by now, as `model.Article`
        ...

Same arguments, same bytes. `articles_per_day` counts for each outlet; each has a small archive of former
years besides (`archive`, in older layouts). Days start at midnight in the outlet's zone. `now` starts at the
end of the last day unless given.

`options` change how an outlet behaves, by `"outlet.option"`; `World.option_values()` lists them:

    kontan.robots          2026 (no rule for all) or 2024 (search closed to all)
    republika.search       honest, or ignores-query (answers everything with the newest list)
    kabarnusa.rest         closed (401) or open

`sites` adds hosts of a test's own beside the outlets: anything with `hosts` and `answer(request)`. Their
answers are never kept, and may carry a `Fault` for the proxy to deliver them by.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from tests.newsworld.messages import Request, Response
from tests.newsworld.model import Article, Entry
from tests.newsworld.outlets.all import ALL
from tests.newsworld.outlets.base import Outlet
from tests.newsworld.plans import plans
from tests.newsworld.printed import WIB

ARCHIVE = 24


class Site(Protocol):
    """A host of a test's own."""

    @property
    def hosts(self) -> Sequence[str]:
        """The names it answers for."""

    def answer(self, request: Request) -> Response:
        """Answer a request."""


class World:
    """All outlets, their articles, and the time."""

    def __init__(  # noqa: PLR0913 - the arguments are the world
        self,
        seed: int,
        start: date,
        days: int,
        articles_per_day: int,
        outlets: Sequence[type[Outlet]] = ALL,
        *,
        now: datetime | None = None,
        archive: int = ARCHIVE,
        options: Mapping[str, str] | None = None,
        sites: Sequence[Site] = (),
    ) -> None:
        self.seed, self.start, self.days = seed, start, days
        self.articles_per_day = articles_per_day
        self._now = now or datetime.combine(start + timedelta(days=days), time(), WIB)
        if self._now.tzinfo is None:
            raise ValueError("now must be an aware datetime")
        self.version = 0
        chosen = _by_outlet(options or {})
        self.outlets: tuple[Outlet, ...] = tuple(
            kind(
                plans(
                    kind.name,
                    seed=seed,
                    start=start,
                    days=days,
                    per_day=articles_per_day,
                    archive=archive,
                    zone=kind.zone,
                ),
                lambda: self._now,
                chosen.get(kind.name),
            )
            for kind in outlets
        )
        self._sites = {host: site for site in sites for host in site.hosts}
        self._hosts = {host: outlet for outlet in self.outlets for host in outlet.hosts}

    @staticmethod
    def option_values() -> dict[str, tuple[str, ...]]:
        """Return every option of every outlet with its values, the default first."""
        return {
            f"{outlet.name}.{option}": values for outlet in ALL for option, values in outlet.options.items()
        }

    # Time

    @property
    def now(self) -> datetime:
        """The world's time, aware."""
        return self._now

    @now.setter
    def now(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("now must be an aware datetime")
        self._now = at
        self.version += 1

    @property
    def end(self) -> datetime:
        """The end of the last day in UTC; the last article is older."""
        return datetime.combine(self.start + timedelta(days=self.days), time(), WIB).astimezone(UTC)

    def advance(self, by: timedelta | None = None, **parts: float) -> datetime:
        """Move the time forward by *by*, or by days, hours, minutes; return the new time."""
        self.now = self._now + (by or timedelta(**parts))
        return self._now

    # Truth

    def outlet(self, name: str) -> Outlet:
        """Return the outlet of that name."""
        return next(outlet for outlet in self.outlets if outlet.name == name)

    def entries(self, outlet: str | None = None, *, all_times: bool = False) -> Iterator[Entry]:
        """Return the entries published by now (or all of them), outlet by outlet, oldest first."""
        for each in self.outlets:
            if outlet is None or each.name == outlet:
                yield from each.entries if all_times else each.published()

    def truth(
        self,
        outlet: str | None = None,
        *,
        since: datetime | None = None,
        on_topic: bool | None = None,
        all_times: bool = False,
    ) -> Iterator[Article]:
        """Return the whole truth about what is published by now (or ever), optionally only a part of it.

        *since* keeps what appeared then or later; *on_topic* keeps one side of the judgement.
        """
        for each in self.outlets:
            if outlet is not None and each.name != outlet:
                continue
            for entry in each.entries if all_times else each.published():
                if since is not None and entry.published_at < since:
                    continue
                if on_topic is not None and entry.on_topic != on_topic:
                    continue
                yield each.article(entry)

    def addresses(self) -> Iterator[str]:
        """Return the addresses of all pages of the articles published by now."""
        for article in self.truth():
            yield from article.page_urls
            if article.whole_url is not None and article.split > 1:
                yield article.whole_url

    def index(self) -> None:
        """Read all texts for the search of each outlet now, not at the first query."""
        for outlet in self.outlets:
            outlet.search("")

    # Service

    def knows(self, host: str) -> bool:
        """Tell whether *host* is in this world."""
        return host in self._hosts or host in self._sites

    def answer(self, request: Request) -> Response:
        """Answer a request for a host of this world."""
        site = self._sites.get(request.host)
        return site.answer(request) if site is not None else self._hosts[request.host].answer(request)

    def cache_key(self, request: Request) -> str | None:
        """Return what makes answers equal until time moves; None for what must be asked each time."""
        if request.host in self._sites or request.method not in {"GET", "HEAD"} or request.body:
            return None
        if self._hosts[request.host].refuse(request) is not None:
            return None
        return request.url


def _by_outlet(options: Mapping[str, str]) -> dict[str, dict[str, str]]:
    known = World.option_values()
    found: dict[str, dict[str, str]] = {}
    for name, value in options.items():
        if value not in known.get(name, ()):
            choices = "; ".join(f"{key} = {' or '.join(values)}" for key, values in known.items())
            raise ValueError(f"unknown option {name}={value}: there are {choices}")
        outlet, _, option = name.partition(".")
        found.setdefault(outlet, {})[option] = value
    return found
