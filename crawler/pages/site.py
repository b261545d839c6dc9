"""What an address says of the site: the outlet's label in the host, whether two hosts are one site."""

from urllib.parse import urljoin, urlsplit

from crawler.pages.wordlist import wordlist
from crawler.urls import UrlError, canonical_url, host_of

_SECOND_LEVEL = wordlist("ac biz co com desa edu go gov mil my net or org sch web")
_COUNTRY_CHARS = 2


def site_of(host: str) -> str:
    """Return the registrable part of a host: `republika.co.id` of `m.republika.co.id`."""
    labels = host.lower().rstrip(".").split(".")
    size = 3 if len(labels) > 2 and len(labels[-1]) == _COUNTRY_CHARS and labels[-2] in _SECOND_LEVEL else 2  # noqa: PLR2004
    return ".".join(labels[-size:])


def label_of(url: str | None) -> str:
    """Return the outlet's label in an address (`kompas`), or nothing."""
    host = _host(url)
    return site_of(host).split(".")[0] if host else ""


def own_canonical(declared: str | None, url: str | None) -> str | None:
    """Return the declared canonical address, cleaned, if it can be this page's; else *url*, cleaned.

    A canonical link to the home page, or to another site, says nothing of the article.
    """
    fallback = _cleaned(url) if url else None
    if not declared:
        return fallback
    try:
        absolute = urljoin(url or "", declared.strip())
    except ValueError:
        return fallback
    cleaned = _cleaned(absolute)
    if cleaned is None or urlsplit(cleaned).path in {"", "/"}:
        return fallback
    if url and site_of(_host(cleaned)) != site_of(_host(url)):
        return fallback
    return cleaned


def _cleaned(url: str) -> str | None:
    try:
        return canonical_url(url)
    except UrlError:
        return None


def _host(url: str | None) -> str:
    try:
        return host_of(url) if url else ""
    except UrlError:
        return ""
