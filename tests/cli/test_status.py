"""`pantau status`, `runs` and `gaps`: what is said of a store, and the exit status."""

import json
import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from crawler.cli.spiders import ANY_SITE, load_spiders
from crawler.storage import leases, plans, runs
from crawler.storage.database import transact
from crawler.storage.plans import SCHEDULER
from crawler.storage.runs import Looked, Spent
from crawler.storage.schema import articles as articles_table
from tests.cli.conftest import Run, refused
from tests.cli.stores import NOON, WINDOW, article, crawled, store_at

OUTLETS = [name for name in load_spiders() if name != ANY_SITE]
EVENING = NOON + timedelta(hours=8)


@pytest.fixture(autouse=True)
def evening(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be the evening of the day on which the stores are filled."""
    monkeypatch.setenv("PANTAU_NOW", EVENING.isoformat())


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """Return the folder of a store in which every outlet was looked at, two articles of kontan kept."""
    for outlet in OUTLETS:
        kept = [article(outlet, number) for number in (1, 2)] if outlet == "kontan" else []
        crawled(tmp_path, outlet, kept)
    return tmp_path


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def failed(folder: Path, outlet: str, why: str, unusable: dict[str, int], days: int = 1) -> int:
    """Record a daily crawl that could read no list; return its number."""
    engine = store_at(folder)
    began = NOON + timedelta(days=days)
    run = runs.start_run(
        engine, outlet, since=WINDOW[0], until=WINDOW[1] + timedelta(days=days), reason="scheduled", now=began
    )
    looked = Looked(traits={"unusable": unusable})
    runs.finish_run(engine, run.id, "failed", [why], looked=looked, now=began + timedelta(minutes=1))
    engine.dispose()
    return run.id


class TestStatus:
    @pytest.mark.usefixtures("filled")
    def test_all_is_well(self, run: Run) -> None:
        result = run("status", "--json")
        *outlets, service = lines(result.stdout)
        assert [one["outlet"] for one in outlets] == OUTLETS
        assert {one["health"] for one in outlets} == {"healthy"}
        kontan = next(one for one in outlets if one["outlet"] == "kontan")
        assert (kontan["stored"], kontan["on_topic"], kontan["new_day"], kontan["new_week"]) == (2, 2, 2, 2)
        assert kontan["covered_until"] == NOON.isoformat()
        assert kontan["next_due"] > EVENING.isoformat()
        none = {"running": False, "host": None, "pid": None, "since": None, "next_due": None}
        assert service == {"service": {**none, "workers": {"alive": 0, "plans_waiting": 0}}}
        assert result.exit_code == 0

    def test_for_people(self, run: Run, filled: Path) -> None:
        failed(filled, "kontan", "no list could be read", {"blocked": 2}, days=0)
        result = run("status")
        assert result.exit_code == 1
        assert "kontan: blocked (403) since 2026-03-04 12:00 WIB: the outlet refuses" in result.stdout
        assert "no list could be read" in result.stdout
        assert "2026-03-04 12:00 WIB, 8 h ago" in result.stdout
        assert "republika: nothing on the topic of 2026-03-03: outlet silent" in result.stdout
        assert "no service runs; `pantau schedule` starts it" in result.stdout

    @pytest.mark.usefixtures("filled")
    def test_an_outlet_not_looked_at_in_time_is_late(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PANTAU_NOW", (NOON + timedelta(hours=29)).isoformat())
        assert run("status").exit_code == 0
        monkeypatch.setenv("PANTAU_NOW", (NOON + timedelta(hours=33)).isoformat())
        result = run("status", "kontan")
        assert result.exit_code == 1
        assert (
            ": looked at until 2026-03-04 12:00 WIB only: no run; see whether the service runs"
            in result.stdout
        )

    def test_a_slower_cadence_is_late_later(
        self, run: Run, filled: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (filled / "pantau.toml").write_text("[outlets.kontan]\nevery_h = 72\n", encoding="utf-8")
        monkeypatch.setenv("PANTAU_NOW", (NOON + timedelta(hours=70)).isoformat())
        assert run("status", "kontan").exit_code == 0
        assert run("status", "republika").exit_code == 1

    def test_one_that_is_switched_off_does_not_count(self, run: Run, filled: Path) -> None:
        failed(filled, "kontan", "gone", {}, days=0)
        assert run("status").exit_code == 1
        (filled / "pantau.toml").write_text("[outlets.kontan]\nenabled = false\n", encoding="utf-8")
        assert run("status").exit_code == 0
        assert "kontan" not in run("status").stdout

    def test_a_site_that_is_crawled_by_hand_does_not_count(self, run: Run, tmp_path: Path) -> None:
        crawled(tmp_path, "example.org", verdict="degraded")
        result = run("status", "example.org", "--json")
        assert (lines(result.stdout)[0]["health"], result.exit_code) == ("degraded", 0)

    def test_an_outlet_that_was_never_crawled(self, run: Run, tmp_path: Path) -> None:
        crawled(tmp_path, "kontan")
        result = run("status", "--json", "republika")
        assert (lines(result.stdout)[0]["health"], result.exit_code) == ("new", 1)

    def test_a_pause_is_told(self, run: Run, filled: Path) -> None:
        engine = store_at(filled)
        plans.pause(engine, "kontan", "asked by their desk", now=NOON)
        engine.dispose()
        result = run("status", "kontan")
        assert result.exit_code == 1
        assert "kontan: paused since 2026-03-04 12:00 WIB: asked by their desk" in result.stdout

    def test_what_is_gone_what_is_going_and_who_leads(self, run: Run, filled: Path) -> None:
        engine = store_at(filled)
        gone = update(articles_table).where(articles_table.c.id == 1).values(gone="suspected")
        transact(engine, lambda connection: connection.execute(gone))
        going = runs.start_run(engine, "kontan", since=WINDOW[0], until=WINDOW[1])
        leases.acquire(engine, SCHEDULER, "token", 60.0)
        engine.dispose()
        kontan, service = lines(run("status", "kontan", "--json").stdout)
        assert (kontan["suspected"], kontan["confirmed"]) == (1, 0)
        assert kontan["going"] == {
            "run_id": going.id,
            "outlet": "kontan",
            "pid": os.getpid(),
            "settled": 0,
            "waiting": 0,
        }
        assert (service["service"]["running"], service["service"]["pid"]) == (True, os.getpid())
        assert service["service"]["next_due"] == kontan["next_due"]
        told = run("status", "kontan").stdout
        assert f"run {going.id} going: 0 of 0 settled" in told
        assert f"the service is process {os.getpid()} on " in told

    @pytest.mark.usefixtures("filled")
    def test_an_unknown_outlet_is_refused(self, run: Run) -> None:
        assert "did you mean 'kontan'" in refused(run("status", "kontn"))


class TestRuns:
    @pytest.mark.usefixtures("filled")
    def test_newest_first_and_by_outlet(self, run: Run) -> None:
        records = lines(run("runs", "--json").stdout)
        assert [record["id"] for record in records] == list(range(len(OUTLETS), 0, -1))
        (kontan,) = lines(run("runs", "--outlet", "kontan", "--json").stdout)
        assert (kontan["outlet"], kontan["verdict"], kontan["counts"]) == ("kontan", "healthy", {"stored": 2})
        assert len(lines(run("runs", "--limit", "2", "--json").stdout)) == 2
        assert "no run is recorded" in run("runs", "--since", "2026-03-05").stdout
        assert "2026-03-04 12:00 WIB" in run("runs", "--since", "2026-03-04").stdout

    def test_one_in_full(self, run: Run, tmp_path: Path) -> None:
        engine = store_at(tmp_path)
        begun = runs.start_run(
            engine,
            "kontan",
            reason="catch-up",
            planned_at=NOON - timedelta(hours=1),
            since=WINDOW[0],
            until=WINDOW[1],
            limit=9,
            log="data/logs/kontan-1.log",
            now=NOON,
        )
        runs.finish_run(
            engine,
            begun.id,
            "degraded",
            ["the feed is gone"],
            spent=Spent(requests=12, bytes_received=3456, fetching_s=7.25),
            looked=Looked(
                covered=(WINDOW[0], NOON),
                listed=40,
                not_modified=2,
                traits={"listed": {"feed": 40}, "unusable": {"timeout": 1}, "refused": {"crosslink": 3}},
            ),
            now=NOON + timedelta(seconds=3723),
        )
        engine.dispose()
        told = run("runs", str(begun.id)).stdout
        for said in (
            "run 1 of kontan: degraded",
            "catch-up crawl, due 2026-03-04 11:00 WIB",
            "began 2026-03-04 12:00 WIB, ended 2026-03-04 13:02 WIB, took 1:02:03",
            "after 2026-03-02 00:00 WIB to 2026-03-05 00:00 WIB",
            "at most 9 articles",
            "covered 2026-03-02 00:00 WIB to 2026-03-04 12:00 WIB",
            "why: the feed is gone",
            "lists: 40 entries, 2 lists unchanged, 0 new addresses",
            "lists: 40 by feed",
            "lists: 1 could not be had (timeout)",
            "pages: rule crosslink refused on 3",
            "spent: 12 requests, 3456 bytes, 7.2 s of waiting",
            "log: data/logs/kontan-1.log",
        ):
            assert said in told
        (record,) = lines(run("runs", str(begun.id), "--json").stdout)
        assert (record["why"], record["fetching_s"]) == (["the feed is gone"], 7.25)
        assert record["started_at"] == NOON.isoformat()

    @pytest.mark.usefixtures("filled")
    def test_an_unknown_run_is_refused(self, run: Run) -> None:
        assert "there is no run 99; see `pantau runs`" in refused(run("runs", "99"))


class TestGaps:
    @pytest.mark.usefixtures("filled")
    def test_none(self, run: Run) -> None:
        result = run("gaps")
        assert result.exit_code == 0
        assert re.search(r"nothing is missing of .*\bkontan\b", result.stdout)
        assert {gap["cause"] for gap in lines(run("gaps", "--json").stdout)} == {"not due yet"}

    def test_days_in_a_row_with_the_command_that_fills_them(
        self, run: Run, filled: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        number = failed(filled, "kontan", "no list could be read", {"robots": 1}, days=2)
        monkeypatch.setenv("PANTAU_NOW", (NOON + timedelta(days=4)).isoformat())
        result = run("gaps", "--outlet", "kontan", "--json")
        assert result.exit_code == 1
        closed, missed, ahead = lines(result.stdout)
        assert closed == {
            "outlet": "kontan",
            "since": "2026-03-04",
            "until": "2026-03-06",
            "cause": "robots",
            "detail": f"run {number}: no list could be read (robots)",
            "partly": True,
            "command": "pantau crawl kontan --since 2026-03-04 --until 2026-03-06",
        }
        assert (missed["since"], missed["until"], missed["cause"]) == ("2026-03-07", "2026-03-07", "no run")
        assert (ahead["since"], ahead["cause"], ahead["command"]) == ("2026-03-08", "not due yet", None)
        told = run("gaps", "--outlet", "republika")
        assert "2026-03-04 to 2026-03-07" in told.stdout
        assert "pantau crawl republika --since 2026-03-04 --until 2026-03-07" in told.stdout

    @pytest.mark.usefixtures("filled")
    def test_of_days_that_were_asked_for(self, run: Run) -> None:
        result = run("gaps", "--outlet", "kontan", "--since", "2026-02-20", "--until", "2026-03-01", "--json")
        (gap,) = lines(result.stdout)
        assert (gap["since"], gap["until"], gap["cause"]) == ("2026-02-20", "2026-03-01", "no run")
        assert result.exit_code == 1

    def test_a_site_crawled_by_hand_is_filled_by_hand(self, run: Run, tmp_path: Path) -> None:
        crawled(tmp_path, "example.org")
        assert "example.org" not in run("gaps").stdout
        (gap,) = lines(
            run(
                "gaps", "--outlet", "example.org", "--until", "2026-03-02", "--since", "2026-03-01", "--json"
            ).stdout
        )
        assert gap["command"] == (
            "pantau crawl wordpress --url https://example.org --since 2026-03-01 --until 2026-03-01"
        )

    @pytest.mark.usefixtures("filled")
    def test_an_unknown_outlet_is_refused(self, run: Run) -> None:
        assert "did you mean 'kontan'" in refused(run("gaps", "--outlet", "kontn"))
