"""Full-text search over the current revision of every article: FTS5 on SQLite, tsvector on PostgreSQL.

Both see the same words: runs of letters and digits, in lower case, without diacritics.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import attrs
from sqlalchemy import (
    Connection,
    Double,
    Engine,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import REGCONFIG

from crawler.errors import StoreError
from crawler.storage.columns import Words, storable
from crawler.storage.database import reading
from crawler.storage.schema import articles, revisions

MAX_TERMS: Final = 32
_MAX_QUERY: Final = 1_000
# PostgreSQL holds at most 1 MB of words of one text; an article of the press stays far below.
_INDEXED: Final = 200_000
_INDEXED_AT_ONCE: Final = 100
_SNIPPET_WORDS: Final = 24
_HEADLINE_WEIGHT: Final = 5.0

_WORD = re.compile(r"[^\W_]+")
_MARKED_ASCII = re.compile("([A-Za-z])[\u0300-\u036f]+")
_TERM = re.compile(r'"([^"]*)"|([^"\s]+)')
# Private-use characters mark the hits inside the databases: they need no quoting, and no text has them.
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARKS = str.maketrans("", "", _OPEN + _CLOSE)

# `rowid` is the article's id: FTS5 names its key so. `words` is there on PostgreSQL only.
index = table("search", column("rowid"), column("headline", Words), column("body", Words), column("words"))
_simple = literal("simple", REGCONFIG)
_fts: Any = literal_column("search")


@attrs.frozen(kw_only=True)
class Hit:
    """An article that has all the words. `snippet` is stretches of text, each with whether it is a hit."""

    article_id: int
    outlet: str
    url: str
    headline: str
    published_at: datetime | None
    snippet: tuple[tuple[str, bool], ...]


def search(  # noqa: PLR0913 keyword-only filters
    engine: Engine,
    words: str,
    *,
    outlet: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 20,
) -> list[Hit]:
    """Return the articles that have every word of *words*, best first; `"…"` asks for words in a row.

    Anything but letters and digits only separates words. An article without a known date is in any window.

    Raises:
        StoreError: *words* holds no word, or too many.
    """
    terms = parse_terms(words)
    with reading(engine) as connection:
        build = _on_postgres if connection.dialect.name == "postgresql" else _on_sqlite
        query = build(terms).where(in_window(since, until)).limit(limit)
        if outlet is not None:
            query = query.where(articles.c.outlet == outlet)
        return [
            Hit(
                article_id=row.id,
                outlet=row.outlet,
                url=row.canonical_url,
                headline=row.headline,
                published_at=row.published_at,
                snippet=tuple(_stretches(row.snippet or "")),
            )
            for row in connection.execute(query)
        ]


def matching(connection: Connection, terms: Sequence[Sequence[str]]) -> Select[tuple[int]]:
    """Return the statement whose one column is the ids of the articles that have all *terms*."""
    if connection.dialect.name == "postgresql":
        return select(index.c.rowid).where(index.c.words.op("@@")(_wanted(terms)))
    return select(index.c.rowid).where(_fts.op("MATCH")(_phrases(terms)))


def closeness(
    connection: Connection, terms: Sequence[Sequence[str]], among: Select[tuple[int]]
) -> Select[Any]:
    """Return the statement of `rowid` and `closeness` (more is better) of those in *among* that match."""
    if connection.dialect.name == "postgresql":
        wanted = _wanted(terms)
        rank: Any = cast(func.ts_rank(index.c.words, wanted), Double)
        query = select(index.c.rowid, rank.label("closeness")).where(index.c.words.op("@@")(wanted))
    else:
        rank = -func.bm25(_fts, _HEADLINE_WEIGHT, 1.0)
        query = select(index.c.rowid, rank.label("closeness")).where(_fts.op("MATCH")(_phrases(terms)))
    # The sign keeps SQLite from looking each one up by itself, which counts the words anew each time.
    return query.where(literal_column("+search.rowid", Integer).in_(among))


def snippets(
    connection: Connection, terms: Sequence[Sequence[str]], ids: Sequence[int]
) -> dict[int, tuple[tuple[str, bool], ...]]:
    """Return, for those of *ids* that match, stretches of their text, each with whether it is a hit."""
    build = _on_postgres if connection.dialect.name == "postgresql" else _on_sqlite
    found = build(terms).where(index.c.rowid.in_(ids)).order_by(None)
    return {row.id: tuple(_stretches(row.snippet or "")) for row in connection.execute(found)}


def parse_terms(words: str) -> list[list[str]]:
    """Return what is asked for as words in a row, most often one.

    Raises:
        StoreError: there is no word, or there are too many.
    """
    if len(words) > _MAX_QUERY:
        raise StoreError(f"the search is longer than {_MAX_QUERY} characters; give fewer words")
    terms = []
    for phrase, word in _TERM.findall(storable(words)):
        term = _WORD.findall(unicodedata.normalize("NFC", phrase or word))
        if term:
            terms.append(term)
    if not terms:
        raise StoreError(f"{words!r} holds no word to search for; give letters or digits")
    if len(terms) > MAX_TERMS:
        raise StoreError(f"the search has more than {MAX_TERMS} words; give fewer")
    return terms


def plain_words(text: str) -> list[str]:
    """Return the words of *text* as both databases compare them: in lower case, é as e.

    FTS5 does this by itself, and only for letters that are ASCII but for their mark; so does this.
    """
    if not text.isascii():
        text = _MARKED_ASCII.sub(r"\1", unicodedata.normalize("NFD", text))
        text = unicodedata.normalize("NFC", text)
    return _WORD.findall(text.lower())


def index_article(
    connection: Connection, article_id: int, headline: str, body: Sequence[str], *, new: bool
) -> None:
    """Enter or replace an article's text in the index, in the article's own transaction."""
    postgres = connection.dialect.name == "postgresql"
    values = _indexed(headline, body, words=postgres)
    if postgres:
        connection.execute(_INSERT_POSTGRES if new else _UPDATE_POSTGRES, {**values, "id": article_id})
    else:
        connection.execute(_INSERT_SQLITE if new else _UPDATE_SQLITE, {**values, "id": article_id})


def index_articles(connection: Connection, texts: Iterable[tuple[int, str, Sequence[str]]]) -> None:
    """Enter articles that the index does not have: number, headline and body of each."""
    postgres = connection.dialect.name == "postgresql"
    query = _INSERT_POSTGRES if postgres else _INSERT_SQLITE
    batch: list[dict[str, Any]] = []
    for article_id, headline, body in texts:
        batch.append({**_indexed(headline, body, words=postgres), "id": article_id})
        if len(batch) == _INDEXED_AT_ONCE:
            connection.execute(query, batch)
            batch = []
    if batch:
        connection.execute(query, batch)


def _indexed(headline: str, body: Sequence[str], *, words: bool) -> dict[str, str]:
    title, text = indexed_text(headline, body)
    values = {"headline": title, "body": text}
    if words:
        values |= {
            "headline_words": " ".join(plain_words(title)),
            "body_words": " ".join(plain_words(text)),
        }
    return values


def indexed_text(headline: str, body: Sequence[str]) -> tuple[str, str]:
    """Return headline and text as the index holds them."""
    return storable(headline).translate(_MARKS), storable("\n".join(body)).translate(_MARKS)[:_INDEXED]


def in_window(since: datetime | None, until: datetime | None) -> Any:  # noqa: ANN401 an SQL expression
    """Return the condition that a revision appeared in the window, ends included, or at no known time."""
    bounds = []
    if since is not None:
        bounds.append(revisions.c.published_at >= since)
    if until is not None:
        bounds.append(revisions.c.published_at <= until)
    return or_(revisions.c.published_at.is_(None), and_(*bounds)) if bounds else literal_column("1=1")


_FOUND = select(
    articles.c.id, articles.c.outlet, articles.c.canonical_url, revisions.c.headline, revisions.c.published_at
)
_CURRENT = and_(revisions.c.article_id == articles.c.id, revisions.c.number == articles.c.current)


def _on_sqlite(terms: Sequence[Sequence[str]]) -> Select[Any]:
    return (
        _FOUND.add_columns(func.snippet(_fts, -1, _OPEN, _CLOSE, "…", _SNIPPET_WORDS).label("snippet"))
        .join_from(index, articles, articles.c.id == index.c.rowid)
        .join(revisions, _CURRENT)
        .where(_fts.op("MATCH")(_phrases(terms)))
        .order_by(func.bm25(_fts, _HEADLINE_WEIGHT, 1.0), articles.c.id.desc())
    )


def _on_postgres(terms: Sequence[Sequence[str]]) -> Select[Any]:
    wanted = _wanted(terms)
    options = (
        f"StartSel={_OPEN}, StopSel={_CLOSE}, MaxFragments=1, FragmentDelimiter=…, "
        f"MaxWords={_SNIPPET_WORDS}, MinWords={_SNIPPET_WORDS // 2}"
    )
    return (
        _FOUND.add_columns(func.ts_headline(_simple, index.c.body, wanted, options).label("snippet"))
        .join_from(index, articles, articles.c.id == index.c.rowid)
        .join(revisions, _CURRENT)
        .where(index.c.words.op("@@")(wanted))
        .order_by(func.ts_rank(index.c.words, wanted).desc(), articles.c.id.desc())
    )


def _phrases(terms: Sequence[Sequence[str]]) -> str:
    """Return *terms* as FTS5 reads them."""
    return " ".join(f'"{" ".join(term)}"' for term in terms)


def _wanted(terms: Sequence[Sequence[str]]) -> Any:  # noqa: ANN401 an SQL expression
    """Return *terms* as PostgreSQL reads them."""
    wanted: Any = None
    for term in terms:
        phrase = func.phraseto_tsquery(_simple, " ".join(plain_words(" ".join(term))))
        wanted = phrase if wanted is None else wanted.op("&&")(phrase)
    return wanted


def _stretches(marked: str) -> Iterator[tuple[str, bool]]:
    for position, part in enumerate(marked.split(_OPEN)):
        hit, closed, rest = part.partition(_CLOSE)
        if not position or not closed:
            hit, rest = "", part
        if hit:
            yield hit, True
        if rest:
            yield rest, False


_words = func.setweight(
    func.to_tsvector(_simple, bindparam("headline_words", type_=Text)), literal_column("'A'")
).op("||")(func.to_tsvector(_simple, bindparam("body_words", type_=Text)))
_INSERT_SQLITE = index.insert().values(
    rowid=bindparam("id"), headline=bindparam("headline"), body=bindparam("body")
)
_UPDATE_SQLITE = (
    index.update()
    .where(index.c.rowid == bindparam("id"))
    .values(headline=bindparam("headline"), body=bindparam("body"))
)
_INSERT_POSTGRES = _INSERT_SQLITE.values(words=_words)
_UPDATE_POSTGRES = _UPDATE_SQLITE.values(words=_words)
