"""Figures for "when to move": the same work on SQLite and PostgreSQL, on a folder and an object store.

    .venv/bin/python -m tests.bench_beyond --articles 100000

Prints lines `figure NAME VALUE UNIT`. It never fails for being slow; it fails when a moved
store is not what it was.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
from sqlalchemy import Connection, Engine, insert, make_url

from crawler.storage import articles, frontier, runs
from crawler.storage.archive import ArchiveWriter
from crawler.storage.audit import audit
from crawler.storage.columns import instant_values
from crawler.storage.database import connect, migrate, transact
from crawler.storage.frontier import address_key
from crawler.storage.moving import move_store
from crawler.storage.places import Place
from crawler.storage.revisions import revision_values
from crawler.storage.schema import articles as stored
from crawler.storage.schema import revisions, urls
from crawler.storage.seals import sealed
from crawler.storage.search import index_articles, search
from tests.conftest import SERVER
from tests.core import storing
from tests.core.archiving import put
from tests.core.storing import NOON, article
from tests.objects import KEYS, bucket, s3_server

PAGES, SAVED, WRITERS, SEARCHES = 300, 300, 4, 30
BATCH = 500
WORDS = ("Moskwa", "Pyongyang", "delegasi", "nota", "kehormatan", "perundingan", "barisan", "tertutup")


def main() -> int:
    """Measure, and return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--articles", type=int, default=100_000)
    given = parser.parse_args()
    os.environ.update(KEYS)
    with tempfile.TemporaryDirectory() as name, _new_postgres() as postgres:
        folder = Path(name)
        _archive(folder)
        for kind, url in (("sqlite", f"sqlite:///{folder / 'writing.db'}"), ("postgresql", postgres[0])):
            _writing(kind, url)
        return _moved(f"sqlite:///{folder / 'large.db'}", postgres[1], given.articles)


def figure(name: str, value: float, unit: str) -> None:
    """Print one figure."""
    sys.stdout.write(f"figure {name} {value:.4g} {unit}\n")
    sys.stdout.flush()


def _archive(folder: Path) -> None:
    """Write pages of 20 kB that do not shrink, each synced, as before the row of an article."""

    def each_page(place: Path | Place) -> float:
        with ArchiveWriter(place, "kontan", 1) as writer:
            took = [
                _seconds(lambda: (put(writer, body=os.urandom(20_000)), writer.sync())) for _ in range(PAGES)
            ]
        return statistics.median(took) * 1000

    figure("archive_page_folder", each_page(folder / "archive"), "ms")
    with s3_server() as server, bucket(server, folder) as made:
        figure("archive_page_s3_loopback", each_page(made.store()), "ms")


def _writing(kind: str, url: str) -> None:
    """Save articles as one crawl does, then as several at once: outlets side by side."""
    engine = connect(url)
    migrate(engine)
    engine.dispose()
    for writers in (1, WRITERS):
        began = time.perf_counter()
        with ThreadPoolExecutor(writers) as pool:
            list(pool.map(_save, [url] * writers, [f"outlet{writers}{number}" for number in range(writers)]))
        figure(
            f"saved_{kind}_{writers}_writers", writers * SAVED / (time.perf_counter() - began), "articles/s"
        )


def _save(url: str, outlet: str) -> None:
    engine = connect(url)
    run = runs.start_run(engine, outlet)
    found = frontier.offer(engine, run.id, [storing.entry(number) for number in range(SAVED)]).fetch
    for number, work in enumerate(found):
        articles.save(engine, article(number, outlet=outlet), run.id, work.url_id)
    runs.finish_run(engine, run.id, "healthy")
    engine.dispose()


def _moved(source: str, target: str, number: int) -> int:
    engine = connect(source)
    migrate(engine)
    _fill(engine, number)
    _searched("sqlite", engine, number)
    before = _found(engine)
    engine.dispose()
    figure("move_to_postgresql", number / _seconds(lambda: move_store(source, target)), "articles/s")
    engine = connect(target)
    _searched("postgresql", engine, number)
    after = _found(engine)
    engine.dispose()
    differing = sum(before[name] != after[name] for name in before)
    figure("move_checks_that_differ", differing, "checks")
    return int(differing > 0)


def _found(engine: Engine) -> dict[str, tuple[int, int]]:
    """Return what each check of the audit looked at, and how much of it was made up too poorly here."""
    return {
        check.name: (check.looked_at, check.faults)
        for check in audit(engine).checks
        if check.name not in {"file", "full-text"}
    }


def _searched(kind: str, engine: Engine, number: int) -> None:
    """Search two words of which each is in many articles, and one that is in a single one."""
    for what, words in (
        ("common", [f"{one} {other}" for one in WORDS for other in WORDS if one != other][:SEARCHES]),
        ("rare", [f"nomor{place}" for place in range(0, number, max(1, number // SEARCHES))]),
    ):
        took = [_seconds(lambda asked=asked: search(engine, asked)) for asked in words]
        figure(f"search_{what}_{kind}", statistics.median(took) * 1000, "ms")


def _fill(engine: Engine, number: int) -> None:
    """Enter articles many at a time, each as `articles.save` writes it."""
    run = runs.start_run(engine, "kontan", now=NOON)
    for start in range(1, number + 1, BATCH):
        batch = range(start, min(start + BATCH, number + 1))
        transact(engine, lambda connection, batch=batch: _enter(connection, run.id, batch))
    runs.finish_run(engine, run.id, "healthy", now=NOON + timedelta(hours=1))


def _enter(connection: Connection, run_id: int, numbers: range) -> None:
    kept = {
        number: article(number, tags=(f"nomor{number}",), headline=f"Kunjungan nomor{number}")
        for number in numbers
    }
    seen = {"first_seen_at": NOON, "last_seen_at": NOON}
    connection.execute(
        insert(stored),
        [
            {
                "id": number,
                "outlet": "kontan",
                "key": address_key(one.canonical_url),
                "canonical_url": one.canonical_url,
                "current": 1,
                **seen,
            }
            for number, one in kept.items()
        ],
    )
    connection.execute(
        insert(urls),
        [
            {
                "id": number,
                "outlet": "kontan",
                "url": one.canonical_url,
                "key": address_key(one.canonical_url),
                "state": "stored",
                "reason": None,
                **instant_values(one.published_at),
                "attempts": 1,
                "first_seen_at": NOON,
                "first_run_id": run_id,
                "last_run_id": run_id,
                "article_id": number,
            }
            for number, one in kept.items()
        ],
    )
    connection.execute(
        insert(revisions),
        [
            sealed(
                {
                    **revision_values(one),
                    "article_id": number,
                    "number": 1,
                    "run_id": run_id,
                    "url_id": number,
                    "content_hash": f"{number:064x}",
                    "body_hash": f"{number:064x}",
                    "cause": "outlet",
                }
            )
            for number, one in kept.items()
        ],
    )
    index_articles(connection, ((number, one.headline, one.body) for number, one in kept.items()))


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@contextmanager
def _new_postgres() -> Iterator[list[str]]:
    url = make_url(SERVER)
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    names = [f"pantau_bench_{os.getpid()}_{number}" for number in range(2)]
    with psycopg.connect(plain, autocommit=True) as server:
        for name in names:
            server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield [url.set(database=name).render_as_string(hide_password=False) for name in names]
        finally:
            for name in names:
                server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


if __name__ == "__main__":
    sys.exit(main())
