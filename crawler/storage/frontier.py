"""Every address ever learned of, its state, and the ledger of what each run did with it.

A run offers what its lists show, fetches what `offer` and `pending` give it, and settles each. Each call is
one transaction. A run that was killed leaves its addresses pending; the next run's `pending` returns them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

import attrs
from sqlalchemy import Connection, Engine, Row, bindparam, func, select, update

from crawler.errors import StoreError
from crawler.items import Instant
from crawler.storage.archive import RecordRef
from crawler.storage.columns import instant_values, read_instant
from crawler.storage.database import reading, transact
from crawler.storage.ledger import index_records, write_sightings, write_visits
from crawler.storage.runs import HeldRun, hold_run
from crawler.storage.schema import urls
from crawler.storage.states import LISTED, REOPENED, RETRIED, UNFETCHED, State, retry_delay
from crawler.urls import UrlError, url_key

# Below the number of parameters that either database takes in one statement.
_CHUNK: Final = 500


@attrs.frozen(kw_only=True)
class Entry:
    """One link of a list page. `state` is PENDING, or what the list alone settles, with its `reason`."""

    url: str
    source: str
    list_url: str
    headline: str | None = None
    published_at: Instant | None = None
    state: State = State.PENDING
    reason: str | None = None


@attrs.frozen(kw_only=True)
class Work:
    """An address to be fetched, with what the list said of it. `attempts` counts its failures so far."""

    url_id: int
    url: str
    headline: str | None
    published_at: Instant | None
    attempts: int = 0


@attrs.frozen(kw_only=True)
class Offered:
    """What an offer came to: `fetch` in the order of the list, and how many entries were new or known.

    `known_earlier` counts addresses that an earlier run had learned of: none of them on a list that was not
    empty means that something may have been missed since the last look.
    """

    fetch: tuple[Work, ...]
    new: int
    known_earlier: int
    known_this_run: int


@attrs.frozen(kw_only=True)
class Settlement:
    """What became of one address. `detail` is evidence (JSON values), `records` the responses it rests on.

    Out-of-window needs the date that says so, in *published_at* or as ISO text in `detail["published_at"]`:
    a later run with another window goes by it. *article_id* is the article that a duplicate repeats.
    """

    url_id: int
    state: State
    reason: str | None = None
    detail: Mapping[str, Any] | None = None
    records: Sequence[RecordRef] = ()
    published_at: Instant | None = None
    article_id: int | None = None


def offer(engine: Engine, run_id: int, entries: Iterable[Entry], *, now: datetime | None = None) -> Offered:
    """Record the links of one list page; return which of them this run is to fetch.

    An unseen address becomes pending, or is settled by what the list says. A settled one is opened again when
    it failed and is due, when an earlier run ruled it out by its list and this one does not, or when its date
    now lies in the window. The first sighting by each source is kept.

    Raises:
        RunEndedError: the run was closed.
    """
    by_key: dict[str, Entry] = {}
    for entry in entries:
        known = by_key.setdefault(address_key(entry.url), entry)
        if known.state is not State.PENDING and entry.state is State.PENDING:
            by_key[address_key(entry.url)] = entry
    moment = now or datetime.now(UTC)

    def record(connection: Connection) -> Offered:
        run = hold_run(connection, run_id)
        keys = list(by_key)
        parts = [
            _offer_chunk(
                connection, run_id, run, {key: by_key[key] for key in keys[start : start + _CHUNK]}, moment
            )
            for start in range(0, len(keys), _CHUNK)
        ]
        return Offered(
            fetch=tuple(work for part in parts for work in part.fetch),
            new=sum(part.new for part in parts),
            known_earlier=sum(part.known_earlier for part in parts),
            known_this_run=sum(part.known_this_run for part in parts),
        )

    return transact(engine, record)


def pending(
    engine: Engine, run_id: int, *, limit: int | None = None, now: datetime | None = None
) -> list[Work]:
    """Return what earlier runs of this outlet left to fetch: pending, or failed and due again; oldest first.

    To be called once, at the start: what `offer` returns later is not repeated here, nor the reverse.

    Raises:
        RunEndedError: the run was closed.
    """
    moment = now or datetime.now(UTC)

    def collect(connection: Connection) -> list[Work]:
        run = hold_run(connection, run_id)
        connection.execute(_REOPEN_DUE, {"of_outlet": run.outlet, "moment": moment})
        rows = connection.execute(_PENDING.limit(limit), {"outlet": run.outlet})
        return [_work(row) for row in rows]

    return transact(engine, collect)


def settle(
    engine: Engine,
    run_id: int,
    settlements: Settlement | Sequence[Settlement],
    *,
    now: datetime | None = None,
) -> None:
    """Write what became of addresses: state, ledger and archive index of all of them, or of none.

    A second settlement of an address in the same run replaces the first. The records must have been synced
    before (`ArchiveWriter.sync`). Articles are settled by `articles.save`.

    Raises:
        RunEndedError: the run was closed.
        ValueError: a state that only `articles.save` or `offer` may give.
    """
    several = [settlements] if isinstance(settlements, Settlement) else list(settlements)
    for one in several:
        if one.state in {State.STORED, State.REVISED, State.PENDING}:
            raise ValueError(f"{one.state} is not settled by hand")
    moment = now or datetime.now(UTC)

    def write(connection: Connection) -> None:
        hold_run(connection, run_id)
        for one in several:
            write_settlement(connection, run_id, one, moment)

    transact(engine, write)


def write_settlement(connection: Connection, run_id: int, one: Settlement, now: datetime) -> None:
    """Write one settlement inside a transaction that holds the run."""
    failures = connection.execute(_ATTEMPTS, {"id": one.url_id}).scalar_one_or_none()
    if failures is None:
        raise StoreError(f"address {one.url_id} is not in the frontier; offer it first")
    index_records(connection, run_id, one.records)
    values: dict[str, Any] = {
        "state": one.state,
        "reason": one.reason,
        "last_run_id": run_id,
        "next_try_at": None,
    }
    if one.state in RETRIED:
        attempts = failures + 1
        delay = retry_delay(one.state, one.reason, attempts)
        values |= {"attempts": attempts, "next_try_at": now + delay if delay else None}
    else:
        values["attempts"] = 0
    if one.state is State.OUT_OF_WINDOW:
        values |= instant_values(one.published_at or _stated(one.detail))
    if one.article_id is not None:
        values["article_id"] = one.article_id
    connection.execute(update(urls).where(urls.c.id == one.url_id), values)
    visit = {
        "run_id": run_id,
        "url_id": one.url_id,
        "outcome": one.state,
        "reason": one.reason,
        "at": now,
        "detail": dict(one.detail) if one.detail else None,
        "record_ids": [ref.id for ref in one.records] or None,
    }
    write_visits(connection, [visit])


def add_records(engine: Engine, run_id: int, refs: Sequence[RecordRef]) -> None:
    """Enter records that belong to no single address (lists, robots.txt) into the archive index.

    Raises:
        RunEndedError: the run was closed.
    """

    def write(connection: Connection) -> None:
        hold_run(connection, run_id)
        index_records(connection, run_id, refs)

    transact(engine, write)


def count_states(engine: Engine, outlet: str | None = None) -> dict[str, dict[str, int]]:
    """Return, for each outlet, how many of its addresses are in which state."""
    query = select(urls.c.outlet, urls.c.state, func.count()).group_by(urls.c.outlet, urls.c.state)
    if outlet is not None:
        query = query.where(urls.c.outlet == outlet)
    counts: dict[str, dict[str, int]] = {}
    with reading(engine) as connection:
        for name, state, number in connection.execute(query.order_by(urls.c.outlet, urls.c.state)):
            counts.setdefault(name, {})[state] = number
    return counts


def address_key(url: str) -> str:
    """Return the identity of an address; one that cannot be fetched is known by its exact text."""
    try:
        return url_key(url)
    except UrlError:
        return sha256(b"unreadable " + url.encode("utf-8", "surrogatepass")).hexdigest()


def _offer_chunk(
    connection: Connection, run_id: int, run: HeldRun, by_key: Mapping[str, Entry], now: datetime
) -> Offered:
    """Record up to `_CHUNK` distinct entries."""
    rows = connection.execute(_KNOWN, {"outlet": run.outlet, "keys": list(by_key)})
    known: dict[str, Row[Any]] = {row.key: row for row in rows}
    unseen = [
        {
            "outlet": run.outlet,
            "url": entry.url,
            "key": key,
            "state": entry.state,
            "reason": entry.reason,
            "headline": entry.headline,
            **instant_values(entry.published_at),
            "attempts": 0,
            "next_try_at": None,
            "first_seen_at": now,
            "first_run_id": run_id,
            "last_run_id": run_id,
        }
        for key, entry in by_key.items()
        if key not in known
    ]
    ids: dict[str, int] = {row.key: row.id for row in known.values()}
    if unseen:
        ids |= {row.key: row.id for row in connection.execute(_NEW_URLS, unseen)}
    reopened = {key for key, row in known.items() if _opens_again(row, by_key[key], run, now)}
    if reopened:
        connection.execute(_REOPEN, [{"url_id": ids[key], "run": run_id} for key in reopened])
    settled = [
        {
            "run_id": run_id,
            "url_id": ids[row["key"]],
            "outcome": row["state"],
            "reason": row["reason"],
            "at": now,
            "detail": None,
            "record_ids": None,
        }
        for row in unseen
        if row["state"] is not State.PENDING
    ]
    if settled:
        write_visits(connection, settled)
    seen = [
        {
            "url_id": ids[key],
            "source": entry.source,
            "list_url": entry.list_url,
            "run_id": run_id,
            "at": now,
            "headline": entry.headline,
            "published_at": entry.published_at.at if entry.published_at else None,
        }
        for key, entry in by_key.items()
    ]
    write_sightings(connection, seen)
    fetch = (
        Work(
            url_id=ids[key],
            url=known[key].url if key in known else entry.url,
            headline=entry.headline or (known[key].headline if key in known else None),
            published_at=entry.published_at or (read_instant(known[key]) if key in known else None),
            attempts=known[key].attempts if key in known else 0,
        )
        for key, entry in by_key.items()
        if key in reopened or (key not in known and entry.state is State.PENDING)
    )
    earlier = sum(row.first_run_id != run_id for row in known.values())
    return Offered(
        fetch=tuple(fetch), new=len(unseen), known_earlier=earlier, known_this_run=len(known) - earlier
    )


def _opens_again(row: Row[Any], entry: Entry, run: HeldRun, now: datetime) -> bool:
    """Tell whether a known address that a list shows again is to be fetched again."""
    if entry.state is not State.PENDING:
        return False
    if row.state in RETRIED:
        return row.next_try_at is not None and row.next_try_at <= now
    if row.state == State.OUT_OF_WINDOW and row.reason != LISTED:
        published = row.published_at or (entry.published_at.at if entry.published_at else None)
        return published is None or (
            (run.since is None or run.since <= published) and (run.until is None or published <= run.until)
        )
    return row.reason in UNFETCHED


def _stated(detail: Mapping[str, Any] | None) -> Instant | None:
    stated = (detail or {}).get("published_at")
    if not isinstance(stated, str):
        return None
    return Instant(at=datetime.fromisoformat(stated))


def _work(row: Row[Any]) -> Work:
    return Work(
        url_id=row.id,
        url=row.url,
        headline=row.headline,
        published_at=read_instant(row),
        attempts=row.attempts,
    )


_KNOWN = select(urls).where(
    urls.c.outlet == bindparam("outlet"), urls.c.key.in_(bindparam("keys", expanding=True))
)
_PENDING = (
    select(urls)
    .where(urls.c.outlet == bindparam("outlet"), urls.c.state == State.PENDING)
    .order_by(urls.c.id)
)
_ATTEMPTS = select(urls.c.attempts).where(urls.c.id == bindparam("id"))
_NEW_URLS = urls.insert().returning(urls.c.id, urls.c.key)
_REOPEN = (
    update(urls)
    .where(urls.c.id == bindparam("url_id"))
    .values(state=State.PENDING, reason=REOPENED, next_try_at=None, last_run_id=bindparam("run"))
)
_REOPEN_DUE = (
    update(urls)
    .where(
        urls.c.outlet == bindparam("of_outlet"),
        urls.c.state.in_(sorted(RETRIED)),
        urls.c.next_try_at <= bindparam("moment"),
    )
    .values(state=State.PENDING, reason=REOPENED, next_try_at=None)
)
