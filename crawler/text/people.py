"""Read lines that name who wrote, edited or first published a story."""

import re

import attrs

from crawler.text.lexicon import BRANDS, NOBODY, PEOPLE_LABELS, PROFESSIONS, is_outlet_name
from crawler.text.normalise import MAX_NAME_CHARS
from crawler.text.shape import label_key

_MAX_LINE_CHARS = 220
_MAX_NAME_WORDS = 6
_MAX_SOURCE_WORDS = 8
_MAX_SPACED_WORDS = 4
_MAX_BARE_WORDS = 4
_MAX_LABEL_WORDS = 3
_MAX_INITIAL_CHARS = 3

_LABELS = "|".join(
    re.escape(label).replace(r"\ ", r"\s") for label in sorted(PEOPLE_LABELS, key=len, reverse=True)
)
_LABEL = re.compile(rf"(?:^[\s•(\[–-]*|[\s|/,;(])(?P<label>{_LABELS})\s?:\s?", re.IGNORECASE)
_LABEL_BAR = re.compile(rf"(?P<label>{_LABELS})\s?\|\s?(?P<name>[^|]+)$", re.IGNORECASE)
_LABEL_GLUED = re.compile(r"(?P<label>Editor|Penulis|Reporter|Redaktur|Pewarta|Oleh)(?P<name>[A-Z][a-z].*)$")
_LABEL_NAMED = re.compile(
    r"(?P<label>Editor|Redaktur|Pewarta)\s(?P<name>[A-Z][^\s,]+(?: [A-Z][^\s,]*){1,2})$"
)
_LABEL_SPACED = re.compile(r"(?P<label>sumber|oleh|by)\s(?P<name>[A-Z].*)$", re.IGNORECASE)
_TITLES = "|".join(sorted(PROFESSIONS, key=len, reverse=True))
_NAME_PROFESSION = re.compile(
    rf"(?P<name>[^,|–]{{2,60}}?)\s?[,|–-]\s?(?P<title>{_TITLES})\b[\s|,–-]*$", re.IGNORECASE
)
_BY = re.compile(r"(?:(?P<nick>[\w .]{2,40}) )?(?:by|oleh)\s?:?\s(?P<name>[^,|]{2,60})$", re.IGNORECASE)
_FIRST_SEEN = re.compile(
    r"artikel ini (?:telah |sudah |pernah |lebih dulu |pertama kali ){0,3}"
    r"(?:tayang|terbit|dimuat|dipublikasikan|diterbitkan)(?: lebih dulu| sebelumnya| pertama kali)?"
    r"(?: di| pada)?(?: laman| situs)?\s?:?\s?(?P<source>[\w.-]+(?-i:(?: [A-Z][\w.-]*){0,3}))",
    re.IGNORECASE,
)
_REPORT = re.compile(
    r"\(?laporan (?:langsung |khusus )?(?:wartawan|reporter|kontributor|jurnalis|koresponden)"
    r"(?:(?: [\w./-]+){0,3}\s?[,:|]| [\w-]{1,40}\.(?:com|co\.id|id|net|tv|news)) "
    r"(?P<names>[^:|()]{3,80}?)(?P<place>,? dari (?-i:[A-Z][\w-]+)(?-i: [A-Z][\w-]+){0,2})?(?P<stop>\.?)\)?$",
    re.IGNORECASE,
)
_BETWEEN_NAMES = re.compile(r"\s*[,;&]\s*|\s+dan\s+|\s+and\s+")
_SEPARATED = re.compile(r"\s[-–|&]\s|,\s")
_NAME_WORD = re.compile(r"(?:[A-Z][\w'’.-]*|(?:bin|binti|al|de|van|der|el|von|di)\b|[A-Z])")
# "Kontributor Lhokseumawe, Masriadi", "Tim Redaksi": a bureau or a desk is no person.
_MAIL = re.compile(r"\s*[(<\[]?[\w.+-]{1,64}@[\w.-]{1,64}[)>\]]?")
_ADDRESS = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_BUREAU = re.compile(r"(?i:kontributor|biro|koresponden|tim|redaksi) [A-Z]")
_TRIM = " \t\u00a0|/,;:()[]–—-•"


@attrs.frozen
class People:
    """What one credit line states; a label without a name leaves all of it empty and is in `waiting`."""

    byline: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    source: str | None = None
    waiting: tuple[str, ...] = ()


def read_people(text: str) -> People | None:
    """Return what a folded line of credits states, or None where it is none.

    `Penulis: A | Editor: B`, `Rep: A/ Red: B`, `A, Jurnalis`, `EditorA`, `Sumber Antara`, `Editor` alone.
    """
    if not text or len(text) > _MAX_LINE_CHARS:
        return None
    if "| : |" in text:  # a table's row: `Editor | : | A |`
        text = text.replace(" | : |", ":").rstrip(" |")
    readers = (_labelled, _label_alone, _label_before, _after_name, _report)
    return next((people for reader in readers if (people := reader(text)) is not None), None)


def first_published_at(text: str) -> str | None:
    """Return the outlet named by `Artikel ini telah tayang di OUTLET dengan judul …`, or None."""
    match = _FIRST_SEEN.match(text.lstrip("*() "))
    return match["source"].strip(".") if match else None


def is_name(text: str) -> bool:
    """Tell whether a folded text is written as a person's name: two to five words, all capitals first."""
    words = text.split()
    if not 2 <= len(words) <= _MAX_NAME_WORDS - 1 or label_key(text) in BRANDS:  # noqa: PLR2004 - first and last
        return False
    return all(_NAME_WORD.fullmatch(word.rstrip(",")) for word in words)


def is_signed(text: str) -> bool:
    """Tell whether a line is a name and its outlet, `Siti Rahma, Kabar Desa`."""
    name, _, outlet = text.rpartition(", ")
    return label_key(outlet) in BRANDS and is_name(name)


def split_names(text: str) -> tuple[str, ...]:
    """Return the persons a text names, desks left out."""
    names = [part.strip(_TRIM) for part in _BETWEEN_NAMES.split(_MAIL.sub("", text))]
    names = [name for name in names if name and name.casefold() not in NOBODY and not _BUREAU.match(name)]
    persons = [name for name in names if not _ADDRESS.fullmatch(name)]
    return tuple(name[:MAX_NAME_CHARS] for name in persons or names)


def unglued(text: str) -> tuple[str, ...]:
    """Return the names that a template ran together, `Rinaldo AkbarBBC`, without the outlet behind them."""
    words = text.split()
    while words and _is_outlet(words[-1], alone=len(words) <= 2):  # noqa: PLR2004 - a name has two words
        words.pop()
    parts = re.sub(r"([a-z])([A-Z])", r"\1\n\2", " ".join(words)).split("\n")
    return tuple(part.strip(_TRIM) for part in parts if part.strip(_TRIM))


def bare_names(text: str) -> tuple[str, ...]:
    """Return the names on a line that holds nothing else, `A - Outlet`, `A | B`."""
    parts = [part.strip(" ,") for part in _SEPARATED.split(text.strip(" ,"))]
    if len(parts) > 1 and is_name(parts[0]):
        return tuple(part for part in parts if is_name(part) and not is_outlet_name(part))
    return unglued(text.rstrip(","))


def are_names(text: str, names: tuple[str, ...]) -> bool:
    """Tell whether the names that `bare_names` gave are persons' and all there is on the line."""
    longest = max((len(name.split()) for name in names), default=0)
    # A headline in capitals opens with two to four of them before a comma; an outlet's name is short.
    if len(text.split()) - sum(len(name.split()) for name in names) > _MAX_SPACED_WORDS:
        return False
    plain = 0 < longest <= _MAX_BARE_WORDS and ":" not in text and not any(c.isdigit() for c in text)
    return plain and (len(names) > 1 or is_name(names[0]))


def _is_outlet(word: str, *, alone: bool) -> bool:
    address = "." in word and len(word) > _MAX_INITIAL_CHARS
    return address or (not alone and word.casefold() in BRANDS)


def _labelled(text: str) -> People | None:
    """Read `label: name` once or more; every part must be as short as names are."""
    matches = list(_LABEL.finditer(text))
    if not matches or matches[0].start() != 0:
        bar = _LABEL_BAR.match(text)
        if bar and len(bar["name"].split()) <= _MAX_NAME_WORDS:
            return _people({label_key(bar["label"]): bar["name"]})
        return None
    values: dict[str, str] = {}
    for match, following in zip(matches, [*matches[1:], None], strict=True):
        value = text[match.end() : following.start() if following else len(text)].strip(_TRIM)
        label = label_key(match["label"])
        if not _plausible(label, value):
            return None
        values.setdefault(label, value)
    return _people(values)


def _plausible(label: str, value: str) -> bool:
    if value.endswith(".") and value[:1].islower() and " " in value:
        return False  # a sentence
    if "source" in PEOPLE_LABELS[label]:
        return len(value.split()) <= _MAX_SOURCE_WORDS and not value.endswith(("?", "!"))
    per_name = [part.split() for part in _BETWEEN_NAMES.split(value)]
    # "Laporan: …" opens headlines as well.
    longest = _MAX_BARE_WORDS if label == "laporan" else _MAX_NAME_WORDS
    return all(len(words) <= longest for words in per_name) and not any(c.isdigit() for c in value)


def _people(values: dict[str, str]) -> People:
    byline: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    source: str | None = None
    waiting: list[str] = []
    for label, value in values.items():
        fields = PEOPLE_LABELS[label]
        if not value:
            waiting.extend(fields)
            continue
        if "source" in fields:
            source = value
        names = split_names(value)
        if "byline" in fields:
            byline += names
        if "editors" in fields:
            editors += names
    return People(byline, editors, source, tuple(waiting))


def _label_alone(text: str) -> People | None:
    fields = PEOPLE_LABELS.get(label_key(text))
    if not fields or len(text.split()) > _MAX_LABEL_WORDS:
        return None
    return People(waiting=fields)


def _label_before(text: str) -> People | None:
    """Read a label without a colon: glued to the name, or before a name that fills the line."""
    glued = _LABEL_GLUED.match(text) or _LABEL_NAMED.match(text)
    if glued and is_name(glued["name"]):
        return _people({glued["label"].casefold(): glued["name"]})
    spaced = _LABEL_SPACED.match(text)
    if spaced and len(spaced["name"].split()) <= 4 and not text.endswith((".", "!", "?")):  # noqa: PLR2004
        words = spaced["name"].split()
        if all(word[0].isupper() or word[0].isdigit() for word in words):
            return _people({spaced["label"].casefold(): spaced["name"]})
    return None


def _report(text: str) -> People | None:
    """Read `Laporan Wartawan Outlet, A`, in brackets too, and `…, A dari Garut`."""
    report = _REPORT.match(text)
    if report is None:
        return None
    said = split_names(report["names"])
    names = tuple(part for part in said if is_name(part))
    # A sentence goes on with other words: "Laporan wartawan itu, kata Budi Santoso, keliru."
    return People(byline=names) if names and (len(names) == len(said) or not report["stop"]) else None


def _after_name(text: str) -> People | None:
    """Read `A, Jurnalis`, `A | Redaktur Pelaksana`, `nick by Name`; the title alone names nobody."""
    if text.casefold().strip(_TRIM) in PROFESSIONS:
        return People(waiting=("byline",))
    titled = _NAME_PROFESSION.match(text)
    if titled and (is_name(titled["name"].strip()) or len(titled["name"].split()) == 1):
        return People(byline=split_names(titled["name"]))
    by = _BY.match(text)
    if by is None or len(by["name"].split()) > _MAX_NAME_WORDS:
        return None
    named = by["name"][0].isupper() if by["nick"] is None else by["nick"].casefold() == by["name"].casefold()
    return People(byline=split_names(by["name"])) if named else None
