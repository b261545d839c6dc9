"""What a look at a site found out, as plain values."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from crawler.discovery.listing import Listed, Rung
from crawler.items import Draft


@attrs.frozen
class RobotsFound:
    """What robots.txt says to pantau: how slowly, and what it closes; *bars_scrapy*: Scrapy's token."""

    status: int | None = None
    delay_s: float | None = None
    closes: tuple[str, ...] = ()
    bars_scrapy: bool = False
    sitemaps: tuple[str, ...] = ()


@attrs.frozen
class ListFound:
    """One way of learning of articles that the site has or has not; the rung where it can be used.

    `names_all` is false for what serves only besides another listing, as a feed of a few hours does.
    """

    what: str
    url: str
    says: str
    rung: Rung | None = None
    entries: tuple[Listed, ...] = ()


@attrs.frozen
class ArticleFound:
    """What the generic reader reads of one article page; `refused` says why it takes it for none."""

    url: str
    draft: Draft | None = None
    refused: str = ""
    types: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()
    body_css: tuple[str, ...] = ()
    known_css: str = ""
    parts: tuple[str, ...] = ()
    amp: str | None = None


@attrs.define(kw_only=True)
class Look:
    """All that one look at a site found out."""

    url: str
    site: str
    origin: str = ""
    asked: int = 0
    robots: RobotsFound = attrs.field(factory=RobotsFound)
    made_with: Sequence[str] = ()
    wordpress: bool = False
    front_links: int = 0
    drawn: str = ""
    lists: list[ListFound] = attrs.field(factory=list)
    articles: list[ArticleFound] = attrs.field(factory=list)
    body_css: tuple[str, ...] = ()
    whole_query: str = ""
    paging: str = ""
    pattern: str | None = None
    sample: str | None = None

    @property
    def rungs(self) -> list[Rung]:
        """The ladder that the findings make, cheapest first."""
        return [found.rung for found in self.lists if found.rung is not None]


def record_of(look: Look, code: Sequence[str]) -> dict[str, Any]:
    """Return a look as JSON values; *code* is the ladder as Python."""
    return {
        "url": look.url,
        "site": look.site,
        "asked": look.asked,
        "robots": attrs.asdict(look.robots),
        "made_with": list(look.made_with),
        "front_links": look.front_links,
        "drawn_by_script": look.drawn or None,
        "lists": [
            {"what": found.what, "url": found.url, "says": found.says, "usable": found.rung is not None}
            for found in look.lists
        ],
        "articles": [_article_record(article) for article in look.articles],
        "body_css": list(look.body_css),
        "whole_query": look.whole_query or None,
        "paging": look.paging or None,
        "article_pattern": look.pattern,
        "ladder": list(code),
    }


def _article_record(article: ArticleFound) -> Mapping[str, Any]:
    draft = article.draft
    return {
        "url": article.url,
        "refused": article.refused or None,
        "headline": draft.headline if draft else None,
        "published_at": draft.published_at.at.isoformat() if draft and draft.published_at else None,
        "byline": list(draft.byline) if draft else [],
        "editors": list(draft.editors) if draft else [],
        "dateline": draft.dateline if draft else None,
        "source": draft.source if draft else None,
        "body": list(draft.body) if draft else [],
        "captions": list(draft.captions) if draft else [],
        "types": list(article.types),
        "linked_fields": list(article.linked),
        "body_css": list(article.body_css),
        "parts": list(article.parts),
        "amp": article.amp,
    }
