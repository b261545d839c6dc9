"""What the world knows: `Entry` is an article as lists show it, `Article` is the whole truth about it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from tests.newsworld.printed import iso
from tests.newsworld.prose.grammar import Memo

BlockKind = Literal["text", "heading", "item"]


How = Literal[
    "verbatim", "trimmed", "re-headlined", "merged", "rewritten", "independent", "formula", "daily", "told"
]


@dataclass(frozen=True, slots=True)
class Wire:
    """What an article has of wires' stories, and how it took it; `told` is the wire's own."""

    how: How
    of: "tuple[Plan, ...]" = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A slot of an outlet's day: when what kind of article appears. `key` seeds all that is random in it.

    `wire` is what it takes from other stories, None for one of its own.
    """

    key: str
    number: int
    kind: str
    published_at: datetime
    archive: bool = False
    wire: Wire | None = None


@dataclass(frozen=True, slots=True)
class Headline:
    """What is settled before the address: the headline, what was drawn for it, desk and tags.

    `desk` is one of internasional, nasional, ekonomi, daerah, olahraga, gaya. `neutral` marks a story on the
    topic whose headline names neither side.
    """

    text: str
    neutral: bool
    desk: str
    tags: tuple[str, ...]
    memo: Memo


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a subheading or a list item, as the author wrote it."""

    text: str
    kind: BlockKind = "text"


@dataclass(frozen=True, slots=True)
class Copy:
    """The text of an article, before an outlet dresses it."""

    standfirst: str
    blocks: tuple[Block, ...]
    captions: tuple[str, ...]
    credits: tuple[str, ...]
    dateline: str
    reporter: str
    editor: str


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """An article as lists know it; each is equal to itself alone.

    `published_at` carries the outlet's zone. `lists` names the places that show it (some while it is new):
    search, index, sitemap, feed, rest, and `tag/<slug>` for each of its tags. An edited story is another
    entry with a later `version` and the moment of its last edit.
    """

    outlet: str
    plan: Plan
    headline: str
    neutral: bool
    on_topic: bool
    host: str
    path: str
    section: str
    slug: str
    tags: tuple[str, ...]
    layout: str
    lists: tuple[str, ...]
    memo: Memo
    version: int = 0
    changed_at: datetime | None = None

    @property
    def url(self) -> str:
        """The canonical address."""
        return f"https://{self.host}{self.path}"

    @property
    def key(self) -> str:
        """What seeds everything random about it."""
        return self.plan.key

    @property
    def number(self) -> int:
        """A number that is its own within the outlet."""
        return self.plan.number

    @property
    def kind(self) -> str:
        """Why it is on or off the topic: `summit`, `russia-only`, `caption-only`, … (`prose/kinds.py`)."""
        return self.plan.kind

    @property
    def published_at(self) -> datetime:
        """When it was published, as its pages state it."""
        return self.plan.published_at

    @property
    def modified_at(self) -> datetime:
        """When its text was last changed: published, at first."""
        return self.changed_at or self.plan.published_at


@dataclass(frozen=True, slots=True)
class Edit:
    """What an edit changed: `kind` is headline, number, name, quote, correction, other, byline or date.

    `version` is that of the story from then on; `before` and `after` are the paragraph (empty where one came
    new), the headline, the reporter or the time.
    """

    at: datetime
    kind: str
    version: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Article:
    """The truth about one article.

    Texts are as the author wrote them, no-break spaces included: fold white space before comparing. `body`
    holds paragraphs, subheadings (also in `subheadings`) and list items, without dateline, sign-off or
    furniture. A field that the outlet does not print is None or empty. `split` is the number of pages;
    `page_urls` are their addresses, first page first, and `whole_url` is the one that shows everything, None
    where there is none. `appeared_at` is when lists first showed it; `version` counts its edits so far;
    `gone` is how it is missing at present.
    """

    outlet: str
    url: str
    host: str
    headline: str
    standfirst: str | None
    body: tuple[str, ...]
    subheadings: tuple[str, ...]
    byline: tuple[str, ...]
    editors: tuple[str, ...]
    dateline: str | None
    source: str | None
    captions: tuple[str, ...]
    credits: tuple[str, ...]
    tags: tuple[str, ...]
    published_at: datetime
    zone: str
    on_topic: bool
    kind: str
    neutral_headline: bool
    archive: bool
    split: int
    page_urls: tuple[str, ...]
    whole_url: str | None
    layout: str
    lists: tuple[str, ...]
    appeared_at: datetime
    version: int = 0
    gone: str | None = None

    def as_dict(self) -> Mapping[str, Any]:
        """Return the truth as JSON can hold it."""
        times = {"published_at": iso(self.published_at), "appeared_at": iso(self.appeared_at)}
        return {**asdict(self), **times}
