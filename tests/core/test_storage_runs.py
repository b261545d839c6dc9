"""The history of runs, and the lock of an outlet."""

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import pytest
from sqlalchemy import Engine, update

from crawler.errors import StoreError
from crawler.storage import articles, frontier, runs
from crawler.storage.database import transact
from crawler.storage.frontier import Settlement
from crawler.storage.process import Process
from crawler.storage.runs import Run, RunEndedError, Spent
from crawler.storage.schema import runs as runs_table
from crawler.storage.states import State
from tests.core import storing

DAY = timedelta(days=1)


def as_if_by(store: Engine, run: Run, process: Process, heartbeat_at: datetime | None = None) -> None:
    """Make a run look as if another process had started it."""
    values = {"host": process.host, "pid": process.pid, "process": process.mark}
    if heartbeat_at is not None:
        values["heartbeat_at"] = heartbeat_at
    transact(
        store, lambda it: it.execute(update(runs_table).where(runs_table.c.id == run.id).values(**values))
    )


def elsewhere(silent_s: float) -> tuple[Process, datetime]:
    return Process("another-machine", 4711, "boot/pid:[1]/99"), datetime.now(UTC) - timedelta(
        seconds=silent_s
    )


class TestHistory:
    def test_a_run_is_kept_with_what_it_was_asked(self, store: Engine):
        begun = runs.start_run(
            store,
            "kontan",
            reason="scheduled",
            since=storing.NOON - DAY,
            until=storing.NOON,
            limit=7,
            now=storing.NOON,
        )
        assert (begun.reason, begun.since, begun.until, begun.article_limit) == (
            "scheduled",
            storing.NOON - DAY,
            storing.NOON,
            7,
        )
        assert begun.started_at == begun.heartbeat_at == storing.NOON
        assert (begun.ended_at, begun.verdict, begun.counts) == (None, None, {})
        assert runs.get_run(store, begun.id) == begun

    def test_an_ended_run_counts_what_its_ledger_holds(self, store: Engine, run: Run):
        works = storing.offered(store, run.id, 1, 2, 3, 4)
        articles.save(store, storing.article(1), run.id, works[0].url_id)
        for work in works[1:3]:
            frontier.settle(
                store, run.id, Settlement(url_id=work.url_id, state=State.FAILED, reason="timeout")
            )
        ended = runs.finish_run(
            store,
            run.id,
            "degraded",
            ["feed: timeout"],
            spent=Spent(requests=9, bytes_received=5_000_000_000, fetching_s=1.5),
        )
        assert (ended.verdict, ended.why, ended.counts, ended.learned) == (
            "degraded",
            ("feed: timeout",),
            {"failed": 2, "stored": 1},
            4,
        )
        assert (ended.requests, ended.bytes_received, ended.fetching_s) == (9, 5_000_000_000, 1.5)
        assert ended.ended_at is not None
        assert runs.list_runs(store) == [ended]

    def test_runs_are_listed_newest_first_and_by_outlet(self, store: Engine):
        for outlet in ("kontan", "republika", "kontan"):
            runs.finish_run(store, runs.start_run(store, outlet).id, "healthy")
        assert [run.id for run in runs.list_runs(store)] == [3, 2, 1]
        assert [run.id for run in runs.list_runs(store, "kontan", limit=1)] == [3]

    def test_an_unknown_run_is_an_error(self, store: Engine):
        with pytest.raises(StoreError, match="no run 99"):
            runs.get_run(store, 99)

    def test_a_run_ends_once(self, store: Engine, run: Run):
        runs.finish_run(store, run.id, "healthy")
        with pytest.raises(RunEndedError, match="start a new one"):
            runs.finish_run(store, run.id, "failed")
        assert runs.get_run(store, run.id).verdict == "healthy"


class TestLock:
    def test_an_outlet_has_one_run_at_a_time_and_others_have_theirs(self, store: Engine, run: Run):
        with pytest.raises(
            StoreError, match=rf"run {run.id} of kontan .*process {run.pid} on .*wait for it or stop it"
        ):
            runs.start_run(store, "kontan")
        runs.start_run(store, "republika")
        runs.finish_run(store, run.id, "healthy")
        assert runs.start_run(store, "kontan").id > run.id

    @pytest.mark.parametrize("dead_holder", [False, True])
    def test_of_many_processes_at_once_exactly_one_wins(
        self, store_url: str, store: Engine, dead_holder: bool
    ):
        for round_number in range(2):
            outlet = f"outlet{round_number}"
            if dead_holder:
                old = runs.start_run(store, outlet)
                as_if_by(store, old, attrs.evolve(Process.current(), mark=Process.current().mark + "0"))
            children = [storing.started(storing.take_outlet, store_url, outlet) for _ in range(6)]
            assert [pipe.recv() for _, pipe in children] == ["ready"] * 6
            for _, pipe in children:
                pipe.send("go")
            outcomes = [pipe.recv() for _, pipe in children]
            won = [told for outcome, told in outcomes if outcome == "won"]
            lost = [told for outcome, told in outcomes if outcome == "lost"]
            for child, pipe in children:
                pipe.send("end")
                child.join()
                child.close()
                pipe.close()
            assert len(won) == 1
            assert len(lost) == 5
            assert all(f"run {won[0]} of {outlet} is still going" in told for told in lost)
            still_open = [run for run in runs.list_runs(store, outlet) if run.ended_at is None]
            assert [run.id for run in still_open] == won

    def test_the_outlet_of_a_killed_process_is_free_at_once(self, store_url: str, store: Engine):
        child, pipe = storing.started(storing.take_outlet, store_url, "kontan")
        assert pipe.recv() == "ready"
        pipe.send("go")
        outcome, first = pipe.recv()
        assert outcome == "won"
        with pytest.raises(StoreError, match=f"process {child.pid}"):
            runs.start_run(store, "kontan")
        child.kill()
        child.join()
        child.close()
        pipe.close()
        second = runs.start_run(store, "kontan")
        crashed = runs.get_run(store, first)
        assert second.id != first
        assert (crashed.verdict, crashed.why) == ("failed", (runs.KILLED,))

    def test_a_process_number_used_again_is_not_the_run(self, store: Engine, run: Run):
        me = Process.current()
        boot, space, start = me.mark.split("/")
        as_if_by(store, run, Process(me.host, me.pid, f"{boot}/{space}/{int(start) - 1}"))
        assert runs.start_run(store, "kontan").id != run.id

    def test_a_run_on_another_machine_holds_while_it_is_heard(self, store: Engine, run: Run):
        as_if_by(store, run, *elsewhere(silent_s=100))
        with pytest.raises(StoreError, match="on another-machine"):
            runs.start_run(store, "kontan")
        as_if_by(store, run, *elsewhere(silent_s=140))
        assert runs.start_run(store, "kontan").id != run.id

    def test_the_lease_is_given_by_the_caller(self, store: Engine, run: Run):
        as_if_by(store, run, *elsewhere(silent_s=10))
        assert runs.start_run(store, "kontan", lease_s=5).id != run.id

    def test_a_heartbeat_from_the_future_does_not_hold_for_ever(self, store: Engine, run: Run):
        as_if_by(store, run, *elsewhere(silent_s=-86_400))
        assert runs.start_run(store, "kontan").id != run.id

    def test_after_a_restart_of_the_machine_only_silence_tells(self, store: Engine, run: Run):
        me = Process.current()
        _, space, start = me.mark.split("/")
        before_boot = Process(me.host, me.pid, f"another-boot/{space}/{start}")
        as_if_by(store, run, before_boot, datetime.now(UTC))
        with pytest.raises(StoreError, match="still going"):
            runs.start_run(store, "kontan")
        as_if_by(store, run, before_boot, datetime.now(UTC) - timedelta(minutes=5))
        assert runs.start_run(store, "kontan").id != run.id

    def test_a_heartbeat_keeps_the_outlet(self, store: Engine, run: Run):
        as_if_by(store, run, *elsewhere(silent_s=140))
        runs.heartbeat(store, run.id)
        with pytest.raises(StoreError, match="still going"):
            runs.start_run(store, "kontan")

    def test_dead_runs_of_all_outlets_are_closed_on_request(self, store: Engine, run: Run):
        dead = runs.start_run(store, "republika")
        as_if_by(store, dead, *elsewhere(silent_s=500))
        [closed] = runs.close_dead_runs(store)
        assert (closed.id, closed.verdict, closed.why) == (dead.id, "failed", (runs.KILLED,))
        assert runs.get_run(store, run.id).ended_at is None


class TestRehearsal:
    """A run of simulated time keeps that time, and is judged dead or alive by the true one."""

    SHIFT = timedelta(days=-200)

    def test_all_its_times_are_the_rehearsals(self, store: Engine):
        begun = runs.start_run(store, "kontan", shift=self.SHIFT)
        runs.heartbeat(store, begun.id)
        beaten = runs.get_run(store, begun.id).heartbeat_at
        ended = runs.finish_run(store, begun.id, "healthy")
        now = datetime.now(UTC) + self.SHIFT
        times = [begun.started_at, beaten, ended.ended_at]
        assert all(moment is not None and abs(now - moment) < timedelta(minutes=1) for moment in times)

    def test_it_holds_its_outlet_while_it_is_heard(self, store: Engine):
        begun = runs.start_run(store, "kontan", shift=self.SHIFT)
        as_if_by(store, begun, elsewhere(0)[0])
        assert runs.close_dead_runs(store) == []
        with pytest.raises(StoreError, match="still going"):
            runs.start_run(store, "kontan")
        runs.heartbeat(store, begun.id)
        assert runs.close_dead_runs(store) == []

    def test_a_silent_one_is_closed_at_its_own_time(self, store: Engine):
        begun = runs.start_run(store, "kontan", shift=self.SHIFT)
        as_if_by(store, begun, elsewhere(0)[0], begun.heartbeat_at - timedelta(seconds=140))
        [closed] = runs.close_dead_runs(store)
        assert (closed.id, closed.why) == (begun.id, (runs.KILLED,))
        assert closed.ended_at == begun.heartbeat_at - timedelta(seconds=140)


class TestTakenOver:
    """A run that only slept was taken for dead: it must write nothing more."""

    @pytest.fixture
    def slept(self, store: Engine, run: Run) -> tuple[Run, int]:
        works = storing.offered(store, run.id, 1, 2)
        articles.save(store, storing.article(1), run.id, works[0].url_id)
        as_if_by(store, run, *elsewhere(silent_s=500))
        runs.start_run(store, "kontan")
        return run, works[1].url_id

    def test_it_was_closed_with_the_counts_of_its_ledger(self, store: Engine, slept: tuple[Run, int]):
        closed = runs.get_run(store, slept[0].id)
        assert (closed.verdict, closed.why, closed.counts, closed.learned) == (
            "failed",
            ("killed",),
            {"stored": 1},
            2,
        )
        assert closed.ended_at is not None
        assert closed.ended_at >= closed.heartbeat_at

    def test_every_write_is_refused(self, store: Engine, slept: tuple[Run, int]):
        run, url_id = slept
        settlement = Settlement(url_id=url_id, state=State.FAILED, reason="timeout")
        for write in (
            lambda: runs.heartbeat(store, run.id),
            lambda: runs.finish_run(store, run.id, "healthy"),
            lambda: frontier.offer(store, run.id, [storing.entry(3)]),
            lambda: frontier.pending(store, run.id),
            lambda: frontier.settle(store, run.id, settlement),
            lambda: frontier.add_records(store, run.id, [storing.ref(1)]),
            lambda: articles.save(store, storing.article(2), run.id, url_id),
        ):
            with pytest.raises(RunEndedError, match=f"run {run.id} was closed by another process"):
                write()
        assert frontier.count_states(store) == {"kontan": {"pending": 1, "stored": 1}}


class TestProcess:
    def test_this_process_is_alive(self):
        assert Process.current().is_dead() is False

    def test_a_killed_child_is_dead_even_before_its_parent_notices(self):
        with subprocess.Popen(["sleep", "60"]) as child:
            start = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[19]
            boot, space, _ = Process.current().mark.split("/")
            process = attrs.evolve(Process.current(), pid=child.pid, mark=f"{boot}/{space}/{start}")
            assert process.is_dead() is False
            child.kill()
            os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
            assert process.is_dead() is True

    def test_elsewhere_nothing_is_known(self):
        assert attrs.evolve(Process.current(), host="another-machine").is_dead() is None
        assert attrs.evolve(Process.current(), mark="").is_dead() is None
