"""One narrow row an article, for what lists, filters and counts articles: it holds no text of a page.

`enter` keeps it with the full-text index, in the transaction that writes the revision.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, bindparam, func, or_, select

from crawler.dates import WIB
from crawler.items import Article, Instant
from crawler.storage.columns import instant_columns, read_instant, storable
from crawler.storage.database import upsert
from crawler.storage.schema import articles, revisions
from crawler.storage.schema_analysis import catalogue
from crawler.storage.search import index_article

_BATCH: Final = 1_000
_BYLINE: Final = 400
"""Characters that are kept of the folded names: what is searched for a name, not what is shown."""


def enter(  # noqa: PLR0913 what one revision is
    connection: Connection,
    article_id: int,
    article: Article,
    number: int,
    first_seen_at: datetime,
    *,
    edited: bool,
) -> None:
    """Enter the article's *number*-th revision as its current one, in the full-text index too.

    *edited* says that the outlet made the revision, not the rules by which its page is read.
    """
    index_article(connection, article_id, article.headline, article.body, new=number == 1)
    published = article.published_at
    values: dict[str, Any] = {
        "article_id": article_id,
        "outlet": article.outlet,
        "day": printed_day(published),
        "sorted_at": first_seen_at if published is None else published.at,
        "first_seen_at": first_seen_at,
        "revised": number > 1 and edited,
        "partial": article.partial,
        "generic": article.body_from == "generic",
        "byline": folded(article.byline),
    }
    statement = upsert(connection, catalogue).values({name: bindparam(name) for name in values})
    new = statement.excluded
    changed: dict[str, Any] = {
        name: new[name] for name in ("day", "sorted_at", "partial", "generic", "byline")
    }
    # Once edited by its outlet, always: later revisions do not take that back.
    changed["revised"] = or_(catalogue.c.revised, new.revised)
    connection.execute(
        statement.on_conflict_do_update(index_elements=[catalogue.c.article_id], set_=changed), values
    )


def printed_day(published: Instant | None) -> str | None:
    """Return the day of publication as ISO text: the printed one where no time was, else that in WIB."""
    if published is None:
        return None
    at = published.at if published.precision == "day" else published.at.astimezone(WIB)
    return at.date().isoformat()


def folded(names: Iterable[str]) -> str:
    """Return names as they are looked for: in lower case, white space folded, one a line."""
    return "\n".join(" ".join(storable(name).casefold().split()) for name in names)[:_BYLINE]


def catalogue_all(connection: Connection) -> None:
    """Enter every article's current revision: an older version of pantau kept no catalogue."""
    after = 0
    while rows := connection.execute(_CURRENT, {"after": after}).all():
        connection.execute(catalogue.insert(), [_values(row) for row in rows])
        after = rows[-1].id


def astray(connection: Connection) -> Iterator[str]:
    """Yield, for each article whose row is missing or not as its current revision is, which one it is."""
    after = 0
    while rows := connection.execute(_CURRENT, {"after": after}).all():
        after = rows[-1].id
        there = catalogue.c.article_id.between(rows[0].id, after)
        kept = {row.article_id: row for row in connection.execute(select(catalogue).where(there))}
        for row in rows:
            if row.id not in kept:
                yield f"article {row.id} is not in the catalogue"
            elif dict(kept[row.id]._mapping) != _values(row):  # noqa: SLF001 SQLAlchemy's name for a row as a mapping
                yield f"article {row.id} is in the catalogue otherwise than it is"


def _values(row: Row[Any]) -> dict[str, Any]:
    return {
        "article_id": row.id,
        "outlet": row.outlet,
        "day": printed_day(read_instant(row)),
        "sorted_at": row.published_at or row.first_seen_at,
        "first_seen_at": row.first_seen_at,
        "revised": row.edits > 0,
        "partial": row.partial,
        "generic": row.body_from == "generic",
        "byline": folded(row.byline),
    }


_IS_CURRENT = and_(revisions.c.article_id == articles.c.id, revisions.c.number == articles.c.current)
_EDITS = (
    select(func.count())
    .select_from(others := revisions.alias())
    .where(others.c.article_id == articles.c.id, others.c.number > 1, others.c.cause != "rules")
    .scalar_subquery()
)
_CURRENT = (
    select(
        articles.c.id, articles.c.outlet, articles.c.first_seen_at, _EDITS.label("edits"),
        *(revisions.c[name] for name in ("partial", "body_from", "byline")),
        *(revisions.c[column.name] for column in instant_columns()),
    )
    .join_from(articles, revisions, _IS_CURRENT)
    .where(articles.c.id > bindparam("after"))
    .order_by(articles.c.id)
    .limit(_BATCH)
)  # fmt: skip
