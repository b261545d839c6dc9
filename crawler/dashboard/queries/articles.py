"""Lists the stored articles that a selection asks for, a page at a time, and counts them by facet.

A page begins behind the last article of the one before (keyset), so that the thousandth costs as little as
the first and none is shown twice when articles come in meanwhile.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import attrs
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Engine,
    Row,
    Select,
    Text,
    and_,
    cast,
    func,
    literal,
    select,
    tuple_,
    union_all,
)

from crawler.dashboard.queries.selection import NONE, Selection
from crawler.items import Instant
from crawler.storage.catalogue import folded
from crawler.storage.columns import read_instant
from crawler.storage.database import read, reading
from crawler.storage.schema import articles, revisions
from crawler.storage.schema_analysis import catalogue, stories, story_members, verdicts
from crawler.storage.search import closeness, matching, parse_terms, snippets

PAGE: Final = 25
_IDS: Final = 2**31  # of the column
_NO_PLACE: Final = "this is no place in the list; begin at its start"
RANKED: Final = 3_000
"""So many of the newest articles that match are put in order by how well they do; more would take long."""

SHOWN_STORIES: Final = 8
Condition = ColumnElement[bool]


@attrs.frozen(kw_only=True)
class Listed:
    """An article in a list. `snippet` is stretches of its text, each with whether it was searched for.

    `topics` are those that it is on now, `teaser` the start of its text.
    """

    id: int
    outlet: str
    url: str
    headline: str
    published: Instant | None
    first_seen_at: datetime
    byline: tuple[str, ...]
    revised: bool
    partial: bool
    generic: bool
    gone: str | None
    teaser: str
    topics: tuple[str, ...]
    snippet: tuple[tuple[str, bool], ...]


@attrs.frozen(kw_only=True)
class Listing:
    """One page of a list; `after` asks for the next one, None where this is the last.

    `ranked` is how many articles were put in order by how well they match, None where that is not the order.
    """

    rows: tuple[Listed, ...]
    after: str | None
    ranked: int | None = None


@attrs.frozen(kw_only=True)
class Facets:
    """How many articles a selection has, and how many it would have with another value of one filter.

    Each maps values to numbers: outlets by number, days in their order, topics and the largest stories by
    number. The numbers of one facet obey all other filters; `undated` and `off_topic` count what
    has no value.
    """

    total: int
    outlets: Mapping[str, int]
    days: Mapping[str, int]
    undated: int
    topics: Mapping[str, int]
    off_topic: int
    stories: Mapping[str, int]


class CursorError(ValueError):
    """A page is asked for that no list has led to."""


def list_articles(
    engine: Engine, selection: Selection, *, after: str | None = None, size: int = PAGE
) -> Listing:
    """Return the page behind *after*, the first without it.

    Raises:
        CursorError: *after* is none that a page of this order gave.
    """
    key = None if after is None else _read_cursor(after, selection)
    with reading(engine) as connection:
        query = _page(connection, selection, key).limit(size + 1)
        found = connection.execute(query).all()
        rows = found[:size]
        listed = _listed(connection, selection, [row.article_id for row in rows])
        ranked = _ranked(connection, selection) if selection.sort == "best" else None
    more = len(found) > size
    return Listing(rows=listed, after=_cursor(rows[-1]) if more else None, ranked=ranked)


def count_facets(engine: Engine, selection: Selection) -> Facets:
    """Return the numbers of a selection, all of one moment."""
    with reading(engine) as connection:
        rows = connection.execute(_facets(connection, selection)).all()
    by_facet: dict[str, dict[Any, int]] = {}
    for facet, value, number in rows:
        by_facet.setdefault(facet, {})[value] = number
    days = by_facet.get("day", {})
    undated = days.pop(None, 0)
    topics = by_facet.get("topic", {})
    off_topic = topics.pop(None, 0)
    return Facets(
        total=by_facet["total"][None],
        outlets=_by_number(by_facet.get("outlet", {})),
        days=dict(sorted(days.items())),
        undated=undated,
        topics=_by_number(topics),
        off_topic=off_topic,
        stories=_by_number(by_facet.get("story", {})),
    )


def months(days: Mapping[str, int]) -> dict[str, int]:
    """Return numbers by day as numbers by month (`2026-03`), in order."""
    found: dict[str, int] = {}
    for day, number in days.items():
        found[day[:7]] = found.get(day[:7], 0) + number
    return found


def _by_number(values: Mapping[Any, int]) -> dict[Any, int]:
    return dict(sorted(values.items(), key=lambda item: (-item[1], item[0])))


# --- Which articles


def _common(connection: Connection, selection: Selection) -> list[Condition]:
    """Return the conditions that no facet offers to change."""
    where: list[Condition] = []
    if selection.words:
        where.append(catalogue.c.article_id.in_(matching(connection, parse_terms(selection.words))))
    for flag in selection.flags:
        if flag == "gone":
            where.append(
                catalogue.c.article_id.in_(select(articles.c.id).where(articles.c.gone.is_not(None)))
            )
        else:
            where.append(catalogue.c[flag].is_(True))
    names = folded([selection.byline]).split()
    where += [catalogue.c.byline.contains(name, autoescape=True) for name in names]
    return where


def _faceted(selection: Selection, source: Any) -> dict[str, Condition]:  # noqa: ANN401 a table or a CTE
    """Return the conditions on *source*, by the facet that changes them."""
    found: dict[str, Condition] = {}
    if selection.outlets:
        found["outlet"] = source.c.outlet.in_(selection.outlets)
    window = []
    if selection.undated:
        window.append(source.c.day.is_(None))
    if selection.since:
        window.append(source.c.day >= selection.since.isoformat())
    if selection.until:
        window.append(source.c.day <= selection.until.isoformat())
    if window:
        found["day"] = and_(*window)
    on_topic = select(verdicts.c.article_id).where(verdicts.c.on_topic)
    if selection.topic == NONE:
        found["topic"] = source.c.article_id.not_in(on_topic)
    elif selection.topic:
        found["topic"] = source.c.article_id.in_(on_topic.where(verdicts.c.topic == selection.topic))
    member = select(story_members.c.article_id)
    if selection.story == NONE:
        found["story"] = source.c.article_id.not_in(member)
    elif selection.story:
        found["story"] = source.c.article_id.in_(member.where(story_members.c.story_id == selection.story))
    return found


def _page(connection: Connection, selection: Selection, key: Sequence[Any] | None) -> Select[Any]:
    where = [*_common(connection, selection), *_faceted(selection, catalogue).values()]
    table = catalogue.c
    if selection.sort == "best":
        newest = (
            select(table.article_id).where(*where).order_by(table.sorted_at.desc(), table.article_id.desc())
        ).limit(RANKED)
        close = closeness(connection, parse_terms(selection.words), newest).subquery()
        query = select(close.c.rowid.label("article_id"), close.c.closeness.label("key"))
        place, number = close.c.closeness, close.c.rowid
        query = query.order_by(place.desc(), number.desc())
    else:
        column = table.first_seen_at if selection.sort == "found" else table.sorted_at
        query = select(table.article_id, column.label("key")).where(*where)
        place, number = column, table.article_id
        if selection.sort == "oldest":
            query = query.order_by(place, number)
        else:
            query = query.order_by(place.desc(), number.desc())
    if key is None:
        return query
    here, there = tuple_(place, number), tuple_(literal(key[0], place.type), literal(key[1], number.type))
    return query.where(here > there if selection.sort == "oldest" else here < there)


def _ranked(connection: Connection, selection: Selection) -> int:
    where = [*_common(connection, selection), *_faceted(selection, catalogue).values()]
    some = select(catalogue.c.article_id).where(*where).limit(RANKED + 1).subquery()
    return min(connection.execute(select(func.count()).select_from(some)).scalar_one(), RANKED)


# --- Facets


def _facets(connection: Connection, selection: Selection) -> CompoundSelect[Any]:
    """Return one statement for all facets: the articles are looked for once, and counted in several ways."""
    base: Any = catalogue
    if common := _common(connection, selection):
        columns = (catalogue.c.article_id, catalogue.c.outlet, catalogue.c.day)
        base = select(*columns).where(*common).cte("base").prefix_with("MATERIALIZED")
    conditions = _faceted(selection, base)

    def counted(facet: str, value: Any, *more: Condition) -> Select[Any]:  # noqa: ANN401 an SQL expression
        others = [condition for name, condition in conditions.items() if name != facet]
        columns: list[Any] = [literal(facet).label("facet"), cast(value, Text).label("value"), func.count()]
        return select(*columns).where(*others, *more)

    on_topic = and_(verdicts.c.article_id == base.c.article_id, verdicts.c.on_topic)
    judged = counted("topic", verdicts.c.topic).select_from(base.join(verdicts, on_topic))
    without = base.c.article_id.not_in(select(verdicts.c.article_id).where(verdicts.c.on_topic))
    member = story_members.c.article_id == base.c.article_id
    told = counted("story", story_members.c.story_id).select_from(base.join(story_members, member))
    largest = told.group_by(story_members.c.story_id).order_by(func.count().desc()).limit(SHOWN_STORIES)
    parts = [
        counted("total", None).select_from(base),
        counted("outlet", base.c.outlet).group_by(base.c.outlet),
        counted("day", base.c.day).group_by(base.c.day),
        judged.group_by(verdicts.c.topic),
        counted("topic", None, without).select_from(base),
        select(*largest.subquery().c),
    ]
    return union_all(*parts)


# --- What is shown of them


def _listed(connection: Connection, selection: Selection, ids: Sequence[int]) -> tuple[Listed, ...]:
    """Return what a list shows of the articles of *ids*, in that order."""
    if not ids:
        return ()
    of_current = and_(revisions.c.article_id == articles.c.id, revisions.c.number == articles.c.current)
    query = (
        select(
            articles.c.id, articles.c.outlet, articles.c.canonical_url, articles.c.gone,
            *(revisions.c[name] for name in _SHOWN), *(catalogue.c[name] for name in _NARROW),
        )
        .join_from(articles, revisions, of_current)
        .join(catalogue, catalogue.c.article_id == articles.c.id)
        .where(articles.c.id.in_(ids))
    )  # fmt: skip
    rows = {row.id: row for row in connection.execute(query)}
    on = select(verdicts.c.article_id, verdicts.c.topic).where(
        verdicts.c.article_id.in_(ids), verdicts.c.on_topic
    )
    topics: dict[int, list[str]] = {}
    for article_id, topic in connection.execute(on.order_by(verdicts.c.topic)):
        topics.setdefault(article_id, []).append(topic)
    found = snippets(connection, parse_terms(selection.words), ids) if selection.words else {}
    return tuple(
        _one(rows[each], tuple(topics.get(each, ())), found.get(each, ())) for each in ids if each in rows
    )


def _one(row: Row[Any], topics: tuple[str, ...], snippet: tuple[tuple[str, bool], ...]) -> Listed:
    return Listed(
        id=row.id,
        outlet=row.outlet,
        url=row.canonical_url,
        headline=row.headline,
        published=read_instant(row),
        first_seen_at=row.first_seen_at,
        byline=tuple(row.byline),
        revised=row.revised,
        partial=row.partial,
        generic=row.generic,
        gone=row.gone,
        teaser=row.body[0] if row.body else "",
        topics=topics,
        snippet=snippet,
    )


_SHOWN: Final = (
    "headline", "body", "byline",
    "published_at", "published_offset_min", "published_precision", "published_zone_assumed",
)  # fmt: skip
_NARROW: Final = ("first_seen_at", "revised", "partial", "generic")


# --- Places in a list


def _cursor(row: Row[Any]) -> str:
    key = row.key.isoformat() if isinstance(row.key, datetime) else row.key
    return json.dumps([key, row.article_id], separators=(",", ":"))


def _read_cursor(text: str, selection: Selection) -> tuple[Any, int]:
    try:
        key, number = json.loads(text)
        place: Any = float(key) if selection.sort == "best" else datetime.fromisoformat(key)
    except (ValueError, TypeError, RecursionError, OverflowError) as error:
        raise CursorError(_NO_PLACE) from error
    if type(number) is not int or not 0 <= number < _IDS or getattr(place, "tzinfo", UTC) is None:
        raise CursorError(_NO_PLACE)
    return place, number


def story_headlines(engine: Engine, ids: Iterable[str]) -> dict[str, str]:
    """Return what stories are called, by their number."""
    wanted = [each for each in ids if each and each != NONE]
    if not wanted:
        return {}
    query = select(stories.c.id, stories.c.headline).where(stories.c.id.in_(wanted))
    return {row.id: row.headline for row in read(engine, lambda connection: connection.execute(query).all())}
