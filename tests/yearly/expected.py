"""What a watcher must have seen: each article's looks, versions, disappearance and return, from the truth.

The policy is the project's: an article is stored by the first daily run after it appeared, and looked at
again by the first run after each of the ages (from publication; several that passed together are one
look, and the fetch that stored it counts for those already passed). Whoever is missing is looked at daily
until it is confirmed as gone, after three days at least, then twice more. A run during an outage sees
nothing, and what was due stays due. An edit made after the last look is owed to nobody.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from tests.newsworld.model import Entry
from tests.newsworld.outlets.base import Outlet

AGES = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 72, 168, 720))
CONFIRMED_AFTER = timedelta(days=3)
LEAST_MISSES = 3
LOOKS_ONCE_CONFIRMED = (timedelta(days=7), timedelta(days=30))


@dataclass(frozen=True, slots=True)
class Moment:
    """A daily run: its simulated time, and how its outlet was down, if it was."""

    at: datetime
    outage: str | None


@dataclass(slots=True)
class History:
    """What is owed about one article; times are those of the runs that see it.

    `tried` are runs during an outage in which a look was due: they see nothing.
    """

    entry: Entry
    stored: datetime | None = None
    looks: list[datetime] = field(default_factory=list)
    tried: list[datetime] = field(default_factory=list)
    versions: list[tuple[datetime, int]] = field(default_factory=list)
    suspected: list[datetime] = field(default_factory=list)
    confirmed: list[datetime] = field(default_factory=list)
    restored: list[datetime] = field(default_factory=list)
    first_gone: bool = False

    def kinds(self, outlet: Outlet) -> Iterator[tuple[datetime, tuple[frozenset[str], ...]]]:
        """Return each run that finds edits, and their kinds; of edits to one text any may be told."""
        edits = {edit.version: edit for edit in outlet.timeline.edits(self.entry)}
        for (_, before), (at, after) in pairwise(self.versions):
            chains: list[tuple[str, set[str]]] = []
            for edit in (edits[version] for version in range(before + 1, after + 1)):
                again = next((chain for chain in chains if edit.before and chain[0] == edit.before), None)
                chains = [chain for chain in chains if chain is not again]
                chains.append((edit.after, {edit.kind, *(again[1] if again else ())}))
            yield at, tuple(frozenset(kinds) for _, kinds in chains)


def histories(outlet: Outlet, runs: Sequence[Moment]) -> Iterator[History]:
    """Return what is owed about each article on the topic, oldest first."""
    for entry in outlet.entries:
        if entry.on_topic and not entry.plan.archive:
            yield history(outlet, entry, runs)


def history(outlet: Outlet, entry: Entry, runs: Sequence[Moment]) -> History:
    """Return what is owed about one article."""
    watched = _Watched(History(entry))
    appears_at = outlet.timeline.appears_at(entry)
    first = bisect_left(runs, appears_at, key=lambda run: run.at)
    for run in runs[first:]:
        if run.outage is None:
            watched.pass_by(run.at, outlet.timeline.page(entry, run.at))
        elif watched.due is not None and watched.due <= run.at:
            watched.history.tried.append(run.at)
    return watched.history


@dataclass(slots=True)
class _Watched:
    """An article as the policy has it from run to run."""

    history: History
    due: datetime | None = None
    gone_since: datetime | None = None
    confirmed_at: datetime | None = None
    misses: int = 0

    def pass_by(self, now: datetime, page: Entry | None) -> None:
        """Let a run pass, in which the article's page is *page*, or missing."""
        if self.history.stored is None:
            if page is None:
                self.history.first_gone = True
                return
            self.history.stored = now
            self._read(now, page)
        elif self.due is not None and now >= self.due:
            self.history.looks.append(now)
            if page is None:
                self._miss(now)
            else:
                self._read(now, page)

    def _read(self, now: datetime, page: Entry) -> None:
        if self.gone_since is not None:
            self.history.restored.append(now)
            self.gone_since, self.confirmed_at, self.misses = None, None, 0
        if not self.history.versions or page.version != self.history.versions[-1][1]:
            self.history.versions.append((now, page.version))
        ages = (page.published_at + age for age in AGES)
        self.due = min((at for at in ages if at > now), default=None)

    def _miss(self, now: datetime) -> None:
        self.misses += 1
        if self.gone_since is None:
            self.gone_since = now
            self.history.suspected.append(now)
        if self.confirmed_at is not None:
            later = (self.confirmed_at + wait for wait in LOOKS_ONCE_CONFIRMED)
            self.due = min((at for at in later if at > now), default=None)
        elif self.misses >= LEAST_MISSES and now - self.gone_since >= CONFIRMED_AFTER:
            self.confirmed_at = now
            self.history.confirmed.append(now)
            self.due = now + LOOKS_ONCE_CONFIRMED[0]
        else:
            self.due = now + timedelta(hours=6)
