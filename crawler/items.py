"""What is read from a page (`Draft`) and what is kept of it (`Article`)."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Literal

import attrs

Precision = Literal["second", "minute", "day"]
BodyFrom = Literal["selector", "generic", "text", "api"]
BlockKind = Literal["text", "heading", "item", "caption"]


def aware(_instance: object, attribute: "attrs.Attribute[Any]", value: datetime | None) -> None:
    """Refuse a datetime that does not know its offset."""
    if value is not None and value.tzinfo is None:
        raise ValueError(f"{attribute.name} must be an aware datetime, not {value!r}")


@attrs.frozen
class Instant:
    """A time as it was printed: aware, with the printed offset, and how exact it is.

    `at` keeps the offset of the page (WIB +07:00, WITA +08:00, WIT +09:00, or what metadata states).
    `zone_assumed` is true where the page printed no zone and the outlet's own was taken.
    """

    at: datetime = attrs.field(validator=aware)
    precision: Precision = "minute"
    zone_assumed: bool = False

    @property
    def utc(self) -> datetime:
        """The same instant in UTC."""
        return self.at.astimezone(UTC)


@attrs.frozen
class Block:
    """One block of text as the page carries it, white space included, without line breaks.

    `line` counts from 1: the line of a page text, or the place of the block in its body container.
    `link_share` is the share of the characters that stand inside links (0.0 to 1.0; 0.0 where unknown).
    """

    text: str
    line: int
    kind: BlockKind = "text"
    link_share: float = 0.0
    bold: bool = False


@attrs.frozen
class Piece:
    """A stretch of one block and what became of it.

    `role` is `"body"`, a field it was read into (`"headline"`, `"byline"`, `"dateline"`, `"caption"`, …) or
    `"furniture"`. `rule` names the rule that decided, and is None for body. The pieces of a block, joined in
    order, are exactly its text.
    """

    line: int
    text: str
    role: str
    rule: str | None = None


@attrs.frozen
class Removed:
    """A stretch of text that cleaning took out: the 1-based line, the rule that did it, the text."""

    line: int
    rule: str
    text: str


@attrs.frozen
class Witness:
    """Who says what about one field: `by` won; `agree` and `differ` name the other witnesses.

    `differ` maps the name of a witness to the value it gave, as text.
    """

    by: str
    agree: tuple[str, ...] = ()
    differ: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class Evidence:
    """One mention that counted: the term as declared, its side, where it stood, the words found."""

    term: str
    side: str
    place: str
    text: str


@attrs.frozen
class Verdict:
    """Whether a text is on a topic, how strongly (0.0 to 1.0), and why.

    `round_up` marks a text that tells several stories one after another. `fingerprint` is that of the topic
    and of the rules that judged, empty where they are not known; it makes no difference between verdicts.
    """

    topic: str
    on_topic: bool
    score: float
    reason: str
    evidence: tuple[Evidence, ...] = ()
    round_up: bool = False
    fingerprint: str = attrs.field(default="", eq=False)


@attrs.frozen
class Hint:
    """What a list said of an article, to be heard when its page is read."""

    headline: str | None = None
    published_at: Instant | None = None


@attrs.define(kw_only=True)
class Draft:
    """What was read from one page; anything may be missing.

    A page object fills `blocks` (the body, uncleaned); cleaning turns them into `body` and `removed`.
    `refused` names rules that would have taken too much of it, and so took nothing.
    """

    url: str | None = None
    canonical_url: str | None = None
    outlet: str | None = None
    headline: str | None = None
    standfirst: str | None = None
    published_at: Instant | None = None
    byline: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    dateline: str | None = None
    source: str | None = None
    body: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    page_text: str = ""
    removed: tuple[Removed, ...] = ()
    refused: tuple[str, ...] = ()
    witnesses: dict[str, Witness] = attrs.field(factory=dict)
    body_from: BodyFrom | None = None
    blocks: tuple[Block, ...] = ()
    pages: tuple[str, ...] = ()
    fetched_at: datetime | None = attrs.field(default=None, validator=aware)
    partial: bool = False
    record_ids: tuple[str, ...] = ()
    hint: Hint | None = None
    url_id: int | None = None
    look_at: int | None = attrs.field(default=None, eq=False)


@attrs.define(kw_only=True)
class Article:
    """A published article that can be kept: it has a headline, a body and an address.

    Texts have their white space folded. `partial` is true where a split article could not be read to its end.
    `pages` are the HTML pages it was read from until `page_text` is made of them.
    `verdict` is the one it was kept for, `verdicts` are those of all topics, in their order.
    `record_ids` name the archived responses it was read from, first page first; `hint` is what the list said
    that was heard with it; `url_id` is its row in the frontier, None outside a crawl. `look_at` is the number
    of the stored article that this is a new look at.
    """

    outlet: str = attrs.field(validator=attrs.validators.min_len(1))
    url: str = attrs.field(validator=attrs.validators.min_len(1))
    canonical_url: str = attrs.field(validator=attrs.validators.min_len(1))
    headline: str = attrs.field(validator=attrs.validators.min_len(1))
    body: tuple[str, ...] = attrs.field(validator=attrs.validators.min_len(1))
    fetched_at: datetime = attrs.field(validator=aware)
    standfirst: str | None = None
    published_at: Instant | None = None
    byline: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    dateline: str | None = None
    source: str | None = None
    captions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    page_text: str = ""
    pages: tuple[str, ...] = ()
    removed: tuple[Removed, ...] = ()
    witnesses: dict[str, Witness] = attrs.field(factory=dict)
    body_from: BodyFrom = "selector"
    partial: bool = False
    verdict: Verdict | None = None
    verdicts: tuple[Verdict, ...] = attrs.field(default=(), eq=False)
    record_ids: tuple[str, ...] = ()
    hint: Hint | None = None
    url_id: int | None = None
    look_at: int | None = attrs.field(default=None, eq=False)


@attrs.frozen
class Expect:
    """What a healthy run of an outlet shows: per field, the least share of stored articles that have it."""

    coverage: Mapping[str, float] = attrs.field(factory=dict)


def _a_day(_instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if type(value) is not date:
        raise TypeError(f"{attribute.name} must be a date, as in date(2026, 3, 2), not {value!r}")


def _said(_instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{attribute.name} must say in words why, not {value!r}")


@attrs.frozen(kw_only=True)
class Quarantine:
    """Why an outlet is not crawled by itself any more, and since when: `Quarantine(on=…, reason="…")`.

    There is none without both. A crawl that names the outlet is made all the same.
    """

    on: date = attrs.field(validator=_a_day)
    reason: str = attrs.field(validator=_said)

    def __str__(self) -> str:
        """Return both, as in `since 2026-03-02: their site moves`."""
        return f"since {self.on.isoformat()}: {self.reason}"
