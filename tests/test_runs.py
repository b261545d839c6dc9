"""What crawls of the news world leave in the history: coverage without holes, figures, verdicts."""

import signal
import subprocess
import sys
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.storage.database import open_database
from crawler.storage.runs import KILLED, Looked, Run, finish_run, start_run
from tests.crawling import CRAWL_S, audited, crawl_environ, run, runs_of, stored
from tests.newsworld.compare import compare
from tests.newsworld.outlets.all import ALL
from tests.newsworld.printed import WIB
from tests.newsworld.running import ROOT, Running, on_air
from tests.newsworld.world import World

START, DAYS, PER_DAY = date(2026, 3, 2), 16, 5
AT = timedelta(hours=5)
KONTAN = [outlet for outlet in ALL if outlet.name == "kontan"]


def world_of_days() -> World:
    return World(5, START, DAYS, PER_DAY, KONTAN, archive=4)


def midnight(day: int) -> datetime:
    return datetime.combine(START, datetime.min.time(), WIB) + timedelta(days=day)


def command(**arguments: str) -> list[str]:
    """Return the command of a crawl to which nobody gave a day."""
    options = [part for key, value in arguments.items() for part in ("-a", f"{key}={value}")]
    return ["-m", "scrapy", "crawl", "kontan", *options]


def crawl_on(running: Running, data: Path, day: int, **arguments: str) -> tuple[Run, str]:
    """Crawl at five in the morning of a day; return the run and its log."""
    running.world.set_now(midnight(day) + AT)
    environ = crawl_environ(running, data)
    done = run([sys.executable, *command(**arguments)], environ)
    return runs_of(data)[0], done.stderr


def killed_on(running: Running, data: Path, day: int) -> None:
    """Begin a crawl and kill it once its run is recorded."""
    running.world.set_now(midnight(day) + AT)
    before = len(running.log)
    call, environ = [sys.executable, *command()], crawl_environ(running, data)
    with subprocess.Popen(call, env=environ, cwd=ROOT, stderr=subprocess.DEVNULL) as child:
        deadline = time.monotonic() + CRAWL_S
        while len(running.log) < before + 3:  # the run is opened before anything is asked
            assert time.monotonic() < deadline
            time.sleep(0.01)
        child.send_signal(signal.SIGKILL)


def faults(running: Running, data: Path, since: int, until: datetime) -> dict[str, Any]:
    """Return how the store differs from the truth from a day's midnight to a moment."""
    return compare(running.world.truth(), stored(data), midnight(since), until).faults()


def test_downtime_kills_failures_and_limits_leave_no_hole(tmp_path: Path) -> None:
    with on_air(world_of_days()) as running:
        first, _ = crawl_on(running, tmp_path, 3)
        assert (first.verdict, first.since, first.covered_since) == ("healthy", midnight(0), midnight(0))
        assert first.covered_until is not None
        assert first.covered_until < midnight(3) + AT + timedelta(minutes=1)

        killed_on(running, tmp_path, 4)
        limited, _ = crawl_on(running, tmp_path, 5, limit="1")
        assert limited.covered_since is None
        assert any("stopped at the limit of 1 articles" in why for why in limited.why)
        killed = runs_of(tmp_path)[1]
        assert (killed.verdict, killed.why, killed.covered_since) == ("failed", (KILLED,), None)

        running.world.outage("kontan", midnight(6), midnight(7), "503")
        failed, _ = crawl_on(running, tmp_path, 6)
        assert failed.verdict == "failed"

        back, _ = crawl_on(running, tmp_path, 15)
        assert (back.verdict, back.since, back.covered_since) == ("healthy", midnight(2), midnight(2))
        assert any("reaches back to 2026-03-04" in why for why in back.why)
        assert faults(running, tmp_path, 0, midnight(15) + AT) == {}

        usual, _ = crawl_on(running, tmp_path, 16)
        assert usual.since == midnight(13)
        assert faults(running, tmp_path, 0, midnight(16) + AT) == {}
    assert audited(tmp_path).ok


def test_days_that_were_asked_for_stay_as_given(tmp_path: Path) -> None:
    with on_air(world_of_days()) as running:
        crawl_on(running, tmp_path, 3)
        asked, _ = crawl_on(running, tmp_path, 15, since="2026-03-16")
        assert (asked.asked, asked.since) == (True, midnight(14))
        usual, _ = crawl_on(running, tmp_path, 16)
        assert usual.since == midnight(2)
        assert faults(running, tmp_path, 0, midnight(16) + AT) == {}


def test_a_run_keeps_what_it_spent_and_saw_at_the_simulated_time(tmp_path: Path) -> None:
    with on_air(world_of_days()) as running:
        found, _ = crawl_on(running, tmp_path, 3)
        asked = len(running.log)
    assert found.ended_at is not None
    for moment in (found.started_at, found.heartbeat_at, found.ended_at):
        assert abs(moment - midnight(3) - AT) < timedelta(minutes=2)
    assert found.requests == asked
    assert found.bytes_received > 10_000
    assert found.fetching_s > 0
    assert found.listed == sum(found.traits["listed"].values()) > PER_DAY
    kept = found.counts["stored"]
    assert found.traits["read"] >= kept > 0
    assert found.traits["filled"]["published_at"] == found.traits["read"]
    assert found.traits["fetched"] >= found.traits["read"]


def test_a_run_is_held_against_its_outlets_own_history(tmp_path: Path) -> None:
    tmp_path.joinpath("data").mkdir()
    engine = open_database(f"sqlite:///{tmp_path}/data/pantau.db")
    traits = {"read": 30, "filled": {"standfirst": 30, "byline": 30}}
    for day in range(8):  # days on which every article had a standfirst, as none of this world has
        at = midnight(day) + AT
        began = start_run(engine, "kontan", since=midnight(day - 3), until=midnight(day + 1), now=at)
        looked = Looked(covered=(midnight(day - 3), at), traits=traits)
        finish_run(engine, began.id, "healthy", looked=looked, now=at)
    engine.dispose()
    with on_air(world_of_days()) as running:
        found, _ = crawl_on(running, tmp_path / "data", 15)
    assert found.verdict == "degraded"
    assert [why for why in found.why if why.startswith("standfirst on ")]
    assert not [why for why in found.why if why.startswith("byline on ")]


def test_lists_that_robots_txt_closes_are_counted_by_reason(tmp_path: Path) -> None:
    world = World(5, START, 4, PER_DAY, KONTAN, archive=4, options={"kontan.robots": "2024"})
    with on_air(world) as running:
        found, _ = crawl_on(running, tmp_path, 3)
    assert found.verdict == "degraded"
    assert found.traits["unusable"]["robots"] >= 1
    assert found.covered_since is None
