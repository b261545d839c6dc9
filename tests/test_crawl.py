"""Each outlet end to end: from its lists in the news world to a stored, clean, explained article."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crawler.cli.spiders import load_spiders
from crawler.rendering.finding import find_browser
from crawler.storage.articles import iterate
from crawler.storage.audit import audit
from crawler.storage.database import connect
from crawler.storage.explain import explain
from tests.crawling import (
    DECLARED,
    against_truth,
    audited,
    crawl,
    crawl_command,
    crawl_environ,
    held_against,
    run,
    runs_of,
    small_world,
    stored,
)
from tests.newsworld.outlets.all import ALL
from tests.newsworld.running import Running, on_air

RENDERED = {name for name, spider in load_spiders().items() if spider.render}
OUTLETS = [
    pytest.param(
        outlet.name,
        marks=[
            pytest.mark.browser,
            pytest.mark.skipif(find_browser() is None, reason="no Chromium or Chrome on this machine"),
        ]
        if outlet.name in RENDERED
        else [],
    )
    for outlet in ALL
]
Crawled = tuple[Running, Path]


@pytest.fixture(scope="module", params=OUTLETS)
def crawled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    """Crawl an outlet of the world once."""
    data = tmp_path_factory.mktemp(request.param)
    with on_air(small_world(request.param)) as running:
        done = crawl(running, data)
        assert done.returncode == 0, done.stderr[-3000:]
        yield running, data


def article_requests(running: Running) -> int:
    pages = {url for article in running.world.truth() for url in (article.url, *article.page_urls)}
    return sum(f"https://{each.host}{each.path}".partition("?")[0] in pages for each in running.log)


def test_the_store_is_the_truth(crawled: Crawled) -> None:
    running, data = crawled
    found = against_truth(running, data)
    assert found.expected > 0
    assert found.faults() == {}


def test_the_accounts_add_up(crawled: Crawled) -> None:
    _, data = crawled
    report = audited(data)
    assert report.ok, report
    (run_of_it,) = runs_of(data)
    assert run_of_it.verdict == "healthy"
    assert run_of_it.learned == sum(run_of_it.counts.values())


def test_every_article_is_linked_to_its_archived_page(crawled: Crawled) -> None:
    _, data = crawled
    assert all(article.record_ids for article in stored(data))


def test_a_second_crawl_stores_nothing_and_asks_for_no_article(crawled: Crawled) -> None:
    running, data = crawled
    before, asked = stored(data), article_requests(running)
    done = crawl(running, data)
    assert done.returncode == 0, done.stderr[-3000:]
    assert article_requests(running) == asked
    assert stored(data) == before
    assert "nothing new" in done.stderr


def test_the_archive_read_again_gives_what_is_stored(crawled: Crawled) -> None:
    running, data = crawled
    command = [sys.executable, "-m", "crawler.cli.main", "replay", "--all", "--json"]
    done = run(command, crawl_environ(running, data))
    (total,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stdout + done.stderr
    # Off-topic pages that were fetched are read as well; a small outlet may have had none.
    assert total["identical"] == total["read"] >= len(stored(data))


def test_every_address_can_be_explained(crawled: Crawled) -> None:
    _, data = crawled
    engine = connect(f"sqlite:///{data}/pantau.db", create=False)
    try:
        for article in stored(data):
            story = explain(engine, article.url)
            assert story.known
            assert story.addresses[0].sightings
            assert story.addresses[0].visits[-1].outcome in {"stored", "unchanged"}
    finally:
        engine.dispose()


def test_what_robots_txt_closes_is_not_asked_for_and_said(tmp_path: Path) -> None:
    with on_air(small_world("kontan", **{"kontan.robots": "2024"})) as running:
        done = crawl(running, tmp_path)
        paths = {each.path.partition("?")[0] for each in running.log}
        assert "/sitemap.xml" in paths
        assert not [path for path in paths if path.startswith("/search")]
    assert done.returncode == 1
    why = " ".join(runs_of(tmp_path)[0].why)
    assert "the window is not covered by a listing" in why
    assert "robots, https://www.kontan.co.id/search/indeks" in why


def test_every_request_names_the_crawler(crawled: Crawled) -> None:
    running, _ = crawled
    assert all("pantau/" in each.agent for each in running.log)


def test_a_dry_run_lists_and_leaves_no_trace(tmp_path: Path) -> None:
    with on_air(small_world("kontan")) as running:
        done = crawl(running, tmp_path / "data", dry_run="1")
        assert done.returncode == 0, done.stderr[-3000:]
        assert "would fetch: https://" in done.stderr
        assert article_requests(running) == 0
    assert not (tmp_path / "data").exists()


def test_a_limit_stops_early_and_the_next_run_goes_on(tmp_path: Path) -> None:
    with on_air(small_world("kontan")) as running:
        crawl(running, tmp_path, limit="3")
        assert sum(runs_of(tmp_path)[0].counts.get(state, 0) for state in ("stored", "duplicate")) <= 3
        crawl(running, tmp_path)
        assert against_truth(running, tmp_path).faults() == {}


def test_a_search_that_ignores_its_query_is_left_out(tmp_path: Path) -> None:
    with on_air(small_world("republika", **{"republika.search": "ignores-query"})) as running:
        done = crawl(running, tmp_path)
        assert "the search ignores what it is asked" in done.stderr
        assert not [each for each in against_truth(running, tmp_path).missing if "neutral" in each]


def test_what_a_search_that_comes_back_empty_leaves_out_has_its_tags(tmp_path: Path) -> None:
    with on_air(small_world("detik", **{"detik.search": "empty"})) as running:
        done = crawl(running, tmp_path)
        assert done.returncode == 0, done.stderr[-3000:]
        found = against_truth(running, tmp_path)
        foreign = "/internasional/"
        assert [each for each in stored(tmp_path) if foreign not in each.canonical_url]
        assert found.faults() == {}


def test_an_outlet_that_cannot_be_reached_is_a_failed_run(tmp_path: Path) -> None:
    with on_air(small_world("kontan")) as running:
        environ = crawl_environ(running, tmp_path)
    done = run(crawl_command(running), environ)  # the world is off the air
    assert done.returncode == 1
    (only,) = runs_of(tmp_path)
    assert only.verdict == "failed"
    assert any("proxy" in reason for reason in only.why)


BROKEN = """
from spiders.kontan import KontanPage, KontanSpider


class BrokenPage(KontanPage):
    @property
    def headline(self):
        raise LookupError("the page object is broken")


class BrokenSpider(KontanSpider):
    page_class = BrokenPage
"""


def test_a_broken_page_object_loses_no_address(tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "kontan.py").write_text(BROKEN, encoding="utf-8")
    (tmp_path / "broken" / "__init__.py").touch()
    with on_air(small_world("kontan")) as running:
        environ = crawl_environ(running, tmp_path / "data") | {"PYTHONPATH": str(tmp_path)}
        done = run([*crawl_command(running), "-s", "SPIDER_MODULES=broken"], environ)
    assert done.returncode == 1
    (only,) = runs_of(tmp_path / "data")
    assert any("could not be read: parse_error" in reason for reason in only.why)
    assert only.counts["failed"] >= 1
    assert only.learned == sum(only.counts.values())
    assert audited(tmp_path / "data").ok


@pytest.mark.parametrize("name", DECLARED)
def test_stock_scrapy_reads_one_page_of_it(name: str, tmp_path: Path) -> None:
    with on_air(small_world(name)) as running:
        article = next(each for each in running.world.truth(on_topic=True) if each.split == 1)
        environ = crawl_environ(running, tmp_path / "data")
        command = [
            *crawl_command(running)[:3],
            "parse",
            f"--spider={name}",
            "-c",
            "parse_article",
            article.url,
        ]
        done = run(command, environ)
    assert re.search(r"'?headline'?", done.stdout), done.stdout[-2000:] + done.stderr[-2000:]
    assert article.headline[:30] in done.stdout
    assert not (tmp_path / "data").exists()


@pytest.mark.postgres
def test_a_crawl_into_postgresql_is_the_same(empty_postgres: Callable[[], str], tmp_path: Path) -> None:
    with on_air(small_world("republika")) as running:
        environ = crawl_environ(running, tmp_path, database=empty_postgres())
        done = run(crawl_command(running), environ)
        assert done.returncode == 0, done.stderr[-3000:]
        engine = connect(environ["PANTAU_DATABASE"])
        try:
            kept = [each.article for each in iterate(engine)]
            assert audit(engine, tmp_path / "archive").ok
        finally:
            engine.dispose()
        assert held_against(running, kept).faults() == {}
