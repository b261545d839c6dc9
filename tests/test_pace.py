"""The log of the world: no two requests to one host closer together than the rule, whatever happens."""

import random
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from tests.crawling import DECLARED, against_truth, crawl_command, crawl_environ, run, small_world
from tests.newsworld.faults import Fault
from tests.newsworld.log import RequestLog
from tests.newsworld.running import ROOT, on_air

DELAY_S = 0.3
KILLS = 4


def smallest_gap(log: RequestLog) -> float:
    """Return the smallest time between two requests to one host, in seconds."""
    hosts = {entry.host for entry in log}
    times = [sorted(entry.t for entry in log if entry.host == host) for host in hosts]
    return min(later - earlier for each in times for earlier, later in pairwise(each))


def test_kills_and_new_starts_at_once(tmp_path: Path) -> None:
    drawn = random.Random(3)
    with on_air(small_world("mercinews")) as running:
        command = crawl_command(running)
        environ = crawl_environ(running, tmp_path, delay_s=str(DELAY_S))
        for _ in range(KILLS):
            process = subprocess.Popen(
                command, env=environ, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            asked = len(running.log) + drawn.randint(1, 4)
            while len(running.log) < asked and process.poll() is None:
                time.sleep(0.001)
            process.kill()
            process.wait()
        ended = run(command, environ)
        assert ended.returncode == 0, ended.stderr[-2000:]
        assert against_truth(running, tmp_path).faults() == {}
        assert smallest_gap(running.log) >= DELAY_S


def test_two_outlets_that_share_a_host(tmp_path: Path) -> None:
    assert "mercinews" in DECLARED
    with on_air(small_world("mercinews")) as running:
        environ = crawl_environ(running, tmp_path, delay_s=str(DELAY_S))
        commands = [
            crawl_command(running),
            [sys.executable, "-m", "scrapy", "crawl", "wordpress", "-a", "url=https://mercinews.com"],
        ]
        both = [
            subprocess.Popen(
                command, env=environ, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            for command in commands
        ]
        for process in both:
            assert process.wait(150) in {0, 1}
        assert against_truth(running, tmp_path).missing == []
        assert smallest_gap(running.log) >= DELAY_S


def test_retries_and_answers_that_fail(tmp_path: Path) -> None:
    faults = [
        Fault(r"/2026/", "status", attempts=(1,), status=503),
        Fault(r"sitemap|feed", "reset", attempts=(1,)),
        Fault(r"robots", "slow", delay_s=0.2),
    ]
    with on_air(small_world("mercinews"), faults=faults) as running:
        environ = crawl_environ(running, tmp_path, delay_s=str(DELAY_S))
        run(crawl_command(running), environ)
        assert sum(entry.fault is not None for entry in running.log) > 1
        assert smallest_gap(running.log) >= DELAY_S


@pytest.mark.parametrize("delay", ["0", "0.2"])
def test_a_host_that_wants_to_be_left_alone_is_by_the_next_run_too(tmp_path: Path, delay: str) -> None:
    late = Fault(r"mercinews", "status", status=429, headers={"Retry-After": "900"})
    with on_air(small_world("mercinews"), faults=[late]) as running:
        environ = crawl_environ(running, tmp_path, delay_s=delay)
        assert run(crawl_command(running), environ).returncode == 1
        asked = len(running.log)
        again = run(crawl_command(running), environ)
        assert again.returncode == 1
        assert len(running.log) == asked
        assert "wants to be left alone" in again.stderr
        assert "nothing new" not in again.stderr
