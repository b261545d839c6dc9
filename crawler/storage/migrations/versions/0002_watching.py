"""What watching needs: plans, memory of lists, revisits, what a run looked at, who changed what."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

from crawler.storage.seals import seal_all

revision = "0002"
down_revision = "0001"

_TIME = sa.DateTime(timezone=True)
_LAST_LOOK = timedelta(days=30)
Columns = tuple[sa.Column[Any], ...]


def upgrade() -> None:
    op.create_table(
        "plans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("look", sa.Text(), nullable=False),
        sa.Column("planned_at", _TIME, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("taken_at", _TIME),
        sa.Column("ended_at", _TIME),
        sa.Column("not_before", _TIME),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("outlet", "look", "planned_at", name=op.f("uq_plans_outlet")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_plans_state", "plans", ["state"], unique=False)
    op.create_table(
        "lists",
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("polled_at", _TIME, nullable=False),
        sa.Column("walked_run_id", sa.Integer(), nullable=False),
        sa.Column("walked_at", _TIME, nullable=False),
        sa.Column("covered_since", _TIME, nullable=False),
        sa.Column("telling", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.Text()),
        sa.Column("trust", sa.Text(), nullable=False),
        sa.Column("unasked", sa.Integer(), nullable=False),
        sa.Column("etag", sa.Text()),
        sa.Column("last_modified", sa.Text()),
        sa.Column("stale_etag", sa.Text()),
        sa.Column("stale_last_modified", sa.Text()),
        sa.ForeignKeyConstraint(["walked_run_id"], ["runs.id"], name=op.f("fk_lists_walked_run_id")),
        sa.PrimaryKeyConstraint("outlet", "key", name=op.f("pk_lists")),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text()),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_events_article_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_events_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_article", "events", ["article_id"], unique=False)
    op.create_table(
        "schedules",
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("paused_at", _TIME),
        sa.Column("paused_why", sa.Text()),
        sa.Column("not_before", _TIME),
        sa.PrimaryKeyConstraint("outlet", name=op.f("pk_schedules")),
    )
    op.create_table(
        "schedule_jobs",
        sa.Column("id", sa.Unicode(191), nullable=False),
        sa.Column("next_run_time", sa.Double()),
        sa.Column("job_state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule_jobs")),
    )
    op.create_index("ix_schedule_jobs_next_run_time", "schedule_jobs", ["next_run_time"], unique=False)
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("until", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "turns",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("taken_at", _TIME, nullable=False),
        sa.Column("free_at", _TIME, nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_turns")),
    )
    of_runs: Columns = (
        sa.Column("look", sa.Text(), nullable=False, server_default="crawl"),
        sa.Column("planned_at", _TIME),
        sa.Column("covered_since", _TIME),
        sa.Column("covered_until", _TIME),
        sa.Column("listed", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("not_modified", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("traits", sa.Text()),
        sa.Column("asked", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("clock_shift_s", sa.Double(), nullable=False, server_default="0"),
        sa.Column("log", sa.Text()),
    )
    for column in of_runs:
        op.add_column("runs", column)
    _add_reference("runs", "plan_id", "plans")
    op.create_index("ix_runs_plan", "runs", ["plan_id"], unique=False)
    of_articles: Columns = (
        sa.Column("gone_looks", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("looked_at", _TIME),
        sa.Column("looks", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("due_at", _TIME),
        sa.Column("etag", sa.Text()),
        sa.Column("last_modified", sa.Text()),
        sa.Column("stale_etag", sa.Text()),
        sa.Column("stale_last_modified", sa.Text()),
    )
    for column in of_articles:
        op.add_column("articles", column)
    op.create_index("ix_articles_due", "articles", ["outlet", "due_at"], unique=False)
    _look_again_at_recent()
    op.add_column("revisions", sa.Column("cause", sa.Text(), nullable=False, server_default="outlet"))
    op.add_column("revisions", sa.Column("ruleset", sa.Text()))
    op.add_column("revisions", sa.Column("seal", sa.Text()))
    seal_all(op.get_bind())
    op.add_column("records", sa.Column("pruned_at", _TIME))
    op.create_index("ix_records_file", "records", ["file"], unique=False)
    op.add_column("revisions", sa.Column("hint", sa.Text()))
    for name in ("etag", "last_modified"):
        op.drop_column("sources", name)
    of_sources: Columns = (
        sa.Column("interval_s", sa.Float()),
        sa.Column("next_poll_at", _TIME),
        sa.Column("covered_since", _TIME),
        sa.Column("covered_until", _TIME),
    )
    for column in of_sources:
        op.add_column("sources", column)


def _look_again_at_recent() -> None:
    """Make the articles due that the old version had just stored: it never looked at one again."""
    articles = sa.table("articles", sa.column("first_seen_at", _TIME), sa.column("due_at", _TIME))
    newest = op.get_bind().execute(sa.select(sa.func.max(articles.c.first_seen_at))).scalar()
    if newest is not None:
        recent = articles.c.first_seen_at >= newest - _LAST_LOOK
        op.execute(articles.update().where(recent).values(due_at=articles.c.first_seen_at))


def _add_reference(table: str, column: str, referred: str) -> None:
    # SQLite adds a constraint only with its column, which Alembic cannot say.
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN {column} INTEGER "
        f"CONSTRAINT fk_{table}_{column} REFERENCES {referred} (id)"
    )
