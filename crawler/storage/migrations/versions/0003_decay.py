"""What outlets' pages usually show, and since when those of an outlet read otherwise."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "baselines",
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("ruleset", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("good_url", sa.Text()),
        sa.Column("good_at", _TIME),
        sa.Column("good_page", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_baselines_run_id")),
        sa.PrimaryKeyConstraint("outlet", name=op.f("pk_baselines")),
    )
    op.create_table(
        "alarms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("signals", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text()),
        sa.Column("ruleset", sa.Text(), nullable=False),
        sa.Column("ended_at", _TIME),
        sa.Column("ended_why", sa.Text()),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_alarms_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
        sqlite_autoincrement=True,
    )
    # At most one alarm of an outlet stands.
    standing = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_alarms_standing",
        "alarms",
        ["outlet"],
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )
