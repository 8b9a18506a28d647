"""The lake: one Delta table of current rows per dataset, and beside it a log of every row that lost or was superseded.

Any number of processes read while one writes; two writers are told apart by Delta's commit protocol and the loser tries
again. A killed writer leaves the old or the new state: the log is appended first, the current table is replaced by one
commit, and a log row without its commit is the row that is still current, which reads recognise.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import polars as pl
import stamina
from deltalake import ColumnProperties, DeltaTable, WriterProperties, write_deltalake
from deltalake.exceptions import CommitFailedError, TableNotFoundError

from sugeup.errors import ConfigError, Refused, Retryable
from sugeup.records import Dataset, Standing
from sugeup.records.ledger import Upserted
from sugeup.records.tally import Tally, columns, tally
from sugeup.store import delta, format, revisions
from sugeup.store.delta import Span
from sugeup.store.faults import told
from sugeup.store.files import Files
from sugeup.store.versions import ABSENT, Versions, number, stands

SMALL = 5000
"""Rows that a thread remembers at most of its last read."""


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
        current_table = self._files(dataset, past=False) or self._create(dataset, past=False)
        log_table = self._files(dataset, past=True)
        with ThreadPoolExecutor(1) as beside:
            logged = beside.submit(delta.collect, dataset, log_table, span)
            current = delta.collect(dataset, current_table, span)
            log = logged.result()
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
        span = Span(dataset, start, end, None if scopes is None else tuple(scopes))
        frame = self._current(dataset, span, wanted)
        if as_of is not None or self.stored_on is not None:
            frame = pl.concat([frame, delta.collect(dataset, self._files(dataset, past=True), span, wanted)])
            if self.stored_on is not None:
                frame = frame.filter(pl.col("ingested_at") <= self.stored_on)
            if as_of is not None:
                frame = frame.filter(pl.col("known_at") <= as_of)
            if having:
                frame = frame.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in having))
            frame = revisions.best(dataset, frame, self.standings)
        elif having:
            frame = self._valued(dataset, frame, span, wanted, having)
        return frame if delta.ordered(frame, dataset.full_key) else frame.sort(dataset.full_key)

    def tally(self, dataset: Dataset) -> Tally:
        """Current rows in numbers, as `read` without a date would give them; nothing but what is counted is read."""
        if self.stored_on is not None:
            return tally(dataset, self.read(dataset, columns=columns(dataset)))
        files = self._files(dataset, past=False)
        return tally(dataset, delta.collect(dataset, files, Span(dataset, None, None), columns(dataset)))

    def _current(self, dataset: Dataset, span: Span, wanted: Sequence[str]) -> pl.DataFrame:
        """Current rows; what this thread read last is not read again while it is current, if it is small.

        A question often asks for the same rows twice, as they are and with `having`.
        """
        files = self._files(dataset, past=False)
        asked = (files, span, wanted)
        last, frame = getattr(self._threads, "last", (None, None))
        if files is None or frame is None or last != asked:
            frame = delta.collect(dataset, files, span, wanted)
            self._threads.last = (asked, frame) if frame.height <= SMALL else (None, None)
        return frame

    def _valued(
        self, dataset: Dataset, current: pl.DataFrame, span: Span, wanted: Sequence[str], having: Sequence[str]
    ) -> pl.DataFrame:
        """Current rows that have a value, and for the others the best row of the log that has one.

        A current row is the best of its key, so it stays the best among those with a value when it has one itself.
        """
        has = pl.any_horizontal(pl.col(name).is_not_null() for name in having)
        lacking = current.filter(~has)
        if lacking.is_empty():
            return current
        found = delta.collect(dataset, self._files(dataset, past=True), span.narrowed(lacking), wanted).filter(has)
        if found.is_empty():
            return current.filter(has)
        found = found.join(lacking, on=dataset.full_key, how="semi")
        return pl.concat([current.filter(has), revisions.best(dataset, found, self.standings)])

    def version(self, dataset: Dataset) -> str:
        """Versions of the dataset's current table and of its log; `-` for a table that is not there.

        Changes with every change, also when a restore gives a number again, so that it can key what was computed.
        """
        return ".".join(self._versions.of(self._location(dataset, past=past)) for past in (False, True))

    def table(self, dataset: Dataset, *, past: bool) -> DeltaTable | None:
        """The table of current rows or the log at its newest version, None while there is none; a handle per thread."""
        files = self._files(dataset, past=past)
        return None if files is None else files.table

    def _files(self, dataset: Dataset, *, past: bool) -> Files | None:
        """The table as above with its files: opened again, or moved on, only when its newest commit is another one."""
        if self._known_format is None:
            self._known_format = format.check(self.root)
        handles, where = self._handles, self._location(dataset, past=past)
        at, held = handles.get(where, (ABSENT, None))
        now = self._versions.of(where)  # before the table is read, which may then be newer
        if held is not None and now == at != ABSENT:
            return held
        with told(dataset.name, "unknown" if held is None else held.version):
            try:
                if held is not None and number(now) > held.table.version() and stands(where, at):
                    held.table.update_incremental()
                    found = Files(dataset, where, held.table, held)
                else:
                    found = Files(dataset, where, DeltaTable(where))
            except (TableNotFoundError, FileNotFoundError):
                handles.pop(where, None)
                return None
        handles[where] = now, found
        return found

    def _location(self, dataset: Dataset, *, past: bool) -> str:
        return f"{self._place}/{delta.REVISIONS}/{dataset.name}" if past else f"{self._place}/{dataset.name}"

    @property
    def _handles(self) -> dict[str, tuple[str, Files]]:
        """Open tables of this thread by the commit they were opened at: delta-rs moves no handle for two threads."""
        if not hasattr(self._threads, "handles"):
            self._threads.handles = {}
        found: dict[str, tuple[str, Files]] = self._threads.handles
        return found

    def _create(self, dataset: Dataset, *, past: bool) -> Files:
        where = delta.path(self.root, dataset, past=past)
        return Files(dataset, str(where), delta.create(where, dataset))

    def _write(self, dataset: Dataset, files: Files, rows: pl.DataFrame, **how: str | None) -> None:
        stored, present = delta.located(dataset, rows), files.columns
        unknown = sorted(present.difference(stored.columns))
        if unknown:
            raise ConfigError(
                f"{dataset.name} has columns that this version does not know: {', '.join(unknown)}.",
                hint="It was written by a newer sugeup: upgrade before you write.",
            )
        if self._known_format is None:
            format.mark(self.root)
            self._known_format = format.FORMAT
        grown = {} if set(stored.columns) <= present else {"schema_mode": "merge"}
        with told(dataset.name, files.version):
            write_deltalake(files.table, stored, writer_properties=_written(dataset), **how, **grown)  # type: ignore[call-overload]
        now = self._versions.of(files.where)
        if number(now) == files.table.version():  # else somebody else has committed since
            self._handles[files.where] = now, Files(dataset, files.where, files.table, files)


@cache
def _written(dataset: Dataset) -> WriterProperties:
    """Least and greatest values are noted of the key alone: nothing else is looked for, and a commit is read faster."""
    noted = {name: ColumnProperties(statistics_enabled="CHUNK") for name in dataset.full_key}
    return WriterProperties(
        default_column_properties=ColumnProperties(statistics_enabled="NONE"), column_properties=noted
    )
