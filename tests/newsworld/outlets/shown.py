"""What an outlet prints of a story, and which part of it one page shows."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.newsworld.model import Block


@dataclass(frozen=True, slots=True)
class Printed:
    """What an outlet prints beside headline and body; None or empty where it prints nothing."""

    standfirst: str | None = None
    byline: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    dateline: str | None = None
    source: str | None = None
    captions: tuple[str, ...] = ()
    credits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """The pages of a story that one request is for: blocks `start` to `end`, and what to call them.

    `label` is "1", "2", … or "all"; `pages` is how many there are.
    """

    blocks: tuple[Block, ...]
    start: int
    last: bool
    label: str
    pages: int

    @property
    def first(self) -> bool:
        """Whether the story begins here."""
        return self.start == 0

    def here(self, between: Mapping[int, str]) -> dict[int, str]:
        """Return what of *between* (number of a block of the story → HTML) stands in this part."""
        end = self.start + len(self.blocks)
        return {
            at - self.start: piece
            for at, piece in between.items()
            if self.start <= at < end or (self.last and at == end)
        }
