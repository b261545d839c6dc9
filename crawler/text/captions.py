"""Find the captions inside a body, and the copies of each."""

from collections.abc import Sequence

from crawler.text.lines import ALT_SHARE, Line, filled, is_same_picture, next_filled
from crawler.text.signoff import signoff_start

_MAX_CREDIT_WORDS = 3
_MIN_CAPTION_WORDS = 4
_MIN_PAIR_WORDS = 6
_APART_SHARE = 0.8


def find_captions(lines: Sequence[Line], end: int, captions: dict[str, str]) -> None:
    """Find captions inside the body: by their credit, or by the alternative text printed above them."""
    places = [at for at in filled(lines, 0, end) if lines[at].open or lines[at].role == "body"]
    for nth, at in enumerate(places):
        line = lines[at]
        if not line.open:
            continue
        after = places[nth + 1] if nth + 1 < len(places) else None
        other = lines[after] if after is not None and lines[after].open else None
        if (credit := _credit_between(lines, places, nth)) is not None:
            take_caption(line, captions)
            lines[credit].take("photo_credit", "field/photo-credit")
            lines[places[nth + 2]].furniture("repeat/caption")
        elif other is not None and _are_one_picture(line, other, touching=after == at + 1):
            kept = other if other.credited or other.text.endswith("]") or not line.credited else line
            (line if kept is other else other).furniture("repeat/caption")
            take_caption(kept, captions)
        elif _credit_below(lines, at) or (
            line.credited
            and line.text[0] not in '"“'
            and (after is not None or signoff_start(line.raw) is None)
        ):
            take_caption(line, captions)


def _credit_between(lines: Sequence[Line], places: Sequence[int], nth: int) -> int | None:
    """Return the place of the line of a word or a few between a caption and its copy, None without both."""
    if nth + 2 >= len(places):
        return None
    line, credit, copy = (lines[at] for at in places[nth : nth + 3])
    short = credit.open and not credit.prose and credit.words <= _MAX_CREDIT_WORDS < line.words
    same = copy.open and copy.short_key == line.short_key and copy.key == line.key
    return places[nth + 1] if short and same else None


def _credit_below(lines: Sequence[Line], at: int) -> bool:
    """Tell whether the line below one without a stop says whose picture it is: `Foto: Name/AFP`."""
    if lines[at].prose or lines[at].words < _MIN_CAPTION_WORDS:
        return False
    below = next_filled(lines, at)
    return below is not None and lines[below].role == "photo_credit" and ":" in lines[below].text


def take_caption(line: Line, captions: dict[str, str]) -> None:
    """Decide that a line is a caption, or the copy of one."""
    if line.key in captions:
        line.furniture("repeat/caption")
        return
    captions[line.key] = line.text.lstrip("•●▪ ")
    line.take("caption", "field/caption")


def _are_one_picture(line: Line, other: Line, *, touching: bool) -> bool:
    """Tell whether two lines are the alternative text and the caption of one picture."""
    if "heading" in (line.block.kind, other.block.kind):
        return False
    if other.credited and not line.prose and not line.credited:
        return is_same_picture(line, other, ALT_SHARE if touching else _APART_SHARE)
    if line.words < _MIN_PAIR_WORDS or other.words < _MIN_PAIR_WORDS or line.short_key != other.short_key:
        return False
    shared = 0
    for mine, theirs in zip(line.key.split(), other.key.split(), strict=False):
        if mine != theirs:
            break
        shared += 1
    if shared < _MIN_PAIR_WORDS or 2 * shared < min(line.words, other.words):
        return False
    return other.credited or line.credited or (touching and line.key == other.key)
