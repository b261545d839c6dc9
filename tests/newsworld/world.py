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
    *.validators           of lists: honest, modified (Last-Modified alone), bytes (an ETag that adverts
                           change too), none; and liars: constant-etag, constant-modified, always-304,
                           changing-etag
    *.article-validators   the same, of articles

Things happen to a world in time (`happenings`): `Eventful(seed, start, days)` draws edits, deletions,
outages, lies, bursts, quiet days and late articles; single ones are planted at any time:

    world.edit(url, at, "number")                      exactly one number changes on its pages
    world.delete(url, at, until=…, how="soft-404")     gone, and back again
    world.outage("kontan", since, until, "reset")      down
    world.lie("kontan", since, until, "always-304")    validators that lie
    world.hold_back(url, until)                        shown hours after its stated time
    world.redesign("kontan", at, share=0.2)            other markup on a fifth of its articles

    world.edits(), world.absences(), world.outages()   all that happens; truth(at=…) is the world at a moment
    world.set_now(at, "kontan")                        one outlet's time, where crawls run side by side

With `wires` so many wire stories a day are told by the first outlet (Antara, where it is there) and taken
over by others, in every way there is; beside them stand articles that only look like copies:

    World(…, wires=4).copies()      who shares text with whom, by their addresses

`sites` adds hosts of a test's own beside the outlets: anything with `hosts` and `answer(request)`. Their
answers are never kept, and may carry a `Fault` for the proxy to deliver them by.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import chain
from typing import Protocol

from tests.newsworld.happenings import Absence, Change, EditKind, Happenings, Lie, Outage
from tests.newsworld.messages import Request, Response
from tests.newsworld.model import Article, Edit, Entry, Plan
from tests.newsworld.outlets.all import ALL
from tests.newsworld.outlets.base import Outlet
from tests.newsworld.plans import busy, plans
from tests.newsworld.printed import WIB
from tests.newsworld.redesign import Kind, Redesign
from tests.newsworld.wires import Taken, Wires

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
        happenings: Happenings | None = None,
        wires: int = 0,
    ) -> None:
        self.seed, self.start, self.days = seed, start, days
        self.articles_per_day = articles_per_day
        self._now = now or datetime.combine(start + timedelta(days=days), time(), WIB)
        if self._now.tzinfo is None:
            raise ValueError("now must be an aware datetime")
        self.version = 0
        self._nows = {kind.name: self._now for kind in outlets}
        chosen = _by_outlet(options or {})
        # Antara first, where it is there: an agency of its own tells the wires.
        zones = {kind.name: kind.zone for kind in sorted(outlets, key=lambda kind: kind.name != "antara")}
        self.wires = Wires(seed, start, days, zones, per_day=wires) if wires else None
        happenings = happenings or Happenings()

        def drawn(kind: type[Outlet]) -> Iterator[Plan]:
            weather = happenings.weather(kind.name)
            usual = plans(
                kind.name,
                seed=seed,
                start=start,
                days=days,
                per_day=articles_per_day,
                archive=archive,
                zone=kind.zone,
            )
            extra = busy(kind.name, seed, start, weather.bursts, kind.zone)
            return (
                plan
                for plan in chain(usual, extra, self.wires.plans(kind.name) if self.wires else ())
                if plan.archive or plan.published_at.date() not in weather.quiet
            )

        self.outlets: tuple[Outlet, ...] = tuple(
            kind(drawn(kind), partial(self._nows.__getitem__, kind.name), chosen.get(kind.name), happenings)
            for kind in outlets
        )
        self._sites = {host: site for site in sites for host in site.hosts}
        self._hosts = {host: outlet for outlet in self.outlets for host in outlet.hosts}

    @staticmethod
    def option_values() -> dict[str, tuple[str, ...]]:
        """Return every option of every outlet with its values, the default first."""
        return {
            f"{outlet.name}.{option}": values
            for outlet in ALL
            for option, values in outlet.all_options().items()
        }

    # Time

    @property
    def now(self) -> datetime:
        """The world's time, aware."""
        return self._now

    @now.setter
    def now(self, at: datetime) -> None:
        self.set_now(at)

    def set_now(self, at: datetime, outlet: str | None = None) -> None:
        """Set the time of the world, or of one outlet alone."""
        if at.tzinfo is None:
            raise ValueError("now must be an aware datetime")
        if outlet is None:
            self._now = at
        for name in self._nows if outlet is None else (self.outlet(outlet).name,):
            self._nows[name] = at
        self.version += 1

    def now_at(self, host: str) -> datetime:
        """Return the time that the outlet behind *host* has."""
        outlet = self._hosts.get(host)
        return self._now if outlet is None else self._nows[outlet.name]

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
        at: datetime | None = None,
    ) -> Iterator[Article]:
        """Return the whole truth about what has appeared by now (or ever), optionally only a part of it.

        *since* keeps what was published then or later; *on_topic* keeps one side of the judgement. Each
        article is as it is at the moment *at* (now), or as it was published where that is to come; those that
        are gone are there too, and say so.
        """
        for each in self.outlets:
            if outlet is not None and each.name != outlet:
                continue
            moment = at or self._nows[each.name]
            for entry in each.entries:
                if not all_times and each.timeline.appears_at(entry) > moment:
                    continue
                if since is not None and entry.published_at < since:
                    continue
                if on_topic is not None and entry.on_topic != on_topic:
                    continue
                yield each.article(each.timeline.version(entry, moment), moment)

    def copies(self) -> dict[tuple[str, str], Taken]:
        """Return who shares a wire's text with whom, by the two addresses in order; see `wires`."""
        if self.wires is None:
            return {}
        urls = {entry.key: entry.url for entry in self.entries(all_times=True)}
        found = {}
        for taken in self.wires.taken:
            first, second = sorted((urls[taken.first], urls[taken.second]))
            found[first, second] = taken
        return found

    def edits(self, outlet: str | None = None) -> Iterator[tuple[Entry, Edit]]:
        """Return every edit that ever happens, with the entry as first published."""
        for entry in self.entries(outlet, all_times=True):
            for edit in self.outlet(entry.outlet).timeline.edits(entry):
                yield entry, edit

    def absences(self, outlet: str | None = None) -> Iterator[tuple[Entry, Absence]]:
        """Return every time that an article is gone, with its entry as first published."""
        for entry in self.entries(outlet, all_times=True):
            for absence in self.outlet(entry.outlet).timeline.fate(entry).absences:
                yield entry, absence

    # Planting

    def edit(self, url: str, at: datetime, kind: EditKind) -> None:
        """Let one thing of that kind change on the pages of an article."""
        self._plant(url, Change(at, kind))

    def delete(
        self, url: str, at: datetime, until: datetime | None = None, how: str = "404", *, listed: bool = False
    ) -> None:
        """Take an article away, perhaps to give it back; lists drop it unless *listed*."""
        self._plant(url, Absence(at, until, how, listed))

    def hold_back(self, url: str, until: datetime) -> None:
        """Show an article only later than it says."""
        self._plant(url, appears_at=until)

    def outage(self, outlet: str, since: datetime, until: datetime, how: str = "503") -> None:
        """Let an outlet be down."""
        self.outlet(outlet).plant(Outage(since, until, how))
        self.version += 1

    def lie(self, outlet: str, since: datetime, until: datetime, how: str, where: str = "lists") -> None:
        """Let the validators of an outlet's lists or articles be of that kind for a while."""
        self.outlet(outlet).plant(Lie(since, until, how, where))
        self.version += 1

    def redesign(  # noqa: PLR0913 - keyword-only, each is a trait of the redesign
        self,
        outlet: str,
        at: datetime,
        *,
        share: float = 1.0,
        seed: int = 0,
        kind: Kind = "renamed",
        lists: bool = False,
    ) -> None:
        """Let *share* of an outlet's articles, chosen by address, have other markup from then on.

        With *lists* its lists have too. The text stays; of several redesigns the last one planted holds.
        """
        self.outlet(outlet).plant(Redesign(at, share, seed, kind, lists, outlet))
        self.version += 1

    def _plant(self, url: str, *happens: Change | Absence, appears_at: datetime | None = None) -> None:
        outlet = self._hosts[Request.of("GET", url).host]
        outlet.happen(url, *happens, appears_at=appears_at)
        self.version += 1

    def addresses(self) -> Iterator[str]:
        """Return the addresses of all pages of the articles that are there by now."""
        for article in self.truth():
            if article.gone:
                continue
            yield from article.page_urls
            if article.whole_url is not None and article.split > 1:
                yield article.whole_url

    def index(self) -> None:
        """Read all texts for the search of each outlet now, not at the first query."""
        for outlet in self.outlets:
            outlet.search("")

    # Service

    def add_site(self, site: Site) -> None:
        """Let a host of a test's own answer as well."""
        self._sites.update(dict.fromkeys(site.hosts, site))

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
        outlet = self._hosts[request.host]
        if outlet.refuse(request) is not None or not outlet.steady(request):
            return None
        return request.url

    def kind(self, request: Request) -> str:
        """Return what a request is for: robots, article, list, or other where no outlet is asked."""
        outlet = self._hosts.get(request.host)
        return outlet.kind(request) if outlet is not None else "other"


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
