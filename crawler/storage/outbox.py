"""The outbox of alerts: messages, and their deliveries to each channel, claimed one at a time.

A delivery is waiting, then sending under the claim of one sender, then sent, or waiting again until it is
given up. Whose sender ended while it was sending is sent again, under the same id.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, delete, exists, func, select, update

from crawler.storage.alerts import (
    DROPPED,
    GIVEN_UP,
    OPEN,
    SENDING,
    SENT,
    WAITING,
    Delivery,
    as_delivery,
    deliveries_where,
)
from crawler.storage.database import clock, transact, upsert
from crawler.storage.leases import hold
from crawler.storage.schema_analysis import alert_deliveries, alert_entries, alert_messages

SENDER: Final = "alerts"
"""The lease of whoever decides and sends: one process at a time."""


def put(  # noqa: PLR0913, PLR0917 - each is a column
    connection: Connection,
    message_id: str,
    rule: str,
    subject: str,
    content: dict[str, Any],
    channels: Sequence[str],
    made_at: datetime,
) -> None:
    """Put a message into the outbox, once for each id, with a delivery to each channel."""
    row = {"id": message_id, "rule": rule, "made_at": made_at, "subject": subject, "content": content}
    connection.execute(upsert(connection, alert_messages).values(row).on_conflict_do_nothing())
    next_at = clock(connection)
    for channel in channels:
        values = {"message_id": message_id, "channel": channel, "next_at": next_at}
        made = upsert(connection, alert_deliveries).values(**values, state=WAITING, attempts=0)
        connection.execute(made.on_conflict_do_nothing())


def claim(engine: Engine, token: str) -> Delivery | None:
    """Return the next delivery that is due, claimed for the holder of the sender's lease; None for none.

    Raises:
        LeaseLostError: another process sends by now.
    """

    def take(connection: Connection) -> Delivery | None:
        hold(connection, SENDER, token)
        # Who holds the lease sends nothing else now: whoever had claimed it has ended, or gave up half way.
        left = alert_deliveries.c.state == SENDING
        ready = (alert_deliveries.c.state == WAITING) & (alert_deliveries.c.next_at <= clock(connection))
        query = deliveries_where(left | ready).order_by(alert_deliveries.c.next_at, alert_deliveries.c.id)
        row = connection.execute(query.limit(1)).one_or_none()
        if row is None:
            return None
        values = {"state": SENDING, "claim": token, "attempts": row.attempts + 1}
        connection.execute(update(alert_deliveries).where(alert_deliveries.c.id == row.id), values)
        return as_delivery(row)

    return transact(engine, take)


def mark_sent(engine: Engine, message_id: str, channel: str) -> None:
    """Note that a delivery arrived, whoever sent it; what was dropped meanwhile stays so."""

    def mark(connection: Connection) -> None:
        connection.execute(
            update(alert_deliveries).where(
                alert_deliveries.c.message_id == message_id,
                alert_deliveries.c.channel == channel,
                alert_deliveries.c.state.in_((*OPEN, GIVEN_UP)),
            ),
            {"state": SENT, "sent_at": clock(connection), "error": None, "claim": None},
        )

    transact(engine, mark)


def mark_failed(engine: Engine, delivery_id: int, token: str, error: str, again_at: datetime | None) -> None:
    """Note why a delivery failed, and when it is tried again; None gives it up."""

    def mark(connection: Connection) -> None:
        values: dict[str, Any] = {
            "state": WAITING if again_at else GIVEN_UP,
            "error": error,
            "claim": None,
        }
        if again_at:
            values["next_at"] = again_at
        mine = (alert_deliveries.c.id == delivery_id) & (alert_deliveries.c.claim == token)
        connection.execute(update(alert_deliveries).where(mine), values)
        if again_at:
            _let_wait(connection, delivery_id, again_at)

    transact(engine, mark)


def _let_wait(connection: Connection, delivery_id: int, until: datetime) -> None:
    """Let all that waits for the same channel wait as long: one that hangs holds nobody else up."""
    same = select(alert_messages.c.rule, alert_deliveries.c.channel).join_from(
        alert_deliveries, alert_messages
    )
    row = connection.execute(same.where(alert_deliveries.c.id == delivery_id)).one()
    others = select(alert_messages.c.id).where(alert_messages.c.rule == row.rule)
    connection.execute(
        update(alert_deliveries).where(
            alert_deliveries.c.message_id.in_(others),
            alert_deliveries.c.channel == row.channel,
            alert_deliveries.c.state == WAITING,
            alert_deliveries.c.next_at < until,
        ),
        {"next_at": until},
    )


def retry(engine: Engine, delivery_id: int) -> bool:
    """Have a delivery that waits or was given up tried at once; tell whether there was one."""

    def again(connection: Connection) -> bool:
        mine = (alert_deliveries.c.id == delivery_id) & alert_deliveries.c.state.in_((WAITING, GIVEN_UP))
        values = {"state": WAITING, "next_at": clock(connection), "attempts": 0}
        return connection.execute(update(alert_deliveries).where(mine), values).rowcount == 1

    return transact(engine, again)


def drop(engine: Engine, delivery_id: int) -> bool:
    """Let a delivery go that did not arrive; tell whether there was one."""

    def let_go(connection: Connection) -> bool:
        mine = (alert_deliveries.c.id == delivery_id) & alert_deliveries.c.state.in_((*OPEN, GIVEN_UP))
        return connection.execute(update(alert_deliveries).where(mine), {"state": DROPPED}).rowcount == 1

    return transact(engine, let_go)


def next_at(connection: Connection) -> datetime | None:
    """Return when the next delivery is due, None where none waits."""
    moment: datetime | None = connection.execute(
        select(func.min(alert_deliveries.c.next_at)).where(alert_deliveries.c.state.in_(OPEN))
    ).scalar()
    return moment


def forget(connection: Connection, before: datetime) -> None:
    """Delete messages of that time that are over, with their deliveries and entries."""
    undone = exists().where(
        alert_deliveries.c.message_id == alert_messages.c.id, alert_deliveries.c.state.in_((*OPEN, GIVEN_UP))
    )
    old = select(alert_messages.c.id).where(alert_messages.c.made_at < before, ~undone)
    ids = list(connection.execute(old.limit(500)).scalars())
    if ids:
        for table in (alert_deliveries, alert_entries):
            connection.execute(delete(table).where(table.c.message_id.in_(ids)))
        connection.execute(delete(alert_messages).where(alert_messages.c.id.in_(ids)))
