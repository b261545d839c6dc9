"""The two ends of the guarded path: what may be asked, by the engine, and what came back, by the wire.

`GuardMiddleware` judges every request, redirects and robots.txt included, before anything else sees it.
`WireMiddleware` stands closest to the download handler: it lets the configured proxy through, judges
redirects while their origin is still known, and turns failures that asking again cannot mend into a reason.
"""

from collections.abc import Callable
from functools import partial
from typing import Self
from urllib.parse import urljoin, urlsplit

from scrapy import signals
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, StopDownload
from scrapy.http import Request, Response
from scrapy.settings import Settings
from scrapy.statscollectors import StatsCollector
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import load_object
from w3lib.url import safe_url_string

from crawler.addresses import is_permitted
from crawler.errors import ConfigError
from crawler.failures import classify_failure, innermost
from crawler.guard import Policy, RefusalError, Target, normal_domains, read_url
from crawler.reasons import Reason
from crawler.refusal_pages import asks_consent
from crawler.resolver import GuardResolver, installed_guard

REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})

# Request.meta: read no more than this many bytes, and take them for the whole answer.
TAKE_FIRST_BYTES = "take_first_bytes"
_RECEIVED_BYTES = "take_first_bytes_received"

_FINAL = frozenset({Reason.TLS, Reason.TOO_LARGE, Reason.BAD_RESPONSE})


class GuardMiddleware:
    """Refuse every request whose address the policy or the spider's `allowed_domains` does not cover.

    A spider without `allowed_domains` may fetch nothing. `dont_filter` and Scrapy's own offsite keys change
    nothing. Unlike Scrapy's offsite middleware a refusal reaches the request's errback, so no URL is lost.
    """

    def __init__(self, policy: Policy, crawler: Crawler) -> None:
        self._policy = policy
        self._crawler = crawler
        self._declared: list[str] = []
        self._domains: tuple[str, ...] = ()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware, having made sure that it can guard the way downloads are made.

        Raises:
            ConfigError: the settings choose a way to download that the address guard does not cover.
        """
        _require_guarded_handlers(crawler.settings)
        return cls(Policy.from_settings(crawler.settings), crawler)

    def process_request(self, request: Request) -> None:
        """Let the request pass.

        Raises:
            RefusalError: it must not be made.
        """
        try:
            target = self._policy.check(request.url, self.domains())
            _check_hop(request, target)
        except RefusalError as refusal:
            refused = as_redirect(refusal, request) if request.meta.get("redirect_urls") else refusal
            self._crawler.stats.inc_value(f"guard/refused/{refused.reason}")
            raise refused from refusal

    def domains(self) -> tuple[str, ...]:
        """Return the hosts of the outlet, as the spider declares them now."""
        declared = list(getattr(self._crawler.spider, "allowed_domains", None) or [])
        if declared != self._declared:
            self._declared, self._domains = declared, normal_domains(declared)
        return self._domains


class WireMiddleware:
    """Judge what the download handler returns or raises, before retries, redirects and unpacking."""

    def __init__(self, policy: Policy, resolver: Callable[[], GuardResolver], stats: StatsCollector) -> None:
        self._policy = policy
        # Asked for each time: whoever starts the reactor may install another one after we are made.
        self._resolver = resolver
        self._stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware, listening to the bytes as they arrive."""
        made = cls(Policy.from_settings(crawler.settings), partial(_resolver_of, crawler), crawler.stats)
        crawler.signals.connect(made.bytes_received, signal=signals.bytes_received)
        return made

    def process_request(self, request: Request) -> None:
        """Make sure that the connection is guarded, and that the request's proxy, if any, is let through."""
        request.meta.pop(_RECEIVED_BYTES, None)  # of an earlier try or hop
        resolver = self._resolver()
        proxy = request.meta.get("proxy")
        if proxy:
            resolver.allow_proxy(*_proxy_of(proxy))

    def process_response(self, request: Request, response: Response) -> Response:
        """Return the response, unless it came from a forbidden address or redirects to nowhere good.

        Raises:
            RefusalError: blocked_address, bad_redirect, bad_scheme.
        """
        peer = response.ip_address
        if (
            peer is not None
            and not request.meta.get("proxy")
            and not is_permitted(str(peer), self._policy.allowed)
        ):
            raise self._refuse(RefusalError(Reason.BLOCKED_ADDRESS, f"{response.url} came from {peer}"))
        if response.status in REDIRECT_STATUSES and not _left_alone(request, response.status):
            try:
                _check_location(request, response)
            except RefusalError as refusal:
                raise self._refuse(refusal) from refusal
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Raise a refusal in place of a failure that a second try would meet again.

        Raises:
            RefusalError: blocked_address, tls, too_large or bad_response.
        """
        if isinstance(exception, RefusalError):
            return
        if isinstance(exception, CannotResolveHostError):
            detail = self._resolver().refusal_of(urlparse_cached(request).hostname or "")
            if detail:
                raise self._refuse(RefusalError(Reason.BLOCKED_ADDRESS, detail)) from exception
            return
        reason = classify_failure(exception, request)
        if reason in _FINAL:
            raise self._refuse(RefusalError(reason, f"{request.url}: {innermost(exception)}")) from exception

    def bytes_received(self, data: bytes, request: Request) -> None:
        """Stop a download that has brought as many bytes as the request takes."""
        most = request.meta.get(TAKE_FIRST_BYTES)
        if most is None:
            return
        received = request.meta.get(_RECEIVED_BYTES, 0) + len(data)
        request.meta[_RECEIVED_BYTES] = received
        if received >= most:
            raise StopDownload(fail=False)

    def _refuse(self, refusal: RefusalError) -> RefusalError:
        self._stats.inc_value(f"guard/refused/{refusal.reason}")
        return refusal


def _check_hop(request: Request, target: Target) -> None:
    """Refuse a redirect that gives up encryption for another host.

    The same host may do so: then it is the outlet's choice to publish in the clear, and asking it there
    directly would have been allowed as well. Another host in the clear could be anyone's answer.
    """
    earlier = request.meta.get("redirect_urls")
    if not earlier or target.scheme == "https":
        return
    source = read_url(earlier[-1])
    if source.scheme == "https" and source.host.removeprefix("www.") != target.host.removeprefix("www."):
        raise RefusalError(
            Reason.BAD_REDIRECT, f"from https://{source.host} to unencrypted http://{target.host}"
        )


def _check_location(request: Request, response: Response) -> None:
    location = response.headers.get("Location")
    if not location:
        raise RefusalError(
            Reason.BAD_REDIRECT, f"{response.url} answers {response.status} without a Location"
        )
    try:
        # As Scrapy's redirect middleware joins them: what is judged is what would be followed.
        url = urljoin(request.url, safe_url_string(location))
        urlsplit(url)
    except ValueError as error:
        raise RefusalError(Reason.BAD_REDIRECT, f"{response.url} leads to {location[:200]!r}") from error
    read_url(url)


def _left_alone(request: Request, status: int) -> bool:
    return bool(request.meta.get("dont_redirect")) or wants_status(request, status)


def as_redirect(refusal: RefusalError, request: Request) -> RefusalError:
    """Return a refusal of what a redirect led to, by a reason that tells so."""
    if refusal.reason is Reason.OFFSITE:
        reason = Reason.CONSENT if asks_consent(request.url) else Reason.OFFSITE_REDIRECT
        return RefusalError(reason, refusal.detail)
    return refusal


def wants_status(request: Request, status: int) -> bool:
    """Return whether the request's callback asked, by Scrapy's meta keys, to see this status itself."""
    meta = request.meta
    return bool(meta.get("handle_httpstatus_all")) or status in meta.get("handle_httpstatus_list", ())


def _proxy_of(proxy: str) -> tuple[str, int]:
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _resolver_of(crawler: Crawler) -> GuardResolver:
    from twisted.internet import reactor  # noqa: PLC0415 - importing it earlier would install the wrong reactor

    return installed_guard(reactor, crawler.settings)


def _require_guarded_handlers(settings: Settings) -> None:
    if not settings.getbool("TWISTED_REACTOR_ENABLED"):
        raise ConfigError("TWISTED_REACTOR_ENABLED is off: the address guard needs it; leave it on")
    handlers = settings.getwithbase("DOWNLOAD_HANDLERS")
    for scheme in ("http", "https"):
        chosen = handlers.get(scheme)
        if chosen is None or not issubclass(load_object(chosen), HTTP11DownloadHandler):
            raise ConfigError(
                f"DOWNLOAD_HANDLERS[{scheme!r}] is {chosen}: the address guard covers only HTTP/1.1's"
            )
