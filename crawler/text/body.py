"""Read the body: decide paragraph by paragraph what is text, and find where the article ends."""

import re
from collections.abc import Sequence

import attrs

from crawler.dates import find_instant
from crawler.text.credits import is_signoff, signoff_start
from crawler.text.dateline import read_prefix
from crawler.text.head import is_split_prefix
from crawler.text.lines import BODY, Line, filled, has_letters, mark_hits, next_filled, previous_filled
from crawler.text.people import People, first_published_at, is_name, read_people, split_names
from crawler.text.rules import Rules
from crawler.text.shape import ends_quotation, headline_share, is_headline

_MAX_LABEL_CHARS = 48
_MAX_LABEL_WORDS = 6
_MAX_LINKED_HEADLINES = 5
_MIN_LINKED_WORDS = 5
_MIN_FOREIGN_WORDS = 6
_MIN_LONE_HEADLINE_WORDS = 9
_MIN_SERIAL_HEADLINE_WORDS = 6
_MIN_COPY_WORDS = 5
_MIN_CUT_COPY_WORDS = 8
_MIN_PAIR_WORDS = 6
_MAX_CARD_DATE_CHARS = 60
_LINK = 0.8

_CUT = re.compile(r"(?:…|\.\.\.)$")
_NUMBERED = re.compile(r"\(?(?:\d{1,2}|[a-zA-Z])[.)]\s")
_ILLUSTRATION = re.compile(r"\[?ilustrasi\.", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


@attrs.define
class Body:
    """What was read from the body and from what stands below it."""

    byline: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    source: str | None = None
    first_seen: str | None = None
    dateline: str | None = None
    captions: list[str] = attrs.field(factory=list)
    captions_known: set[str] = attrs.field(factory=set)

    def learn(self, people: People) -> None:
        """Take over what a credit line states; what was found first stays."""
        self.byline = self.byline or people.byline
        self.editors = self.editors or people.editors
        self.source = self.source or people.source


def read_body(lines: Sequence[Line], rules: Rules, *, headline: str, body: Body, host: str = "") -> None:
    """Decide every line from the first paragraph to the last line of the page.

    *headline* is the headline as `likeness` gives it, empty where it is unknown.
    """
    mark_hits(lines, rules, BODY)
    _open_body(lines, body, host)
    _decide_plain(lines, body, headline)
    _drop_copies(lines)
    end = find_end(lines)
    _drop_linked(lines, end)
    _drop_questions(lines, end)
    _drop_cards(lines, end)
    _drop_cut_teasers(lines, end)
    _pair_captions(lines, end, body)
    _drop_bare_headlines(lines, end, host)
    for line in lines[:end]:
        if line.open:
            line.take("body")
    _cut_signoff(lines, end)
    _settle_end(lines, end, body)


# --- the first paragraph -----------------------------------------------------------------------------------------


def _open_body(lines: Sequence[Line], body: Body, host: str) -> None:
    """Cut the dateline off the first paragraph; it may stand on a line of its own."""
    for place in filled(lines, 0):
        line = lines[place]
        if not line.open or (line.hit and not is_split_prefix(lines, place)):
            continue
        prefix = read_prefix(line.raw, host)
        if prefix is None:
            if line.prose:
                return
            continue
        if prefix.alone and prefix.place is None and not is_split_prefix(lines, place):
            continue
        if not prefix.alone and not line.prose and prefix.brand is None:
            continue
        body.dateline = prefix.place
        line.hit = None
        if prefix.alone:
            line.take("dateline", "field/dateline")
            _strip_dash(lines, place)
        else:
            line.begin = prefix.end
            line.take("body")
        return


def _strip_dash(lines: Sequence[Line], place: int) -> None:
    below = next_filled(lines, place)
    if below is not None and lines[below].text[0] in "-–—":
        line = lines[below]
        line.begin = len(line.raw) - len(line.raw.lstrip(" \t\u00a0-–—"))
        line.hit = None
        line.take("body")


# --- lines that speak for themselves -----------------------------------------------------------------------------


def _decide_plain(lines: Sequence[Line], body: Body, headline: str) -> None:
    begun = False
    for place, line in enumerate(lines):
        if not line.open:
            begun = begun or line.role == "body"
            continue
        if line.block.kind == "caption":
            _caption(line, body)
        elif not has_letters(line.text):
            if begun and is_signoff(line.text):
                line.furniture("signoff/line")
            elif not _is_question_dash(lines, place):
                line.furniture("control/mark")
        elif headline and line.key == headline and line.words > 1:
            line.furniture("repeat/headline")
        elif line.key in body.captions_known and line.words >= _MIN_COPY_WORDS and _may_be_copy(line):
            line.furniture("repeat/caption")
        elif line.hit is None:
            _decide_credit(line, body, begun=begun)
        begun = begun or (line.open and line.prose and line.hit is None)


def _may_be_copy(line: Line) -> bool:
    """Tell whether a line like a caption is its copy: a caption may be the first sentence of the body too."""
    return line.credited or not line.prose or line.block.kind == "caption"


def _decide_credit(line: Line, body: Body, *, begun: bool) -> None:
    text = line.text
    if ":" in text[:_MAX_LABEL_CHARS] or "|" in text or line.words <= _MAX_LABEL_WORDS:
        line.people = read_people(text)
    if line.people:
        line.take("byline", "field/credits")
    elif (seen := first_published_at(text)) is not None:
        body.first_seen = body.first_seen or seen
        line.take("source", "field/source")
    elif begun and is_signoff(text):
        line.furniture("signoff/line")
    elif line.credit_line:
        line.take("photo_credit", "field/photo-credit")
    elif _ILLUSTRATION.match(text):
        _caption(line, body)
    elif not begun and line.words <= _MIN_COPY_WORDS * 3 and _is_date_line(text):
        line.take("published_at", "field/time")


def _is_date_line(text: str) -> bool:
    return (
        len(text) <= _MAX_CARD_DATE_CHARS
        and _YEAR.search(text) is not None
        and find_instant(text) is not None
    )


def _caption(line: Line, body: Body) -> None:
    if line.key in body.captions_known:
        line.furniture("repeat/caption")
        return
    body.captions.append(line.text.lstrip("•●▪ "))
    body.captions_known.add(line.key)
    line.take("caption", "field/caption")


def _drop_copies(lines: Sequence[Line]) -> None:
    """Take out paragraphs that stand a second time, whole or cut at their end."""
    seen: dict[str, list[Line]] = {}
    for line in lines:
        if not line.text or line.hit or line.role not in ("", "body") or line.words < _MIN_COPY_WORDS:
            continue
        earlier = seen.setdefault(line.short_key, [])
        if not line.role and any(_is_copy(line, other) for other in earlier):
            # Two captions in a row are a picture's: `_pair_captions` tells which one is kept.
            if not line.credited:
                line.furniture("repeat/paragraph")
        else:
            earlier.append(line)


def _is_copy(line: Line, other: Line) -> bool:
    if line.key == other.key:
        return True
    return line.words >= _MIN_CUT_COPY_WORDS and not line.prose and other.key.startswith(line.key)


# --- the end -------------------------------------------------------------------------------------------------------


def find_end(lines: Sequence[Line]) -> int:
    """Return the place of the line that ends the article, or the number of lines.

    A label that ends most articles stands inside some: it counts where what follows is no continuation.
    """
    begun = False
    for place, line in enumerate(lines):
        if line.role == "body" or (line.open and line.prose and line.hit is None):
            if _ends_inline(lines, place):
                return place + 1
            begun = True
        elif begun and _closes(lines, place):
            return place
    return len(lines)


def _closes(lines: Sequence[Line], place: int) -> bool:
    line = lines[place]
    if line.rule == "signoff/line" or line.role == "source":
        return not _goes_on(lines, place, firm=True)
    if line.role == "byline" and line.people:
        return not _goes_on(lines, place, firm=True)
    if line.hit is not None and line.hit.where == "from-here":
        return not _goes_on(lines, place, firm=line.hit.firm)
    return False


def _goes_on(lines: Sequence[Line], place: int, *, firm: bool) -> bool:
    """Tell whether the article continues below *place*.

    Below a firm end only a text of several paragraphs does; elsewhere a paragraph right below is enough.
    """
    rest = [line for line in lines[place + 1 :] if line.open and line.hit is None]
    paragraphs = [line for line in rest if line.prose and not _is_teaser(line)]
    if firm:
        return len(paragraphs) >= 4 and 3 * len(paragraphs) >= 2 * len(rest)  # noqa: PLR2004 - a text, not teasers
    following = next((line for line in rest), None)
    if following is None:
        return False
    if following.prose and not _is_teaser(following):
        return True
    return len(paragraphs) >= 3 and 2 * len(paragraphs) > len(rest) and not _is_teaser(following)  # noqa: PLR2004


def _is_teaser(line: Line) -> bool:
    """Tell whether a paragraph opens another story: it breaks off, or has a dateline of its own."""
    if _CUT.search(line.text) or line.credited:
        return True
    prefix = read_prefix(line.raw)
    return prefix is not None and (prefix.brand is not None or prefix.place is not None)


def _ends_inline(lines: Sequence[Line], place: int) -> bool:
    """Tell whether the paragraph at *place* carries the sign-off: little text follows it."""
    line = lines[place]
    if not line.text.endswith((")", "]", "*", ").")) or signoff_start(line.raw) is None:
        return False
    rest = [other for other in lines[place + 1 :] if other.open and other.hit is None]
    paragraphs = [other for other in rest if other.prose and not _is_teaser(other)]
    return len(paragraphs) <= 2 and len(paragraphs) * 2 <= max(len(rest), 1) + 1  # noqa: PLR2004 - teasers


def _cut_signoff(lines: Sequence[Line], end: int) -> None:
    """Cut the sign-off off the last paragraph."""
    last = next((line for line in reversed(lines[:end]) if line.role == "body"), None)
    if last is None:
        return
    start = signoff_start(last.raw)
    if start is not None and start > last.begin:
        last.end = start


# --- furniture inside ----------------------------------------------------------------------------------------------


def _drop_linked(lines: Sequence[Line], end: int) -> None:
    """Take out what rules of words hold for, and the headlines that such a rule takes below its label."""
    for place, line in enumerate(lines[:end]):
        if not line.open or line.hit is None:
            continue
        line.furniture(line.hit.name)
        below = next_filled(lines[:end], place)
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
            _drop_headlines(lines, below, end, line.hit.name)
        elif line.hit.next == "foreign-headline" and _is_foreign(lines[below]):
            lines[below].furniture("related/after-end")


def _is_label_only(line: Line) -> bool:
    _, colon, rest = line.text.partition(":")
    return not (colon and rest.strip())


def _drop_headlines(lines: Sequence[Line], place: int, end: int, rule: str) -> None:
    """Take out the headlines listed below a label, as long as text follows them."""
    at: int | None = place
    for _ in range(_MAX_LINKED_HEADLINES):
        if at is None or at >= end:
            return
        line = lines[at]
        below = next_filled(lines[:end], at)
        if not line.open or line.hit or below is None or not _is_linked_headline(line):
            return
        line.furniture(rule)
        at = below


def _is_linked_headline(line: Line) -> bool:
    if line.prose and not line.text.endswith(("?", "!")):
        return False
    if line.block.link_share >= _LINK or line.block.kind == "item":
        return not line.prose
    return line.words >= _MIN_LINKED_WORDS and is_headline(line.text) and not ends_quotation(line.text)


def _is_foreign(line: Line) -> bool:
    return (
        line.open
        and line.hit is None
        and line.words >= _MIN_FOREIGN_WORDS
        and is_headline(line.text)
        and not line.text.endswith(".")
    )


def _is_question_dash(lines: Sequence[Line], place: int) -> bool:
    """Tell whether a lone dash announces a question and its answer."""
    below = next_filled(lines, place)
    return lines[place].text in ("-", "–", "—", "•") and below is not None and "? " in lines[below].text


def _drop_questions(lines: Sequence[Line], end: int) -> None:
    for place, line in enumerate(lines[:end]):
        if line.open and _is_question_dash(lines, place):
            line.furniture("related/question")
            below = next_filled(lines, place)
            if below is not None and lines[below].open:
                lines[below].furniture("related/question")


def _drop_cards(lines: Sequence[Line], end: int) -> None:
    """Take out cards of other stories: a headline, perhaps a lead and an outlet, then a date alone."""
    begun = False
    for place, line in enumerate(lines[:end]):
        begun = begun or line.role == "body" or (line.open and line.prose)
        if not begun or not line.open or line.prose or not _is_date_line(line.text):
            continue
        line.furniture("related/card")
        at = previous_filled(lines, place)
        if at is not None and (lines[at].rule or "").startswith("masthead/"):
            at = previous_filled(lines, at)
        if at is not None and lines[at].open and lines[at].prose:
            above = previous_filled(lines, at)
            if (
                above is None
                or not lines[above].open
                or not is_headline(lines[above].text)
                or lines[above].prose
            ):
                continue
            lines[at].furniture("related/card")
            at = above
        if at is not None and lines[at].open and not lines[at].prose:
            lines[at].furniture("related/card")


def _drop_cut_teasers(lines: Sequence[Line], end: int) -> None:
    """Take out the run of lines at the end that all break off in dots; one alone may be a cut body."""
    run = []
    for line in reversed(lines[:end]):
        if not line.open:
            if line.role == "body":
                break
            continue
        if not _CUT.search(line.text):
            break
        run.append(line)
    if len(run) > 1:
        for line in run:
            line.furniture("related/cut-teasers")


def _pair_captions(lines: Sequence[Line], end: int, body: Body) -> None:
    """Find captions inside the body: by their credit, or by the alternative text printed above them."""
    places = [at for at in filled(lines, 0, end) if lines[at].open or lines[at].role == "body"]
    last = places[-1] if places else -1
    for nth, at in enumerate(places):
        line = lines[at]
        after = places[nth + 1] if nth + 1 < len(places) else -1
        if not line.open:
            continue
        if after >= 0 and lines[after].open and _same_picture(line, lines[after], after - at == 1):
            if lines[after].credited or lines[after].text.endswith("]") or not line.credited:
                line.furniture("repeat/caption")
                _caption(lines[after], body)
            else:
                _caption(line, body)
                lines[after].furniture("repeat/caption")
        elif line.credited and (at != last or signoff_start(line.raw) is None):
            _caption(line, body)


def _same_picture(line: Line, other: Line, touching: bool) -> bool:  # noqa: FBT001 - told by the caller's place
    """Tell whether two lines are the alternative text and the caption of one picture."""
    if line.words < _MIN_PAIR_WORDS or other.words < _MIN_PAIR_WORDS or line.short_key != other.short_key:
        return False
    shared = 0
    for mine, theirs in zip(line.key.split(), other.key.split(), strict=False):
        if mine != theirs:
            break
        shared += 1
    if shared < _MIN_PAIR_WORDS or 2 * shared < min(line.words, other.words):
        return False
    return touching or other.credited or line.credited


def _drop_bare_headlines(lines: Sequence[Line], end: int, host: str) -> None:
    """Take out headlines of other stories that stand between paragraphs without a label.

    A subheading of this story is shorter, or numbered, or in sentence case, or bold.
    """
    candidates = []
    places = [at for at in filled(lines, 0, end) if lines[at].open or lines[at].role == "body"]
    for before, at, after in zip(places, places[1:], [*places[2:], -1], strict=False):
        line = lines[at]
        if not line.open or line.prose or line.words < 3 or line.block.kind == "heading":  # noqa: PLR2004
            continue
        if line.text[:1] == "•" and line.raw[:1] == "•" and is_headline(line.text[1:].strip()):
            line.furniture("crosslink/bullet")
        elif line.block.link_share >= _LINK and line.words > 3:  # noqa: PLR2004 - a linked name is text
            line.furniture("crosslink/linked-line")
        elif after >= 0 and (lines[before].prose or lines[before].role == "body") and _looks_foreign(line):
            candidates.append(line)
    serial = len(candidates) > 1 and all(not line.block.bold for line in candidates)
    for line in candidates:
        long = line.words >= _MIN_LONE_HEADLINE_WORDS and not line.block.bold
        if (
            long
            or (serial and "viva" in host)
            or (serial and _mean_words(candidates) >= _MIN_LONE_HEADLINE_WORDS - 1)
        ):
            line.furniture("crosslink/bare-headline")


def _mean_words(lines: Sequence[Line]) -> float:
    return sum(line.words for line in lines) / len(lines)


def _looks_foreign(line: Line) -> bool:
    return (
        line.words >= _MIN_SERIAL_HEADLINE_WORDS
        and not _NUMBERED.match(line.text)
        and not line.text.endswith((":", ",", ";"))
        and not ends_quotation(line.text)
        and headline_share(line.text) >= 0.8  # noqa: PLR2004 - all but one word
    )


# --- below the end -------------------------------------------------------------------------------------------------


def _settle_end(lines: Sequence[Line], end: int, body: Body) -> None:
    """Decide what stands below the article: credits are read, everything else is furniture."""
    for place in range(len(lines)):
        line = lines[place]
        if place >= end and line.open:
            line.furniture(line.hit.name if line.hit else "related/after-end")
        if line.role == "byline" and line.people:
            _learn(lines, place, line.people, body)
    body.source = body.source or body.first_seen


def _learn(lines: Sequence[Line], place: int, people: People, body: Body) -> None:
    body.learn(people)
    if not people.waiting:
        return
    below = next_filled(lines, place)
    if below is None or lines[below].people or not (is_name(lines[below].text) or lines[below].words == 1):
        return
    if lines[below].role not in ("furniture",) or lines[below].hit:
        return
    names = split_names(lines[below].text)
    lines[below].take("byline", "field/credits")
    body.learn(
        People(
            byline=names if "byline" in people.waiting else (),
            editors=names if "editors" in people.waiting else (),
        )
    )
