"""Checks of what a screen shows at a moment: futures with their basis, brokers in the order of their volume."""

from __future__ import annotations

import polars as pl

from sugeup.records import Dataset
from sugeup.sources.checks.context import Context
from sugeup.sources.files.layout import faults, no_faults

_BASIS_SLACK = 0.1
_RANKS = 5
_WHOLE = 100.5


def basis(dataset: Dataset, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """The market basis is the price of the future less the index, and the contract has not expired."""
    if dataset.name != "futures_minute":
        return no_faults()
    found = [no_faults()]
    if {"close", "spot", "market_basis"} <= set(frame.columns):
        apart = (pl.col("close") - pl.col("spot") - pl.col("market_basis")).abs()
        said = pl.format("{} - {} ≠ {}", "close", "spot", "market_basis")
        found.append(faults(frame, apart > _BASIS_SLACK, "market_basis is not close minus spot", said))
    if "expiry" in frame.columns:
        past = pl.col("expiry") < pl.col("session")
        found.append(faults(frame, past, "expiry lies before the session", pl.col("expiry")))
    return pl.concat(found)


def ranks(dataset: Dataset, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Ranks are 1 to 5, a lower one has no more volume than a higher one, and shares of one side do not exceed 100%."""
    if dataset.name != "broker_members":
        return no_faults()
    side = ["code", "session", "at", "side", "venue"]
    found = [faults(frame, ~pl.col("rank").is_between(1, _RANKS), f"rank is not 1 to {_RANKS}", pl.col("rank"))]
    if "volume" in frame.columns:
        ordered = frame.sort("rank")
        above = pl.col("volume").shift(1).over(side)
        said = pl.format("{} above {}", "volume", above)
        found.append(faults(ordered, pl.col("volume") > above, "volume is larger than that of the rank above", said))
    if "share_pct" in frame.columns:
        total = pl.col("share_pct").sum().over(side)
        wrong = ~pl.col("share_pct").is_between(0, 100) | (total > _WHOLE)
        found.append(faults(frame, wrong, "share_pct is not 0 to 100, or a side has more than 100 in all", total))
    return pl.concat(found)


CHECKS = (basis, ranks)
