"""The name resolver that decides at connect time: only judged addresses ever reach a socket.

Twisted asks the reactor's resolver for every host of a request, literal addresses, TLS, redirects and
robots.txt included, and connects to exactly what the resolver hands over. So neither the spelling of a host
nor a second answer of its name server makes a difference.
"""

import logging
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from scrapy.crawler import Crawler
from scrapy.resolver import CachingHostnameResolver
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.base import ReactorBase
from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]  # ships no types

from crawler.addresses import Network, is_permitted, why_denied
from crawler.guard import allowed_networks

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

logger = logging.getLogger(__name__)

_REMEMBERED_REFUSALS = 1000


@implementer(IHostnameResolver)
class GuardResolver(CachingHostnameResolver):
    """Resolve names as Scrapy does, and pass on only the addresses that may be contacted.

    `refusal_of(host)` says why the last look-up of a host gave nothing. The address of a proxy that the
    operator configured is passed on for exactly its host and port.
    """

    def __init__(self, reactor: ReactorBase, cache_size: int, allowed: tuple[Network, ...] = ()) -> None:
        super().__init__(reactor, cache_size)
        self.allowed = allowed
        self._proxies: set[tuple[str, int]] = set()
        self._refusals: dict[str, str] = {}
        self._order: deque[str] = deque()

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """Return the resolver for the settings of *crawler* (Scrapy hands its process over in that place)."""
        return cls.from_settings(crawler.settings, reactor)

    @classmethod
    def from_settings(cls, settings: "BaseSettings", reactor: ReactorBase) -> Self:
        """Return the resolver for *settings*."""
        cached = settings.getbool("DNSCACHE_ENABLED")
        return cls(reactor, settings.getint("DNSCACHE_SIZE") if cached else 0, allowed_networks(settings))

    def allow_proxy(self, host: str, port: int) -> None:
        """Let connections through to the proxy at *host* and *port*, wherever it is."""
        self._proxies.add((host.lower(), port))

    def refusal_of(self, host: str) -> str | None:
        """Return why the latest look-up of *host* was refused, or None where it was not."""
        return self._refusals.get(host.lower().rstrip("."))

    def resolveHostName(  # noqa: N802 - Twisted's name
        self,
        resolutionReceiver: IResolutionReceiver,  # noqa: N803 - Twisted's names
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> IHostResolution:
        """Hand the permitted addresses of *hostName* to the receiver; none means that it is not found."""
        receiver: Any = _Judge(self, resolutionReceiver, hostName, portNumber, addressTypes)
        return super().resolveHostName(receiver, hostName, portNumber, addressTypes, transportSemantics)

    def is_proxy(self, host: str, port: int) -> bool:
        """Return whether *host* and *port* are the configured proxy's."""
        if port:  # a tunnel looks up its proxy without one
            return (host, port) in self._proxies
        return any(host == known for known, _ in self._proxies)

    def remember(self, host: str, refusal: str | None) -> None:
        """Keep the outcome of the latest look-up of *host*."""
        key = host.lower().rstrip(".")
        if refusal is None:
            self._refusals.pop(key, None)
            return
        if key not in self._refusals:
            self._order.append(key)
            if len(self._order) > _REMEMBERED_REFUSALS:
                self._refusals.pop(self._order.popleft(), None)
        self._refusals[key] = refusal


@implementer(IResolutionReceiver)
class _Judge:
    """Passes on what may be contacted and keeps why the rest was not."""

    def __init__(
        self,
        resolver: GuardResolver,
        receiver: Any,  # noqa: ANN401 - an IResolutionReceiver; to mypy zope's interfaces lack self
        host: str,
        port: int,
        kinds: Sequence[type[IAddress]] | None,
    ) -> None:
        self._resolver = resolver
        self._receiver = receiver
        self._host = host
        self._kinds = tuple(kinds) if kinds else (IPv4Address, IPv6Address)
        self._is_proxy = resolver.is_proxy(host.lower(), port)
        self._passed = 0
        self._denied: list[str] = []

    def resolutionBegan(self, resolution: IHostResolution) -> None:  # noqa: N802 - Twisted's name
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: IAddress) -> None:  # noqa: N802 - Twisted's name
        # Scrapy's cache does not know which kinds were asked for; Twisted asserts that it gets no others.
        if not isinstance(address, self._kinds):
            return
        number: str = getattr(address, "host", "")
        if self._is_proxy or is_permitted(number, self._resolver.allowed):
            self._passed += 1
            self._receiver.addressResolved(address)
        else:
            self._denied.append(f"{number} ({why_denied(number)})")

    def resolutionComplete(self) -> None:  # noqa: N802 - Twisted's name
        if self._denied:
            logger.info("Refused to contact %s at %s", self._host, ", ".join(self._denied))
        refusal = (
            f"{self._host} is at {', '.join(self._denied)}" if self._denied and not self._passed else None
        )
        self._resolver.remember(self._host, refusal)
        self._receiver.resolutionComplete()


def installed_guard(reactor: Any, settings: "BaseSettings") -> GuardResolver:  # noqa: ANN401 - Twisted's module
    """Return the reactor's guard, installing one where a caller set up the reactor without it."""
    current = reactor.nameResolver
    if isinstance(current, GuardResolver):
        return current
    guard = GuardResolver.from_settings(settings, reactor)
    guard.install_on_reactor()
    return guard
