"""Files: recognises a table by its shape and turns it into rows of our datasets. Pure; reading the file is the job's.

`recognise` names the layout or refuses with the reason and what would be taken; `parse` gives one table per dataset and
source. The known layouts are found by listing the modules of this package (`LAYOUTS` in each).
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from sugeup.errors import Refused
from sugeup.records import Kind
from sugeup.sources.files import own
from sugeup.sources.files.layout import ROW, Layout, Rows, Table, no_faults, without
from sugeup.sources.files.values import typed
from sugeup.sources.files.wide import companions

__all__ = ["Layout", "Parsed", "layouts", "parse", "recognise"]

_SOURCE = re.compile(r"^[a-z][a-z0-9_]{0,39}$")


@dataclass(frozen=True)
class Parsed:
    """Rows of one dataset and one source with what was left out; the first table of a file carries its faults."""

    dataset: str
    source: str
    frame: pl.DataFrame
    left_out: Mapping[str, int]
    faults: pl.DataFrame
    raw_prices: bool


@functools.cache
def layouts() -> tuple[Layout, ...]:
    """Every known layout, found by listing the modules of this package."""
    found: list[Layout] = []
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda listed: listed.name):
        found += getattr(importlib.import_module(f"{__name__}.{module.name}"), "LAYOUTS", ())
    return tuple(found)


def recognise(frame: pl.DataFrame, *, dataset: str | None = None, source: str | None = None) -> Layout:
    """The layout of a file by its columns and labels; `dataset` and `source` are the caller's, for our own columns.

    Raises Refused saying why the file is not taken, and what is nearest to it.
    """
    if source is not None and not _SOURCE.match(source):
        raise Refused(f"source {source!r} is not a name; allowed: lower-case letters, digits and _, at most 40.")
    columns = frame.columns
    if dataset is None:
        shaped = [one for one in layouts() if _shaped(one, columns)]
        fitting = [one for one in shaped if one.labels is None or one.labels.fit(frame)]
        if fitting and fitting[0].refuse:
            raise Refused(f"{fitting[0].name} ({fitting[0].title}): {fitting[0].refuse}.")
        if fitting:
            return fitting[0]
        if shaped:
            raise _other_labels(frame, shaped)
    chosen = own.dataset_of(columns, dataset)
    if chosen is None:
        raise _unknown(columns)
    if source is not None and "source" in columns:
        raise Refused(
            f"the file has a column 'source' and the source {source!r} was named too.", hint="Give one of the two."
        )
    return own.layout_of(chosen, columns, source)


def parse(layout: Layout, frame: pl.DataFrame, *, source: str | None = None) -> list[Parsed]:
    """The tables of a recognised file, in the order in which they are to be stored; its rows are numbered from 1.

    `source` replaces the layout's source name. Faults of the values stand at the first table.
    """
    numbered = frame.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW))
    kinds: dict[str, Kind] = {name: kind for name, kind in layout.columns.items() if kind is not None}
    read, wrong = typed(numbered, kinds)
    spoiled = companions(read, layout.group, wrong) if layout.group else no_faults()
    bad = pl.concat([wrong, spoiled])
    clean = without(read, bad)
    tables: list[Parsed] = []
    for table in layout.tables:
        rows = table.transform(clean)
        found = pl.concat([bad, rows.faults]) if not tables else rows.faults
        tables += _by_source(table, rows, found, layout, source)
    return tables


def _by_source(table: Table, rows: Rows, faulty: pl.DataFrame, layout: Layout, source: str | None) -> list[Parsed]:
    frame = rows.frame
    if not layout.name.startswith(own.PREFIX):
        told = {"venue": "KRX", "products": table.products, "hours": "UNKNOWN", "final": True}
        frame = frame.with_columns(
            pl.lit(value).alias(name) for name, value in told.items() if name not in frame.columns
        )
    name = source or table.source
    if name is not None:
        named = [(name, frame.with_columns(source=pl.lit(name)))]
    else:
        filled = frame.with_columns(pl.coalesce(pl.col("source"), pl.lit(own.USER_SOURCE)).alias("source"))
        groups = filled.group_by(["source"], maintain_order=True)
        named = sorted(((str(key), part) for (key,), part in groups), key=lambda pair: pair[0]) or [
            (own.USER_SOURCE, filled)
        ]
    nothing = Rows(frame)
    return [
        Parsed(
            table.dataset,
            one,
            part,
            (nothing if number else rows).left_out,
            no_faults() if number else faulty,
            table.raw_prices,
        )
        for number, (one, part) in enumerate(named)
    ]


def _shaped(layout: Layout, columns: Sequence[str]) -> bool:
    known = set(layout.columns)
    return known <= set(columns) if layout.partial else known == set(columns)


def _other_labels(frame: pl.DataFrame, shaped: Sequence[Layout]) -> Refused:
    labels = [one.labels for one in shaped if one.labels is not None]
    column, found = labels[0].column, labels[0].found(frame)
    known = "; ".join(f"{one.name}: {', '.join(sorted(one.labels.values))}" for one in shaped if one.labels)
    return Refused(
        f"the columns are those of {' or '.join(one.name for one in shaped)}, but the column {column!r} holds "
        f"{', '.join(found[:15]) or 'nothing'}.",
        hint=f"Known: {known}. Give all rows of a day, or rename the file's columns to ours.",
    )


def _unknown(columns: Sequence[str]) -> Refused:
    def likeness(layout: Layout) -> float:
        return len(set(layout.columns) & set(columns)) / len(set(layout.columns) | set(columns))

    closest = max((one for one in layouts() if not one.refuse), key=likeness)
    missing = [name for name in closest.columns if name not in columns]
    extra = [name for name in columns if name not in closest.columns]
    said = (
        f"the file with the columns {', '.join(columns[:12])}{', …' if len(columns) > 12 else ''} is not a known layout"
    )
    near = own.nearest(columns)
    hints = []
    if likeness(closest) >= 0.4:
        differs = [f"missing {', '.join(missing)}"] if missing else []
        differs += [f"unknown {', '.join(extra)}"] if extra else []
        hints.append(f"Nearest: {closest.name} ({'; '.join(differs)}).")
    if near:
        hints.append(f"In our columns: {near}")
    hints.append("Give the key and some columns of one dataset (docs/importing.md).")
    return Refused(f"{said}.", hint=" ".join(hints))
