"""One pruning or backup at a time: on this machine by its folder, on all that share a store by the server."""

import contextlib
from collections.abc import Iterator
from typing import Final

from sqlalchemy import Engine, func, select

from crawler.errors import StoreError
from crawler.storage.database import connect
from crawler.storage.places import Place

_LOCK: Final = 0x75706B656570  # "upkeep"; only the number counts


@contextlib.contextmanager
def alone(engine: Engine, place: Place) -> Iterator[None]:
    """Keep every other process that uses this store out of the same block; a kill gives it free.

    Raises:
        StoreError: another process is in it.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(place.alone())
        if engine.dialect.name == "postgresql":
            # The lock lasts as long as its session, so it has one of its own.
            own = connect(engine.url.render_as_string(hide_password=False))
            stack.callback(own.dispose)
            session = stack.enter_context(own.connect().execution_options(isolation_level="AUTOCOMMIT"))
            if not session.execute(select(func.pg_try_advisory_lock(_LOCK))).scalar_one():
                raise StoreError(
                    "a backup or a pruning of this store is already at work on some machine; wait for it"
                )
        yield
