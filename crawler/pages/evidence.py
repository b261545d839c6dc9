"""What the neighbourhood of the body says: who wrote and edited, the source, the standfirst, captions."""

import re
from collections.abc import Sequence
from typing import Literal

import attrs
from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.dates import find_instant
from crawler.items import Block, Witness
from crawler.pages.furniture import family_of, names_caption, words_of
from crawler.pages.metadata import Metadata
from crawler.pages.people import People, clean_names, read_element, read_line, read_lines
from crawler.pages.tree import LINKED_HEADING, Line, text_pieces, visible_text
from crawler.pages.zones import Zones
from crawler.text.normalise import fold, likeness

_MAX_PEOPLE_LINE, _MAX_LINKED_LINE, _MOSTLY_LINK = 220, 0.97, 0.5
_MAX_BEHIND_LINES = 25
_BODY_FIRST, _BODY_LAST = 4, 8
_MAX_ELEMENTS = 60
_MAX_LEVELS = 12
_CARD_LEVELS = 4
_MAX_ROLE = 12

_AUTHOR_ELEMENTS = (
    '[itemprop="author"],[rel="author"],[class*="author"],[class*="penulis"],[class*="reporter"],[class*="byline"],'
    '[class*="jurnalis"],[class*="journalist"],[class*="wartawan"],[class*="namerep"],[id*="penulis"],[id*="author"],'
    '[class*="writer"],[class*="kontributor"]'
)
_EDITOR_ELEMENTS = '[itemprop="editor"],[class*="editor"],[id*="editor"],[class*="redaktur"]'
_TIME_ELEMENTS = 'time[datetime],[itemprop="datePublished"],abbr.published[title]'
_CREDIT_BOXES = '[class*="credit"],[id*="credit"]'
_NOT_CREDITS = re.compile(r" (photo|foto|image|img|caption|picture|card) ")
_MAX_CREDITS_CHARS = 2_000
_SUMMARY = re.compile(
    r" (summary|teaser|lead|standfirst|subtitle|sub title|subjudul|sub judul|subheadline|subhead|deck|dek"
    r"|sinopsis|excerpt|intro|ringkasan|description|deskripsi|desc) "
)
_NOT_SUMMARY = re.compile(r" (photo|foto|img|image|caption|author|meta|site|seo|date|gallery) ")
# In these boxes other people are named.
_OTHERS_PEOPLE = frozenset({"comment", "advert", "promotion", "embed", "summary"})
_OTHERS = _OTHERS_PEOPLE | {"related", "navigation"}
_STANDFIRST_MIN, _STANDFIRST_MAX = 20, 600
_DIGITS = re.compile(r"\d{4}")
_SOURCE_LINES, _PICTURE_LINES = 8, 4


@attrs.frozen
class Claimed:
    """Names for one field from one witness."""

    by: str
    names: tuple[str, ...]


def pick_names(claims: Sequence[Claimed]) -> tuple[tuple[str, ...], Witness | None]:
    """Return the names of the first witness that gives any, and who agrees or differs."""
    given = [claim for claim in claims if claim.names]
    if not given:
        return (), None
    winner, *others = given
    wanted = {name.casefold() for name in winner.names}
    agree = tuple(
        dict.fromkeys(claim.by for claim in others if {name.casefold() for name in claim.names} == wanted)
    )
    differ = {claim.by: ", ".join(claim.names) for claim in others if claim.by not in agree}
    return winner.names, Witness(by=winner.by, agree=agree, differ=differ)


class Neighbourhood:
    """Fields read from the lines round a body."""

    def __init__(
        self, tree: LexborHTMLParser, zones: Zones, body: Sequence[Line], head: Sequence[Line], outlet: str
    ) -> None:
        self._tree = tree
        self._zones = zones
        self._body = body
        self._head = head
        self._outlet = outlet
        self._roots = zones.roots | {line.node.mem_id: "header" for line in head}

    def credits(self) -> People:
        """Return who a box of credits names, shown or not: names with their role above or below."""
        found = People()
        inside: set[int] = set()
        for node in self._tree.css(_CREDIT_BOXES)[:_MAX_ELEMENTS]:
            if (node.parent is not None and node.parent.mem_id in inside) or _NOT_CREDITS.search(
                words_of(node.attributes)
            ):
                inside.add(node.mem_id)
                continue
            inside.add(node.mem_id)
            if len(node.text(deep=True)) <= _MAX_CREDITS_CHARS:
                found += read_lines(text_pieces(node), self._outlet)
        return found

    def people(self) -> People:
        """Return who the lines round the body name, and the first and last lines of the body."""
        header = [*self._head, *self._zones.header.lines]
        found = read_lines(self._naming(header), self._outlet, in_header=True)
        for group in (self._zones.before.lines, self._zones.behind.lines[:_MAX_BEHIND_LINES]):
            found += read_lines(self._naming(group), self._outlet)
        ends = (
            self._body
            if len(self._body) <= _BODY_FIRST + _BODY_LAST
            else [*self._body[:_BODY_FIRST], *self._body[-_BODY_LAST:]]
        )
        for text in self._naming(ends):
            found += read_line(text, self._outlet)
        return found

    def times_in_attributes(self) -> list[tuple[str, str]]:
        """Return the time that the first time element round the body holds, as a witness named `time`."""
        found: dict[str, str] = {}
        for node in self._tree.css(_TIME_ELEMENTS)[:_MAX_ELEMENTS]:
            attributes = node.attributes
            value = attributes.get("datetime") or attributes.get("content") or attributes.get("title")
            zone = self._zone_of(node) if value and _DIGITS.search(value) else None
            # Behind the body a bare `<time>` belongs to a card.
            if value and zone and not (zone == "behind" and node.tag == "time"):
                found.setdefault(zone, value)
        nearest = next((found[zone] for zone in ("header", "before", "behind") if zone in found), None)
        return [("time", nearest)] if nearest else []

    def authors_in_elements(self) -> tuple[str, ...]:
        """Return the writers in elements named after them, between headline and body first."""
        return self._names_in(_AUTHOR_ELEMENTS)

    def editors_in_elements(self) -> tuple[str, ...]:
        """Return the editors in elements named after them."""
        return self._names_in(_EDITOR_ELEMENTS)

    def source(self) -> str | None:
        """Return the agency or outlet that a line next to the body names as its source."""
        for line in (*self._head, *self._zones.header.lines, *self._zones.behind.lines[:_SOURCE_LINES]):
            if (
                line.block.kind != "caption"
                and len(line.block.text) <= _MAX_PEOPLE_LINE
                and (source := read_line(line.block.text, self._outlet).source)
            ):
                return source
        return None

    def standfirst(self, headline: str | None) -> str | None:
        """Return the summary that is printed between headline and body, or None."""
        known = likeness(headline or "")
        for line in (*self._head, *self._zones.header.lines):
            text = line.block.text
            if line.family or line.block.link_share or not _STANDFIRST_MIN <= len(text) <= _STANDFIRST_MAX:
                continue
            if likeness(text) != known and (self._names_summary(line) or self._repeats_lead(text)):
                return fold(text)
        return None

    def captions(self) -> list[Block]:
        """Return what is printed under the pictures between headline and body, credits included."""
        found: dict[str, Block] = {}
        for line in (*self._zones.before.lines[-_PICTURE_LINES:], *self._zones.header.lines):
            text = line.block.text
            if line.family or not (line.block.kind == "caption" or self._under_picture(line)):
                continue
            named = read_line(text, self._outlet)
            # What is marked as a caption may tell the day that it shows.
            dated = line.block.kind != "caption" and find_instant(text) is not None
            if not (dated or named.byline or named.editors or self._repeats_lead(text)):
                found.setdefault(likeness(text), attrs.evolve(line.block, kind="caption"))
        return list(found.values())

    def _names_summary(self, line: Line) -> bool:
        words = words_of(line.node.attributes)
        return (
            line.block.kind != "caption" and bool(_SUMMARY.search(words)) and not _NOT_SUMMARY.search(words)
        )

    def _repeats_lead(self, text: str) -> bool:
        """Tell whether a text above the body is its first paragraph once more: a summary."""
        lead = next((line.block.text for line in self._body if line.block.kind == "text"), "")
        return len(text) >= _STANDFIRST_MIN and likeness(text) == likeness(lead)

    def _naming(self, lines: Sequence[Line]) -> list[str]:
        """Return the texts of the lines that may name people."""
        return [
            line.block.text
            for line in lines
            if len(line.block.text) <= _MAX_PEOPLE_LINE
            and line.block.kind != "caption"
            and line.family not in _OTHERS_PEOPLE
        ]

    def _under_picture(self, line: Line) -> bool:
        """Tell whether a line stands with a picture in one box, and nothing much else does."""
        node: LexborNode | None = line.node
        for _ in range(2):
            if node is None or node.tag in {"body", "main", "article", "section"}:
                return False
            if node.css_first("img,picture,amp-img") is not None:
                text = visible_text(node)
                return (
                    line.block.link_share < _MAX_LINKED_LINE / 2 and len(text) <= len(line.block.text) * 1.6
                )
            node = node.parent
        return False

    def _names_in(self, selector: str) -> tuple[str, ...]:
        for zone in ("header", "before", "behind"):
            names: dict[str, None] = {}
            for node in self._tree.css(selector)[:_MAX_ELEMENTS]:
                if self._zone_of(node) != zone or names_caption(words_of(node.attributes)):
                    continue
                found = read_element(visible_text(node), self._outlet)
                if zone == "header" or not self._in_card(node, found):
                    names.update(dict.fromkeys(found))
            if names:
                return tuple(names)
        return ()

    def _in_card(self, node: LexborNode, names: Sequence[str]) -> bool:
        """Tell whether an element stands with the linked headline of another story; its own name is none."""
        current = node.parent
        for _ in range(_CARD_LEVELS):
            if not names or current is None or current.mem_id in self._roots:
                return False
            heading = current.css_first(LINKED_HEADING)
            if heading is not None:
                text = fold(visible_text(heading))
                # "Tentang penulis: A" is a box about A; "Politik anggaran kembali memanas" is a story.
                return not any(name in text and len(text) <= 2 * len(name) + _MAX_ROLE for name in names)
            current = current.parent
        return False

    def _zone_of(self, node: LexborNode) -> str | None:
        """Return the zone an element stands in; None where it stands in none, or in a named box of one."""
        current: LexborNode | None = node
        for _ in range(_MAX_LEVELS):
            if current is None:
                return None
            if family_of(words_of(current.attributes)) in _OTHERS:
                return None
            if current.mem_id in self._roots:
                return self._roots[current.mem_id]
            current = current.parent
        return None


def before_links(lines: Sequence[Line]) -> list[Line]:
    """Return the lines before the first that leads to another story: a heading or a link."""
    for at, line in enumerate(lines):
        if line.block.kind == "heading" or line.block.link_share > _MOSTLY_LINK:
            return list(lines[:at])
    return list(lines)


def claimed_in_metadata(metadata: Metadata, outlet: str) -> tuple[list[Claimed], list[Claimed]]:
    """Return the writers and the editors that metadata names, outlets and desks left out."""
    writers = [Claimed(by, clean_names(names, outlet)) for by, names in metadata.authors]
    editors = [Claimed(by, clean_names(names, outlet)) for by, names in metadata.editors]
    return writers, editors


def declared_people(
    texts: Sequence[str], outlet: str, role: Literal["writer", "editor"] = "writer"
) -> People:
    """Return who the outlet's own elements name: by their labels, else all of them in that *role*."""
    labelled = sum((read_line(text, outlet) for text in texts), start=People())
    if labelled:
        return labelled
    if role == "editor":
        return People(editors=clean_names(texts, outlet))
    names = [name for text in texts for name in read_element(text, outlet)]
    return People(byline=tuple(dict.fromkeys(names)))


def ranked_writers(claims: Sequence[Claimed], order: Sequence[str], editors: Sequence[str]) -> list[Claimed]:
    """Return the claims of writers, best witness first, without those who are printed as *editors*."""
    known = {name.casefold() for name in editors}
    ranks = {by: rank for rank, by in enumerate(order)}
    return [
        claim
        if claim.by in {"selector", "printed"}
        else Claimed(claim.by, tuple(name for name in claim.names if name.casefold() not in known))
        for claim in sorted(claims, key=lambda claim: ranks.get(claim.by, len(ranks)))
    ]
