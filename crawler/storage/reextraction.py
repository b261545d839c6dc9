"""What can be read again from the archive, how the new reading differs, and how it is stored."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import attrs
from sqlalchemy import Connection, Engine, Row, and_, bindparam, func, or_, select, update

from crawler.errors import StoreError
from crawler.items import Article, Hint
from crawler.storage import catalogue
from crawler.storage.archive import RecordRef
from crawler.storage.articles import Stored, save
from crawler.storage.columns import read_instant, storable
from crawler.storage.database import read, reading, transact
from crawler.storage.frontier import address_key
from crawler.storage.hashes import body_hash, content_hash
from crawler.storage.looks import Fetched
from crawler.storage.parts import RE_EXTRACTED
from crawler.storage.places import Place
from crawler.storage.replay import ArchivedResponse, LostRecordError, read_record
from crawler.storage.revisions import revision_values, write_revision
from crawler.storage.runs import hold_run
from crawler.storage.schema import articles, events, records, urls, visits
from crawler.storage.seals import note_ruleset
from crawler.storage.states import State

_BATCH: Final = 500
# Where a page came from and when: the same whatever reads it.
_NOT_READ: Final = frozenset({"url", "fetched_at", "record_ids"})
_INSTANT: Final = ("published_at", "published_offset_min", "published_precision", "published_zone_assumed")
_VERDICT: Final = ("topic", "on_topic", "score", "verdict_reason", "evidence")
# Without an article, though the page was there to be read; other failures have no page.
_SETTLED_BY_PAGE: Final = (State.OFF_TOPIC, State.NOT_AN_ARTICLE, State.OUT_OF_WINDOW, State.DUPLICATE)
_UNREADABLE: Final = ("parse_error", "internal")


class ArchiveGoneError(LostRecordError):
    """The archive index no longer has the page: it was kept for as long as the operator wanted."""


@attrs.frozen(kw_only=True)
class Page:
    """A visit to an address whose responses the archive has. `refs` are its records, in their order."""

    url_id: int
    run_id: int
    fetched_at: datetime
    refs: tuple[RecordRef, ...]
    hint: Hint

    @property
    def url(self) -> str:
        """Return the address that was asked for first."""
        return self.refs[0].url

    def answer(self, engine: Engine, archive: Path | Place, url: str) -> ArchivedResponse | None:
        """Return what *url* answered on this visit, or to this run for another part; None where nothing did.

        Raises:
            LostRecordError: the record is lost or damaged; the message names it.
        """
        ref = next((ref for ref in reversed(self.refs) if ref.url == url), None)
        if ref is None:
            query = _OF_RUN.where(records.c.run_id == self.run_id, records.c.url == url)
            ref = read(engine, lambda connection: next(map(_ref, connection.execute(query)), None))
        return None if ref is None else read_record(archive, ref)


@attrs.frozen(kw_only=True)
class Unkept:
    """An address without an article of its own, though its page was read: what it came to, and its page."""

    url: str
    state: State
    reason: str | None
    published_at: datetime | None
    page: Page


def page_of(engine: Engine, stored: Stored) -> Page:
    """Return the archived page that the revision was read from.

    Raises:
        ArchiveGoneError: the index has no record of it any more.
    """
    article = stored.article
    refs, listed = read(
        engine,
        lambda connection: (_refs(connection, article.record_ids), _listed(connection, article.url_id)),
    )
    if not refs:
        raise ArchiveGoneError(f"the page of article {stored.id} is no longer in the archive")
    return Page(
        url_id=article.url_id or 0,
        run_id=refs[0][1],
        fetched_at=article.fetched_at,
        refs=tuple(ref for ref, _ in refs),
        hint=article.hint or listed,
    )


def unkept(
    engine: Engine,
    outlet: str,
    since: datetime | None = None,
    until: datetime | None = None,
    *,
    undated: bool = True,
) -> Iterator[Unkept]:
    """Yield the addresses of an outlet whose page was read and gave no article of its own, oldest first.

    The window is that of publication as the list or the page told it; an unknown one is in any that
    does not say *undated* is false.
    """
    query = _UNKEPT.where(urls.c.outlet == outlet)
    if not undated:
        query = query.where(urls.c.published_at.is_not(None))
    if since is not None:
        query = query.where(or_(urls.c.published_at.is_(None), urls.c.published_at >= since))
    if until is not None:
        query = query.where(or_(urls.c.published_at.is_(None), urls.c.published_at <= until))
    after = 0
    while True:
        with reading(engine) as connection:
            rows = connection.execute(query, {"after": after}).all()
            found = [_unkept(connection, row) for row in rows]  # type: ignore[arg-type] # a row is a row
        yield from (each for each in found if each is not None)
        if len(rows) < _BATCH:
            return
        after = rows[-1].id


def differences(before: Article, now: Article) -> dict[str, tuple[Any, Any]]:
    """Return the fields in which two readings differ, each as its two JSON values, old and new.

    Every field that is read counts, the removed lines, the page text and the witnesses with the others.
    """
    old, new = _comparable(before), _comparable(now)
    return {name: (old[name], new[name]) for name in old if old[name] != new[name]}


def store_reading(  # noqa: PLR0913 keyword-only, what one reading comes with
    engine: Engine,
    stored: Stored,
    article: Article,
    *,
    run_id: int,
    ruleset: str,
    now: datetime | None = None,
) -> int | None:
    """Store what the present rules read on a revision's page; return the new revision's number, if any.

    Where nothing differs, only the rules are noted that read it so. Else it is the next revision, that of
    the rules and not of the outlet: neither frontier nor ledger nor when the article was last seen change,
    and the event says what it is. The article keeps the address by which it is known.

    Raises:
        RunEndedError: the run was closed.
        StoreError: the article has a newer revision than *stored*.
    """
    fields = list(differences(stored.article, article))
    if not fields:
        confirm(engine, run_id, ruleset, [stored])
        return None
    moment = now or datetime.now(UTC)
    number = stored.revision + 1
    hashes = (
        content_hash(article.headline, article.byline, article.published_at, article.body),
        body_hash(article.body),
    )

    def write(connection: Connection) -> int:
        hold_run(connection, run_id)
        moved = connection.execute(
            update(articles).where(articles.c.id == stored.id, articles.c.current == stored.revision),
            {"current": number},
        )
        if moved.rowcount != 1:
            raise StoreError(f"article {stored.id} changed meanwhile; replay it again")
        write_revision(
            connection,
            article,
            article_id=stored.id,
            number=number,
            run_id=run_id,
            url_id=stored.article.url_id or 0,
            hashes=hashes,
            cause="rules",
            ruleset=ruleset,
        )
        catalogue.enter(connection, stored.id, article, number, stored.first_seen_at, edited=False)
        detail = {"revision": number, "fields": fields}
        event = {"article_id": stored.id, "run_id": run_id, "at": moment, "kind": RE_EXTRACTED}
        connection.execute(events.insert(), {**event, "detail": detail})
        return number

    return transact(engine, write)


def confirm(engine: Engine, run_id: int, ruleset: str, same: Sequence[Stored]) -> None:
    """Note of revisions that the present rules read them exactly as they are stored.

    Raises:
        RunEndedError: the run was closed.
    """
    outdated = [each for each in same if each.ruleset != ruleset]

    def write(connection: Connection) -> None:
        hold_run(connection, run_id)
        for each in outdated:
            note_ruleset(connection, each.id, each.revision, ruleset)

    transact(engine, write)


def save_found(  # noqa: PLR0913 keyword-only, what one article comes with
    engine: Engine,
    article: Article,
    *,
    run_id: int,
    url_id: int,
    ruleset: str,
    ages: Sequence[timedelta] = (),
    now: datetime | None = None,
) -> bool:
    """Store an article that the present rules find where there was none; return whether it is a new one.

    It is looked at again at the next of the *ages*. Where the store has the article already, nothing is
    written: the archived page may be older than it.

    Raises:
        RunEndedError: the run was closed.
    """
    key = address_key(article.canonical_url)
    known = select(articles.c.id).where(articles.c.outlet == article.outlet, articles.c.key == key)
    with reading(engine) as connection:
        if connection.execute(known).first() is not None:
            return False
    fetched = Fetched(ages=ages)
    outcome = save(engine, article, run_id, url_id, fetched=fetched, ruleset=ruleset, cause="rules", now=now)
    return outcome.state is State.STORED


def _comparable(article: Article) -> dict[str, Any]:
    values = {name: value for name, value in revision_values(article).items() if name not in _NOT_READ}
    if article.published_at is not None:
        values["published_at"] = article.published_at.utc.isoformat()
    # As the columns give them back: texts storable, sequences as lists.
    plain = {
        name: storable(value) if isinstance(value, str) else json.loads(json.dumps(value))
        for name, value in values.items()
    }
    parts = {name: [plain.pop(each) for each in group] for name, group in _GROUPS.items()}
    return plain | parts | {"address": address_key(article.canonical_url)}


def _refs(connection: Connection, record_ids: Sequence[str]) -> list[tuple[RecordRef, int]]:
    """Return the records with their runs, in the order they are named; none where any of them is gone."""
    rows = {row.id: row for row in connection.execute(_NAMED, {"names": list(record_ids)})}
    return (
        [(_ref(rows[each]), rows[each].run_id) for each in record_ids] if len(rows) == len(record_ids) else []
    )


def _ref(row: Row[Any]) -> RecordRef:
    return RecordRef(**{field.name: getattr(row, field.name) for field in attrs.fields(RecordRef)})


def _listed(connection: Connection, url_id: int | None) -> Hint:
    """Return what the list said first: of articles stored before hints were kept with them."""
    row = connection.execute(select(urls).where(urls.c.id == url_id)).one_or_none()
    return Hint() if row is None else Hint(row.headline, read_instant(row))


def _unkept(connection: Connection, row: Row[Any]) -> Unkept | None:
    refs = _refs(connection, row.record_ids or ())
    if not refs:
        return None
    stated = (row.detail or {}).get("published_at")
    page = Page(
        url_id=row.id,
        run_id=refs[0][1],
        fetched_at=refs[-1][0].fetched_at,
        refs=tuple(ref for ref, _ in refs),
        hint=_listed(connection, row.id),
    )
    return Unkept(
        url=row.url,
        state=State(row.state),
        reason=row.reason,
        published_at=datetime.fromisoformat(stated) if isinstance(stated, str) else None,
        page=page,
    )


_GROUPS: Final = {"published_at": _INSTANT, "verdict": _VERDICT}
_THERE = select(records).where(records.c.pruned_at.is_(None))
_NAMED = _THERE.where(records.c.id.in_(bindparam("names", expanding=True)))
_OF_RUN = _THERE.order_by(records.c.fetched_at.desc()).limit(1)
_LAST = (
    select(visits.c.url_id, func.max(visits.c.run_id).label("run_id")).group_by(visits.c.url_id).subquery()
)
_UNKEPT = (
    select(urls.c.id, urls.c.url, urls.c.state, urls.c.reason, visits.c.detail, visits.c.record_ids)
    .join_from(urls, _LAST, _LAST.c.url_id == urls.c.id)
    .join(visits, and_(visits.c.url_id == urls.c.id, visits.c.run_id == _LAST.c.run_id))
    .where(
        visits.c.record_ids.is_not(None),
        # Of an address that has an article, these states are of a look at it.
        or_(urls.c.article_id.is_(None), urls.c.state == State.DUPLICATE),
        or_(
            urls.c.state.in_(_SETTLED_BY_PAGE),
            and_(urls.c.state == State.FAILED, urls.c.reason.in_(_UNREADABLE)),
        ),
        urls.c.id > bindparam("after"),
    )
    .order_by(urls.c.id)
    .limit(_BATCH)
)
