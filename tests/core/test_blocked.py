"""A refusal is never taken for an article, and an article never for a refusal."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from scrapy.core.downloader import Slot
from scrapy.http import HtmlResponse, Request, Response, XmlResponse
from scrapy.statscollectors import MemoryStatsCollector
from twisted.internet.defer import Deferred

from crawler.clock import Clock
from crawler.guard import RefusalError
from crawler.middlewares.blocked import BlockedMiddleware
from crawler.middlewares.retry_after import Patience, RetryAfterMiddleware, parse_retry_after
from crawler.reasons import Reason
from crawler.refusal_pages import recognise
from tests.hostile import HostileServer, answer, in_turn
from tests.probe import SETTINGS, Plan, Report, crawl

PAGES = Path(__file__).parents[2] / "../shared/pages"
PARAGRAPHS = "".join(
    f"<p>Menteri luar negeri menyampaikan keterangan ke-{n} tentang kunjungan itu kepada wartawan, "
    f"dan menegaskan bahwa pembahasan berlangsung terbuka serta akan dilanjutkan pekan depan.</p>"
    for n in range(8)
)
MENU = "".join(f'<a href="/kanal/{n}">Kanal {n}</a>' for n in range(60))


def page(title: str, body: str, head: str = "") -> bytes:
    return (
        f"<!doctype html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>".encode()
    )


REFUSALS: dict[str, tuple[bytes, Reason]] = {
    "interstitial": (
        page("Just a moment...", "<noscript>Enable JavaScript and cookies to continue</noscript>"),
        Reason.CHALLENGE,
    ),
    "interstitial script": (
        page("kabar.test", "<script>window._cf_chl_opt={cType:'managed'};</script>"),
        Reason.CHALLENGE,
    ),
    "device check": (
        page("kabar.test", '<script src="https://ct.captcha-delivery.com/c.js"></script>'),
        Reason.CHALLENGE,
    ),
    "frame check": (
        page("", '<iframe src="/_Incapsula_Resource?x=1"></iframe><p>Request unsuccessful.</p>'),
        Reason.CHALLENGE,
    ),
    "captcha only": (
        page("Verifikasi", '<form><div class="g-recaptcha"></div><button>Lanjut</button></form>'),
        Reason.CHALLENGE,
    ),
    "turnstile": (page("Kabar", '<h1>Sebentar</h1><div class="cf-turnstile"></div>'), Reason.CHALLENGE),
    "Indonesian robot check": (
        page("Kabar Hari Ini", "<h1>Pastikan Anda bukan robot</h1><p>Centang kotak di bawah.</p>"),
        Reason.CHALLENGE,
    ),
    "unusual traffic": (
        page("Maaf", "<p>Sistem kami mendeteksi lalu lintas yang tidak biasa dari jaringan Anda.</p>"),
        Reason.CHALLENGE,
    ),
    "cookie script": (page("", "<script>var c=slowAES.decrypt(a,b);</script>"), Reason.CHALLENGE),
    "denied": (page("Access Denied", "<h1>Access Denied</h1><p>Reference 18.2</p>"), Reason.BLOCKED),
    "denied in Indonesian": (page("Akses Ditolak", "<p>Permintaan Anda diblokir.</p>"), Reason.BLOCKED),
    "bare 403": (page("403 Forbidden", "<center><h1>403 Forbidden</h1></center><hr>nginx"), Reason.BLOCKED),
    "login": (
        page("Masuk", '<form action="/login"><input name="u"><input type="password" name="p"></form>'),
        Reason.CHALLENGE,
    ),
    "login with menu": (
        page("Masuk | Kabar Hari Ini", MENU + '<form><input type="PASSWORD"></form>'),
        Reason.CHALLENGE,
    ),
    "subscription wall": (
        page("Kabar Premium", "<h2>Rusia dan tamunya</h2><p>Berlangganan untuk membaca selengkapnya.</p>"),
        Reason.CHALLENGE,
    ),
    "consent": (
        page("Sebelum melanjutkan", "<p>Kami memakai kuki.</p><form><button>Setuju</button></form>"),
        Reason.CHALLENGE,
    ),
    "hotspot": (
        page("Login Hotspot", "<form action='/login'><input name='voucher'></form>"),
        Reason.CAPTIVE_PORTAL,
    ),
    "hotspot at a private address": (
        page("Selamat datang", '<form action="http://192.168.88.1/login"><input name="v"></form>'),
        Reason.CAPTIVE_PORTAL,
    ),
    "refresh to a private address": (
        page("", "", '<meta http-equiv="Refresh" content="0; url=http://10.5.50.1/status">'),
        Reason.CAPTIVE_PORTAL,
    ),
    "gateway marker": (page("", "<!-- <WISPAccessGatewayParam> -->"), Reason.CAPTIVE_PORTAL),
    "provider's block page": (
        page("Internet Positif", "<p>Situs ini tidak dapat dibuka.</p>"),
        Reason.CAPTIVE_PORTAL,
    ),
    "soft 404": (page("Halaman tidak ditemukan", "<p>Maaf.</p>"), Reason.NOT_FOUND),
    "soft 404 with menu": (
        page("404 - Kabar Hari Ini", MENU + "<h1>Oops</h1><p>Baca berita lain.</p>"),
        Reason.NOT_FOUND,
    ),
    "soft 404 in the heading": (
        page("Kabar Hari Ini", "<h1>Halaman yang Anda cari tidak ditemukan</h1><p>Kembali ke beranda.</p>"),
        Reason.NOT_FOUND,
    ),
    "soft 410": (page("Kabar | Artikel ini telah dihapus", "<p>Terima kasih.</p>"), Reason.NOT_FOUND),
    "English soft 404": (page("Page not found – Kabar", "<p>Try a search.</p>"), Reason.NOT_FOUND),
}
ARTICLES: dict[str, bytes] = {
    "plain": page("Rusia menerima tamu", PARAGRAPHS),
    "about a missing page": page("Halaman tidak ditemukan", f"<h1>Halaman Tidak Ditemukan</h1>{PARAGRAPHS}"),
    "about a denial": page("Akses ditolak, delegasi pulang", PARAGRAPHS),
    "about robots": page("Bukan robot, tentara sungguhan", f"<h1>Anda bukan robot</h1>{PARAGRAPHS}"),
    "with a login box": page("Berita", f"{PARAGRAPHS}<form><input type='password'></form>"),
    "with a captcha in the comments": page("Berita", f"{PARAGRAPHS}<div class='g-recaptcha'></div>"),
    "served with a passive check": page(
        "Berita singkat", "<p>Isi.</p><script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>"
    ),
    "short, with its date": page(
        "Akses ditolak",
        "<p>Foto: antrean di pos perbatasan.</p>",
        '<meta property="article:published_time" content="2026-03-01T10:00:00+07:00">',
    ),
    "short, with linked data": page(
        "Masuk",
        "<p>Video.</p><input type=password>",
        '<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2026-03-01"}</script>',
    ),
    "short, without anything": page("Kabar pagi", "<p>Hanya satu kalimat hari ini.</p>"),
    "list": page("Indeks Berita", MENU),
    "front page with a login link": page("Kabar Hari Ini", MENU + "<a href='/masuk'>Masuk</a>"),
    "title with 404 in it": page("Pesawat 404 mendarat - Kabar", "<p>Isi.</p>"),
    "empty": b"",
    "not HTML at all": b"\x89PNG\r\n\x1a\n" + bytes(200),
    "five megabytes of title": b"<title>" + b"404 " * 1_300_000,
    "many brackets": b"<" * 500_000,
    "titles without end": b"<title " * 70_000,
    "deep": b"<div>" * 100_000,
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals_are_recognised(name: str) -> None:
    body, expected = REFUSALS[name]
    found = recognise(body)
    assert found is not None
    assert found[0] is expected, found


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", ARTICLES)
def test_articles_and_junk_are_no_refusals(name: str) -> None:
    assert recognise(ARTICLES[name]) is None


def test_a_list_may_be_empty() -> None:
    nothing = page("Hasil pencarian: tidak ditemukan", "<p>Berita tidak ditemukan.</p>")
    assert recognise(nothing) == (Reason.NOT_FOUND, "tidak ditemukan")
    assert recognise(nothing, is_list=True) is None


@pytest.mark.skipif(not PAGES.is_dir(), reason="the given pages are not at hand")
def test_no_given_page_is_taken_for_a_refusal() -> None:
    files = [path for path in PAGES.rglob("*.html") if path.is_file()]
    assert files
    assert {path.name: found for path in files if (found := recognise(path.read_bytes()))} == {}


@pytest.fixture
def stats() -> MemoryStatsCollector:
    crawler: Any = SimpleNamespace(settings=SimpleNamespace(getbool=lambda _name: False))
    return MemoryStatsCollector(crawler)


def judged(response: Response, stats: MemoryStatsCollector, **meta: object) -> str:
    try:
        BlockedMiddleware(stats).process_response(Request(response.url, meta=meta), response)
    except RefusalError as refusal:
        return str(refusal.reason)
    return ""


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, ""),
        (304, ""),
        (400, "http_4xx"),
        (401, "blocked"),
        (403, "blocked"),
        (404, "not_found"),
        (407, "proxy"),
        (410, "not_found"),
        (429, "rate_limited"),
        (451, "blocked"),
        (500, "http_5xx"),
        (511, "captive_portal"),
        (599, "http_5xx"),
    ],
)
def test_statuses(status: int, expected: str, stats: MemoryStatsCollector) -> None:
    response = HtmlResponse("https://kabar.test/", status=status, body=ARTICLES["plain"])
    assert judged(response, stats) == expected
    assert not expected or stats.get_value(f"blocked/{expected}") == 1


def test_the_page_explains_the_status(stats: MemoryStatsCollector) -> None:
    check, missing = REFUSALS["interstitial"][0], REFUSALS["soft 404"][0]
    assert judged(HtmlResponse("https://kabar.test/", status=403, body=check), stats) == "challenge"
    assert judged(HtmlResponse("https://kabar.test/", status=500, body=missing), stats) == "http_5xx"


def test_a_check_named_in_the_header(stats: MemoryStatsCollector) -> None:
    response = HtmlResponse("https://kabar.test/", status=403, headers={"cf-mitigated": "challenge"})
    assert judged(response, stats) == "challenge"


@pytest.mark.parametrize("meta", [{"handle_httpstatus_all": True}, {"handle_httpstatus_list": [404]}])
def test_a_status_that_was_asked_for_passes(meta: dict[str, object], stats: MemoryStatsCollector) -> None:
    assert not judged(Response("https://kabar.test/", status=404), stats, **meta)


@pytest.mark.parametrize(
    ("first", "last", "meta", "expected"),
    [
        ("/2026/03/lama", "/", {}, "not_found"),
        ("/2026/03/lama", "", {}, "not_found"),
        ("/2026/03/lama", "/2026/03/baru", {}, ""),
        ("/2026/03/lama", "/?p=5", {}, ""),
        ("/", "/", {}, ""),
        ("/indeks", "/", {"kind": "list"}, ""),
    ],
)
def test_being_sent_to_the_front_page_means_there_is_no_article(
    first: str, last: str, meta: dict[str, object], expected: str, stats: MemoryStatsCollector
) -> None:
    response = HtmlResponse(f"https://kabar.test{last}", body=ARTICLES["plain"])
    assert judged(response, stats, redirect_urls=[f"https://kabar.test{first}"], **meta) == expected


def test_only_web_pages_are_looked_into(stats: MemoryStatsCollector) -> None:
    assert not judged(XmlResponse("https://kabar.test/feed", body=REFUSALS["soft 404"][0]), stats)


def test_one_page_under_many_hosts_is_a_portal(stats: MemoryStatsCollector) -> None:
    middleware = BlockedMiddleware(stats)
    body = page("Selamat datang", "<p>Silakan mendaftar.</p>")
    reasons = []
    for host in ("a.test", "a.test", "b.test", "c.test", "a.test"):
        response = HtmlResponse(f"https://{host}/{len(reasons)}", body=body)
        try:
            middleware.process_response(Request(response.url), response)
        except RefusalError as refusal:
            reasons.append(str(refusal.reason))
        else:
            reasons.append("")
    assert reasons == ["", "", "", "captive_portal", "captive_portal"]


NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 7 ", 7),
        ("1.5", 1.5),
        ("315360000", 366 * 86400),
        ("9" * 20, 366 * 86400),
        ("Sun, 01 Mar 2026 12:02:00 GMT", 120),
        ("Sun, 01 Mar 2026 19:02:00 +0700", 120),
        ("Sunday, 01-Mar-26 12:02:00 GMT", 120),
        ("Sun Mar  1 12:02:00 2026", 120),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("Sat, 01 Mar 3026 12:00:00 GMT", 366 * 86400),
        ("-5", None),
        ("", None),
        ("soon", None),
        ("NaN", None),
        ("1e9", None),
        ("9" * 5000, None),
        ("Sun, 99 Foo 2026 99:99:99 GMT", None),
        ("١٢", None),
    ],
)
def test_retry_after_is_read(value: str, seconds: float | None) -> None:
    assert parse_retry_after(value, NOW) == seconds


def test_dates_are_taken_against_the_clock() -> None:
    moment = format_datetime(NOW + timedelta(seconds=30), usegmt=True)
    assert parse_retry_after(moment, NOW) == 30
    assert parse_retry_after(moment, NOW + timedelta(seconds=10)) == 20


@attrs.define
class Rig:
    """The middleware beside a download slot, on a clock that the test moves."""

    middleware: RetryAfterMiddleware
    slot: Slot
    stats: MemoryStatsCollector
    now: list[float]

    def answer(self, status: int, after: str | None = None, **meta: object) -> str:
        request = Request("https://kabar.test/x", meta=meta)
        headers = {} if after is None else {"Retry-After": after}
        response = Response(request.url, status=status, headers=headers)
        self.middleware.response_downloaded(response, request)
        try:
            self.middleware.process_response(request, response)
        except RefusalError as refusal:
            return f"{refusal.reason} {refusal.retry_after_s or 0:.0f}"
        return ""

    def ask(self, url: str = "https://kabar.test/y") -> str:
        try:
            self.middleware.process_request(Request(url))
        except RefusalError as refusal:
            return str(refusal.reason)
        return ""

    def fill(self, count: int) -> list[str]:
        """Put requests into the slot's queue; the list returned takes the reasons of those sent away."""
        sent_away: list[str] = []
        for number in range(count):
            waiting: Deferred[Response] = Deferred()
            waiting.addErrback(lambda failure: sent_away.append(str(failure.value.reason)))
            self.slot.queue.append((Request(f"https://kabar.test/{number}"), waiting))
        return sent_away

    @property
    def pause(self) -> float:
        return max(self.slot.lastseen - self.now[0], 0.0)


@pytest.fixture
def rig(stats: MemoryStatsCollector) -> Rig:
    slot = Slot(concurrency=1, delay=0, jitter=0)
    engine = SimpleNamespace(downloader=SimpleNamespace(slots={"kabar.test": slot}))
    crawler: Any = SimpleNamespace(engine=engine, stats=stats)
    now = [1000.0]
    return Rig(RetryAfterMiddleware(crawler, Patience(), Clock(), lambda: now[0]), slot, stats, now)


@pytest.mark.parametrize(
    ("status", "after", "pause"),
    [
        (429, "30", 30),
        (429, "0", 0),
        (429, None, 10),
        (429, "junk", 10),
        (429, "-3", 10),
        (503, "30", 30),
        (503, None, 0),
        (500, "30", 0),
        (200, "30", 0),
    ],
)
def test_the_slot_is_paused(rig: Rig, status: int, after: str | None, pause: float) -> None:
    assert not rig.answer(status, after)
    assert rig.pause == pause
    assert not pause or rig.slot.delay > 0  # else the slot would not look at its clock


def test_without_a_time_each_try_waits_longer(rig: Rig) -> None:
    rig.answer(429, retry_times=2)
    assert rig.pause == 40


def test_a_pause_is_never_shortened(rig: Rig) -> None:
    rig.answer(429, "60")
    rig.answer(429, "5")
    assert rig.pause == 60


def test_too_long_a_wait_closes_the_host_until_then(rig: Rig) -> None:
    assert rig.answer(429, "3600") == "rate_limited 3600"
    assert rig.ask() == "rate_limited"
    assert not rig.ask("https://lain.test/")
    rig.now[0] += 3601
    assert not rig.ask()


def test_a_later_answer_of_a_closed_host_is_taken(rig: Rig) -> None:
    rig.answer(429, "3600")
    assert not rig.answer(200, retry_after_s=3600)


def test_too_much_waiting_in_all_closes_the_host(rig: Rig) -> None:
    answers = []
    for _ in range(7):
        answers.append(rig.answer(429, "100"))
        rig.now[0] += 101
    assert answers == ["", "", "", "", "", "", "rate_limited 100"]


def test_few_requests_wait_for_a_paused_host(rig: Rig) -> None:
    rig.answer(429, "60")
    assert not rig.ask()
    rig.fill(4)
    assert rig.ask() == "rate_limited"
    rig.now[0] += 31
    assert not rig.ask()  # for so short a time all may wait


def test_requests_in_the_slot_are_sent_away_when_the_wait_is_long(rig: Rig) -> None:
    waiting = rig.fill(6)
    rig.answer(429, "20")
    assert len(rig.slot.queue) == 6
    rig.answer(429, "60")
    assert len(rig.slot.queue) == 4
    assert rig.answer(429, "600") == "rate_limited 600"
    assert not rig.slot.queue
    assert waiting == ["rate_limited"] * 6


@attrs.frozen
class Crawled:
    report: Report
    server: HostileServer


@pytest.fixture(scope="module")
def crawled() -> Iterator[Crawled]:
    late = format_datetime(datetime.now(UTC) + timedelta(days=3650), usegmt=True)
    answers = {
        "seconds": in_turn(answer(429, "", Retry_After="1"), answer(200, ARTICLES["plain"])),
        "date": in_turn(
            answer(503, "", Retry_After=format_datetime(datetime.now(UTC), usegmt=True)),
            answer(200, ARTICLES["list"]),
        ),
        "junk": in_turn(answer(429, "", Retry_After="besok"), answer(200, ARTICLES["plain"])),
        "always": answer(429, "", Retry_After="0"),
        "ten-years": answer(429, "", Retry_After=late),
        "hour": answer(503, "", Retry_After="3600"),
        "no-header": answer(503),
        "other": answer(200, ARTICLES["list"]),
        "check": answer(200, REFUSALS["interstitial"][0]),
        "missing": answer(200, REFUSALS["soft 404"][0]),
        "gone": answer(410),
        "forbidden": answer(403),
    }
    with HostileServer() as server:
        port = server.listen("127.0.0.2")
        urls = {}
        for name, behave in answers.items():
            server.on[f"{name}.kabar.test", "/page"] = behave
            urls[name] = f"http://{name}.kabar.test:{port}/page"
        urls |= {f"hour {n}": f"http://hour.kabar.test:{port}/{n}" for n in range(3)}
        middlewares = SETTINGS["DOWNLOADER_MIDDLEWARES"] | {
            "crawler.middlewares.blocked.BlockedMiddleware": 540,
            "crawler.middlewares.retry_after.RetryAfterMiddleware": 560,
        }
        settings = {
            "DOWNLOADER_MIDDLEWARES": middlewares,
            "GUARD_ALLOW_ADDRESSES": ["127.0.0.2"],
            "GUARD_ALLOW_PORTS": [port],
            "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
            "RETRY_AFTER_DEFAULT_S": 0.2,
            "RETRY_AFTER_MAX_S": 5,
        }
        dns = {f"{name}.kabar.test": [["127.0.0.2"]] for name in answers}
        yield Crawled(crawl(Plan(urls=urls, domains=["kabar.test"], dns=dns, settings=settings)), server)


@pytest.mark.parametrize(
    ("name", "expected", "attempts"),
    [
        ("seconds", "200", 2),
        ("date", "200", 2),
        ("junk", "200", 2),
        ("always", "rate_limited", 2),
        ("ten-years", "rate_limited", 1),
        ("hour", "rate_limited", 1),
        ("no-header", "http_5xx", 2),
        ("other", "200", 1),
        ("check", "challenge", 1),
        ("missing", "not_found", 1),
        ("gone", "not_found", 1),
        ("forbidden", "blocked", 1),
    ],
)
def test_what_the_crawl_makes_of_it(crawled: Crawled, name: str, expected: str, attempts: int) -> None:
    assert crawled.report.reason(name) == expected
    assert len(crawled.server.asked(f"{name}.kabar.test", "/page")) == attempts


def test_the_outlet_is_not_asked_before_the_time_it_named(crawled: Crawled) -> None:
    first, second = crawled.server.asked("seconds.kabar.test", "/page")
    assert second.at_s - first.at_s > 0.9


def test_other_hosts_do_not_wait_for_it(crawled: Crawled) -> None:
    paused = crawled.server.asked("seconds.kabar.test", "/page")[1]
    others = [each for each in crawled.server.log if each.host in {"other.kabar.test", "check.kabar.test"}]
    assert max(each.at_s for each in others) < paused.at_s


def test_a_closed_host_gets_no_further_request(crawled: Crawled) -> None:
    assert [crawled.report.reason(f"hour {n}") for n in range(3)] == ["rate_limited"] * 3
    assert [each.path for each in crawled.server.asked("hour.kabar.test")] == ["/robots.txt", "/page"]
    assert crawled.report.stats["retry_after/hosts_closed"] == 2


def test_the_next_try_is_told(crawled: Crawled) -> None:
    assert crawled.report.outcomes["hour"]["retry_after_s"] == 3600
    assert 3000 < crawled.report.outcomes["hour 1"]["retry_after_s"] <= 3600
    assert crawled.report.outcomes["ten-years"]["retry_after_s"] == 366 * 86400
