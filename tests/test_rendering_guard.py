"""A hostile page in the browser reaches nothing, and takes nothing down but itself."""

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psutil
import pytest
from playwright.async_api import Browser, async_playwright
from playwright.async_api import Error as PlaywrightError
from scrapy.settings import Settings
from scrapy_playwright.handler import Config

from crawler.rendering import limits
from crawler.rendering.browser import GuardedBrowser
from crawler.rendering.finding import Found, find_browser
from tests.newsworld.messages import Request, Response, html, redirect
from tests.newsworld.running import on_air
from tests.rendering import HOST, Canary, Crawl, Site, browsers_of, data, page, script, start
from tests.ways_out import MARKUP, SCRIPT, WORKER, aimed

FOUND = find_browser()
BASE = f"https://{HOST}"
DRAW = "draw('<a href=\"/berita/1\">Berita</a>');"
pytestmark = pytest.mark.browser


# --- The wall alone, without a visit that would answer or refuse anything


WAYS = ("worker", "beacon", "prefetch", "iframe", "popup", "location", "css-import", "font")
SURE = {f"/{way}" for way in (*WAYS, "ping", "eventsource", "fetch-zero", "other-realm", "websocket")} | {
    "UDP"
}


def hostile_page(port: int) -> str:
    return f"<!DOCTYPE html><body>{aimed(MARKUP, port)}<script>{aimed(SCRIPT, port)}</script></body>"


def stopped(port: int) -> set[str]:
    return {f"http://127.0.0.1:{port}/{way}" for way in WAYS}


async def let_loose(browser: Browser, text: str, over: Callable[[], bool]) -> None:
    """Run a page until *over*, at most a minute."""
    opened = await (await browser.new_context()).new_page()
    with contextlib.suppress(PlaywrightError):  # it has led its own window away
        await opened.set_content(text, wait_until="commit", timeout=2000)
    deadline = time.monotonic() + 60
    while not over() and time.monotonic() < deadline:
        await opened.context.pages[0].wait_for_timeout(50)


def test_the_ways_out_are_ways_out_and_the_wall_stops_them_all() -> None:
    assert FOUND is not None
    refused: list[str] = []

    async def unguarded(found: Found, canary: Canary) -> None:
        async with async_playwright() as playwright:
            is_root = os.geteuid() == 0
            browser = await playwright.chromium.launch(
                executable_path=found.path, chromium_sandbox=not is_root
            )
            await let_loose(browser, hostile_page(canary.port), lambda: canary.ways >= SURE)
            await browser.close()

    async def walled(found: Found, canary: Canary) -> None:
        provider = GuardedBrowser(Config.from_settings(Settings()), found, refused.append)
        browser = await provider.launch_browser()
        await let_loose(browser, hostile_page(canary.port), lambda: stopped(canary.port) <= set(refused))
        opened = await browser.new_page()
        for address in (f"127.0.0.1:{canary.port}", f"localhost:{canary.port}", f"[::1]:{canary.port}"):
            with pytest.raises(PlaywrightError):
                await opened.goto(f"https://{address}/", timeout=5000)
        await browser.close()
        await provider.close()

    with Canary() as canary:
        asyncio.run(unguarded(FOUND, canary))
        assert canary.ways >= SURE
    with Canary() as canary:
        asyncio.run(walled(FOUND, canary))
        assert canary.came == []
    # The browser's own calls are refused like the page's.
    assert stopped(canary.port) - set(refused) == set()


# --- A crawl of hostile pages


@dataclass
class Crawled:
    site: Site
    crawls: list[Crawl]
    canary: Canary

    def outcome(self, key: str) -> dict[str, Any]:
        return next(crawl.outcomes[key] for crawl in self.crawls if key in crawl.outcomes)

    def text(self, key: str) -> str:
        return str(self.outcome(key).get("text"))

    def reason(self, key: str) -> str:
        return str(self.outcome(key).get("reason"))

    def count(self, stat: str) -> int:
        return sum(crawl.stats.get(stat, 0) for crawl in self.crawls)


def once(first: Callable[[], None], then: Response) -> Callable[[Request], Response]:
    """Do something at the first request, and answer it and all others."""
    done: list[bool] = []

    def answer(request: Request) -> Response:
        del request
        if not done:
            done.append(True)
            first()
        return then

    return answer


@pytest.fixture(scope="module")
def crawled() -> Iterator[Crawled]:
    """Two crawls over every trap; each test then looks at its own part of what came of it.

    In one of them the browser is killed, in the other it is frozen, and pages are not waited for so long.
    """
    site, crawls = Site(), list[Crawl]()

    def kill_browser() -> None:
        for process in browsers_of(crawls[0].process.pid):
            process.kill()

    def freeze() -> None:
        """Freeze the browser, and Playwright's own process with it."""
        for process in psutil.Process(crawls[1].process.pid).children(recursive=True):
            process.suspend()

    def kill(_request: Request) -> Response:
        kill_browser()
        return data({})

    late = f"setTimeout(() => {{ {DRAW} }}, 2500);"
    asks = "fetch('%s').then(r => r.text()).then(t => { " + DRAW + " });"
    with Canary() as canary, on_air(site) as running:  # type: ignore[arg-type] # a world, to the proxy
        at = f"http://127.0.0.1:{canary.port}"
        site.on |= {
            "/semua": page(aimed(SCRIPT, canary.port) + late, aimed(MARKUP, canary.port)),
            "/pekerja.js": script(aimed(WORKER, canary.port)),
            **{
                f"/keluar/{way}": redirect(f"{at}/{way}", status=302)
                for way in ("fetch", "iframe", "image", "window-open")
            },
            "/alih": redirect(f"{at}/alih", status=302),
            "/pindah": page(f"location.replace('{at}/pindah');"),
            "/segar": page("", f"<meta http-equiv='refresh' content='0;url={at}/segar'>"),
            "/besar": page(DRAW, "<p>isi</p>" * 400_000),
            "/membesar": page("draw('<a href=\"/x\">x</a>' + 'isi '.repeat(1e6));"),
            "/bohong": page(
                "draw('<a href=\"/x\">x</a>' + 'isi '.repeat(1e6));"
                "Object.defineProperty(Element.prototype, 'outerHTML', {get: () => '<a>'});"
                'JSON.stringify = () => \'{"url": "https://www.kabar.test/", "length": 1, "text": "<a>"}\';'
            ),
            "/dilarang": page(asks % "/tertutup/data"),
            "/tertutup/data": data({}),
            "/putar": page("for (;;) {}"),
            "/tanya": page(
                "alert('x'); confirm('y'); addEventListener('beforeunload', e => e.preventDefault());" + DRAW
            ),
            "/banyak": page(
                "Promise.all([...Array(100).keys()].map(n => fetch('/n?' + n).catch(() => 0))).then(() => {"
                + DRAW
                + "});"
            ),
            "/n": data({}),
            "/rusak": html("<h1>500</h1>", status=500),
            "/bunuh": page(asks % "/bunuh.json"),
            "/bunuh.json": once(kill_browser, data({})),
            "/selalu": page(asks % "/selalu.json"),
            "/selalu.json": kill,
            "/beku": page(asks % "/beku.json"),
            "/beku.json": once(freeze, data({})),
            "/baik": page(asks % "/baik.json"),
            "/baik.json": data({}),
        }
        slow, fragile = ["pindah", "segar", "dilarang", "putar"], ["beku", "baik"]
        quick = ["semua", "alih", "besar", "membesar", "bohong", "tanya", "banyak", "rusak"]
        for patience_s, together, in_turn in ((30, quick, ["bunuh", "selalu"]), (4, slow, fragile)):
            wanted = {key: f"{BASE}/{key}" for key in (*together, *in_turn)}
            settings = {"RENDERING_PATIENCE_S": patience_s, "RETRY_TIMES": 0}
            crawls.append(start(running.environ(), wanted, settings, together))
        for crawl in crawls:
            crawl.finish()
        yield Crawled(site, crawls, canary)
    assert not any(browsers_of(crawl.process.pid) for crawl in crawls)


def test_no_way_out_leads_out(crawled: Crawled) -> None:
    assert ">Berita</a>" in crawled.text("semua")
    assert crawled.canary.came == []
    assert "/keluar/fetch" in crawled.site.paths()  # asked for, and its redirect was not followed


def test_a_redirect_of_the_page_is_judged_as_ever(crawled: Crawled) -> None:
    assert crawled.reason("alih") == "blocked_address"


@pytest.mark.parametrize("key", ["pindah", "segar"])
def test_a_page_that_leads_away_is_refused(crawled: Crawled, key: str) -> None:
    assert crawled.reason(key) == "navigation_refused"


@pytest.mark.parametrize("key", ["besar", "membesar", "bohong"])
def test_a_rendered_page_has_a_limit(crawled: Crawled, key: str) -> None:
    assert crawled.reason(key) == "too_large"


def test_robots_txt_holds_for_what_scripts_ask_for(crawled: Crawled) -> None:
    assert crawled.reason("dilarang") == "not_rendered"
    assert "robots: https://www.kabar.test/tertutup/data" in crawled.outcome("dilarang")["detail"]
    assert "/tertutup/data" not in crawled.site.paths()


def test_an_error_is_an_error(crawled: Crawled) -> None:
    assert crawled.reason("rusak") == "http_5xx"


def test_a_script_without_end_ends_its_page_alone(crawled: Crawled) -> None:
    assert crawled.reason("putar") == "not_rendered"
    assert ">Berita</a>" in crawled.text("tanya")


def test_a_page_has_so_many_requests(crawled: Crawled) -> None:
    assert ">Berita</a>" in crawled.text("banyak")
    asked = [path for path in crawled.site.paths() if path.startswith("/n?")]
    assert len(asked) == limits.MOST_PARTS


def test_after_a_killed_browser_the_page_is_read_in_a_new_one(crawled: Crawled) -> None:
    assert ">Berita</a>" in crawled.text("bunuh")
    assert crawled.reason("selalu") == "browser_crash"
    assert crawled.count("rendering/browser_crash") == 3


def test_a_frozen_browser_is_ended_and_its_page_read_in_a_new_one(crawled: Crawled) -> None:
    assert ">Berita</a>" in crawled.text("beku")
    assert crawled.count("rendering/browser_hang") == 1
    assert ">Berita</a>" in crawled.text("baik")


# --- The end of a crawl


def test_no_browser_outlives_its_crawl() -> None:
    site, doomed, running_crawl = Site(), list[psutil.Process](), list[Crawl]()

    def kill_crawl(_request: Request) -> Response:
        doomed.extend(browsers_of(running_crawl[0].process.pid))
        running_crawl[0].process.kill()
        return data({})

    site.on |= {"/cari": page("fetch('/mati.json')"), "/mati.json": kill_crawl}
    with on_air(site) as running:  # type: ignore[arg-type] # a world, to the proxy
        running_crawl.append(start(running.environ(), {"cari": f"{BASE}/cari"}))
        running_crawl[0].process.communicate(timeout=60)
        _, alive = psutil.wait_procs(doomed, timeout=10)
    assert len(doomed) > 2
    assert not alive
