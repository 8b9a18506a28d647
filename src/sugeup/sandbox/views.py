"""One stock, one index and one future on one session: what the day within is made from.

Plain frozen figures of a day that is already decided; whoever draws minutes and trades has to end at them exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from sugeup.market import investors

LEAVES: tuple[str, ...] = tuple(leaf.id for leaf in investors.LEAVES)
"""Ids of the twelve leaves, in the order of every array of leaves."""

Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class StockDay:
    """One stock on one session. Won and shares are whole; arrays have one place for each of `LEAVES`.

    `size` is the logarithm of the capitalisation in standard units (about -2.5 to 4; 0 is 1,600억). `sigma` is the
    expected standard deviation of the day's return. On a halted day open, high and low are None, and nothing is traded.
    """

    code: str
    session: date
    market: str
    cap: int
    size: float
    raw_open: int | None
    raw_high: int | None
    raw_low: int | None
    raw_close: int
    base_price: int
    volume: int
    amount: int
    buy_volume: Whole
    sell_volume: Whole
    buy_amount: Whole
    sell_amount: Whole
    program_buy_volume: int
    program_sell_volume: int
    program_buy_amount: int
    program_sell_amount: int
    sigma: float
    halted: bool


@dataclass(frozen=True)
class IndexDay:
    """One index on one session: levels in points, its market's volume and turnover, yesterday's close."""

    index_code: str
    session: date
    open: float
    high: float
    low: float
    close: float
    previous: float
    volume: int
    amount: int


@dataclass(frozen=True)
class FutureDay:
    """The nearest index future on one session: prices in points, volume and open interest in contracts, won."""

    contract: str
    session: date
    expiry: date
    open: float
    high: float
    low: float
    close: float
    volume: int
    amount: int
    open_interest: int
