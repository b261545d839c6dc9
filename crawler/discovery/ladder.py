"""Climbs an outlet's ladder of rungs, cheapest first, until the window is covered."""

import logging
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import attrs

from crawler.discovery.listing import ClosedError, Fetch, ListPage, Quest, Rung, RungError, RungKind, Watch

logger = logging.getLogger(__name__)

Part = tuple[str, RungKind]


def part_of(rung: Rung) -> Part:
    """Return what a rung covers: a section of the outlet, by listing or by search."""
    return rung.section, rung.kind


class Past:
    """What earlier crawls left for this one to go by; this one left nothing."""

    async def standing(self, rung: Rung) -> bool | None:
        """Tell whether a search heeds what it is asked, None where that is not known."""
        del rung
        return None

    async def judged(self, rung: Rung, *, honest: bool) -> None:
        """Take note of whether a search heeds what it is asked."""
        del rung, honest

    async def shut(self, interface: str) -> bool:
        """Tell whether a site had closed an interface when it was asked a short while ago."""
        del interface
        return False

    async def found_shut(self, interface: str) -> None:
        """Take note of an interface that is closed."""
        del interface

    async def looked_until(self, rung: Rung) -> datetime | None:
        """Return how far a rung that need not be asked yet has covered the outlet, None for one that must."""
        del rung
        return None

    async def watch(self, rung: Rung) -> Watch:
        """Return what is known of the rung's lists."""
        del rung
        return Watch()


@attrs.define
class Ladder:
    """The rungs of an outlet and what came of climbing them.

    The window is covered when, in each section, one listing and one search, of those that are declared, reach
    back to its start: a listing alone can miss an article whose headline does not show the topic,
    a search alone what it has not indexed. `covered` has each such part and until when it was looked at,
    `failures` names each rung that could not be used, and why, `lists` counts those that named an article.
    """

    rungs: Sequence[Rung]
    covered: dict[Part, datetime] = attrs.field(factory=dict)
    failures: list[str] = attrs.field(factory=list)
    lists: int = 0

    @property
    def uncovered(self) -> set[Part]:
        """Return the parts of the outlet that no rung covered over the whole window."""
        return {part_of(rung) for rung in self.rungs if rung.names_all} - self.covered.keys()

    @property
    def looked_until(self) -> datetime | None:
        """Return the moment before which every part was looked at; None where one was not."""
        return None if self.uncovered else min(self.covered.values(), default=None)

    async def climb(self, fetch: Fetch, quest: Quest, past: Past) -> AsyncIterator[tuple[Rung, ListPage]]:
        """Yield each list of each rung that is needed, with its rung."""
        for rung in self.rungs:
            if part_of(rung) in self.covered:
                continue
            try:
                earlier = await past.looked_until(rung)
                if earlier is not None:
                    if rung.names_all:
                        self.covered[part_of(rung)] = earlier
                    continue
                await self._check(rung, fetch, quest, past)
                async for page in rung.walk(fetch, attrs.evolve(quest, watch=await past.watch(rung))):
                    self.lists += bool(page.entries)
                    if page.reaches_back and rung.names_all:
                        self.covered[part_of(rung)] = quest.now
                    yield rung, page
            except RungError as failure:
                if isinstance(failure, ClosedError):
                    await past.found_shut(rung.interface)
                logger.warning("Cannot use %s: %s", rung.name, failure)
                self.failures.append(f"{rung.name}: {failure}")

    @staticmethod
    async def _check(rung: Rung, fetch: Fetch, quest: Quest, past: Past) -> None:
        """Raise where it is known, or for a search found out by a nonsense word, that a rung is of no use."""
        if rung.interface and await past.shut(rung.interface):
            raise RungError(f"{rung.interface} is closed, as it was when it was last asked")
        if rung.kind != "search":
            return
        honest = await past.standing(rung)
        if honest is None:
            honest = not await rung.misled(fetch, quest)
            await past.judged(rung, honest=honest)
        if not honest:
            raise RungError("the search ignores what it is asked")
