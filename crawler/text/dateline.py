"""Read what stands before the first sentence: the outlet's name and the place, `KONTAN.CO.ID - MOSKOW. `."""

import re
from typing import Literal

import attrs

from crawler.text.lexicon import BRANDS, CITIES, NOT_PLACES, PLACES, is_outlet_name

_MAX_PREFIX_CHARS = 100
_MAX_PARTS = 3
_MAX_PLACE_WORDS = 4
_MAX_TOWN_WORDS = 3
_MIN_BARE_PLACE_CHARS = 4
_MAX_SUFFIX_CHARS = 3  # `co`, `com`, `go`, `web` before a country's own
_SPACES = " \t\r\n\u00a0\u200b\ufeff\u00ad\u2060"

_DOMAIN = re.compile(
    r"(?://|\(|\[)?(?:www\.)?[A-Za-z0-9][\w-]{0,30}(?:\.[\w-]{1,20}){0,2}"
    r"\.(?:com|co\.id|co|id|net|org|tv|news|info|me)(?![\w.]*@)\b[\])]?",
    re.IGNORECASE,
)
# What parts a prefix from the text. A hyphen needs a space on one side, or a name before and a capital after.
_DASH = re.compile(r"\s*(?:--+|—|–|\|\||-\s|(?<=\s)-|(?<=[A-Za-z.)])-(?=[A-Z\"“]))[\s\u00c2\u00e2.]*")
_COLON = re.compile(r"\s*:\s+")
_SECOND_DIVIDER = re.compile(r"\s+(?:\|{1,2}|--+|[–—-])\s+(?=[\"“'‘A-Z0-9])")
_BAR = re.compile(r"\s+\|\s+")
_COMMA = re.compile(r"\s*,\s*")
_PARTS = re.compile(r"\s*[,|()]\s*(?://)?|\s+//")
_PLACE_STOP = re.compile(
    r"((?:[A-Z][A-Z'’./-]*\s){0,3}[A-Z][A-Z'’/-]+|[A-Z][\w'’-]+(?:\s[A-Z][\w'’-]+){0,2})\s?\.\s+(?=[\"“'‘A-Z0-9])"
)
_PLACE_DASH = re.compile(
    r"([A-Z][\w'’.-]*(?:\s[A-Z][\w'’.-]*){0,3})\s*(?:--+|—|–|\s-|-\s)\s*(?=[\"“'‘A-Z0-9])"
)
# The alternative text of the outlet's sign before the first word: "kabar news logo Warga …".
_LOGO = re.compile(r"([A-Za-z][\w.]{1,20}) news logo (?:article )?(?=[A-Z\"“'‘])")
# `Medan(Kabar.id)` on a line of its own.
_TOWN_AND_OUTLET = re.compile(rf"((?:[A-Z][A-Za-z'’]+ ?){{1,3}})\s?\(({_DOMAIN.pattern})\)", re.IGNORECASE)
# Between town and outlet may stand the day: `Jakarta, 5/3 (ANTARA) - `, `Tianjin, 5 Maret (Xinhua) -- `.
_DAY = re.compile(
    r"\d{1,2}/\d{1,2}(?:/\d{2,4})?"
    r"|\d{1,2} (?:jan|feb|mar|apr|mei|jun|jul|agu|sep|okt|nov|des)[a-z]{0,6}\.?(?: \d{4})?",
    re.IGNORECASE,
)
_CAPITALISED = re.compile(r"[A-Z][\w'’.-]*")
_CAMEL_BRAND = re.compile(r"[a-z]{3,12}[A-Z]\w{1,12} ?[–—-] ")  # `kabarID – `
_CAMEL = re.compile(r"[a-z][A-Z]")
_TEXT_START = re.compile(r"[\"“”'‘(]*[A-Z0-9]")
_CAPITALS = re.compile(r"(?:[A-Z][A-Z'’]+\s){1,2}(?=[A-Z][a-z])")
# A known town of one to three words before a capital that may be glued to it: `JakartaMenteri`.
_TOWNS = tuple(
    re.compile(rf"((?:[A-Z][A-Za-z'’]+\s){{{before}}}[A-Z](?:[a-z'’]+|[A-Z'’]+))\s?(?=[A-Z\"“])")
    for before in range(_MAX_TOWN_WORDS - 1, -1, -1)
)

_Kind = Literal["brand", "place", ""]


@attrs.frozen
class Prefix:
    """The prefix of a first paragraph: how many characters it takes, the place in it, the outlet in it.

    `end` counts characters of the line as given. `alone` is true where nothing but the prefix is on the line.
    """

    end: int
    place: str | None = None
    brand: str | None = None
    alone: bool = False


def read_prefix(raw: str, host: str = "") -> Prefix | None:
    """Return the outlet and dateline that open *raw*, or None.

    *host* is the name of the outlet's host where it is known: it tells `Prolite –` from `Pyongyang –`.
    """
    start = len(raw) - len(raw.lstrip(_SPACES))
    text = raw[start : start + _MAX_PREFIX_CHARS].replace("\u00a0", " ").rstrip(_SPACES)
    found = _signed(text)
    opens = text[:1].isupper() or text[:1] == "/" or _DOMAIN.match(text) or _CAMEL_BRAND.match(text)
    if found is None and not opens:
        return None
    found = found or _divided(text, host) or _undivided(text)
    if found is None:
        return None
    found = _with_outlet_behind(text, found)
    alone = not raw[start + found.end :].strip(_SPACES)
    return attrs.evolve(found, end=start + found.end, alone=alone)


def _signed(text: str) -> Prefix | None:
    """Return a prefix that is an outlet's sign as a picture has it, or a town with the outlet in brackets."""
    if logo := _LOGO.match(text):
        return Prefix(logo.end(), None, logo[1])
    bracketed = _TOWN_AND_OUTLET.fullmatch(text)
    return Prefix(len(text), _tidy(bracketed[1]), bracketed[2]) if bracketed else None


def _with_outlet_behind(text: str, found: Prefix) -> Prefix:
    """Return *found* with the outlet that a second divider parts from the text: `MEDAN – Kabar.id | A`."""
    outlet = _DOMAIN.match(text, found.end) if found.brand is None else None
    divider = _SECOND_DIVIDER.match(text, outlet.end()) if outlet else None
    if outlet is None or divider is None:
        return found
    return attrs.evolve(found, end=divider.end(), brand=outlet[0])


def _divided(text: str, host: str) -> Prefix | None:
    """Return a prefix that a dash, a colon or a stop parts from the text."""
    domain = _DOMAIN.match(text)
    begin, end = domain.span() if domain else (0, 0)
    for separator in (_DASH, _COLON, _BAR):
        for match in separator.finditer(text):
            if match.start() > _MAX_PREFIX_CHARS // 2:
                break
            head = text[: match.start()]
            # A hyphen inside a name parts nothing: "Intisari-Online.com", "Moskow-Pyongyang".
            if begin < match.start() < end or (match[0] == "-" and not end and "." not in head):
                continue
            parts = _parts(head, host)
            if separator is _BAR and not any("." in name for name, kind in parts or () if kind == "brand"):
                continue
            found = parts and _judge(parts, text[match.end() :], match.end(), after_colon=separator is _COLON)
            if found:
                return found
    place = _PLACE_STOP.match(text)
    if place and place[1].isupper() and place[1].casefold() in PLACES:
        return Prefix(place.end(), _tidy(place[1]))
    return None


def _parts(head: str, host: str) -> list[tuple[str, _Kind]] | None:
    """Return the names before a separator with what each is, or None where one is no name."""
    parts = [part for part in _PARTS.split(head.strip(" ,|/")) if part and not _DAY.fullmatch(part)]
    if not 0 < len(parts) <= _MAX_PARTS:
        return None
    kinds = [(part, _kind_of_several(part.split("/"), host)) for part in parts]
    if any(not kind for _, kind in kinds):
        return None
    if len(kinds) > 1 and all(kind == "place" for _, kind in kinds):
        # A brand with its edition behind a town: "Denpasar (ANTARA Bali)".
        editions = [part.partition(" ")[0].casefold() in BRANDS for part in parts]
        kinds = [(part, "brand" if brand else "place") for part, brand in zip(parts, editions, strict=True)]
    if len(kinds) > 1 and all(kind == "place" for _, kind in kinds):
        # An outlet no list knows before a town that is known: "MATA INDONESIA, JAKARTA".
        first_known = parts[0].casefold() in PLACES
        if not first_known and any(part.casefold() in PLACES for part in parts):
            kinds[0] = (parts[0], "brand")
    return kinds


def _judge(parts: list[tuple[str, _Kind]], rest: str, end: int, *, after_colon: bool) -> Prefix | None:
    """Return the prefix that the names are, if they are one; *rest* is the text behind the separator."""
    brands = [part for part, kind in parts if kind == "brand"]
    places = [part for part, kind in parts if kind != "brand"]
    if brands:
        # "KABAR DUNIA SEPEKAN: …" is a headline: a name alone needs more than a colon.
        named = bool(places) or "." in brands[0] or not after_colon
        return _with_brand(brands[0], places, rest, end) if named else None
    first = places[0].casefold()
    if not rest.strip():
        # Alone before a dash a name is a place's, also one that no list knows.
        place = first in PLACES or not (after_colon or first in NOT_PLACES)
        return Prefix(end, _tidy(places[0])) if len(places) == 1 and place else None
    if not _TEXT_START.match(rest) or first in NOT_PLACES:
        return None
    if after_colon:
        return Prefix(end, _tidy(places[0])) if len(places) == 1 and first in CITIES else None
    return _bare_place(places, rest, end)


def _with_brand(brand: str, places: list[str], rest: str, end: int) -> Prefix:
    if places:
        return Prefix(end, _tidy(places[0]), brand)
    for pattern in (_PLACE_STOP, _PLACE_DASH):
        match = pattern.match(rest)
        if match and (match[1].isupper() or match[1].casefold() in PLACES):
            return Prefix(end + match.end(), _tidy(match[1]), brand)
    return Prefix(end, None, brand)


def _bare_place(places: list[str], rest: str, end: int) -> Prefix | None:
    """Return a prefix without an outlet: a known place, or capitals, before the start of a sentence."""
    first = places[0]
    place = _tidy(first)
    if first.partition("/")[0].strip().casefold() in PLACES or (
        first.isupper() and len(first) >= _MIN_BARE_PLACE_CHARS
    ):
        return Prefix(end, place)
    # A name no list knows is an outlet's rather than a place's. Two words may be a person.
    if len(first.split()) == 1 and len(rest.split()) > _MAX_PLACE_WORDS:
        return Prefix(end, place) if len(places) > 1 else Prefix(end, None, first)
    return None


def _kind(part: str, host: str) -> _Kind:
    """Return whether one name of a prefix is an outlet or a place, or "" where it is neither."""
    lowered = part.casefold().strip(" .")
    joined = lowered.replace(" ", "")
    domain = _DOMAIN.match(part)
    if domain and (domain.end() == len(part) or _is_name(part[domain.end() :])):
        return "brand"
    outlet, _, edition = part.partition(" ")
    if lowered in BRANDS or (outlet.isupper() and outlet.casefold() in BRANDS and _is_name(edition)):
        return "brand"  # `VIVA`, `VIVA Jabar`
    if lowered in PLACES:
        return "place"
    if joined and host.startswith(joined) and not _is_edition(joined, host):
        return "brand"
    if not _is_name(part):
        return ""
    return "brand" if is_outlet_name(part) or _CAMEL.search(part) else "place"


def _kind_of_several(names: list[str], host: str) -> _Kind:
    """Return what one name is, or names with strokes between them: an outlet and its source, or towns."""
    kinds = [_kind(name.strip(), host) for name in names]
    if len(names) == 1 or not all(kinds):
        return kinds[0] if len(names) == 1 else ""
    if kinds[0] == "brand":
        return "brand"
    return "place" if all(name.strip().casefold() in PLACES for name in names) else ""


def _is_edition(name: str, host: str) -> bool:
    """Tell whether a name is the host's first label before the outlet's own: `kudus` of `kudus.warta.com`."""
    label, _, rest = host.partition(".")
    return name == label and "." in rest and len(rest.partition(".")[0]) > _MAX_SUFFIX_CHARS


def _is_name(text: str) -> bool:
    words = text.split()
    return 0 < len(words) <= _MAX_PLACE_WORDS and all(map(_CAPITALISED.fullmatch, words))


def _undivided(text: str) -> Prefix | None:
    """Return a prefix without a dash: `REPUBLIKA.CO.ID, A`, `MANILA, iNews.id A`, `JAKARTA China`."""
    domain = _DOMAIN.match(text)
    if domain:
        return _from_domain(text, domain)
    place, comma, rest = text.partition(",")
    if comma and not rest.strip() and place.casefold() in PLACES:
        return Prefix(len(text), _tidy(place))
    if comma and len(place) < _MAX_PREFIX_CHARS // 2 and _is_name(place):
        rest = rest.lstrip()
        domain = _DOMAIN.match(rest)
        behind = rest[domain.end() :].lstrip() if domain else ""
        if domain and (not behind or _TEXT_START.match(behind)):
            return Prefix(len(text) - len(behind), _tidy(place), domain[0])
        if rest.casefold() in BRANDS and place.casefold() in PLACES:
            return Prefix(len(text), _tidy(place), rest)
    capitals = _CAPITALS.match(text)
    if capitals and capitals[0].strip().casefold() in CITIES:
        return Prefix(capitals.end(), _tidy(capitals[0]))
    return None


def _from_domain(text: str, domain: re.Match[str]) -> Prefix | None:
    """Return the prefix that an outlet's address opens, with a comma and perhaps a town behind it."""
    behind = text[domain.end() :]
    comma = _COMMA.match(behind)
    if not comma:
        # "KABAR.CO Sekolah …": in capitals, and nothing between it and the sentence.
        glued = domain[0].isupper() and behind[:1] == " " and _TEXT_START.match(behind.lstrip())
        if glued and len(behind.split()) > _MAX_PLACE_WORDS:
            return Prefix(len(text) - len(behind.lstrip()), None, domain[0])
        return None if behind.strip() else Prefix(len(text), None, domain[0])
    end = domain.end() + comma.end()
    for pattern in _TOWNS:
        town = pattern.match(text, end)
        if town and town[1].casefold() in CITIES:
            return Prefix(town.end(), town[1], domain[0])
    # "Detik.com, Senin (3/11), melaporkan" begins a sentence; an outlet's own prefix is in capitals.
    return Prefix(end, None, domain[0]) if domain[0].isupper() else None


def _tidy(place: str) -> str:
    return " ".join(place.split()).strip(" .,-–—|/")
