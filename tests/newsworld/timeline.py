"""What is where when: which version of each story is shown, which are gone, which are not there yet."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from tests.newsworld.happenings import Absence, Change, Fate, Happenings
from tests.newsworld.model import Copy, Edit, Entry
from tests.newsworld.versions import Version, edited


class Timeline:
    """The histories of one outlet's stories.

    *write* gives the text of a story as first published, *byline* what is printed of its reporters.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        happenings: Happenings,
        write: Callable[[Entry], Copy],
        byline: Callable[[Entry, Copy], tuple[str, ...]],
    ) -> None:
        self._write, self._byline = write, byline
        self._versions: dict[str, list[Version]] = {}
        self._fates: dict[str, Fate] = {}
        for entry in entries:
            fate = happenings.fate(entry)
            if fate is not None:
                self._fates[entry.key] = fate

    @property
    def still(self) -> bool:
        """Whether nothing ever happens to any story."""
        return not self._fates

    # What happens

    def fate(self, entry: Entry) -> Fate:
        """Return what happens to a story."""
        return self._fates.get(entry.key) or Fate()

    def plant(self, entry: Entry, *happens: Change | Absence, appears_at: datetime | None = None) -> None:
        """Let something more happen to a story."""
        fate = self._fates.setdefault(entry.key, Fate())
        for each in happens:
            if isinstance(each, Change):
                fate.changes = sorted([*fate.changes, each], key=lambda change: change.at)
            else:
                fate.absences.append(each)
        fate.appears_at = appears_at or fate.appears_at
        self._versions.pop(entry.key, None)

    def edits(self, entry: Entry) -> Iterator[Edit]:
        """Return the edits of a story, first one first."""
        if self.fate(entry).changes:
            yield from (version.edit for version in self._history(entry) if version.edit is not None)

    # What is there

    def appears_at(self, entry: Entry) -> datetime:
        """Return when lists and page show a story for the first time."""
        fate = self._fates.get(entry.key)
        return (fate.appears_at if fate is not None else None) or self._first(entry).published_at

    def absence(self, entry: Entry, at: datetime) -> Absence | None:
        """Return how a story is gone at that moment, None where it is there (or not there yet)."""
        fate = self._fates.get(entry.key)
        if fate is None:
            return None
        return next((absence for absence in fate.absences if absence.holds(at)), None)

    def page(self, entry: Entry, at: datetime) -> Entry | None:
        """Return the version of a story that its page shows, None where there is none."""
        if entry.key not in self._fates:
            return entry if entry.published_at <= at else None
        if self.appears_at(entry) > at or self.absence(entry, at) is not None:
            return None
        return self.version(entry, at)

    def row(self, entry: Entry, at: datetime) -> Entry | None:
        """Return the version of a story that lists show, None where they show none."""
        if entry.key not in self._fates:
            return entry if entry.published_at <= at else None
        absence = self.absence(entry, at)
        if self.appears_at(entry) > at or (absence is not None and not absence.listed):
            return None
        return self.version(entry, at)

    def rows(self, entries: Sequence[Entry], at: datetime) -> Sequence[Entry]:
        """Return what lists show of *entries*."""
        if self.still:
            return entries
        shown = (entry if entry.key not in self._fates else self.row(entry, at) for entry in entries)
        return tuple(entry for entry in shown if entry is not None)

    def version(self, entry: Entry, at: datetime) -> Entry:
        """Return a story as it is at that moment, gone or not."""
        fate = self._fates.get(entry.key)
        if fate is None or not fate.changes or fate.changes[0].at > at:
            return self._first(entry)
        number = bisect_right(fate.changes, at, key=lambda change: change.at)
        return self._history(entry)[number].entry

    def copy(self, entry: Entry) -> Copy | None:
        """Return the text of an edited version, None for a story as first published."""
        return self._history(entry)[entry.version].copy if entry.version else None

    def _first(self, entry: Entry) -> Entry:
        return self._versions[entry.key][0].entry if entry.version else entry

    def _history(self, entry: Entry) -> list[Version]:
        known = self._versions.get(entry.key)
        if known is None:
            if entry.version:
                raise ValueError(f"{entry.url}: its history was planted anew while a version was in use")
            known = [Version(entry, self._write(entry), None)]
            for change in self.fate(entry).changes:
                last = known[-1]
                known.append(edited(last, change, self._byline(last.entry, last.copy)))
            self._versions[entry.key] = known
        return known
