"""Read a body: its dateline, its paragraphs, the credits below it; everything else is furniture."""

from collections.abc import Sequence

import attrs

from crawler.items import Instant
from crawler.text.captions import find_captions, take_caption
from crawler.text.credits import is_agency
from crawler.text.dateline import read_prefix
from crawler.text.ending import find_end
from crawler.text.inside import (
    cut_crosslinks,
    drop_bare_headlines,
    drop_bare_tags,
    drop_cards,
    drop_copies,
    drop_cut_teasers,
    drop_labelled,
    drop_questions,
    drop_skipped,
    is_date_line,
    is_question_dash,
)
from crawler.text.lines import (
    BODY,
    Line,
    filled,
    has_letters,
    mark_hits,
    next_filled,
    take_listed_credit,
)
from crawler.text.people import People, first_published_at, is_name, split_names
from crawler.text.rules import Rules
from crawler.text.signoff import is_signoff, signoff_start
from crawler.text.start import is_illustration, is_split_prefix

_MAX_LABEL_CHARS = 48
_MAX_CONTROL_WORDS = 3
_MAX_LABEL_WORDS = 6
_MIN_COPY_WORDS = 5


@attrs.define
class Body:
    """What was read from the body and from what stands below it; `captions` by the form copies share.

    `gone` are the numbers of the lines before which a line went with its markup, in order.
    """

    captions: dict[str, str] = attrs.field(factory=dict)
    gone: Sequence[int] = ()
    byline: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    source: str | None = None
    dateline: str | None = None
    first_seen: str | None = None
    published_at: Instant | None = None

    def learn(self, people: People) -> None:
        """Take over what a credit line states; what was found first stays."""
        self.byline = self.byline or people.byline
        self.editors = self.editors or people.editors
        self.source = self.source or people.source


def read_body(lines: Sequence[Line], rules: Rules, body: Body, *, headline: str = "", host: str = "") -> None:
    """Decide every line from the first paragraph to the last line of the page.

    *headline* is the headline as `likeness` gives it, empty where it is unknown.
    """
    for line in lines:
        if line.open and line.block.kind == "caption":
            if line.credit_line:
                line.take("photo_credit", "field/photo-credit")
            elif (control := _control(line, rules)) is not None:
                line.furniture(control)
            else:
                take_caption(line, body.captions)
    drop_skipped(lines)
    mark_hits(lines, rules, BODY)
    _open_body(lines, body, host)
    _decide_plain(lines, body, headline)
    _mark_cut_label(lines, rules)
    drop_copies(lines)
    end = find_end(lines)
    drop_labelled(lines, end, body.gone)
    drop_questions(lines, end)
    drop_cards(lines, end)
    drop_cut_teasers(lines, end)
    drop_bare_tags(lines, end)
    find_captions(lines, end, body.captions)
    drop_bare_headlines(lines, end)
    for line in lines[:end]:
        if line.open:
            line.take("body")
    _cut_signoff(lines, end)
    cut_crosslinks(lines[:end], rules)
    _settle_end(lines, end, body)


def _control(line: Line, rules: Rules) -> str | None:
    """Return the rule that knows a line under a picture for a control: `Lihat Foto`, `Perbesar`."""
    hit = rules.find(line.text, BODY) if line.words <= _MAX_CONTROL_WORDS else None
    return hit.name if hit is not None and hit.family in {"control", "crosslink"} else None


def _open_body(lines: Sequence[Line], body: Body, host: str) -> None:
    """Cut the dateline off the first paragraph; it may stand on a line of its own."""
    for place in filled(lines, 0):
        line = lines[place]
        if not line.open or (line.hit and not is_split_prefix(lines, place)):
            continue
        prefix = read_prefix(line.raw, host)
        if prefix is None and line.prose and not line.credited:
            return
        if prefix is None or (not prefix.alone and not line.prose and prefix.brand is None):
            continue
        if prefix.alone:
            if prefix.place is None and not is_split_prefix(lines, place):
                continue
            line.take("dateline", "field/dateline")
            _strip_dash(lines, place)
        else:
            line.begin = prefix.end
            line.take("body")
        body.dateline = prefix.place
        return


def _strip_dash(lines: Sequence[Line], place: int) -> None:
    """Cut the dash off the paragraph below a dateline that stands alone."""
    below = next_filled(lines, place)
    if below is not None and lines[below].text[0] in "-–—" and has_letters(lines[below].text):
        line = lines[below]
        line.begin = len(line.raw) - len(line.raw.lstrip(" \t\u00a0-–—"))
        line.take("body")


def _decide_plain(lines: Sequence[Line], body: Body, headline: str) -> None:
    begun = False
    for place, line in enumerate(lines):
        if line.open and not take_listed_credit(lines, place):
            if not has_letters(line.text):
                _decide_mark(lines, place, begun=begun)
            elif headline and line.words > 1 and line.key == headline:
                line.furniture("repeat/headline")
            elif line.words >= _MIN_COPY_WORDS and _may_be_copy(line) and line.key in body.captions:
                line.furniture("repeat/caption")
            elif line.hit is None:
                _decide_credit(line, body, begun=begun)
        begun = begun or line.role == "body" or (line.open and line.prose and line.hit is None)


def _decide_mark(lines: Sequence[Line], place: int, *, begun: bool) -> None:
    if begun and is_signoff(lines[place].text):
        lines[place].furniture("signoff/line")
    elif not is_question_dash(lines, place):
        lines[place].furniture("control/mark")


def _may_be_copy(line: Line) -> bool:
    """Tell whether a line like a caption is its copy: a caption may be the first sentence of the body too."""
    return line.credited or not line.prose


def _decide_credit(line: Line, body: Body, *, begun: bool) -> None:
    text = line.text
    labelled = ":" in text[:_MAX_LABEL_CHARS] or "|" in text or line.words <= _MAX_LABEL_WORDS
    labelled = labelled or text[:8].casefold() == "laporan "
    if labelled and line.credits:
        line.take("byline", "field/credits")
    elif (seen := first_published_at(text)) is not None:
        body.first_seen = body.first_seen or seen
        line.take("source", "field/source")
    elif begun and is_signoff(text):
        line.furniture("signoff/line")
    elif line.credit_line:
        if begun and text.isupper() and is_agency(text):
            body.first_seen = body.first_seen or text
            line.take("source", "field/source")
        else:
            line.take("photo_credit", "field/photo-credit")
    elif is_illustration(text):
        take_caption(line, body.captions)
    elif not begun and not line.prose and is_date_line(line):
        body.published_at = body.published_at or line.instant
        line.take("published_at", "field/time")


def _mark_cut_label(lines: Sequence[Line], rules: Rules) -> None:
    """Note the rule whose fixed label the last line begins: stored texts break off in mid-word."""
    last = next((line for line in reversed(lines) if line.text), None)
    if last is not None and last.open and last.hit is None:
        last.hit = rules.find_cut(last.text)


def _cut_signoff(lines: Sequence[Line], end: int) -> None:
    """Cut the sign-off off the last paragraph."""
    last = next((line for line in reversed(lines[:end]) if line.role == "body"), None)
    start = signoff_start(last.raw) if last is not None else None
    if last is not None and start is not None and start > last.begin:
        last.end, last.tail = start, "signoff/inline"


def _settle_end(lines: Sequence[Line], end: int, body: Body) -> None:
    """Decide what stands below the article: credits are read, everything else is furniture."""
    for line in lines[end:]:
        if line.open:
            line.furniture(line.hit.name if line.hit else "related/after-end")
    for place, line in enumerate(lines):
        if line.role == "byline" and line.people:
            body.learn(line.people)
            if line.people.waiting:
                _settle_waiting(lines, place, line.people.waiting, body)
    body.source = body.source or body.first_seen


def _settle_waiting(lines: Sequence[Line], place: int, fields: tuple[str, ...], body: Body) -> None:
    """Give a label below the body the name on the next line."""
    below = next_filled(lines, place)
    if below is None or lines[below].role != "furniture" or lines[below].hit:
        return
    if is_name(lines[below].text):
        names = split_names(lines[below].text)
        lines[below].take("byline", "field/credits")
        body.learn(
            People(byline=names if "byline" in fields else (), editors=names if "editors" in fields else ())
        )
