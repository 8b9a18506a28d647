"""`store check`: every table is opened, every file read, every rule of a current row held against what is stored."""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from sugeup import records
from sugeup.errors import SugeupError
from sugeup.records import Dataset
from sugeup.records.upkeep import Condition, Finding
from sugeup.store import delta, format
from sugeup.store.faults import FAILURES
from sugeup.store.files import Files
from sugeup.store.tables import HEAD
from sugeup.store.upkeep import files

_MAGIC = b"PAR1"


def inspect(root: Path, state: Path) -> list[Finding]:
    """Findings of a lake and its state database, damage first; one SOUND finding per table without damage."""
    found = [*_format(root), *_state(state)]
    for dataset in records.datasets().values():
        for past in (False, True):
            found += _table(root, dataset, past=past)
    return sorted(found, key=lambda one: (list(Condition).index(one.condition), one.table))


def broken_files(where: Path, table: DeltaTable) -> list[str]:
    """Files of the newest version that are missing or cannot be read whole, relative to the table."""
    listed = files(table).select("path", "num_records", "size_bytes").iter_rows()
    return [name for name, count, size in listed if not is_whole(where / name, count, size)]


def commits(where: Path) -> list[Path]:
    """Commit files of a table's log, oldest first."""
    return sorted((where / "_delta_log").glob("[0-9]*.json"))


def number(commit: Path) -> int:
    """Version that a commit made."""
    return int(commit.name.split(".")[0])


def damaged_commits(where: Path, table: DeltaTable) -> list[Path]:
    """Commits after the newest checkpoint that are no list of JSON actions, or that lie beyond a hole in the log."""
    checkpoints = [int(file.name.split(".")[0]) for file in (where / "_delta_log").glob("*.checkpoint*.parquet")]
    newest = max(checkpoints, default=-1)
    read = [commit for commit in commits(where) if number(commit) > newest]
    return [commit for commit in read if number(commit) > table.version() or not _is_commit(commit)]


def _is_commit(commit: Path) -> bool:
    try:
        lines = commit.read_text(encoding="utf-8").splitlines()
        return bool(lines) and all(isinstance(json.loads(line), dict) for line in lines)
    except (OSError, ValueError):
        return False


def label(dataset: Dataset, *, past: bool) -> str:
    """What a finding calls a table."""
    return f"{delta.REVISIONS}/{dataset.name}" if past else dataset.name


def _table(root: Path, dataset: Dataset, *, past: bool) -> Iterator[Finding]:
    where, name = delta.path(root, dataset, past=past), label(dataset, past=past)
    if not where.exists():
        return
    try:
        table = DeltaTable(where)
        broken = broken_files(where, table)
    except TableNotFoundError:
        yield Finding(name, Condition.DAMAGED, "the log of the table is missing or empty", str(where / "_delta_log"))
        return
    except FAILURES as error:
        yield Finding(
            name, Condition.DAMAGED, f"the log of the table cannot be read: {_first(error)}", str(where / "_delta_log")
        )
        return
    for commit in damaged_commits(where, table):
        yield Finding(name, Condition.DAMAGED, "a commit of the log is missing or cannot be read", str(commit))
    for file in broken:
        yield Finding(
            name, Condition.DAMAGED, "a file of the newest version is missing or cut short", str(where / file)
        )
    if not broken:
        yield from _rows(dataset, Files(dataset, str(where), table), name, past=past)
    litter = _litter(where, table)
    if litter:
        yield Finding(
            name, Condition.LITTER, f"{litter} files that nothing refers to; `sugeup store tidy` removes them"
        )


def _rows(dataset: Dataset, table: Files, name: str, *, past: bool) -> Iterator[Finding]:
    required = [column.name for column in dataset.all_columns if column.required and column.name in table.columns]
    wanted = {*required, *(key for key in dataset.full_key if key in table.columns)}
    rows = delta.collect(dataset, table, delta.Span(dataset, None, None), sorted(wanted))
    empty = [column for column in required if rows[column].null_count()]
    if empty:
        yield Finding(name, Condition.DAMAGED, f"{', '.join(empty)} must not be empty, but is in some rows")
    if not past and rows.select(pl.struct(dataset.full_key).is_duplicated().any()).item():
        yield Finding(name, Condition.DAMAGED, f"a key ({', '.join(dataset.full_key)}) has more than one current row")
    elif not empty:
        yield Finding(name, Condition.SOUND, f"version {table.version}, {rows.height:,} rows")


def is_whole(file: Path, count: int | None, size: int | None = None) -> bool:
    """Whether a Parquet file can be read to its end, with as many rows and bytes as the log says (None: not known)."""
    try:
        content = file.read_bytes()
        if (size is not None and len(content) != size) or content[:4] != _MAGIC or content[-4:] != _MAGIC:
            return False
        height = pl.read_parquet(io.BytesIO(content), hive_partitioning=False).height
    except FAILURES:
        return False
    return count is None or height == count


def _litter(where: Path, table: DeltaTable) -> int:
    """Files below the table that no version still known refers to, and half-written commits."""
    named = set(table.vacuum(0, enforce_retention_duration=False, full=True))
    paths = [Path(unquote(uri)) for uri in table.file_uris()]
    known = {str(path.relative_to(where)) for path in paths if path.is_relative_to(where)}
    held = _held(table, named)
    stray = sum(1 for name in named if name not in known and name not in held and (where / name).exists())
    return stray + sum(1 for _ in (where / "_delta_log").glob("_commit_*.tmp"))


def _held(table: DeltaTable, named: set[str]) -> set[str]:
    """Files among `named` that an earlier version refers to: they serve a restore, and are no litter."""
    held: set[str] = set()
    for version in range(max(table.version() - 50, 0), table.version()):
        if named <= held:
            break
        try:
            held |= set(files(DeltaTable(table.table_uri, version=version))["path"])
        except FAILURES:
            continue
    return held


def _format(root: Path) -> Iterator[Finding]:
    try:
        number = format.check(root)
    except SugeupError as error:
        yield Finding("lake", Condition.DAMAGED, error.message, str(root / "format.json"))
        return
    if number is not None:
        yield Finding("lake", Condition.SOUND, f"format {number}")


def _state(path: Path) -> Iterator[Finding]:
    if not path.exists():
        return
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10) as connection:
            verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
            version = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
            spans = connection.execute("SELECT count(*) FROM coverage").fetchone()[0]
        connection.close()
    except sqlite3.Error as error:
        yield Finding("state", Condition.DAMAGED, f"the state database cannot be read: {error}", str(path))
        return
    if verdict != "ok":
        yield Finding("state", Condition.DAMAGED, f"the state database is damaged: {verdict}", str(path))
    elif version != HEAD:
        yield Finding("state", Condition.SOUND, f"migration {version}; this version brings it to {HEAD} when it writes")
    else:
        yield Finding("state", Condition.SOUND, f"migration {version}, {spans:,} spans in the ledger")


def _first(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
