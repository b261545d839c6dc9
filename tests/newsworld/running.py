"""A world on the air: in this process (a thread) or in one of its own.

with running_world(seed=7, start=date(2026, 3, 2), days=3, articles_per_day=12) as running:
    running.proxy      # http://127.0.0.1:PORT, for http_proxy and https_proxy
    running.ca         # path of the authority's certificate, for SSL_CERT_FILE
    running.world      # the World: truth, now, advance
    running.log        # RequestLog of everything that was asked
    running.faults     # FaultScript: running.faults.add(Fault(...))
    running.environ()  # a child's environment with all of that set

with serving_process(["--seed=7", "--start=2026-03-02", "--days=3", "--articles-per-day=12"]) as ready:
    ready["proxy"], ready["ca"]
"""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from tests.newsworld.certificates import Authority
from tests.newsworld.faults import Fault, FaultScript
from tests.newsworld.log import RequestLog
from tests.newsworld.outlets.all import ALL
from tests.newsworld.outlets.base import Outlet
from tests.newsworld.proxy import Proxy
from tests.newsworld.world import ARCHIVE, Site, World

READY_S = 60.0
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Running:
    """A world that answers."""

    proxy: str
    ca: Path
    world: World
    log: RequestLog
    faults: FaultScript

    def environ(self, base: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return *base* (this process's environment) with proxy and authority set for a child."""
        return proxied_environ(self.proxy, self.ca, base)


def proxied_environ(proxy: str, ca: str | Path, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return *base* (this process's environment) with proxy and authority set for a child."""
    kept = {
        name: value
        for name, value in (os.environ if base is None else base).items()
        if name.lower() not in {"no_proxy", "all_proxy"}
    }
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), proxy)
    return {**kept, **proxies, "SSL_CERT_FILE": str(ca)}


@contextlib.contextmanager
def on_air(world: World, *, faults: Iterable[Fault] = (), log_file: Path | None = None) -> Iterator[Running]:
    """Serve *world* from a thread of this process until the block ends."""
    log, script, authority = RequestLog(log_file), FaultScript(faults), Authority()
    proxy = Proxy(world, authority, log, script)
    loop = asyncio.new_event_loop()
    started = threading.Event()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(proxy.start())
        started.set()
        loop.run_forever()
        loop.run_until_complete(proxy.stop())
        loop.run_until_complete(loop.shutdown_asyncgens())

    with tempfile.TemporaryDirectory(prefix="newsworld-") as folder:
        ca = Path(folder) / "ca.pem"
        authority.write(ca)
        thread = threading.Thread(target=run, name="newsworld", daemon=True)
        thread.start()
        try:
            if not started.wait(READY_S):
                raise TimeoutError("the news world did not start to listen")
            yield Running(proxy.url, ca, world, log, script)
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(READY_S)
            loop.close()
            log.close()


@contextlib.contextmanager
def running_world(  # noqa: PLR0913 - the arguments are the world
    seed: int = 7,
    start: date = date(2026, 3, 2),
    days: int = 3,
    articles_per_day: int = 12,
    outlets: Sequence[type[Outlet]] = ALL,
    *,
    now: datetime | None = None,
    archive: int = ARCHIVE,
    options: Mapping[str, str] | None = None,
    sites: Sequence[Site] = (),
    faults: Iterable[Fault] = (),
    log_file: Path | None = None,
) -> Iterator[Running]:
    """Make a world and serve it from a thread of this process until the block ends."""
    world = World(
        seed, start, days, articles_per_day, outlets, now=now, archive=archive, options=options, sites=sites
    )
    with on_air(world, faults=faults, log_file=log_file) as running:
        yield running


@contextlib.contextmanager
def serving_process(arguments: Sequence[str]) -> Iterator[dict[str, str]]:
    """Run `python -m tests.newsworld serve` with *arguments*; give what it wrote when it was ready."""
    with tempfile.TemporaryDirectory(prefix="newsworld-") as folder:
        ready = Path(folder) / "ready.json"
        command = [sys.executable, "-m", "tests.newsworld", "serve", *arguments, "--ready-file", str(ready)]
        process = subprocess.Popen(command, cwd=ROOT)
        try:
            deadline = time.monotonic() + READY_S
            while not ready.exists():
                if process.poll() is not None:
                    raise RuntimeError(
                        f"the news world ended with code {process.returncode} before it was ready"
                    )
                if time.monotonic() > deadline:
                    raise TimeoutError("the news world was not ready in time")
                time.sleep(0.02)
            yield json.loads(ready.read_text(encoding="utf-8"))
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
