"""A service whose due times and children are a test's own, as a process: `python -m tests.daemon serve …`.

The child does what a crawl does to the store and nothing else; its ways of going wrong are its modes.
"""

import argparse
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs

from crawler.cli.output import prepare_logging
from crawler.config import Config, load_config
from crawler.dates import WIB
from crawler.scheduler.cadence import DAY_S, Cadence
from crawler.scheduler.child import Child, child_environ
from crawler.scheduler.loop import BUSY_S, Rhythm
from crawler.scheduler.notify import Notifier
from crawler.scheduler.service import Service
from crawler.storage import runs
from crawler.storage.database import open_database

FAST = {"turn_s": 0.2, "lease_s": 6.0, "renew_s": 1.0, "ask_s": 0.5, "watch_s": 0.5, "look_s": 1.0}
ROOT = Path(__file__).parents[1]
VERSION = "1.2.3"
"""What services and workers of tests say they are, where nothing else is wanted."""


def once_a_day(outlet: str, at: datetime) -> Cadence:
    """Return a cadence whose due time today is *at*, to the second."""
    return Cadence(
        outlet, DAY_S, (round((at - datetime(1970, 1, 1, tzinfo=WIB)).total_seconds()) % DAY_S,), 0
    )


def start_child(mode: str) -> "type[Child]":
    """Return what starts a child of that mode in place of a crawl."""

    class Tiny(Child):
        @classmethod
        def start(cls, config: Config, outlet: str, arguments: Mapping[str, str]) -> Child:
            log = config.data_dir / f"{outlet}.log"
            words = [sys.executable, "-m", "tests.daemon", "child", outlet, arguments["plan"], mode]
            with log.open("ab") as output:
                process = subprocess.Popen(
                    words,
                    cwd=ROOT,
                    env=child_environ(config),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    process_group=0,
                )
            return Child(outlet, log, process)

    return Tiny


def serve(given: argparse.Namespace) -> int:
    """Run a service for the outlets and due times given."""
    prepare_logging("INFO")
    config = load_config()
    cadences = {
        name: Cadence(name, given.every_s, (0,), 0)
        if given.every_s
        else once_a_day(name, datetime.fromisoformat(at))
        for name, _, at in (word.partition("=") for word in given.due)
    }
    engine = open_database(config.database_url, busy_s=BUSY_S)
    rhythm = attrs.evolve(Rhythm(), **FAST | json.loads(given.rhythm))
    start = Child.start if given.mode == "real" else start_child(given.mode).start
    hands = None
    if given.hands:
        from crawler.worker.hands import WorkersHands  # noqa: PLC0415 - other services do not load it

        hands = WorkersHands(config, engine, VERSION, rhythm.lease_s)
    Service(
        config,
        engine,
        cadences=cadences,
        known=cadences,
        start=start,
        rhythm=rhythm,
        notifier=Notifier(given.notify),
        hands=hands,
    ).run()
    loaded = sorted(name for name in ("lxml", "scrapy", "selectolax", "twisted") if name in sys.modules)
    print("loaded:", *loaded, flush=True)  # noqa: T201
    return 0


def work(given: argparse.Namespace) -> int:
    """Run a worker for these outlets."""
    from crawler.worker.service import WorkerService  # noqa: PLC0415 - services do not load it

    prepare_logging("INFO")
    config = load_config()
    engine = open_database(config.database_url, busy_s=BUSY_S)
    return WorkerService(
        config,
        engine,
        outlets=given.outlets,
        restricted=given.restricted,
        version=given.version,
        once=given.once,
        start=Child.start if given.mode == "real" else start_child(given.mode).start,
        rhythm=attrs.evolve(Rhythm(), **FAST | json.loads(given.rhythm)),
    ).run()


def child(given: argparse.Namespace) -> int:
    """Do to the store what a crawl does."""
    if given.mode == "broken":
        return 3
    engine = open_database(load_config().database_url)
    run = runs.start_run(engine, given.outlet, plan_id=int(given.plan))
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stopped.append(number))
    if given.mode == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    held = bytearray(400 * 1024 * 1024) if given.mode == "greedy" else bytearray()
    ends_s = time.monotonic() + {"quick": 0.3, "failing": 0.0}.get(given.mode, 120.0)
    while time.monotonic() < ends_s and not stopped:
        time.sleep(0.02)
        if given.mode != "hung" and round(time.monotonic() * 50) % 25 == 0:
            runs.heartbeat(engine, run.id)
    if given.mode == "failing":
        runs.finish_run(engine, run.id, "failed", ["no list could be read"])
    elif stopped:
        runs.finish_run(engine, run.id, "degraded", [f"{runs.STOPPED}: shutdown"])
    else:
        runs.finish_run(engine, run.id, "healthy")
    engine.dispose()
    del held
    return 0


def due_times(number: int, first: datetime, gap: timedelta) -> Iterator[str]:
    """Yield `--due` words for so many outlets, each due once, one after the other."""
    for each in range(number):
        yield f"outlet{each}={(first + each * gap).isoformat()}"


def later(seconds: float) -> datetime:
    """Return the full second after so many seconds from now."""
    return (datetime.now(UTC) + timedelta(seconds=seconds + 1)).replace(microsecond=0)


def main() -> int:
    parser = argparse.ArgumentParser()
    roles = parser.add_subparsers(required=True)
    service = roles.add_parser("serve")
    service.add_argument("due", nargs="+", metavar="OUTLET[=TIME]")
    service.add_argument("--every-s", type=float, default=0.0)
    service.add_argument("--mode", default="quick")
    service.add_argument("--rhythm", default="{}")
    service.add_argument("--notify")
    service.add_argument("--hands", action="store_true")
    service.set_defaults(act=serve)
    worker = roles.add_parser("work")
    worker.add_argument("outlets", nargs="+", metavar="OUTLET")
    worker.add_argument("--restricted", action="store_true")
    worker.add_argument("--once", action="store_true")
    worker.add_argument("--version", default=VERSION)
    worker.add_argument("--mode", default="quick")
    worker.add_argument("--rhythm", default="{}")
    worker.set_defaults(act=work)
    one = roles.add_parser("child")
    for name in ("outlet", "plan", "mode"):
        one.add_argument(name)
    one.set_defaults(act=child)
    given = parser.parse_args()
    status: int = given.act(given)
    return status


if __name__ == "__main__":
    sys.exit(main())
