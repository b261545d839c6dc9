"""Which agencies an article is credited to, and whose pictures it shows. Pure.

A credit stands apart from the prose: in the dateline, as the source, in brackets behind the last sentence, on
a line of its own. An agency that a sentence names ("kantor berita KCNA melaporkan") is only quoted.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from typing import Any, Final, Protocol

import attrs

from crawler.items import Removed

VERSION: Final = "1"
"""Changes with whatever changes what is read of the same article."""

_MAX_LINE_CHARS: Final = 100
_MAX_PARTS: Final = 6
_MAX_NAME_WORDS: Final = 4


@attrs.frozen(kw_only=True)
class Agency:
    """A news agency: its key, its name for people, what it signs with, which outlets are its own."""

    key: str
    shown: str
    signs: tuple[str, ...]
    pictures: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()


def _read() -> Iterator[Agency]:
    data: dict[str, dict[str, Any]] = tomllib.loads(
        files("crawler.text").joinpath("agencies.toml").read_text(encoding="utf-8")
    )
    for key, values in data.items():
        lists = {name: tuple(values[name]) for name in values if name != "shown"}
        yield Agency(key=key, shown=values["shown"], **lists)


AGENCIES: Final = tuple(_read())
OWN_OUTLETS: Final = {outlet: agency.shown for agency in AGENCIES for outlet in agency.outlets}
"""Outlets that are agencies themselves, with the agency's name."""

_SIGNS: Final = {sign: agency.shown for agency in AGENCIES for sign in agency.signs}
_PICTURE_SIGNS: Final = _SIGNS | {sign: agency.shown for agency in AGENCIES for sign in agency.pictures}


def _either(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


_ANY_SIGN = re.compile(rf"(?<!\w)(?:{_either(_PICTURE_SIGNS)})(?!\w)", re.IGNORECASE)
_LABEL = re.compile(
    r"(?:sumber(?: berita| artikel)?|source|dilansir dari|dikutip dari|disadur dari|diolah dari|laporan)"
    r"\s?[:\-–]?\s*",
    re.IGNORECASE,
)
_LABELLED = re.compile(r"(?:sumber(?: berita| artikel)?|source)\s?:\s*(?=\S)", re.IGNORECASE)
_PICTURE_LABEL = re.compile(
    r"(?:foto|photo|gambar|dok(?:umentasi)?\.?|sumber (?:foto|gambar)|kredit foto|image)\b", re.IGNORECASE
)
_PARTS = re.compile(r"\s*[/,|&;+]\s*|\s+(?:dan|via|and)\s+|\s+[-–—]\s+", re.IGNORECASE)
_INITIALS = re.compile(r"[a-z]{1,5}\d{0,2}|[A-Z]{2,4}\d{0,2}|[A-Z]-?\d{1,3}")
_BRACKETED_AT_END = re.compile(r"(?:^|[.!?…”\"*])\s*[(\[]([^()\[\]]{2,80})[)\]][\s.*-]*\Z")
_DASHED_AT_END = re.compile(r"[.!?…”\"]\s*[-–—]{1,2}\s?([A-Za-z][\w ./-]{1,30})\Z")
_DATELINE = re.compile(r"\A\s*([^()\n]{0,60}?)\(([^()\n]{2,40})\)\s*(?:-{1,2}|–|—)")
_PREFIX = re.compile(r"\A\s*([A-Z][^\n.!?\"“]{1,60}?)\s*(?:-{1,2}|–|—)(?=\s|\Z)")


class Signed(Protocol):
    """What is read of an article to tell whose it is; a stored `Article` is one."""

    @property
    def headline(self) -> str: ...
    @property
    def standfirst(self) -> str | None: ...
    @property
    def dateline(self) -> str | None: ...
    @property
    def source(self) -> str | None: ...
    @property
    def byline(self) -> Sequence[str]: ...
    @property
    def body(self) -> Sequence[str]: ...
    @property
    def captions(self) -> Sequence[str]: ...
    @property
    def removed(self) -> Sequence[Removed]: ...
    @property
    def page_text(self) -> str: ...


def credited_in(article: Signed) -> tuple[str, ...]:
    """Return the agencies whose text it is, as the article itself says."""
    return tuple(dict.fromkeys(_text_credits(article)))


def pictured_in(article: Signed) -> tuple[str, ...]:
    """Return the agencies whose pictures it shows."""
    found = [name for caption in article.captions for name in _picture_credits(caption)]
    for cut in article.removed:
        if cut.rule == "field/photo-credit" or _PICTURE_LABEL.match(cut.text.strip(" (•-[")):
            found += _picture_credits(cut.text)
    return tuple(dict.fromkeys(found))


def _text_credits(article: Signed) -> Iterator[str]:
    if article.source:
        yield from _listed(_LABEL.sub("", article.source, count=1), strictly=False)
    if article.dateline:
        yield from _dateline(f"{article.dateline} -")
    for name in article.byline:
        yield from _listed(name)
    for paragraph in article.body[:1]:
        yield from _dateline(paragraph)
    for paragraph in article.body:
        yield from _at_end(paragraph)
    for line in _lines_cut(article.removed):
        yield from credit_line(line)
        yield from _dateline(line)
        yield from _at_end(line)
    yield from _of_page(article)


def _lines_cut(removed: Sequence[Removed]) -> Iterator[str]:
    for cut in removed:
        text = cut.text.strip()
        if (
            len(text) <= _MAX_LINE_CHARS
            and cut.rule not in {"field/photo-credit", "field/caption", "repeat/caption"}
            and not _PICTURE_LABEL.match(text.strip("(•-[ "))
            and _ANY_SIGN.search(text)
        ):
            yield text


def _of_page(article: Signed) -> Iterator[str]:
    """Yield what the page's text says where the cleaned one does not: before its first words, at its end."""
    if not article.page_text or not article.body:
        return
    opening, closing = article.body[0][:40], article.body[-1][-40:]
    at = article.page_text.find(opening)
    if at > 0:
        yield from _dateline(article.page_text[article.page_text.rfind("\n", 0, at) + 1 : at])
    end = article.page_text.find(closing, max(0, at))
    if end > 0:
        behind = article.page_text[end + len(closing) : end + len(closing) + 400].splitlines()
        if behind:
            yield from _at_end("." + behind[0])
        for line in [line.strip() for line in behind[1:] if line.strip()][:3]:
            yield from credit_line(line)


def credit_line(line: str) -> Iterator[str]:
    """Yield the agencies of a line that says nothing but whose story it is: `Sumber: Antara/Reuters`."""
    text = line.strip(" \t•*-–—")
    if len(text) > _MAX_LINE_CHARS or _PICTURE_LABEL.match(text):
        return
    labelled = _LABELLED.match(text)
    if labelled:
        yield from _listed(text[labelled.end() :], strictly=False)
    elif text.startswith(("(", "[")):
        yield from _listed(text.strip("()[]. "))
    else:
        yield from _listed(text.rstrip("."))


def _at_end(paragraph: str) -> Iterator[str]:
    """Yield the agencies in brackets, or behind a dash, after the last sentence of a paragraph."""
    tail = paragraph[-_MAX_LINE_CHARS:].rstrip()
    match = _BRACKETED_AT_END.search(tail) or _DASHED_AT_END.search(tail)
    if match:
        yield from _listed(match[1])


def _dateline(line: str) -> Iterator[str]:
    """Yield the agencies of `Moskow (ANTARA/Reuters) -` and of `PYONGYANG, KCNA –`."""
    match = _DATELINE.match(line)
    if match:
        yield from _listed(match[2])
        return
    match = _PREFIX.match(line)
    if match and ("," in match[1] or "/" in match[1] or match[1].strip().casefold() in _SIGNS):
        for part in _PARTS.split(match[1]):
            if part.casefold() in _SIGNS and part.isupper():
                yield _SIGNS[part.casefold()]


def _listed(text: str, *, strictly: bool = True) -> Iterator[str]:
    """Yield the agencies among names with marks between; none where other words stand there too."""
    parts = [part.strip(" .()[]") for part in _PARTS.split(text.strip()) if part.strip(" .()[]")]
    if not 0 < len(parts) <= _MAX_PARTS:
        return
    found = [_SIGNS.get(_edition(part)) for part in parts]
    others = [part for part, name in zip(parts, found, strict=True) if name is None]
    if strictly and any(not _INITIALS.fullmatch(part) for part in others):
        return
    if not strictly and any(len(part.split()) > _MAX_NAME_WORDS for part in others):
        return
    yield from (name for name in found if name is not None)


def _edition(part: str) -> str:
    """Return the sign of an agency without what stands behind it: `ANTARA Bali`, `Reuters, 5 Maret`."""
    lowered = " ".join(part.casefold().split())
    if lowered in _SIGNS:
        return lowered
    first, _, rest = lowered.partition(" ")
    return first if first in _SIGNS and first == "antara" and rest.isalpha() and part.isascii() else lowered


def _picture_credits(text: str) -> Iterator[str]:
    """Yield the agencies that sign a picture, at the end of its caption or in its credit."""
    tail = text[-_MAX_LINE_CHARS:]
    start = max(tail.rfind("("), tail.rfind("["), tail.rfind(". ") + 1, 0)
    credit = tail[start:]
    if start == 0 and not ("/" in credit or _PICTURE_LABEL.match(credit) or credit.isupper()):
        return
    for match in _ANY_SIGN.finditer(credit):
        if match[0] != match[0].lower():
            yield _PICTURE_SIGNS[match[0].casefold()]
