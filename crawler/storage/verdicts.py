"""Judges a run against what its outlet showed before, by what the history keeps.

Each rule compares with the poorest of the outlet's own healthy days, not with their mean, so that quiet days
need no calendar: an alarm is less than half of it, and too little for chance. What an outlet shows for
`REMEMBERED` is its new normal, whatever it was before.
"""

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, Self

import attrs
from sqlalchemy import Engine, and_, select

from crawler.storage.database import reading
from crawler.storage.schema import runs

REMEMBERED: Final = timedelta(days=60)
COMPARED: Final = 20  # healthy days or runs
LEAST_COMPARED: Final = 7  # with fewer, a week's rhythm is not known yet
DAY: Final = timedelta(hours=18)
"""What is added up before it is compared: runs of several times a day make one day together."""

# Tuned on the simulated years in `tests/core/test_verdicts.py`: no more than one false alarm in 1,000 days.
LOW: Final = 1 / 3  # of the poorest healthy day
FAR: Final = 5.0  # standard deviations of a count
CHANCE: Final = 1e-4  # of a share of articles
BATCH: Final = 12  # articles that a share of the past is taken of
USUAL_SHARE: Final = 0.5  # a field that fewer articles have is no loss
LONG: Final = 3  # times the longest silence


@attrs.frozen(kw_only=True)
class Traits:
    """What was typical of a run, as counts.

    `read` pages were read as articles, on the topic or not; `filled` of them had that field, `generic` a body
    that the selector did not find. `unreadable` of the `fetched` pages were no articles. `listed` are entries
    by rung. `unusable` are lists that could not be had, `unread` articles, by reason. `refused` are cleaning
    rules that would have taken too much, with the number of articles. `witnesses` say, by field and witness,
    on how many of the read pages it won, agreed, differed and was absent. Cleaning took something from the
    text of `trimmed` of them, and more than half of it from `gutted`.
    """

    read: int = 0
    filled: Mapping[str, int] = attrs.field(factory=dict)
    generic: int = 0
    partial: int = 0
    fetched: int = 0
    unreadable: int = 0
    listed: Mapping[str, int] = attrs.field(factory=dict)
    unusable: Mapping[str, int] = attrs.field(factory=dict)
    unread: Mapping[str, int] = attrs.field(factory=dict)
    refused: Mapping[str, int] = attrs.field(factory=dict)
    witnesses: Mapping[str, Mapping[str, Sequence[int]]] = attrs.field(factory=dict)
    trimmed: int | None = None  # None where nobody counted
    gutted: int = 0

    @classmethod
    def of(cls, values: Mapping[str, Any] | None) -> Self:
        """Return what a run's row has; what it lacks is zero."""
        known = {field.name for field in attrs.fields(cls)}
        return cls(**{name: value for name, value in (values or {}).items() if name in known})

    @property
    def shares(self) -> dict[str, tuple[int, int]]:
        """Return, by name, of how many pages something is true, and of how many it could be."""
        fields = {name: (number, self.read) for name, number in self.filled.items()}
        return {
            **fields,
            "a body where the selector looks": (self.read - self.generic, self.read),
            "an article": (self.fetched - self.unreadable, self.fetched),
            **self._cleaned(),
            **self._agreed(),
        }

    def _cleaned(self) -> dict[str, tuple[int, int]]:
        if self.trimmed is None:
            return {}
        return {
            "something for cleaning to take": (self.trimmed, self.read),
            "a text that cleaning leaves mostly as it is": (self.read - self.gutted, self.read),
        }

    def _agreed(self) -> dict[str, tuple[int, int]]:
        """Return how often each witness speaks, and speaks as the winner does."""
        found = {}
        for field, witnesses in self.witnesses.items():
            for name, (won, agreed, differed, _) in witnesses.items():
                said = won + agreed + differed
                found[f"a word of {name} on {field}"] = (said, self.read)
                found[f"{name} at one with the others on {field}"] = (won + agreed, said)
        return found


class Look(Protocol):
    """One run of a history, as far as news are concerned; `whole` is one that was after all that is new."""

    @property
    def started_at(self) -> datetime:
        """When it began."""

    @property
    def whole(self) -> bool:
        """Whether it had neither limit nor given days."""

    @property
    def verdict(self) -> str | None:
        """What came of it."""

    @property
    def learned(self) -> int:
        """How many addresses were new."""


@attrs.frozen(kw_only=True)
class Shown:
    """One run of the history; `whole` is one that was after all that is new, without limit or given days."""

    started_at: datetime
    whole: bool
    verdict: str | None
    learned: int
    traits: Traits


def shown_since(engine: Engine, outlet: str, since: datetime) -> list[Shown]:
    """Return the ended runs of *outlet* that began at *since* or later, oldest first."""
    columns = runs.c
    query = (
        select(columns.started_at, columns.verdict, columns.learned, columns.traits)
        .add_columns(
            and_(columns.look == "crawl", columns.asked.is_(False), columns.article_limit.is_(None)).label(
                "whole"
            )
        )
        .where(columns.outlet == outlet, columns.started_at >= since, columns.ended_at.is_not(None))
        .order_by(columns.id)
    )
    with reading(engine) as connection:
        return [
            Shown(**{**row, "whole": bool(row["whole"]), "traits": Traits.of(row["traits"])})
            for row in connection.execute(query).mappings()
        ]


def complaints(now: Shown, past: Sequence[Shown]) -> list[str]:
    """Return in which ways a run shows less than its outlet ever did lately; *past* is oldest first."""
    recent = [run for run in past if now.started_at - run.started_at <= REMEMBERED]
    healthy = [run.traits for run in reversed(recent) if run.verdict == "healthy" and run.whole][:COMPARED]
    said = [*_missing_news(now, recent)] if now.whole else []
    return [*said, *_silent_rungs(now.traits, healthy), *_lower_shares(now.traits, healthy)]


def quiet_since(looks: Sequence[Look]) -> datetime | None:
    """Return since when an outlet names nothing new, None unless its own past makes that implausible.

    *looks* are oldest first. Implausible is a silence `LONG` times the longest one of the `REMEMBERED` days
    before it, or one in which the outlet at its quietest would have brought more than chance takes away.
    """
    able = [run for run in looks if _looked(run)]
    newest = next((at for at in reversed(range(len(able))) if able[at].learned), None)
    if newest is None or newest == len(able) - 1:
        return None
    began = able[newest].started_at
    before = [run for run in able[: newest + 1] if began - run.started_at <= REMEMBERED]
    news = [run.started_at for run in before if run.learned]
    silences = [later - earlier for earlier, later in itertools.pairwise(news)]
    if len(silences) < LEAST_COMPARED or began - before[0].started_at < LEAST_COMPARED * DAY:
        return None
    silence = able[-1].started_at - began
    rates = [number / hours for hours, number, healthy in _days(before) if healthy][:COMPARED]
    expected = min(rates, default=0.0) * (silence / timedelta(hours=1))
    implausible = len(rates) >= LEAST_COMPARED and _spread(expected) - _spread(0) > FAR
    return began if implausible or silence > LONG * max(silences) else None


def _missing_news(now: Shown, past: Sequence[Shown]) -> Iterator[str]:
    """Compare how many addresses became known since the last look, a day's worth at most."""
    stretches = list(itertools.islice(_days([*past, now]), COMPARED * 2))
    if not stretches:
        return
    (hours, learned, _), *before = stretches
    rates = [number / length for length, number, healthy in before if healthy][:COMPARED]
    if len(rates) < LEAST_COMPARED:
        return
    expected = min(rates) * min(hours, 24.0)
    if learned < LOW * expected and _spread(expected) - _spread(learned) > FAR:
        yield (
            f"{learned} new addresses since the last look, {hours:.0f} hours ago; "
            f"the quietest of the last {len(rates)} healthy days would have brought {expected:.0f}"
        )


def _days(shown: Sequence[Look]) -> Iterator[tuple[float, int, bool]]:
    """Yield, newest first, stretches of `DAY` or more: their hours, what became known, whether all is well.

    A stretch goes from one look at all that is new to another.
    """
    end = len(shown) - 1
    while end > 0:
        begin = end - 1
        while begin >= 0 and not (_looked(shown[begin]) and _between(shown[begin], shown[end]) >= DAY):
            begin -= 1
        if begin < 0:
            return
        learned = sum(run.learned for run in shown[begin + 1 : end + 1])
        hours = _between(shown[begin], shown[end]) / timedelta(hours=1)
        yield hours, learned, shown[end].verdict == "healthy" and shown[end].whole
        end = begin


def _looked(run: Look) -> bool:
    return run.whole and run.verdict in {"healthy", "degraded"}


def _between(one: Look, other: Look) -> timedelta:
    return other.started_at - one.started_at


def _silent_rungs(now: Traits, past: Sequence[Traits]) -> Iterator[str]:
    """Tell which lists were read, name nothing, and always named something."""
    for rung, entries in now.listed.items():
        before = [traits.listed[rung] for traits in past if rung in traits.listed]
        if not entries and len(before) >= LEAST_COMPARED and _spread(min(before)) - _spread(0) > FAR:
            yield f"{rung} names nothing; in {len(before)} healthy runs it named {min(before)} or more"


def _lower_shares(now: Traits, past: Sequence[Traits]) -> Iterator[str]:
    for name, (number, whole) in now.shares.items():
        usual = _least_share(traits.shares[name] for traits in past if name in traits.shares)
        if usual is None or usual < USUAL_SHARE or not whole:
            continue
        if number < LOW * usual * whole and _chance(number, whole, usual) < CHANCE:
            yield f"{name} on {number} of {whole} pages; on {usual:.0%} or more in its healthy runs"


def _least_share(counts: Iterable[tuple[int, int]]) -> float | None:
    """Return the least share of `BATCH` pages in a row that had something, None where there are not as many.

    One page is added that had not: what was never seen missing may be missing some day.
    """
    least, having, whole = None, 0, 0
    for number, of in counts:
        having, whole = having + number, whole + of
        if whole >= BATCH:
            share = having / (whole + 1)
            least = share if least is None else min(least, share)
            having, whole = 0, 0
    return least


def _spread(count: float) -> float:
    """Return a count on a scale where chance is the same everywhere: a standard deviation is 1.

    Source: Anscombe 1948, for counts of independent events.
    """
    return 2.0 * math.sqrt(count + 0.375)


def _chance(number: int, whole: int, share: float) -> float:
    """Return the probability of at most *number* of *whole* where each has it with that probability."""
    return sum(
        math.comb(whole, having) * share**having * (1.0 - share) ** (whole - having)
        for having in range(number + 1)
    )
