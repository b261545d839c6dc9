"""What is known of each list: its validators, and the last walk from it that left no hole."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

import attrs
from sqlalchemy import Connection, Engine, Row, bindparam, select

from crawler.conditional import Memory, Validators
from crawler.storage.database import read, transact, upsert
from crawler.storage.frontier import address_key
from crawler.storage.runs import hold_run
from crawler.storage.schema import lists, sightings, urls

_CHUNK: Final = 500


@attrs.frozen(kw_only=True)
class WatchedList:
    """A list, by the `series_key` of its series.

    The walk of run `walked_run_id`, at `walked_at`, left no hole back to `covered_since`, a time of
    publication. `polled_at` is later where the list was unchanged since. `telling`: what is new in it would
    show on its first page.
    """

    key: str
    url: str
    source: str
    memory: Memory
    polled_at: datetime
    walked_run_id: int
    walked_at: datetime
    covered_since: datetime
    telling: bool


def lists_of(engine: Engine, outlet: str, source: str) -> dict[str, WatchedList]:
    """Return what is known of the lists of a source, by the key of their series."""
    asked = {"outlet": outlet, "source": source}
    rows = read(engine, lambda connection: connection.execute(_OF_SOURCE, asked).all())
    return {row.key: _watched(row) for row in rows}


def series_key(source: str, series: str) -> str:
    """Return the identity of a series of pages, of which *series* is the name within its source."""
    return sha256(f"{source}\n{series}".encode("utf-8", "surrogatepass")).hexdigest()


def keep_lists(engine: Engine, run_id: int, several: Sequence[WatchedList]) -> None:
    """Keep what a run learned of lists, in place of what was known before.

    Raises:
        RunEndedError: the run was closed.
    """

    def write(connection: Connection) -> None:
        run = hold_run(connection, run_id)
        for one in several:
            values = _values(one)
            connection.execute(
                upsert(connection, lists)
                .values(outlet=run.outlet, key=one.key, **values)
                .on_conflict_do_update(index_elements=["outlet", "key"], set_=values)
            )

    if several:
        transact(engine, write)


def seen_by(engine: Engine, outlet: str, source: str, run_id: int, addresses: Iterable[str]) -> set[str]:
    """Return which of the addresses *source* had shown by the end of the run *run_id*."""
    by_key: dict[str, set[str]] = {}
    for url in addresses:
        by_key.setdefault(address_key(url), set()).add(url)
    keys = list(by_key)

    def look(connection: Connection) -> set[str]:
        found = set[str]()
        for start in range(0, len(keys), _CHUNK):
            chunk = keys[start : start + _CHUNK]
            asked = {"outlet": outlet, "source": source, "run_id": run_id, "keys": chunk}
            for key in connection.scalars(_SEEN, asked):
                found |= by_key[key]
        return found

    return read(engine, look)


def _values(one: WatchedList) -> dict[str, Any]:
    memory = one.memory
    return {
        "url": one.url,
        "source": one.source,
        "polled_at": one.polled_at,
        "walked_run_id": one.walked_run_id,
        "walked_at": one.walked_at,
        "covered_since": one.covered_since,
        "telling": one.telling,
        "digest": memory.digest,
        "trust": memory.trust,
        "unasked": memory.unasked,
        "etag": memory.validators.etag,
        "last_modified": memory.validators.last_modified,
        "stale_etag": memory.stale.etag,
        "stale_last_modified": memory.stale.last_modified,
    }


def _watched(row: Row[Any]) -> WatchedList:
    return WatchedList(
        key=row.key,
        url=row.url,
        source=row.source,
        memory=Memory(
            trust=row.trust,
            validators=Validators(row.etag, row.last_modified),
            stale=Validators(row.stale_etag, row.stale_last_modified),
            digest=row.digest,
            unasked=row.unasked,
        ),
        polled_at=row.polled_at,
        walked_run_id=row.walked_run_id,
        walked_at=row.walked_at,
        covered_since=row.covered_since,
        telling=row.telling,
    )


_OF_SOURCE = select(lists).where(lists.c.outlet == bindparam("outlet"), lists.c.source == bindparam("source"))
_SEEN = (
    select(urls.c.key)
    .join(sightings, sightings.c.url_id == urls.c.id)
    .where(
        urls.c.outlet == bindparam("outlet"),
        urls.c.key.in_(bindparam("keys", expanding=True)),
        sightings.c.source == bindparam("source"),
        sightings.c.run_id <= bindparam("run_id"),
    )
)
