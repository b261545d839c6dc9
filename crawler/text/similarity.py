"""How much of one text stands in another: shingles, MinHash signatures, the share that was copied. Pure.

What two outlets share is told by runs of words. Words in quotation marks count for the share, but are no sign
of copying: whoever reports a speech quotes it. Texts that are alike but for their figures and names (rates of
the day, weather, prayer times) are made from one template, and are no copies either.
"""

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from operator import eq
from typing import Final
from zlib import crc32

import attrs
from rensa import RMinHash

VERSION: Final = f"1.{RMinHash.ALGORITHM_VERSION}"
"""Changes with whatever changes a print of the same text; prints of other versions are made anew."""

PERMUTATIONS: Final = 128
LEAST_WORDS: Final = 25
"""A text of fewer words is like too many others to be anybody's copy."""

MEETINGS: Final = 3
"""So many equal values of two signatures make two texts worth comparing."""

_SEED: Final = 1
_RUN: Final = 3  # words of a shingle that is compared
_BITS: Final = 0xFFFF_FFFF
_MOST_WORDS: Final = 20_000
_GAP_WORDS: Final = 20
# Chosen on the news world's wires over six seeds: of 103,363 pairs of its templated prose that share idioms
# and are no copies 23 pass, of 1,982 copies (but those between a rewriting and a merged one) 98 % do.
_LEAST_SHARE: Final = 0.34
_LEAST_COMMON: Final = 30
_LEAST_MEETINGS: Final = 8
_NEARLY_ALL: Final = 0.8
_FEW: Final = 15
_OPENINGS: Final = ((0.3, 0.15), (0.5, 0.25))  # of so much of a text, so much
_LEAST_PLAIN: Final = 30
_CONFLICTS: Final = 3

_QUOTED = re.compile(r"(“[^”]{0,2000}”|\"[^\"]{0,2000}\"|«[^»]{0,2000}»)")
_TOKEN = re.compile(r"\d+(?:[.,:/]\d+)*|[^\W\d_]+|[.!?…:](?=\s|\Z)")
_ENDS = frozenset(".!?…:")
_DAYS_AND_MONTHS = re.compile(
    r"senin|selasa|rabu|kamis|jum'?at|sabtu|minggu|ahad|januari|februari|maret|april|mei|juni|juli|agustus"
    r"|september|oktober|november|desember",
    re.IGNORECASE,
)


@attrs.frozen
class Print:
    """What is kept of a text to find its copies; each part is an array of unsigned 32-bit numbers.

    `minhash` is the signature, empty for a text that is too short. `shingles` are the hashes of each run of
    three words, in order; `quoted` are the first and the last shingle of each stretch within quotation
    marks; `slots` are the hashes of surroundings and figure (or name), one pair for each.
    """

    minhash: "array[int]"
    shingles: "array[int]"
    quoted: "array[int]"
    slots: "array[int]"


@attrs.frozen
class Likeness:
    """How two texts are alike, all as shares of words from 0.0 to 1.0.

    `first` of the words of the first text stand in the second one, in runs of three or more; `first_own` of
    them stand in long stretches of which the second one has nothing. Likewise for the second text.
    """

    first: float
    second: float
    first_own: float
    second_own: float


def print_of(paragraphs: Iterable[str]) -> Print:
    """Return the print of a text; line breaks, case, punctuation and its division make no difference."""
    words, telling, quoted = _read(paragraphs)
    hashes = [crc32(word.encode()) for word in words]
    pairs = [(first * 0x9E3779B1 + second) & _BITS for first, second in _neighbours(hashes, 1)]
    runs = [(pair * 0x85EBCA6B + third) & _BITS for pair, third in zip(pairs, hashes[2:], strict=False)]
    minhash = array("I")
    if len(words) >= LEAST_WORDS:
        signature = RMinHash(PERMUTATIONS, _SEED)
        # Of five words: the first three and the last three of them.
        signature.update([b"%d %d" % ends for ends in _neighbours(runs, 2)])
        minhash.extend(signature.digest())
    return Print(minhash, array("I", runs), quoted, _slots(words, telling))


def _neighbours(values: Sequence[int], apart: int) -> Iterator[tuple[int, int]]:
    return zip(values, values[apart:], strict=False)


def _read(paragraphs: Iterable[str]) -> "tuple[list[str], list[int], array[int]]":
    """Return the words of a text, which of them are figures and names, and the shingles that are quoted."""
    words: list[str] = []
    telling: list[int] = []
    quoted = array("I")
    for paragraph in paragraphs:
        # Every second piece is a quotation.
        for at, piece in enumerate(_QUOTED.split(paragraph)):
            start, opens = len(words), True
            for token in _TOKEN.findall(piece):
                if token in _ENDS:
                    opens = True
                    continue
                if not token.islower() and (
                    not opens or token[0].isdigit() or _DAYS_AND_MONTHS.fullmatch(token)
                ):
                    telling.append(len(words))
                words.append(token.casefold())
                opens = False
            if at % 2 and len(words) - start >= _RUN:
                quoted.extend((start, len(words) - _RUN))
        if len(words) >= _MOST_WORDS:
            del words[_MOST_WORDS:]
            break
    return words, telling, quoted


def _slots(words: Sequence[str], telling: Sequence[int]) -> "array[int]":
    masked = list(words)
    for at in telling:
        if at < len(masked):
            masked[at] = "#"
    slots = array("I")
    for at in telling:
        if at < len(words):
            around = (*masked[max(0, at - 2) : at], "|", *masked[at + 1 : at + 2])
            value = crc32(words[at].encode()) & ~1 | words[at][0].isdigit()
            slots.extend((crc32(" ".join(around).encode()), value))
    return slots


class Text:
    """A print, ready to be compared with many others."""

    def __init__(self, kept: Print) -> None:
        self.kept = kept

    @cached_property
    def shingles(self) -> frozenset[int]:
        """All runs of three words."""
        return frozenset(self.kept.shingles)

    @cached_property
    def plain(self) -> frozenset[int]:
        """The runs outside quotation marks; all where hardly any is."""
        kept, quoted = self.kept.shingles, self.kept.quoted
        if not quoted:
            return self.shingles
        left = bytearray(b"\1") * len(kept)
        for first, last in zip(quoted[::2], quoted[1::2], strict=True):
            left[first : last + 1] = bytes(max(0, min(last + 1, len(kept)) - first))
        plain = frozenset(shingle for shingle, stays in zip(kept, left, strict=True) if stays)
        return plain if len(plain) >= _LEAST_PLAIN else self.shingles

    @cached_property
    def slots(self) -> dict[int, set[int]]:
        """The figures and names, by what stands around them."""
        found: dict[int, set[int]] = {}
        for around, value in zip(self.kept.slots[::2], self.kept.slots[1::2], strict=True):
            found.setdefault(around, set()).add(value)
        return found


def compare(first: Text, second: Text) -> Likeness | None:
    """Return how two texts are alike, None where neither can be a copy of the other."""
    common = first.shingles & second.shingles
    if not _is_much(common, first, second) or of_one_template(first, second):
        return None
    if not any(_opens_alike(text, common) for text in (first, second)):
        return None
    share, own = _covered(first.kept.shingles, common)
    other_share, other_own = _covered(second.kept.shingles, common)
    return Likeness(share, other_share, own, other_own)


def _is_much(common: AbstractSet[int], first: Text, second: Text) -> bool:
    """Tell whether the words outside quotation marks that two texts share are more than chance and idiom."""
    most = 0.0
    for text in (first, second):
        count = len(common & text.plain)
        share = count / max(1, len(text.plain))
        if count >= _FEW and share >= _NEARLY_ALL:
            return True
        if count >= _LEAST_COMMON:
            most = max(most, share)
    return most >= _LEAST_SHARE and sum(map(eq, first.kept.minhash, second.kept.minhash)) >= _LEAST_MEETINGS


def _opens_alike(text: Text, common: AbstractSet[int]) -> bool:
    """Tell whether enough of a text's beginning is common: who only ends alike shares formulas."""
    shingles = text.kept.shingles
    return all(
        sum(shingle in common for shingle in shingles[:end]) >= least * end
        for part, least in _OPENINGS
        for end in (max(1, round(len(shingles) * part)),)
    )


def of_one_template(first: Text, second: Text) -> bool:
    """Tell whether figures, or names, differ where the words around them are the same."""
    same, other = [0, 0], [0, 0]  # of names, of figures
    for around in first.slots.keys() & second.slots.keys():
        one, two = first.slots[around], second.slots[around]
        for kind in (0, 1):
            mine, theirs = ({value for value in side if value & 1 == kind} for side in (one, two))
            both = len(mine & theirs)
            same[kind] += both
            other[kind] += min(len(mine), len(theirs)) - both
    return any(other[kind] >= _CONFLICTS and other[kind] > same[kind] for kind in (0, 1))


def _covered(shingles: Sequence[int], common: frozenset[int]) -> tuple[float, float]:
    """Return the share of the words that stand in *common*, and that of long stretches without any."""
    words = len(shingles) + _RUN - 1
    if common.issuperset(shingles):
        return 1.0, 0.0
    covered = own = 0
    end = 0  # of what is covered so far
    for at, shingle in enumerate(shingles):
        if shingle in common:
            if at > end:
                if at - end >= _GAP_WORDS:
                    own += at - end
                covered += _RUN
            else:
                covered += at + _RUN - end
            end = at + _RUN
    if words - end >= _GAP_WORDS:
        own += words - end
    return covered / words, own / words
