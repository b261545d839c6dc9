"""The store as the commands open it: it must exist and be of this version; nothing is created by looking."""

import contextlib
from collections.abc import Iterator

from sqlalchemy import Engine

from crawler.config import Config
from crawler.storage.database import check, connect


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
