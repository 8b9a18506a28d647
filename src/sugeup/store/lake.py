"""The lake: one Delta table of current rows per dataset, and beside it a log of every row that lost or was superseded.

Any number of processes read while one writes; two writers are told apart by Delta's commit protocol and the loser tries
again. A killed writer leaves the old or the new state: the log is appended first, the current table is replaced by one
commit, and a log row without its commit is the row that is still current, which reads recognise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl
import stamina
from deltalake import DeltaTable, Field, Schema, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from deltalake.schema import PrimitiveType

from sugeup.errors import CorruptStore, Retryable
from sugeup.records import Dataset, Kind, Partition, Standing
from sugeup.records.ledger import Upserted
from sugeup.store import revisions

_LOG = "revisions"
_TYPES: dict[Kind, str] = {
    Kind.INTEGER: "long",
    Kind.NUMBER: "double",
    Kind.TEXT: "string",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.INSTANT: "timestamp",
}
_FOLDERS: dict[Partition, tuple[str, pl.Expr]] = {
    Partition.MONTH: ("month", pl.col("session").dt.year() * 100 + pl.col("session").dt.month()),
    Partition.YEAR: ("year", pl.col("session").dt.year()),
    Partition.DAY: ("session", pl.col("session")),
}


class Lake:
    """Delta tables below `root`. `standings` orders sources; an unknown source is the least preferred."""

    def __init__(self, root: Path, standings: Mapping[str, Standing]) -> None:
        self.root = root
        self._standings = {name: int(standing) for name, standing in standings.items()}
        self._open: dict[tuple[str, bool], DeltaTable] = {}

    def upsert(self, dataset: Dataset, frame: pl.DataFrame) -> Upserted:
        """Store rows, one current row per key; repeating the call changes nothing.

        `frame` has the dataset's columns and at most one row per key and source; one call is one commit.
        Raises ValueError on a repeated key, Retryable(BUSY) when other writers win ten times in a row.
        """
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
        span = _Span.of(dataset, batch)
        current_table = self._table(dataset, past=False) or self._create(dataset, past=False)
        current = _collect(dataset, current_table, span)
        log = _collect(dataset, self._table(dataset, past=True), span)
        news = revisions.unseen(dataset, batch, current, log)
        if news.is_empty():
            return Upserted(same=batch.height)
        split = revisions.settle(dataset, current, news, self._standings)
        retired = revisions.unlogged(dataset, split.retired, log)
        if not retired.is_empty():
            log_table = self._table(dataset, past=True) or self._create(dataset, past=True)
            write_deltalake(log_table, _located(dataset, retired), mode="append")
        if not split.winners.is_empty():
            rows = _located(dataset, pl.concat([split.untouched, split.winners]))
            # The table is the snapshot that was read above: a commit by another writer since then makes this one fail.
            write_deltalake(current_table, rows, mode="overwrite", predicate=span.sql())
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
        span = _Span(dataset, start, end, scopes)
        frame = _collect(dataset, self._table(dataset, past=False), span, wanted)
        if as_of is not None or having:
            frame = pl.concat([frame, _collect(dataset, self._table(dataset, past=True), span, wanted)])
            if as_of is not None:
                frame = frame.filter(pl.col("known_at") <= as_of)
            if having:
                frame = frame.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in having))
            frame = revisions.best(dataset, frame, self._standings)
        return frame.sort(dataset.full_key)

    def version(self, dataset: Dataset) -> str:
        """Versions of the dataset's current table and of its log, `3.1`; `-` for a table that is not there.

        Changes with every change, so that it can key what was computed from the dataset.
        """
        tables = (self._table(dataset, past=past) for past in (False, True))
        return ".".join("-" if table is None else str(table.version()) for table in tables)

    def _table(self, dataset: Dataset, *, past: bool) -> DeltaTable | None:
        held = self._open.get((dataset.name, past))
        try:
            if held is None:
                held = DeltaTable(self._path(dataset, past=past))
                self._open[dataset.name, past] = held
            else:
                held.update_incremental()
        except TableNotFoundError:
            return None
        except (DeltaError, OSError) as error:
            raise _damaged(dataset, held, error) from error
        return held

    def _path(self, dataset: Dataset, *, past: bool) -> Path:
        return self.root / _LOG / dataset.name if past else self.root / dataset.name

    def _create(self, dataset: Dataset, *, past: bool) -> DeltaTable:
        path = self._path(dataset, past=past)
        path.mkdir(parents=True, exist_ok=True)
        folder = _FOLDERS.get(dataset.partition)
        table = DeltaTable.create(
            path,
            lake_schema(dataset),
            mode="ignore",
            partition_by=None if folder is None else [folder[0]],
            description=dataset.meaning,
        )
        self._open[dataset.name, past] = table
        return table


def lake_schema(dataset: Dataset) -> Schema:
    """The Delta schema of a dataset: its columns, then the column that names the folder of a row."""
    fields = [Field(c.name, PrimitiveType(_TYPES[c.kind]), nullable=not c.required) for c in dataset.all_columns]
    if dataset.partition in {Partition.MONTH, Partition.YEAR}:
        fields.append(Field(dataset.partition.value, PrimitiveType("integer")))
    return Schema(fields)


def _located(dataset: Dataset, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows in stored order, with the column that names their folder."""
    folder = _FOLDERS.get(dataset.partition)
    stored = rows.sort(dataset.full_key)
    return stored if folder is None else stored.with_columns(folder[1].alias(folder[0]))


def _collect(
    dataset: Dataset, table: DeltaTable | None, span: _Span, columns: Sequence[str] | None = None
) -> pl.DataFrame:
    wanted = list(columns or dataset.frame_schema)
    if table is None:
        return dataset.empty().select(wanted)
    try:
        scan = pl.scan_delta(table)
        for condition in span.conditions():
            scan = scan.filter(condition)
        return scan.select(wanted).collect()
    except (pl.exceptions.PolarsError, DeltaError, OSError) as error:
        raise _damaged(dataset, table, error) from error


@dataclass(frozen=True)
class _Span:
    """A range of dates and scopes of one dataset, as conditions that both polars and Delta can push down."""

    dataset: Dataset
    start: date | None
    end: date | None
    scopes: Sequence[str] | None = None

    @classmethod
    def of(cls, dataset: Dataset, batch: pl.DataFrame) -> _Span:
        """The span that a batch touches."""
        dates = batch[dataset.dated]
        first, last = dates.min(), dates.max()
        assert isinstance(first, date) and isinstance(last, date)
        if dataset.partition is Partition.WHOLE:
            return cls(dataset, None, None)
        return cls(dataset, first, last)

    def conditions(self) -> list[pl.Expr]:
        """The span for polars: folders first, then dates and scopes."""
        signs = {"=": pl.Expr.__eq__, ">=": pl.Expr.__ge__, "<=": pl.Expr.__le__}
        found = [signs[sign](pl.col(name), pl.lit(value)) for name, sign, value in self._bounds()]
        if self.scopes is not None:
            found.append(pl.col(self.dataset.scope).is_in(list(self.scopes)))
        return found

    def sql(self) -> str | None:
        """The span as a Delta predicate, without scopes; None: the whole table."""
        said = [f"{name} {sign} {_quoted(value)}" for name, sign, value in self._bounds()]
        return " AND ".join(said) or None

    def _bounds(self) -> list[tuple[str, str, date | int]]:
        """Column, sign and value of each bound; one day and one folder are equalities, which prune best."""
        first, last = (None if edge is None else self._folder(edge) for edge in (self.start, self.end))
        found: list[tuple[str, str, date | int]] = []
        for name, low, high in (
            (self.dataset.partition.value, first, last),
            (self.dataset.dated, self.start, self.end),
        ):
            if low is not None and low == high:
                found.append((name, "=", low))
                continue
            found += [(name, ">=", low)] if low is not None else []
            found += [(name, "<=", high)] if high is not None else []
        return found

    def _folder(self, edge: date) -> int | None:
        match self.dataset.partition:
            case Partition.MONTH:
                return edge.year * 100 + edge.month
            case Partition.YEAR:
                return edge.year
            case _:
                return None


def _quoted(value: date | int) -> str:
    return f"'{value.isoformat()}'" if isinstance(value, date) else str(value)


def _damaged(dataset: Dataset, table: DeltaTable | None, error: Exception) -> CorruptStore:
    version = "unknown" if table is None else table.version()
    return CorruptStore(
        f"{dataset.name} (version {version}) cannot be read: {str(error).splitlines()[0][:300]}",
        hint="Move the dataset's folder aside and import or collect it again.",
        details={"dataset": dataset.name, "version": version},
    )
