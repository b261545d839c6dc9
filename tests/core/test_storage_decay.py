"""Alarms about redesigned outlets, and what their pages usually show, in both databases."""

from datetime import timedelta

from sqlalchemy import Engine

from crawler.storage.database import reading
from crawler.storage.decay import (
    Alarm,
    Baseline,
    GoodPage,
    alarms_of,
    baseline_of,
    end_alarm,
    keep_baseline,
    raise_alarm,
    standing_alarm,
    standing_alarms,
)
from crawler.storage.runs import Run
from tests.core.storing import NOON, address

LATER = NOON + timedelta(hours=5)


def known(store: Engine, outlet: str) -> Baseline | None:
    with reading(store) as connection:
        return baseline_of(connection, outlet)


def alarmed(store: Engine, run: Run, outlet: str = "kontan", **changes: object) -> None:
    values = {
        "run_id": run.id,
        "since": NOON,
        "url": address(1),
        "share": 1.0,
        "signals": ("no text where the body stood",),
        "evidence": "decay/kontan/2026-03-04-1",
        "ruleset": "0" * 16,
    }
    raise_alarm(store, outlet, **values | changes)  # type: ignore[arg-type]


def standing(store: Engine, outlet: str = "kontan") -> Alarm | None:
    with reading(store) as connection:
        return standing_alarm(connection, outlet)


def test_an_alarm_stands_until_it_is_ended(store: Engine, run: Run) -> None:
    assert standing(store) is None
    alarmed(store, run)
    found = standing(store)
    assert found is not None
    assert (found.since, found.share, found.signals) == (NOON, 1.0, ("no text where the body stood",))
    assert found.evidence == "decay/kontan/2026-03-04-1"
    assert standing(store, "republika") is None
    end_alarm(store, "republika", "read well", now=LATER)
    assert standing(store) is not None
    end_alarm(store, "kontan", "read well", now=LATER)
    assert standing(store) is None
    with reading(store) as connection:
        [ended] = alarms_of(connection, "kontan")
    assert (ended.ended_at, ended.ended_why) == (LATER, "read well")


def test_a_standing_alarm_is_told_anew_and_keeps_its_beginning(store: Engine, run: Run) -> None:
    alarmed(store, run)
    alarmed(store, run, since=LATER, url=address(2), share=0.4, evidence="elsewhere", signals=("less",))
    found = standing(store)
    assert found is not None
    assert (found.since, found.url, found.evidence) == (NOON, address(1), "decay/kontan/2026-03-04-1")
    assert (found.share, found.signals) == (0.4, ("less",))


def test_after_its_end_another_begins(store: Engine, run: Run) -> None:
    alarmed(store, run)
    alarmed(store, run, "republika", share=0.2)
    end_alarm(store, "kontan", "read well", now=LATER)
    alarmed(store, run, since=LATER)
    with reading(store) as connection:
        assert {name: found.since for name, found in standing_alarms(connection).items()} == {
            "kontan": LATER,
            "republika": NOON,
        }
        assert [found.ended_at for found in alarms_of(connection, "kontan")] == [None, LATER]


def test_a_baseline_comes_back_as_it_was_kept_page_included(store: Engine, run: Run) -> None:
    assert known(store, "kontan") is None
    first = Baseline(ruleset="a", state={"pages": 3})
    keep_baseline(store, "kontan", first, run_id=run.id, now=NOON)
    assert known(store, "kontan") == first
    page = GoodPage(url=address(1), at=NOON, html="<p>Teks “berkutip” \x00 akhir.</p>" * 1000)
    second = Baseline(ruleset="b", state={"pages": 4, "signals": {"body": [1.5, 2]}}, good=page)
    keep_baseline(store, "kontan", second, run_id=run.id, now=LATER)
    assert known(store, "kontan") == second
    assert known(store, "republika") is None
