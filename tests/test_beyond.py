"""A collection that leaves its machine: the archive in an object store, then the store on PostgreSQL."""

import json
import subprocess  # noqa: TC003 - by name in the annotations
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crawler.storage.articles import iterate
from crawler.storage.database import connect
from tests.crawling import crawl_command, crawl_environ, held_against, run, small_world
from tests.newsworld.running import on_air
from tests.objects import KEYS, Bucket, bucket, s3_server

PANTAU = [sys.executable, "-m", "crawler.cli.main"]


@pytest.fixture
def ember(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    with s3_server() as server, bucket(server, tmp_path / "data") as made:
        yield made


@pytest.mark.postgres
def test_a_crawled_collection_moves_and_goes_on(
    tmp_path: Path, ember: Bucket, empty_postgres: Callable[[], str]
) -> None:
    data, there = tmp_path / "data", empty_postgres()
    with on_air(small_world("kontan")) as running:

        def environ(**settings: str) -> dict[str, str]:
            ours = crawl_environ(running, data, archive=ember.url, **settings)
            return ours | KEYS | {"AWS_ENDPOINT_URL": ember.endpoint, "NO_PROXY": "127.0.0.1"}

        def pantau(*arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
            return run([*PANTAU, *arguments], environ(**settings))

        ember.faults += ["500", "lost answer"]  # the store stumbles, the crawl does not
        done = run(crawl_command(running), environ())
        assert done.returncode == 0, done.stderr[-3000:]
        assert KEYS["AWS_SECRET_ACCESS_KEY"] not in done.stderr
        assert ember.faults == []
        assert not (data / "archive").exists()
        audited = pantau("audit", "--json")
        assert audited.returncode == 0, audited.stdout + audited.stderr
        replayed = pantau("replay", "--all", "--json")
        assert replayed.returncode == 0, replayed.stdout + replayed.stderr
        exported = pantau("export", "--format", "jsonl").stdout
        assert len(exported.splitlines()) >= 3

        moved = pantau("move", "--to", there, "--json")
        assert moved.returncode == 0, moved.stdout + moved.stderr
        assert json.loads(moved.stdout.splitlines()[0])["rows"]["articles"] >= 3
        assert pantau("export", "--format", "jsonl", database=there).stdout == exported
        refused = run(crawl_command(running), environ())
        assert "this store was moved to" in refused.stderr

        asked = len(running.log)
        had = {json.loads(line)["url"] for line in exported.splitlines()}
        again = run(crawl_command(running), environ(database=there))
        assert again.returncode == 0, again.stderr[-3000:]
        assert not had & {request.url for request in list(running.log)[asked:]}
        engine = connect(there)
        kept = [each.article for each in iterate(engine)]
        engine.dispose()
        assert held_against(running, kept).faults() == {}
        assert pantau("audit", database=there).returncode == 0


def test_a_store_that_stays_away_ends_the_crawl_and_the_next_one_goes_on(
    tmp_path: Path, ember: Bucket
) -> None:
    data = tmp_path / "data"
    with on_air(small_world("kontan")) as running:
        environ = crawl_environ(running, data, archive=ember.url) | KEYS
        environ |= {"AWS_ENDPOINT_URL": ember.endpoint, "NO_PROXY": "127.0.0.1"}
        ember.faults += [""] * 3 + ["403"] * 1000
        done = run(crawl_command(running), environ)
        assert done.returncode != 0
        assert f"the archive {ember.url} cannot be used" in done.stderr
        ember.faults.clear()
        assert run([*PANTAU, "audit"], environ).returncode == 0
        done = run(crawl_command(running), environ)
        assert done.returncode == 0, done.stderr[-3000:]
        engine = connect(f"sqlite:///{data / 'pantau.db'}")
        kept = [each.article for each in iterate(engine)]
        engine.dispose()
        assert held_against(running, kept).faults() == {}
        assert run([*PANTAU, "audit"], environ).returncode == 0
