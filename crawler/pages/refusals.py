"""What a page with hardly any text is: a bot check, a missing page, gallery, video or list, or nothing."""

import re
from collections.abc import Mapping

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.pages.bodies import Body
from crawler.pages.linked import ARTICLE_TYPES
from crawler.pages.metadata import Metadata
from crawler.pages.parse import NotAnArticle
from crawler.pages.tree import LINKED_HEADING, visible_text
from crawler.reasons import Reason
from crawler.refusal_pages import recognise

# A page with more text than this is an article, whatever else it says: recall outranks cost.
_THIN_CHARS = 400
# A list: so many headings of some words that lead to different pages.
_LISTED, _LISTED_WORDS, _MAX_EXAMINED = 3, 3, 200
_LISTED_HEADINGS = f"h1 a[href],a[href] h1,{LINKED_HEADING}"
_MIN_SENTENCE_CHARS, _MOSTLY_LINK = 40, 0.5
_SENTENCE = re.compile(r"[.!?…][\"'”’)\]]{0,2}\s*\Z")
_FRONT = re.compile(r"(?:https?:)?//[^/?#]+/?", re.IGNORECASE)
_OTHER_TYPES: Mapping[str, str] = {
    "ImageGallery": "gallery",
    "MediaGallery": "gallery",
    "VideoObject": "video",
    "Quiz": "quiz",
    "CollectionPage": "list",
    "SearchResultsPage": "list",
}


def check_thin(html: str, tree: LexborHTMLParser, body: Body, metadata: Metadata) -> None:
    """Refuse a page whose body is short or missing if something else stands in the article's place.

    Raises:
        NotAnArticle: with the reason.
    """
    if body.chars >= _THIN_CHARS:
        return
    if (seen := recognise(html.encode("utf-8", "replace"))) is not None:
        raise NotAnArticle(*seen)
    types = metadata.types
    other = next((name for kind, name in _OTHER_TYPES.items() if kind in types), None)
    if other and types.isdisjoint(ARTICLE_TYPES):
        raise NotAnArticle(Reason.NOT_ARTICLE, other)
    if not (types & ARTICLE_TYPES or _says_article(metadata) or _has_prose(body)):
        if _is_front(metadata.canonical):
            raise NotAnArticle(Reason.NOT_ARTICLE, "a front page")
        if _is_list(tree):
            raise NotAnArticle(Reason.NOT_ARTICLE, "a list of headlines")
    if not body.reading.lines:
        raise NotAnArticle(Reason.EMPTY, "no prose was found")


def _is_front(canonical: str | None) -> bool:
    """Tell whether a page gives the address of a whole host as its own."""
    return canonical is not None and _FRONT.fullmatch(canonical) is not None


def _says_article(metadata: Metadata) -> bool:
    return metadata.meta.get("og:type", "").casefold() == "article" or bool(metadata.published)


def _has_prose(body: Body) -> bool:
    """Tell whether a sentence of its own stands in the body."""
    blocks = (line.block for line in body.reading.lines)
    return any(
        block.kind in {"text", "item"}
        and block.link_share < _MOSTLY_LINK
        and len(block.text) >= _MIN_SENTENCE_CHARS
        and _SENTENCE.search(block.text) is not None
        for block in blocks
    )


def _is_list(tree: LexborHTMLParser) -> bool:
    """Tell whether several headings of a page lead to as many others."""
    targets: set[str] = set()
    for node in tree.css(_LISTED_HEADINGS)[:_MAX_EXAMINED]:
        if len(visible_text(node).split()) >= _LISTED_WORDS and (target := _target(node)):
            targets.add(target)
        if len(targets) >= _LISTED:
            return True
    return False


def _target(node: LexborNode) -> str | None:
    """Return where the link leads that a node is, or that is around it."""
    current: LexborNode | None = node
    while current is not None and current.tag != "a":
        current = current.parent
    return current.attributes.get("href") if current is not None else None
