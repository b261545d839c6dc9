"""Texts that try to act, in every field, on every page, in a real Chromium: none does, none reaches out."""

import re
import socket
import threading
from collections.abc import Iterator
from html import unescape
from urllib.parse import quote, urlencode

import attrs
import pytest
from playwright.sync_api import Browser, Dialog, sync_playwright
from sqlalchemy import select

from crawler.dashboard import app as dashboard
from crawler.rendering.finding import find_browser
from crawler.storage.database import read
from crawler.storage.schema import records, runs
from crawler.storage.search import MAX_TERMS
from tests.dashboards import ask, serving
from tests.payloads import payloads
from tests.pictured import Pictured
from tests.planted import OUTLET, planted

CHUNK = 37

# What no page of ours ever has, whatever stands in the store; `main` and `title` hold what was planted.
ALIEN = """() => {
  const found = [];
  const tell = (what, node) => found.push(what + ': ' + node.outerHTML.slice(0, 120));
  for (const node of document.querySelectorAll(
    'base, object, embed, applet, portal, fencedframe, frameset, frame, style, img, video, audio, marquee,'
    + ' math, template, plaintext, xmp, foreignObject, animate, set, use, image, isindex, keygen, dialog,'
    + ' [srcdoc], [style], [popover], [contenteditable], [ping], [formaction], [background], area, textarea'
  )) tell('element', node);
  for (const node of document.querySelectorAll('*'))
    for (const { name, value } of node.attributes) {
      if (/^on|^hx-on|^data-hx/i.test(name)) tell('handler', node);
      const planted = value.includes('TRAP') || value.includes('canary');
      if (/^hx-/i.test(name) && planted && !/^hx-get$/.test(name)) tell('htmx', node);
      if (/^hx-get$/i.test(name) && !value.startsWith('/')) tell('htmx', node);
    }
  for (const node of document.querySelectorAll('script'))
    if (node.textContent || !/^\\/static\\/[\\w.-]+$/.test(node.getAttribute('src'))) tell('script', node);
  for (const node of document.querySelectorAll('link'))
    if (!/^\\/static\\//.test(node.getAttribute('href'))) tell('link', node);
  for (const node of document.querySelectorAll('meta')) if (node.httpEquiv) tell('meta', node);
  for (const node of document.querySelectorAll('a')) {
    const outward = node.classList.contains('outward');
    if (!/^https?:$/.test(node.protocol)) tell('link', node);
    else if (outward !== (node.origin !== location.origin)) tell('link', node);
    if (outward && node.rel !== 'noopener noreferrer nofollow') tell('rel', node);
  }
  for (const node of document.querySelectorAll('form'))
    if (new URL(node.getAttribute('action') || '', location).origin !== location.origin) tell('form', node);
  for (const node of document.querySelectorAll('iframe'))
    if (node.getAttribute('sandbox') || new URL(node.src).origin !== location.origin) tell('frame', node);
  for (const id of ['main', 'found', 'find'])
    if (document.querySelectorAll('#' + id).length > 1) found.push('twice: ' + id);
  return found;
}"""


@attrs.define
class Trap:
    """A server that nothing may ever reach; it counts who does."""

    listener: socket.socket = attrs.field(factory=lambda: socket.create_server(("127.0.0.1", 0)))
    reached: list[str] = attrs.field(factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def listen(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(1)
                self.reached.append(connection.recv(200).decode("latin-1"))


@pytest.fixture(scope="module")
def trap() -> Iterator[Trap]:
    made = Trap()
    thread = threading.Thread(target=made.listen)
    thread.start()
    yield made
    made.listener.shutdown(socket.SHUT_RDWR)
    made.listener.close()
    thread.join()


@pytest.fixture(scope="module")
def texts(trap: Trap) -> list[str]:
    made = payloads(trap.address)
    assert len(made) >= 150
    return made


@pytest.fixture(scope="module")
def chunks(texts: list[str]) -> list[list[str]]:
    return [texts[start : start + CHUNK] for start in range(0, len(texts), CHUNK)]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, chunks: list[list[str]]) -> Iterator[Pictured]:
    made = planted(tmp_path_factory.mktemp("planted"), chunks)
    yield made
    made.engine.dispose()


@pytest.fixture(scope="module")
def base(store: Pictured) -> Iterator[str]:
    with serving(store) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = find_browser()
    assert found is not None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(found.path), args=["--no-sandbox"])
        yield browser
        browser.close()


def routes() -> list[str]:
    return [
        route.path
        for page in dashboard.PAGES
        for route in page.routes
        if route.methods and "GET" in route.methods
    ]


def addresses(store: Pictured, chunks: list[list[str]]) -> dict[str, list[str]]:
    """Return, for each route that can be read, the addresses to open, so that all texts are seen on it."""
    filling = {
        "{name}": [OUTLET],
        "{number:int}": [str(row) for row in _column(store, select(runs.c.id)) if row % 2],
        "{number}": [str(2 * at - 1) for at in range(1, len(chunks) + 1)],
        "{story}": [f"kisah{at}" for at in range(1, len(chunks) + 1)],
    }
    of_article = dict(
        zip(
            filling["{number}"],
            _column(store, select(records.c.id).order_by(records.c.run_id))[::2],
            strict=True,
        )
    )
    found: dict[str, list[str]] = {}
    for path in routes():
        made = [path]
        for sign, values in filling.items():
            made = [one.replace(sign, value) for one in made for value in (values if sign in one else [""])]
        if "{record}" in path:
            made = [
                one.replace("{record}", str(of_article[one.split("/")[2]]).removeprefix("urn:uuid:"))
                for one in made
            ]
        assert "{" not in "".join(made), f"{path}: say here what to open"
        found[path] = made
    found["/articles/{number}"] += [f"{one}?removed=1&revision=1" for one in found["/articles/{number}"][:]]
    found["/articles"] += ["/articles?q=gandum", "/articles?gone=1&after=%5B"]
    return found


def _column(store: Pictured, query: object) -> list[object]:
    return list(read(store.engine, lambda connection: connection.execute(query).scalars().all()))  # type: ignore[call-overload]


def asked(chunks: list[list[str]]) -> list[str]:
    """Return addresses that carry the texts themselves, in every parameter and in the path."""
    plain = [text.encode("utf-8", "replace").decode() for chunk in chunks for text in chunk]
    found = []
    for at in range(0, len(plain), 30):
        some = plain[at : at + 30]
        lists = [("outlet", text) for text in some]
        found.append(
            "/articles?" + urlencode([*lists, ("byline", some[0]), ("topic", some[-1]), ("story", some[-1])])
        )
    names = ("q", "outlet", "since", "until", "sort", "topic", "story", "byline", "after", "day", "done",
             "order",
             "least", "page", "days", "verdict", "before", "revision", "removed")  # fmt: skip
    for at, path in enumerate(
        ["/articles", "/stories", "/runs", "/", "/outlets", "/topics", "/articles/1"] * 4
    ):
        some = [plain[(at * 13 + place) % len(plain)] for place in range(13)]
        found.append(
            path
            + "?"
            + urlencode([(name, some[place % len(some)][:300]) for place, name in enumerate(names)])
        )
    for chunk in chunks:
        words = " ".join(chunk).encode("utf-8", "replace").decode()[:300]
        found += [
            f"/{quote(words, safe='')}",
            f"/stories/{quote(words, safe='')}",
            f"/outlets/{quote(words, safe='')}",
        ]
        found.append("/articles?" + urlencode({"q": " ".join(re.findall(r"\w+", words)[:MAX_TERMS])}))
        found.append("/articles?" + urlencode({"q": chunk[0].encode("utf-8", "replace")}))
    return found


@pytest.mark.browser
def test_nothing_that_was_planted_acts_on_any_page(
    browser: Browser, base: str, store: Pictured, trap: Trap, chunks: list[list[str]]
) -> None:
    ran: list[str] = []
    foreign: list[str] = []
    alien: list[str] = []
    refused: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=False)
    context.expose_binding("canary", lambda _, number: ran.append(f"canary {number}"))
    context.expose_binding("refusal", lambda source, told: refused.append(f"{source['frame'].url}: {told}"))
    context.add_init_script(
        "document.addEventListener('securitypolicyviolation',"
        " one => refusal(`${one.violatedDirective} ${one.blockedURI}`))"
    )
    page = context.new_page()

    def dismissed(dialog: Dialog) -> None:
        ran.append(f"dialog {dialog.message}")
        dialog.dismiss()

    page.on("dialog", dismissed)
    context.on(
        "request",
        lambda one: foreign.append(one.url) if not one.url.startswith((base + "/", "data:")) else None,
    )
    context.on("page", lambda one: foreign.append(f"opened {one.url}") if one is not page else None)
    seen = 0
    known = addresses(store, chunks)
    for path in [*(one for made in known.values() for one in made), *asked(chunks)]:
        if path.endswith("/text"):
            continue  # a download; looked at below
        answer = page.goto(base + path)
        assert answer is not None
        assert answer.status < 500, path
        if "/archived/" in path and path.endswith("/page"):
            assert page.locator("script, iframe, form[action], a[href], base, meta[http-equiv]").count() == 0
        else:
            alien += [f"{path}: {what}" for what in page.evaluate(ALIEN.replace("TRAP", trap.address))]
        page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")
        page.mouse.move(300, 300)
        assert page.url == base + path or page.url.startswith(base + path.partition("?")[0]), (
            "it was led away"
        )
        assert "x49x" not in (text := page.content())
        assert "49#{7" not in text
        seen += 1
    context.close()
    assert alien == []
    assert ran == []
    assert foreign == []
    assert refused == [], "markup that the policy had to stop"
    assert trap.reached == []
    assert seen > 80


def test_every_text_is_shown_as_it_is(base: str, chunks: list[list[str]]) -> None:
    """Show that each text stands on the pages: what stays away from them would prove nothing."""
    for number, chunk in enumerate(chunks, 1):
        page = unescape(ask(base, f"/articles/{2 * number - 1}?revision=1").text)
        for text in chunk:
            said = text.encode("utf-8", "replace").decode()
            if said.isprintable():
                assert page.count(said) >= 10, said


def test_an_archived_page_can_do_nothing_and_may_be_saved_as_text(
    base: str, store: Pictured, chunks: list[list[str]]
) -> None:
    for path in addresses(store, chunks)["/articles/{number}/archived/{record}/page"]:
        shown = ask(base, path)
        assert shown.status == 200
        policy = shown.headers["content-security-policy"]
        assert policy.startswith("sandbox; default-src 'none'")
        assert "allow-" not in policy
        assert shown.headers["x-frame-options"] == "SAMEORIGIN"
        saved = ask(base, path.removesuffix("/page") + "/text")
        assert saved.headers["content-type"] == "text/plain; charset=utf-8"
        assert saved.headers["x-content-type-options"] == "nosniff"
        assert re.fullmatch(
            r'attachment; filename="[0-9a-f-]{36}\.txt"', saved.headers["content-disposition"]
        )
        assert "<title>x</title>" in saved.text
