"""The lake at 7 million rows of 30 columns, against bare delta-rs and polars on the same files and the same frames."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import cycle, groupby
from pathlib import Path

import numpy as np
import polars as pl
from deltalake import DeltaTable, write_deltalake

from bench.measure import Figure, ratio
from sugeup.market import sessions
from sugeup.records import Dataset, Partition, Standing
from sugeup.records.schema import CODE, SESSION, integer
from sugeup.store import delta
from sugeup.store.lake import Lake

STOCKS, HISTORY = 2800, 2500
OPEN_DAYS = 10  # sessions of the running month, each stored by an upsert of its own
PARTIAL = 300
LAST = date(2026, 2, 27)
RUNS = 15
MEASURES = tuple(f"figure_{number:02d}" for number in range(21))
COLUMNS = list(MEASURES[:2])
WIDE = Dataset(
    name="bench_day",
    korean="측정용 일별",
    meaning="Two keys, 21 whole numbers and the 7 columns of provenance: 30.",
    key=("code", "session"),
    columns=(CODE, SESSION, *(integer(name, "KRW", "수치", "A figure.") for name in MEASURES)),
    partition=Partition.MONTH,
    scope="code",
)


def codes(stocks: int) -> list[str]:
    return [f"{number * 10:06d}" for number in range(stocks)]


def rows(days: list[date], stocks: int, seed: int) -> pl.DataFrame:
    """Every stock on these sessions, all columns filled."""
    at = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=seed)
    figures = np.random.default_rng(seed).integers(-(10**10), 10**10, (len(MEASURES), len(days) * stocks))
    keys = pl.DataFrame({"code": codes(stocks)}).join(pl.DataFrame({"session": days}), how="cross")
    about = {"source": "a", "venue": "KRX", "products": "STOCK", "hours": "REGULAR", "final": True}
    return WIDE.conform(
        keys.with_columns(
            *(pl.Series(name, values) for name, values in zip(MEASURES, figures, strict=True)),
            *(pl.lit(value).alias(name) for name, value in about.items()),
            known_at=pl.lit(at),
            ingested_at=pl.lit(at),
        )
    )


@dataclass(frozen=True)
class Store:
    """A lake and a bare table with the same files; `ahead` are sessions that neither holds yet."""

    lake: Lake
    bare: DeltaTable
    days: list[date]
    ahead: Iterator[date]
    stocks: int


def build(folder: Path, stocks: int, history: int) -> Store:
    """Past months sorted by code, a commit a year; the running month as a run of upserts leaves it."""
    days = sessions.last(history, LAST)
    lake = Lake(folder / "lake", {"a": Standing.EXCHANGE_FILE})
    lake.upsert(WIDE, rows(days[:1], stocks, 0))
    table = lake.table(WIDE, past=False)
    assert table is not None
    for year, part in groupby(days[1:-OPEN_DAYS], key=lambda day: day.year):
        stored = delta.located(WIDE, rows(list(part), stocks, year))
        write_deltalake(table, stored, mode="append")
    for number, day in enumerate(days[-OPEN_DAYS:]):
        lake.upsert(WIDE, rows([day], stocks, number))
    place = delta.path(lake.root, WIDE, past=False)
    spare = folder / "bare"
    shutil.copytree(place, spare, copy_function=os.link)
    ahead = (sessions.next(LAST, number) for number in range(1, 200))
    return Store(lake, DeltaTable(spare), days, ahead, stocks)


def run() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        store = build(Path(folder), STOCKS, HISTORY)
        ours, bare = stock_after_stock(read, store), stock_after_stock(scan, store)
        yield ratio("lake.point_read_60d", ours, bare, 1.5, 31)
        yield ratio("lake.market_panel_60d", partial(read, store, None), partial(scan, store, None), 1.5, 31)
        yield _full_day(store)
        yield _partial_day(store)


def stock_after_stock(work: Callable[[Store, list[str]], object], store: Store) -> Callable[[], object]:
    """Reads one stock, another one each time: what was read last is kept and would answer for nothing."""
    stocks = cycle([["001400"], ["001410"]])
    return lambda: work(store, next(stocks))


def read(store: Store, scopes: list[str] | None) -> pl.DataFrame:
    """The last 60 sessions of two figures, by the lake."""
    return store.lake.read(WIDE, columns=COLUMNS, scopes=scopes, start=store.days[-60])


def scan(store: Store, scopes: list[str] | None) -> pl.DataFrame:
    """The same rows and columns in the same order, by bare polars."""
    first = store.days[-60]
    wanted = [name for name in WIDE.frame_schema if name in {*READ_WITH, *COLUMNS}]
    found = pl.scan_delta(store.bare).filter(
        (pl.col("month") >= first.year * 100 + first.month) & (pl.col("session") >= first)
    )
    if scopes is not None:
        found = found.filter(pl.col("code").is_in(scopes))
    return found.select(wanted).sort(WIDE.full_key).collect()


READ_WITH = (*WIDE.full_key, "source", "known_at", "ingested_at", "final")


def _full_day(store: Store) -> Figure:
    """A session that is not stored yet, against a predicate overwrite of the same frame."""
    days = [next(store.ahead) for _ in range(RUNS + 1)]
    frames = {day: rows([day], store.stocks, 7) for day in days}
    ours, theirs = iter(days), iter(days)

    def overwrite() -> None:
        day = next(theirs)
        write_deltalake(store.bare, _stored(frames[day]), mode="overwrite", predicate=_place(day))

    return ratio("lake.full_day", lambda: store.lake.upsert(WIDE, frames[next(ours)]), overwrite, 1.3, RUNS)


def _partial_day(store: Store) -> Figure:
    """New figures for some stocks of a stored session, against a bare merge; the lake also logs what they replace."""
    day = store.days[-2]
    batches = [rows([day], store.stocks, 1000 + turn).sample(PARTIAL, seed=turn) for turn in range(RUNS + 1)]
    ours, theirs = iter(batches), iter(batches)

    def merge() -> None:
        same = " AND ".join(["t.month = s.month", *(f"t.{name} = s.{name}" for name in WIDE.full_key)])
        where = f"t.{_place(day).replace('AND session', 'AND t.session')} AND {same}"
        merging = store.bare.merge(_stored(next(theirs)), where, source_alias="s", target_alias="t")
        merging.when_matched_update_all().when_not_matched_insert_all().execute()

    return ratio("lake.partial_day", lambda: store.lake.upsert(WIDE, next(ours)), merge, 1.3, RUNS)


def _stored(frame: pl.DataFrame) -> pl.DataFrame:
    session = pl.col("session")
    return frame.with_columns(month=(session.dt.year() * 100 + session.dt.month()).cast(pl.Int32))


def _place(day: date) -> str:
    """Where a session lies, as a Delta predicate."""
    return f"month = {day.year * 100 + day.month} AND session = '{day}'"
