"""Numbered migrations of the state database (alembic)."""
