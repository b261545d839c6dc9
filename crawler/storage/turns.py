"""When a host may be asked next, whoever asks: it outlives the process and is shared by all of them."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine, bindparam, select

from crawler.storage.database import clock, transact, upsert
from crawler.storage.schema import turns

UNDER_WAY: Final = timedelta(seconds=1)
"""For how long another run's request may have been on its way since its turn: its pause begins later."""

_OF_HOST = select(turns).where(turns.c.host == bindparam("of_host")).with_for_update()


def take(  # noqa: PLR0913 - what a turn is
    engine: Engine,
    host: str,
    run_id: int,
    pause_s: float,
    *,
    patience_s: float,
    shift: timedelta = timedelta(0),
) -> float:
    """Return in how many seconds *host* may be asked; nobody else gets a turn until *pause_s* after that.

    A host that is not free within *patience_s* gives no turn: the seconds are returned, and no more. *shift*
    is how far a rehearsal's clock is ahead.
    """

    def claim(connection: Connection) -> float:
        now = clock(connection) + shift
        if pause_s > 0:
            # A row to lock, so that of two who come first only one goes first.
            connection.execute(
                upsert(connection, turns)
                .values(host=host, taken_at=now, free_at=now, run_id=run_id)
                .on_conflict_do_nothing()
            )
        row = connection.execute(_OF_HOST, {"of_host": host}).one_or_none()
        wait = timedelta(0)
        if row is not None:
            margin = timedelta(0) if row.run_id == run_id else UNDER_WAY
            # From when it was said, where that is ahead: a clock that was set back does not close a host.
            wait = max(row.free_at + margin - max(now, row.taken_at), timedelta(0))
        wait_s = wait.total_seconds()
        if pause_s > 0 and wait_s <= patience_s:
            _put(connection, host, now, now + wait + timedelta(seconds=pause_s), run_id)
        return wait_s

    return transact(engine, claim)


def hold_off(
    engine: Engine, host: str, run_id: int, wait_s: float, *, shift: timedelta = timedelta(0)
) -> None:
    """Note that *host* asks to be left alone for that long."""

    def note(connection: Connection) -> None:
        now = clock(connection) + shift
        row = connection.execute(_OF_HOST, {"of_host": host}).one_or_none()
        free_at = now + timedelta(seconds=wait_s)
        if row is None or row.free_at < free_at:
            _put(connection, host, now, free_at, run_id)

    transact(engine, note)


def _put(connection: Connection, host: str, now: datetime, free_at: datetime, run_id: int) -> None:
    values = {"taken_at": now, "free_at": free_at, "run_id": run_id}
    connection.execute(
        upsert(connection, turns)
        .values(host=host, **values)
        .on_conflict_do_update(index_elements=["host"], set_=values)
    )
