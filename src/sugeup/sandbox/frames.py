"""Frames of the daily datasets from the arrays of a market: only the sessions and columns that were asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from sugeup.market import investors
from sugeup.records import program
from sugeup.sandbox.accounting import Trades
from sugeup.sandbox.draws import Array
from sugeup.sandbox.followers import Followers
from sugeup.sandbox.grid import MARKETS
from sugeup.sandbox.indices import Indices, members
from sugeup.sandbox.leverage import Ledger, Leverage
from sugeup.sandbox.lifecycle import Lifecycle
from sugeup.sandbox.prices import Prices
from sugeup.sandbox.universe import Flags, Universe, Whole
from sugeup.sandbox.views import LEAVES

Columns = Mapping[str, Any]
ARBITRAGE = {"KOSPI": 0.045, "KOSDAQ": 0.002}
"""Part of programme trading that is arbitrage against the future."""


@dataclass(frozen=True, eq=False)
class Slice:
    """Some sessions of some stocks."""

    days: Sequence[date]
    rows: slice
    chosen: Whole
    codes: tuple[str, ...]

    def by_stock(self, keep: Flags, columns: Columns) -> pl.DataFrame:
        """A frame with a row per session and stock where `keep` (sessions, stocks) is true."""
        flags = keep[self.rows][:, self.chosen]
        row, at = np.nonzero(flags)
        dated = np.array(self.days[self.rows], dtype="datetime64[D]")
        codes = pl.Series("code", np.array(self.codes)[self.chosen].tolist(), dtype=pl.String)
        found: dict[str, Any] = {"code": codes.gather(at), "session": dated[row]}
        for name, series in columns.items():
            found[name] = series if isinstance(series, pl.Series) else series[self.rows][:, self.chosen][row, at]
        return pl.DataFrame(found)


def bars(cut: Slice, life: Lifecycle, priced: Prices) -> pl.DataFrame:
    """daily_bars: a halted day keeps its row, without open, high and low."""
    found = cut.by_stock(
        life.listed,
        {
            "raw_open": priced.open,
            "raw_high": priced.high,
            "raw_low": priced.low,
            "raw_close": priced.close,
            "base_price": priced.base,
            "volume": priced.volume,
            "amount": priced.amount,
            "listed_shares": life.shares,
            "market_cap": life.shares * priced.close,
            "halted": life.halted,
        },
    )
    prices = [pl.when(~pl.col("halted")).then(pl.col(name)).alias(name) for name in ("raw_open", "raw_high", "raw_low")]
    status = pl.when("halted").then(pl.lit("HALTED")).otherwise(pl.lit("TRADED")).alias("status")
    return found.with_columns(*prices, status).drop("halted")


def flows(trades: Mapping[tuple[str, str], Mapping[str, Any]]) -> dict[str, Any]:
    """The 84 columns from arrays by leaf: sums of foreigners and institutions, and what is net."""
    found: dict[str, Any] = {}
    for (side, measure), by_leaf in trades.items():
        for leaf in LEAVES:
            found[investors.column(leaf, side, measure)] = by_leaf[leaf]
        for group in investors.SUMS:
            parts = [by_leaf[leaf] for leaf in investors.members(group.id)]
            found[investors.column(group.id, side, measure)] = np.sum(parts, axis=0)
    for investor in investors.ALL:
        for measure in investors.MEASURES:
            bought, sold = (found[investors.column(investor.id, side, measure)] for side in ("buy", "sell"))
            found[investors.column(investor.id, "net", measure)] = bought - sold
    return found


def stock_flows(cut: Slice, traded: Flags, trades: Trades) -> pl.DataFrame:
    """investor_day_stock: a stock that did not trade has no row."""
    row, at = np.nonzero(traded[cut.rows][:, cut.chosen])
    by_leaf = {}
    for side, measure, series in _sides(trades):
        here = series[cut.rows][:, cut.chosen][row, at]
        by_leaf[side, measure] = {leaf: here[:, place] for place, leaf in enumerate(LEAVES)}
    columns = {name: pl.Series(values) for name, values in flows(by_leaf).items()}
    return cut.by_stock(traded, columns)


def market_flows(
    days: Sequence[date], rows: slice, stocks: Universe, trades: Trades, scopes: Sequence[str] | None
) -> pl.DataFrame:
    """investor_day_market: sums over the stocks of each market and industry; sectors that have a stock only."""
    belongs = {name: flag for name, flag in members(stocks).items() if flag.any() and name != "KOSPI200"}
    if scopes is not None:
        belongs = {name: flag for name, flag in belongs.items() if name in scopes}
    table = np.array(list(belongs.values()), dtype=np.float64).reshape(len(belongs), len(stocks.codes))
    counted = table.any(axis=0)
    by_leaf: dict[tuple[str, str], dict[str, Whole]] = {}
    for side, measure, series in _sides(trades):
        # sums stay far below 2**53, so the product of whole numbers in floating point is exact
        sums = np.einsum("snl,mn->sml", series[rows][:, counted].astype(np.float64), table[:, counted], optimize=True)
        by_leaf[side, measure] = {
            leaf: np.rint(sums[:, :, place]).astype(np.int64).ravel() for place, leaf in enumerate(LEAVES)
        }
    return _by_market(days[rows], list(belongs), flows(by_leaf)).with_columns(products=pl.lit("STOCK"))


def program_market(
    days: Sequence[date], rows: slice, stocks: Universe, followed: Followers, arbitrage: Mapping[str, Array]
) -> pl.DataFrame:
    """program_day_market: sums over the stocks; `arbitrage` holds the arbitrage part of each side of these sessions."""
    columns: dict[str, Any] = {}
    for measure in investors.MEASURES:
        for side in ("buy", "sell"):
            series = getattr(followed, f"program_{side}_{measure}")[rows]
            whole = np.stack([series[:, stocks.market == at].sum(axis=1) for at in range(len(MARKETS))], axis=1)
            part = np.floor(whole * arbitrage[side]).astype(np.int64)
            for kind, values in zip(program.KINDS, (whole, part, whole - part), strict=True):
                columns[f"{kind}_{side}_{measure}"] = values.ravel()
        for kind in program.KINDS:
            columns[f"{kind}_net_{measure}"] = columns[f"{kind}_buy_{measure}"] - columns[f"{kind}_sell_{measure}"]
    return _by_market(days[rows], MARKETS, columns)


def program_stock(cut: Slice, traded: Flags, followed: Followers) -> pl.DataFrame:
    """program_day_stock: a stock that did not trade has no row."""
    columns: dict[str, Any] = {}
    for measure in investors.MEASURES:
        bought, sold = (getattr(followed, f"program_{side}_{measure}") for side in ("buy", "sell"))
        columns |= {f"program_buy_{measure}": bought, f"program_sell_{measure}": sold}
        columns[f"program_net_{measure}"] = bought - sold
    return cut.by_stock(traded, columns)


def ledger(prefix: str, kept: Ledger) -> dict[str, Whole]:
    """Columns of one ledger of credit."""
    return {
        f"{prefix}_new_shares": kept.new,
        f"{prefix}_repaid_shares": kept.repaid,
        f"{prefix}_balance_shares": kept.balance,
        f"{prefix}_new_amount": kept.new_amount,
        f"{prefix}_repaid_amount": kept.repaid_amount,
        f"{prefix}_balance_amount": kept.balance_amount,
    }


def index_days(levels: Indices, rows: slice) -> pl.DataFrame:
    """index_day: every index on every session."""
    names = ("open", "high", "low", "close", "volume", "amount", "advancers", "decliners", "unchanged")
    columns = {name: getattr(levels, name)[rows].ravel() for name in names}
    return _by_market(levels.days[rows], levels.codes, columns).rename({"market": "index_code"})


def funds(days: Sequence[date], rows: slice, stocks: Universe, life: Lifecycle, owed: Leverage) -> pl.DataFrame:
    """market_funds: the loans are exactly those of the stocks' credit rows."""
    loans = np.where(life.listed, owed.loan.balance_amount, 0)[rows]
    by_market = [loans[:, stocks.market == at].sum(axis=1) for at in range(len(MARKETS))]
    return pl.DataFrame(
        {
            "session": np.array(days[rows], dtype="datetime64[D]"),
            "deposits": owed.deposits[rows],
            "receivables": owed.receivables[rows],
            "loan_balance_amount": by_market[0] + by_market[1],
            "loan_balance_kospi_amount": by_market[0],
            "loan_balance_kosdaq_amount": by_market[1],
            "futures_deposits": owed.futures_deposits[rows],
        }
    )


def _by_market(days: Sequence[date], names: Sequence[str], columns: Columns) -> pl.DataFrame:
    dated = np.repeat(np.array(days, dtype="datetime64[D]"), len(names))
    return pl.DataFrame({"market": pl.Series(list(names) * len(days), dtype=pl.String), "session": dated, **columns})


def _sides(trades: Trades) -> list[tuple[str, str, Whole]]:
    return [
        (side, measure, getattr(trades, f"{side}_{measure}"))
        for side in ("buy", "sell")
        for measure in investors.MEASURES
    ]
