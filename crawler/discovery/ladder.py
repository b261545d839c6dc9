"""Climbs an outlet's ladder of rungs, cheapest first, until the window is covered."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import attrs

from crawler.discovery.listing import Fetch, ListPage, Quest, Rung, RungError, RungKind

logger = logging.getLogger(__name__)

# A rung's standing: True may be asked, False ignores what it is asked, None not known.
Standing = Callable[[Rung], Awaitable[bool | None]]
Judged = Callable[[Rung, bool], Awaitable[None]]
Part = tuple[str, RungKind]


def part_of(rung: Rung) -> Part:
    """Return what a rung covers: a section of the outlet, by listing or by search."""
    return rung.section, rung.kind


@attrs.define
class Ladder:
    """The rungs of an outlet and what came of climbing them.

    The window is covered when, in each section, one listing and one search, of those that are declared, reach
    back to its start: a listing alone can miss an article whose headline does not show the topic,
    a search alone what it has not indexed. `failures` names each rung that could not be used, and why.
    """

    rungs: Sequence[Rung]
    covered: set[Part] = attrs.field(factory=set)
    failures: list[str] = attrs.field(factory=list)
    lists: int = 0

    @property
    def uncovered(self) -> set[Part]:
        """Return the parts of the outlet that no rung covered over the whole window."""
        return {part_of(rung) for rung in self.rungs} - self.covered

    async def climb(
        self, fetch: Fetch, quest: Quest, standing: Standing, judged: Judged
    ) -> AsyncIterator[tuple[Rung, ListPage]]:
        """Yield each list of each rung that is needed, with its rung."""
        for rung in self.rungs:
            if part_of(rung) in self.covered:
                continue
            try:
                if rung.kind == "search":
                    await self._prove(rung, fetch, quest, standing, judged)
                async for page in rung.walk(fetch, quest):
                    self.lists += bool(page.entries)
                    if page.reaches_back:
                        self.covered.add(part_of(rung))
                    yield rung, page
            except RungError as failure:
                logger.warning("Cannot use %s: %s", rung.name, failure)
                self.failures.append(f"{rung.name}: {failure}")

    @staticmethod
    async def _prove(rung: Rung, fetch: Fetch, quest: Quest, standing: Standing, judged: Judged) -> None:
        honest = await standing(rung)
        if honest is None:
            honest = not await rung.misled(fetch, quest)
            await judged(rung, honest)
        if not honest:
            raise RungError("the search ignores what it is asked")
