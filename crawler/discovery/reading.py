"""Reads one article from its response, with all the parts of a split one."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import attrs
from scrapy.http import Response

from crawler.failures import classify_failure
from crawler.items import Block, Draft
from crawler.pages.article import ArticlePage
from crawler.pages.pager import whole_url
from crawler.pages.parse import NotAnArticle, decode
from crawler.reasons import Reason
from crawler.storage.states import State, state_of

FetchPart = Callable[[str], Awaitable[Response]]


@attrs.frozen
class Unread:
    """Why a response gave no article, as the frontier keeps it."""

    state: State
    reason: Reason
    detail: Mapping[str, Any]
    record_ids: tuple[str, ...]


async def read_article(
    response: Response, page_class: type[ArticlePage], fetch_part: FetchPart, fetched_at: datetime
) -> Draft | Unread:
    """Return what the page states, its further parts included; `partial` where one of them is missing."""
    try:
        page = _page(response, page_class, fetched_at)
        draft = page.read()
    except NotAnArticle as refusal:
        records = _record_ids(response)
        return Unread(state_of(refusal.reason), refusal.reason, {"seen": refusal.detail}, records)
    draft.fetched_at, draft.record_ids = fetched_at, _record_ids(response)
    if not page.pager.is_split:
        return draft
    if page_class.whole_query and await _add_whole(draft, page, fetch_part):
        return draft
    await _add_parts(draft, page, fetch_part)
    return draft


async def _add_whole(draft: Draft, page: ArticlePage, fetch_part: FetchPart) -> bool:
    """Replace the first part's text by that of the page with everything; return whether it had more."""
    whole = await _read_part(whole_url(page.url or "", page.whole_query or ""), page, fetch_part)
    if whole is None:
        return False
    draft.record_ids += whole.record_ids
    if _length(whole.blocks) <= _length(draft.blocks):
        return False
    draft.blocks, draft.removed, draft.page_text = whole.blocks, whole.removed, whole.page_text
    draft.body_from = whole.body_from
    return True


async def _add_parts(draft: Draft, page: ArticlePage, fetch_part: FetchPart) -> None:
    """Append the text of the numbered parts; stop and flag the draft at the first that is missing."""
    blocks, texts = list(draft.blocks), [draft.page_text]
    for url in page.pager.parts:
        part = await _read_part(url, page, fetch_part)
        if part is None:
            draft.partial = True
            break
        draft.record_ids += part.record_ids
        blocks += [attrs.evolve(block, line=block.line + len(blocks)) for block in part.blocks]
        texts.append(part.page_text)
    draft.blocks, draft.page_text = tuple(blocks), "\n\n".join(texts)


async def _read_part(url: str, page: ArticlePage, fetch_part: FetchPart) -> Draft | None:
    try:
        response = await fetch_part(url)
        draft = _page(response, type(page), page.fetched_at).read()
    except Exception as error:
        if isinstance(error, NotAnArticle) or classify_failure(error) is not Reason.INTERNAL:
            return None
        raise
    draft.record_ids = _record_ids(response)
    return draft


def _page(response: Response, page_class: type[ArticlePage], fetched_at: datetime | None) -> ArticlePage:
    charset = (response.headers.get("Content-Type") or b"").decode("latin-1").partition("charset=")[2]
    text = decode(response.body, charset.strip("\"' ") or None).text
    return page_class(text, response.url, fetched_at=fetched_at)


def _record_ids(response: Response) -> tuple[str, ...]:
    return response.request.meta.get("record_ids", ()) if response.request else ()


def _length(blocks: tuple[Block, ...]) -> int:
    return sum(len(block.text) for block in blocks if block.kind != "caption")
