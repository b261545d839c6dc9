"""Writes every response to the archive before anything else reads it."""

from typing import Self

from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from crawler.session import session_of


class ArchiveMiddleware:
    """Archive each response as it came off the wire, still compressed; stands closest to the downloader.

    The records of a request, those of its redirects first, are named in `request.meta["record_ids"]`.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        session = session_of(self.crawler)
        if session is not None:
            record_id = session.archive(request, response)
            request.meta["record_ids"] = (*request.meta.get("record_ids", ()), record_id)
        return response
