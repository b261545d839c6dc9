"""`make kills`: crawls are killed, at named points and at random moments, and started again.

    python -m tests.kills --points 4 --random 85      # what `make kills` runs; some of the random come late
    python -m tests.kills --points 40 --random 2000   # the long one

After each kill the same command is given again and nothing else. Then the store is held against the world's
truth, against what it held when the process died, and against its archive. Prints `figure NAME VALUE UNIT`
and ends with 1 when anything was lost or doubled, or another step than the command was needed.
"""

import argparse
import atexit
import contextlib
import functools
import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import attrs

from crawler.storage.database import connect, transact
from crawler.storage.schema import HEAD
from crawler.storage.upgrade import take
from tests.crawling import (
    against_truth,
    audited,
    crawl_command,
    crawl_environ,
    run,
    runs_of,
    small_world,
)
from tests.newsworld.running import ROOT, Running, on_air
from tests.sabotage.orders import POINTS, sabotaged

OUTLETS = ("kontan", "mercinews")
LONGEST_S = 60.0
EARLIER = timedelta(hours=8)  # some articles are there by then, and due for another look at the end

Contents = set[tuple[object, ...]]
Ended = subprocess.CompletedProcess


@attrs.frozen
class Scene:
    """What a crawl finds when it starts: nothing, the store of a crawl before, or that of an older version.

    It is told which days to crawl; where the outlet is *watched*, it goes by what is known of its lists.
    """

    outlet: str
    before: str

    def __str__(self) -> str:
        return f"{self.outlet}/{self.before}"


SCENES = [Scene(outlet, before) for outlet in OUTLETS for before in ("nothing", "crawled", "0001", "watched")]


@attrs.frozen
class Kills:
    """What happens to one crawl: kills at points (the N-th passing) or after so many seconds, in a row."""

    scene: Scene
    row: tuple[tuple[str, int] | float, ...]


@attrs.define
class Outcome:
    """What became of a store that was crawled under kills."""

    kills: Kills
    killed: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: list[str] = attrs.field(factory=list)
    first_request_s: float = 0.0


@attrs.frozen
class Passings:
    """What a crawl does to which nothing happens: how often it passes each point, and how long it takes."""

    times: Mapping[str, int]
    took_s: float


class Stage:
    """One outlet's world on the air, with the stores that its scenes begin with. Made by `on_stage`."""

    def __init__(self, scene: Scene, folder: Path, running: Running) -> None:
        self.scene, self.folder, self.running = scene, folder, running
        self.base = folder / "base"
        self.base.mkdir()
        world = running.world
        self.command = crawl_command(running)
        if scene.before == "watched":
            self.command = self.command[: self.command.index("-a")]
        if scene.before != "nothing":
            world.now = world.end - EARLIER
            self._checked(run(self.command, crawl_environ(running, self.base)))
            world.now = world.end
        if scene.before == "0001":
            _put_back(self.base)
        self.passings = self._rehearse()

    def perform(self, kills: Kills) -> Outcome:
        """Crawl under kills, then once more without; return what became of it."""
        outcome = Outcome(kills)
        with tempfile.TemporaryDirectory(dir=self.folder) as name:
            data = Path(name) / "data"
            shutil.copytree(self.base, data)
            held = Contents()
            for order in kills.row:
                outcome.killed += self._killed(order, data)
                held = self._look(data, held, outcome)
            begun, asked = time.monotonic(), len(self.running.log)
            ended = run(self.command, crawl_environ(self.running, data))
            first = next((entry.t for entry in self.running.log.entries()[asked:]), None)
            outcome.first_request_s = LONGEST_S if first is None else first - begun
            self._judge(data, held, ended, outcome)
        return outcome

    def _killed(self, order: tuple[str, int] | float, data: Path) -> bool:
        """Crawl until the kill that was ordered; return whether it came before the end."""
        environ = crawl_environ(self.running, data)
        if isinstance(order, tuple):
            environ = sabotaged(environ, kill=order)
        process = subprocess.Popen(
            self.command,
            env=environ,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(order if isinstance(order, float) else LONGEST_S)
        process.kill()
        return process.wait() == -signal.SIGKILL

    def _look(self, data: Path, held: Contents, outcome: Outcome) -> Contents:
        """Count what is gone since the last look or stands there twice; return what is there."""
        version = _version(data)
        if version is None:
            return held
        there = _contents(data)
        outcome.lost += len(held - there)
        if version != HEAD:
            return there
        faults = against_truth(self.running, data).faults()
        outcome.doubled += len(faults.get("doubled", ()))
        outcome.wrong += [kind for kind in faults if kind not in {"missing", "doubled"}]
        return there

    def _judge(self, data: Path, held: Contents, ended: Ended[str], outcome: Outcome) -> None:
        """Hold the store against the truth, itself and its archive, once the last crawl has ended."""
        self._look(data, held, outcome)
        if ended.returncode:
            outcome.wrong.append(f"the crawl after it ended with {ended.returncode}: {ended.stderr[-300:]}")
        outcome.lost += len(against_truth(self.running, data).missing)
        outcome.doubled += _twice(data)
        outcome.wrong += [f"audit: {fault}" for fault in audited(data).faults]
        history = runs_of(data)
        for each in history[1:]:
            # A kill may come when all is written; a run that was cut short is never called healthy.
            if each.verdict != "healthy" and (each.verdict, each.why) != ("failed", ("killed",)):
                outcome.wrong.append(f"run {each.id} is {each.verdict}: {each.why}")

    def _rehearse(self) -> Passings:
        with tempfile.TemporaryDirectory(dir=self.folder) as name:
            data, count = Path(name) / "data", Path(name) / "count"
            shutil.copytree(self.base, data)
            begun = time.monotonic()
            self._checked(run(self.command, sabotaged(crawl_environ(self.running, data), count=count)))
            took_s = time.monotonic() - begun
            return Passings(json.loads(count.read_text(encoding="ascii")), took_s)

    @staticmethod
    def _checked(ended: Ended[str]) -> None:
        if ended.returncode:
            raise RuntimeError(f"a crawl that nothing happens to fails: {ended.stderr[-2000:]}")


@contextlib.contextmanager
def on_stage(scene: Scene) -> Iterator[Stage]:
    """Make the scene's stage, which stands until the block ends."""
    with tempfile.TemporaryDirectory(prefix="kills-") as name, on_air(small_world(scene.outlet)) as running:
        yield Stage(scene, Path(name), running)


_open = contextlib.ExitStack()
atexit.register(_open.close)


@functools.cache
def stage(scene: Scene) -> Stage:
    """Return the scene's stage in this process; it stands until the process ends."""
    return _open.enter_context(on_stage(scene))


def passings(scene: Scene) -> Passings:
    """Return what the rehearsal of the scene showed."""
    return stage(scene).passings


def perform(kills: Kills) -> Outcome:
    """Carry out *kills* on the stage of this process."""
    return stage(kills.scene).perform(kills)


def at_points(rounds: int, seed: int, seen: Mapping[Scene, Passings]) -> Iterator[Kills]:
    """Yield *rounds* kills at each point, each in a scene that passes it and at a passing drawn by *seed*."""
    drawn = random.Random(seed)
    for point in POINTS:
        scenes = [scene for scene in seen if seen[scene].times.get(point)]
        if not scenes:
            raise RuntimeError(f"no crawl passes the point {point!r} any more")
        for _ in range(rounds):
            scene = drawn.choice(scenes)
            yield Kills(scene, ((point, drawn.randint(1, seen[scene].times[point])),))


def in_rows(length: int, seen: Mapping[Scene, Passings]) -> Iterator[Kills]:
    """Yield one kill at each point, several in a row: each at a point that comes after the one before it."""
    for scene, passings in seen.items():
        order = [point for point in passings.times if point in POINTS]  # as they were first passed
        rows = -(-len(order) // length)
        for first in range(rows):
            yield Kills(scene, tuple((point, 1) for point in order[first::rows]))


def at_random(number: int, seed: int, seen: Mapping[Scene, Passings]) -> Iterator[Kills]:
    """Yield rows of one to five kills at random moments, *number* kills in all."""
    drawn = random.Random(f"{seed}/random")
    while number > 0:
        scene, length = drawn.choice(list(seen)), min(drawn.randint(1, 5), number)
        yield Kills(scene, tuple(drawn.uniform(0.3, seen[scene].took_s) for _ in range(length)))
        number -= length


def main() -> int:
    """Kill, start again, print the figures; return 1 when a promise is broken."""
    given = _arguments()
    begun = time.monotonic()
    with ProcessPoolExecutor(given.jobs, get_context("spawn")) as pool:
        seen = dict(zip(SCENES, pool.map(passings, SCENES), strict=True))
        named, chance = (
            list(at_points(given.points, given.seed, seen)),
            list(at_random(given.random, given.seed, seen)),
        )
        outcomes = list(_shown(pool.map(perform, [*named, *chance]), len(named) + len(chance)))
    killed = [outcome.killed for outcome in outcomes]
    figure("kill_points", len(POINTS), "points")
    figure("kills_named", sum(killed[: len(named)]), "kills")
    figure("kills_random", sum(killed[len(named) :]), "kills")
    figure("kills_lost", sum(outcome.lost for outcome in outcomes), "articles")
    figure("kills_doubled", sum(outcome.doubled for outcome in outcomes), "articles")
    figure("kills_manual_steps", sum(bool(outcome.wrong) for outcome in outcomes), "stores")
    figure("restart_to_first_request_s", max(outcome.first_request_s for outcome in outcomes), "s")
    figure("kills_took_s", time.monotonic() - begun, "s")
    return int(any(outcome.lost or outcome.doubled or outcome.wrong for outcome in outcomes))


def figure(name: str, value: float, unit: str) -> None:
    """Print one figure."""
    sys.stdout.write(f"figure {name} {value:.4g} {unit}\n")


def _shown(outcomes: Iterable[Outcome], number: int) -> Iterator[Outcome]:
    for count, outcome in enumerate(outcomes, start=1):
        if outcome.lost or outcome.doubled or outcome.wrong:
            sys.stderr.write(f"{outcome}\n")
        elif sys.stderr.isatty():
            sys.stderr.write(f"\r{count} of {number}")
        yield outcome


def _rows(data: Path, query: str) -> list[tuple[object, ...]]:
    """Return what a query finds in a store, by a connection that shares no code with the product."""
    with contextlib.closing(sqlite3.connect(data / "pantau.db", timeout=LONGEST_S)) as connection:
        return connection.execute(query).fetchall()


def _version(data: Path) -> object:
    """Return the version of the store, None where no migration has got to its end."""
    if not (data / "pantau.db").exists():
        return None
    if not _rows(data, "SELECT name FROM sqlite_master WHERE name = 'alembic_version'"):
        return None
    return next((version for (version,) in _rows(data, "SELECT version_num FROM alembic_version")), None)


def _contents(data: Path) -> Contents:
    """Return what must never go again: every revision, and every line of the ledger."""
    kept = _rows(data, "SELECT article_id, number, content_hash FROM revisions")
    return {*kept, *_rows(data, "SELECT run_id, url_id FROM visits")}


def _twice(data: Path) -> int:
    """Return how many revisions repeat the one before them."""
    rows = _rows(data, "SELECT article_id, content_hash FROM revisions ORDER BY article_id, number")
    return sum(earlier == later for earlier, later in pairwise(rows))


def _put_back(data: Path) -> None:
    """Make the store one that the first version of pantau could have written, with all its rows."""
    new, old = data / "pantau.db", data / "old.db"
    engine = connect(f"sqlite:///{old}")
    transact(engine, functools.partial(take, step="0001", hold=lambda _: None))
    engine.dispose()
    with contextlib.closing(sqlite3.connect(old)) as connection:
        connection.execute("ATTACH ? AS new", (str(new),))
        names = "SELECT name FROM sqlite_master WHERE type = 'table'"
        for (table,) in connection.execute(names).fetchall():
            if table.startswith(("alembic_version", "sqlite_", "search_")):
                continue
            kept = [
                column
                for (column,) in connection.execute(
                    "SELECT name FROM pragma_table_info(?) WHERE name IN "
                    "(SELECT name FROM pragma_table_info(?, 'new'))",
                    (table, table),
                )
            ]
            columns = ", ".join(["rowid", *kept] if table == "search" else kept)
            connection.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM new.{table}")  # noqa: S608
        connection.commit()
    for part in data.glob("pantau.db*"):
        part.unlink()
    old.rename(new)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=5, help="kills at each point")
    parser.add_argument("--random", type=int, default=50, help="kills at random moments")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, help="crawls side by side")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
