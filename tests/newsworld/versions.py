"""The edits of a story: each changes exactly one thing of one kind, drawn from the story's key.

A kind that a story has no room for (no number in its text, no reporter printed) becomes `other`.
"""

import re
from dataclasses import replace
from datetime import timedelta
from functools import cache
from random import Random
from typing import NamedTuple

from tests.newsworld.happenings import Change, EditKind
from tests.newsworld.model import Block, Copy, Edit, Entry
from tests.newsworld.printed import iso
from tests.newsworld.prose.grammar import dotted, sections

_NUMBER = re.compile(r"(?<![\w/.,:–-])(?:\d{1,3}(?:\.\d{3})+|\d{1,3})(?![\w/:–-]|[.,]\d)")
_QUOTE = re.compile(r"“(\w+) ([^”]+)”")
_PEOPLE = ("pejabat_rusia", "pejabat_jepang", "pejabat_as", "pejabat_ukraina", "pejabat_eropa", "pengamat")
_PLACES = ("kota_rusia", "kota_korut", "kota_indonesia")
_LONG_ENOUGH = 5

TAILS = (
    *(", Ini yang Perlu Diketahui", ", Begini Duduk Perkaranya", ", Berikut Urutan Kejadiannya"),
    *(", Apa Artinya bagi Kawasan", ", Ini Kata Para Pengamat"),
)
SENTENCES = (
    "Keterangan lengkap akan disampaikan menyusul.",
    "Sampai berita ini diturunkan belum ada tanggapan resmi dari pihak lain.",
    "Pernyataan itu dibaca ulang di hadapan para hadirin sebelum acara ditutup.",
    "Suasana di tempat acara tetap tenang hingga malam.",
    "Rincian selebihnya tidak dibuka untuk umum.",
)
CORRECTIONS = (
    "Ralat: bagian mengenai jabatan narasumber dalam naskah ini telah diperbaiki oleh redaksi.",
    "Koreksi: penyebutan lembaga pada naskah sebelumnya keliru dan sudah dibetulkan.",
    "Ralat: urutan peristiwa dalam naskah awal tertukar. Redaksi mohon maaf atas kekeliruan tersebut.",
)


class Version(NamedTuple):
    """A story from one edit to the next; the first one has no edit."""

    entry: Entry
    copy: Copy
    edit: Edit | None


def edited(before: Version, change: Change, byline: tuple[str, ...]) -> Version:
    """Return the version that *change* makes of the one before; *byline* is what is printed of it."""
    number = before.entry.version + 1
    rng = Random(f"{before.entry.key}/edit/{number}")
    entry, copy, kind, old, new = _changed(before, change.kind, byline, rng)
    entry = replace(entry, version=number, changed_at=change.at)
    return Version(entry, copy, Edit(change.at, kind, number, old, new))


def _changed(
    before: Version, kind: EditKind, byline: tuple[str, ...], rng: Random
) -> tuple[Entry, Copy, EditKind, str, str]:
    entry, copy = before.entry, before.copy
    if kind == "headline":
        text = _another_headline(entry.headline, rng)
        return replace(entry, headline=text), copy, kind, entry.headline, text
    if kind == "date":
        at = entry.published_at
        shift = timedelta(minutes=rng.randint(3, 25))
        moved = at - shift if (at - shift).date() == at.date() else at + shift
        return replace(entry, plan=replace(entry.plan, published_at=moved)), copy, kind, iso(at), iso(moved)
    if kind == "byline" and copy.reporter in byline:
        # As many letters: what an outlet prints of a name may hang on them.
        others = [name for name in _reporters() if name != copy.reporter and not _odd(name, copy.reporter)]
        text = rng.choice(others)
        return entry, replace(copy, reporter=text), kind, copy.reporter, text
    if kind == "correction":
        text = rng.choice([each for each in CORRECTIONS if Block(each) not in copy.blocks] or CORRECTIONS)
        return entry, replace(copy, blocks=(*copy.blocks, Block(text))), kind, "", text
    change = {"number": _number, "name": _name, "quote": _quote}.get(kind)
    places = list(range(1, len(copy.blocks))) or [0]  # the lead says what the story is about
    rng.shuffle(places)
    for place in places if change is not None else ():
        block = copy.blocks[place]
        text = change(block.text, rng) if block.kind == "text" else None
        if text is not None:
            return entry, _with(copy, place, text), kind, block.text, text
    place = next((place for place in places if _ends_well(copy.blocks[place])), 0)
    free = [each for each in SENTENCES if each not in copy.blocks[place].text]
    text = f"{copy.blocks[place].text} {rng.choice(free or SENTENCES)}"
    return entry, _with(copy, place, text), "other", copy.blocks[place].text, text


def _with(copy: Copy, place: int, text: str) -> Copy:
    blocks = list(copy.blocks)
    blocks[place] = replace(blocks[place], text=text)
    return replace(copy, blocks=tuple(blocks))


def _ends_well(block: Block) -> bool:
    """Tell whether a sentence can follow: not a list's introduction, not a sign-off in brackets."""
    return block.kind == "text" and block.text.endswith(".") and len(block.text) > 60


def _another_headline(text: str, rng: Random) -> str:
    fresh = [tail for tail in TAILS if tail not in text]
    if fresh and text[-1] not in "?!’”":
        return text + rng.choice(fresh)
    return text.removeprefix("Terungkap, ") if text.startswith("Terungkap, ") else f"Terungkap, {text}"


def _number(text: str, rng: Random) -> str | None:
    found = _NUMBER.search(text)
    if found is None:
        return None
    value = int(found[0].replace(".", ""))
    more = value + rng.randint(1, 9) * max(1, value // 40)
    return text[: found.start()] + dotted(more) + text[found.end() :]


def _name(text: str, rng: Random) -> str | None:
    """Return *text* with one of the names in it corrected to another.

    Only a name within a sentence, outside of quotes: nothing else tells that a word is one.
    """
    hidden = re.sub(r"“[^”]*”", lambda found: "\0" * len(found[0]), text)
    for group in _names():
        for name in group:
            if found := re.search(rf"(?<=[\w,] ){re.escape(name)}(?![\w-])", hidden):
                other = rng.choice([each for each in group if each != name])
                return text[: found.start()] + other + text[found.end() :]
    return None


def _quote(text: str, rng: Random) -> str | None:
    """Return *text* with a word more in its first quotation."""
    found = _QUOTE.search(text)
    if found is None:
        return None
    word = rng.choice([each for each in ("memang", "tentu", "sungguh") if each not in found[0]])
    return f"{text[: found.end(1)]} {word}{text[found.end(1) :]}"


@cache
def _names() -> tuple[tuple[str, ...], ...]:
    """Return the groups of names that can stand for each other: family names, towns."""
    lexicon = sections("lexicon")
    people = [line.partition(" = ")[2] for name in _PEOPLE for line in lexicon[name]]
    towns = [[line.partition(" = ")[0] for line in lexicon[name]] for name in _PLACES]
    return tuple(
        tuple(name for name in group if len(name) >= _LONG_ENOUGH and name.isalpha())
        for group in (people, *towns)
    )


@cache
def _reporters() -> tuple[str, ...]:
    return sections("lexicon")["penulis"]


def _odd(one: str, other: str) -> bool:
    return (len(one) - len(other)) % 2 == 1
