"""Reads one article from its response, with all the parts of a split one."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs
from scrapy.http import Response

from crawler.failures import classify_failure
from crawler.items import Block, Draft, Hint, Verdict
from crawler.pages.article import ArticlePage
from crawler.pages.pager import whole_url
from crawler.pages.parse import NotAnArticle, decode
from crawler.reasons import Reason
from crawler.storage.states import State, state_of
from crawler.text.normalise import likeness

# Request.meta: what the list said of the article.
LISTED_HEADLINE, LISTED_AT = "listed_headline", "listed_at"

FetchPart = Callable[[str], Awaitable[Response]]
Glance = Callable[[ArticlePage], Verdict | None]
Watch = Callable[[ArticlePage, NotAnArticle | None], None]


@attrs.frozen
class Unread:
    """Why a response gave no article, as the frontier keeps it."""

    state: State
    reason: str
    detail: Mapping[str, Any]
    record_ids: tuple[str, ...]


async def read_article(  # noqa: PLR0913 - the page, how it is read, and who wants to know
    response: Response,
    page_class: type[ArticlePage],
    fetch_part: FetchPart,
    fetched_at: datetime,
    glance: Glance,
    *,
    watch: Watch | None = None,
) -> Draft | Unread:
    """Return what the page states, its further parts included; `partial` where one of them is missing.

    *glance* gives the verdict on a page that cannot be on the topic; the rest of such a page is not read.
    *watch* is told of each page, on the topic or not, with the refusal of those that are no articles.
    """
    records = _record_ids(response)
    page = _page(response, page_class, fetched_at)
    try:
        try:
            page.validate_input()
        except NotAnArticle as refusal:
            if watch is not None:
                watch(page, refusal)
            raise
        if watch is not None:
            watch(page, None)
        split = page.pager.is_split
        if not split and (verdict := glance(page)) is not None:
            return Unread(State.OFF_TOPIC, verdict.reason, attrs.asdict(verdict), records)
        draft = page.read()
    except NotAnArticle as refusal:
        return Unread(state_of(refusal.reason), refusal.reason, {"seen": refusal.detail}, records)
    draft.fetched_at, draft.record_ids, draft.pages = fetched_at, records, (page.html,)
    draft.hint = Hint(page.listed_headline, page.listed_at)
    if not split:
        return draft
    more = await _add_whole(draft, page, fetch_part) if page_class.whole_query else None
    if not more:
        await _add_parts(draft, page, fetch_part)
        draft.partial = draft.partial or (more is None and page.pager.whole and not page.pager.parts)
    return draft


async def _add_whole(draft: Draft, page: ArticlePage, fetch_part: FetchPart) -> bool | None:
    """Replace the first part's text by that of the page with everything; return whether it had more.

    None where that page is missing.
    """
    whole = await _read_part(whole_url(page.url or "", page.whole_query or ""), page, fetch_part, draft)
    if whole is None:
        return None
    if _length(whole.blocks) <= _length(draft.blocks):
        return False
    draft.blocks, draft.removed, draft.pages = whole.blocks, whole.removed, (whole.html,)
    draft.body_from = whole.body.found_by
    return True


async def _add_parts(draft: Draft, page: ArticlePage, fetch_part: FetchPart) -> None:
    """Append the text of the numbered parts; stop and flag the draft at the first that is missing.

    Some outlets put all parts into each page: what is there already is not appended again.
    """
    blocks = list(draft.blocks)
    for url in page.pager.parts:
        part = await _read_part(url, page, fetch_part, draft)
        if part is None:
            draft.partial = True
            break
        added, above = _not_repeated(part.blocks, blocks), len(blocks)
        blocks += [attrs.evolve(block, line=block.line + above) for block in added]
        draft.removed += tuple(attrs.evolve(gone, line=gone.line + above) for gone in part.removed)
        draft.pages += (part.html,)
    draft.blocks = tuple(blocks)


def _not_repeated(part: Sequence[Block], before: Sequence[Block]) -> Sequence[Block]:
    """Return the blocks of a part; where most of its text stands in *before*, only those that do not."""
    known = {likeness(block.text) for block in before}
    new = tuple(block for block in part if likeness(block.text) not in known)
    return new if 2 * _length(new) < _length(part) else part


async def _read_part(url: str, page: ArticlePage, fetch_part: FetchPart, draft: Draft) -> ArticlePage | None:
    """Return another part of the article, its response noted in the draft; None where it is missing."""
    try:
        response = await fetch_part(url)
        part = _page(response, type(page), page.fetched_at)
        part.validate_input()
    except Exception as error:
        if isinstance(error, NotAnArticle) or classify_failure(error) is not Reason.INTERNAL:
            return None
        raise
    draft.record_ids += _record_ids(response)
    return part


def _page(response: Response, page_class: type[ArticlePage], fetched_at: datetime | None) -> ArticlePage:
    charset = (response.headers.get("Content-Type") or b"").decode("latin-1").partition("charset=")[2]
    text = decode(response.body, charset.strip("\"' ") or None).text
    listed = response.request.meta if response.request else {}
    return page_class(
        text,
        response.url,
        listed_headline=listed.get(LISTED_HEADLINE),
        listed_at=listed.get(LISTED_AT),
        fetched_at=fetched_at,
    )


def _record_ids(response: Response) -> tuple[str, ...]:
    return response.request.meta.get("record_ids", ()) if response.request else ()


def _length(blocks: Sequence[Block]) -> int:
    return sum(len(block.text) for block in blocks if block.kind != "caption")
