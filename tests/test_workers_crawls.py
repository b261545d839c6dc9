"""Real crawls by workers: a machine is lost in the middle of them; an archive is read again in parts."""

import json
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from crawler.storage.articles import iterate
from crawler.storage.database import connect
from crawler.storage.parts import Progress, plan_parts, re_extractions
from crawler.storage.schema import runs
from crawler.worker.queue import schema_name
from tests.crawling import crawl_command, crawl_environ, run, small_world
from tests.newsworld.running import on_air
from tests.serving import rows, services, wait_until
from tests.workers import PATIENCE_S, rehearse

pytestmark = pytest.mark.postgres


@pytest.mark.usefixtures("postgres_url")
def test_a_machine_is_lost_in_the_middle_of_crawls_and_every_article_is_there_once() -> None:
    found = rehearse(["kontan", "mercinews", "antara"], 4, 2, kill=True, delay_s=0.3, per_day=5)
    assert found.broken == []
    assert found.articles > 3
    assert found.gap_s >= 0.3


def pantau(environ: dict[str, str], *words: str) -> list[dict[str, object]]:
    done = run([sys.executable, "-m", "crawler.cli.main", *words, "--json"], environ)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("store_url", ["postgres"], indirect=True)
def test_an_archive_is_read_again_in_parts_and_to_do_so_twice_changes_nothing(
    store_url: str, tmp_path: Path
) -> None:
    store = connect(store_url)
    with store.begin() as connection:
        connection.execute(text(f"DROP SCHEMA IF EXISTS {schema_name()} CASCADE"))
    with on_air(small_world("kontan")) as running:
        environ = crawl_environ(running, tmp_path, database=store_url)
        assert run(crawl_command(running), environ).returncode == 0
        now = running.world.now
    before = list(iterate(store))
    # A text as worse rules would have read it.
    with store.begin() as connection:
        connection.execute(text("UPDATE revisions SET standfirst = 'usang' WHERE id = 1"))
    assert plan_parts(store, ["kontan"], at_once=2, now=now) > 1
    with services(tmp_path, store) as made:
        made.environ = environ
        words = [sys.executable, "-m", "crawler.cli.main"]
        made.begin([*words, "schedule"], {"workers": "true"})
        made.begin([*words, "worker"], {})
        first = wait_until(lambda: _ended(store, 1), PATIENCE_S)
        assert (first.failed, first.came_to["changed"], first.stored) == (0, 1, 1)
        assert first.came_to["identical"] == len(before) - 1
        (asked,) = pantau(environ, "replay", "--write", "--defer")
        assert (asked["parts"], asked["led"]) == (1, True)
        second = wait_until(lambda: _ended(store, 2), PATIENCE_S)
        assert (second.failed, second.stored, second.came_to["identical"]) == (0, 0, len(before))
        *_, told, _ = pantau(environ, "worker", "--list")
        assert told["re_extraction"]["done"] == 1  # type: ignore[index]
    assert [each.article.headline for each in iterate(store)] == [each.article.headline for each in before]
    assert {row.look for row in rows(store, runs) if row.plan_id} == {"replay"}
    store.dispose()


def _ended(store: Engine, number: int) -> Progress | None:
    """Return the newest re-extraction of so many, when it has ended."""
    found = re_extractions(store)
    return found[0] if len(found) == number and found[0].ended_at else None
