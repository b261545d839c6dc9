"""Who wrote and who edited: names from labelled lines, author boxes and metadata.

`Reporter: A | Editor: B`, `Rep: A/ Red: B`, `Oleh A`, `A - detikNews`, a name above its role, a role above
its name. Outlets, desks and `Admin` are no people.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

import attrs

from crawler.dates import find_instant
from crawler.pages.wordlist import wordlist
from crawler.text.lexicon import AGENCIES, BRANDS, NOBODY
from crawler.text.normalise import fold

_MAX_LINE_CHARS = 300
_MAX_NAME_CHARS, _MAX_NAME_WORDS = 60, 6
_MAX_NAMES = 8
_MAX_LEAD_CHARS = 12

_WRITER_LABELS = (
    r"reporter|rep|penulis|pewarta|wartawan|jurnalis|laporan|author|writer|ditulis\s+oleh|written\s+by|kontributor"
    r"|teks|naskah|fotografer|penulis\s*/\s*fotografer|tim\s+liputan|liputan"
)
_EDITOR_LABELS = r"editor|redaktur|red|penyunting|penyelaras|editing"
_SOURCE_LABELS = r"sumber(?:\s(?:berita|artikel))?|source"
_SOURCE_SPACED = re.compile(rf"(?:{_SOURCE_LABELS})\s+(?P<names>.{{2,60}})", re.IGNORECASE)
_LABELLED = re.compile(
    rf"(?<![^\W_])(?:(?P<both>(?:{_EDITOR_LABELS})\s*(?:&|dan|/)\s*(?:reporter|penulis)|(?:reporter|penulis)\s*(?:&|dan|/)\s*(?:editor|redaktur))"
    rf"|(?P<writer>{_WRITER_LABELS})|(?P<editor>{_EDITOR_LABELS})|(?P<source>{_SOURCE_LABELS}))\s?:\s?",
    re.IGNORECASE,
)
# What may stand before the first label: nothing, a sign, a printed time. "Pilihan Editor: …" is a link.
_OPENS_LABEL = re.compile(r"[\s•(\[–—-]*|.*(?:[|/;•·)\]]|\d|\bWI(?:B|T|TA))\s*", re.IGNORECASE)
_NAME_OUTLET = re.compile(r"(?P<name>[^,|]{3,60}?)\s*(?:,|\||\s[-–—])\s*(?P<outlet>[^,|]{2,40})")
_SEPARATED = re.compile(r"[,|–—-]")
_OPENER = re.compile(
    r"(?:(?:di(?:posting|tulis|terbitkan|unggah|laporkan)|posted|written|published)\s+)?(?:oleh|by)\s*:?\s+(?=\S)",
    re.IGNORECASE,
)
_BY = re.compile(r"\b(?:oleh|by)\s", re.IGNORECASE)
_REPORT = re.compile(
    r"\(?laporan\s+(?:(?:langsung|khusus)\s+)?(?:wartawan|reporter|kontributor|jurnalis|koresponden)\s"
    r"(?:[^,:]{2,60}[,:]|[\w-]{1,40}\.(?:com|co\.id|id|net|tv|news)(?=\s))\s*"
    r"(?P<name>[^,()]{3,60}?)(?:,?\sdari\s[A-Z][^,]{2,40})?\)?",
    re.IGNORECASE,
)
_ROLE_ALONE = re.compile(
    rf"(?:(?P<writer>{_WRITER_LABELS}|oleh|by)|(?P<editor>{_EDITOR_LABELS}|tim\s+editor)|(?P<source>{_SOURCE_LABELS}))\s*:?",
    re.IGNORECASE,
)
_ROLES_BEHIND = wordlist("penulis reporter author jurnalis wartawan writer kontributor editor redaktur")
_MAX_ROLE_CHARS = 20
_ROLE_BEHIND = re.compile(
    r"(?P<name>.{3,60}?)[\s,(/|–-]+(?:(?P<writer>penulis|reporter|author|jurnalis|wartawan|writer|kontributor)|(?P<editor>editor|redaktur))\)?",
    re.IGNORECASE,
)
_ROLE_BEFORE_NAME = re.compile(
    r"(?:kontributor|koresponden|wartawan|reporter|jurnalis|laporan|penulis|oleh|by|editor)\b[\s:]*",
    re.IGNORECASE,
)
_CONTRIBUTOR_PLACE = re.compile(
    r"(?:kontributor|koresponden|wartawan|laporan\s+wartawan|reporter)\s+(?:[\w.]+\s?){1,4},\s*",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:\s*[-–—|/·•(,]\s*|\s+)(?:(?:pada|on|diperbarui|updated?|diterbitkan|dipublikasikan|tayang)\b.*"
    r"|(?:di|at|in)\s+[\d<].*"
    r"|(?:jurnalis|wartawan|reporter|kontributor|penulis|author|editor)\b.*)",
    re.IGNORECASE,
)
_BETWEEN_NAMES = re.compile(r"\s*(?:[,;|/•·]|\s&\s|\s(?:dan|and|bersama)\s)\s*", re.IGNORECASE)
_PIECES = re.compile(r"\s+[-–—|]\s*|\s*\|\s*")
_EDGES = " \t\u00a0.,:;|/–—-•·()[]<>\"“”'*#@»«"
_PICTURES = wordlist("foto net ist istimewa x")  # they sign pictures, never texts
_NO_PERSON = re.compile(
    r"\b(?:redaksi|redaktur|editor|admin|administrator|superadmin|webmaster|tim|team|newsroom|desk|staff|staf|kontributor|reporter|"
    r"penulis|author|media|news|online|cyber|network|redaction|indonesia|tv|radio|koran|majalah|kantor|agency|agensi|"
    r"berita|agregasi|litbang|portal|sumber|source|anonim|anonymous|unknown|guest|tamu|user|wp|posted|oleh|by|share|komentar|comments?|views?|"
    r"dibaca|di(?:perbarui|terbitkan|publikasikan|tayangkan|unggah|posting)|tayang|terbit|updated?|published|baca|"
    r"foto|photo|dok|istimewa|ist|getty|pt|cv|tbk|nasional|internasional"
    r")\b",
    re.IGNORECASE,
)
# "A via B" says how a picture came.
_NO_NAME_SIGN = re.compile(
    r"[\d@#_=<>{}\\?!“”\"…]|https?:|www\.|\.(?:com|co|id|net|org|tv)\b|\S\svia\s\S", re.IGNORECASE
)
_NAME_WORD = re.compile(r"[^\W\d_][^\W\d_.'’`-]*(?:[.'’`-][^\W\d_]*)*\.?")
_PARTICLES = wordlist("bin binti van der de von el al dan da di la le ibn")


@attrs.frozen
class People:
    """Who is named in a stretch of text: writers, editors, and the agency that the text was taken from."""

    byline: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    source: str | None = None

    def __bool__(self) -> bool:
        return bool(self.byline or self.editors or self.source)

    def __add__(self, other: "People") -> "People":
        if not other or not self:
            return self or other
        return People(
            tuple(dict.fromkeys((*self.byline, *other.byline))),
            tuple(dict.fromkeys((*self.editors, *other.editors))),
            self.source or other.source,
        )


_NOBODY = People()


def clean_name(text: str, outlet: str = "") -> str | None:
    """Return the name of a person, or None for desks, outlets, addresses and prose.

    *outlet* is the label of the host (`kompas`): what contains it is the outlet's own name.
    """
    name = fold(text).strip(_EDGES)
    name = _CONTRIBUTOR_PLACE.sub("", name)
    name = _TAIL.sub("", name).strip(_EDGES)
    name = _ROLE_BEFORE_NAME.sub("", name, count=1).strip(_EDGES) if _ROLE_BEFORE_NAME.match(name) else name
    words = name.split()
    if not words or len(name) > _MAX_NAME_CHARS or len(words) > _MAX_NAME_WORDS or len(name) < 3:  # noqa: PLR2004
        return None
    if _NO_NAME_SIGN.search(name) or _NO_PERSON.search(name):
        return None
    # Agencies are compared whole: I Ketut Antara is a person.
    if (key := name.casefold()) in BRANDS or key in NOBODY or key in AGENCIES:
        return None
    if outlet and outlet in re.sub(r"[^a-z]", "", name.casefold()):
        return None
    if not all(_NAME_WORD.fullmatch(word.strip(",")) for word in words):
        return None
    # A name is written in capitals; handles such as "vyp" are not names. One odd word is a particle.
    lower = sum(1 for word in words if word[0].islower() and word not in _PARTICLES)
    return None if lower > len(words) // 3 else name


def clean_names(texts: Iterable[str], outlet: str = "") -> tuple[str, ...]:
    """Return the people in some texts, each once, in order."""
    names: dict[str, None] = {}
    for text in texts:
        for part in _split_names(text):
            if name := clean_name(part, outlet):
                names.setdefault(name)
    return tuple(names)[:_MAX_NAMES]


def read_line(line: str, outlet: str = "", *, in_header: bool = False) -> People:
    """Return who a labelled line names; nothing where no label stands in it.

    *in_header*: the line stands above a body, where `Name, Outlet` is a byline and not a dateline.
    """
    line = fold(line)
    return _read_line(line, outlet, in_header) if 0 < len(line) <= _MAX_LINE_CHARS else _NOBODY


@lru_cache(maxsize=2048)  # several fields ask for the same lines, and pages of an outlet share many
def _read_line(line: str, outlet: str, in_header: bool) -> People:  # noqa: FBT001 - as `read_line` has it
    readers = [_read_labelled, _read_opener, _read_report, _read_role_behind, _read_source]
    if in_header:
        readers.append(_read_with_outlet)
    return next((found for reader in readers if (found := reader(line, outlet))), _NOBODY)


def read_lines(lines: Sequence[str], outlet: str = "", *, in_header: bool = False) -> People:
    """Return who neighbouring lines name, also where a role and its name stand on lines of their own."""
    people = People()
    roles: list[int] = []
    for at, line in enumerate(lines):
        if len(line) < 40 and _ROLE_ALONE.fullmatch(line.strip()):  # noqa: PLR2004 - a role is short
            roles.append(at)
        else:
            people += read_line(line, outlet, in_header=in_header)
    return people + _read_roles(lines, roles, outlet)


def read_element(text: str, outlet: str = "") -> tuple[str, ...]:
    """Return the writers in the text of an element that holds the byline: `A - detikNews`, `A, Jurnalis`."""
    found = read_line(text, outlet)
    if found:
        return found.byline
    text = _without_site(_before_date(fold(text)), outlet)
    return clean_names(_PIECES.split(text), outlet) if len(text) <= _MAX_LINE_CHARS else ()


def _without_site(text: str, outlet: str) -> str:
    """Return the text without the outlet's site, printed behind a name as if it were one of it."""
    site = (
        re.search(rf"\s{re.escape(outlet)}\.(?:com|co\.id|id|net)\Z", text, re.IGNORECASE) if outlet else None
    )
    return text[: site.start()] if site else text


def _read_labelled(line: str, outlet: str) -> People:
    labels = list(_LABELLED.finditer(line)) if ":" in line else []
    if not labels or not _OPENS_LABEL.fullmatch(line[: labels[0].start()]):
        return _NOBODY
    people = People()
    for at, label in enumerate(labels):
        end = labels[at + 1].start() if at + 1 < len(labels) else len(line)
        value = _before_date(line[label.end() : end])
        if label["source"]:
            source = value.strip(_EDGES)
            people += People(source=source if 1 < len(source) <= _MAX_NAME_CHARS else None)
            continue
        names = clean_names([value], outlet)
        if label["both"]:
            people += People(byline=names, editors=names)
        elif label["writer"]:
            people += People(byline=names)
        else:
            people += People(editors=names)
    return people


def _read_opener(line: str, outlet: str) -> People:
    """Read `oleh A`, `by A`, also behind a date."""
    opener = _OPENER.match(line) or (_BY.search(line) and _OPENER.match(_after_date(line)))
    return (
        People(byline=clean_names([_before_date(opener.string[opener.end() :])], outlet))
        if opener
        else _NOBODY
    )


def _read_report(line: str, outlet: str) -> People:
    """Read `Laporan wartawan OUTLET, A`."""
    report = _REPORT.fullmatch(line)
    return People(byline=clean_names([report["name"]], outlet)) if report else _NOBODY


def _read_role_behind(line: str, outlet: str) -> People:
    """Read `A, Jurnalis`, `A Editor`."""
    last = line.rstrip(")")[-_MAX_ROLE_CHARS:].rpartition(" ")[2].casefold()
    behind = _ROLE_BEHIND.fullmatch(line) if last.strip("(,/|–-") in _ROLES_BEHIND else None
    if not behind:
        return _NOBODY
    names = clean_names([behind["name"]], outlet)
    return People(byline=names) if behind["writer"] else People(editors=names)


def _read_source(line: str, outlet: str) -> People:
    """Read `Sumber AFP`: without a colon only what is known to be an agency or an outlet."""
    spaced = _SOURCE_SPACED.fullmatch(line)
    names = _BETWEEN_NAMES.split(spaced["names"]) if spaced else []
    known = names and all(_is_outlet(name, outlet) or _is_agency(name) for name in names)
    return People(source=spaced["names"].strip(_EDGES)) if spaced and known else _NOBODY


def _is_agency(text: str) -> bool:
    name = text.strip(_EDGES)
    return name[:1].isupper() and name.casefold() in AGENCIES - _PICTURES


def _read_with_outlet(line: str, outlet: str) -> People:
    """Read `A, OUTLET`, `A - OUTLET`."""
    signed = _NAME_OUTLET.fullmatch(_before_date(line).strip(_EDGES)) if _SEPARATED.search(line) else None
    if not signed or not _is_outlet(signed["outlet"], outlet):
        return _NOBODY
    return People(byline=clean_names([signed["name"]], outlet))


def _is_outlet(text: str, outlet: str) -> bool:
    key = text.strip(_EDGES).casefold()
    return key in BRANDS or bool(outlet and outlet in re.sub(r"[^a-z0-9]", "", key))


def _read_roles(lines: Sequence[str], roles: Sequence[int], outlet: str) -> People:
    """Pair roles with the names below them, or above them where no name stands below the last role."""
    if not roles:
        return _NOBODY
    below = roles[-1] + 1 < len(lines) and clean_name(lines[roles[-1] + 1], outlet)
    step = 1 if below else -1
    people = People()
    for at in roles:
        other = at + step
        role = _ROLE_ALONE.fullmatch(lines[at].strip())
        if role is None or not 0 <= other < len(lines) or other in roles:
            continue
        text = fold(lines[other]).lstrip(":").strip()
        if role["source"]:
            people += People(source=text if 1 < len(text) <= _MAX_NAME_CHARS else None)
            continue
        names = clean_names([text], outlet)
        people += People(byline=names) if role["writer"] else People(editors=names)
    return people


def _before_date(text: str) -> str:
    found = find_instant(text)
    return text[: found[1]] if found else text


def _after_date(text: str) -> str:
    """Return what follows a time that a line begins with: `5 November 2015 by A`."""
    found = find_instant(text)
    return text[found[2] :].lstrip(_EDGES) if found and found[1] <= _MAX_LEAD_CHARS else ""


def _split_names(text: str) -> list[str]:
    text = _CONTRIBUTOR_PLACE.sub("", fold(text))
    return [part for part in _BETWEEN_NAMES.split(text)[:_MAX_NAMES] if part]
