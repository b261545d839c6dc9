"""Readings of archived pages in the store: what is found again, how it differs, whose revision it becomes."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from sqlalchemy import Engine, select, update

from crawler.errors import StoreError
from crawler.items import Article, Hint, Instant, Removed, Witness
from crawler.storage import articles, frontier, runs
from crawler.storage.audit import audit
from crawler.storage.database import reading, transact
from crawler.storage.frontier import Settlement
from crawler.storage.reextraction import (
    ArchiveGoneError,
    confirm,
    differences,
    page_of,
    save_found,
    store_reading,
    unkept,
)
from crawler.storage.revisions import OtherRulesError
from crawler.storage.runs import Run
from crawler.storage.schema import events, records, urls, visits
from crawler.storage.states import State
from tests.core.storing import NOON, address, article, offered, ref

OLD, NEW = "0000000000000001", "0000000000000002"
HINT = Hint("Kunjungan dari utara", Instant(NOON, precision="day", zone_assumed=True))
LATER = NOON + timedelta(hours=3)


def kept(store: Engine, run: Run, number: int = 1, **changes: Any) -> articles.Stored:
    """Save an article read by the old rules, with a hint and two records; return it as it is stored."""
    [work] = offered(store, run.id, number)
    refs = [ref(10 * number), ref(10 * number + 1, url=address(number) + "?page=2")]
    changes = {"hint": HINT, "record_ids": tuple(each.id for each in refs)} | changes
    outcome = articles.save(
        store, article(number, **changes), run.id, work.url_id, refs, ruleset=OLD, now=NOON
    )
    found = articles.find(store, outcome.article_id)
    assert found is not None
    return found


def read_again(before: articles.Stored, **changes: Any) -> Article:
    return attrs.evolve(before.article, **changes)


def rows(store: Engine, table: Any) -> list[Any]:
    with reading(store) as connection:
        return list(connection.execute(select(table)))


def test_a_page_comes_with_all_that_its_reading_needs(store: Engine, run: Run) -> None:
    before = kept(store, run)
    page = page_of(store, before)
    assert page.hint == HINT
    assert page.fetched_at == before.article.fetched_at
    assert page.url == address(10)
    assert [each.url for each in page.refs] == [address(10), address(1) + "?page=2"]


def test_of_one_address_the_last_answer_counts(store: Engine, run: Run, tmp_path: Path) -> None:
    refs = [ref(1, url=address(1), status=503), ref(2, url=address(1))]
    before = kept(store, run, record_ids=tuple(each.id for each in refs))
    frontier.add_records(store, run.id, refs)
    with pytest.raises(StoreError, match=refs[1].id):
        page_of(store, before).answer(store, tmp_path, address(1))


def test_an_article_from_before_hints_has_what_its_list_said(store: Engine, run: Run) -> None:
    page = page_of(store, kept(store, run, hint=None))
    assert page.hint.headline == "Kunjungan pejabat ke-1"
    assert page.hint.published_at == Instant(NOON + timedelta(minutes=1))


def test_a_pruned_page_is_gone(store: Engine, run: Run) -> None:
    before = kept(store, run)
    one = update(records).where(records.c.id == before.article.record_ids[1]).values(pruned_at=LATER)
    transact(store, lambda connection: connection.execute(one))
    with pytest.raises(ArchiveGoneError, match="article 1"):
        page_of(store, before)


def test_what_is_read_back_does_not_differ(store: Engine, run: Run) -> None:
    odd = {
        "headline": "Kunjungan \0 \ud800",
        "captions": ("Tamu \ud800",),
        "published_at": Instant(NOON.replace(microsecond=5), "second"),
        "witnesses": {"headline": Witness("json-ld", ("og",), {"list": "Kunjungan \ud800"})},
    }
    [work] = offered(store, run.id, 1)
    articles.save(store, article(1, **odd), run.id, work.url_id, ruleset=OLD, now=NOON)
    before = articles.find(store, 1)
    assert before is not None
    assert differences(before.article, article(1, **odd)) == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("headline", "Lain"),
        ("standfirst", None),
        ("published_at", Instant(NOON + timedelta(minutes=1), "second", zone_assumed=True)),
        ("byline", ()),
        ("editors", ("Ningsih",)),
        ("dateline", "MOSKWA"),
        ("source", None),
        ("body", ("Lain.",)),
        ("captions", ()),
        ("tags", ("Rusia",)),
        ("page_text", "Lain"),
        ("removed", (Removed(1, "menu", "• Beranda"),)),
        ("witnesses", {"headline": Witness("og")}),
        ("body_from", "selector"),
        ("partial", False),
        ("verdict", None),
    ],
)
def test_every_field_counts(field: str, value: Any) -> None:
    assert list(differences(article(1), article(1, **{field: value}))) == [field]


def test_where_a_page_came_from_does_not_count() -> None:
    elsewhere = {"url": "https://x.example/", "record_ids": ("urn:uuid:1",), "fetched_at": LATER}
    assert differences(article(1), article(1, **elsewhere)) == {}
    assert list(differences(article(1), article(1, canonical_url=address(2)))) == ["address"]


def test_another_reading_is_a_revision_of_the_rules(store: Engine, run: Run) -> None:
    before = kept(store, run)
    again = read_again(before, body=before.article.body[:2], standfirst=None)
    number = store_reading(store, before, again, run_id=run.id, ruleset=NEW, now=LATER)
    after = articles.find(store, before.id)
    assert after is not None
    assert (number, after.revision, after.cause, after.ruleset) == (2, 2, "rules", NEW)
    assert after.article == again
    assert after.last_seen_at == before.last_seen_at
    assert [url.state for url in rows(store, urls)] == [State.STORED]
    assert [visit.detail for visit in rows(store, visits)] == [{"article": 1, "revision": 1}]
    (event,) = rows(store, events)
    assert (event.kind, event.at) == ("re-extracted", LATER)
    assert event.detail == {"revision": 2, "fields": ["standfirst", "body"]}
    assert audit(store).ok


def test_the_same_reading_only_notes_its_rules(store: Engine, run: Run) -> None:
    before = kept(store, run)
    assert store_reading(store, before, before.article, run_id=run.id, ruleset=NEW) is None
    after = articles.find(store, before.id)
    assert after == attrs.evolve(before, ruleset=NEW)
    assert rows(store, events) == []
    assert audit(store).ok


def test_noting_the_rules_hides_no_damage(store: Engine, run: Run) -> None:
    before = kept(store, run)
    flipped = update(articles.revisions).values(standfirst="Rombongan tiba pagi hari!")
    transact(store, lambda connection: connection.execute(flipped))
    confirm(store, run.id, NEW, [before])
    assert [check.name for check in audit(store).faults] == ["content"]


def test_a_newer_revision_is_not_written_over(store: Engine, run: Run) -> None:
    before = kept(store, run)
    again = read_again(before, standfirst=None)
    store_reading(store, before, again, run_id=run.id, ruleset=NEW)
    with pytest.raises(StoreError, match="changed meanwhile"):
        store_reading(store, before, again, run_id=run.id, ruleset=NEW)
    assert articles.find(store, 1, revision=3) is None


def test_nothing_is_written_for_a_run_that_was_closed(store: Engine, run: Run) -> None:
    before = kept(store, run)
    runs.finish_run(store, run.id, "healthy")
    for call in (
        lambda: store_reading(store, before, read_again(before, source=None), run_id=run.id, ruleset=NEW),
        lambda: confirm(store, run.id, NEW, [before]),
    ):
        with pytest.raises(runs.RunEndedError):
            call()
    assert articles.find(store, before.id) == before


def test_a_change_of_what_other_rules_read_is_refused_until_it_is_known_whose_it_is(
    store: Engine, run: Run
) -> None:
    before = kept(store, run)
    edited = article(1, headline="Lain", hint=HINT, record_ids=())
    with pytest.raises(OtherRulesError) as refused:
        articles.save(store, edited, run.id, 1, ruleset=NEW, now=LATER)
    assert refused.value.article_id == before.id
    assert articles.find(store, before.id) == before
    # The same text is nobody's change.
    same = articles.save(store, before.article, run.id, 1, ruleset=NEW, now=LATER)
    assert same.revision == 1
    saved = articles.save(store, edited, run.id, 1, ruleset=NEW, cause="unclear", now=LATER)
    assert (saved.state, saved.revision) == (State.REVISED, 2)
    assert [each.cause for each in articles.revisions_of(store, 1)] == ["outlet", "unclear"]


def test_what_the_rules_changed_already_is_unchanged_to_a_visit(store: Engine, run: Run) -> None:
    before = kept(store, run)
    again = read_again(before, headline="Lain")
    store_reading(store, before, again, run_id=run.id, ruleset=NEW)
    outcome = articles.save(store, again, run.id, 1, ruleset=NEW, now=LATER)
    assert (outcome.state, outcome.revision) == (State.UNCHANGED, 2)


def test_pages_without_an_article_can_be_read_again(store: Engine, run: Run) -> None:
    of_article = kept(store, run, 9).article.url_id or 0
    look = Settlement(url_id=of_article, state=State.NOT_AN_ARTICLE, reason="redirect", records=[ref(109)])
    frontier.settle(store, run.id, look, now=NOON)
    refused = {
        1: (State.OFF_TOPIC, "one side"),
        2: (State.NOT_AN_ARTICLE, "no-body"),
        3: (State.OUT_OF_WINDOW, "published"),
        4: (State.FAILED, "parse_error"),
        5: (State.FAILED, "timeout"),
        6: (State.OFF_TOPIC, "headline"),  # no page of it was ever fetched
    }
    for number, work in zip(refused, offered(store, run.id, *refused), strict=True):
        state, reason = refused[number]
        fetched = [ref(100 + number)] if number != 6 else []
        detail = {"published_at": NOON.isoformat()} if state is State.OUT_OF_WINDOW else None
        settled = Settlement(url_id=work.url_id, state=state, reason=reason, records=fetched, detail=detail)
        frontier.settle(store, run.id, settled, now=NOON)
    found = {each.url: each for each in unkept(store, "kontan")}
    assert set(found) == {address(number) for number in (1, 2, 3, 4)}
    assert found[address(3)].published_at == NOON
    late = unkept(store, "kontan", since=NOON + timedelta(minutes=3))  # by the date that the page itself has
    assert [each.url for each in late] == [address(4)]
    assert list(unkept(store, "republika")) == []


def test_an_article_that_is_found_is_stored_once_and_never_over_another(store: Engine, run: Run) -> None:
    first, second = offered(store, run.id, 1, 2)
    ages = (timedelta(days=30),)
    due = {"run_id": run.id, "ruleset": NEW, "ages": ages, "now": LATER}
    assert save_found(store, article(1), url_id=first.url_id, **due)
    found = articles.find(store, 1)
    assert found is not None
    assert (found.cause, found.ruleset) == ("rules", NEW)
    assert found.due_at == NOON + timedelta(minutes=1) + ages[0]
    older = article(1, headline="Lama")
    assert not save_found(store, older, url_id=second.url_id, **due)
    assert articles.find(store, 1) == found
