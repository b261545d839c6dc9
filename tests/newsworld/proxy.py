"""The forward proxy: `GET http://host/…` in the clear, and CONNECT with a certificate issued on the spot.

It answers for the hosts of a world and for no other (502): nothing that goes through it leaves the machine.
"""

import asyncio
import contextlib
import logging
import socket
import ssl
import struct
import time
import zlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from tests.newsworld.certificates import Authority
from tests.newsworld.faults import CHALLENGE_PAGE, RAW, SOFT_404_PAGE, Fault, FaultScript
from tests.newsworld.log import Logged, RequestLog
from tests.newsworld.messages import Request, Response, Wire, html, plain, redirect

_LOG = logging.getLogger(__name__)

MAX_HEAD = 65_536
MAX_BODY = 1_048_576
CACHE_BYTES = 300_000_000
IDLE_S = 120.0
_CONDITIONS = frozenset({"if-none-match", "if-modified-since"})


class Answers(Protocol):
    """What the proxy serves: a world."""

    @property
    def now(self) -> datetime:
        """The world's time."""

    @property
    def version(self) -> int:
        """Changes whenever an answer may change."""

    def knows(self, host: str) -> bool:
        """Tell whether *host* is in this world."""

    def answer(self, request: Request) -> Response:
        """Answer *request*; equal requests get equal answers within one version."""

    def cache_key(self, request: Request) -> str | None:
        """Return what makes answers equal, None where the answer must not be kept."""

    def now_at(self, host: str) -> datetime:
        """Return the time that a host has."""

    def kind(self, request: Request) -> str:
        """Return what a request is for: robots, article, list or other."""


class Proxy:
    """Serves a world on a loopback port."""

    def __init__(self, world: Answers, authority: Authority, log: RequestLog, faults: FaultScript) -> None:
        self.world = world
        self.log = log
        self.faults = faults
        self.port = 0
        self._authority = authority
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()
        self._connections = 0
        self._pages: OrderedDict[str, Wire] = OrderedDict()
        self._version = -1
        self._kept = 0

    @property
    def url(self) -> str:
        """The value for http_proxy and https_proxy."""
        return f"http://127.0.0.1:{self.port}"

    def warm(self, urls: Iterable[str], agent: str) -> None:
        """Write the pages at *urls* in advance, compressed form included, while there is room for them."""
        for url in urls:
            if self._kept > CACHE_BYTES * 0.9:
                return
            self._page(Request.of("GET", url, {"user-agent": agent})).body(packed=True)

    async def start(self) -> None:
        """Listen on a free port of 127.0.0.1."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=MAX_HEAD, backlog=512)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the port and every connection."""
        if self._server is not None:
            self._server.close()
        tasks = list(self._clients)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        self._connections += 1
        try:
            await self._converse(reader, writer, self._connections)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            pass  # the client went away or sent no HTTP: nothing to answer any more
        except asyncio.CancelledError:
            if self._server is None or self._server.is_serving():
                raise
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError, TimeoutError, asyncio.CancelledError):
                await writer.wait_closed()
            self._clients.discard(task)

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int
    ) -> None:
        tunnel: str | None = None
        while True:
            async with asyncio.timeout(IDLE_S):
                head = await reader.readuntil(b"\r\n\r\n")
            method, target, version, headers = _parse(head)
            if method == "CONNECT" and tunnel is None:
                host = target.rpartition(":")[0].strip("[]").lower()
                if not await self._open_tunnel(host, target, headers, writer, connection):
                    return
                tunnel = host
                continue
            size = headers.get("content-length", "0")
            if not size.isdigit() or int(size) > MAX_BODY:
                return
            body = await reader.readexactly(int(size))
            request = _addressed(method, target, headers, body, tunnel)
            if request is None:
                writer.write(
                    _simple(400, "This is the proxy of a simulated world: ask it for a whole address.\n")
                )
                await writer.drain()
                return
            wants_close = (
                "close" in (headers.get("connection", "") + headers.get("proxy-connection", "")).lower()
            )
            close = wants_close or version == "HTTP/1.0"
            if not await self._deliver(request, writer, connection, close=close) or close:
                return

    async def _open_tunnel(
        self,
        host: str,
        target: str,
        headers: dict[str, str],
        writer: asyncio.StreamWriter,
        connection: int,
    ) -> bool:
        turn = _Turn(Request.of("CONNECT", f"https://{host}/", headers), connection, time.monotonic())
        if not self.world.knows(host) or not target.endswith(":443"):
            answer = _simple(502, f"{target} is not in this world.\n")
            self._note(turn, 502, 0, None)
            writer.write(answer)
            await writer.drain()
            return False
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        try:
            await writer.start_tls(self._authority.context(host))
        except (ssl.SSLError, ConnectionError):
            # The client does not trust this world, or left: the log says so, nobody else can.
            self._note(turn, 0, 0, "tls")
            return False
        return True

    def _page(self, request: Request) -> Wire:
        version = self.world.version
        if version != self._version:
            self._pages.clear()
            self._version, self._kept = version, 0
        key = self.world.cache_key(request)
        if key is None:
            return Wire(self.world.answer(request), self.world.now_at(request.host))
        found = self._pages.get(key)
        if found is None:
            found = Wire(self.world.answer(request), self.world.now_at(request.host))
            self._pages[key] = found
            self._kept += len(found.response.body)
            while self._kept > CACHE_BYTES:
                _, oldest = self._pages.popitem(last=False)
                self._kept -= len(oldest.response.body)
        return found

    def _page_or_500(self, request: Request) -> Wire:
        try:
            return self._page(request)
        except Exception:  # noqa: BLE001 - see below
            # A mistake in an outlet must look like one to the test that met it, not like a lost connection.
            _LOG.exception("cannot answer %s", request.url)
            return Wire(plain(f"the news world failed on {request.url}\n", status=500), self.world.now)

    async def _deliver(
        self, request: Request, writer: asyncio.StreamWriter, connection: int, *, close: bool
    ) -> bool:
        """Answer *request*; return whether the connection can be used again."""
        turn = _Turn(request, connection, time.monotonic())
        known = self.world.knows(request.host)
        fault = self.faults.next(request.url) if known else None
        if not known:
            wire = Wire(plain(f"{request.host} is not in this world.\n", status=502), self.world.now)
        elif fault is None:
            wire = self._page_or_500(request)
            fault = wire.response.fault
        if fault is not None:
            if fault.kind in RAW:
                self._note(turn, 0, 0, fault.kind)
                await _RAW[fault.kind](writer, fault)
                return False
            wire = await self._spoil(request, fault)
        unchanged = wire.unchanged(request) if fault is None else None
        if unchanged is not None:
            status, head, body = 304, unchanged, b""
        else:
            packed = "gzip" in request.headers.get("accept-encoding", "") and len(wire.response.body) > 256
            status, body = wire.response.status, wire.body(packed=packed)
            if fault is not None and fault.kind == "truncated":
                body, close = body[: len(body) // 2], True
            head = wire.head(packed=packed, close=close)
            body = b"" if request.method == "HEAD" else body
        # Noted before it is sent: who has the answer finds it in the log.
        self._note(turn, status, len(body), fault.kind if fault else None)
        writer.write(head + body)
        await writer.drain()
        return not close

    async def _spoil(self, request: Request, fault: Fault) -> Wire:
        """Return what *fault* makes of the answer."""
        if fault.kind == "slow":
            await asyncio.sleep(fault.delay_s)
        response = self.world.answer(request)
        extra = tuple(fault.headers.items())
        if fault.kind == "status":
            page = html(f"<html><body><h1>{fault.status}</h1></body></html>", status=fault.status)
            response = Response(page.status, page.body, page.content_type, extra)
        elif fault.kind == "challenge":
            response = html(CHALLENGE_PAGE)
        elif fault.kind == "soft_404":
            response = html(SOFT_404_PAGE)
        elif fault.kind == "redirect":
            response = redirect(fault.location, status=302)
        elif fault.kind == "wrong_type":
            response = Response(response.status, response.body, fault.content_type, extra)
        return Wire(response, self.world.now)

    def _note(self, turn: "_Turn", status: int, sent: int, fault: str | None) -> None:
        took = time.monotonic() - turn.began
        wall = datetime.fromtimestamp(time.time() - took, UTC).isoformat(timespec="milliseconds")
        request = turn.request
        self.log.add(
            Logged(
                at=wall,
                t=round(turn.began, 6),
                host=request.host,
                scheme=request.scheme,
                method=request.method,
                path=request.target,
                status=status,
                agent=request.agent,
                bytes=sent,
                connection=turn.connection,
                fault=fault,
                took=round(took, 6),
                kind=self.world.kind(request),
                conditional=not request.headers.keys().isdisjoint(_CONDITIONS),
                world_at=self.world.now_at(request.host).isoformat(timespec="seconds"),
            )
        )


@dataclass(frozen=True, slots=True)
class _Turn:
    """A request on its connection, from when it was read."""

    request: Request
    connection: int
    began: float


def _parse(head: bytes) -> tuple[str, str, str, dict[str, str]]:
    lines = head.decode("latin-1").split("\r\n")
    words = lines[0].split(" ")
    if len(words) != 3:
        raise ConnectionError("not a request line")
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    return words[0], words[1], words[2], headers


def _addressed(
    method: str, target: str, headers: dict[str, str], body: bytes, tunnel: str | None
) -> Request | None:
    """Return the request with its scheme and host, None where it names none."""
    if tunnel is not None:
        target = f"https://{tunnel}{target}"
    elif not target.lower().startswith("http://"):
        return None
    try:
        return Request.of(method, target, headers, body)
    except ValueError:
        return None


def _simple(status: int, text: str) -> bytes:
    wire = Wire(plain(text, status=status), datetime.now(UTC))
    return wire.head(packed=False, close=True) + wire.body(packed=False)


async def _reset(writer: asyncio.StreamWriter, _fault: Fault) -> None:
    """Cut the connection with a RST instead of a proper end."""
    sock = writer.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


_PAGE_FOLLOWS = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"


async def _bomb(writer: asyncio.StreamWriter, _fault: Fault) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(1_000_000)
    body = b"".join(packer.compress(block) for _ in range(200)) + packer.flush()
    writer.write(_PAGE_FOLLOWS + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    await writer.drain()


async def _flood(writer: asyncio.StreamWriter, _fault: Fault) -> None:
    writer.write(_PAGE_FOLLOWS)
    for number in range(400):
        writer.write(b"X-Isi-%d: %s\r\n" % (number, b"x" * 10_000))
        await writer.drain()


async def _drip(writer: asyncio.StreamWriter, fault: Fault) -> None:
    writer.write(_PAGE_FOLLOWS + b"Content-Length: 1000000\r\n\r\n")
    until = time.monotonic() + fault.delay_s
    while time.monotonic() < until:
        writer.write(b"<")
        await writer.drain()
        await asyncio.sleep(0.05)


_RAW: dict[str, Callable[[asyncio.StreamWriter, Fault], Awaitable[None]]] = {
    "reset": _reset,
    "bomb": _bomb,
    "flood": _flood,
    "drip": _drip,
}
