"""One guarded crawl in a process of its own: `crawl(plan)` starts it, `python tests/probe.py` is it.

The plan says which requests to make, what the scripted name server answers, and which settings differ. The
report says how each request ended and, by the interpreter's audit events, every address that a socket was
ever connected to.
"""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import attrs

ROOT = Path(__file__).resolve().parent.parent

SETTINGS: dict[str, Any] = {
    "LOG_LEVEL": "WARNING",
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "COOKIES_ENABLED": False,
    "TWISTED_DNS_RESOLVER": "crawler.resolver.GuardResolver",
    "DOWNLOAD_HANDLERS": {
        "http": "crawler.handlers.CappedHTTP11Handler",
        "https": "crawler.handlers.CappedHTTP11Handler",
        "file": None,
        "data": None,
        "ftp": None,
        "s3": None,
    },
    "DOWNLOAD_VERIFY_CERTIFICATES": True,
    "DOWNLOADER_MIDDLEWARES": {
        "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
        "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
        "crawler.middlewares.guard.GuardMiddleware": 60,
        "crawler.middlewares.robots.RobotsMiddleware": 100,
        "crawler.middlewares.compression.CompressionMiddleware": 590,
        "crawler.middlewares.guard.WireMiddleware": 800,
    },
    "URLLENGTH_LIMIT": 0,
    "ROBOTSTXT_USER_AGENT": "pantau",
    "REDIRECT_MAX_TIMES": 10,
    "CONCURRENT_REQUESTS": 200,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
    "DOWNLOAD_DELAY": 0,
    "DOWNLOAD_TIMEOUT": 2,
    "DOWNLOAD_MAXSIZE": 1024 * 1024,
    "DOWNLOAD_WARNSIZE": 0,
    "RETRY_TIMES": 1,
    "RETRY_GIVE_UP_LOG_LEVEL": "DEBUG",
    "ROBOTS_TIMEOUT_S": 1,
}


# As the answers for a host: the name server does not answer in time.
STALLED: list[list[str]] = [["stalled"]]


@attrs.frozen(kw_only=True)
class Plan:
    """What to crawl. A value of `dns` is a list of answers, one a look-up; the last one repeats."""

    urls: dict[str, str]
    domains: Sequence[str]
    dns: dict[str, list[list[str]]] = attrs.field(factory=dict)
    settings: dict[str, Any] = attrs.field(factory=dict)
    meta: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    environ: dict[str, str] = attrs.field(factory=dict)
    process: str = "AsyncCrawlerProcess"


@attrs.frozen
class Report:
    """How it ended: outcomes by the plan's keys, Scrapy's stats, addresses connected to, what it cost."""

    outcomes: dict[str, dict[str, Any]]
    stats: dict[str, Any]
    connected: set[tuple[str, int]]
    looked_up: set[str]
    peak_rss_mb: float
    seconds: float
    stderr: str

    def reason(self, key: str) -> str:
        """Return the reason of an outcome, or its status as text where it was a response."""
        outcome = self.outcomes[key]
        return str(outcome.get("reason") or outcome["status"])


def crawl(plan: Plan, *, timeout_s: float = 60) -> Report:
    """Run the plan in a fresh interpreter and return its report."""
    environ = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(
        [sys.executable, "-W", "error", str(Path(__file__))],
        input=json.dumps(attrs.asdict(plan)),
        capture_output=True,
        text=True,
        timeout=timeout_s,
        cwd=ROOT,
        env={**environ, "PYTHONPATH": str(ROOT), **plan.environ},
        check=False,
    )
    if done.returncode:
        raise AssertionError(f"the crawl died: {done.stderr[-4000:]}")
    data = json.loads(done.stdout)
    return Report(
        outcomes=data["outcomes"],
        stats=data["stats"],
        connected={(address, port) for address, port in data["connected"]},
        looked_up=set(data["looked_up"]),
        peak_rss_mb=data["peak_rss_mb"],
        seconds=data["seconds"],
        stderr=done.stderr,
    )


def main() -> None:
    """Read a plan from standard input, crawl, and write the report."""
    plan = Plan(**json.load(sys.stdin))
    connected: set[tuple[str, int]] = set()
    looked_up: set[str] = set()

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect" and isinstance(arguments[1], tuple):
            connected.add((str(arguments[1][0]), int(arguments[1][1])))

    sys.addaudithook(audit)

    from scrapy import Request, Spider  # noqa: PLC0415 - the hook sees everything that follows
    from scrapy import crawler as scrapy_crawler  # noqa: PLC0415
    from scrapy.utils.reactor import install_reactor  # noqa: PLC0415

    from crawler.failures import classify_failure  # noqa: PLC0415
    from crawler.guard import RefusalError  # noqa: PLC0415

    outcomes: dict[str, dict[str, Any]] = {}

    class ProbeSpider(Spider):
        name = "probe"
        allowed_domains = list(plan.domains)

        async def start(self) -> AsyncIterator[Request]:
            for key, url in plan.urls.items():
                try:
                    request = Request(
                        url,
                        self.parse,
                        errback=self.failed,
                        dont_filter=True,
                        meta=dict(plan.meta.get(key, {})),
                        cb_kwargs={"key": key},
                    )
                except ValueError as error:
                    outcomes[key] = {"reason": "bad_url", "detail": str(error)}
                    continue
                yield request

        def parse(self, response: Any, key: str) -> None:
            outcomes[key] = {
                "status": response.status,
                "url": response.url,
                "bytes": len(response.body),
                "start": response.body[:80].decode("latin-1"),
                "kind": type(response).__name__,
            }

        def failed(self, failure: Any) -> None:
            error = failure.value
            outcomes[failure.request.cb_kwargs["key"]] = {
                "reason": str(classify_failure(failure)),
                "detail": str(error)[:300],
                "type": type(error).__name__,
                "retry_after_s": error.retry_after_s if isinstance(error, RefusalError) else None,
            }

    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    began = time.monotonic()
    process = getattr(scrapy_crawler, plan.process)({**SETTINGS, **plan.settings})
    _script_names(plan.dns, looked_up)
    crawler = process.create_crawler(ProbeSpider)
    process.crawl(crawler)
    process.start()
    stats = {
        name: value for name, value in crawler.stats.get_stats().items() if isinstance(value, int | float)
    }
    json.dump(
        {
            "outcomes": outcomes,
            "stats": stats,
            "connected": sorted(connected),
            "looked_up": sorted(looked_up),
            "peak_rss_mb": _peak_rss_mb(),
            "seconds": time.monotonic() - began,
        },
        sys.stdout,
    )


def _peak_rss_mb() -> float:
    # Not getrusage: its figure starts from that of the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1024


def _script_names(answers: dict[str, list[list[str]]], looked_up: set[str]) -> None:
    """Put a scripted name server under the guard; nothing is ever asked of the real one."""
    from twisted.internet import reactor  # noqa: PLC0415 - Scrapy has chosen the reactor by now
    from twisted.internet._resolver import GAIResolver  # noqa: PLC0415

    turns: dict[str, int] = {}

    def getaddrinfo(host: str, port: int, family: int = 0, kind: int = 0, *_: object) -> list[Any]:
        looked_up.add(host)
        if host not in answers:
            try:
                socket.inet_aton(host)
            except OSError:
                if ":" not in host:
                    raise socket.gaierror(socket.EAI_NONAME, "scripted: no such name") from None
            return list(socket.getaddrinfo(host, port, family, kind))
        if answers[host] == STALLED:
            time.sleep(2.5)
            raise socket.gaierror(socket.EAI_AGAIN, "scripted: no answer")
        turn = min(turns.get(host, 0), len(answers[host]) - 1)
        turns[host] = turn + 1
        found = [socket.getaddrinfo(address, port, 0, kind)[0] for address in answers[host][turn]]
        return [each for each in found if family in {0, each[0]}]

    reactor.installNameResolver(GAIResolver(reactor, getaddrinfo=getaddrinfo))  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
