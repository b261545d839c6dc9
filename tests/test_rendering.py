"""Pages that only scripts make whole, read with a real browser over real sockets."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from warcio.archiveiterator import ArchiveIterator

from tests.crawling import audited, run, runs_of, stored
from tests.drawn_outlet import HEADLINE, TEXT, served
from tests.newsworld.faults import Fault
from tests.newsworld.running import Running, on_air
from tests.rendering import HOST, Crawl, Site, browsers_of, data, page, script, start

if TYPE_CHECKING:
    from subprocess import CompletedProcess

BASE = f"https://{HOST}"
DAY = "2026-03-04"
ASKS = "fetch('/api/cari?q=satu').then(r => r.json()).then(j => draw(`<a href='/berita/1'>${j.judul}</a>`));"


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[Site, Running]]:
    site = Site(
        {
            "/cari": page("", body="<script src='/muka.js'></script><img src='/gambar.png'>"),
            "/samping": page("", "<p id='isi'><a href='/lain'>Lain</a></p><script src='/muka.js'></script>"),
            "/muka.js": script("addEventListener('load', () => {" + ASKS + "})"),
            "/api/cari": data({"judul": "Kunjungan"}),
        }
    )
    with on_air(site) as running:  # type: ignore[arg-type] # a world, as far as the proxy cares
        yield site, running


def crawl(running: Running, *paths: str, **environ: str) -> Crawl:
    settings = {"RENDERING_PAGES_A_BROWSER": 1}
    started = start(running.environ() | environ, {path: f"{BASE}{path}" for path in paths}, settings)
    started.finish()
    assert not browsers_of(started.process.pid)
    return started


@pytest.mark.browser
def test_a_list_is_read_as_its_script_draws_it_and_its_host_is_asked_gently(
    site: tuple[Site, Running],
) -> None:
    served_site, running = site
    crawled = crawl(running, "/cari", "/cari?page=2", PANTAU_DELAY_S="0.4")
    for path in ("/cari", "/cari?page=2"):
        assert ">Kunjungan</a>" in crawled.outcomes[path]["text"]
    # Pictures are not loaded, and what two pages share is asked for once.
    assert served_site.paths() == [
        "/cari",
        "/muka.js",
        "/api/cari?q=satu",
        "/cari?page=2",
        "/api/cari?q=satu",
    ]
    assert crawled.stats["playwright/browser_count"] == 2
    gap_s = running.log.smallest_gap_s(HOST)
    assert gap_s is not None
    assert gap_s >= 0.39
    assert {each.agent for each in running.log.entries()} == {served_site.asked[0].agent}


@pytest.mark.browser
def test_what_stands_on_the_page_before_is_not_taken_for_what_scripts_draw(
    site: tuple[Site, Running],
) -> None:
    running = site[1]
    running.faults.add(Fault(r"/api/cari", "slow", delay_s=1))
    crawled = crawl(running, "/samping")
    running.faults.clear()
    assert ">Kunjungan</a>" in crawled.outcomes["/samping"]["text"]


def test_a_browser_that_is_not_there_is_the_reason(site: tuple[Site, Running]) -> None:
    crawled = crawl(site[1], "/cari", PANTAU_BROWSER="/nowhere/chromium")
    assert crawled.outcomes["/cari"]["reason"] == "no_browser"
    assert "is no program" in crawled.outcomes["/cari"]["detail"]


# --- An outlet


@dataclass(frozen=True)
class Crawled:
    site: Site
    data: Path
    environ: dict[str, str]
    done: "CompletedProcess[str]"


def scrapy(*words: str) -> list[str]:
    return [sys.executable, "-m", "scrapy", *words, "-s", "SPIDER_MODULES=tests.drawn_outlet"]


def environ(running: Running, folder: Path, **settings: str) -> dict[str, str]:
    ours = {"data_dir": str(folder), "now": f"{DAY}T20:00:00+07:00", "delay_s": "0"} | settings
    return running.environ() | {f"PANTAU_{name.upper()}": value for name, value in ours.items()}


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    folder, site = tmp_path_factory.mktemp("data"), served(DAY)
    with on_air(site) as running:  # type: ignore[arg-type] # a world, as far as the proxy cares
        settings = environ(running, folder)
        done = run(scrapy("crawl", "drawn", "-a", f"since={DAY}"), settings)
    return Crawled(site, folder, settings, done)


@pytest.mark.browser
def test_an_outlet_that_only_scripts_draw_is_read_whole(crawled: Crawled) -> None:
    assert crawled.done.returncode == 0, crawled.done.stderr[-3000:]
    (article,) = stored(crawled.data)
    assert (article.headline, article.body) == (HEADLINE, TEXT)
    assert article.body_from == "selector"
    assert runs_of(crawled.data)[0].verdict == "healthy"
    assert audited(crawled.data).ok


@pytest.mark.browser
def test_what_was_rendered_is_archived_as_what_it_is(crawled: Crawled) -> None:
    records: dict[str, list[tuple[str, str | None, bytes]]] = {}
    names: dict[str, str] = {}
    for file in crawled.data.glob("archive/*/*.warc.gz"):
        with file.open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests=True):
                kind, head = record.rec_type, record.rec_headers
                found = (kind, head.get_header("WARC-Refers-To"), record.content_stream().read())
                records.setdefault(head.get_header("WARC-Target-URI"), []).append(found)
                names[head.get_header("WARC-Record-ID")] = kind
                assert record.digest_checker.passed is not False
    raw, drawn = records[f"{BASE}/berita/1"]
    assert (raw[0], drawn[0]) == ("response", "conversion")
    assert TEXT[0].encode() not in raw[2]
    assert TEXT[0].encode() in drawn[2]
    assert names[str(drawn[1])] == "response"
    assert f"{BASE}/api/berita/1" in records
    (article,) = stored(crawled.data)
    assert len(article.record_ids) == 2


@pytest.mark.browser
def test_a_replay_reads_the_same_without_a_browser(crawled: Crawled) -> None:
    done = run(scrapy("replay", "drawn"), crawled.environ | {"PANTAU_BROWSER": "/bin/false"})
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    total = json.loads(done.stdout.splitlines()[-1])
    assert (total["kind"], total["identical"]) == ("sum", 1)


def test_with_a_browser_that_does_not_start_all_else_runs(tmp_path: Path) -> None:
    with on_air(served(DAY)) as running:  # type: ignore[arg-type] # a world, as far as the proxy cares
        settings = environ(running, tmp_path, browser="/bin/false", sample_share="1")
        done = run(scrapy("crawl", "drawn", "-a", f"since={DAY}"), settings)
    assert done.returncode == 1, done.stderr[-3000:]
    (last,) = runs_of(tmp_path)
    (why,) = [reason for reason in last.why if "no_browser" in reason]
    assert "/bin/false does not start" in why
    assert last.verdict == "degraded"
