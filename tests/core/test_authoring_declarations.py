"""What `scrapy genspider` writes: valid, short, and plainly unfinished where an author must decide."""

import subprocess
import sys
from pathlib import Path

import pytest

from crawler.authoring import declaring
from crawler.authoring.findings import ListFound, Look
from crawler.authoring.places import Places, write_new
from crawler.discovery.base import ArticleSpider
from crawler.discovery.feed import Feed
from crawler.discovery.pages import Search
from crawler.discovery.wordpress import wordpress_ladder
from crawler.errors import ConfigError
from crawler.pages.wordpress import WordPressPage

OUTLET = declaring.new_outlet("cakrawala", "https://www.cakrawala.example/berita")
FEED = Feed(url="https://www.cakrawala.example/rss")
MAX_LINES = 60


def look(*, wordpress: bool = False, body_css: tuple[str, ...] = (), rungs: int = 2) -> Look:
    found = Look(url=OUTLET.site, site=OUTLET.domain, origin=OUTLET.site, wordpress=wordpress)
    long = f"{OUTLET.site}/cari?" + "&".join(f"bidang{number}=semua" for number in range(9)) + "&q={keyword}"
    ladder = (FEED, Search(template=long, item=".kartu", time=".waktu"))[:rungs]
    found.lists = [ListFound("list", "", "", rung) for rung in ladder]
    found.body_css = body_css
    found.pattern = r"https?://(?:www\.)?cakrawala\.example/berita/\d{4}/\d{2}/\d{2}/\d+/[^/?#]+/?$"
    found.sample = f"{OUTLET.site}/berita/2026/03/02/41/" + "-".join(["menteri"] * 14)
    found.whole_query = "" if wordpress else "page=all"
    return found


DECLARATIONS = {
    **{name: declaring.declaration(OUTLET, name) for name in declaring.templates()},
    "probed": declaring.proposed_declaration(OUTLET, look(body_css=(".isi", "#baca"))),
    "probed-shaped": declaring.proposed_declaration(OUTLET, look(body_css=(".isi",)), browser_shaped=True),
    "probed-wordpress": declaring.proposed_declaration(OUTLET, look(wordpress=True)),
    "probed-theme": declaring.proposed_declaration(OUTLET, look(wordpress=True, body_css=(".isi",))),
    "probed-nothing": declaring.proposed_declaration(OUTLET, look(rungs=0)),
}


def spider_of(source: str) -> type[ArticleSpider]:
    names: dict[str, object] = {"__name__": "spiders.cakrawala"}
    exec(source, names)  # noqa: S102 - it is to be Python
    spider = names["CakrawalaSpider"]
    assert isinstance(spider, type)
    assert issubclass(spider, ArticleSpider)
    return spider


def test_the_templates_are_those_of_the_ways_to_find_articles() -> None:
    assert declaring.templates() == ["feed", "index", "search", "sitemap", "wordpress"]


@pytest.mark.parametrize("source", DECLARATIONS.values(), ids=DECLARATIONS)
def test_a_declaration_is_whole_short_and_says_what_is_open(source: str) -> None:
    spider = spider_of(source)
    assert (spider.name, spider.allowed_domains) == ("cakrawala", ["cakrawala.example"])
    wanted = {"article_pattern", "page_class", "expect", "sample_url", "discovery"}
    assert wanted <= set(vars(spider))
    assert len(source.splitlines()) <= MAX_LINES
    assert declaring.FILL_IN in source
    assert {"Discovery:", "Quirks:"} <= set(source.split('"""')[1].split())


def test_declarations_are_written_as_the_project_writes(tmp_path: Path) -> None:
    for name, source in DECLARATIONS.items():
        (tmp_path / f"{name.replace('-', '_')}.py").write_text(source, encoding="utf-8")
    for command in (["check", "--ignore", "INP001"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--config", "pyproject.toml", str(tmp_path)]
        done = subprocess.run(ruff, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_a_proposal_is_declared_as_it_was_found() -> None:
    spider = spider_of(DECLARATIONS["probed-shaped"])
    found = look()
    assert (spider.article_pattern, spider.sample_url) == (found.pattern, found.sample)
    assert spider.discovery == tuple(found.rungs)
    assert (spider.page_class.body_css, spider.page_class.whole_query) == ((".isi",), "page=all")
    assert spider.browser_shaped
    theme = spider_of(DECLARATIONS["probed-theme"])
    assert theme.discovery == wordpress_ladder("https://www.cakrawala.example")
    assert theme.page_class.body_css == (".isi", *WordPressPage.body_css)
    assert spider_of(DECLARATIONS["probed-wordpress"]).page_class is WordPressPage


@pytest.mark.parametrize("name", ["Kontan", "kabar-nusa", "2kontan", "class", "", "kabar nusa", "../kontan"])
def test_a_name_that_no_outlet_can_have_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be an outlet's name"):
        declaring.new_outlet(name, "kabar.example")


def test_an_unknown_template_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'wordpress'"):
        declaring.template_text("wordpres")


def test_nothing_is_overwritten_and_nothing_is_left_half_written(tmp_path: Path) -> None:
    places = Places(tmp_path, "cakrawala")
    write_new({places.spider: "satu\n"})
    with pytest.raises(ConfigError, match="nothing is overwritten"):
        write_new({places.fixtures / "a.json": "{}", places.spider: "dua\n"})
    assert places.spider.read_text(encoding="utf-8") == "satu\n"
    assert not places.fixtures.exists()
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="nothing was written"):
        write_new({tmp_path / "new.py": "", tmp_path / "file" / "below.json": ""})
    assert not (tmp_path / "new.py").exists()
