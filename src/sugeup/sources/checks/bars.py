"""Checks of prices: inside the day's range, raw and not adjusted, turnover in won; index levels inside their range."""

from __future__ import annotations

import polars as pl

from sugeup.market import rules
from sugeup.records import Dataset
from sugeup.sources.checks.context import Context
from sugeup.sources.checks.units import unit_of
from sugeup.sources.files.layout import ROW, faults, no_faults

_PRICES = ("raw_open", "raw_high", "raw_low", "raw_close")
_LEVELS = ("open", "high", "low", "close")
_RANGES = {
    "daily_bars": _PRICES,
    "minute_bars": _PRICES,
    "index_day": _LEVELS,
    "index_minute": _LEVELS,
    "futures_minute": _LEVELS,
}
GRIDS: dict[str, tuple[str, ...]] = {"daily_bars": _PRICES, "minute_bars": _PRICES, "ticks": ("price",)}
"""Prices that lie on the tick grid, by dataset."""


def ranges(dataset: Dataset, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Low is not above high; opening and closing price lie between them; no price is 0."""
    names = _RANGES.get(dataset.name)
    if names is None:
        return no_faults()
    opened, high, low, closed = names
    full = _with(frame, names)
    found = [
        faults(full, pl.col(low) > pl.col(high), f"{low} is above {high}", pl.format("{} > {}", low, high)),
        *(
            faults(
                full,
                (pl.col(name) < pl.col(low)) | (pl.col(name) > pl.col(high)),
                f"{name} lies outside {low} to {high}",
                pl.format("{} outside {} to {}", name, low, high),
            )
            for name in (opened, closed)
        ),
        *(
            faults(full, pl.col(name) == 0, f"{name} is 0: leave an unknown price empty", pl.col(name))
            for name in names
        ),
    ]
    return pl.concat(found)


def raw(dataset: Dataset, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """A traded price off the tick grid of its date was adjusted for a later event; funds (ETF, ETN) have their own."""
    names = GRIDS.get(dataset.name)
    if names is None or not context.raw_prices:
        return no_faults()
    full = _with(frame, (*names, "volume")).with_columns(
        pl.when(pl.col("code").is_in(list(context.funds))).then(pl.lit("ETF")).alias("__grid")
    )
    off = {name: rules.off_grid(name, "session", "__grid") for name in names}
    traded = (pl.col("volume") > 0) | pl.col("volume").is_null()
    first = pl.coalesce(pl.when(wrong).then(pl.format("{} {}", pl.lit(name), name)) for name, wrong in off.items())
    return faults(
        full,
        traded & pl.any_horizontal(off.values()),
        "the price is not on the tick grid (호가단위) of its date, so it was adjusted (수정주가); "
        "only raw prices are stored. If it is an ETF or ETN, import its row of instruments (kind) first",
        first,
    )


def turnover(dataset: Dataset, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Amount ÷ (volume × close) is about 1; beyond 0.5 to 2 only when the average price lies inside the row's range.

    The amount may be off by half a rounding unit of the source: a few shares are no million won.
    """
    if dataset.name not in {"daily_bars", "minute_bars"} or not {"amount", "volume", "raw_close"} <= set(frame.columns):
        return no_faults()
    full = _with(frame, _PRICES)
    slack = context.unit_won / 2 if context.unit_won > 1 else 0.0
    worth = pl.col("volume").cast(pl.Float64) * pl.col("raw_close")
    ratio = pl.col("amount") / worth
    least, most = (pl.col("amount") - slack) / pl.col("volume"), (pl.col("amount") + slack) / pl.col("volume")
    inside = ((most >= pl.col("raw_low") * 0.99) & (least <= pl.col("raw_high") * 1.01)).fill_null(False)
    far = (pl.col("amount") + slack < worth * 0.5) | (pl.col("amount") - slack > worth * 2)
    wrong = (pl.col("volume") > 0) & (pl.col("amount").is_not_null()) & far & ~inside
    return faults(
        full.with_columns(ratio.alias("__ratio")),
        wrong,
        pl.concat_str(
            pl.lit("amount ÷ (volume × raw_close) is not near 1: a wrong unit; amount "), unit_of(pl.col("__ratio"))
        ),
        pl.format("amount {} for volume {} at {}", "amount", "volume", "raw_close"),
    )


CHECKS = (ranges, raw, turnover)


def _with(frame: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
    return frame.with_columns(
        pl.lit(None, dtype=pl.Int64).alias(n) for n in names if n not in frame.columns and n != ROW
    )
