"""What the form of a line tells: does it end like a sentence, is it written like a headline."""

import re

from crawler.text.lexicon import SMALL

_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]»*]*$")
_CLOSED_QUOTE = re.compile(r"[\"”][.,]?$")
_WORD = re.compile(r"[^\W_][\w'’.-]*")
_LABEL_EDGES = " \t\u00a0•·●▪-–—*>»«|:.…!?'\"“”‘’,;↓↑→←"
# Media Indonesia signs with the page: (H-2), (Ant/OL-4).
_DESK = re.compile(r"(?:[\w. ]{1,20}/){0,3}[A-Z]{1,3}-\d{1,3}")
# ANTARA signs with the codes of its desks: (H008/M028), (T.A043/Z002), (KR-PAW/E001).
_CODE = r"(?:[A-Z]\.)?(?:[A-Z]{1,4}-?\d{2,4}|KR-[A-Z]{2,4}|[A-Z]{1,4}-[A-Z]{1,4}\d{0,3})"
_CODES = re.compile(rf"(?=.*(?:\d\d|KR-)){_CODE}(?:/{_CODE}){{0,3}}")
_MIN_HEADLINE_SHARE = 0.6


def label_key(text: str) -> str:
    """Return the form in which labels are looked up: lower case, no bullets, colons and stops round it."""
    return " ".join(text.casefold().strip(_LABEL_EDGES).split())


def ends_sentence(text: str) -> bool:
    """Tell whether a folded line ends as a sentence does: stop, exclamation, question, with quotes behind."""
    return _SENTENCE_END.search(text[-8:]) is not None


def ends_with_stop(text: str) -> bool:
    """Tell whether a folded line ends with a full stop, quotation marks behind it allowed; dots are none."""
    return text.rstrip("\"'”’)").endswith(".") and not text.endswith("...")


def ends_quotation(text: str) -> bool:
    """Tell whether a folded line ends with a closing quotation mark."""
    return _CLOSED_QUOTE.search(text[-4:]) is not None


def is_desk_code(inside: str) -> bool:
    """Tell whether what stands in brackets is the code of a desk: `H-2`, `Ant/OL-4`, `T.A043/Z002`."""
    return _DESK.fullmatch(inside) is not None or _CODES.fullmatch(inside) is not None


def headline_share(text: str) -> float:
    """Return the share (0.0 to 1.0) of the telling words that begin with a capital letter or a digit."""
    told = [word for word in _WORD.findall(text[:300]) if word.casefold() not in SMALL]
    if not told:
        return 0.0
    return sum(not word[0].islower() for word in told) / len(told)


def is_headline(text: str) -> bool:
    """Tell whether a folded line reads as a headline: a capital first, no final stop, mostly capitals.

    A question mark, an exclamation or dots may end it. A headline in sentence case is none for this.
    """
    if ends_with_stop(text):
        return False
    first = text.lstrip("\"'“‘([")[:1]
    return bool(first) and not first.islower() and headline_share(text) >= _MIN_HEADLINE_SHARE
