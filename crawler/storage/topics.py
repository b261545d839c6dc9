"""What each topic says of each stored article: one verdict an article and topic, of its current revision."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, exists, select

from crawler.items import Evidence, Verdict
from crawler.storage.database import upsert
from crawler.storage.schema import articles
from crawler.storage.schema_analysis import verdicts

_CHUNK: Final = 200


def verdicts_of(connection: Connection, article_ids: Iterable[int]) -> dict[int, list[Verdict]]:
    """Return the verdicts on each of these articles, by topic; an article without any is left out."""
    found: dict[int, list[Verdict]] = {}
    asked = list(article_ids)
    for start in range(0, len(asked), _CHUNK):
        query = select(verdicts).where(verdicts.c.article_id.in_(asked[start : start + _CHUNK]))
        for row in connection.execute(query.order_by(verdicts.c.article_id, verdicts.c.topic)):
            evidence = tuple(Evidence(*each) for each in row.evidence)
            verdict = Verdict(
                topic=row.topic,
                on_topic=row.on_topic,
                score=row.score,
                reason=row.reason,
                evidence=evidence,
                round_up=row.round_up,
                fingerprint=row.fingerprint,
            )
            found.setdefault(row.article_id, []).append(verdict)
    return found


def is_on(topic: str | None = None) -> ColumnElement[bool]:
    """Return the condition that an article (a row of `articles`) is on a topic; on any one without."""
    found = exists().where(verdicts.c.article_id == articles.c.id, verdicts.c.on_topic.is_(True))
    return found if topic is None else found.where(verdicts.c.topic == topic)


def keep_verdicts(
    connection: Connection, article_id: int, revision: int, found: Sequence[Verdict], now: datetime
) -> None:
    """Keep what topics say of an article's current revision, in place of what they said before."""
    for verdict in found:
        values = {
            "revision": revision,
            "on_topic": verdict.on_topic,
            "round_up": verdict.round_up,
            "score": verdict.score,
            "reason": verdict.reason,
            "evidence": [[each.term, each.side, each.place, each.text] for each in verdict.evidence],
            "fingerprint": verdict.fingerprint,
            "judged_at": now,
        }
        connection.execute(
            upsert(connection, verdicts)
            .values(article_id=article_id, topic=verdict.topic, **values)
            .on_conflict_do_update(index_elements=["article_id", "topic"], set_=values)
        )
