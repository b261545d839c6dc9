"""One reading of every address: what may be fetched (`fetch_url`) and what an article is known by.

An address that two parsers could read in two ways is refused, and the cleaned form is the one that is
fetched, so the host that was judged is the host that is asked.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import sha256
from ipaddress import AddressValueError, IPv6Address
from urllib.parse import SplitResult, quote, unquote_plus, urlsplit

import idna

from crawler.errors import CrawlerError

MAX_URL_LENGTH = 2_000  # characters, before and after cleaning
_MAX_HOST_LENGTH, _MAX_LABEL_LENGTH, _MAX_PORT = 253, 63, 65_535
_DEFAULT_PORTS = {"http": "80", "https": "443"}

# Browsers drop tabs and line breaks wherever they stand, and other control characters at both ends.
_DROPPED = str.maketrans("", "", "\t\r\n")
_EDGES = "".join(map(chr, range(0x21)))
_AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[^@:\[\]\\%\s]+)(?::(?P<port>[0-9]{0,5}))?")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*")
_DOTTED_QUAD = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.|\Z)){4}")
_NUMBER_LABEL = re.compile(r"(?:\d+|0x[0-9a-f]*)")
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})?")
_HIDDEN = re.compile(r"%00|[\x00\\]", re.IGNORECASE)
_SLASHES = re.compile(r"/{2,}")

_UNRESERVED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
_PATH_SAFE = "/:@!$&'()*+,;=%"
# Scrapy writes an apostrophe in a query as %27.
_QUERY_SAFE = "/?:@!$()*+,;=%&"

# Parameters that say how a reader came to the page, never which page it is.
_TRACKING = re.compile(
    r"utm_.*|at_.*|pk_.*|mtm_.*|hsa_.*|mc_[ce]id|_(?:ga|gl|gac|hsenc|hsmi)|fbclid|gclid|gclsrc|dclid|gbraid|wbraid"
    r"|msclkid|yclid|twclid|ttclid|igshid|igsh|cmpid|ocid|xtor|spm|source|ref|ref_src|ref_url|referrer|share|shared"
    r"|traffic_source|tag_from|jx[a-z]+|lgn_method|google_btn|mtype|amp|outputtype|_x_tr_.*"
    r"|phpsessid|jsessionid|sessionid|aspsessionid.*"
)
# Parameters that choose a part, or all parts, of one article.
_PAGING = frozenset({"page", "single", "showpage", "halaman", "s"})
_PAGING_VALUE = {"s": re.compile(r"paging.*"), "page": re.compile(r"\d{0,4}|all|full|komentar")}
_ALIAS_HOST = re.compile(r"(?:www\d?|m)\.(?=[^.]+\.[^.])")


class UrlError(CrawlerError):
    """An address that cannot be fetched, or that two programs could read in two ways."""


@lru_cache(maxsize=4096)
def fetch_url(url: str) -> str:
    """Return the form of an absolute address that is fetched, host in lower case, without a fragment.

    Path and query keep their order and their slashes. Cleaning twice changes nothing.

    Raises:
        UrlError: not http or https, longer than 2,000 characters, or ambiguous.
    """
    parts, host, port = _read(url)
    query = f"?{_quoted(parts.query, _QUERY_SAFE)}" if parts.query else ""
    return _checked(f"{parts.scheme}://{host}{port}{_path(parts.path)}{query}", url)


@lru_cache(maxsize=4096)
def canonical_url(url: str) -> str:
    """Return the form under which an article is kept: `fetch_url` without what does not name the article.

    Tracking and paging parameters go, the rest is sorted, repeated slashes become one. The scheme and a
    slash at the end stay as given; `url_key` overlooks them.

    Raises:
        UrlError: as `fetch_url`.
    """
    parts, host, port = _read(url)
    query = "&".join(sorted(set(_telling_parameters(parts.query))))
    path = _SLASHES.sub("/", _path(parts.path))
    return _checked(f"{parts.scheme}://{host}{port}{path}{'?' if query else ''}{query}", url)


def url_key(url: str) -> str:
    """Return the identity of an article's address: the SHA-256, in hex, of its canonical form.

    http and https, a leading `www.` or `m.` and a slash at the end make no difference.

    Raises:
        UrlError: as `fetch_url`.
    """
    _, _, rest = canonical_url(url).partition("://")
    address, mark, query = _ALIAS_HOST.sub("", rest, count=1).partition("?")
    return sha256(f"{address.rstrip('/')}{mark}{query}".encode()).hexdigest()


def host_of(url: str) -> str:
    """Return the host of an address in lower case, internationalised names as `xn--…`, without the port.

    Raises:
        UrlError: as `fetch_url`.
    """
    return _read(url)[1]


def host_within(host: str, domains: Iterable[str]) -> bool:
    """Tell whether a host is one of *domains* or below one of them; `x.id.evil.test` is not in `x.id`."""
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def _read(url: str) -> tuple[SplitResult, str, str]:
    """Return the parts of an address, its host and its port (`:8080`, or nothing for the default)."""
    if len(url) > MAX_URL_LENGTH:
        raise _error(url, f"it is longer than {MAX_URL_LENGTH:,} characters")
    try:
        parts = urlsplit(url.strip(_EDGES).translate(_DROPPED))
    except ValueError as reason:
        raise _error(url, "its host cannot be read") from reason
    if parts.scheme not in _DEFAULT_PORTS:
        raise _error(url, "it does not start with http:// or https://")
    authority = _AUTHORITY.fullmatch(parts.netloc)
    if authority is None:
        raise _error(url, "its host is missing or ambiguous")
    if _HIDDEN.search(parts.path):
        raise _error(url, "its path hides a NUL or a backslash")
    port = (authority["port"] or "").lstrip("0")
    if authority["port"] and (not port or int(port) > _MAX_PORT):
        raise _error(url, "there is no such port")
    host = _host(authority["host"], url)
    return parts, host, f":{port}" if port and port != _DEFAULT_PORTS[parts.scheme] else ""


def _host(name: str, url: str) -> str:
    """Return the one spelling of a host: ASCII, lower case, no dot at the end."""
    if name.startswith("["):
        try:
            return f"[{IPv6Address(name[1:-1]).compressed}]"
        except AddressValueError as reason:
            raise _error(url, "its host is no IPv6 address") from reason
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True, std3_rules=True).decode("ascii")
        except UnicodeError as reason:
            raise _error(url, "its host is no valid name") from reason
    name = name.lower().removesuffix(".")
    labels = name.split(".")
    if not _HOST.fullmatch(name) or len(name) > _MAX_HOST_LENGTH or max(map(len, labels)) > _MAX_LABEL_LENGTH:
        raise _error(url, "its host is no valid name")
    # 2130706433, 0x7f.1 and 0177.0.0.1 are 127.0.0.1 to some programs and names to others.
    if _NUMBER_LABEL.fullmatch(labels[-1]) and not _DOTTED_QUAD.fullmatch(name):
        raise _error(url, "its host is a number in an unusual spelling")
    return name


def _path(path: str) -> str:
    """Return a path with `.` and `..` resolved, also where they are percent-encoded, and one spelling."""
    kept: list[str] = []
    segments = _quoted(path, _PATH_SAFE).split("/")[1:] or [""]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


def _quoted(text: str, safe: str) -> str:
    """Return text with every octet in one spelling: unreserved ones plain, the rest as %XX or as safe."""
    text = quote(text, safe=safe, errors="replace")
    return _PERCENT.sub(_one_spelling, text) if "%" in text else text


def _one_spelling(match: re.Match[str]) -> str:
    if match[1] is None:
        return "%25"
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()


def _telling_parameters(query: str) -> Iterator[str]:
    """Yield the parameters that say which article it is, in one spelling."""
    for pair in filter(None, _quoted(query, _QUERY_SAFE).split("&")):
        name, _, value = pair.partition("=")
        name = unquote_plus(name).strip().casefold()
        allowed = _PAGING_VALUE.get(name)
        paging = name in _PAGING and (allowed is None or allowed.fullmatch(unquote_plus(value).casefold()))
        if not paging and not _TRACKING.fullmatch(name):
            yield pair


def _checked(cleaned: str, url: str) -> str:
    if len(cleaned) > MAX_URL_LENGTH:
        raise _error(url, f"it is longer than {MAX_URL_LENGTH:,} characters")
    return cleaned


def _error(url: str, reason: str) -> UrlError:
    shown = ascii(url if len(url) <= 100 else url[:99] + "…")  # noqa: PLR2004 - one line on a terminal
    return UrlError(f"{shown} cannot be fetched: {reason}; give a plain http:// or https:// address")
