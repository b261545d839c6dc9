"""A crawl killed at any moment, then the same command again: nothing lost, nothing twice.

Each point is killed at once; `make kills` does it in every scene, and far more often at random.
"""

import subprocess
import time
from pathlib import Path

import pytest

from tests.crawling import against_truth, crawl, crawl_command, crawl_environ, runs_of, small_world
from tests.kills import Scene, at_random, in_rows, on_stage
from tests.newsworld.running import ROOT, on_air
from tests.sabotage.orders import POINTS

KILLS = 15
PROGRESS_S = 30.0


# What a crawl of a scene does not pass: between them they pass every point.
MIGRATION = {point for point in POINTS if point.startswith(("migr", "schema"))}
SCENES = {Scene("kontan", "0001"): {"lists kept"}, Scene("kontan", "watched"): MIGRATION}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_a_kill_at_each_point_costs_a_new_start_and_nothing_else(scene: Scene) -> None:
    with on_stage(scene) as stage:
        assert set(POINTS) - set(stage.passings.times) <= SCENES[scene], "a crawl passes these no more"
        outcomes = [stage.perform(kills) for kills in in_rows(5, {scene: stage.passings})]
    for outcome in outcomes:
        assert outcome.killed == len(outcome.kills.row), outcome
        assert (outcome.lost, outcome.doubled, outcome.wrong) == (0, 0, []), outcome


@pytest.mark.timeout(900)
@pytest.mark.parametrize("scene", [Scene("mercinews", "crawled"), Scene("kontan", "watched")], ids=str)
def test_kills_at_any_moment_in_a_row_lose_and_double_nothing(scene: Scene) -> None:
    with on_stage(scene) as stage:
        outcomes = [stage.perform(kills) for kills in at_random(KILLS, 7, {scene: stage.passings})]
    assert sum(outcome.killed for outcome in outcomes) >= KILLS // 2  # the others had nothing left to do
    for outcome in outcomes:
        assert (outcome.lost, outcome.doubled, outcome.wrong) == (0, 0, []), outcome


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
