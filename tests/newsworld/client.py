"""A plain HTTP client that goes through the world's proxy and trusts its authority, for tests of both."""

import gzip
import http.client
import ssl
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 newsworld/1"


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as it came over the wire: header names in lower case, the body as sent."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body, unpacked and decoded."""
        packed = self.headers.get("content-encoding") == "gzip"
        return (gzip.decompress(self.body) if packed else self.body).decode()


class Client:
    """Keeps one connection a host; `ca` of None trusts the system's authorities only."""

    def __init__(self, proxy: str, ca: Path | str | None, agent: str = AGENT) -> None:
        self._proxy = urlsplit(proxy)
        self._context = ssl.create_default_context(cafile=str(ca) if ca else None)
        self._agent = agent
        self._open: dict[tuple[str, str], http.client.HTTPConnection] = {}

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        for connection in self._open.values():
            connection.close()
        self._open.clear()

    def get(self, url: str, headers: dict[str, str] | None = None, method: str = "GET") -> Answer:
        """Return the answer to one request; redirects are not followed."""
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection = self._connection(parts.scheme, parts.netloc)
        asked = target if parts.scheme == "https" else f"http://{parts.netloc}{target}"
        try:
            connection.request(method, asked, headers={"User-Agent": self._agent, **(headers or {})})
            response = connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException):
            self._open.pop((parts.scheme, parts.netloc)).close()
            raise
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, body)

    def page(self, url: str) -> str:
        """Return the text of a page that must be there."""
        answer = self.get(url)
        if answer.status != HTTPStatus.OK:
            raise AssertionError(f"{url} answered {answer.status}")
        return answer.text

    def _connection(self, scheme: str, host: str) -> http.client.HTTPConnection:
        found = self._open.get((scheme, host))
        if found is None:
            name, port = self._proxy.hostname or "", self._proxy.port
            if scheme == "https":
                found = http.client.HTTPSConnection(name, port, context=self._context, timeout=20)
                found.set_tunnel(host, 443)
            else:
                found = http.client.HTTPConnection(name, port, timeout=20)
            self._open[scheme, host] = found
        return found
