"""Revisits of stored articles: which are due, and what a look that changed no text leaves in the store.

A look that read the article is written by `articles.save`. All others end here: the server said that nothing
changed, the page could not be read, or it is missing. What is missing is judged at the end of the run, when
it is known which other articles were read (`vanishing`). No look ever touches a stored text.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import attrs
from sqlalchemy import Connection, Engine, Row, Select, and_, bindparam, exists, select, update

from crawler.conditional import Validators
from crawler.items import Hint
from crawler.reasons import Reason
from crawler.storage.columns import read_instant
from crawler.storage.database import read, reading, transact
from crawler.storage.frontier import Settlement, write_settlement
from crawler.storage.ledger import write_event
from crawler.storage.looks import Look, after_failure, anchor_of, next_age
from crawler.storage.revisions import read_hint
from crawler.storage.runs import hold_run
from crawler.storage.schema import articles, events, revisions, urls, visits
from crawler.storage.states import NO_BODY, NO_HEADLINE, REDIRECT, State
from crawler.storage.vanishing import CONFIRMED, Miss, Standing, Step, Weight, missed

Kind = Literal["unchanged", "failed", "missed"]

SIGNALS: Final = frozenset(
    {Reason.NOT_FOUND, Reason.NOT_ARTICLE, Reason.EMPTY, REDIRECT, NO_HEADLINE, NO_BODY}
)
"""Reasons that mean, of a page that was an article, that it is not there any more."""

_RECENT: Final = 200  # articles of an outlet among which controls are chosen


@attrs.frozen(kw_only=True)
class Note:
    """What a look without a text ended in; for one that missed the article, what that is worth."""

    look: Look
    settlement: Settlement
    weight: Weight | None = None
    control: str | None = None
    together: str | None = None


@attrs.frozen(kw_only=True)
class Event:
    """What happened to an article, and the evidence."""

    kind: str
    at: datetime
    run_id: int
    detail: dict[str, Any]


def due(engine: Engine, run_id: int, *, now: datetime) -> list[Look]:
    """Return the looks that are due at the run's outlet, longest due first.

    What this run has fetched, or is about to fetch as an address left over, is not looked at once more.

    Raises:
        RunEndedError: the run was closed.
    """

    def collect(connection: Connection) -> list[Look]:
        run = hold_run(connection, run_id)
        visited = exists().where(visits.c.url_id == urls.c.id, visits.c.run_id == run_id)
        query = _LOOKS.where(
            articles.c.outlet == run.outlet,
            articles.c.due_at <= now,
            urls.c.state != State.PENDING,
            ~visited,
        )
        return [_look(row) for row in connection.execute(query.order_by(articles.c.due_at, articles.c.id))]

    return transact(engine, collect)


def candidates(engine: Engine, outlet: str) -> list[Look]:
    """Return an outlet's newest articles that are not gone: to be read in proof that the outlet works."""
    query = (
        _LOOKS.where(articles.c.outlet == outlet, articles.c.gone.is_(None))
        .order_by(articles.c.first_seen_at.desc(), articles.c.id.desc())
        .limit(_RECENT)
    )
    return read(engine, lambda connection: [_look(row) for row in connection.execute(query)])


def note(
    engine: Engine, run_id: int, notes: Sequence[Note], *, ages: Sequence[timedelta], now: datetime
) -> list[str]:
    """Write what looks without a text ended in, all of them or none; return the events, in order.

    Raises:
        RunEndedError: the run was closed.
    """

    def write(connection: Connection) -> list[str]:
        hold_run(connection, run_id)
        happened = (_note(connection, run_id, one, ages, now) for one in notes)
        return [event for event in happened if event is not None]

    return transact(engine, write)


def events_of(engine: Engine, article_id: int) -> list[Event]:
    """Return what happened to an article since it was stored, oldest first."""
    query = select(events).where(events.c.article_id == article_id).order_by(events.c.id)
    with reading(engine) as connection:
        return [
            Event(kind=row.kind, at=row.at, run_id=row.run_id, detail=row.detail or {})
            for row in connection.execute(query)
        ]


def host_of(url: str) -> str:
    """Return the host of an address, empty where it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def as_miss(look: Look) -> Miss:
    """Return a look that missed its article, as `vanishing` weighs it."""
    return Miss(look.article_id, host_of(look.url), look.standing)


def _note(
    connection: Connection, run_id: int, one: Note, ages: Sequence[timedelta], now: datetime
) -> str | None:
    look, settlement = one.look, one.settlement
    values: dict[str, Any] = {"looked_at": now, "looks": look.looks + 1}
    step: Step | None = None
    if settlement.state is State.UNCHANGED:
        values |= {"last_seen_at": now, "due_at": next_age(ages, look.anchor_at, now)}
    elif one.weight in {"counts", "together"}:
        step = missed(look.standing, now, together=one.weight == "together")
        values |= {
            "gone": step.standing.gone,
            "gone_at": step.standing.gone_at,
            "gone_looks": step.standing.signals,
            "due_at": step.due_at,
            # Whoever is missed is asked without conditions from then on.
            **dict.fromkeys(("etag", "last_modified", "stale_etag", "stale_last_modified")),
        }
        if step.standing.gone == CONFIRMED:
            settlement = attrs.evolve(settlement, state=State.FAILED, reason=Reason.WITHDRAWN)
    evidence = _evidence(one)
    if evidence:
        settlement = attrs.evolve(settlement, detail={**(settlement.detail or {}), **evidence})
    write_settlement(connection, run_id, settlement, now)
    attempts = connection.execute(_ATTEMPTS, {"of": look.url_id}).scalar_one()
    # When it is looked at again is the article's business: the frontier would take it for one never read.
    connection.execute(_NO_TRY, {"of": look.url_id})
    if "due_at" not in values:
        values["due_at"] = _again(look, ages, now, settlement.reason, attempts)
    connection.execute(update(articles).where(articles.c.id == look.article_id), values)
    if step is None or step.event is None:
        return None
    detail = {
        "signal": one.settlement.reason,
        "url": look.url,
        **(one.settlement.detail or {}),
        **evidence,
        "signals": look.standing.signals + (one.weight == "counts"),
        "since": step.standing.gone_at.isoformat() if step.standing.gone_at else None,
    }
    write_event(connection, run_id, look.article_id, step.event, detail, now)
    return step.event


def _again(
    look: Look, ages: Sequence[timedelta], now: datetime, reason: str | None, attempts: int
) -> datetime | None:
    """Return when to look again after a look that proved nothing; an article that is gone is not let go.

    The looks that missed it have made the delays long, but it is looked at again within a day.
    """
    again = after_failure(ages, look.anchor_at, now, reason, attempts)
    tomorrow = now + timedelta(days=1)
    return min(again or tomorrow, tomorrow) if look.standing.gone else again


def _evidence(one: Note) -> dict[str, Any]:
    if one.weight is None:
        return {}
    found: dict[str, Any] = {"evidence": one.weight}
    if one.control:
        found["control"] = one.control
    if one.together:
        found["together"] = one.together
    return found


def _look(row: Row[Any]) -> Look:
    published = read_instant(row)
    return Look(
        article_id=row.id,
        url_id=row.url_id,
        url=row.asked,
        hint=read_hint(row.hint) if row.hint else Hint(),
        anchor_at=anchor_of(published.utc if published else None, row.first_seen_at),
        looks=row.looks,
        standing=Standing(row.gone, row.gone_at, row.gone_looks),
        validators=Validators(etag=row.etag, last_modified=row.last_modified),
        stale=Validators(etag=row.stale_etag, last_modified=row.stale_last_modified),
    )


_IS_CURRENT = and_(revisions.c.article_id == articles.c.id, revisions.c.number == articles.c.current)
_LOOKS: Select[Any] = (
    select(
        *articles.c,
        revisions.c.url_id,
        revisions.c.hint,
        *(column for column in revisions.c if column.name.startswith("published")),
        urls.c.url.label("asked"),
    )
    .join_from(articles, revisions, _IS_CURRENT)
    .join(urls, urls.c.id == revisions.c.url_id)
)
_ATTEMPTS = select(urls.c.attempts).where(urls.c.id == bindparam("of"))
_NO_TRY = update(urls).where(urls.c.id == bindparam("of")).values(next_try_at=None)
