"""When an entry of an HTML list was published: as printed, or the exact time behind "5 menit yang lalu"."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo

from selectolax.lexbor import LexborNode

from crawler.dates import parse_instant, parse_iso
from crawler.items import Instant, Precision

# Attributes of the time's element or of one inside it: a time as text, or seconds since 1970.
_WRITTEN = ("datetime", "title", "content")
_COUNTED = re.compile(r"(?:data-|d-)?(?:time|timestamp|date|datetime|published)")
_EPOCH = re.compile(r"(1\d{9})(?:\d{3})?")
_MAX_NODES, _MAX_CHARS = 60, 120


def listed_time(node: LexborNode, *, zone: tzinfo, now: datetime) -> Instant | None:
    """Return the time of the entry whose time stands in *node*, or None.

    A printed minute wins; else what attributes and comments say exactly; last a bare day or "2 jam lalu".
    """
    text = " ".join(node.text().split())
    printed = parse_instant(text, zone=zone)
    if printed is not None and printed.precision != "day":
        return printed
    exact = next(_behind(node, zone), None)
    return exact or printed or parse_instant(text, zone=zone, now=now)


def time_in_address(address: str, pattern: str, *, zone: tzinfo) -> Instant | None:
    """Return the time that the groups of *pattern* find in an address: year, month, day, and what follows."""
    found = re.search(pattern, address)
    if found is None:
        return None
    year, month, day, *clock = (int(group) for group in found.groups() if group)
    hour, minute, second = (*clock, 0, 0, 0)[:3]
    precision: Precision = "second" if clock[2:] else "minute" if clock else "day"
    try:
        at = datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None  # as many digits, and no time
    return Instant(at, precision, zone_assumed=True)


def _behind(node: LexborNode, zone: tzinfo) -> Iterator[Instant]:
    """Yield the exact times that are not shown: in attributes, in a comment inside or right behind."""
    for inner in _within(node):
        for written in _unseen(inner):
            instant = parse_iso(written, zone) or parse_instant(written, zone=zone)
            if instant is not None and instant.precision != "day":
                yield instant
        for name, value in inner.attributes.items() if inner.is_element_node else ():
            epoch = _EPOCH.fullmatch(value.strip()) if value and _COUNTED.fullmatch(name) else None
            if epoch is not None:
                yield Instant(datetime.fromtimestamp(int(epoch[1]), UTC).astimezone(zone), "second")


def _within(node: LexborNode) -> Iterator[LexborNode]:
    following = node.next
    for seen, inner in enumerate(node.traverse(include_text=True)):
        if seen == _MAX_NODES:
            break
        yield inner
    while following is not None and not following.is_element_node:
        yield following
        following = following.next


def _unseen(node: LexborNode) -> Iterator[str]:
    if node.is_comment_node:
        values: list[str | None] = [node.comment_content]
    elif node.is_element_node:
        values = [node.attributes.get(name) for name in _WRITTEN]
    else:
        values = []
    for value in values:
        if value and len(value) <= _MAX_CHARS:
            yield value.strip()
