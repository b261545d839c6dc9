"""`scrapy probe` says what a site offers, proposes a ladder that works, and asks for little and politely."""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from crawler.authoring.asking import MAX_REQUESTS
from crawler.discovery.base import ArticleSpider
from crawler.discovery.feed import Feed
from crawler.discovery.listing import Rung
from crawler.discovery.pages import DatedIndex, Search, TagPages
from crawler.discovery.sitemap import Sitemap
from crawler.discovery.wordpress import wordpress_ladder
from tests.authored import BASE, NOW, Cakrawala
from tests.crawling import crawl_environ, run, small_world
from tests.newsworld.running import Running, on_air
from tests.newsworld.world import World

if TYPE_CHECKING:
    import subprocess

KINDS: Mapping[str, Any] = {
    kind.__name__: kind for kind in (Sitemap, Feed, DatedIndex, Search, TagPages, wordpress_ladder)
}


def world_of(site: Cakrawala) -> World:
    return World(1, NOW.date(), 1, 1, [], now=NOW, sites=[site])


def probe(running: Running, folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return run([sys.executable, "-m", "scrapy", "probe", *words], crawl_environ(running, folder))


def look_at(site: Cakrawala, folder: Path, *words: str) -> dict[str, Any]:
    """Return what a look at the site says."""
    with on_air(world_of(site)) as running:
        done = probe(running, folder, "--json", *(words or (f"{BASE}/",)))
    assert done.stderr == ""
    return json.loads(done.stdout)


def ladder_of(look: Mapping[str, Any]) -> tuple[Rung, ...]:
    """Return the rungs of the proposed source, as Python reads it."""
    names: dict[str, Any] = {}
    exec("\n".join(look["ladder"]), {**KINDS, "__builtins__": {}}, names)  # noqa: S102 - it is to be Python
    return names.get("discovery", ())


def says(look: Mapping[str, Any], what: str) -> str:
    return " / ".join(found["says"] for found in look["lists"] if found["what"] == what)


@pytest.fixture(scope="module")
def site() -> Cakrawala:
    return Cakrawala()


@pytest.fixture(scope="module")
def look(site: Cakrawala, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return look_at(site, tmp_path_factory.mktemp("data"))


def test_the_proposed_rungs_read_the_sites_lists(look: dict[str, Any]) -> None:
    rungs = {type(rung): rung for rung in ladder_of(look)}
    assert list(rungs) == [Feed, DatedIndex, Search, TagPages]
    assert rungs[Feed] == Feed(url=f"{BASE}/rss")
    for kind, template in (
        (DatedIndex, f"{BASE}/indeks?tanggal={{day:%d-%m-%Y}}"),
        (Search, f"{BASE}/cari?q={{keyword}}&hal={{page}}"),
        (TagPages, f"{BASE}/topik/{{tag}}"),
    ):
        rung = rungs[kind]
        assert (rung.template, rung.item) == (template, "div.kartu")  # type: ignore[attr-defined]
        assert (rung.link, rung.time) == ("h2 a[href]", ".kartu-waktu")  # type: ignore[attr-defined]


def test_the_proposed_pattern_tells_articles_from_the_rest(look: dict[str, Any], site: Cakrawala) -> None:
    class Spider(ArticleSpider):
        name = "cakrawala"
        article_pattern = look["article_pattern"]

    known = Spider()
    assert all(known.article_url(story.url) == story.url for story in site.stories)
    for other in ("/", "/indeks", "/topik/korut", "/kanal/dunia", "/cari?q=rusia", "/berita/2026/03/02"):
        assert known.article_url(BASE + other) is None


def test_the_body_s_selector_lasts_beyond_the_page(look: dict[str, Any], site: Cakrawala) -> None:
    assert look["body_css"][0] == ".isi-berita"
    assert not any(re.search(r"\d", selector) for selector in look["body_css"])
    assert {article["url"] for article in look["articles"]} <= {story.url for story in site.stories}
    assert all(article["byline"] == ["Ratna Wulandari"] for article in look["articles"])
    assert all(article["amp"].startswith(f"{BASE}/amp/berita/") for article in look["articles"])


def test_few_pages_are_asked_for_and_none_twice(look: dict[str, Any], site: Cakrawala) -> None:
    assert len(site.asked) == len(set(site.asked)) <= MAX_REQUESTS + 1
    assert look["asked"] == len(site.asked) - 1


def test_an_article_s_address_shows_how_it_reads(tmp_path: Path) -> None:
    site = Cakrawala()
    story, other = site.stories[0], site.stories[1]
    object.__setattr__(other, "headline", f"{other.headline} \x1b]0;x\x07\u202e")
    with on_air(world_of(site)) as running:
        done = probe(running, tmp_path, story.url.removeprefix("https://"))
    assert done.returncode == 0, done.stderr
    assert "u202e" in done.stdout
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", done.stdout)
    shown = done.stdout.partition(f"article {story.url}")[2]
    assert re.search(rf"headline +{re.escape(story.headline)}", shown)
    assert re.search(r"byline +Ratna Wulandari", shown)
    assert re.search(r"dateline +VLADIVOSTOK", shown)
    assert re.search(r"body +5 paragraphs, by the generic finder", shown)
    assert "from crawler.discovery.pages import DatedIndex, Search, TagPages" in shown


def test_what_robots_closes_is_never_asked(tmp_path: Path) -> None:
    bars_scrapy = "User-agent: Scrapy\nDisallow: /\n\n"
    closes = "User-agent: *\nCrawl-delay: 0.02\nDisallow: /cari\nDisallow: /topik/\n"
    site = Cakrawala(robots=bars_scrapy + closes, feed=False)
    look = look_at(site, tmp_path)
    assert not [path for path in site.asked if path.startswith(("/cari", "/topik"))]
    assert look["robots"]["closes"] == ["/cari", "/topik/"]
    assert (look["robots"]["delay_s"], look["robots"]["bars_scrapy"]) == (0.02, True)
    assert says(look, "search").startswith("robots")
    assert [type(rung) for rung in ladder_of(look)] == [DatedIndex]


def test_wordpress_gets_its_ladder(tmp_path: Path) -> None:
    with on_air(small_world("mercinews")) as running:
        done = probe(running, tmp_path, "--json", "mercinews.com")
    look = json.loads(done.stdout)
    assert ladder_of(look) == wordpress_ladder("https://mercinews.com")
    assert says(look, "WordPress REST").startswith("open")
    assert all(urlsplit(article["url"]).hostname == "mercinews.com" for article in look["articles"])


def test_wrong_use_is_one_line(tmp_path: Path) -> None:
    with on_air(world_of(Cakrawala())) as running:
        done = probe(running, tmp_path, "ftp://cakrawala.example/")
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("pantau: 'ftp://cakrawala.example/' cannot be fetched")


def test_a_site_that_cannot_be_looked_at_is_one_line(tmp_path: Path) -> None:
    site = Cakrawala(robots="User-agent: *\nDisallow: /\n")
    with on_air(world_of(site)) as running:
        done = probe(running, tmp_path, BASE)
    assert (done.returncode, done.stdout) == (1, "")
    assert site.asked == ["/robots.txt"]
    (line,) = done.stderr.splitlines()
    assert line.startswith("pantau: https://www.cakrawala.example/ cannot be looked at: robots")
