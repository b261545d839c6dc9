"""Lists that are more than an address: a search that is a form, and lists that scripts draw."""

import json
import re
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

from tests.crawling import crawl, runs_of, small_world, stored
from tests.newsworld.client import AGENT
from tests.newsworld.messages import Request
from tests.newsworld.outlets.liputan6 import Liputan6
from tests.newsworld.outlets.mediaindonesia import MediaIndonesia
from tests.newsworld.outlets.suara import Suara
from tests.newsworld.reading import ask, links_in, text_of
from tests.newsworld.running import on_air
from tests.newsworld.world import World

START = date(2026, 3, 2)
HITS = "ul.list-3 > li .text a"
SEARCH = "https://mediaindonesia.com/search"


def post(world: World, **fields: str) -> list[str]:
    """Return what the form finds."""
    asked = Request.of("POST", SEARCH, {"user-agent": AGENT}, urlencode(fields).encode())
    return links_in(world.answer(asked).body.decode(), HITS)


def test_the_form_pages_through_exactly_what_holds_the_words() -> None:
    world = World(7, START, 4, 40, (MediaIndonesia,))
    found = post(world, q="korea utara")
    for page in range(1, 5):
        found += post(world, q="korea utara", next=str(page))
    wanted = {
        article.url
        for article in world.truth()
        if {"korea", "utara"}
        <= set(re.findall(r"\w+", " ".join((article.headline, *article.body, *article.tags)).lower()))
    }
    assert len(found) == len(set(found)) > 20
    assert wanted <= set(found)
    assert post(world, q="qxzvbw") == []
    assert links_in(text_of(world, f"{SEARCH}?q=korea"), HITS) == []


def test_a_form_that_ignores_its_words_is_left_out(tmp_path: Path) -> None:
    with on_air(small_world("mediaindonesia", **{"mediaindonesia.search": "ignores-query"})) as running:
        done = crawl(running, tmp_path)
        posted = [each for each in running.log if each.method == "POST"]
    assert "the search ignores what it is asked" in done.stderr
    assert len(posted) == 1
    (only,) = runs_of(tmp_path)
    assert "the window is not covered by a search" in " ".join(only.why)
    assert stored(tmp_path)  # what the foreign section lists


def test_drawn_lists_hold_nothing_before_their_script_has_run_and_give_plain_clients_no_data() -> None:
    for outlet, page, data in (
        (Liputan6, "https://www.liputan6.com/tag/rusia?type=text", "https://www.liputan6.com/ajax/tag/rusia"),
        (Suara, "https://www.suara.com/search?q=rusia", "https://www.suara.com/api/search?q=rusia"),
    ):
        world = World(7, START, 3, 24, (outlet,))
        shell = text_of(world, page)
        assert links_in(shell, "#daftar a, #hasil a") == []
        assert "<script src=" in shell
        assert ask(world, data).status == 403
        as_script = {"user-agent": AGENT, "x-requested-with": "XMLHttpRequest"}
        found = json.loads(world.answer(Request.of("GET", data, as_script)).body)["items"]
        urls = {article.url for article in world.truth()}
        assert found
        assert all(each["url"] in urls for each in found)
