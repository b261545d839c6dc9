"""Find the body of an article on a page of which nothing is known.

Units of prose (a `<p>`, a `<div>` of text, a run of text between `<br>`) belong to holders: the elements
whose children they are. The heaviest holder near the headline is the body, or one part of it; from there
the search climbs as long as kindred parts (further pages, sections of one layout) come in, and stops before
another article's headline.
"""

import re
from collections.abc import Mapping

import attrs
from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.pages.furniture import DROPPED_TAGS, family_of, is_hidden, names_page_part, words_of
from crawler.pages.tree import visible_text
from crawler.pages.wordlist import wordlist

# Tuned on half of the real pages, checked on the other half (tests/core/test_real_pages.py pins the scores).
_MIN_CHARS, _MAX_WEIGHT = 40, 600
_UNFINISHED, _LIST_ITEM = 0.4, 0.5  # weight of prose without a final stop, and of prose in list items
_DECLARED_BONUS, _FURNITURE = 1.5, 0.15
_PART_SHARE = 0.03  # a kindred part may be this small beside the part already found
_MAIN_SHARE = 0.5  # an element that holds this share of all prose is no furniture, whatever its name
_PROSE_ROOM = (
    1.6  # an element without a name is a part when its whole text is at most so much longer than its prose
)
# Round the headline: so much prose, beside the heaviest holder of the page, is the article's.
_MIN_ARTICLE_WEIGHT, _ARTICLE_SHARE = 250, 0.15
_MIN_BODY_WEIGHT = 16
_MAX_UNITS, _MAX_HOLDERS, _MAX_CLIMB = 4_000, 6, 6

_TEXT_HOLDERS = "p,div,td,section,article,span,blockquote,li,main,center,font,pre"
_BODY_WORDS = re.compile(
    r" (article|news|post|entry|detail|read|content|story|artikel|berita|isi|txt|text|konten|single|multi) ?"
    r"(page )?"
    r"(body|content|text|txt|paragraph|isi|isi berita|detail|berita|konten|article|artikel|main|desc|single)"
    r"( text)? "
    r"|articlebody|bodytext|newsbody|isiberita|detailberita|tubuh berita"
)
_SENTENCE = re.compile(r"""[.!?…:]["'”’)\]]{0,2}\s*\Z""")
_INLINE = wordlist("a b big em font i ins mark q s small span strong sub sup u abbr cite code")
_INLINE_HOLDERS = frozenset({"span", "font", "center"})
_UNTRUSTED = frozenset({"aside", "nav", "footer", "form", "dialog", "menu", "button", "select"})
_ABOVE_BODY = frozenset({"html", "-undef"})
_ROOTS = frozenset({"body", *_ABOVE_BODY})


@attrs.frozen
class _Unit:
    """An element with prose directly in it: the weight of all its runs, how many there are, its holder."""

    node: LexborNode
    weight: float
    holder: LexborNode
    order: int


def find_body(tree: LexborHTMLParser, headline: LexborNode | None = None) -> LexborNode | None:
    """Return the element that holds the body, or None where the page has no prose.

    *headline* is the element of the page's headline: of several articles on one page, its own is taken.
    """
    path = _path(headline)
    units = _weigh(_units(tree), path)
    if not units:
        return None
    above = _sum_above(units)
    holder, weight = _best_holder(units, above, path)
    if weight < _MIN_BODY_WEIGHT:
        return None
    return _climb(holder, above, {unit.node.mem_id: unit.weight for unit in units}, path)


def _weigh(units: list[_Unit], headline_path: Mapping[int, int]) -> list[_Unit]:
    """Return the units with those in furniture made light."""
    above = _sum_above(units)
    everything = sum(unit.weight for unit in units)
    known: dict[int, bool] = dict.fromkeys(headline_path, False)
    return [
        attrs.evolve(unit, weight=unit.weight * _FURNITURE)
        if _in_furniture(unit.holder, known, above, everything)
        else unit
        for unit in units
    ]


def _units(tree: LexborHTMLParser) -> list[_Unit]:
    found: list[tuple[LexborNode, float, int, int]] = []
    holding: set[int] = set()
    for order, node in enumerate(tree.css(_TEXT_HOLDERS)):
        if node.tag in _INLINE_HOLDERS and not _wraps_blocks(node):
            continue
        weight, runs = _prose(node)
        if not weight:
            continue
        if len(found) >= _MAX_UNITS:
            break
        found.append((node, weight, runs, order))
        if node.parent is not None:
            holding.add(node.parent.mem_id)
    return [
        _unit(node, weight, order, holds=runs > 1 or node.mem_id in holding)
        for node, weight, runs, order in found
    ]


def _unit(node: LexborNode, weight: float, order: int, *, holds: bool) -> _Unit:
    """Return a unit with its holder: itself where it holds several runs or units, else what is around it."""
    parent = node.parent
    if holds or parent is None or parent.tag in _ABOVE_BODY:
        return _Unit(node, weight, node, order)
    if "li" not in {node.tag, parent.tag}:
        return _Unit(node, weight, parent, order)
    items = parent if node.tag == "li" else parent.parent
    around = items.parent if items is not None else None
    return _Unit(node, weight * _LIST_ITEM, around or parent, order)


def _prose(node: LexborNode) -> tuple[float, int]:
    """Return the weight and the number of the runs of prose that stand directly in an element."""
    weight, runs, run, linked = 0.0, 0, "", 0
    child = node.child
    while child is not None:
        if child.is_text_node:
            run += child.text_content or ""
        elif child.is_element_node:
            tag = child.tag
            if tag in _INLINE and not _wraps_blocks(child):
                text = child.text(deep=True)
                linked += len(text) if tag == "a" else 0
                run += text
            elif run:
                found = _run_weight(run, linked)
                weight, runs, run, linked = weight + found, runs + bool(found), "", 0
        child = child.next
    if run:
        found = _run_weight(run, linked)
        weight, runs = weight + found, runs + bool(found)
    return weight, runs


def _wraps_blocks(node: LexborNode) -> bool:
    """Tell an inline element that stands round whole paragraphs from one inside a paragraph."""
    return node.tag in _INLINE_HOLDERS and node.css_first("p,div,br") is not None


def _run_weight(run: str, linked: int) -> float:
    run = run.strip()
    chars = len(run)
    if chars < _MIN_CHARS or linked * 2 > chars:
        return 0.0
    weight = min(chars - linked, _MAX_WEIGHT)
    return weight if _SENTENCE.search(run[-8:]) else weight * _UNFINISHED


def _sum_above(units: list[_Unit]) -> dict[int, float]:
    """Return how much prose stands below each element, by `mem_id`."""
    above: dict[int, float] = {}
    for unit in units:
        node: LexborNode | None = unit.node
        while node is not None:
            key = node.mem_id
            above[key] = above.get(key, 0.0) + unit.weight
            node = node.parent
    return above


def _in_furniture(
    node: LexborNode, known: dict[int, bool], above: Mapping[int, float], everything: float
) -> bool:
    passed: list[int] = []
    current: LexborNode | None = node
    verdict = False
    while current is not None and current.tag not in _ROOTS:
        key = current.mem_id
        if key in known:
            verdict = known[key]
            break
        passed.append(key)
        if _is_furniture(current, above.get(key, 0.0) / everything):
            verdict = True
            break
        current = current.parent
    known.update(dict.fromkeys(passed, verdict))
    return verdict


def _is_furniture(node: LexborNode, share: float) -> bool:
    attributes = node.attributes
    words = words_of(attributes) if attributes else ""
    family = family_of(words)
    tag = node.tag or ""
    if (
        share >= _MAIN_SHARE
    ):  # readers may write more than the reporter; any other name may stand on a wrapper
        return family == "comment" or tag in {"footer", "nav"}
    if family or tag in _UNTRUSTED or tag in DROPPED_TAGS or " footer " in words:
        return True
    return bool(attributes) and is_hidden(attributes) and not names_page_part(words)


def _best_holder(
    units: list[_Unit], above: Mapping[int, float], headline_path: Mapping[int, int]
) -> tuple[LexborNode, float]:
    """Return the holder that is most likely the body or its first part, and the weight of its prose."""
    weights: dict[int, float] = {}
    nodes: dict[int, LexborNode] = {}
    for unit in units:
        key = unit.holder.mem_id
        weights[key] = weights.get(key, 0.0) + unit.weight
        nodes.setdefault(key, unit.holder)
    article = _article_of(headline_path, above, max(weights.values()))
    inside = [key for key in weights if article is None or _is_below(nodes[key], article)]
    ranked = sorted(inside or weights, key=lambda key: -weights[key])[:_MAX_HOLDERS]
    best = max(ranked, key=lambda key: weights[key] * _nearness(nodes[key], above, headline_path))
    return nodes[best], weights[best]


def _article_of(headline_path: Mapping[int, int], above: Mapping[int, float], heaviest: float) -> int | None:
    """Return the nearest element round the headline with enough prose to be the article's, or None."""
    need = max(_MIN_ARTICLE_WEIGHT, heaviest * _ARTICLE_SHARE)
    return next((key for key in headline_path if above.get(key, 0.0) >= need), None)


def _is_below(node: LexborNode, key: int) -> bool:
    current: LexborNode | None = node
    while current is not None:
        if current.mem_id == key:
            return True
        current = current.parent
    return False


def _nearness(node: LexborNode, above: Mapping[int, float], headline_path: Mapping[int, int]) -> float:
    """Return how well an element fits as the body: 1, more beside the headline or where well named."""
    factor = _DECLARED_BONUS if _names_body(node) else 1.0
    current: LexborNode | None = node
    while current is not None and current.mem_id not in headline_path:
        current = current.parent
    if current is None or current.mem_id == node.mem_id:
        return factor
    # The less other prose there is in what holds both headline and body, the nearer they are.
    return factor * (1.0 + 2.0 * above.get(node.mem_id, 0.0) / max(above.get(current.mem_id, 0.0), 1.0))


def _names_body(node: LexborNode) -> bool:
    attributes = node.attributes
    if not attributes:
        return False
    if (attributes.get("itemprop") or "").lower() == "articlebody":
        return True
    return bool(_BODY_WORDS.search(words_of(attributes)))


def _path(node: LexborNode | None) -> dict[int, int]:
    """Return the `mem_id` of a node and of all above it, with their distance, nearest first."""
    path: dict[int, int] = {}
    while node is not None:
        path[node.mem_id] = len(path)
        node = node.parent
    return path


def _climb(
    holder: LexborNode,
    above: Mapping[int, float],
    units: Mapping[int, float],
    headline_path: Mapping[int, int],
) -> LexborNode:
    """Return the smallest element above a holder that takes in all kindred parts of the same text."""
    body = current = holder
    for _ in range(_MAX_CLIMB):
        parent = current.parent
        if parent is None or parent.tag in _ROOTS or current.mem_id in headline_path:
            break
        if _gains(parent, current, above, units, headline_path):
            body = parent
        current = parent
    return body


def _gains(
    parent: LexborNode,
    inner: LexborNode,
    above: Mapping[int, float],
    units: Mapping[int, float],
    headline_path: Mapping[int, int],
) -> bool:
    """Tell whether the siblings of *inner* are further parts of its text."""
    signature = _signature(inner)
    gained = units.get(parent.mem_id, 0.0)
    for child in parent.iter():
        weight = above.get(child.mem_id, 0.0)
        if child.mem_id == inner.mem_id or not weight:
            continue
        if child.mem_id in headline_path:
            return False
        if child.css_first("h1") is not None:
            continue
        if _is_kindred(child, weight, inner, signature):
            gained += weight
    return gained > above.get(inner.mem_id, 0.0) * _PART_SHARE


def _is_kindred(child: LexborNode, weight: float, inner: LexborNode, signature: str) -> bool:
    own = _signature(child)
    if own or signature:
        return own == signature or _declared_part(child)
    return child.tag == inner.tag and _is_prose(child, weight)


def _is_prose(node: LexborNode, weight: float) -> bool:
    """Tell whether an element holds prose and little else."""
    return len(visible_text(node)) <= weight * _PROSE_ROOM


def _signature(node: LexborNode) -> str:
    """Return tag and class words of an element, without numbers; empty where it has no class."""
    names = node.attributes.get("class") or ""
    return f"{node.tag} {words_of({'class': names})}" if names.strip() else ""


def _declared_part(node: LexborNode) -> bool:
    words = words_of(node.attributes)
    return family_of(words) is None and (names_page_part(words) or _names_body(node))
