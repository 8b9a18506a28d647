"""What LS publishes of the truth of a simulated market: the same figures in its units, by another road."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from sugeup import records
from sugeup.market import investors
from sugeup.sandbox.market import SimulatedMarket
from tests.support.rounding import EOK, MILLION, THOUSAND, levels, rounded

UNITS: dict[str, tuple[int, int]] = {
    "daily_bars": (MILLION, 1),
    "investor_day_stock": (MILLION, 1),
    "program_day_stock": (THOUSAND, 1),
    "short_day": (MILLION, 1),
    "index_day": (MILLION, THOUSAND),
    "investor_day_market": (EOK, THOUSAND),
    "program_day_market": (MILLION, THOUSAND),
    "foreign_holding": (1, 1),
    "lending": (MILLION, 1),
    "market_funds": (EOK, 1),
}
"""Won and shares in a 1 of the vendor's, by dataset; loans of a stock come from two questions and are left out."""
UNPUBLISHED = {
    "daily_bars": {"base_price", "listed_shares", "market_cap"},
    "foreign_holding": {"limit_shares", "listed_shares", "limit_use_pct"},
    "market_funds": {"loan_balance_kospi_amount", "loan_balance_kosdaq_amount"},
}
"""Columns of the truth that the vendor's row does not have."""
SOMETIMES = {"foreign_holding": {"limit_use_pct"}, "daily_bars": {"base_price", "listed_shares", "market_cap"}}
"""Columns of which the scale has to be told by the row itself, or which the evening alone tells."""
_MONEY = ("amount", "deposits", "receivables")


def published(market: SimulatedMarket, dataset: str, days: Sequence[date]) -> pl.DataFrame:
    """Final rows of a dataset as the vendor publishes them: key and the columns that it fills."""
    declared = records.dataset(dataset)
    won, shares = UNITS[dataset]
    frame = market.rows(dataset, days[0], days[-1]).filter(pl.col("session").is_in(list(days)))
    if "products" in frame.columns:
        frame = frame.filter(pl.col("products") == "STOCK")
    figures: dict[str, pl.Series] = {}
    for name in declared.measures:
        if name not in frame.columns or name in UNPUBLISHED.get(dataset, set()):
            continue
        if dataset == "investor_day_market" and "_net_" not in name:
            continue
        money = declared.column(name).unit == "won" and name.endswith(_MONEY)
        unit = won if money else shares if name.endswith("volume") else 1
        figures[name] = rounded(frame[name], unit) if unit > 1 else levels(frame[name])
    found = frame.select(declared.key).with_columns(series.alias(name) for name, series in figures.items())
    if dataset == "investor_day_market":  # zeros alone are the vendor's word for nothing, and what rounds to them
        found = found.filter(pl.any_horizontal(pl.col(name) != 0 for name in figures))
    if dataset == "foreign_holding":  # 0 is the vendor's word for a figure that is not there
        found = found.filter(pl.col("held_shares") != 0)
    if not dataset.startswith("investor_"):
        return found.sort(declared.key)
    sides = ("net",) if dataset == "investor_day_market" else ("buy", "sell")
    sums = [
        pl.sum_horizontal(investors.column(leaf, side, measure) for leaf in investors.members("institution")).alias(
            investors.column("institution", side, measure)
        )
        for side in sides
        for measure in investors.MEASURES
    ]
    found = found.with_columns(sums)
    if dataset == "investor_day_stock":  # net is the difference of two rounded figures
        found = found.with_columns(
            (pl.col(investors.column(one, "buy", measure)) - pl.col(investors.column(one, "sell", measure))).alias(
                investors.column(one, "net", measure)
            )
            for one in investors.BY_ID
            for measure in investors.MEASURES
        )
    return found.sort(declared.key)


def listed(market: SimulatedMarket, day: date) -> pl.DataFrame:
    """The list of stocks of a day, as far as the vendor tells it."""
    rows = market.rows("instruments", market.sessions[0], market.sessions[-1])
    held = rows.filter((pl.col("valid_from") <= day) & (pl.col("valid_to").is_null() | (pl.col("valid_to") >= day)))
    there = held.filter(pl.col("delisted_on").is_null() | (pl.col("delisted_on") > day))
    return there.select("code", "isin", "name", "market", "kind").sort("code")
