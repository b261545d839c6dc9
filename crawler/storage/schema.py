"""The tables, once, for SQLite and PostgreSQL. `migrations/` builds them; a test compares the two.

Texts from outside are `Words`, times `UtcDateTime`, lists and mappings `Json`. No index covers an address
itself, since PostgreSQL refuses entries beyond some 2,700 bytes: addresses are found by their key.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from crawler.storage.columns import Json, UtcDateTime, Words, instant_columns

HEAD: Final = "0001"
"""Revision of the newest migration: the schema that this pantau reads and writes."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("outlet", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", UtcDateTime),
    Column("until", UtcDateTime),
    Column("article_limit", Integer),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("process", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("heartbeat_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("verdict", Text),
    Column("why", Json, nullable=False),
    Column("counts", Json, nullable=False),
    Column("learned", Integer, nullable=False),
    Column("requests", BigInteger, nullable=False),
    Column("bytes_received", BigInteger, nullable=False),
    Column("fetching_s", Float, nullable=False),
    sqlite_autoincrement=True,
)
# The lock of an outlet: at most one run of it is open.
Index(
    "uq_runs_open",
    runs.c.outlet,
    unique=True,
    sqlite_where=text("ended_at IS NULL"),
    postgresql_where=text("ended_at IS NULL"),
)
Index("ix_runs_outlet", runs.c.outlet, runs.c.id)

articles = Table(
    "articles",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("outlet", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("canonical_url", Words, nullable=False),
    Column("current", Integer, nullable=False),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("gone", Text),
    Column("gone_at", UtcDateTime),
    UniqueConstraint("outlet", "key"),
    sqlite_autoincrement=True,
)

urls = Table(
    "urls",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("outlet", Text, nullable=False),
    Column("url", Words, nullable=False),
    Column("key", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("headline", Words),
    *instant_columns(),
    Column("attempts", Integer, nullable=False),
    Column("next_try_at", UtcDateTime),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("first_run_id", ForeignKey(runs.c.id), nullable=False),
    Column("last_run_id", ForeignKey(runs.c.id), nullable=False),
    Column("article_id", ForeignKey(articles.c.id)),
    UniqueConstraint("outlet", "key"),
    sqlite_autoincrement=True,
)
Index("ix_urls_state", urls.c.outlet, urls.c.state)
Index("ix_urls_article", urls.c.article_id)
Index("ix_urls_first_run", urls.c.first_run_id)

sightings = Table(
    "sightings",
    metadata,
    Column("url_id", ForeignKey(urls.c.id), primary_key=True),
    Column("source", Text, primary_key=True),
    Column("list_url", Words, nullable=False),
    Column("run_id", ForeignKey(runs.c.id), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("headline", Words),
    Column("published_at", UtcDateTime),
)

visits = Table(
    "visits",
    metadata,
    Column("run_id", ForeignKey(runs.c.id), primary_key=True),
    Column("url_id", ForeignKey(urls.c.id), primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("reason", Text),
    Column("at", UtcDateTime, nullable=False),
    Column("detail", Json),
    Column("record_ids", Json),
)
Index("ix_visits_url", visits.c.url_id)

records = Table(
    "records",
    metadata,
    Column("id", Text, primary_key=True),
    Column("run_id", ForeignKey(runs.c.id), nullable=False),
    Column("kind", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("url", Words, nullable=False),
    Column("status", Integer, nullable=False),
    Column("content_type", Words),
    Column("fetched_at", UtcDateTime, nullable=False),
)
Index("ix_records_run", records.c.run_id)

revisions = Table(
    "revisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("article_id", ForeignKey(articles.c.id), nullable=False),
    Column("number", Integer, nullable=False),
    Column("run_id", ForeignKey(runs.c.id), nullable=False),
    Column("url_id", ForeignKey(urls.c.id), nullable=False),
    Column("url", Words, nullable=False),
    Column("fetched_at", UtcDateTime, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("body_hash", Text, nullable=False),
    Column("headline", Words, nullable=False),
    Column("standfirst", Words),
    *instant_columns(),
    Column("byline", Json, nullable=False),
    Column("editors", Json, nullable=False),
    Column("dateline", Words),
    Column("source", Words),
    Column("body", Json, nullable=False),
    Column("captions", Json, nullable=False),
    Column("tags", Json, nullable=False),
    Column("page_text", Words, nullable=False),
    Column("removed", Json, nullable=False),
    Column("witnesses", Json, nullable=False),
    Column("body_from", Text, nullable=False),
    Column("partial", Boolean, nullable=False),
    Column("topic", Text),
    Column("on_topic", Boolean),
    Column("score", Float),
    Column("verdict_reason", Words),
    Column("evidence", Json),
    Column("record_ids", Json, nullable=False),
    UniqueConstraint("article_id", "number"),
)
Index("ix_revisions_body", revisions.c.body_hash)
Index("ix_revisions_published", revisions.c.published_at)

sources = Table(
    "sources",
    metadata,
    Column("outlet", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("honest", Boolean),
    Column("verified_at", UtcDateTime),
    Column("etag", Words),
    Column("last_modified", Words),
    Column("polled_at", UtcDateTime),
)

robots = Table(
    "robots",
    metadata,
    Column("host", Text, primary_key=True),
    Column("status", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("fetched_at", UtcDateTime, nullable=False),
)
