"""A page as small as a recorded one should be: without scripts, styles and long lists, and read as before."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.authoring.goldens import PageRead, read_page
from crawler.errors import CrawlerError
from crawler.pages.article import ArticlePage
from crawler.pages.furniture import is_hidden
from crawler.pages.parse import parse_html

MAX_BYTES = 25_000
_GONE = "style,noscript,svg,iframe,object,embed,template,canvas,video,audio,source,script"
_LINKED_DATA = "ld+json"
_KEPT_LINKS = frozenset({"canonical", "amphtml", "alternate", "next", "prev"})
_DROPPED_META = re.compile(
    r"verification|viewport|theme-color|msapplication|fb:|apple|twitter:(?:site|card|image)|og:image"
)
_DROPPED_ATTRIBUTES = re.compile(
    r"on[a-z]+|srcset|sizes|style|loading|decoding|fetchpriority|integrity|crossorigin"
)
_MAX_ATTRIBUTE = 300
_LISTS = "ul,ol,dl,div,section,aside,nav,tbody,main,select,p"
_ENTRIES = 3
_ROUND = "nav,footer,aside,form,select"
_NEAR_CHARS = 600
_MAX_TRIES, _WORTH_A_TRY = 60, 200


class TooLargeError(CrawlerError):
    """A page stays larger than a recorded page may be."""


def trimmed(page_class: type[ArticlePage], html: str, url: str) -> PageRead:
    """Return the page with as little left out as makes it small; it reads exactly as the whole one does.

    Raises:
        TooLargeError: it cannot be made small enough without reading otherwise.
    """
    html = html.replace("\r\n", "\n").replace("\r", "\n")
    wanted = read_page(page_class, html, url).golden
    smallest, best = len(html.encode()), html
    for cut in (_cut_lists, _cut_round, _cut_all_but_article, _cut_nothing):
        page = page_class(html, url)
        _cut_unread(page.tree)
        cut(page)
        text = _tidy(page.tree.html or "")
        read = read_page(page_class, text, url)
        size = len(text.encode())
        if read.golden != wanted:
            continue
        if size <= MAX_BYTES:
            return read
        if size < smallest:
            smallest, best = size, text
    read = _reduced(page_class, best, url, wanted)
    if (smallest := len(read.page.html.encode())) <= MAX_BYTES:
        return read
    raise TooLargeError(
        f"{url}: {smallest} bytes when trimmed, at most {MAX_BYTES}; take a shorter page, "
        "or trim it by hand and give it by --file"
    )


class _Cutter:
    """Takes elements out of a tree; what went with another is not touched again, for it is no more."""

    def __init__(self) -> None:
        self._gone: set[int] = set()

    def cut(self, nodes: Iterable[LexborNode]) -> None:
        """Take these elements out, with all that is in them."""
        for node in list(nodes):
            if node.mem_id not in self._gone:
                self._gone.update(inner.mem_id for inner in node.traverse(include_text=True))
                node.decompose()

    def left(self, nodes: Iterable[LexborNode]) -> Iterator[LexborNode]:
        """Yield those of these elements that are still there when their turn comes."""
        return (node for node in list(nodes) if node.mem_id not in self._gone)


def _cut_unread(tree: LexborHTMLParser) -> None:
    """Take out what no reader looks at: scripts but linked data, styles, notes, long attributes."""
    _Cutter().cut(node for node in tree.css(_GONE) if _LINKED_DATA not in (node.attributes.get("type") or ""))
    _Cutter().cut(node for node in tree.css("link,meta") if _says_nothing(node))
    if tree.root is not None:
        _Cutter().cut([node for node in tree.root.traverse(include_text=True) if node.is_comment_node])
    for node in tree.css("*"):
        _cut_attributes(node)
    for node in tree.css('script[type*="ld+json"]'):
        _cut_linked_data(node)


def _says_nothing(node: LexborNode) -> bool:
    """Tell whether an element of the head says nothing of the article."""
    attributes = node.attributes
    if node.tag == "link":
        return (attributes.get("rel") or "").lower() not in _KEPT_LINKS
    return bool(_DROPPED_META.search(f"{attributes.get('name') or ''}{attributes.get('property') or ''}"))


def _cut_attributes(node: LexborNode) -> None:
    hidden = is_hidden(node.attributes)
    for name, value in dict(node.attributes).items():
        styled = name == "style" and hidden
        if (_DROPPED_ATTRIBUTES.fullmatch(name) and not styled) or (
            value and len(value) > _MAX_ATTRIBUTE and node.tag != "meta"
        ):
            del node.attrs[name]
        elif name == "src" and value and value.startswith("data:"):
            node.attrs[name] = "data:,"


def _cut_linked_data(node: LexborNode) -> None:
    """Shorten the lists in linked data; what cannot be read stays as it is, for it is a case of its own."""
    try:
        value = json.loads(node.text(deep=True))
    except (ValueError, RecursionError):
        return
    written = json.dumps(_shortened(value), ensure_ascii=False, separators=(",", ":"))
    set_text(node, written)


def _shortened(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {
            name: _shortened(each)
            for name, each in value.items()
            if name not in {"image", "logo", "potentialAction"}
        }
    if isinstance(value, list):
        entries = [_shortened(each) for each in value]
        return (
            entries[:_ENTRIES]
            if all(isinstance(each, dict) and "position" in each for each in entries)
            else entries
        )
    return value


def set_text(node: LexborNode, text: str) -> None:
    """Replace all that is in a script by *text*, which cannot end it."""
    inert = text.replace("</", "<\\/")
    held = parse_html(f"<html><body><script>{inert}</script></body></html>").css_first("script")
    old = node.child
    if held is not None and held.child is not None and old is not None:
        old.replace_with(held.child)


# --- What may go, least first


def _cut_nothing(_page: ArticlePage) -> None:
    """Leave the rest as it is."""


def _cut_lists(page: ArticlePage, keep: int = _ENTRIES) -> None:
    """Leave a few entries of each list of links that stands beside the article."""
    above, containers, cutter = _above(page), _containers(page), _Cutter()
    for parent in cutter.left(page.tree.css(_LISTS)):
        if parent.mem_id in above or _is_inside(parent, containers):
            continue
        by_tag: dict[str, list[LexborNode]] = {}
        for child in parent.iter():
            if child.tag in {"option", "a"} or child.css_first("a[href]") is not None:
                by_tag.setdefault(child.tag or "", []).append(child)
        for group in by_tag.values():
            cutter.cut(group[keep:] if len(group) > _ENTRIES else ())


def _cut_round(page: ArticlePage) -> None:
    """Take out menus, sidebars, forms and the foot of the page as well."""
    above, containers = _above(page), _containers(page)
    _Cutter().cut(
        node
        for node in page.tree.css(_ROUND)
        if node.mem_id not in above and not _is_inside(node, containers)
    )
    _cut_lists(page, keep=1)


def _cut_all_but_article(page: ArticlePage) -> None:
    """Leave the article, what leads down to it, and short lines beside it."""
    _cut_round(page)
    above, containers = _above(page), _containers(page)
    beside = [node for node in page.tree.css("body *") if node.parent and node.parent.mem_id in above]
    _Cutter().cut(
        node
        for node in beside
        if node.mem_id not in above | containers and len(node.text(deep=True)) > _NEAR_CHARS
    )


def _reduced(page_class: type[ArticlePage], html: str, url: str, wanted: object) -> PageRead:
    """Return a page without what can go beside the article, largest first, while it reads the same."""
    kept = read_page(page_class, html, url)
    needed: set[int] = set()
    for _ in range(_MAX_TRIES):
        page = page_class(kept.page.html, url)
        sized = [
            (len(node.html or ""), place)
            for place, node in _beside(page)
            if hash(node.html) not in needed and len(node.html or "") >= _WORTH_A_TRY
        ]
        if len(kept.page.html.encode()) <= MAX_BYTES or not sized:
            break
        place = max(sized)[1]
        node = dict(_beside(page))[place]
        held = hash(node.html)
        node.decompose()
        shorter = read_page(page_class, page.tree.html or "", url)
        if shorter.golden == wanted:
            kept = shorter
        else:
            needed.add(held)
    return kept


def _beside(page: ArticlePage) -> list[tuple[int, LexborNode]]:
    """Return the elements that neither hold the article nor are in it, by their place in the page."""
    above, containers = _above(page), _containers(page)
    return [
        (place, node)
        for place, node in enumerate(page.tree.css("html *"))
        if node.mem_id not in above and not _is_inside(node, containers) and node.tag not in {"head", "body"}
    ]


def _containers(page: ArticlePage) -> set[int]:
    return {node.mem_id for node in page.body.containers}


def _above(page: ArticlePage) -> set[int]:
    """Return the headline's element, and what holds the headline or the body."""
    headline = page.found_headline
    printed = [headline.node] if headline is not None and headline.node is not None else []
    nodes = [*page.body.containers, *printed]
    return {upper.mem_id for node in nodes for upper in _uppers(node)} | {node.mem_id for node in printed}


def _uppers(node: LexborNode) -> Iterator[LexborNode]:
    current = node.parent
    while current is not None:
        yield current
        current = current.parent


def _is_inside(node: LexborNode, holders: set[int]) -> bool:
    return node.mem_id in holders or any(upper.mem_id in holders for upper in _uppers(node))


def _tidy(html: str) -> str:
    """Return a page without empty lines and indents, which no browser shows."""
    if "<pre" in html or "<textarea" in html:
        return html
    return re.sub(r"[ \t]*\n\s*", "\n", html) + ("" if html.endswith("\n") else "\n")
