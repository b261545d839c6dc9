"""The neighbourhood of a body: between headline and body, before the headline, behind the body."""

from collections.abc import Iterator

import attrs
from selectolax.lexbor import LexborNode

from crawler.pages.tree import Line, Reading, read_zone

_MAX_ROOTS_BETWEEN, _MAX_ROOTS_BEFORE, _MAX_ROOTS_BEHIND = 120, 30, 40
_MAX_LINES_BEFORE, _MAX_LINES, _MAX_LINES_BEHIND = 8, 80, 25
_MAX_LEVELS_UP = 4
_MAX_BEFORE_CHARS = 4_000


@attrs.frozen
class Zones:
    """Readings of the parts round a body, all in document order."""

    before: Reading = attrs.field(factory=Reading)
    header: Reading = attrs.field(factory=Reading)
    behind: Reading = attrs.field(factory=Reading)
    roots: dict[int, str] = attrs.field(
        factory=dict
    )  # `mem_id` of the outermost elements -> name of their zone

    def around(self) -> Iterator[Line]:
        """Yield the lines round the body, those between headline and body first."""
        yield from self.header.lines
        yield from reversed(self.before.lines)
        yield from self.behind.lines


def read_zones(headline: LexborNode | None, body: LexborNode | None) -> Zones:
    """Return what stands round the body; without a printed headline the header is all before the body."""
    if body is None:
        following = _limited(_following(headline, None), _MAX_ROOTS_BEHIND) if headline else []
        return _zones(before=[], header=following)
    behind = _limited(_following(body, None), _MAX_ROOTS_BEHIND)
    if headline is not None and _is_above(body, headline):
        return _zones(before=_before(body, _MAX_LEVELS_UP), header=[], behind=behind)
    if headline is None or not _precedes(headline, body):
        return _zones(header=_before(body, _MAX_LEVELS_UP), behind=behind)
    header = _limited(_following(headline, body), _MAX_ROOTS_BETWEEN)
    return _zones(before=_before(headline, _MAX_LEVELS_UP), header=header, behind=behind)


def _zones(
    *,
    header: list[LexborNode],
    before: list[LexborNode] | None = None,
    behind: list[LexborNode] | None = None,
) -> Zones:
    zones = Zones(
        before=_read_backwards(before or [], _MAX_LINES_BEFORE),
        header=_read_backwards(header, _MAX_LINES) if before is None else read_zone(header, _MAX_LINES),
        behind=read_zone(behind or [], _MAX_LINES_BEHIND),
    )
    for name, roots in (("behind", behind or []), ("before", before or []), ("header", header)):
        zones.roots.update(dict.fromkeys((root.mem_id for root in roots), name))
    return zones


def _read_backwards(roots: list[LexborNode], max_lines: int) -> Reading:
    """Return the last lines of some elements, in document order."""
    reading = Reading()
    for root in reversed(roots):
        if root.is_text_node and (root.text_content or "").isspace():
            continue
        if root.is_element_node and len(root.text(deep=True)) > _MAX_BEFORE_CHARS:
            continue  # a menu or another column, not what belongs to the headline
        reading.lines[:0] = read_zone([root], max_lines * 4).lines
        if len(reading.lines) >= max_lines:
            break
    del reading.lines[:-max_lines]
    return reading


def _limited(nodes: Iterator[LexborNode], limit: int) -> list[LexborNode]:
    return [node for node, _ in zip(nodes, range(limit), strict=False)]


def _following(start: LexborNode, stop: LexborNode | None) -> Iterator[LexborNode]:
    """Yield the largest subtrees that follow *start* in document order, up to *stop*."""
    stop_path = _path(stop)
    current: LexborNode | None = start
    while current is not None:
        following = current.next
        while following is None:
            current = current.parent
            if current is None or current.tag == "body":
                return
            following = current.next
        current = following
        while current.mem_id in stop_path:
            if stop is None or current.mem_id == stop.mem_id or current.child is None:
                return
            current = current.child
        yield current


def _before(node: LexborNode, levels: int) -> list[LexborNode]:
    """Return the subtrees before *node* in the elements up to *levels* above it, in document order."""
    found: list[LexborNode] = []
    current: LexborNode = node
    for _ in range(levels):
        sibling = current.prev
        while sibling is not None and len(found) < _MAX_ROOTS_BEFORE:
            found.append(sibling)
            sibling = sibling.prev
        if current.parent is None or current.parent.tag in {"body", "html"}:
            break
        current = current.parent
    found.reverse()
    return found


def _path(node: LexborNode | None) -> frozenset[int]:
    keys: set[int] = set()
    while node is not None:
        keys.add(node.mem_id)
        node = node.parent
    return frozenset(keys)


def _is_above(upper: LexborNode, node: LexborNode) -> bool:
    return upper.mem_id in _path(node)


def _precedes(first: LexborNode, second: LexborNode) -> bool:
    """Tell whether *first* comes before *second* in document order."""
    path = _path(first)
    below: LexborNode = second
    while below.parent is not None and below.parent.mem_id not in path:
        below = below.parent
    if below.parent is None:
        return False
    shared = below.parent.mem_id
    other: LexborNode = first
    while other.parent is not None and other.parent.mem_id != shared:
        other = other.parent
    sibling: LexborNode | None = other
    while sibling is not None:
        if sibling.mem_id == below.mem_id:
            return True
        sibling = sibling.next
    return False
