"""Checks that the store agrees with itself and with the archive; says what does not, never repairs."""

import functools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import attrs
from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, exists, func, not_, or_, select, text
from sqlalchemy.exc import DBAPIError

from crawler.errors import StoreError
from crawler.storage.audit_archive import read_back
from crawler.storage.audit_watching import WATCHING
from crawler.storage.catalogue import astray
from crawler.storage.checks import Checker, asked, counted
from crawler.storage.columns import read_instant
from crawler.storage.database import reading, transact
from crawler.storage.hashes import body_hash, content_hash
from crawler.storage.places import Place
from crawler.storage.schema import articles, records, revisions, runs, sightings, urls, visits
from crawler.storage.seals import broken_seals
from crawler.storage.search import index, indexed_text
from crawler.storage.states import KEPT, State, is_known_reason

MAX_EXAMPLES: Final = 10


@attrs.frozen(kw_only=True)
class Check:
    """One promise: how many things it was checked on, how many break it, and the first few of these."""

    name: str
    promise: str
    looked_at: int
    faults: int
    examples: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Tell whether nothing breaks the promise."""
        return not self.faults


@attrs.frozen
class AuditReport:
    """The outcome of all checks. `notes` are no faults: what a killed run left in the archive."""

    checks: tuple[Check, ...]
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Tell whether every promise is kept."""
        return all(check.ok for check in self.checks)

    @property
    def faults(self) -> tuple[Check, ...]:
        """Return the checks that found something."""
        return tuple(check for check in self.checks if not check.ok)


Faults = Iterator[str]


def audit(engine: Engine, archive: Path | Place | None = None) -> AuditReport:
    """Return what the checks found; with *archive* all of it is read back too.

    Raises:
        StoreError: the store cannot be read at all.
    """
    with reading(engine) as connection:
        checks = [_run(connection, *check) for check in (*_CHECKS, *WATCHING)]
        notes: list[str] = []
        if archive is not None:
            back = functools.partial(read_back, archive=archive, notes=notes)
            checks.append(
                _run(connection, "archive", "every indexed response reads back with its digest", back)
            )
    if engine.dialect.name == "sqlite":
        checks.append(_full_text_inside(engine))
    return AuditReport(tuple(checks), tuple(notes))


def _run(connection: Connection, name: str, promise: str, checker: Checker) -> Check:
    looked_at, number, examples = 0, 0, []
    try:
        looked_at, faults = checker(connection)
        for fault in faults:
            number += 1
            if number <= MAX_EXAMPLES:
                examples.append(fault)
    except (DBAPIError, ValueError, TypeError) as error:
        # On PostgreSQL the transaction is over, so that no further check could be made.
        if isinstance(error, DBAPIError) and connection.dialect.name != "sqlite":
            raise
        number += 1
        said = error.orig if isinstance(error, DBAPIError) else error
        examples.append(f"the check could not be finished, a value is damaged: {said}")
    return Check(name=name, promise=promise, looked_at=looked_at, faults=number, examples=tuple(examples))


def _file(connection: Connection) -> tuple[int, Iterable[str]]:
    if connection.dialect.name != "sqlite":
        return 0, ()
    said = [row[0] for row in connection.execute(text("PRAGMA integrity_check(20)")) if row[0] != "ok"]
    lost = [
        f"row {row[1]} of {row[0]} names a row of {row[2]} that is not there"
        for row in connection.execute(text("PRAGMA foreign_key_check"))
    ]
    return 1, said + lost


def _states(connection: Connection) -> tuple[int, Iterable[str]]:
    known = {state.value for state in State}
    query = select(urls.c.state, urls.c.reason, func.count(), func.min(urls.c.url)).group_by(
        urls.c.state, urls.c.reason
    )
    return counted(connection, urls), (
        f"{number} in state {state!r} for {reason!r}, such as {url}"
        for state, reason, number, url in connection.execute(query)
        if state not in known or not is_known_reason(state, reason)
    )


def _runs(connection: Connection) -> tuple[int, Iterable[str]]:
    ledger: dict[int, dict[str, int]] = {}
    tally = select(visits.c.run_id, visits.c.outcome, func.count()).group_by(
        visits.c.run_id, visits.c.outcome
    )
    for run_id, outcome, number in connection.execute(tally):
        ledger.setdefault(run_id, {})[outcome] = number
    firsts = select(urls.c.first_run_id, func.count()).group_by(urls.c.first_run_id)
    learned: dict[int, int] = dict(connection.execute(firsts).all())
    ended = connection.execute(select(runs).where(runs.c.ended_at.is_not(None)).order_by(runs.c.id)).all()

    def faults() -> Faults:
        for run in ended:
            if run.counts != ledger.get(run.id, {}):
                yield f"run {run.id} of {run.outlet} counts {run.counts}, its ledger {ledger.get(run.id, {})}"
            first_seen = learned.get(run.id, 0)
            if run.learned != first_seen:
                yield f"run {run.id} of {run.outlet} learned of {run.learned}, the frontier has {first_seen}"
            if run.verdict not in {"healthy", "degraded", "failed"}:
                yield f"run {run.id} of {run.outlet} ended with the verdict {run.verdict!r}"

    return len(ended), faults()


def _hashes(connection: Connection) -> tuple[int, Iterable[str]]:
    def faults() -> Faults:
        yield from broken_seals(connection)
        for row in connection.execute(_HASHED.order_by(revisions.c.id)).yield_per(200):
            wanted = (
                content_hash(row.headline, row.byline, read_instant(row), row.body),
                body_hash(row.body),
            )
            if wanted != (row.content_hash, row.body_hash):
                yield f"revision {row.number} of article {row.article_id} has another hash than its content"

    return counted(connection, revisions), faults()


def _revision_records(connection: Connection) -> tuple[int, Iterable[str]]:
    indexed = set(connection.execute(select(records.c.id)).scalars())
    named = [
        *connection.execute(select(revisions.c.article_id, revisions.c.record_ids)),
        *connection.execute(
            select(visits.c.url_id, visits.c.record_ids).where(visits.c.record_ids.is_not(None))
        ),
    ]
    return len(named), (
        f"{record_id} is named by article or address {owner} and not in the archive index"
        for owner, record_ids in named
        for record_id in record_ids
        if record_id not in indexed
    )


def _doubled(connection: Connection) -> tuple[int, Iterable[str]]:
    before = revisions.alias()
    query = (
        select(revisions.c.article_id, revisions.c.number)
        .join(
            before,
            and_(
                before.c.article_id == revisions.c.article_id,
                before.c.number == revisions.c.number - 1,
                before.c.content_hash == revisions.c.content_hash,
            ),
        )
        .where(revisions.c.cause != "rules")
    )  # these may change other fields alone
    return asked(revisions, query, "revision {number} of article {article_id} repeats the one before")(
        connection
    )


def _numbered(connection: Connection) -> tuple[int, Iterable[str]]:
    query = (
        select(articles.c.id, articles.c.current, func.count(revisions.c.id).label("there"))
        .join_from(articles, revisions, revisions.c.article_id == articles.c.id, isouter=True)
        .group_by(articles.c.id, articles.c.current)
        .having(
            or_(
                func.count(revisions.c.id) != articles.c.current,
                func.coalesce(func.min(revisions.c.number), 0) != 1,
                func.coalesce(func.max(revisions.c.number), 0) != articles.c.current,
            )
        )
    )
    return asked(articles, query, "article {id} is at revision {current} and has {there} revisions")(
        connection
    )


def _catalogued(connection: Connection) -> tuple[int, Iterable[str]]:
    return counted(connection, articles), astray(connection)


def _search(connection: Connection) -> tuple[int, Iterable[str]]:
    def faults() -> Faults:
        current = (
            select(articles.c.id, revisions.c.headline, revisions.c.body, index.c.headline, index.c.body)
            .join_from(articles, revisions, _IS_CURRENT)
            .join(index, index.c.rowid == articles.c.id, isouter=True)
            .order_by(articles.c.id)
        )
        for article_id, headline, body, found_headline, found_body in connection.execute(current).yield_per(
            200
        ):
            if found_headline is None:
                yield f"article {article_id} is not in the search index"
            elif (found_headline, found_body) != indexed_text(headline, body):
                yield f"article {article_id} is in the search index with another text"
        strays = select(index.c.rowid).where(index.c.rowid.not_in(select(articles.c.id)))
        for rowid in connection.execute(strays).scalars():
            yield f"the search index has an article {rowid} that is not there"

    return counted(connection, articles), faults()


def _full_text_inside(engine: Engine) -> Check:
    """Let FTS5 compare its index with its content; it only does so as a write, though it changes nothing."""
    command = text("INSERT INTO search (search) VALUES ('integrity-check')")
    said: tuple[str, ...] = ()
    try:
        transact(engine, lambda connection: connection.execute(command))
    except StoreError as error:
        said = (str(error),)
    return Check(
        name="full-text",
        promise="the search index is sound inside",
        looked_at=1,
        faults=len(said),
        examples=said,
    )


def _of(outcome_is: ColumnElement[bool]) -> Select[Any]:
    """Return addresses with their last visit, on a condition; run numbers of an outlet grow."""
    last = (
        select(visits.c.url_id, func.max(visits.c.run_id).label("run_id"))
        .group_by(visits.c.url_id)
        .subquery("last_visit")
    )
    return (
        select(urls.c.url, urls.c.state, func.coalesce(visits.c.outcome, "none").label("outcome"))
        .join_from(urls, last, last.c.url_id == urls.c.id, isouter=True)
        .join(visits, and_(visits.c.url_id == urls.c.id, visits.c.run_id == last.c.run_id), isouter=True)
        .where(outcome_is)
        .order_by(urls.c.id)
    )


_HASHED: Final = select(
    revisions.c.article_id,
    revisions.c.number,
    revisions.c.headline,
    revisions.c.byline,
    revisions.c.body,
    revisions.c.content_hash,
    revisions.c.body_hash,
    *(column for column in revisions.c if column.name.startswith("published_")),
)
_IS_CURRENT = and_(revisions.c.article_id == articles.c.id, revisions.c.number == articles.c.current)
_OPENED = and_(urls.c.state == State.PENDING, urls.c.reason.is_not(None))
_CHECKS: Final[tuple[tuple[str, str, Checker], ...]] = (
    ("file", "the database file is sound", _file),
    ("states", "every address is in one known state, for a known reason", _states),
    (
        "ledger",
        "the last visit of an address ended in its state",
        asked(
            urls,
            _of(not_(or_(_OPENED, func.coalesce(visits.c.outcome, State.PENDING.value) == urls.c.state))),
            "{url} is {state}, its last visit says {outcome}",
        ),
    ),
    ("runs", "the counts of every run are the sums of its ledger", _runs),
    (
        "kept",
        "every address that was stored, or repeats one, names an article of its outlet",
        asked(
            urls,
            select(urls.c.url, urls.c.state)
            .join_from(
                urls,
                articles,
                and_(articles.c.id == urls.c.article_id, articles.c.outlet == urls.c.outlet),
                isouter=True,
            )
            .where(urls.c.state.in_(sorted(KEPT | {State.DUPLICATE})), articles.c.id.is_(None))
            .order_by(urls.c.id),
            "{url} is {state} and names no article",
        ),
    ),
    (
        "listed",
        "every address was offered by some list",
        asked(
            urls,
            select(urls.c.url)
            .where(not_(exists().where(sightings.c.url_id == urls.c.id)))
            .order_by(urls.c.id),
            "{url} was offered by no list",
        ),
    ),
    (
        "reachable",
        "every article has an address in the frontier",
        asked(
            articles,
            select(articles.c.id)
            .where(not_(exists().where(urls.c.article_id == articles.c.id)))
            .order_by(articles.c.id),
            "article {id} has no address",
        ),
    ),
    ("revisions", "every article has its revisions, from 1 to the current one", _numbered),
    ("doubled", "no revision repeats the one before it", _doubled),
    ("content", "every revision is what was stored, by its hash", _hashes),
    ("records", "every record that is named is in the archive index", _revision_records),
    ("catalogue", "the catalogue has every article as it is now", _catalogued),
    ("search", "the search index has the current text of every article once", _search),
)
