"""`store restore`: brings back the last good version of what is damaged, and touches nothing else.

A commit that cannot be read is set aside (the folder `quarantine` keeps it) and the version before it is current again.
A data file that is missing or cut short costs its folder (a month, a year, a day) alone: the folder's good files stay,
the rows of the broken one come from the newest earlier version whose files are whole, and from the log of revisions.
What no version holds any more is counted as lost, so that it can be collected again. A damaged state database is set
aside and its ledger rebuilt from the stored rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import TableNotFoundError

from sugeup import records
from sugeup.market.clock import Clock
from sugeup.records import Dataset, ledger
from sugeup.records.ledger import Asked
from sugeup.records.upkeep import Condition, Repair
from sugeup.store import delta, format, inspection, revisions
from sugeup.store.faults import FAILURES, told
from sugeup.store.state import State
from sugeup.store.upkeep import files

QUARANTINE = "quarantine"


def restore(root: Path, state: State, clock: Clock, standings: Mapping[str, int]) -> list[Repair]:
    """Repair every damaged table of a lake; an empty list when nothing was damaged. Safe to interrupt and repeat."""
    repairs: list[Repair] = []
    damaged = {one.table for one in inspection.inspect(root, state.path) if one.condition is Condition.DAMAGED}
    if "lake" in damaged:
        format.mark(root)
        repairs.append(Repair("lake", "wrote format.json anew"))
    for dataset in records.datasets().values():
        for past in (True, False):  # the log first: current rows may be salvaged from it
            if inspection.label(dataset, past=past) in damaged:
                with told(dataset.name):
                    repairs += _table(root, dataset, standings, past=past)
    if "state" in damaged:
        repairs.append(_state(root, state, clock))
    return repairs


def _table(root: Path, dataset: Dataset, standings: Mapping[str, int], *, past: bool) -> list[Repair]:
    where, name = delta.path(root, dataset, past=past), inspection.label(dataset, past=past)
    repairs = []
    table, set_aside = _opened(root, where, name)
    if set_aside:
        known = (
            "none is left: the table begins anew" if table is None else f"version {table.version()} is current again"
        )
        repairs.append(Repair(name, f"set aside {set_aside} unreadable files of the log; {known}"))
    if table is None:
        delta.create(where, dataset)
        return repairs
    broken = set(inspection.broken_files(where, table))
    folders = files(table).filter(pl.col("path").is_in(list(broken)))["folder"].unique().to_list() if broken else []
    for folder in folders:
        repairs.append(_folder(root, where, dataset, table, folder, broken, standings, past=past))
        table = DeltaTable(where)
    return repairs


def _opened(root: Path, where: Path, name: str) -> tuple[DeltaTable | None, int]:
    """The table at its newest readable version; files of the log that stand in the way are set aside, newest first."""
    count = 0
    while True:
        try:
            table = DeltaTable(where)
            files(table)
            return table, count
        except TableNotFoundError:
            if not _hinder(root, where, name, missing=True):
                return None, count
        except FAILURES:
            if not _hinder(root, where, name, missing=False):
                return None, count
        count += 1


def _hinder(root: Path, where: Path, name: str, *, missing: bool) -> bool:
    """Set aside the newest file of the log: a checkpoint before its commits, for they repeat what it says."""
    log = where / "_delta_log"
    if not log.is_dir():
        return False
    hint = log / "_last_checkpoint"
    checkpoints = sorted(log.glob("*.checkpoint*.parquet"), reverse=True)
    commits = sorted(log.glob("[0-9]*.json"), reverse=True)
    unreadable = [file for file in checkpoints if not inspection._whole(file, None)]
    if unreadable or (hint.exists() and not checkpoints):
        chosen = [*unreadable, hint] if hint.exists() else unreadable
    elif commits and not missing:
        chosen = [commits[0]]
    elif hint.exists():
        chosen = [hint]
    else:
        return False
    aside = root / QUARANTINE / name
    aside.mkdir(parents=True, exist_ok=True)
    for file in chosen:
        file.replace(aside / file.name)
    return True


def _folder(
    root: Path,
    where: Path,
    dataset: Dataset,
    table: DeltaTable,
    folder: str | None,
    broken: set[str],
    standings: Mapping[str, int],
    *,
    past: bool,
) -> Repair:
    """Rebuild one folder: its good files, then what earlier versions and the log of revisions still hold."""
    listed = files(table).filter(pl.col("folder").eq_missing(pl.lit(folder, pl.String)))
    gone = listed.filter(pl.col("path").is_in(list(broken)))
    good = [name for name in listed["path"].to_list() if name not in broken]
    kept = _read(where, dataset, good)
    expected = int(gone["num_records"].fill_null(0).sum())
    salvaged = _earlier(where, dataset, table, folder, set(listed["path"]))
    if past:
        whole = pl.concat([kept, salvaged]).unique(maintain_order=True)
    else:
        salvaged = pl.concat([salvaged, _logged(root, dataset, folder)])
        fresh = salvaged.join(kept, on=dataset.full_key, how="anti")
        whole = pl.concat([kept, revisions.best(dataset, fresh, standings)])
    gained = whole.height - kept.height
    column = delta.folder(dataset)
    predicate = None if folder is None or column is None else f"{column} = {_literal(dataset, folder)}"
    _set_aside(root, where, dataset, gone["path"].to_list(), past=past)
    write_deltalake(table, delta.located(dataset, whole), mode="overwrite", predicate=predicate)
    name = inspection.label(dataset, past=past)
    lost = max(expected - gained, 0)
    return Repair(name, f"rebuilt {folder or 'the table'} without {gone.height} broken files", gained, lost, folder)


def _earlier(where: Path, dataset: Dataset, table: DeltaTable, folder: str | None, listed: set[str]) -> pl.DataFrame:
    """Rows of the folder in the newest earlier version whose files there are whole and not those of today."""
    for version in range(table.version() - 1, -1, -1):
        try:
            past = files(DeltaTable(where, version=version))
        except FAILURES:
            break
        names = past.filter(pl.col("folder").eq_missing(pl.lit(folder, pl.String)))["path"].to_list()
        others = [name for name in names if name not in listed]
        if others and all(inspection._whole(where / name, None) for name in others):
            return _read(where, dataset, others)
    return dataset.empty()


def _logged(root: Path, dataset: Dataset, folder: str | None) -> pl.DataFrame:
    """Revisions of the folder: a row that was superseded is better than none, and marked by its own provenance."""
    where = delta.path(root, dataset, past=True)
    if not where.exists():
        return dataset.empty()
    table = DeltaTable(where)
    names = files(table).filter(pl.col("folder").eq_missing(pl.lit(folder, pl.String)))["path"].to_list()
    return _read(where, dataset, [name for name in names if inspection._whole(where / name, None)])


def _read(where: Path, dataset: Dataset, names: list[str]) -> pl.DataFrame:
    frames = []
    for name in names:
        frame = pl.read_parquet(where / name, hive_partitioning=False)
        if dataset.dated not in frame.columns:  # a folder per day keeps the day in its name alone
            day = name.split("/")[0].split("=")[1]
            frame = frame.with_columns(pl.lit(day).str.to_date().alias(dataset.dated))
        frames.append(dataset.conform(frame))
    return pl.concat(frames) if frames else dataset.empty()


def _set_aside(root: Path, where: Path, dataset: Dataset, names: list[str], *, past: bool) -> None:
    for name in names:
        aside = root / QUARANTINE / inspection.label(dataset, past=past) / name
        if (where / name).exists():
            aside.parent.mkdir(parents=True, exist_ok=True)
            (aside.parent / aside.name).write_bytes((where / name).read_bytes())


def _literal(dataset: Dataset, folder: str) -> str:
    return folder if dataset.partition.value in {"month", "year"} else delta.quoted(folder)


def _state(root: Path, state: State, clock: Clock) -> Repair:
    state.close()
    aside = root / QUARANTINE / "state"
    aside.mkdir(parents=True, exist_ok=True)
    for suffix in ("", "-wal", "-shm"):
        file = state.path.with_name(state.path.name + suffix)
        if file.exists():
            file.replace(aside / file.name)
    spans: list[Asked] = []
    for dataset in records.datasets().values():
        where = delta.path(root, dataset, past=False)
        if where.exists():
            rows = delta.collect(
                dataset, DeltaTable(where), delta.Span(dataset, None, None), ["source", dataset.scope, dataset.dated]
            )
            spans += ledger.spans(dataset, rows, clock.now())
    state.record(spans)
    return Repair("state", f"set the database aside and rebuilt the ledger from the stored rows ({len(spans):,} spans)")
