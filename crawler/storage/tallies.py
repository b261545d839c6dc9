"""What is known of each day, in numbers: addresses named, pages read, articles kept, articles on a topic."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, false, func, or_, select, true

from crawler.reasons import Reason
from crawler.storage.columns import WibDay
from crawler.storage.coverage import Tally
from crawler.storage.schema import articles, revisions, urls
from crawler.storage.schema_analysis import catalogue
from crawler.storage.states import ADDRESS, KEPT, UNFETCHED, State
from crawler.storage.topics import is_on

Counts = dict[tuple[str, date], Counter[str]]

READ: Final = KEPT | {State.DUPLICATE, State.OFF_TOPIC}
UNREAD: Final = (State.BLOCKED, State.ROBOTS, State.FAILED, State.PENDING)


def tallies(connection: Connection, since: datetime, until: datetime) -> dict[tuple[str, date], Tally]:
    """Return what is known of the days that begin from *since* to *until*, by outlet and day in WIB.

    A stored article belongs to the day that it is dated, else to the day that it was first seen; its
    addresses belong there too. Any other address belongs to the day that a list or its page gives it, else
    to the day that it became known.
    """
    found: Counts = {}
    for row in _addresses(connection, since, until):
        counts = found.setdefault((row.outlet, date.fromisoformat(row.day)), Counter())
        counts["candidates"] += row.number
        if row.stored or (row.state in READ and row.reason not in UNFETCHED):
            counts["read"] += row.number
        elif row.state in UNREAD and row.reason != Reason.NOT_FOUND:
            counts[State.FAILED if row.reason == Reason.ROBOTS_UNAVAILABLE else row.state] += row.number
    for row in _articles(connection, since, until):
        counts = found.setdefault((row.outlet, date.fromisoformat(row.day)), Counter())
        counts["articles"] += row.number
        counts["on_topic"] += row.on_topic
    return {
        key: Tally(
            candidates=counts["candidates"],
            read=counts["read"],
            articles=counts["articles"],
            on_topic=counts["on_topic"],
            unread={state.value: counts[state] for state in UNREAD if counts[state]},
        )
        for key, counts in found.items()
    }


# An article's day stands in the catalogue, whose rows are narrow: no text is read to count.
_dated = catalogue.c.sorted_at
_listed = func.coalesce(urls.c.published_at, urls.c.first_seen_at)
_current = and_(revisions.c.article_id == articles.c.id, revisions.c.number == articles.c.current)


def _addresses(connection: Connection, since: datetime, until: datetime) -> Iterator[Row[tuple[object, ...]]]:
    # A link that has not the form of an article's address names none.
    named = or_(urls.c.reason.is_(None), urls.c.reason != ADDRESS)
    stored = _counted(_dated, true()).join(catalogue, catalogue.c.article_id == urls.c.article_id)
    others = _counted(_listed, false()).where(urls.c.article_id.is_(None))
    for query, at in ((stored, _dated), (others, _listed)):
        yield from connection.execute(query.where(at >= since, at < until, named))


def _counted(at: ColumnElement[Any], stored: ColumnElement[bool]) -> Select[Any]:
    day = WibDay(at).label("day")
    number = func.count().label("number")
    return (
        select(urls.c.outlet, day, urls.c.state, urls.c.reason, stored.label("stored"), number)
        .select_from(urls)
        .group_by(urls.c.outlet, day, urls.c.state, urls.c.reason)
    )


def _articles(connection: Connection, since: datetime, until: datetime) -> Iterator[Row[tuple[object, ...]]]:
    day = WibDay(_dated).label("day")
    # One that no topic judged is none that is off them.
    on_topic = func.sum(case((or_(is_on(), revisions.c.topic.is_(None)), 1), else_=0))
    query = (
        select(articles.c.outlet, day, func.count().label("number"), on_topic.label("on_topic"))
        .select_from(catalogue)
        .join(articles, articles.c.id == catalogue.c.article_id)
        .join(revisions, _current)
        .where(_dated >= since, _dated < until)
        .group_by(articles.c.outlet, day)
    )
    yield from connection.execute(query)
