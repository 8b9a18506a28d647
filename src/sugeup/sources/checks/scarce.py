"""Checks of what there is one of: market funds of a session, the sector of a stock in a scheme of disjoint sectors."""

from __future__ import annotations

import polars as pl

from sugeup.records import Dataset
from sugeup.records.reference import OVERLAPPING
from sugeup.sources.checks.context import Context
from sugeup.sources.checks.sums import unequal
from sugeup.sources.checks.units import unit_of
from sugeup.sources.files.layout import faults, no_faults

_FUNDS: dict[str, tuple[float, float, float]] = {
    "deposits": (3e12, 4e13, 3e15),
    "receivables": (1e10, 4e11, 1e14),
    "loan_balance_amount": (1e11, 1.4e13, 1e15),
    "loan_balance_kospi_amount": (3e10, 8e12, 1e15),
    "loan_balance_kosdaq_amount": (3e10, 6e12, 1e15),
    "futures_deposits": (5e11, 2e13, 1e16),
}
"""Least, usual and most won since 2005. Every figure of 2015 to 2026 is inside, and outside when given in thousands."""
_LOANS = ("loan_balance_amount", "loan_balance_kospi_amount", "loan_balance_kosdaq_amount")


def funds(dataset: Dataset, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Funds are of a plausible size, and loans of the two markets add to the whole."""
    if dataset.name != "market_funds":
        return no_faults()
    found = [no_faults()]
    for name, (least, usual, most) in _FUNDS.items():
        if name in frame.columns and context.whole_market:
            ratio = pl.col(name) / usual
            said = pl.concat_str(pl.lit(f"{name} is not of a plausible size: the figure "), unit_of(ratio))
            found.append(faults(frame, (pl.col(name) < least) | (pl.col(name) > most), said, pl.col(name)))
    if set(_LOANS) <= set(frame.columns):
        whole, *parts = _LOANS
        slack = context.unit_won * len(_LOANS) if context.unit_won > 1 else 0
        found.append(unequal(frame, whole, parts, slack))
    return pl.concat(found)


def membership(dataset: Dataset, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Outside the themes a stock has one sector in a scheme from a day on, in the file and beside what is stored."""
    if dataset.name != "sector_membership":
        return no_faults()
    key = ["code", "scheme", "valid_from"]
    disjoint = frame.filter(~pl.col("scheme").is_in(list(OVERLAPPING)))
    found = [
        faults(
            disjoint,
            pl.col("sector").n_unique().over(key) > 1,
            "contradicts another row of the same code, scheme, valid_from: a stock has one sector; keep one of them",
            pl.col("sector"),
        )
    ]
    if context.members is not None:
        stored = disjoint.join(context.members.rename({"sector": "__stored"}), on=key, how="inner")
        found.append(
            faults(
                stored,
                pl.col("sector") != pl.col("__stored"),
                pl.format("the store has the sector {} from that day on: date a correction later", "__stored"),
                pl.col("sector"),
            )
        )
    return pl.concat(found)


CHECKS = (funds, membership)
