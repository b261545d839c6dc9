"""An S3-compatible server on loopback, and a proxy before it that breaks what it is told to break."""

import contextlib
import http.client
import os
import socket
import struct
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import attrs
import fsspec

from crawler.storage.objects import ObjectStore

KEYS = {
    "AWS_ACCESS_KEY_ID": "kunci",
    "AWS_SECRET_ACCESS_KEY": "rahasia-sekali",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
STARTED_IN_S = 60
DENIED = b"<Error><Code>InvalidAccessKeyId</Code><Message>The key does not exist</Message></Error>"


@attrs.define
class Bucket:
    """A bucket of its own on a server; `faults` says what becomes of the next requests that write."""

    endpoint: str
    name: str
    faults: list[str]
    beside: Path
    _stores: dict[str, ObjectStore] = attrs.field(factory=dict)

    @property
    def url(self) -> str:
        return f"s3://{self.name}/arsip"

    @property
    def options(self) -> Mapping[str, Any]:
        return {"endpoint_url": self.endpoint}

    def store(self, prefix: str = "arsip") -> ObjectStore:
        if prefix not in self._stores:  # each has a client, and that takes its time
            self._stores[prefix] = ObjectStore(f"s3://{self.name}/{prefix}", self.options, beside=self.beside)
        return self._stores[prefix]

    def keys(self) -> list[str]:
        """Return all that is in the bucket."""
        found: list[str] = fsspec.filesystem("s3", **self.options).find(self.name)
        return found

    def put(self, key: str, data: bytes) -> None:
        """Write past the archive, as whoever damages it."""
        fsspec.filesystem("s3", **self.options).pipe_file(f"{self.name}/arsip/{key}", data)


@contextlib.contextmanager
def s3_server() -> Iterator[str]:
    """Yield the address of a server that has no bucket yet."""
    with socket.socket() as free, tempfile.TemporaryFile() as log:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        # A process of its own: what it imports warns of much.
        server = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=log,
            stderr=log,
            env={**os.environ, **KEYS},
        )
        try:
            _wait_for(port, server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.kill()
            server.wait()


@contextlib.contextmanager
def bucket(server: str, beside: Path) -> Iterator[Bucket]:
    """Yield a new bucket behind a proxy."""
    faults: list[str] = []
    with _proxy(server, faults) as endpoint:
        made = Bucket(endpoint, f"ember-{uuid.uuid4().hex[:12]}", faults, beside)
        fsspec.filesystem("s3", **made.options).mkdir(made.name)
        yield made


class _Proxy(BaseHTTPRequestHandler):
    """Hands requests on to the server, but for those that a fault is waiting for."""

    protocol_version = "HTTP/1.1"
    server: "_ProxyServer"

    def log_message(self, *_: object) -> None: ...

    def _handle(self) -> None:
        fault = self.server.next_fault(self.command)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length // 2 if fault == "half" else length)
        if fault in {"500", "403"}:
            self._answer(int(fault), [], DENIED if fault == "403" else b"broken")
        elif fault in {"half", "reset"}:
            self._hang_up()
        else:
            status, headers, content = self._ask(body)
            if fault == "lost answer":
                self._hang_up()
            else:
                self._answer(status, headers, content)

    def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        headers = {name: value for name, value in self.headers.items() if name.lower() != "expect"}
        onward = http.client.HTTPConnection(self.server.target, timeout=30)
        try:
            onward.request(self.command, self.path, body, headers)
            answer = onward.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            onward.close()

    def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.send_response(status)
        length = str(len(content))
        for name, value in headers:
            if name.lower() == "content-length":
                length = value if self.command == "HEAD" else length
            elif name.lower() not in {"connection", "transfer-encoding", "server", "date"}:
                self.send_header(name, value)
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _hang_up(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = _handle  # noqa: N815 - as http.server calls them


class _ProxyServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, target: str, faults: list[str]) -> None:
        super().__init__(("127.0.0.1", 0), _Proxy)
        self.target, self._faults = target, faults

    def next_fault(self, method: str) -> str:
        return self._faults.pop(0) if self._faults and method in {"PUT", "DELETE"} else ""

    def handle_error(self, *_: object) -> None: ...  # a client that hangs up is no error here


@contextlib.contextmanager
def _proxy(server: str, faults: list[str]) -> Iterator[str]:
    with _ProxyServer(server.removeprefix("http://"), faults) as proxy:
        thread = Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{proxy.server_port}"
        finally:
            proxy.shutdown()
            thread.join()


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    address = ("127.0.0.1", port)
    for _ in range(STARTED_IN_S * 20):
        if server.poll() is not None:
            raise AssertionError(f"the server ended with {server.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(address, timeout=1):
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(0.05)
    raise AssertionError("the server did not come up")
