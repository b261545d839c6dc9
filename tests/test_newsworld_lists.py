"""The lists of the news world: honest searches, exact windows and pages, nothing from the future."""

import json
import re
from datetime import date, datetime, timedelta

import pytest

from tests.newsworld.outlets.kabarnusa import KabarNusa
from tests.newsworld.outlets.kontan import Kontan
from tests.newsworld.outlets.lintasdunia import LintasDunia
from tests.newsworld.outlets.mercinews import Mercinews
from tests.newsworld.outlets.republika import Republika
from tests.newsworld.outlets.tribunnews import Tribunnews
from tests.newsworld.outlets.wordpress import WordPress
from tests.newsworld.printed import WIB
from tests.newsworld.reading import ask, blocks_of, fold, links_in, text_of
from tests.newsworld.world import World

START = date(2026, 3, 2)
TRIBUN, REPUBLIKA, MERCI = "https://www.tribunnews.com", "https://republika.co.id", "https://mercinews.com"


@pytest.fixture(scope="module")
def world() -> World:
    return World(7, START, 4, 24)


def kontan_hits(page: str) -> list[str]:
    return ["https:" + link for link in links_in(page, ".list-berita ul li h1 a")]


def tribun_hits(page: str) -> list[str]:
    return links_in(page, "ul.lsi > li h3 a")


def republika_hits(page: str, selector: str = ".news-title a") -> list[str]:
    return [hit.replace("berita//", "berita/") for hit in links_in(page, selector)]


def test_kontan_search_pages_through_exactly_what_holds_the_words(world: World) -> None:
    base = "https://www.kontan.co.id/search/?search=korea+utara&per_page="
    found = [hit for offset in range(0, 120, 20) for hit in kontan_hits(text_of(world, base + str(offset)))]
    wanted = {
        article.url
        for article in world.truth("kontan")
        if {"korea", "utara"}
        <= set(re.findall(r"\w+", " ".join((article.headline, *article.body, *article.tags)).lower()))
    }
    assert len(found) == len(set(found))
    assert wanted <= set(found)
    assert kontan_hits(text_of(world, "https://www.kontan.co.id/search/?search=qxzvbw&per_page=0")) == []


def test_kontan_index_lists_a_day_and_a_channel(world: World) -> None:
    base = "https://www.kontan.co.id/search/indeks?kanal={}&tanggal=03&bulan=03&tahun=2026&pos=indeks&per_page={}"
    found = [hit for offset in (0, 20, 40) for hit in kontan_hits(text_of(world, base.format("", offset)))]
    day = date(2026, 3, 3)
    wanted = [article for article in world.truth("kontan") if article.published_at.date() == day]
    assert sorted(found) == sorted(article.url for article in wanted)
    one = kontan_hits(text_of(world, base.format("internasional", 0)))
    assert one == [hit for hit in found if "//internasional." in hit]


def test_kontan_sitemaps_reach_back_two_days_and_robots_has_two_forms(world: World) -> None:
    index = text_of(world, "https://www.kontan.co.id/sitemap.xml")
    maps = re.findall(r"<loc><!\[CDATA\[(.*?)\]\]></loc>", index)
    listed = {hit for each in maps for hit in re.findall(r"<loc><!\[CDATA\[(.*?)\]\]>", text_of(world, each))}
    fresh = {article.url for article in world.truth("kontan", since=world.now - timedelta(days=2))}
    assert listed <= fresh
    assert len(listed) > len(fresh) * 0.8
    assert "User-agent: *" not in text_of(world, "https://www.kontan.co.id/robots.txt")
    old = World(7, START, 1, 2, (Kontan,), options={"kontan.robots": "2024"})
    assert "User-agent: *\nDisallow: /search/*" in text_of(old, "https://www.kontan.co.id/robots.txt")


def test_tribunnews_index_repeats_page_ten_without_a_date_and_ends_with_one() -> None:
    world = World(7, START, 2, 240, (Tribunnews,), archive=0)
    ten, eleven = (tribun_hits(text_of(world, f"{TRIBUN}/index-news?page={number}")) for number in (10, 11))
    assert ten == eleven
    assert len(ten) == 20
    dated = f"{TRIBUN}/index-news?date=2026-3-2&page="
    found = [hit for number in range(1, 14) for hit in tribun_hits(text_of(world, dated + str(number)))]
    wanted = [
        article.url
        for article in world.truth()
        if article.host == "www.tribunnews.com" and article.published_at.date() == START
    ]
    assert sorted(found) == sorted(wanted)
    assert tribun_hits(text_of(world, dated + "40")) == []
    feed = text_of(world, f"{TRIBUN}/rss")
    assert set(re.findall(r"<item>.*?<link>(.*?)</link>", feed, re.DOTALL)) == {f"{TRIBUN}/"}


def test_tribunnews_editions_list_their_own_and_use_three_shapes_of_address(world: World) -> None:
    shapes = {
        re.sub(r"\d+", "9", re.sub(r"[^/]*[a-z][^/]*", "a", article.url.split("/", 3)[3]))
        for article in world.truth("tribunnews")
    }
    assert shapes == {"a/9/a", "a/9/9/9/a", "9/9/9/a"}
    page = text_of(world, "https://makassar.tribunnews.com/index-news?date=2026-3-3")
    assert all("//makassar.tribunnews.com/" in hit for hit in links_in(page, "ul.lsi > li h3 a"))
    sitemap = text_of(world, f"{TRIBUN}/internasional/sitemap-news.xml")
    assert "<news:publication_date>2026-03-0" in sitemap
    assert "<news:keywords>" in sitemap


def test_republika_search_and_index_keep_to_their_windows(world: World) -> None:
    window = "latest_date=custom&startdate=2026-03-03&enddate=2026-03-04"
    found = [
        hit
        for number in (1, 2, 3)
        for hit in republika_hits(text_of(world, f"{REPUBLIKA}/search/v3/all/{number}/?q=rusia&{window}"))
    ]
    days = {article.url: article.published_at.date() for article in world.truth("republika")}
    assert found
    assert all(date(2026, 3, 3) <= days[hit] <= date(2026, 3, 4) for hit in found)
    assert republika_hits(text_of(world, f"{REPUBLIKA}/search/v3/?q=qxzvbw&page=1")) == []
    page = text_of(world, f"{REPUBLIKA}/index/0/2026/03/02")
    listed = [hit.replace("berita//", "berita/") for hit in links_in(page, "li.list-group-item a")]
    assert sorted(listed) == sorted(url for url, day in days.items() if day == START)
    assert "02 March 2026, " in page
    assert text_of(world, f"{REPUBLIKA}/rss").count("<item>") == 15
    liar = World(7, START, 1, 8, (Republika,), options={"republika.search": "ignores-query"})
    assert len(republika_hits(text_of(liar, f"{REPUBLIKA}/search/v3/?q=qxzvbw"))) == 20
    assert "User-agent: Scrapy\nDisallow: /" in text_of(world, f"{REPUBLIKA}/robots.txt")


def test_wordpress_rest_pages_filters_and_ends_as_wordpress_does(world: World) -> None:
    posts = f"{MERCI}/wp-json/wp/v2/posts"
    answer = ask(world, f"{posts}?search=korea+utara&per_page=5&_fields=link,date_gmt,title.rendered")
    total = int(dict(answer.headers)["X-WP-Total"])
    pages = int(dict(answer.headers)["X-WP-TotalPages"])
    found = [
        post["link"]
        for number in range(1, pages + 1)
        for post in json.loads(ask(world, f"{posts}?search=korea+utara&per_page=5&page={number}").body)
    ]
    assert len(found) == len(set(found)) == total
    assert set(json.loads(answer.body)[0]) == {"link", "date_gmt", "title"}
    beyond = ask(world, f"{posts}?search=korea+utara&per_page=5&page={pages + 1}")
    assert (beyond.status, json.loads(beyond.body)["code"]) == (400, "rest_post_invalid_page_number")
    window = json.loads(
        ask(world, f"{posts}?after=2026-03-03T00:00:00&before=2026-03-04T00:00:00&per_page=100").body
    )
    wanted = {a.url for a in world.truth("mercinews") if a.published_at.date() == date(2026, 3, 3)}
    assert {post["link"] for post in window} == wanted
    assert json.loads(ask(world, f"{posts}?search=qxzvbw").body) == []
    assert ask(world, f"{posts}?per_page=101").status == 400
    assert ask(world, "https://kabarnusa.example/wp-json/wp/v2/posts").status == 401


@pytest.mark.parametrize("site", [Mercinews, KabarNusa, LintasDunia])
def test_wordpress_search_feeds_and_archives_agree(world: World, site: type[WordPress]) -> None:
    articles = {article.url: article for article in world.truth(site.name)}
    feed = text_of(world, f"{site.base}/?s=rusia&feed=rss2")
    items = re.findall(
        r"<item>.*?<link>(.*?)</link>.*?<content:encoded><!\[CDATA\[(.*?)\]\]>", feed, re.DOTALL
    )
    assert items
    for url, content in items:
        assert all(fold(part) in " ".join(blocks_of(content)) for part in articles[url].body)
    every, number = set(), 1
    while (answer := ask(world, f"{site.base}/page/{number}/?s=rusia")).status == 200:
        every |= {link for link in links_in(answer.body.decode(), "main a, h3 a") if link in articles}
        number += 1
    assert {url for url, _ in items} <= every
    newest = text_of(world, f"{site.base}/feed/")
    second = text_of(world, f"{site.base}/feed/?paged=2")
    assert not set(re.findall(r"<guid.*?</guid>", newest)) & set(re.findall(r"<guid.*?</guid>", second))
    mapped = set(re.findall(r"<loc>(.*?)</loc>", text_of(world, f"{site.base}/{site.maps[1]}")))
    assert mapped == set(articles)
    assert ask(world, f"{site.base}/tag/tidak-ada/").status == 404


def test_lists_never_show_the_future_and_time_brings_it() -> None:
    world = World(7, START, 2, 12, now=datetime(2026, 3, 2, 13, 0, tzinfo=WIB))
    lists = [
        "https://www.kontan.co.id/search/?search=rusia",
        "https://www.kontan.co.id/search/indeks?tanggal=2&bulan=3&tahun=2026",
        "https://www.kontan.co.id/tag/rusia",
        "https://rss.kontan.co.id/news/nasional",
        "https://www.kontan.co.id/sitemap/internasional/news.xml",
        f"{TRIBUN}/index-news?date=2026-3-2",
        f"{TRIBUN}/internasional/sitemap-news.xml",
        f"{REPUBLIKA}/search/v3/?q=rusia",
        f"{REPUBLIKA}/index/0",
        f"{REPUBLIKA}/index/0/2026/03/02",
        f"{REPUBLIKA}/rss",
        f"{REPUBLIKA}/files/xml/sitemap.xml",
        f"{MERCI}/wp-json/wp/v2/posts?per_page=100",
        f"{MERCI}/?s=rusia",
        "https://kabarnusa.example/feed/",
        "https://lintasdunia.example/post-sitemap1.xml",
        *(f"https://{outlet.hosts[0]}/" for outlet in world.outlets),
    ]
    pages = [text_of(world, url) for url in lists] + [text_of(world, url) for url in world.addresses()]
    future = [entry for entry in world.entries(all_times=True) if entry.published_at > world.now]
    assert len(future) > 50
    shown = set(
        re.findall(
            r"[a-z0-9.-]+(?:/[\w./-]*)", " ".join(pages).replace("\\/", "/").replace("berita//", "berita/")
        )
    )
    for entry in future:
        assert entry.host + entry.path not in shown
        assert ask(world, entry.url).status == 404
    world.advance(days=1)
    assert all(ask(world, entry.url).status == 200 for entry in future if entry.published_at <= world.now)
    assert all(entry.published_at <= world.now for entry in world.entries())
