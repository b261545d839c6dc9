"""The proxy that the browser is given: it refuses every connection, so that the browser reaches nothing.

What a page needs is fetched by the crawler itself (`visit.py`) and handed to the browser before it would
connect anywhere. Whatever comes here has gone round that: a redirect inside the browser, a socket, a worker,
a call of the browser's own.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Final

from crawler.rendering.limits import HEAD_S

logger = logging.getLogger(__name__)

HOST: Final = "127.0.0.1"
_ANSWER: Final = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Wall:
    """Listens on a free port of the loopback address. `refused` is called with the target of each call."""

    def __init__(self, refused: Callable[[str], None]) -> None:
        self._refused = refused
        self._server: asyncio.Server | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """The value for the browser's proxy setting."""
        return f"http://{HOST}:{self.port}"

    async def start(self) -> None:
        """Listen, unless it does already."""
        if self._server is not None:
            return
        self._server = await asyncio.start_server(self._answer, HOST, 0, limit=65_536)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Close the port; connections end by themselves."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, ValueError):
            async with asyncio.timeout(HEAD_S):
                head = await reader.readuntil(b"\r\n\r\n")
                target = head.split(b" ", 2)[1].decode("latin-1")[:200]
                logger.debug("The browser wanted to reach %r by itself: refused", target)
                self._refused(target)
                writer.write(_ANSWER)
                await writer.drain()
        writer.close()
