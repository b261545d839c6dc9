"""robots.txt in a real crawl: the matrix of answers, and the delay as the server sees it."""

from collections.abc import Iterator
from itertools import pairwise

import attrs
import pytest

from tests.hostile import Behaviour, HostileServer, answer, in_turn, redirect, send
from tests.probe import Plan, Report, crawl

BIG = b"User-agent: *\nDisallow: /page\n" + b"# filler filler filler\n" * 100_000  # 2.3 MB, twice the limit
LONG_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 400000\r\n\r\n"
LATE = (
    b"User-agent: *\n" + b"# filler filler filler\n" * 17_000 + b"Disallow: /page\n"
)  # 390 kB, its rule last
CRAWLED: dict[str, tuple[dict[str, Behaviour], str]] = {
    "rules forbid": ({"/robots.txt": answer(200, "User-agent: *\nDisallow: /page")}, "robots"),
    "rules allow": ({"/robots.txt": answer(200, "User-agent: *\nDisallow: /other")}, "200"),
    "none": ({"/robots.txt": answer(404)}, "200"),
    "forbidden": ({"/robots.txt": answer(403)}, "200"),
    "server error": ({"/robots.txt": answer(500)}, "robots_unavailable"),
    "rate limit": ({"/robots.txt": answer(429)}, "robots_unavailable"),
    "silence": ({"/robots.txt": send(b"", then="hang")}, "robots_unavailable"),
    "reset": ({"/robots.txt": send(b"", then="reset")}, "robots_unavailable"),
    "cut short": (
        {"/robots.txt": send(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nUser-agent: *\n", then="close")},
        "robots_unavailable",
    ),
    "no HTTP": ({"/robots.txt": send(b"hello\r\n\r\n", then="close")}, "robots_unavailable"),
    "HTML": (
        {"/robots.txt": answer(200, "<html><title>404</title><p>Halaman tidak ditemukan</p></html>")},
        "200",
    ),
    "BOM": ({"/robots.txt": answer(200, b"\xef\xbb\xbfUser-agent: *\nDisallow: /page")}, "robots"),
    "huge": ({"/robots.txt": answer(200, BIG)}, "robots"),
    "endless": ({"/robots.txt": send(b"HTTP/1.1 200 OK\r\n\r\n" + BIG, then="hang")}, "robots"),
    "the second try counts from zero": (
        {"/robots.txt": in_turn(send(LONG_HEAD + b"#" * 300_000, then="close"), answer(200, LATE))},
        "robots",
    ),
    "loop": ({"/robots.txt": redirect("/robots.txt")}, "robots_unavailable"),
    "offsite": ({"/robots.txt": redirect("http://evil.test/robots.txt")}, "robots_unavailable"),
    "five hops": (
        {"/robots.txt": redirect("/1")}
        | {f"/{n}": redirect(f"/{n + 1}") for n in range(1, 5)}
        | {"/5": answer(200, "User-agent: *\nDisallow: /page")},
        "robots",
    ),
    "six hops": (
        {"/robots.txt": redirect("/1")}
        | {f"/{n}": redirect(f"/{n + 1}") for n in range(1, 6)}
        | {"/6": answer(404)},
        "robots_unavailable",
    ),
    "redirect to forbidden": (
        {"/robots.txt": answer(200, "User-agent: *\nDisallow: /secret"), "/page": redirect("/secret")},
        "robots",
    ),
}


@attrs.frozen
class Crawled:
    report: Report
    server: HostileServer


@pytest.fixture(scope="module")
def crawled() -> Iterator[Crawled]:
    with HostileServer() as server:
        port = server.listen("127.0.0.2")
        urls, dns = {}, {}
        for number, (key, (behaviours, _)) in enumerate(CRAWLED.items()):
            host = f"h{number}.kabar.test"
            urls[key] = f"http://{host}:{port}/page"
            dns[host] = [["127.0.0.2"]]
            server.on.update({(host, path): behave for path, behave in behaviours.items()})
        dns["slow.kabar.test"] = [["127.0.0.2"]]
        server.on["slow.kabar.test", "/robots.txt"] = answer(200, "User-agent: *\nCrawl-delay: 0.4")
        urls |= {f"slow {n}": f"http://slow.kabar.test:{port}/{n}" for n in range(5)}
        urls |= {
            "refused": f"http://refused.kabar.test:{port}/page",
            "unknown": "http://unknown.kabar.test/page",
        }
        dns["refused.kabar.test"] = [["127.0.0.3"]]  # nobody listens there
        settings = {
            "GUARD_ALLOW_ADDRESSES": ["127.0.0.2", "127.0.0.3"],
            "GUARD_ALLOW_PORTS": [port, 80],
            "AUTOTHROTTLE_ENABLED": True,
            "AUTOTHROTTLE_START_DELAY": 0,
        }
        yield Crawled(crawl(Plan(urls=urls, domains=["kabar.test"], dns=dns, settings=settings)), server)


@pytest.mark.parametrize("key", CRAWLED)
def test_robots_matrix(crawled: Crawled, key: str) -> None:
    assert crawled.report.reason(key) == CRAWLED[key][1], crawled.report.outcomes[key]


@pytest.mark.parametrize("key", CRAWLED)
def test_nothing_of_a_closed_host_was_fetched(crawled: Crawled, key: str) -> None:
    host = f"h{list(CRAWLED).index(key)}.kabar.test"
    wanted = 1 if CRAWLED[key][1] == "200" or key == "redirect to forbidden" else 0
    assert len(crawled.server.asked(host, "/page")) == wanted
    assert not crawled.server.asked(host, "/secret")


def test_hosts_that_cannot_be_reached_are_closed(crawled: Crawled) -> None:
    assert crawled.report.reason("refused") == "robots_unavailable"
    assert crawled.report.reason("unknown") == "robots_unavailable"


def test_the_server_sees_the_crawl_delay_kept_under_autothrottle(crawled: Crawled) -> None:
    times = [asked.at_s for asked in crawled.server.asked("slow.kabar.test")]
    assert len(times) == 6
    # Five gaps of 0.4 s; a single one may look shorter where the server noted the request before it late.
    assert times[-1] - times[0] > 5 * 0.4 - 0.2
    assert min(later - earlier for earlier, later in pairwise(times)) > 0.2
