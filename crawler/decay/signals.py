"""What of a page's traits speaks for a redesign.

A selector that misses is none by itself: an editor leaves the byline out, an old page has another layout.
It is one where the page is also built otherwise than any before: most of the names round headline and body
are new. Only the body needs no such proof, since without it everything is guessed; together with new names it
weighs more.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Final

import attrs

from crawler.decay.scan import LEARNED, Usual
from crawler.pages.traits import PageTraits

BODY: Final = "body"
REFUSED: Final = "article"
LINKED: Final = "linked data"
SIZE: Final = "size"
MOST: Final = "selectors"
REBUILT: Final = "rebuilt"

NEW: Final = 0.5
"""A page is built otherwise where this share of its names was never seen before."""

_FAMILIAR: Final = 5  # pages of a layout
_FAR: Final = 4  # times the usual length of a body, or a part of it: a fragment was found, or the whole page

# Beliefs before anything is counted, in pages: galleries and short items miss the body now and then; that one
# does so in a build never seen is the rarest thing that still happens.
_PRIORS: Final[Mapping[str, Usual]] = {
    BODY: Usual(prior=0.3, doubt=30.0),
    REFUSED: Usual(prior=0.3, doubt=30.0),
    REBUILT: Usual(prior=0.01, doubt=100.0),
}
_PRIOR: Final = Usual(prior=0.03, doubt=60.0)

SENTENCES: Final[Mapping[str, str]] = {
    BODY: "the declared selectors found no body",
    REFUSED: "the page of an article was refused as none",
    REBUILT: "no body was found where it stood, and the page is built otherwise",
    MOST: "most of the declared selectors missed, and the page is built otherwise",
    SIZE: "the body has a length out of all proportion, and the page is built otherwise",
    LINKED: "linked data was missing, and the page is built otherwise",
}


def sentence(signal: str) -> str:
    """Return what a signal says, in words."""
    return SENTENCES.get(signal, f"the declared selectors missed {signal}, and the page is built otherwise")


def usual_of(signal: str) -> Usual:
    """Return what is believed of a signal before it was ever looked at."""
    return _PRIORS.get(signal, _PRIOR)


@attrs.frozen
class Known:
    """What is known of an outlet's pages: names, body selectors with counts, length, how many they are."""

    marks: AbstractSet[str] = frozenset()
    layouts: Mapping[str, int] = attrs.field(factory=dict)
    chars: float = 0.0
    pages: int = 0


def signals_of(traits: PageTraits, known: Known) -> dict[str, bool]:
    """Return what a page says to each signal; those that cannot be judged on it are left out."""
    missed = traits.refused is not None or ("body" in traits.hits and traits.body_from != "selector")
    early = known.pages < LEARNED  # what is new is not known yet
    new = not early and is_new(traits, known.marks)
    said = {REFUSED: traits.refused is not None}
    if "body" in traits.hits and traits.refused is None:
        said[BODY] = missed
    if not (early and missed):
        said[REBUILT] = missed and new
    if traits.refused is not None:
        return said
    if traits.recent:  # a loose selector, meant for old pages, may find the body of new ones
        misses = [field for field, hit in traits.hits.items() if field != "body" and hit is None]
        said[MOST] = new and len(misses) > max(1, (len(traits.hits) - 1) / 2)
    if not early and not missed and not _is_familiar(traits, known.layouts):
        return said
    absent = {LINKED: not traits.linked, **{field: hit is None for field, hit in traits.hits.items()}}
    absent.pop("body", None)
    absent[SIZE] = not missed and not known.chars / _FAR <= traits.chars <= known.chars * _FAR
    return said | {signal: new and lacks for signal, lacks in absent.items() if not (early and lacks)}


def _is_familiar(traits: PageTraits, layouts: Mapping[str, int]) -> bool:
    """Tell whether the layout is one of today's, and not that of old pages which are rarely met."""
    return layouts.get(traits.layout or "", 0) >= _FAMILIAR


def is_new(traits: PageTraits, marks: AbstractSet[str]) -> bool:
    """Tell whether a page is built otherwise than those before."""
    if not traits.marks:
        return True
    return sum(mark not in marks for mark in traits.marks) >= NEW * len(traits.marks)
