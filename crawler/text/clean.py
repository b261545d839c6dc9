"""Take the furniture out of a body: blocks of a page's body container, or lines of page text."""

from collections.abc import Sequence

import attrs

from crawler.items import Block, Draft, Piece, Removed
from crawler.text.normalise import fold, likeness
from crawler.text.rules import COMMON, Rules

_ZONES = frozenset(("anywhere", "inside", "after", "from-here"))


@attrs.frozen
class Cleaned:
    """What became of every block, and the body that is left.

    For every block the texts of its pieces, joined, are its text. `refused` names the rules that would have
    taken too much.
    """

    pieces: tuple[Piece, ...]
    body: tuple[str, ...] = ()
    removed: tuple[Removed, ...] = ()
    captions: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def clean_blocks(blocks: Sequence[Block], *, known: Draft, rules: Rules = COMMON) -> Cleaned:
    """Return what each block is, and the body without furniture."""
    pieces, ended = [], ""
    seen = {likeness(known.headline)} if known.headline else set()
    for block in blocks:
        text = fold(block.text)
        rule = rules.find(text, _ZONES) if text else None
        if block.kind == "caption":
            pieces.append(Piece(block.line, block.text, "caption"))
        elif rule or ended or not text or likeness(text) in seen:
            name = rule.name if rule else ended or ("repeat/headline" if text else "blank")
            pieces.append(Piece(block.line, block.text, "furniture", name))
            ended = ended or (rule.name if rule and rule.where == "from-here" else "")
        else:
            pieces.append(Piece(block.line, block.text, "body"))
    return Cleaned(
        pieces=tuple(pieces),
        body=tuple(fold(p.text) for p in pieces if p.role == "body"),
        removed=tuple(Removed(p.line, p.rule or "", fold(p.text)) for p in pieces if p.role == "furniture"),
        captions=tuple(dict.fromkeys(fold(p.text) for p in pieces if p.role == "caption")),
    )


def clean_draft(draft: Draft, rules: Rules = COMMON) -> Draft:
    """Return the draft with body, removed and captions read from its blocks."""
    cleaned = clean_blocks(draft.blocks, known=draft, rules=rules)
    captions = tuple(dict.fromkeys((*map(fold, draft.captions), *cleaned.captions)))
    return attrs.evolve(draft, body=cleaned.body, removed=cleaned.removed, captions=captions)


def read_page_text(text: str, *, url: str | None = None, rules: Rules = COMMON) -> Draft:
    """Return what a page's text states: the lines of the sample files, read as one article."""
    blocks = tuple(Block(line, number) for number, line in enumerate(text.split("\n"), 1))
    draft = Draft(url=url, page_text=text, blocks=blocks, body_from="text")
    return clean_draft(draft, rules)
