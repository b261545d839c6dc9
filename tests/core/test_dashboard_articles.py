"""Lists of stored articles: each once and in order, every filter, and facets whose numbers hold."""

import itertools
import random
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, update

from crawler.dashboard.queries.articles import (
    CursorError,
    Facets,
    Listed,
    count_facets,
    list_articles,
    months,
)
from crawler.dashboard.queries.selection import SORTS, Selection
from crawler.dates import WITA
from crawler.items import Instant
from crawler.storage import articles as stored
from crawler.storage.articles import Stored, find
from crawler.storage.catalogue import printed_day
from crawler.storage.database import transact
from crawler.storage.runs import Run
from crawler.storage.schema import articles
from tests import bulk
from tests.core.storing import NOON, article, offered, saved

SEED = 11
NUMBER = 230


@pytest.fixture
def full(store: Engine) -> Engine:
    bulk.fill(store, NUMBER, seed=SEED)
    return store


def asked(**given: Any) -> Selection:
    """Return the selection of these parameters; a list is one given several times."""
    pairs = [
        (name, str(value))
        for name, values in given.items()
        for value in (values if isinstance(values, list) else [values])
    ]
    selection = Selection.of(pairs)
    assert not selection.problems
    return selection


def walk(engine: Engine, selection: Selection, size: int = 7) -> list[Listed]:
    """Return what all pages of a list show."""
    found: list[Listed] = []
    after = None
    for _ in range(NUMBER):
        listing = list_articles(engine, selection, after=after, size=size)
        found += listing.rows
        after = listing.after
        if after is None:
            return found
        assert len(listing.rows) == size
    raise AssertionError("the list does not end")


def truth(engine: Engine) -> list[Stored]:
    return list(stored.iterate(engine))


def ids(rows: Iterable[Any]) -> set[int]:
    return {row.id for row in rows}


FILTERS: dict[str, tuple[dict[str, Any], Callable[[Stored], bool]]] = {
    "nothing": ({}, lambda _: True),
    "outlet": (
        {"outlet": ["antaranews", "kompas"]},
        lambda one: one.article.outlet in {"antaranews", "kompas"},
    ),
    "window": (
        {"since": "2023-01-01", "until": "2025-01-31"},
        lambda one: "2023-01-01" <= (printed_day(one.article.published_at) or "") <= "2025-01-31",
    ),
    "undated": ({"day": "none"}, lambda one: one.article.published_at is None),
    "gone": ({"gone": 1}, lambda one: one.gone is not None),
    "revised": ({"revised": 1}, lambda one: one.revisions > 1),
    "partial": ({"partial": 1}, lambda one: one.article.partial),
    "generic": ({"generic": 1}, lambda one: one.article.body_from == "generic"),
    "byline": ({"byline": "  LESTARI  ning"}, lambda one: "Ningsih Lestari" in one.article.byline),
    "topic": ({"topic": bulk.TOPICS[1]}, lambda one: one.id % 9 == 0),
    "off topic": ({"topic": "none"}, lambda one: one.id % 5 == 0 and one.id % 9 != 0),
    "in a story": ({"story": "s3"}, lambda one: (one.id - 1) // bulk.IN_STORY == 3 and one.id % 2 == 0),
    "in no story": ({"story": "none"}, lambda one: one.id % 2 == 1),
    "several": (
        {"outlet": "antaranews", "topic": bulk.TOPICS[0], "since": "2022-06-01", "byline": "galih"},
        lambda one: one.article.outlet == "antaranews"
        and one.id % 5 != 0
        and (printed_day(one.article.published_at) or "") >= "2022-06-01"
        and "Galih Nugroho" in one.article.byline,
    ),
}  # fmt: skip


def test_every_filter_finds_just_the_articles_that_it_names(full: Engine) -> None:
    everything = truth(full)
    for name, (given, holds) in FILTERS.items():
        expected = {one.id for one in everything if holds(one)}
        assert len(expected) > 0, name
        found = walk(full, asked(**given), size=60)
        assert len(found) == len(ids(found)), name
        assert ids(found) == expected, name
        assert count_facets(full, asked(**given)).total == len(expected), name


@pytest.mark.parametrize("sort", SORTS)
def test_pages_have_each_article_once_and_in_order(full: Engine, sort: str) -> None:
    words = {"q": "nomor"} if sort == "best" else {}
    found = walk(full, asked(sort=sort, **words), size=9)
    assert len(found) == len(ids(found)) == NUMBER
    if sort == "best":
        return
    when = [row.first_seen_at if sort == "found" else _moment(row) for row in found]
    keys = [(moment, row.id) for moment, row in zip(when, found, strict=True)]
    assert keys == sorted(keys, reverse=sort != "oldest")


def _moment(row: Listed) -> Any:
    return row.published.utc if row.published else row.first_seen_at


def test_what_comes_in_meanwhile_shifts_no_page(full: Engine, run: Run) -> None:
    before = walk(full, asked(), size=10)
    first = list_articles(full, asked(), size=10)
    new = article(1, outlet="kontan", published_at=Instant(bulk.LAST + timedelta(days=1)))
    [work] = offered(full, run.id, 1)
    stored.save(full, new, run.id, work.url_id, now=NOON)
    second = list_articles(full, asked(), after=first.after, size=10)
    assert [row.id for row in second.rows] == [row.id for row in before[10:20]]


def test_numbers_of_facets_are_what_choosing_them_gives(full: Engine) -> None:
    chance = random.Random(3)
    given = [given for given, _ in FILTERS.values()]
    for one, other in chance.sample(list(itertools.combinations(given, 2)), 6):
        together = {**one, **other}
        facets = count_facets(full, asked(**together))
        for change, number in [
            *(({"outlet": outlet}, number) for outlet, number in facets.outlets.items()),
            *(({"topic": topic}, number) for topic, number in facets.topics.items()),
            *(({"story": story}, number) for story, number in facets.stories.items()),
            ({"topic": "none"}, facets.off_topic),
        ]:
            assert _total(full, together | change) == number, (together, change)
        undated = {name: value for name, value in together.items() if name not in {"since", "until"}}
        assert _total(full, undated | {"day": "none"}) == facets.undated


def _total(engine: Engine, given: dict[str, Any]) -> int:
    return count_facets(engine, asked(**given)).total


def test_sums_of_facets_are_totals(full: Engine) -> None:
    for given, _ in FILTERS.values():
        facets = count_facets(full, asked(**given))
        without_outlet = {name: value for name, value in given.items() if name != "outlet"}
        assert sum(facets.outlets.values()) == _total(full, without_outlet)
        without_days = {name: value for name, value in given.items() if name not in {"since", "until", "day"}}
        assert sum(facets.days.values()) + facets.undated == _total(full, without_days)
        assert sum(months(facets.days).values()) == sum(facets.days.values())


def test_words_are_found_and_marked(store: Engine, run: Run) -> None:
    saved(store, run.id, 1, headline="Kapal merapat", body=("Muatan <b>gandum</b> tiba.", "Cuaca cerah."))
    saved(store, run.id, 2, headline="Gandum langka", body=("Pasar sepi sejak pagi.",))
    saved(store, run.id, 3, headline="Kabar lain", body=("Tidak ada apa-apa.",))
    listing = list_articles(store, asked(q="GANDUM"))
    assert ids(listing.rows) == {1, 2}
    assert listing.rows[0].id == 2, "a headline counts for more"
    assert listing.ranked == 2
    [row] = list_articles(store, asked(q="gandum tiba")).rows
    assert [text for text, hit in row.snippet if hit] == ["gandum", "tiba"]
    assert count_facets(store, asked(q="gandum")) == Facets(
        total=2,
        outlets={"kontan": 2},
        days={"2026-03-04": 2},
        undated=0,
        topics={"russia-north-korea": 2},
        off_topic=0,
        stories={},
    )


def test_a_row_has_what_a_list_shows(store: Engine, run: Run) -> None:
    saved(store, run.id, 1)
    [row] = list_articles(store, asked()).rows
    assert (row.headline, row.outlet, row.byline) == (
        "Kunjungan pejabat ke-1",
        "kontan",
        ("Wulan Rahmadani",),
    )
    assert row.published == article(1).published_at
    assert (row.partial, row.generic, row.revised, row.gone) == (True, True, False, None)
    assert row.teaser.startswith("Delegasi nomor 1")


def test_an_edit_of_the_outlet_is_entered_one_of_the_rules_is_not(store: Engine, run: Run) -> None:
    saved(store, run.id, 1)
    read_otherwise = article(1, headline="Judul lain", body_from="selector", partial=False)
    [url_id] = {find(store, 1).article.url_id}  # type: ignore[union-attr] # it was just saved
    stored.save(store, read_otherwise, run.id, url_id or 0, cause="rules")
    [row] = list_articles(store, asked()).rows
    assert (row.headline, row.revised, row.partial, row.generic) == ("Judul lain", False, False, False)
    stored.save(store, article(1, headline="Judul baru"), run.id, url_id or 0, cause="outlet")
    stored.save(store, article(1, headline="Judul terbaru"), run.id, url_id or 0, cause="rules")
    [row] = list_articles(store, asked(revised=1)).rows
    assert row.headline == "Judul terbaru"


def test_a_day_without_a_time_is_the_printed_one() -> None:
    midnight = NOON.astimezone(WITA).replace(hour=0)
    assert printed_day(Instant(midnight, "day")) == "2026-03-04"
    assert printed_day(Instant(midnight, "minute")) == "2026-03-03"
    assert printed_day(None) is None


def test_gone_is_asked_of_the_article_itself(store: Engine, run: Run) -> None:
    saved(store, run.id, 1)
    saved(store, run.id, 2)
    gone = update(articles).where(articles.c.id == 2).values(gone="suspected", gone_at=NOON)
    transact(store, lambda connection: connection.execute(gone))
    [row] = list_articles(store, asked(gone=1)).rows
    assert (row.id, row.gone) == (2, "suspected")


def test_a_place_that_no_page_gave_is_refused(store: Engine) -> None:
    places = [
        "", "x", "{}", "[]", "[1]", '["2026-03-04", 1]', "[null,1]", "[1,1.5]", "[[],1]", "9" * 5000,
        '["2026-03-04T00:00:00+00:00",-1]', '["2026-03-04T00:00:00+00:00",true]', "[NaN,99999999999]",
    ]  # fmt: skip
    for place in [*places, "[" * 9000]:
        for sort in ("newest", "best"):
            with pytest.raises(CursorError, match="begin at its start"):
                list_articles(store, asked(sort=sort, q="kata"), after=place)


class TestSelection:
    def test_it_is_the_one_that_its_own_address_asks_for(self) -> None:
        selection = asked(
            q='"korea utara" rusia', outlet=["kompas", "tempo"], since="2026-01-01", until="2026-02-01",
            topic="none", story="s7", byline="wulan", gone=1, partial=1, sort="found",
        )  # fmt: skip
        assert Selection.of(selection.pairs) == selection
        assert selection.since == date(2026, 1, 1)
        assert selection.flags == ("gone", "partial")

    def test_a_search_is_ordered_by_match_unless_told(self) -> None:
        assert asked(q="kata").sort == "best"
        assert asked(q="kata", sort="newest").pairs == [("q", "kata"), ("sort", "newest")]
        assert asked(sort="best").sort == "newest"

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            (("since", "4 Maret"), "is no day"),
            (("since", "2026-02-30"), "is no day"),
            (("until", "٢٠٢٦-03-04"), "is no day"),
            (("q", "!!!"), "no word"),
            (("q", "kata " * 60), "more than"),
            (("sort", "price"), "no order"),
            (("story", "<b>"), "no story"),
            (("story", "s" * 65), "no story"),
            (("story", "٣"), "no story"),
        ],
    )
    def test_what_makes_no_sense_is_left_out_and_told(self, given: tuple[str, str], said: str) -> None:
        selection = Selection.of([given])
        assert selection.pairs == []
        [problem] = selection.problems
        assert said in problem

    def test_days_in_the_wrong_order_are_told(self) -> None:
        selection = Selection.of([("since", "2026-03-02"), ("until", "2026-03-01")])
        assert selection.pairs == []
        assert "after the last" in selection.problems[0]
