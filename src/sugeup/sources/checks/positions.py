"""Checks of lent shares and loans: won against shares at the prices of the day. Balances need not follow from steps.

The value of lent shares is that of the day. A loan is a part of a price paid earlier, so only its order of size tells.
"""

from __future__ import annotations

import polars as pl

from sugeup.records import Dataset
from sugeup.sources.checks.context import Context
from sugeup.sources.checks.units import unit_of
from sugeup.sources.files.layout import faults, no_faults

_LARGE = 100_000_000
_NEAR: dict[str, dict[tuple[str, str], tuple[float, float]]] = {
    "lending": {("balance_amount", "balance_shares"): (0.9, 1.1)},
    "credit": {
        (f"{kind}_{step}_amount", f"{kind}_{step}_shares"): (0.05, 20.0)
        for kind in ("loan", "stock_loan")
        for step in ("new", "balance")
    },
}
"""Amount and shares by dataset, and how far their ratio may lie below the lowest and above the highest price."""


def values(dataset: Dataset, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Amount ÷ shares lies near the day's prices, for amounts that rounding does not decide."""
    pairs = _NEAR.get(dataset.name, {})
    if not pairs or context.bars is None or frame.is_empty():
        return no_faults()
    priced = frame.join(context.bars, on=["code", "session"], how="left")
    found = [no_faults()]
    for (amount, shares), (least, most) in pairs.items():
        if {amount, shares} <= set(frame.columns):
            value = pl.col(amount) / pl.col(shares)
            outside = (value < pl.col("raw_low") * least) | (value > pl.col("raw_high") * most)
            expected = pl.col(shares).cast(pl.Float64) * pl.col("raw_low")
            decided = (pl.col(shares) > 0) & ((pl.col(amount) > _LARGE) | (expected > _LARGE))
            ratio = value / ((pl.col("raw_low") + pl.col("raw_high")) / 2)
            found.append(
                faults(
                    priced,
                    outside & decided,
                    pl.concat_str(
                        pl.lit(f"{amount} ÷ {shares} is not near the day's prices: a wrong unit; the amount "),
                        unit_of(ratio),
                    ),
                    pl.format("{} ÷ {} outside {} to {}", amount, shares, "raw_low", "raw_high"),
                )
            )
    return pl.concat(found)


CHECKS = (values,)
