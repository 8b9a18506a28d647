"""저장된 행의 수: what is stored of a dataset in numbers: rows by source, how far they reach, on which dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from sugeup.records.schema import Dataset


@dataclass(frozen=True)
class SourceTally:
    """Current rows of one source: how many, of how many scopes (codes, markets), from which date to which."""

    source: str
    rows: int
    scopes: int
    first: date
    last: date


@dataclass(frozen=True)
class Tally:
    """Current rows of one dataset: `sources`, most rows first; `provisional` rows (잠정); every date with a row."""

    sources: tuple[SourceTally, ...] = ()
    provisional: int = 0
    dates: tuple[date, ...] = ()

    @property
    def rows(self) -> int:
        """Rows of all sources."""
        return sum(one.rows for one in self.sources)

    @property
    def newest(self) -> date | None:
        """The last date with a row; null while there is none."""
        return self.dates[-1] if self.dates else None


def columns(dataset: Dataset) -> list[str]:
    """The columns that `tally` needs."""
    return list(dict.fromkeys(("source", dataset.scope, dataset.dated, "final")))


def tally(dataset: Dataset, rows: pl.DataFrame) -> Tally:
    """Count rows of a dataset, in any order; quickest where the rows of one scope stand together."""
    if rows.is_empty():
        return Tally()
    source, final = rows["source"], rows["final"]
    parts = [rows] if (source == source[0]).all() else rows.partition_by("source")
    found = [_of(dataset, part) for part in parts]
    return Tally(
        tuple(sorted(found, key=lambda one: (-one.rows, one.source))),
        0 if final.all() else int((~final).sum()),
        tuple(rows[dataset.dated].unique().sort().to_list()),
    )


def _of(dataset: Dataset, part: pl.DataFrame) -> SourceTally:
    first, last = part[dataset.dated].min(), part[dataset.dated].max()
    assert isinstance(first, date) and isinstance(last, date)
    scopes = part[dataset.scope].rle().struct.field("value").n_unique()
    return SourceTally(part["source"][0], part.height, scopes, first, last)
