"""Stories in both databases: found as articles come in, the same in any order, and anew after an edit."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine

from crawler.items import Article, Instant
from crawler.storage import articles, frontier
from crawler.storage.database import connect, migrate, reading
from crawler.storage.frontier import Entry
from crawler.storage.runs import finish_run, start_run
from crawler.storage.stories import count_stories, stories, stories_of, story, story_of, waiting
from crawler.stories.update import WINDOW, Updated, group_new
from tests.core import storing
from tests.core.storing import NOON
from tests.core.test_similarity import written


def made(outlet: str, number: int, body: Sequence[str], minute: int | None, **more: Any) -> Article:
    url = storing.address(number, f"www.{outlet}.example")
    plain = {"captions": (), "source": None, "byline": (), "dateline": None, "removed": (), "page_text": ""}
    published = None if minute is None else Instant(NOON + timedelta(minutes=minute))
    return storing.article(
        number,
        **plain
        | {"outlet": outlet, "url": url, "canonical_url": url, "published_at": published, "body": tuple(body)}
        | more,
    )


def keep(store: Engine, *kept: Article) -> list[int]:
    """Store articles one after the other, each in a run of its outlet; return their numbers."""
    numbers = []
    for one in kept:
        run = start_run(store, one.outlet)
        entry = Entry(url=one.url, source="feed", list_url="https://www.contoh.example/rss")
        offered = frontier.offer(store, run.id, [entry]).fetch
        url_id = offered[0].url_id if offered else frontier_id(store, one.url)
        numbers.append(articles.save(store, one, run.id, url_id, now=NOON).article_id)
        finish_run(store, run.id, "healthy")
    return numbers


def frontier_id(store: Engine, url: str) -> int:
    found = articles.find(store, url)
    assert found is not None
    assert found.article.url_id is not None
    return found.article.url_id


def all_of(store: Engine, least: int = 1) -> list[tuple[tuple[object, ...], list[tuple[object, ...]]]]:
    """Return the stories as anybody sees them, without the numbers that the store gave."""
    with reading(store) as connection:
        found = []
        for one in stories(connection, least=least, order="oldest"):
            told = story(connection, one.id, changes=False)
            assert told is not None
            urls = {each.article_id: each.url for each in told.members}
            members = [
                (each.url, each.role, urls.get(each.copied_from or 0), round(each.share, 6), each.lag)
                for each in told.members
            ]
            found.append(
                ((one.id, one.headline, urls[one.origin], one.first_at, one.outlets, one.sources), members)
            )
        return sorted(found, key=repr)


FIRST, SECOND = written(1), written(2)


def family() -> list[Article]:
    """Return two wires, their copies, one merged of both, and one that has nothing to do with them."""
    return [
        made("antara", 1, FIRST, 0, headline="Kabar pertama"),
        made("kontan", 2, FIRST, 30, headline="Judul lain"),
        made("republika", 3, FIRST[:3], 45),
        made("antara", 4, SECOND, 10),
        made("detik", 5, SECOND[:4], 200),
        made("suara", 6, FIRST[:3] + SECOND[:3], 90),
        made("kontan", 7, written(3), 20),
        made("okezone", 8, SECOND, None),
    ]


def test_copies_are_found_with_share_lag_and_changes(store: Engine) -> None:
    assert group_new(store) == Updated(articles=0, pairs=0)
    first, second, third, *_ = keep(store, *family())
    with reading(store) as connection:
        assert waiting(connection)
    assert group_new(store).articles == 8
    with reading(store) as connection:
        assert not waiting(connection)
        found = story_of(connection, first)
        assert found is not None
        assert (found.headline, found.outlets, found.sources) == (
            "Kabar pertama",
            ("antara", "kontan", "republika", "suara"),
            2,
        )
        told = story(connection, found.id)
        assert told is not None
        by_id = {each.article_id: each for each in told.members}
        assert (by_id[second].role, by_id[second].lag) == ("copy", timedelta(minutes=30))
        assert [(change.kind, change.action) for change in by_id[second].changes] == [("headline", "changed")]
        assert by_id[third].share == 1.0
        assert {change.action for change in by_id[third].changes} == {"changed", "removed"}
        assert len(stories_of(connection, 6)) == 2
        assert [one.id for one in stories(connection, outlet="republika")] == [found.id]
        assert count_stories(connection) == len(stories(connection)) == 2
        assert stories(connection, since=NOON + timedelta(days=2)) == []
        assert story_of(connection, 7) is None
        assert story(connection, "tidak-ada") is None


def test_any_order_and_any_batches_give_what_all_at_once_gives(
    store: Engine, empty_sqlite: Path, tmp_path: Path
) -> None:
    keep(store, *family())
    group_new(store)
    wanted = all_of(store)
    assert len(wanted) == 2
    for seed in range(3):
        path = tmp_path / f"{seed}.db"
        path.write_bytes(empty_sqlite.read_bytes())
        other = connect(f"sqlite:///{path}")
        shuffled = family()
        Random(seed).shuffle(shuffled)
        while shuffled:
            some, shuffled = shuffled[: seed + 1], shuffled[seed + 1 :]
            keep(other, *some)
            group_new(other, batch=1 + seed)
        assert all_of(other) == wanted
        other.dispose()


def test_an_edit_is_looked_at_anew_and_its_old_pairs_go(store: Engine) -> None:
    _, second, *_ = keep(store, *family()[:2])
    group_new(store)
    assert len(all_of(store)) == 1
    keep(store, made("kontan", 2, written(8), 30))
    with reading(store) as connection:
        assert waiting(connection)
    group_new(store)
    assert all_of(store) == []
    keep(store, made("kontan", 2, FIRST, 30))
    assert group_new(store) == Updated(articles=1, pairs=1)
    with reading(store) as connection:
        assert story_of(connection, second) is not None


def test_the_number_of_a_story_that_another_took_up_leads_to_it(store: Engine) -> None:
    keep(store, *family()[1:3])
    group_new(store)
    with reading(store) as connection:
        [former] = stories(connection)
    keep(store, family()[0])
    group_new(store)
    with reading(store) as connection:
        told = story(connection, former.id)
        assert told is not None
        assert told.story.id != former.id
        assert (told.story.headline, told.story.members) == ("Kabar pertama", 3)
        by_address = story(connection, family()[2].url)
        assert by_address is not None
        assert by_address.story == told.story


def test_what_is_told_again_long_afterwards_is_another_story(store: Engine) -> None:
    late = round(WINDOW.total_seconds() / 60)
    keep(
        store, made("antara", 1, FIRST, 0), made("kontan", 2, FIRST, late), made("detik", 3, FIRST, late + 1)
    )
    group_new(store)
    assert [len(members) for _, members in all_of(store)] == [3]  # by way of the second
    keep(store, made("suara", 4, SECOND, 0), made("okezone", 5, SECOND, late + 1))
    group_new(store)
    assert len(all_of(store)) == 1


@pytest.mark.parametrize("rounds", [3])
def test_several_at_once_come_to_the_same(store: Engine, store_url: str, rounds: int) -> None:
    bodies = [written(seed) for seed in range(10, 16)]
    for turn in range(rounds):
        for number, body in enumerate(bodies):
            outlet = ("antara", "kontan", "detik")[turn]
            keep(store, made(outlet, 100 * turn + number, body, 10 * number + turn))
    errors: list[BaseException] = []

    def group() -> None:
        engine = connect(store_url, busy_s=20)
        try:
            group_new(engine, batch=2)
        except BaseException as error:  # noqa: BLE001 - told by the test
            errors.append(error)
        finally:
            engine.dispose()

    threads = [Thread(target=group) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not errors
    assert [len(members) for _, members in all_of(store)] == [3] * 6


def test_a_fresh_store_has_the_tables(other_url: str) -> None:
    engine = connect(other_url)
    migrate(engine)
    assert group_new(engine) == Updated(articles=0, pairs=0)
    engine.dispose()
