"""Turn blocks of a page, or lines of page text, into a clean article; name what was taken out and why."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import attrs

from crawler.items import Block, Draft, Instant, Piece, Removed, Witness
from crawler.text.body import Body, read_body
from crawler.text.credits import is_credit_line, without_credit
from crawler.text.head import read_head
from crawler.text.lines import MAX_BLOCK_CHARS, MAX_BLOCKS, Line, read_lines
from crawler.text.normalise import fold, likeness, sanitise
from crawler.text.rules import COMMON, Rules

log = logging.getLogger(__name__)

# A rule that takes fewer paragraphs than this is never refused, whatever its share of a short body.
MIN_PARAGRAPHS_REFUSED = 3
# The largest share of a body container that any rule may take: page furniture stands outside of it.
MOST_OF_BLOCKS = 0.4
_MIN_PARAGRAPH_WORDS = 8
_MIN_SLUG_HYPHENS = 2
_MIN_TARGET_WORDS = 4  # what went with its markup and has fewer words is no headline of another story
# Copies are taken without loss, so these are never refused.
_LOSSLESS = ("repeat/", "cap/")


@attrs.frozen
class Refused:
    """A rule that would have taken too much of a body: its lines are back in it.

    `share` (0.0 to 1.0) is what it would have taken of the characters of all paragraphs.
    """

    rule: str
    share: float
    lines: tuple[int, ...]


@attrs.frozen
class Stated:
    """What the text itself states, beside its body; what it does not say is None or empty."""

    headline: str | None = None
    standfirst: str | None = None
    published_at: Instant | None = None
    byline: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    dateline: str | None = None
    source: str | None = None

    def found(self) -> dict[str, Any]:
        """Return the fields that the text states, by name."""
        return {field.name: value for field in attrs.fields(Stated) if (value := getattr(self, field.name))}


@attrs.frozen
class Cleaned:
    """What became of every block, and the article that is left.

    For every block the texts of its pieces, joined, are its text. `capped` counts the blocks that are longer
    than is read, or beyond the number that is read: what was not read is in `removed`, under `cap/…`.
    """

    pieces: tuple[Piece, ...]
    body: tuple[str, ...] = ()
    removed: tuple[Removed, ...] = ()
    captions: tuple[str, ...] = ()
    refused: tuple[Refused, ...] = ()
    stated: Stated = attrs.field(factory=Stated)
    capped: int = 0


def clean_blocks(blocks: Sequence[Block], *, known: Draft, rules: Rules = COMMON) -> Cleaned:
    """Return what each block of a body container is, and the body without furniture.

    What *known* states (headline, captions, address) tells repeats from text.
    """
    lines = read_lines(blocks)
    gone = sorted(each.line for each in known.removed if each.text.count(" ") >= _MIN_TARGET_WORDS - 1)
    body = Body({likeness(caption): fold(caption) for caption in known.captions}, gone)
    read_body(lines, rules, body, headline=likeness(known.headline or ""), host=_host(known.url))
    stated = Stated(
        published_at=body.published_at,
        byline=body.byline,
        editors=body.editors,
        dateline=body.dateline,
        source=body.source,
    )
    return _cleaned(lines, rules, body, stated, most=MOST_OF_BLOCKS)


def clean_page(text: str, *, url: str | None = None, rules: Rules = COMMON) -> Cleaned:
    """Return what each line of a page text is: the fields above the body, the body, what stands below."""
    lines = read_lines([Block(line, number) for number, line in enumerate(text.split("\n"), 1)])
    head = read_head(lines, rules, _host(url), _slug(url))
    headline = lines[head.headline].text if head.headline is not None else None
    body = Body(dict(head.captions))
    read_body(lines[head.start :], rules, body, headline=likeness(headline or ""), host=_host(url))
    stated = Stated(
        headline=headline,
        standfirst=head.standfirst,
        published_at=head.published_at or body.published_at,
        byline=head.byline or body.byline,
        editors=head.editors or body.editors,
        dateline=body.dateline,
        source=head.source or body.source,
    )
    return _cleaned(lines, rules, body, stated)


def read_page_text(text: str, *, url: str | None = None, rules: Rules = COMMON) -> Draft:
    """Return what a page text in the sample files' format states: every field, the body, what was removed."""
    text = sanitise(text)
    cleaned = clean_page(text, url=url, rules=rules)
    found = cleaned.stated.found()
    return Draft(
        url=url,
        page_text=text,
        body=cleaned.body,
        removed=cleaned.removed,
        captions=cleaned.captions,
        body_from="text",
        witnesses={name: Witness(by="text") for name in found},
        **found,
    )


def clean_draft(draft: Draft, rules: Rules = COMMON) -> Draft:
    """Return *draft* with body and captions read from its blocks; captions lose their credits.

    What the page object dropped with its markup stays in `removed`, beside what the rules take.

    A field that the page object left empty is filled with what the text says, with the witness `text`; where
    the field is known, the text agrees or differs in its witness.
    """
    cleaned = clean_blocks(draft.blocks, known=draft, rules=rules)
    folded = (fold(caption) for caption in (*draft.captions, *cleaned.captions))
    described = (without_credit(caption) for caption in folded if not is_credit_line(caption))
    captions = {
        likeness(caption): caption
        for caption in described
        if not any(rule.family == "control" for rule in rules.matches(caption))
    }
    captions.pop("", None)  # brackets with nothing in them
    filled: dict[str, Any] = {}
    witnesses = dict(draft.witnesses)
    for name, said in cleaned.stated.found().items():
        known = getattr(draft, name)
        if not known:
            filled[name] = said
            witnesses[name] = Witness(by="text")
        elif name in witnesses:
            witnesses[name] = _heard(witnesses[name], known, said)
    return attrs.evolve(
        draft,
        body=cleaned.body,
        removed=tuple(sorted((*draft.removed, *cleaned.removed), key=lambda removed: removed.line)),
        captions=tuple(captions.values()),
        refused=tuple(refusal.rule for refusal in cleaned.refused),
        witnesses=witnesses,
        **filled,
    )


def _heard(witness: Witness, known: object, said: object) -> Witness:
    """Return the witness with the text's word on the field added."""
    if _comparable(known) == _comparable(said):
        return attrs.evolve(witness, agree=(*witness.agree, "text"))
    differ: Mapping[str, str] = {**witness.differ, "text": _shown(said)}
    return attrs.evolve(witness, differ=differ)


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


def _cleaned(
    lines: Sequence[Line], rules: Rules, body: Body, stated: Stated, *, most: float = 1.0
) -> Cleaned:
    refused = _refused(lines, rules, most)
    for refusal in refused:
        log.warning("Rule %s refused: it would take %.0f %% of the body", refusal.rule, 100 * refusal.share)
    active = rules.active - {refusal.rule for refusal in refused}
    pieces: list[Piece] = []
    paragraphs: list[str] = []
    for line in lines:
        own = [_given_back(piece, active) for piece in line.pieces()]
        paragraph = fold("".join(piece.text for piece in own if piece.role == "body"))
        if paragraph:
            paragraphs.append(paragraph)
        pieces.extend(own)
    capped = sum(line.rule == "cap/block-count" or len(line.raw) < len(line.block.text) for line in lines)
    if capped:
        log.warning("%d blocks exceed %d blocks of %d characters", capped, MAX_BLOCKS, MAX_BLOCK_CHARS)
    return Cleaned(
        pieces=tuple(pieces),
        body=tuple(paragraphs),
        removed=tuple(Removed(p.line, p.rule or "", fold(p.text)) for p in pieces if p.role == "furniture"),
        captions=tuple(body.captions.values()),
        refused=refused,
        stated=stated,
        capped=capped,
    )


def _given_back(piece: Piece, active: frozenset[str]) -> Piece:
    """Return the piece as body where the rule that took it may take nothing."""
    if piece.role == "furniture" and piece.rule not in active:
        return Piece(piece.line, piece.text, "body")
    return piece


def _refused(lines: Sequence[Line], rules: Rules, most: float) -> tuple[Refused, ...]:
    """Return the rules that would take more than their share, or more than *most*, of the paragraphs."""
    taken: dict[str, list[Line]] = {}
    total = 0
    for line in lines:
        if not line.prose or line.words < _MIN_PARAGRAPH_WORDS:
            continue
        if line.role == "body":
            total += len(line.text)
        elif line.role == "furniture" and line.rule and not line.rule.startswith(_LOSSLESS):
            total += len(line.text)
            taken.setdefault(line.rule, []).append(line)
    refused = []
    for name, its in taken.items():
        share = sum(len(line.text) for line in its) / total
        if len(its) >= MIN_PARAGRAPHS_REFUSED and share > min(rules.share(name), most):
            refused.append(Refused(name, share, tuple(line.block.line for line in its)))
    return tuple(refused)


def _host(url: str | None) -> str:
    """Return the host of an address without `www.`, lower case; empty where there is none."""
    try:
        return (urlsplit(url or "").hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _slug(url: str | None) -> frozenset[str]:
    """Return the words of the part of an address that reads like a headline; empty where there is none."""
    try:
        parts = urlsplit(url or "").path.casefold().split("/")
    except ValueError:
        return frozenset()
    slug = next((part for part in reversed(parts) if part.count("-") >= _MIN_SLUG_HYPHENS), "")
    return frozenset(slug.partition(".")[0].split("-")) - {""}
