"""Sums of the members of sectors, session by session, in one pass over the stocks and without a copy of a panel.

`member`: (stocks, sessions), the sector of a stock on a session, below 0 outside all; `rows`: row of each stock in the
panels. A missing size (시가총액) is the newest one before it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

WHOLE, COVERED, SIZED, MEMBERS, FOREIGN, INSTITUTION, TURNOVER = range(7)
"""Places in what `both` gives."""
TOTAL, LOST, KNOWN, BOUGHT = range(4)
"""Places in what `one` gives."""


@njit(cache=True)
def both(member: Any, rows: Any, foreign: Any, institution: Any, amount: Any, cap: Any, sectors: int) -> Any:
    """(7, sectors, sessions): size of all members, of those with figures, members with a size, members, and won.

    A stock has figures when both nets and the turnover are there, or when it was halted.
    """
    stocks, sessions = member.shape
    found = np.zeros((7, sectors, sessions))
    for stock in range(stocks):
        row, size = rows[stock], np.nan
        for t in range(sessions):
            if np.isfinite(cap[row, t]):
                size = cap[row, t]
            at = member[stock, t]
            if at < 0:
                continue
            found[3, at, t] += 1
            if np.isfinite(size):
                found[0, at, t] += size
                found[2, at, t] += 1
            f, i, a = foreign[row, t], institution[row, t], amount[row, t]
            if a == 0 or (np.isfinite(f) and np.isfinite(i) and np.isfinite(a)):
                if np.isfinite(size):
                    found[1, at, t] += size
                if np.isfinite(f):
                    found[4, at, t] += f
                if np.isfinite(i):
                    found[5, at, t] += i
                found[6, at, t] += a
    return found


@njit(cache=True)
def one(member: Any, rows: Any, net: Any, amount: Any, cap: Any, sectors: int) -> Any:
    """(4, sectors, sessions): won, size of the members without a net that were not halted, members with one, buyers."""
    stocks, sessions = member.shape
    found = np.zeros((4, sectors, sessions))
    for stock in range(stocks):
        row, size = rows[stock], np.nan
        for t in range(sessions):
            if np.isfinite(cap[row, t]):
                size = cap[row, t]
            at = member[stock, t]
            if at < 0:
                continue
            if np.isfinite(net[row, t]):
                found[0, at, t] += net[row, t]
                found[2, at, t] += 1
                if net[row, t] > 0:
                    found[3, at, t] += 1
            elif amount[row, t] != 0 and np.isfinite(size):
                found[1, at, t] += size
    return found
