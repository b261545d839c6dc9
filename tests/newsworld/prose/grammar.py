"""A small grammar that turns templates into text.

A template is plain text with

    [one|two|three]   one of them, nested at will; an empty one leaves nothing
    {kota}            a fresh draw from the list of that name in `data/lexicon.txt`
    {kota1}           a draw that stays the same for the whole article (digits 1 to 9)
    {kota1.s}         its short form, where the list gives one ("Full text = Short")
    {2-9}             a whole number; from 1000 on it is printed with dots
    {2019-2023y}      a year

Data files hold sections (`== name ==`) of one template a line; `#` opens a comment line. A theme may stand
before a template (`flood> …`): headline and lead of a story share theirs.
"""

import re
from functools import cache
from pathlib import Path
from random import Random
from typing import TypeAlias

DATA = Path(__file__).parent / "data"

Memo: TypeAlias = dict[str, tuple[str, str]]
Part: TypeAlias = "str | Slot | Choice"
Template: TypeAlias = tuple[Part, ...]

_TOKEN = re.compile(r"[\[\]|]|\{[^{}]*\}|[^\[\]|{}]+")
_SLOT = re.compile(r"([a-z_]+)([1-9]?)(\.s)?")
_RANGE = re.compile(r"(\d+)-(\d+)(y?)")


class Slot:
    """A place for a draw from a list, or for a number."""

    __slots__ = ("high", "key", "low", "name", "short", "year")

    def __init__(self, text: str) -> None:
        self.low = self.high = -1
        self.name = self.key = ""
        self.short = self.year = False
        if found := _RANGE.fullmatch(text):
            self.low, self.high, self.year = int(found[1]), int(found[2]), bool(found[3])
        elif found := _SLOT.fullmatch(text):
            self.name, self.short = found[1], bool(found[3])
            self.key = found[1] + found[2] if found[2] else ""
        else:
            raise ValueError(f"{{{text}}} is neither a list nor a range of numbers")


class Choice:
    """Alternatives of which one is taken."""

    __slots__ = ("options",)

    def __init__(self, options: tuple[Template, ...]) -> None:
        self.options = options


@cache
def compiled(text: str) -> Template:
    """Return *text* ready to be expanded."""
    tokens = _TOKEN.findall(text)
    template, end = _sequence(tokens, 0, inside=False)
    if end != len(tokens):
        raise ValueError(f"unbalanced brackets in {text!r}")
    return template


def _sequence(tokens: list[str], start: int, *, inside: bool) -> tuple[Template, int]:
    parts: list[Part] = []
    at = start
    while at < len(tokens):
        piece = tokens[at]
        if piece == "[":
            options: list[Template] = []
            while at < len(tokens) and tokens[at] in {"[", "|"}:
                option, at = _sequence(tokens, at + 1, inside=True)
                options.append(option)
            if at >= len(tokens):
                raise ValueError("a bracket is not closed")
            parts.append(Choice(tuple(options)))
        elif piece in {"|", "]"} and inside:
            return tuple(parts), at
        elif piece.startswith("{"):
            parts.append(Slot(piece[1:-1]))
        else:
            parts.append(piece)
        at += 1
    return tuple(parts), at


def dotted(number: int) -> str:
    """Return *number* with dots between its thousands: `12.400`."""
    return f"{number:,}".replace(",", ".")


def expand(template: Template, rng: Random, memo: Memo) -> str:
    """Return one text of *template*; draws with a digit are remembered in *memo*."""
    out: list[str] = []
    _expand(template, rng, memo, out)
    return "".join(out)


def _expand(template: Template, rng: Random, memo: Memo, out: list[str]) -> None:
    for part in template:
        if isinstance(part, str):
            out.append(part)
        elif isinstance(part, Choice):
            options = part.options
            _expand(options[int(rng.random() * len(options))], rng, memo, out)
        elif part.low >= 0:
            number = part.low + int(rng.random() * (part.high - part.low + 1))
            out.append(str(number) if part.year else dotted(number))
        else:
            out.append(_draw(part, rng, memo))


def _draw(slot: Slot, rng: Random, memo: Memo) -> str:
    return _pair(slot, rng, memo)[1 if slot.short else 0]


def _pair(slot: Slot, rng: Random, memo: Memo) -> tuple[str, str]:
    """Return the full and the short form of a draw."""
    if slot.key and slot.key in memo:
        return memo[slot.key]
    entries = entries_of(slot.name)
    full, short = entries[int(rng.random() * len(entries))]
    if len(full) == 1 and isinstance(full[0], Slot) and full[0].name:
        pair = _pair(full[0], rng, memo)  # a list of lists: the inner one knows the short form
    else:
        text = expand(full, rng, memo)
        pair = (text, expand(short, rng, memo) if short else text)
    if slot.key:
        memo[slot.key] = pair
    return pair


@cache
def entries_of(name: str) -> tuple[tuple[Template, Template], ...]:
    """Return the entries of a list of the lexicon: full and short form (empty where there is none)."""
    lines = sections("lexicon").get(name)
    if not lines:
        raise KeyError(f"no list {name!r} in lexicon.txt")
    pairs = []
    for line in lines:
        full, _, short = line.partition(" = ")
        pairs.append((compiled(full), compiled(short) if short else ()))
    return tuple(pairs)


@cache
def sections(name: str) -> dict[str, tuple[str, ...]]:
    """Return the sections of a data file, each the tuple of its lines."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for raw in (DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("== "):
            current = found.setdefault(line.strip("= "), [])
        else:
            current.append(line)
    return {key: tuple(lines) for key, lines in found.items()}


@cache
def templates(name: str, section: str) -> tuple[Template, ...]:
    """Return the templates of one section of a data file, none where it has no such section."""
    return tuple(template for _, template in themed(name, section))


@cache
def themed(name: str, section: str) -> tuple[tuple[str, Template], ...]:
    """Return the templates of a section, each with the theme that stands before it, empty for none."""
    found = []
    for line in sections(name).get(section, ()):
        theme, mark, text = line.partition("> ")
        found.append((theme, compiled(text)) if mark and theme.isalpha() else ("", compiled(line)))
    return tuple(found)
