"""The dead-man switch, health in digests, and the processes that send: real services, killed."""

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import Engine, update

from crawler.health import Declared
from crawler.storage import articles, pulses
from crawler.storage.alerts import rules_state
from crawler.storage.database import connect, reading, transact
from crawler.storage.pulses import SCHEDULE
from crawler.storage.runs import finish_run, start_run
from crawler.storage.schema_analysis import pulses as pulses_table
from tests import alerting, crawling
from tests.alerting import Receiver, receiving
from tests.core import storing
from tests.crawling import crawl_environ, small_world
from tests.newsworld.running import on_air
from tests.serving import Services, wait_until

FAR = (datetime.now(UTC) + timedelta(days=2)).isoformat()


def kinds(receiver: Receiver) -> list[str]:
    """Return what the messages were about, in order."""
    return [section["kind"] for heard in receiver.taken for section in heard.told["sections"]]


def url_of(store: Engine) -> str:
    return store.url.render_as_string(hide_password=False)


def test_a_schedule_that_fell_silent_is_told_once_and_so_is_its_return(store: Engine, tmp_path: Path) -> None:
    with receiving() as receiver:
        wanted = alerting.config(silence_s=30, ops={"channel": receiver.url, "on": ["silence"]})
        with alerting.sending(url_of(store), tmp_path, wanted) as made:
            assert made.lead().mine
            made.pass_once()  # nothing ever led: nothing is silent
            pulses.beat(store, SCHEDULE)
            made.pass_once()
            assert receiver.heard == []
            ago = datetime.now(UTC) - timedelta(minutes=10)
            transact(store, lambda connection: connection.execute(update(pulses_table), {"at": ago}))
            made.pass_once()
            made.pass_once()
            assert kinds(receiver) == ["stopped"]
            pulses.beat(store, SCHEDULE)
            made.pass_once()
            made.pass_once()
        assert kinds(receiver) == ["stopped", "works"]
        assert "the schedule has stopped since" in receiver.taken[0].body


def test_outlets_that_fail_are_one_message_and_well_again_another(store: Engine, tmp_path: Path) -> None:
    outlets = [f"outlet{number}" for number in range(10)]
    declared = {name: Declared() for name in outlets}

    def crawled(verdict: Any, at: datetime) -> None:
        for name in outlets:
            run = start_run(store, name, now=at)
            why = ["no list could be read"] if verdict == "failed" else []
            finish_run(store, run.id, verdict, why, now=at + timedelta(minutes=1))

    with receiving() as receiver:
        wanted = alerting.config(ops={"channel": receiver.url, "on": ["health"]})

        def passed(now: datetime) -> None:
            with alerting.sending(url_of(store), tmp_path, wanted, now) as made:
                made.declared = declared
                made.lead()
                made.pass_once()
                made.release()

        day = storing.NOON
        for number, verdict in enumerate(["healthy", "failed", "failed"]):
            crawled(verdict, day + timedelta(days=number))
        at = day + timedelta(days=2, hours=1)
        passed(at)
        assert receiver.heard == []  # gathered for an hour
        passed(at + timedelta(hours=1, minutes=1))
        passed(at + timedelta(hours=1, minutes=1))
        assert kinds(receiver) == ["ill"]
        assert len(receiver.taken[0].told["sections"][0]["items"]) == len(outlets)
        with reading(store) as connection:
            [state] = rules_state(connection)
        assert [one.subject for one in state.conditions] == outlets
        for number in (3, 4):
            crawled("healthy", day + timedelta(days=number))
        at = day + timedelta(days=4, hours=1)
        passed(at)
        passed(at + timedelta(hours=1, minutes=1))
        assert kinds(receiver) == ["ill", "well"]
        assert len(receiver.taken[1].told["sections"][0]["items"]) == len(outlets)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_service_that_is_killed_is_noticed_from_outside_and_by_another_process(
    daemons: Services, store: Engine, tmp_path: Path
) -> None:
    with receiving() as receiver, receiving() as outside:
        path = tmp_path / "pantau.toml"
        path.write_text(
            "[alerts]\nsilence_s = 5\nheartbeat_s = 5\n"
            f'heartbeat_url = "http://127.0.0.1:{outside.port}/ping/${{PANTAU_SECRET_PING}}"\n'
            f'[alerts.ops]\nchannel = "{receiver.url}"\non = ["silence", "new"]\n',
            encoding="utf-8",
        )
        daemons.environ |= {"PANTAU_CONFIG": str(path), "PANTAU_SECRET_PING": "kunci"}
        rhythm = '{"renew_s": 0.5}'
        service = daemons.start(f"kontan={FAR}", "--rhythm", rhythm)
        wait_until(lambda: outside.heard)
        assert {one.path for one in outside.heard} == {"/ping/kunci"}
        [helper] = wait_until(lambda: psutil.Process(service.pid).children())
        run = start_run(store, "kontan")
        [work] = storing.offered(store, run.id, 1)
        articles.save(store, storing.article(1, published_at=None), run.id, work.url_id)
        wait_until(lambda: receiver.taken)
        service.kill()
        service.wait()
        wait_until(lambda: not _alive(helper))  # it does not outlive its service
        assert kinds(receiver) == ["new"]
        command = [sys.executable, "-P", "-m", "crawler.cli.main", "alerts", "watch"]
        watcher = daemons.begin(command, {})
        wait_until(lambda: len(receiver.taken) == 2)
        assert kinds(receiver) == ["new", "stopped"]
        pinged = len(outside.heard)
        time.sleep(6)  # longer than from one heartbeat to the next
        assert len(outside.heard) == pinged  # nobody says that the schedule works
        daemons.start(f"kontan={FAR}", "--rhythm", rhythm)
        wait_until(lambda: len(receiver.taken) == 3)
        assert kinds(receiver) == ["new", "stopped", "works"]
        assert len(receiver.ids) == 3
        watcher.kill()
        watcher.wait()
        assert "kunci" not in "".join(daemons.log(number) for number in range(3))
        assert "kunci" not in "".join(one.read_text() for one in (tmp_path / "logs").glob("*.log"))


def _alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_a_service_without_alerts_starts_no_process(daemons: Services, store: Engine) -> None:
    service = daemons.start(f"kontan={FAR}")
    wait_until(lambda: _pulse(store))
    assert psutil.Process(service.pid).children() == []
    daemons.stop(service)
    assert _pulse(store).ended


def _pulse(store: Engine) -> Any:
    with reading(store) as connection:
        return pulses.pulse_of(connection, SCHEDULE)


def test_a_crawl_by_hand_tells_of_every_article_that_it_brought(tmp_path: Path) -> None:
    out, path = tmp_path / "alerts.jsonl", tmp_path / "pantau.toml"
    path.write_text(f'[alerts.meja]\nchannel = "file://{out}"\non = ["new"]\n', encoding="utf-8")
    with on_air(small_world("kontan")) as running:
        environ = crawl_environ(running, tmp_path) | {"PANTAU_CONFIG": str(path)}
        crawling.run([sys.executable, "-m", "crawler.cli.main", "crawl", "kontan"], environ)
    told = [
        item["article"]
        for line in out.read_text(encoding="utf-8").splitlines()
        for section in json.loads(line)["sections"]
        for item in section["items"]
    ]
    store = connect(f"sqlite:///{tmp_path}/pantau.db")
    on_topic = [one.id for one in articles.iterate(store, topic="russia-north-korea")]
    store.dispose()
    assert sorted(told) == on_topic != []
