"""Lists are followed to what was seen of them, and no further; what proves nothing stops nothing."""

import shutil
from datetime import timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from crawler.discovery.watching import LONGEST_S, SHORTEST_S, next_interval
from crawler.discovery.wordpress import WordPressPosts
from crawler.storage.database import connect
from tests.core.watched import INDEX, LISTING, SEARCH, START, Outlet, Store, address, day


def watched(engine: Engine, days: int = 1, **manners: object) -> Store:
    """Return a store that has seen *days* days of an outlet with ten articles each."""
    outlet = Outlet(**manners)  # type: ignore[arg-type]
    store = Store(engine, outlet)
    for number in range(-4, days):
        outlet.publish(10, day(number) - timedelta(hours=1))
    for number in range(days):
        outlet.now = day(number)
        assert store.crawl([LISTING]).covered
    assert not store.missed()
    return store


def test_a_day_without_news_costs_one_request_a_list(store: Engine) -> None:
    crawls = watched(store)
    crawls.outlet.now = day(1)
    again = crawls.crawl([LISTING])
    assert again.covered
    assert len(again.asked) == 1


def test_a_list_whose_validators_proved_themselves_is_asked_conditionally(store: Engine) -> None:
    crawls = watched(store, days=3)
    crawls.outlet.now = day(3)
    again = crawls.crawl([LISTING])
    assert again.asked == [("https://o.example/terbaru?page=1", True)]
    assert again.covered
    assert again.past.not_modified == 1


def test_a_burst_is_followed_to_what_was_seen(store: Engine) -> None:
    crawls = watched(store)
    crawls.outlet.now = day(1)
    crawls.outlet.publish(45, day(1) - timedelta(hours=1))
    found = crawls.crawl([LISTING])
    assert found.covered
    assert not crawls.missed()
    assert len(found.asked) == 5  # the end of the fifth page is known


def test_a_budget_that_ends_first_is_no_cover_and_the_next_crawl_goes_as_deep(store: Engine) -> None:
    crawls = watched(store)
    crawls.outlet.now = day(1)
    crawls.outlet.publish(45, day(1) - timedelta(hours=1))
    assert not crawls.crawl([LISTING], max_pages=2).covered
    assert crawls.missed()
    assert crawls.crawl([LISTING]).covered
    assert not crawls.missed()


def test_what_a_killed_crawl_saw_proves_nothing(store: Engine) -> None:
    crawls = watched(store)
    crawls.outlet.now = day(1)
    crawls.outlet.publish(45, day(1) - timedelta(hours=1))
    crawls.crawl([LISTING], max_pages=2, killed=True)
    assert crawls.crawl([LISTING]).covered
    assert not crawls.missed()


def test_a_killed_crawl_leaves_the_validators_of_the_last_whole_one(store: Engine) -> None:
    crawls = watched(store, days=3)
    crawls.outlet.now = day(3)
    crawls.outlet.publish(45, day(3) - timedelta(hours=1))
    crawls.crawl([LISTING], max_pages=1, killed=True)
    found = crawls.crawl([LISTING])
    assert found.past.not_modified == 0
    assert not crawls.missed()


def test_pinned_entries_stop_nothing(store: Engine) -> None:
    crawls = watched(store, pinned=3)
    crawls.outlet.now = day(1)
    crawls.outlet.publish(25, day(1) - timedelta(hours=1))
    assert crawls.crawl([LISTING]).covered
    assert not crawls.missed()


def test_a_known_entry_among_new_ones_stops_nothing(store: Engine) -> None:
    crawls = watched(store)
    crawls.outlet.now = day(1)
    crawls.outlet.trailing = (crawls.outlet.visible()[0],)
    crawls.outlet.publish(25, day(1) - timedelta(hours=1))
    assert crawls.crawl([LISTING]).covered
    assert not crawls.missed()


def test_a_window_that_begins_earlier_is_walked_to_its_start(store: Engine) -> None:
    crawls = watched(store, days=3)
    crawls.outlet.published = [
        *(START - timedelta(days=20, minutes=each) for each in range(30, 0, -1)),
        *crawls.outlet.published,
    ]
    crawls.known = set()  # all numbers have moved
    crawls.outlet.now = day(3)
    back = crawls.crawl([LISTING], days=30)
    assert back.conditional == 0 or back.past.not_modified == 0
    assert not crawls.missed(days=30)


def test_days_long_over_say_nothing_of_todays_list(store: Engine) -> None:
    crawls = watched(store)
    crawls.outlet.now = day(5)
    crawls.outlet.publish(45, day(5) - timedelta(hours=1))
    crawls.crawl([LISTING], max_pages=1, until=START)
    assert crawls.crawl([LISTING]).covered
    assert not crawls.missed()


def test_a_search_in_order_of_time_stops_where_it_meets_what_was_seen(store: Engine) -> None:
    outlet = Outlet(now=day(0))
    outlet.publish(
        60, day(0) - timedelta(hours=30)
    )  # none of them so new that another may be dated back below
    crawls = Store(store, outlet)
    assert len(crawls.crawl([SEARCH]).asked) > 6  # with the word that nobody writes
    outlet.now = day(1)
    outlet.publish(3, day(1) - timedelta(hours=1))
    assert len(crawls.crawl([SEARCH]).asked) == 1
    assert not crawls.missed()


def test_a_search_sorted_by_rank_is_read_to_its_end(store: Engine) -> None:
    outlet = Outlet(now=day(0), ranked=True)
    outlet.publish(60, day(0) - timedelta(hours=1))
    crawls = Store(store, outlet)
    for number in range(4):
        outlet.now = day(number)
        outlet.publish(1, day(number) - timedelta(hours=1))
        crawls.crawl([SEARCH])
        assert not crawls.missed()


def test_a_day_is_asked_until_a_day_after_it_is_over(store: Engine) -> None:
    crawls = Store(store, Outlet())
    for number in range(6):
        crawls.outlet.publish(5, day(number) - timedelta(hours=1))
        crawls.outlet.now = day(number)
        found = crawls.crawl([INDEX])
        assert found.covered
        assert not crawls.missed()
    days = {url.partition("d=")[2][:10] for url, _ in found.asked}
    assert days == {"2026-03-07", "2026-03-06", "2026-03-05"}


def test_what_is_dated_back_into_a_day_that_is_over_is_found(store: Engine) -> None:
    crawls = Store(store, Outlet(page_size=4))
    crawls.outlet.publish(20, day(0))
    crawls.outlet.now = day(0)
    crawls.crawl([INDEX])
    crawls.outlet.now = day(1)
    crawls.crawl([INDEX])
    crawls.outlet.published.insert(2, crawls.outlet.published[2])  # the list's number 20 is new now
    crawls.outlet.now = day(2)
    crawls.crawl([INDEX])
    assert address(20) in crawls.known


def test_an_empty_index_settles_no_day(store: Engine) -> None:
    crawls = Store(store, Outlet(down=True))
    crawls.outlet.publish(5, day(0))
    for number in range(3):
        crawls.outlet.now = day(number)
        crawls.crawl([INDEX])
    crawls.outlet.down = False
    crawls.crawl([INDEX])
    assert not crawls.missed()


def test_a_short_list_is_enough_once_a_deeper_one_has_covered_what_is_below_it(store: Engine) -> None:
    crawls = watched(store)
    crawls.outlet.now = day(1)
    crawls.outlet.publish(4, day(1) - timedelta(hours=1))
    budget = 1  # as a feed: there is no second page
    assert crawls.crawl([LISTING, INDEX], max_pages=budget).covered
    assert not crawls.missed()


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(
    days=st.lists(st.tuples(st.integers(0, 35), st.sampled_from(["whole", "killed", "short"])), max_size=8),
    manner=st.sampled_from(["honest", "constant", "always 304", "none", "serial"]),
    pinned=st.integers(0, 3),
)
def test_whatever_happens_a_crawl_that_covers_has_missed_nothing(
    days: list[tuple[int, str]], manner: str, pinned: int, empty_sqlite: Path
) -> None:
    serial = count()
    outlet = Outlet(pinned=pinned)
    if manner == "constant":
        outlet.etag = lambda _body: '"1"'
    elif manner == "none":
        outlet.etag = lambda _body: None
    elif manner == "serial":
        outlet.etag = lambda _body: f'"{next(serial)}"'
    elif manner == "always 304":
        outlet.holds = lambda _sent, _current: True
    outlet.publish(8, day(-1))
    with TemporaryDirectory() as folder:
        shutil.copy(empty_sqlite, f"{folder}/pantau.db")
        engine = connect(f"sqlite:///{folder}/pantau.db")
        crawls = Store(engine, outlet)
        for number, (articles, how) in enumerate(days):
            outlet.now = day(number)
            outlet.publish(articles, day(number) - timedelta(minutes=5))
            found = crawls.crawl([LISTING], killed=how == "killed", max_pages=2 if how == "short" else 200)
            assert how != "whole" or found.covered
            assert not found.covered or not crawls.missed()
        engine.dispose()


def test_a_source_that_is_not_due_is_left_out_and_covers_until_its_last_poll(store: Engine) -> None:
    outlet = Outlet()
    outlet.publish(8, day(-1))
    crawls = Store(store, outlet)
    asked, last = [], None
    for hours in range(12):
        outlet.now = day(0) + timedelta(hours=hours)
        found = crawls.crawl([LISTING], planned=True)
        asked.append(len(found.asked))
        assert found.covered
        assert found.ladder.looked_until == (outlet.now if found.asked else last)
        last = found.ladder.looked_until
    assert asked.count(0) > 0
    assert asked.count(1) < 8
    outlet.now = day(1)
    assert crawls.crawl([LISTING], planned=True).asked  # a daily crawl asks whatever is known


def test_a_crawl_that_somebody_starts_asks_everything(store: Engine) -> None:
    crawls = watched(store)
    crawls.crawl([LISTING], planned=True)
    assert crawls.crawl([LISTING], planned=True).asked == []
    assert crawls.crawl([LISTING]).asked


@given(shares=st.lists(st.floats(0, 1)))
def test_the_interval_follows_the_news_and_stays_below_a_day(shares: list[float]) -> None:
    interval = None
    for share in shares:
        before, interval = interval, next_interval(interval, share)
        assert SHORTEST_S <= interval <= LONGEST_S < 24 * 3600
        if before is not None:
            assert (interval >= before) if share > 0.67 else (interval <= before) if share < 0.33 else True


def test_a_closed_interface_is_left_alone_for_days_and_then_asked_again(store: Engine) -> None:
    crawls = watched(store)
    posts = WordPressPosts(site="https://o.example")
    asked = []
    for number in range(1, 6):
        crawls.outlet.now = day(number)
        found = crawls.crawl([posts, LISTING])
        assert found.covered
        asked.append(any("/wp-json/" in url for url, _ in found.asked))
    assert asked == [True, False, False, False, True]
