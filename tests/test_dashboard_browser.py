"""The dashboard in a real Chromium: by keyboard, for screen readers, in both schemes, wide and narrow."""

import json
from collections.abc import Iterator
from pathlib import Path

import axe_core_python
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import text

from crawler.rendering.finding import find_browser
from crawler.storage.runs import list_runs
from tests.dashboards import serving
from tests.pictured import Pictured, filled

AXE = Path(axe_core_python.__file__).parent / "axe.min.js"
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def pictured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pictured]:
    made = filled(tmp_path_factory.mktemp("pictured"), days=8, share=0.4)
    yield made
    made.engine.dispose()


@pytest.fixture(scope="module")
def base(pictured: Pictured) -> Iterator[str]:
    with serving(pictured) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = find_browser()
    assert found is not None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(found.path), args=["--no-sandbox"])
        yield browser
        browser.close()


class Watched:
    """A page of which everything is noted that a page of ours must never do."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.page: Page = context.new_page()
        self.base = base
        self.complaints: list[str] = []
        self.page.on("console", lambda said: self._note(said.type, said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("request", lambda request: self._heard(request.url))

    def _note(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(f"{kind}: {text}")

    def _heard(self, url: str) -> None:
        if not url.startswith((self.base + "/", "data:", "blob:")):
            self.complaints.append(f"foreign: {url}")

    def open(self, path: str) -> Page:
        self.page.goto(self.base + path)
        return self.page


@pytest.fixture
def watched(browser: Browser, base: str) -> Iterator[Watched]:
    context = browser.new_context(viewport=WIDE)
    opened = Watched(context, base)
    yield opened
    context.close()
    assert opened.complaints == []


def paths(pictured: Pictured) -> list[str]:
    run = next(one for one in list_runs(pictured.engine, "antara") if one.counts)
    pages = ["/", "/outlets", "/outlets/liputan6", "/outlets/mediaindonesia", "/runs", f"/runs/{run.id}"]
    edited = "SELECT article_id FROM revisions WHERE number = 2 LIMIT 1"
    with pictured.engine.connect() as connection:
        article = connection.execute(text(edited)).scalar_one()
        story = connection.execute(text("SELECT id FROM stories ORDER BY members DESC LIMIT 1")).scalar_one()
        record = connection.execute(
            text("SELECT record_ids FROM revisions WHERE article_id = :id AND number = 1"), {"id": article}
        ).scalar_one()
    name = json.loads(record)[0].removeprefix("urn:uuid:")
    one = f"/articles/{article}"
    pages += ["/articles", "/articles?q=rusia&outlet=antara&since=2026-03-20", "/articles?q=tidakada"]
    pages += [one, f"{one}?removed=1", f"{one}/archived/{name}", "/stories", f"/stories/{story}"]
    return [*pages, "/articles", "/articles/1", "/stories", "/topics", "/glossary", "/tidak-ada"]


def faults(page: Page, *rules: str) -> list[str]:
    """Return what axe finds that is serious or worse, a line each: by all of its rules, or by some."""
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{one['id']} ({one['impact']}): {node['target']} {node.get('failureSummary', '')[:200]}"
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"][:3]
    ]


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_every_page_is_sound_in_both_schemes_wide_and_narrow(
    browser: Browser, base: str, pictured: Pictured, size: dict[str, int]
) -> None:
    context = browser.new_context(viewport=size, color_scheme="light", reduced_motion="reduce")
    opened = Watched(context, base)
    for path in paths(pictured):
        page = opened.open(path)
        for summary in page.locator("main summary").all():
            summary.click()
        page.evaluate(AXE.read_text(encoding="utf-8"))
        assert faults(page) == [], path
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert faults(page, "color-contrast") == [], f"{path} in the dark"
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        assert page.locator("h1").count() == 1
        # 320 px is the narrowest phone there is.
        for width in {size["width"], 320 if size is NARROW else 800}:
            page.set_viewport_size({"width": width, "height": 800})
            across = page.evaluate("document.documentElement.scrollWidth")
            assert across <= width, f"{path} is {across} px wide"
        page.set_viewport_size({"width": size["width"], "height": size["height"]})
    context.close()
    assert [one for one in opened.complaints if "404" not in one] == []


def test_the_keyboard_reaches_everything_and_shows_where_it_is(watched: Watched) -> None:
    page = watched.open("/outlets/kontan")
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    assert skip.inner_text() == "Skip to the content"
    page.wait_for_function("document.activeElement.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            "(() => { const one = document.activeElement, style = getComputedStyle(one);"
            " return [one.id || one.textContent.trim().slice(0, 30), style.outlineStyle, style.outlineWidth,"
            " one.tagName] })()"
        )
        if seen[3] == "BODY":
            break
        reached.add(seen[0])
        assert seen[1] != "none", seen
        assert float(seen[2].removesuffix("px")) >= 2, seen
    assert {"Run now", "why", "Pause", "Its articles", "The numbers"} <= reached


def test_slash_goes_to_the_search_but_not_while_one_types(watched: Watched) -> None:
    page = watched.open("/outlets/kontan")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    page.locator("#why").focus()
    page.keyboard.type("a/b")
    assert page.locator("#why").input_value() == "a/b"


def test_an_outlet_is_paused_and_resumed_by_keyboard(watched: Watched) -> None:
    page = watched.open("/outlets/republika")
    page.locator("#why").focus()
    page.keyboard.type("dirawat")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=paused")
    assert "dirawat" in page.locator("main").inner_text()
    page.get_by_role("button", name="Resume").press("Enter")
    page.wait_for_url("**done=resumed")
    assert page.get_by_role("status").inner_text().startswith("The outlet is crawled again")


def test_the_colours_are_chosen_once(watched: Watched) -> None:
    page = watched.open("/")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    button = page.locator("#theme")
    button.click()
    button.click()
    assert "dark" in str(button.get_attribute("aria-label"))
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page = watched.open("/runs")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark != light


def test_words_are_explained_to_pointer_keyboard_and_reader(watched: Watched) -> None:
    page = watched.open("/topics")
    word = page.locator(".gloss", has_text="Korut").first
    note = word.locator(".gloss-note")

    def shown() -> bool:
        return bool(note.evaluate("one => one.getBoundingClientRect().width > 40"))

    assert not shown()
    word.focus()
    assert shown()
    page.keyboard.press("Escape")
    assert not shown()
    word.hover()
    assert shown()
    assert "North Korea" in note.inner_text()


def test_history_is_filtered_without_leaving_the_page(watched: Watched) -> None:
    page = watched.open("/runs")
    page.evaluate("window.mark = 1")
    with page.expect_response("**/runs?**verdict=failed**"):
        page.locator("#verdict").select_option("failed")
    page.wait_for_url("**verdict=failed**")
    page.wait_for_function("!document.querySelector('#found').innerText.includes('healthy')")
    assert page.evaluate("window.mark") == 1
    page.reload()
    assert page.locator("#verdict").input_value() == "failed"


def test_all_of_it_works_without_scripts(browser: Browser, base: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(base + "/runs")
    page.locator("#verdict").select_option("failed")
    page.get_by_role("button", name="Show").click()
    assert "verdict=failed" in page.url
    assert "healthy" not in page.locator("#found").inner_text()
    page.goto(base + "/outlets")
    page.get_by_role("button", name="Run now: detik").click()
    assert "done=asked" in page.url
    assert not page.locator("#theme").is_visible()
    context.close()


def test_the_grid_tells_each_day_in_words(watched: Watched) -> None:
    page = watched.open("/")
    cell = page.locator("table.coverage tbody tr").first.locator("td").nth(25)
    assert "2026" in str(cell.get_attribute("title"))
    assert cell.locator(".hidden").inner_text() == cell.get_attribute("title")
    assert page.locator("table.coverage thead th[scope=col]").count() == 30
    assert page.locator("table.coverage tbody th[scope=row]").count() == 15
