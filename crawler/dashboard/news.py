"""What happened to articles lately: new, edited, gone. Read-only queries for the overview."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import attrs
from sqlalchemy import Connection, Select, and_, func, select

from crawler.storage import alerts
from crawler.storage.schema import articles, events, revisions
from crawler.storage.schema_analysis import catalogue
from crawler.storage.topics import is_on

SHOWN: Final = 6
SHOWN_NEW: Final = 12
GONE_KINDS: Final = ("suspected", "confirmed")

_CURRENT: Final = and_(revisions.c.article_id == articles.c.id, revisions.c.number == articles.c.current)


@attrs.frozen(kw_only=True)
class Item:
    """An article with what happened to it and when; `published_at` is None where it has no date."""

    id: int
    outlet: str
    headline: str
    at: datetime
    published_at: datetime | None
    kind: str = "new"


@attrs.frozen(kw_only=True)
class News:
    """The newest items of a kind, and how many there are."""

    items: Sequence[Item]
    total: int


def new_since(connection: Connection, since: datetime) -> News:
    """Return the articles that became known at *since* or later and are on a topic."""
    fresh = and_(catalogue.c.first_seen_at >= since, is_on())
    seen = catalogue.c.article_id == articles.c.id
    query = _items(articles.c.first_seen_at).join(catalogue, seen).where(fresh)
    total = select(func.count()).select_from(catalogue).join(articles, seen).where(fresh)
    order = (catalogue.c.first_seen_at.desc(), catalogue.c.article_id.desc())
    return _news(connection, query.order_by(*order), total, (), SHOWN_NEW)


def happened_since(connection: Connection, since: datetime, kinds: Sequence[str]) -> News:
    """Return the articles to which one of these *kinds* of events happened, the newest first."""
    happened = and_(events.c.at >= since, events.c.kind.in_(kinds))
    query = (
        _items(events.c.at)
        .add_columns(events.c.kind)
        .join(events, events.c.article_id == articles.c.id)
        .where(happened)
        .order_by(events.c.at.desc(), events.c.id.desc())
    )
    return _news(connection, query, select(func.count()).select_from(events).where(happened), ("kind",))


def undelivered(connection: Connection) -> list[alerts.Delivery]:
    """Return the newest alerts that did not arrive: given up, or tried in vain so far."""
    waiting = alerts.waiting(connection)
    failed = [one for one in waiting if one.attempts or one.state == alerts.GIVEN_UP]
    return failed[: -SHOWN - 1 : -1]


def _items(at: Any) -> Select[Any]:  # noqa: ANN401 - a column
    return (
        select(
            articles.c.id,
            articles.c.outlet,
            revisions.c.headline,
            at.label("at"),
            revisions.c.published_at,
        )
        .select_from(articles)
        .join(revisions, _CURRENT)
    )


def _news(
    connection: Connection,
    query: Select[Any],
    total: Select[Any],
    more: Sequence[str],
    shown: int = SHOWN,
) -> News:
    names = ("id", "outlet", "headline", "at", "published_at", *more)
    rows = connection.execute(query.limit(shown)).mappings()
    items = [Item(**{name: row[name] for name in names}) for row in rows]
    return News(items=items, total=connection.execute(total).scalar_one())
