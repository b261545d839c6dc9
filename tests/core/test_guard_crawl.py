"""The guarded path in real crawls: nothing internal is ever connected to, whatever a page links to."""

from collections.abc import Iterator

import attrs
import pytest
import trustme

from tests.hostile import Behaviour, HostileServer, answer, redirect
from tests.hostile_addresses import FORBIDDEN, SPELLINGS, UNICODE_SPELLINGS
from tests.probe import Plan, Report, crawl

OUTLET = "127.0.0.2"
CANARIES = ("127.0.0.1", "127.0.0.99")
PUBLISHED = ("kabar.test", "www.kabar.test", "tv.kabar.test")
REDIRECTS = (301, 302, 303, 307, 308)
SCHEMES = (
    "file:///etc/hostname",
    "data:text/html,isi",
    "javascript:alert(1)",
    "blob:https://kabar.test/1",
    "ftp://kabar.test/x",
    "s3://kabar/x",
    "gopher://kabar.test/x",
    "chrome://settings",
    "view-source:http://kabar.test/",
    "ws://kabar.test/",
)
OFFSITE = (
    "kabar.test.evil.test",
    "notkabar.test",
    "evil.test",
    "kаbar.test",
    "xn--kbar-0od.test",
    "kabar-test.test",
)


def bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


@attrs.frozen
class Crawled:
    plan: Plan
    report: Report
    server: HostileServer
    port: int
    closed_port: int


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    """One crawl over every trap; each test then looks at its own part of the report."""
    authority = trustme.CA()
    folder = tmp_path_factory.mktemp("tls")
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    for name, hosts in (("good", PUBLISHED), ("other", ("elsewhere.test",))):
        issued = authority.issue_cert(*hosts)
        issued.private_key_and_cert_chain_pem.write_to_path(str(folder / f"{name}.pem"))
    with HostileServer() as server:
        port = server.listen(OUTLET, *CANARIES)
        closed_port = server.listen(OUTLET)
        tls_port, other_tls_port = (
            server.listen(OUTLET, certificate=folder / f"{name}.pem") for name in ("good", "other")
        )
        traps = Traps(server, port)
        lay_addresses(traps)
        lay_redirects(traps, closed_port)
        lay_names(traps)
        lay_encryption(traps, tls_port, other_tls_port)
        plan = Plan(
            urls=traps.urls,
            domains=["kabar.test", "127.0.0.1"],
            dns=traps.dns,
            environ={"SSL_CERT_FILE": str(folder / "ca.pem")},
            settings={
                "GUARD_ALLOW_ADDRESSES": [OUTLET],
                "GUARD_ALLOW_PORTS": [port, tls_port, other_tls_port],
                "DNSCACHE_ENABLED": False,
                "METAREFRESH_ENABLED": True,
                "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
            },
        )
        yield Crawled(plan, crawl(plan), server, port, closed_port)


class Traps:
    """What the crawl is sent to, and what the outlet and its name server answer."""

    def __init__(self, server: HostileServer, port: int) -> None:
        self.server = server
        self.port = port
        self.base = f"http://kabar.test:{port}"
        self.urls: dict[str, str] = {}
        self.dns: dict[str, list[list[str]]] = {host: [[OUTLET]] for host in (*PUBLISHED, *OFFSITE)}

    def on(self, path: str, behave: Behaviour, host: str = "kabar.test") -> str:
        self.server.on[host, path] = behave
        return f"http://{host}:{self.port}{path}"

    def redirect(self, key: str, location: str, status: int = 302) -> None:
        # Header bytes as a server writes them: UTF-8 where the location is not ASCII.
        raw = location.encode().decode("latin-1")
        self.urls[key] = self.on(f"/to/{len(self.urls)}", redirect(raw, status))


def lay_addresses(traps: Traps) -> None:
    for number, address in enumerate(FORBIDDEN):
        name = f"a{number}.kabar.test"
        traps.dns[name] = [[address]]
        traps.urls[f"link {address}"] = f"http://{bracketed(address)}:{traps.port}/"
        traps.urls[f"name of {address}"] = f"http://{name}:{traps.port}/"
        traps.redirect(f"redirect {address}", f"http://{bracketed(address)}:{traps.port}/")
        traps.redirect(f"redirect to name of {address}", f"http://{name}:{traps.port}/")
    for spelling in (*SPELLINGS, *UNICODE_SPELLINGS):
        traps.urls[f"spelled link {spelling}"] = f"http://{spelling}:{traps.port}/"
        traps.redirect(f"spelled redirect {spelling}", f"http://{spelling}:{traps.port}/")


def lay_redirects(traps: Traps, closed_port: int) -> None:
    for status in REDIRECTS:
        traps.redirect(f"{status} to internal", f"http://127.0.0.1:{traps.port}/", status)
        traps.redirect(f"{status} within", f"http://www.kabar.test:{traps.port}/", status)
    for url in SCHEMES:
        traps.urls[f"link {url}"] = url
        traps.redirect(f"redirect {url}", url)
    refresh = f'<meta http-equiv="refresh" content="0; url=http://127.0.0.1:{traps.port}/">'
    traps.urls["refresh to internal"] = traps.on(
        "/refresh", answer(200, f"<html><head>{refresh}</head></html>")
    )
    traps.urls["bad port"] = f"http://kabar.test:{closed_port}/"
    traps.redirect("redirect to bad port", f"http://kabar.test:{closed_port}/")
    traps.redirect("redirect without Location", "")
    traps.redirect("redirect to a broken host", "http://[::1/")
    traps.urls["loop self"] = traps.on("/loop", redirect("/loop"))
    traps.urls["loop pair"] = traps.on("/ping", redirect("/pong"))
    traps.on("/pong", redirect("/ping"))


def lay_names(traps: Traps) -> None:
    for host in OFFSITE:
        traps.urls[f"link {host}"] = f"http://{host}:{traps.port}/"
        traps.redirect(f"redirect {host}", f"http://{host}:{traps.port}/")
    traps.urls |= {
        "subdomain": f"http://tv.kabar.test:{traps.port}/",
        "mixed case": f"HTTP://KABAR.test:{traps.port}/A",
        "credentials": f"http://user:secret@kabar.test:{traps.port}/",
        "too long": f"{traps.base}/{'a' * 3000}",
        "longest": f"{traps.base}/{'a' * (2000 - len(traps.base) - 1)}",
    }
    # The name server says one thing first and another on the second look-up; no connection is kept.
    traps.dns["rebind.kabar.test"] = [[OUTLET], ["127.0.0.1"]]
    traps.urls["rebinding"] = f"http://rebind.kabar.test:{traps.port}/"
    traps.dns["half.kabar.test"] = [["127.0.0.1", OUTLET]]
    traps.urls["one good, one bad address"] = f"http://half.kabar.test:{traps.port}/"


def lay_encryption(traps: Traps, tls_port: int, other_tls_port: int) -> None:
    page = answer(200, "<html><p>Isi berita.</p></html>")
    traps.urls["fine"] = traps.on("/fine", page)
    secure = f"https://kabar.test:{tls_port}"
    traps.urls["tls"] = f"{secure}/"
    traps.urls["tls wrong name"] = f"https://kabar.test:{other_tls_port}/"
    traps.urls["tls on a plain port"] = f"https://kabar.test:{traps.port}/"
    traps.on("/down-same", redirect(traps.on("/fine", page, "www.kabar.test")))
    traps.urls["downgrade same host"] = f"{secure}/down-same"
    traps.on("/down-other", redirect(traps.on("/fine", page, "tv.kabar.test")))
    traps.urls["downgrade other host"] = f"{secure}/down-other"
    traps.urls["upgrade"] = traps.on("/upgrade", redirect(f"https://tv.kabar.test:{tls_port}/fine"))


def test_every_request_ends_with_an_outcome(crawled: Crawled) -> None:
    assert len(crawled.plan.urls) > 350
    assert set(crawled.report.outcomes) == set(crawled.plan.urls)
    reasons = {key: crawled.report.reason(key) for key in crawled.report.outcomes}
    assert "internal" not in reasons.values(), {
        key for key, reason in reasons.items() if reason == "internal"
    }


def test_no_socket_ever_went_anywhere_but_to_the_outlet(crawled: Crawled) -> None:
    assert {address for address, _ in crawled.report.connected} == {OUTLET}
    assert (OUTLET, crawled.closed_port) not in crawled.report.connected


def test_the_canaries_saw_nobody(crawled: Crawled) -> None:
    assert {address for address, _ in crawled.server.connections} == {OUTLET}
    assert crawled.server.connections[OUTLET, crawled.closed_port] == 0


@pytest.mark.parametrize("how", ["link", "name of", "redirect", "redirect to name of"])
@pytest.mark.parametrize("address", FORBIDDEN)
def test_internal_addresses_are_refused(crawled: Crawled, how: str, address: str) -> None:
    assert crawled.report.reason(f"{how} {address}") == "blocked_address"


@pytest.mark.parametrize("how", ["link", "redirect"])
@pytest.mark.parametrize("spelling", [*SPELLINGS, *UNICODE_SPELLINGS])
def test_odd_spellings_are_refused(crawled: Crawled, how: str, spelling: str) -> None:
    expected = {"blocked_address", "bad_url", "offsite", "offsite_redirect", "bad_redirect"}
    assert crawled.report.reason(f"spelled {how} {spelling}") in expected


@pytest.mark.parametrize("status", REDIRECTS)
def test_redirects_to_internal_are_refused_and_others_followed(crawled: Crawled, status: int) -> None:
    assert crawled.report.reason(f"{status} to internal") == "blocked_address"
    assert crawled.report.outcomes[f"{status} within"]["url"] == f"http://www.kabar.test:{crawled.port}/"


def test_a_refresh_to_internal_is_refused(crawled: Crawled) -> None:
    assert crawled.report.reason("refresh to internal") == "blocked_address"


@pytest.mark.parametrize("how", ["link", "redirect"])
@pytest.mark.parametrize("url", SCHEMES)
def test_other_schemes_are_refused(crawled: Crawled, how: str, url: str) -> None:
    assert crawled.report.reason(f"{how} {url}") in {"bad_scheme", "bad_url"}


@pytest.mark.parametrize("host", OFFSITE)
def test_other_hosts_are_offsite(crawled: Crawled, host: str) -> None:
    assert crawled.report.reason(f"link {host}") == "offsite"
    assert crawled.report.reason(f"redirect {host}") == "offsite_redirect"
    assert not crawled.server.asked(host)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("fine", "200"),
        ("subdomain", "200"),
        ("mixed case", "200"),
        ("longest", "200"),
        ("too long", "url_too_long"),
        ("bad port", "bad_port"),
        ("redirect to bad port", "bad_port"),
        ("credentials", "bad_url"),
        ("rebinding", "blocked_address"),
        ("one good, one bad address", "200"),
        ("redirect without Location", "bad_redirect"),
        ("redirect to a broken host", "bad_redirect"),
        ("loop self", "redirect_loop"),
        ("loop pair", "redirect_loop"),
        ("tls", "200"),
        ("tls wrong name", "robots_unavailable"),
        ("tls on a plain port", "robots_unavailable"),
        ("downgrade same host", "200"),
        ("downgrade other host", "bad_redirect"),
        ("upgrade", "200"),
    ],
)
def test_single_cases(crawled: Crawled, key: str, expected: str) -> None:
    assert crawled.report.reason(key) == expected, crawled.report.outcomes[key]


def test_rebinding_was_really_tried(crawled: Crawled) -> None:
    assert [asked.path for asked in crawled.server.asked("rebind.kabar.test")] == ["/robots.txt"]


def test_refusals_are_counted(crawled: Crawled) -> None:
    assert crawled.report.stats["guard/refused/blocked_address"] >= 4 * len(FORBIDDEN)
    assert crawled.report.stats["guard/refused/bad_port"] == 2


PROXIED_REFUSALS = {
    "literal": ("http://127.0.0.1/", "blocked_address"),
    "literal over TLS": ("https://127.0.0.1/", "blocked_address"),
    "metadata": ("http://169.254.169.254/latest/meta-data/", "blocked_address"),
    "decimal": ("http://2130706433/", "blocked_address"),
    "short": ("http://127.1/", "blocked_address"),
    "IPv6": ("http://[::1]/", "blocked_address"),
    "NAT64": ("http://[64:ff9b::7f00:1]/", "blocked_address"),
    "localhost": ("http://localhost/", "blocked_address"),
    "nearby name": ("http://kabar.internal/", "blocked_address"),
    "bad port": ("http://kabar.test:8080/", "bad_port"),
    "redirect to internal": ("http://kabar.test/inside", "blocked_address"),
    "redirect to localhost": ("http://kabar.test/local", "blocked_address"),
}


def proxy_crawl(server: HostileServer, proxy: str, dns: dict[str, list[list[str]]], **more: object) -> Report:
    server.on["kabar.test", "http://kabar.test/inside"] = redirect("http://10.0.0.1/")
    server.on["kabar.test", "http://kabar.test/local"] = redirect("http://localhost/")
    server.on["kabar.test", "http://kabar.test/robots.txt"] = answer(404)
    server.on["kabar.test", "kabar.test:443"] = answer(403)
    urls = {key: url for key, (url, _) in PROXIED_REFUSALS.items()}
    urls |= {
        "plain": "http://kabar.test/berita",
        "tunnel": "https://kabar.test/berita",
        "direct": "http://bypass.test/",
    }
    environ = {"http_proxy": proxy, "https_proxy": proxy, "no_proxy": "bypass.test"}
    domains = ["kabar.test", "bypass.test", "localhost", "kabar.internal", "127.0.0.1"]
    return crawl(Plan(urls=urls, domains=domains, dns=dns, environ=environ, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize("process", ["AsyncCrawlerProcess", "CrawlerProcess"])
@pytest.mark.parametrize("by_name", [False, True])
def test_a_configured_proxy_is_reached_and_nothing_else_internal(process: str, *, by_name: bool) -> None:
    with HostileServer() as server:
        port = server.listen("127.0.0.1")
        dns = {"proxy.test": [["127.0.0.1"]], "bypass.test": [["127.0.0.1"]]}
        report = proxy_crawl(
            server, f"http://{'proxy.test' if by_name else '127.0.0.1'}:{port}", dns, process=process
        )
    assert {key: report.reason(key) for key in PROXIED_REFUSALS} == {
        key: expected for key, (_, expected) in PROXIED_REFUSALS.items()
    }
    assert report.reason("plain") == "200"
    assert report.reason("direct") == "blocked_address"
    assert report.connected == {("127.0.0.1", port)}
    # The tunnel was asked for (and this stand-in for a proxy does not open one).
    assert [each for each in server.log if each.method == "CONNECT" and each.path == "kabar.test:443"]
    assert report.reason("tunnel") == "proxy"


def test_a_dead_proxy_is_named_and_not_walked_around() -> None:
    with HostileServer() as server:
        port = server.listen("127.0.0.2")
    report = crawl(
        Plan(
            urls={"page": "http://kabar.test/"},
            domains=["kabar.test"],
            dns={"kabar.test": [["127.0.0.2"]]},
            environ={"http_proxy": f"http://127.0.0.2:{port}"},
            settings={"GUARD_ALLOW_ADDRESSES": ["127.0.0.2"]},
        )
    )
    assert report.reason("page") == "proxy"
    assert f"127.0.0.2:{port}" in report.outcomes["page"]["detail"]
    assert report.connected == {("127.0.0.2", port)}
    assert "kabar.test" not in report.looked_up


@pytest.mark.parametrize("process", ["AsyncCrawlerProcess", "CrawlerProcess"])
def test_the_guard_stands_also_where_the_settings_name_another_resolver(process: str) -> None:
    with HostileServer() as server:
        port = server.listen("127.0.0.1")
        report = crawl(
            Plan(
                urls={"page": f"http://kabar.test:{port}/"},
                domains=["kabar.test"],
                dns={"kabar.test": [["127.0.0.1"]]},
                process=process,
                settings={
                    "TWISTED_DNS_RESOLVER": "scrapy.resolver.CachingHostnameResolver",
                    "GUARD_ALLOW_PORTS": [port],
                },
            )
        )
    assert report.reason("page") == "blocked_address"
    assert not report.connected


def test_a_way_to_download_that_is_not_guarded_is_refused() -> None:
    handler = "scrapy.core.downloader.handlers._aiohttp.AiohttpDownloadHandler"
    handlers = {"DOWNLOAD_HANDLERS": {"http": handler, "https": handler}}
    report = crawl(Plan(urls={"page": "http://127.0.0.1/"}, domains=["127.0.0.1"], settings=handlers))
    assert "the address guard covers only" in report.stderr
    assert not report.outcomes
    assert not report.connected
