"""Linked data of article pages."""

import json
from typing import Any

from tests.newsworld.model import Entry
from tests.newsworld.printed import WIB, iso


def news_article(entry: Entry, *, publisher: str, **more: object) -> dict[str, Any]:
    """Return the NewsArticle of *entry*, times in WIB; *more* adds keys or replaces them."""
    at = iso(entry.published_at.astimezone(WIB))
    return {
        "@type": "NewsArticle",
        "headline": entry.headline,
        "datePublished": at,
        "dateModified": iso(entry.modified_at.astimezone(WIB)),
        "mainEntityOfPage": {"@type": "WebPage", "@id": entry.url},
        "publisher": {"@type": "Organization", "name": publisher},
        **more,
    }


def person(name: str) -> dict[str, str]:
    """Return a Person."""
    return {"@type": "Person", "name": name}


def script(data: dict[str, Any]) -> str:
    """Return the script element that carries *data* in schema.org's context."""
    text = in_script({"@context": "https://schema.org", **data})
    return f'<script type="application/ld+json">{text}</script>'


def in_script(value: object) -> str:
    """Return *value* as JSON that can stand inside a script element."""
    return json.dumps(value, ensure_ascii=False).replace("</", "<\\/")
