"""Looks at stored articles again: the requests for them, and the proof that the outlet works.

A look asks for the address that the article was read from. Where it is missing, another article of the outlet
is read in the same run before anything is concluded.
"""

from collections.abc import Callable
from typing import Any

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawler.conditional import Validators
from crawler.discovery.reading import LISTED_AT, LISTED_HEADLINE, Unread
from crawler.items import Draft
from crawler.reasons import Reason
from crawler.storage.looks import Look
from crawler.storage.states import NOT_MODIFIED, REDIRECT, State

PRIORITY = -10  # behind whatever is new
UNCHANGED_STATUS = 304
_LONGEST_VALIDATOR = 300
_END_MARKS = (b"</html", b"</body")
_END_BYTES = 4096


def look_request(
    look: Look, validators: Validators, callback: Callable[..., Any], errback: Callable[[Failure], None]
) -> Request:
    """Return the request of a look, conditional where there are *validators*; all that is new goes before."""
    return Request(
        look.url,
        callback,
        errback=errback,
        headers=validators.headers(),
        cb_kwargs={"url_id": look.url_id},
        meta={
            "kind": "article",
            "handle_httpstatus_list": [UNCHANGED_STATUS],
            # As it was read before: a page that did not change must read the same.
            LISTED_HEADLINE: look.hint.headline,
            LISTED_AT: look.hint.published_at,
        },
        priority=PRIORITY,
        dont_filter=True,
    )


def told_at_once(look: Look, response: Response, article_url: Callable[[str], str | None]) -> Unread | None:
    """Return what the answer to a look tells by status and address alone, None where it must be read.

    *article_url* is None of what is no article's address: a page that once was one leads to a list then.
    """
    records = response.meta.get("record_ids", ())
    if response.url != look.url and article_url(look.url) and not article_url(response.url):
        return Unread(State.NOT_AN_ARTICLE, REDIRECT, {"to": response.url}, records)
    if response.status != UNCHANGED_STATUS:
        return None
    if response.url != look.url:  # the validators went along with the redirect: this is about another page
        return Unread(State.FAILED, Reason.BAD_RESPONSE, {"to": response.url}, records)
    return Unread(State.UNCHANGED, NOT_MODIFIED, {}, records)


def validators_of(response: Response, draft: Draft) -> Validators:
    """Return by what the page can be known again; nothing where the article is not this one answer alone."""
    if len(draft.record_ids) != 1:  # parts of a split article, or redirects
        return Validators()
    return Validators(etag=_header(response, "ETag"), last_modified=_header(response, "Last-Modified"))


def is_ended(response: Response) -> bool:
    """Tell whether the markup of a page is closed, as that of a page that broke off is not."""
    tail = response.body[-_END_BYTES:].lower()
    return any(mark in tail for mark in _END_MARKS)


def _header(response: Response, name: str) -> str | None:
    value = (response.headers.get(name) or b"").decode("latin-1").strip()
    return value if 0 < len(value) <= _LONGEST_VALIDATOR else None
