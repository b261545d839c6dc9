"""What the store says of outlets beside their health: what is stored, what is going, what is planned."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import attrs
from sqlalchemy import Connection, Select, and_, case, func, select

from crawler.storage.schema import articles, plans, runs, sources, urls, visits
from crawler.storage.schema_analysis import catalogue
from crawler.storage.topics import is_on

WEEK: Final = timedelta(days=7)


@attrs.frozen(kw_only=True)
class Holdings:
    """What is stored of an outlet, in articles."""

    stored: int = 0
    new_week: int = 0
    gone: int = 0


@attrs.frozen(kw_only=True)
class Going:
    """A run that is at work: how many addresses it settled, and how many of its outlet wait."""

    id: int
    outlet: str
    started_at: datetime
    settled: int
    waiting: int


@attrs.frozen(kw_only=True)
class Planned:
    """A crawl that is owed and has not begun, or is about to."""

    outlet: str
    look: str
    reason: str
    planned_at: datetime
    taken: bool


def holdings(connection: Connection, now: datetime) -> dict[str, Holdings]:
    """Return what is stored, by outlet; from narrow rows and their indexes, so that it takes no time."""
    number = func.count().label("number")
    of_all = select(catalogue.c.outlet, number).group_by(catalogue.c.outlet)
    stored = _numbers(connection, of_all)
    fresh = _numbers(connection, of_all.where(catalogue.c.first_seen_at >= now - WEEK))
    vanished = select(articles.c.outlet, number).where(articles.c.gone.is_not(None))
    gone = _numbers(connection, vanished.group_by(articles.c.outlet))
    return {
        outlet: Holdings(stored=each, new_week=fresh.get(outlet, 0), gone=gone.get(outlet, 0))
        for outlet, each in stored.items()
    }


def on_topic_of(connection: Connection, outlet: str) -> int:
    """Return how many articles of an outlet are on any topic."""
    query = select(func.count()).select_from(articles).where(articles.c.outlet == outlet, is_on())
    return connection.execute(query).scalar_one()


def _numbers(connection: Connection, query: Select[Any]) -> dict[str, int]:
    return {row.outlet: row.number for row in connection.execute(query)}


def going(connection: Connection) -> dict[str, Going]:
    """Return the runs that are at work, by outlet; at most one is."""
    settled = select(func.count()).select_from(visits).where(visits.c.run_id == runs.c.id)
    waiting = select(func.count()).select_from(urls)
    waiting = waiting.where(and_(urls.c.outlet == runs.c.outlet, urls.c.state == "pending"))
    query = select(
        runs.c.id,
        runs.c.outlet,
        runs.c.started_at,
        settled.scalar_subquery().label("settled"),
        waiting.scalar_subquery().label("waiting"),
    ).where(runs.c.ended_at.is_(None))
    return {row["outlet"]: Going(**row) for row in connection.execute(query).mappings()}


def planned(connection: Connection) -> dict[str, Planned]:
    """Return the plan that comes next, by outlet: what somebody asked for before what is due."""
    query = (
        select(plans)
        .where(plans.c.state.in_(("waiting", "taken")))
        .order_by(case((plans.c.reason == "manual", 1), else_=0), plans.c.planned_at.desc())
    )
    return {
        row.outlet: Planned(
            outlet=row.outlet,
            look=row.look,
            reason=row.reason,
            planned_at=row.planned_at,
            taken=row.state == "taken",
        )
        for row in connection.execute(query)
    }


def sources_of(connection: Connection, outlet: str) -> list[Mapping[str, Any]]:
    """Return what is known of an outlet's rungs: when polled, how often, how far they reach."""
    query = select(sources).where(sources.c.outlet == outlet).order_by(sources.c.source)
    return [dict(row) for row in connection.execute(query).mappings()]


def states_of(connection: Connection, outlet: str) -> dict[str, int]:
    """Return how many addresses of an outlet are in which state, the most frequent first."""
    number = func.count().label("number")
    query = (
        select(urls.c.state, number)
        .where(urls.c.outlet == outlet)
        .group_by(urls.c.state)
        .order_by(number.desc(), urls.c.state)
    )
    return {row.state: row.number for row in connection.execute(query)}
