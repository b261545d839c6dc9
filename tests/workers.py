"""Workers on PostgreSQL, and fifteen crawls of a news world: `make workers`.

One, two and four workers do the same fifteen crawls; then one of two is killed with all its crawls in the
middle of them, once on the machine of the other and once on one of another name. Prints lines
`figure NAME VALUE UNIT`. It fails when an article is missing or stored twice, when a host was asked too fast,
or when the audit finds a fault; never for being slow.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import psutil
import psycopg
from sqlalchemy import Engine, make_url

from crawler.storage import plans as planning
from crawler.storage.articles import iterate
from crawler.storage.audit import audit
from crawler.storage.database import open_database
from crawler.storage.schema import plans, runs
from crawler.storage.workers import list_workers
from tests.bench import figure
from tests.conftest import SERVER
from tests.crawling import DAYS, DECLARED, SEED, START, crawl_environ, held_against
from tests.newsworld.demo import left_out
from tests.newsworld.outlets.all import ALL
from tests.newsworld.running import ROOT, Running, on_air
from tests.newsworld.world import World
from tests.serving import leader, rows, wait_until

CRAWLS = 15
DELAY_S = 1.0
PER_DAY = 12
ARCHIVE = 6
PATIENCE_S = 900.0
IN_THE_MIDDLE = 12  # requests after which a worker is killed
COMMAND = [sys.executable, "-m", "crawler.cli.main"]


def crawled_outlets() -> list[str]:
    """Return the outlets that this machine can crawl whole."""
    return [outlet.name for outlet in ALL if outlet.name in DECLARED and outlet.name not in left_out()]


def small_world(outlets: Sequence[str], per_day: int) -> World:
    """Return a world of these outlets over a few days."""
    return World(
        SEED, START, DAYS, per_day, [outlet for outlet in ALL if outlet.name in outlets], archive=ARCHIVE
    )


@contextlib.contextmanager
def new_database() -> Iterator[str]:
    """Yield the address of an empty database on PostgreSQL, which goes with the block."""
    server, name = make_url(SERVER), f"pantau_test_{uuid.uuid4().hex[:12]}"
    plain = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True, connect_timeout=3) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            yield server.set(database=name).render_as_string(hide_password=False)
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def can_name_machines() -> bool:
    """Tell whether a process can be given a host name of its own here."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return False
    return subprocess.run([unshare, "--uts", "true"], capture_output=True, check=False).returncode == 0


@attrs.define
class Fleet:
    """A service and workers on one store. Each worker has a data folder of its own; the archive is shared."""

    running: Running
    folder: Path
    url: str
    delay_s: float
    processes: list["subprocess.Popen[bytes]"] = attrs.field(factory=list)

    def begin(self, name: str, words: Sequence[str], host: str | None = None) -> "subprocess.Popen[bytes]":
        """Start a command of pantau, on a machine called *host* where that is given."""
        data = self.folder / name
        data.mkdir()
        settings = {"database": self.url, "archive": str(self.folder / "archive"), "window_days": "3"}
        settings |= {"delay_s": str(self.delay_s), "stop_s": "20"}
        environ = crawl_environ(self.running, data, **settings)
        command = [*COMMAND, *words]
        if host is not None:
            command = ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', host, *command]
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=subprocess.STDOUT)
        self.processes.append(process)
        return process

    def log(self, name: str) -> str:
        """Return what a command said."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8")


@contextlib.contextmanager
def fleet(running: Running, folder: Path, url: str, delay_s: float) -> Iterator[Fleet]:
    """Yield what starts services and workers; leave none of them, nor of their crawls."""
    made = Fleet(running, folder, url, delay_s)
    try:
        yield made
    finally:
        for process in made.processes:
            end(process)


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a process and all that it started, at once, as a loss of power does."""
    with contextlib.suppress(psutil.Error):
        family = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        for each in family:
            with contextlib.suppress(psutil.Error):
                each.kill()
    process.wait()


def ask_all(store: Engine, running: Running, outlets: Sequence[str], number: int) -> None:
    """Ask for so many crawls: one of each outlet, and of some a second one when the first is under way."""
    for outlet in outlets:
        assert planning.ask_now(store, outlet, now=running.world.now)
    for outlet in outlets[: max(0, number - len(outlets))]:
        later = running.world.now + timedelta(seconds=1)  # of one moment there is one plan
        wait_until(lambda outlet=outlet, at=later: planning.ask_now(store, outlet, now=at), PATIENCE_S)


def ended(store: Engine, number: int) -> list[Any] | None:
    """Return the plans that were done, when so many were."""
    asked = [row for row in rows(store, plans) if row.reason == "manual"]
    failed = [row for row in asked if row.state == "failed"]
    assert not failed, failed
    done = [row for row in asked if row.state == "done"]
    return done if len(done) >= number else None


def faults_of(store: Engine, running: Running, archive: Path, delay_s: float) -> list[str]:
    """Return what was broken: articles, the store's accounts, the pause between requests."""
    found = held_against(running, [stored.article for stored in iterate(store)])
    broken = [f"{kind}: {', '.join(addresses[:3])}" for kind, addresses in found.faults().items()]
    report = audit(store, archive)
    broken += [f"audit: {fault}" for fault in report.faults]
    gap_s = running.log.smallest_gap_s()
    if gap_s is not None and gap_s < delay_s:
        broken.append(f"a host was asked again after {gap_s:.3f} s")
    return broken


@attrs.frozen
class Outcome:
    """What one rehearsal came to, in seconds."""

    lasted_s: float
    articles: int
    gap_s: float
    took_over_s: float | None
    broken: list[str]


def rehearse(  # noqa: PLR0913 - what is rehearsed
    outlets: Sequence[str],
    number: int,
    workers: int,
    *,
    kill: bool = False,
    machines: bool = False,
    delay_s: float = DELAY_S,
    per_day: int = PER_DAY,
) -> Outcome:
    """Do so many crawls with so many workers, and hold the store against the world's truth."""
    with (
        tempfile.TemporaryDirectory(prefix="workers-") as name,
        new_database() as url,
        on_air(small_world(outlets, per_day)) as running,
    ):
        folder, store = Path(name), open_database(url)
        with fleet(running, folder, url, delay_s) as made:
            made.begin("service", ["schedule"])
            hosts = [f"machine{each}" if machines else None for each in range(workers)]
            for each, host in enumerate(hosts):
                made.begin(f"worker{each}", ["worker"], host)
            wait_until(lambda: leader(store) and len(list_workers(store)) == workers, PATIENCE_S)
            began_s, took_over_s = time.monotonic(), None
            ask_all(store, running, outlets, number)
            if kill:
                took_over_s = _kill_one(made, store)
            wait_until(lambda: ended(store, number), PATIENCE_S)
            lasted_s = time.monotonic() - began_s
        broken = faults_of(store, running, folder / "archive", delay_s)
        stored = sum(1 for _ in iterate(store))
        gap_s = running.log.smallest_gap_s() or 0.0
        store.dispose()
    return Outcome(lasted_s, stored, gap_s, took_over_s, broken)


def _kill_one(made: Fleet, store: Engine) -> float:
    """Kill a worker and its crawls in the middle of them; return how long until one is begun again."""
    already = len(made.running.log) + IN_THE_MIDDLE
    wait_until(lambda: len(made.running.log) > already, PATIENCE_S)
    open_runs = {row.plan_id for row in rows(store, runs) if row.ended_at is None}
    at_work = Counter(row.taken_by for row in rows(store, plans) if row.id in open_runs and row.taken_by)
    ((name, _),) = at_work.most_common(1)
    (pid,) = [each.pid for each in list_workers(store) if each.name == name]
    lost = {row.id for row in rows(store, plans) if row.state == "taken" and row.taken_by == name}
    end(next(process for process in made.processes if process.pid == pid))
    killed_s, before = time.monotonic(), max(row.id for row in rows(store, runs))
    wait_until(lambda: any(row.id > before and row.plan_id in lost for row in rows(store, runs)), PATIENCE_S)
    return time.monotonic() - killed_s


def main() -> int:
    """Run the rehearsals and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crawls", type=int, default=CRAWLS)
    parser.add_argument("--delay-s", type=float, default=DELAY_S)
    parser.add_argument("--per-day", type=int, default=PER_DAY)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2, 4])
    parser.add_argument("--kills", choices=["none", "here", "all"], default="all")
    given = parser.parse_args()
    outlets, broken = crawled_outlets(), []
    more = {"delay_s": given.delay_s, "per_day": given.per_day}
    figure("workers_crawls", given.crawls, "crawls")
    figure("workers_cores", os.cpu_count() or 1, "cores")
    for workers in given.workers:
        found = rehearse(outlets, given.crawls, workers, **more)
        figure(f"workers_{workers}_seconds", round(found.lasted_s, 1), "s")
        figure(
            f"workers_{workers}_articles_an_hour", round(found.articles * 3600 / found.lasted_s), "articles"
        )
        figure(f"workers_{workers}_smallest_gap_s", round(found.gap_s, 3), "s")
        broken += found.broken
    kills = {"here": False} if given.kills != "none" else {}
    if given.kills == "all" and can_name_machines():
        kills["elsewhere"] = True
    for where, machines in kills.items():
        found = rehearse(outlets, given.crawls, 2, kill=True, machines=machines, **more)
        figure(f"workers_killed_{where}_taken_over_s", round(found.took_over_s or 0, 1), "s")
        figure(f"workers_killed_{where}_seconds", round(found.lasted_s, 1), "s")
        figure(f"workers_killed_{where}_smallest_gap_s", round(found.gap_s, 3), "s")
        broken += found.broken
    figure("workers_broken_promises", len(broken), "faults")
    for fault in broken:
        sys.stderr.write(f"broken: {fault}\n")
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
