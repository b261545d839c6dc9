"""`make screenshots`: a picture of each page of the dashboard over an invented month, for the README.

The clock stands still and the store is drawn from fixed seeds: the same sources give the same pictures.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import attrs
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Connection, func, select

from crawler.dashboard.app import PAGES
from crawler.rendering.finding import NEXT_STEP, find_browser
from crawler.storage.database import reading
from crawler.storage.runs import list_runs
from crawler.storage.schema import articles, revisions
from crawler.storage.stories import stories
from tests.dashboards import serving
from tests.pictured import Pictured, filled

FOLDER = Path(__file__).parent.parent / "docs" / "screenshots"
MOST_BYTES = 200_000
WIDE, LOW, NARROW = (1280, 1100), (1280, 850), (390, 844)


@attrs.frozen
class Shot:
    """One picture: its name, the page, and how it is looked at."""

    name: str
    path: str
    scheme: str = "light"
    size: tuple[int, int] = WIDE


def shots(pictured: Pictured) -> Iterator[Shot]:
    """Yield the pictures to take of this store."""
    run = max(list_runs(pictured.engine, "cnbcindonesia"), key=lambda one: len(one.counts))
    yield Shot("overview", "/")
    yield Shot("overview-dark", "/", "dark")
    yield Shot("overview-phone", "/", size=NARROW)
    yield Shot("outlets", "/outlets")
    yield Shot("outlet", "/outlets/liputan6")
    yield Shot("outlet-phone", "/outlets/suara", "dark", NARROW)
    yield Shot("runs", "/runs")
    yield Shot("run", f"/runs/{run.id}")
    yield Shot("topics", "/topics")
    with reading(pictured.engine) as connection:
        yield from _of_articles(connection)


def _of_articles(connection: Connection) -> Iterator[Shot]:
    paths = {route.path for page in PAGES for route in page.routes}
    if "/articles" in paths:
        edited = (
            select(articles.c.id)
            .join(revisions, revisions.c.article_id == articles.c.id)
            .group_by(articles.c.id)
            .having(func.count() > 1)
            .order_by(articles.c.id.desc())
        )
        article = connection.execute(edited).scalars().first()
        yield Shot("articles", "/articles")
        yield Shot("search", "/articles?q=Korut")
        yield Shot("articles-phone", "/articles", "dark", NARROW)
        yield Shot("article", f"/articles/{article}?removed=1", size=LOW)
        yield Shot("article-dark", f"/articles/{article}", "dark", LOW)
        yield Shot("article-phone", f"/articles/{article}", size=NARROW)
    if "/stories" in paths:
        largest = stories(connection, order="largest", limit=1)[0]
        yield Shot("stories", "/stories")
        yield Shot("story", f"/stories/{largest.id}")


def take(browser: Browser, base: str, shot: Shot) -> bytes:
    """Return the picture as PNG; raise where the page complains."""
    width, height = shot.size
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme="dark" if shot.scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    answer = page.goto(base + shot.path)
    if answer is None or not answer.ok or complaints:
        raise AssertionError(f"{shot.path}: {answer and answer.status} {complaints}")
    picture = page.screenshot(animations="disabled", caret="hide")
    page.close()
    return picture


def main() -> int:
    """Take all pictures and return the exit status."""
    found = find_browser()
    if found is None:
        sys.stderr.write(f"no pictures without a browser: {NEXT_STEP}\n")
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    sizes: list[int] = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        pictured = filled(Path(folder) / "data")
        browser = playwright.chromium.launch(
            executable_path=str(found.path),
            args=["--no-sandbox", "--hide-scrollbars", "--font-render-hinting=none"],
        )
        with serving(pictured) as base:
            for shot in shots(pictured):
                picture = take(browser, base, shot)
                (FOLDER / f"{shot.name}.png").write_bytes(picture)
                sizes.append(len(picture))
        browser.close()
        pictured.engine.dispose()
    sys.stdout.write(f"figure screenshots {len(sizes)} pictures\n")
    sys.stdout.write(f"figure screenshots.largest {max(sizes)} bytes\n")
    return int(max(sizes) > MOST_BYTES)


if __name__ == "__main__":
    sys.exit(main())
