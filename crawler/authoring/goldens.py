"""What a page class reads of a page, in the form that goldens have."""

from typing import Any

import attrs

from crawler.items import Draft, Instant
from crawler.pages.article import ArticlePage
from crawler.pages.parse import NotAnArticle
from crawler.text.clean import clean_draft

FIELDS = (
    *("headline", "standfirst", "published_at", "byline", "editors"),
    *("dateline", "source", "body", "captions", "body_from"),
)


@attrs.define
class PageRead:
    """A page, and what its outlet makes of it: an article, or the reason for none."""

    page: ArticlePage
    draft: Draft | None = None
    refused: str | None = None
    said: str = ""

    @property
    def golden(self) -> dict[str, Any]:
        """The reading as a golden, without the address."""
        if self.draft is None:
            return {"refused": self.refused}
        values = {name: form_of(getattr(self.draft, name)) for name in FIELDS}
        parts = self.page.pager.parts
        return {**values, "parts": list(parts)} if parts else values


def read_page(page_class: type[ArticlePage], html: str, url: str) -> PageRead:
    """Return what the outlet reads of a page, as a crawl would."""
    page = page_class(html, url)
    try:
        return PageRead(page, clean_draft(page.read(), page_class.rules))
    except NotAnArticle as refusal:
        return PageRead(page, refused=refusal.reason.value, said=str(refusal))


def form_of(value: object) -> object:
    """Return a field as goldens have it: times to the minute, a bare day as one, lists of texts."""
    if isinstance(value, Instant):
        return value.at.date().isoformat() if value.precision == "day" else value.at.isoformat("T", "minutes")
    return list(value) if isinstance(value, tuple) else value
