"""What may be requested at all: one reading of each address, and the refusal that names its reason."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Self
from urllib.parse import urlsplit

import attrs
from scrapy.exceptions import IgnoreRequest
from scrapy.settings import BaseSettings

from crawler.addresses import (
    Network,
    is_nearby_name,
    is_permitted,
    literal_address,
    parse_networks,
    why_denied,
)
from crawler.errors import ConfigError, CrawlerError
from crawler.reasons import Reason
from crawler.urls import MAX_URL_LENGTH, host_within

DEFAULT_PORTS = {"http": 80, "https": 443}

# Letters, digits, hyphen, underscore: in such a host no two URL parsers see different things.
_NETLOC = re.compile(
    r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\.?)(?::(?P<port>[0-9]{1,5}))?",
    re.IGNORECASE,
)
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
_MAX_HOST_CHARS = 253


class RefusalError(CrawlerError, IgnoreRequest):
    """A request that pantau does not make, or an answer that it does not take; `reason` settles its URL.

    `retry_after_s` counts from now and is None where the outlet did not say when to come back.
    """

    def __init__(self, reason: Reason, detail: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.retry_after_s = retry_after_s


@attrs.frozen
class Target:
    """Where a request goes: scheme, host without brackets and final dot in lower case, port."""

    scheme: str
    host: str
    port: int


def read_url(url: str) -> Target:
    """Return where *url* leads, as every program would read it.

    Raises:
        RefusalError: bad_scheme or bad_url.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise RefusalError(Reason.BAD_URL, f"{error}: {url[:200]!r}") from error
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS:
        raise RefusalError(Reason.BAD_SCHEME, f"{scheme or 'no scheme'} in {url[:200]!r}")
    if "@" in parts.netloc:
        raise RefusalError(
            Reason.BAD_URL, f"credentials in the address of {parts.netloc.rpartition('@')[2][:200]!r}"
        )
    match = _NETLOC.fullmatch(parts.netloc)
    if not match or _UNSAFE.search(url) or len(match["host"]) > _MAX_HOST_CHARS or ".." in match["host"]:
        raise RefusalError(Reason.BAD_URL, repr(url[:200]))
    port = int(match["port"]) if match["port"] else DEFAULT_PORTS[scheme]
    return Target(scheme, match["host"].lower().strip("[]").rstrip("."), port)


def normal_domains(domains: Iterable[str]) -> tuple[str, ...]:
    """Return *domains* as hosts are compared: punycode, lower case, no final dot.

    Raises:
        ConfigError: a value is not a host name.
    """
    found = []
    for domain in domains:
        bare = domain.strip().strip("[]").rstrip(".").lower()
        try:
            ascii_form = bare if ":" in bare else bare.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise ConfigError(f"{domain!r} is not a host name; write it as in www.example.com") from error
        if not ascii_form or "/" in ascii_form:
            raise ConfigError(f"{domain!r} is not a host name; leave out the scheme and the path")
        found.append(ascii_form)
    return tuple(found)


@attrs.frozen
class Policy:
    """What every request must comply with: ports, length of the address, networks allowed for tests."""

    ports: frozenset[int] = frozenset(DEFAULT_PORTS.values())
    max_url_chars: int = MAX_URL_LENGTH
    allowed: tuple[Network, ...] = ()

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """Return the policy of the GUARD_* settings.

        Raises:
            ConfigError: a port or a network cannot be read.
        """
        return cls(
            ports=frozenset(_port(value) for value in settings.getlist("GUARD_ALLOW_PORTS", [80, 443])),
            max_url_chars=settings.getint("GUARD_MAX_URL_CHARS", MAX_URL_LENGTH),
            allowed=allowed_networks(settings),
        )

    def check(self, url: str, domains: tuple[str, ...]) -> Target:
        """Return where *url* leads, if it may be requested for an outlet on *domains*.

        Raises:
            RefusalError: url_too_long, bad_scheme, bad_url, bad_port, offsite or blocked_address.
        """
        if len(url) > self.max_url_chars:
            raise RefusalError(Reason.URL_TOO_LONG, f"{len(url)} characters: {url[:100]!r}…")
        target = read_url(url)
        self._check_address(target.host)
        if not host_within(target.host, domains):
            raise RefusalError(
                Reason.OFFSITE, f"{target.host} is not of {', '.join(domains) or 'any outlet'}"
            )
        if target.port not in self.ports:
            raise RefusalError(Reason.BAD_PORT, f"{target.host} port {target.port}")
        return target

    def _check_address(self, host: str) -> None:
        if denial := _why_host_denied(host, self.allowed):
            raise RefusalError(Reason.BLOCKED_ADDRESS, denial)


def allowed_networks(settings: BaseSettings) -> tuple[Network, ...]:
    """Return the networks of GUARD_ALLOW_ADDRESSES, which is empty but for tests.

    Raises:
        ConfigError: a value is neither an address nor a network.
    """
    try:
        return parse_networks(settings.getlist("GUARD_ALLOW_ADDRESSES"))
    except ValueError as error:
        raise ConfigError(f"GUARD_ALLOW_ADDRESSES: {error}; write 192.0.2.1 or 192.0.2.0/24") from error


@lru_cache(maxsize=4096)
def _why_host_denied(host: str, allowed: tuple[Network, ...]) -> str | None:
    address = literal_address(host)
    if address is None:
        return f"{host} names a machine of the local network" if is_nearby_name(host) else None
    if is_permitted(address, allowed):
        return None
    spelled = "" if address == host else f"{host} is "
    return f"{spelled}{address} ({why_denied(address)})"


def _port(value: object) -> int:
    try:
        port = int(str(value))
    except ValueError as error:
        raise ConfigError(f"GUARD_ALLOW_PORTS: {value!r} is not a port number") from error
    if not 0 < port < 1 << 16:
        raise ConfigError(f"GUARD_ALLOW_PORTS: {port} is not a port number (1 to 65535)")
    return port
