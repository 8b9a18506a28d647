"""State of one lake: coverage ledger, runs of jobs, faulty rows; SQLite in WAL mode (readers beside a writer)."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, delete, event, func, insert, inspect, select, text
from sqlalchemy.exc import DatabaseError

from sugeup.records.coverage import merged
from sugeup.records.ledger import Asked, Fault, Run, Step
from sugeup.store import journal
from sugeup.store.faults import explained, of_state
from sugeup.store.tables import COVERAGE, HEAD

WAIT_MS = 10_000
"""How long a transaction waits for another process before it is BUSY."""


class State:
    """The state database at `path`, created and migrated when first used."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine: Engine | None = None

    def record(self, asked: Iterable[Asked]) -> None:
        """Enter spans into the ledger; one that touches or overlaps an older span of the same scope is joined to it."""
        entered = sorted(asked, key=lambda span: (span.dataset, span.source))
        if not entered:
            return
        with self._connected(write=True) as connection:
            for (dataset, source), group in itertools.groupby(entered, key=lambda span: (span.dataset, span.source)):
                _enter(connection, dataset, source, list(group))

    def coverage(self, dataset: str | None = None) -> list[Asked]:
        """The ledger, ordered by dataset, source, scope and date."""
        if not self.path.exists():
            return []
        query = select(COVERAGE).order_by(COVERAGE.c.dataset, COVERAGE.c.source, COVERAGE.c.scope, COVERAGE.c.first)
        if dataset is not None:
            query = query.where(COVERAGE.c.dataset == dataset)
        with self._connected(write=False) as connection:
            return [_asked(row) for row in connection.execute(query).mappings()]

    def asked(self, dataset: str | None = None) -> dict[tuple[str, str], datetime]:
        """When each source was last asked for each dataset, by (dataset, source)."""
        if not self.path.exists():
            return {}
        named = COVERAGE.c.dataset, COVERAGE.c.source
        query = select(*named, func.max(COVERAGE.c.asked_at)).group_by(*named)
        if dataset is not None:
            query = query.where(COVERAGE.c.dataset == dataset)
        with self._connected(write=False) as connection:
            found = connection.execute(query).all()
        return {(name, source): at.replace(tzinfo=UTC) for name, source, at in found}

    def note(self, faults: Sequence[Fault]) -> None:
        """Enter faulty rows; one that stands there already is only given the newer time."""
        if faults:
            with self._connected(write=True) as connection:
                journal.note(connection, faults)

    def faults(self, dataset: str | None = None, limit: int = 100) -> list[Fault]:
        """Faulty rows, newest first."""
        if not self.path.exists():
            return []
        with self._connected(write=False) as connection:
            return journal.faults(connection, dataset, limit)

    def begin(self, job: str, session: date | None, now: datetime, pid: int, host: str) -> int:
        """Enter a run of a job, and mark runs of it that never ended as interrupted; the number of the run.

        Whoever calls this holds the job's lock: no other process is running the job.
        """
        with self._connected(write=True) as connection:
            return journal.begin(connection, job, session, now, pid, host)

    def step(self, run: int, step: Step) -> None:
        """Enter a step of a run, or what became of it: name and start tell which."""
        with self._connected(write=True) as connection:
            journal.step(connection, run, step)

    def end(self, run: int, now: datetime, code: str | None = None, error: str | None = None) -> None:
        """Enter the end of a run: completed, or failed with an error."""
        with self._connected(write=True) as connection:
            journal.end(connection, run, now, code, error)

    def runs(self, job: str | None = None, limit: int = 20) -> list[Run]:
        """Runs with their steps, newest first."""
        if not self.path.exists():
            return []
        with self._connected(write=False) as connection:
            return journal.runs(connection, job, limit)

    def completed(self, job: str, session: date) -> set[str]:
        """Steps of a job that some run completed for a session."""
        if not self.path.exists():
            return set()
        with self._connected(write=False) as connection:
            return journal.completed(connection, job, session)

    def close(self) -> None:
        """Release the database's connections."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    @contextmanager
    def _connected(self, *, write: bool) -> Iterator[Connection]:
        """A transaction. A writing one takes its lock at the beginning, so that no reader makes it fail half-way."""
        try:
            with self._ready().execution_options(write=write).begin() as connection:
                yield connection
        except DatabaseError as error:
            raise of_state(self.path.name, error) from error
        except OSError as error:
            raise explained("The state database", error) from error

    def _ready(self) -> Engine:
        if self._engine is None:
            if self.path.exists() and not os.access(self.path.parent, os.W_OK):
                # A log beside the database cannot be written here; the file alone can be read, for nobody changes it.
                self._engine = create_engine(f"sqlite:///file:{self.path}?mode=ro&immutable=1&uri=true")
                return self._engine
            self.path.parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(f"sqlite:///{self.path}")
            event.listen(engine, "connect", _configure)
            event.listen(engine, "begin", _begin)
            _migrate(engine)
            self._engine = engine
        return self._engine


def _configure(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in (f"busy_timeout={WAIT_MS}", "journal_mode=WAL", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("write", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _migrate(engine: Engine) -> None:
    """Bring the database to the newest migration; one that is there already is only read."""
    with engine.execution_options(write=False).begin() as connection:
        if _is_current(connection):
            return
    with engine.begin() as connection:
        if _is_current(connection):  # another process may have been faster
            return
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", "sugeup.store:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _is_current(connection: Connection) -> bool:
    known = inspect(connection).has_table("alembic_version")
    return known and connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD


def _enter(connection: Connection, dataset: str, source: str, spans: list[Asked]) -> None:
    """Join spans of one dataset and source with those that stand in the ledger, scope by scope."""
    ours = (COVERAGE.c.dataset == dataset) & (COVERAGE.c.source == source)
    older: dict[str, list[tuple[int, Asked]]] = {}
    for row in connection.execute(select(COVERAGE).where(ours)).mappings():
        older.setdefault(row["scope"], []).append((row["id"], _asked(row)))
    joined: list[Asked] = []
    obsolete: list[int] = []
    for scope, group in itertools.groupby(sorted(spans, key=lambda span: span.scope), key=lambda span: span.scope):
        stood = older.get(scope, [])
        obsolete += [id for id, _ in stood]
        joined += merged([span for _, span in stood], list(group))
    for start in range(0, len(obsolete), 500):
        connection.execute(delete(COVERAGE).where(COVERAGE.c.id.in_(obsolete[start : start + 500])))
    connection.execute(insert(COVERAGE), [vars(span) for span in joined])


def _asked(row: Any) -> Asked:
    found = Asked(**{name: row[name] for name in Asked.__dataclass_fields__})
    return replace(found, asked_at=found.asked_at.replace(tzinfo=UTC))  # SQLite keeps no zone; times are UTC
