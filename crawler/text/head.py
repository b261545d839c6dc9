"""Read what stands above the body of a page text: headline, time, credits, standfirst, captions."""

import itertools
import re
from collections.abc import Sequence

import attrs

from crawler.dates import find_instant
from crawler.items import Instant
from crawler.text.dateline import Prefix, read_prefix
from crawler.text.lexicon import BRANDS
from crawler.text.lines import HEAD, Line, filled, has_letters, mark_hits, next_filled, previous_filled
from crawler.text.normalise import likeness
from crawler.text.people import People, is_name, read_people, split_names, unglued
from crawler.text.rules import Rules
from crawler.text.shape import headline_share, is_headline, label_key

# A prefix below this many paragraphs belongs to another story.
_MAX_PROSE_BEFORE_PREFIX = 4
_MAX_DATE_LINE_CHARS = 160
_MAX_DATE_LINE_WORDS = 18
_MIN_SLOGAN_WORDS = 8
_COPY_WITHIN_LINES = 6
_MIN_HEADLINE_SCORE = 2.0
_MAX_NAME_WORDS = 4
_MAX_TEASER_LINES = 12
_MAX_SUFFIX_WORDS = 6

_DIGITS = re.compile(r"\d")
_DATE_LABEL = re.compile(
    r"[\s|,–-]*(?:diperbarui|diterbitkan|dipublikasikan|dipublish|publikasi|tayang|terbit|update|updated|last updated|published|posted on|posted|dibuat|jurnalis"
    r"|wartawan|reporter|pada|on|tanggal)\s?:?[\s|,–-]*$",
    re.IGNORECASE,
)
_BY = re.compile(r"^(?:oleh|by|penulis|reporter)\s?:?\s", re.IGNORECASE)
_SUFFIX = re.compile(r"\s(?:-|–|—|\||»|kredit foto:|foto:|in)\s", re.IGNORECASE)
_ILLUSTRATION = re.compile(r"\[?ilustrasi\b", re.IGNORECASE)
_TRIM = " \t\u00a0|/,;:–—-•"


@attrs.define
class Head:
    """What was found above the body, and where the body begins."""

    start: int
    headline: int | None = None
    standfirst: str | None = None
    published_at: Instant | None = None
    byline: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    source: str | None = None
    prefix: Prefix | None = None
    captions: list[str] = attrs.field(factory=list)

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
    start, prefix = find_start(lines, host)
    head = Head(start, prefix=prefix)
    top = lines[:start]
    for line in top:
        _read_credits(line, head)
    _settle_hits(top)
    _settle_waiting(top, head)
    _settle_names(top, head)
    head.headline = find_headline(top, slug)
    _settle_time(top, head)
    _settle_rest(lines, head)
    return head


# --- where the body begins -------------------------------------------------------------------------------------


def find_start(lines: Sequence[Line], host: str = "") -> tuple[int, Prefix | None]:
    """Return where the body begins, and the dateline that opens it if there is one."""
    prose = 0
    for place in filled(lines, 0):
        line = lines[place]
        if line.role or (line.hit and not is_split_prefix(lines, place)):
            continue
        prefix = read_prefix(line.raw, host)
        if prefix and _opens_body(lines, place, prefix):
            return place, prefix
        if line.prose and not line.credited:
            prose += 1
            if prose >= _MAX_PROSE_BEFORE_PREFIX:
                break
    return _start_without_prefix(lines), None


def is_split_prefix(lines: Sequence[Line], place: int) -> bool:
    """Tell whether an outlet's name stands alone above the dash that parts it from the first sentence."""
    below = next_filled(lines, place)
    if below is None or lines[below].text[:1] not in "-–—":
        return False
    prefix = read_prefix(lines[place].raw)
    return prefix is not None and prefix.alone


def _opens_body(lines: Sequence[Line], place: int, prefix: Prefix) -> bool:
    line = lines[place]
    rest = line.raw[prefix.end :].strip()
    following = next_filled(lines, place)
    if prefix.alone:
        return following is not None and (prefix.place is not None or is_split_prefix(lines, place))
    if find_date(line) is not None:
        return False
    if _again_below(lines, place):
        return False
    if prefix.brand is None:
        return line.prose
    if line.prose or len(rest.split()) >= _MIN_SLOGAN_WORDS:
        return True
    # "SOLOPOS.COM - Panduan Informasi": a slogan, where another prefix follows; else a cut first paragraph.
    later = [at for at in filled(lines, place + 1) if not lines[at].hit][:_COPY_WITHIN_LINES]
    return not any(lines[at].prose for at in later)


def _again_below(lines: Sequence[Line], place: int) -> bool:
    """Tell whether the same paragraph follows after a line that is no paragraph: the upper one is a copy."""
    text, between = lines[place].text, False
    for at in list(filled(lines, place + 1))[:_COPY_WITHIN_LINES]:
        if lines[at].text == text:
            return between
        if lines[at].prose:
            return False
        between = True
    return False


def _start_without_prefix(lines: Sequence[Line]) -> int:
    """Return the first paragraph below which no date, credit or copy of itself belongs to the head."""
    places = [at for at in filled(lines, 0) if not lines[at].role]
    paragraphs = [at for at in places if _may_open(lines, at)]
    for at in paragraphs:
        if not _head_goes_on(lines, at, places):
            return _with_subheading(lines, at)
    if paragraphs:
        return paragraphs[0]
    return _start_without_prose(lines, places)


def _may_open(lines: Sequence[Line], at: int) -> bool:
    line = lines[at]
    if line.hit or not line.prose or line.credited or line.credit_line or _ILLUSTRATION.match(line.text):
        return False
    above = at - 1
    return not (above >= 0 and lines[above].open and lines[above].credit_line)


def _head_goes_on(lines: Sequence[Line], at: int, places: Sequence[int]) -> bool:
    """Tell whether the head continues below the paragraph at *at*: it is a standfirst or a caption."""
    anchor = False
    for place in places:
        if place <= at:
            continue
        line = lines[place]
        if line.hit:
            if line.hit.where == "from-here" and not anchor:
                return False
            continue
        if line.text == lines[at].text:
            anchor = True
        elif find_date(line) or is_people(line) or line.credit_line or line.credited:
            anchor = True
        elif line.prose:
            return anchor
    return False


def _with_subheading(lines: Sequence[Line], at: int) -> int:
    """Return *at*, or the subheading above it where a picture and its caption lie between that and the head."""
    above = previous_filled(lines, at)
    if above is None:
        return at
    line = lines[above]
    before = previous_filled(lines, above)
    below_picture = before is not None and (
        (lines[before].hit is not None and lines[before].hit.family == "advert") or lines[before].credited
    )
    own = line.open and not line.hit and not line.prose and not line.credited and is_headline(line.text)
    return above if below_picture and own and line.words <= _MIN_SLOGAN_WORDS else at


def _start_without_prose(lines: Sequence[Line], places: Sequence[int]) -> int:
    """Return where a body without a single whole sentence begins: below the head's last date or credit."""
    anchors = [at for at in places if not lines[at].hit and (find_date(lines[at]) or is_people(lines[at]))]
    if anchors:
        later = [
            at
            for at in places
            if at > anchors[-1] and not lines[at].hit and lines[at].words > _MIN_SLOGAN_WORDS
        ]
        return next((at for at in later if not lines[at].credited), len(lines))
    return len(lines)


# --- credits and times -----------------------------------------------------------------------------------------


def find_date(line: Line) -> Instant | None:
    """Return the time a line prints where it is a line of time and credits; it is noted in the line."""
    if line.instant is not None:
        return line.instant
    if (
        len(line.text) > _MAX_DATE_LINE_CHARS
        or line.words > _MAX_DATE_LINE_WORDS
        or not _DIGITS.search(line.text)
    ):
        return None
    found = find_instant(line.text)
    if found is None:
        return None
    line.instant, line.instant_span = found[0], found[1:]
    return line.instant


def is_people(line: Line) -> bool:
    """Tell whether a line is one of credits; they are noted in the line."""
    if line.people is None and line.open:
        line.people = read_people(line.text)
    return line.people is not None


def _read_credits(line: Line, head: Head) -> None:
    if not line.open or line.hit:
        return
    if find_date(line):
        begin, end = line.instant_span
        head.learn(_people_beside(line.text[:begin], line.text[end:]))
        line.take("published_at", "field/time")
    elif is_people(line) and line.people:
        head.learn(line.people)
        line.take("byline", "field/credits")
    elif line.credit_line:
        line.take("photo_credit", "field/photo-credit")


def _people_beside(before: str, after: str) -> People:
    """Return who is named on a line of time: `A - Outlet.com <time>`, `<time> | LAPORAN: A`."""
    behind = read_people(after.strip(_TRIM))
    if behind and (behind.byline or behind.editors):
        return behind
    text = _DATE_LABEL.sub("", " " + before.strip(_TRIM)).strip(_TRIM)
    profession = read_people(text)
    if profession and (profession.byline or profession.editors):
        return profession
    named = _BY.match(text)
    text = text[named.end() :] if named else text
    text = re.split(r"\s[-–|]\s", text)[0].strip(_TRIM)
    profession = read_people(text)
    if profession and profession.byline:
        return profession
    if text and (is_name(text) or (named and len(text.split()) <= _MAX_NAME_WORDS)):
        return People(byline=split_names(text))
    return People()


def _settle_hits(top: Sequence[Line]) -> None:
    """Decide the lines that a rule of words holds for, and those a rule takes besides."""
    for place, line in enumerate(top):
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
    return prefix is not None and prefix.brand is not None and "." in prefix.brand


def _settle_teasers(lines: Sequence[Line]) -> None:
    """Decide what stands below a label that announces another story above this one."""
    for place in itertools.islice(filled(lines, 0), _MAX_TEASER_LINES):
        hit = lines[place].hit
        if hit is not None and hit.next in ("teaser", "line"):
            _settle_teaser(lines, place, hit.name)


def _settle_teaser(top: Sequence[Line], place: int, rule: str) -> None:
    if ":" in top[place].text[:-1]:
        return  # the story stands behind the label
    below = next_filled(top, place)
    if below is None or not top[below].open or top[below].hit:
        return
    teaser = top[below].text
    while below is not None and top[below].text == teaser:
        top[below].furniture(rule)
        below = next_filled(top, below)


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
        bare = line.text.startswith(("-", "–"))
        for at in (below, above):
            if at is None or bare or not _could_be_name(top[at]):
                continue
            if at == above and line.text.endswith(":"):
                continue
            _name_for(fields, split_names(top[at].text), head)
            top[at].take("byline", "field/credits")
            break


def _name_for(fields: tuple[str, ...], names: tuple[str, ...], head: Head) -> None:
    head.learn(
        People(
            byline=names if "byline" in fields else (),
            editors=names if "editors" in fields else (),
            source=names[0] if names and "source" in fields else None,
        )
    )


def _could_be_name(line: Line) -> bool:
    return line.open and not line.hit and not line.prose and (is_name(line.text) or line.words == 1)


def _settle_names(top: Sequence[Line], head: Head) -> None:
    """Decide lines that hold a bare name: right above the time, or again within a line of credits."""
    for place, line in enumerate(top):
        if not line.open or line.prose:
            continue
        below = next_filled(top, place)
        if below is None:
            continue
        names = unglued(line.text.rstrip(","))
        if (top[below].rule or "").startswith("masthead/") or label_key(top[below].text) in BRANDS:
            beyond = next_filled(top, below)
            below = beyond if beyond is not None and line.text.endswith(",") else below
        known = set(head.byline)
        if known.issuperset(names) and known:
            line.take("byline", "field/credits")
        elif top[below].role == "published_at" and (below - place == 1 or line.text.endswith(",")):
            if all(is_name(name) or len(names) > 1 for name in names) and _is_short_name(line, names):
                head.learn(People(byline=names))
                line.take("byline", "field/credits")


def _is_short_name(line: Line, names: tuple[str, ...]) -> bool:
    longest = max((len(name.split()) for name in names), default=0)
    return 0 < longest <= _MAX_NAME_WORDS and not _DIGITS.search(line.text) and ":" not in line.text


def _settle_time(top: Sequence[Line], head: Head) -> None:
    """Choose the time nearest the headline, below it before above it; the others are times of the visit."""
    dated = [at for at, line in enumerate(top) if line.role == "published_at"]
    if not dated:
        return
    anchor = head.headline if head.headline is not None else len(top)
    chosen = min(dated, key=lambda at: (abs(at - anchor) + (0 if at > anchor else 2), at))
    exact = [at for at in dated if at > anchor and top[at].instant and top[at].instant.precision != "day"]
    chosen_instant = top[chosen].instant
    if chosen_instant and chosen_instant.precision == "day" and exact:
        chosen = exact[0]
    head.published_at = top[chosen].instant
    for at in dated:
        if at < anchor and at != chosen:
            top[at].furniture("masthead/before-headline")


# --- headline ----------------------------------------------------------------------------------------------------


def find_headline(top: Sequence[Line], slug: frozenset[str] = frozenset()) -> int | None:
    """Return the place of the headline among the undecided lines above the body, or None."""
    best, best_score = None, _MIN_HEADLINE_SCORE
    for place, line in enumerate(top):
        if line.open:
            score = _headline_score(top, place, slug)
            if score > best_score or (score == best_score and best is None):
                best, best_score = place, score
    return best


def _headline_score(top: Sequence[Line], place: int, slug: frozenset[str]) -> float:
    line = top[place]
    score = {1: -3.0, 2: 0.0, 3: 1.0, 4: 2.0}.get(line.words, 3.0)
    if line.credited or _ILLUSTRATION.match(line.text) or line.text.endswith((",", ":", ";")) or _is_bullet(line):
        score -= 6
    elif line.prose and not line.text.endswith(("?", "!", "...", "…")):
        score -= 3
    if line.words > _MAX_DATE_LINE_WORDS:
        score -= 3
    if headline_share(line.text) >= 0.6:  # noqa: PLR2004 - most telling words
        score += 1
    if slug and line.words > 2:  # noqa: PLR2004 - a headline
        score += 4 * _overlap(line.key, slug)
    if _has_copy(top, place):
        score += 3
    return score + _neighbour_score(top, place)


def _is_bullet(line: Line) -> bool:
    return line.text[:1] in "•●▪-–"


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
            score += 3 if top[place].words >= _MAX_NAME_WORDS else 0.5
    if (
        above is not None
        and top[above].open
        and not top[above].credited
        and top[above].words >= _MAX_NAME_WORDS
    ):
        score -= 2  # this is the standfirst of the line above
    settled = [at for at in range(place) if top[at].role in ("published_at", "byline", "photo_credit")]
    if settled and any(_could_be_headline(top[at]) for at in range(settled[-1])):
        score -= 5  # captions stand below time and credits
    return score


def _could_be_headline(line: Line) -> bool:
    return line.open and line.words >= _MAX_NAME_WORDS and not line.credited


def _has_copy(top: Sequence[Line], place: int) -> bool:
    line = top[place]
    if line.words < 2:  # noqa: PLR2004 - one word repeats by chance
        return False
    return any(other is not line and other.text and is_copy(other, line) for other in top)


def is_copy(other: Line, line: Line) -> bool:
    """Tell whether *other* is *line* again, with a suffix or a label in front at most."""
    if other.short_key[:12] == line.short_key[:12]:
        if other.key == line.key:
            return True
        rest = other.text[len(line.text) - 2 :]
        return (
            other.key.startswith(line.key + " ")
            and len(rest.split()) <= _MAX_SUFFIX_WORDS
            and bool(_SUFFIX.search(rest))
        )
    return other.key.endswith(" " + line.key) and other.words - line.words <= 2  # noqa: PLR2004 - "zoom-in", "foto"


def _overlap(key: str, slug: frozenset[str]) -> float:
    words = {word for word in key.split() if len(word) > 2}  # noqa: PLR2004 - telling words
    return len(words & slug) / len(words) if words else 0.0


# --- what is left ------------------------------------------------------------------------------------------------


def _settle_rest(lines: Sequence[Line], head: Head) -> None:
    """Decide the lines that are neither times nor credits: copies, standfirst, captions, mastheads."""
    top = lines[: head.start]
    place = head.headline
    if place is not None:
        top[place].take("headline", "field/headline")
    first = lines[head.start] if head.start < len(lines) else None
    for at, line in enumerate(top):
        if not line.open:
            continue
        if place is not None and at == place + 1 and line.text == top[place].text and _credits_below(top, at):
            head.standfirst = line.text  # Tribun prints the headline where it has no lead
            line.take("standfirst", "field/standfirst")
        elif place is not None and is_copy(line, top[place]):
            line.furniture("repeat/headline")
        elif place is not None and at < place:
            _settle_above(line, head)
        elif place is None and not _below_credits(top, at) and not _is_caption(top, at):
            _settle_headless(line, first, head)
        else:
            _settle_below(top, at, head, first)


def _credits_below(top: Sequence[Line], at: int) -> bool:
    below = next_filled(top, at)
    return below is not None and top[below].role == "byline"


def _below_credits(top: Sequence[Line], at: int) -> bool:
    return any(line.role in ("published_at", "byline", "photo_credit") for line in top[:at])


def _settle_above(line: Line, head: Head) -> None:
    if line.credited:
        _caption(line, head)
    elif line.prose and line.words > _MAX_DATE_LINE_WORDS:
        line.furniture("repeat/paragraph")
    else:
        line.furniture("masthead/before-headline")


def _settle_headless(line: Line, first: Line | None, head: Head) -> None:
    """Decide a line of a page that prints no headline: a pull quote of the body, or a masthead."""
    if (
        first is not None
        and line.words > _MAX_NAME_WORDS
        and line.key in first.key
        and head.standfirst is None
    ):
        head.standfirst = line.text
        line.take("standfirst", "field/standfirst")
    elif line.prose and head.standfirst is None and line.words >= _MIN_SLOGAN_WORDS:
        head.standfirst = line.text
        line.take("standfirst", "field/standfirst")
    else:
        line.furniture("masthead/before-headline")


def _is_caption(top: Sequence[Line], at: int) -> bool:
    line = top[at]
    below, above = next_filled(top, at), at - 1
    if line.credited or _ILLUSTRATION.match(line.text):
        return True
    if above >= 0 and top[above].role == "photo_credit":
        return True
    if below is None:
        return False
    labelled = below == at + 1 and top[below].role == "photo_credit" and top[below].people is not None
    return labelled or (top[below].open and top[below].text == line.text)


def _settle_below(top: Sequence[Line], at: int, head: Head, first: Line | None) -> None:
    line = top[at]
    if any(line.key == likeness(caption) for caption in head.captions):
        line.furniture("repeat/caption")
        return
    below = next_filled(top, at)
    if below is not None and top[below].open and top[below].key.startswith(line.key + " ") and top[below].credited:
        line.furniture("repeat/caption")
        return
    if _is_caption(top, at):
        _caption(line, head)
        return
    if _is_bullet(line):
        line.furniture("masthead/beside-headline")
        return
    between = top[(head.headline + 1) if head.headline is not None else 0 : at]
    after_credits = any(
        other.role in ("published_at", "byline", "photo_credit", "caption") for other in between
    )
    after_copy = any(other.rule == "repeat/headline" for other in between)
    if head.standfirst is None and not after_credits and not after_copy:
        _standfirst_or_copy(line, top, head, first)
    elif at + 1 < len(top) and top[at + 1].open and line.words <= _MAX_NAME_WORDS < top[at + 1].words:
        line.take("photo_credit", "field/photo-credit")
    elif label_key(line.text) in BRANDS or (line.words == 1 and not line.prose and at + 1 < len(top)):
        line.furniture("masthead/beside-headline")
    else:
        _caption(line, head)


def _standfirst_or_copy(line: Line, top: Sequence[Line], head: Head, first: Line | None) -> None:
    headline = top[head.headline] if head.headline is not None else None
    reworded = (
        headline is not None
        and not line.prose
        and is_headline(line.text)
        and len(set(headline.key.split()) & set(line.key.split())) >= 3  # noqa: PLR2004 - beyond chance
        and not any(other.role in ("published_at", "byline") for other in top[head.headline or 0 :])
        and not (first is not None and first.key.startswith(line.key))
    )
    if reworded:
        line.furniture("repeat/headline")
    else:
        head.standfirst = line.text
        line.take("standfirst", "field/standfirst")


def _caption(line: Line, head: Head) -> None:
    if any(likeness(caption) == line.key for caption in head.captions):
        line.furniture("repeat/caption")
        return
    head.captions.append(line.text.lstrip("•●▪ "))
    line.take("caption", "field/caption")
