"""Wire stories and who takes them over: the plans, and the truth of who shares text with whom."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from itertools import combinations
from random import Random

from tests.newsworld.model import How, Plan, Wire
from tests.newsworld.prose.kinds import ON_TOPIC
from tests.newsworld.prose.retelling import COPIES, LOOKALIKES

FIRST_NUMBER = 9_400_000
DAILY = ("kurs", "cuaca", "pangan")


@dataclass(frozen=True, slots=True)
class Taken:
    """That two articles, named by the keys of their plans, share a wire's text; `how` of the later one."""

    first: str
    second: str
    how: How


class Wires:
    """*per_day* wire stories a day, each told by the first of the outlets and taken over by some others.

    Each way of copying is as frequent as any other; beside them are articles that only look like copies.
    """

    def __init__(
        self, seed: int, start: date, days: int, outlets: Mapping[str, timezone], *, per_day: int = 4
    ) -> None:
        self._plans: dict[str, list[Plan]] = defaultdict(list)
        self._zones = dict(outlets)
        self._start, self._seed = start, seed
        self.taken: list[Taken] = []
        self.lookalikes: set[str] = set()
        names = list(outlets)
        for day in range(days):
            self._day(day, names, per_day)

    def plans(self, outlet: str) -> Iterator[Plan]:
        """Return the plans of one outlet."""
        return iter(self._plans[outlet])

    def _day(self, day: int, names: Sequence[str], per_day: int) -> None:
        rng = Random(f"{self._seed}/wires/{day}")
        kinds = rng.sample(ON_TOPIC, min(per_day, len(ON_TOPIC)))
        told = []
        for number, kind in enumerate(kinds):
            at = self._at(day, rng.randrange(360, 900))
            told.append(self._plan(names[0], f"wire/{day}/{number}", kind.name, at, Wire("told")))
        has = [(wire, frozenset({wire.key})) for wire in told]
        for number, wire in enumerate(told):
            takers = rng.sample(names[1:], min(len(names) - 1, rng.randint(2, 5)))
            for outlet in takers:
                how = rng.choice(COPIES)
                lag = timedelta(minutes=round(rng.lognormvariate(4.3, 1.0)))
                of = (wire, told[(number + 1) % len(told)]) if how == "merged" and len(told) > 1 else (wire,)
                how = "verbatim" if how == "merged" and len(of) == 1 else how
                at = max(each.published_at for each in of) + timedelta(minutes=2) + lag
                plan = self._plan(outlet, f"{wire.key}/{outlet}", wire.kind, at, Wire(how, of))
                has.append((plan, frozenset(each.key for each in of)))
        self._note(has)
        self._look_alike(day, told, names, rng)

    def _look_alike(self, day: int, told: Sequence[Plan], names: Sequence[str], rng: Random) -> None:
        for wire in told:
            for how in LOOKALIKES[:2]:
                outlet = rng.choice(names[1:])
                at = wire.published_at + timedelta(minutes=rng.randint(5, 600))
                plan = self._plan(outlet, f"{wire.key}/{how}/{outlet}", wire.kind, at, Wire(how, (wire,)))
                self.lookalikes.add(plan.key)
        for name in DAILY:
            outlet = names[1 + DAILY.index(name) % (len(names) - 1)]
            base = Plan(f"{self._seed}/daily/{name}", 0, name, self._at(0, 0))
            key = f"daily/{name}/{day}"
            at = self._at(day, rng.randrange(960, 1300))
            plan = self._plan(outlet, key, "economy", at, Wire("daily", (base,)))
            self.lookalikes.add(plan.key)

    def _note(self, has: Sequence[tuple[Plan, frozenset[str]]]) -> None:
        for (one, ours), (other, theirs) in combinations(has, 2):
            if ours & theirs:
                later = max(one, other, key=lambda plan: plan.published_at)
                self.taken.append(Taken(one.key, other.key, later.wire.how if later.wire else "told"))

    def _at(self, day: int, minute: int) -> datetime:
        midnight = datetime.combine(self._start + timedelta(days=day), time(), timezone(timedelta(hours=7)))
        return midnight + timedelta(minutes=minute)

    def _plan(self, outlet: str, key: str, kind: str, at: datetime, wire: Wire) -> Plan:
        number = FIRST_NUMBER + 3 * len(self._plans[outlet])
        whole = key if key.startswith(f"{self._seed}/") else f"{self._seed}/{key}"
        plan = Plan(whole, number, kind, at.astimezone(self._zones[outlet]), wire=wire)
        self._plans[outlet].append(plan)
        return plan
