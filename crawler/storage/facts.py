"""Facts: what happened to an article, written in the transaction in which it happened.

They are the outbox from which alerts are made. Whoever decides what is told reads them later, and marks
them in the transaction that keeps what it made of them, so that each counts once whatever is killed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import attrs
from sqlalchemy import Connection, bindparam, delete, select, update

from crawler.storage.schema import articles
from crawler.storage.schema_analysis import facts

NEW: Final = "new"
REVISED: Final = "revised"
CONFIRMED: Final = "confirmed"
RESTORED: Final = "restored"
TOLD: Final = frozenset({NEW, REVISED, CONFIRMED, RESTORED})
"""The kinds of what happens to an article that somebody may want to be told of."""


@attrs.frozen(kw_only=True)
class Fact:
    """What happened to an article. `revision` is the current one when it happened; `at` is in UTC."""

    id: int
    kind: str
    article_id: int
    revision: int
    run_id: int
    outlet: str
    at: datetime
    detail: Mapping[str, Any]


def write_fact(  # noqa: PLR0913, PLR0917 each is a column
    connection: Connection, run_id: int, article_id: int, kind: str, detail: Mapping[str, Any], at: datetime
) -> None:
    """Write what happened to an article, where that is of a kind that is told at all."""
    if kind not in TOLD:
        return
    current = connection.execute(_CURRENT, {"of": article_id}).one()
    row = {
        "kind": kind,
        "article_id": article_id,
        "revision": detail.get("revision", current.current),
        "run_id": run_id,
        "outlet": current.outlet,
        "at": at,
        "detail": dict(detail),
    }
    connection.execute(facts.insert(), row)


def undecided(connection: Connection, limit: int) -> list[Fact]:
    """Return facts that were not held against the rules yet, oldest first."""
    rows = connection.execute(_UNDECIDED.limit(limit))
    names = [field.name for field in attrs.fields(Fact)]
    return [Fact(**{name: getattr(row, name) for name in names}) for row in rows]


def mark_decided(connection: Connection, ids: Sequence[int], at: datetime) -> None:
    """Note that these facts were held against the rules."""
    if ids:
        connection.execute(update(facts).where(facts.c.id.in_(ids)), {"decided_at": at})


def forget_facts(connection: Connection, before: datetime) -> int:
    """Delete facts of that time, decided or not, and return how many there were."""
    return connection.execute(delete(facts).where(facts.c.at < before)).rowcount


_CURRENT = select(articles.c.current, articles.c.outlet).where(articles.c.id == bindparam("of"))
_UNDECIDED = select(facts).where(facts.c.decided_at.is_(None)).order_by(facts.c.id)
