"""Read what stands above the body of a page text: headline, time, credits, standfirst, captions."""

import re
from collections.abc import Sequence
from itertools import islice

import attrs

from crawler.items import Instant
from crawler.text.dateline import read_prefix
from crawler.text.head_names import is_beside_time, named_below, people_beside
from crawler.text.headline import could_be_headline, find_headline, is_copy, overlap
from crawler.text.lexicon import BRANDS, PLACES
from crawler.text.lines import (
    HEAD,
    Line,
    filled,
    has_letters,
    is_bullet,
    is_same_picture,
    mark_hits,
    next_filled,
    previous_filled,
    take_list,
    take_listed_credit,
)
from crawler.text.people import People, are_names, bare_names, is_name, is_signed, split_names
from crawler.text.rules import Rules
from crawler.text.shape import is_headline, label_key
from crawler.text.start import find_start, is_illustration

_MAX_NAME_WORDS = 4
_MAX_CREDIT_WORDS = 4
_MAX_TEASER_LINES = 24
_MIN_STANDFIRST_WORDS = 8
_MIN_PARAGRAPH_WORDS = 19
_MAX_HEADLINE_WORDS = 20
_MIN_SLUG_SHARE = 0.7
_MIN_SHARED_WORDS = 3

_UPDATED = re.compile(r"\b(?:diperbarui|updated?|last updated|pembaruan|diubah)\b", re.IGNORECASE)
_LEADING_CREDIT = re.compile(r"(?:dok\.|[A-Z][A-Z.]{2,}(?: [A-Z]+)?/[A-Z]|\w+\.(?:com|id)/)", re.IGNORECASE)
_TRIM = " \t\u00a0|/,;:–—-•·"


@attrs.define
class Head:
    """What was found above the body, and where the body begins. `headline` is the place of its line."""

    start: int
    headline: int | None = None
    standfirst: str | None = None
    published_at: Instant | None = None
    byline: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    source: str | None = None
    captions: dict[str, str] = attrs.field(factory=dict)

    def learn(self, people: People) -> None:
        """Take over what a credit line states; what was found first stays."""
        self.byline = self.byline or people.byline
        self.editors = self.editors or people.editors
        self.source = self.source or people.source


def read_head(
    lines: Sequence[Line], rules: Rules, host: str = "", slug: frozenset[str] = frozenset()
) -> Head:
    """Decide every line above the body and return what they state.

    *slug* holds the words of the page's address, which speak for the headline; empty where it is unknown.
    """
    mark_hits(lines, rules, HEAD)
    _settle_teasers(lines)
    head = Head(find_start(lines, host))
    top = lines[: head.start]
    for place, line in enumerate(top):
        if not take_listed_credit(top, place):
            _read_credits(line, head)
    _settle_hits(top)
    _settle_waiting(top, head)
    _settle_names(top, head)
    head.headline = find_headline(top, slug)
    if head.headline is None and _is_slug_line(lines, head.start, slug):
        head.headline = head.start
        head.start += 1
        top = lines[: head.start]
    _settle_time(top, head)
    _settle_rest(lines, head)
    return head


def _is_slug_line(lines: Sequence[Line], start: int, slug: frozenset[str]) -> bool:
    """Tell whether the first paragraph is the headline, with a final stop: the address says it."""
    if not slug or start >= len(lines) or lines[start].words > _MAX_HEADLINE_WORDS:
        return False
    return overlap(lines[start].key, slug) >= _MIN_SLUG_SHARE


def _read_credits(line: Line, head: Head) -> None:
    if not line.open or line.hit:
        return
    if line.dated:
        begin, end = line.instant_span
        head.learn(people_beside(line.text[:begin], line.text[end:]))
        line.take("published_at", "field/time")
    elif line.credits and line.people:
        head.learn(line.people)
        line.take("byline", "field/credits")
    elif line.credit_line:
        line.take("photo_credit", "field/photo-credit")


def _settle_hits(top: Sequence[Line]) -> None:
    """Decide the lines that a rule of words holds for, marks, and outlets' names."""
    for line in top:
        if not line.open:
            continue
        if not has_letters(line.text):
            line.furniture("control/mark")
        elif line.hit:
            line.furniture(line.hit.name)
        elif label_key(line.text) in BRANDS or _is_slogan(line):
            line.furniture("masthead/before-headline")


def _is_slogan(line: Line) -> bool:
    """Tell whether a line opens with an outlet's address as a first paragraph does, but is none."""
    prefix = read_prefix(line.raw)
    if prefix is None or prefix.brand is None:
        return False
    return "." in prefix.brand or bool(prefix.place and prefix.alone)


def _settle_teasers(lines: Sequence[Line]) -> None:
    """Decide what stands below a label that announces another story above this one."""
    for place in islice(filled(lines, 0), _MAX_TEASER_LINES):
        hit = lines[place].hit
        if hit is None:
            continue
        if hit.next in ("teaser", "line") and ":" not in lines[place].text[:-1]:
            _settle_teaser(lines, place, hit.name)
        elif hit.next == "list":
            take_list(lines, place, len(lines), hit.name)


def _settle_teaser(lines: Sequence[Line], place: int, rule: str) -> None:
    below = next_filled(lines, place)
    if below is None or not lines[below].open or lines[below].hit:
        return
    teaser = lines[below].text
    while below is not None and lines[below].text == teaser:
        lines[below].furniture(rule)
        below = next_filled(lines, below)


def _settle_waiting(top: Sequence[Line], head: Head) -> None:
    """Give a label without a name the name on the line below it, or above it."""
    for place, line in enumerate(top):
        if line.role != "byline" or not line.people or not line.people.waiting:
            continue
        fields = line.people.waiting
        below, above = next_filled(top, place), previous_filled(top, place)
        if below is not None and "source" in fields and top[below].role == "photo_credit":
            line.take("photo_credit", "field/photo-credit")
            continue
        if is_bullet(line):
            continue
        # Kompas prints the label below the name, without a colon.
        order = (below,) if line.text.endswith(":") else (above, below)
        for at in order:
            if at is None or not _could_be_name(top[at]):
                continue
            head.learn(_named(fields, split_names(top[at].text)))
            top[at].take("byline", "field/credits")
            break


def _named(fields: tuple[str, ...], names: tuple[str, ...]) -> People:
    return People(
        byline=names if "byline" in fields else (),
        editors=names if "editors" in fields else (),
        source=names[0] if names and "source" in fields else None,
    )


def _could_be_name(line: Line) -> bool:
    name = line.text.strip(_TRIM)
    return line.open and not line.hit and not line.prose and (is_name(name) or line.words == 1)


def _settle_names(top: Sequence[Line], head: Head) -> None:
    """Decide lines that hold a bare name: right above the time, or again within a line of credits."""
    for place, line in enumerate(top):
        below = next_filled(top, place) if line.open and not line.prose else None
        if below is None:
            continue
        comma = line.text.endswith(",")
        if comma and (top[below].rule or "").startswith("masthead/"):
            below = next_filled(top, below) or below
        names = bare_names(line.text)
        if line.words > _MAX_NAME_WORDS and not any(map(could_be_headline, top[:place])):
            continue  # the headline: names stand below it
        if head.byline and set(head.byline).issuperset(names):
            line.take("byline", "field/credits")
        elif (
            top[below].role == "published_at"
            and (below - place == 1 or comma or is_signed(line.text))
            and are_names(line.text, names)
        ):
            head.learn(People(byline=names))
            line.take("byline", "field/credits")


def _settle_time(top: Sequence[Line], head: Head) -> None:
    """Choose the time nearest the headline, below it before above it; the others are times of the visit.

    A time of an update counts only where no other is printed.
    """
    anchor = head.headline if head.headline is not None else len(top)
    dated = [
        (at, line.instant) for at, line in enumerate(top) if line.role == "published_at" and line.instant
    ]
    if not dated:
        return

    def rank(entry: tuple[int, Instant]) -> tuple[bool, bool, int]:
        at, instant = entry
        return (
            _UPDATED.search(top[at].text) is not None,
            instant.precision == "day",
            abs(at - anchor) + (0 if at > anchor else 2),
        )

    chosen, head.published_at = min(dated, key=rank)
    for at, _ in dated:
        if at < anchor and at != chosen:
            top[at].furniture("masthead/before-headline")


def _settle_rest(lines: Sequence[Line], head: Head) -> None:
    """Decide the lines that are neither times nor credits: copies, standfirst, captions, mastheads."""
    top = lines[: head.start]
    place = head.headline
    if place is not None:
        top[place].take("headline", "field/headline")
    first = lines[head.start] if head.start < len(lines) else None
    named = named_below(lines[head.start :])
    credited = False
    for at, line in enumerate(top):
        credited = credited or line.role in ("published_at", "byline", "photo_credit")
        if not line.open:
            continue
        if place is not None and at == place + 1 and line.text == top[place].text and _credits_below(top, at):
            _standfirst(line, head)  # Tribun prints the headline again where a story has no lead
        elif place is not None and is_copy(line, top[place]):
            line.furniture("repeat/headline")
        elif place is not None and at > place and not has_letters(line.text.strip("0123456789 .,")):
            line.furniture("control/mark")
        elif place is not None and at > place and not head.byline and is_beside_time(top, at):
            head.learn(People(byline=bare_names(line.text)))
            line.take("byline", "field/credits")
        elif place is not None and at < place:
            _settle_above(top, at, head)
        elif place is None and not credited and not _is_caption(top, at):
            _settle_headless(line, first, head)
        else:
            _settle_below(top, at, head, first, named)


def _credits_below(top: Sequence[Line], at: int) -> bool:
    below = next_filled(top, at)
    return below is not None and top[below].role == "byline"


def _settle_above(top: Sequence[Line], at: int, head: Head) -> None:
    line, below = top[at], next_filled(top, at)
    twice = below is not None and top[below].open and top[below].text == line.text
    if line.credited or line.key in head.captions or (twice and line.prose):
        _caption(line, head)
    elif line.prose and line.words >= _MIN_PARAGRAPH_WORDS:
        line.furniture("repeat/paragraph")
    else:
        line.furniture("masthead/before-headline")


def _settle_headless(line: Line, first: Line | None, head: Head) -> None:
    """Decide a line of a page that prints no headline: a pull quote of the body, or a masthead."""
    quoted = first is not None and line.words > _MAX_NAME_WORDS and line.key in first.key
    if head.standfirst is None and (quoted or (line.prose and line.words >= _MIN_STANDFIRST_WORDS)):
        _standfirst(line, head)
    else:
        line.furniture("masthead/before-headline")


def _settle_below(
    top: Sequence[Line], at: int, head: Head, first: Line | None, named: frozenset[str]
) -> None:
    """Decide a line below the headline; *named* are those whom the credits below the body name."""
    line = top[at]
    if line.key in head.captions or line.text.endswith((*head.captions.values(),)) or _is_alt_text(top, at):
        line.furniture("repeat/caption")
    elif _is_caption(top, at):
        _caption(line, head)
    elif is_bullet(line):
        line.furniture("masthead/beside-headline")
    elif head.standfirst is None and not _after_picture(top, at, head):
        if line.words <= 2 and not line.prose:  # noqa: PLR2004 - a word of a menu
            line.furniture("masthead/beside-headline")
        elif _is_reworded(line, top, head, first):
            line.furniture("repeat/headline")
        elif not head.byline and line.text in named:
            head.learn(People(byline=(line.text,)))
            line.take("byline", "field/credits")
        else:
            _standfirst(line, head)
    elif at + 1 < len(top) and top[at + 1].open and line.words <= _MAX_CREDIT_WORDS < top[at + 1].words:
        line.take("photo_credit", "field/photo-credit")
    elif (line.words == 1 and not line.prose and at + 1 < len(top)) or label_key(line.text) in PLACES:
        line.furniture("masthead/beside-headline")
    else:
        _caption(line, head)


def _is_alt_text(top: Sequence[Line], at: int) -> bool:
    """Tell whether a line is the alternative text of the picture whose caption stands right below it."""
    below = next_filled(top, at)
    if below is None or not top[below].open:
        return False
    if top[at].text != top[below].text and top[at].text.endswith(top[below].text):
        return True  # with the credit glued before
    if not top[below].credited or top[at].credited:
        return False
    line, caption = top[at], top[below]
    if caption.key.startswith(line.key + " "):
        return True
    return below == at + 1 and not line.prose and is_same_picture(line, caption)


def _is_caption(top: Sequence[Line], at: int) -> bool:
    line = top[at]
    if line.credited or is_illustration(line.text) or (line.prose and _LEADING_CREDIT.match(line.text)):
        return True
    if at > 0 and top[at - 1].role == "photo_credit":
        return True
    below = next_filled(top, at)
    if below is None:
        return False
    labelled = below == at + 1 and top[below].role == "photo_credit" and ":" in top[below].text
    return labelled or (top[below].open and top[below].text == line.text)


def _after_picture(top: Sequence[Line], at: int, head: Head) -> bool:
    """Tell whether time, credits, a picture or its alternative text stand between headline and line."""
    begin = head.headline + 1 if head.headline is not None else 0
    return any(
        other.role in ("published_at", "byline", "photo_credit", "caption") or other.rule == "repeat/headline"
        for other in top[begin:at]
    )


def _is_reworded(line: Line, top: Sequence[Line], head: Head, first: Line | None) -> bool:
    """Tell whether a line right above the body is the headline in other words, as alternative text."""
    if head.headline is None or line.prose or not is_headline(line.text):
        return False
    if any(other.role in ("published_at", "byline") for other in top[head.headline :]):
        return False
    if first is not None and first.key.startswith(line.key):
        return False
    return len(set(top[head.headline].key.split()) & set(line.key.split())) >= _MIN_SHARED_WORDS


def _standfirst(line: Line, head: Head) -> None:
    head.standfirst = line.text
    line.take("standfirst", "field/standfirst")


def _caption(line: Line, head: Head) -> None:
    if line.key in head.captions:
        line.furniture("repeat/caption")
        return
    head.captions[line.key] = line.text.lstrip("•●▪ ")
    line.take("caption", "field/caption")
