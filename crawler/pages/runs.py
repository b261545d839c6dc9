"""From runs of text to paragraphs: where a `<br>` ends one, where white space is only white space."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

# Spaces that markup treats as one; no-break spaces stay as the page has them.
SPACES = re.compile(r"[ \t\r\n\f\v\u2028\u2029\x85]+")
_SENTENCE_END = re.compile(r"""[.!?:;…"”’»)\]]\s*\Z""")
_ITEM_START = re.compile(r"\s*(?:\d{1,3}[.)]|[•·●▪■–—*-]\s|[a-z][.)]\s)")
# "Editor: Name", "Copyright ©": lines of their own, as are all short lines before a capital.
_LABEL_START = re.compile(r"\s*(?:[A-Z][\w/&]*(?:\s[\w/&]+){0,2}\s?:|©|copyright\b)", re.IGNORECASE)
_CAPITAL_START = re.compile(r"\s*[A-Z©\d\"“]")
_SHORT_LINE = 50
_LOWER_START = re.compile(r"\s*[a-z(,;&]")
# More runs than this between two single breaks are no wrapped line.
_MAX_WRAPPED_RUNS = 200
_ENDING_RUNS, _ENDING_CHARS = 4, 20
# Links that stand beside each other without a word between them: each is a line when it is about a headline
# long.
_LINK_TITLE_CHARS = 20


class Run(NamedTuple):
    """A stretch of text, the link it stands in (0 for none), and whether it is bold.

    BREAK is a `<br>`; GAP is where a box was taken out of the text: most do not end a line.
    """

    text: str
    link: int = 0
    bold: bool = False


BREAK = Run("\n")
GAP = Run("")


class Paragraph(NamedTuple):
    """A finished paragraph: its text on one line, the share of it inside links, whether all of it is bold."""

    text: str
    link_share: float
    bold: bool


def paragraphs(runs: Sequence[Run]) -> Iterator[Paragraph]:
    """Yield the paragraphs of runs: apart at `<br><br>`, and at a single `<br>` where the sense says so."""
    if len(runs) == 1:
        text, link, is_bold = runs[0]
        if runs[0] is not BREAK and (text := SPACES.sub(" ", text).strip(" ")) and not text.isspace():
            yield Paragraph(text, 1.0 if link else 0.0, bold=is_bold)
        return
    for part in _parts(runs):
        for piece in _apart_links(part):
            text = SPACES.sub(" ", "".join([run.text for run in piece])).strip(" ")
            if not text or text.isspace():
                continue
            chars = linked = bold = 0
            for run in piece:
                solid = len(run.text) - run.text.count(" ")
                chars += solid
                linked += solid if run.link else 0
                bold += solid if run.bold or run.text.isspace() else 0
            yield Paragraph(text, linked / (chars or 1), bold=bold >= chars)


def _parts(runs: Sequence[Run]) -> list[list[Run]]:
    parts: list[list[Run]] = [[]]
    breaks, gap = 0, False
    for run in runs:
        if run is BREAK:
            breaks += 1
            continue
        if run is GAP:
            gap = True
            continue
        if (breaks or gap) and run.text.isspace():
            parts[-1] += [run] if parts[-1] and not breaks else []
            continue
        if gap and not breaks and parts[-1] and _sentence_ended(parts[-1], run):
            parts.append([])
        gap = False
        if breaks and parts[-1]:
            if breaks > 1 or _line_ended(parts[-1], run):
                parts.append([])
            else:
                parts[-1].append(Run(" "))
        breaks = 0
        parts[-1].append(run)
    return parts


def _line_ended(before: Sequence[Run], after: Run) -> bool:
    """Tell whether a single `<br>` ends a paragraph rather than wraps a line."""
    starts = (
        _ITEM_START.match(after.text),
        _LABEL_START.match(after.text),
        _ITEM_START.match(before[0].text),
    )
    if any(starts) or len(before) > _MAX_WRAPPED_RUNS:
        return True
    if sum(len(run.text) for run in before) < _SHORT_LINE and _CAPITAL_START.match(after.text):
        return True
    solid = [run for run in before if not run.text.isspace()]
    if not after.bold and all(run.bold for run in solid):
        return True
    if solid and solid[-1].link and not after.link:
        labelled = _LABEL_START.match("".join([run.text for run in before]))  # "Baca juga: …" with its link
        return labelled is not None or _sentence_ended(before, after)
    return _sentence_ended(before, after)


def _sentence_ended(before: Sequence[Run], after: Run) -> bool:
    """Tell whether a sentence ends before a place, and what follows does not go on with it."""
    ending = "".join([run.text for run in before[-_ENDING_RUNS:]])[-_ENDING_CHARS:]
    return bool(_SENTENCE_END.search(ending)) and not _LOWER_START.match(after.text)


def _apart_links(part: Sequence[Run]) -> list[list[Run]]:
    """Return one piece for each link where a part is nothing but links as long as headlines."""
    if len(part) < 2 or not all(run.link or run.text.isspace() for run in part):  # noqa: PLR2004 - two links at least
        return [list(part)]
    pieces: list[list[Run]] = []
    last = 0
    for run in part:
        if run.link and run.link != last:
            pieces.append([])
            last = run.link
        if pieces:
            pieces[-1].append(run)
    titles = ["".join([run.text for run in piece]).strip() for piece in pieces]
    return pieces if all(len(title) >= _LINK_TITLE_CHARS for title in titles) else [list(part)]
