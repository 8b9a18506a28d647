"""가격제한폭: how far a price may move from its base price in one session, as dated rows.

A close at the limit is censored: the price would have gone further. Such sessions take no part in impact regressions.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from sugeup.market import rules

WIDTHS: tuple[tuple[date, float], ...] = ((date(2005, 3, 28), 0.15), (date(2015, 6, 15), 0.30))
"""(valid from, share of the base price) for KOSPI and KOSDAQ; before 2005-03-28 KOSDAQ had 0.12 and no row is kept.

KRX 유가증권시장·코스닥시장 업무규정 시행세칙, 가격제한폭.
"""


def at_limit(price: str, base: str, on: str) -> pl.Expr:
    """Whether the price in a column is the highest or lowest that its base price allowed (상한가, 하한가) on its date.

    The width is cut to the tick of the base price, and the limit to the tick of the limit price, so the test is whether
    one tick further would have been outside. False where price, base price, tick or width is missing.
    """
    width = pl.lit(None, pl.Float64)
    for valid_from, share in WIDTHS:
        width = pl.when(pl.col(on) >= valid_from).then(pl.lit(share)).otherwise(width)
    base_tick, tick = rules.tick_of(base, on), rules.tick_of(price, on)
    room = (pl.col(base) * width / base_tick).floor() * base_tick
    further = (pl.col(price) - pl.col(base)).abs() + tick
    return (further > room).fill_null(value=False)
