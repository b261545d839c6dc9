"""Eight services on one database, twenty due times, and their leader killed again and again: `make daemons`.

Prints lines `figure NAME VALUE UNIT` for SQLite, and for PostgreSQL where a server listens. It fails when a
due time is run twice or never.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
import uuid
from collections import Counter
from datetime import timedelta
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from crawler.storage.database import open_database
from crawler.storage.schema import plans, runs
from tests.bench import figure
from tests.conftest import SERVER
from tests.daemon import due_times, later
from tests.serving import known_before, leader, rows, services, states, wait_until

KILLED_AFTER = (3, 9, 15)  # runs
PATIENCE_S = 300.0


def rehearse(name: str, url: str, folder: Path, number: int, due: int) -> list[str]:
    """Let so many services do so many due times, print the figures and return what was broken."""
    store = open_database(url)
    takeover_s = 0.0
    with services(folder, store) as made:
        words = list(due_times(due, later(15), timedelta(seconds=1)))
        known_before(store, words)
        for _ in range(number):
            made.start(*words)
        for wanted in KILLED_AFTER:
            wait_until(lambda wanted=wanted: len(rows(store, runs)) >= wanted, PATIENCE_S)
            chosen = wait_until(lambda: leader(store))
            os.kill(chosen, signal.SIGKILL)
            killed_s = time.monotonic()
            wait_until(lambda chosen=chosen: leader(store) != chosen, PATIENCE_S)
            takeover_s = max(takeover_s, time.monotonic() - killed_s)
        wait_until(lambda: Counter(states(store).values())["done"] >= due, PATIENCE_S)
        for process in made.running:
            if process.poll() is None:
                made.stop(process)
    done = Counter(row.outlet for row in rows(store, runs))
    planned = [row for row in rows(store, plans) if row.state != "dropped"]
    store.dispose()
    doubled, missed = sum(times - 1 for times in done.values()), due - len(done)
    figure(f"daemons_{name}_services", number, "processes")
    figure(f"daemons_{name}_leaders_killed", len(KILLED_AFTER), "kills")
    figure(f"daemons_{name}_due", due, "due times")
    figure(f"daemons_{name}_planned", len(planned), "plans")
    figure(f"daemons_{name}_runs", sum(done.values()), "runs")
    figure(f"daemons_{name}_doubled", doubled, "runs")
    figure(f"daemons_{name}_missed", missed, "due times")
    figure(f"daemons_{name}_takeover_seconds", takeover_s, "s")
    faults = {"due times were run twice": doubled, "due times were missed": missed}
    faults["due times were planned twice"] = len(planned) - due
    return [f"{name}: {fault}" for fault, times in faults.items() if times]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--services", type=int, default=8)
    parser.add_argument("--due", type=int, default=20)
    given = parser.parse_args()
    broken = []
    with tempfile.TemporaryDirectory(prefix="daemons-") as folder:
        address = f"sqlite:///{folder}/pantau.db"
        broken += rehearse("sqlite", address, Path(folder), given.services, given.due)
    server, name = make_url(SERVER), f"pantau_test_{uuid.uuid4().hex[:12]}"
    plain = server.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        admin = psycopg.connect(plain, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        sys.stderr.write(f"no PostgreSQL at {server.host}:{server.port}, so only SQLite: {error}\n")
    else:
        with admin, tempfile.TemporaryDirectory(prefix="daemons-") as folder:
            admin.execute(f'CREATE DATABASE "{name}"')
            try:
                address = server.set(database=name).render_as_string(hide_password=False)
                broken += rehearse("postgres", address, Path(folder), given.services, given.due)
            finally:
                admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    for fault in broken:
        sys.stderr.write(f"broken: {fault}\n")
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
