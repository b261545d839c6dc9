"""Find where an article ends, and what below it belongs to other stories."""

import re
from collections.abc import Sequence

import attrs

from crawler.text.dateline import read_prefix
from crawler.text.lines import Line, is_bullet, is_paragraph
from crawler.text.shape import is_desk_code
from crawler.text.signoff import signoff_start

# Below a sign-off or a footer an article goes on only where at least this many paragraphs, and few other
# lines, follow: a page that prints its sign-off under the first of several parts.
_MIN_PARAGRAPHS_AFTER_FIRM = 4
_MIN_PARAGRAPHS_AFTER_LABEL = 2
_MAX_PARAGRAPHS_AFTER_SIGNOFF = 2

_NUMBER = re.compile(r"(\d{1,2})[.)]\s\S")
_CUT = re.compile(r"(?:…|\.\.\.)$")


@attrs.define
class _Rest:
    """For every place, what stands there or below: how many undecided lines, how many paragraphs.

    `following` is the next undecided line that is no entry of a list, `run` how many paragraphs stand
    together from the next one on.
    """

    lines: list[int]
    paragraphs: list[int]
    following: list[int]
    run: list[int]


def find_end(lines: Sequence[Line]) -> int:
    """Return the place of the line that ends the article, or the number of lines.

    A label that ends most articles stands inside some: it counts where what follows is no continuation.
    """
    rest: _Rest | None = None
    begun = False
    for place, line in enumerate(lines):
        text = line.role == "body" or (line.open and line.hit is None and (line.prose or _is_signed(line)))
        if not (_may_be_signed(line) if text else begun and _may_close(line)):
            begun = begun or text
            continue
        rest = rest or _count(lines)
        if text:
            begun = True
            if _ends_inline(rest, place + 1) or _is_coded(line):
                return place + 1
        elif not _goes_on(lines, rest, place + 1, firm=_is_firm(line)) and not _is_in_midst(
            line, rest, place
        ):
            return place
    return len(lines)


def is_cut(line: Line) -> bool:
    """Tell whether a line breaks off in dots."""
    return _CUT.search(line.text) is not None


def _may_close(line: Line) -> bool:
    if line.rule == "signoff/line" or line.role in ("source", "byline"):
        return True
    return line.hit is not None and line.hit.where == "from-here" and not line.role


def _is_firm(line: Line) -> bool:
    return line.hit.firm if line.hit is not None and not line.role else True


def _count(lines: Sequence[Line]) -> _Rest:
    size = len(lines)
    rest = _Rest([0] * (size + 1), [0] * (size + 1), [size] * (size + 1), [0] * (size + 1))
    run = 0
    for place in range(size - 1, -1, -1):
        line = lines[place]
        free = line.open and line.hit is None
        own = free and is_paragraph(line) and not _is_teaser(line)
        rest.lines[place] = rest.lines[place + 1] + free
        rest.paragraphs[place] = rest.paragraphs[place + 1] + own
        rest.following[place] = place if free and not is_bullet(line) else rest.following[place + 1]
        run = run + 1 if own else 0 if free else run
        rest.run[place] = run if own else rest.run[place + 1]
    return rest


def _goes_on(lines: Sequence[Line], rest: _Rest, place: int, *, firm: bool) -> bool:
    """Tell whether the article continues at *place*.

    Below a firm end only a text of several paragraphs does; elsewhere a paragraph right below is enough, or
    one of several paragraphs that begins with a short line: an announced list, an answer of one word.
    """
    paragraphs, others = rest.paragraphs[place], rest.lines[place]
    several = paragraphs >= _MIN_PARAGRAPHS_AFTER_FIRM
    if firm:
        return several and 3 * paragraphs >= 2 * others
    if rest.following[place] == len(lines):
        return False
    following = lines[rest.following[place]]
    if _is_teaser(following):
        return False
    if (
        is_paragraph(following)
        or _counts_on(lines, rest.following[place])
        or (several and 2 * paragraphs >= others)
    ):
        return True
    return rest.run[place] >= _MIN_PARAGRAPHS_AFTER_LABEL


def _is_in_midst(line: Line, rest: _Rest, place: int) -> bool:
    """Tell whether a note on where the story was printed first has nothing but paragraphs below it."""
    below = rest.paragraphs[place + 1]
    return line.role == "source" and below >= _MIN_PARAGRAPHS_AFTER_LABEL and below == rest.lines[place + 1]


def _counts_on(lines: Sequence[Line], place: int) -> bool:
    """Tell whether a line has the number behind that of a subheading of the body above it."""
    number = _NUMBER.match(lines[place].text)
    if number is None or number[1] == "1":
        return False
    before = str(int(number[1]) - 1)
    above = (_NUMBER.match(line.text) for line in lines[:place] if line.open and not line.prose)
    return any(other is not None and other[1] == before for other in above)


def _is_teaser(line: Line) -> bool:
    """Tell whether a paragraph opens another story: it breaks off, or has a dateline of its own."""
    if is_cut(line) or line.credited:
        return True
    prefix = read_prefix(line.raw)
    return prefix is not None and (prefix.brand is not None or prefix.place is not None)


def _may_be_signed(line: Line) -> bool:
    return signoff_start(line.raw) is not None


def _is_coded(line: Line) -> bool:
    """Tell whether a paragraph ends in agency and desk, `(AFP/I-1)`; `(F-16)` may belong to it."""
    start = signoff_start(line.raw)
    inside = line.raw[start:].strip(" \t\u00a0()[]*.") if start is not None else ""
    return "/" in inside and is_desk_code(inside)


def _is_signed(line: Line) -> bool:
    """Tell whether an entry of a list, or a paragraph without a stop, ends in initials."""
    return "/" in line.text[-12:] and line.text.endswith(")") and signoff_start(line.raw) is not None


def _ends_inline(rest: _Rest, place: int) -> bool:
    """Tell whether the paragraph above *place* carries the sign-off of the story: little text follows it."""
    paragraphs, others = rest.paragraphs[place], rest.lines[place]
    return paragraphs <= _MAX_PARAGRAPHS_AFTER_SIGNOFF and 2 * paragraphs <= max(others, 1) + 1
