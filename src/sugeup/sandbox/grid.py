"""호가단위와 가격제한폭 for whole arrays of prices: the grid of the day and the band round the base price.

The tables are those of `sugeup.market`; here they are looked up for many prices at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from sugeup.market import limits, rules

Prices = npt.NDArray[np.int64]
MARKETS = ("KOSPI", "KOSDAQ")


@dataclass(frozen=True, eq=False)
class Grid:
    """Grid and band of one session. `market` arrays hold the place of a stock's market in `MARKETS`."""

    bounds: tuple[npt.NDArray[np.int64], ...]
    ticks: tuple[npt.NDArray[np.int64], ...]
    width: float

    def tick(self, price: npt.NDArray[np.generic], market: npt.NDArray[np.int64]) -> Prices:
        """Tick in won of each price."""
        found = [
            self.ticks[at][np.searchsorted(self.bounds[at], price, side="right")] for at in range(len(self.bounds))
        ]
        return np.asarray(found[0] if len(found) == 1 else np.where(market == 0, found[0], found[1]))

    def nearest(self, price: npt.NDArray[np.float64], market: npt.NDArray[np.int64]) -> Prices:
        """The grid price nearest to each price, at least one tick."""
        tick = self.tick(price, market)
        return np.asarray(np.maximum(np.floor(price / tick + 0.5).astype(np.int64), 1) * tick)

    def band(self, base: Prices, market: npt.NDArray[np.int64]) -> tuple[Prices, Prices]:
        """Lowest and highest price (하한가, 상한가) that each base price allows."""
        tick = self.tick(base, market)
        # the share is taken in whole percent, so that no product falls short of a whole number
        room = base * round(self.width * 100) // (100 * tick) * tick
        lowest, highest = np.maximum(base - room, tick), base + room
        below, above = self.tick(lowest, market), self.tick(highest, market)
        return -(-lowest // below) * below, highest // above * above


def grid(on: date) -> Grid:
    """The grid of a session; one table where both markets share it."""
    rows = [
        max((row for row in rules.TICKS if name in row.markets and row.valid_from <= on), key=_since).steps
        for name in MARKETS
    ]
    rows = rows[:1] if rows[0] == rows[1] else rows
    return Grid(
        tuple(np.array([bound for bound, _ in steps if bound is not None], dtype=np.int64) for steps in rows),
        tuple(np.array([won for _, won in steps], dtype=np.int64) for steps in rows),
        max((row for row in limits.WIDTHS if row[0] <= on), key=lambda row: row[0])[1],
    )


def _since(row: rules.Ticks) -> date:
    return row.valid_from
