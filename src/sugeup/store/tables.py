"""Tables of the state database, by SQLAlchemy Core. `migrations/versions` bring a database to this shape."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, DateTime, Index, Integer, MetaData, String, Table

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
    Index("coverage_by_scope", "dataset", "source", "scope", "first"),
)
"""What was asked of which source: a span of sessions of one scope, and how many rows it gave (0: truly empty)."""

HEAD = "0001"
"""The newest migration."""
