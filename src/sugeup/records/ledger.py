"""What a fill did, and what was asked: small facts that the store reports and the archive passes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from sugeup.market import calendar_tables as tables
from sugeup.market import sessions
from sugeup.records.schema import Dataset


@dataclass(frozen=True)
class Upserted:
    """What an upsert did: rows `added`, `replaced` (now current), `kept` aside in the log (less preferred), `same`."""

    added: int = 0
    replaced: int = 0
    kept: int = 0
    same: int = 0

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return bool(self.added or self.replaced or self.kept)


@dataclass(frozen=True)
class Asked:
    """A span of sessions of one scope that a source was asked for; `rows` is 0 where it truly had nothing."""

    dataset: str
    source: str
    scope: str
    first: date
    last: date
    rows: int
    asked_at: datetime


def spans(dataset: Dataset, frame: pl.DataFrame, now: datetime) -> list[Asked]:
    """Runs of neighbouring sessions of each scope: a gap in a file was not asked for."""
    if frame.is_empty():
        return []
    dates = frame[dataset.dated].unique().sort()
    place = dict(zip(dates.to_list(), _places(dates.to_list()), strict=True))
    run = (pl.col("place") - pl.col("place").cum_count().over("source", dataset.scope)).alias("run")
    runs = (
        frame.group_by("source", dataset.scope, dataset.dated)
        .len()
        .sort("source", dataset.scope, dataset.dated)
        .with_columns(pl.col(dataset.dated).replace_strict(place, return_dtype=pl.Int64).alias("place"))
        .with_columns(run)
        .group_by("source", dataset.scope, "run", maintain_order=True)
        .agg(pl.col(dataset.dated).min().alias("first"), pl.col(dataset.dated).max().alias("last"), pl.col("len").sum())
    )
    return [
        Asked(dataset.name, source, scope, first, last, rows, now)
        for source, scope, _, first, last, rows in runs.iter_rows()
    ]


def _places(dates: Sequence[date]) -> list[int]:
    """Number of each date among the exchange's sessions; outside the session table days are counted instead."""
    table = sessions.sessions(tables.FIRST, tables.LAST)
    known = {day: number for number, day in enumerate(table)}
    return [known.get(day, -day.toordinal() * 2) for day in dates]
