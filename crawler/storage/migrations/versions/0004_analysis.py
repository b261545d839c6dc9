"""What is made of articles (verdicts, stories, the catalogue, alerts), and which worker does what."""

import sqlalchemy as sa
from alembic import op

from crawler.storage.catalogue import catalogue_all

revision = "0004"
down_revision = "0003"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _moves()
    _verdicts()
    _prints_and_copies()
    _stories()
    _catalogue()
    _workers()
    _alerts()


def _verdicts() -> None:
    op.create_table(
        "verdicts",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("on_topic", sa.Boolean(), nullable=False),
        sa.Column("round_up", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("judged_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_verdicts_article_id")),
        sa.PrimaryKeyConstraint("article_id", "topic", name=op.f("pk_verdicts")),
    )
    op.create_index("ix_verdicts_topic", "verdicts", ["topic", "on_topic", "article_id"])
    op.create_index(
        "ix_verdicts_on_topic",
        "verdicts",
        ["article_id", "topic"],
        sqlite_where=sa.text("on_topic = 1"),
        postgresql_where=sa.text("on_topic"),
    )
    # What each article was kept for stands in its revision.
    op.execute(
        "INSERT INTO verdicts (article_id, topic, revision, on_topic, score, reason, evidence, fingerprint,"
        " judged_at) SELECT a.id, r.topic, r.number, r.on_topic, r.score, r.verdict_reason,"
        " COALESCE(r.evidence, '[]'), '', r.fetched_at"
        " FROM articles a JOIN revisions r ON r.article_id = a.id AND r.number = a.current"
        " WHERE r.topic IS NOT NULL"
    )


def _prints_and_copies() -> None:
    op.create_table(
        "prints",
        sa.Column("article_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("story_id", sa.Text(), nullable=False),
        sa.Column("minhash", sa.LargeBinary(), nullable=False),
        sa.Column("shingles", sa.LargeBinary(), nullable=False),
        sa.Column("quoted", sa.LargeBinary(), nullable=False),
        sa.Column("slots", sa.LargeBinary(), nullable=False),
        sa.Column("agencies", sa.Text(), nullable=False),
        sa.Column("pictures", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_prints_article_id")),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_prints")),
    )
    op.create_index("ix_prints_at", "prints", ["at"])
    op.create_index("ix_prints_story", "prints", ["story_id"])
    op.create_table(
        "copies",
        sa.Column("low_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("high_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("low_share", sa.Float(), nullable=False),
        sa.Column("high_share", sa.Float(), nullable=False),
        sa.Column("low_own", sa.Float(), nullable=False),
        sa.Column("high_own", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["low_id"], ["articles.id"], name=op.f("fk_copies_low_id")),
        sa.ForeignKeyConstraint(["high_id"], ["articles.id"], name=op.f("fk_copies_high_id")),
        sa.PrimaryKeyConstraint("low_id", "high_id", name=op.f("pk_copies")),
    )
    op.create_index("ix_copies_high", "copies", ["high_id"])


def _stories() -> None:
    op.create_table(
        "stories",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("origin_id", sa.Integer(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("first_at", _TIME),
        sa.Column("last_at", _TIME),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("outlets", sa.Text(), nullable=False),
        sa.Column("outlet_count", sa.Integer(), nullable=False),
        sa.Column("agencies", sa.Text(), nullable=False),
        sa.Column("sources", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["origin_id"], ["articles.id"], name=op.f("fk_stories_origin_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stories")),
    )
    op.create_index("ix_stories_first", "stories", ["first_at"])
    op.create_table(
        "story_members",
        sa.Column("story_id", sa.Text(), nullable=False),
        sa.Column("article_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("copied_from", sa.Integer()),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("lag_s", sa.Float()),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_story_members_story_id")),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_story_members_article_id")),
        sa.ForeignKeyConstraint(["copied_from"], ["articles.id"], name=op.f("fk_story_members_copied_from")),
        sa.PrimaryKeyConstraint("story_id", "article_id", name=op.f("pk_story_members")),
    )
    op.create_index("ix_story_members_article", "story_members", ["article_id"])


def _catalogue() -> None:
    op.create_table(
        "catalogue",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("day", sa.Text()),
        sa.Column("sorted_at", _TIME, nullable=False),
        sa.Column("first_seen_at", _TIME, nullable=False),
        sa.Column("revised", sa.Boolean(), nullable=False),
        sa.Column("partial", sa.Boolean(), nullable=False),
        sa.Column("generic", sa.Boolean(), nullable=False),
        sa.Column("byline", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_catalogue_article_id")),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_catalogue")),
    )
    op.create_index("ix_catalogue_sorted", "catalogue", ["sorted_at", "article_id"])
    op.create_index("ix_catalogue_outlet", "catalogue", ["outlet", "sorted_at", "article_id"])
    op.create_index("ix_catalogue_day", "catalogue", ["day"])
    op.create_index("ix_catalogue_first_seen", "catalogue", ["first_seen_at", "article_id"])
    catalogue_all(op.get_bind())


def _workers() -> None:
    op.add_column("plans", sa.Column("taken_by", sa.Text()))
    op.add_column("plans", sa.Column("part", sa.Text()))
    op.add_column("leases", sa.Column("about", sa.Text()))


def _alerts() -> None:
    op.create_table(
        "facts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("decided_at", _TIME),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_facts_article_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_facts_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facts")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_facts_decided", "facts", ["decided_at", "id"])
    op.create_index("ix_facts_article", "facts", ["article_id"])
    op.create_table(
        "alert_rules",
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("last_at", _TIME),
        sa.PrimaryKeyConstraint("rule", name=op.f("pk_alert_rules")),
    )
    op.create_table(
        "alert_conditions",
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("ill", sa.Boolean(), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("next_at", _TIME),
        sa.Column("cause", sa.Text()),
        sa.Column("notices", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rule", "subject", name=op.f("pk_alert_conditions")),
    )
    op.create_table(
        "alert_messages",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_messages")),
    )
    op.create_index("ix_alert_messages_rule", "alert_messages", ["rule", "made_at"])
    op.create_table(
        "alert_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("ready_at", _TIME, nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text()),
        sa.ForeignKeyConstraint(
            ["message_id"], ["alert_messages.id"], name=op.f("fk_alert_entries_message_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_entries")),
        sa.UniqueConstraint("rule", "key", name=op.f("uq_alert_entries_rule")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_alert_entries_message", "alert_entries", ["message_id"])
    op.create_table(
        "alert_deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", _TIME, nullable=False),
        sa.Column("claim", sa.Text()),
        sa.Column("error", sa.Text()),
        sa.Column("sent_at", _TIME),
        sa.ForeignKeyConstraint(
            ["message_id"], ["alert_messages.id"], name=op.f("fk_alert_deliveries_message_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_deliveries")),
        sa.UniqueConstraint("message_id", "channel", name=op.f("uq_alert_deliveries_message_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_alert_deliveries_state", "alert_deliveries", ["state", "next_at"])
    op.create_table(
        "pulses",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_pulses")),
    )


def _moves() -> None:
    op.create_table(
        "moves",
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("digests", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("way", name=op.f("pk_moves")),
    )
