"""Alembic's entry point: runs the migrations on the connection that `State` hands over."""

from __future__ import annotations

from alembic import context

from sugeup.store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
