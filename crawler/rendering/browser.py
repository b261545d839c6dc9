"""The browser of one crawl: started when the first page needs it, watched, and ended whatever happens.

scrapy-playwright keeps browser, contexts and pages; how pages are read is `visit.py`'s business.
"""

import asyncio
import contextlib
import logging
import os
import uuid
from collections.abc import Callable
from typing import Any, Final

import psutil
from playwright.async_api import Browser, Page, Playwright, async_playwright
from playwright.async_api import Error as PlaywrightError
from scrapy import Spider
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Request, Response
from scrapy_playwright.handler import Config, ScrapyPlaywrightDownloadHandler
from scrapy_playwright.provider import PlaywrightBrowserProvider

from crawler.guard import RefusalError
from crawler.reasons import SENTENCES, Reason
from crawler.rendering import limits
from crawler.rendering.finding import NEXT_STEP, Found
from crawler.rendering.visit import REFUSED_STAT, HungError, Visit
from crawler.rendering.wall import HOST, Wall

logger = logging.getLogger(__name__)

VISIT: Final = "visit"
MARK: Final = "--pantau="  # tells the browser from all others; it means nothing to it
DRIVER: Final = "run-driver"

FLAGS: Final = (
    # No name is ever looked up, and nothing goes round the proxy: not over UDP either.
    f"--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE {HOST}",
    "--disable-quic",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",  # its former name
    "--dns-prefetch-disable",
    "--no-pings",
    # Nor does the browser call home.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-gpu",
    "--js-flags=--max-old-space-size=512",
)
# Run in every frame before its own scripts: what could go round the proxy is not there.
NO_PEERS: Final = """
for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "WebTransport"]) delete window[name];
"""


class GuardedBrowser(PlaywrightBrowserProvider):  # type: ignore[misc] # ships no types
    """Starts Playwright and the browser no earlier than a page needs them, behind the wall."""

    def __init__(self, config: Config, found: Found, refused: Callable[[str], None]) -> None:
        super().__init__(config)
        self.playwright: Playwright | None = None
        self._found = found
        self._wall = Wall(refused)
        self._process: psutil.Process | None = None

    async def start(self) -> None:
        """Do nothing yet: most crawls of an outlet that renders need no browser."""

    async def launch_browser(self) -> Browser:
        """Return a browser that reaches nothing but us.

        Raises:
            RefusalError: no_browser; the message says what it died of.
        """
        for is_last in (self.playwright is None, True):
            try:
                async with asyncio.timeout(limits.START_S):
                    return await self._launched()
            except (PlaywrightError, OSError, TimeoutError) as error:
                await self.close()  # it may be Playwright itself that is gone
                if is_last:
                    raise self._does_not_start(error) from error
        raise AssertionError

    async def _launched(self) -> Browser:
        await self._wall.start()
        if self.playwright is None:
            self.playwright = await async_playwright().start()
        mark = f"{MARK}{uuid.uuid4()}"
        # Chromium's sandbox does not work for root.
        is_root = hasattr(os, "geteuid") and os.geteuid() == 0
        browser = await self.playwright.chromium.launch(
            executable_path=self._found.path,
            chromium_sandbox=not is_root,
            args=[*FLAGS, mark],
            proxy={"server": self._wall.url, "bypass": "<-loopback>"},
            handle_sigint=False,  # the crawl ends in order, and takes it along
            handle_sigterm=False,
            handle_sighup=False,
        )
        self._process = _marked(mark)
        return browser

    def _does_not_start(self, error: Exception) -> RefusalError:
        said = next((line for line in str(error).splitlines() if line.strip()), "")
        why = said.strip()[:200] or f"not up within {limits.START_S:.0f} s"
        return RefusalError(Reason.NO_BROWSER, f"{self._found.path} does not start ({why}); {NEXT_STEP}")

    async def kill(self) -> None:
        """End the browser at once, all of its processes, frozen or not."""
        doomed, self._process = self._process, None
        if doomed is not None:
            await asyncio.to_thread(_kill_all, [doomed])

    async def close(self) -> None:
        """End browser, Playwright and wall."""
        await self.kill()
        if self.playwright is not None:
            with contextlib.suppress(PlaywrightError, TimeoutError, OSError):
                async with asyncio.timeout(limits.ALIVE_S):
                    await self.playwright.stop()
            self.kill_playwright()
        self._wall.stop()

    def kill_playwright(self) -> None:
        """End Playwright's own process, which may have been what did not answer."""
        self.playwright = None
        _kill_all([each for each in psutil.Process().children() if DRIVER in _words(each)])


class Pages(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc] # ships no types
    """Reads pages in the browser. Not a download handler of the crawl: nothing is downloaded by it."""

    def __init__(self, crawler: Crawler, found: Found) -> None:
        super().__init__(crawler)
        self.config.target_closed_max_retries = 0  # `render` tries again, in a new browser
        self.config.restart_disconnected_browser = False
        self.browser_provider = GuardedBrowser(
            self.config, found, lambda _target: crawler.stats.inc_value(f"{REFUSED_STAT}wall")
        )
        self._crawler = crawler
        self._ending = asyncio.Lock()
        self._free = asyncio.Semaphore(limits.SIDE_BY_SIDE)
        self._busy = self._opened = 0
        self._most_pages = crawler.settings.getint("RENDERING_PAGES_A_BROWSER", limits.PAGES_A_BROWSER)

    async def _launch(self) -> None:
        """Start nothing with the engine."""

    async def render(self, make_visit: Callable[[], Visit], context: dict[str, Any]) -> str:
        """Return the text of a page as its scripts drew it, in a new browser where the first one goes down.

        Raises:
            RefusalError: why it could not be had.
        """
        async with self._free:
            self._busy += 1
            try:
                if self._opened >= self._most_pages and self._busy == 1:
                    await self._leave()
                return await self._rendered(make_visit, context)
            finally:
                self._busy -= 1

    async def _rendered(self, make_visit: Callable[[], Visit], context: dict[str, Any]) -> str:
        for is_last in (False, True):
            visit, browser = make_visit(), self._current
            # scrapy-playwright would wait for a page to close for ever: that is seen to here.
            meta = {"playwright_context_kwargs": context, "playwright_include_page": True, VISIT: visit}
            try:
                asked = Request(visit.url, meta=meta, dont_filter=True)
                response: HtmlResponse = await self._download_request(asked, self._crawler.spider)
            except (HungError, PlaywrightError) as error:
                reason = Reason.BROWSER_HANG if isinstance(error, HungError) else Reason.BROWSER_CRASH
                self.stats.inc_value(f"rendering/{reason}")
                said = str(error).partition("\n")[0][:200]
                logger.warning("%s (%s: %s)", SENTENCES[reason], visit.url, said)
                await self._end(visit.browser or browser or self._current)
                if isinstance(error, HungError) and self._current is None:
                    await asyncio.to_thread(self.browser_provider.kill_playwright)
                if is_last:
                    raise RefusalError(reason, f"{visit.url}, also in a new one: {said}") from error
            else:
                self.stats.inc_value("rendering/pages")
                return response.text
        raise AssertionError

    async def close(self) -> None:
        """End the browser with the crawl."""
        await self._leave()
        await self.browser_provider.close()
        await HTTP11DownloadHandler.close(self)

    @property
    def _current(self) -> Browser | None:
        return getattr(self, "browser", None)

    async def _leave(self) -> None:
        """End the browser in order, as long as it can."""
        browser = self._current
        if browser is not None:
            with contextlib.suppress(PlaywrightError, TimeoutError):
                async with asyncio.timeout(limits.ALIVE_S):
                    await browser.close()
            await self._end(browser)

    async def _end(self, browser: Browser | None) -> None:
        """End the browser, unless another one is in its place by now."""
        async with self._ending:
            if browser is None or browser is not self._current:
                return
            del self.browser
            self.context_wrappers.clear()
            self._opened = 0
            await self.browser_provider.kill()

    async def _create_page(self, request: Request, spider: Spider) -> Page:
        """Return a new page.

        Raises:
            HungError: there comes none.
        """
        self._opened += 1
        try:
            async with asyncio.timeout(2 * limits.START_S + limits.ALIVE_S):
                page: Page = await super()._create_page(request, spider)
                return page
        except TimeoutError as error:
            raise HungError(f"no new page within {2 * limits.START_S:.0f} s") from error

    async def _create_browser_context(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - scrapy-playwright's
        """Return a context in which nothing is loaded but by a visit: no popup, no socket, no peer."""
        made = await super()._create_browser_context(*args, **kwargs)
        await made.context.route("**", lambda route: route.abort("blockedbyclient"))
        await made.context.route_web_socket("**", lambda socket: socket.close())
        await made.context.add_init_script(NO_PEERS)
        return made

    async def _download_request_with_page(self, request: Request, page: Page, spider: Spider) -> Response:
        del spider
        visit: Visit = request.meta[VISIT]
        visit.browser = page.context.browser
        try:
            text = await visit.read(page)
        finally:
            await self._closed(page)
        return HtmlResponse(visit.url, body=text.encode(), encoding="utf-8")

    async def _closed(self, page: Page) -> None:
        """Close the page; a browser that cannot goes with it."""
        try:
            async with asyncio.timeout(limits.ALIVE_S):
                await page.close()
        except TimeoutError:
            await self._end(page.context.browser)
        except PlaywrightError:
            return


def _marked(mark: str) -> psutil.Process | None:
    """Return the browser's first process, by a word on its command line that is only its own."""
    for process in psutil.Process().children(recursive=True):
        words = _words(process)
        if mark in words and not any(word.startswith("--type=") for word in words):
            return process
    return None


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _kill_all(processes: list[psutil.Process]) -> None:
    """Kill processes with all that they started, and wait until they are gone."""
    doomed = []
    for process in processes:
        with contextlib.suppress(psutil.Error):
            doomed += [*process.children(recursive=True), process]
    for process in doomed:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(doomed, timeout=limits.ALIVE_S)
