"""One page in the browser: what it is given, what it is refused, and its text once what is awaited is there.

The browser fetches nothing. Its requests are stopped before they leave it, and those that a page needs are
made by the crawler, like any other request: through guard, robots.txt, pauses, caps and archive.
"""

import asyncio
import contextlib
import json
from collections import OrderedDict
from typing import Any, Final

from playwright.async_api import Browser, BrowserContext, Page, Route
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Request as Asked
from scrapy.crawler import Crawler
from scrapy.http import Request, Response, TextResponse
from scrapy.http.request import NO_CALLBACK

from crawler.clock import Clock
from crawler.failures import classify_failure
from crawler.guard import Policy, RefusalError, normal_domains
from crawler.reasons import Reason
from crawler.rendering import limits

KIND: Final = "browser"
"""The kind under which the archive keeps what a page's scripts asked for."""

REFUSED_STAT: Final = "rendering/refused/"

_NEEDED: Final = frozenset({"script", "xhr", "fetch"})
_METHODS: Final = frozenset({"GET", "POST"})
_SENT_ON: Final = ("accept", "content-type", "x-requested-with")
_HANDED_ON: Final = ("Content-Type", "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials")
_SUCCESS: Final = 200
_POLL_S: Final = 0.25
_GLANCE_S: Final = 0.05
_A_TURN: Final = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
_TOLD: Final = 3

# Run where no script of the page can reach: it could tell any length and any address.
_READ: Final = """(() => {
    const root = document.documentElement;
    const type = document.doctype ? new XMLSerializer().serializeToString(document.doctype) : "";
    const text = root ? type + root.outerHTML : "";
    return JSON.stringify({
        url: document.URL, length: text.length, text: text.length > %d ? "" : text.toWellFormed()
    });
})()"""


class HungError(Exception):
    """The browser does not answer."""


class Scripts:
    """The scripts that the pages of one crawl share, so that a host is asked once for each."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Response] = OrderedDict()
        self._bytes = 0

    def get(self, url: str) -> Response | None:
        """Return the kept script at *url*."""
        return self._kept.get(url)

    def keep(self, url: str, response: Response) -> None:
        """Keep a script that came whole."""
        if response.status != _SUCCESS or url in self._kept:
            return
        self._kept[url] = response
        self._bytes += len(response.body)
        while self._bytes > limits.KEPT_BYTES:
            self._bytes -= len(self._kept.popitem(last=False)[1].body)


class Visit:
    """One try to render the page that *main* is, until *css* selects something in it."""

    def __init__(  # noqa: PLR0913, PLR0917 - what one try is made of
        self,
        crawler: Crawler,
        policy: Policy,
        patience_s: float,
        main: TextResponse,
        css: str,
        scripts: Scripts,
    ) -> None:
        self.url = main.url
        self.browser: Browser | None = None
        self._crawler = crawler
        self._main = main
        self._css = css
        self._scripts = scripts
        self._policy = policy
        self._patience_s = patience_s
        self._domains = normal_domains(getattr(crawler.spider, "allowed_domains", None) or [])
        self._handed_over = False
        self._parts = 0
        self._open = 0  # what scripts asked for and have no answer to
        self._fetching = 0  # of those, what the crawler has not got yet
        self._moved_s = Clock.seconds()
        self._refused: list[RefusalError] = []

    async def read(self, page: Page) -> str:
        """Return the page's text when what is awaited is in it.

        Raises:
            RefusalError: navigation_refused, not_rendered, too_large.
            HungError: the browser does not answer.
            PlaywrightError: page or browser are gone.
        """
        page.on("popup", lambda popup: asyncio.ensure_future(_closed(popup)))
        await page.route("**", self._answer)
        drawing = asyncio.ensure_future(self._drawn(page))
        try:
            await self._watch(drawing, page.context)
            return await self._text(page)
        finally:
            drawing.cancel()
            await asyncio.gather(drawing, return_exceptions=True)

    async def _drawn(self, page: Page) -> None:
        await page.goto(self.url, wait_until="commit", timeout=0)
        await page.wait_for_selector(self._css, state="attached", timeout=0)
        await self._at_rest(page)

    async def _at_rest(self, page: Page) -> None:
        """Let scripts draw what they have asked for: what is awaited may stand in a side column before."""
        with contextlib.suppress(TimeoutError):  # some pages never rest
            async with asyncio.timeout(limits.REST_S):
                await page.wait_for_load_state("load", timeout=0)
                await page.evaluate(_A_TURN)
                while self._open:
                    await asyncio.sleep(_GLANCE_S)
                    await page.evaluate(_A_TURN)

    async def _watch(self, drawing: "asyncio.Future[None]", context: BrowserContext) -> None:
        """Wait for *drawing*: as long as the page's requests take, and some time for what it does of them."""
        began_s = self._moved_s = Clock.seconds()
        while not drawing.done():
            await asyncio.wait({drawing}, timeout=_POLL_S)
            now_s = Clock.seconds()
            idle_s = 0.0 if self._fetching else now_s - self._moved_s
            patience_s = self._patience_s if self._handed_over else limits.START_S
            if not drawing.done() and (idle_s > patience_s or now_s - began_s > limits.LONGEST_S):
                if not await is_alive(context):
                    raise HungError(f"no answer while rendering {self.url}")
                raise self._not_rendered()
        try:
            drawing.result()
        except PlaywrightError as error:
            if "ERR_" in error.message:
                raise RefusalError(Reason.NAVIGATION_REFUSED, f"{self.url}: {error.message[:200]}") from error
            raise

    async def _text(self, page: Page) -> str:
        try:
            async with asyncio.timeout(limits.PATIENCE_S):
                session = await page.context.new_cdp_session(page)
                frame = (await session.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
                world = await session.send("Page.createIsolatedWorld", {"frameId": frame})
                answer = await session.send(
                    "Runtime.evaluate",
                    {
                        "expression": _READ % limits.MOST_BYTES,
                        "contextId": world["executionContextId"],
                        "returnByValue": True,
                    },
                )
        except TimeoutError as error:
            if await is_alive(page.context):
                raise self._not_rendered() from error
            raise HungError(f"no answer while reading {self.url}") from error
        value = answer["result"].get("value")
        if value is None:
            raise self._not_rendered()
        return self._judged(json.loads(value))

    def _judged(self, found: dict[str, Any]) -> str:
        try:
            self._policy.check(found["url"], self._domains)
        except RefusalError as refusal:
            raise RefusalError(
                Reason.NAVIGATION_REFUSED, f"{self.url} led to {found['url'][:200]!r}"
            ) from refusal
        text: str = found["text"]
        if max(found["length"], len(text.encode())) > limits.MOST_BYTES:
            raise RefusalError(Reason.TOO_LARGE, f"{self.url}: {found['length']} characters when rendered")
        return text

    def _not_rendered(self) -> RefusalError:
        told = "; ".join(str(refusal) for refusal in self._refused[:_TOLD])
        detail = f"{self.url}: no {self._css!r} came{f', refused: {told}' if told else ''}"
        led_away = any(refusal.reason is Reason.NAVIGATION_REFUSED for refusal in self._refused)
        return RefusalError(Reason.NAVIGATION_REFUSED if led_away else Reason.NOT_RENDERED, detail)

    # --- What the browser asks for

    async def _answer(self, route: Route, asked: Asked) -> None:
        try:
            if asked.resource_type == "document":
                await self._answer_document(route, asked)
            else:
                await self._answer_part(route, asked)
        except PlaywrightError:
            return  # the page has gone meanwhile, and with it who asked
        finally:
            self._moved_s = Clock.seconds()

    async def _answer_document(self, route: Route, asked: Asked) -> None:
        """Hand over the page itself, once; no frame and no other page is loaded."""
        if self._handed_over:
            if _is_main(asked):
                refusal = RefusalError(Reason.NAVIGATION_REFUSED, f"its script leads to {asked.url[:200]!r}")
                self._note(refusal)
            await route.abort("aborted")
            return
        self._handed_over = True
        headers = {"Content-Type": "text/html; charset=utf-8"}
        if policy := self._main.headers.get("Content-Security-Policy"):
            headers["Content-Security-Policy"] = policy.decode("latin-1")
        await route.fulfill(status=_SUCCESS, headers=headers, body=self._main.text.encode())

    async def _answer_part(self, route: Route, asked: Asked) -> None:
        if asked.resource_type not in _NEEDED or asked.method not in _METHODS:
            self._crawler.stats.inc_value("rendering/not_loaded")
            await route.abort("blockedbyclient")
            return
        self._open += 1
        try:
            response = await self._fetched(asked)
            headers = {
                name: value.decode("latin-1") for name in _HANDED_ON if (value := response.headers.get(name))
            }
            await route.fulfill(status=response.status, headers=headers, body=response.body)
        except RefusalError as refusal:
            self._note(refusal)
            await route.abort("failed")
        finally:
            self._open -= 1

    async def _fetched(self, asked: Asked) -> Response:
        """Return the answer to what a page's script asks for.

        Raises:
            RefusalError: it may not be asked for, or could not be had.
        """
        self._policy.check(asked.url, self._domains)
        shared = asked.resource_type == "script" and asked.method == "GET"
        if shared and (kept := self._scripts.get(asked.url)):
            return kept
        self._parts += 1
        if self._parts > limits.MOST_PARTS:
            raise RefusalError(Reason.OVER_BUDGET, f"more than {limits.MOST_PARTS} requests of one page")
        engine = self._crawler.engine
        if engine is None:
            raise RefusalError(Reason.INTERNAL, "the engine is not running")
        request = self._request(asked)
        self._fetching += 1
        try:
            response = await engine.download_async(request)
        except RefusalError:
            raise
        except Exception as error:
            raise RefusalError(classify_failure(error, request), asked.url) from error
        finally:
            self._fetching -= 1
            self._moved_s = Clock.seconds()
        if shared:
            self._scripts.keep(asked.url, response)
        self._crawler.stats.inc_value("rendering/parts")
        return response

    def _request(self, asked: Asked) -> Request:
        given = asked.headers
        headers: dict[str, str] = {name: given[name] for name in _SENT_ON if name in given}
        return Request(
            asked.url,
            method=asked.method,
            headers=headers,
            body=asked.post_data_buffer or b"",
            callback=NO_CALLBACK,
            # What a script makes of an error is its own affair.
            meta={"kind": KIND, "handle_httpstatus_list": list(range(400, 600))},
            dont_filter=True,
        )

    def _note(self, refusal: RefusalError) -> None:
        self._refused.append(refusal)
        self._crawler.stats.inc_value(f"{REFUSED_STAT}{refusal.reason}")


async def is_alive(context: BrowserContext) -> bool:
    """Tell whether the browser itself still answers, whatever its pages do."""
    try:
        async with asyncio.timeout(limits.ALIVE_S):
            browser = context.browser
            if browser is None:
                return False
            session = await browser.new_browser_cdp_session()
            await session.send("Browser.getVersion")
            await session.detach()
    except (PlaywrightError, TimeoutError):
        return False
    return True


def _is_main(asked: Asked) -> bool:
    try:
        return asked.frame.parent_frame is None
    except PlaywrightError:
        return True  # too early to tell: the frame is only being made


async def _closed(page: Page) -> None:
    try:
        await page.close()
    except PlaywrightError:
        return
