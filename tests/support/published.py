"""What a simulated market's vendor publishes of its truth: the same figures in the vendor's units, by another road."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import polars as pl

from sugeup import records
from sugeup.sandbox.market import SimulatedMarket

MILLION, THOUSAND = 1_000_000, 1_000
UNITS: dict[str, tuple[int, int]] = {
    "daily_bars": (1, 1),
    "investor_day_stock": (MILLION, 1),
    "program_day_stock": (1, 1),
    "short_day": (1, 1),
    "index_day": (MILLION, THOUSAND),
    "investor_day_market": (MILLION, THOUSAND),
    "program_day_market": (MILLION, THOUSAND),
}
"""Won and shares in a 1 of the vendor's, by dataset."""
_EIGHT = (
    "financial_investment", "insurance", "investment_trust", "private_fund", "bank", "other_financial", "pension_fund",
    "government",
)  # fmt: skip


def published(market: SimulatedMarket, dataset: str, days: Sequence[date]) -> pl.DataFrame:
    """Final rows of a dataset as the vendor publishes them: key and the columns that it fills."""
    declared = records.dataset(dataset)
    won, shares = UNITS[dataset]
    frame = market.rows(dataset, days[0], days[-1]).filter(pl.col("session").is_in(list(days)))
    if "products" in frame.columns:
        frame = frame.filter(pl.col("products") == "STOCK")
    figures: dict[str, pl.Series] = {}
    for name in declared.measures:
        if name not in frame.columns or name in {"listed_shares", "market_cap", "advancers", "decliners", "unchanged"}:
            continue
        if dataset == "investor_day_market" and "_net_" not in name:
            continue  # what was bought and sold in a market is not published by day
        unit = won if name.endswith("amount") else shares if name.endswith("volume") else 1
        figures[name] = _rounded(frame[name], unit) if unit > 1 else _levels(frame[name])
    found = frame.select(declared.key).with_columns(series.alias(name) for name, series in figures.items())
    sums = [name for name in figures if name.startswith("institution_")]
    return found.with_columns(
        pl.sum_horizontal(f"{leaf}_{name.removeprefix('institution_')}" for leaf in _EIGHT).alias(name) for name in sums
    ).sort(declared.key)


def _rounded(figures: pl.Series, unit: int) -> pl.Series:
    """Half away from zero, on decimal numbers."""

    def one(value: int) -> int:
        return int((Decimal(value) / unit).quantize(Decimal(1), ROUND_HALF_UP)) * unit

    return pl.Series([None if value is None else one(value) for value in figures], dtype=pl.Int64)


def _levels(figures: pl.Series) -> pl.Series:
    if figures.dtype != pl.Float64:
        return figures
    return pl.Series([None if value is None else float(f"{value:.2f}") for value in figures], dtype=pl.Float64)
