"""What becomes of addresses: offered, fetched, settled, opened again."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from crawler.errors import StoreError
from crawler.items import Instant
from crawler.reasons import TRY_AGAIN, Reason
from crawler.storage import frontier, runs, sources
from crawler.storage.database import reading
from crawler.storage.frontier import Settlement, Work
from crawler.storage.runs import Run
from crawler.storage.schema import records, sightings, urls, visits
from crawler.storage.states import (
    HEADLINE,
    LISTED,
    OWN_REASONS,
    RETRY_AFTER,
    State,
    is_known_reason,
    sentence,
)
from tests.core import storing
from tests.core.storing import NOON, entry

DAY = timedelta(days=1)


def rows(store: Engine, table) -> list:
    with reading(store) as connection:
        return list(connection.execute(select(table)))


def next_run(store: Engine, run: Run, **window) -> Run:
    runs.finish_run(store, run.id, "healthy")
    return runs.start_run(store, "kontan", **window)


def settled(store: Engine, run: Run, number: int, state: State, reason: str, **more) -> Work:
    [work] = storing.offered(store, run.id, number)
    frontier.settle(
        store, run.id, Settlement(url_id=work.url_id, state=state, reason=reason, **more), now=NOON
    )
    return work


class TestOffer:
    def test_unseen_addresses_are_to_be_fetched_in_the_order_of_the_list(self, store: Engine, run: Run):
        offered = frontier.offer(store, run.id, [entry(3), entry(1), entry(2)])
        assert [work.url for work in offered.fetch] == [storing.address(number) for number in (3, 1, 2)]
        assert (offered.new, offered.known_earlier, offered.known_this_run) == (3, 0, 0)
        assert offered.fetch[0].headline == entry(3).headline
        assert offered.fetch[0].published_at == entry(3).published_at

    def test_an_address_is_one_however_it_is_written(self, store: Engine, run: Run):
        spellings = [
            storing.address(1),
            storing.address(1) + "?utm_source=wa",
            storing.address(1).replace("https", "http"),
            storing.address(1).replace("www.", "") + "/#top",
        ]
        assert len(frontier.offer(store, run.id, [entry(1, url=url) for url in spellings]).fetch) == 1
        again = frontier.offer(store, run.id, [entry(1, url=spellings[2])])
        assert (again.fetch, again.known_this_run) == ((), 1)

    def test_a_list_says_how_much_of_it_was_known_before(self, store: Engine, run: Run):
        frontier.offer(store, run.id, [entry(1), entry(2)])
        later = next_run(store, run)
        frontier.offer(store, later.id, [entry(3)])
        offered = frontier.offer(store, later.id, [entry(number) for number in range(1, 6)])
        assert (offered.new, offered.known_earlier, offered.known_this_run) == (2, 2, 1)

    def test_what_the_list_settles_is_settled_and_in_the_ledger(self, store: Engine, run: Run):
        entries = [
            entry(1, state=State.OFF_TOPIC, reason=HEADLINE),
            entry(2, state=State.OUT_OF_WINDOW, reason=LISTED),
            entry(3),
        ]
        offered = frontier.offer(store, run.id, entries, now=NOON)
        assert [work.url for work in offered.fetch] == [storing.address(3)]
        assert [(visit.outcome, visit.reason, visit.at) for visit in rows(store, visits)] == [
            ("off-topic", "headline", NOON),
            ("out-of-window", "listed", NOON),
        ]
        assert runs.finish_run(store, run.id, "healthy").counts == {"off-topic": 1, "out-of-window": 1}

    def test_within_one_list_the_wish_to_fetch_wins(self, store: Engine, run: Run):
        twice = [entry(1, state=State.OFF_TOPIC, reason=HEADLINE), entry(1, source="search")]
        assert len(frontier.offer(store, run.id, twice).fetch) == 1

    def test_the_first_sighting_by_each_source_is_kept(self, store: Engine, run: Run):
        for hour, source in enumerate(["feed", "search", "feed"]):
            listed = entry(1, source=source, list_url=f"https://www.kontan.example/{source}?p={hour}")
            frontier.offer(store, run.id, [listed], now=NOON + timedelta(hours=hour))
        seen = {
            row.source: (row.at, row.list_url, row.headline, row.published_at)
            for row in rows(store, sightings)
        }
        assert seen == {
            "feed": (
                NOON,
                "https://www.kontan.example/feed?p=0",
                entry(1).headline,
                entry(1).published_at.at,
            ),
            "search": (
                NOON + timedelta(hours=1),
                "https://www.kontan.example/search?p=1",
                entry(1).headline,
                entry(1).published_at.at,
            ),
        }

    def test_a_list_of_thousands_is_one_transaction(self, store: Engine, run: Run):
        offered = frontier.offer(store, run.id, [entry(number) for number in range(1700)])
        assert (offered.new, len({work.url_id for work in offered.fetch})) == (1700, 1700)
        assert frontier.offer(store, run.id, [entry(number) for number in range(1700)]).known_this_run == 1700

    def test_a_list_with_a_poisoned_entry_changes_nothing(self, store: Engine, run: Run):
        with pytest.raises(StoreError):
            frontier.offer(store, run.id, [entry(1), entry(2, source=None)])
        assert frontier.count_states(store) == {}

    @pytest.mark.parametrize(
        "url",
        ["javascript:alert(1)", "https://", "not an address", "https://x.example/" + "a" * 70_000, "\ud800"],
    )
    def test_an_address_that_nobody_can_fetch_is_known_all_the_same(self, store: Engine, run: Run, url: str):
        bad = entry(1, url=url, state=State.NOT_AN_ARTICLE, reason="address")
        assert frontier.offer(store, run.id, [bad, bad]).new == 1
        assert frontier.offer(store, run.id, [bad]).known_this_run == 1

    def test_an_empty_list_is_nothing(self, store: Engine, run: Run):
        assert frontier.offer(store, run.id, []) == frontier.Offered(
            fetch=(), new=0, known_earlier=0, known_this_run=0
        )

    def test_outlets_do_not_share_addresses(self, store: Engine, run: Run):
        other = runs.start_run(store, "republika")
        assert len(storing.offered(store, run.id, 1)) == 1
        assert len(storing.offered(store, other.id, 1)) == 1


class TestOpenedAgain:
    """A known address on a list again: fetched when it may be worth it, and only then."""

    @pytest.mark.parametrize(
        ("state", "reason"),
        [
            (State.OFF_TOPIC, "both sides never meet"),
            (State.NOT_AN_ARTICLE, "no-body"),
            (State.FAILED, "not_found"),
            (State.UNCHANGED, "not-modified"),
        ],
    )
    def test_what_a_page_has_settled_stays(self, store: Engine, run: Run, state: State, reason: str):
        settled(store, run, 1, state, reason)
        assert frontier.offer(store, next_run(store, run).id, [entry(1)], now=NOON + 99 * DAY).fetch == ()

    @pytest.mark.parametrize(
        ("state", "reason"),
        [(State.OFF_TOPIC, HEADLINE), (State.OUT_OF_WINDOW, LISTED), (State.NOT_AN_ARTICLE, "address")],
    )
    def test_what_one_list_ruled_out_another_may_ask_for(
        self, store: Engine, run: Run, state: State, reason: str
    ):
        frontier.offer(store, run.id, [entry(1, state=state, reason=reason)])
        later = next_run(store, run)
        assert frontier.offer(store, later.id, [entry(1, state=state, reason=reason)]).fetch == ()
        [work] = frontier.offer(store, later.id, [entry(1, source="search")]).fetch
        assert work.url == storing.address(1)
        assert frontier.offer(store, later.id, [entry(1)]).fetch == ()

    @pytest.mark.parametrize("said_in", ["settlement", "detail"])
    def test_a_page_outside_the_window_is_fetched_when_a_window_holds_it(
        self, store: Engine, run: Run, said_in: str
    ):
        dated = Instant(NOON - 10 * DAY)
        how = (
            {"published_at": dated}
            if said_in == "settlement"
            else {"detail": {"published_at": dated.at.isoformat()}}
        )
        settled(store, run, 1, State.OUT_OF_WINDOW, "published", **how)
        narrow = next_run(store, run, since=NOON - 3 * DAY, until=NOON)
        undated = entry(1, published_at=None)
        assert frontier.offer(store, narrow.id, [undated]).fetch == ()
        wide = next_run(store, narrow, since=NOON - 30 * DAY, until=NOON)
        [work] = frontier.offer(store, wide.id, [undated]).fetch
        assert work.published_at is not None
        assert work.published_at.utc == dated.utc

    def test_a_failed_one_waits_until_it_is_due(self, store: Engine, run: Run):
        settled(store, run, 1, State.FAILED, "timeout")
        later = next_run(store, run)
        early, due = NOON + timedelta(minutes=59), NOON + timedelta(minutes=61)
        assert frontier.offer(store, later.id, [entry(1)], now=early).fetch == ()
        [work] = frontier.offer(store, later.id, [entry(1)], now=due).fetch
        assert work.attempts == 1


class TestPending:
    def test_what_a_killed_run_left_comes_first_and_once(self, store: Engine, run: Run):
        works = storing.offered(store, run.id, 1, 2, 3)
        frontier.settle(
            store, run.id, Settlement(url_id=works[1].url_id, state=State.NOT_AN_ARTICLE, reason="no-body")
        )
        later = next_run(store, run)
        assert frontier.pending(store, later.id) == [works[0], works[2]]
        assert frontier.offer(store, later.id, [entry(number) for number in (1, 2, 3)]).fetch == ()

    def test_failed_ones_that_are_due_come_along(self, store: Engine, run: Run):
        for number, (state, reason) in enumerate(
            [(State.FAILED, "dns"), (State.BLOCKED, "challenge"), (State.ROBOTS, "robots_unavailable")]
        ):
            settled(store, run, number, state, reason)
        settled(store, run, 7, State.FAILED, "not_found")
        later = next_run(store, run)
        assert frontier.pending(store, later.id, now=NOON + timedelta(minutes=30)) == []
        due = frontier.pending(store, later.id, now=NOON + timedelta(hours=2))
        assert [(work.url, work.attempts) for work in due] == [
            (storing.address(number), 1) for number in range(3)
        ]

    def test_a_limit_takes_the_oldest(self, store: Engine, run: Run):
        storing.offered(store, run.id, 5, 6, 7)
        assert [work.url for work in frontier.pending(store, run.id, limit=1)] == [storing.address(5)]

    def test_other_outlets_are_left_alone(self, store: Engine, run: Run):
        storing.offered(store, runs.start_run(store, "republika").id, 1)
        assert frontier.pending(store, run.id) == []


class TestSettle:
    def test_state_ledger_and_archive_index_are_written_together(self, store: Engine, run: Run):
        work = settled(
            store,
            run,
            1,
            State.OFF_TOPIC,
            "no side",
            detail={"score": 0.25, "terms": ["Rusia"]},
            records=[storing.ref(1)],
        )
        [visit] = rows(store, visits)
        assert (visit.run_id, visit.url_id, visit.outcome, visit.reason, visit.at) == (
            run.id,
            work.url_id,
            "off-topic",
            "no side",
            NOON,
        )
        assert visit.detail == {"score": 0.25, "terms": ["Rusia"]}
        assert visit.record_ids == [storing.ref(1).id]
        [record] = rows(store, records)
        assert (record.id, record.file, record.offset, record.run_id) == (
            storing.ref(1).id,
            storing.ref(1).file,
            1000,
            run.id,
        )
        assert frontier.count_states(store, "kontan") == {"kontan": {"off-topic": 1}}

    def test_of_several_all_or_none_is_written(self, store: Engine, run: Run):
        works = storing.offered(store, run.id, 1, 2)
        several = [Settlement(url_id=work.url_id, state=State.ROBOTS, reason="robots") for work in works]
        unknown = Settlement(url_id=999, state=State.ROBOTS, reason="robots")
        with pytest.raises(StoreError, match="address 999 is not in the frontier"):
            frontier.settle(store, run.id, [*several, unknown])
        assert frontier.count_states(store) == {"kontan": {"pending": 2}}
        frontier.settle(store, run.id, several)
        assert frontier.count_states(store) == {"kontan": {"robots": 2}}

    def test_the_last_word_of_a_run_counts(self, store: Engine, run: Run):
        work = settled(store, run, 1, State.FAILED, "timeout")
        frontier.settle(
            store, run.id, Settlement(url_id=work.url_id, state=State.NOT_AN_ARTICLE, reason="no-body")
        )
        assert runs.finish_run(store, run.id, "healthy").counts == {"not-an-article": 1}

    @pytest.mark.parametrize("state", [State.STORED, State.REVISED, State.PENDING])
    def test_only_an_article_is_stored(self, store: Engine, run: Run, state: State):
        [work] = storing.offered(store, run.id, 1)
        with pytest.raises(ValueError, match="not settled by hand"):
            frontier.settle(store, run.id, Settlement(url_id=work.url_id, state=state))

    def test_failures_are_tried_again_with_growing_pauses_and_then_no_more(self, store: Engine, run: Run):
        now, pauses = NOON, []
        [work] = storing.offered(store, run.id, 1)
        for _ in range(len(RETRY_AFTER) + 1):
            settlement = Settlement(url_id=work.url_id, state=State.FAILED, reason="http_5xx")
            frontier.settle(store, run.id, settlement, now=now)
            [row] = rows(store, urls)
            pauses.append(row.next_try_at and row.next_try_at - now)
            now = row.next_try_at or now
        assert pauses == [*RETRY_AFTER, None]
        assert sorted(RETRY_AFTER) == list(RETRY_AFTER)
        assert frontier.pending(store, run.id, now=NOON + 999 * DAY) == []

    def test_success_starts_the_count_of_failures_anew(self, store: Engine, run: Run):
        work = settled(store, run, 1, State.FAILED, "timeout")
        frontier.settle(
            store, run.id, Settlement(url_id=work.url_id, state=State.UNCHANGED, reason="not-modified")
        )
        [row] = rows(store, urls)
        assert (row.attempts, row.next_try_at) == (0, None)

    def test_records_without_an_address_are_indexed_once(self, store: Engine, run: Run):
        lists = [storing.ref(1, kind="list"), storing.ref(2, kind="robots", status=404, content_type=None)]
        frontier.add_records(store, run.id, lists)
        frontier.add_records(store, run.id, lists)
        assert [(row.kind, row.status, row.content_type) for row in rows(store, records)] == [
            ("list", 200, "text/html"),
            ("robots", 404, None),
        ]

    def test_evidence_with_odd_characters_survives(self, store: Engine, run: Run):
        detail = {"text": "a\0b \ud800 \u2028 \U0001f1f0 \"'", "list": [1, None, True, 0.1]}
        settled(store, run, 1, State.OFF_TOPIC, "x", detail=detail)
        [visit] = rows(store, visits)
        assert visit.detail == detail == json.loads(json.dumps(detail))


class TestStates:
    def test_every_reason_has_a_sentence(self):
        for reason in [*OWN_REASONS, *Reason]:
            assert is_known_reason(State.FAILED, reason)
            assert sentence(reason) != reason
        assert not is_known_reason(State.FAILED, "because")
        assert is_known_reason(State.OFF_TOPIC, "the topic's own words")
        assert sentence(None) is None

    def test_every_reason_to_try_again_is_tried_again(self, store: Engine, run: Run):
        for number, reason in enumerate(sorted(TRY_AGAIN)):
            settled(store, run, number, State.FAILED, reason)
        assert all(row.next_try_at for row in rows(store, urls))


class TestSources:
    def test_a_searchs_standing_is_known_until_it_is_too_old(self, store: Engine):
        assert sources.standing(store, "kontan", "search", NOON - DAY) is None
        sources.judge(store, "kontan", "search", honest=False, now=NOON)
        assert sources.standing(store, "kontan", "search", NOON - DAY) is False
        sources.judge(store, "kontan", "search", honest=True, now=NOON)
        assert sources.standing(store, "kontan", "search", NOON) is True
        assert sources.standing(store, "kontan", "search", NOON + DAY) is None
        assert sources.standing(store, "republika", "search", NOON - DAY) is None

    def test_the_last_good_robots_file_is_kept_for_a_while(self, store: Engine):
        body = b"User-agent: *\nDisallow: /cari\n\xff\0"
        sources.keep_robots(store, "www.kontan.example", 200, b"old", now=NOON - DAY)
        sources.keep_robots(store, "www.kontan.example", 200, body, now=NOON)
        copy = sources.kept_robots(store, "www.kontan.example", not_before=NOON - DAY)
        assert copy == sources.RobotsCopy("www.kontan.example", 200, body, NOON)
        assert sources.kept_robots(store, "www.kontan.example", not_before=NOON + DAY) is None
        assert sources.kept_robots(store, "m.kontan.example", not_before=NOON) is None
