"""What kind of edit a change of a sentence is, as an editor would call it. Pure.

The most telling kind wins: a note of correction, then what alone differs (numbers, names, dates), then words
in quotation marks, then the most telling of what differs among other words.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, Literal

import attrs

from crawler.text.lexicon import PROFESSIONS, SMALL
from crawler.text.sentences import Word, is_mark, split_sentences, words_of

Kind = Literal["headline", "byline", "date", "number", "name", "quote", "correction", "other"]

_TELLING: Final[tuple[Kind, ...]] = ("number", "name", "date")
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
# What names do not look like, and what follows one that begins a sentence.
_DERIVED = re.compile(r"(?:pe[a-z]{4,}|ke[a-z]+an|.+(?:nya|kan|isme|asi))")
_VERB = re.compile(r"(?:me|ber|di|ter)[a-z]{3}|juga\b|pun\b|sendiri\b|ikut\b")
_NUMERAL = re.compile(
    r"belas|(?:puluh|ratus|ribu|juta|miliar|triliun)(?:an)?|se(?:ratus|ribu|juta|lusin)|.*\d.*"
)


@attrs.frozen
class Vocabulary:
    """Words of two versions in lower case: written with a capital within sentences, and without one."""

    names: frozenset[str]
    common: frozenset[str]


def is_note(text: str) -> bool:
    return _NOTE.search(text) is not None


def kind_alone(text: str) -> Kind:
    """Return the kind of text that was added or removed."""
    if is_note(text):
        return "correction"
    return "quote" if any(word.quoted and not is_mark(word) for word in words_of(text)) else "other"


def kind_of(old: str, new: str, known: Vocabulary) -> Kind:
    """Return the most telling kind of a changed sentence."""
    if is_note(new) and not is_note(old):
        return "correction"
    before, after = words_of(old), words_of(new)
    lost, come = _differing(before, after), _differing(after, before)
    if lost and come and _opens(lost[0], before, known) and _opens(come[0], after, known):
        opening = {lost[0].text.casefold(), come[0].text.casefold()}
        known = attrs.evolve(known, names=known.names | opening)
    kinds = {_class_of(word, known) for word in (*lost, *come)}
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


def _class_of(word: Word, known: Vocabulary) -> Kind:
    plain = word.text.casefold()
    if _DAYS_AND_MONTHS.fullmatch(plain):
        return "date"
    if plain in _DIGITS or _NUMERAL.fullmatch(plain):
        return "number"
    if word.text[0].isupper() and plain in known.names:
        return "name"
    return "quote" if word.quoted else "other"


def vocabulary_of(paragraphs: Iterable[str]) -> Vocabulary:
    """Return which words of a text are names, and which are not, by how they are written within sentences."""
    names: set[str] = set()
    common: set[str] = set()
    for paragraph in paragraphs:
        for sentence in split_sentences(paragraph):
            words = [word for word in words_of(sentence) if not is_mark(word)]
            names.update(word.text.casefold() for word in words[1:] if word.text[0].isupper())
            common.update(word.text for word in words if word.text[0].islower())
    return Vocabulary(frozenset(names), frozenset(common))


def _opens(word: Word, words: Sequence[Word], known: Vocabulary) -> bool:
    """Tell whether a sentence begins with a name that stands nowhere else: "Orlova menilai …"."""
    plain = word.text.casefold()
    following = next((each.text for each in words if each.start > word.start and not is_mark(each)), "")
    return (
        word.start == 0
        and plain not in known.common | SMALL | PROFESSIONS
        and not _DERIVED.fullmatch(plain)
        and _VERB.match(following) is not None
    )
