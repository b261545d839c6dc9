"""The plan of an outlet: when what kind of article appears, for any number of days and for its archive."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta, timezone
from random import Random

from tests.newsworld.happenings import Burst
from tests.newsworld.model import Plan
from tests.newsworld.prose.kinds import ON_TOPIC, deck

ARCHIVE_YEARS = 7
FIRST_NUMBER = 7_400_000
BURST_NUMBER = 8_400_000
MINUTES_A_DAY = 24 * 60


def plans(  # noqa: PLR0913 - one value a property of the plan
    outlet: str, *, seed: int, start: date, days: int, per_day: int, archive: int, zone: timezone
) -> Iterator[Plan]:
    """Return the plans of one outlet, archive first, each day's in order of time."""
    yield from _archive(outlet, seed, start, archive, zone)
    cards = deck()
    dealt: list[str] = []
    for number in range(days * per_day):
        day, place = divmod(number, per_day)
        round_of, card = divmod(number, len(cards))
        if card == 0:
            dealt = Random(f"{seed}/{outlet}/deck/{round_of}").sample(cards, len(cards))
        if place == 0:
            minutes = _minutes(Random(f"{seed}/{outlet}/day/{day}"), per_day)
        at = datetime.combine(start + timedelta(days=day), time(), zone) + timedelta(minutes=minutes[place])
        yield Plan(
            key=f"{seed}/{outlet}/{start.isoformat()}/{number}",
            number=FIRST_NUMBER + number * 3,
            kind=dealt[card],
            published_at=at,
        )


def busy(outlet: str, seed: int, start: date, bursts: Iterable[Burst], zone: timezone) -> Iterator[Plan]:
    """Return the plans of hours in which far more appears than usual."""
    cards = deck()
    for which, burst in enumerate(bursts):
        rng = Random(f"{seed}/{outlet}/burst/{which}")
        for place in range(burst.count):
            yield Plan(
                key=f"{seed}/{outlet}/{start.isoformat()}/burst/{which}/{place}",
                number=BURST_NUMBER + which * 3_000 + place * 3,
                kind=rng.choice(cards),
                published_at=burst.at.astimezone(zone) + timedelta(minutes=rng.randrange(60)),
            )


def _minutes(rng: Random, count: int) -> list[int]:
    """Return *count* minutes of a day, most of them between morning and late evening."""
    return sorted(min(MINUTES_A_DAY - 1, int(rng.triangular(0, MINUTES_A_DAY, 780))) for _ in range(count))


def _archive(outlet: str, seed: int, start: date, count: int, zone: timezone) -> Iterator[Plan]:
    """Return plans of former years: every second one on the topic."""
    rng = Random(f"{seed}/{outlet}/archive")
    cards = deck()
    for number in range(count):
        back = timedelta(days=rng.randint(30, ARCHIVE_YEARS * 365), minutes=rng.randrange(MINUTES_A_DAY))
        kind = ON_TOPIC[number // 2 % len(ON_TOPIC)].name if number % 2 else rng.choice(cards)
        yield Plan(
            key=f"{seed}/{outlet}/{start.isoformat()}/archive/{number}",
            number=FIRST_NUMBER - 3 * (count - number) - 100_000,
            kind=kind,
            published_at=datetime.combine(start, time(), zone) - back,
            archive=True,
        )
