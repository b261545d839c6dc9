"""`make year`: a simulated year of daily crawls against the news world, held against its truth.

The world's first six outlets, each day at an hour of their own, through the real crawler in processes of
their own, two side by side: with edits, deletions and restorations, outages, validators that lie, bursts
larger than a list page, quiet days and a week of silence, late articles, and a kill -9 every third day. It
prints what was broken and a line `figure NAME VALUE UNIT` for each measure; a broken promise fails it.
"""

import argparse
import contextlib
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from tests.newsworld.happenings import Eventful
from tests.newsworld.log import smallest_gap_s
from tests.newsworld.outlets.all import ALL, FIRST
from tests.newsworld.outlets.kontan import Kontan
from tests.newsworld.running import on_air
from tests.newsworld.world import World
from tests.yearly.figures import Cost, judged, promises_broken, summary
from tests.yearly.held import Verdict
from tests.yearly.rehearsal import Rehearsal

START = date(2026, 3, 2)
SHOWN = 10  # complaints of each kind
POLITE_DAYS, POLITE_DELAY_S = 3, 0.2
CLOCK_S = 0.01  # by which the world may note two requests closer than they were sent


def main() -> int:
    """Rehearse a year and return the exit status."""
    given = _arguments()
    began = time.monotonic()
    with _folder(given.data) as data:
        verdict, cost = rehearse(given, data)
        gap_s = politeness(given.seed, data / "politeness") if given.politeness else None
    for kind, lines in sorted(verdict.broken.items()):
        if lines:
            _say(f"{kind}: {len(lines)}")
            for line in lines if given.all else lines[:SHOWN]:
                _say(f"    {line}")
    figures = summary(verdict, cost)
    if gap_s is not None:
        figures["smallest_gap"] = (round(gap_s, 3), "s")
    figures["days"] = (given.days, "days")
    figures["minutes"] = (round((time.monotonic() - began) / 60, 1), "min")
    for name, (value, unit) in figures.items():
        _say(f"figure year_{name} {value} {unit}")
    broken = promises_broken(verdict, cost)
    if gap_s is not None and gap_s < POLITE_DELAY_S - CLOCK_S:
        broken.append("politeness")
    if broken:
        _say(f"broken: {', '.join(broken)}")
    return int(bool(broken))


def rehearse(given: argparse.Namespace, data: Path) -> tuple[Verdict, Cost]:
    """Run the year and return what became of its promises."""
    outlets = [kind for kind in ALL if kind.name in given.outlet] if given.outlet else FIRST
    happenings = Eventful(given.seed, START, given.days)
    world = World(given.seed, START, given.days + 1, given.per_day, outlets, archive=6, happenings=happenings)
    world.index()
    began = time.monotonic()

    def told(day: int) -> None:
        if day % 10 == 0:
            _say(f"day {day} of {given.days} after {(time.monotonic() - began) / 60:.1f} min")

    with on_air(world) as running:
        rehearsal = Rehearsal(
            running,
            data,
            days=given.days,
            seed=given.seed,
            kill_every=given.kill_every,
            forking=not given.plain,
        )
        rehearsal.run(told)
    verdict, cost = Verdict(), Cost()
    for outlet in world.outlets:
        one, spent = judged(outlet, rehearsal.days[outlet.name], data)
        _say(
            f"{outlet.name}: {one.counts['stored']} of {one.counts['owed']} articles, "
            f"{spent.asked.total()} requests, {spent.ratio:.2f} x the oracle's "
            f"({', '.join(f'{kind} {spent.asked[kind]}/{spent.needed[kind]}' for kind in spent.needed)})"
        )
        verdict.add(one)
        cost.add(spent)
    return verdict, cost


def politeness(seed: int, data: Path) -> float:
    """Return the smallest gap between two requests to one host in days with a real delay, kills included."""
    data.mkdir(parents=True)
    world = World(seed, START, POLITE_DAYS + 1, 6, (Kontan,), archive=2)
    with on_air(world) as running:
        rehearsal = Rehearsal(
            running, data, days=POLITE_DAYS, seed=seed, kill_every=1, delay_s=POLITE_DELAY_S
        )
        rehearsal.run(lambda _day: None)
    crawls = [each for day in rehearsal.days["kontan"] for each in day.crawls]
    gap_s = smallest_gap_s(request for each in crawls for request in each.requests)
    return gap_s if gap_s is not None else 0.0


@contextlib.contextmanager
def _folder(chosen: Path | None) -> Iterator[Path]:
    if chosen is not None:
        shutil.rmtree(chosen, ignore_errors=True)
        chosen.mkdir(parents=True)
        yield chosen
        return
    with tempfile.TemporaryDirectory(prefix="pantau-year-") as folder:
        yield Path(folder)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--per-day", type=int, default=12, help="articles of each outlet")
    parser.add_argument("--kill-every", type=int, default=3, metavar="DAYS", help="0 for never")
    parser.add_argument("--outlet", action="append", help="only this one; may be repeated")
    parser.add_argument(
        "--plain", action="store_true", help="start each crawl with an interpreter of its own"
    )
    parser.add_argument("--no-politeness", dest="politeness", action="store_false")
    parser.add_argument(
        "--data", type=Path, help="keep store, archive and logs in this folder, emptied first"
    )
    parser.add_argument("--all", action="store_true", help="print every complaint")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
