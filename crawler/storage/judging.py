"""Judges the stored articles anew, by the topics as they are now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import attrs
from sqlalchemy import Connection, Engine, delete, select

from crawler.items import Verdict
from crawler.storage.articles import Stored, iterate
from crawler.storage.database import transact
from crawler.storage.schema import articles
from crawler.storage.schema_analysis import verdicts
from crawler.storage.topics import keep_verdicts, verdicts_of
from crawler.text.relevance import judge
from crawler.text.topics import Topic

_BATCH: Final = 200


@attrs.define
class Judged:
    """What it came to: how many articles were judged, and those that changed sides, by topic."""

    articles: int = 0
    now_on: dict[str, list[Stored]] = attrs.field(factory=dict)
    now_off: dict[str, list[Stored]] = attrs.field(factory=dict)


def judge_store(engine: Engine, topics: Sequence[Topic], *, now: datetime) -> Judged:
    """Judge every stored article by these topics, forget the verdicts of others, and return what changed.

    It can be stopped at any time and begun again.
    """
    judged = Judged()
    batch: list[Stored] = []
    for stored in iterate(engine):
        batch.append(stored)
        if len(batch) == _BATCH:
            _judge_some(engine, topics, batch, judged, now)
            batch = []
    _judge_some(engine, topics, batch, judged, now)
    others = delete(verdicts).where(verdicts.c.topic.not_in([topic.name for topic in topics]))
    transact(engine, lambda connection: connection.execute(others))
    return judged


def _judge_some(
    engine: Engine, topics: Sequence[Topic], batch: Sequence[Stored], judged: Judged, now: datetime
) -> None:
    by_id = {stored.id: stored for stored in batch}
    found = {
        stored.id: [
            judge(topic, stored.article.headline, stored.article.body, stored.article.standfirst)
            for topic in topics
        ]
        for stored in batch
    }

    def write(connection: Connection) -> list[tuple[int, Verdict]]:
        current = select(articles.c.id, articles.c.current).where(articles.c.id.in_(by_id))
        before, changed = verdicts_of(connection, by_id), []
        for number, revision in connection.execute(current).all():
            if revision != by_id[number].revision:
                continue  # a crawl has just revised it, and judged that
            was = {verdict.topic: verdict.on_topic for verdict in before.get(number, ())}
            keep_verdicts(connection, number, revision, found[number], now)
            changed += [
                (number, verdict)
                for verdict in found[number]
                if verdict.on_topic != was.get(verdict.topic, False)
            ]
        return changed

    for number, verdict in transact(engine, write):
        sides = judged.now_on if verdict.on_topic else judged.now_off
        sides.setdefault(verdict.topic, []).append(by_id[number])
    judged.articles += len(batch)
