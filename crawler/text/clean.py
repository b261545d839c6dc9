"""Turn blocks of a page, or lines of page text, into a clean article; name what was taken out and why."""

import logging
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import attrs

from crawler.items import Block, Draft, Instant, Piece, Removed, Witness
from crawler.text.body import Body, read_body
from crawler.text.head import read_head
from crawler.text.lines import MAX_BLOCK_CHARS, MAX_BLOCKS, Line, read_lines
from crawler.text.normalise import fold, likeness, sanitise
from crawler.text.rules import COMMON, Rules

log = logging.getLogger(__name__)

# A rule that takes fewer paragraphs than this is never refused, whatever its share of a short body.
MIN_PARAGRAPHS_REFUSED = 3


@attrs.frozen
class Refused:
    """A rule that would have taken too much of a body: its lines are back in it."""

    rule: str
    share: float
    lines: tuple[int, ...]


@attrs.frozen
class Cleaned:
    """What became of every block, and the article that is left.

    For every block the texts of its pieces, joined, are its text. `fields` holds what the text states:
    headline, published_at, byline, editors, dateline, source, standfirst; only those that were found.
    `capped` counts blocks that were longer or more than is read.
    """

    pieces: tuple[Piece, ...]
    body: tuple[str, ...] = ()
    removed: tuple[Removed, ...] = ()
    captions: tuple[str, ...] = ()
    refused: tuple[Refused, ...] = ()
    fields: Mapping[str, object] = attrs.field(factory=dict)
    capped: int = 0


def clean_blocks(blocks: Sequence[Block], *, known: Draft, rules: Rules = COMMON) -> Cleaned:
    """Return what each block of a body container is, and the body without furniture.

    What *known* states (headline, captions, address) tells repeats from text.
    """
    lines = read_lines(blocks)
    body = Body({likeness(caption): fold(caption) for caption in known.captions})
    read_body(lines, rules, body, headline=likeness(known.headline or ""), host=_host(known.url))
    return _cleaned(lines, rules, body, {})


def clean_page(text: str, *, url: str | None = None, rules: Rules = COMMON) -> Cleaned:
    """Return what each line of a page text is: the head's fields, the body, what stands below."""
    lines = read_lines([Block(line, number) for number, line in enumerate(text.split("\n"), 1)])
    head = read_head(lines, rules, _host(url), _slug(url))
    body = Body(dict(head.captions))
    headline = lines[head.headline].text if head.headline is not None else None
    read_body(lines[head.start :], rules, body, headline=likeness(headline or ""), host=_host(url))
    found = {
        "headline": headline,
        "standfirst": head.standfirst,
        "published_at": head.published_at,
        "byline": head.byline or body.byline,
        "editors": head.editors or body.editors,
        "source": head.source or body.source,
    }
    return _cleaned(lines, rules, body, found)


def read_page_text(text: str, *, url: str | None = None, rules: Rules = COMMON) -> Draft:
    """Return what a page text in the sample files' format states: every field, the body, what was removed."""
    text = sanitise(text)
    cleaned = clean_page(text, url=url, rules=rules)
    draft = Draft(
        url=url,
        page_text=text,
        body=cleaned.body,
        removed=cleaned.removed,
        captions=cleaned.captions,
        body_from="text",
        witnesses={name: Witness(by="text") for name in cleaned.fields},
    )
    return attrs.evolve(draft, **cleaned.fields)


def clean_draft(draft: Draft, rules: Rules = COMMON) -> Draft:
    """Return *draft* with body, removed and captions read from its blocks.

    A field that the page object left empty is filled with what the text says, with the witness `text`; where
    the field is known, the text agrees or differs in its witness.
    """
    cleaned = clean_blocks(draft.blocks, known=draft, rules=rules)
    captions = {likeness(caption): fold(caption) for caption in (*draft.captions, *cleaned.captions)}
    changes: dict[str, object] = {
        "body": cleaned.body,
        "removed": cleaned.removed,
        "captions": tuple(captions.values()),
    }
    witnesses = dict(draft.witnesses)
    for name, said in cleaned.fields.items():
        known = getattr(draft, name)
        if not known:
            changes[name] = said
            witnesses[name] = Witness(by="text")
        elif name in witnesses:
            witnesses[name] = _heard(witnesses[name], known, said)
    changes["witnesses"] = witnesses
    return attrs.evolve(draft, **changes)


def _heard(witness: Witness, known: object, said: object) -> Witness:
    """Return the witness with the text's word on the field added."""
    if _comparable(known) == _comparable(said):
        return attrs.evolve(witness, agree=(*witness.agree, "text"))
    return attrs.evolve(witness, differ={**witness.differ, "text": _shown(said)})


def _comparable(value: object) -> object:
    if isinstance(value, Instant):
        return value.utc.replace(second=0, microsecond=0)
    if isinstance(value, tuple):
        return sorted(likeness(str(part)) for part in value)
    return likeness(str(value))


def _shown(value: object) -> str:
    if isinstance(value, Instant):
        return value.at.isoformat()
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _cleaned(lines: Sequence[Line], rules: Rules, body: Body, found: Mapping[str, object]) -> Cleaned:
    fields = {
        "byline": body.byline,
        "editors": body.editors,
        "source": body.source,
        "dateline": body.dateline,
        **{name: value for name, value in found.items() if value},
    }
    refused = _refused(lines, rules)
    barred = {refusal.rule for refusal in refused}
    for refusal in refused:
        log.warning("Rule %s refused: it would take %.0f %% of the body", refusal.rule, 100 * refusal.share)
    pieces: list[Piece] = []
    paragraphs: list[str] = []
    for line in lines:
        kept = []
        for piece in line.pieces():
            back = piece.role == "furniture" and (piece.rule in barred or piece.rule not in rules.active)
            if back:
                piece = Piece(piece.line, piece.text, "body")
            if piece.role == "body":
                kept.append(piece.text)
            pieces.append(piece)
        if kept and (paragraph := fold("".join(kept))):
            paragraphs.append(paragraph)
    capped = sum(
        1 for line in lines if line.rule == "cap/block-count" or len(line.raw) < len(line.block.text)
    )
    if capped:
        log.warning(
            "%d blocks are beyond what is read (%d blocks of %d characters)",
            capped,
            MAX_BLOCKS,
            MAX_BLOCK_CHARS,
        )
    return Cleaned(
        pieces=tuple(pieces),
        body=tuple(paragraphs),
        removed=tuple(Removed(p.line, p.rule or "", fold(p.text)) for p in pieces if p.role == "furniture"),
        captions=tuple(body.captions.values()),
        refused=refused,
        fields={name: value for name, value in fields.items() if value},
        capped=capped,
    )


def _refused(lines: Sequence[Line], rules: Rules) -> tuple[Refused, ...]:
    """Return the rules that would take more than their share of the paragraphs.

    Copies are taken without loss, so rules of the family repeat are never refused.
    """
    taken: dict[str, list[Line]] = {}
    total = 0
    for line in lines:
        if line.role == "body" and line.prose:
            total += len(line.text)
        elif line.role == "furniture" and line.prose and line.rule and line.words >= 8:  # noqa: PLR2004 - a paragraph
            total += len(line.text)
            if not line.rule.startswith(("repeat/", "cap/")):
                taken.setdefault(line.rule, []).append(line)
    refused = []
    for rule, its in taken.items():
        share = sum(len(line.text) for line in its) / total
        if share > rules[rule].share and len(its) >= MIN_PARAGRAPHS_REFUSED:
            refused.append(Refused(rule, share, tuple(line.block.line for line in its)))
    return tuple(refused)


def _host(url: str | None) -> str:
    """Return the host of an address without `www.`, lower case; empty where there is none."""
    if not url:
        return ""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _slug(url: str | None) -> frozenset[str]:
    """Return the words of the last part of an address that has several."""
    if not url:
        return frozenset()
    try:
        path = urlsplit(url).path
    except ValueError:
        return frozenset()
    parts = [part for part in path.casefold().split("/") if part.count("-") > 1]
    return (
        frozenset(
            parts[-1].rpartition(".")[0].split("-") if parts and "." in parts[-1] else parts[-1].split("-")
        )
        if parts
        else frozenset()
    )
