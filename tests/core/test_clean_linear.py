"""Hostile page texts cost work in proportion to their size: work is counted, not timed.

Two counts: calls of functions while a page is read, and, for patterns, that none can backtrack without bound.
"""

import re
import sys
from collections.abc import Iterator
from importlib import import_module
from types import FrameType
from typing import Any

import pytest

from crawler.text.clean import clean_page
from crawler.text.rules import COMMON

MODULES = (
    *("body", "clean", "credits", "dateline", "ending", "head", "headline", "inside", "lines", "normalise"),
    *("people", "rules", "shape", "signoff", "start"),
)

FLOODS = {
    "blank lines": "\n",
    "labels": "Baca juga: Harga Kopi Naik Lagi\n",
    "labels alone": "Baca juga\n",
    "headings": "Berita Terkait\nKalimat tentang perjalanan rombongan itu.\n",
    "sign-offs": "(abc/def)\nKalimat tentang perjalanan rombongan itu.\n",
    "editors": "Editor:\n",
    "dates": "Selasa, 4 Juni 2024 - 20:42 WIB\n",
    "headlines": "Rombongan Kereta Tiba di Ibu Kota Sesudah Dua Hari\n",
    "paragraphs": "Kalimat tentang perjalanan rombongan itu ke ibu kota.\n",
    "links in brackets": "Kalimat tentang perjalanan itu. (Baca: (Baca: Kereta Tiba)\n",
    "captions": "Rombongan tiba di stasiun. (Foto: AFP/Ani)\n",
    "datelines": "JAKARTA, WARTA.com - Kalimat tentang perjalanan rombongan itu.\n",
    "bullets": "  • butir\n",
    "dashes": "-\nApa itu? Itu kereta.\n",
    "teasers": "Headline\nKalimat tentang perjalanan rombongan itu.\n",
    "one line of labels": "Baca juga: ",
    "one line of strokes": "a/b ",
    "one line of brackets": "(a [b ",
    "one line of capitals": "AB Cd. ",
    "one word": "a",
}


def calls_of(text: str) -> int:
    """Return how many functions, ours and built in, reading *text* calls."""
    count = 0

    def tally(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(tally)
    try:
        clean_page(text)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS.keys())
def test_twice_the_flood_is_twice_the_work(flood: str) -> None:
    clean_page(flood * 3)
    once, twice = calls_of(flood * 400), calls_of(flood * 800)
    assert twice <= 2.2 * once + 500


def patterns() -> Iterator[tuple[str, str]]:
    for rule in COMMON:
        for pattern in rule.patterns:
            yield rule.name, pattern
    for module in MODULES:
        for name, value in vars(import_module(f"crawler.text.{module}")).items():
            for found in value if isinstance(value, tuple) else (value,):
                if isinstance(found, re.Pattern):
                    yield f"{module}.{name}", found.pattern


def unbounded_inside_unbounded(tree: Any, *, inside: bool = False) -> bool:
    """Tell whether a repeat without a bound holds another: the form that backtracks without end."""
    for operation, argument in tree:
        if "REPEAT" in str(operation):
            _, most, content = argument
            endless = str(most) == "MAXREPEAT"
            if (endless and inside) or unbounded_inside_unbounded(content, inside=inside or endless):
                return True
            continue
        for part in argument if isinstance(argument, tuple) else ():
            branches = part if isinstance(part, list) else [part]
            for branch in branches:
                if hasattr(branch, "data") and unbounded_inside_unbounded(branch, inside=inside):
                    return True
    return False


PATTERNS = sorted(set(patterns()))


@pytest.mark.parametrize(("name", "pattern"), PATTERNS, ids=[f"{n}-{i}" for i, (n, _) in enumerate(PATTERNS)])
def test_no_pattern_nests_unbounded_repeats(name: str, pattern: str) -> None:
    tree = re._parser.parse(pattern)  # type: ignore[attr-defined]  # noqa: SLF001 - the only reader of patterns there is
    assert not unbounded_inside_unbounded(tree), name


def test_the_reader_of_patterns_finds_the_bad_form() -> None:
    bad = re._parser.parse(r"x(?:a+|b)*y")  # type: ignore[attr-defined]  # noqa: SLF001 - as above
    assert unbounded_inside_unbounded(bad)
    good = re._parser.parse(r"x(?:a+|b){0,3}y+")  # type: ignore[attr-defined]  # noqa: SLF001 - as above
    assert not unbounded_inside_unbounded(good)
