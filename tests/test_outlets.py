"""Every outlet's declaration: whole, short, of one form, and never less polite than the project.

Spiders are found as Scrapy finds them, so a new outlet adds nothing here. What its addresses look like may be
told in `fixtures/<outlet>/addresses.txt`: `+` before an article's address, `-` before another; behind `!`
stands the reason why a line is still judged wrongly.
"""

import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import attrs
import pytest
from scrapy.http import HtmlResponse
from scrapy.settings import Settings

from crawler import agent
from crawler.authoring.declaring import FILL_IN
from crawler.cli.spiders import ANY_SITE, load_spiders
from crawler.discovery.base import ArticleSpider
from crawler.discovery.listing import Quest, Window
from crawler.discovery.pages import HtmlList
from crawler.items import Draft, Expect
from crawler.pages.article import ArticlePage
from crawler.text.relevance import judge, load_topic
from tests.crawling import crawl_environ, run
from tests.newsworld.messages import Request as Asked
from tests.newsworld.messages import Response as Answer
from tests.newsworld.messages import html, plain
from tests.newsworld.running import ROOT, on_air
from tests.newsworld.world import World
from tests.recorded import FOLDER, Recorded, read, recorded_pages

SPIDERS = dict(load_spiders())
DECLARED = {name: spider for name, spider in SPIDERS.items() if name != ANY_SITE}
MAX_LINES = 65
NOW = datetime(2026, 3, 4, 5, 0, tzinfo=UTC)
TOPIC = load_topic("russia-north-korea")
QUEST = Quest(window=Window(NOW - timedelta(days=1), NOW), keywords=TOPIC.search, tags=TOPIC.tags, now=NOW)
SCRAPY = (sys.executable, "-m", "scrapy")
# What an outlet may set for itself, and which way: everything else is the project's.
SLOWER = {
    "DOWNLOAD_DELAY": max,
    "AUTOTHROTTLE_START_DELAY": max,
    "AUTOTHROTTLE_MAX_DELAY": max,
    "CONCURRENT_REQUESTS": min,
    "CONCURRENT_REQUESTS_PER_DOMAIN": min,
    "AUTOTHROTTLE_TARGET_CONCURRENCY": min,
}

every = pytest.mark.parametrize("spider", SPIDERS.values(), ids=SPIDERS)
declared = pytest.mark.parametrize("spider", DECLARED.values(), ids=DECLARED)


def project_settings() -> Settings:
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    return settings


def belongs(url: str, domains: list[str]) -> bool:
    """Tell whether an address is on one of the domains or below it."""
    host = urlsplit(url).hostname or ""
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def outlet_files() -> list[Path]:
    return sorted(path for path in (ROOT / "spiders").glob("*.py") if path.stem != "__init__")


# --- The file


def test_the_folder_holds_outlets_and_nothing_else() -> None:
    assert [path.stem for path in outlet_files()] == sorted(SPIDERS)
    assert (ROOT / "spiders/__init__.py").read_text(encoding="utf-8") == ""


@every
def test_a_file_is_one_outlet_under_its_name(spider: type[ArticleSpider]) -> None:
    assert spider.__module__ == f"spiders.{spider.name}"
    assert re.fullmatch(r"[a-z][a-z0-9]*", spider.name)
    assert issubclass(spider, ArticleSpider)


@every
def test_a_file_is_short_and_says_how_articles_are_found(spider: type[ArticleSpider]) -> None:
    text = (ROOT / "spiders" / f"{spider.name}.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MAX_LINES
    assert len(re.findall(r"^class \w+Spider\(", text, re.MULTILINE)) == 1
    said = text.split('"""')[1]
    assert "Discovery:" in said
    assert "Quirks:" in said


@every
def test_nothing_is_left_to_fill_in(spider: type[ArticleSpider]) -> None:
    text = (ROOT / "spiders" / f"{spider.name}.py").read_text(encoding="utf-8")
    left = [number for number, line in enumerate(text.splitlines(), 1) if FILL_IN in line.replace("-", " ")]
    assert not left, f"spiders/{spider.name}.py: lines {left} say what is left to fill in"


# --- The declaration


@declared
def test_everything_is_declared(spider: type[ArticleSpider]) -> None:
    own = vars(spider)
    wanted = (
        *("name", "allowed_domains", "article_pattern", "page_class"),
        *("expect", "sample_url", "discovery"),
    )
    assert [name for name in wanted if name not in own] == []
    assert issubclass(spider.page_class, ArticlePage)
    assert spider.discovery


@every
def test_expectations_are_shares_of_real_fields(spider: type[ArticleSpider]) -> None:
    assert isinstance(spider.expect, Expect)
    fields = {field.name for field in attrs.fields(Draft)}
    assert set(spider.expect.coverage) <= fields
    assert all(0 < share <= 1 for share in spider.expect.coverage.values())


@every
def test_domains_are_bare_names(spider: type[ArticleSpider]) -> None:
    for domain in spider().allowed_domains:
        assert re.fullmatch(r"(?!www\.)[a-z0-9-]+(\.[a-z0-9-]+)+", domain)


@every
def test_the_sample_is_an_article_of_the_outlet(spider: type[ArticleSpider]) -> None:
    outlet = spider()
    assert outlet.article_url(spider.sample_url) == spider.sample_url
    assert belongs(spider.sample_url, outlet.allowed_domains)


@pytest.mark.parametrize(
    ("recorded", "field"),
    [page.case("url") for page in recorded_pages() if page.outlet in DECLARED and not page.refused],
)
def test_a_recorded_article_has_the_address_of_one(recorded: Recorded, field: str) -> None:
    url = recorded.golden[field]
    assert belongs(url, SPIDERS[recorded.outlet].allowed_domains)
    assert SPIDERS[recorded.outlet]().article_url(url) is not None


# --- The ladder


@declared
def test_rungs_have_names_of_their_own(spider: type[ArticleSpider]) -> None:
    names = [rung.name for rung in spider.discovery]
    assert len(set(names)) == len(names)


@declared
def test_templates_give_addresses_of_the_outlet(spider: type[ArticleSpider]) -> None:
    for rung in spider.discovery:
        if not isinstance(rung, HtmlList):
            continue
        values = next(iter(rung.series(QUEST)))
        first, second = rung.page_url(0, **values), rung.page_url(1, **values)
        assert belongs(first, spider.allowed_domains)
        assert "{" not in first
        assert (first != second) == ("{page}" in rung.template or "{offset}" in rung.template)


@declared
def test_selectors_can_be_read(spider: type[ArticleSpider]) -> None:
    page = HtmlResponse("https://example.org/", body=b"<html><body><p>kosong</p></body></html>")
    for rung in spider.discovery:
        if isinstance(rung, HtmlList):
            assert rung.read(page, QUEST).entries == ()


# --- The addresses


def addresses() -> list[Any]:
    """Return a case for each line that tells what an outlet's addresses look like."""
    cases = []
    for path in sorted(FOLDER.glob("*/addresses.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("#"):
                continue
            sign, url, *fault = line.split(maxsplit=2)
            reason = fault[0].removeprefix("!").strip() if fault else None
            marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
            cases.append(pytest.param(path.parent.name, sign, url, id=f"{sign}{url}", marks=marks))
    return cases


@pytest.mark.parametrize(("name", "sign", "url"), addresses())
def test_an_address_is_told_for_what_it_is(name: str, sign: str, url: str) -> None:
    known = SPIDERS[name]().article_url(urljoin("https://www.example.org/", url))
    assert {"+": known is not None, "-": known is None}[sign], known


# --- Politeness


@every
def test_an_outlet_s_own_settings_only_slow_it_down(spider: type[ArticleSpider]) -> None:
    usual = project_settings()
    for name, value in (spider.custom_settings or {}).items():
        assert name in SLOWER, f"{name} is the project's to set"
        assert SLOWER[name](usual[name], value) == value


@every
def test_the_settings_in_force_obey_and_name_the_project(spider: type[ArticleSpider]) -> None:
    usual, own = project_settings(), project_settings()
    spider.update_settings(own)
    assert own.getbool("ROBOTSTXT_OBEY")
    assert own["ROBOTSTXT_USER_AGENT"] == agent.PRODUCT
    assert f"{agent.PRODUCT}/" in own["USER_AGENT"]
    assert own.getfloat("DOWNLOAD_DELAY") >= usual.getfloat("DOWNLOAD_DELAY")
    changed = {name for name in usual if own[name] != usual[name]}
    assert changed <= {*SLOWER, "USER_AGENT"}


# --- Scrapy's own tools


def test_scrapy_lists_exactly_the_files(tmp_path: Path) -> None:
    with on_air(World(1, NOW.date(), 1, 1, [])) as running:
        done = run([*SCRAPY, "list"], crawl_environ(running, tmp_path))
    assert done.stdout.split() == [path.stem for path in outlet_files()], done.stderr


class SampleSite:
    """The host of an outlet's sample address, where a recorded page stands in for the live one."""

    def __init__(self, url: str, page: str) -> None:
        self.path, self.page = urlsplit(url).path, page
        self.hosts = (urlsplit(url).hostname or "",)

    def answer(self, request: Asked) -> Answer:
        """Answer with the page at its address, with nothing elsewhere."""
        if request.path == "/robots.txt":
            return plain("User-agent: *\nDisallow:\n")
        return html(self.page) if request.path == self.path else html("<h1>404</h1>", status=404)


def recorded_article(outlet: str, *, on_topic: bool) -> str | None:
    """Return a recorded article of the outlet, on the topic or off it; None where none is recorded."""
    for page in recorded_pages():
        draft = None if page.outlet != outlet or page.refused else read(page).draft
        if draft and judge(TOPIC, draft.headline, draft.body, draft.standfirst).on_topic is on_topic:
            return page.html
    return None


def check_samples(folder: Path, pages: dict[str, str]) -> tuple[int, str]:
    """Run `scrapy check` on these outlets, each page at its outlet's sample address."""
    sites = [SampleSite(SPIDERS[name].sample_url, page) for name, page in pages.items()]
    with on_air(World(1, NOW.date(), 1, 1, [], sites=sites)) as running:
        done = run([*SCRAPY, "check", *pages], crawl_environ(running, folder))
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("on_topic", [True, False], ids=["on-topic", "off-topic"])
def test_the_contracts_hold_for_recorded_articles(on_topic: bool, tmp_path: Path) -> None:
    found = {name: recorded_article(name, on_topic=on_topic) for name in SPIDERS}
    pages = {name: page for name, page in found.items() if page is not None}
    assert "kontan" in pages
    status, said = check_samples(tmp_path, pages)
    assert status == 0, said
    assert f"Ran {2 * len(pages)} contracts" in said


def test_the_contracts_notice_a_page_that_is_no_article(tmp_path: Path) -> None:
    status, said = check_samples(tmp_path, {"kontan": Recorded("kontan", "video-refused").html})
    assert status == 1
    assert "Returned 0 items, expected 1" in said
