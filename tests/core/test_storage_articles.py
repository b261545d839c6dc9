"""Articles and revisions: what makes a new one, what makes none, and that all of it comes back."""

from datetime import timedelta

import attrs
import pytest
from sqlalchemy import Engine, func, select

from crawler.errors import StoreError
from crawler.items import Article, Instant, Removed, Witness
from crawler.storage import articles, frontier, runs
from crawler.storage.audit import audit
from crawler.storage.database import reading
from crawler.storage.hashes import content_hash
from crawler.storage.runs import Run
from crawler.storage.schema import articles as articles_table
from crawler.storage.schema import revisions, urls, visits
from crawler.storage.search import index
from crawler.storage.states import State
from tests.core import storing
from tests.core.storing import NOON, address, article, entry, offered, saved


def count(store: Engine, table) -> int:
    with reading(store) as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def ledger(store: Engine) -> list[tuple[int, str, str | None]]:
    query = select(visits.c.run_id, visits.c.outcome, visits.c.reason).order_by(
        visits.c.run_id, visits.c.url_id
    )
    with reading(store) as connection:
        return [tuple(row) for row in connection.execute(query)]


def saved_again(store: Engine, run: Run, number: int, **changes) -> articles.Outcome:
    """Save an article in a new run, as a later visit of the same address would."""
    runs.finish_run(store, run.id, "healthy")
    later = runs.start_run(store, "kontan")
    stored = articles.find(store, address(number))
    assert stored is not None
    assert stored.article.url_id is not None
    return articles.save(
        store, article(number, **changes), later.id, stored.article.url_id, now=NOON + timedelta(days=1)
    )


class TestRoundTrip:
    def test_every_field_comes_back(self, store: Engine, run: Run):
        given = article(1, record_ids=(storing.ref(1).id, storing.ref(2).id))
        [work] = offered(store, run.id, 1)
        outcome = articles.save(
            store, given, run.id, work.url_id, [storing.ref(1), storing.ref(2)], now=NOON + timedelta(hours=2)
        )
        assert outcome == articles.Outcome(state=State.STORED, article_id=1, revision=1)
        stored = articles.find(store, 1)
        assert stored is not None
        assert stored.article == attrs.evolve(given, url_id=work.url_id)
        assert stored.article.published_at.at.utcoffset() == timedelta(hours=7)
        assert (stored.id, stored.revision, stored.revisions, stored.run_id, stored.gone) == (
            1,
            1,
            1,
            run.id,
            None,
        )
        assert stored.first_seen_at == stored.last_seen_at == NOON + timedelta(hours=2)

    def test_an_article_with_the_least_comes_back(self, store: Engine, run: Run):
        [work] = offered(store, run.id, 1)
        bare = Article(
            outlet="kontan",
            url=address(1),
            canonical_url=address(1),
            headline="Judul",
            body=("Isi berita.",),
            fetched_at=NOON,
        )
        articles.save(store, bare, run.id, work.url_id)
        assert articles.find(store, 1).article == attrs.evolve(bare, url_id=work.url_id)

    def test_odd_characters_come_back_and_break_no_hash(self, store: Engine, run: Run):
        odd = ("Kata \u2028 sambung \u200b\u00ad dan \U0001f600 serta \"'; DROP TABLE urls; --",)
        saved(store, run.id, 1, body=odd, headline="Nul\0 dan \udc80 separuh", page_text="a\0b")
        found = articles.find(store, 1).article
        assert found.body == odd
        assert found.headline == "Nul\ufffd dan \ufffd separuh"
        assert found.page_text == "a\ufffdb"
        assert audit(store).ok
        assert (
            saved_again(store, run, 1, body=odd, headline="Nul\0 dan \udc80 separuh").state is State.UNCHANGED
        )

    @pytest.mark.parametrize("how", ["canonical", "fetched", "http", "tracked"])
    def test_an_article_is_found_by_any_of_its_addresses(self, store: Engine, run: Run, how: str):
        [work] = frontier.offer(store, run.id, [entry(1, url="https://amp.kontan.example/read/77")]).fetch
        articles.save(store, article(1), run.id, work.url_id)
        spelling = {
            "canonical": address(1),
            "fetched": "https://amp.kontan.example/read/77",
            "http": address(1).replace("https:", "http:"),
            "tracked": address(1) + "?utm_campaign=x",
        }[how]
        assert articles.find(store, spelling).id == 1

    @pytest.mark.parametrize("which", [2, "https://www.kontan.example/lain", "junk", ""])
    def test_what_is_not_there_is_none(self, store: Engine, run: Run, which: int | str):
        saved(store, run.id, 1)
        assert articles.find(store, which) is None


class TestRevisions:
    def test_the_same_content_is_unchanged(self, store: Engine, run: Run):
        saved(store, run.id, 1, record_ids=())
        assert saved_again(store, run, 1) == articles.Outcome(state=State.UNCHANGED, article_id=1, revision=1)
        stored = articles.find(store, 1)
        assert stored.last_seen_at == NOON + timedelta(days=1)
        assert count(store, revisions) == 1

    @pytest.mark.parametrize(
        "change",
        [
            {"headline": "Kunjungan pejabat ditunda"},
            {"byline": ("Wulan Rahmadani", "Seorang lagi")},
            {"published_at": Instant(NOON + timedelta(hours=5))},
            {"published_at": None},
            {"body": ("Isinya kini lain sama sekali.",)},
        ],
        ids=["headline", "byline", "date", "no-date", "body"],
    )
    def test_what_a_reader_would_see_makes_a_revision(self, store: Engine, run: Run, change: dict):
        saved(store, run.id, 1)
        before = articles.find(store, 1).article
        assert saved_again(store, run, 1, **change) == articles.Outcome(
            state=State.REVISED, article_id=1, revision=2
        )
        [first, second] = articles.revisions_of(store, 1)
        assert first.article == before
        [(name, value)] = change.items()
        assert getattr(second.article, name) == value
        assert articles.find(store, 1) == second
        assert articles.find(store, 1, revision=1) == first
        assert audit(store).ok

    @pytest.mark.parametrize(
        "change",
        [
            {"page_text": "Iklan baru di atas\n"},
            {"removed": (Removed(3, "advert", "Iklan baru"),)},
            {"captions": ("Keterangan lain",)},
            {"witnesses": {"headline": Witness("og")}},
            {"standfirst": None},
            {"tags": ()},
            {"editors": ("Orang lain",)},
            {"body_from": "selector", "partial": False},
            {"fetched_at": NOON + timedelta(days=2)},
            {"verdict": None},
            {"url": address(1) + "?page=2"},
            {"published_at": Instant((NOON + timedelta(minutes=1)).astimezone(storing.UTC), "second")},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_furniture_and_provenance_make_none(self, store: Engine, run: Run, change: dict):
        saved(store, run.id, 1)
        assert saved_again(store, run, 1, **change).state is State.UNCHANGED
        assert count(store, revisions) == 1

    def test_text_that_moves_between_paragraphs_is_a_change(self):
        one = content_hash("Judul", ("A", "B"), None, ("satu dua", "tiga"))
        assert one != content_hash("Judul", ("A", "B"), None, ("satu", "dua tiga"))
        assert one != content_hash("Judul", ("A B",), None, ("satu dua", "tiga"))

    def test_a_text_that_comes_back_is_a_revision_again(self, store: Engine, run: Run):
        saved(store, run.id, 1)
        saved_again(store, run, 1, headline="Sementara")
        last = runs.list_runs(store, "kontan", limit=1)[0]
        assert saved_again(store, last, 1).revision == 3
        assert audit(store).ok


class TestDuplicates:
    def test_another_address_with_the_same_text_is_a_duplicate(self, store: Engine, run: Run):
        saved(store, run.id, 1)
        twin = saved(store, run.id, 2, body=article(1).body, headline="Judul yang disunting")
        assert twin == articles.Outcome(state=State.DUPLICATE, article_id=1, revision=1)
        assert count(store, articles_table) == count(store, revisions) == count(store, index) == 1
        assert articles.find(store, address(2)).id == 1
        assert ledger(store) == [(run.id, "stored", None), (run.id, "duplicate", "same-text")]

    def test_it_stays_one_when_the_first_changes(self, store: Engine, run: Run):
        saved(store, run.id, 1)
        saved_again(store, run, 1, body=("Teks pertama telah diganti seluruhnya.",))
        last = runs.list_runs(store, "kontan", limit=1)[0]
        assert saved(store, last.id, 2, body=article(1).body).state is State.DUPLICATE

    def test_a_short_text_needs_the_headline_too(self, store: Engine, run: Run):
        short = ("Saksikan rekaman selengkapnya di bawah ini.",)
        assert saved(store, run.id, 1, body=short).state is State.STORED
        assert saved(store, run.id, 2, body=short).state is State.STORED
        assert saved(store, run.id, 3, body=short, headline=article(1).headline).article_id == 1

    def test_outlets_have_their_own_copies(self, store: Engine, run: Run):
        saved(store, run.id, 1)
        other = runs.start_run(store, "republika")
        [work] = offered(store, other.id, 1)
        outcome = articles.save(store, article(1, outlet="republika"), other.id, work.url_id)
        assert (outcome.state, outcome.article_id) == (State.STORED, 2)

    def test_two_addresses_of_one_canonical_are_one_article(self, store: Engine, run: Run):
        saved(store, run.id, 1)
        [work] = frontier.offer(store, run.id, [entry(1, url="https://amp.kontan.example/read/1")]).fetch
        assert articles.save(store, article(1), run.id, work.url_id).state is State.UNCHANGED
        assert count(store, articles_table) == 1
        assert audit(store).ok


class TestAllOrNothing:
    def test_saving_twice_in_a_run_changes_nothing(self, store: Engine, run: Run):
        [work] = offered(store, run.id, 1)
        record = storing.ref(1)
        given = article(1, record_ids=(record.id,))
        outcomes = [articles.save(store, given, run.id, work.url_id, [record]) for _ in range(3)]
        assert outcomes == [articles.Outcome(state=State.STORED, article_id=1, revision=1)] * 3
        assert ledger(store) == [(run.id, "stored", None)]
        assert runs.finish_run(store, run.id, "healthy").counts == {"stored": 1}

    def test_revising_twice_in_a_run_changes_nothing(self, store: Engine, run: Run):
        saved(store, run.id, 1)
        url_id = articles.find(store, 1).article.url_id
        saved_again(store, run, 1, headline="Judul baru")
        last = runs.list_runs(store, "kontan", limit=1)[0]
        outcome = articles.save(store, article(1, headline="Judul baru"), last.id, url_id)
        assert outcome == articles.Outcome(state=State.REVISED, article_id=1, revision=2)

    def test_an_article_that_cannot_be_saved_leaves_nothing_and_stops_no_other(self, store: Engine, run: Run):
        works = offered(store, run.id, 1, 2, 3)
        articles.save(store, article(1), run.id, works[0].url_id)
        poisoned = article(2)
        poisoned.body_from = None
        with pytest.raises(StoreError, match="refused a value"):
            articles.save(store, poisoned, run.id, works[1].url_id, [storing.ref(2)])
        articles.save(store, article(3), run.id, works[2].url_id)
        assert frontier.count_states(store) == {"kontan": {"pending": 1, "stored": 2}}
        assert count(store, index) == 2
        assert audit(store).ok

    def test_an_address_nobody_offered_is_refused(self, store: Engine, run: Run):
        with pytest.raises(StoreError):
            articles.save(store, article(1), run.id, 4711)
        assert count(store, articles_table) == count(store, index) == 0

    def test_an_article_of_another_outlet_is_refused(self, store: Engine, run: Run):
        [work] = offered(store, run.id, 1)
        with pytest.raises(StoreError, match="start a run of its outlet"):
            articles.save(store, article(1, outlet="republika"), run.id, work.url_id)

    def test_a_vanished_article_that_is_seen_again_is_back(self, store: Engine, run: Run):
        saved(store, run.id, 1)
        with store.begin() as connection:
            connection.execute(articles_table.update().values(gone="suspected", gone_at=NOON))
        assert articles.find(store, 1).gone == "suspected"
        saved_again(store, run, 1)
        assert articles.find(store, 1).gone is None


class TestIterate:
    @pytest.fixture
    def filled(self, store: Engine, run: Run) -> Engine:
        for number in (1, 2, 3):
            saved(store, run.id, number)
        saved(store, run.id, 4, published_at=None, verdict=None)
        other = runs.start_run(store, "republika")
        [work] = offered(store, other.id, 5)
        articles.save(store, article(5, outlet="republika"), other.id, work.url_id)
        return store

    @pytest.mark.parametrize(
        ("chosen", "expected"),
        [
            ({}, [1, 2, 3, 4, 5]),
            ({"outlet": "republika"}, [5]),
            ({"outlet": "tempo"}, []),
            ({"topic": "russia-north-korea"}, [1, 2, 3, 5]),
            ({"topic": "lain"}, []),
            ({"since": NOON + timedelta(minutes=2)}, [2, 3, 4, 5]),
            ({"until": NOON + timedelta(minutes=2)}, [1, 2, 4]),
            (
                {
                    "since": NOON + timedelta(minutes=2),
                    "until": NOON + timedelta(minutes=3),
                    "outlet": "kontan",
                },
                [2, 3, 4],
            ),
        ],
    )
    def test_filters(self, filled: Engine, chosen: dict, expected: list[int]):
        assert [stored.id for stored in articles.iterate(filled, **chosen)] == expected

    def test_only_the_latest_revision_comes(self, filled: Engine):
        runs_open = [run for run in runs.list_runs(filled, "kontan") if run.ended_at is None]
        saved_again(filled, runs_open[0], 1, headline="Judul terbaru")
        first = next(articles.iterate(filled))
        assert (first.article.headline, first.revision, first.revisions) == ("Judul terbaru", 2, 2)

    def test_more_than_a_batch_comes_whole_and_holds_no_transaction(
        self, store: Engine, run: Run, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(articles, "_BATCH", 3)
        for number in range(1, 8):
            saved(store, run.id, number)
        seen = []
        for stored in articles.iterate(store):
            seen.append(stored.id)
            runs.heartbeat(store, run.id)
        assert seen == list(range(1, 8))


def test_the_frontier_names_the_article(store: Engine, run: Run):
    saved(store, run.id, 1)
    with reading(store) as connection:
        row = connection.execute(select(urls)).one()
    assert (row.state, row.reason, row.article_id, row.last_run_id) == ("stored", None, 1, run.id)
