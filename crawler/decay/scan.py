"""Whether something happens more often than it did: a scan of the last pages, exact however little is known.

Each signal is a yes or no of a page. How often it is yes by itself is not known but learned: `hits` of
`pages` so far, and before them a belief worth `prior` yes and `doubt` no. The chance that *k* of *n* further
pages say yes is then a beta-binomial one, which is wide while little was learned: with 30 pages without one,
two in a row mean nothing yet; with 1,000, they do.

A signal alarms at a page that says yes if, for some number *n* of last pages up to `WINDOW`, the chance of as
many among them is below `CHANCE`. One page never alarms: a single odd page is an odd page. Why `CHANCE` is
what it is: an alarm needs a yes at the page itself and at the first of the *n*. For a rare signal, of which
two must fall within some 20 pages, that happens at fewer than 1e-6 of pages; for a frequent one, of which
five or more must, at about as many as `CHANCE` times the numbers *k* that can be reached, some 3e-5. With
40 pages a day and one or two frequent signals that stays below one false alarm in 1,000 days, which
`make decay` measures on the news world's pages. The other way round: of 5 pages that all say yes, 2 or 3
suffice; of 20 of which a fifth does, 2 or 3, according to what was learned.

Source: the scan statistic, Naus 1965; the beta-binomial predictive of Bernoulli trials, Skellam 1948.
"""

import math
from collections.abc import Sequence
from typing import Final

import attrs

WINDOW: Final = 30
"""Pages that are looked at together; what leaves them without an alarm is learned."""

CHANCE: Final = 1e-5
SUSPICIOUS: Final = 1e-2
"""What is less likely than this is not learned, although it does not alarm: half a redesign is not usual."""

LEAST: Final = 2  # pages that say yes
LEARNED: Final = 20  # pages of an outlet; with fewer nothing is known to be usual
MEMORY: Final = 3_000  # pages; of more, older ones count for less


@attrs.frozen(kw_only=True)
class Usual:
    """How often a signal says yes by itself: counted, and believed before."""

    hits: float = 0.0
    pages: float = 0.0
    prior: float = 0.3
    doubt: float = 30.0

    def learn(self, *, yes: bool) -> "Usual":
        """Return what is known with one page more."""
        fade = 0.5 if self.pages >= MEMORY else 1.0
        hits, pages = self.hits * fade + yes, self.pages * fade + 1
        return Usual(hits=hits, pages=pages, prior=self.prior, doubt=self.doubt)

    def chance(self, number: int, pages: int) -> float:
        """Return the probability that *number* or more of *pages* say yes."""
        yes, no = self.prior + self.hits, self.doubt + self.pages - self.hits
        return min(1.0, sum(_chance_of(k, pages, yes, no) for k in range(number, pages + 1)))


@attrs.frozen
class Found:
    """The stretch of last pages that is least likely by chance, and what was known before it."""

    hits: int
    pages: int
    chance: float
    before: Usual


def scan(said: Sequence[bool], usual: Usual, below: float = CHANCE) -> Found | None:
    """Return the stretch up to the last of the pages that is less likely than *below*, None if none is.

    *said* is what the last pages said, oldest first; those before the stretch speak for what is usual, as
    those do that are learned already.
    """
    if not said or not said[-1]:
        return None
    best: Found | None = None
    hits, everything = 0, sum(said)
    for pages, yes in enumerate(reversed(said), 1):
        hits += yes
        before = attrs.evolve(
            usual, hits=usual.hits + everything - hits, pages=usual.pages + len(said) - pages
        )
        if not yes or hits < LEAST or before.pages < LEARNED:
            continue
        chance = before.chance(hits, pages)
        if best is None or chance < best.chance:
            best = Found(hits, pages, chance, before)
    return best if best is not None and best.chance < below else None


def _chance_of(number: int, pages: int, yes: float, no: float) -> float:
    return math.comb(pages, number) * math.exp(
        _log_beta(number + yes, pages - number + no) - _log_beta(yes, no)
    )


def _log_beta(one: float, other: float) -> float:
    return math.lgamma(one) + math.lgamma(other) - math.lgamma(one + other)
