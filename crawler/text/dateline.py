"""Read what stands before the first sentence: the outlet's name and the place, `KONTAN.CO.ID - MOSKOW. `."""

import re

import attrs

from crawler.text.lexicon import BRAND_ENDINGS, BRANDS, CITIES, NOT_PLACES, PLACES

_MAX_PREFIX_CHARS = 100
_MAX_PLACE_WORDS = 4
_MIN_BARE_PLACE_CHARS = 4

_DOMAIN = re.compile(
    r"(?://|\()?(?:www\.)?[A-Za-z0-9][\w-]{0,30}(?:\.[\w-]{1,20}){0,2}"
    r"\.(?:com|co\.id|co|id|net|org|tv|news|info|me)(?![\w.]*@)\b\)?",
    re.IGNORECASE,
)
# What parts a prefix from the text. A hyphen needs a space on one side, or a name before and a capital after.
_DASH = re.compile(r"\s*(?:--+|—|–|\|\||-\s|(?<=\s)-|(?<=[A-Za-z.)])-(?=[A-Z\"“]))[\s\u00c2\u00e2.]*")
_COLON = re.compile(r"\s*:\s+")
_PARTS = re.compile(r"\s*[,|()]\s*(?://)?|\s+//")
_PLACE_STOP = re.compile(
    r"((?:[A-Z][A-Z'’./-]*\s){0,3}[A-Z][A-Z'’/-]+|[A-Z][\w'’-]+(?:\s[A-Z][\w'’-]+){0,2})\s?\.\s+(?=[\"“'‘A-Z0-9])"
)
_PLACE_DASH = re.compile(
    r"([A-Z][\w'’.-]*(?:\s[A-Z][\w'’.-]*){0,3})\s*(?:--+|—|–|\s-|-\s)\s*(?=[\"“'‘A-Z0-9])"
)
_CAPITALISED = re.compile(r"[A-Z][\w'’.-]*")
_TEXT_START = re.compile(r"[\"“”'‘(]*[A-Z0-9]")
_SPACES = " \t\r\n\u00a0\u200b\ufeff\u00ad\u2060"
_FIRST_WORDS = re.compile(r"(?:[A-Z][A-Z'’]+\s){1,2}(?=[A-Z][a-z])")


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
    text = raw[start : start + _MAX_PREFIX_CHARS].replace("\u00a0", " ")
    if not text or not (text[0].isupper() or text[0] == "/" or _DOMAIN.match(text)):
        return None
    found = _divided(text, host) or _undivided(text)
    if found is None:
        return None
    alone = not raw[start + found.end :].strip()
    return attrs.evolve(found, end=start + found.end, alone=alone)


def _divided(text: str, host: str) -> Prefix | None:
    """Return a prefix that a dash, a colon or a stop parts from the text."""
    domain = _DOMAIN.match(text)
    for separator in (_DASH, _COLON):
        for match in separator.finditer(text):
            glued = match[0] == "-"
            if glued and not (domain and domain.end() <= match.start()) and "." not in text[: match.start()]:
                continue  # a hyphen inside a name: "Intisari-Online.com", "Moskow-Pyongyang"
            if domain and domain.start() < match.start() < domain.end():
                continue
            found = _judge(text[: match.start()], text[match.end() :], match.end(), host, separator is _COLON)
            if found:
                return found
            if match.start() > _MAX_PREFIX_CHARS // 2:
                break
    place = _PLACE_STOP.match(text)
    if (
        place
        and place[1].isupper()
        and len(place[1]) >= _MIN_BARE_PLACE_CHARS
        and place[1].casefold() in PLACES
    ):
        return Prefix(place.end(), _tidy(place[1]))
    return None


def _judge(head: str, rest: str, end: int, host: str, colon: bool) -> Prefix | None:
    """Return the prefix that *head* is, if it is one; *rest* is the text behind the separator."""
    parts = [part for part in _PARTS.split(head.strip(" ,|/")) if part]
    if not parts or len(parts) > 3:  # noqa: PLR2004 - outlet, town, country
        return None
    kinds = [_kind(part, host) for part in parts]
    if "" in kinds:
        return None
    brands = [part for part, kind in zip(parts, kinds, strict=True) if kind == "brand"]
    places = [part for part, kind in zip(parts, kinds, strict=True) if kind != "brand"]
    if not brands and len(parts) > 1:
        brands, places = _brand_by_elimination(parts)
    if brands:
        return _with_brand(brands[0], places, rest, end)
    if colon:
        town = len(places) == 1 and places[0].casefold() in CITIES and _TEXT_START.match(rest)
        return Prefix(end, _tidy(places[0])) if town else None
    if not rest.strip():
        return Prefix(end, _tidy(places[0])) if places[0].casefold() in PLACES and len(places) == 1 else None
    if not _TEXT_START.match(rest):
        return None
    return _bare_place(places, rest, end)


def _brand_by_elimination(parts: list[str]) -> tuple[list[str], list[str]]:
    """Return (outlets, places) of names none of which is a known outlet: the one that is no place is it."""
    known = [part for part in parts if part.casefold() in PLACES]
    unknown = [part for part in parts if part.casefold() not in PLACES]
    if known and unknown and parts[0] in unknown:
        return unknown, known
    return [], parts


def _with_brand(brand: str, places: list[str], rest: str, end: int) -> Prefix:
    if places:
        return Prefix(end, _tidy(", ".join(places)), brand)
    stop = _PLACE_STOP.match(rest)
    if stop and (stop[1].isupper() or stop[1].casefold() in PLACES):
        return Prefix(end + stop.end(), _tidy(stop[1]), brand)
    dash = _PLACE_DASH.match(rest)
    if dash and (dash[1].isupper() or dash[1].casefold() in PLACES):
        return Prefix(end + dash.end(), _tidy(dash[1]), brand)
    return Prefix(end, None, brand)


def _bare_place(places: list[str], rest: str, end: int) -> Prefix | None:
    """Return a prefix without an outlet: a known place, or capitals, before a text that begins as one does."""
    place = ", ".join(places)
    first = places[0]
    if first.casefold() in NOT_PLACES:
        return None
    if first.casefold() in PLACES or (first.isupper() and len(first) >= _MIN_BARE_PLACE_CHARS):
        return Prefix(end, _tidy(place))
    # A name no list knows is an outlet's rather than a place's. Two words may be a person.
    if len(first.split()) == 1 and len(rest.split()) > _MAX_PLACE_WORDS:
        return Prefix(end, _tidy(place) if len(places) > 1 else None, None if len(places) > 1 else first)
    return None


def _kind(part: str, host: str) -> str:
    """Return "brand", "place" or "" for one name of a prefix."""
    lowered = part.casefold().strip(" .")
    domain = _DOMAIN.match(part)
    if domain and (domain.end() == len(part) or _words_capitalised(part[domain.end() :])):
        return "brand"
    if lowered in BRANDS or (host and lowered.replace(" ", "") and host.startswith(lowered.replace(" ", ""))):
        return "brand"
    if lowered in PLACES:
        return "place"
    if not _words_capitalised(part):
        return ""
    words = lowered.split()
    ending = any(words[-1].endswith(end) for end in BRAND_ENDINGS if len(end) > 2)  # noqa: PLR2004 - "tv", "fm"
    if ending or words[-1] in BRAND_ENDINGS or re.search(r"[a-z][A-Z]", part):
        return "brand"
    return "place"


def _words_capitalised(text: str) -> bool:
    words = text.split()
    return 0 < len(words) <= _MAX_PLACE_WORDS and all(_CAPITALISED.fullmatch(word) for word in words)


def _undivided(text: str) -> Prefix | None:
    """Return a prefix without a dash: `REPUBLIKA.CO.ID, Jutaan`, `MANILA, iNews.id Rodrigo`, `JAKARTA China`."""
    domain = _DOMAIN.match(text)
    if domain:
        comma = re.match(r"\s*,\s*", text[domain.end() :])
        if not comma:
            return None if text[domain.end() :].strip() else Prefix(len(text), None, domain[0])
        end = domain.end() + comma.end()
        town = _town_at(text[end:])
        if town:
            return Prefix(len(text) - len(text[end + len(town) :].lstrip()), town, domain[0])
        # "Detik.com, Senin (3/11), melaporkan" begins a sentence; an outlet's own prefix is in capitals.
        return Prefix(end, None, domain[0]) if domain[0].isupper() else None
    comma_at = text.find(",")
    if 0 < comma_at < _MAX_PREFIX_CHARS // 2 and _words_capitalised(text[:comma_at]):
        rest = text[comma_at + 1 :].lstrip()
        domain = _DOMAIN.match(rest)
        if domain and _TEXT_START.match(rest[domain.end() :].lstrip()):
            end = len(text) - len(rest[domain.end() :].lstrip())
            return Prefix(end, _tidy(text[:comma_at]), domain[0])
        if rest.casefold() in BRANDS and text[:comma_at].casefold() in PLACES:
            return Prefix(len(text), _tidy(text[:comma_at]), rest)
    capitals = _FIRST_WORDS.match(text)
    if capitals and capitals[0].strip().casefold() in CITIES:
        return Prefix(capitals.end(), _tidy(capitals[0]))
    return None


def _town_at(text: str) -> str | None:
    """Return the known town that opens *text*, before a capital letter that may be glued to it."""
    for words in (3, 2, 1):
        match = re.match(r"(?:[A-Z][A-Za-z'’]+\s){%d}" % (words - 1) + r"[A-Z](?:[a-z'’]+|[A-Z'’]+)", text)
        if match and match[0].casefold() in CITIES and re.match(r"\s?[A-Z\"“]", text[match.end() :]):
            return match[0]
    return None


def _tidy(place: str) -> str:
    return " ".join(place.split()).strip(" .,-–—|/")
