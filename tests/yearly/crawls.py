"""Starts crawls as processes of their own, kills them when told, and says what they cost."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from tests.newsworld.log import Logged
from tests.newsworld.outlets.base import Outlet
from tests.newsworld.running import ROOT, Running

CRAWL_S = 300.0
DECLARED = {path.stem for path in (ROOT / "spiders").glob("*.py")} - {"__init__", "wordpress"}


@dataclass(frozen=True, slots=True)
class Crawl:
    """One crawl as it went: exit status (negative for a signal), time, requests."""

    status: int
    seconds: float
    requests: tuple[Logged, ...]

    @property
    def killed(self) -> bool:
        """Whether it was ended by kill -9."""
        return self.status == -signal.SIGKILL


class Starter(Protocol):
    """Runs a crawl to its end, or kills it after a time."""

    def run(
        self, arguments: list[str], environ: Mapping[str, str], log: Path, kill_after_s: float | None
    ) -> int:
        """Return the exit status, negative for a signal."""


class Plain:
    """Starts each crawl with an interpreter of its own."""

    def run(
        self, arguments: list[str], environ: Mapping[str, str], log: Path, kill_after_s: float | None
    ) -> int:
        """Return the exit status, negative for a signal."""
        command = [sys.executable, "-m", "scrapy", *arguments]
        with log.open("a") as output:
            process = subprocess.Popen(command, env=dict(environ), cwd=ROOT, stdout=output, stderr=output)
            try:
                return process.wait(CRAWL_S if kill_after_s is None else kill_after_s)
            except subprocess.TimeoutExpired:
                process.kill()
                status = process.wait()
                if kill_after_s is None:
                    raise
                return status


class Forking:
    """Has crawls forked by a process that has imported what they need."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.yearly.forkserver"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self, arguments: list[str], environ: Mapping[str, str], log: Path, kill_after_s: float | None
    ) -> int:
        """Return the exit status, negative for a signal."""
        assert self._server.stdin is not None
        order = {"arguments": arguments, "environ": dict(environ), "log": str(log)}
        self._server.stdin.write(json.dumps(order) + "\n")
        self._server.stdin.flush()
        pid = self._told("pid")
        # A child that has just ended is not reaped before it is told of, so the number is still its own.
        timer = threading.Timer(CRAWL_S if kill_after_s is None else kill_after_s, _kill, (pid,))
        timer.start()
        try:
            status = self._told("status")
        finally:
            timer.cancel()
        if kill_after_s is None and status == -signal.SIGKILL:
            raise TimeoutError(f"a crawl took longer than {CRAWL_S:.0f} s: {log}")
        return status

    def _told(self, what: str) -> int:
        assert self._server.stdout is not None
        line = self._server.stdout.readline()
        if not line:
            raise RuntimeError("the fork server is gone")
        return json.loads(line)[what]

    def close(self) -> None:
        """End the server."""
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait(10)
        if self._server.stdout is not None:
            self._server.stdout.close()


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


@contextlib.contextmanager
def starter(*, forking: bool) -> Iterator[Starter]:
    """Give a starter of crawls until the block ends."""
    if not forking:
        yield Plain()
        return
    server = Forking()
    try:
        yield server
    finally:
        server.close()


def crawl(  # noqa: PLR0913, PLR0917 - a crawl has these
    running: Running,
    start: Starter,
    outlet: Outlet,
    data: Path,
    at: datetime,
    told: datetime,
    *,
    kill_after_s: float | None = None,
    delay_s: float = 0.0,
) -> Crawl:
    """Crawl an outlet whose time stands at *at*, as the daemon would, and return what came of it.

    The crawl is *told* when it starts: later than *at* where it was killed before.
    """
    running.world.set_now(at, outlet.name)
    running.log.take(outlet.hosts)
    began = time.monotonic()
    log = data / f"{outlet.name}.log"
    status = start.run(arguments(outlet), environ(running, data, told, delay_s), log, kill_after_s)
    seconds = time.monotonic() - began
    return Crawl(status, seconds, tuple(running.log.take(outlet.hosts)))


def arguments(outlet: Outlet) -> list[str]:
    """Return what `scrapy` is called with for a daily crawl of *outlet*."""
    if outlet.name in DECLARED:
        return ["crawl", outlet.name]
    return ["crawl", "wordpress", "-a", f"url=https://{outlet.hosts[0]}"]


def stored_name(outlet: Outlet) -> str:
    """Return the name under which the crawler keeps *outlet*."""
    return outlet.name if outlet.name in DECLARED else outlet.hosts[0]


def environ(running: Running, data: Path, at: datetime, delay_s: float) -> dict[str, str]:
    """Return the environment of a crawl at the simulated moment *at*."""
    kept = {name: value for name, value in running.environ().items() if not name.startswith("PANTAU_")}
    ours = {
        "PANTAU_DATA_DIR": str(data),
        "PANTAU_NOW": at.isoformat(),
        "PANTAU_DELAY_S": str(delay_s),
        "PANTAU_LOG_LEVEL": "WARNING",
    }
    return kept | ours
