"""Checks of investor rows: the identities of one row, and figures against prices and turnover.

The four groups of a row need not add to exactly zero: real sources have such defects, so that is counted as a warning.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from sugeup.market import investors
from sugeup.records import Dataset
from sugeup.sources.checks.context import Context
from sugeup.sources.checks.units import unit_of
from sugeup.sources.files.layout import faults, no_faults

_LARGE = 100_000_000
_TINY = 10_000_000
_PLAUSIBLE = (1e-4, 4.0)
_CENTRE = 0.05
_SEVERAL = 5
_WHOLE_MARKETS = ("KOSPI", "KOSDAQ")
_PRICED: dict[str, tuple[str, ...]] = {
    "investor_day_stock": tuple(investors.BY_ID),
    "program_minute_stock": ("program",),
    "program_day_stock": ("program",),
}
"""Whose amounts and volumes of a stock are held against its prices, by dataset."""
_SUMS = tuple(one.id for one in investors.SUMS)
OPEN_SUM = "groups do not add to zero"


def nets(dataset: Dataset, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Net is buy minus sell, to the rounding unit of the source; of a sum, to that of each of its leaves."""
    found = [no_faults()]
    for investor in investors.BY_ID:
        leaves = investors.members(investor) if investor in _SUMS else ()
        for measure, unit in _units(context):
            buy, sell, net = (investors.column(investor, side, measure) for side in investors.SIDES)
            if {buy, sell, net} <= set(frame.columns):
                told = [investors.column(leaf, "net", measure) for leaf in leaves]
                summed = [pl.col(name).is_not_null() for name in told if name in frame.columns]
                parts = pl.sum_horizontal(pl.lit(0), *summed).clip(lower_bound=1)
                apart = (pl.col(buy) - pl.col(sell) - pl.col(net)).abs()
                found.append(
                    faults(
                        frame,
                        apart > (unit * parts if unit > 1 else 0),
                        f"{net} is not {buy} minus {sell}",
                        pl.format("{} - {} ≠ {}", buy, sell, net),
                    )
                )
    return pl.concat(found)


def sums(dataset: Dataset, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Where a sum and all its leaves exist, the leaves add to it, to the rounding unit times the number of figures."""
    found = [no_faults()]
    for group in ("foreign", "institution"):
        leaves = investors.members(group)
        for side in investors.SIDES:
            for measure, unit in _units(context):
                total = investors.column(group, side, measure)
                parts = [investors.column(leaf, side, measure) for leaf in leaves]
                if {total, *parts} <= set(frame.columns):
                    added = pl.sum_horizontal(parts, ignore_nulls=False)
                    found.append(
                        faults(
                            frame,
                            (added - pl.col(total)).abs() > unit * (len(parts) + 1),
                            f"the leaves of {group} do not add to {total}",
                            pl.format("{} ≠ {}", added, total),
                        )
                    )
    return pl.concat(found)


def averages(dataset: Dataset, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Bought amount ÷ volume (sold likewise) lies near the day's low to high, for amounts above 100 million won."""
    whose = _PRICED.get(dataset.name, ())
    if not whose or context.bars is None or frame.is_empty():
        return no_faults()
    priced = frame.join(context.bars, on=["code", "session"], how="left")
    found = [no_faults()]
    for investor in whose:
        for side in ("buy", "sell"):
            amount, volume = (investors.column(investor, side, measure) for measure in investors.MEASURES)
            if {amount, volume} <= set(frame.columns):
                average = pl.col(amount) / pl.col(volume)
                outside = (average < pl.col("raw_low") * 0.9) | (average > pl.col("raw_high") * 1.1)
                shares_only = (pl.col(volume) > 0) & (pl.col(volume).cast(pl.Float64) * pl.col("raw_low") > _LARGE)
                ratio = average / ((pl.col("raw_low") + pl.col("raw_high")) / 2)
                found.append(
                    faults(
                        priced,
                        outside & ((pl.col(amount) > _LARGE) | shares_only),
                        pl.concat_str(
                            pl.lit(f"{amount} ÷ {volume} is not near the day's prices: a wrong unit; the amount "),
                            unit_of(ratio),
                        ),
                        pl.format("{} ÷ {} outside {} to {}", amount, volume, "raw_low", "raw_high"),
                    )
                )
    return pl.concat(found)


def magnitudes(dataset: Dataset, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Net amounts of a whole market against its turnover of that session; without one, the smallest that ever occurs.

    With all four groups, the sum of their sizes ÷ turnover was 0.0004 to 0.87 on every session of 2005 to 2026, and the
    largest of them never below 475 million won: smaller ones are a wrong unit. Where groups are missing, one row may be
    small by chance, so all rows of the file have to be. Rows of minutes are cumulative: there only too large counts.
    """
    present = [name for one in investors.BY_ID if (name := investors.column(one, "net", "amount")) in frame.columns]
    if dataset.name not in {"investor_day_market", "investor_minute_market"} or not present:
        return no_faults()
    if not context.whole_market:
        return no_faults()
    groups = [investors.column(group, "net", "amount") for group in investors.GROUPS]
    whole = set(groups) <= set(present)
    sized = _sized(frame, groups if whole else present, context)
    daily = dataset.name == "investor_day_market"
    least, most = _PLAUSIBLE
    ratio, largest = pl.col("__ratio"), pl.col("__top")
    small = ratio < least if whole else (ratio.max() < least) & (ratio.len() >= _SEVERAL)
    against = pl.col("turnover").is_not_null() & ((ratio > most) | (pl.lit(daily) & small))
    tiny = largest < _TINY if whole else (largest.max() < _TINY) & (largest > 0)
    return pl.concat(
        [
            faults(
                sized,
                against,
                pl.concat_str(
                    pl.lit("the net amounts do not fit the turnover of that session: a wrong unit; the figure "),
                    unit_of(ratio, centre=_CENTRE),
                ),
                pl.format("{} against a turnover of {}", "__size", "turnover"),
            ),
            faults(
                sized,
                pl.lit(daily) & ~against & tiny,
                "no net amount of the market reaches 10 million won, which never occurs: a wrong unit, give won",
                largest,
            ),
        ]
    )


def _sized(frame: pl.DataFrame, names: list[str], context: Context) -> pl.DataFrame:
    """Rows of KOSPI and KOSDAQ with the sum and the largest of the figures' sizes, and their part of the turnover."""
    sizes = [pl.col(name).abs() for name in names]
    turnover = context.turnover
    if turnover is None:
        turnover = pl.DataFrame(schema={"market": pl.String, "session": pl.Date, "turnover": pl.Int64})
    return (
        frame.filter(pl.col("market").is_in(_WHOLE_MARKETS))
        .with_columns(pl.sum_horizontal(sizes).alias("__size"), pl.max_horizontal(sizes).alias("__top"))
        .filter(pl.col("__top").is_not_null())
        .join(turnover, on=["market", "session"], how="left")
        .with_columns((pl.col("__size") / pl.col("turnover")).alias("__ratio"))
    )


def warnings(dataset: Dataset, frame: pl.DataFrame, context: Context) -> Mapping[str, int]:
    """Rows that are stored although their four groups do not add to zero within the rounding unit, counted."""
    found: dict[str, int] = {}
    for measure, unit in _units(context):
        groups = [investors.column(group, "net", measure) for group in investors.GROUPS]
        if set(groups) <= set(frame.columns):
            total = pl.sum_horizontal(groups, ignore_nulls=False).abs()
            count = frame.select((total > (unit * len(groups) if unit > 1 else 0)).sum()).item()
            if count:
                found[f"{OPEN_SUM} ({measure})"] = int(count)
    return found


CHECKS = (nets, sums, averages, magnitudes)


def _units(context: Context) -> tuple[tuple[str, int], tuple[str, int]]:
    return (("amount", context.unit_won), ("volume", context.unit_shares))
