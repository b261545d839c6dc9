"""What the generic reader makes of a site's article pages, and where on them the body stands."""

from collections.abc import Sequence

import attrs
from scrapy.http import Response
from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.authoring.findings import ArticleFound
from crawler.authoring.marks import amp_of
from crawler.authoring.selectors import selecting
from crawler.pages.article import ArticlePage
from crawler.pages.parse import NotAnArticle, decode
from crawler.pages.tree import visible_text
from crawler.pages.wordpress import WordPressPage
from crawler.text.clean import clean_draft

_MAX_SELECTORS, _MAX_LEVELS = 4, 3
_HARDLY_MORE = 1.02


@attrs.define
class ArticleRead:
    """An article page that was read: what was found, and the element that holds its body."""

    found: ArticleFound
    tree: LexborHTMLParser | None = None
    container: LexborNode | None = None
    chars: int = 0


def read_response(response: Response, *, wordpress: bool = False) -> ArticleRead:
    """Return what the generic reader, or that of WordPress, reads of a page."""
    page_class = WordPressPage if wordpress else ArticlePage
    page = page_class(decode(response.body).text, response.url)
    try:
        draft = clean_draft(page.read(), page_class.rules)
    except NotAnArticle as refusal:
        return ArticleRead(ArticleFound(response.url, refused=str(refusal)))
    body, article = page.body, page.metadata.article
    known = ""
    if body.found_by == "selector" and body.containers:
        selectors = page_class.body_css if isinstance(page_class.body_css, tuple) else (page_class.body_css,)
        known = next((each for each in selectors if _holds(page.tree, each, body.containers[0])), "")
    found = ArticleFound(
        url=response.url,
        draft=draft,
        types=tuple(sorted(page.metadata.types)),
        linked=_fields_of(article) if article else (),
        known_css=known,
        parts=page.pager.parts,
        amp=amp_of(page.tree, response.url),
    )
    container = body.containers[0] if len(body.containers) == 1 else None
    return ArticleRead(found, page.tree, container, body.chars)


def body_selectors(read: Sequence[ArticleRead]) -> tuple[str, ...]:
    """Return short selectors that find the body on every page read, best first."""
    places = [
        (each.tree, each.container) for each in read if each.tree is not None and each.container is not None
    ]
    levels = zip(
        *([(tree, node) for node in _same_text(node)] for tree, node in places if tree and node), strict=False
    )
    found = [selector for level in levels for selector in selecting(level)]
    # What stands round the whole text and nothing else is named as well, and often better.
    found.sort(key=lambda selector: " " in selector)
    alone = [
        selector for selector in found if all(len(tree.css(selector)) == 1 for tree, _ in places if tree)
    ]
    best: list[str] = []
    for selector in [*alone, *(each for each in found if each not in alone)]:
        if not any(shorter in selector for shorter in best):  # says no more than the shorter one
            best.append(selector)
    return tuple(best[:_MAX_SELECTORS])


def _same_text(node: LexborNode) -> list[LexborNode]:
    """Return an element and those directly round it that hold hardly any more text."""
    nodes, chars = [node], len(visible_text(node))
    while (
        (parent := nodes[-1].parent) is not None
        and parent.tag not in {"body", "html"}
        and len(nodes) < _MAX_LEVELS
    ):
        if len(visible_text(parent)) > chars * _HARDLY_MORE:
            break
        nodes.append(parent)
    return nodes


def _holds(tree: LexborHTMLParser, selector: str, node: LexborNode) -> bool:
    return any(found.mem_id == node.mem_id for found in tree.css(selector))


def _fields_of(article: object) -> tuple[str, ...]:
    """Return which fields linked data fills."""
    values = attrs.asdict(article)  # type: ignore[arg-type] # an attrs class
    return tuple(name for name, value in values.items() if value and name != "types")
