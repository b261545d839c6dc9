"""Lines under reading: what each line of a page is known to be, and the stretches it is cut into."""

import re
from collections.abc import Iterable, Iterator, Sequence

import attrs

from crawler.dates import find_instant
from crawler.items import Block, Instant, Piece
from crawler.text.credits import has_credit, is_credit_line
from crawler.text.normalise import fold, likeness
from crawler.text.people import People, read_people
from crawler.text.rules import Rule, Rules
from crawler.text.shape import ends_sentence, is_headline

MAX_BLOCKS = 5_000
MAX_BLOCK_CHARS = 50_000
ALT_SHARE = 0.6

_MIN_PROSE_WORDS = 3
_MIN_UNENDED_PROSE_WORDS = 20
_MAX_DATE_LINE_CHARS = 160
_MAX_DATE_LINE_WORDS = 18
_MAX_WORDS_BESIDE_DATE = 9
_MAX_QUESTION_WORDS = 18
_MAX_KEY_CHARS = 60

_SPEECH_END = re.compile(r"[,!?.][\"”’'] [a-z]+(?: [a-z]+)?$")
_LETTER = re.compile(r"[^\W_]")
_DIGIT = re.compile(r"\d")
_PICTURE_LABEL = re.compile(r"(?:photo|foto|sumber|sumber foto|source) ?:", re.IGNORECASE)
_NAMED_BEFORE_DATE = re.compile(r"(?:oleh|by)\s.{2,60}?\s(?:pada|on)\s(?=\D{0,12}\d)", re.IGNORECASE)

HEAD = frozenset(("anywhere", "before", "from-here"))
BODY = frozenset(("anywhere", "inside", "after", "from-here"))


@attrs.define(eq=False)
class Line:
    """One block under reading. `role` is empty until somebody decided what the line is.

    `begin` and `end` are places in the raw text: the body begins behind a dateline, ends before what `tail`
    names: a sign-off or a cross link.
    """

    block: Block
    raw: str
    text: str
    words: int
    role: str = ""
    rule: str | None = None
    begin: int = 0
    end: int = -1
    tail: str = "signoff/inline"
    prose: bool = False
    matches: tuple[Rule, ...] | None = None
    hit: Rule | None = None
    people: People | None = None
    instant: Instant | None = None
    instant_span: tuple[int, int] = (0, 0)
    _asked: set[str] = attrs.field(factory=set)
    _key: str | None = None
    _short_key: str | None = None
    _credited: bool | None = None
    _credit_line: bool | None = None

    @property
    def open(self) -> bool:
        """True while nobody decided what the line is."""
        return not self.role and bool(self.text)

    @property
    def key(self) -> str:
        """The form in which copies of the line are equal."""
        if self._key is None:
            self._key = likeness(self.text)
        return self._key

    @property
    def short_key(self) -> str:
        """The beginning of `key`, cheap to make: lines that differ in it are no copies."""
        if self._short_key is None:
            self._short_key = likeness(self.text[:_MAX_KEY_CHARS])[: _MAX_KEY_CHARS // 2]
        return self._short_key

    @property
    def credited(self) -> bool:
        """True where the line ends with a picture's credit."""
        if self._credited is None:
            self._credited = has_credit(self.text)
        return self._credited

    @property
    def credit_line(self) -> bool:
        """True where the line is nothing but a picture's credit."""
        if self._credit_line is None:
            self._credit_line = is_credit_line(self.text)
        return self._credit_line

    @property
    def dated(self) -> bool:
        """True where the line prints a time and credits at most; `instant` and its span are noted."""
        if "dated" not in self._asked:
            self._asked.add("dated")
            self._find_instant()
        return self.instant is not None

    @property
    def credits(self) -> bool:
        """True where the line names who is behind the story; `people` is noted."""
        if "credits" not in self._asked:
            self._asked.add("credits")
            self.people = read_people(self.text)
        return self.people is not None

    def _find_instant(self) -> None:
        text = self.text
        if len(text) > _MAX_DATE_LINE_CHARS or self.words > _MAX_DATE_LINE_WORDS or not _DIGIT.search(text):
            return
        found = find_instant(text)
        if found is not None:
            outside = text[: found[1]].count(" ") + text[found[2] :].count(" ")
            if outside > _MAX_WORDS_BESIDE_DATE or text.endswith(("?", "!")):
                return  # a headline with a date in it
            self.instant, self.instant_span = found[0], found[1:]
            return
        named = _NAMED_BEFORE_DATE.match(text)
        found = find_instant(text[named.end() :]) if named else None
        if named and found is not None:
            self.instant = found[0]
            self.instant_span = (found[1] + named.end(), found[2] + named.end())

    def take(self, role: str, rule: str | None = None) -> None:
        """Decide what the line is."""
        self.role, self.rule = role, rule

    def furniture(self, rule: str) -> None:
        """Decide that the line is furniture by that rule."""
        self.role, self.rule = "furniture", rule

    def pieces(self) -> Iterator[Piece]:
        """Yield the stretches of the line; joined, they are its block's text."""
        text, number = self.block.text, self.block.line
        if self.role != "body":
            if text:
                yield Piece(number, text, self.role, self.rule)
            return
        end = len(self.raw) if self.end < 0 else self.end
        if self.begin:
            yield Piece(number, self.raw[: self.begin], "dateline", "field/dateline")
        yield Piece(number, self.raw[self.begin : end], "body")
        if end < len(self.raw):
            yield Piece(number, self.raw[end:], "furniture", self.tail)
        if len(text) > len(self.raw):
            yield Piece(number, text[len(self.raw) :], "furniture", "cap/block-length")


def read_lines(blocks: Sequence[Block]) -> list[Line]:
    """Return the blocks as lines; blank ones, those without a letter and those over the caps are decided."""
    lines = [_line(block) for block in blocks[:MAX_BLOCKS]]
    lines.extend(
        Line(block, block.text, "", 0, "furniture", "cap/block-count") for block in blocks[MAX_BLOCKS:]
    )
    return lines


def _line(block: Block) -> Line:
    raw = block.text if len(block.text) <= MAX_BLOCK_CHARS else block.text[:MAX_BLOCK_CHARS]
    text = fold(raw)
    line = Line(block, raw, text, text.count(" ") + 1 if text else 0)
    if not text:
        line.furniture("blank/line")
    else:
        line.prose = is_prose(text, line.words)
    return line


def is_prose(text: str, words: int) -> bool:
    """Tell whether a folded line reads as a paragraph: a sentence that ends, speech, or very long."""
    if words < _MIN_PROSE_WORDS:
        return False
    if ends_sentence(text) or words >= _MIN_UNENDED_PROSE_WORDS or _SPEECH_END.search(text[-40:]):
        return True
    # A sign-off or a date in brackets may stand behind the last stop.
    opening = max(text.rfind("("), text.rfind("[")) if text[-1] in ")]" else -1
    return opening > 0 and ends_sentence(text[:opening].rstrip())


def is_paragraph(line: Line) -> bool:
    """Tell whether a line is a sentence of a text, and not a headline that asks, calls or trails off."""
    asks = line.text.endswith(("?", "!", "…")) and line.words <= _MAX_QUESTION_WORDS
    return line.prose and not (asks and is_headline(line.text))


def is_bullet(line: Line) -> bool:
    """Tell whether a line is printed as an entry of a list."""
    return line.text[:1] in "•●▪-–"


def take_list(lines: Sequence[Line], place: int, end: int, rule: str) -> None:
    """Decide that the entries of the list right below *place* are furniture by that rule."""
    for at in filled(lines, place + 1, end):
        if not lines[at].open or not (is_bullet(lines[at]) or lines[at].block.kind == "item"):
            return
        lines[at].furniture(rule)


def take_listed_credit(lines: Sequence[Line], place: int) -> bool:
    """Decide a label alone and the entry of a list below it that say whose a picture is; tell if they do.

    `Photo :`, then `• AP Photo/Someone`.
    """
    below = next_filled(lines, place)
    if below is None or not _PICTURE_LABEL.fullmatch(lines[place].text) or not is_bullet(lines[below]):
        return False
    for at in (place, below):
        lines[at].take("photo_credit", "field/photo-credit")
    return True


def is_same_picture(line: Line, caption: Line, share: float = ALT_SHARE) -> bool:
    """Tell whether at least *share* (0.0 to 1.0) of the words of a line stand in the caption too."""
    mine = set(line.key.split())
    return bool(mine) and len(mine & set(caption.key.split())) >= share * len(mine)


def has_letters(text: str) -> bool:
    """Tell whether a line has a letter or a digit at all."""
    return _LETTER.search(text) is not None


def filled(lines: Sequence[Line], begin: int, end: int | None = None) -> Iterator[int]:
    """Yield the places of the lines that are not blank, from *begin* on."""
    for place in range(begin, len(lines) if end is None else end):
        if lines[place].text:
            yield place


def next_filled(lines: Sequence[Line], place: int, end: int | None = None) -> int | None:
    """Return the place of the next line that is not blank, before *end*, or None."""
    return next(filled(lines, place + 1, end), None)


def previous_filled(lines: Sequence[Line], place: int) -> int | None:
    """Return the place of the last line before *place* that is not blank, or None."""
    return next((at for at in range(place - 1, -1, -1) if lines[at].text), None)


def mark_hits(lines: Iterable[Line], rules: Rules, zones: frozenset[str]) -> None:
    """Note for each undecided line which rule of words holds for it in these zones."""
    for line in lines:
        if line.role or not line.text:
            continue
        if line.matches is None:
            line.matches = rules.matches(line.text)
        line.hit = next((rule for rule in line.matches if rule.where in zones), None)
