"""What the checks of a table are compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl


@dataclass(frozen=True)
class Context:
    """The present moment, rounding units of the source, and stored rows to compare with (None: there are none).

    `bars`: code, session, raw_low, raw_high. `turnover`: market, session, turnover in won. `funds`: ETF and ETN codes.
    `members`: code, scheme, valid_from, sector of schemes in which a stock has one sector.
    `raw_prices`: whether prices are expected on the tick grid of stocks. `whole_market`: whether totals are those of
    the Korean market, whose size is known; those of a simulated market are as large as it was made.
    """

    now: datetime
    unit_won: int = 1
    unit_shares: int = 1
    bars: pl.DataFrame | None = None
    turnover: pl.DataFrame | None = None
    members: pl.DataFrame | None = None
    funds: frozenset[str] = frozenset()
    raw_prices: bool = True
    whole_market: bool = True
