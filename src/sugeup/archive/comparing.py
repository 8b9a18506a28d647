"""What stored rows the checks of new rows are compared with: prices of the day, turnover of the market, funds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

import polars as pl

from sugeup.market.clock import Clock
from sugeup.records import Dataset, Origin, Standing
from sugeup.records.reference import OVERLAPPING
from sugeup.sources.checks import Context
from sugeup.sources.checks.bars import GRIDS
from sugeup.sources.checks.units import rounding_unit

_FUNDS = ("ETF", "ETN")
_MARKETS = ("KOSPI", "KOSDAQ")
_MANY = 500
_BY_STOCK = ("credit", "investor_day_stock", "lending", "program_day_stock", "program_minute_stock")
_PARTS_OF_TURNOVER = ("investor_", "program_")
"""Beginnings of the names of datasets whose figures of a market are held against its turnover."""
_TRADED = ("ticks", "minute_bars")
"""Datasets whose rows are held against the prices of the day: sides of a flow, or each price."""


class Reading(Protocol):
    """An archive, as far as it is needed here."""

    name: str

    @property
    def clock(self) -> Clock:
        """Its clock."""
        ...

    def read(
        self,
        dataset: str,
        *,
        columns: Sequence[str] | None = None,
        scopes: Sequence[str] | None = None,
        start: date | None = None,
        end: date | None = None,
        having: Sequence[str] = (),
    ) -> pl.DataFrame:
        """Stored rows."""
        ...

    def origin(self, source: str) -> Origin:
        """What is known about a source."""
        ...


def context_of(
    archive: Reading, dataset: Dataset, source: str, frame: pl.DataFrame, *, raw_prices: bool = True
) -> Context:
    """The context of one table: the clock's now, the source's rounding units, and what the archive holds beside it.

    The unit of an undescribed source is told from its figures: the largest that divides all of them.
    """
    origin = archive.origin(source)
    won, shares = origin.unit_won, origin.unit_shares
    if origin.standing is Standing.UNKNOWN:
        won = rounding_unit(frame, _columns(frame, "_amount"))
        shares = rounding_unit(frame, _columns(frame, "_volume"))
    span = _span(dataset, frame)
    flows = dataset.name.startswith(_PARTS_OF_TURNOVER) and dataset.scope == "market"
    sided = any("_net_" not in name for name in _columns(frame, "_amount"))
    priced = dataset.name in _TRADED or (dataset.name in _BY_STOCK and sided)
    return Context(
        now=archive.clock.now(),
        unit_won=won,
        unit_shares=shares,
        bars=_bars(archive, frame, *span) if priced and span else None,
        turnover=_turnover(archive, *span) if flows and span else None,
        members=_members(archive, frame) if dataset.name == "sector_membership" else None,
        funds=_funds(archive) if dataset.name in GRIDS and raw_prices else frozenset(),
        raw_prices=raw_prices,
        whole_market=archive.name != "simulated",
    )


def _columns(frame: pl.DataFrame, ending: str) -> list[str]:
    return [name for name in frame.columns if name.endswith(ending) and frame.schema[name] == pl.Int64]


def _span(dataset: Dataset, frame: pl.DataFrame) -> tuple[date, date] | None:
    first, last = frame[dataset.dated].min(), frame[dataset.dated].max()
    return (first, last) if isinstance(first, date) and isinstance(last, date) else None


def _bars(archive: Reading, frame: pl.DataFrame, first: date, last: date) -> pl.DataFrame:
    codes = frame["code"].drop_nulls().unique().to_list()
    prices = ["raw_low", "raw_high"]
    scopes = codes if len(codes) <= _MANY else None
    rows = archive.read("daily_bars", columns=prices, scopes=scopes, start=first, end=last, having=["raw_low"])
    return rows.filter(pl.col("venue") == "KRX").select("code", "session", *prices)


def _turnover(archive: Reading, first: date, last: date) -> pl.DataFrame:
    rows = archive.read("index_day", columns=["amount"], scopes=_MARKETS, start=first, end=last, having=["amount"])
    return rows.select(pl.col("index_code").alias("market"), "session", pl.col("amount").alias("turnover"))


def _funds(archive: Reading) -> frozenset[str]:
    rows = archive.read("instruments", columns=["kind"])
    return frozenset(rows.filter(pl.col("kind").is_in(list(_FUNDS)))["code"])


def _members(archive: Reading, frame: pl.DataFrame) -> pl.DataFrame:
    codes = frame["code"].drop_nulls().unique().to_list()
    rows = archive.read("sector_membership", columns=["sector"], scopes=codes if len(codes) <= _MANY else None)
    return rows.filter(~pl.col("scheme").is_in(list(OVERLAPPING))).select("code", "scheme", "valid_from", "sector")
