"""A short version of `make year`: days of two outlets with all that happens to them, against the truth."""

from datetime import date
from pathlib import Path

from tests.newsworld.happenings import Eventful
from tests.newsworld.outlets.lintasdunia import LintasDunia
from tests.newsworld.outlets.mercinews import Mercinews
from tests.newsworld.running import on_air
from tests.newsworld.world import World
from tests.yearly.figures import Cost, judged, promises_broken
from tests.yearly.held import Verdict
from tests.yearly.rehearsal import Rehearsal

START, DAYS, SEED = date(2026, 3, 2), 12, 12


def test_days_of_two_outlets_keep_every_promise(tmp_path: Path) -> None:
    happenings = Eventful(SEED, START, DAYS, outage_every_days=6, burst_every_days=9, burst=120, deleted=0.2)
    world = World(SEED, START, DAYS + 1, 10, (Mercinews, LintasDunia), archive=4, happenings=happenings)
    with on_air(world) as running:
        rehearsal = Rehearsal(running, tmp_path, days=DAYS, seed=SEED)
        rehearsal.run(lambda _day: None)
    verdict, cost = Verdict(), Cost()
    for outlet in world.outlets:
        one, spent = judged(outlet, rehearsal.days[outlet.name], tmp_path)
        verdict.add(one)
        cost.add(spent)
    assert promises_broken(verdict, cost) == [], (verdict.broken, cost)
    # Nothing was promised that did not happen.
    for what in ("owed", "edits", "suspected", "confirmed", "restored", "outage runs"):
        assert verdict.counts[what], what
    assert cost.kills
