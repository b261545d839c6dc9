"""The store as the commands open it: it must exist and be of this version; nothing is created by looking."""

import contextlib
from collections.abc import Iterator

from sqlalchemy import Engine, select

from crawler.config import Config, nearest
from crawler.errors import ConfigError
from crawler.storage.database import check, connect, reading
from crawler.storage.schema import runs


@contextlib.contextmanager
def opened(config: Config) -> Iterator[Engine]:
    """Yield the configured store, and close it.

    Raises:
        StoreError: it is missing, older or newer than this pantau, not a store at all, or cannot be read.
    """
    engine = connect(config.database_url, create=False)
    try:
        check(engine)
        yield engine
    finally:
        engine.dispose()


def outlets_in(engine: Engine) -> list[str]:
    """Return the names of all outlets that were ever crawled, sorted."""
    with reading(engine) as connection:
        return list(connection.execute(select(runs.c.outlet).distinct().order_by(runs.c.outlet)).scalars())


def check_outlet(engine: Engine, name: str) -> None:
    """Refuse a name that no run is known of: no article of it cannot mean that there is none.

    Raises:
        ConfigError: the outlet was never crawled; the message names the nearest that was.
    """
    known = outlets_in(engine)
    if name not in known:
        hint = nearest(name, known) or "; crawl it first: `pantau crawl`"
        raise ConfigError(f"no run of an outlet {name!r} is in the store{hint}")
