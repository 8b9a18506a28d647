"""`store restore`: brings back the last good state of what is damaged, and touches nothing else.

Rows outlive their log: whatever happens to a commit, the data files that are whole still hold what was stored. So a
file of the log that cannot be read is set aside (the folder `quarantine` keeps it), and each folder (a month, a year,
a day) that a damage touches is built anew from every whole file that lies in it, of the newest and of earlier versions,
one best row per key as always, and, where a file was lost, from the log of revisions. What none of them holds any more
is counted as lost, so that it can be collected again. A damaged state database is set aside and its ledger rebuilt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import TableNotFoundError

from sugeup import records
from sugeup.market.clock import Clock
from sugeup.records import Dataset, Partition, ledger
from sugeup.records.ledger import Asked
from sugeup.records.upkeep import Condition, Repair
from sugeup.store import delta, format, inspection, revisions
from sugeup.store.faults import FAILURES, told
from sugeup.store.files import Files
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
                    repairs += _Table(root, dataset, standings, past=past).repaired()
    if "state" in damaged:
        repairs.append(_state(root, state, clock))
    return repairs


class _Table:
    """One damaged table; `past`: a log."""

    def __init__(self, root: Path, dataset: Dataset, standings: Mapping[str, int], *, past: bool) -> None:
        self.root = root
        self.dataset = dataset
        self.standings = standings
        self.past = past
        self.where = delta.path(root, dataset, past=past)
        self.name = inspection.label(dataset, past=past)

    def repaired(self) -> list[Repair]:
        """Open the table at its newest readable version and build anew what the damage touches."""
        table, set_aside = self._opened()
        repairs = []
        if set_aside:
            said = "none is readable" if table is None else f"version {table.version()} is the newest readable one"
            repairs.append(Repair(self.name, f"set aside {set_aside} files of the log; {said}"))
        table = table or delta.create(self.where, self.dataset)
        broken = set(inspection.broken_files(self.where, table))
        listed = files(table)
        if set_aside or not broken:
            chosen = sorted({*self._on_disk(), *(folder or "" for folder in listed["folder"].to_list())})
        else:
            chosen = sorted({folder or "" for folder in listed.filter(pl.col("path").is_in(broken))["folder"]})
        for folder in chosen:
            repair = self._rebuilt(table, folder, broken)
            if repair is not None:
                repairs.append(repair)
            table = DeltaTable(self.where)
        table.create_checkpoint()  # commits that are damaged, but before it, are no longer read
        return repairs

    def _opened(self) -> tuple[DeltaTable | None, int]:
        """The table at its newest readable version; files of the log that stand in the way are set aside."""
        count = 0
        while True:
            try:
                table = DeltaTable(self.where)
                files(table)
                beyond = [f for f in inspection.commits(self.where) if inspection.number(f) > table.version()]
                self._set_aside_log(beyond)
                return table, count + len(beyond)
            except TableNotFoundError:
                hindering = self._hindering(missing=True)
            except FAILURES:
                hindering = self._hindering(missing=False)
            if not hindering:
                return None, count
            self._set_aside_log(hindering)
            count += len(hindering)

    def _hindering(self, *, missing: bool) -> list[Path]:
        """The next files of the log to set aside: unreadable checkpoints and their hint, else the newest commit."""
        log = self.where / "_delta_log"
        if not log.is_dir():
            return []
        hint = [log / "_last_checkpoint"] if (log / "_last_checkpoint").exists() else []
        checkpoints = list(log.glob("*.checkpoint*.parquet"))
        unreadable = [file for file in checkpoints if not inspection.is_whole(file, None)]
        if unreadable:
            return unreadable + hint
        if hint and (missing or not checkpoints):
            return hint
        return inspection.commits(self.where)[-1:] or hint or checkpoints

    def _set_aside_log(self, chosen: Sequence[Path]) -> None:
        aside = self.root / QUARANTINE / self.name / "_delta_log"
        for file in chosen:
            aside.mkdir(parents=True, exist_ok=True)
            file.replace(aside / file.name)

    def _on_disk(self) -> set[str]:
        """Values of the folders that hold data files; one empty value where the table is one folder."""
        if delta.folder(self.dataset) is None:
            return {""} if any(self.where.glob("*.parquet")) else set()
        return {file.parent.name.split("=", 1)[1] for file in self.where.glob("*=*/*.parquet")}

    def _rebuilt(self, table: DeltaTable, folder: str, broken: set[str]) -> Repair | None:
        """Build one folder anew from what is whole; None when that changes nothing."""
        column = delta.folder(self.dataset)
        inside = self.where if column is None else self.where / f"{column}={folder}"
        found = sorted(inside.glob("*.parquet"))
        whole = [file for file in found if inspection.is_whole(file, None)]
        rows = self._best(self._read(whole, folder))
        listed = files(table).filter(pl.col("folder").fill_null("") == folder)
        gone = [name for name in listed["path"].to_list() if name in broken]
        if gone and not self.past:
            logged = self._logged(column, folder)
            rows = self._best(pl.concat([rows, logged.join(rows, on=self.dataset.full_key, how="anti")]))
        expected = int(listed["num_records"].fill_null(0).sum())
        current = self._read([self.where / name for name in listed["path"].to_list() if name not in broken], folder)
        if not gone and rows.height == current.height and rows.equals(self._best(current)):
            return None
        for file in found:
            if file not in whole:
                aside = self.root / QUARANTINE / self.name / file.relative_to(self.where)
                aside.parent.mkdir(parents=True, exist_ok=True)
                aside.write_bytes(file.read_bytes())
        predicate = None if column is None else f"{column} = {self._literal(folder)}"
        write_deltalake(table, delta.located(self.dataset, rows), mode="overwrite", predicate=predicate)
        said = f"built {folder or 'the table'} anew from {len(whole)} whole files"
        lost = max(expected - rows.height, 0) if gone else 0
        return Repair(self.name, said, max(rows.height - current.height, 0), lost, folder or None)

    def _best(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows of a log once each; of a current table the best of each key, in stored order."""
        chosen = rows.unique(maintain_order=True) if self.past else revisions.best(self.dataset, rows, self.standings)
        return chosen.sort(self.dataset.full_key)

    def _logged(self, column: str | None, folder: str) -> pl.DataFrame:
        """Revisions of the folder: a row that was superseded is better than none, and says itself what it is."""
        where = delta.path(self.root, self.dataset, past=True)
        inside = where if column is None else where / f"{column}={folder}"
        return self._read([file for file in inside.glob("*.parquet") if inspection.is_whole(file, None)], folder)

    def _read(self, chosen: Sequence[Path], folder: str) -> pl.DataFrame:
        frames = []
        for file in chosen:
            frame = pl.read_parquet(file, hive_partitioning=False)
            if self.dataset.partition is Partition.DAY:  # the day is in the folder's name alone
                frame = frame.with_columns(pl.lit(folder).str.to_date().alias(self.dataset.dated))
            frames.append(self.dataset.conform(frame))
        return pl.concat(frames) if frames else self.dataset.empty()

    def _literal(self, folder: str) -> str:
        return delta.quoted(folder) if self.dataset.partition is Partition.DAY else folder


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
            everything = delta.Span(dataset, None, None)
            stored = Files(dataset, str(where), DeltaTable(where))
            rows = delta.collect(dataset, stored, everything, ["source", dataset.scope, dataset.dated, "final"])
            spans += ledger.spans(dataset, rows, clock.now())
    state.record(spans)
    return Repair("state", f"set the database aside and rebuilt the ledger from the stored rows ({len(spans):,} spans)")
