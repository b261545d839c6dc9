"""Holds the store of a rehearsed year against what a watcher must have seen."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, select

from crawler.storage.database import connect
from crawler.storage.schema import articles, events, revisions
from crawler.storage.schema import runs as runs_table
from crawler.text.normalise import fold
from crawler.urls import url_key
from tests.newsworld.model import Article
from tests.newsworld.outlets.base import Outlet
from tests.yearly.crawls import stored_name
from tests.yearly.expected import History, Moment, histories


class Read(NamedTuple):
    """What of a revision the outlet can edit; the minute is in UTC."""

    headline: str
    body: tuple[str, ...]
    byline: tuple[str, ...]
    minute: datetime | None


@dataclass(slots=True)
class Kept:
    """An article as the store has it: revisions of the outlet's making by time, and events."""

    first_seen_at: datetime
    gone: str | None
    revisions: list[tuple[datetime, Read]] = field(default_factory=list)
    events: list[tuple[datetime, str, dict]] = field(default_factory=list)


@dataclass(slots=True)
class Verdict:
    """What was owed and kept, and every promise that was broken, as lines to read."""

    counts: Counter[str] = field(default_factory=Counter)
    broken: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, other: "Verdict") -> None:
        """Add the verdict on another outlet."""
        self.counts.update(other.counts)
        for kind, lines in other.broken.items():
            self.broken[kind] += lines


def hold(outlet: Outlet, runs: Sequence[Moment], data: Path) -> Verdict:
    """Return how the store in *data* stands to the truth about *outlet*, after its *runs*."""
    engine = connect(f"sqlite:///{data / 'pantau.db'}", create=False)
    try:
        with engine.connect() as connection:
            kept = _kept(connection, stored_name(outlet))
            verdicts = _verdicts(connection, stored_name(outlet))
    finally:
        engine.dispose()
    found = Verdict()
    times = [run.at for run in runs]
    for owed in histories(outlet, runs):
        copies = kept.pop(url_key(owed.entry.url), [])
        if len(copies) > 1:
            found.broken["doubled"].append(owed.entry.url)
        if owed.stored is not None:
            found.counts["owed"] += 1
            _hold_one(found, outlet, owed, copies[0] if copies else None, times)
    if runs:
        found.broken["unexpected"] += _unexpected(outlet, kept)
    _hold_outages(found, outlet, runs, verdicts)
    return found


def _hold_one(found: Verdict, outlet: Outlet, owed: History, kept: Kept | None, runs: list[datetime]) -> None:
    where = f"{owed.entry.url} ({owed.entry.published_at:%d %b %H:%M})"
    assert owed.stored is not None
    if kept is None:
        kind = "missing after absence" if owed.first_gone else "missing"
        found.broken[kind].append(f"{where}: due {owed.stored:%d %b}, {_about(outlet, owed)}")
        return
    found.counts["stored"] += 1
    seen = _run_of(kept.first_seen_at, runs)
    if seen > owed.stored:
        # What was gone when it was first listed is owed, but not within the day.
        kind = "late after absence" if owed.first_gone else "late"
        found.broken[kind].append(f"{where}: stored {seen:%d %b}, due {owed.stored:%d %b}")
        return  # what follows is owed to those that were stored in time
    _hold_edits(found, outlet, owed, kept, runs, where)
    _hold_absences(found, outlet, owed, kept, runs, where)


def _hold_edits(  # noqa: PLR0913, PLR0917 - what is held against what
    found: Verdict, outlet: Outlet, owed: History, kept: Kept, runs: list[datetime], where: str
) -> None:
    revised = {
        _run_of(at, runs): frozenset(detail.get("kinds", ()))
        for at, kind, detail in kept.events
        if kind == "revised"
    }
    read = {_run_of(at, runs): each for at, each in kept.revisions}

    def wrong(at: datetime) -> str:
        """Return what of the revision of a run is not as it was published then."""
        return _different(outlet.article(outlet.timeline.version(owed.entry, at), at), read[at])

    looked = owed.versions[0][0]
    if looked not in read or wrong(looked):
        found.broken["wrong text"].append(f"{where}: as first stored")
    read.pop(looked, None)
    found.counts["looks"] += len(owed.looks)
    for at, expected in owed.kinds(outlet):
        found.counts["edits"] += len(expected)
        # A look that was not due, as proof that the outlet works, may have found it before.
        when = [run for run in sorted(read) if looked < run <= at]
        told = frozenset().union(*(revised.get(run, frozenset()) for run in when))
        edits = f"{where}: {'+'.join('/'.join(sorted(each)) for each in expected)}, due {at:%d %b}"
        if not when:
            found.broken["edit missed"].append(f"{edits}, found {_days([run for run in read if run > at])}")
        elif wrong(when[-1]):
            found.broken["wrong text"].append(f"{edits}: {wrong(when[-1])}")
        elif any(each.isdisjoint(told) for each in expected):
            found.broken["wrong kind"].append(f"{edits}, told {sorted(told)}")
        else:
            found.counts["edits right"] += len(expected)
            found.broken["kind too many"] += [
                f"{edits}, told {each} too" for each in told.difference(*expected)
            ]
        for run in when:
            read.pop(run)
        looked = at
    found.broken["false revision"] += [f"{where}: {at:%d %b}" for at in read if wrong(at)]


def _hold_absences(  # noqa: PLR0913, PLR0917 - what is held against what
    found: Verdict, outlet: Outlet, owed: History, kept: Kept, runs: list[datetime], where: str
) -> None:
    def true(kind: str, at: datetime) -> bool:
        """Tell whether an article was as an event says, whether or not a look was due then."""
        return (outlet.timeline.absence(owed.entry, at) is None) == (kind == "restored")

    for kind in ("suspected", "confirmed", "restored"):
        expected: list[datetime] = getattr(owed, kind)
        told = [_run_of(at, runs) for at, each, _ in kept.events if each == kind]
        found.counts[kind] += len(expected)
        for at in expected:
            # Three looks over three days, and what a look is worth may hang on the others of its run.
            allowed = [run for run in runs if run >= at][: 3 if kind == "confirmed" else 1]
            # After an outage an article is looked at before its time, and so is one that serves as proof.
            early = [run for run in told if run < at and true(kind, run)]
            hit = next((run for run in told if run in allowed), None) or next(iter(early), None)
            if hit is None and kind == "confirmed" and len(allowed) < 3:
                found.counts[kind] -= 1  # the year is over before it must be
                continue
            if hit is None:
                found.broken[f"{kind} missed"].append(f"{where}: due {at:%d %b}, told {_days(told)}")
            else:
                told.remove(hit)
                found.counts[f"{kind} right"] += 1
        if kind == "restored":
            told = []  # of what was suspected wrongly, which is counted as that
        found.broken[f"false {kind}"] += [f"{where}: {at:%d %b %H:%M}" for at in told if not true(kind, at)]


def _hold_outages(found: Verdict, outlet: Outlet, runs: Sequence[Moment], verdicts: dict) -> None:
    """Hold runs to their word: one that could not look may not say that all is well."""
    for run in runs:
        told = [verdict for at, verdict in verdicts.items() if run.at <= at < run.at + timedelta(hours=1)]
        found.counts["outage runs"] += run.outage is not None
        if run.outage is not None and "healthy" in told:
            found.broken["blind but healthy"].append(f"{outlet.name} {run.at:%d %b}: {run.outage}")
        elif run.outage is None:
            found.counts["other runs"] += 1
            found.counts["other runs healthy"] += "healthy" in told


def _unexpected(outlet: Outlet, kept: dict[str, list[Kept]]) -> list[str]:
    known = {url_key(entry.url) for entry in outlet.entries if entry.on_topic and entry.plan.archive}
    return [f"{outlet.name} {key}" for key in kept if key not in known]


def _different(true: Article, read: Read) -> str:
    """Return what of a revision is not as it was published, empty where all is."""
    minute = true.published_at.astimezone(UTC).replace(second=0, microsecond=0)
    checks = {
        "headline": read.headline == fold(true.headline),
        "body": list(read.body) == [fold(paragraph) for paragraph in true.body],
        "byline": read.byline == true.byline,
        "time": read.minute == minute,
    }
    return ", ".join(name for name, right in checks.items() if not right)


def _about(outlet: Outlet, owed: History) -> str:
    timeline, entry = outlet.timeline, owed.entry
    late = timeline.appears_at(entry) - entry.published_at
    notes = ["neutral headline"] if entry.neutral else []
    notes += [f"appeared {late} late"] if late else []
    notes += ["was gone when first listed"] if owed.first_gone else []
    return ", ".join([entry.kind, *notes, *(each for each in entry.lists if not each.startswith("tag/"))])


def _run_of(at: datetime, runs: list[datetime]) -> datetime:
    """Return the run in which something was noted: the last one begun by then."""
    return runs[max(bisect_right(runs, at) - 1, 0)]


def _days(times: list[datetime]) -> str:
    return ", ".join(f"{at:%d %b}" for at in times) or "never"


def _kept(connection: Connection, name: str) -> dict[str, list[Kept]]:
    by_id: dict[int, Kept] = {}
    found: dict[str, list[Kept]] = defaultdict(list)
    for row in connection.execute(select(articles).where(articles.c.outlet == name)):
        by_id[row.id] = Kept(row.first_seen_at, row.gone)
        found[url_key(row.canonical_url)].append(by_id[row.id])
    for row in connection.execute(select(revisions).order_by(revisions.c.article_id, revisions.c.number)):
        if row.article_id in by_id and row.cause == "outlet":
            minute = row.published_at and row.published_at.astimezone(UTC).replace(second=0, microsecond=0)
            read = Read(row.headline, tuple(row.body), tuple(row.byline), minute)
            by_id[row.article_id].revisions.append((row.fetched_at, read))
    for row in connection.execute(select(events).order_by(events.c.id)):
        if row.article_id in by_id:
            by_id[row.article_id].events.append((row.at, row.kind, row.detail or {}))
    return found


def _verdicts(connection: Connection, name: str) -> dict[datetime, str]:
    columns = (runs_table.c.started_at, runs_table.c.verdict)
    query = select(*columns).where(runs_table.c.outlet == name, runs_table.c.verdict.is_not(None))
    return {row.started_at: row.verdict for row in connection.execute(query)}
