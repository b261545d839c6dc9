"""The body of a page as blocks: by the outlet's selectors, or by the generic finder where they fail."""

from collections.abc import Sequence

import attrs
from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.items import Block, BodyFrom, Removed
from crawler.pages.furniture import family_of, words_of
from crawler.pages.generic import find_body
from crawler.pages.headline import Headline
from crawler.pages.people import clean_names
from crawler.pages.tree import LINKED_HEADING, MAX_BLOCKS, Line, Reading, read_body, visible_text
from crawler.text.dateline import read_prefix
from crawler.text.normalise import fold, likeness

# A body of fewer characters than this is none, where there is more elsewhere.
_THIN_CHARS = 250
# So short a declared body is held against what the generic finder finds: in a layout that nobody declared, a
# selector may hit a teaser, or the first part of the text. Then far more stands elsewhere, or around it.
_SHORT_CHARS, _FAR_MORE = 600, 3
_SHORT_PART_CHARS, _MORE = 1500, 2
_MAX_CONTAINERS = 60
_MAX_SIGNATURE, _MOSTLY = 60, 0.8
_MAX_PLACE = 40
# The headline stands this near the start of a container that holds the whole article.
_HEAD_LINES = 14


@attrs.define
class Body:
    """The containers of a body, what was read of them, and what stood in them before the text.

    `selector` is the declared one that found them: it tells which of its layouts the page has.
    """

    containers: list[LexborNode] = attrs.field(factory=list)
    reading: Reading = attrs.field(factory=Reading)
    head: list[Line] = attrs.field(factory=list)
    found_by: BodyFrom | None = None
    signed_by: tuple[str, ...] = ()
    witness: str | None = None
    selector: str | None = None

    @property
    def chars(self) -> int:
        """Characters of text outside links."""
        return sum(int(len(line.block.text) * (1 - line.block.link_share)) for line in self.reading.lines)


def read_declared(
    tree: LexborHTMLParser, selectors: Sequence[str], drop: Sequence[str], headline: Headline | None
) -> Body:
    """Return the body by the first selector that finds text, or by the generic finder, flagged as such."""
    best = Body()
    for selector in selectors:
        containers = _parts(tree.css(selector)[:_MAX_CONTAINERS])
        if not containers:
            continue
        body = _read(containers, drop, headline, "selector")
        body.selector = selector
        if body.chars > best.chars:
            best = body
        if best.chars >= _THIN_CHARS:
            break
    if best.chars >= _SHORT_PART_CHARS:
        return best
    found = find_body(tree, headline.node if headline else None)
    if found is None:
        return best
    around = bool(best.containers) and all(_is_below(each, {found.mem_id}) for each in best.containers)
    if best.chars >= _SHORT_CHARS and not around:
        return best
    generic = _read([found], drop, headline, "generic")
    if not selectors or not best.reading.lines:
        return generic
    more = generic.chars > max(best.chars, 1) * (_MORE if around else _FAR_MORE)
    return generic if more and generic.chars >= _THIN_CHARS else best


def read_carried(shown: Body, text: str, node: LexborNode) -> Body:
    """Return the body that linked data carries where the page shows far less: scripts build the rest."""
    if shown.chars >= _THIN_CHARS or len(text) < max(_THIN_CHARS, shown.chars * _FAR_MORE):
        return shown
    texts = [folded for line in text.split("\n") if (folded := fold(line))]
    lines = [Line(Block(line, number), node) for number, line in enumerate(texts[:MAX_BLOCKS], 1)]
    return Body(
        shown.containers, Reading(lines, shown.reading.removed), found_by="generic", witness="json-ld"
    )


def texts_in(container: LexborNode, drop: Sequence[str]) -> list[str]:
    """Return the texts of a container's blocks, without what the outlet declares furniture."""
    return [line.block.text for line in _read([container], drop, None, "generic").reading.lines]


def _read(containers: list[LexborNode], drop: Sequence[str], headline: Headline | None, by: BodyFrom) -> Body:
    dropped = {
        node.mem_id for selector in drop for container in containers for node in container.css(selector)
    }
    reading = read_body(containers, drop=dropped)
    body = Body(containers, reading, found_by=by)
    _cut_head(body, headline)
    _part_place(body)
    _cut_signature(body)
    return body


def _cut_head(body: Body, headline: Headline | None) -> None:
    """Take headline and what stands before it out of a container that holds the whole article."""
    if headline is None:
        return
    wanted = likeness(headline.text)
    lines = body.reading.lines
    for at, line in enumerate(lines[:_HEAD_LINES]):
        own = headline.node is not None and line.node.mem_id == headline.node.mem_id
        if own or (line.block.kind == "heading" and likeness(line.block.text) == wanted):
            body.head = lines[: at + 1]
            body.reading.take(set(range(at + 1)), "markup:before-headline")
            return


def _part_place(body: Body) -> None:
    """Part a bold place from the sentence behind its comma, `<b>Bogor</b>, Warga …`; a dash needs no help."""
    first = body.reading.lines[0] if body.reading.lines else None
    bold = body.containers[0].css_first("strong,b") if first else None
    place = fold(visible_text(bold)).rstrip(" ,") if bold else ""
    if first is None or not 0 < len(place) <= _MAX_PLACE or first.block.bold:
        return
    text = first.block.text
    rest = text[len(place) :].lstrip(" ,")
    behind = text.startswith((f"{place},", f"{place} ,")) and rest[:1].isupper()
    if behind and read_prefix(text) is None and read_prefix(f"{place},") is not None:
        alone = attrs.evolve(first, block=attrs.evolve(first.block, text=text[: -len(rest)].strip()))
        body.reading.lines[:1] = [alone, attrs.evolve(first, block=attrs.evolve(first.block, text=rest))]


def _cut_signature(body: Body) -> None:
    """Take out the name that alone, bold and in capitals, ends a body."""
    last = body.reading.lines[-1].block if body.reading.lines else None
    if last is None or not last.bold or last.text.upper() != last.text or len(last.text) > _MAX_SIGNATURE:
        return
    # One word may be a heading. What stands beside the names, an agency, is left to cleaning.
    body.signed_by = tuple(name for name in clean_names([last.text]) if " " in name)
    if sum(map(len, body.signed_by)) >= len(last.text) * _MOSTLY:
        del body.reading.lines[-1]
        body.reading.removed.append(Removed(line=last.line, rule="markup:signature", text=last.text))


def _parts(nodes: Sequence[LexborNode]) -> list[LexborNode]:
    """Return the containers of one article: the first, and its kin that no headline separates."""
    parts: list[LexborNode] = []
    inside: set[int] = set()
    for node in nodes:
        if parts and (_is_below(node, inside) or not _same_article(parts[0], node)):
            continue
        parts.append(node)
        inside.add(node.mem_id)
    return parts


def _is_below(node: LexborNode, upper: set[int]) -> bool:
    current = node.parent
    while current is not None:
        if current.mem_id in upper:
            return True
        current = current.parent
    return False


def _same_article(first: LexborNode, other: LexborNode) -> bool:
    """Tell whether two containers are named alike and nothing begins another article between them."""
    if first.tag != other.tag or first.attributes.get("class") != other.attributes.get("class"):
        return False
    above: set[int] = set()
    current: LexborNode | None = first
    while current is not None:
        above.add(current.mem_id)
        current = current.parent
    branch = other
    while branch.parent is not None and branch.parent.mem_id not in above:
        branch = branch.parent
        if family_of(words_of(branch.attributes)) or branch.css_first(f"h1,{LINKED_HEADING}") is not None:
            return False
    return branch.parent is not None and len(branch.parent.css("h1")) <= 1
