"""Which of the stored articles are exported: those on the topics asked for, each with what all topics say."""

from collections.abc import Collection, Iterable, Iterator

import attrs
from sqlalchemy import Engine

from crawler.exports.statement import Tally
from crawler.storage.articles import Stored
from crawler.storage.database import reading
from crawler.storage.topics import verdicts_of

_BATCH = 200


def on_topics(
    engine: Engine, stored: Iterable[Stored], topics: Collection[str] | None, tally: Tally
) -> Iterator[Stored]:
    """Yield the articles on any of the topics, all where *topics* is None, with their verdicts filled in.

    One that no topic ever judged is among them. *tally* counts those left out.
    """
    for batch in _batches(stored):
        with reading(engine) as connection:
            found = verdicts_of(connection, (one.id for one in batch))
        for one in batch:
            verdicts = tuple(found.get(one.id, ()))
            if topics is None or (not verdicts and one.article.verdict is None):
                pass
            elif not any(verdict.on_topic for verdict in verdicts if verdict.topic in topics):
                tally.off_topic += 1
                tally.unjudged += not any(verdict.topic in topics for verdict in verdicts)
                continue
            yield attrs.evolve(one, article=attrs.evolve(one.article, verdicts=verdicts))


def _batches(stored: Iterable[Stored]) -> Iterator[list[Stored]]:
    batch: list[Stored] = []
    for one in stored:
        batch.append(one)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
