"""Articles and their revisions: saved in one transaction with search index, frontier and ledger."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import attrs
from sqlalchemy import Connection, Engine, Row, Select, and_, bindparam, select, update

from crawler.errors import StoreError
from crawler.items import Article
from crawler.storage import catalogue
from crawler.storage.archive import RecordRef
from crawler.storage.compared import UNCHANGED, Compared, compare_look, compare_other
from crawler.storage.database import read, reading, transact
from crawler.storage.facts import NEW, write_fact
from crawler.storage.frontier import address_key
from crawler.storage.hashes import body_hash, content_hash
from crawler.storage.ledger import index_records, write_event, write_visits
from crawler.storage.looks import FIRST, Fetched, looked
from crawler.storage.revisions import Cause, OtherRulesError, read_article, write_revision
from crawler.storage.runs import hold_run
from crawler.storage.schema import articles, revisions, urls
from crawler.storage.search import in_window
from crawler.storage.states import KEPT, REDIRECT, SAME_TEXT, State
from crawler.storage.topics import is_on, keep_verdicts

_BATCH: Final = 200
# A shorter text can be repeated by other articles ("watch the video below"): there the headline counts too.
_TELLING_CHARACTERS: Final = 300


@attrs.frozen(kw_only=True)
class Outcome:
    """What saving came to. For a duplicate, *article_id* and *revision* are of the article it repeats.

    Where *state* is none of those kept, a look could not be held against what is stored: nothing was written.
    """

    state: State
    article_id: int
    revision: int
    reason: str | None = None


@attrs.frozen(kw_only=True)
class Stored:
    """An article as one of its revisions has it. Times are UTC; `gone` says how it vanished, if it did.

    `gone_at` is when it was first missed, `due_at` when it is looked at again, None for not any more.
    """

    id: int
    revision: int
    revisions: int
    first_seen_at: datetime
    last_seen_at: datetime
    gone: str | None
    gone_at: datetime | None
    looks: int
    due_at: datetime | None
    content_hash: str
    run_id: int
    cause: str
    ruleset: str | None
    article: Article


def save(  # noqa: PLR0913 what one article comes with
    engine: Engine,
    article: Article,
    run_id: int,
    url_id: int,
    records: Sequence[RecordRef] = (),
    *,
    fetched: Fetched = FIRST,
    ruleset: str | None = None,
    cause: Cause | None = None,
    now: datetime | None = None,
) -> Outcome:
    """Store an article and all that goes with it, or nothing; return what it was to the store.

    The same canonical address is unchanged, or a new revision if its headline, byline, date or text changed;
    another address of the outlet with the same text is a duplicate. What a look read (`fetched.look`) is held
    against the article that it is a look at. Repeating a save changes nothing. The *records* are those not
    indexed yet; they must have been synced before. *ruleset* is the fingerprint of the rules that read the
    article; without a *cause* a change of one that other rules had read is refused.

    Raises:
        OtherRulesError: only reading the stored revision's page again tells who changed the text.
        RunEndedError: the run was closed.
        StoreError: the store cannot be written; `UnsavableError` where only this article cannot.
    """
    moment = now or datetime.now(UTC)
    key = address_key(article.canonical_url)
    content = content_hash(article.headline, article.byline, article.published_at, article.body)
    body = body_hash(article.body)

    def write(connection: Connection) -> Outcome:
        run = hold_run(connection, run_id)
        if run.outlet != article.outlet:
            raise StoreError(
                f"an article of {article.outlet} in a run of {run.outlet}; start a run of its outlet"
            )
        ready = _Save(
            connection, article, key, content, body, run_id, url_id, moment, ruleset, cause, fetched, records
        )
        return ready.store()

    return transact(engine, write)


def find(engine: Engine, which: int | str, *, revision: int | None = None) -> Stored | None:
    """Return the article of an id or of an address, any it is known by; its current revision unless told."""

    def look(connection: Connection) -> Row[Any] | None:
        article_id = which if isinstance(which, int) else _id_of(connection, which)
        if article_id is None:
            return None
        number = articles.c.current if revision is None else revision
        query = _stored(revisions.c.number == number).where(articles.c.id == article_id)
        return connection.execute(query).one_or_none()

    row = read(engine, look)
    return None if row is None else _read(row)


def revisions_of(engine: Engine, article_id: int) -> list[Stored]:
    """Return all revisions of an article, oldest first."""
    query = select(*_STORED_COLUMNS).join_from(articles, revisions).where(articles.c.id == article_id)
    with reading(engine) as connection:
        return [_read(row) for row in connection.execute(query.order_by(revisions.c.number))]


def iterate(  # noqa: PLR0913 keyword-only, what is wanted
    engine: Engine,
    *,
    outlet: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    topic: str | None = None,
    undated: bool = True,
) -> Iterator[Stored]:
    """Yield the current revision of each article, in the order they were first stored.

    The window is that of publication, both ends included; an article without a known date is in any
    that does not say *undated* is false.
    No transaction stays open between two batches, so that a slow consumer holds nobody up.
    """
    query = _stored(revisions.c.number == articles.c.current).where(in_window(since, until))
    if outlet is not None:
        query = query.where(articles.c.outlet == outlet)
    if not undated:
        query = query.where(revisions.c.published_at.is_not(None))
    if topic is not None:
        query = query.where(is_on(topic))
    query = query.where(articles.c.id > bindparam("after")).order_by(articles.c.id).limit(_BATCH)
    after = 0
    while True:
        with reading(engine) as connection:
            rows = connection.execute(query, {"after": after}).all()
        for row in rows:
            yield _read(row)
        if len(rows) < _BATCH:
            return
        after = rows[-1].id


@attrs.frozen
class _Save:
    """One article on its way into the store, inside one transaction that holds the run."""

    connection: Connection
    article: Article
    key: str
    content_hash: str
    body_hash: str
    run_id: int
    url_id: int
    now: datetime
    ruleset: str | None
    cause: Cause | None
    fetched: Fetched
    records: Sequence[RecordRef]

    def store(self) -> Outcome:
        """Write the article as what it is: new, changed, seen before, or another's twin."""
        known, found = self._known(), UNCHANGED
        if known is not None:
            found = self._compared(known)
            if found.state not in KEPT:
                state, number, why = found.state, known.current, found.reason
                return Outcome(state=state, article_id=known.id, revision=number, reason=why)
        index_records(self.connection, self.run_id, self.records)
        outcome = self._see_again(known, found) if known is not None else self._twin() or self._insert()
        if outcome.state is not State.DUPLICATE:
            judged = self.article.verdicts or filter(None, (self.article.verdict,))
            keep_verdicts(self.connection, outcome.article_id, outcome.revision, tuple(judged), self.now)
        self._settle(outcome)
        return outcome

    def _known(self) -> Row[Any] | None:
        same = and_(articles.c.outlet == self.article.outlet, articles.c.key == self.key)
        look = self.fetched.look
        query = _KNOWN.where(same if look is None else articles.c.id == look.article_id)
        return self.connection.execute(query).one_or_none()

    def _compared(self, known: Row[Any]) -> Compared:
        """Return what this reading of a known article shows of it."""
        moved = known.key != self.key
        if moved and self.connection.execute(_HOLDER, {"outlet": known.outlet, "key": self.key}).first():
            return Compared(State.NOT_AN_ARTICLE, REDIRECT)
        if known.content_hash == self.content_hash:
            return UNCHANGED
        if self.cause is None and known.ruleset != self.ruleset:
            raise OtherRulesError(known.id)
        current = _stored(revisions.c.number == articles.c.current).where(articles.c.id == known.id)
        before = read_article(self.connection.execute(current).one())
        if self.fetched.look is None:
            return compare_other(before, self.article, own=known.url_id == self.url_id)
        last = self.connection.execute(select(urls.c.reason).where(urls.c.id == self.url_id)).scalar()
        return compare_look(before, self.article, moved=moved, ended=self.fetched.ended, last_reason=last)

    def _see_again(self, known: Row[Any], found: Compared) -> Outcome:
        number, state = known.current, found.state
        seen: dict[str, Any] = {"last_seen_at": max(self.now, known.last_seen_at)}
        own = known.url_id == self.url_id
        if state is State.REVISED:
            number += 1
            self._insert_revision(known.id, number, known.first_seen_at)
            seen["current"] = number
            detail = {"revision": number, "kinds": list(found.kinds), "cause": self.cause or "outlet"}
            self._happened(known.id, "revised", detail)
        elif own and known.run_id == self.run_id and (number == 1 or known.cause != "rules"):
            # This very save, once more: a commit whose answer was lost, or a caller that tries again.
            state = State.STORED if number == 1 else State.REVISED
        if own or state is State.REVISED:
            seen |= self._seen_well(known, revised=found.state is State.REVISED)
        self.connection.execute(update(articles).where(articles.c.id == known.id), seen)
        return Outcome(state=state, article_id=known.id, revision=number, reason=found.reason)

    def _seen_well(self, known: Row[Any], *, revised: bool) -> dict[str, Any]:
        """Return what changes in an article whose own address was read; one that was gone is back."""
        if known.gone:
            missed_at = known.gone_at.isoformat() if known.gone_at else None
            self._happened(known.id, "restored", {"was": known.gone, "since": missed_at})
        published, first = self.article.published_at, known.first_seen_at
        seen = looked(self.fetched, published, first, self.now, revised=revised)
        if known.key != self.key and address_key(self.article.url) == self.key:
            # The outlet moved it: lists name the new address from now on.
            seen |= {"key": self.key, "canonical_url": self.article.canonical_url}
        return seen

    def _happened(self, article_id: int, kind: str, detail: dict[str, Any]) -> None:
        write_event(self.connection, self.run_id, article_id, kind, detail, self.now)

    def _twin(self) -> Outcome | None:
        """Return the article of the outlet that has the same text under another address, if there is one."""
        telling = sum(map(len, self.article.body)) >= _TELLING_CHARACTERS
        same = {"outlet": self.article.outlet, "body_hash": self.body_hash}
        for row in self.connection.execute(_SAME_BODY, same):
            if telling or row.headline == self.article.headline:
                return Outcome(state=State.DUPLICATE, article_id=row.article_id, revision=row.number)
        return None

    def _insert(self) -> Outcome:
        article = self.article
        values = {
            "outlet": article.outlet,
            "key": self.key,
            "canonical_url": article.canonical_url,
            "current": 1,
            "first_seen_at": self.now,
            "last_seen_at": self.now,
            **looked(self.fetched, article.published_at, self.now, self.now),
        }
        article_id = self.connection.execute(_NEW_ARTICLE, values).scalar_one()
        self._insert_revision(article_id, 1, self.now)
        write_fact(self.connection, self.run_id, article_id, NEW, {"revision": 1}, self.now)
        return Outcome(state=State.STORED, article_id=article_id, revision=1)

    def _insert_revision(self, article_id: int, number: int, first_seen_at: datetime) -> None:
        edited = self.cause != "rules"
        write_revision(
            self.connection,
            self.article,
            article_id=article_id,
            number=number,
            run_id=self.run_id,
            url_id=self.url_id,
            hashes=(self.content_hash, self.body_hash),
            cause=self.cause or "outlet",
            ruleset=self.ruleset,
        )
        catalogue.enter(self.connection, article_id, self.article, number, first_seen_at, edited=edited)

    def _settle(self, outcome: Outcome) -> None:
        """Write the outcome to the frontier and the ledger."""
        reason = SAME_TEXT if outcome.state is State.DUPLICATE else outcome.reason
        touched = self.connection.execute(
            _URL_STATE,
            {
                "of": self.url_id,
                "state": outcome.state,
                "reason": reason,
                "article_id": outcome.article_id,
                "last_run_id": self.run_id,
            },
        )
        if touched.rowcount != 1:
            raise StoreError(
                f"address {self.url_id} of {self.article.url} is not in the frontier; offer it first"
            )
        visit = {
            "run_id": self.run_id,
            "url_id": self.url_id,
            "outcome": outcome.state,
            "reason": reason,
            "at": self.now,
            "detail": {"article": outcome.article_id, "revision": outcome.revision},
            "record_ids": list(self.article.record_ids) or None,
        }
        write_visits(self.connection, [visit])


def _id_of(connection: Connection, url: str) -> int | None:
    key = address_key(url)
    found: int | None = (
        connection.execute(select(articles.c.id).where(articles.c.key == key)).scalars().first()
    )
    if found is None:
        found = connection.execute(select(urls.c.article_id).where(urls.c.key == key)).scalars().first()
    return found


def _stored(which: Any) -> Select[Any]:  # noqa: ANN401 an SQL expression
    return select(*_STORED_COLUMNS).join_from(
        articles, revisions, and_(revisions.c.article_id == articles.c.id, which)
    )


def _read(row: Row[Any]) -> Stored:
    return Stored(
        id=row.id,
        revision=row.number,
        revisions=row.current,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        gone=row.gone,
        gone_at=row.gone_at,
        looks=row.looks,
        due_at=row.due_at,
        content_hash=row.content_hash,
        run_id=row.run_id,
        cause=row.cause,
        ruleset=row.ruleset,
        article=read_article(row),
    )


_STORED_COLUMNS: Final = (
    *articles.c,
    *(column for column in revisions.c if column.name not in {"id", "article_id"}),
)
_KNOWN: Final[Select[Any]] = select(
    *articles.c,
    *(revisions.c[name] for name in ("content_hash", "run_id", "url_id", "cause", "ruleset")),
).join_from(
    articles,
    revisions,
    and_(revisions.c.article_id == articles.c.id, revisions.c.number == articles.c.current),
)
_HOLDER = select(articles.c.id).where(
    articles.c.outlet == bindparam("outlet"), articles.c.key == bindparam("key")
)
_SAME_BODY = (
    select(revisions.c.article_id, revisions.c.number, revisions.c.headline)
    .join_from(revisions, articles, articles.c.id == revisions.c.article_id)
    .where(articles.c.outlet == bindparam("outlet"), revisions.c.body_hash == bindparam("body_hash"))
    .order_by(revisions.c.article_id, revisions.c.number)
)
_NEW_ARTICLE = articles.insert().returning(articles.c.id)
_URL_STATE = (
    update(urls)
    .where(urls.c.id == bindparam("of"))
    .values(
        state=bindparam("state"),
        reason=bindparam("reason"),
        article_id=bindparam("article_id"),
        last_run_id=bindparam("last_run_id"),
        attempts=0,
        next_try_at=None,
    )
)
