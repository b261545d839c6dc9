"""How long each page of the dashboard takes over many articles, on SQLite and on PostgreSQL, as figures.

    python -m tests.bench_dashboard [--articles 100000] [--rounds 5] [--only sqlite]

Fills a store, serves it, asks for each page by HTTP, and prints the median and the slowest of several times.
A page that does not answer with 200 ends it with status 1; how fast it is does not.
"""

import argparse
import contextlib
import statistics
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import psycopg
from sqlalchemy import Engine, make_url

from crawler.config import Config
from crawler.storage.database import open_database
from tests import bulk
from tests.conftest import SERVER
from tests.dashboards import ask, serving
from tests.pictured import NOW, Pictured, described

PAGES = {
    "overview": ["/"],
    "articles": ["/articles", "/articles?sort=oldest", "/articles?sort=found"],
    "articles_filtered": [
        "/articles?outlet=viva&outlet=kompas",
        "/articles?topic=asean-summits",
        "/articles?topic=none",
        "/articles?since=2025-01-01&until=2025-03-31",
        "/articles?byline=galih",
        "/articles?revised=1&partial=1",
        "/articles?gone=1",
        "/articles?story=s40",
    ],
    "articles_search": [
        "/articles?q=tumen",
        "/articles?q=moskwa+delegasi",
        "/articles?q=%22nomor+17%22",
        "/articles?q=tidakada",
        "/articles?q=nomor",
        "/articles?q=nomor&sort=newest",
        "/articles?q=hujan&outlet=viva&since=2024-01-01",
    ],
    "article": ["/articles/1", "/articles/46", "/articles/500?removed=1"],
    "stories": [
        "/stories",
        "/stories?order=largest&least=3",
        "/stories?outlet=antaranews",
        "/stories?page=40",
    ],
    "story": ["/stories/s1", "/stories/s40"],
    "outlets": ["/outlets", "/outlets/kompas"],
    "runs": ["/runs", "/runs/1"],
    "topics": ["/topics"],
}


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """Yield the address of a database of its own."""
    url = make_url(SERVER)
    name = f"pantau_bench_{uuid.uuid4().hex[:12]}"
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True, connect_timeout=3) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield url.set(database=name).render_as_string(hide_password=False)
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def measure(kind: str, url: str, folder: Path, articles: int, rounds: int) -> bool:
    """Print the figures of one database; tell whether every page answered."""
    engine = open_database(url)
    began = perf_counter()
    bulk.fill(engine, articles)
    _say(f"filled {kind} with {articles} articles in {perf_counter() - began:.0f} s")
    sound = _ask_all(kind, engine, folder, rounds)
    engine.dispose()
    return sound


def _ask_all(kind: str, engine: Engine, folder: Path, rounds: int) -> bool:
    config = Config(data_dir=folder, now=NOW)
    sound = True
    worst = 0.0
    with serving(Pictured(config, engine, described())) as base:
        for name, paths in PAGES.items():
            times: list[float] = []
            for path in paths:
                for _ in range(rounds):
                    began = perf_counter()
                    status = ask(base, path).status
                    times.append(1000 * (perf_counter() - began))
                    if status != 200:
                        sound = False
                        _say(f"FAULT {path} answered {status}")
            worst = max(worst, *times)
            _say(f"figure dashboard_ms_{name}_{kind} {statistics.median(times):.0f} ms")
            _say(f"figure dashboard_ms_{name}_{kind}_worst {max(times):.0f} ms")
    _say(f"figure dashboard_ms_worst_{kind} {worst:.0f} ms")
    return sound


def main() -> int:
    """Measure on both databases, or on one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    given = parser.parse_args()
    sound = True
    with tempfile.TemporaryDirectory() as folder:
        if given.only != "postgresql":
            url = f"sqlite:///{folder}/pantau.db"
            sound = measure("sqlite", url, Path(folder), given.articles, given.rounds)
        if given.only != "sqlite":
            try:
                with postgres() as url:
                    sound &= measure("postgresql", url, Path(folder), given.articles, given.rounds)
            except psycopg.OperationalError as error:
                _say(f"no PostgreSQL: {error}")
                return 1 if given.only else int(not sound)
    return int(not sound)


if __name__ == "__main__":
    sys.exit(main())
