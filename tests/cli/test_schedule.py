"""`pantau schedule list|pause|resume|run-now`: what is planned is shown, what is asked is kept."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.storage import leases, plans, runs
from crawler.storage.plans import SCHEDULER, Leadership
from tests.cli.conftest import Run, refused
from tests.cli.stores import store_at


@pytest.fixture(autouse=True)
def configuration(own_folder: Path) -> None:
    text = '[outlets.kontan]\nat = ["06:30", "18:30"]\n[outlets.mercinews]\nenabled = false\n'
    (own_folder / "pantau.toml").write_text(text, encoding="utf-8")


def listed(run: Run) -> dict[str, dict[str, Any]]:
    result = run("schedule", "list", "--json")
    assert result.exit_code == 0, result.output
    return {record["outlet"]: record for record in map(json.loads, result.stdout.splitlines())}


def test_the_list_shows_cadence_next_time_last_run_and_what_holds_back(run: Run, own_folder: Path) -> None:
    store = store_at(own_folder)
    made = runs.start_run(store, "kontan")
    runs.finish_run(store, made.id, "degraded", ["the window is not covered"])
    plans.pause(store, "republika", "their site moves", now=datetime(2026, 3, 4, 5, tzinfo=UTC))
    plans.postpone(store, "tribunnews", datetime.now(UTC) + timedelta(hours=5))
    store.dispose()
    records = listed(run)
    kontan = records["kontan"]
    assert (kontan["cadence"], kontan["last_run"], kontan["verdict"]) == (
        "daily at 06:30, 18:30",
        made.id,
        "degraded",
    )
    assert timedelta(0) < datetime.fromisoformat(kontan["next_at"]) - datetime.now(UTC) < timedelta(hours=13)
    assert records["republika"]["held"] == "paused since 2026-03-04 12:00: their site moves"
    assert records["republika"]["next_at"] is None
    assert records["tribunnews"]["held"].startswith("the outlet asked to be left alone until")
    assert (records["mercinews"]["cadence"], records["mercinews"]["held"]) == (
        None,
        "switched off: by the configuration",
    )
    assert "wordpress" not in records
    table = run("schedule", "list").stdout
    assert "daily at 06:30, 18:30" in table
    assert table.splitlines()[-1] == "no service runs: start it with `pantau schedule`"


def test_a_pause_is_kept_until_it_is_ended(run: Run) -> None:
    result = run("schedule", "pause", "kontan", "--why", "their site moves", "--json")
    assert json.loads(result.stdout)["state"] == "paused"
    assert listed(run)["kontan"]["held"].endswith("their site moves")
    assert run("schedule", "resume", "kontan").exit_code == 0
    assert listed(run)["kontan"]["held"] is None


def test_a_crawl_is_asked_for_once_and_it_is_said_who_begins_it(run: Run, own_folder: Path) -> None:
    first = run("schedule", "run-now", "kontan")
    assert first.stdout == (
        "a crawl of kontan is asked for: no service runs; it begins when `pantau schedule` does\n"
    )
    assert listed(run)["kontan"]["state"] == "waiting"
    store = store_at(own_folder)
    leases.acquire(store, SCHEDULER, "a service", 600)
    again = run("schedule", "run-now", "kontan")
    assert again.stdout == "a crawl of kontan was asked for already: the service begins it\n"
    (plan,) = plans.waiting(store)
    assert (plan.outlet, plan.reason) == ("kontan", "manual")
    assert plans.take(Leadership(store, "a service"), plan, "manual", now=datetime.now(UTC)) is not None
    assert listed(run)["kontan"]["state"] == "running"
    assert "led by process" in run("schedule", "list").stdout
    store.dispose()


@pytest.mark.parametrize("action", ["pause", "resume", "run-now"])
def test_an_unknown_outlet_is_refused_with_the_nearest(run: Run, action: str) -> None:
    assert "unknown outlet 'kontn' (did you mean 'kontan'?)" in refused(run("schedule", action, "kontn"))
    assert "unknown outlet 'wordpress'" in refused(run("schedule", action, "wordpress"))


def test_what_cannot_be_asked_is_refused(run: Run, own_folder: Path) -> None:
    assert "switched off in the configuration" in refused(run("schedule", "run-now", "mercinews"))
    assert "needs an outlet" in refused(run("schedule", "pause"))
    assert "leave out 'kontan'" in refused(run("schedule", "list", "kontan"))
    assert "--why goes with" in refused(run("schedule", "resume", "kontan", "--why", "x"))
    assert "there is no store" in refused(run("schedule", "list"))
    (own_folder / "pantau.toml").write_text("[outlets.kontn]\nevery_h = 6\n", encoding="utf-8")
    assert "did you mean 'kontan'?" in refused(run("schedule", "run-now", "kontan"))
