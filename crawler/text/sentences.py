"""Splits Indonesian prose into sentences and words. Pure, and linear in the length of the text."""

import re
from collections.abc import Sequence
from typing import Final

import attrs

# What ends in a stop without ending a sentence: titles, ranks, forms of address, references.
_SHORTENED = re.compile(
    r"prof|dr[sa]?|ir|hj?|kh|sdri?|tn|n[yn]|bpk|yth|mrs?|ms|jln?|ke[cl]|kab|rp|vs|pt|cv|ud"
    r"|jend|(?:let|may|brig)jen|(?:let)?kol|kapt|lett[ud]|serma|komjen|irjen|kombes|akbp|kompol"
    r"|laks(?:da|ma)?|mars(?:da|ma)|gen|lt|maj|capt|sgt|gov"
    r"|a\.n|u\.[bp]|d\.a|c\.q|s\.d|a\.l|i\.e|e\.g|[sm]\.[a-z]{1,2}|ph\.d",
    re.IGNORECASE,
)
# Words of their own too: shortened only where a number follows.
_NUMBERED = re.compile(r"n[or]|hlm|hal|tgl|vol|ed|ps|ay|psl", re.IGNORECASE)
_END = re.compile(r"([.!?…]+)([\"”’')\]»]*)\s+(?=[\"“‘'(\[«]*[A-Z0-9À-Þ])")
_LAST_WORD = re.compile(r"[\w.]*\Z")
_QUOTED = re.compile(r"“[^”]{0,2000}”|\"[^\"]{0,2000}\"|«[^»]{0,2000}»|(?<!\w)‘[^’]{0,500}’(?!\w)")
_UNCLOSED = re.compile(r"[“\"«]")
_WORD = re.compile(r"\d+(?:[.,:/]\d+)*%?|\w+(?:[-'’]\w+)*|[^\w\s]")
_SAME: Final = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "…": "...",
        "\u00a0": " ",
        "\u202f": " ",
        "\u00ad": "",
        "\u200b": "",
        "\ufeff": "",
    }
)


@attrs.frozen
class Word:
    """A word, a number or a mark: where it stands in its sentence, and whether inside quotation marks."""

    text: str
    start: int
    end: int
    quoted: bool


def split_sentences(paragraph: str) -> list[str]:
    """Return the sentences of a paragraph; what stands in one pair of quotation marks is never parted."""
    quoted = [match.span() for match in _QUOTED.finditer(paragraph)]
    sentences, start, at = [], 0, 0
    for match in _END.finditer(paragraph):
        while at < len(quoted) and quoted[at][1] <= match.start(1):
            at += 1
        inside = at < len(quoted) and quoted[at][0] < match.start(1) and match.end(2) < quoted[at][1]
        if inside or _goes_on(paragraph, match):
            continue
        sentences.append(paragraph[start : match.end(2)].strip())
        start = match.end()
    sentences.append(paragraph[start:].strip())
    return [sentence for sentence in sentences if sentence]


def same_form(text: str) -> str:
    """Return the form in which texts are equal that differ in spaces, quotation marks and dashes alone."""
    return " ".join(text.translate(_SAME).split())


def words_of(sentence: str) -> tuple[Word, ...]:
    """Return words, numbers and marks of a sentence in order."""
    quoted = [match.span() for match in _QUOTED.finditer(sentence)]
    rest = quoted[-1][1] if quoted else 0
    if unclosed := _UNCLOSED.search(sentence, rest):  # a quotation that goes on in the next paragraph
        quoted.append((unclosed.start(), len(sentence)))
    found, at = [], 0
    for match in _WORD.finditer(sentence):
        while at < len(quoted) and quoted[at][1] <= match.start():
            at += 1
        inside = at < len(quoted) and quoted[at][0] <= match.start()
        found.append(Word(match[0], match.start(), match.end(), inside))
    return tuple(found)


def is_mark(word: Word) -> bool:
    """Tell whether it is punctuation."""
    return not (word.text[0].isalnum() or word.text[0] == "_")


def join_sentences(sentences: Sequence[str]) -> str:
    """Return sentences as one text."""
    return " ".join(sentences)


def _goes_on(paragraph: str, match: re.Match[str]) -> bool:
    """Tell whether the stop belongs to an abbreviation, an initial or a number of a list."""
    if match[1] != "." or match[2]:
        return False
    # The longest abbreviation is far shorter: looking further back would make long text slow.
    last = _LAST_WORD.search(paragraph[max(0, match.start(1) - 20) : match.start(1)])
    word = last[0] if last else ""
    if len(word) == 1 and (word.isupper() or (word.isdigit() and _begins(paragraph, match.start(1) - 1))):
        return True
    if _NUMBERED.fullmatch(word):
        return paragraph[match.end()].isdigit()
    return _SHORTENED.fullmatch(word) is not None


def _begins(paragraph: str, at: int) -> bool:
    return not paragraph[:at].strip() if at < 8 else False  # noqa: PLR2004 - room for a list's own mark
