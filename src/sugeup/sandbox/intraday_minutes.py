"""분봉: bars of every minute of a session for any choice of stocks, ending at their day exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from sugeup.sandbox.intraday_amounts import by_bar
from sugeup.sandbox.intraday_bars import bars
from sugeup.sandbox.intraday_clock import Grid, grid
from sugeup.sandbox.intraday_draws import Floats, Integers, normals
from sugeup.sandbox.intraday_prices import Bars, Day, path
from sugeup.sandbox.intraday_volumes import activity, by_minute
from sugeup.sandbox.views import StockDay


@dataclass(frozen=True)
class Minutes:
    """Bars of stocks, shape (stocks, bars of the grid); bars without volume hold no trade."""

    codes: tuple[str, ...]
    market: tuple[str, ...]
    grid: Grid
    shares: Integers
    won: Integers
    prices: Bars

    def frame(self) -> pl.DataFrame:
        """Rows of `minute_bars`, sorted by code and minute."""
        stock, bar = np.nonzero(self.shares)
        chosen = (stock, bar)
        return pl.DataFrame(
            {
                "code": pl.Series(self.codes, dtype=pl.String).gather(stock),
                "session": pl.repeat(self.grid.session, len(stock), eager=True, dtype=pl.Date),
                "at": self.grid.at(self.grid.bars).gather(bar),
                "raw_open": self.prices.open[chosen],
                "raw_high": self.prices.high[chosen],
                "raw_low": self.prices.low[chosen],
                "raw_close": self.prices.close[chosen],
                "volume": self.shares[chosen],
                "amount": self.won[chosen],
            }
        )


def market_moves(seed: int, session: date, market: str) -> Floats:
    """The market's own moves by continuous minute, standard normal: they drive its index and pull its stocks."""
    moves: Floats = normals(seed, "market moves", session, [market], grid(session).length - 1)[0]
    return moves


def minutes(seed: int, session: date, stocks: Sequence[StockDay]) -> Minutes:
    """Bars of stocks on one session, each by itself: any choice gives the same bars. Halted stocks are left out."""
    traded = [stock for stock in stocks if not stock.halted and stock.volume > 0]
    frame = grid(session)
    continuous = frame.length - 1
    codes = tuple(stock.code for stock in traded)
    market = tuple(stock.market for stock in traded)
    day = Day(
        market,
        *(
            np.array([getattr(stock, name) for stock in traded], dtype=np.int64)
            for name in ("raw_open", "raw_high", "raw_low", "raw_close", "volume", "amount")
        ),
    )
    drawn = normals(seed, "minutes", session, codes, 5, continuous + 1)
    active = activity(drawn[:, :2, :-1])
    size = np.array([stock.size for stock in traded], dtype=np.float64)
    shares = by_minute(
        day.volume, market, size, active, drawn[:, 0, -1], (day.high == day.low) & (day.open == day.close)
    )
    moves = {name: market_moves(seed, session, name) for name in set(market)}
    common = np.array([moves[name] for name in market]).reshape(len(codes), continuous)
    fair = path(day, shares, active, common, drawn[:, 2])
    made = bars(day, session, shares, fair, drawn[:, 3], drawn[:, 4])
    return Minutes(codes, market, frame, shares, by_bar(day, shares, made), made)
