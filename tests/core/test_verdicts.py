"""A run judged by its outlet's own history: quiet days are no alarm, losses are found in the run they hit."""

import math
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import attrs
import pytest

from crawler.storage.verdicts import COMPARED, REMEMBERED, Shown, Traits, complaints

START = datetime(2026, 1, 5, 22, tzinfo=UTC)  # a Monday's morning crawl in WIB
DAY = timedelta(days=1)
WARM_UP = 30  # days before a simulated outlet is judged
HOLIDAYS = range(74, 82)  # a week in which outlets publish a third


@attrs.frozen
class Outlet:
    """A simulated outlet: what it publishes on a weekday, how uneven its days are, how it fills fields."""

    daily: float
    unevenness: float
    weekend: float
    read_share: float
    filled: dict[str, float]
    uneven_fields: float
    trimmed: float
    agreed: dict[str, float]

    @classmethod
    def drawn(cls, draw: random.Random) -> "Outlet":
        return cls(
            daily=math.exp(draw.uniform(math.log(4), math.log(900))),
            unevenness=draw.uniform(0.05, 0.35),
            weekend=draw.uniform(0.3, 1.0),
            read_share=draw.uniform(0.01, 0.08),
            filled={
                "byline": draw.choice([1.0, 0.97, 0.9, 0.7]),
                "dateline": draw.choice([0.95, 0.6, 0.2]),
                "published_at": draw.choice([1.0, 0.995]),
                "captions": draw.uniform(0.3, 0.9),
            },
            uneven_fields=draw.uniform(5, 50),
            trimmed=draw.choice([1.0, 0.9, 0.6, 0.2]),
            agreed={name: draw.choice([1.0, 0.97, 0.8, 0.5]) for name in ("og:title", "json-ld", "list")},
        )

    def day(self, number: int, draw: random.Random) -> Shown:
        """Return the daily run of a healthy day."""
        level = self.daily * draw.lognormvariate(0, self.unevenness)
        level *= self.weekend if number % 7 >= 5 else 1.0
        level *= 0.33 if number in HOLIDAYS else 1.0
        learned = _events(level, draw)
        read = _of(learned, self.read_share, draw)
        filled = {
            field: _of(read, _uneven_share(share, self.uneven_fields, draw), draw)
            for field, share in self.filled.items()
        }
        fetched = read + _of(learned, 0.03, draw)
        traits = Traits(
            read=read,
            filled=filled,
            fetched=fetched,
            unreadable=_of(fetched, 0.02, draw),
            listed={"feed": min(100, learned), "search": _of(learned, 0.1, draw)},
            trimmed=_of(read, _uneven_share(self.trimmed, self.uneven_fields, draw), draw),
            gutted=_of(read, 0.01, draw),
            witnesses={"headline": {name: self.heard(name, read, draw) for name in self.agreed}},
        )
        jitter = timedelta(minutes=draw.uniform(-10, 10))
        return shown(number, learned, traits, started_at=START + number * DAY + jitter)

    def heard(self, name: str, read: int, draw: random.Random) -> list[int]:
        """Return on how many pages a witness won, agreed, differed and was absent."""
        said = _of(read, 0.95, draw)
        agreed = _of(said, _uneven_share(self.agreed[name], self.uneven_fields, draw), draw)
        return [0, agreed, said - agreed, read - said]


def shown(number: int, learned: int, traits: Traits | None = None, **changes: object) -> Shown:
    values = {
        "started_at": START + number * DAY,
        "whole": True,
        "verdict": "healthy",
        "learned": learned,
        "traits": traits or Traits(),
    }
    return Shown(**values | changes)


def _events(level: float, draw: random.Random) -> int:
    """Return a Poisson number."""
    if level > 60:
        return max(0, round(draw.gauss(level, math.sqrt(level))))
    number, product, limit = 0, draw.random(), math.exp(-level)
    while product > limit:
        number, product = number + 1, product * draw.random()
    return number


def _of(whole: int, share: float, draw: random.Random) -> int:
    return sum(draw.random() < share for _ in range(whole))


def _uneven(share: float, evenness: float, draw: random.Random) -> float:
    return draw.betavariate(share * evenness, (1 - share) * evenness)


def _uneven_share(share: float, evenness: float, draw: random.Random) -> float:
    return share if share in {0.0, 1.0} else _uneven(share, evenness, draw)


def years(outlets: int, days: int, seed: int = 4) -> Iterator[list[Shown]]:
    draw = random.Random(seed)
    for _ in range(outlets):
        outlet = Outlet.drawn(draw)
        yield [outlet.day(number, draw) for number in range(days)]


def test_the_first_run_of_an_outlet_is_compared_with_nothing() -> None:
    draw = random.Random(1)
    first = Outlet.drawn(draw).day(0, draw)
    assert complaints(first, []) == []


def test_of_a_thousand_healthy_days_at_most_one_is_an_alarm() -> None:
    judged, alarms = 0, []
    for year in years(100, 150):
        for at in range(WARM_UP, len(year)):
            judged += 1
            alarms += [(at, said) for said in complaints(year[at], year[max(0, at - REMEMBERED.days) : at])]
    assert judged == 12_000
    assert len(alarms) <= judged / 1000, alarms


LOSSES: dict[str, Callable[[Shown], Shown]] = {
    "no list brings anything new": lambda run: attrs.evolve(run, learned=0),
    "nine in ten entries are lost": lambda run: attrs.evolve(run, learned=run.learned // 10),
    "no byline": lambda run: _without(run, "byline"),
    "no date": lambda run: _without(run, "published_at"),
    "no page is an article": lambda run: _traits(run, unreadable=run.traits.fetched),
    "no body by selector": lambda run: _traits(run, generic=run.traits.read),
    "cleaning takes most of every text": lambda run: _traits(run, gutted=run.traits.read),
    "cleaning finds nothing to take": lambda run: _traits(run, trimmed=0),
    "no other witness agrees": lambda run: _heard(run, lambda said: [said[0], 0, said[1] + said[2], said[3]]),
    "a witness falls silent": lambda run: _heard(run, lambda said: [0, 0, 0, sum(said)]),
    "the feed is empty": lambda run: _traits(run, listed=dict(run.traits.listed) | {"feed": 0}),
}


def _traits(run: Shown, **changes: object) -> Shown:
    return attrs.evolve(run, traits=attrs.evolve(run.traits, **changes))


def _heard(run: Shown, change: Callable[[list[int]], list[int]]) -> Shown:
    heard = {name: change(list(said)) for name, said in run.traits.witnesses["headline"].items()}
    return _traits(run, witnesses={"headline": heard})


def _without(run: Shown, field: str) -> Shown:
    return _traits(run, filled=dict(run.traits.filled) | {field: 0})


def beyond_doubt(loss: str, past: list[Shown], now: Shown) -> bool:
    """Tell whether the loss is more than a quiet day of this outlet could be."""
    quietest = min(run.learned for run in past[-COMPARED:])
    if loss == "nine in ten entries are lost":
        return quietest >= 40 and now.learned // 10 < quietest / 4
    counts: dict[str, Callable[[Traits], float]] = {
        "no byline": lambda traits: traits.filled["byline"],
        "cleaning finds nothing to take": lambda traits: traits.trimmed or 0,
        "no other witness agrees": lambda traits: max(
            said[1] for said in traits.witnesses["headline"].values()
        ),
    }
    read = max(1, sum(run.traits.read for run in past))
    usual = sum(counts[loss](run.traits) for run in past) / read if loss in counts else 1.0
    return quietest >= 40 and now.traits.read >= 8 and usual > 0.9


@pytest.mark.parametrize("loss", LOSSES)
def test_a_planted_loss_is_found_in_the_run_that_it_hits(loss: str) -> None:
    found = planted = 0
    for year in years(60, 90, seed=9):
        for at in range(60, 90, 7):
            past, now = year[at - 60 : at], LOSSES[loss](year[at])
            if not beyond_doubt(loss, past, year[at]):
                continue
            planted += 1
            found += bool(complaints(now, past))
    assert planted > 10
    assert found == planted
