"""Investors as the pages of the exchange list them, put into one row, whether asked for or saved by hand.

A page of purchases is of one investor and leaves out a stock that he did not trade; the page of 전체 shows whether that
is all that is missing.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from sugeup.market import investors

ALL = "9999"
CODES = {leaf.id: str(leaf.krx) for leaf in investors.LEAVES}
SIDES = ("buy_amount", "sell_amount", "buy_volume", "sell_volume")
LEAVES = (
    "financial_investment",
    "insurance",
    "investment_trust",
    "private_fund",
    "bank",
    "other_financial",
    "pension_fund",
    "other_corporation",
    "individual",
    "foreign_registered",
    "foreign_other",
)
"""Columns of a market by day, in their order; 국가·지자체 is in 연기금 등."""
GROUPS = {"foreign": LEAVES[9:], "institution": LEAVES[:7]}
ABSENT = "investors who did not trade a stock: not listed, 0 because the others add to 전체"
APART = "the investors do not add to 전체: figures changed between two questions, or rows are missing"
ADDS = "the investors do not add to 전체"
NET = "net is not bought less sold"
_KEY = ("code", "session")
_INVESTOR = {code: name for name, code in CODES.items()}


def combined(every: pl.DataFrame) -> tuple[pl.DataFrame, list[str], int]:
    """Rows by code, session and `__investor` (the exchange's code) as wide rows of ours.

    Beside them the codes whose investors do not add to 전체, and how many figures are 0 because they do.
    """
    wide = _named(every, ALL, "__all")
    silent = {code for code in CODES.values() if every.filter(pl.col("__investor") == code).is_empty()}
    for code, name in _INVESTOR.items():
        wide = wide.join(_named(every, code, name), on=_KEY, how="left")
    leaves = [name for name, code in CODES.items() if name != "government" or code not in silent]
    adds = [
        pl.sum_horizontal(pl.col(f"{name}_{side}").fill_null(0) for name in leaves) == pl.col(f"__all_{side}")
        for side in SIDES
    ]
    marked = wide.with_columns(pl.all_horizontal(adds).fill_null(False).alias("__adds"))
    strangers = every.join(wide, on=_KEY, how="anti")["code"].to_list()
    apart = sorted({*marked.filter(~pl.col("__adds"))["code"].to_list(), *strangers})
    kept = marked.filter("__adds")
    absent = sum(int(kept[f"{name}_{SIDES[0]}"].null_count()) for name in leaves)
    filled = kept.with_columns(pl.col(f"{name}_{side}").fill_null(0) for name in leaves for side in SIDES)
    rows = with_nets(_summed(filled, leaves), [*CODES, "foreign", "institution"]).drop("^__.*$")
    return rows, apart, absent


def with_nets(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """The frame with what each bought less what he sold."""
    return frame.with_columns(
        (pl.col(f"{name}_buy_{measure}") - pl.col(f"{name}_sell_{measure}")).alias(f"{name}_net_{measure}")
        for name in names
        for measure in investors.MEASURES
    )


def _named(every: pl.DataFrame, code: str, name: str) -> pl.DataFrame:
    mine = every.filter(pl.col("__investor") == code).unique(list(_KEY), keep="first", maintain_order=True)
    return mine.select(*_KEY, pl.col(SIDES).name.prefix(f"{name}_"))


def _summed(frame: pl.DataFrame, leaves: Sequence[str]) -> pl.DataFrame:
    return frame.with_columns(
        pl.sum_horizontal(f"{leaf}_{side}" for leaf in investors.members(group) if leaf in leaves).alias(
            f"{group}_{side}"
        )
        for group in ("foreign", "institution")
        for side in SIDES
    )
