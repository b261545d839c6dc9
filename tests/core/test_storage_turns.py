"""Turns at a host: one after the other, over runs and processes."""

from datetime import timedelta

from sqlalchemy import Engine

from crawler.storage.turns import UNDER_WAY, hold_off, take

HOST = "www.kontan.co.id"
LONG = timedelta(hours=1)


def test_a_run_that_keeps_its_own_pause_need_not_wait(store: Engine) -> None:
    assert take(store, HOST, 1, 5.0, patience_s=120) == 0
    assert take(store, HOST, 1, 5.0, patience_s=120, shift=timedelta(seconds=5)) == 0


def test_another_run_waits_for_the_pause_and_for_what_is_under_way(store: Engine) -> None:
    take(store, HOST, 1, 5.0, patience_s=120)
    waits = [take(store, HOST, run_id, 5.0, patience_s=120) for run_id in (2, 3)]
    first = 5 + UNDER_WAY.total_seconds()
    assert first - 0.5 < waits[0] <= first
    assert waits[0] + first - 0.5 < waits[1] <= waits[0] + first
    assert take(store, "pusatdata.kontan.co.id", 2, 5.0, patience_s=120) == 0


def test_without_a_pause_only_what_others_left_is_waited_for(store: Engine) -> None:
    assert take(store, HOST, 1, 0.0, patience_s=120) == 0
    assert take(store, HOST, 2, 0.0, patience_s=120) == 0
    hold_off(store, HOST, 1, 60)
    assert 59 < take(store, HOST, 2, 0.0, patience_s=120) <= 61


def test_who_has_no_patience_takes_no_turn(store: Engine) -> None:
    hold_off(store, HOST, 1, 900)
    assert take(store, HOST, 2, 5.0, patience_s=120) > 800
    assert take(store, HOST, 1, 5.0, patience_s=120) <= 900
    assert take(store, HOST, 2, 5.0, patience_s=120, shift=timedelta(seconds=902)) == 0


def test_a_shorter_wish_does_not_shorten_a_longer_one(store: Engine) -> None:
    hold_off(store, HOST, 1, 900)
    hold_off(store, HOST, 1, 5)
    assert take(store, HOST, 1, 1.0, patience_s=120) > 800


def test_a_clock_that_was_set_back_closes_no_host(store: Engine) -> None:
    take(store, HOST, 1, 5.0, patience_s=120, shift=LONG)
    assert take(store, HOST, 2, 5.0, patience_s=120) <= 5 + UNDER_WAY.total_seconds()
