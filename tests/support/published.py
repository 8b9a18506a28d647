"""What a simulated market's vendor publishes of its truth: the same figures in the vendor's units, by another road."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from sugeup import records
from sugeup.sandbox.market import SimulatedMarket
from tests.support.rounding import EOK, MILLION, THOUSAND, levels, rounded

MANWON = 10_000
UNITS: dict[str, tuple[int, int]] = {
    "daily_bars": (1, 1),
    "investor_day_stock": (MILLION, 1),
    "program_day_stock": (1, 1),
    "short_day": (1, 1),
    "index_day": (MILLION, THOUSAND),
    "investor_day_market": (MILLION, THOUSAND),
    "program_day_market": (MILLION, THOUSAND),
    "foreign_holding": (1, 1),
    "lending": (MILLION, 1),
    "credit": (MANWON, 1),
    "market_funds": (EOK, 1),
}
"""Won and shares in a 1 of the vendor's, by dataset."""
EVENING = tuple(UNITS)[:7]
"""Those that the evening collects of its session; the others are public later."""
UNPUBLISHED = {
    "index_day": {"advancers", "decliners", "unchanged"},
    "foreign_holding": {"limit_shares"},
    "market_funds": {"loan_balance_kospi_amount", "loan_balance_kosdaq_amount"},
}
"""Columns of the truth that the vendor's row does not have."""
JOINED = {"daily_bars": {"listed_shares", "market_cap"}}
"""Columns that come from the list of stocks, as far as there was one on the day."""
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
    left_out = UNPUBLISHED.get(dataset, set()) | JOINED.get(dataset, set())
    figures: dict[str, pl.Series] = {}
    for name in declared.measures:
        if name not in frame.columns or name in left_out:
            continue
        if dataset == "investor_day_market" and "_net_" not in name:
            continue  # what was bought and sold in a market is not published by day
        money = declared.column(name).unit == "won" and name.endswith(("amount", "deposits", "receivables"))
        unit = won if money else shares if name.endswith("volume") else 1
        figures[name] = rounded(frame[name], unit) if unit > 1 else levels(frame[name])
    found = frame.select(declared.key).with_columns(series.alias(name) for name, series in figures.items())
    if dataset == "investor_day_market":  # zeros alone are the vendor's word for nothing: nobody traded in the sector
        found = found.filter(pl.any_horizontal(pl.col(name) != 0 for name in figures))
    sums = [name for name in figures if name.startswith("institution_")]
    return found.with_columns(
        pl.sum_horizontal(f"{leaf}_{name.removeprefix('institution_')}" for leaf in _EIGHT).alias(name) for name in sums
    ).sort(declared.key)


def listed(market: SimulatedMarket, day: date) -> pl.DataFrame:
    """The list of stocks of a day, as its master files have it."""
    rows = market.rows("instruments", market.sessions[0], market.sessions[-1])
    held = _holding(rows, day).filter(pl.col("delisted_on").is_null() | (pl.col("delisted_on") > day))
    names = ["code", "isin", "name", "market", "kind", "listed_on", "par_amount", "listed_shares", "is_preferred"]
    return held.with_columns(rounded(held["listed_shares"], THOUSAND)).select(names).sort("code")


def belonging(market: SimulatedMarket, day: date) -> pl.DataFrame:
    """Industry of every stock that is listed on a day."""
    rows = _holding(market.rows("sector_membership", market.sessions[0], market.sessions[-1]), day)
    listed_then = listed(market, day)["code"].to_list()
    return rows.filter(pl.col("code").is_in(listed_then)).select("code", "scheme", "sector").sort("code")


def industries(market: SimulatedMarket, day: date) -> set[str]:
    """Industries that have a stock on a day: what is collected of sectors."""
    return {*belonging(market, day)["sector"]}


def _holding(rows: pl.DataFrame, day: date) -> pl.DataFrame:
    return rows.filter((pl.col("valid_from") <= day) & (pl.col("valid_to").is_null() | (pl.col("valid_to") >= day)))
