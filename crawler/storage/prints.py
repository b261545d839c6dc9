"""Writes the prints of articles' texts, the pairs that share text, and the stories made of them."""

import sys
from array import array
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

import attrs
from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select

from crawler.items import Removed
from crawler.storage.database import upsert
from crawler.storage.schema import articles, revisions
from crawler.storage.schema_analysis import copies, prints, stories, story_members
from crawler.text.similarity import Print

T = TypeVar("T")

_LOCK: Final = 0x73746F7279  # "story"; only the number counts
_MANY: Final = 500  # numbers in one query


@attrs.frozen(kw_only=True)
class Read:
    """The present text of an article, and what it says of whose it is."""

    id: int
    revision: int
    outlet: str
    key: str
    at: datetime
    headline: str
    standfirst: str | None
    dateline: str | None
    source: str | None
    byline: tuple[str, ...]
    body: tuple[str, ...]
    captions: tuple[str, ...]
    removed: tuple[Removed, ...]
    page_text: str


@attrs.frozen(kw_only=True)
class Kept:
    """The print of an article's text as it is kept."""

    article_id: int
    revision: int
    at: datetime
    story_id: str
    made: Print
    agencies: tuple[str, ...]
    pictures: tuple[str, ...]


@attrs.frozen
class Pair:
    """Two articles that share text, the lower number first; shares of words, as in `similarity.Likeness`."""

    low_id: int
    high_id: int
    low_share: float
    high_share: float
    low_own: float
    high_own: float


def hold(connection: Connection) -> None:
    """Make sure that nobody else changes stories before this transaction ends."""
    if connection.dialect.name == "postgresql":  # on SQLite whoever writes is alone
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def pending(connection: Connection, version: str) -> list[int]:
    """Return the articles whose present text has no print of that version, by the time of publication."""
    at = func.coalesce(revisions.c.published_at, articles.c.first_seen_at)
    query = select(articles.c.id).join_from(articles, revisions, _CURRENT).outerjoin(prints, _HAS_PRINT)
    return list(connection.execute(query.where(_is_pending(version)).order_by(at, articles.c.id)).scalars())


def texts(connection: Connection, ids: Sequence[int]) -> Iterator[Read]:
    """Yield the present texts of articles."""
    for some in _parts(ids):
        for row in connection.execute(_TEXTS.where(articles.c.id.in_(some))):
            yield Read(
                id=row.id,
                revision=row.number,
                outlet=row.outlet,
                key=row.key,
                at=row.published_at or row.first_seen_at,
                headline=row.headline,
                standfirst=row.standfirst,
                dateline=row.dateline,
                source=row.source,
                byline=tuple(row.byline),
                body=tuple(row.body),
                captions=tuple(row.captions),
                removed=tuple(Removed(*each) for each in row.removed),
                page_text=row.page_text,
            )


def still_pending(connection: Connection, made: Sequence[Kept], version: str) -> list[Kept]:
    """Return those of *made* that are of the present text and that nobody else has kept meanwhile."""
    current: dict[int, int] = {}
    query = (
        select(articles.c.id, articles.c.current).outerjoin(prints, _HAS_PRINT).where(_is_pending(version))
    )
    for some in _parts([each.article_id for each in made]):
        current |= dict(connection.execute(query.where(articles.c.id.in_(some))).all())
    return [each for each in made if current.get(each.article_id) == each.revision]


def keep(connection: Connection, made: Sequence[Kept], version: str) -> None:
    """Keep prints, each in place of what was known of its article."""
    if not made:
        return
    put = upsert(connection, prints)
    changed = {column.name: put.excluded[column.name] for column in prints.c if column.name != "article_id"}
    put = put.on_conflict_do_update(index_elements=["article_id"], set_=changed)
    connection.execute(
        put,
        [
            {
                "article_id": each.article_id,
                "revision": each.revision,
                "version": version,
                "at": each.at,
                "story_id": each.story_id,
                "minhash": _bytes(each.made.minhash),
                "shingles": _bytes(each.made.shingles),
                "quoted": _bytes(each.made.quoted),
                "slots": _bytes(each.made.slots),
                "agencies": list(each.agencies),
                "pictures": list(each.pictures),
            }
            for each in made
        ],
    )


def signatures(
    connection: Connection, since: datetime, until: datetime
) -> Iterator["tuple[int, datetime, array[int]]"]:
    """Yield number, time and signature of all articles of these times, ends included."""
    query = select(prints.c.article_id, prints.c.at, prints.c.minhash).where(
        prints.c.at.between(since, until)
    )
    for article_id, at, minhash in connection.execute(query):
        yield article_id, at, _array(minhash)


def load(connection: Connection, ids: Collection[int]) -> Iterator[tuple[int, Print]]:
    """Yield the prints of articles."""
    for some in _parts(sorted(ids)):
        for row in connection.execute(_PRINTS.where(prints.c.article_id.in_(some))):
            yield (
                row.article_id,
                Print(_array(row.minhash), _array(row.shingles), _array(row.quoted), _array(row.slots)),
            )


def forget_pairs(connection: Connection, ids: Sequence[int]) -> set[int]:
    """Take away all pairs of these articles, and return with whom they were."""
    met: set[int] = set()
    for some in _parts(ids):
        mine = or_(copies.c.low_id.in_(some), copies.c.high_id.in_(some))
        for low, high in connection.execute(select(copies.c.low_id, copies.c.high_id).where(mine)):
            met |= {low, high}
        connection.execute(delete(copies).where(mine))
    return met


def keep_pairs(connection: Connection, pairs: Sequence[Pair]) -> None:
    """Keep new pairs."""
    if pairs:
        connection.execute(copies.insert(), [attrs.asdict(pair) for pair in pairs])


def pairs_around(connection: Connection, ids: Collection[int]) -> tuple[set[int], list[Pair]]:
    """Return all articles that are linked with these, over any number of pairs, and those pairs."""
    known, found = set(ids), dict[tuple[int, int], Pair]()
    new = known
    while new:
        met: set[int] = set()
        for some in _parts(sorted(new)):
            for column in (copies.c.low_id, copies.c.high_id):
                for row in connection.execute(select(copies).where(column.in_(some))):
                    found[row.low_id, row.high_id] = Pair(*row)
                    met |= {row.low_id, row.high_id}
        new = met - known
        known |= new
    return known, list(found.values())


def facts(connection: Connection, ids: Collection[int]) -> Iterator[Any]:
    """Yield what grouping needs of each article: a row of `_FACTS`."""
    for some in _parts(sorted(ids)):
        yield from connection.execute(_FACTS.where(articles.c.id.in_(some))).all()


def replace_stories(
    connection: Connection,
    ids: Collection[int],
    new_stories: Sequence[Mapping[str, Any]],
    new_members: Sequence[Mapping[str, Any]],
) -> None:
    """Put stories in place of all those that have one of these articles."""
    former: set[str] = set()
    for some in _parts(sorted(ids)):
        query = select(story_members.c.story_id).where(story_members.c.article_id.in_(some))
        former |= set(connection.execute(query).scalars())
    for part in _parts(sorted(former)):
        connection.execute(delete(story_members).where(story_members.c.story_id.in_(part)))
        connection.execute(delete(stories).where(stories.c.id.in_(part)))
    if new_stories:
        connection.execute(stories.insert(), new_stories)
        connection.execute(story_members.insert(), new_members)


def _parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    return (values[start : start + _MANY] for start in range(0, len(values), _MANY))


def _is_pending(version: str) -> ColumnElement[bool]:
    return or_(
        prints.c.article_id.is_(None), prints.c.revision != articles.c.current, prints.c.version != version
    )


def _bytes(numbers: "array[int]") -> bytes:
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers.tobytes()


def _array(kept: bytes) -> "array[int]":
    numbers = array("I", kept)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


_CURRENT = and_(revisions.c.article_id == articles.c.id, revisions.c.number == articles.c.current)
_HAS_PRINT = prints.c.article_id == articles.c.id
_TEXTS: Final = select(
    articles.c.id,
    articles.c.outlet,
    articles.c.key,
    articles.c.first_seen_at,
    revisions.c.number,
    revisions.c.published_at,
    revisions.c.headline,
    revisions.c.standfirst,
    revisions.c.dateline,
    revisions.c.source,
    revisions.c.byline,
    revisions.c.body,
    revisions.c.captions,
    revisions.c.removed,
    revisions.c.page_text,
).join_from(articles, revisions, _CURRENT)
_PRINTS: Final = select(
    prints.c.article_id, prints.c.minhash, prints.c.shingles, prints.c.quoted, prints.c.slots
)
_FACTS: Final = (
    select(
        articles.c.id,
        articles.c.key,
        articles.c.outlet,
        revisions.c.headline,
        revisions.c.published_at,
        revisions.c.published_precision,
        prints.c.agencies,
        prints.c.story_id,
    )
    .join_from(articles, revisions, _CURRENT)
    .join(prints, _HAS_PRINT)
)
