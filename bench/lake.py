"""The lake against bare delta-rs and polars on the same rows: a full day's upsert, a point read, a market panel."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from deltalake import DeltaTable, write_deltalake

from bench.measure import Figure, ratio
from sugeup import records
from sugeup.market import sessions
from sugeup.records import Standing
from sugeup.store.lake import Lake, lake_schema

STOCK = records.dataset("investor_day_stock")
CODES = [f"{number * 10:06d}" for number in range(2800)]
RUNS = 15
COLUMNS = ["foreign_net_amount", "institution_net_amount"]
DAYS = sessions.last(60, date(2026, 2, 27))


def day(session: date, seed: int) -> pl.DataFrame:
    """Every stock on one session, all 84 columns filled."""
    at = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=seed)
    figures = np.random.default_rng(seed).integers(-(10**12), 10**12, (len(STOCK.measures), len(CODES)))
    about = {"source": "a", "venue": "KRX", "products": "STOCK", "hours": "REGULAR", "final": True}
    frame = pl.DataFrame(
        {"code": CODES, "session": [session] * len(CODES)} | dict(zip(STOCK.measures, figures, strict=True))
    )
    about_rows = [pl.lit(value).alias(name) for name, value in about.items()]
    return STOCK.conform(frame.with_columns(*about_rows, known_at=pl.lit(at), ingested_at=pl.lit(at)))


def run() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder) / "lake", {"a": Standing.EXCHANGE_FILE})
        spare = DeltaTable.create(Path(folder) / "bare", lake_schema(STOCK), partition_by=["month"])
        for number, session in enumerate(DAYS):
            lake.upsert(STOCK, day(session, number))
            _overwrite(spare, day(session, number), session)
        yield _full_day(lake, spare)
        bare = DeltaTable(Path(folder) / "lake" / STOCK.name)
        yield _read("lake.point_read_60d", lake, bare, ["014000"])
        yield _read("lake.market_panel_60d", lake, bare, None)


def _overwrite(table: DeltaTable, frame: pl.DataFrame, session: date) -> None:
    """The bare predicate overwrite of one day."""
    month = session.year * 100 + session.month
    stored = frame.with_columns(month=pl.lit(month, pl.Int32))
    write_deltalake(table, stored, mode="overwrite", predicate=f"month = {month} AND session = '{session}'")


def _full_day(lake: Lake, spare: DeltaTable) -> Figure:
    """A session that is not stored yet, against a predicate overwrite of the same frame."""
    ahead = [sessions.next(DAYS[-1], n) for n in range(1, RUNS + 2)]
    frames = {session: day(session, 7) for session in ahead}
    ours, bare = iter(ahead), iter(ahead)

    def overwrite() -> None:
        session = next(bare)
        _overwrite(spare, frames[session], session)

    return ratio("lake.full_day_upsert", lambda: lake.upsert(STOCK, frames[next(ours)]), overwrite, 1.3, RUNS)


def _read(name: str, lake: Lake, bare: DeltaTable, codes: list[str] | None) -> Figure:
    first = DAYS[0]
    month = first.year * 100 + first.month
    wanted = [*STOCK.full_key, *COLUMNS, "source", "known_at", "ingested_at", "final"]

    def scan() -> pl.DataFrame:
        rows = pl.scan_delta(bare).filter((pl.col("month") >= month) & (pl.col("session") >= first))
        if codes is not None:
            rows = rows.filter(pl.col("code").is_in(codes))
        return rows.select(wanted).sort(STOCK.full_key).collect()

    return ratio(name, lambda: lake.read(STOCK, columns=COLUMNS, scopes=codes, start=first), scan, 1.5)
