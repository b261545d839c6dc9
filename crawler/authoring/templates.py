"""Addresses of list pages as templates of a rung: where the page number, the word and the day stand."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

import attrs
from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.authoring.marks import absolute

_MAX_LINKS, _MAX_NUMBER = 2_000, 1_000
_FORMATS = ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d")
_DAY, _MONTH, _YEAR = (
    re.compile(rf"(?:{names})\Z", re.IGNORECASE)
    for names in ("tanggal|tgl|day|hari|dd|d", "bulan|bln|month|mm|m", "tahun|thn|year|yy|y")
)
_WHOLE_DATE = re.compile(r"(?:date|tanggal|tgl|day|periode)[a-z]*\Z", re.IGNORECASE)
_ISO_PATH = re.compile(r"/(20\d\d)([-/])(\d\d)\2(\d\d)(?=/|\Z)")


@attrs.frozen
class Paging:
    """How further pages of a list are numbered: in the query under a name, or at the end of the path."""

    name: str = ""
    before: str = ""
    offset: bool = False
    step: int = 1
    first_page: int = 1

    @property
    def mark(self) -> str:
        """What stands for the number in a template."""
        return "{offset}" if self.offset else "{page}"


def paging_of(tree: LexborHTMLParser, url: str) -> Paging | None:
    """Return how the list at *url* goes on, by its own links; None where it links to no further page."""
    here = urlsplit(url)
    own = dict(parse_qsl(here.query, keep_blank_values=True))
    below = re.compile(rf"{re.escape(here.path.rstrip('/'))}(/(?:page/)?)(\d{{1,3}})/?")
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    for node in tree.css("a[href]")[:_MAX_LINKS]:
        there = urlsplit(absolute(url, node.attributes.get("href") or "") or "")
        if there.netloc != here.netloc:
            continue
        asked = dict(parse_qsl(there.query, keep_blank_values=True))
        changed = [name for name in {**own, **asked} if own.get(name) != asked.get(name)]
        if there.path.rstrip("/") == here.path.rstrip("/") and len(changed) == 1:
            value = asked.get(changed[0], "")
            if value.isascii() and value.isdigit() and int(value) < _MAX_NUMBER:
                found[changed[0], ""].add(int(value))
        elif not changed and (match := below.fullmatch(there.path)):
            found["", match[1]].add(int(match[2]))
    if not found:
        return None
    (name, before), numbers = max(found.items(), key=lambda each: len(each[1]))
    least = min((number for number in numbers if number), default=1)
    if least <= 2:  # noqa: PLR2004 - a second page, not a second entry
        return Paging(name, before, first_page=0 if 0 in numbers else 1)
    return Paging(name, before, offset=True, step=least)


def template_of(url: str, paging: Paging | None, marks: Mapping[str, str]) -> str:
    """Return *url* as a template: each value of *marks* replaced by its mark, the page number put in."""
    parts = urlsplit(url)
    path, slash = parts.path.rstrip("/"), "/" if parts.path.endswith("/") else ""
    path = path.replace("{", "{{").replace("}", "}}")
    for value, mark in marks.items():
        path = path.replace(quote(value), mark).replace(quote_plus(value), mark)
    if paging is not None and not paging.name:
        path += f"{paging.before}{paging.mark}"
    pairs = [
        (name, marks.get(value, quote_plus(value, safe="/").replace("{", "{{").replace("}", "}}")))
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if paging is None or name != paging.name
    ]
    if paging is not None and paging.name:
        pairs.append((paging.name, paging.mark))
    query = "&".join(f"{quote_plus(name)}={value}" for name, value in pairs)
    return f"{parts.scheme}://{parts.netloc}{path}{slash}{'?' if query else ''}{query}"


def day_templates(tree: LexborHTMLParser, url: str, today: date) -> Iterator[str]:
    """Yield templates that may choose a day of an archive: as its links and forms do, then a guess."""
    yield from dict.fromkeys([*_linked_days(tree, url), *_form_days(tree, url, today)])
    parts = urlsplit(url)
    plain = f"{parts.scheme}://{parts.netloc}{parts.path}"
    yield f"{plain}?date={{day:%Y-%m-%d}}"


def _linked_days(tree: LexborHTMLParser, url: str) -> Iterator[str]:
    here = urlsplit(url)
    for node in tree.css("a[href]")[:_MAX_LINKS]:
        found = absolute(url, node.attributes.get("href") or "") or ""
        there = urlsplit(found)
        if there.netloc != here.netloc:
            continue
        if match := _ISO_PATH.search(there.path):
            between = match[2]
            ending = there.path[match.end() :]
            if ending.strip("/"):
                continue  # an article under its day
            yield f"{found[: found.index(match[0])]}/{{day:%Y{between}%m{between}%d}}{ending}"
        elif there.path.rstrip("/") == here.path.rstrip("/"):
            pairs = parse_qsl(there.query, keep_blank_values=True)
            days = [(name, form) for name, value in pairs if (form := _format(value))]
            if len(days) == 1:
                name, form = days[0]
                yield f"{there.scheme}://{there.netloc}{there.path}?{quote_plus(name)}={{day:{form}}}"


def _form_days(tree: LexborHTMLParser, url: str, today: date) -> Iterator[str]:
    for form in tree.css("form")[:20]:
        if (form.attributes.get("method") or "get").lower() != "get":
            continue
        action = absolute(url, form.attributes.get("action") or url)
        marked = [_marked(node, today) for node in form.css("input[name], select[name]")]
        if action and any("day" in value for _, value in marked):
            pairs = "&".join(f"{quote_plus(name)}={value}" for name, value in marked if name)
            yield f"{action.partition('?')[0]}?{pairs}"


def _marked(node: LexborNode, today: date) -> tuple[str, str]:
    """Return the name of a form's field and what to send in it; nothing for what needs not be sent."""
    name, value = node.attributes.get("name") or "", node.attributes.get("value") or ""
    kind = (node.attributes.get("type") or "").lower()
    whole = next((form for form in _FORMATS if value == today.strftime(form)), None) or _format(value)
    if kind == "date" or whole:
        return name, f"{{day:{'%Y-%m-%d' if kind == 'date' else whole}}}"
    for pattern, mark in ((_YEAR, "{day:%Y}"), (_MONTH, "{day:%m}"), (_DAY, "{day:%d}")):
        if pattern.match(name) and (node.tag == "select" or value.isdigit() or not value):
            return name, mark
    if _WHOLE_DATE.match(name) and kind in {"", "text"}:
        return name, "{day:%Y-%m-%d}"
    if kind in {"submit", "button", "image", "checkbox", "radio"}:
        return "", ""
    return name, quote_plus(value)


def _format(value: str) -> str | None:
    """Return the form of a value that is plainly a date."""
    if re.fullmatch(r"20\d\d-\d\d-\d\d", value):
        return "%Y-%m-%d"
    return "%Y/%m/%d" if re.fullmatch(r"20\d\d/\d\d/\d\d", value) else None


def filled(template: str, day: date, **values: object) -> str:
    """Return the address that a template gives for a day, its first page."""
    return template.format(day=day, page=1, offset=0, **values)
