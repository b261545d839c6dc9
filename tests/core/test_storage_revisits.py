"""Looks at stored articles: when they are due, what they may change, and what they must never change."""

from datetime import datetime, timedelta

import attrs
import pytest
from sqlalchemy import Engine, select

from crawler.conditional import Validators
from crawler.items import Instant
from crawler.reasons import Reason
from crawler.storage import articles, frontier, revisits, runs
from crawler.storage.articles import find, revisions_of
from crawler.storage.audit import audit
from crawler.storage.database import reading
from crawler.storage.frontier import Settlement
from crawler.storage.looks import Fetched, Look, after_failure, next_age
from crawler.storage.revisits import Note, events_of
from crawler.storage.runs import Run
from crawler.storage.schema import urls
from crawler.storage.states import State
from crawler.text.edit_kinds import Kind
from tests.core.storing import NOON, address, article, entry, offered, ref

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SEEN = NOON + 2 * HOUR
AGES = tuple(hours * HOUR for hours in (1, 6, 24, 72, 168, 720))
WHOLE = {"partial": False, "body_from": "selector"}


def stored_once(store: Engine, run: Run, number: int = 1, **changes) -> None:
    [work] = offered(store, run.id, number)
    given = article(number, **WHOLE | changes)
    articles.save(store, given, run.id, work.url_id, fetched=Fetched(ages=AGES), now=SEEN)


def another_run(store: Engine) -> Run:
    [last] = runs.list_runs(store, "kontan", limit=1)
    runs.finish_run(store, last.id, "healthy")
    return runs.start_run(store, "kontan")


def the_look(store: Engine, run: Run, now: datetime) -> Look:
    [look] = revisits.due(store, run.id, now=now)
    return look


def look_finds(store: Engine, now: datetime, *, ended: bool = True, **changes) -> articles.Outcome:
    """Let a new run look at article 1 and read it with these changes."""
    run = another_run(store)
    look = the_look(store, run, now)
    given = article(1, **WHOLE | changes, look_at=look.article_id)
    fetched = Fetched(ages=AGES, look=look, ended=ended)
    outcome = articles.save(store, given, run.id, look.url_id, fetched=fetched, now=now)
    if outcome.state not in {State.UNCHANGED, State.REVISED}:
        settle(store, run, look, outcome.state, outcome.reason, now)
    return outcome


def settle(  # noqa: PLR0913, PLR0917 - what a look ends in
    store: Engine, run: Run, look: Look, state: State, reason, now: datetime, weight=None
) -> None:
    settlement = Settlement(url_id=look.url_id, state=state, reason=reason)
    revisits.note(store, run.id, [Note(look=look, settlement=settlement, weight=weight)], ages=AGES, now=now)


class TestDue:
    def test_a_fetch_counts_for_all_ages_that_passed(self):
        assert next_age(AGES, NOON, NOON + 30 * timedelta(minutes=1)) == NOON + HOUR
        assert next_age(AGES, NOON, NOON + 2 * DAY) == NOON + 3 * DAY
        assert next_age(AGES, NOON, NOON + 30 * DAY) is None
        assert next_age((), NOON, NOON) is None

    def test_a_failed_look_comes_again_after_growing_delays_and_not_after_the_next_age(self):
        now = NOON + 8 * DAY
        assert after_failure(AGES, NOON, now, Reason.HTTP_5XX, 1) == now + HOUR
        assert after_failure(AGES, NOON, now, Reason.HTTP_5XX, 3) == now + 20 * HOUR
        assert after_failure(AGES, NOON, now, Reason.HTTP_5XX, 6) == now + 20 * HOUR  # by the next day
        assert after_failure(AGES, NOON, NOON + 30 * DAY - HOUR, Reason.TIMEOUT, 4) == NOON + 30 * DAY
        assert after_failure(AGES, NOON, now, Reason.HTTP_5XX, 99) == NOON + 30 * DAY
        assert after_failure(AGES, NOON, now, Reason.ROBOTS, 1) == NOON + 30 * DAY
        assert after_failure(AGES, NOON, now + 40 * DAY, Reason.TIMEOUT, 2) == now + 40 * DAY + 6 * HOUR

    def test_an_article_is_due_when_it_comes_of_age_and_once_a_run(self, store: Engine, run: Run):
        stored_once(store, run)
        assert revisits.due(store, run.id, now=NOON + DAY) == []  # this run has just fetched it
        later = another_run(store)
        assert revisits.due(store, later.id, now=NOON + 5 * HOUR) == []
        look = the_look(store, later, NOON + 7 * HOUR)
        assert (look.article_id, look.url) == (1, address(1))
        settle(store, later, look, State.UNCHANGED, "not-modified", NOON + 7 * HOUR)
        assert revisits.due(store, later.id, now=NOON + 9 * DAY) == []
        stored = find(store, 1)
        assert (stored.looks, stored.due_at) == (1, NOON + timedelta(minutes=1) + DAY)

    def test_an_undated_article_counts_from_when_it_was_seen(self, store: Engine, run: Run):
        stored_once(store, run, published_at=None)
        assert find(store, 1).due_at == SEEN + HOUR

    def test_a_date_in_the_future_puts_no_look_off(self, store: Engine, run: Run):
        stored_once(store, run, published_at=Instant(NOON + 90 * DAY))
        assert find(store, 1).due_at == SEEN + HOUR

    def test_a_failed_look_leaves_the_article_to_be_looked_at_and_not_to_the_frontier(
        self, store: Engine, run: Run
    ):
        stored_once(store, run)
        later, now = another_run(store), NOON + 2 * DAY
        settle(store, later, the_look(store, later, now), State.FAILED, Reason.HTTP_5XX, now)
        assert find(store, 1).due_at == now + HOUR
        last = another_run(store)
        assert frontier.pending(store, last.id, now=now + DAY) == []
        assert not frontier.offer(store, last.id, [entry(1)], now=now + DAY).fetch
        assert the_look(store, last, now + DAY).article_id == 1
        assert audit(store).ok


class TestWhatIsNoEdit:
    @pytest.mark.parametrize(
        ("changes", "ended", "reason"),
        [
            ({"body": article(1).body[:2], "partial": True}, True, "part-missing"),
            ({"body": (*article(1).body, "Menu samping."), "body_from": "generic"}, True, "less-sure"),
            ({"body": article(1).body[:2]}, False, Reason.TRUNCATED),
            ({"byline": ()}, True, "less-told"),
            ({"published_at": None}, True, "less-told"),
            ({"body": ("Ringkas saja.",)}, True, "less-told"),
        ],
    )
    def test_a_poorer_reading_never_replaces_what_is_stored(
        self, store: Engine, run: Run, changes: dict, ended: bool, reason: str
    ):
        stored_once(store, run)
        before = find(store, 1)
        outcome = look_finds(store, NOON + 2 * DAY, ended=ended, **changes)
        assert (outcome.state, outcome.reason) == (State.FAILED, reason)
        after = find(store, 1)
        assert (after.article, after.revision) == (before.article, 1)
        assert after.due_at == NOON + 2 * DAY + HOUR
        assert audit(store).ok

    @pytest.mark.parametrize(
        "changes", [{"byline": ()}, {"published_at": None}, {"body": ("Ringkas saja.",)}]
    )
    def test_what_is_gone_from_a_page_is_believed_when_it_is_seen_twice(
        self, store: Engine, run: Run, changes: dict
    ):
        stored_once(store, run)
        look_finds(store, NOON + 2 * DAY, **changes)
        assert look_finds(store, NOON + 3 * DAY, **changes).state is State.REVISED
        assert audit(store).ok

    def test_what_is_in_doubt_after_the_last_age_is_looked_at_once_more(self, store: Engine, run: Run):
        stored_once(store, run)
        last, again = NOON + 31 * DAY, NOON + 32 * DAY
        look_finds(store, last, byline=())
        assert find(store, 1).due_at == last + HOUR
        assert look_finds(store, again, byline=()).state is State.REVISED
        assert find(store, 1).due_at is None

    @pytest.mark.parametrize(
        "body",
        [
            tuple(text.replace(" ", "  ") for text in article(1).body),
            (" ".join(article(1).body),),
        ],
        ids=["spaces", "paragraphs"],
    )
    def test_typography_is_none(self, store: Engine, run: Run, body: tuple[str, ...]):
        stored_once(store, run)
        outcome = look_finds(store, NOON + 2 * DAY, body=body)
        assert (outcome.state, outcome.reason) == (State.UNCHANGED, "typography")

    def test_another_address_of_an_article_is_none(self, store: Engine, run: Run):
        stored_once(store, run)
        [work] = frontier.offer(store, run.id, [entry(1, url="https://amp.kontan.example/read/1")]).fetch
        mobile = article(1, **WHOLE, body=("Versi ringan.", "Teksnya disusun lain."), url=work.url)
        outcome = articles.save(
            store, mobile, run.id, work.url_id, fetched=Fetched(ages=AGES), now=NOON + DAY
        )
        assert (outcome.state, outcome.reason) == (State.UNCHANGED, "other-address")
        assert len(revisions_of(store, 1)) == 1
        assert audit(store).ok

    def test_a_whole_text_replaces_one_that_lacked_a_part(self, store: Engine, run: Run):
        stored_once(store, run, partial=True, body=article(1).body[:2])
        assert look_finds(store, NOON + 2 * DAY).state is State.REVISED


class TestEdits:
    @pytest.mark.parametrize(
        ("changes", "kinds"),
        [
            ({"headline": "Kunjungan ditunda"}, ["headline"]),
            ({"byline": ("Bagas Prakoso",)}, ["byline"]),
            ({"published_at": Instant(NOON + 2 * HOUR)}, ["date"]),
            ({"body": (article(1).body[0].replace("nomor 1", "nomor 7"), *article(1).body[1:])}, ["number"]),
            ({"body": (*article(1).body, "Ralat: tanggal semula keliru.")}, ["correction"]),
            ({"body": article(1).body[::-1]}, ["other"]),
        ],
    )
    def test_an_edit_is_a_revision_with_its_kinds(
        self, store: Engine, run: Run, changes: dict, kinds: list[Kind]
    ):
        stored_once(store, run)
        assert look_finds(store, NOON + 2 * DAY, **changes).state is State.REVISED
        [event] = events_of(store, 1)
        assert (event.kind, event.detail["kinds"], event.detail["revision"]) == ("revised", kinds, 2)

    def test_an_article_that_an_edit_took_off_the_topic_stays_with_that_verdict(
        self, store: Engine, run: Run
    ):
        stored_once(store, run)
        verdict = attrs.evolve(article(1).verdict, on_topic=False, reason="one side is missing")
        look_finds(store, NOON + 2 * DAY, body=("Isinya kini lain sama sekali. " * 30,), verdict=verdict)
        stored = find(store, 1)
        assert (stored.revision, stored.article.verdict.on_topic) == (2, False)
        assert stored.due_at is not None
        assert [each.id for each in articles.iterate(store)] == [1]

    def test_an_article_that_moved_is_known_by_its_new_address_too(self, store: Engine, run: Run):
        stored_once(store, run)
        moved = {"url": address(91), "canonical_url": address(91)}
        body = (article(1).body[0].replace("nomor 1", "nomor 3"), *article(1).body[1:])
        assert look_finds(store, NOON + 2 * DAY, body=body, **moved).state is State.REVISED
        assert find(store, address(91)).id == find(store, address(1)).id == 1
        assert audit(store).ok

    def test_an_address_that_leads_to_another_article_is_a_signal(self, store: Engine, run: Run):
        stored_once(store, run)
        other = article(2, **WHOLE, body=("Berita yang sama sekali lain.",))
        run, now = another_run(store), NOON + 2 * DAY
        look = the_look(store, run, now)
        fetched = Fetched(ages=AGES, look=look)
        outcome = articles.save(store, other, run.id, look.url_id, fetched=fetched, now=now)
        assert (outcome.state, outcome.reason) == (State.NOT_AN_ARTICLE, "redirect")
        assert outcome.reason in revisits.SIGNALS


class TestVanishing:
    def missed(self, store: Engine, now: datetime, weight: str) -> None:
        run = another_run(store)
        settle(store, run, the_look(store, run, now), State.FAILED, Reason.NOT_FOUND, now, weight)

    def state(self, store: Engine) -> tuple[str, str | None]:
        with reading(store) as connection:
            return tuple(connection.execute(select(urls.c.state, urls.c.reason)).one())

    def test_it_is_suspected_then_confirmed_and_restored_with_what_changed(self, store: Engine, run: Run):
        stored_once(store, run)
        text, first = find(store, 1).article, NOON + 2 * DAY
        for hours in (0, 6, 24):
            self.missed(store, first + hours * HOUR, "counts")
            assert find(store, 1).gone == "suspected"
            assert self.state(store) == ("failed", Reason.NOT_FOUND)
        self.missed(store, first + 3 * DAY, "counts")
        stored = find(store, 1)
        assert (stored.gone, stored.gone_at, stored.article) == ("confirmed", first, text)
        assert stored.due_at == first + 10 * DAY
        assert self.state(store) == ("failed", Reason.WITHDRAWN)
        assert audit(store).ok
        look_finds(store, first + 10 * DAY, headline="Kunjungan ternyata ditunda")
        assert [event.kind for event in events_of(store, 1)] == [
            "suspected",
            "confirmed",
            "revised",
            "restored",
        ]
        stored = find(store, 1)
        assert (stored.gone, stored.gone_at, stored.revision) == (None, None, 2)
        assert audit(store).ok

    def test_a_look_without_a_control_leaves_the_article_as_it_was(self, store: Engine, run: Run):
        stored_once(store, run)
        for _ in range(6):
            self.missed(store, find(store, 1).due_at, "no-control")
        assert find(store, 1).gone is None
        assert events_of(store, 1) == []
        assert find(store, 1).due_at is not None

    def test_validators_that_proved_themselves_are_used_but_for_every_third_look(self):
        known, old = Validators('"b"'), Validators('"a"')
        look = Look(article_id=1, url_id=1, url="", hint=None, anchor_at=NOON, validators=known, stale=old)
        assert look.next_ask(honest=None) == ("challenge", old)
        asks = [attrs.evolve(look, looks=done).next_ask(honest=True)[0] for done in range(6)]
        assert asks == ["conditional", "conditional", "plain"] * 2
        assert look.next_ask(honest=False)[0] == "plain"
        assert attrs.evolve(look, stale=Validators()).next_ask(honest=None)[0] == "plain"

    def test_the_record_of_a_look_is_in_the_index(self, store: Engine, run: Run):
        stored_once(store, run)
        later, now = another_run(store), NOON + 2 * DAY
        look = the_look(store, later, now)
        settlement = Settlement(
            url_id=look.url_id, state=State.FAILED, reason=Reason.NOT_FOUND, records=[ref(7)]
        )
        note = Note(look=look, settlement=settlement, weight="counts", control=address(9))
        assert revisits.note(store, later.id, [note], ages=AGES, now=now) == ["suspected"]
        assert events_of(store, 1)[0].detail["control"] == address(9)
        assert audit(store).ok
