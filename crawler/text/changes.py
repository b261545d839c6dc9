"""What an outlet changed in an article: the sentences added, removed and changed, each with its kind. Pure.

Sentences that stand in both versions are no change, wherever they stand: a moved paragraph gives none. Of the
others those that are most alike are one changed sentence; what is left was added or removed. Spaces,
quotation marks, dashes and the breaks between paragraphs are typography, which is no change either.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final, Literal

import attrs

from crawler.items import Article, Instant
from crawler.text.normalise import likeness
from crawler.text.sentences import Word, is_mark, join_sentences, same_form, split_sentences, words_of

Kind = Literal["headline", "byline", "date", "number", "name", "quote", "correction", "other"]
Action = Literal["added", "removed", "changed"]

_TELLING: Final[tuple[Kind, ...]] = ("number", "name", "date")
_ALIKE, _ALIKE_IN_PLACE = 0.5, 0.25  # share of words in common, that of the only two in one place
_COMMON_IN = 40  # sentences; a word that more of them have says nothing of which belongs to which
_MOST_WORDS = 400  # of a sentence; beyond, its changed middle is shown as one stretch

_NOTE = re.compile(
    r"\b(?:ralat|koreksi|catatan redaksi|klarifikasi redaksi|hak (?:jawab|koreksi)|meralat|dikoreksi|diralat"
    r"|mengoreksi|permohonan maaf redaksi|redaksi (?:mohon|memohon|meminta) maaf"
    r"|(?:artikel|berita|judul|naskah|tulisan|isi|paragraf|data|informasi) (?:ini )?(?:sebelumnya )?"
    r"(?:telah|sudah) (?:di(?:perbarui|perbaiki|ubah|sunting)"
    r"|mengalami (?:perubahan|perbaikan|penyuntingan)))\b",
    re.IGNORECASE,
)
_DAYS_AND_MONTHS = re.compile(
    r"senin|selasa|rabu|kamis|jum'?at|sabtu|minggu|ahad|januari|februari|maret|april|mei|juni|juli|agustus"
    r"|september|oktober|november|desember|kemarin|besok|lusa"
)
_DIGITS: Final = {
    "nol": "0",
    "satu": "1",
    "dua": "2",
    "tiga": "3",
    "empat": "4",
    "lima": "5",
    "enam": "6",
    "tujuh": "7",
    "delapan": "8",
    "sembilan": "9",
    "sepuluh": "10",
    "sebelas": "11",
}
_NUMERAL = re.compile(
    r"belas|(?:puluh|ratus|ribu|juta|miliar|triliun)(?:an)?|se(?:ratus|ribu|juta|lusin)|.*\d.*"
)


@attrs.frozen
class Change:
    """One edit: what it is, and the text before and after it; None on the side where there was none."""

    kind: Kind
    action: Action
    old: str | None
    new: str | None


@attrs.frozen
class Span:
    """A stretch of a text, and whether it is what differs from the other version."""

    text: str
    changed: bool


@attrs.frozen
class _Sentence:
    text: str
    key: str
    paragraph: int
    at: int
    words: frozenset[str]


def changes(old: Article, new: Article) -> tuple[Change, ...]:
    """Return the edits between two versions of an article: of headline, byline and date, then of the text."""
    found: list[Change] = []
    if same_form(old.headline) != same_form(new.headline):
        kind: Kind = "correction" if _is_note(new.headline) and not _is_note(old.headline) else "headline"
        found.append(Change(kind, "changed", old.headline, new.headline))
    if [likeness(name) for name in old.byline] != [likeness(name) for name in new.byline]:
        found.append(_field("byline", ", ".join(old.byline), ", ".join(new.byline)))
    before, after = old.published_at, new.published_at
    if (before and before.utc) != (after and after.utc):
        found.append(_field("date", _printed(before), _printed(after)))
    return (*found, *text_changes(old.body, new.body))


def same_text(old: Article, new: Article) -> bool:
    """Tell whether two versions differ in typography alone."""
    return (
        (old.published_at and old.published_at.utc) == (new.published_at and new.published_at.utc)
        and same_form(old.headline) == same_form(new.headline)
        and [likeness(name) for name in old.byline] == [likeness(name) for name in new.byline]
        and same_form(" ".join(old.body)) == same_form(" ".join(new.body))
    )


def kinds_of(found: Iterable[Change]) -> list[Kind]:
    """Return the kinds that occur, each once; where no sentence differs, only their order: other."""
    return list(dict.fromkeys(change.kind for change in found)) or ["other"]


def spans(change: Change) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Return the old and the new text of a change in stretches, those that differ marked."""
    if change.old is None or change.new is None:
        return tuple(() if text is None else (Span(text, changed=True),) for text in (change.old, change.new))  # type: ignore[return-value] # of two
    old, new = words_of(change.old), words_of(change.new)
    kept = _kept(old, new)
    return (
        tuple(_spans(change.old, old, [first for first, _ in kept])),
        tuple(_spans(change.new, new, [second for _, second in kept])),
    )


def _field(kind: Kind, old: str, new: str) -> Change:
    action: Action = "changed" if old and new else "added" if new else "removed"
    return Change(kind, action, old or None, new or None)


def _printed(instant: Instant | None) -> str:
    return instant.at.isoformat(timespec="minutes") if instant else ""


def text_changes(old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    """Yield the edits between two texts, given as paragraphs."""
    before, after = _sentences(old), _sentences(new)
    if [one.key for one in before] == [one.key for one in after]:
        return
    lost, come = _left(before, after), _left(after, before)
    pairs = _pairs(lost, come, before, after)
    names = _names([*old, *new])
    paired_old, paired_new = {first.at for first, _ in pairs}, {second.at for _, second in pairs}
    found: list[tuple[float, Change]] = [
        (second.at, Change(_kind(first.text, second.text, names), "changed", first.text, second.text))
        for first, second in pairs
    ]
    places = _places(before, after)
    for group in _groups([one for one in lost if one.at not in paired_old]):
        text = join_sentences([one.text for one in group])
        found.append((places[group[0].at], Change(_kind_alone(text), "removed", text, None)))
    for group in _groups([one for one in come if one.at not in paired_new]):
        text = join_sentences([one.text for one in group])
        found.append((group[0].at, Change(_kind_alone(text), "added", None, text)))
    yield from (change for _, change in sorted(found, key=lambda each: each[0]))


def _sentences(body: Sequence[str]) -> list[_Sentence]:
    found: list[_Sentence] = []
    for number, paragraph in enumerate(body):
        for text in split_sentences(paragraph):
            words = frozenset(word.text.casefold() for word in words_of(text) if not is_mark(word))
            found.append(_Sentence(text, same_form(text), number, len(found), words))
    return found


def _left(these: Sequence[_Sentence], others: Sequence[_Sentence]) -> list[_Sentence]:
    """Return those of *these* that the others lack; of a repeated one the surplus at the end."""
    there = Counter(one.key for one in others)
    left = []
    for one in these:
        if there[one.key]:
            there[one.key] -= 1
        else:
            left.append(one)
    return left


def _pairs(
    lost: Sequence[_Sentence],
    come: Sequence[_Sentence],
    before: Sequence[_Sentence],
    after: Sequence[_Sentence],
) -> list[tuple[_Sentence, _Sentence]]:
    """Return which lost sentence became which new one: the most alike first, each once."""
    by_word: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(come):
        for word in one.words:
            by_word[word].append(number)
    gaps_old, gaps_new = _gaps(lost, before, after), _gaps(come, after, before)
    scored: list[tuple[float, int, int, int]] = []
    for first, one in enumerate(lost):
        shared = Counter(
            second for word in one.words if len(by_word[word]) <= _COMMON_IN for second in by_word[word]
        )
        for second, number in shared.items():
            other = come[second]
            alike = _alike(one, other)
            in_place = gaps_old[one.at] == gaps_new[other.at]
            if number and alike >= (_ALIKE_IN_PLACE if in_place else _ALIKE):
                scored.append((-alike - in_place * 0.2, abs(one.at - other.at), first, second))
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    pairs = []
    for _, _, first, second in sorted(scored):
        if first not in taken_old and second not in taken_new:
            taken_old.add(first)
            taken_new.add(second)
            pairs.append((lost[first], come[second]))
    return pairs


def _alike(one: _Sentence, other: _Sentence) -> float:
    total = len(one.words) + len(other.words)
    return 2 * len(one.words & other.words) / total if total else 1.0


def _gaps(
    left: Sequence[_Sentence], these: Sequence[_Sentence], others: Sequence[_Sentence]
) -> dict[int, tuple[str, str]]:
    """Return, for each sentence that is left, which kept sentences stand before and after it."""
    open_ones = {one.at for one in left}
    known = {one.key for one in others}
    following, behind = "", {}
    for one in reversed(these):
        behind[one.at] = following
        if one.at not in open_ones and one.key in known:
            following = one.key
    before, gaps = "", {}
    for one in these:
        if one.at in open_ones:
            gaps[one.at] = (before, behind[one.at])
        else:
            before = one.key
    return gaps


def _groups(left: Sequence[_Sentence]) -> Iterator[list[_Sentence]]:
    """Yield runs of neighbours within one paragraph: what was put in or taken out in one stroke."""
    group: list[_Sentence] = []
    for one in left:
        if group and (one.at != group[-1].at + 1 or one.paragraph != group[-1].paragraph):
            yield group
            group = []
        group.append(one)
    if group:
        yield group


def _places(before: Sequence[_Sentence], after: Sequence[_Sentence]) -> "dict[int, float]":
    """Return, for each old sentence, where among the new ones a reader would look for it."""
    at = {one.key: one.at for one in reversed(after)}
    place, places = -1.0, {}
    for one in before:
        place = float(at[one.key]) if one.key in at else place
        places[one.at] = place + 0.5
    return places


# --- Kinds


def _is_note(text: str) -> bool:
    return _NOTE.search(text) is not None


def _kind_alone(text: str) -> Kind:
    """Return the kind of text that was added or removed."""
    if _is_note(text):
        return "correction"
    return "quote" if any(word.quoted and not is_mark(word) for word in words_of(text)) else "other"


def _kind(old: str, new: str, names: frozenset[str]) -> Kind:
    """Return the most telling kind of a changed sentence."""
    if _is_note(new) and not _is_note(old):
        return "correction"
    before, after = words_of(old), words_of(new)
    lost, come = _differing(before, after), _differing(after, before)
    kinds = {_class_of(word, names) for word in (*lost, *come)}
    if len(kinds) == 1:
        return kinds.pop()
    if kinds and kinds <= {"date", "number"}:
        return "date"
    if _said(before) != _said(after):
        return "quote"
    return next((kind for kind in _TELLING if kind in kinds), "other")


def _differing(these: Sequence[Word], others: Sequence[Word]) -> list[Word]:
    """Return the words that the other version lacks, however it orders the rest."""
    there = Counter(_plain(word) for word in others)
    found = []
    for word in these:
        if is_mark(word):
            continue
        plain = _plain(word)
        if there[plain]:
            there[plain] -= 1
        else:
            found.append(word)
    return found


def _plain(word: Word) -> str:
    text = word.text.casefold()
    return _DIGITS.get(text, text)


def _said(words: Sequence[Word]) -> list[str]:
    return [_plain(word) for word in words if word.quoted and not is_mark(word)]


def _class_of(word: Word, names: frozenset[str]) -> Kind:
    plain = word.text.casefold()
    if _DAYS_AND_MONTHS.fullmatch(plain):
        return "date"
    if plain in _DIGITS or _NUMERAL.fullmatch(plain):
        return "number"
    if word.text[0].isupper() and (word.start > 0 or plain in names):
        return "name"
    return "quote" if word.quoted else "other"


def _names(paragraphs: Iterable[str]) -> frozenset[str]:
    """Return the words that are written with a capital within sentences: names, also where they begin one."""
    found: set[str] = set()
    for paragraph in paragraphs:
        for sentence in split_sentences(paragraph):
            words = [word for word in words_of(sentence) if not is_mark(word)]
            found.update(word.text.casefold() for word in words[1:] if word.text[0].isupper())
    return frozenset(found)


# --- Words, for display


def _kept(old: Sequence[Word], new: Sequence[Word]) -> list[tuple[int, int]]:
    """Return pairs of indices of the words that both versions have, in order."""
    first = [same_form(word.text) for word in old]
    second = [same_form(word.text) for word in new]
    if max(len(first), len(second)) <= _MOST_WORDS:
        blocks = SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks()
        return [(block.a + at, block.b + at) for block in blocks for at in range(block.size)]
    shorter = min(len(first), len(second))
    start = next((at for at in range(shorter) if first[at] != second[at]), shorter)
    end = next((at for at in range(shorter - start) if first[-1 - at] != second[-1 - at]), shorter - start)
    return [(at, at) for at in range(start)] + [
        (len(first) - at, len(second) - at) for at in range(end, 0, -1)
    ]


def _spans(text: str, words: Sequence[Word], kept: Sequence[int]) -> Iterator[Span]:
    same = set(kept)
    start, changed = 0, False
    for number, word in enumerate(words):
        differs = number not in same
        if differs != changed:
            # White space before a change stays outside of it, that behind it too.
            end = word.start if differs else words[number - 1].end
            if end > start:
                yield Span(text[start:end], changed)
            start, changed = end, differs
    if start < len(text):
        yield Span(text[start:], changed)
