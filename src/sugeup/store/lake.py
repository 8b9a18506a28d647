"""The lake: one Delta table of current rows per dataset, and beside it a log of every row that lost or was superseded.

Any number of processes read while one writes; two writers are told apart by Delta's commit protocol and the loser tries
again. A killed writer leaves the old or the new state: the log is appended first, the current table is replaced by one
commit, and a log row without its commit is the row that is still current, which reads recognise.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import stamina
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError, TableNotFoundError

from sugeup.errors import ConfigError, Refused, Retryable
from sugeup.records import Dataset, Standing
from sugeup.records.ledger import Upserted
from sugeup.store import delta, format, revisions
from sugeup.store.delta import Span
from sugeup.store.faults import told
from sugeup.store.versions import Versions


class Lake:
    """Delta tables below `root`. `standings` orders sources; an unknown source is the least preferred.

    `stored_on`: read everything as it was stored at that moment; such a lake cannot be written.
    """

    def __init__(self, root: Path, standings: Mapping[str, Standing], stored_on: datetime | None = None) -> None:
        self.root = root
        self.stored_on = None if stored_on is None else stored_on.astimezone(UTC)
        self.standings = {name: int(standing) for name, standing in standings.items()}
        self._threads = threading.local()
        self._versions = Versions()
        self._place = str(root)
        self._known_format: int | None = None

    def upsert(self, dataset: Dataset, frame: pl.DataFrame) -> Upserted:
        """Store rows, one current row per key; repeating the call changes nothing.

        `frame` has the dataset's columns and at most one row per key and source; one call is one commit.
        Raises ValueError on a repeated key, Retryable(BUSY) when other writers win every time, ConfigError when the
        disk cannot be written, CorruptStore when the region cannot be read.
        """
        if self.stored_on is not None:
            raise Refused("A lake that is read as stored at an earlier time cannot be written.", hint="Leave that out.")
        batch = dataset.conform(frame)
        identity = [*dataset.full_key, "source"]
        if batch.select(pl.struct(identity).is_duplicated().any()).item():
            raise ValueError(f"{dataset.name}: the batch repeats a key ({', '.join(identity)})")
        if batch.is_empty():
            return Upserted()
        try:
            for attempt in stamina.retry_context(
                on=CommitFailedError, attempts=20, timeout=60, wait_initial=0.01, wait_jitter=0.1
            ):
                with attempt:
                    return self._merge(dataset, batch)
        except CommitFailedError:
            raise Retryable(
                f"{dataset.name} is being written by other processes.", code="BUSY", hint="Run the command again."
            ) from None
        raise AssertionError("unreachable")

    def _merge(self, dataset: Dataset, batch: pl.DataFrame) -> Upserted:
        span = Span.of(dataset, batch)
        current_table = self.table(dataset, past=False) or self._create(dataset, past=False)
        log_table = self.table(dataset, past=True)
        current = _region(dataset, current_table, span)
        log = _region(dataset, log_table, span)
        news = revisions.unseen(dataset, batch, current, log)
        if news.is_empty():
            return Upserted(same=batch.height)
        split = revisions.settle(dataset, current, news, self.standings)
        retired = revisions.unlogged(dataset, split.retired, log)
        if not retired.is_empty():
            self._write(dataset, log_table or self._create(dataset, past=True), retired, mode="append")
        if not split.winners.is_empty():
            # The table is the snapshot that was read above: a commit by another writer since then makes this one fail.
            rows = pl.concat([split.untouched, split.winners])
            self._write(dataset, current_table, rows, mode="overwrite", predicate=span.sql())
        return Upserted(
            added=split.winners.height - split.displaced,
            replaced=split.displaced,
            kept=news.height - split.winners.height,
            same=batch.height - news.height,
        )

    def read(
        self,
        dataset: Dataset,
        *,
        columns: Sequence[str] | None = None,
        scopes: Sequence[str] | None = None,
        start: date | None = None,
        end: date | None = None,
        as_of: datetime | None = None,
        having: Sequence[str] = (),
    ) -> pl.DataFrame:
        """Rows of a dataset, sorted by key: one current row per key, or the row that was known at `as_of`.

        `columns` (key and provenance are always added), `scopes` (codes, markets) and sessions `start` to `end` are
        pushed down to the files. `having`: the best row per key among those that have a value in one of these columns,
        which reaches past a current row of a preferred source that lacks them. An empty frame when nothing is stored.
        """
        if columns is None:
            wanted = list(dataset.frame_schema)
        else:
            named = {*dataset.full_key, *columns, *having, "source", "known_at", "ingested_at", "final"}
            wanted = [name for name in dataset.frame_schema if name in named]
        span = Span(dataset, start, end, scopes)
        frame = delta.collect(dataset, self.table(dataset, past=False), span, wanted)
        if as_of is not None or having or self.stored_on is not None:
            frame = pl.concat([frame, delta.collect(dataset, self.table(dataset, past=True), span, wanted)])
            if self.stored_on is not None:
                frame = frame.filter(pl.col("ingested_at") <= self.stored_on)
            if as_of is not None:
                frame = frame.filter(pl.col("known_at") <= as_of)
            if having:
                frame = frame.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in having))
            frame = revisions.best(dataset, frame, self.standings)
        return frame.sort(dataset.full_key)

    def version(self, dataset: Dataset) -> str:
        """Versions of the dataset's current table and of its log; `-` for a table that is not there.

        Changes with every change, also when a restore gives a number again, so that it can key what was computed.
        """
        places = (f"{self._place}/{dataset.name}", f"{self._place}/{delta.REVISIONS}/{dataset.name}")
        return ".".join(self._versions.of(place) for place in places)

    def table(self, dataset: Dataset, *, past: bool) -> DeltaTable | None:
        """The table of current rows or the log at its newest version, None while there is none; a handle per thread."""
        if self._known_format is None:
            self._known_format = format.check(self.root)
        handles = self._handles
        held = handles.get((dataset.name, past))
        with told(dataset.name, "unknown" if held is None else held.version()):
            try:
                if held is None:
                    held = handles[dataset.name, past] = DeltaTable(delta.path(self.root, dataset, past=past))
                else:
                    held.update_incremental()
            except (TableNotFoundError, FileNotFoundError):
                handles.pop((dataset.name, past), None)
                return None
            return held

    @property
    def _handles(self) -> dict[tuple[str, bool], DeltaTable]:
        """Open tables of this thread: delta-rs does not let two threads move one handle."""
        if not hasattr(self._threads, "handles"):
            self._threads.handles = {}
        found: dict[tuple[str, bool], DeltaTable] = self._threads.handles
        return found

    def _create(self, dataset: Dataset, *, past: bool) -> DeltaTable:
        table = delta.create(delta.path(self.root, dataset, past=past), dataset)
        self._handles[dataset.name, past] = table
        return table

    def _write(self, dataset: Dataset, table: DeltaTable, rows: pl.DataFrame, **how: str | None) -> None:
        stored, present = delta.located(dataset, rows), delta.columns(table)
        unknown = [name for name in present if name not in stored.columns]
        if unknown:
            raise ConfigError(
                f"{dataset.name} has columns that this version does not know: {', '.join(unknown)}.",
                hint="It was written by a newer sugeup: upgrade before you write.",
            )
        if self._known_format is None:
            format.mark(self.root)
            self._known_format = format.FORMAT
        grown = {} if set(stored.columns) <= set(present) else {"schema_mode": "merge"}
        with told(dataset.name, table.version()):
            write_deltalake(table, stored, **how, **grown)  # type: ignore[call-overload]


def _region(dataset: Dataset, table: DeltaTable | None, span: Span) -> pl.DataFrame:
    """What is stored of a span; a day that no file can hold is not looked for."""
    if table is None or not delta.touches(table, span):
        return dataset.empty()
    return delta.collect(dataset, table, span)
