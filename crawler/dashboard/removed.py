"""Puts what cleaning took out of a text back in its places, beside what was kept. Pure."""

from bisect import bisect_right
from collections.abc import Sequence

import attrs

from crawler.items import Article, Removed
from crawler.text.normalise import fold

_TELLING: int = 12  # characters; a shorter text stands in too many places to tell one


@attrs.frozen
class Part:
    """A paragraph of the text, or a stretch that was removed: then `rule` names what took it."""

    text: str
    rule: str | None = None
    line: int | None = None


def in_place(article: Article) -> list[Part]:
    """Return paragraphs and removed stretches in the order of the page, each once.

    A stretch is placed by where it stands in the page text; one that is not there, by its line: so many
    lines before it were kept or removed.
    """
    found = _Page(article.page_text)
    starts = found.in_order(article.body)
    gone = sorted({cut.line for cut in article.removed})
    parts: list[Part] = []
    done = 0
    for cut in sorted(article.removed, key=lambda each: each.line):
        before = max(done, min(len(article.body), _paragraphs_before(cut, found, starts, gone)))
        parts += [Part(text) for text in article.body[done:before]]
        parts.append(Part(cut.text, cut.rule, cut.line))
        done = before
    return [*parts, *(Part(text) for text in article.body[done:])]


def _paragraphs_before(cut: Removed, page: "_Page", starts: Sequence[int | None], gone: Sequence[int]) -> int:
    place = page.only_place(cut.text)
    known = [start for start in starts if start is not None]
    if place is not None and len(known) == len(starts):
        return bisect_right(known, place)
    return cut.line - 1 - bisect_right(gone, cut.line - 1)


@attrs.define
class _Page:
    """The text of a page, white space folded, to look for stretches of it."""

    text: str

    def __attrs_post_init__(self) -> None:
        self.text = fold(self.text)

    def only_place(self, text: str) -> int | None:
        """Return where *text* stands, None where it does not, or in several places, or is too short."""
        text = fold(text)
        if len(text) < _TELLING:
            return None
        place = self.text.find(text)
        return place if place >= 0 and self.text.find(text, place + 1) < 0 else None

    def in_order(self, texts: Sequence[str]) -> list[int | None]:
        """Return where each of *texts* stands, one behind the other; None for one that does not."""
        places: list[int | None] = []
        at = 0
        for text in texts:
            place = self.text.find(fold(text), at)
            places.append(place if place >= 0 else None)
            at = place + 1 if place >= 0 else at
        return places
