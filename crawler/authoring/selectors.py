"""Short CSS selectors that are likely to last: by names that say something, never by places or hashes."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.pages.wordlist import wordlist

# A name with digits in it is a number, a size or a hash: `fs14`, `post-1234`, `css-1x2y3z`.
_STABLE = re.compile(r"[A-Za-z]+(?:[-_]+[A-Za-z]+)*")
_NUMBERED = re.compile(r"([A-Za-z]{4,})[-_]?\d{1,2}")
_LAYOUT = wordlist(
    "row col column container container-fluid wrapper wrap clearfix active first last even odd left right "
    "show fade block flex grid hidden inline clear box inner outer bold italic relative absolute fixed "
    "pull-left pull-right text-center text-left text-right d-flex d-block w-full h-full mx-auto hentry"
)
_TELLING_TAGS = frozenset({"article", "main", "time", "h1", "h2", "h3", "h4", "section", "aside"})
_MIN_NAME, _MAX_NAMES = 3, 6


def names_of(node: LexborNode) -> list[str]:
    """Return selectors by what the element itself is called, best first."""
    attributes = node.attributes
    found = []
    if (attributes.get("itemprop") or "") == "articleBody":
        found.append("[itemprop=articleBody]")
    identity = attributes.get("id") or ""
    if _is_stable(identity):
        found.append(f"#{identity}")
    classes = stable_classes(node)
    found += [f".{name}" for name in classes]
    found += [f".{one}.{other}" for one, other in pairwise(classes)]
    return found


def stable_classes(node: LexborNode) -> list[str]:
    """Return the classes of an element that are names and not numbers, sizes or layout."""
    classes = (node.attributes.get("class") or "").split()
    return [name for name in dict.fromkeys(classes) if _is_stable(name) and name.lower() not in _LAYOUT][
        :_MAX_NAMES
    ]


def numbered_names_of(node: LexborNode) -> list[str]:
    """Return selectors by classes that end in a small number, as `list-3`: for want of better ones."""
    found = [_NUMBERED.fullmatch(name) for name in (node.attributes.get("class") or "").split()]
    return [f".{match[0]}" for match in found if match and match[1].lower() not in _LAYOUT]


def candidates(node: LexborNode) -> Iterator[str]:
    """Yield selectors for an element, shortest first: by its own names, then below what is around it."""
    own = names_of(node)
    yield from own
    tag = node.tag or "*"
    if tag in _TELLING_TAGS:
        yield tag
    yield from (f"{tag}{name}" for name in own if name.startswith("."))
    around = node.parent
    for between in (" > ", " "):
        if around is None or around.tag in {"body", "html"}:
            return
        yield from (f"{name}{between}{tag}" for name in names_of(around))
        around = around.parent


def selecting(places: Sequence[tuple[LexborHTMLParser, LexborNode]]) -> list[str]:
    """Return the selectors that find first, on each page, the element given with it."""
    if not places:
        return []
    _, model = places[0]
    return [
        selector
        for selector in dict.fromkeys(candidates(model))
        if all(_finds(tree, node, selector) for tree, node in places)
    ]


def _finds(tree: LexborHTMLParser, node: LexborNode, selector: str) -> bool:
    found = tree.css_first(selector)
    return found is not None and found.mem_id == node.mem_id


def _is_stable(name: str) -> bool:
    return len(name) >= _MIN_NAME and bool(_STABLE.fullmatch(name))
