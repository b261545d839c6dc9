"""A crawl killed at any moment, then the same command again: nothing lost, nothing twice."""

import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.crawling import against_truth, audited, crawl, crawl_command, crawl_environ, runs_of, small_world
from tests.newsworld.log import RequestLog
from tests.newsworld.running import ROOT, on_air

KILLS = 10
PROGRESS_S = 30.0


def kill_after(command: list[str], environ: dict[str, str], done: int, requests: RequestLog) -> int:
    """Start a crawl and kill it once the world has answered *done* requests more; return its status."""
    process = subprocess.Popen(
        command, env=environ, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    target, deadline = len(requests) + done, time.monotonic() + PROGRESS_S
    while process.poll() is None and len(requests) < target and time.monotonic() < deadline:
        time.sleep(0.001)
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    return process.wait()


@pytest.mark.parametrize("outlet", ["kontan", "mercinews"])
def test_kills_in_a_row_lose_and_double_nothing(outlet: str, tmp_path: Path) -> None:
    drawn = random.Random(outlet)
    with on_air(small_world(outlet)) as running:
        command, environ = crawl_command(running), crawl_environ(running, tmp_path)
        killed = 0
        for _ in range(KILLS):
            status = kill_after(command, environ, drawn.randint(1, 8), running.log)
            killed += status == -signal.SIGKILL
            found = against_truth(running, tmp_path) if (tmp_path / "pantau.db").exists() else None
            if found is not None:
                assert not {kind: each for kind, each in found.faults().items() if kind != "missing"}
        assert killed >= KILLS // 2  # the others had nothing left to do
        done = crawl(running, tmp_path)
        assert done.returncode == 0, done.stderr[-3000:]
        assert against_truth(running, tmp_path).faults() == {}
        report = audited(tmp_path)
        assert report.ok, report
        assert (
            sum(run.why == ("killed",) for run in runs_of(tmp_path)) >= killed - 1
        )  # one may die unregistered


def test_a_stop_signal_ends_the_run_in_order(tmp_path: Path) -> None:
    with on_air(small_world("kontan")) as running:
        command, environ = crawl_command(running), crawl_environ(running, tmp_path)
        process = subprocess.Popen(
            command, env=environ, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        while len(running.log) < 20 and process.poll() is None:
            time.sleep(0.001)
        process.terminate()
        process.communicate(timeout=PROGRESS_S)
        (stopped,) = runs_of(tmp_path)
        assert stopped.ended_at is not None
        assert any("stopped early" in reason for reason in stopped.why)
        crawl(running, tmp_path)
        assert against_truth(running, tmp_path).faults() == {}


def test_two_crawls_of_one_outlet_do_not_run_at_once(tmp_path: Path) -> None:
    with on_air(small_world("kontan")) as running:
        command, environ = crawl_command(running), crawl_environ(running, tmp_path)
        both = [
            subprocess.Popen(
                command, env=environ, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
            )
            for _ in range(2)
        ]
        ended = [(each.communicate(timeout=60)[1], each.returncode) for each in both]
        assert sorted(status for _, status in ended) in ([0, 0], [0, 2])  # one after the other, or refused
        for log, status in ended:
            assert status == 0 or "is still going" in log
        assert against_truth(running, tmp_path).faults() == {}
