"""How a page of links is built: what holds an entry, and where in it stand the link, headline and time."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from urllib.parse import urljoin

import attrs
from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.authoring.selectors import names_of, numbered_names_of, stable_classes
from crawler.dates import parse_instant
from crawler.pages.tree import visible_text
from crawler.urls import UrlError, canonical_url

_MIN_ENTRIES, _MAX_LINKS = 2, 2_000
_PRECISE = 0.8  # of what an item selector finds, so much must be entries
_MAX_TIME_CHARS, _MOST = 60, 0.8
_TIMES = "time, [class*=date], [class*=time], [class*=tanggal], [class*=waktu], span, small, i, em, b, p, div"
_HEADINGS = ("h1", "h2", "h3", "h4", "h5")
_HEADLINE_CHARS = 15


@attrs.frozen
class ListShape:
    """The selectors of a rung that reads pages of links, and the articles that they find."""

    item: str
    link: str
    headline: str
    time: str
    urls: tuple[str, ...]


@attrs.frozen
class Link:
    """A link to an article: its element and the article's canonical address."""

    node: LexborNode
    url: str


def article_links(tree: LexborHTMLParser, base: str, is_article: Callable[[str], bool]) -> list[Link]:
    """Return the links of a page that lead to articles, in order."""
    found = []
    for node in tree.css("a[href]")[:_MAX_LINKS]:
        href = (node.attributes.get("href") or "").strip()
        try:
            url = canonical_url(urljoin(base, href))
        except (UrlError, ValueError):
            continue
        if is_article(url):
            found.append(Link(node, url))
    return found


def shape_of(
    tree: LexborHTMLParser,
    links: Sequence[Link],
    wanted: Collection[str],
    now: datetime,
    *,
    empty: LexborHTMLParser | None = None,
) -> ListShape | None:
    """Return how the page lists the *wanted* articles; None where they form no list.

    *links* are all its links to articles: what else is listed shows where an entry ends. On a page of the
    same kind that lists nothing, *empty*, nothing may be found.
    """
    best: tuple[int, ListShape | None] = (_MIN_ENTRIES - 1, None)
    for group in _groups(_items(links)):
        count = len({url for _, url in group}.intersection(wanted))
        if count > best[0] and (shape := _shape(tree, group, now, empty)) is not None:
            best = count, shape
    return best[1]


def _items(links: Sequence[Link]) -> dict[int, tuple[LexborNode, str]]:
    """Return for each link to an article the largest element that leads to that article alone."""
    leads: dict[int, set[str]] = defaultdict(set)
    for link in links:
        node: LexborNode | None = link.node
        while node is not None:
            leads[node.mem_id].add(link.url)
            node = node.parent
    found: dict[int, tuple[LexborNode, str]] = {}
    for link in links:
        item = link.node
        while (
            (parent := item.parent) is not None
            and parent.tag not in {"body", "html"}
            and len(leads[parent.mem_id]) == 1
        ):
            item = parent
        found.setdefault(item.mem_id, (item, link.url))
    return found


def _groups(items: Mapping[int, tuple[LexborNode, str]]) -> Iterable[list[tuple[LexborNode, str]]]:
    """Yield items that stand together: below one parent, or under one name."""
    by_parent: dict[int, list[tuple[LexborNode, str]]] = defaultdict(list)
    by_name: dict[str, list[tuple[LexborNode, str]]] = defaultdict(list)
    for node, url in items.values():
        by_parent[node.parent.mem_id if node.parent else 0].append((node, url))
        for name in stable_classes(node):
            by_name[name].append((node, url))
    groups = [*by_parent.values(), *by_name.values()]
    return [group for group in groups if len({url for _, url in group}) >= _MIN_ENTRIES]


def _shape(
    tree: LexborHTMLParser,
    group: Sequence[tuple[LexborNode, str]],
    now: datetime,
    empty: LexborHTMLParser | None,
) -> ListShape | None:
    nodes = {node.mem_id: url for node, url in group}
    entries = [node for node, _ in group]
    for item in _item_selectors(entries):
        if not _is_precise(tree, item, nodes):
            continue
        link = "" if all(node.tag == "a" for node in entries) else _link(entries)
        if empty is not None and any(_first(node, link or "a[href]") for node in empty.css(item)):
            continue
        return ListShape(item, link, _headline(entries, link), _time(entries, now), tuple(nodes.values()))
    return None


def _item_selectors(nodes: Sequence[LexborNode]) -> list[str]:
    """Return selectors that may find these elements, by names that most of them share."""
    shared = Counter(name for node in nodes for name in stable_classes(node))
    tags = Counter(node.tag or "*" for node in nodes)
    tag = tags.most_common(1)[0][0]
    own = [f"{tag}.{name}" for name, count in shared.most_common() if count == len(nodes)]
    around = Counter(name for node in nodes if node.parent is not None for name in names_of(node.parent))
    outer = [name for name, _ in around.most_common()]
    weak = Counter(
        name for node in nodes if node.parent is not None for name in numbered_names_of(node.parent)
    )
    above = [
        name
        for node in nodes[:1]
        if node.parent is not None and node.parent.parent is not None
        for name in names_of(node.parent.parent)
    ]
    marked = ["li[data-offset]"] if all("data-offset" in node.attributes for node in nodes) else []
    return [
        *own,
        *marked,
        *(f"{name} > {tag}" for name in outer),
        *(f"{name} {mine}" for name in outer for mine in own),
        *(f"{name} {tag}" for name in above),
        *(f"{name} > {tag}" for name, _ in weak.most_common()),
    ]


def _is_precise(tree: LexborHTMLParser, selector: str, items: Mapping[int, str]) -> bool:
    found = {node.mem_id for node in tree.css(selector)[:_MAX_LINKS]}
    return found.issuperset(items) and len(items) >= len(found) * _PRECISE


def _link(entries: Sequence[LexborNode]) -> str:
    """Return the selector of the link with the headline: in a heading where all have one, else the first."""
    for heading in _HEADINGS:
        for selector in (f"{heading} a[href]", f"a[href]:has({heading})"):
            if all(_first(entry, selector) for entry in entries):
                return selector
    spoken = Counter(
        name
        for entry in entries
        for anchor in entry.css("a[href]")
        if len(visible_text(anchor)) >= _HEADLINE_CHARS
        for name in stable_classes(anchor)
    )
    for name, _ in spoken.most_common():
        if all(len(_first(entry, f"a.{name}[href]")) >= _HEADLINE_CHARS for entry in entries):
            return f"a.{name}[href]"
    return "a[href]"


def _headline(entries: Sequence[LexborNode], link: str) -> str:
    """Return the selector of the headline where the link does not hold it alone; else nothing."""
    for heading in _HEADINGS:
        if all(_first(entry, heading) for entry in entries):
            held = [_first(entry, link) if link else visible_text(entry) for entry in entries]
            same = held == [_first(entry, heading) for entry in entries]
            return "" if same else heading
    return ""


def _time(entries: Sequence[LexborNode], now: datetime) -> str:
    """Return the selector of the printed time that most entries have; nothing where there is none."""
    counted: Counter[str] = Counter()
    for entry in entries:
        names = {
            selector
            for node in entry.css(_TIMES)
            if len(text := visible_text(node)) <= _MAX_TIME_CHARS and parse_instant(text, now=now) is not None
            for selector in (
                *(["time"] if node.tag == "time" else []),
                *(f".{name}" for name in stable_classes(node)),
                node.tag or "",
            )
        }
        counted.update(
            name
            for name in names
            if (first := entry.css_first(name)) is not None
            and parse_instant(visible_text(first), now=now) is not None
        )
    good = [name for name, count in counted.most_common() if count >= len(entries) * _MOST]
    return next(
        (name for name in good if name == "time"),
        next((name for name in good if name.startswith(".")), good[0] if good else ""),
    )


def _first(entry: LexborNode, selector: str) -> str:
    found = entry.css_first(selector)
    return visible_text(found) if found is not None else ""
