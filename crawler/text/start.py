"""Find where the body of a page text begins."""

import re
from collections.abc import Sequence
from itertools import islice, pairwise

from crawler.text.dateline import Prefix, read_prefix
from crawler.text.lexicon import PLACES
from crawler.text.lines import Line, filled, is_paragraph, next_filled, previous_filled
from crawler.text.normalise import likeness
from crawler.text.shape import is_headline
from crawler.text.signoff import is_signoff

# A prefix below this many paragraphs belongs to another story.
_MAX_PROSE_BEFORE_PREFIX = 4
_MIN_FIRST_PARAGRAPH_WORDS = 8
_MIN_OPENING_WORDS = 6
_MIN_PROSE_OF_A_BODY = 2
_COPY_WITHIN_LINES = 6
_MIN_BELOW_CREDIT_WORDS = 15
_MIN_SUMMARY_WORDS = 4
_MAX_CREDIT_WORDS = 3
_NEAR_LINES = 6
_MAX_GLUED_CHARS = 60
_SUMMARY_SHARE = 0.6
_SHORT_LINK = re.compile(r"https?://[\w.]{4,20}/\w{1,3}/\w{4,8}")
_PLAIN_CREDIT = re.compile(r"\w/(?:net|ist|istimewa|repro)$", re.IGNORECASE)
_LABELLED_CREDIT = re.compile(r"(?:foto|photo|gambar|sumber gambar)\s?:\s?\S", re.IGNORECASE)
_PICTURED = re.compile(
    r"(?:foto|gambar|tangkapan layar) (?:yang|ini)\b.{0,200}\b(?:menampilkan|memperlihatkan|menunjukkan)\b",
    re.IGNORECASE,
)
_ILLUSTRATION = re.compile(r"\[?(?:ilustrasi|keterangan (?:gambar|foto)|arsip foto)\b", re.IGNORECASE)


def find_start(lines: Sequence[Line], host: str = "") -> int:
    """Return the place of the line the body begins with; the number of lines where there is no body."""
    prose = 0
    for place in filled(lines, 0):
        line = lines[place]
        if prose >= _MIN_PROSE_OF_A_BODY and _ends_a_body(line):
            break
        if line.role or (line.hit and not is_split_prefix(lines, place)):
            continue
        prefix = read_prefix(line.raw, host)
        if prefix and _opens_body(lines, place, prefix):
            return place
        if line.prose and not line.credited:
            prose += 1
            if prose >= _MAX_PROSE_BEFORE_PREFIX:
                break
    return _start_without_prefix(lines)


def _ends_a_body(line: Line) -> bool:
    """Tell whether a line below some paragraphs says that they were the body."""
    if line.hit is not None:
        return line.hit.where == "from-here"
    return line.open and (line.credits or is_signoff(line.text))


def is_split_prefix(lines: Sequence[Line], place: int) -> bool:
    """Tell whether an outlet's name stands alone above the dash that parts it from the first sentence."""
    below = next_filled(lines, place)
    if below is None or lines[below].text[:1] not in "-–—":
        return False
    prefix = read_prefix(lines[place].raw)
    return prefix is not None and prefix.alone


def is_illustration(text: str) -> bool:
    """Tell whether a line is a caption by its first word, `ILUSTRASI.`."""
    return _ILLUSTRATION.match(text) is not None


def _opens_body(lines: Sequence[Line], place: int, prefix: Prefix) -> bool:
    line = lines[place]
    rest = line.raw[prefix.end :].strip()
    if prefix.alone:
        # An outlet's prefix alone above the headline stands before the first paragraph again.
        masthead = prefix.brand is not None and _brand_again(lines, place, prefix.brand)
        followed = next_filled(lines, place) is not None and not masthead
        return followed and (prefix.place is not None or is_split_prefix(lines, place))
    if line.dated or _again_below(lines, place) or _is_summary(lines, place, prefix):
        return False
    if prefix.brand is None:
        # "KAPAL PESIAR - Kapal bersandar …": a caption under its subject, above the outlet's own prefix.
        subject = (prefix.place or "").casefold() not in PLACES and _brand_below(lines, place)
        return line.prose and not line.credited and not subject and not _tells_of_picture(line)
    if line.credited and _brand_below(lines, place):
        return False  # a caption that opens with the outlet's name, as the first paragraph does
    if line.prose or len(rest.split()) >= _MIN_FIRST_PARAGRAPH_WORDS:
        return True
    # "SOLOPOS.COM - Panduan Informasi": a slogan, where paragraphs follow; else a first paragraph cut short.
    later = (lines[at] for at in filled(lines, place + 1) if not lines[at].hit)
    return not any(line.prose for line in islice(later, _COPY_WITHIN_LINES))


def _tells_of_picture(line: Line) -> bool:
    """Tell whether a line says under its subject what a picture shows: `KAPAL - Foto yang dimuat …`."""
    prefix = read_prefix(line.raw)
    if prefix is None or prefix.brand is not None or (prefix.place or "").casefold() in PLACES:
        return False
    return _PICTURED.match(line.raw[prefix.end :].strip()) is not None


def _brand_again(lines: Sequence[Line], place: int, brand: str) -> bool:
    """Tell whether a paragraph further down opens with the same outlet."""
    below = (
        read_prefix(lines[at].raw)
        for at in islice(filled(lines, place + 1), _COPY_WITHIN_LINES)
        if lines[at].prose
    )
    return any(other is not None and (other.brand or "").casefold() == brand.casefold() for other in below)


def _brand_below(lines: Sequence[Line], place: int) -> bool:
    """Tell whether a paragraph a little further down opens with an outlet's name."""
    below = (
        read_prefix(lines[at].raw)
        for at in islice(filled(lines, place + 1), _COPY_WITHIN_LINES)
        if lines[at].prose
    )
    return any(other is not None and other.brand is not None for other in below)


def _again_below(lines: Sequence[Line], place: int) -> bool:
    """Tell whether the same paragraph follows after a line that is no paragraph: the upper one is a copy."""
    between = False
    for at in islice(filled(lines, place + 1), _COPY_WITHIN_LINES):
        if lines[at].short_key == lines[place].short_key and lines[at].key == lines[place].key:
            return between
        if lines[at].prose:
            return False
        between = True
    return False


def _is_summary(lines: Sequence[Line], place: int, prefix: Prefix) -> bool:
    """Tell whether the next line says it again behind the same prefix: this one is its summary."""
    below = next_filled(lines, place)
    other = read_prefix(lines[below].raw) if below is not None else None
    if below is None or other is None or (other.place, other.brand) != (prefix.place, prefix.brand):
        return False
    mine, theirs = (
        set(likeness(lines[at].raw[end:]).split()) for at, end in ((place, prefix.end), (below, other.end))
    )
    return len(mine) >= _MIN_SUMMARY_WORDS and len(mine & theirs) >= _SUMMARY_SHARE * len(mine)


def _start_without_prefix(lines: Sequence[Line]) -> int:
    """Return the first paragraph below which no date, credit or copy of itself belongs to the head."""
    places = [at for at in filled(lines, 0) if not lines[at].role]
    paragraphs = [nth for nth, at in enumerate(places) if _may_open(lines, at)]
    for nth in paragraphs:
        if not _head_goes_on(lines, places, nth):
            return _with_subheading(lines, places[nth])
    return places[paragraphs[0]] if paragraphs else _start_without_prose(lines, places)


def _may_open(lines: Sequence[Line], at: int) -> bool:
    line = lines[at]
    if line.hit or not is_paragraph(line) or line.words < _MIN_OPENING_WORDS:
        return False
    picture = line.credited or line.credit_line or is_illustration(line.text) or _tells_of_picture(line)
    if picture or _is_caption_again(lines, at) or _is_one_of_pairs(lines, at):
        return False
    above = at - 1
    if above < 0 or not lines[above].open or is_illustration(lines[above].text):
        return True
    if not lines[above].credit_line:
        return True
    # A caption stands right below its credit. A paragraph does where it is long and the credit has a label,
    # and where the line is itself a caption that ends in its credit.
    if _PLAIN_CREDIT.search(lines[above].text):
        return line.words >= _MIN_FIRST_PARAGRAPH_WORDS
    return _LABELLED_CREDIT.match(lines[above].text) is not None and line.words >= _MIN_BELOW_CREDIT_WORDS


def _is_caption_again(lines: Sequence[Line], at: int) -> bool:
    """Tell whether a line stands above already, parted by a word or a few: a caption round its credit.

    Or next to it once more with the credit glued before: `AFP/NameThe caption.`
    """
    beside = [place for place in (previous_filled(lines, at), next_filled(lines, at)) if place is not None]
    glued = (_without(lines[at].text, lines[place].text) for place in beside)
    if any(0 < len(rest) <= _MAX_GLUED_CHARS and "/" in rest for rest in glued):
        return True
    credit = previous_filled(lines, at)
    upper = previous_filled(lines, credit) if credit is not None else None
    if credit is None or upper is None or lines[upper].text != lines[at].text:
        return False
    return not lines[credit].prose and lines[credit].words <= _MAX_CREDIT_WORDS < lines[at].words


def _without(one: str, other: str) -> str:
    """Return what the longer of two lines has before the other, empty where it does not end with it."""
    long, short = (one, other) if len(one) > len(other) else (other, one)
    return long.removesuffix(short) if long.endswith(short) else ""


def _is_one_of_pairs(lines: Sequence[Line], at: int) -> bool:
    """Tell whether a line and one near it both stand twice in a row: the pictures of a gallery."""
    near = filled(lines, max(0, at - _NEAR_LINES), min(len(lines), at + _NEAR_LINES))
    pairs = {one for one, other in pairwise(lines[place].text for place in near) if one == other}
    return lines[at].text in pairs and len(pairs) > 1


def _head_goes_on(lines: Sequence[Line], places: Sequence[int], nth: int) -> bool:
    """Tell whether the head continues below a paragraph: it is a standfirst or a caption then."""
    anchor = False
    for place in islice(places, nth + 1, None):
        line = lines[place]
        if line.hit:
            if line.hit.where == "from-here" and not anchor:
                return False
        elif line.text == lines[places[nth]].text or _belongs_to_head(line):
            anchor = True
        elif is_paragraph(line):
            return anchor
    return False


def _belongs_to_head(line: Line) -> bool:
    """Tell whether a line is a time, a credit or a caption; a paragraph may end in brackets as well."""
    if line.dated or line.credits or line.credit_line or _SHORT_LINK.fullmatch(line.text):
        return True
    return line.credited and not _signed(line) and line.text[0] not in '"“'


def _signed(line: Line) -> bool:
    return line.prose and line.text.endswith(")") and "/" not in line.text[-60:]


def _with_subheading(lines: Sequence[Line], at: int) -> int:
    """Return *at*, or the place of the subheading above it: a picture or an advert parts it from the head."""
    above = previous_filled(lines, at)
    before = previous_filled(lines, above) if above is not None else None
    if above is None or before is None:
        return at
    line, parting = lines[above], lines[before]
    below_picture = parting.credited or (parting.hit is not None and parting.hit.family == "advert")
    own = line.open and not line.hit and not line.prose and not line.credited and is_headline(line.text)
    return above if below_picture and own and line.words <= _MIN_FIRST_PARAGRAPH_WORDS else at


def _start_without_prose(lines: Sequence[Line], places: Sequence[int]) -> int:
    """Return where a body without a single whole sentence begins: below the head's last date or credit."""
    anchors = [at for at in places if not lines[at].hit and (lines[at].dated or lines[at].credits)]
    if not anchors:
        return len(lines)
    long = (
        at
        for at in places
        if at > anchors[-1] and not lines[at].hit and lines[at].words > _MIN_FIRST_PARAGRAPH_WORDS
    )
    return next((at for at in long if not lines[at].credited), len(lines))
