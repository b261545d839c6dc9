"""Requests as the proxy reads them, responses as outlets give them, and their bytes on the wire."""

import hashlib
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote

from tests.newsworld.faults import Fault

HTML = "text/html; charset=UTF-8"
XML = "application/xml; charset=UTF-8"
RSS = "application/rss+xml; charset=UTF-8"
JSON = "application/json; charset=UTF-8"
PLAIN = "text/plain; charset=UTF-8"
_URL = re.compile(r"(?i)(https?)://([^/?#:\s]+(?::\d+)?)([^#\s]*)(?:#.*)?")


@dataclass(frozen=True, slots=True)
class Request:
    """One request: decoded path, the last value of each query name, header names in lower case."""

    scheme: str
    host: str
    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    path: str = "/"
    query: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> "Request":
        """Return a request for *url* with its parts taken apart.

        Raises:
            ValueError: *url* is not an address of http or https.
        """
        found = _URL.fullmatch(url)
        if found is None:
            raise ValueError(f"not an address of http or https: {url[:200]!r}")
        target = found[3] if found[3].startswith("/") else "/" + found[3]
        path, _, query = target.partition("?")
        return cls(
            scheme=found[1].lower(),
            host=found[2].lower().removesuffix(":80" if found[1].lower() == "http" else ":443"),
            method=method,
            target=target,
            headers=headers or {},
            body=body,
            path=unquote(path),
            query=dict(parse_qsl(query, keep_blank_values=True)),
        )

    @property
    def agent(self) -> str:
        """The User-Agent as sent, empty if none was."""
        return self.headers.get("user-agent", "")

    @property
    def url(self) -> str:
        """The whole address that was asked for."""
        return f"{self.scheme}://{self.host}{self.target}"

    def number(self, name: str, default: int) -> int:
        """Return query parameter *name* as a whole number, *default* where it is absent or not a number."""
        value = self.query.get(name, "")
        return int(value) if value.isascii() and value.isdigit() and len(value) < 9 else default


@dataclass(frozen=True, slots=True)
class Response:
    """What an outlet answers. `fault` makes the proxy deliver it badly; `last_modified` is world time.

    `etag` is sent as it stands: none where it is empty, that of the bytes where it is None. With `always_304`
    every conditional request is told that nothing has changed.
    """

    status: int
    body: bytes
    content_type: str = HTML
    headers: tuple[tuple[str, str], ...] = ()
    last_modified: datetime | None = None
    fault: Fault | None = None
    etag: str | None = None
    always_304: bool = False


def html(text: str, *, status: int = 200, modified: datetime | None = None) -> Response:
    """Return an HTML page."""
    return Response(status, text.encode(), last_modified=modified)


def xml(text: str, *, content_type: str = XML, modified: datetime | None = None) -> Response:
    """Return an XML document: a feed or a sitemap."""
    return Response(200, text.encode(), content_type, last_modified=modified)


def as_json(value: Any, *, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """Return *value* as JSON, written the way PHP does (ASCII, slashes escaped)."""
    text = json.dumps(value, separators=(",", ":")).replace("/", "\\/")
    return Response(status, text.encode(), JSON, headers)


def plain(text: str, *, status: int = 200) -> Response:
    """Return plain text."""
    return Response(status, text.encode(), PLAIN)


def redirect(location: str, *, status: int = 301) -> Response:
    """Return a redirect to *location*."""
    return Response(status, b"<html><body>Moved.</body></html>", headers=(("Location", location),))


def _http_date(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC), usegmt=True)


def _gzip(body: bytes) -> bytes:
    # Level 1, no time stamp: same page, same bytes, and cheap enough for a bench.
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return packer.compress(body) + packer.flush()


class Wire:
    """A response ready to be sent: plain and gzip forms are made once and kept."""

    __slots__ = ("_gzip", "_head", "etag", "modified", "response")

    def __init__(self, response: Response, now: datetime) -> None:
        self.response = response
        self.etag = response.etag
        if self.etag is None:
            self.etag = f'"{hashlib.blake2b(response.body, digest_size=10).hexdigest()}"'
        self.modified = _http_date(response.last_modified) if response.last_modified else ""
        self._gzip: bytes | None = None
        lines = [
            f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}",
            "Server: nginx",
            f"Date: {_http_date(now)}",
            f"Content-Type: {response.content_type}",
            "Vary: Accept-Encoding",
            *(f"{name}: {value}" for name, value in response.headers),
        ]
        if response.status == HTTPStatus.OK:
            lines.extend(self._validators())
        self._head = "\r\n".join(lines).encode("latin-1") + b"\r\n"

    def _validators(self) -> list[str]:
        lines = [f"ETag: {self.etag}"] if self.etag else []
        return [*lines, f"Last-Modified: {self.modified}"] if self.modified else lines

    def body(self, *, packed: bool) -> bytes:
        """Return the bytes of the body, compressed with gzip when *packed*."""
        if not packed:
            return self.response.body
        if self._gzip is None:
            self._gzip = _gzip(self.response.body)
        return self._gzip

    def head(self, *, packed: bool, close: bool) -> bytes:
        """Return status line and headers, with the Content-Length that `body` has."""
        extra = b"Content-Encoding: gzip\r\n" if packed else b""
        extra += b"Connection: close\r\n" if close else b"Connection: keep-alive\r\n"
        return b"%sContent-Length: %d\r\n%s\r\n" % (self._head, len(self.body(packed=packed)), extra)

    def unchanged(self, request: Request) -> bytes | None:
        """Return the bytes of a 304 where the validators of *request* still hold, else None."""
        if self.response.status != HTTPStatus.OK or request.method not in {"GET", "HEAD"}:
            return None
        tags, since = request.headers.get("if-none-match"), request.headers.get("if-modified-since")
        if self.response.always_304:
            held = tags is not None or since is not None
        elif tags is not None and self.etag:
            held = self.etag in tags or tags.strip() == "*"
        else:
            held = bool(self.modified) and since == self.modified
        if not held:
            return None
        lines = ["HTTP/1.1 304 Not Modified", "Server: nginx", *self._validators()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
