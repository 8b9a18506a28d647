"""Care of the lake: sealed folders rewritten in the order of reads, unused files removed, old sessions given up.

A folder is sealed when the present month, year or day has moved past it. Rewriting, removing and writing may meet:
each is one commit, and the loser of two commits leaves its folder for the next run. Files that nobody refers to any
more stay for `keep_hours`, because a reader may still be at them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError

from sugeup import records
from sugeup.errors import Refused
from sugeup.market.clock import Clock
from sugeup.records import Dataset, Partition
from sugeup.records.upkeep import Tidied
from sugeup.store import delta
from sugeup.store.faults import told
from sugeup.store.lake import Lake

KEEP_HOURS = 24
LEAST_SESSIONS = 250
"""Fewest sessions of minutes and ticks that retention may leave: a year, which windows reach back."""
_ORDER = "sugeup-order"


def tidy(lake: Lake, clock: Clock, *, keep_hours: float = KEEP_HOURS, keep_sessions: int | None = None) -> list[Tidied]:
    """Rewrite sealed folders, apply retention, remove unused files older than `keep_hours`, write checkpoints.

    `keep_sessions`: of datasets with a folder per day (minutes, ticks) only the newest so many sessions stay; None
    keeps all. Safe to interrupt and to repeat. Raises Refused for less than a year of sessions.
    """
    if keep_sessions is not None and keep_sessions < LEAST_SESSIONS:
        raise Refused(f"keep_sessions={keep_sessions}: at least {LEAST_SESSIONS} sessions are kept.", hint="Raise it.")
    if keep_hours < 0:
        raise Refused(f"keep_hours={keep_hours}: not below 0.", hint="0 removes everything that is unused now.")
    today = clock.now().date()
    return [
        _tidied(lake, dataset, past, today, keep_hours, keep_sessions)
        for dataset in records.datasets().values()
        for past in (False, True)
        if lake.table(dataset, past=past) is not None
    ]


def _tidied(
    lake: Lake, dataset: Dataset, past: bool, today: date, keep_hours: float, keep_sessions: int | None
) -> Tidied:
    name = f"{delta.REVISIONS}/{dataset.name}" if past else dataset.name
    table = lake.table(dataset, past=past)
    assert table is not None
    with told(name, table.version()):
        dropped = _retain(table, dataset, keep_sessions)
        rewritten = sum(_rewritten(table, dataset, folder) for folder in _unordered(table, dataset, today))
        where = delta.path(lake.root, dataset, past=past)
        removed = _vacuumed(table, where, keep_hours)
        if removed or rewritten or dropped:
            table.create_checkpoint()
            table.cleanup_metadata()
        removed += _sweep(where, keep_hours)
    return Tidied(name, rewritten, removed, dropped)


def _vacuumed(table: DeltaTable, where: Path, keep_hours: float) -> int:
    """Remove files that no version in reach refers to; a run that finds none leaves no trace in the table."""
    table.update_incremental()
    hours = 0 if keep_hours == 0 else max(1, round(keep_hours))
    named = table.vacuum(hours, enforce_retention_duration=False, full=True)  # also files that are gone already
    unused = [name for name in named if (where / name).exists()]
    if unused:
        table.vacuum(hours, dry_run=False, enforce_retention_duration=False, full=True)
    return len(unused)


def files(table: DeltaTable) -> pl.DataFrame:
    """Files of a table's newest version: path, num_records, size_bytes, and the value of their folder (null: none)."""
    actions = pl.DataFrame(table.get_add_actions(flatten=True))
    inside = [name for name in actions.columns if name.startswith("partition.")]
    folder = pl.col(inside[0]).cast(pl.String) if inside else pl.lit(None, pl.String)
    return actions.select("path", "num_records", "size_bytes", folder.alias("folder"))


def _unordered(table: DeltaTable, dataset: Dataset, today: date) -> Iterator[str | None]:
    """Sealed folders that hold more than one file; a whole table counts as sealed once it has many."""
    for folder, count in files(table).group_by("folder").len().sort("folder").iter_rows():
        if folder is None:
            if count > 8:
                yield None
        elif count > 1 and _sealed(dataset, folder, today):
            yield folder


def _sealed(dataset: Dataset, folder: str, today: date) -> bool:
    match dataset.partition:
        case Partition.MONTH:
            return int(folder) < today.year * 100 + today.month
        case Partition.YEAR:
            return int(folder) < today.year
        case _:
            return date.fromisoformat(folder) < today - timedelta(days=1)


def _rewritten(table: DeltaTable, dataset: Dataset, folder: str | None) -> int:
    """Put the rows of a folder in z-order of the scope; 0 when another writer was faster."""
    column = delta.folder(dataset)
    where: Any = None if folder is None or column is None else [(column, "=", folder)]
    try:
        table.update_incremental()
        table.optimize.z_order([dataset.scope], partition_filters=where)
    except CommitFailedError:
        return 0
    return 1


def _retain(table: DeltaTable, dataset: Dataset, keep_sessions: int | None) -> int:
    if keep_sessions is None or dataset.partition is not Partition.DAY:
        return 0
    days = sorted({date.fromisoformat(folder) for folder in files(table)["folder"].to_list()})
    gone = days[:-keep_sessions]
    if gone:
        table.delete(f"session <= {delta.quoted(gone[-1].isoformat())}")
    return len(gone)


def _sweep(where: Path, keep_hours: float) -> int:
    """Remove half-written commit files that a killed writer left in the log folder."""
    count = 0
    newest = max((file.stat().st_mtime for file in (where / "_delta_log").iterdir()), default=0.0)
    for file in (where / "_delta_log").glob("_commit_*.tmp"):
        if newest - file.stat().st_mtime >= keep_hours * 3600 or keep_hours == 0:
            file.unlink(missing_ok=True)
            count += 1
    return count
