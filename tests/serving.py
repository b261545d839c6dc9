"""Starts services as processes, waits for what they write into the store, and leaves none of them behind."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import Engine, Table, insert, select

from crawler.storage.database import reading
from crawler.storage.plans import SCHEDULER
from crawler.storage.schema import leases, plans, runs
from tests.daemon import ROOT

PATIENCE_S = 60.0


def wait_until(true: Callable[[], object], patience_s: float = PATIENCE_S) -> Any:
    """Wait for a condition and return what it gave; fail when it does not come to pass."""
    deadline = time.monotonic() + patience_s
    while not (found := true()):
        assert time.monotonic() < deadline, "that did not come to pass in time"
        time.sleep(0.05)
    return found


def rows(store: Engine, table: Table) -> list[Any]:
    """Return all rows of a table in the order in which they were made."""
    with reading(store) as connection:
        return list(connection.execute(select(table).order_by(*table.primary_key)))


def states(store: Engine) -> dict[str, str]:
    """Return the state of every outlet's last plan but those that were passed over at the start."""
    return {row.outlet: row.state for row in rows(store, plans) if row.state != "dropped"}


def leader(store: Engine) -> int | None:
    """Return the number of the process that leads."""
    found = [row for row in rows(store, leases) if row.name == SCHEDULER]
    return found[0].pid if found else None


def known_before(store: Engine, due: Sequence[str]) -> None:
    """Make the schedule older than these due times, so that one that a slow start misses is owed."""
    with store.begin() as connection:
        for outlet, _, at in (word.partition("=") for word in due):
            before = datetime.fromisoformat(at) - timedelta(days=1)
            values = {"look": "crawl", "reason": "scheduled", "state": "dropped", "attempts": 0}
            connection.execute(
                insert(plans).values(outlet=outlet, planned_at=before, made_at=before, **values)
            )


class Services:
    """The services of one test."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PANTAU_")}
        self.environ = kept | {"PANTAU_DATABASE": url, "PANTAU_DATA_DIR": str(folder), "PANTAU_STOP_S": "3"}
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, *words: str, **settings: str) -> "subprocess.Popen[bytes]":
        """Start `python -m tests.daemon serve …`."""
        return self.begin([sys.executable, "-m", "tests.daemon", "serve", *words], settings)

    def work(self, *words: str, **settings: str) -> "subprocess.Popen[bytes]":
        """Start `python -m tests.daemon work …`."""
        return self.begin([sys.executable, "-m", "tests.daemon", "work", *words], settings)

    def begin(self, command: Sequence[str], settings: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        """Start a command with its log in a file of its own."""
        more = {f"PANTAU_{name.upper()}": value for name, value in settings.items()}
        with (self.folder / f"service{len(self.running)}.log").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=self.environ | more, stdout=log, stderr=subprocess.STDOUT
            )
        self.running.append(process)
        return process

    def log(self, number: int = -1) -> str:
        """Return what a service said."""
        which = number % len(self.running)
        return (self.folder / f"service{which}.log").read_text(encoding="utf-8")

    def stop(self, process: "subprocess.Popen[bytes]") -> float:
        """Stop a service in order and return the seconds that took."""
        began_s = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
        return time.monotonic() - began_s


@contextlib.contextmanager
def services(folder: Path, store: Engine) -> Iterator[Services]:
    """Give what starts services on a store; end all of them, and the children of those that died."""
    made = Services(folder, store.url.render_as_string(hide_password=False))
    try:
        yield made
    finally:
        for process in made.running:
            if process.poll() is None:
                process.kill()
            process.wait()
        for row in rows(store, runs):
            with contextlib.suppress(psutil.Error, ProcessLookupError):
                if row.ended_at is None and "tests.daemon" in psutil.Process(row.pid).cmdline():
                    os.kill(row.pid, signal.SIGKILL)
