"""Arithmetic of spans of time: each from its first moment, inclusive, to its last, exclusive."""

from collections.abc import Iterable, Iterator
from datetime import datetime

Span = tuple[datetime, datetime]


def joined(spans: Iterable[Span], least: int = 1) -> list[Span]:
    """Return what at least *least* of the spans hold, as spans that neither touch nor overlap, in order."""
    steps = sorted(step for start, end in spans if start < end for step in ((start, 1), (end, -1)))
    found: list[Span] = []
    depth, began = 0, None
    for at, (moment, step) in enumerate(steps):
        depth += step
        if at + 1 < len(steps) and steps[at + 1][0] == moment:
            continue  # only what holds after all that happens at once
        if depth >= least and began is None:
            began = moment
        elif depth < least and began is not None:
            found.append((began, moment))
            began = None
    return found


def gaps_in(spans: Iterable[Span], since: datetime, until: datetime) -> Iterator[Span]:
    """Yield what lies between *since* and *until* and in none of the spans, which are joined."""
    reached = since
    for start, end in spans:
        if start > reached and reached < until:
            yield reached, min(start, until)
        reached = max(reached, end)
    if reached < until:
        yield reached, until


def holds(spans: Iterable[Span], span: Span) -> bool:
    """Tell whether all of *span* lies in the spans, which are joined."""
    return not any(gaps_in(spans, *span))
