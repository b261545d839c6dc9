"""Undo content codings within the size limit, and never pass half a text on as a whole one.

Takes the place of Scrapy's HttpCompressionMiddleware, which returns as much as it can of a broken stream.
"""

from typing import Self

from scrapy.crawler import Crawler
from scrapy.http import Request, Response, TextResponse
from scrapy.responsetypes import responsetypes
from scrapy.statscollectors import StatsCollector

from crawler.guard import RefusalError
from crawler.middlewares.guard import TAKE_FIRST_BYTES
from crawler.reasons import Reason
from crawler.unpack import ACCEPT_ENCODING, Unpacked, unpack

_TEXT_STARTS = (b"<", b"{", b"[")


class CompressionMiddleware:
    """Ask for compressed answers and unpack them, up to DOWNLOAD_MAXSIZE or the meta's `download_maxsize`."""

    def __init__(self, limit: int, stats: StatsCollector) -> None:
        self._limit = limit
        self._stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware with the limit of the settings."""
        return cls(crawler.settings.getint("DOWNLOAD_MAXSIZE"), crawler.stats)

    def process_request(self, request: Request) -> None:
        """Say which codings are understood."""
        request.headers.setdefault("Accept-Encoding", ACCEPT_ENCODING)

    def process_response(self, request: Request, response: Response) -> Response:
        """Return the response with a plain body.

        Raises:
            RefusalError: bomb, or truncated where the stream broke off, is damaged or of an unknown coding.
        """
        declared = b",".join(response.headers.getlist("Content-Encoding")).decode("latin-1").lower()
        codings = [name for name in (part.strip() for part in declared.split(",")) if name]
        if not codings or request.method == "HEAD" or not response.body:
            return response
        first = request.meta.get(TAKE_FIRST_BYTES)
        limit = first or request.meta.get("download_maxsize") or self._limit
        plain = unpack(response.body, codings, limit)
        body = self._accepted(plain, response, codings) if first is None else plain.body
        self._stats.inc_value("unpacked/responses")
        self._stats.inc_value("unpacked/bytes", len(body))
        headers = response.headers.copy()
        del headers["Content-Encoding"]
        kind = responsetypes.from_args(headers=headers, url=response.url, body=body)
        if issubclass(kind, TextResponse):
            # None: the charset is found again, now that the text can be seen.
            return response.replace(cls=kind, headers=headers, body=body, encoding=None)
        return response.replace(cls=kind, headers=headers, body=body)

    def _accepted(self, plain: Unpacked, response: Response, codings: list[str]) -> bytes:
        if plain.end == "whole":
            return plain.body
        if plain.end == "foreign" and response.body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_TEXT_STARTS):
            # A cache on the way unpacked it and left the header: the text itself is whole.
            self._stats.inc_value("unpacked/plain_all_along")
            return response.body
        reason = Reason.BOMB if plain.end == "limit" else Reason.TRUNCATED
        self._stats.inc_value(f"guard/refused/{reason}")
        detail = (
            f"{response.url}: {len(response.body)} bytes of {', '.join(codings)} gave {len(plain.body)} bytes"
        )
        raise RefusalError(reason, detail)
