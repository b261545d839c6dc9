"""A server on loopback that answers whatever bytes a test wants, and keeps the log of who asked."""

import asyncio
import contextlib
import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Self

import attrs


@attrs.frozen
class Asked:
    """One request as it came in; `at_s` is monotonic, `attempt` counts from 1 for its host and path."""

    at_s: float
    address: str
    host: str
    method: str
    path: str
    headers: dict[str, str]
    attempt: int


Behaviour = Callable[[asyncio.StreamWriter, Asked], Awaitable[None]]


def answer(status: int = 200, body: bytes | str = b"", **headers: str) -> Behaviour:
    """Answer with a well-formed response; header names are written with _ for -."""
    data = body.encode() if isinstance(body, str) else body
    lines = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(data))}
    lines.update({name.replace("_", "-"): value for name, value in headers.items()})
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return send(f"HTTP/1.1 {status} X\r\n{head}\r\n".encode("latin-1") + data)


def send(data: bytes, *, then: str = "keep") -> Behaviour:
    """Send exactly *data*, then `keep` the connection, `close` it, `reset` it or `hang`."""

    async def behave(writer: asyncio.StreamWriter, _asked: Asked) -> None:
        writer.write(data)
        await writer.drain()
        if then == "reset":
            await asyncio.sleep(0.05)  # let the bytes arrive before the connection is torn
            sock = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if then in {"reset", "close"}:
            writer.transport.abort() if then == "reset" else writer.close()
        if then == "hang":
            await asyncio.sleep(3600)

    return behave


def redirect(location: str, status: int = 302) -> Behaviour:
    """Answer with a redirect."""
    return answer(status, b"", Location=location)


def drip(head: bytes, every_s: float = 0.1, drop: bytes = b"x") -> Behaviour:
    """Send *head*, then one *drop* after the other for ever."""

    async def behave(writer: asyncio.StreamWriter, _asked: Asked) -> None:
        writer.write(head)
        while True:
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(every_s)

    return behave


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """Behave differently at each attempt; the last one repeats."""

    async def behave(writer: asyncio.StreamWriter, asked: Asked) -> None:
        await behaviours[min(asked.attempt, len(behaviours)) - 1](writer, asked)

    return behave


NO_ROBOTS = answer(404, "", Connection="close")  # Twisted itself asks again when a kept connection breaks
PAGE = answer(200, "<html><head><title>Berita</title></head><body><p>Isi berita.</p></body></html>")


class HostileServer:
    """Listens in a thread of its own. `on[host, path]` says what to do; elsewhere there is a small page."""

    def __init__(self) -> None:
        self.on: dict[tuple[str, str], Behaviour] = {}
        self.log: list[Asked] = []
        self.connections: Counter[tuple[str, int]] = Counter()
        self._attempts: Counter[tuple[str, str]] = Counter()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def listen(self, *addresses: str, port: int = 0, certificate: Path | None = None) -> int:
        """Listen on every address at one and the same port, and return it."""
        context = None
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
        for _ in range(50):
            found = port or _free_port(addresses[0])
            try:
                sockets = [_bound(address, found) for address in addresses]
            except OSError:
                continue
            for sock in sockets:
                start = asyncio.start_server(self._serve, sock=sock, ssl=context)
                self._servers.append(asyncio.run_coroutine_threadsafe(start, self._loop).result(10))
            return found
        raise RuntimeError(f"no port is free on all of {addresses}")

    def asked(self, host: str, path: str | None = None) -> list[Asked]:
        """Return the requests for *host*, oldest first."""
        return [each for each in self.log if each.host == host and path in {None, each.path}]

    async def _stop(self) -> None:
        for server in self._servers:
            server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        address, port = writer.get_extra_info("sockname")[:2]
        self.connections[address, port] += 1
        # The crawler hangs up in the middle of many of these answers; that is their point.
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                asked = self._note(head, address)
                default = NO_ROBOTS if asked.path == "/robots.txt" else PAGE
                behave = self.on.get((asked.host, asked.path)) or self.on.get((asked.host, "*")) or default
                await behave(writer, asked)
        writer.close()

    def _note(self, head: str, address: str) -> Asked:
        first, *rest = head.strip().split("\r\n")
        method, path, _ = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
        host = headers.get("host", "").rpartition(":")[0] or headers.get("host", "")
        self._attempts[host, path] += 1
        asked = Asked(time.monotonic(), address, host, method, path, headers, self._attempts[host, path])
        self.log.append(asked)
        return asked


def _free_port(address: str) -> int:
    with _bound(address, 0) as sock:
        port: int = sock.getsockname()[1]
        return port


def _bound(address: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((address, port))
    return sock
