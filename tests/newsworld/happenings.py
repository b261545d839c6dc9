"""What happens to a world in time: edits, deletions, outages, lies, bursts, quiet days, late articles.

In a world of its own accord nothing happens. `Eventful` draws everything from a seed; a test plants single
events through the world (`world.edit`, `world.delete`, `world.outage`, `world.lie`, `world.hold_back`).
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from math import exp, log
from random import Random
from typing import Literal, get_args

from tests.newsworld.model import Entry
from tests.newsworld.printed import WIB

EditKind = Literal["headline", "number", "name", "quote", "correction", "other", "byline", "date"]
EDITS: tuple[EditKind, ...] = get_args(EditKind)
GONE = ("404", "410", "home", "soft-404")
OUTAGES = ("reset", "503", "404", "maintenance", "soft-404", "home", "403", "robots-5xx")
VALIDATORS = (
    *("honest", "modified", "bytes", "none"),
    *("constant-etag", "constant-modified", "always-304", "changing-etag"),
)
LIES = ("constant-etag", "constant-modified", "always-304", "changing-etag")


@dataclass(frozen=True, slots=True)
class Change:
    """A planted edit: when, and of which kind. What it does to the text is drawn in `versions`."""

    at: datetime
    kind: EditKind


@dataclass(frozen=True, slots=True)
class Absence:
    """An article is gone from *since* to before *until* (None: for good); *listed* keeps it in the lists."""

    since: datetime
    until: datetime | None
    how: str = "404"
    listed: bool = False

    def __post_init__(self) -> None:
        """Refuse a way to be gone that nothing would deliver."""
        _known(self.how, GONE)

    def holds(self, at: datetime) -> bool:
        """Tell whether the article is gone at that moment."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Outage:
    """An outlet is down from *since* to before *until*."""

    since: datetime
    until: datetime
    how: str = "503"

    def __post_init__(self) -> None:
        """Refuse a way to be down that nothing would deliver."""
        _known(self.how, OUTAGES)

    def holds(self, at: datetime) -> bool:
        """Tell whether the outlet is down at that moment."""
        return self.since <= at < self.until


@dataclass(frozen=True, slots=True)
class Lie:
    """The validators of *where* (`lists` or `articles`) are of the kind *how* for a while."""

    since: datetime
    until: datetime
    how: str
    where: str = "lists"

    def __post_init__(self) -> None:
        """Refuse what nothing would deliver."""
        _known(self.how, VALIDATORS)
        _known(self.where, ("lists", "articles"))


@dataclass(slots=True)
class Fate:
    """What happens to one article. `appears_at` is None where lists show it from its stated time on."""

    changes: list[Change] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    appears_at: datetime | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing ever happens to it."""
        return not self.changes and not self.absences and self.appears_at is None


@dataclass(frozen=True, slots=True)
class Burst:
    """*count* articles more than usual within the hour after *at*."""

    at: datetime
    count: int


@dataclass(frozen=True, slots=True)
class Weather:
    """What happens to a whole outlet."""

    outages: tuple[Outage, ...] = ()
    lies: tuple[Lie, ...] = ()
    bursts: tuple[Burst, ...] = ()
    quiet: frozenset[date] = frozenset()


class Happenings:
    """A world to which nothing happens; the base of those to which much does."""

    noise = False

    def weather(self, outlet: str) -> Weather:
        """Return what happens to an outlet as a whole."""
        del outlet
        return Weather()

    def fate(self, entry: Entry) -> Fate | None:
        """Return what happens to an article, None for nothing."""
        del entry
        return None


@dataclass(frozen=True)
class Eventful(Happenings):
    """Everything happens, drawn from *seed*, between *start* and *days* later.

    Shares are of articles on the topic for edits and deletions, of all for late ones, of days for quiet ones,
    of outlets for *lying*: those whose lists' validators lie all the time and, drawn apart, those whose
    articles' do. An outlet has an outage about every *outage_every_days*, a burst every *burst_every_days*;
    its *calm_days*, the first ones, know neither.
    """

    seed: int
    start: date
    days: int
    edited: float = 0.5
    deleted: float = 0.08
    late: float = 0.02
    quiet: float = 0.04
    outage_every_days: int = 24
    burst_every_days: int = 40
    burst: int = 240
    lying: float = 0.4
    calm_days: int = 2
    noise: bool = True  # type: ignore[misc] # a field here, a constant there

    def weather(self, outlet: str) -> Weather:
        """Draw what happens to an outlet as a whole."""
        rng = Random(f"{self.seed}/{outlet}/weather")
        return Weather(
            outages=tuple(self._outages(rng)),
            lies=tuple(self._lies(rng)),
            bursts=tuple(
                Burst(self._moment(day, rng), self.burst) for day in self._days(rng, self.burst_every_days)
            ),
            quiet=self._quiet(rng),
        )

    def fate(self, entry: Entry) -> Fate | None:
        """Draw what happens to an article: an edit or a few, a deletion, its being late."""
        if entry.plan.archive:
            return None
        rng = Random(f"{entry.key}/fate")
        fate, at = Fate(), entry.published_at
        if rng.random() < self.late:
            fate.appears_at = at + timedelta(minutes=rng.randint(30, 20 * 60))
        seen = fate.appears_at or at
        if entry.on_topic and rng.random() < self.edited:
            moments = sorted(seen + _age(rng, 0.4, 35 * 24) for _ in range(rng.choice((1, 1, 2, 3))))
            fate.changes = [Change(moment, rng.choice(EDITS)) for moment in moments]
        if entry.on_topic and rng.random() < self.deleted:
            since = seen + _age(rng, 2, 28 * 24)
            until = since + _age(rng, 12, 12 * 24) if rng.random() < 0.5 else None
            fate.absences = [Absence(since, until, rng.choice(GONE), listed=rng.random() < 0.3)]
            if until is not None and rng.random() < 0.4:  # it comes back as another
                middle = since + (until - since) / 2
                fate.changes = sorted(
                    [*fate.changes, Change(_minute(middle), rng.choice(EDITS))], key=lambda change: change.at
                )
        return None if fate.empty else fate

    def _days(self, rng: Random, every: int) -> list[int]:
        days: list[int] = []
        day = self.calm_days + rng.randint(1, every)
        while day < self.days:
            days.append(day)
            day += max(2, round(every * rng.uniform(0.6, 1.4)))
        return days

    def _moment(self, day: int, rng: Random) -> datetime:
        at = datetime.combine(self.start, time(), WIB) + timedelta(days=day)
        return at + timedelta(minutes=rng.randrange(22 * 60))

    def _outages(self, rng: Random) -> list[Outage]:
        hows = rng.sample(OUTAGES, len(OUTAGES))
        found = []
        for number, day in enumerate(self._days(rng, self.outage_every_days)):
            since = self._moment(day, rng)
            hours = rng.choice((3, 8, 30, 30, 54, 75))
            found.append(Outage(since, since + timedelta(hours=hours), hows[number % len(hows)]))
        return found

    def _lies(self, rng: Random) -> list[Lie]:
        since = datetime.combine(self.start, time(), WIB) - timedelta(days=1)
        until = since + timedelta(days=self.days + 60)
        wheres = [where for where in ("lists", "articles") if rng.random() < self.lying]
        return [Lie(since, until, rng.choice(LIES), where) for where in wheres]

    def _quiet(self, rng: Random) -> frozenset[date]:
        days = [day for day in range(self.calm_days + 1, self.days) if rng.random() < self.quiet]
        if self.days > 60:  # and a week in which nobody writes anything
            first = rng.randint(20, self.days - 20)
            days += range(first, first + 7)
        return frozenset(self.start + timedelta(days=day) for day in days)


def _age(rng: Random, low_h: float, high_h: float) -> timedelta:
    """Return a time drawn evenly on a logarithmic scale, in whole minutes."""
    hours = exp(rng.uniform(log(low_h), log(high_h)))
    return timedelta(minutes=round(hours * 60))


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _known(value: str, values: tuple[str, ...]) -> None:
    if value not in values:
        raise ValueError(f"unknown kind {value!r}: choose one of {', '.join(values)}")
