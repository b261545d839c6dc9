"""Pages that scripts draw, served behind the world's proxy, and one crawl of them in a process of its own.

`crawl(site, wanted)` starts it, `python tests/rendering.py` is it.
"""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import psutil

from tests.newsworld.messages import Request, Response, html, plain

ROOT = Path(__file__).resolve().parent.parent
DOMAIN = "kabar.test"
HOST = f"www.{DOMAIN}"
CRAWL_S = 90

Answer = Response | Callable[[Request], Response]


@dataclass
class Site:
    """Answers for the hosts of one domain, by path; elsewhere it has nothing. A world, to the proxy."""

    on: dict[str, Answer] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    version: int = 0

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    def knows(self, host: str) -> bool:
        return host == DOMAIN or host.endswith(f".{DOMAIN}")

    def answer(self, request: Request) -> Response:
        self.asked.append(request)
        found = self.on.get(request.path)
        if request.path == "/robots.txt":
            return plain("User-agent: *\nDisallow: /tertutup/\n")
        if found is None:
            return html("<h1>404</h1>", status=404)
        return found if isinstance(found, Response) else found(request)

    def cache_key(self, request: Request) -> str | None:
        del request
        return None

    def now_at(self, host: str) -> datetime:
        del host
        return self.now

    def kind(self, request: Request) -> str:
        return "robots" if request.path == "/robots.txt" else "list"

    def paths(self) -> list[str]:
        """Return what was asked for, robots.txt left out."""
        return [request.target for request in self.asked if request.path != "/robots.txt"]


def page(script: str, body: str = "") -> Response:
    """Return a page whose script runs when it is read."""
    return html(
        f"<!DOCTYPE html><html><head><title>Indeks</title></head><body>{body}<div id='isi'></div>"
        f"<script>const draw = text => document.getElementById('isi').innerHTML = text;\n{script}</script>"
        "</body></html>"
    )


def script(text: str) -> Response:
    """Return a script."""
    return Response(200, text.encode(), "text/javascript")


def data(value: object) -> Response:
    """Return data for a script."""
    return Response(200, json.dumps(value).encode(), "application/json")


class Canary:
    """Listens on a loopback port over TCP and UDP. `came` has what each caller asked for."""

    def __init__(self) -> None:
        self.came: list[str] = []
        self._tcp = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._tcp.getsockname()[1]
        self._udp = socket.socket(type=socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", self.port))

    def __enter__(self) -> Self:
        for hear in (self._hear_tcp, self._hear_udp):
            threading.Thread(target=hear, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for sock in (self._tcp, self._udp):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    @property
    def ways(self) -> set[str]:
        """Return the different things that were asked for."""
        return set(self.came)

    def _hear_tcp(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller = self._tcp.accept()[0]
                threading.Thread(target=self._answer, args=(caller,), daemon=True).start()

    def _hear_udp(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._udp.recvfrom(2000)
                self.came.append("UDP")

    def _answer(self, caller: socket.socket) -> None:
        with caller, contextlib.suppress(OSError):
            caller.settimeout(5)
            words = caller.recv(4000).split(b" ", 2)
            self.came.append(words[1].decode("latin-1") if len(words) > 1 else "TCP")
            caller.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")


def browsers_of(pid: int) -> list[psutil.Process]:
    """Return the processes of a browser that a crawl started."""
    found = []
    with contextlib.suppress(psutil.Error):
        for process in psutil.Process(pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if any(word.startswith(("--pantau=", "--type=")) for word in process.cmdline()):
                    found.append(process)
    return found


@dataclass
class Crawl:
    """A crawl that runs. `outcomes` and `stats` are there after `finish`."""

    process: "subprocess.Popen[str]"
    outcomes: dict[str, dict[str, Any]] = field(default_factory=dict)
    stats: dict[str, Any] = field(default_factory=dict)
    log: str = ""

    def finish(self) -> None:
        """Wait for its end and read what it found."""
        out, self.log = self.process.communicate(timeout=CRAWL_S)
        assert self.process.returncode == 0, self.log[-4000:]
        found = json.loads(out)
        self.outcomes, self.stats = found["outcomes"], found["stats"]


def start(
    environ: dict[str, str],
    wanted: dict[str, str],
    settings: dict[str, Any] | None = None,
    together: Collection[str] = (),
) -> Crawl:
    """Start a crawl of the wanted addresses: those of the keys in *together* at once, the others in turn."""
    plan = {"wanted": wanted, "settings": settings or {}, "together": list(together)}
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**environ, "PYTHONPATH": str(ROOT), "PANTAU_DELAY_S": environ.get("PANTAU_DELAY_S", "0")},
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(plan))
    process.stdin.close()
    process.stdin = None
    return Crawl(process)


def main() -> None:
    """Read a plan from standard input, crawl, and write what came of it."""
    plan = json.load(sys.stdin)

    from scrapy import Request as Wanted  # noqa: PLC0415 - only the crawl needs it
    from scrapy import Spider  # noqa: PLC0415
    from scrapy.crawler import AsyncCrawlerProcess  # noqa: PLC0415
    from scrapy.settings import Settings  # noqa: PLC0415

    from crawler.failures import classify_failure  # noqa: PLC0415

    outcomes: dict[str, dict[str, Any]] = {}

    class DrawnSpider(Spider):
        name = "drawn"
        allowed_domains = [DOMAIN]
        render = True

        async def start(self) -> Any:
            await asyncio.gather(*(self.look(key) for key in plan["together"]))
            for key in [key for key in plan["wanted"] if key not in plan["together"]]:
                await self.look(key)
            return
            yield

        async def look(self, key: str) -> None:
            meta = {"awaits": "#isi a", "kind": "list"}
            request = Wanted(plan["wanted"][key], meta=meta, dont_filter=True)

            try:
                response = await self.crawler.engine.download_async(request)
            except Exception as error:  # noqa: BLE001 - whatever it is, the test judges it
                outcomes[key] = {"reason": str(classify_failure(error, request)), "detail": str(error)}
            else:
                outcomes[key] = {"status": response.status, "url": response.url, "text": response.text}

    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.setdict(plan["settings"], priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(DrawnSpider)
    process.crawl(crawler)
    process.start()
    counted = {
        key: value for key, value in crawler.stats.get_stats().items() if isinstance(value, int | float)
    }
    json.dump({"outcomes": outcomes, "stats": counted, "pid": os.getpid()}, sys.stdout)


if __name__ == "__main__":
    main()
