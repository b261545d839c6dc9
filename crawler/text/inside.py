"""Find the furniture that stands between the paragraphs of a body."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import islice, takewhile

from crawler.text.ending import is_cut
from crawler.text.lines import (
    Line,
    filled,
    has_letters,
    is_bullet,
    next_filled,
    previous_filled,
    take_list,
)
from crawler.text.normalise import fold
from crawler.text.rules import Rules
from crawler.text.shape import ends_quotation, ends_with_stop, headline_share, is_headline

_MAX_TAG_WORDS = 2
_MAX_LABEL_WORDS = 6
_MAX_LINKED_HEADLINES = 5
_MIN_LINKED_WORDS = 5
_MIN_FIRST_LINKED_WORDS = 3
_MAX_SKIPPED_LINES = 30
_MIN_FOREIGN_WORDS = 6
_MIN_SERIAL_WORDS = 7
_MIN_SERIAL_MEAN_WORDS = 8
_MIN_COPY_WORDS = 5
_MIN_CUT_COPY_WORDS = 8
_MIN_ATTACHED = 2
_MAX_ATTACHED_WORDS = 14
_MAX_COPIES_COMPARED = 8
_MAX_CARD_DATE_CHARS = 60
_FOREIGN_SHARE = 0.8
_LINK = 0.8

_MAX_CUT_CHARS = 300
_BRACKETED_LINK = re.compile(r"[(\[](?P<label>[^()\[\]:]{3,30}):(?P<title>[^()\[\]]{8,250})[)\]][\s.]*\Z")
_BARE_LINK = re.compile(
    r"(?<=[.!?…\"”’)])\s*(?P<label>[^\W\d_]{3,9}\s[^\W\d_]{3,9})\s?:(?P<title>[^:]{8,250})\Z"
)
_SKIP = re.compile(
    r"(?:lewati|skip) .{2,80} (?:dan|and) (?:lanjutkan|terus|continue) (?:membaca|reading)", re.IGNORECASE
)
_SKIPPED = re.compile(r"(?:akhir dari|end of) \S", re.IGNORECASE)
_ANNOUNCES = re.compile(
    r"\b(?:berikut|antara lain|yaitu|yakni|meliputi|mencakup|terdiri|daftar)\b", re.IGNORECASE
)
_NUMBERED = re.compile(r"\(?(?:\d{1,2}|[a-zA-Z])[.)]\s?")


def drop_copies(lines: Sequence[Line]) -> None:
    """Take out paragraphs that stand a second time, whole or cut at their end."""
    whole: set[str] = set()
    by_start: dict[str, list[Line]] = {}
    previous: Line | None = None
    for line in lines:
        if not line.text or line.hit or line.role not in ("", "body") or line.words < _MIN_COPY_WORDS:
            continue
        if line.text.endswith(":"):
            continue  # an announcement may be made twice
        earlier = by_start.setdefault(line.short_key, [])
        copy = not line.role and bool(earlier) and (line.key in whole or _is_cut_copy(line, earlier))
        # Two captions in a row are a picture's: `find_captions` tells which one is kept.
        above = earlier[-1] if earlier else None
        paired = line.credited or (above is previous and not line.prose)
        previous = line
        if copy and not paired:
            line.furniture("repeat/paragraph")
        else:
            whole.add(line.key)
            if len(earlier) < _MAX_COPIES_COMPARED:
                earlier.append(line)


def _is_cut_copy(line: Line, earlier: Sequence[Line]) -> bool:
    if line.words < _MIN_CUT_COPY_WORDS or (line.prose and not is_cut(line)):
        return False
    return any(other.key.startswith(line.key) for other in earlier)


def drop_labelled(lines: Sequence[Line], end: int, gone: Sequence[int] = ()) -> None:
    """Take out what rules of words hold for, and what such a rule takes below its label.

    *gone* are the numbers of the lines before which a line was taken out with its markup, in order: a label
    above such a place has lost what it announces, and takes links alone.
    """
    for place, line in enumerate(lines[:end]):
        if not line.open or line.hit is None:
            continue
        line.furniture(line.hit.name)
        below = next_filled(lines, place, end)
        if below is None:
            continue
        if (
            line.hit.next == "line"
            and lines[below].open
            and lines[below].hit is None
            and ":" not in line.text[:-1]
        ):
            lines[below].furniture(line.hit.name)
        elif line.hit.next == "headline" and line.words <= _MAX_LABEL_WORDS and _is_label_only(line):
            _drop_attached(lines, place, end, line.hit.name)
            answered = bisect_right(gone, line.block.line) < bisect_right(gone, lines[below].block.line)
            _drop_headlines(lines, below, end, line.hit.name, links_alone=answered)
        elif line.hit.next == "list":
            take_list(lines, place, end, line.hit.name)
        elif line.hit.next == "foreign-headline" and _is_foreign(lines[below]):
            lines[below].furniture("related/after-end")


def _is_label_only(line: Line) -> bool:
    _, colon, rest = line.text.partition(":")
    return not (colon and has_letters(rest))


def _drop_headlines(lines: Sequence[Line], place: int, end: int, rule: str, *, links_alone: bool) -> None:
    """Take out the headlines listed below a label, as long as text or the end of the article follows."""
    at: int | None = place
    for nth in range(_MAX_LINKED_HEADLINES):
        below = next_filled(lines, at, end) if at is not None else None
        if at is None or not _is_linked_headline(lines[at], first=nth == 0):
            return
        if below is None and (end == len(lines) or headline_share(lines[at].text) < _FOREIGN_SHARE):
            return  # a body that was cut at its last line
        if links_alone and lines[at].block.link_share < _LINK:
            return
        lines[at].furniture(rule)
        at = below


def _drop_attached(lines: Sequence[Line], place: int, end: int, rule: str) -> None:
    """Take out the lines without a stop right below `Baca juga:`, in sentence case too.

    Only blank lines tell what belongs together: blocks of a page stand all alike.
    """
    if not lines[place].text.endswith(":") or all(line.text for line in lines):
        return
    run = list(takewhile(lambda at: _is_attached(lines[at]), range(place + 1, end)))
    if len(run) < _MIN_ATTACHED or place + 1 + len(run) >= end:
        return
    for at in run:
        lines[at].furniture(rule)


def _is_attached(line: Line) -> bool:
    return (
        line.open
        and line.hit is None
        and not line.prose
        and not line.text.endswith(":")
        and _MIN_ATTACHED <= line.words <= _MAX_ATTACHED_WORDS
    )


def _is_linked_headline(line: Line, *, first: bool) -> bool:
    if not line.open or line.hit or (line.prose and not line.text.endswith(("?", "!"))):
        return False
    if line.block.link_share >= _LINK or line.block.kind == "item" or is_bullet(line):
        return not line.prose
    fewest = _MIN_FIRST_LINKED_WORDS if first and line.text[-1] not in ":," else _MIN_LINKED_WORDS
    if not first and headline_share(line.text) == 1:
        fewest -= 1
    asks = line.text.endswith("?") and line.words >= _MIN_LINKED_WORDS
    return line.words >= fewest and (asks or is_headline(line.text)) and not ends_quotation(line.text)


def _is_foreign(line: Line) -> bool:
    long = line.words >= _MIN_FOREIGN_WORDS and not line.text.endswith(".")
    return line.open and line.hit is None and long and is_headline(line.text)


def drop_skipped(lines: Sequence[Line]) -> None:
    """Take out the boxes between `Lewati … dan lanjutkan membaca` and `Akhir dari …`."""
    for place, line in enumerate(lines):
        if not line.open or not _SKIP.fullmatch(line.text):
            continue
        box = list(islice(filled(lines, place), _MAX_SKIPPED_LINES))
        last = next((nth for nth, at in enumerate(box) if _SKIPPED.match(lines[at].text)), None)
        for at in box[: last + 1 if last is not None else 0]:
            lines[at].furniture("related/skipped")


def is_question_dash(lines: Sequence[Line], place: int) -> bool:
    """Tell whether a lone dash announces a question and its answer."""
    if lines[place].text not in ("-", "–", "—", "•"):
        return False
    below = next_filled(lines, place)
    return below is not None and "? " in lines[below].text


def drop_questions(lines: Sequence[Line], end: int) -> None:
    """Take out questions and answers that a machine made from other stories."""
    for place in range(end):
        if lines[place].open and is_question_dash(lines, place):
            lines[place].furniture("related/question")
            below = next_filled(lines, place)
            if below is not None and lines[below].open:
                lines[below].furniture("related/question")


def drop_cards(lines: Sequence[Line], end: int) -> None:
    """Take out cards of other stories: a headline, perhaps a lead and an outlet, then a date alone."""
    begun = False
    for place, line in enumerate(lines[:end]):
        begun = begun or line.role == "body" or (line.open and line.prose)
        if not begun or not line.open or line.prose or not is_date_line(line):
            continue
        line.furniture("related/card")
        at = previous_filled(lines, place)
        if at is not None and (lines[at].rule or "").startswith("masthead/"):
            at = previous_filled(lines, at)
        lead = at if at is not None and lines[at].open and lines[at].prose else None
        title = previous_filled(lines, lead) if lead is not None else at
        if title is None or not lines[title].open or lines[title].prose or not is_headline(lines[title].text):
            continue
        lines[title].furniture("related/card")
        if lead is not None:
            lines[lead].furniture("related/card")


def is_date_line(line: Line) -> bool:
    """Tell whether a line holds a time and hardly anything else."""
    return len(line.text) <= _MAX_CARD_DATE_CHARS and line.dated


def drop_cut_teasers(lines: Sequence[Line], end: int) -> None:
    """Take out the run of lines at the end that all break off in dots; one alone may be a cut body."""
    run = []
    for line in reversed(lines[:end]):
        if line.role == "body" or (line.open and not is_cut(line)):
            break
        if line.open:
            run.append(line)
    if len(run) > 1:
        for line in run:
            line.furniture("related/cut-teasers")


def drop_bare_tags(lines: Sequence[Line], end: int) -> None:
    """Take out names of topics at the end: several lines of a word or two below a sentence that ended."""
    run: list[Line] = []
    for line in reversed(lines[:end]):
        if not line.open and line.role != "body":
            continue
        plain = line.open and not line.prose and not line.hit and line.block.kind == "text"
        if not plain or line.words > _MAX_TAG_WORDS or is_bullet(line):
            # A list that the text announces ends in a colon above.
            if len(run) > 1 and line.prose and ends_with_stop(line.text):
                for tag in run:
                    tag.furniture("related/bare-tags")
            return
        run.append(line)


def cut_crosslinks(lines: Sequence[Line], rules: Rules) -> None:
    """Cut cross links off the ends of paragraphs: `… di Wonsan. (Baca juga: …)`, also without brackets."""
    for line in lines:
        if line.role != "body" or ":" not in line.raw:
            continue
        # Behind it a sign-off may have been cut, or itself have been taken for one.
        for end in sorted({len(line.raw), line.end if line.end >= 0 else len(line.raw)}):
            start = _crosslink_start(line, end, rules)
            if start is not None:
                line.end, line.tail = start, "crosslink/inline"
                break


def _crosslink_start(line: Line, end: int, rules: Rules) -> int | None:
    """Return where the cross link begins that a line ends with at *end*, None where it ends with none."""
    start = max(line.begin, end - _MAX_CUT_CHARS)
    found = _BRACKETED_LINK.search(line.raw, start, end) or _BARE_LINK.search(line.raw, start, end)
    if found is None or not line.raw[line.begin : found.start()].strip():
        return None
    label, title = fold(found["label"]), fold(found["title"])
    known = {"crosslink/label", "crosslink/short-label"}  # "(Baca: …)": one word is enough in brackets
    if found.re is _BARE_LINK:
        if ends_with_stop(title) or not is_headline(title):
            return None
        known = {"crosslink/label"}
    return found.start() if any(rule.name in known for rule in rules.matches(f"{label}: {title}")) else None


def drop_bare_headlines(lines: Sequence[Line], end: int) -> None:
    """Take out headlines of other stories that stand between paragraphs without a label.

    A subheading of this story is shorter, or numbered, or in sentence case, or bold.
    """
    candidates, listed = [], list[Line]()
    places = [at for at in filled(lines, 0, end) if lines[at].open or lines[at].role == "body"]
    for nth in range(1, len(places)):
        line, above = lines[places[nth]], lines[places[nth - 1]]
        if not line.open or line.prose or line.words <= 2 or line.block.kind == "heading":  # noqa: PLR2004
            continue
        if line.raw[:1] == "•" and is_headline(line.text[1:].strip()):
            line.furniture("crosslink/bullet")
        elif _is_listed_headline(lines, places[nth]) and _has_company(lines, places, nth):
            listed.append(line)
        elif line.block.link_share >= _LINK and line.words >= _MIN_LINKED_WORDS:
            line.furniture("crosslink/linked-line")
        elif nth + 1 < len(places) and (above.prose or above.role == "body") and _looks_foreign(line):
            candidates.append(line)
    for line in listed:
        line.furniture("crosslink/listed")
    serial = len(candidates) > 1 and not any(line.block.bold for line in candidates)
    mean = sum(line.words for line in candidates) / max(len(candidates), 1)
    for line in candidates:
        if serial and mean >= _MIN_SERIAL_MEAN_WORDS:
            line.furniture("crosslink/bare-headline")


def _is_listed_headline(lines: Sequence[Line], at: int) -> bool:
    """Tell whether a line is a headline behind a dash, below a dash alone, or in a row of a table.

    What a story lists is shorter, or in sentence case.
    """
    text = lines[at].text
    title = text.lstrip("-–— ").removesuffix(" |")
    marked = text[:2] in {"- ", "– "} or text.endswith(" |") or (at > 0 and lines[at - 1].text in {"-", "–"})
    long = lines[at].words > _MIN_LINKED_WORDS and title[-1:] not in ".:,;" and " | " not in title
    return marked and long and headline_share(title) >= _FOREIGN_SHARE


def _has_company(lines: Sequence[Line], places: Sequence[int], nth: int) -> bool:
    """Tell whether a listed headline has another next to it, and no paragraph announces them."""
    first, last = nth, nth
    while first > 0 and _is_listed_headline(lines, places[first - 1]):
        first -= 1
    while last + 1 < len(places) and _is_listed_headline(lines, places[last + 1]):
        last += 1
    above = lines[places[first - 1]].text if first > 0 else ""
    return first < last and not above.endswith(":") and _ANNOUNCES.search(above) is None


def _looks_foreign(line: Line) -> bool:
    if line.words < _MIN_SERIAL_WORDS or _NUMBERED.match(line.text) or ends_quotation(line.text):
        return False
    return not line.text.endswith((":", ",", ";")) and headline_share(line.text) >= _FOREIGN_SHARE
