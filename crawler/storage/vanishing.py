"""Whether an article has vanished: a state machine over the looks at it. Pure.

A page that is missing is a signal, and a signal alone proves nothing. It counts where, in the same run,
another article of the outlet was read well; otherwise the outlet is out, and the look is no evidence. After
three signals over at least three days the article is confirmed as gone; read well again, it is restored.

Articles that vanish together may be an outage of the archive or a redesign. Such a look suspects and does not
count; what is still missing three days later does, so that addresses dropped for good are confirmed too.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

import attrs

Event = Literal["suspected", "confirmed"]
Weight = Literal["counts", "together", "no-control"]

SUSPECTED: Final = "suspected"
CONFIRMED: Final = "confirmed"

SIGNALS: Final = 3
SPREAD: Final = timedelta(hours=72)
LEAST_TOGETHER: Final = 3
# After the first signal; a bit less than whole days, so that a daily run that starts early finds them due.
_NEXT_LOOKS: Final = tuple(timedelta(hours=hours) for hours in (6, 20, 44, 72))
_LATER: Final = timedelta(hours=20)
_ONCE_CONFIRMED: Final = (timedelta(days=7), timedelta(days=30))  # after the confirmation


@attrs.frozen
class Standing:
    """What the store says of an article: gone or not, when it was first missed, how often since.

    `signals` are those that counted; once it is confirmed, the looks that missed it since then.
    """

    gone: str | None = None
    gone_at: datetime | None = None
    signals: int = 0


@attrs.frozen
class Step:
    """What a signal made of an article: where it stands now, what happened, when to look again."""

    standing: Standing
    event: Event | None
    due_at: datetime | None


@attrs.frozen
class Miss:
    """An article that a run missed: where its address leads to, and where it stood before."""

    article_id: int
    host: str
    before: Standing


def missed(before: Standing, now: datetime, *, together: bool = False) -> Step:
    """Return what a controlled signal makes of an article; *together*: it vanished with many others."""
    if before.gone == CONFIRMED:
        looks = before.signals + 1
        wait = _ONCE_CONFIRMED[looks] - _ONCE_CONFIRMED[looks - 1] if looks < len(_ONCE_CONFIRMED) else None
        after = attrs.evolve(before, signals=looks)
        return Step(after, None, now + wait if wait else None)
    first_at = before.gone_at or now
    if before.gone is None and together:
        return Step(Standing(SUSPECTED, first_at, 0), "suspected", first_at + SPREAD)
    if before.gone is not None and not before.signals and now - first_at < SPREAD:
        return Step(before, None, first_at + SPREAD)
    signals = before.signals + 1
    if signals >= SIGNALS and now - first_at >= SPREAD:
        return Step(Standing(CONFIRMED, first_at, 0), "confirmed", now + _ONCE_CONFIRMED[0])
    due_at = next((first_at + wait for wait in _NEXT_LOOKS if first_at + wait > now), now + _LATER)
    event: Event | None = None if before.gone else "suspected"
    return Step(Standing(SUSPECTED, first_at, signals), event, due_at)


def weigh(
    misses: Sequence[Miss], read_well: Mapping[int, str], others_on: Collection[str], looked_at: int
) -> dict[int, Weight]:
    """Return what each signal of a run is worth, by article.

    *read_well* gives the host of each article that the run read well. The control must be of the same host
    where another article is kept of it (*others_on*). *looked_at* is how many articles not known to be gone
    the run looked at again, those that were missed included.
    """
    fresh = sum(miss.before.gone is None for miss in misses)
    together = fresh >= LEAST_TOGETHER and 2 * fresh > looked_at
    hosts = set(read_well.values())
    weights: dict[int, Weight] = {}
    for miss in misses:
        controlled = miss.host in hosts if miss.host in others_on else bool(hosts)
        if not controlled:
            weights[miss.article_id] = "no-control"
        else:
            weights[miss.article_id] = "together" if together and miss.before.gone is None else "counts"
    return weights
