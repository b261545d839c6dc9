"""robots.txt: what it allows us, how slowly it wants us, and what its failure means."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from scrapy.core.downloader import Slot
from scrapy.http import Request, Response, TextResponse
from scrapy.statscollectors import MemoryStatsCollector

from crawler.guard import RefusalError
from crawler.middlewares.robots import Limits, MemoryRobotsCache, RobotsMiddleware
from crawler.reasons import Reason
from crawler.robots import READ_BYTES, read_robots

SITE = "https://kabar.test"


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("", "/x", True),
        ("User-agent: *\nDisallow: /", "/x", False),
        ("User-agent: *\nDisallow:", "/x", True),
        ("User-agent: pantau\nDisallow: /", "/x", False),
        ("User-Agent: PANTAU/2.0\nDisallow: /", "/x", False),
        ("User-agent: Scrapy\nDisallow: /\n\nUser-agent: *\nDisallow: /search", "/x", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: pantau\nDisallow:", "/x", True),
        ("User-agent: a\nUser-agent: pantau\nUser-agent: b\nDisallow: /x", "/x", False),
        ("User-agent: a\nDisallow: /x\nUser-agent: b\nDisallow: /y", "/x", True),
        ("User-agent: p\nDisallow: /", "/x", True),  # no prefix of our name is our name
        ("User-agent: pantaubot\nDisallow: /", "/x", True),
        ("User-agent: *\nDisallow: /search\nAllow: /search/about", "/search/about", True),
        ("User-agent: *\nDisallow: /*?s=", "/?s=rusia", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x", True),
        ("Disallow: /", "/x", True),  # a rule for nobody
        ("User-agent: * # everyone\nDisallow: /x # no", "/x", False),
        ("user agent : *\ndisallow : /x", "/x", False),
        ("User-agent: *\n\n\nDisallow: /x", "/x", False),
        ("User-agent: a\nSitemap: https://kabar.test/s.xml\nUser-agent: *\nDisallow: /x", "/x", False),
        ("\ufeffUser-agent: *\nDisallow: /x", "/x", False),
        ("User-agent: *\r\nDisallow: /x\r\n", "/x", False),
        ("<html><body>Halaman tidak ditemukan</body></html>", "/x", True),
        ("\x00\x01\x02\x03", "/x", True),
        ("User-agent: *\nDisallow: /x\n<html>junk</html>\nDisallow: /y", "/y", False),
        ("User-agent: *\nDisallow: /robots.txt\nDisallow: /", "/robots.txt", True),
    ],
)
def test_rules_are_read(text: str, path: str, *, allowed: bool) -> None:
    assert read_robots(text.encode(), "pantau").allows(SITE + path) is allowed


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_part_of_the_first_rule(encoding: str) -> None:
    body = "User-agent: *\nDisallow: /x".encode(encoding)
    assert not read_robots(body, "pantau").allows(f"{SITE}/x")


def test_latin_1_does_not_break_the_rules_around_it() -> None:
    body = "User-agent: *\nDisallow: /é\nDisallow: /x".encode("latin-1")
    assert not read_robots(body, "pantau").allows(f"{SITE}/x")


@pytest.mark.parametrize(
    ("line", "delay"),
    [
        ("Crawl-delay: 30", 30.0),
        ("Crawl-delay: 0", 0.0),
        ("Crawl-delay: 0.1", 0.1),
        ("Crawl-delay: 86400", 86400.0),
        ("Crawl-delay: NaN", None),
        ("Crawl-delay: inf", None),
        ("Crawl-delay: -5", None),
        ("Crawl-delay: soon", None),
        ("Crawl-delay:", None),
        ("Request-rate: 1/10", 10.0),
        ("Request-rate: 2/1m\nCrawl-delay: 5", 30.0),
        ("Disallow: /x", None),
    ],
)
def test_the_wished_delay_is_read(line: str, delay: float | None) -> None:
    assert read_robots(f"User-agent: *\n{line}".encode(), "pantau").delay_s == delay


def test_another_crawlers_delay_is_not_ours() -> None:
    assert read_robots(b"User-agent: other\nCrawl-delay: 50", "pantau").delay_s is None


def test_only_the_first_500_kib_count() -> None:
    filler = b"# " + b"x" * 97 + b"\n"
    early = b"User-agent: *\nDisallow: /early\n" + filler * (READ_BYTES // 100 + 10)
    rules = read_robots(early + b"Disallow: /late\n", "pantau")
    assert not rules.allows(f"{SITE}/early")
    assert rules.allows(f"{SITE}/late")


def test_a_rule_cut_by_the_limit_does_not_count() -> None:
    start = b"User-agent: *\n"
    body = start + b"#" * (READ_BYTES - len(start) - 12) + b"\nDisallow: /berita/lama\n"
    assert len(body) > READ_BYTES
    assert read_robots(body, "pantau").allows(f"{SITE}/baru")


HOSTILE_FILES = {
    "stars": "User-agent: *\nDisallow: /" + "*a" * 200_000 + "b",
    "many stars": "User-agent: *\n" + "Disallow: /*a*a*a*a*a*a*a*a*a*a*b\n" * 14_000,
    "rules": "User-agent: *\n" + "".join(f"Disallow: /{n}\n" for n in range(200_000)),
    "wildcard rules": "User-agent: *\n" + "".join(f"Disallow: /*{n}$\n" for n in range(30_000)),
    "agents above rules": "".join(f"User-agent: a{n}\n" for n in range(16_000)) + "Disallow: /a\n" * 20_000,
    "our name again and again": "User-agent: pantau\n" * 20_000 + "Disallow: /a\n" * 10_000,
    "blank after a name": "User-agent" + " " * 400_000 + "\nDisallow: /",
    "colons": ":" * 500_000,
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", HOSTILE_FILES)
def test_hostile_files_are_read_and_asked_quickly(name: str) -> None:
    """Without the guards some of these take minutes or gigabytes."""
    rules = read_robots(HOSTILE_FILES[name].encode(), "pantau")
    for _ in range(3):
        assert rules.allows(f"{SITE}/{'b' * 1900}")


@attrs.define
class FakeEngine:
    """Answers `download_async` from a list of answers; the last one repeats."""

    answers: list[Response | Exception]
    asked: list[Request] = attrs.field(factory=list)
    downloader: Any = attrs.field(factory=lambda: SimpleNamespace(per_slot_settings={}, slots={}))

    async def download_async(self, request: Request) -> Response:
        self.asked.append(request)
        await asyncio.sleep(0.001)
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(found, Exception):
            raise found
        return found


@attrs.define
class MovedClock:
    """A clock that a test sets."""

    moment: datetime = datetime(2026, 3, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


def robots(status: int, text: str = "") -> TextResponse:
    return TextResponse(f"{SITE}/robots.txt", status=status, body=text.encode())


@attrs.define
class Rig:
    engine: FakeEngine
    middleware: RobotsMiddleware
    clock: MovedClock
    stats: MemoryStatsCollector

    def ask(self, path: str = "/x") -> str:
        """Return the reason of the refusal, or an empty string where the request passed."""
        try:
            asyncio.run(self.middleware.process_request(Request(SITE + path)))
        except RefusalError as refusal:
            return str(refusal.reason)
        return ""


def rig(*answers: Response | Exception, cache: MemoryRobotsCache | None = None, **limits: float) -> Rig:
    engine, clock = FakeEngine(list(answers)), MovedClock()
    crawler: Any = SimpleNamespace(engine=engine, settings={"STATS_DUMP": False})
    crawler.settings = SimpleNamespace(getbool=lambda _name: False)
    crawler.stats = MemoryStatsCollector(crawler)
    middleware = RobotsMiddleware(crawler, cache or MemoryRobotsCache(), Limits(**limits), clock)
    return Rig(engine, middleware, clock, crawler.stats)


GOOD = "User-agent: *\nDisallow: /x"


def test_a_host_is_asked_once_and_again_after_the_refresh() -> None:
    tried = rig(robots(200, GOOD), robots(200, ""))
    assert [tried.ask(), tried.ask("/y"), tried.ask("/z")] == ["robots", "", ""]
    assert len(tried.engine.asked) == 1
    tried.clock.moment += timedelta(hours=24)
    assert not tried.ask()
    assert len(tried.engine.asked) == 2


def test_requests_that_wait_share_one_fetch() -> None:
    tried = rig(robots(200, GOOD))

    async def both() -> list[Any]:
        requests = [Request(f"{SITE}/{n}") for n in range(20)]
        return await asyncio.gather(*(tried.middleware.process_request(each) for each in requests))

    asyncio.run(both())
    assert len(tried.engine.asked) == 1


def test_a_request_that_comes_as_the_fetch_ends_starts_no_other() -> None:
    tried = rig(robots(200, GOOD))

    async def one_and_then_another() -> None:
        first = asyncio.ensure_future(tried.middleware.process_request(Request(f"{SITE}/1")))
        while not tried.middleware.loading:  # noqa: ASYNC110 - step by step is the point
            await asyncio.sleep(0)
        (fetch,) = tried.middleware.loading.values()
        while not fetch.done():  # noqa: ASYNC110
            await asyncio.sleep(0)
        await asyncio.gather(first, tried.middleware.process_request(Request(f"{SITE}/2")))

    asyncio.run(one_and_then_another())
    assert len(tried.engine.asked) == 1


FAILURES: list[Response | Exception] = [
    robots(500),
    robots(503),
    robots(429),
    robots(304),
    TimeoutError("slow"),
    OSError("reset"),
    RefusalError(Reason.RATE_LIMITED, "later"),
]


@pytest.mark.parametrize("failure", FAILURES)
def test_an_unreadable_file_closes_the_host(failure: Response | Exception) -> None:
    tried = rig(failure)
    assert tried.ask() == "robots_unavailable"
    assert tried.ask("/y") == "robots_unavailable"
    assert len(tried.engine.asked) == 1  # and is not asked for each page
    assert tried.stats.get_value("robots/unavailable") == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_no_file_opens_the_host(status: int) -> None:
    assert not rig(robots(status, GOOD)).ask()


@pytest.mark.parametrize("failure", FAILURES)
def test_a_good_copy_of_a_day_bridges_a_failure(failure: Response | Exception) -> None:
    cache = MemoryRobotsCache()
    tried = rig(failure, cache=cache)
    asyncio.run(cache.put(SITE, 200, GOOD.encode(), tried.clock.moment - timedelta(hours=23)))
    assert tried.ask() == "robots"
    assert not tried.ask("/y")
    assert tried.stats.get_value("robots/stale_copy_used") == 1
    tried.clock.moment += timedelta(hours=2)
    assert tried.ask("/y") == "robots_unavailable"


def test_a_copy_from_the_future_is_not_believed() -> None:
    cache = MemoryRobotsCache()
    tried = rig(robots(500), cache=cache)
    asyncio.run(cache.put(SITE, 200, b"", tried.clock.moment + timedelta(hours=1)))
    assert tried.ask() == "robots_unavailable"


def test_a_closed_host_opens_when_its_file_is_back() -> None:
    tried = rig(robots(500), robots(200, GOOD))
    assert tried.ask("/y") == "robots_unavailable"
    tried.clock.moment += timedelta(minutes=11)
    assert not tried.ask("/y")


def test_good_copies_are_kept_and_bad_answers_are_not() -> None:
    cache = MemoryRobotsCache()
    rig(robots(404), cache=cache).ask()
    kept = asyncio.run(cache.get(SITE))
    assert kept
    assert (kept.status, kept.body) == (404, b"")
    rig(robots(500), cache=cache).ask()
    assert asyncio.run(cache.get(SITE)) == kept


@pytest.mark.parametrize(
    ("asked", "floor", "kept", "capped"),
    [
        ("30", 1, 30, False),
        ("0.1", 1, 1, False),
        ("0", 1, 1, False),
        ("86400", 1, 60, True),
        ("NaN", 1, None, False),
    ],
)
def test_the_delay_stays_within_our_limits(
    asked: str, floor: float, kept: float | None, *, capped: bool
) -> None:
    tried = rig(robots(200, f"User-agent: *\nCrawl-delay: {asked}"), min_delay_s=floor)
    slot = Slot(concurrency=8, delay=0.5, jitter=0.5)
    tried.engine.downloader.slots["kabar.test"] = slot
    tried.ask()
    assert slot.delay == (kept or 0.5)
    assert slot.jitter == (0.5 if kept is None else 0.0)
    later = tried.engine.downloader.per_slot_settings.get("kabar.test")
    assert later == (None if kept is None else {"delay": kept, "jitter": 0.0})
    assert bool(tried.stats.get_value("robots/crawl_delay_capped")) is capped


def test_a_lower_delay_from_elsewhere_is_raised_again() -> None:
    tried = rig(robots(200, "User-agent: *\nCrawl-delay: 9"))
    tried.ask()
    slot = Slot(concurrency=1, delay=0.2, jitter=0.5)
    tried.engine.downloader.slots["kabar.test"] = slot
    tried.middleware.response_downloaded(Request(SITE, meta={"download_slot": "kabar.test"}))
    assert (slot.delay, slot.jitter) == (9.0, 0.0)
