"""From elements to blocks: paragraphs, headings, list items, captions, in document order, nothing lost unnamed.

Every text node of what is read ends in a block or in a `Dropped` stretch that names the structural rule. Paragraphs
are found however a page marks them: `<p>`, `<div>`, bare text, `<br><br>`, nested or doubled `<p>`.
"""

import re
from collections.abc import Collection, Sequence

import attrs
from selectolax.lexbor import LexborNode

from crawler.items import Block, BlockKind, Removed
from crawler.pages.furniture import (
    DROPPED_TAGS,
    SILENT_TAGS,
    family_of,
    is_hidden,
    names_caption,
    names_page_part,
    words_of,
)

# An article has some hundred elements; what is cut at these caps is recorded under `cap:…`.
MAX_NODES = 60_000
MAX_DEPTH = 400
MAX_BLOCKS = 5_000
MAX_REMOVED_CHARS = 2_000
_MAX_WRAPPED_RUNS = 200

_INLINE = frozenset(
    ["a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd", "label", "mark", "nobr", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"]
)
_BOLD = frozenset({"b", "strong"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LINK_LISTS = frozenset({"ul", "ol", "div", "table", "section", "dl", "p", "blockquote"})
# A list of links: this share of its characters stands in links, at least this many, each about a headline long.
_LINK_LIST_SHARE, _LINK_LIST_MIN, _LINK_TITLE_CHARS = 0.8, 2, 20
# A named box that holds this share of the text is the text, whatever its name; hidden parts need as many characters.
_MAIN_SHARE, _HIDDEN_PART_CHARS = 0.4, 150
_SPACES = re.compile(r"[ \t\r\n\f\v\u2028\u2029\x85]+")
_SENTENCE_END = re.compile(r"""[.!?:;…"”’»)\]]\s*\Z""")
_ITEM_START = re.compile(r"\s*(?:\d{1,3}[.)]|[•·●▪■–—*-]\s|[a-z][.)]\s)")
_LOWER_START = re.compile(r"\s*[a-z(,;&]")


@attrs.frozen
class Line:
    """A block and the element that it was opened by."""

    block: Block
    node: LexborNode


@attrs.define
class Reading:
    """What was read of some elements: lines in order, dropped stretches with the rule that dropped them."""

    lines: list[Line] = attrs.field(factory=list)
    removed: list[Removed] = attrs.field(factory=list)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks alone."""
        return tuple(line.block for line in self.lines)


@attrs.frozen
class _Context:
    """What holds for the text below an element."""

    node: LexborNode
    kind: BlockKind = "text"
    in_link: bool = False
    in_bold: bool = False
    depth: int = 0


_FLUSH, _CELL = object(), object()
_BREAK = "\n"


def visible_text(node: LexborNode) -> str:
    """Return the text of an element on one line, without scripts, styles and the like."""
    parts: list[str] = []
    stack: list[LexborNode | None] = [node.child if node.is_element_node else node]
    seen = 0
    while stack and seen < MAX_NODES:
        current = stack.pop()
        if current is None:
            continue
        seen += 1
        if current is not node:
            stack.append(current.next)
        if current.is_text_node:
            parts.append(current.text_content or "")
        elif current.is_element_node and current.tag not in SILENT_TAGS:
            parts.append("" if current.tag in _INLINE else " ")
            stack.append(current.child)
    return _SPACES.sub(" ", "".join(parts)).strip(" ")


def read_body(containers: Sequence[LexborNode], *, drop: Collection[int] = ()) -> Reading:
    """Return the blocks of the containers of a body, and what was dropped in them.

    *drop* holds the `mem_id` of elements that the outlet declares furniture. The containers themselves are trusted,
    whatever their names, and so is a box inside them that holds most of the text.
    """
    reader = _Reader(frozenset(drop))
    for container in containers:
        attributes = container.attributes
        reader.own_words |= frozenset(words_of(attributes).split())
        reader.total_chars += len(container.text(deep=True))
    for container in containers:
        reader.read(container.child, container)
    return reader.reading


def read_zone(roots: Sequence[LexborNode]) -> Reading:
    """Return the blocks of neighbouring elements around a body, and what was dropped in them."""
    reader = _Reader(frozenset())
    for root in roots:
        reader.read(root, root.parent or root, alone=True)
    return reader.reading


class _Reader:
    def __init__(self, drop: frozenset[int]) -> None:
        self.own_words: frozenset[str] = frozenset()
        self.total_chars = 0
        self.reading = Reading()
        self._drop = drop
        self._line = 1
        self._runs: list[tuple[str, bool, bool]] = []
        self._holder: _Context | None = None
        self._cell_open = False
        self._seen = 0

    def read(self, first: LexborNode | None, parent: LexborNode, *, alone: bool = False) -> None:
        """Read *first* and, unless it stands *alone*, everything that follows it below *parent*."""
        if first is None:
            return
        root = first if alone else None
        stack: list[tuple[object, _Context]] = [(first, _Context(parent))]
        while stack:
            entry, context = stack.pop()
            if entry is _FLUSH:
                self._flush()
                continue
            if entry is _CELL:
                self._cell_open = bool(self._runs)
                continue
            if not isinstance(entry, LexborNode):
                continue
            node = entry
            if node is not root and (following := node.next) is not None:
                stack.append((following, context))
            self._seen += 1
            if self._seen > MAX_NODES or len(self.reading.lines) >= MAX_BLOCKS:
                self._record("cap:nodes", visible_text(node))
                continue
            if node.is_text_node:
                self._add_text(node.text_content or "", context)
            elif node.is_element_node:
                self._open(node, context, stack)
        self._flush()

    def _open(self, node: LexborNode, context: _Context, stack: list[tuple[object, _Context]]) -> None:
        tag = node.tag or ""
        if tag == "br":
            self._runs.append((_BREAK, False, False))
            return
        if tag in SILENT_TAGS or tag == "img":
            return
        attributes = node.attributes
        if (rule := self._dropped(node, tag, attributes)) is not None:
            self._record(rule, visible_text(node))
            return
        if context.depth >= MAX_DEPTH:
            self._record("cap:depth", visible_text(node))
            return
        child = node.child
        if tag in _INLINE:
            kind = context.kind
            holder = context.node
            if kind == "text" and attributes and names_caption(words_of(attributes)):
                kind, holder = "caption", node
                self._flush()
                stack.append((_FLUSH, context))
            in_link, in_bold = context.in_link or tag == "a", context.in_bold or tag in _BOLD
            stack.append((child, _Context(holder, kind, in_link, in_bold, context.depth + 1)))
            return
        if tag in {"td", "th"}:
            stack.append((_CELL, context))
        else:
            self._flush()
            stack.append((_FLUSH, context))
        kind = self._kind(tag, attributes, context.kind)
        stack.append((child, _Context(node, kind, context.in_link, context.in_bold, context.depth + 1)))

    def _kind(self, tag: str, attributes: dict[str, str | None], inherited: BlockKind) -> BlockKind:
        if tag in _HEADINGS:
            return "heading"
        if tag in {"li", "dt", "dd"} and inherited != "caption":
            return "item"
        words = words_of(attributes) if attributes else ""
        if tag == "figcaption" or names_caption(words):
            return "caption"
        if tag == "figure" and not (" table " in words or "quote " in words):
            return "caption"
        return inherited

    def _dropped(self, node: LexborNode, tag: str, attributes: dict[str, str | None]) -> str | None:
        """Return the rule that drops an element, or None."""
        if node.mem_id in self._drop:
            return "markup:declared"
        if tag in DROPPED_TAGS:
            return f"markup:{DROPPED_TAGS[tag]}"
        if tag == "header" and (node.css_first("h1") is not None):
            return "markup:header"
        if attributes:
            words = words_of(attributes)
            if is_hidden(attributes) and not self._is_hidden_part(node, words):
                return "markup:hidden"
            family = family_of(words)
            if family and not self._is_main(node):
                return f"markup:{family}"
        if tag in _LINK_LISTS and self._is_link_list(node):
            return "markup:links"
        return None

    def _is_hidden_part(self, node: LexborNode, words: str) -> bool:
        """Tell a further page that a script would show from what is hidden for good."""
        named = names_page_part(words) or not self.own_words.isdisjoint(words.split())
        return named and len(visible_text(node)) >= _HIDDEN_PART_CHARS and not self._is_link_list(node)

    def _is_main(self, node: LexborNode) -> bool:
        if not self.total_chars or len(node.text(deep=True)) < self.total_chars * _MAIN_SHARE:
            return False
        visible = len(visible_text(node))
        linked = sum(len(visible_text(link)) for link in node.css("a"))
        return visible > self.total_chars * _MAIN_SHARE and linked < visible / 2

    def _is_link_list(self, node: LexborNode) -> bool:
        links = node.css("a")
        if len(links) < _LINK_LIST_MIN:
            return False
        linked = [len(visible_text(link)) for link in links]
        full = [chars for chars in linked if chars >= _LINK_TITLE_CHARS]
        if len(full) < _LINK_LIST_MIN:
            return False
        return sum(linked) >= _LINK_LIST_SHARE * len(visible_text(node))

    def _record(self, rule: str, text: str) -> None:
        if text:
            self.reading.removed.append(Removed(line=self._line, rule=rule, text=text[:MAX_REMOVED_CHARS]))

    def _add_text(self, text: str, context: _Context) -> None:
        if not text:
            return
        if self._cell_open and not text.isspace():
            self._cell_open = False
            self._runs.append((" " if text.lstrip().startswith(":") else " | ", False, False))
        if self._holder is None or not self._runs:
            self._holder = context
        self._runs.append((_SPACES.sub(" ", text), context.in_link, context.in_bold))

    def _flush(self) -> None:
        runs, holder = self._runs, self._holder
        self._cell_open = False
        if not runs:
            return
        self._runs, self._holder = [], None
        if holder is None:
            return
        for part in _paragraphs(runs):
            text = _SPACES.sub(" ", "".join(run[0] for run in part)).strip(" ")
            if not text or text.isspace():
                continue
            solid = [(len("".join(run[0].split())), run[1], run[2]) for run in part]
            chars = sum(run[0] for run in solid) or 1
            linked = sum(run[0] for run in solid if run[1]) / chars
            bold = all(run[2] or not run[0] for run in solid)
            self.reading.lines.append(
                Line(
                    Block(text=text, line=self._line, kind=holder.kind, link_share=linked, bold=bold),
                    holder.node,
                )
            )
            self._line += 1


def _paragraphs(runs: list[tuple[str, bool, bool]]) -> list[list[tuple[str, bool, bool]]]:
    """Split runs of text at `<br><br>`, and at a single `<br>` where the sense says that a line ended."""
    parts: list[list[tuple[str, bool, bool]]] = [[]]
    breaks = 0
    for run in runs:
        if run[0] == _BREAK:
            breaks += 1
            continue
        if run[0].isspace() and breaks:
            continue
        if breaks and parts[-1]:
            if breaks > 1 or _line_ended(parts[-1], run):
                parts.append([])
            else:
                parts[-1].append((" ", False, False))
        breaks = 0
        parts[-1].append(run)
    return parts


def _line_ended(before: list[tuple[str, bool, bool]], after: tuple[str, bool, bool]) -> bool:
    """Tell whether a single `<br>` ends a paragraph rather than wraps a line."""
    if _ITEM_START.match(after[0]) or _ITEM_START.match(before[0][0]) or len(before) > _MAX_WRAPPED_RUNS:
        return True
    if all(run[2] for run in before if not run[0].isspace()) and not after[2]:
        return True
    ending = "".join(run[0] for run in before[-4:])[-20:]
    return bool(_SENTENCE_END.search(ending)) and not _LOWER_START.match(after[0])
