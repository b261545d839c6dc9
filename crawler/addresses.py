"""Which network addresses may be contacted: a deny list of our own, with embedded IPv4 unwrapped.

`ipaddress.is_global` is not used: it takes multicast, 6to4 and NAT64 forms of loopback for public.
"""

import socket
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_DENIED_V4: tuple[tuple[IPv4Network, str], ...] = tuple(
    (IPv4Network(block), label)
    for block, label in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier NAT"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "cloud metadata"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "protocol assignments"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
_GLOBAL_V6 = IPv6Network("2000::/3")
_DENIED_V6: tuple[tuple[IPv6Network, str], ...] = tuple(
    (IPv6Network(block), label)
    for block, label in (
        ("::1/128", "loopback"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
        ("2001::/23", "protocol assignments"),
        ("2001:db8::/32", "documentation"),
        ("3fff::/20", "documentation"),
    )
)
_TRANSLATED = IPv6Network("64:ff9b::/96")
_COMPATIBLE = IPv6Network("::/96")
# Names that only ever mean a machine or network nearby; behind a proxy nothing but the name can be judged.
_NEARBY_SUFFIXES = (
    ".localhost",
    ".local",
    ".localdomain",
    ".internal",
    ".intranet",
    ".lan",
    ".home",
    ".corp",
    ".home.arpa",
)


def parse_networks(values: Iterable[str]) -> tuple[Network, ...]:
    """Return the networks that *values* spell (`127.0.0.2`, `10.0.0.0/8`, `::1`).

    Raises:
        ValueError: a value is neither an address nor a network.
    """
    return tuple(ip_network(value.strip(), strict=True) for value in values if value.strip())


@lru_cache(maxsize=4096)
def why_denied(address: str) -> str | None:
    """Return what kind of forbidden address this is, or None where it is public.

    *address* is an IPv4 or IPv6 address in canonical spelling, with or without a scope. Anything that is not
    an address is denied.
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return "unreadable"
    if isinstance(parsed, IPv4Address):
        return _label(parsed, _DENIED_V4)
    inner = _embedded(parsed)
    if inner:
        found = next((label for each in inner if (label := _label(each, _DENIED_V4))), None)
        return found or ("reserved" if parsed in _COMPATIBLE else None)
    return _label(parsed, _DENIED_V6) or (None if parsed in _GLOBAL_V6 else "reserved")


def is_permitted(address: str, allowed: tuple[Network, ...] = ()) -> bool:
    """Return whether *address* may be connected to: it is public, or one of *allowed* holds it."""
    if why_denied(address) is None:
        return True
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return any(parsed.version == network.version and parsed in network for network in allowed)


def literal_address(host: str) -> str | None:
    """Return the address that *host* spells, or None where it is a name.

    Decimal, hexadecimal, octal and short forms count as they do for the system's resolver. A host whose last
    label is a number but which spells no address is returned as it is, so that it is denied as unreadable.
    """
    bare = host.strip("[]").rstrip(".")
    if ":" in bare:
        return bare
    last = bare.rpartition(".")[2].lower()
    if not (last.isdigit() or _is_hexadecimal(last)):
        return None
    try:
        return socket.inet_ntoa(socket.inet_aton(bare))
    except OSError:
        return bare


def is_nearby_name(host: str) -> bool:
    """Return whether *host* is a name that can only mean this machine or its own network."""
    bare = host.rstrip(".").lower()
    return "." not in bare or bare.endswith(_NEARBY_SUFFIXES)


def _is_hexadecimal(label: str) -> bool:
    return label.startswith("0x") and all(char in "0123456789abcdef" for char in label[2:])


def _label(
    address: Address, table: tuple[tuple[IPv4Network, str], ...] | tuple[tuple[IPv6Network, str], ...]
) -> str | None:
    return next((label for network, label in table if address in network), None)


def _embedded(address: IPv6Address) -> tuple[IPv4Address, ...]:
    """Return the IPv4 addresses that a packet to *address* may end up at."""
    if address.ipv4_mapped:
        return (address.ipv4_mapped,)
    if address.sixtofour:
        return (address.sixtofour,)
    if address.teredo:
        return address.teredo
    if address in _TRANSLATED or (address in _COMPATIBLE and int(address) > 1):
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    return ()
