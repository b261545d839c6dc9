"""Read linked data (JSON-LD) as outlets write it: broken now and then, nested, several objects in a script.

What cannot be read is no witness: it is passed over, and the next witness speaks.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from crawler.pages.wordlist import wordlist
from crawler.text.normalise import fold, sanitise

# The largest real script seen has 45 kB; a longer one is no description of an article.
MAX_SCRIPT_CHARS = 1_000_000
_MAX_OBJECTS = 500
_MAX_DIGITS = 40
_MAX_NAMES = 20

ARTICLE_TYPES = wordlist(
    "Article NewsArticle ReportageNewsArticle AnalysisNewsArticle BackgroundNewsArticle "
    "OpinionNewsArticle ReviewNewsArticle BlogPosting LiveBlogPosting TechArticle Report "
    "AdvertiserContentArticle"
)
PAGE_TYPES = frozenset({"WebPage", "ItemPage", "CreativeWork"})
# Members whose objects belong to the page itself; everything else (lists of other stories) is left alone.
_OWN_MEMBERS = ("@graph", "mainEntity", "mainEntityOfPage")

_WRAPPER = re.compile(r"\A\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)")
_WRAPPER_END = re.compile(r"(?://\s*)?(?:-->|/\*\s*\]\]>\s*\*/|\]\]>)\s*;?\s*\Z")
# Strings are matched first so that nothing inside them is touched; an unclosed one runs to the end.
_STRING_OR_COMMA = re.compile(r""""(?:[^"\\]|\\.)*+(?:"|\Z)|,(?=\s*[}\]])""", re.DOTALL)
_MARKUP = re.compile(r"<[^<>]{1,400}>")
_PARAGRAPH_TAG = re.compile(r"<(?:br|/p|/div|/li|/h\d)\b[^<>]{0,100}>", re.IGNORECASE)
PLACEHOLDER = re.compile(
    r"\s*(?:null|none|undefined|n/?a|nan|false|true|untitled|no title|loading(?:\.{3}|…)?|-+|\{\{.*"
    r"|\[object object\]|\$\{.*)\s*",
    re.IGNORECASE,
)


@attrs.frozen
class LinkedArticle:
    """What linked data says of the page's article; absent is None or empty."""

    types: frozenset[str]
    headline: str | None = None
    description: str | None = None
    published: str | None = None
    modified: str | None = None
    authors: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    url: str | None = None
    keywords: tuple[str, ...] = ()
    body: str | None = None
    free: bool | None = None


def parse_scripts(scripts: Iterable[str]) -> list[dict[str, Any]]:
    """Return the page's own objects of all JSON-LD scripts, outermost first."""
    found: list[dict[str, Any]] = []
    for script in scripts:
        for value in _values(script):
            found.extend(_own_objects(value))
            if len(found) >= _MAX_OBJECTS:
                return found[:_MAX_OBJECTS]
    return found


def read_article(objects: Iterable[Mapping[str, Any]], headline: str | None = None) -> LinkedArticle | None:
    """Return what the objects say of the article, or None.

    Of several articles the one with *headline* is taken, else the first.
    """
    objects = list(objects)
    articles = [found for found in objects if not ARTICLE_TYPES.isdisjoint(types_of(found))]
    if len(articles) > 1 and headline:
        wanted = fold(headline).casefold()
        articles.sort(key=lambda found: fold(text_of(found.get("headline")) or "").casefold() != wanted)
    pages = [
        found for found in objects if not PAGE_TYPES.isdisjoint(types_of(found)) and "datePublished" in found
    ]
    chosen = articles[0] if articles else pages[0] if pages else None
    return None if chosen is None else _read(chosen)


def types_of(found: Mapping[str, Any]) -> frozenset[str]:
    """Return the types of an object without their namespace."""
    value = found.get("@type") or found.get("type")
    names = value if isinstance(value, list) else [value]
    return frozenset(re.split(r"[/#:]", name)[-1] for name in names[:_MAX_NAMES] if isinstance(name, str))


def text_of(value: object) -> str | None:
    """Return a value as plain text: markup and entities resolved, placeholders and other types None."""
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, Mapping):
        value = value.get("@value") or value.get("name")
    if not isinstance(value, str):
        return None
    text = sanitise(value)
    if "&" in text:
        text = html.unescape(text)
        # Escaped twice: "&amp;quot;"
        text = html.unescape(text) if re.search(r"&(?:#\d{1,6}|[a-z]{2,8});", text) else text
    if "<" in text:
        text = _MARKUP.sub("", _PARAGRAPH_TAG.sub("\n", text))
    text = text.strip()
    return None if not text or PLACEHOLDER.fullmatch(text[:60]) else text


def names_of(value: object) -> tuple[str, ...]:
    """Return the names in an author or editor member: a text, an object, or a list of either."""
    entries = value if isinstance(value, list) else [value]
    names = (text_of(entry) for entry in entries[:_MAX_NAMES])
    return tuple(dict.fromkeys(fold(name) for name in names if name))


def _read(found: Mapping[str, Any]) -> LinkedArticle:
    keywords = found.get("keywords")
    listed = (
        [text_of(word) for word in keywords]
        if isinstance(keywords, list)
        else (text_of(keywords) or "").split(",")
    )
    free = found.get("isAccessibleForFree")
    page = found.get("mainEntityOfPage")
    return LinkedArticle(
        types=types_of(found),
        headline=text_of(found.get("headline")) or text_of(found.get("name")),
        description=text_of(found.get("description")),
        published=text_of(found.get("datePublished")),
        modified=text_of(found.get("dateModified")),
        authors=names_of(found.get("author")) or names_of(found.get("creator")),
        editors=names_of(found.get("editor")),
        url=text_of(found.get("url"))
        or (text_of(page.get("@id")) if isinstance(page, Mapping) else text_of(page)),
        keywords=tuple(dict.fromkeys(fold(word) for word in listed[:100] if word and fold(word))),
        body=text_of(found.get("articleBody")),
        free=None if free is None else str(free).rsplit("/", 1)[-1].casefold() != "false",
    )


def _values(script: str) -> Iterator[object]:
    """Yield the values of one script: read as written, else repaired; several glued together are all read."""
    if len(script) > MAX_SCRIPT_CHARS:
        return
    text = _WRAPPER_END.sub("", _WRAPPER.sub("", script[:MAX_SCRIPT_CHARS].strip())).strip()
    if text.startswith(("{&quot;", "[{&quot;")):
        text = html.unescape(text)
    try:
        yield _DECODER.decode(text)
    except (ValueError, RecursionError):
        repaired = _STRING_OR_COMMA.sub(lambda match: "" if match[0] == "," else match[0], text)
        yield from _glued(repaired)


def _glued(text: str) -> Iterator[object]:
    position = 0
    while position < len(text):
        starts = [at for at in (text.find("{", position), text.find("[", position)) if at >= 0]
        if not starts:
            return
        try:
            value, position = _DECODER.raw_decode(text, min(starts))
        except (ValueError, RecursionError):
            return
        yield value


def _own_objects(value: object) -> Iterator[dict[str, Any]]:
    queue: list[object] = [value]
    seen = 0
    while queue and seen < _MAX_OBJECTS:
        current = queue.pop(0)
        seen += 1
        if isinstance(current, list):
            queue[:0] = current[:_MAX_OBJECTS]
        elif isinstance(current, dict):
            yield current
            queue.extend(
                current[member] for member in _OWN_MEMBERS if isinstance(current.get(member), dict | list)
            )


def _number(text: str) -> int | None:
    return int(text) if len(text) <= _MAX_DIGITS else None


def _constant(_name: str) -> None:
    """NaN and the infinities are no values of JSON and must not be written out again."""


# strict=False takes raw line breaks and tabs inside strings.
_DECODER = json.JSONDecoder(strict=False, parse_int=_number, parse_constant=_constant)
