"""What is planted: additions to the hidden series of single stocks, before prices and accounting.

Units are the stock's own noise: returns in standard deviations of the return without the market, volume in those of its
logarithm, flows in those of net volume divided by volume, short selling in those of the logarithm of its share, the
balance of short positions in those of its daily change in logarithms. `return_is` and `short_is` set the return and the
short share of volume instead (overheating is a rule); `market` moves every stock, in the market's standard deviations.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from sugeup.sandbox.draws import Array


@dataclass(frozen=True)
class Impulse:
    """One addition of `amount` to one series of one stock in one session."""

    series: str
    row: int
    stock: int
    amount: float


@dataclass(frozen=True)
class Impulses:
    """All additions of a plan of that many sessions and stocks."""

    sessions: int
    stocks: int
    all: tuple[Impulse, ...] = field(default=())

    def series(self, names: Iterable[str]) -> list[Impulse]:
        """The additions to some series."""
        wanted = set(names)
        return [one for one in self.all if one.series in wanted]

    def dense(self, name: str) -> Array:
        """Additions to one series by session and stock."""
        found = np.zeros((self.sessions, self.stocks))
        for one in self.all:
            if one.series == name:
                found[one.row, one.stock] += one.amount
        return found
