"""Checks of program trading: net = buy - sell, arbitrage and the rest add to the whole, no more than is traded."""

from __future__ import annotations

import polars as pl

from sugeup.records import Dataset
from sugeup.records.program import KINDS
from sugeup.sources.checks.context import Context
from sugeup.sources.checks.sums import unequal
from sugeup.sources.checks.units import unit_of
from sugeup.sources.files.layout import faults, no_faults

_SIDES = ("buy", "sell", "net")
_TINY = 10_000_000
_VAST = 200_000_000_000_000
"""Won that programs never bought or sold in a market on a session: some times the largest turnover there ever was."""
_MOST = 1.1
"""Of the turnover; a source may count hours and products that another one leaves out."""
_USUAL = 0.15
"""Part of the turnover that one side of program orders usually is."""
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


def bounds(dataset: Dataset, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Programs buy no more in a market than is traded there, nor sell more; so no kind of them, and no net does.

    Bought and sold together may exceed the turnover: programs trade with programs. Where the turnover of the session is
    not known, what exceeds every turnover there ever was is refused, of the real market.
    """
    amounts = _amounts(dataset, frame)
    if dataset.name not in _MARKETS or not amounts:
        return no_faults()
    known = context.turnover
    if known is None:
        known = pl.DataFrame(schema={"market": pl.String, "session": pl.Date, "turnover": pl.Int64})
    sized = frame.with_columns(pl.max_horizontal(pl.col(name).abs() for name in amounts).alias("__top")).join(
        known, on=["market", "session"], how="left"
    )
    ratio, unknown = pl.col("__top") / pl.col("turnover"), pl.col("turnover").is_null()
    return pl.concat(
        [
            faults(
                sized,
                (pl.col("turnover") > 0) & (ratio > _MOST),
                pl.concat_str(
                    pl.lit("program orders exceed the turnover of that session: a wrong unit; the figure "),
                    unit_of(ratio, centre=_USUAL),
                ),
                pl.format("{} against a turnover of {}", "__top", "turnover"),
            ),
            faults(
                sized,
                unknown & (pl.col("__top") > _VAST) & pl.lit(context.whole_market),
                f"program orders exceed {_VAST // 10**12} trillion won, which never occurs: a wrong unit, give won",
                pl.col("__top"),
            ),
        ]
    )


def magnitudes(dataset: Dataset, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Somewhere in a file of a market program orders reach 10 million won: a file that never does has a wrong unit."""
    amounts = _amounts(dataset, frame)
    if dataset.name not in _MARKETS or not amounts or not context.whole_market:
        return no_faults()
    largest = pl.max_horizontal(pl.col(name).abs() for name in amounts)
    return faults(
        frame,
        (largest.max() > 0) & (largest.max() < _TINY),
        "no amount of program orders reaches 10 million won, which never occurs in a market: a wrong unit, give won",
        largest,
    )


def _amounts(dataset: Dataset, frame: pl.DataFrame) -> list[str]:
    return [one.name for one in dataset.columns if one.name.endswith("_amount") and one.name in frame.columns]


CHECKS = (identities, bounds, magnitudes)
