"""A crawl of all outlets of which four are ill gives the others exactly what they give without those four.

One is dark, one shows a bot check to everything, one was redesigned, one is hostile: bombs, headers without
end, bytes that drip, ways into this machine. Both crawls run at the same time, as people run them.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from crawler.storage.database import connect, reading
from crawler.storage.schema import articles, records, revisions, runs, sightings, urls, visits
from tests.crawling import DECLARED, START, crawl_environ
from tests.newsworld.faults import Fault
from tests.newsworld.happenings import Burst, Happenings, Weather
from tests.newsworld.outlets.all import ALL
from tests.newsworld.outlets.kabarnusa import KabarNusa
from tests.newsworld.printed import WIB
from tests.newsworld.running import ROOT, Running, on_air
from tests.newsworld.world import World

pytestmark = pytest.mark.timeout(600)

DARK, BLOCKED, REDESIGNED, HOSTILE = "tribunnews", "republika", "mercinews", "kontan"
ILL = {DARK, BLOCKED, REDESIGNED, HOSTILE}
SITE = KabarNusa.hosts[0]  # of no file of its own: the spider for any WordPress site crawls it
WELL = [*sorted(set(DECLARED) - ILL), SITE]
DAYS, PER_DAY = 2, 4
PANTAU = (sys.executable, "-m", "crawler.cli.main")
CRAWLS_S = 500  # some forty seconds on two cores that have nothing else to do
# What no two runs have in common: numbers of rows, and when something was fetched or looked at.
OWN = {
    *("id", "run_id", "url_id", "article_id", "record_ids", "first_run_id", "last_run_id", "seal"),
    *("fetched_at", "first_seen_at", "last_seen_at", "looked_at", "due_at", "next_try_at", "at"),
}
OF_RUNS = ("verdict", "why", "counts", "learned", "requests", "listed", "not_modified", "traits")

Crawled = tuple[Path, Path, Mapping[str, Any]]


class Canary(BaseHTTPRequestHandler):
    """Something on this machine that nobody from outside may reach."""

    met: list[str] = []

    def do_GET(self) -> None:
        self.met.append(self.path)
        self.send_response(200)
        self.end_headers()


@pytest.fixture(scope="module")
def canary() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Canary) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


class Busy(Happenings):
    """The outlet that will be redesigned has news enough for its pages to be known, and to be missed."""

    def weather(self, outlet: str) -> Weather:
        if outlet != REDESIGNED:
            return Weather()
        noon = datetime.combine(START, time(12), WIB)
        return Weather(bursts=(Burst(noon, 28), Burst(noon + timedelta(days=1), 9)))


@pytest.fixture(scope="module")
def world() -> World:
    outlets = [kind for kind in ALL if kind.name in DECLARED or kind is KabarNusa]
    made = World(9, START, DAYS, PER_DAY, outlets, archive=4, happenings=Busy())
    made.index()
    return made


@pytest.fixture(scope="module")
def crawled(world: World, canary: ThreadingHTTPServer, tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """Return the data of a crawl of all, those of one without the ill, and what the status says of all."""
    data = tmp_path_factory.mktemp("neighbours")
    everything, without = data / "all", data / "without"
    ends = world.now
    with on_air(world) as running:
        world.set_now(ends - timedelta(days=1), REDESIGNED)
        # With all of its pages read: what is usual must be known before it can be missed.
        learning = begin(running, everything, REDESIGNED, now=ends - timedelta(days=1), sample_share=1)
        assert finished(learning) == 0
        world.set_now(ends, REDESIGNED)
        world.redesign(REDESIGNED, ends - timedelta(days=1), kind="rewrapped")
        make_ill(running, canary)
        site = ("wordpress", "--url", f"https://{SITE}")
        began = [
            begin(running, everything),
            begin(running, everything, *site),
            begin(running, without, *WELL[:-1]),
            begin(running, without, *site),
        ]
        assert [finished(each) for each in began] == [1, 0, 0, 0]
        environ = crawl_environ(running, everything)
    told = subprocess.run(
        [*PANTAU, "status", "--json"], env=environ, cwd=ROOT, capture_output=True, check=False
    )
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    return everything, without, {line["outlet"]: line for line in lines if "outlet" in line}


def make_ill(running: Running, canary: ThreadingHTTPServer) -> None:
    hosts = {outlet.name: "|".join(outlet.hosts).replace(".", r"\.") for outlet in running.world.outlets}
    inside = f"http://127.0.0.1:{canary.server_address[1]}/"
    hostile = rf"^https?://(?:{hosts[HOSTILE]})"
    running.faults.add(
        Fault(rf"^https?://(?:{hosts[DARK]})/", "reset"),
        Fault(rf"^https?://(?:{hosts[BLOCKED]})/", "challenge"),
        Fault(hostile + r"/robots\.txt", "status", status=404),
        Fault(hostile + r"/sitemap", "bomb"),
        Fault(hostile + r"/search/indeks", "flood"),
        Fault(hostile + r"/tag/", "drip", delay_s=2),
        Fault(hostile, "redirect", location=inside),
    )


def begin(running: Running, data: Path, *words: str, **settings: Any) -> "subprocess.Popen[str]":
    given = {name: str(value) for name, value in settings.items()}
    return subprocess.Popen(
        [*PANTAU, "crawl", *words, "--json"],
        env=crawl_environ(running, data, window_days=str(DAYS + 1), **given),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: "subprocess.Popen[str]") -> int:
    stdout, stderr = process.communicate(timeout=CRAWLS_S)
    print(stdout, stderr)  # noqa: T201 - for whoever sees it fail
    return process.returncode


def kept(data: Path, outlet: str) -> dict[str, list[dict[str, Any]]]:
    """Return everything that the store has of an outlet, without what differs from run to run."""
    engine = connect(f"sqlite:///{data}/pantau.db", create=False)
    queries = {
        "articles": select(articles).where(articles.c.outlet == outlet),
        "revisions": select(revisions).join(articles).where(articles.c.outlet == outlet),
        "urls": select(urls).where(urls.c.outlet == outlet),
        "sightings": select(sightings, urls.c.key).join(urls).where(urls.c.outlet == outlet),
        "visits": select(visits, urls.c.key).join(urls).where(urls.c.outlet == outlet),
        "records": select(*(records.c[name] for name in ("kind", "url", "status", "sha256")))
        .join(runs)
        .where(runs.c.outlet == outlet),
        "runs": select(*(runs.c[name] for name in OF_RUNS)).where(runs.c.outlet == outlet),
    }
    with reading(engine) as connection:
        found = {
            name: list(map(_own_less, connection.execute(query).mappings()))
            for name, query in queries.items()
        }
    engine.dispose()
    return {name: sorted(rows, key=repr) for name, rows in found.items()}


def _own_less(row: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in row.items() if name not in OWN}
    if told.get("detail"):  # of a visit: which article came of it
        told["detail"] = {name: value for name, value in told["detail"].items() if name != "article"}
    return told


@pytest.mark.parametrize("outlet", WELL)
def test_a_well_outlet_gives_the_same(crawled: Crawled, outlet: str) -> None:
    everything, without, _ = crawled
    found, wanted = kept(everything, outlet), kept(without, outlet)
    assert wanted["urls"]
    for name, rows in wanted.items():
        assert found[name] == rows, name


def test_there_was_something_to_compare(crawled: Crawled) -> None:
    without = crawled[1]
    assert sum(bool(kept(without, outlet)["articles"]) for outlet in WELL) >= len(WELL) - 1


def test_the_status_tells_which_are_ill_and_why(crawled: Crawled) -> None:
    told = crawled[2]
    assert told.keys() == set(DECLARED)  # the site is crawled by hand: nobody promised to look at it
    assert {told[name]["health"] for name in told.keys() - ILL} == {"healthy"}
    for outlet, word, kind, cause in (
        (DARK, "failed", "unreachable", "/robots.txt: reset"),
        (BLOCKED, "blocked", "challenge", "a bot check, login or paywall stands before its lists"),
        (REDESIGNED, "redesigned", None, "and the page is built otherwise"),
        (HOSTILE, "failed", "unusable", "no list could be read: bomb"),
    ):
        assert (told[outlet]["health"], told[outlet]["kind"]) == (word, kind)
        assert cause in told[outlet]["cause"]
        assert told[outlet]["health_since"]


def test_nothing_of_this_machine_was_reached(crawled: object) -> None:
    assert crawled
    assert Canary.met == []
