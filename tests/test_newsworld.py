"""The news world keeps its promises: same bytes for a seed, labels beyond dispute, truth on its pages."""

import re
import subprocess
import sys
from datetime import date
from itertools import combinations

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.newsworld.client import AGENT
from tests.newsworld.outlets.all import ALL, FIRST
from tests.newsworld.outlets.republika import Republika
from tests.newsworld.prose import kinds
from tests.newsworld.reading import ask, blocks_of, fold, text_of
from tests.newsworld.running import ROOT
from tests.newsworld.world import World

START = date(2026, 3, 2)
RUSSIA = re.compile(
    r"Rusia|Moskow|Kremlin|Putin|Duma|Lavrov|Peskov|Zakharova|Shoigu|Khasan|Vladivostok", re.IGNORECASE
)
NORTH = re.compile(
    r"Korea[ \u00a0]Utara|Korut|Pyongyang|Kim[ \u00a0](Jong|Yo)|KCNA|DPRK|Tumangang|Rason", re.IGNORECASE
)


@pytest.fixture(scope="module")
def world() -> World:
    return World(7, START, 4, 24)


# The same world for the same seed


def test_two_processes_make_the_same_world_byte_by_byte() -> None:
    program = (
        "import hashlib, json; from datetime import date; from tests.newsworld.world import World\n"
        "from tests.newsworld.messages import Request; world = World(11, date(2025, 12, 30), 2, 6)\n"
        "digest = hashlib.sha256()\n"
        "for article in world.truth(): digest.update(json.dumps(article.as_dict()).encode())\n"
        f"for url in world.addresses(): digest.update(world.answer(Request.of('GET', url, "
        f"{{'user-agent': {AGENT!r}}})).body)\n"
        "print(digest.hexdigest())"
    )
    prints = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert prints[0] == prints[1]


def test_another_seed_makes_other_stories() -> None:
    first, second = (World(seed, START, 1, 6, archive=0) for seed in (1, 2))
    assert not {article.body for article in first.truth()} & {article.body for article in second.truth()}


def test_more_days_leave_the_first_days_as_they_were() -> None:
    short, long = World(5, START, 1, 6), World(5, START, 3, 6)
    known = {article.url: article for article in long.truth()}
    assert all(known[article.url] == article for article in short.truth())


# Prose and labels


def test_all_kinds_layouts_and_oddities_occur(world: World) -> None:
    articles = list(world.truth())
    assert {article.kind for article in articles} == set(kinds.by_name())
    layouts = {(article.outlet, article.layout) for article in articles}
    assert {("kontan", "2018"), ("kontan", "2021"), ("republika", "2015"), ("republika", "2023")} <= layouts
    assert {("tribunnews", "2018"), ("tribunnews", "2024")} <= layouts
    assert any("Tidak." in article.body for article in articles)
    assert any(len(article.body) == 2 for article in articles)
    assert max(len(article.body) for article in articles) > 22
    assert any("\u00a0" in paragraph for article in articles for paragraph in article.body)
    assert any(
        paragraph.startswith("“Baca juga surat itu") for article in articles for paragraph in article.body
    )
    assert any(re.search(r"\([A-Z]+\)$", article.body[-1]) for article in articles)
    assert {article.split for article in articles} == {1, 2, 3}
    assert {article.zone for article in articles} == {"WIB", "WITA", "WIT"}


def test_what_is_on_the_topic_says_so_in_its_lead_and_may_hide_it_in_its_headline(world: World) -> None:
    on_topic = list(world.truth(on_topic=True))
    hidden = [article for article in on_topic if article.neutral_headline]
    for article in on_topic:
        assert RUSSIA.search(article.body[0]), article.body[0]
        assert NORTH.search(article.body[0]), article.body[0]
    assert 0.1 < len(hidden) / len(on_topic) < 0.45
    for article in hidden:
        assert not RUSSIA.search(article.headline), article.headline
        assert not NORTH.search(article.headline), article.headline
        assert not RUSSIA.search(article.url), article.url


@pytest.mark.parametrize(
    ("kind", "absent"),
    [
        ("russia-only", NORTH),
        ("north-korea-only", RUSSIA),
        ("south-korea-russia", NORTH),
        ("crosslink-only", NORTH),
        ("crosslink-only", RUSSIA),
        ("caption-only", NORTH),
        ("caption-only", RUSSIA),
        *((kind.name, side) for kind in kinds.ORDINARY for side in (NORTH, RUSSIA)),
    ],
)
def test_what_is_off_the_topic_leaves_a_side_out(world: World, kind: str, absent: re.Pattern[str]) -> None:
    found = [article for article in world.truth() if article.kind == kind]
    assert found
    for article in found:
        own_words = " ".join((article.headline, *article.body, article.dateline or ""))
        assert not absent.search(own_words.replace("Vladivostok", "")), article.url


def test_hard_negatives_carry_the_topic_where_it_does_not_count(world: World) -> None:
    captions = [article for article in world.truth() if article.kind == "caption-only"]
    assert captions
    for article in captions:
        assert RUSSIA.search(article.captions[0]) or NORTH.search(article.captions[0])
    for article in world.truth("mercinews"):
        if article.kind == "crosslink-only" and len(article.body) > 6:
            page = LexborHTMLParser(text_of(world, article.url))
            linked = [node.text() for node in page.css("#single-article-text a")]
            assert any(RUSSIA.search(each) or NORTH.search(each) or each for each in linked)


def test_no_two_stories_read_alike(world: World) -> None:
    shingles = []
    some = {kind.name for kind in FIRST}  # one hand writes for all; every pair is compared
    for article in (article for article in world.truth(on_topic=True) if article.outlet in some):
        words = re.findall(r"\w+", " ".join(article.body).lower())
        shingles.append({tuple(words[at : at + 4]) for at in range(len(words) - 3)})
    likeness = max(len(one & two) / len(one | two) for one, two in combinations(shingles, 2))
    assert likeness < 0.35


# Pages carry the truth


@pytest.mark.parametrize("outlet", [outlet.name for outlet in ALL])
def test_every_paragraph_of_the_truth_is_on_its_pages_in_order(world: World, outlet: str) -> None:
    for article in world.truth(outlet):
        pages = [text_of(world, url) for url in article.page_urls]
        found = [block for page in pages for block in blocks_of(page)]
        at = -1
        for number, paragraph in enumerate(article.body):
            wanted = fold(paragraph)
            places = [
                place
                for place in range(at + 1, len(found))
                if found[place] == wanted or (number == 0 and found[place].endswith(wanted))
            ]
            assert places, (article.url, paragraph)
            at = places[0]
        tree = LexborHTMLParser(pages[0])
        shown = fold(
            " ".join(
                node.text(separator=" ") for page in pages for node in LexborHTMLParser(page).css("body")
            )
        )
        for stated in (*article.byline, *article.editors, *article.captions, *article.credits):
            assert fold(stated) in shown, (article.url, stated)
        assert fold(article.headline) in fold(" ".join(node.text() for node in tree.css("title")))
        assert f'rel="canonical" href="{article.url}"' in pages[0]


def test_pages_have_the_size_of_real_ones(world: World) -> None:
    sizes = [len(ask(world, article.url).body) for article in world.truth()]
    assert min(sizes) > 40_000
    assert max(sizes) < 90_000


@pytest.mark.parametrize("outlet", ["kontan", "tribunnews", "mercinews", "republika", "antara", "kompas"])
def test_parts_of_a_split_story_add_up(world: World, outlet: str) -> None:
    split = [article for article in world.truth(outlet) if article.split > 1]
    if outlet == "republika":  # split in its archive only
        split = [
            article
            for article in World(7, START, 1, 1, (Republika,), archive=60).truth()
            if article.split > 1
        ]
        world = World(7, START, 1, 1, (Republika,), archive=60)
    assert split
    for article in split:
        parts = [blocks_of(text_of(world, url)) for url in article.page_urls]
        assert len(parts) == article.split
        for paragraph in article.body[1:]:
            assert sum(fold(paragraph) in part for part in parts) >= 1
        assert fold(article.body[-1]) not in parts[0]
        assert not any(block.endswith(fold(article.body[0])) for block in parts[1])
        if article.whole_url is not None:
            whole = blocks_of(text_of(world, article.whole_url))
            assert all(fold(paragraph) in whole for paragraph in article.body[1:])
