"""Runs of jobs with their steps, rows that were not taken, and whether a covered span was final."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Spans entered before are final: until then only files were taken in."""
    op.add_column("coverage", sa.Column("final", sa.Boolean, nullable=False, server_default=sa.true()))
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("job", sa.String, nullable=False),
        sa.Column("session", sa.Date),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("host", sa.String, nullable=False),
        sa.Column("code", sa.String),
        sa.Column("error", sa.String),
    )
    op.create_index("runs_by_job", "runs", ["job", "started_at"])
    op.create_table(
        "steps",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("run", sa.Integer, nullable=False),
        sa.Column("step", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("calls", sa.BigInteger, nullable=False),
        sa.Column("error", sa.String),
        sa.Column("note", sa.String),
    )
    op.create_index("steps_by_run", "steps", ["run"])
    op.create_table(
        "faults",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("dataset", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("scope", sa.String, nullable=False),
        sa.Column("session", sa.Date),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("value", sa.String),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("faults_by_dataset", "faults", ["dataset", "at"])


def downgrade() -> None:
    """Drop what was added; which spans were provisional is forgotten."""
    for table in ("faults", "steps", "runs"):
        op.drop_table(table)
    op.drop_column("coverage", "final")
