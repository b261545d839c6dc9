"""The dashboard served on loopback by a real server, and requests as a browser or a stranger sends them."""

import contextlib
import socket
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import attrs
import uvicorn

from crawler.clock import Clock
from crawler.config import Config
from crawler.dashboard.app import create_app
from tests.pictured import NOW, Pictured


class StoppedClock(Clock):
    """A clock that stands at one moment, so that a page is the same each time."""

    def now(self) -> datetime:
        return NOW.astimezone(UTC)


@attrs.frozen
class Answer:
    """What came back; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str


@contextlib.contextmanager
def serving(pictured: Pictured, config: Config | None = None) -> Iterator[str]:
    """Serve a store, by its own configuration or another one, and yield the address."""
    app = create_app(config or pictured.config, pictured.engine, StoppedClock(), pictured.outlets)
    listener = socket.create_server(("127.0.0.1", 0))
    settings = uvicorn.Config(
        app, log_config=None, log_level="critical", lifespan="off", ws="none", proxy_headers=False
    )
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def ask(base: str, path: str, method: str = "GET", body: str | None = None, **headers: str) -> Answer:
    """Return the answer to one request; no redirect is followed. `_` in a header's name stands for `-`."""
    connection = HTTPConnection(urlsplit(base).netloc, timeout=20)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, path, body=body, headers=named)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, text)
    finally:
        connection.close()


def post(base: str, path: str, fields: Mapping[str, str], **headers: str) -> Answer:
    """Return the answer to a form as a browser sends it from a page of the same origin."""
    sent = {
        "Origin": base,
        "Sec_Fetch_Site": "same-origin",
        "Content_Type": "application/x-www-form-urlencoded",
    }
    return ask(base, path, "POST", urlencode(fields), **(sent | headers))


def form_token(base: str, path: str = "/outlets", **headers: str) -> str:
    """Return the secret that the forms of a page carry."""
    text = ask(base, path, **headers).text
    return text.partition('name="form_token" value="')[2].partition('"')[0]
