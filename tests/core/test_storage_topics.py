"""What several topics say of stored articles, when they are stored and when a topic has changed since."""

from pathlib import Path

import attrs
import pytest
from sqlalchemy import Engine

from crawler.storage import articles, frontier
from crawler.storage.articles import iterate
from crawler.storage.database import reading
from crawler.storage.judging import judge_store
from crawler.storage.runs import start_run
from crawler.storage.topics import verdicts_of
from crawler.text.relevance import judge
from crawler.text.topics import Topic, load_topic
from tests.core import storing
from tests.core.storing import NOON, article

TEXT = """
title = "Mesir dan Sudan"
[[sides]]
name = "mesir"
names = ["Mesir"]
[[sides]]
name = "sudan"
names = [{names}]
"""


@pytest.fixture
def topic(tmp_path: Path) -> Topic:
    return written(tmp_path / "satu" / "mesir-sudan.toml", '"Sudan"')


def written(path: Path, names: str) -> Topic:
    path.parent.mkdir()
    path.write_text(TEXT.format(names=names), encoding="utf-8")
    return load_topic(str(path))


def kept(store: Engine, run_id: int, number: int, headline: str, topics: list[Topic]) -> int:
    """Store an article with that headline, as the pipelines would; return its number."""
    [work] = frontier.offer(store, run_id, [storing.entry(number)], now=NOON).fetch
    made = article(number, headline=headline, body=(f"{headline}, kata laporan nomor {number}.",))
    verdicts = tuple(judge(topic, made.headline, made.body) for topic in topics)
    made = attrs.evolve(made, verdict=verdicts[0], verdicts=verdicts)
    return articles.save(store, made, run_id, work.url_id, now=NOON).article_id


def standing(store: Engine, article_id: int) -> dict[str, bool]:
    with reading(store) as connection:
        found = verdicts_of(connection, [article_id])
    return {verdict.topic: verdict.on_topic for verdict in found.get(article_id, [])}


def test_each_topic_has_its_verdict_and_its_articles(store: Engine, topic: Topic) -> None:
    topics = [load_topic("russia-north-korea"), topic]
    run = start_run(store, "kontan", now=NOON)
    north = kept(store, run.id, 1, "Rusia dan Korea Utara sepakat bekerja sama", topics)
    south = kept(store, run.id, 2, "Mesir dan Sudan membangun jembatan", topics)
    assert standing(store, north) == {"russia-north-korea": True, "mesir-sudan": False}
    assert standing(store, south) == {"russia-north-korea": False, "mesir-sudan": True}
    assert [each.id for each in iterate(store, topic="mesir-sudan")] == [south]
    assert [each.id for each in iterate(store, topic="russia-north-korea")] == [north]


def test_a_changed_topic_judges_what_is_stored_anew(store: Engine, topic: Topic, tmp_path: Path) -> None:
    run = start_run(store, "kontan", now=NOON)
    one = kept(store, run.id, 1, "Mesir dan Sudan membangun jembatan", [topic])
    other = kept(store, run.id, 2, "Mesir dan Khartoum bertukar dubes", [topic])
    assert (standing(store, one), standing(store, other)) == ({"mesir-sudan": True}, {"mesir-sudan": False})
    changed = written(tmp_path / "dua" / "mesir-sudan.toml", '"Khartoum"')
    judged = judge_store(store, [changed], now=NOON)
    assert judged.articles == 2
    assert [each.id for each in judged.now_on["mesir-sudan"]] == [other]
    assert [each.id for each in judged.now_off["mesir-sudan"]] == [one]
    assert (standing(store, one), standing(store, other)) == ({"mesir-sudan": False}, {"mesir-sudan": True})
    again = judge_store(store, [changed], now=NOON)
    assert (again.now_on, again.now_off) == ({}, {})


def test_a_topic_that_is_no_longer_asked_for_is_forgotten(store: Engine, topic: Topic) -> None:
    run = start_run(store, "kontan", now=NOON)
    one = kept(store, run.id, 1, "Mesir dan Sudan membangun jembatan", [topic])
    judge_store(store, [load_topic("russia-north-korea")], now=NOON)
    assert standing(store, one) == {"russia-north-korea": False}


def test_a_revision_takes_its_verdicts_with_it(store: Engine, topic: Topic) -> None:
    run = start_run(store, "kontan", now=NOON)
    one = kept(store, run.id, 1, "Mesir dan Sudan membangun jembatan", [topic])
    again = start_run(store, "tribunnews", now=NOON)
    assert again.id != run.id
    found = articles.find(store, one)
    assert found is not None
    edited = attrs.evolve(found.article, headline="Mesir membangun jembatan", body=("Tanpa tetangganya.",))
    verdict = judge(topic, edited.headline, edited.body)
    edited = attrs.evolve(edited, verdict=verdict, verdicts=(verdict,))
    outcome = articles.save(store, edited, run.id, found.article.url_id or 0, now=NOON)
    assert outcome.revision == 2
    assert standing(store, one) == {"mesir-sudan": False}
