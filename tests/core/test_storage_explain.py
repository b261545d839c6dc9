"""The whole story of an address."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from crawler.storage import articles, frontier, runs
from crawler.storage.explain import as_data, explain
from crawler.storage.frontier import Settlement
from crawler.storage.runs import Run
from crawler.storage.states import HEADLINE, State
from tests.core import storing
from tests.core.storing import NOON, address, article, entry

LATER = NOON + timedelta(days=1)


@pytest.fixture
def revised(store: Engine, run: Run) -> Engine:
    """Return the store of an article seen on two lists, stored, later revised, with a twin."""
    listed = [entry(1), entry(2)]
    one, two = frontier.offer(store, run.id, listed, now=NOON).fetch
    frontier.offer(
        store,
        run.id,
        [entry(1, source="search", list_url="https://www.kontan.example/cari?q=rusia")],
        now=NOON,
    )
    first = storing.ref(1)
    articles.save(store, article(1, record_ids=(first.id,)), run.id, one.url_id, [first], now=NOON)
    articles.save(store, article(2, body=article(1).body), run.id, two.url_id, now=NOON)
    runs.finish_run(store, run.id, "healthy")
    later = runs.start_run(store, "kontan", now=LATER)
    second = storing.ref(2)
    changed = article(1, headline="Kunjungan ditunda", record_ids=(second.id,))
    articles.save(store, changed, later.id, one.url_id, [second], now=LATER)
    return store


def test_the_chain_from_list_to_revision(revised: Engine):
    [story] = explain(revised, address(1) + "?utm_source=x").addresses
    assert (story.outlet, story.state, story.url) == ("kontan", "revised", address(1))
    assert [(seen.source, seen.list_url, seen.run_id, seen.at) for seen in story.sightings] == [
        ("feed", "https://www.kontan.example/rss", 1, NOON),
        ("search", "https://www.kontan.example/cari?q=rusia", 1, NOON),
    ]
    assert [(visit.run_id, visit.outcome, visit.at, visit.run_verdict) for visit in story.visits] == [
        (1, "stored", NOON, "healthy"),
        (2, "revised", LATER, None),
    ]
    assert [visit.record_ids for visit in story.visits] == [(storing.ref(1).id,), (storing.ref(2).id,)]
    assert [(record.id, record.file, record.offset) for record in story.records] == [
        (storing.ref(number).id, storing.ref(number).file, number * 1000) for number in (1, 2)
    ]
    assert story.article is not None
    assert story.article.addresses == (address(2),)
    assert [revision.article.headline for revision in story.article.revisions] == [
        article(1).headline,
        "Kunjungan ditunda",
    ]
    first = story.article.revisions[0]
    assert {rule: [line.text for line in lines] for rule, lines in first.removed.items()} == {
        "menu": ["• Beranda"],
        "crosslink": ["Baca pula kabar lain"],
    }
    assert first.verdict == article(1).verdict
    assert first.article.witnesses == article(1).witnesses


def test_a_duplicate_names_what_it_repeats(revised: Engine):
    [story] = explain(revised, address(2)).addresses
    assert (story.state, story.reason) == ("duplicate", "same-text")
    assert story.sentence == "Another address of the outlet carries the same text."
    assert story.article is not None
    assert story.article.canonical_url == address(1)
    assert story.visits[0].detail == {"article": 1, "revision": 1}


def test_an_off_topic_page_shows_its_evidence(store: Engine, run: Run):
    [work] = storing.offered(store, run.id, 1)
    evidence = {"score": 0.1, "evidence": [["Moskwa", "russia", "lead", "Moskwa"]]}
    frontier.settle(
        store,
        run.id,
        Settlement(url_id=work.url_id, state=State.OFF_TOPIC, reason="one side only", detail=evidence),
    )
    explanation = explain(store, address(1))
    [story] = explanation.addresses
    assert (story.visits[0].detail, story.visits[0].sentence, story.article) == (
        evidence,
        "one side only",
        None,
    )
    assert "off-topic" in explanation.summary


def test_a_link_that_was_never_fetched_says_why(store: Engine, run: Run):
    frontier.offer(store, run.id, [entry(1, state=State.OFF_TOPIC, reason=HEADLINE)])
    explanation = explain(store, address(1))
    assert explanation.summary == (
        "kontan: off-topic (The headline in the list names neither side, so the page was not fetched.)"
    )


def test_a_failure_says_when_it_is_tried_again(store: Engine, run: Run):
    [work] = storing.offered(store, run.id, 1)
    frontier.settle(store, run.id, Settlement(url_id=work.url_id, state=State.FAILED, reason="dns"), now=NOON)
    [story] = explain(store, address(1)).addresses
    assert (story.attempts, story.next_try_at) == (1, NOON + timedelta(hours=1))


def test_an_address_that_only_an_article_states_leads_to_it(store: Engine, run: Run):
    [work] = frontier.offer(store, run.id, [entry(1, url="https://amp.kontan.example/read/1")]).fetch
    articles.save(store, article(1), run.id, work.url_id)
    [story] = explain(store, address(1)).addresses
    assert story.url == "https://amp.kontan.example/read/1"


@pytest.mark.parametrize("url", [address(77), "", "javascript:1", "\ud800"])
def test_an_unknown_address_is_told_to_be_unknown(revised: Engine, url: str):
    explanation = explain(revised, url)
    assert not explanation.known
    assert explanation.summary.startswith("No list of any outlet has offered this address")
    assert as_data(explanation)["addresses"] == ()


def test_two_outlets_have_two_stories(store: Engine, run: Run):
    storing.offered(store, run.id, 1)
    other = runs.start_run(store, "republika")
    storing.offered(store, other.id, 1)
    assert [story.outlet for story in explain(store, address(1)).addresses] == ["kontan", "republika"]


def test_it_is_plain_data_for_programs(revised: Engine):
    data = json.loads(json.dumps(as_data(explain(revised, address(1)))))
    assert data["known"] is True
    assert data["addresses"][0]["sightings"][0]["at"] == "2026-03-04T05:00:00+00:00"
    assert (
        data["addresses"][0]["article"]["revisions"][0]["article"]["published_at"]["at"]
        == "2026-03-04T12:01:00+07:00"
    )
    assert data["addresses"][0]["article"]["revisions"][0]["removed"]["menu"][0]["line"] == 1
