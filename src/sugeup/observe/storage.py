"""Checks of a lake: it can be read, how old its figures are, its ledger is sound. Nothing is created or changed."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol

import polars as pl

from sugeup import records
from sugeup.errors import ConfigError, CorruptStore, SugeupError
from sugeup.market import calendar_tables, sessions
from sugeup.observe.findings import STORE, Finding, fail, ok, warn

STALE = 1
"""Sessions that daily figures may be behind: the newest one is collected in its evening."""
AHEAD = timedelta(minutes=5)
"""By how much stored times may be later than the system's clock."""
EARLY = timedelta(days=7)
"""By how much a row may be stored before it is published by the rules."""

RESTORE = "`sugeup store check` finds what is damaged, `sugeup store restore` brings back the last good version."


class Reading(Protocol):
    """What an archive can do, as far as it is needed here."""

    def read(self, dataset: str, *, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Rows of a dataset."""
        ...


def lake(archive: Reading, name: str, now: datetime) -> Iterator[Finding]:
    """Whether every dataset can be read, and how old the newest daily figures are; whether the clock is behind them."""
    check = f"lake {name}"
    rows = 0
    broken: list[Finding] = []
    newest: list[date] = []
    stored: list[datetime] = []
    known: list[datetime] = []
    for dataset in records.datasets().values():
        try:
            frame = archive.read(dataset.name, columns=[])
        except SugeupError as error:
            broken.append(_unreadable(check, error))
            continue
        if frame.is_empty():
            continue
        rows += frame.height
        stored.append(frame["ingested_at"].max())  # type: ignore[arg-type]
        known.append(frame["known_at"].max())  # type: ignore[arg-type]
        if dataset.dated == "session" and dataset.partition is not records.Partition.DAY:
            newest.append(frame["session"].max())  # type: ignore[arg-type]
    if broken:
        yield from broken
    elif rows:
        yield _age(check, name, rows, max(newest, default=None), now)
    else:
        yield from empty(name)
    if rows and name != "simulated":
        yield _clock(name, now, max(stored), max(known))


def empty(name: str) -> Iterator[Finding]:
    """The finding for a lake without figures."""
    todo = "`sugeup demo` loads the sample, `sugeup import FILE...` your figures."
    yield ok(f"lake {name}", "nothing is stored", todo)


def ledger(path: Path, name: str) -> Iterator[Finding]:
    """Whether the state database can be read, is sound and lets readers work beside a writer."""
    check = f"ledger {name}"
    if not path.exists():
        return
    todo = "Move the file aside: the ledger is rebuilt by the next import or collection."
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=2)
        ) as database:
            mode = database.execute("PRAGMA journal_mode").fetchone()[0]
            sound = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            yield warn(check, "another process holds it locked", "Wait until that process has ended.")
        else:
            yield fail(check, f"{path.name} cannot be opened: {error}", todo, STORE)
    except sqlite3.DatabaseError as error:
        yield fail(check, f"{path.name} is damaged: {error}", todo, STORE)
    else:
        if sound != "ok":
            yield fail(check, f"{path.name} is damaged: {sound}", todo, STORE)
        elif mode != "wal":
            yield warn(check, f"journal mode is {mode}, readers wait for a writer", "The next import sets it to WAL.")
        else:
            yield ok(check, "sound, write-ahead log")


def _unreadable(check: str, error: SugeupError) -> Finding:
    todo = error.hint or RESTORE
    if isinstance(error, CorruptStore):
        return fail(check, error.message, todo, STORE)
    if isinstance(error, ConfigError):
        return fail(check, error.message, todo)
    return warn(check, error.message, todo)


def _age(check: str, name: str, rows: int, newest: date | None, now: datetime) -> Finding:
    if newest is None:
        return ok(check, f"{rows:,} rows")
    said = f"{rows:,} rows, newest daily session {newest}"
    today = now.astimezone(sessions.SEOUL).date()
    if not calendar_tables.FIRST <= newest <= today <= calendar_tables.LAST:
        return ok(check, said)
    behind = max(sessions.count_between(newest, today) - 1, 0)
    if behind:
        said += f", {behind} sessions behind"
    if name == "real" and behind > STALE:
        return warn(check, said, "Import newer files: `sugeup import FILE...`.")
    return ok(check, said)


def _clock(name: str, now: datetime, stored: datetime, known: datetime) -> Finding:
    if stored > now + AHEAD:
        said = f"the system's clock is behind what lake {name} stored at {_shown(stored)}"
        return fail("clock", said, "Set the system's clock; until then answers call new figures unknown.")
    if known > now + EARLY:
        said = f"lake {name} holds rows that are published only on {_shown(known)}"
        return warn("clock", said, "Check the system's clock, and known_at of the imported file.")
    return ok("clock", f"{_shown(now)}, later than all that lake {name} stored")


def _shown(instant: datetime) -> str:
    return f"{instant.astimezone(sessions.SEOUL):%Y-%m-%d %H:%M} Seoul"
