"""From elements to blocks: paragraphs, headings, list items, captions, in order, nothing lost unnamed.

Every text node of a body ends in a block or in a removed stretch that names the structural rule. Paragraphs
are found however a page marks them: `<p>`, `<div>`, bare text, `<br><br>`, nested or doubled `<p>`.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import attrs
from selectolax.lexbor import LexborNode

from crawler.items import Block, BlockKind, Removed
from crawler.pages.furniture import (
    DROPPED_TAGS,
    SILENT_TAGS,
    family_of,
    is_hidden,
    names_caption,
    names_credit,
    names_page_part,
    names_picture,
    words_of,
)
from crawler.pages.runs import BREAK, GAP, SPACES, Run, paragraphs
from crawler.pages.wordlist import wordlist

# An article has some hundred elements; what is cut at these caps is recorded under `cap:…`.
MAX_NODES = 60_000
MAX_ZONE_NODES = 3_000
MAX_DEPTH = 400
MAX_BLOCKS = 5_000
MAX_REMOVED_CHARS = 2_000

_INLINE = wordlist(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr q rp rt ruby "
    "s samp small span strike strong sub sup time tt u var wbr"
)
_BOLD = frozenset({"b", "strong"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_CELLS = frozenset({"td", "th"})
# What stands before and behind one of these is never one sentence, as it may be with an advert's `<div>`.
_APART = frozenset({"ul", "ol", "dl", "table", "p", "nav", "figure"}) | _HEADINGS
_ITEMS = frozenset({"li", "dt", "dd"})
_LINK_LISTS = frozenset({"ul", "ol", "div", "table", "section", "dl", "p", "blockquote"})
# A list of links: this share of its characters stands in links, at least this many, each about a headline
# long.
_LINK_LIST_SHARE, _LINK_LIST_MIN, _LINK_TITLE_CHARS = 0.8, 2, 20
# Lines that are nothing but links: so many in a row are a list, with the short heading above them.
_LINK_RUN, _LINK_RUN_SHARE, _LABEL_WORDS = 3, 0.95, 6
# A named box that holds this share of the text is the text, whatever its name; hidden parts need as many
# characters.
_MAIN_SHARE, _HIDDEN_PART_CHARS = 0.6, 150
# A card: a linked heading, and this much text beside it at most.
_CARDS = frozenset({"div", "li", "article", "section", "td"})
LINKED_HEADING = "h2 a[href],h3 a[href],h4 a[href],h5 a[href],a[href] h2,a[href] h3,a[href] h4,a[href] h5"
_CARD_CHARS = 400
_MAX_CAPTION_CHARS = 600


@attrs.frozen
class Line:
    """A block, the element that it was opened by, and the family of furniture it stands in (zones only)."""

    block: Block
    node: LexborNode
    family: str | None = None


@attrs.define
class Reading:
    """What was read of some elements: lines in order, removed stretches with the rule that took them out."""

    lines: list[Line] = attrs.field(factory=list)
    removed: list[Removed] = attrs.field(factory=list)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks alone."""
        return tuple(line.block for line in self.lines)

    def take(self, places: set[int], rule: str) -> None:
        """Take out the lines at *places*; all numbers are anew those of the lines that are left.

        What was removed has the number of the line that it stood before.
        """
        gone, number, numbers = list[tuple[int, Removed]](), 1, list[int]()
        kept: list[Line] = []
        for at, line in enumerate(self.lines):
            numbers.append(number)
            if at in places:
                gone.append((line.block.line, Removed(line=number, rule=rule, text=line.block.text)))
            else:
                kept.append(attrs.evolve(line, block=attrs.evolve(line.block, line=number)))
                number += 1
        numbers.append(number)
        earlier = [(old.line, attrs.evolve(old, line=numbers[old.line - 1])) for old in self.removed]
        self.removed = [removed for _, removed in sorted(earlier + gone, key=lambda pair: pair[0])]
        self.lines = kept


def visible_text(node: LexborNode) -> str:
    """Return the text of an element on one line, without scripts, styles and the like."""
    parts: list[str] = []
    stack: list[LexborNode | str | None] = [node.child]
    if node.is_text_node:
        parts.append(node.text_content or "")
    seen = 0
    while stack and seen < MAX_NODES:
        current = stack.pop()
        if current is None:
            continue
        if isinstance(current, str):
            parts.append(current)
            continue
        seen += 1
        stack.append(current.next)
        if current.is_text_node:
            parts.append(current.text_content or "")
        elif current.is_element_node and current.tag not in SILENT_TAGS:
            if current.tag not in _INLINE:  # a block stands apart from what is before and behind it
                parts.append(" ")
                stack.append(" ")
            stack.append(current.child)
    return SPACES.sub(" ", "".join(parts)).strip(" ")


def text_pieces(node: LexborNode, limit: int = 200) -> list[str]:
    """Return the texts of an element one by one, as its text nodes hold them."""
    pieces: list[str] = []
    for found in node.traverse(include_text=True):
        if found.is_text_node and (text := SPACES.sub(" ", found.text_content or "").strip(" ")):
            pieces.append(text)
            if len(pieces) >= limit:
                break
    return pieces


def read_body(containers: Sequence[LexborNode], *, drop: Collection[int] = ()) -> Reading:
    """Return the blocks of the containers of a body, and what was taken out of them.

    *drop* holds the `mem_id` of elements that the outlet declares furniture. The containers themselves are
    trusted, whatever their names, and so is a box inside them that holds most of the text.
    """
    reader = _Reader(frozenset(drop), zone=False)
    for container in containers:
        reader.own_words |= frozenset(words_of(container.attributes).split())
        reader.total_chars += len(container.text(deep=True))
    for container in containers:
        reader.read(container.child, container)
    _take_link_runs(reader.reading)
    return reader.reading


def read_zone(roots: Sequence[LexborNode], max_lines: int) -> Reading:
    """Return the first blocks of neighbouring elements around a body, the family of named boxes noted.

    A zone is looked through for evidence, it is no text that is kept: what is left out is not recorded.
    """
    reader = _Reader(frozenset(), zone=True)
    reader.max_lines = max_lines
    for root in roots:
        if len(reader.reading.lines) >= max_lines:
            break
        reader.read(root, root.parent or root, alone=True)
    return reader.reading


class _Context(NamedTuple):
    """What holds for the text below an element; `node` is the element that opened its block."""

    node: LexborNode
    kind: BlockKind = "text"
    link: int = 0
    bold: bool = False
    depth: int = 0
    family: str | None = None


_FLUSH, _CELL = object(), object()


class _Reader:
    def __init__(self, drop: frozenset[int], *, zone: bool) -> None:
        self.own_words: frozenset[str] = frozenset()
        self.total_chars = 0
        self.max_lines = MAX_BLOCKS
        self.reading = Reading()
        self._drop = drop
        self._zone = zone
        self._max_nodes = MAX_ZONE_NODES if zone else MAX_NODES
        self._runs: list[Run] = []
        self._holder: _Context | None = None
        self._cell_open = False
        self._seen = 0

    def read(self, first: LexborNode | None, parent: LexborNode, *, alone: bool = False) -> None:
        """Read *first* and, unless it stands *alone*, everything that follows it below *parent*."""
        if first is None:
            return
        context = _Context(parent)
        stack: list[tuple[object, _Context]] = [(first, context)]
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
            if not (alone and node is first) and (following := node.next) is not None:
                stack.append((following, context))
            self._seen += 1
            if self._seen > self._max_nodes or len(self.reading.lines) >= self.max_lines:
                self._take_out("cap:nodes", node.parent or node)
                break
            if node.is_text_node:
                self._add_text(node.text_content or "", context)
            elif node.is_element_node:
                self._open(node, context, stack)
        self._flush()

    def _open(self, node: LexborNode, context: _Context, stack: list[tuple[object, _Context]]) -> None:
        tag = node.tag or ""
        if tag == "br":
            self._runs.append(BREAK)
            return
        if tag in SILENT_TAGS or tag == "img":
            return
        attributes = node.attributes
        words = words_of(attributes) if attributes else ""
        rule = self._rule_against(node, tag, attributes, words)
        family = context.family
        if rule is not None:
            if not (self._zone and rule.startswith("named:")):
                self._leave_gap(tag)
                self._take_out(rule.replace("named:", "markup:"), node)
                return
            family = rule.partition(":")[2]
        if context.depth >= MAX_DEPTH:
            self._take_out("cap:depth", node)
            return
        inline = tag in _INLINE
        kind = self._kind(node, tag, words, context.kind, inline=inline)
        apart = kind != context.kind or (kind == "caption" and bool(words) and names_credit(words))
        if inline and not apart:
            link = node.mem_id if tag == "a" else context.link
            inner = _Context(
                context.node, kind, link, context.bold or tag in _BOLD, context.depth + 1, family
            )
        else:
            if tag in _CELLS:
                stack.append((_CELL, context))
            else:
                self._flush()
                stack.append((_FLUSH, context))
            inner = _Context(node, kind, context.link, context.bold, context.depth + 1, family)
        if (child := node.child) is not None:
            stack.append((child, inner))

    def _leave_gap(self, tag: str) -> None:
        """Keep apart what stands round a box that is taken out, where it does stand apart."""
        if tag in _APART:
            self._flush()
        elif self._runs and tag not in _INLINE:
            self._runs.append(GAP)

    def _kind(
        self, node: LexborNode, tag: str, words: str, inherited: BlockKind, *, inline: bool
    ) -> BlockKind:
        if tag in _HEADINGS:
            return "heading"
        if tag == "figcaption" or (words and names_caption(words)):
            return "caption"
        if inline or inherited == "caption":
            return inherited
        if tag in _ITEMS:
            return "item"
        return "caption" if self._is_picture(node, tag, words) else inherited

    def _is_picture(self, node: LexborNode, tag: str, words: str) -> bool:
        """Tell whether an element is a picture with what is said of it."""
        if tag == "figure":
            return " table " not in words and "quote " not in words
        if not words or not names_picture(words):
            return False
        return len(node.text(deep=True)) <= _MAX_CAPTION_CHARS and node.css_first("img") is not None

    def _rule_against(
        self, node: LexborNode, tag: str, attributes: Mapping[str, str | None], words: str
    ) -> str | None:
        """Return the rule that takes an element out (`named:` where only its name does), or None."""
        if node.mem_id in self._drop:
            return "markup:declared"
        if tag in DROPPED_TAGS:
            return f"{'named' if self._zone and tag in _MIXED_TAGS else 'markup'}:{DROPPED_TAGS[tag]}"
        if attributes and is_hidden(attributes) and not self._is_hidden_part(node, words):
            return "markup:hidden"
        if words and (family := family_of(words)) and not self._is_main(node):
            # A picture that editors inserted is no link to another story.
            inserted = (
                family == "related" and node.css_first("a") is None and self._is_picture(node, tag, words)
            )
            return None if inserted else f"named:{family}"
        return None if self._zone else self._rule_by_content(node, tag)

    def _rule_by_content(self, node: LexborNode, tag: str) -> str | None:
        """Return the rule that what is inside speaks for, or None."""
        if tag in _LINK_LISTS and self._is_link_list(node):
            return "markup:links"
        if tag in _CARDS and self._is_card(node):
            return "markup:card"
        return "markup:header" if tag == "header" and node.css_first("h1") is not None else None

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
        linked = [len(link.text(deep=True, strip=True)) for link in links]
        # Links to headings of the page itself are as short as those; others are as long as headlines.
        inward = all(re.match(r"#\w", link.attributes.get("href") or "") for link in links)
        if not inward and sum(chars >= _LINK_TITLE_CHARS for chars in linked) < _LINK_LIST_MIN:
            return False
        if sum(linked) >= _LINK_LIST_SHARE * len(node.text(deep=True, strip=True)):
            return True
        # A script inside would count as text: ask again without it, where there is one.
        return node.css_first("script,style") is not None and sum(linked) >= _LINK_LIST_SHARE * len(
            visible_text(node)
        )

    def _is_card(self, node: LexborNode) -> bool:
        """Tell whether an element announces another story: a linked heading and no more than a teaser."""
        return len(node.text(deep=True)) <= _CARD_CHARS and node.css_first(LINKED_HEADING) is not None

    def _take_out(self, rule: str, node: LexborNode) -> None:
        if not self._zone and (text := visible_text(node)):
            line = len(self.reading.lines) + 1
            self.reading.removed.append(Removed(line=line, rule=rule, text=text[:MAX_REMOVED_CHARS]))

    def _add_text(self, text: str, context: _Context) -> None:
        if not text or (not self._runs and text.isspace()):
            return
        if self._cell_open and not text.isspace():
            self._cell_open = False
            self._runs.append(Run(" " if text.lstrip().startswith(":") else " | "))
        if self._holder is None or not self._runs:
            self._holder = context
        self._runs.append(Run(text, context.link, context.bold))

    def _flush(self) -> None:
        runs, holder = self._runs, self._holder
        self._cell_open = False
        if not runs:
            return
        self._runs, self._holder = [], None
        if holder is None:
            return
        lines = self.reading.lines
        for found in paragraphs(runs):
            block = Block(found.text, len(lines) + 1, holder.kind, found.link_share, found.bold)
            lines.append(Line(block, holder.node, holder.family))


def _take_link_runs(reading: Reading) -> None:
    """Take out rows of lines that are nothing but links, and the label above them."""
    lines = reading.lines
    start = 0
    taken: set[int] = set()
    for at in range(len(lines) + 1):
        block = lines[at].block if at < len(lines) else None
        if block and block.link_share >= _LINK_RUN_SHARE and len(block.text) >= _LINK_TITLE_CHARS:
            continue
        if at - start >= _LINK_RUN:
            above = lines[start - 1].block if start else None
            labelled = above and (above.kind == "heading" or above.bold or above.text.endswith(":"))
            first = start - 1 if above and labelled and len(above.text.split()) <= _LABEL_WORDS else start
            taken.update(range(first, at))
        start = at + 1
    if taken:
        reading.take(taken, "markup:links")


# Round a body these hold bylines and dates as well.
_MIXED_TAGS = frozenset({"aside", "footer", "form"})
