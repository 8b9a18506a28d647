"""거래 규칙: dated rules of the exchange. Here: the tick (호가단위), the grid on which prices of orders lie.

A price that no order could have had on its date was adjusted for a later event (수정주가), which is how such files are
recognised. Since 2025-03-04 a midpoint order (중간가호가) trades in the middle of two grid prices, rounded down to the
won, so prices of trades lie on half the grid from then on. Checked against every raw price of the exchange's end-of-day
files of 2020 to 2026 (1.1 million rows): none is off these grids.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

_FINEST = "ANY"


@dataclass(frozen=True)
class Ticks:
    """Tick of `markets` from `valid_from` on: `steps` are (price below which it holds, won); the last has no bound."""

    valid_from: date
    markets: tuple[str, ...]
    steps: tuple[tuple[int | None, int], ...]
    evidence: str


_2010 = date(2010, 10, 4)
_2023 = date(2023, 1, 25)
_PRESS_2023 = "https://m.ekn.kr/view.php?key=20230117010003826"
_SMALL = ((1_000, 1), (5_000, 5), (10_000, 10), (50_000, 50))

TICKS: tuple[Ticks, ...] = (
    Ticks(_2010, ("KOSPI",), (*_SMALL, (100_000, 100), (500_000, 500), (None, 1_000)), "raw prices of 2020-2022"),
    Ticks(_2010, ("KOSDAQ", "KONEX", _FINEST), (*_SMALL, (None, 100)), "raw prices of 2020-2022"),
    Ticks(
        _2023,
        ("KOSPI", "KOSDAQ", "KONEX", _FINEST),
        ((2_000, 1), (5_000, 5), (20_000, 10), (50_000, 50), (200_000, 100), (500_000, 500), (None, 1_000)),
        _PRESS_2023,
    ),
    Ticks(_2010, ("ETF", "ETN"), ((None, 5),), "https://v.daum.net/v/20221101161150796: 5 won, unchanged in 2023"),
    Ticks(date(2023, 12, 11), ("ETF", "ETN"), ((2_000, 1), (None, 5)), "exchange notice, text not read"),
)

MIDPOINT_FROM = date(2025, 3, 4)
"""First day of midpoint orders; https://m.edaily.co.kr/amp/read?newsId=04608406642104632&mediaCodeNo=257."""


def tick(price: int, on: date, market: str | None = None) -> int | None:
    """Tick 호가단위 in won of a price on a date; None before 2010-10-04, for which no table is kept.

    Without `market` (KOSPI, KOSDAQ, KONEX, ETF, ETN) the finest grid of that time. >>> tick(60_000, date(2024, 1, 2))
    gives 100.
    """
    rows = [row for row in TICKS if (market or _FINEST) in row.markets and row.valid_from <= on]
    if not rows:
        return None
    steps = max(rows, key=lambda row: row.valid_from).steps
    return next(won for bound, won in steps if bound is None or price < bound)


def round_to_tick(price: float, on: date, market: str | None = None) -> int:
    """The grid price nearest to `price`; halves go up; the nearest won where no table is kept."""
    step = tick(int(price), on, market) or 1
    return int(price / step + 0.5) * step


def tick_of(price: str, on: str, market: str | None = None) -> pl.Expr:
    """Tick of the column `price` on the date column `on`, with the market of the column `market`; null when unknown."""
    found = pl.lit(None, dtype=pl.Int64)
    for row in sorted(TICKS, key=lambda one: one.valid_from):
        listed = pl.lit(_FINEST) if market is None else pl.coalesce(pl.col(market), pl.lit(_FINEST))
        applies = (pl.col(on) >= row.valid_from) & listed.is_in(list(row.markets))
        found = pl.when(applies).then(_step(price, row.steps)).otherwise(found)
    return found


def rounded_to_tick(price: str, on: str, market: str | None = None) -> pl.Expr:
    """The column `price` (decimals allowed) on the grid of its date; the nearest won where no table is kept."""
    step = pl.coalesce(tick_of(price, on, market), pl.lit(1, dtype=pl.Int64))
    return ((pl.col(price) / step + 0.5).floor() * step).cast(pl.Int64)


def off_grid(price: str, on: str, market: str | None = None) -> pl.Expr:
    """Whether a trade of that date cannot have had the whole price in column `price`; false where no table is kept."""
    step = tick_of(price, on, market)
    whole = pl.col(price) % step == 0
    half = (pl.col(on) >= MIDPOINT_FROM) & (((2 * pl.col(price)) % step == 0) | ((2 * pl.col(price) + 1) % step == 0))
    return (~(whole | half)).fill_null(False)


def _step(price: str, steps: Sequence[tuple[int | None, int]]) -> pl.Expr:
    *bounded, (_, most) = steps
    return functools.reduce(
        lambda rest, row: pl.when(pl.col(price) < row[0]).then(pl.lit(row[1], dtype=pl.Int64)).otherwise(rest),
        reversed(bounded),
        pl.lit(most, dtype=pl.Int64),
    )
