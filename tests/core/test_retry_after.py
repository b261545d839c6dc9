"""Retry-After: read in every form, kept to, and never at the expense of other hosts."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from scrapy.core.downloader import Slot
from scrapy.http import Request, Response
from scrapy.statscollectors import MemoryStatsCollector
from twisted.internet.defer import Deferred

from crawler.clock import Clock
from crawler.guard import RefusalError
from crawler.middlewares.retry_after import Patience, RetryAfterMiddleware, parse_retry_after
from tests.hostile import HostileServer, answer, in_turn
from tests.probe import SETTINGS, Plan, Report, crawl

PAGE = "<html><head><title>Berita</title></head><body><p>Isi berita {}.</p></body></html>"


@pytest.fixture
def stats() -> MemoryStatsCollector:
    crawler: Any = SimpleNamespace(settings=SimpleNamespace(getbool=lambda _name: False))
    return MemoryStatsCollector(crawler)


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
        "seconds": in_turn(answer(429, "", Retry_After="1"), answer(200, PAGE.format(0))),
        "date": in_turn(
            answer(503, "", Retry_After=format_datetime(datetime.now(UTC), usegmt=True)),
            answer(200, PAGE.format(1)),
        ),
        "junk": in_turn(answer(429, "", Retry_After="besok"), answer(200, PAGE.format(2))),
        "always": answer(429, "", Retry_After="0"),
        "ten-years": answer(429, "", Retry_After=late),
        "hour": answer(503, "", Retry_After="3600"),
        "no-header": answer(503),
        "other": answer(200, PAGE.format(3)),
    }
    with HostileServer() as server:
        port = server.listen("127.0.0.2")
        urls = {}
        for name, behave in answers.items():
            server.on[f"{name}.kabar.test", "/page"] = behave
            urls[name] = f"http://{name}.kabar.test:{port}/page"
        for number in range(3):
            server.on["hour.kabar.test", f"/{number}"] = answers["hour"]
            urls[f"hour {number}"] = f"http://hour.kabar.test:{port}/{number}"
        middlewares = SETTINGS["DOWNLOADER_MIDDLEWARES"] | {
            "crawler.middlewares.blocked.BlockedMiddleware": 540,
            "crawler.middlewares.retry_after.RetryAfterMiddleware": 560,
        }
        settings = {
            "DOWNLOADER_MIDDLEWARES": middlewares,
            "GUARD_ALLOW_ADDRESSES": ["127.0.0.2"],
            "GUARD_ALLOW_PORTS": [port],
            "CONCURRENT_REQUESTS_PER_DOMAIN": 1,  # which Scrapy keeps only where there is a delay
            "DOWNLOAD_DELAY": 0.05,
            "DOWNLOAD_DELAY_JITTER": 0,
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
        ("no-header", "http_5xx", 2),
        ("other", "200", 1),
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
    others = [each for each in crawled.server.log if each.host == "other.kabar.test"]
    assert max(each.at_s for each in others) < paused.at_s


def test_a_closed_host_gets_no_further_request(crawled: Crawled) -> None:
    keys = ["hour", "hour 0", "hour 1", "hour 2"]
    assert [crawled.report.reason(key) for key in keys] == ["rate_limited"] * 4
    assert len(crawled.server.asked("hour.kabar.test")) == 2  # robots.txt, and the one that closed it
    assert crawled.report.stats["retry_after/hosts_closed"] == 2


def test_the_next_try_is_told(crawled: Crawled) -> None:
    for key in ("hour", "hour 0", "hour 1", "hour 2"):
        assert 3000 < crawled.report.outcomes[key]["retry_after_s"] < 3600.001
    assert crawled.report.outcomes["ten-years"]["retry_after_s"] == 366 * 86400
