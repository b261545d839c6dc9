"""The tables of what is made of the stored articles; like those of `schema`, built by `migrations/`.

All of it but the alerts can be made anew from the articles.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from crawler.storage.columns import Json, UtcDateTime, Words
from crawler.storage.schema import articles, metadata, runs

__all__ = [
    "alert_conditions",
    "alert_deliveries",
    "alert_entries",
    "alert_messages",
    "alert_rules",
    "catalogue",
    "copies",
    "facts",
    "metadata",
    "prints",
    "pulses",
    "stories",
    "story_members",
    "verdicts",
]

verdicts = Table(
    "verdicts",
    metadata,
    # What each topic says of an article's current revision.
    Column("article_id", ForeignKey(articles.c.id), primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("on_topic", Boolean, nullable=False),
    Column("round_up", Boolean, nullable=False, server_default=false()),
    Column("score", Float, nullable=False),
    Column("reason", Words, nullable=False),
    Column("evidence", Json, nullable=False),
    # Of the topic and the rules by which it judged; empty where they are not known.
    Column("fingerprint", Text, nullable=False),
    Column("judged_at", UtcDateTime, nullable=False),
)
Index("ix_verdicts_topic", verdicts.c.topic, verdicts.c.on_topic, verdicts.c.article_id)
Index(
    "ix_verdicts_on_topic",
    verdicts.c.article_id,
    verdicts.c.topic,
    sqlite_where=text("on_topic = 1"),
    postgresql_where=text("on_topic"),
)

prints = Table(
    "prints",
    metadata,
    # What is kept of an article's present text to find its copies, see `crawler.text.similarity.Print`.
    Column("article_id", ForeignKey(articles.c.id), primary_key=True, autoincrement=False),
    Column("revision", Integer, nullable=False),
    Column("version", Text, nullable=False),
    # When it was published; when it was first seen, where that is not known.
    Column("at", UtcDateTime, nullable=False),
    # The number of a story of which this is the earliest article, or ever was.
    Column("story_id", Text, nullable=False),
    Column("minhash", LargeBinary, nullable=False),
    Column("shingles", LargeBinary, nullable=False),
    Column("quoted", LargeBinary, nullable=False),
    Column("slots", LargeBinary, nullable=False),
    # Whose text it is, and whose pictures it shows, as it says itself.
    Column("agencies", Json, nullable=False),
    Column("pictures", Json, nullable=False),
)
Index("ix_prints_at", prints.c.at)
Index("ix_prints_story", prints.c.story_id)

copies = Table(
    "copies",
    metadata,
    # Two articles that share text, the one with the lower number first; shares of words from 0.0 to 1.0.
    Column("low_id", ForeignKey(articles.c.id), primary_key=True, autoincrement=False),
    Column("high_id", ForeignKey(articles.c.id), primary_key=True, autoincrement=False),
    Column("low_share", Float, nullable=False),
    Column("high_share", Float, nullable=False),
    Column("low_own", Float, nullable=False),
    Column("high_own", Float, nullable=False),
)
Index("ix_copies_high", copies.c.high_id)

stories = Table(
    "stories",
    metadata,
    Column("id", Text, primary_key=True),
    Column("origin_id", ForeignKey(articles.c.id), nullable=False),
    Column("headline", Words, nullable=False),
    Column("first_at", UtcDateTime),
    Column("last_at", UtcDateTime),
    Column("members", Integer, nullable=False),
    Column("outlets", Json, nullable=False),
    Column("outlet_count", Integer, nullable=False),
    Column("agencies", Json, nullable=False),
    Column("sources", Integer, nullable=False),
)
Index("ix_stories_first", stories.c.first_at)

story_members = Table(
    "story_members",
    metadata,
    Column("story_id", ForeignKey(stories.c.id), primary_key=True),
    Column("article_id", ForeignKey(articles.c.id), primary_key=True, autoincrement=False),
    Column("role", Text, nullable=False),
    Column("copied_from", ForeignKey(articles.c.id)),
    Column("share", Float, nullable=False),
    Column("lag_s", Float),
)
Index("ix_story_members_article", story_members.c.article_id)

catalogue = Table(
    "catalogue",
    metadata,
    # One narrow row an article, of its current revision, see `crawler.storage.catalogue`.
    Column("article_id", ForeignKey(articles.c.id), primary_key=True),
    Column("outlet", Text, nullable=False),
    # In ISO form: the printed day where no time was printed, else that in WIB; NULL where none is known.
    Column("day", Text),
    # When it was published, or first seen where that is not known.
    Column("sorted_at", UtcDateTime, nullable=False),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("revised", Boolean, nullable=False),
    Column("partial", Boolean, nullable=False),
    Column("generic", Boolean, nullable=False),
    Column("byline", Words, nullable=False),
)
Index("ix_catalogue_sorted", catalogue.c.sorted_at, catalogue.c.article_id)
Index("ix_catalogue_outlet", catalogue.c.outlet, catalogue.c.sorted_at, catalogue.c.article_id)
Index("ix_catalogue_day", catalogue.c.day)
Index("ix_catalogue_first_seen", catalogue.c.first_seen_at, catalogue.c.article_id)


# --- Alerts

facts = Table(
    "facts",
    metadata,
    # What somebody may want to be told of: written in the transaction that made it so.
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("article_id", ForeignKey(articles.c.id), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("run_id", ForeignKey(runs.c.id), nullable=False),
    Column("outlet", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("detail", Json, nullable=False),
    # When it was held against the rules. No cursor: numbers are not committed in their order.
    Column("decided_at", UtcDateTime),
    sqlite_autoincrement=True,
)
Index("ix_facts_decided", facts.c.decided_at, facts.c.id)
Index("ix_facts_article", facts.c.article_id)

alert_rules = Table(
    "alert_rules",
    metadata,
    Column("rule", Text, primary_key=True),
    # What was earlier is not told: a rule tells of what happens, not of the past.
    Column("since", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime),
)

alert_conditions = Table(
    "alert_conditions",
    metadata,
    # What lasts: an outlet that is ill, a schedule that stands still.
    Column("rule", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("ill", Boolean, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("told", Boolean, nullable=False),
    Column("repeats", Integer, nullable=False),
    Column("next_at", UtcDateTime),
    Column("cause", Words),
    # When it was told of lately, for the most a day.
    Column("notices", Json, nullable=False),
)

alert_messages = Table(
    "alert_messages",
    metadata,
    Column("id", Text, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("subject", Words, nullable=False),
    Column("content", Json, nullable=False),
)
Index("ix_alert_messages_rule", alert_messages.c.rule, alert_messages.c.made_at)

alert_entries = Table(
    "alert_entries",
    metadata,
    # One thing that a rule wants told, once: waiting for its message, or part of it.
    Column("id", Integer, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("ready_at", UtcDateTime, nullable=False),
    Column("detail", Json, nullable=False),
    Column("message_id", ForeignKey(alert_messages.c.id)),
    UniqueConstraint("rule", "key"),
    sqlite_autoincrement=True,
)
Index("ix_alert_entries_message", alert_entries.c.message_id)

alert_deliveries = Table(
    "alert_deliveries",
    metadata,
    # A message on its way to one channel of its rule.
    Column("id", Integer, primary_key=True),
    Column("message_id", ForeignKey(alert_messages.c.id), nullable=False),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Column("claim", Text),
    Column("error", Words),
    Column("sent_at", UtcDateTime),
    UniqueConstraint("message_id", "channel"),
    sqlite_autoincrement=True,
)
Index("ix_alert_deliveries_state", alert_deliveries.c.state, alert_deliveries.c.next_at)

pulses = Table(
    "pulses",
    metadata,
    # When somebody was last at work, and whether that was ended in order.
    Column("name", Text, primary_key=True),
    Column("since", UtcDateTime, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("ended", Boolean, nullable=False),
)
