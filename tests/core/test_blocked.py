"""A refusal is never taken for an article, and an article never for a refusal."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy.http import HtmlResponse, Request, Response, XmlResponse
from scrapy.statscollectors import MemoryStatsCollector

from crawler.guard import RefusalError
from crawler.middlewares.blocked import BlockedMiddleware
from crawler.middlewares.guard import as_redirect
from crawler.reasons import Reason
from crawler.refusal_pages import asks_consent, recognise
from tests.hostile import HostileServer, answer, in_turn, redirect
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
        Reason.CONSENT,
    ),
    "consent in the heading": (
        page("Kabar Hari Ini", "<h1>Kami menghargai privasi Anda</h1><p>Pilih di bawah.</p>"),
        Reason.CONSENT,
    ),
    "English consent": (
        page("Kabar | Your privacy choices", "<p>We and our 812 partners store data.</p>"),
        Reason.CONSENT,
    ),
    "consent told by its button alone": (
        page(
            "Kabar Hari Ini",
            "<div><p>Situs ini memakai cookie untuk iklan dan statistik.</p><a href='/mitra'>Mitra</a>"
            "<button>Tolak</button><button>Terima semua</button></div>",
        ),
        Reason.CONSENT,
    ),
    "consent with an input": (
        page("", "<form><p>Cookies help us.</p><input type='submit' value='I agree'></form>"),
        Reason.CONSENT,
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
    "login of WordPress": (
        page(
            "Log Masuk &lsaquo; Kabar &#8212; WordPress",
            "<form><label>Nama</label><input name='log'><label>Sandi</label><input type='password'></form>",
        ),
        Reason.CHALLENGE,
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
    "with a banner about cookies": page(
        "Berita singkat",
        f"{MENU}<p>Isi.</p><div>Kami memakai cookie.<button>Setuju</button></div>",
    ),
    "about consent": page("Sebelum melanjutkan perundingan, Seoul menunggu", PARAGRAPHS),
    "drawn by a script, with a form of its own": page(
        "Pencarian", "<form><input name=q><button>Cari</button></form><div id=app></div>"
    ),
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


@pytest.fixture(scope="module")
def report() -> Report:
    answers = {
        "fine": answer(200, ARTICLES["plain"]),
        "check": answer(200, REFUSALS["interstitial"][0]),
        "check at 503": answer(503, REFUSALS["interstitial"][0]),
        "missing": answer(200, REFUSALS["soft 404"][0]),
        "home": redirect("/"),
        "gone": answer(410),
        "forbidden": answer(403),
        "failing": answer(500),
        "recovering": in_turn(answer(500), answer(200, ARTICLES["list"])),
    }
    with HostileServer() as server:
        port = server.listen("127.0.0.2")
        urls = {}
        for number, (name, behave) in enumerate(answers.items()):
            server.on["kabar.test", f"/berita/{number}"] = behave
            urls[name] = f"http://kabar.test:{port}/berita/{number}"
        blocked = {"crawler.middlewares.blocked.BlockedMiddleware": 540}
        settings = {
            "DOWNLOADER_MIDDLEWARES": SETTINGS["DOWNLOADER_MIDDLEWARES"] | blocked,
            "GUARD_ALLOW_ADDRESSES": ["127.0.0.2"],
            "GUARD_ALLOW_PORTS": [port],
        }
        return crawl(
            Plan(urls=urls, domains=["kabar.test"], dns={"kabar.test": [["127.0.0.2"]]}, settings=settings)
        )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("fine", "200"),
        ("check", "challenge"),
        ("check at 503", "challenge"),
        ("missing", "not_found"),
        ("home", "not_found"),
        ("gone", "not_found"),
        ("forbidden", "blocked"),
        ("failing", "http_5xx"),
        ("recovering", "200"),
    ],
)
def test_what_the_crawl_makes_of_it(report: Report, name: str, expected: str) -> None:
    assert report.reason(name) == expected


@pytest.mark.parametrize(
    ("url", "asks"),
    [
        ("https://consent.kabar.example/ask?next=%2Fnews", True),
        ("https://www.kabar.example/cookiewall/?target=/news/1", True),
        ("https://cmp.mitra.example/cookie-consent/v2", True),
        ("https://www.kabar.example/news/consent-of-the-governed", False),
        ("https://www.kabar.example/news/1?consent=yes", False),
        ("https://konsen.example/", False),
        ("http://[", False),
    ],
)
def test_where_a_page_asks_for_consent(url: str, *, asks: bool) -> None:
    assert asks_consent(url) is asks


def test_a_way_to_another_host_that_asks_for_consent_is_told_as_such() -> None:
    away = RefusalError(Reason.OFFSITE, "consent.mitra.example")
    asking = Request(
        "https://consent.mitra.example/?next=x", meta={"redirect_urls": ["https://kabar.example/"]}
    )
    other = Request("https://mitra.example/", meta={"redirect_urls": ["https://kabar.example/"]})
    assert as_redirect(away, asking).reason is Reason.CONSENT
    assert as_redirect(away, other).reason is Reason.OFFSITE_REDIRECT
