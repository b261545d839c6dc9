"""The tables, once, for SQLite and PostgreSQL. `migrations/` builds them; a test compares the two.

Texts from outside are `Words`, times `UtcDateTime`, lists and mappings `Json`. No index covers an address
itself, since PostgreSQL refuses entries beyond some 2,700 bytes: addresses are found by their key.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Unicode,
    UniqueConstraint,
    false,
    text,
)

from crawler.storage.columns import Json, UtcDateTime, Words, instant_columns

HEAD: Final = "0004"
"""Revision of the newest migration: the schema that this pantau reads and writes."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)

plans = Table(
    "plans",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("outlet", Text, nullable=False),
    Column("look", Text, nullable=False),
    Column("planned_at", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("why", Words),
    Column("attempts", Integer, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("taken_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("not_before", UtcDateTime),
    # The worker that took it; NULL where the service itself did.
    Column("taken_by", Text),
    # Of a re-extraction: which part of the archive is read again.
    Column("part", Json),
    # Each due time is planned once, by however many processes.
    UniqueConstraint("outlet", "look", "planned_at"),
    sqlite_autoincrement=True,
)
Index("ix_plans_state", plans.c.state)

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
    Column("look", Text, nullable=False, server_default="crawl"),
    Column("plan_id", ForeignKey(plans.c.id)),
    Column("planned_at", UtcDateTime),
    # What was looked at of the outlet's lists: times of publication, NULL where they were not covered.
    Column("covered_since", UtcDateTime),
    Column("covered_until", UtcDateTime),
    Column("listed", Integer, nullable=False, server_default="0"),
    Column("not_modified", Integer, nullable=False, server_default="0"),
    Column("traits", Json),
    # Whether somebody named the days; without that a run reaches back to where the outlet was last covered.
    Column("asked", Boolean, nullable=False, server_default=false()),
    # How far a rehearsal's clock is ahead of the true one: the times of the run are the rehearsal's.
    Column("clock_shift_s", Double, nullable=False, server_default="0"),
    Column("log", Words),
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
Index("ix_runs_plan", runs.c.plan_id)

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
    Column("gone_looks", Integer, nullable=False, server_default="0"),
    Column("looked_at", UtcDateTime),
    Column("looks", Integer, nullable=False, server_default="0"),
    Column("due_at", UtcDateTime),
    Column("etag", Words),
    Column("last_modified", Words),
    Column("stale_etag", Words),
    Column("stale_last_modified", Words),
    UniqueConstraint("outlet", "key"),
    sqlite_autoincrement=True,
)
Index("ix_articles_due", articles.c.outlet, articles.c.due_at)

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
    # Taken out of the archive on purpose: the row stays and says so.
    Column("pruned_at", UtcDateTime),
)
Index("ix_records_run", records.c.run_id)
Index("ix_records_file", records.c.file)

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
    # Who changed it: the outlet, or the rules by which it is read.
    Column("cause", Text, nullable=False, server_default="outlet"),
    Column("ruleset", Text),
    # Over all of the row, see `crawler.storage.seals`.
    Column("seal", Text),
    # What the list said that was heard with the page; NULL where that is not known.
    Column("hint", Json),
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
    Column("polled_at", UtcDateTime),
    Column("interval_s", Float),
    Column("next_poll_at", UtcDateTime),
    # How far the walks of this source reach without a hole: times of publication.
    Column("covered_since", UtcDateTime),
    Column("covered_until", UtcDateTime),
)

lists = Table(
    "lists",
    metadata,
    Column("outlet", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("url", Words, nullable=False),
    Column("source", Text, nullable=False),
    Column("polled_at", UtcDateTime, nullable=False),
    # The last walk from it that left no hole: its run, when it was, how far back nothing is missing.
    Column("walked_run_id", ForeignKey(runs.c.id), nullable=False),
    Column("walked_at", UtcDateTime, nullable=False),
    Column("covered_since", UtcDateTime, nullable=False),
    # Whether what is new in the list would show on its first page.
    Column("telling", Boolean, nullable=False),
    Column("digest", Text),
    Column("trust", Text, nullable=False),
    Column("unasked", Integer, nullable=False),
    Column("etag", Words),
    Column("last_modified", Words),
    Column("stale_etag", Words),
    Column("stale_last_modified", Words),
)

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("article_id", ForeignKey(articles.c.id), nullable=False),
    Column("run_id", ForeignKey(runs.c.id), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", Text, nullable=False),
    Column("detail", Json),
    sqlite_autoincrement=True,
)
Index("ix_events_article", events.c.article_id)

schedules = Table(
    "schedules",
    metadata,
    Column("outlet", Text, primary_key=True),
    Column("paused_at", UtcDateTime),
    Column("paused_why", Words),
    Column("not_before", UtcDateTime),
)

schedule_jobs = Table(
    "schedule_jobs",
    metadata,
    # As APScheduler's job store has it. Nothing rests on it: it can be emptied at any time.
    Column("id", Unicode(191), primary_key=True),
    Column("next_run_time", Double),
    Column("job_state", LargeBinary, nullable=False),
)
Index("ix_schedule_jobs_next_run_time", schedule_jobs.c.next_run_time)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("token", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("process", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    # What a worker says of itself.
    Column("about", Json),
)

robots = Table(
    "robots",
    metadata,
    Column("host", Text, primary_key=True),
    Column("status", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("fetched_at", UtcDateTime, nullable=False),
)

turns = Table(
    "turns",
    metadata,
    Column("host", Text, primary_key=True),
    Column("taken_at", UtcDateTime, nullable=False),
    Column("free_at", UtcDateTime, nullable=False),
    Column("run_id", Integer, nullable=False),
)

baselines = Table(
    "baselines",
    metadata,
    # What an outlet's pages usually show, by the rules that read them, and the last good page itself.
    Column("outlet", Text, primary_key=True),
    Column("ruleset", Text, nullable=False),
    Column("run_id", ForeignKey(runs.c.id), nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("state", Json, nullable=False),
    Column("good_url", Words),
    Column("good_at", UtcDateTime),
    Column("good_page", LargeBinary),
)

alarms = Table(
    "alarms",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("outlet", Text, nullable=False),
    Column("run_id", ForeignKey(runs.c.id), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("url", Words, nullable=False),
    Column("share", Float, nullable=False),
    Column("signals", Json, nullable=False),
    Column("evidence", Words),
    Column("ruleset", Text, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("ended_why", Words),
    sqlite_autoincrement=True,
)
# At most one alarm of an outlet stands.
Index(
    "uq_alarms_standing",
    alarms.c.outlet,
    unique=True,
    sqlite_where=text("ended_at IS NULL"),
    postgresql_where=text("ended_at IS NULL"),
)
