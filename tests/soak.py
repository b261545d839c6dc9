"""Lets one service do 480 runs and watches what it holds: `make soak`, or `python -m tests.soak --real`.

Prints lines `figure NAME VALUE UNIT`. It fails when memory, descriptors, threads or children of the service
grow after its fiftieth run, when a run is lost or doubled, or when it does not stop in order. By default the
children do to the store what a crawl does and nothing else; with --real they crawl a small news world.
"""

import argparse
import contextlib
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import linear_regression, median

import attrs
import psutil
from sqlalchemy import Engine

from crawler.storage.database import open_database
from crawler.storage.schema import plans, runs
from tests.bench import figure
from tests.crawling import crawl_environ
from tests.newsworld.outlets.kontan import Kontan
from tests.newsworld.outlets.mercinews import Mercinews
from tests.newsworld.outlets.republika import Republika
from tests.newsworld.running import running_world
from tests.serving import Services, rows, services

SETTLED_RUNS = 50
MOST_GROWTH = 0.02
EVERY_S = 1.5
OUTLETS = ("kontan", "mercinews", "republika")
STALLED_S = 300.0


@attrs.frozen
class Sample:
    """What the service held after so many runs."""

    runs: int
    rss_kb: int
    descriptors: int
    threads: int
    children: int
    zombies: int


def look(service: psutil.Process, done: int) -> Sample:
    children = service.children(recursive=True)
    zombies = 0
    for child in children:
        with contextlib.suppress(psutil.NoSuchProcess):
            zombies += child.status() == psutil.STATUS_ZOMBIE
    return Sample(
        done,
        service.memory_info().rss // 1024,
        service.num_fds(),
        service.num_threads(),
        len(children),
        zombies,
    )


def watch(made: Services, store: Engine, wanted: int, mode: str) -> Iterator[Sample]:
    """Run a service until *wanted* runs have ended, and yield what it held after each of them."""
    began = made.start(*OUTLETS, "--mode", mode, "--every-s", str(EVERY_S))
    service, done, last_s = psutil.Process(began.pid), 0, time.monotonic()
    while done < wanted:
        time.sleep(0.1)
        ended = sum(row.ended_at is not None for row in rows(store, runs))
        if ended > done:
            done, last_s = ended, time.monotonic()
            yield look(service, done)
        elif time.monotonic() - last_s > STALLED_S:
            raise TimeoutError(f"no run ended for {STALLED_S:g} s; the service said: {made.log()[-2000:]}")
    took_s = made.stop(began)
    figure("soak_stop_seconds", took_s, "s")


def judge(samples: list[Sample], store: Engine) -> list[str]:
    """Print the figures and return the promises that were broken."""
    settled = [sample for sample in samples if sample.runs >= SETTLED_RUNS]
    # One sample says when the collector ran; ten say what is held.
    first = median(sample.rss_kb for sample in settled[:10])
    last = median(sample.rss_kb for sample in settled[-10:])
    slope = linear_regression([each.runs for each in settled], [each.rss_kb for each in settled]).slope
    figure("soak_runs", samples[-1].runs, "runs")
    figure("soak_rss_after_50_runs", first, "kB")
    figure("soak_rss_at_the_end", last, "kB")
    figure("soak_rss_growth", 100 * (last - first) / first, "%")
    figure("soak_rss_slope", slope, "kB a run")
    broken = [] if last <= first * (1 + MOST_GROWTH) else ["the memory of the service grows"]
    for name in ("descriptors", "threads"):
        # The least of ten: a child that is just being started takes a few for a moment.
        early = min(getattr(each, name) for each in settled[:10])
        late = min(getattr(each, name) for each in settled[-10:])
        figure(f"soak_{name}_after_50_runs", early, name)
        figure(f"soak_{name}_at_the_end", late, name)
        broken += [] if late <= early else [f"the {name} of the service grow"]
    figure("soak_children_at_most", max(sample.children for sample in samples), "processes")
    lasting = min(sample.zombies for sample in settled[-10:])
    figure("soak_zombies_left", lasting, "processes")
    broken += [] if not lasting else ["children are not waited for"]
    healthy = Counter(row.plan_id for row in rows(store, runs) if row.verdict in {"healthy", "degraded"})
    lost = [row.id for row in rows(store, plans) if row.state == "done" and not healthy[row.id]]
    doubled = [plan_id for plan_id, times in healthy.items() if times > 1]
    figure("soak_lost", len(lost), "runs")
    figure("soak_doubled", len(doubled), "runs")
    return broken + (["runs were lost or doubled"] if lost or doubled else [])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=480)
    parser.add_argument("--real", action="store_true", help="crawl a news world; takes several times as long")
    given = parser.parse_args()
    began_s = time.monotonic()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soak-")))
        store = open_database(f"sqlite:///{folder}/pantau.db")
        stack.callback(store.dispose)
        made = stack.enter_context(services(folder, store))
        if given.real:
            world = stack.enter_context(
                running_world(days=1, articles_per_day=2, outlets=[Kontan, Mercinews, Republika], archive=2)
            )
            made.environ = crawl_environ(world, folder, window_days="1")
        mode = "real" if given.real else "quick"
        samples = list(watch(made, store, given.runs, mode))
        broken = judge(samples, store)
    figure("soak_seconds", time.monotonic() - began_s, "s")
    for fault in broken:
        sys.stderr.write(f"broken: {fault}\n")
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
