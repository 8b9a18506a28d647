"""Checks of program trading: net = buy - sell, arbitrage and the rest add to the whole, figures in won and shares."""

from __future__ import annotations

import polars as pl

from sugeup.records import Dataset
from sugeup.records.program import KINDS
from sugeup.sources.checks.context import Context
from sugeup.sources.checks.sums import unequal
from sugeup.sources.files.layout import faults, no_faults

_SIDES = ("buy", "sell", "net")
_TINY = 10_000_000
_MARKETS = ("program_minute_market", "program_day_market")


def identities(dataset: Dataset, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Net is buy minus sell, and 차익 and 비차익 add to the whole, to the rounding unit times the number of figures."""
    found = [no_faults()]
    if not dataset.name.startswith("program_"):
        return found[0]
    for measure, unit in (("amount", context.unit_won), ("volume", context.unit_shares)):
        slack = unit * len(KINDS) if unit > 1 else 0
        for kind in KINDS:
            buy, sell, net = (f"{kind}_{side}_{measure}" for side in _SIDES)
            if {buy, sell, net} <= set(frame.columns):
                apart = (pl.col(buy) - pl.col(sell) - pl.col(net)).abs()
                said = pl.format("{} - {} ≠ {}", buy, sell, net)
                found.append(faults(frame, apart > slack, f"{net} is not {buy} minus {sell}", said))
        for side in _SIDES:
            whole, *parts = (f"{kind}_{side}_{measure}" for kind in KINDS)
            if {whole, *parts} <= set(frame.columns):
                found.append(unequal(frame, whole, parts, slack))
    return pl.concat(found)


def magnitudes(dataset: Dataset, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Somewhere in a file of a market program orders reach 10 million won: a file that never does has a wrong unit."""
    amounts = [
        column.name for column in dataset.columns if column.name.endswith("_amount") and column.name in frame.columns
    ]
    if dataset.name not in _MARKETS or not amounts or not context.whole_market:
        return no_faults()
    largest = pl.max_horizontal(pl.col(name).abs() for name in amounts)
    return faults(
        frame,
        (largest.max() > 0) & (largest.max() < _TINY),
        "no amount of program orders reaches 10 million won, which never occurs in a market: a wrong unit, give won",
        largest,
    )


CHECKS = (identities, magnitudes)
