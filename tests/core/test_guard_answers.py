"""What a server may send: every answer ends in time, within memory, whole or not at all."""

import gzip
import zlib
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any
from unittest.mock import Mock

import attrs
import brotli
import pytest
import trustme
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Request, Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.internet.error import ConnectionLost, DNSLookupError, NoRouteError, TCPTimedOutError
from twisted.python.failure import Failure

from crawler.failures import classify_failure, innermost
from crawler.guard import Policy, RefusalError
from crawler.middlewares.guard import WireMiddleware
from crawler.reasons import Reason
from crawler.unpack import zstd
from tests.hostile import Behaviour, HostileServer, answer, drip, in_turn, redirect, send
from tests.probe import STALLED, Plan, Report, crawl

OUTLET = "127.0.0.2"
LIMIT = 1024 * 1024
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
TEXT = b"<html><body><p>" + b"Isi berita yang cukup panjang. " * 200 + b"</p></body></html>"
ZEROS = bytes(64 * 1024 * 1024)


def coded(name: str, data: bytes) -> Behaviour:
    return answer(200, data, Content_Encoding=name)  # type: ignore[arg-type]


def deflated(data: bytes, *, raw: bool = False) -> bytes:
    stream = zlib.compressobj(9, wbits=-15 if raw else 15)
    return stream.compress(data) + stream.flush()


BOMBS: dict[str, tuple[str, bytes]] = {
    "gzip": ("gzip", gzip.compress(ZEROS)),
    "deflate": ("deflate", deflated(ZEROS)),
    "raw deflate": ("deflate", deflated(ZEROS, raw=True)),
    "br": ("br", brotli.compress(ZEROS, quality=5)),
    "zstd": ("zstd", zstd.compress(ZEROS)),
    "gzip in gzip": ("gzip, gzip", gzip.compress(gzip.compress(ZEROS))),
    "br in gzip": ("br, gzip", gzip.compress(brotli.compress(ZEROS, quality=5))),
    "gzip members": ("gzip", gzip.compress(bytes(LIMIT // 4)) * 8),
    "empty members": ("gzip", gzip.compress(b"") * 5000),
}
WHOLE: dict[str, tuple[str, bytes]] = {
    "gzip": ("gzip", gzip.compress(TEXT)),
    "x-gzip": ("x-gzip", gzip.compress(TEXT)),
    "deflate": ("deflate", deflated(TEXT)),
    "raw deflate": ("deflate", deflated(TEXT, raw=True)),
    "br": ("br", brotli.compress(TEXT)),
    "zstd": ("zstd", zstd.compress(TEXT)),
    "gzip in br": ("gzip, br", brotli.compress(gzip.compress(TEXT))),
    "two members": ("gzip", gzip.compress(TEXT[:500]) + gzip.compress(TEXT[500:])),
    "junk after": ("gzip", gzip.compress(TEXT) + b"\0\0junk"),
    "plain all along": ("gzip", TEXT),
    "plain, says br": ("br", TEXT),
    "identity": ("identity", TEXT),
}
CUT: dict[str, tuple[str, bytes]] = {
    "gzip": ("gzip", gzip.compress(TEXT)[:-12]),
    "gzip, first bytes": ("gzip", gzip.compress(TEXT)[:14]),
    "deflate": ("deflate", deflated(TEXT)[:-12]),
    "br": ("br", brotli.compress(TEXT)[:-5]),
    "zstd": ("zstd", zstd.compress(TEXT)[:-6]),
    "damaged": ("gzip", gzip.compress(TEXT)[:-8] + b"\0" * 8),
    "unknown coding": ("compress", b"\x1f\x9d\x90abc"),
    "too many layers": ("gzip, gzip, gzip, gzip", gzip.compress(TEXT)),
    "inner cut": ("gzip, gzip", gzip.compress(gzip.compress(TEXT)[:-12])),
}


@attrs.frozen
class Case:
    behave: Behaviour
    expected: str
    attempts: int = 1


def cases() -> dict[str, Case]:
    length = b"Content-Length: %d\r\n\r\n"
    found = {
        "fine": Case(answer(200, TEXT), "200"),
        "no length": Case(send(HEAD + b"\r\n" + TEXT, then="close"), "200"),
        "endless": Case(drip(HEAD + b"\r\n", 0, b"x" * 65536), "too_large"),
        "announced too large": Case(send(HEAD + length % (LIMIT + 1)), "too_large"),
        "endless chunks": Case(
            drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", 0, b"10000\r\n" + b"x" * 65536 + b"\r\n"),
            "too_large",
        ),
        "drip": Case(drip(HEAD + length % 1000, 0.1), "timeout", 2),
        "drip in headers": Case(drip(HEAD + b"X-Slow: ", 0.1), "timeout", 2),
        "headers, then silence": Case(send(HEAD + length % 10, then="hang"), "timeout", 2),
        "silence": Case(send(b"", then="hang"), "timeout", 2),
        "reset at once": Case(send(b"", then="reset"), "reset", 2),
        "reset in headers": Case(send(HEAD, then="reset"), "reset", 2),
        "reset in body": Case(send(HEAD + length % 1000 + b"x" * 10, then="reset"), "truncated", 2),
        "closed at once": Case(send(b"", then="close"), "reset", 2),
        "closed in body": Case(send(HEAD + length % 1000 + b"x" * 10, then="close"), "truncated", 2),
        "chunks without end": Case(
            send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n", then="close"), "truncated", 2
        ),
        "broken chunk size": Case(
            send(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n"), "truncated", 2
        ),
        "conflicting lengths": Case(
            send(HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"), "bad_response"
        ),
        "many headers": Case(drip(HEAD, 0, b"X-More: " + b"y" * 1000 + b"\r\n"), "too_large"),
        "one long header": Case(drip(HEAD + b"X-Long: ", 0, b"y" * 65536), "too_large"),
        "long status line": Case(drip(b"HTTP/1.1 200 ", 0, b"y" * 65536), "too_large"),
        "continues for ever": Case(drip(b"", 0, b"HTTP/1.1 100 Continue\r\n\r\n" * 500), "too_large"),
        "a header of 60 kB": Case(answer(200, TEXT, X_Policy="p" * 60_000), "200"),
        "no HTTP": Case(send(b"SSH-2.0-OpenSSH_9.9\r\n\r\n"), "bad_response"),
        "junk status": Case(send(b"HTTP/1.1 abc OK\r\n\r\n"), "bad_response"),
        "empty": Case(answer(200, b""), "200"),
        "recovers from a reset": Case(in_turn(send(b"", then="reset"), answer(200, TEXT)), "200", 2),
        "recovers from 502": Case(in_turn(answer(502), answer(200, TEXT)), "200", 2),
        "502 twice": Case(answer(502), "http_5xx", 2),
        "418": Case(answer(418), "http_4xx"),
        "304 unasked": Case(send(b"HTTP/1.1 304 Not Modified\r\n\r\n"), "http_3xx"),
        "redirect to a bomb": Case(redirect("/bomb/gzip"), "bomb"),
    }
    for name, (coding, data) in BOMBS.items():
        found[f"bomb {name}"] = Case(coded(coding, data), "bomb")
    for name, (coding, data) in WHOLE.items():
        found[f"whole {name}"] = Case(coded(coding, data), "200")
    for name, (coding, data) in CUT.items():
        found[f"cut {name}"] = Case(coded(coding, data), "truncated")
    return found


CASES = cases()


@attrs.frozen
class Crawled:
    report: Report
    server: HostileServer


def host_of(number: int) -> str:
    return f"h{number}.kabar.test"


@pytest.fixture(scope="module")
def crawled() -> Iterator[Crawled]:
    with HostileServer() as server:
        port = server.listen(OUTLET)
        urls = {}
        for number, (key, case) in enumerate(CASES.items()):
            urls[key] = f"http://{host_of(number)}:{port}/page"
            server.on[host_of(number), "/page"] = case.behave
            server.on[host_of(number), "/bomb/gzip"] = coded(*BOMBS["gzip"])
        dns: dict[str, Any] = {host_of(number): [[OUTLET]] for number in range(len(CASES))}
        dns |= {"dead6.kabar.test": [["::1", OUTLET]], "stalled.kabar.test": STALLED}
        robots = {"robots_fetch": True}  # spares these two the look-up for robots.txt
        urls |= {name: f"http://{name}.kabar.test:{port}/" for name in ("dead6", "stalled")}
        settings = {
            "GUARD_ALLOW_ADDRESSES": [OUTLET, "::1"],
            "GUARD_ALLOW_PORTS": [port],
            "DOWNLOAD_MAXSIZE": LIMIT,
        }
        report = crawl(
            Plan(
                urls=urls,
                domains=["kabar.test"],
                dns=dns,
                settings=settings,
                meta=dict.fromkeys(("dead6", "stalled"), robots),
            )
        )
        yield Crawled(report, server)


@pytest.mark.parametrize("key", CASES)
def test_each_answer_ends_as_it_must(crawled: Crawled, key: str) -> None:
    assert crawled.report.reason(key) == CASES[key].expected, crawled.report.outcomes[key]


@pytest.mark.parametrize("key", CASES)
def test_what_may_pass_is_asked_again_and_the_rest_is_not(crawled: Crawled, key: str) -> None:
    number = list(CASES).index(key)
    assert len(crawled.server.asked(host_of(number), "/page")) == CASES[key].attempts


@pytest.mark.parametrize("name", WHOLE)
def test_whole_streams_give_the_whole_text(crawled: Crawled, name: str) -> None:
    outcome = crawled.report.outcomes[f"whole {name}"]
    assert outcome["bytes"] == len(TEXT)
    assert outcome["kind"] == "HtmlResponse"


def test_a_dead_address_gives_way_to_a_live_one(crawled: Crawled) -> None:
    assert crawled.report.reason("dead6") == "200"
    assert {"::1", OUTLET} <= {address for address, _ in crawled.report.connected}


def test_a_name_server_that_does_not_answer_is_not_waited_for(crawled: Crawled) -> None:
    assert crawled.report.reason("stalled") == "timeout"


def test_an_answer_from_inside_is_refused_though_it_came() -> None:
    """The second line: whatever led there, an answer from a forbidden address is not taken."""
    resolver = Mock()
    wire = WireMiddleware(Policy(), lambda: resolver, Mock())
    inside = Response("http://kabar.test/", ip_address=ip_address("10.0.0.1"))
    with pytest.raises(RefusalError) as caught:
        wire.process_response(Request("http://kabar.test/"), inside)
    assert caught.value.reason is Reason.BLOCKED_ADDRESS
    proxied = Request("http://kabar.test/", meta={"proxy": "http://proxy.test:3128"})
    assert wire.process_response(proxied, inside) is inside
    wire.process_request(proxied)
    resolver.allow_proxy.assert_called_once_with("proxy.test", 3128)


def test_the_whole_crawl_stays_within_memory(crawled: Crawled) -> None:
    """All bombs and floods at once, 64 MB each when unpacked, on top of the 80 MB of Scrapy itself."""
    assert crawled.report.peak_rss_mb < 180


def caused(outer: Exception, inner: Exception) -> Exception:
    outer.__cause__ = inner
    return outer


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (CannotResolveHostError("x"), Reason.DNS),
        (DNSLookupError("x"), Reason.DNS),
        (DownloadConnectionRefusedError("x"), Reason.REFUSED),
        (NoRouteError(), Reason.REFUSED),
        (DownloadTimeoutError("x"), Reason.TIMEOUT),
        (TCPTimedOutError(), Reason.TIMEOUT),
        (ResponseDataLossError("x"), Reason.TRUNCATED),
        (DownloadCancelledError("x"), Reason.TOO_LARGE),
        (caused(DownloadFailedError("x"), ConnectionLost()), Reason.RESET),
        (RefusalError(Reason.TRAP, "x"), Reason.TRAP),
        (caused(RuntimeError("x"), RefusalError(Reason.ROBOTS, "x")), Reason.ROBOTS),
        (IgnoreRequest("max redirections reached"), Reason.REDIRECT_LOOP),
        (IgnoreRequest("something else"), Reason.INTERNAL),
        (KeyError("x"), Reason.INTERNAL),
        *(
            (HttpError(Response("http://kabar.test/", status=status), "x"), reason)
            for status, reason in {
                401: Reason.BLOCKED,
                403: Reason.BLOCKED,
                451: Reason.BLOCKED,
                404: Reason.NOT_FOUND,
                410: Reason.NOT_FOUND,
                407: Reason.PROXY,
                429: Reason.RATE_LIMITED,
                400: Reason.HTTP_4XX,
                500: Reason.HTTP_5XX,
                511: Reason.CAPTIVE_PORTAL,
                302: Reason.HTTP_3XX,
                999: Reason.BAD_RESPONSE,
            }.items()
        ),
    ],
)
def test_failures_are_classified(error: Exception, expected: Reason) -> None:
    assert classify_failure(error) is expected
    assert classify_failure(Failure(error)) is expected


def test_a_proxys_failure_is_not_the_outlets() -> None:
    request = Request("http://kabar.test/", meta={"proxy": "http://proxy.test:3128"})
    assert classify_failure(DownloadConnectionRefusedError("x"), request) is Reason.PROXY
    assert classify_failure(CannotResolveHostError("x"), request) is Reason.PROXY
    assert classify_failure(DownloadTimeoutError("x"), request) is Reason.TIMEOUT
    failure = Failure(DownloadConnectionRefusedError("x"))
    failure.request = request  # type: ignore[attr-defined] # as Scrapy does
    assert classify_failure(failure) is Reason.PROXY


def test_a_failure_that_caused_itself_is_classified() -> None:
    error = RuntimeError("x")
    other = caused(ValueError("y"), error)
    error.__cause__ = other
    assert classify_failure(error) is Reason.INTERNAL
    assert innermost(error) == "ValueError: y"


def test_certificates_are_verified(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("tls")
    authority, stranger = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    for name, issuer, host in (
        ("good", authority, "kabar.test"),
        ("wrong name", authority, "elsewhere.test"),
        ("unknown issuer", stranger, "kabar.test"),
    ):
        issuer.issue_cert(host).private_key_and_cert_chain_pem.write_to_path(str(folder / f"{name}.pem"))
    with HostileServer() as server:
        names = ("good", "wrong name", "unknown issuer")
        ports = {name: server.listen(OUTLET, certificate=folder / f"{name}.pem") for name in names}
        report = crawl(
            Plan(
                urls={name: f"https://kabar.test:{port}/robots.txt" for name, port in ports.items()},
                domains=["kabar.test"],
                dns={"kabar.test": [[OUTLET]]},
                environ={"SSL_CERT_FILE": str(folder / "ca.pem")},
                meta={name: {"robots_fetch": True} for name in names},
                settings={"GUARD_ALLOW_ADDRESSES": [OUTLET], "GUARD_ALLOW_PORTS": list(ports.values())},
            )
        )
        assert {name: report.reason(name) for name in names} == {
            "good": "not_found",
            "wrong name": "tls",
            "unknown issuer": "tls",
        }
        assert {each.path for each in server.log} == {"/robots.txt"}
        assert len(server.log) == 1
