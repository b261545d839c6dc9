"""Alerts arrive exactly as often as they should, whatever fails and whoever is killed.

| scenario                                     | distinct messages taken | requests taken            |
|----------------------------------------------|-------------------------|---------------------------|
| all well                                     | all                     | one each                  |
| 500, 429, a redirect, refused, slow, hanging | all                     | one each, after a retry   |
| taken, and the connection reset              | all                     | that one twice, same id   |
| killed before the send, after the journal    | all                     | one each                  |
| killed between the answer and the journal    | all                     | that one twice, same id   |
| killed anywhere, file channel                | all                     | one each                  |
"""

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select, update

from crawler.errors import StoreError
from crawler.storage import articles, outbox
from crawler.storage.alerts import GIVEN_UP, SENT, recent_deliveries, waiting
from crawler.storage.database import reading, transact
from crawler.storage.leases import LeaseLostError
from crawler.storage.runs import Run
from crawler.storage.schema import leases, urls
from crawler.storage.schema_analysis import alert_deliveries, alert_entries, alert_messages, facts
from tests import alerting
from tests.alerting import POINTS, Receiver, ids_in, mailbox, receiving
from tests.core import storing
from tests.core.storing import NOON

KEPT = 6  # articles, each told by its own rule: as many messages to each channel
LATER = NOON + timedelta(minutes=5)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def kept(store: Engine, run: Run) -> Engine:
    """Return a store with some new articles."""
    for number in range(KEPT):
        body = (f"Kabar rekaan nomor {number}. " * 20, f"Kata{number} disebut di sini.")
        storing.saved(store, run.id, number, body=body)
    return store


def tables(*channel: str, **more: Any) -> dict[str, Any]:
    """Return a rule for each article, so that there are as many messages."""
    rules = {
        f"r{number}": {"channel": list(channel), "on": ["keyword"], "keywords": [f"kata{number}"]}
        for number in range(KEPT)
    }
    return {"send_s": 1.0, **rules, **more}


def run_child(store: Engine, folder: Path, wanted: dict[str, Any], **options: Any) -> int | None:
    """Let a child send; return its exit code, or kill it after *within_s* seconds."""
    within_s = options.pop("within_s", None)
    url = url_of(store)
    kill = options.pop("kill", None)
    child, pipe = storing.started(alerting.send_all, url, folder, wanted, LATER, kill)
    assert pipe.recv() == "going"
    child.join(within_s if within_s is not None else 60)
    if child.exitcode is None:
        child.kill()
        child.join()
    code = child.exitcode
    child.close()
    pipe.close()
    return code


def url_of(store: Engine) -> str:
    return store.url.render_as_string(hide_password=False)


def states(store: Engine) -> list[str]:
    with reading(store) as connection:
        return list(connection.execute(select(alert_deliveries.c.state)).scalars())


@pytest.mark.parametrize(
    ("script", "taken", "asked"),
    [
        ((), KEPT, KEPT),
        (("500", "503", "ok"), KEPT, KEPT + 2),
        (("redirect",), KEPT, KEPT + 1),
        (("hang",), KEPT, KEPT + 1),
        (("drip",), KEPT, KEPT + 1),
        (("reset",), KEPT + 1, KEPT + 1),
        (("500", "reset", "429", "hang", "redirect"), KEPT + 1, KEPT + 5),
    ],
)
def test_each_message_is_taken_once_whatever_fails(
    kept: Engine, tmp_path: Path, script: tuple[str, ...], taken: int, asked: int
) -> None:
    with receiving(*script) as receiver:
        assert run_child(kept, tmp_path, tables(receiver.url)) == 0
        assert len(receiver.ids) == KEPT
        assert len(receiver.taken) == taken
        assert len(receiver.heard) == asked
        assert {one.path for one in receiver.heard} == {"/alarm"}
    assert states(kept) == [SENT] * KEPT


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_point_none_is_lost_and_none_is_another(
    kept: Engine, tmp_path: Path, receiver: Receiver, point: str
) -> None:
    out = tmp_path / "alerts.jsonl"
    wanted = tables(receiver.url, f"file://{out}")
    assert run_child(kept, tmp_path, wanted, kill=(point, 3)) == -9
    assert run_child(kept, tmp_path, wanted, kill=(point, 3)) == -9
    assert run_child(kept, tmp_path, wanted) == 0
    assert receiver.ids == set(ids_in(out))
    assert len(receiver.ids) == len(ids_in(out)) == KEPT
    # Only between the receiver's answer and our journal is there nothing that tells that it arrived.
    repeated = len(receiver.taken) - KEPT
    assert repeated <= 2 if point == "after send" else repeated == 0
    assert states(kept) == [SENT] * 2 * KEPT


def test_killed_at_any_moment_none_is_lost_and_none_is_another(
    kept: Engine, tmp_path: Path, receiver: Receiver
) -> None:
    chance = random.Random(7)
    out = tmp_path / "alerts.jsonl"
    wanted = tables(receiver.url, f"file://{out}")
    killed = 0
    for _ in range(8):
        killed += run_child(kept, tmp_path, wanted, within_s=chance.uniform(0.0, 0.25)) == -9
    assert run_child(kept, tmp_path, wanted) == 0
    assert len(receiver.ids) == len(ids_in(out)) == KEPT
    assert receiver.ids == set(ids_in(out))
    assert len(receiver.taken) <= KEPT + killed


def test_several_senders_at_once_send_each_message_once(
    kept: Engine, tmp_path: Path, receiver: Receiver
) -> None:
    url = url_of(kept)
    children = [
        storing.started(alerting.send_all, url, tmp_path, tables(receiver.url), LATER) for _ in range(3)
    ]
    for child, pipe in children:
        child.join(60)
        assert child.exitcode == 0
        child.close()
        pipe.close()
    assert len(receiver.taken) == len(receiver.ids) == KEPT


def test_a_sender_that_lost_its_lease_decides_and_sends_nothing(
    kept: Engine, tmp_path: Path, receiver: Receiver
) -> None:
    wanted = alerting.config(all={"channel": receiver.url, "on": ["new"]})
    with (
        alerting.sending(url_of(kept), tmp_path, wanted, LATER) as frozen,
        alerting.sending(url_of(kept), tmp_path, wanted, LATER) as other,
    ):
        assert frozen.lead().mine
        lapsed = NOON - timedelta(days=1)
        transact(kept, lambda connection: connection.execute(update(leases), {"until": lapsed}))
        assert other.lead().mine
        with pytest.raises(LeaseLostError):
            frozen.pass_once()
        assert outbox.claim(kept, other.token) is None
        assert other.pass_once() == 1
        with pytest.raises(LeaseLostError):
            outbox.claim(kept, frozen.token)
    assert len(receiver.taken) == 1


def test_a_dead_channel_neither_holds_up_nor_doubles_another(
    kept: Engine, tmp_path: Path, receiver: Receiver
) -> None:
    with receiving(*["hang"] * 50) as dead, mailbox(refuse=2) as mail:
        wanted = alerting.config(**tables(dead.url, receiver.url, mail.url))
        with alerting.sending(url_of(kept), tmp_path, wanted, LATER) as made:
            assert made.lead().mine
            made.pass_once()
        # One attempt at each rule's dead channel; what else waits for it waits as long.
        assert len(dead.heard) == KEPT
        assert len(receiver.taken) == len(receiver.ids) == KEPT
        assert len(mail.mails) == KEPT - 2
    with reading(kept) as connection:
        left = waiting(connection)
    assert sorted(one.channel for one in left) == ["1 json"] * KEPT + ["3 mailto"] * 2
    assert all(one.error for one in left)


def test_what_the_receiver_asks_for_is_waited_for(kept: Engine, tmp_path: Path) -> None:
    with receiving("429") as busy:
        busy.headers = {"Retry-After": "3600"}
        wanted = alerting.config(all={"channel": busy.url, "on": ["new"]})
        with alerting.sending(url_of(kept), tmp_path, wanted, LATER) as made:
            made.lead()
            made.pass_once()
            made.pass_once()
        assert len(busy.heard) == 1
    with reading(kept) as connection:
        [left] = waiting(connection)
        assert left.error == "the receiver answered 429"
        fact = connection.execute(select(facts.c.decided_at)).scalars().all()
    assert left.next_at - left.made_at > timedelta(minutes=59) or left.attempts == 1
    assert all(fact)


def test_after_days_it_is_given_up_in_sight(kept: Engine, tmp_path: Path) -> None:
    url = url_of(kept)
    with receiving("500", "500") as broken:
        rule = {"channel": broken.url, "on": ["new"]}
        wanted = alerting.config(give_up_days=2, all=rule)
        with alerting.sending(url, tmp_path, wanted, LATER) as made:
            made.lead()
            made.pass_once()
            [delivery] = _all(kept)
            assert outbox.retry(kept, delivery.id)
            made.release()
        with alerting.sending(url, tmp_path, wanted, LATER + timedelta(days=3)) as made:
            made.lead()
            made.pass_once()
            made.pass_once()
            [delivery] = _all(kept)
            assert (delivery.state, delivery.error) == (GIVEN_UP, "the receiver answered 500")
            assert outbox.retry(kept, delivery.id)
            assert made.pass_once() == 1
        assert len(broken.ids) == 1


def test_a_message_that_is_told_again_after_a_restore_has_the_same_id(
    kept: Engine, tmp_path: Path, receiver: Receiver
) -> None:
    url = url_of(kept)
    wanted = alerting.config(all={"channel": receiver.url, "on": ["new"]})
    with alerting.sending(url, tmp_path, wanted, LATER) as made:
        made.lead()
        made.pass_once()
        # As a backup from before would have it: nothing decided, nothing in the outbox.
        with kept.begin() as connection:
            for table in (alert_deliveries, alert_entries, alert_messages):
                connection.execute(delete(table))
            connection.execute(update(facts), {"decided_at": None})
        made.pass_once()
    assert len(receiver.taken) == 2
    assert len(receiver.ids) == 1


def test_an_edit_and_a_deletion_are_told_and_what_rules_changed_is_not(
    store: Engine, run: Run, tmp_path: Path, receiver: Receiver
) -> None:
    storing.saved(store, run.id, 1)
    with reading(store) as connection:
        url_id = connection.execute(select(urls.c.id)).scalar_one()
    for number, cause in ((1, "outlet"), (2, "rules")):
        body = (f"Versi {number} dari naskah ini berbeda jauh dari yang pertama. " * 9,)
        articles.save(store, storing.article(1, body=body), run.id, url_id, cause=cause, now=NOON)
    url = store.url.render_as_string(hide_password=False)
    wanted = alerting.config(all={"channel": receiver.url, "on": ["new", "edit"]})
    with alerting.sending(url, tmp_path, wanted, LATER) as made:
        made.lead()
        made.pass_once()
    [heard] = receiver.taken
    assert [one["kind"] for one in heard.told["sections"]] == ["new", "edit"]
    assert [len(one["items"]) for one in heard.told["sections"]] == [1, 1]


def _all(store: Engine) -> list[Any]:
    with reading(store) as connection:
        return recent_deliveries(connection, 100)


def test_a_save_that_fails_leaves_no_fact(store: Engine, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise StoreError("the ledger, which is written last, cannot be")

    [work] = storing.offered(store, run.id, 1)
    with monkeypatch.context() as broken:
        broken.setattr(articles, "write_visits", fail)
        with pytest.raises(StoreError, match="written last"):
            articles.save(store, storing.article(1), run.id, work.url_id, now=NOON)
    assert _facts(store) == []
    for _ in range(2):  # once more, as after a commit whose answer was lost
        articles.save(store, storing.article(1), run.id, work.url_id, now=NOON)
    assert _facts(store) == ["new"]


def _facts(store: Engine) -> list[str]:
    with reading(store) as connection:
        return list(connection.execute(select(facts.c.kind)).scalars())
