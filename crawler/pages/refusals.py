"""What a page with hardly any text is: a bot check, a missing page, a gallery, a video, or nothing."""

from collections.abc import Mapping

from crawler.pages.bodies import Body
from crawler.pages.linked import ARTICLE_TYPES
from crawler.pages.metadata import Metadata
from crawler.pages.parse import NotAnArticle
from crawler.reasons import Reason
from crawler.refusal_pages import recognise

# A page with more text than this is an article, whatever else it says: recall outranks cost.
_THIN_CHARS = 400
_OTHER_TYPES: Mapping[str, str] = {
    "ImageGallery": "gallery",
    "MediaGallery": "gallery",
    "VideoObject": "video",
    "Quiz": "quiz",
    "CollectionPage": "list",
    "SearchResultsPage": "list",
}


def check_thin(html: str, body: Body, metadata: Metadata) -> None:
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
    if not body.reading.lines:
        raise NotAnArticle(Reason.EMPTY, "no prose was found")
