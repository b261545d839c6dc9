"""One article: its text, what was removed, its revisions and witnesses, how it came, its archived pages."""

import re
from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crawler.dashboard.archived import content_type, decoded, inert_page, is_markup
from crawler.dashboard.desk import Page, desk_of, show
from crawler.dashboard.queries.article import Whole, marked, whole_article
from crawler.dashboard.removed import in_place
from crawler.dashboard.security import SANDBOX_CSP
from crawler.items import Evidence
from crawler.storage.archive import RecordRef
from crawler.storage.explain import ArchivedRecord
from crawler.storage.replay import ArchivedResponse, LostRecordError, read_record

LARGEST_ID = 2**31 - 1
_RECORD_PREFIX = "urn:uuid:"
_NUMBER = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)


def show_article(request: Request) -> Response:
    """Return the page about one article, at its current revision or the one asked for."""
    whole = _whole(request)
    article = whole.shown.article
    evidence = [one for verdict in whole.verdicts for one in verdict.evidence] if _is_current(whole) else []
    shows_removed = request.query_params.get("removed") == "1"
    return show(
        request,
        "article.html",
        whole=whole,
        stored=whole.shown,
        article=article,
        is_current=_is_current(whole),
        shows_removed=shows_removed,
        parts=in_place(article),
        marked=_marker(evidence),
        rules=sorted({cut.rule for cut in article.removed}),
        record_name=_name_of,
    )


def show_archived(request: Request) -> Response:
    """Return the page about one archived response, with the response itself in a frame."""
    whole = _whole(request)
    record = _record(request, whole)
    lost, response = None, None
    if record.pruned_at is None:
        try:
            response = _response(request, record)
        except LostRecordError as error:
            lost = str(error)
    return show(
        request,
        "archived.html",
        stored=whole.shown,
        article=whole.shown.article,
        record=record,
        record_name=_name_of,
        kind=content_type(response) if response else None,
        size=len(response.body) if response else None,
        lost=lost,
    )


def show_page(request: Request) -> Response:
    """Return an archived page itself, for a frame: it shows and does nothing."""
    response = _readable(request)
    text = decoded(response)
    if is_markup(response, text):
        return _sealed(inert_page(text).encode(errors="replace"), "text/html; charset=utf-8")
    return _sealed(text.encode(errors="replace"), "text/plain; charset=utf-8")


def download(request: Request) -> Response:
    """Return an archived response as plain text to save: what the outlet sent, decoded."""
    response = _readable(request)
    answer = _sealed(decoded(response).encode(errors="replace"), "text/plain; charset=utf-8")
    name = _name_of(response.ref.id)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.txt"'
    return answer


def _sealed(content: bytes, kind: str) -> Response:
    headers = {"Content-Security-Policy": SANDBOX_CSP, "X-Frame-Options": "SAMEORIGIN", "Content-Type": kind}
    return Response(content, headers=headers)


def _whole(request: Request) -> Whole:
    number = _number(request.path_params["number"])
    asked = request.query_params.get("revision")
    whole = whole_article(desk_of(request).engine, number, None if asked is None else _number(asked))
    if whole is None:
        raise HTTPException(404, "There is no such article, or no such revision of it, in this store.")
    return whole


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text) or int(text) > LARGEST_ID:
        raise HTTPException(404)
    return int(text)


def _is_current(whole: Whole) -> bool:
    return whole.shown.revision == whole.shown.revisions


def _marker(evidence: list[Evidence]) -> Callable[[str], list[tuple[str, str | None]]]:
    sides = list(dict.fromkeys(one.side for one in evidence))

    def mark(text: str) -> list[tuple[str, str | None]]:
        found = marked(text, evidence)
        return [(part, None if side is None else str(sides.index(side) % 2)) for part, side in found]

    return mark


def _name_of(record_id: str) -> str:
    return record_id.removeprefix(_RECORD_PREFIX)


def _record(request: Request, whole: Whole) -> ArchivedRecord:
    name = request.path_params["record"]
    found = next((record for record in whole.records if _name_of(record.id) == name), None)
    if found is None:
        raise HTTPException(404, "The article was not read from such a record.")
    return found


def _readable(request: Request) -> ArchivedResponse:
    record = _record(request, _whole(request))
    if record.pruned_at is not None:
        raise HTTPException(410, "This page was taken out of the archive on purpose.")
    try:
        return _response(request, record)
    except LostRecordError as error:
        raise HTTPException(404, str(error)) from error


def _response(request: Request, record: ArchivedRecord) -> ArchivedResponse:
    ref = RecordRef(
        id=record.id,
        file=record.file,
        offset=record.offset,
        length=record.length,
        sha256=record.sha256,
        url=record.url,
        status=record.status,
        fetched_at=record.fetched_at,
        kind=record.kind,
    )
    return read_record(desk_of(request).archive, ref)


PAGE = Page(
    routes=[
        Route("/articles/{number}", show_article),
        Route("/articles/{number}/archived/{record}", show_archived),
        Route("/articles/{number}/archived/{record}/page", show_page),
        Route("/articles/{number}/archived/{record}/text", download),
    ]
)
