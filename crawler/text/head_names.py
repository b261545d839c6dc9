"""Tell who is named beside a time, below a headline and in the credits below a body."""

import re
from collections.abc import Sequence

from crawler.text.lines import Line, next_filled, previous_filled
from crawler.text.people import People, are_names, bare_names, is_name, read_people, split_names

_MAX_NAME_WORDS = 4
_DATE_LABEL = re.compile(
    r"[\s|,–-]*(?:diperbarui|diterbitkan|dipublikasikan|dipublish|publikasi|tayang|terbit|updated?"
    r"|last updated|published|posted on|posted|dibuat|jurnalis|wartawan|reporter|pada|on|tanggal|rilis)"
    r"\s?:?[\s|,–-]*$",
    re.IGNORECASE,
)
_BY = re.compile(r"^(?:oleh|by|penulis|reporter)\s?:?\s", re.IGNORECASE)
_NAME_AND_EDITOR = re.compile(r"([^:|]{3,60}?),? (?:editor|redaktur) ?: ?([^:|]{3,60})", re.IGNORECASE)
_OUTLET_BEHIND = re.compile(r"\s[-–|]\s")
_TRIM = " \t\u00a0|/,;:–—-•·"


def people_beside(before: str, after: str) -> People:
    """Return who is named on a line of time: `A - Outlet.com <time>`, `<time> | LAPORAN: A`."""
    behind = read_people(after.strip(_TRIM))
    if behind and (behind.byline or behind.editors):
        return behind
    text = _DATE_LABEL.sub("", " " + before.strip(_TRIM)).strip(_TRIM)
    for part in (text, _OUTLET_BEHIND.split(text)[0].strip(_TRIM)):
        people = _with_editor(part) or read_people(part)
        if people and (people.byline or people.editors):
            return people
    named = _BY.match(text)
    name = _OUTLET_BEHIND.split(text[named.end() :] if named else text)[0].strip(_TRIM)
    half = len(name) // 2
    if name[:half] == name[half:]:
        name = name[:half]  # the alternative text of a portrait, and the name
    if name and (is_name(name) or (named and "." not in name and len(name.split()) <= _MAX_NAME_WORDS)):
        return People(byline=split_names(name))
    return People()


def _with_editor(text: str) -> People | None:
    """Return who is named by `Name Editor : Name`."""
    found = _NAME_AND_EDITOR.fullmatch(text)
    if found is None or not (is_name(found[1]) and is_name(found[2])):
        return None
    return People(byline=(found[1],), editors=(found[2],))


def named_below(lines: Sequence[Line]) -> frozenset[str]:
    """Return the names in lines of credits."""
    people = (line.people for line in lines if line.open and not line.prose and line.credits)
    return frozenset(name for one in people if one for name in (*one.byline, *one.editors) if is_name(name))


def is_beside_time(top: Sequence[Line], at: int) -> bool:
    """Tell whether a line below the headline is a bare name right above or below the time."""
    line, beside = top[at], (next_filled(top, at), previous_filled(top, at))
    if line.prose or line.hit or not any(n is not None and top[n].role == "published_at" for n in beside):
        return False
    names = bare_names(line.text) if "," not in line.text else ()
    short = bool(names) and all(is_name(name) and name.count(" ") < _MAX_NAME_WORDS - 1 for name in names)
    return short and are_names(line.text, names)
