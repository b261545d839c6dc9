"""Scrapy's HTTP/1.1 download handler with a limit on what a server may send as headers, and a stop-watch."""

from collections.abc import Callable
from functools import partial
from typing import Any

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS

from crawler.clock import Clock
from crawler.failures import HeadersTooLargeError

FETCHING_STAT = "downloader/fetching_s"


class CappedHTTP11Handler(HTTP11DownloadHandler):
    """Drop a connection whose headers pass GUARD_MAX_HEADER_BYTES; Scrapy and Twisted keep any amount."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        most = crawler.settings.getint("GUARD_MAX_HEADER_BYTES", 256 * 1024)
        self._pool._factory = partial(_CappedFactory, most)  # type: ignore[assignment]  # noqa: SLF001
        self._stats = crawler.stats

    async def download_request(self, request: Request) -> Response:
        """Return the response; how long it took, politeness not counted, is added to the crawl's figures."""
        began_s = Clock.seconds()
        try:
            return await super().download_request(request)
        finally:
            spent_s = self._stats.get_value(FETCHING_STAT, 0.0) + Clock.seconds() - began_s
            self._stats.set_value(FETCHING_STAT, spent_s)


class _CappedProtocol(_LenientHTTP11ClientProtocol):
    def __init__(self, most: int, quiescent: Callable[..., None]) -> None:
        super().__init__(quiescent)  # type: ignore[no-untyped-call]
        self.most = most
        self._header_bytes = 0

    def request(self, request: Any) -> Deferred[Any]:  # noqa: ANN401 - Twisted's private Request
        self._header_bytes = 0
        answer = super().request(request)
        if self._parser is not None:
            self._parser.MAX_LENGTH = self.most  # of one line; the sum is counted below
        return answer

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        if self._parser is not None and self._parser.state in {STATUS, HEADER}:
            self._header_bytes += len(data)
            if self._header_bytes > self.most:
                error = HeadersTooLargeError(f"more than {self.most} bytes of headers")
                self._giveUp(Failure(error))  # type: ignore[no-untyped-call]
                return
        super().dataReceived(data)  # type: ignore[no-untyped-call]


class _CappedFactory(_LenientHTTP11ClientFactory):
    def __init__(self, most: int, quiescent: Callable[..., None], metadata: str) -> None:
        super().__init__(quiescent, metadata)  # type: ignore[no-untyped-call]
        self.most = most

    def buildProtocol(self, _addr: IAddress | None) -> _CappedProtocol:  # noqa: N802 - Twisted's name
        return _CappedProtocol(self.most, self._quiescentCallback)
