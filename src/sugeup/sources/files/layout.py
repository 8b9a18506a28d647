"""How a known file is described: its columns, the labels that tell files of one shape apart, and what it becomes.

A layout is data and pure functions from frame to frame. Each family of files is one module of this package with a
`LAYOUTS` tuple; a new layout is a new entry there or a new module. Units are converted by these functions and nowhere
else; what comes out are wide rows in our columns, in won and shares, null where the file says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from sugeup.records import Kind

ROW = "row"
"""Column that carries the number of a row in its file, counted from 1 without the header."""

FAULT_SCHEMA: dict[str, pl.DataType] = {ROW: pl.Int64(), "reason": pl.String(), "value": pl.String()}
"""Columns of a frame of faults: which row, why it is not taken, and the value that was found."""

EOK = 100_000_000
"""억원 in won."""
MILLION = 1_000_000
"""백만원 in won."""
TRILLION = 1_000_000_000_000
"""조원 in won."""


@dataclass(frozen=True)
class Rows:
    """Result of a transform: rows in our columns, counts of rows left out by reason, and faulty rows."""

    frame: pl.DataFrame
    left_out: Mapping[str, int] = field(default_factory=dict)
    faults: pl.DataFrame = field(default_factory=lambda: no_faults())


@dataclass(frozen=True)
class Table:
    """One table that a file becomes. `source` None: the transform gives each row its own.

    `raw_prices` False: the file mixes stocks and funds, whose tick grids differ, so prices are not compared with one.
    """

    dataset: str
    transform: Callable[[pl.DataFrame], Rows]
    source: str | None
    products: str = "STOCK"
    raw_prices: bool = True


@dataclass(frozen=True)
class Labels:
    """Values of one column that tell files of one shape apart; `all_needed`: exactly these, else a part of them."""

    column: str
    values: frozenset[str]
    all_needed: bool = True

    def fit(self, frame: pl.DataFrame) -> bool:
        """Whether the file has these labels."""
        found = set(self.found(frame))
        return found == self.values if self.all_needed else found <= self.values

    def found(self, frame: pl.DataFrame) -> list[str]:
        """The labels that the file has, sorted; none when the column does not hold words."""
        labels = frame[self.column].drop_nulls()
        return [] if labels.dtype.is_nested() else sorted(labels.cast(pl.String, strict=False).drop_nulls().unique())


@dataclass(frozen=True)
class Layout:
    """A known file. `columns` with the kind each is read as (None: known, not read); `refuse`: why it is not taken.

    `group`: columns that rows of one wide row share, so that a fault in one of them rejects all. `partial`: the file
    has more columns than these.
    """

    name: str
    title: str
    columns: Mapping[str, Kind | None]
    tables: tuple[Table, ...] = ()
    labels: Labels | None = None
    group: tuple[str, ...] = ()
    refuse: str | None = None
    partial: bool = False


def no_faults() -> pl.DataFrame:
    """An empty frame of faults."""
    return pl.DataFrame(schema=FAULT_SCHEMA)


def faults(frame: pl.DataFrame, wrong: pl.Expr, reason: pl.Expr | str, value: pl.Expr | None = None) -> pl.DataFrame:
    """The rows where `wrong` holds, with a reason in words and the value found; null counts as not wrong."""
    said = pl.lit(reason) if isinstance(reason, str) else reason
    return frame.filter(wrong.fill_null(False)).select(
        pl.col(ROW).cast(pl.Int64),
        said.cast(pl.String).alias("reason"),
        (pl.lit(None) if value is None else value).cast(pl.String).alias("value"),
    )


def without(frame: pl.DataFrame, faulty: pl.DataFrame) -> pl.DataFrame:
    """The rows that are not among the faulty ones."""
    return frame if faulty.is_empty() else frame.join(faulty, on=ROW, how="anti")
