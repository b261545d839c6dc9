"""When an article counts as gone: properties over any sequence of looks, and the way of each case."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.storage.vanishing import CONFIRMED, SPREAD, SUSPECTED, Miss, Standing, missed, weigh

START = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

# What a look finds, and how many hours after the last one.
LOOKS = st.lists(
    st.tuples(
        st.sampled_from(["there", "gone", "gone-together", "gone-no-control", "failed"]),
        st.floats(min_value=0.1, max_value=200),
    ),
    max_size=60,
)


def lived(looks) -> list[tuple[datetime, str, Standing]]:
    """Return where an article stands after each look, as a run would write it."""
    standing, now, steps = Standing(), START, []
    for found, hours in looks:
        now += hours * HOUR
        if found == "there":
            standing = Standing()
        elif found in {"gone", "gone-together"}:
            standing = missed(standing, now, together=found == "gone-together").standing
        steps.append((now, found, standing))
    return steps


@given(LOOKS)
def test_nothing_is_confirmed_without_three_controlled_signals_over_three_days(looks) -> None:
    signals: list[datetime] = []
    before = None
    for now, found, standing in lived(looks):
        if found == "there":
            signals = []
        elif found in {"gone", "gone-together"}:
            signals.append(now)
        if standing.gone == CONFIRMED and before != CONFIRMED:
            assert len(signals) >= 3
            assert signals[-1] - signals[0] >= SPREAD
        before = standing.gone


@given(LOOKS)
def test_what_no_control_stands_behind_changes_nothing(looks) -> None:
    before = Standing()
    for _, found, standing in lived(looks):
        if found in {"failed", "gone-no-control"}:
            assert standing == before
        if found == "there":
            assert standing == Standing()
        before = standing


@given(LOOKS)
def test_an_article_that_is_gone_is_always_looked_at_again_until_it_is_confirmed(looks) -> None:
    standing, now = Standing(), START
    for found, hours in looks:
        now += hours * HOUR
        if found in {"gone", "gone-together"}:
            step = missed(standing, now, together=found == "gone-together")
            standing = step.standing
            assert step.due_at is None or step.due_at > now
            assert step.due_at is not None or standing.gone == CONFIRMED


def test_the_looks_after_a_first_signal_come_within_days() -> None:
    standing, now, waits = Standing(), START, []
    while standing.gone != CONFIRMED:
        step = missed(standing, now)
        standing, now = step.standing, step.due_at
        waits.append(now - START)
    assert waits[:4] == [6 * HOUR, 20 * HOUR, 44 * HOUR, 72 * HOUR]
    assert waits[4] == 72 * HOUR + 7 * DAY
    step = missed(standing, now)
    assert step.due_at - now == 23 * DAY
    assert missed(step.standing, step.due_at).due_at is None


def test_what_vanishes_together_counts_once_it_stays_away_for_days() -> None:
    step = missed(Standing(), START, together=True)
    assert (step.standing, step.event) == (Standing(SUSPECTED, START, 0), "suspected")
    assert missed(step.standing, START + DAY).standing.signals == 0
    now, standing = START + 3 * DAY, step.standing
    for _ in range(3):
        step = missed(standing, now)
        standing, now = step.standing, step.due_at
    assert step.event == "confirmed"
    assert now - START - 7 * DAY >= 4 * DAY


def miss(number: int, host: str = "a", gone: str | None = None) -> Miss:
    return Miss(number, host, Standing(gone, START if gone else None))


@pytest.mark.parametrize(
    ("misses", "read_well", "others_on", "looked_at", "wanted"),
    [
        pytest.param([miss(1)], {2: "a"}, {"a"}, 2, ["counts"], id="another was read"),
        pytest.param([miss(1)], {}, {"a"}, 1, ["no-control"], id="none was read"),
        pytest.param([miss(1)], {2: "b"}, {"a", "b"}, 2, ["no-control"], id="only of another host"),
        pytest.param([miss(1)], {2: "b"}, {"b"}, 2, ["counts"], id="its host has no other"),
        pytest.param([miss(n) for n in (1, 2)], {9: "a"}, {"a"}, 3, ["counts"] * 2, id="two are not many"),
        pytest.param([miss(n) for n in (1, 2, 3)], {9: "a"}, {"a"}, 4, ["together"] * 3, id="most at once"),
        pytest.param([miss(n) for n in (1, 2, 3)], {9: "a"}, {"a"}, 6, ["counts"] * 3, id="half is not most"),
        pytest.param(
            [miss(n, gone=SUSPECTED) for n in (1, 2, 3)],
            {9: "a"},
            {"a"},
            0,
            ["counts"] * 3,
            id="known before",
        ),
        pytest.param([miss(n) for n in (1, 2, 3)], {}, {"a"}, 3, ["no-control"] * 3, id="an outage"),
    ],
)
def test_what_a_signal_is_worth(misses, read_well, others_on, looked_at, wanted) -> None:
    assert list(weigh(misses, read_well, others_on, looked_at).values()) == wanted
