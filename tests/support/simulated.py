"""An archive filled with the truth of a small simulated market, without asking anybody: for tests of answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import polars as pl

from sugeup import records, sources
from sugeup.archive import Archive
from sugeup.market import publication, sessions
from sugeup.market.clock import FixedClock
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.plan import Plan
from sugeup.store.lake import Lake
from sugeup.store.state import State

SOURCES = {
    "daily_bars": "kis_won",
    "investor_day_stock": "kis",
    "investor_day_market": "kis_minute_close",
    "program_day_market": "kis_market",
    "index_day": "kis_market",
}
"""Which of the vendor's sources a dataset is stored under; the others under `kis_won`."""

INTRADAY = (
    "index_minute",
    "futures_minute",
    "investor_minute_market",
    "program_minute_market",
    "stock_estimate",
)
"""Datasets of minutes that are small enough to be stored for several sessions."""

UNFILLED = ("ticks", "minute_bars", "signals", "calibrations", "filings")
"""Datasets that are too large, or that the simulated market does not have."""


def fill(archive: Archive, market: SimulatedMarket, datasets: Sequence[str] = (), minutes: int = 25) -> None:
    """Store the truth of the whole plan, and of its last sessions the minutes, as final rows."""
    first, last = market.sessions[0], market.sessions[-1]
    wanted = datasets or tuple(name for name in records.datasets() if name not in UNFILLED)
    for name in wanted:
        intraday = "at" in records.dataset(name).key or "slot" in records.dataset(name).key
        if not intraday:
            store(archive, name, market.rows(name, first, last))
        elif name in INTRADAY or name in datasets:
            for day in market.sessions[-minutes:]:
                store(archive, name, market.rows(name, day, day))


def simulated_archive(path: Path, plan: Plan | None = None, *, datasets: Sequence[str] = ()) -> Archive:
    """A new archive over the folder, filled, on the evening after the morning that confirmed its newest session."""
    market = SimulatedMarket(plan or Plan(stocks=60, sessions=300))
    found = open_simulated(path, market.sessions[-1])
    fill(found, market, datasets)
    return found


def open_simulated(path: Path, newest: date) -> Archive:
    """The archive over the folder, as of the evening of the session after the newest."""
    now = datetime.combine(sessions.next(newest), time(20, 0), sessions.SEOUL)
    lake = Lake(path, {name: origin.standing for name, origin in sources.origins().items()})
    return Archive("simulated", lake, State(path / "state.sqlite"), FixedClock(now), sources.origins())


def store(archive: Archive, name: str, rows: pl.DataFrame) -> None:
    """Store rows of one dataset as final ones of its source."""
    if rows.is_empty():
        return
    declared = records.dataset(name)
    told = rows.with_columns(
        source=pl.lit(SOURCES.get(name, "kis_won")),
        venue=pl.lit("KRX"),
        products=pl.lit("STOCK"),
        hours=pl.lit("REGULAR"),
        final=pl.lit(not declared.provisional),
        ingested_at=pl.lit(archive.clock.now() - timedelta(hours=1)),
    )
    archive.fill(name, declared.conform(publication.stamp(name, told, declared.dated)))
