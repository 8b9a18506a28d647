"""Loops that carry a state from session to session: matrices of shape (rows, sessions), NaN is missing."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sugeup.metrics.outcome import Reason

MISSING = int(Reason.MISSING_INPUT)


@njit(cache=True)
def balance(close: Any, volume: Any) -> Any:
    """On-balance volume and the reason of each null; a session without a bar is passed over."""
    value, reason = np.empty(close.shape), np.zeros(close.shape, np.uint8)
    for row in range(close.shape[0]):
        total, before = 0.0, np.nan
        for t in range(close.shape[1]):
            price, shares = close[row, t], volume[row, t]
            if np.isnan(price) or np.isnan(shares):
                value[row, t], reason[row, t] = np.nan, MISSING
                continue
            if price > before or np.isnan(before):
                total += shares
            elif price < before:
                total -= shares
            value[row, t], before = total, price
    return value, reason


@njit(cache=True)
def signal(z: Any, p: Any, enter: float, leave: float, q: float) -> Any:
    """State from 0 (out) over 1 (neither) to 2 (in) with hysteresis, and the reason of each null."""
    value, reason = np.empty(z.shape), np.zeros(z.shape, np.uint8)
    for row in range(z.shape[0]):
        state = 0.0
        for t in range(z.shape[1]):
            now = z[row, t]
            if np.isnan(now) or np.isnan(p[row, t]):
                value[row, t], reason[row, t], state = np.nan, MISSING, 0.0
                continue
            if p[row, t] <= q and now >= enter:
                state = 1.0
            elif p[row, t] <= q and now <= -enter:
                state = -1.0
            elif not now * state >= leave:
                state = 0.0
            value[row, t] = state + 1
    return value, reason
