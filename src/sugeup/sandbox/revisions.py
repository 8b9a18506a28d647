"""잠정치: between 15:40 and the next morning a small share of stocks shows figures that are corrected afterwards.

A correction moves a few shares from one buyer to another, so every identity of a row holds before and after it. Which
stocks and by how much follows from the seed; the final figure is the market's.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from sugeup.sandbox.draws import generator

PAIRS = (
    ("individual", "foreign_registered"),
    ("foreign_registered", "financial_investment"),
    ("pension_fund", "individual"),
    ("other_corporation", "individual"),
)
"""Whose purchase was booked for whom at first."""
MOST = 0.01
_SUMS = {
    "foreign": ("foreign_registered", "foreign_other"),
    "institution": (
        "financial_investment", "insurance", "investment_trust", "private_fund", "bank", "other_financial",
        "pension_fund", "government",
    ),
    "orgn": (
        "financial_investment", "insurance", "investment_trust", "private_fund", "bank", "other_financial",
        "pension_fund",
    ),
    "etc": ("other_corporation", "government"),
}  # fmt: skip


def provisional(frame: pl.DataFrame, seed: int, session: date, place: int, chance: float) -> pl.DataFrame:
    """A row of one stock and session as it stands on the evening of the session; mostly as it will stay.

    `place` is the number of the stock in the market's order, `chance` the share of stocks that will be corrected.
    """
    if not frame.height or chance <= 0:
        return frame
    drawn = generator(seed, "provisional", session.toordinal(), place)
    if drawn.random() >= chance:
        return frame
    giver, taker = PAIRS[int(drawn.integers(len(PAIRS)))]
    part = float(drawn.uniform(0.1, 1.0)) * MOST
    moved = {measure: int(np.ceil(frame[f"{giver}_buy_{measure}"][0] * part)) for measure in ("volume", "amount")}
    if not moved["volume"]:
        return frame
    touched = {giver: -1, taker: 1}
    for name, leaves in _SUMS.items():
        total = sum(way for leaf, way in touched.items() if leaf in leaves)
        if total and name not in (giver, taker):
            touched[name] = total
    return frame.with_columns(
        (pl.col(f"{who}_{side}_{measure}") + way * moved[measure])
        for who, way in tuple(touched.items())
        for side in ("buy", "net")
        for measure in moved
    )
