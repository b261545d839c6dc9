"""A redesign of the news world: other markup, the same text, on as many pages as it says."""

import re
from datetime import date, timedelta

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.newsworld.outlets.all import ALL
from tests.newsworld.outlets.base import Outlet
from tests.newsworld.outlets.kontan import Kontan
from tests.newsworld.reading import ask, blocks_of, text_of
from tests.newsworld.world import World

START = date(2026, 3, 2)
HOUR = timedelta(hours=1)


def small(outlet: type[Outlet], per_day: int = 12) -> World:
    return World(5, START, 2, per_day, (outlet,), archive=4)


def names_in(page: str) -> set[str]:
    nodes = LexborHTMLParser(page).css("body [class]")
    return {name for node in nodes for name in (node.attributes["class"] or "").split()}


@pytest.mark.parametrize("outlet", ALL, ids=lambda outlet: outlet.name)
@pytest.mark.parametrize("kind", ["renamed", "rewrapped"])
def test_the_text_stays_and_every_name_goes(outlet: type[Outlet], kind: str) -> None:
    world = small(outlet)
    article = list(world.truth(on_topic=True))[-1]
    before = text_of(world, article.url)
    world.redesign(outlet.name, world.now + HOUR, seed=3, kind=kind)  # type: ignore[arg-type]
    assert text_of(world, article.url) == before
    world.advance(hours=2)
    after = text_of(world, article.url)
    body = [text for text in blocks_of(before) if len(text) > 80]
    assert len(body) > 2
    assert [text for text in blocks_of(after) if len(text) > 80] == body
    assert names_in(before)
    assert not names_in(before) & names_in(after)
    assert "itemprop" not in after.partition("<body")[2]


def test_what_a_script_draws_is_not_in_the_page() -> None:
    world = small(Kontan)
    article = list(world.truth(on_topic=True))[-1]
    world.redesign("kontan", world.now, kind="scripted")
    page = text_of(world, article.url)
    assert article.headline in page.replace("&#39;", "'").replace("&quot;", '"')
    assert not blocks_of(page)


def test_it_strikes_the_share_it_says_and_the_same_pages_each_time() -> None:
    struck = []
    for _ in range(2):
        world = small(Kontan, per_day=150)
        urls = [article.url for article in world.truth()]
        before = {url: text_of(world, url) for url in urls}
        world.redesign("kontan", world.now, share=0.2, seed=9)
        struck.append([url for url in urls if text_of(world, url) != before[url]])
    assert struck[0] == struck[1]
    assert 0.12 < len(struck[0]) / len(urls) < 0.28


def test_lists_stay_unless_they_are_meant_too() -> None:
    world, address = small(Kontan), "https://www.kontan.co.id/search/indeks"
    before = text_of(world, address)
    world.redesign("kontan", world.now)
    assert text_of(world, address) == before
    world.redesign("kontan", world.now, lists=True)
    assert text_of(world, address) != before
    assert ask(world, "https://www.kontan.co.id/robots.txt").body


def test_the_date_is_printed_in_another_way() -> None:
    world = small(Kontan)
    article = list(world.truth(on_topic=True))[-1]
    printed = re.compile(rf"\w+, 0?{article.published_at.day} \w+ 2026 / \d\d:\d\d WIB")
    assert printed.search(text_of(world, article.url))
    world.redesign("kontan", world.now, kind="rewrapped")
    assert not printed.search(text_of(world, article.url))
    assert f"{article.published_at:%H:%M}" in text_of(world, article.url)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="choose one of renamed, rewrapped"):
        small(Kontan).redesign("kontan", small(Kontan).now, kind="painted")  # type: ignore[arg-type]


def test_around_the_text_all_is_renamed_and_what_holds_it_is_not() -> None:
    world = small(Kontan)
    article = list(world.truth(on_topic=True))[-1]
    before = names_in(text_of(world, article.url))
    world.redesign("kontan", world.now, kind="around")
    assert before & names_in(text_of(world, article.url)) == {"tmpt-desk-kon"}
