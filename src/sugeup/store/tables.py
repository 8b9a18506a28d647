"""Tables of the state database, by SQLAlchemy Core. `migrations/versions` bring a database to this shape."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Index, Integer, MetaData, String, Table, true

METADATA = MetaData()

COVERAGE = Table(
    "coverage",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("dataset", String, nullable=False),
    Column("source", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("final", Boolean, nullable=False, server_default=true()),
    Index("coverage_by_scope", "dataset", "source", "scope", "first"),
)
"""What was asked of which source: a span of sessions of one scope, how many rows it gave (0: truly empty), finality."""

RUNS = Table(
    "runs",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("job", String, nullable=False),
    Column("session", Date),
    Column("state", String, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("pid", Integer, nullable=False),
    Column("host", String, nullable=False),
    Column("code", String),
    Column("error", String),
    Index("runs_by_job", "job", "started_at"),
)
"""Runs of jobs."""

STEPS = Table(
    "steps",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("run", Integer, nullable=False),
    Column("step", String, nullable=False),
    Column("state", String, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("rows", BigInteger, nullable=False),
    Column("calls", BigInteger, nullable=False),
    Column("error", String),
    Column("note", String),
    Index("steps_by_run", "run"),
)
"""Steps of runs."""

FAULTS = Table(
    "faults",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("dataset", String, nullable=False),
    Column("source", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("session", Date),
    Column("reason", String, nullable=False),
    Column("value", String),
    Column("at", DateTime(timezone=True), nullable=False),
    Index("faults_by_dataset", "dataset", "at"),
)
"""Rows that a source gave and that were not taken."""

HEAD = "0002"
"""The newest migration."""
