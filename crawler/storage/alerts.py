"""What there is to see of alerts: what was sent, what waits, how each rule stands. Reads only."""

from collections import Counter
from datetime import datetime
from typing import Any, Final

import attrs
from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from crawler.storage.schema_analysis import (
    alert_conditions,
    alert_deliveries,
    alert_entries,
    alert_messages,
    alert_rules,
)

WAITING: Final = "waiting"
SENDING: Final = "sending"
SENT: Final = "sent"
GIVEN_UP: Final = "given up"
DROPPED: Final = "dropped"

STATES: Final = (WAITING, SENDING, SENT, GIVEN_UP, DROPPED)
OPEN: Final = (WAITING, SENDING)
"""States of a delivery that is not over."""


@attrs.frozen(kw_only=True)
class Delivery:
    """A message on its way to one channel of its rule. Times are UTC.

    `message_id` is what the receiver sees, the same however often it is tried. `channel` is its place in the
    rule and what it is, as in `1 slack`; it holds no secret. `content` is what the message says, see
    `crawler.alerts.wording`. `state` is waiting, sending, sent, given up or dropped.
    """

    id: int
    message_id: str
    rule: str
    channel: str
    subject: str
    content: dict[str, Any]
    made_at: datetime
    state: str
    attempts: int
    next_at: datetime
    error: str | None
    sent_at: datetime | None


@attrs.frozen(kw_only=True)
class Condition:
    """What lasts and was, or will be, told: an outlet that is ill, or a schedule that stands still."""

    subject: str
    since: datetime
    told: bool
    repeats: int
    next_at: datetime | None
    cause: str | None


@attrs.frozen(kw_only=True)
class RuleState:
    """How a rule stands: `pending` are entries that no message holds yet, `deliveries` numbers by state."""

    rule: str
    since: datetime
    last_at: datetime | None
    pending: int
    deliveries: dict[str, int]
    conditions: tuple[Condition, ...]


def recent_deliveries(connection: Connection, limit: int) -> list[Delivery]:
    """Return the newest deliveries in any state, newest first."""
    query = _DELIVERIES.order_by(alert_deliveries.c.id.desc()).limit(limit)
    return [as_delivery(row) for row in connection.execute(query)]


def waiting(connection: Connection) -> list[Delivery]:
    """Return what is in the outbox and not over, those given up included, oldest first."""
    query = _DELIVERIES.where(alert_deliveries.c.state.in_((*OPEN, GIVEN_UP)))
    return [as_delivery(row) for row in connection.execute(query.order_by(alert_deliveries.c.id))]


def rules_state(connection: Connection) -> list[RuleState]:
    """Return how every rule stands that ever decided anything, by name."""
    waiting_entries = (
        select(alert_entries.c.rule, func.count())
        .where(alert_entries.c.message_id.is_(None))
        .group_by(alert_entries.c.rule)
    )
    pending: dict[str, int] = {row[0]: row[1] for row in connection.execute(waiting_entries)}
    numbers: dict[str, Counter[str]] = {}
    tally = (
        select(alert_messages.c.rule, alert_deliveries.c.state, func.count())
        .join_from(alert_deliveries, alert_messages)
        .group_by(alert_messages.c.rule, alert_deliveries.c.state)
    )
    for rule, state, number in connection.execute(tally):
        numbers.setdefault(rule, Counter())[state] = number
    standing: dict[str, list[Condition]] = {}
    ill = select(alert_conditions).where(alert_conditions.c.ill.is_(True))
    for row in connection.execute(ill.order_by(alert_conditions.c.subject)):
        standing.setdefault(row.rule, []).append(
            Condition(
                subject=row.subject,
                since=row.since,
                told=row.told,
                repeats=row.repeats,
                next_at=row.next_at,
                cause=row.cause,
            )
        )
    return [
        RuleState(
            rule=row.rule,
            since=row.since,
            last_at=row.last_at,
            pending=pending.get(row.rule, 0),
            deliveries=dict(numbers.get(row.rule, {})),
            conditions=tuple(standing.get(row.rule, ())),
        )
        for row in connection.execute(select(alert_rules).order_by(alert_rules.c.rule))
    ]


def deliveries_where(condition: ColumnElement[bool] | None = None) -> Select[Any]:
    """Return the query of deliveries with their messages; each of its rows is `as_delivery`'s."""
    return _DELIVERIES if condition is None else _DELIVERIES.where(condition)


def as_delivery(row: Row[Any]) -> Delivery:
    """Return a row of `deliveries_where`."""
    return Delivery(**{field.name: getattr(row, field.name) for field in attrs.fields(Delivery)})


_DELIVERIES: Final[Select[Any]] = select(
    alert_deliveries,
    *(alert_messages.c[name] for name in ("rule", "subject", "content", "made_at")),
).join_from(alert_deliveries, alert_messages)
