"""Spans of time: held against sets of hours."""

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crawler.storage.spans import Span, gaps_in, holds, joined

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
HOURS = 24

hours = st.integers(0, HOURS)
spans_of_hours = st.lists(st.tuples(hours, hours), max_size=8)


def moment(hour: int) -> datetime:
    return MIDNIGHT + timedelta(hours=hour)


def spans(pairs: list[tuple[int, int]]) -> list[Span]:
    return [(moment(start), moment(end)) for start, end in pairs]


def hours_in(found: list[Span]) -> set[int]:
    return {hour for hour in range(HOURS) if any(start <= moment(hour) < end for start, end in found)}


@given(spans_of_hours, st.integers(1, 3))
def test_joined_holds_exactly_the_hours_that_so_many_spans_hold(pairs: list[tuple[int, int]], least: int):
    found = joined(spans(pairs), least)
    wanted = {hour for hour in range(HOURS) if sum(start <= hour < end for start, end in pairs) >= least}
    assert hours_in(found) == wanted
    assert all(start < end for start, end in found)
    assert all(one[1] < other[0] for one, other in itertools.pairwise(found))


@given(spans_of_hours, hours, hours)
def test_gaps_are_exactly_the_hours_that_no_span_holds(pairs: list[tuple[int, int]], since: int, until: int):
    covered = joined(spans(pairs))
    gaps = list(gaps_in(covered, moment(since), moment(until)))
    assert hours_in(gaps) == set(range(since, until)) - hours_in(covered)
    assert all(start < end for start, end in gaps)
    assert holds(covered, (moment(since), moment(until))) == (not gaps)
