"""What went wrong with a request, in one word of the closed list."""

from collections.abc import Iterator

from OpenSSL import SSL
from scrapy.core.downloader.handlers.http11 import TunnelError
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    NotSupported,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from scrapy.http import Request
from scrapy.spidermiddlewares.httperror import HttpError
from service_identity import CertificateError, VerificationError
from twisted.internet import error as network
from twisted.python.failure import Failure
from twisted.web._newclient import ParseError
from twisted.web.client import ResponseFailed

from crawler.errors import DiskFullError, StoreBusyError
from crawler.guard import RefusalError
from crawler.reasons import Reason


class HeadersTooLargeError(Exception):
    """The headers of one answer went past the limit; the connection was dropped."""


_BY_TYPE: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], Reason], ...] = (
    ((SSL.Error, CertificateError, VerificationError), Reason.TLS),
    (HeadersTooLargeError, Reason.TOO_LARGE),
    (ParseError, Reason.BAD_RESPONSE),
    (TunnelError, Reason.PROXY),
    (CannotResolveHostError, Reason.DNS),
    (network.DNSLookupError, Reason.DNS),
    ((DownloadTimeoutError, network.TimeoutError, network.TCPTimedOutError), Reason.TIMEOUT),
    (DownloadConnectionRefusedError, Reason.REFUSED),
    (ResponseDataLossError, Reason.TRUNCATED),
    # The handler cancels a download for one cause alone: it grew past DOWNLOAD_MAXSIZE.
    (DownloadCancelledError, Reason.TOO_LARGE),
    (UnsupportedURLSchemeError, Reason.BAD_SCHEME),
    (NotSupported, Reason.BAD_SCHEME),
    ((network.ConnectionLost, network.ConnectionDone, network.ConnectionAborted), Reason.RESET),
    (network.ConnectError, Reason.REFUSED),
    (ResponseFailed, Reason.RESET),
    (DiskFullError, Reason.DISK_FULL),
    (StoreBusyError, Reason.STORE_BUSY),
)
# What Twisted's parser trips over: two lengths, an unknown transfer coding.
_UNPARSED = (ValueError, KeyError)
_UNREACHED = frozenset({Reason.DNS, Reason.REFUSED})
_OWN_STATUSES = {404: Reason.NOT_FOUND, 410: Reason.NOT_FOUND, 407: Reason.PROXY, 429: Reason.RATE_LIMITED}
_REFUSALS = frozenset({401, 402, 403, 451})
_NETWORK_LOGIN = 511  # Network Authentication Required: only a captive portal sends it


def classify_failure(failure: Failure | BaseException, request: Request | None = None) -> Reason:
    """Return the reason behind a failure that Scrapy handed to an errback, or behind an exception.

    *request* tells a proxy's failure from the outlet's; an errback's failure carries it already.
    """
    error: BaseException
    if isinstance(failure, Failure):
        request = request or getattr(failure, "request", None)
        error = failure.value or RuntimeError("a failure without an exception")
    else:
        error = failure
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, RefusalError):
            return cause.reason
        if isinstance(cause, HttpError):
            return reason_of_status(cause.response.status)
    if any(isinstance(cause, ResponseFailed) for cause in causes) and isinstance(causes[-1], _UNPARSED):
        return Reason.BAD_RESPONSE
    found = next((reason for kind, reason in _BY_TYPE for cause in causes if isinstance(cause, kind)), None)
    if found is not None:
        via_proxy = request is not None and request.meta.get("proxy")
        return Reason.PROXY if via_proxy and found in _UNREACHED else found
    if isinstance(error, IgnoreRequest) and "redirections" in str(error):
        return Reason.REDIRECT_LOOP
    return Reason.INTERNAL


def innermost(error: BaseException) -> str:
    """Return what the first cause of *error* says, at most 200 characters."""
    first = list(_causes(error))[-1]
    return f"{type(first).__name__}: {first}"[:200]


def reason_of_status(status: int) -> Reason:
    """Return the reason that an HTTP status other than success stands for."""
    if status in _REFUSALS:
        return Reason.BLOCKED
    if status == _NETWORK_LOGIN:
        return Reason.CAPTIVE_PORTAL
    if status in _OWN_STATUSES:
        return _OWN_STATUSES[status]
    classes = {3: Reason.HTTP_3XX, 4: Reason.HTTP_4XX, 5: Reason.HTTP_5XX}
    return classes.get(status // 100, Reason.BAD_RESPONSE)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the exception and everything it was made of, nearest first, each once."""
    waiting: list[BaseException] = [error]
    seen: set[int] = set()
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        reasons = [each for each in getattr(current, "reasons", ()) if isinstance(each, Failure)]
        waiting.extend(each.value for each in reasons if each.value is not None)
        if current.__cause__ is not None:
            waiting.append(current.__cause__)
