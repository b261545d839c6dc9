"""Choose the headline among the lines above a body."""

import re
from collections import Counter
from collections.abc import Sequence

import attrs

from crawler.text.lines import Line, is_bullet, next_filled, previous_filled
from crawler.text.people import is_signed
from crawler.text.shape import headline_share
from crawler.text.start import is_illustration

_MIN_SCORE = 2.0
_MIN_WORDS = 4
_LONG_WORDS = 18
_MAX_SUFFIX_WORDS = 6
_MAX_LABEL_WORDS = 2
_SAME_START_CHARS = 12
_SUFFIX = re.compile(r"\s(?:-|–|—|\||»|kredit foto:|foto:|in)\s", re.IGNORECASE)
_TRAIL = re.compile(r"(?:home|beranda)\b", re.IGNORECASE)
_SETTLED = frozenset(("published_at", "byline", "photo_credit"))


@attrs.define
class _Around:
    """What the lines above a place say about it, so that each line is looked at once."""

    starts: Counter[str]
    candidate: bool = False
    candidate_settled: bool = False


def find_headline(top: Sequence[Line], slug: frozenset[str] = frozenset()) -> int | None:
    """Return the place of the headline among the undecided lines above the body, or None.

    *slug* holds the words of the page's address.
    """
    around = _Around(Counter(line.short_key[:_SAME_START_CHARS] for line in top if line.text))
    best, best_score = None, _MIN_SCORE
    for place, line in enumerate(top):
        if line.open:
            score = _score(top, place, slug, around)
            if score > best_score or (score == best_score and best is None):
                best, best_score = place, score
        if line.role in _SETTLED and around.candidate:
            around.candidate_settled = True
        elif could_be_headline(line):
            around.candidate = True
    return _below_its_copy(top, best)


def _below_its_copy(top: Sequence[Line], best: int | None) -> int | None:
    """Return the line below that *best* is with the section's name glued before it: `DuniaKapal Tiba`."""
    if best is None:
        return None
    below = next_filled(top, best)
    if below is None or not could_be_headline(top[below]):
        return best
    glued = top[best].text.removesuffix(top[below].text)
    return below if glued != top[best].text and glued.isalpha() else best


def could_be_headline(line: Line) -> bool:
    """Tell whether an undecided line is long enough for a headline and no caption."""
    return line.open and line.words >= _MIN_WORDS and not line.credited


def is_copy(other: Line, line: Line) -> bool:
    """Tell whether *other* is *line* again, with a suffix or a label in front at most."""
    if other.short_key[:_SAME_START_CHARS] == line.short_key[:_SAME_START_CHARS]:
        if other.key == line.key:
            return True
        rest = other.text[len(line.text) - 2 :]
        suffixed = len(rest.split()) <= _MAX_SUFFIX_WORDS and bool(_SUFFIX.search(rest))
        return suffixed and other.key.startswith(line.key + " ")
    return 0 < other.words - line.words <= _MAX_LABEL_WORDS and other.key.endswith(" " + line.key)


def overlap(key: str, slug: frozenset[str]) -> float:
    """Return the share (0.0 to 1.0) of the telling words of *key* that the address holds."""
    words = {word for word in key.split() if len(word) > 2}  # noqa: PLR2004 - telling words
    return len(words & slug) / len(words) if words else 0.0


def _score(top: Sequence[Line], place: int, slug: frozenset[str], around: _Around) -> float:
    line = top[place]
    score = {1: -3.0, 2: 0.0, 3: 1.0, 4: 2.0}.get(line.words, 3.0)
    if line.credited or is_illustration(line.text) or line.text.endswith((",", ":", ";")) or is_bullet(line):
        score -= 6
    elif line.prose and not line.text.endswith(("?", "!", "...", "…")):
        score -= 6 if _stands_twice(top, place) else 3
    if line.words > _LONG_WORDS:
        score -= 3
    if _TRAIL.match(line.text) or line.text.count(">") > 1 or is_signed(line.text):
        score -= 6
    share = headline_share(line.text)
    if share >= 0.6:  # noqa: PLR2004 - most telling words
        score += 1
    if slug and line.words > _MAX_LABEL_WORDS:
        score += 4 * overlap(line.key, slug)
    if line.words >= _MAX_LABEL_WORDS and around.starts[line.short_key[:_SAME_START_CHARS]] > 1:
        score += 3
    if around.candidate_settled:
        # Captions stand below time and credits; some themes print the time above the headline.
        score -= 1.5 if share >= 0.8 and not line.prose else 5  # noqa: PLR2004 - all telling words
    return score + _neighbour_score(top, place)


def _stands_twice(top: Sequence[Line], place: int) -> bool:
    """Tell whether the line above or below is the same: a caption and the alternative text of its picture."""
    beside = (next_filled(top, place), previous_filled(top, place))
    return any(at is not None and top[at].text == top[place].text for at in beside)


def _neighbour_score(top: Sequence[Line], place: int) -> float:
    below, above = next_filled(top, place), previous_filled(top, place)
    score = 0.0
    if below is None:
        score += 1  # the body follows
    elif top[below].role in ("published_at", "byline"):
        score += 2
    elif top[below].open:
        beyond = next_filled(top, below)
        if top[below].prose:
            score += 2  # a standfirst follows
        elif beyond is not None and top[beyond].role in ("published_at", "byline"):
            score += 3 if top[place].words >= _MIN_WORDS else 0.5
    if above is not None and could_be_headline(top[above]):
        score -= 2  # this is the standfirst of the line above
    return score
