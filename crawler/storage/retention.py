"""Takes out of the archive what is older than it has to be kept, and says in the index that it did.

What may go depends on what rests on it: the page that an article's current revision was read from stays as
long as the article; a page of an earlier revision has a term of its own, and so has everything else.

The order makes every kill harmless. First the index says that a record was pruned, then it goes: what is left
of a kill is a record too many, which the next pruning takes out. A file that keeps some of its records is
written anew under another name; in one transaction the index points there, and then the old file goes.
"""

import contextlib
import re
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import attrs
from sqlalchemy import Connection, Engine, and_, bindparam, func, select, update

from crawler.errors import StoreError
from crawler.storage import disk
from crawler.storage.alone import alone
from crawler.storage.archive import RecordRef
from crawler.storage.database import check, reading, transact
from crawler.storage.places import Place, place_at
from crawler.storage.replay import iterate_file, read_record
from crawler.storage.schema import articles, records, revisions, runs
from crawler.storage.warc import first_record

# In an object store, eight letters are drawn for the run.
_RUN = re.compile(
    r"^\d{4}-\d\d-\d\d/(?P<stem>.+-run(?P<run>\d+)(?:-[0-9a-f]{8})?-\d+)(?:-p(?P<times>\d+))?\.warc\.gz$"
)
_BATCH: Final = 500


@attrs.frozen(kw_only=True)
class Terms:
    """For how many days what is kept; 0 means for ever.

    `days` is for pages that a stored revision was read from, `other_days` for all other answers: lists,
    robots.txt, pages off the topic, pages looked at again. With `everything` also the page of an article's
    current revision goes after `days`; without, it stays as long as the article.
    """

    days: int = 0
    other_days: int = 0
    everything: bool = False


@attrs.define
class Pruned:
    """What was taken out, or would be: records by what they were, bytes, files; `left`: what could not be."""

    records: Counter[str] = attrs.field(factory=Counter)
    bytes: int = 0
    files_removed: int = 0
    files_rewritten: int = 0
    left: list[str] = attrs.field(factory=list)


def prune(
    engine: Engine, archive: Path | Place, terms: Terms, *, now: datetime, dry_run: bool = False
) -> Pruned:
    """Take out what is older than its term at *now*; return what went. Crawls may go on meanwhile.

    Raises:
        StoreError: the store or the disk fails, or another pruning or a backup is at work.
    """
    check(engine)
    place = place_at(archive)
    pruning = _Pruning(engine, place, now, _limits(terms, now), dry_run)
    with alone(engine, place):
        try:
            pruning.prune(everything=terms.everything)
        except OSError as error:
            raise disk.failed(Path(place.name), error) from error
    return pruning.done


def tidy(engine: Engine) -> None:
    """Let the database keep its statistics, and SQLite its log, in order; costs little when they are."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
        return
    plain = engine.raw_connection()  # neither works inside a transaction
    try:
        for pragma in ("optimize", "wal_checkpoint(PASSIVE)"):
            plain.cursor().execute(f"PRAGMA {pragma}")
    finally:
        plain.close()


@attrs.frozen
class _Limits:
    """Before which moment an answer goes, None for never: of a revision, and any other."""

    page: datetime | None
    other: datetime | None

    def newest(self) -> datetime | None:
        return max((limit for limit in (self.page, self.other) if limit is not None), default=None)


def _limits(terms: Terms, now: datetime) -> _Limits:
    page = now - timedelta(days=terms.days) if terms.days else None
    return _Limits(page, now - timedelta(days=terms.other_days) if terms.other_days else page)


@attrs.frozen
class _File:
    """The records of one file that the index still has there, and whether its run may write to it."""

    file: str
    there: Sequence[RecordRef]
    open: bool


@attrs.define
class _Pruning:
    engine: Engine
    archive: Place
    now: datetime
    limits: _Limits
    dry_run: bool
    done: Pruned = attrs.field(factory=Pruned)
    current: Collection[str] = frozenset()
    read: Collection[str] = frozenset()

    def prune(self, *, everything: bool) -> None:
        if not self.dry_run:
            self.archive.tidy(self.now)
        with reading(self.engine) as connection:
            self.read = _named(connection, current=False)
            self.current = frozenset() if everything else _named(connection, current=True)
            oldest: dict[str, datetime] = dict(connection.execute(_OLDEST).all())
        newest = self.limits.newest()
        for file, size in self.archive.files().items():
            # A file without any record in the index may be what a kill left.
            if file not in oldest or (newest is not None and oldest[file] < newest):
                self._prune_file(file, size)
        if not self.dry_run:
            self.archive.tidy(self.now)

    def _prune_file(self, file: str, size: int) -> None:
        known = self._look(file)
        if known is None or known.open:
            return
        going = [ref for ref in known.there if self._expired(ref)]
        staying = [ref for ref in known.there if not self._expired(ref)]
        if staying and not going:
            return
        strays = self._strays(file)
        kept_strays = [ref for ref in strays if not self._expired(ref)]
        if kept_strays and not going:
            return
        left = 0
        if staying or kept_strays:
            left = self._rewrite(file, staying, kept_strays, going)
            if not left:
                return
            self.done.files_rewritten += 1
        else:
            self._mark(going, [])
            self.done.files_removed += 1
        self.done.records.update(self._kind(ref) for ref in going)
        if len(strays) > len(kept_strays):
            self.done.records["unindexed"] += len(strays) - len(kept_strays)
        self.done.bytes += size - left
        if not self.dry_run:
            self.archive.remove(file)

    def _look(self, file: str) -> _File | None:
        """Return what the index has of a file; None for a file of which it knows nothing at all."""
        named = _RUN.match(file)
        if named is None:
            return None
        with reading(self.engine) as connection:
            run = connection.execute(
                select(runs.c.ended_at).where(runs.c.id == int(named["run"]))
            ).one_or_none()
            rows = connection.execute(_THERE, {"file": file}).mappings().all()
        if run is None:
            self.done.left.append(f"{file} is of a run that this store does not know; it was left as it is")
            return None
        return _File(file, [_ref(row) for row in rows], run.ended_at is None)

    def _strays(self, file: str) -> list[RecordRef]:
        """Return the responses in a file that the index does not know at all: a run was killed before."""
        found: list[RecordRef] = []
        with contextlib.suppress(StoreError):  # the tail that a kill cut; what stays is read one by one
            for response in iterate_file(self.archive, file):
                found.append(response.ref)  # noqa: PERF401 - what stands before a damage counts
        names, known = [ref.id for ref in found], set[str]()
        with reading(self.engine) as connection:
            for start in range(0, len(names), _BATCH):
                known.update(connection.execute(_KNOWN, {"names": names[start : start + _BATCH]}).scalars())
        return [ref for ref in found if ref.id not in known]

    def _rewrite(
        self, file: str, staying: Sequence[RecordRef], strays: Sequence[RecordRef], going: Sequence[RecordRef]
    ) -> int:
        """Write what stays of a file into another, and point the index there; return its size, 0 for none."""
        try:
            for ref in (*staying, *strays):
                read_record(self.archive, ref)
        except StoreError as error:
            self.done.left.append(f"{error}; the file was left as it is")
            return 0
        if self.dry_run:
            return sum(ref.length for ref in (*staying, *strays))
        size, moved = self._write_anew(file, staying, strays)
        for ref in moved:
            read_record(self.archive, ref)
        self._mark(going, moved)
        return size

    def _write_anew(
        self, file: str, staying: Sequence[RecordRef], strays: Sequence[RecordRef]
    ) -> tuple[int, list[RecordRef]]:
        named = _RUN.match(file)
        if named is None:
            raise ValueError(f"{file} is no file of the archive")
        day = file.partition("/")[0]
        name = f"{named['stem']}-p{int(named['times'] or 0) + 1}.warc.gz"
        moved, stays = [], {ref.id for ref in staying}
        with self.archive.replacing(f"{day}/{name}") as new:
            new.write(first_record(name, f"what was kept of {file}", self.now))
            for ref in sorted((*staying, *strays), key=lambda ref: ref.offset):
                if ref.id in stays:
                    moved.append(attrs.evolve(ref, file=f"{day}/{name}", offset=new.tell()))
                new.write(self.archive.read(ref.file, ref.offset, ref.length))
            size = new.tell()
        return size, moved

    def _mark(self, going: Sequence[RecordRef], moved: Sequence[RecordRef]) -> None:
        """Note in one transaction what is pruned and what has moved."""
        if self.dry_run:
            return

        def write(connection: Connection) -> None:
            if going:
                connection.execute(_PRUNE, [{"of": ref.id, "at": self.now} for ref in going])
            if moved:
                connection.execute(
                    _MOVE, [{"of": ref.id, "to": ref.file, "begin": ref.offset} for ref in moved]
                )

        if going or moved:
            transact(self.engine, write)

    def _expired(self, ref: RecordRef) -> bool:
        if ref.id in self.current:
            return False
        limit = self.limits.page if ref.id in self.read else self.limits.other
        return limit is not None and ref.fetched_at < limit

    def _kind(self, ref: RecordRef) -> str:
        if ref.kind != "article":
            return "lists" if ref.kind == "list" else ref.kind
        return "pages of articles" if ref.id in self.read else "other pages"


def _named(connection: Connection, *, current: bool) -> frozenset[str]:
    """Return the records that revisions were read from: the current ones only, or all."""
    query = select(revisions.c.record_ids)
    if current:
        query = query.join_from(revisions, articles, _IS_CURRENT)
    return frozenset(name for names in connection.execute(query).scalars().yield_per(500) for name in names)


def _ref(row: Any) -> RecordRef:  # noqa: ANN401 a row as a mapping
    return RecordRef(**{field.name: row[field.name] for field in attrs.fields(RecordRef)})


_IS_CURRENT = and_(articles.c.id == revisions.c.article_id, articles.c.current == revisions.c.number)
_OLDEST = (
    select(records.c.file, func.min(records.c.fetched_at))
    .where(records.c.pruned_at.is_(None))
    .group_by(records.c.file)
)
_THERE = (
    select(records)
    .where(records.c.file == bindparam("file"), records.c.pruned_at.is_(None))
    .order_by(records.c.offset)
)
_KNOWN = select(records.c.id).where(records.c.id.in_(bindparam("names", expanding=True)))
_PRUNE = update(records).where(records.c.id == bindparam("of")).values(pruned_at=bindparam("at"))
_MOVE = (
    update(records)
    .where(records.c.id == bindparam("of"))
    .values(file=bindparam("to"), offset=bindparam("begin"))
)
