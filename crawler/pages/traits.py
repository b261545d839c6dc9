"""What a page shows of its build: which declared selectors hit, and between which elements its text stands.

Cheap enough for every page that is fetched: nothing is read that reading the page has not read anyhow, but
for the declared selectors, which take a fiftieth of a millisecond each.
"""

import re
from datetime import timedelta
from typing import Final

import attrs
from selectolax.lexbor import LexborNode

from crawler.dates import parse_iso
from crawler.items import BodyFrom
from crawler.pages.article import REFUSED_ELEMENT, REFUSED_PATH, ArticlePage
from crawler.pages.parse import NotAnArticle
from crawler.reasons import Reason
from crawler.text.normalise import likeness

SELECTED: Final = (
    *("headline", "standfirst", "published_at", "byline", "editors"),
    *("source", "tags", "captions", "body"),
)
"""The fields for which an outlet may declare selectors."""

RECENT: Final = timedelta(days=60)

_NAMED: Final = {"published_at": "published_css", "captions": "caption_css"}
_BROKEN: Final = frozenset({Reason.NOT_ARTICLE, Reason.EMPTY})
_MAX_LEVELS: Final = 40
_NUMBER: Final = re.compile(r"\d+")


@attrs.frozen(kw_only=True)
class PageTraits:
    """What one page showed.

    `hits` names for each field with declared selectors the one that found an element, None where none did.
    `marks` are the names of the elements round headline and body, numbers taken out. `refused` says why the
    page is no article although it carries one's headline. `recent` pages are known to be of these days.
    """

    url: str = ""
    hits: dict[str, str | None] = attrs.field(factory=dict)
    marks: frozenset[str] = frozenset()
    body_from: BodyFrom | None = None
    linked: bool = False
    paragraphs: int = 0
    chars: int = 0
    refused: str | None = None
    recent: bool = False

    @property
    def layout(self) -> str | None:
        """The declared selector that found the body."""
        return self.hits.get("body")


def declared(page_class: type[ArticlePage]) -> dict[str, tuple[str, ...]]:
    """Return the selectors that a page class declares, by field, newest layout first."""
    found = {}
    for field in SELECTED:
        given = getattr(page_class, _NAMED.get(field, f"{field}_css"))
        if selectors := (given,) if isinstance(given, str) else given:
            found[field] = selectors
    return found


def traits_of(page: ArticlePage, refusal: NotAnArticle | None = None) -> PageTraits | None:
    """Return what a page shows; None for one that is no article and does not look like one.

    Not to be there, to be barred or to be too large is no trait of an outlet's pages.
    """
    if refusal is not None and not _looks_like_one(page, refusal):
        return None
    body, headline = page.body, page.found_headline
    hits: dict[str, str | None] = {
        field: next((one for one in selectors if page.tree.css_first(one) is not None), None)
        for field, selectors in declared(type(page)).items()
        if field != "body"
    }
    if page.body_css:
        hits["body"] = body.selector
    ends = [*body.containers[:1], *([headline.node] if headline and headline.node is not None else [])]
    return PageTraits(
        url=page.url or "",
        hits=hits,
        marks=frozenset(mark for node in ends for mark in _marks(node)),
        body_from=body.found_by,
        linked=page.metadata.article is not None,
        paragraphs=len(body.reading.lines),
        chars=body.chars,
        refused=refusal.detail if refusal is not None else None,
        recent=_is_recent(page),
    )


def _is_recent(page: ArticlePage) -> bool:
    """Tell whether the list or the page's metadata dates it within `RECENT` before it was fetched."""
    if page.fetched_at is None:
        return False
    dates = [page.listed_at, *(parse_iso(text, page.zone) for _, text in page.metadata.published)]
    return any(date is not None and abs(page.fetched_at - date.at) <= RECENT for date in dates)


def _looks_like_one(page: ArticlePage, refusal: NotAnArticle) -> bool:
    """Tell whether a refused page is one of those that speak of the outlet's pages."""
    # What the outlet declares to be a gallery is one, however it is built.
    if refusal.reason not in _BROKEN or refusal.detail.startswith((REFUSED_PATH, REFUSED_ELEMENT)):
        return False
    try:
        return _carries_article(page)
    except NotAnArticle:  # nothing of it can be read at all
        return False


def _carries_article(page: ArticlePage) -> bool:
    """Tell whether a page that is refused names the article that its address or its list promised."""
    titles = [page.metadata.meta.get("og:title"), page.metadata.title]
    if page.listed_headline:
        wanted = likeness(page.listed_headline)
        return any(wanted in likeness(title) for title in titles if title)
    slug = re.sub(r"[^a-z]+", " ", (page.url or "").rpartition("/")[2].casefold()).split()
    words = set(likeness(titles[0] or titles[1] or "").split())
    return len(words.intersection(slug)) >= max(3, len(slug) // 2)


def _marks(node: LexborNode) -> set[str]:
    """Return the names of an element and of those around it, up to the page's own."""
    found: set[str] = set()
    current: LexborNode | None = node
    for _ in range(_MAX_LEVELS):
        if current is None or current.tag in {"body", "html", "-undef"}:
            break
        attributes = current.attributes
        names = (attributes.get("class") or "").split()
        found.update(f"{current.tag}.{_NUMBER.sub('0', name)}" for name in names)
        if own := attributes.get("id"):
            found.add(f"{current.tag}#{_NUMBER.sub('0', own)}")
        if not names and not own:
            found.add(current.tag or "")
        current = current.parent
    return found
