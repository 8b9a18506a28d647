"""Patterns of flow and price in one pass over the sessions: matrices of shape (rows, sessions), NaN is missing.

Sums are taken afresh over each window in the order in which numpy takes them, and everything the loops call is in this
file, for the reasons that `kernels.rolling` gives.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from sugeup.metrics.kernels.persistence import added
from sugeup.metrics.kernels.rolling import middle
from sugeup.metrics.outcome import Reason

SHORT = int(Reason.INSUFFICIENT_HISTORY)
MISSING = int(Reason.MISSING_INPUT)
ZERO = int(Reason.ZERO_DENOMINATOR)
CONSTANT = int(Reason.ZERO_VARIANCE)
NOTHING = int(Reason.NO_PATTERN)
MAD_TO_SD = 1.4826
MEAN_AD_TO_SD = 1.2533


@njit(cache=True)
def unusual(ordered: Any, past: Any, x: float) -> float:
    """`tk.robust_z` of x against the values `past`, which stand in `ordered` by size; NaN where that is null."""
    n = ordered.size
    median, mad = middle(ordered)
    scale = MAD_TO_SD * mad
    if not scale > 0.0:
        scale = MEAN_AD_TO_SD * added(np.abs(past - median), n) / n
    z = (x - median) / scale if 0.0 < scale < math.inf else math.nan
    return z if math.isfinite(z) else math.nan


@njit(cache=True)
def sweep(start: Any, top: Any, bottom: Any, end: Any, shares: Any, span: int, least: float, loud: float) -> Any:
    """`pat.liquidity_sweep`: 1 for up, 0 for down, reason, depth in ATR and z of the volume, of every session.

    least: ATR beyond the level; loud: z of the volume.
    """
    value, depth, score = np.full(top.shape, np.nan), np.full(top.shape, np.nan), np.full(top.shape, np.nan)
    reason = np.zeros(top.shape, np.uint8)
    reach, ordered = np.empty(top.shape[1]), np.empty(span + 1)
    for row in range(top.shape[0]):
        held = gap = 0  # volumes in order; the newest session with a bar that lacks a figure, counted from 1
        for t in range(top.shape[1]):
            high, low, close, volume = top[row, t], bottom[row, t], end[row, t], shares[row, t]
            before = end[row, t - 1] if t else 0.0
            reach[t] = max(high - low, abs(high - before), abs(low - before))
            partial = math.isnan(high) or math.isnan(low) or math.isnan(close) or math.isnan(volume)
            if partial or math.isnan(start[row, t]):
                reason[row, t] = MISSING
            elif t < span + 1:
                reason[row, t] = SHORT
            elif gap > t - span or math.isnan(end[row, t - span - 1]):
                reason[row, t] = MISSING
            else:
                spread, floor, ceiling = 0.0, math.inf, -math.inf
                for k in range(t - span, t):
                    spread += reach[k]
                    floor, ceiling = min(floor, bottom[row, k]), max(ceiling, top[row, k])
                spread /= span
                z = unusual(ordered[:held], shares[row, t - span : t], volume)
                if spread == 0.0:
                    reason[row, t] = ZERO
                elif math.isnan(z):
                    reason[row, t] = CONSTANT
                else:
                    under = (floor - low) / spread if spread > 0.0 else math.nan
                    over = (high - ceiling) / spread if spread > 0.0 else math.nan
                    score[row, t] = z
                    if z >= loud and under >= least and close > floor:
                        value[row, t], depth[row, t] = 0.0, under
                    elif z >= loud and over >= least and close < ceiling:
                        value[row, t], depth[row, t] = 1.0, over
                    else:
                        reason[row, t], depth[row, t] = NOTHING, max(under, over)
            if partial:
                gap = t + 1
            if not math.isnan(volume):
                place = np.searchsorted(ordered[:held], volume)
                for k in range(held, place, -1):
                    ordered[k] = ordered[k - 1]
                ordered[place] = volume
                held += 1
            if t >= span and not math.isnan(shares[row, t - span]):
                place = np.searchsorted(ordered[:held], shares[row, t - span])
                for k in range(place, held - 1):
                    ordered[k] = ordered[k + 1]
                held -= 1
    return value, reason, depth, score


@njit(cache=True)
def building(net: Any, excess: Any, window: int) -> Any:
    """Σnet, Σexcess and how many sessions have the sign of Σnet, over the window up to each session; NaN, -1: missing.

    A row at a time, all its windows together: each is still added from its oldest session on.
    """
    rows, sessions = net.shape
    total, gained = np.full(net.shape, np.nan), np.full(net.shape, np.nan)
    same = np.full(net.shape, -1, np.int64)
    ends = max(0, sessions - window + 1)
    bought, sold = np.zeros(ends, np.int64), np.zeros(ends, np.int64)
    for row in range(rows):
        flow, beyond = total[row, window - 1 :], gained[row, window - 1 :]
        flow[:], beyond[:], bought[:], sold[:] = 0.0, 0.0, 0, 0
        for back in range(window):
            for t in range(ends):
                now = net[row, t + back]
                flow[t] += now
                beyond[t] += excess[row, t + back]
                bought[t] += now > 0.0
                sold[t] += now < 0.0
        for t in range(ends):
            if flow[t] == flow[t]:
                same[row, window - 1 + t] = bought[t] if flow[t] > 0.0 else sold[t] if flow[t] < 0.0 else 0
    return total, gained, same


@njit(cache=True)
def newest_first(x: Any, t: int, window: int) -> float:
    """Sum of the last `window` numbers up to t, fewer at the start, the newest first as `windows.moving_sum` adds."""
    total = 0.0
    for back in range(min(window, t + 1)):
        total += x[t - back]
    return total


@njit(cache=True)
def highest(x: Any, t: int, window: int) -> float:
    """Largest of the last `window` numbers up to t; NaN where one of them is, or before so many."""
    if t < window - 1:
        return math.nan
    found = -math.inf
    for k in range(t - window + 1, t + 1):
        if math.isnan(x[k]):
            return math.nan
        found = max(found, x[k])
    return found


@njit(cache=True)
def surges(
    price: Any, shares: Any, smart: Any, individual: Any, index: Any, sizes: Any, steep: float, loud: float, fall: float
) -> Any:
    """`pat.surge_dump`: 1 for a dump, 0 for a surge, reason, surge, volume ratio and drawdown of every session.

    sizes: sessions of a rise, of the peak, of the usual volume, of the holders, and rows that are needed.
    """
    rise_of, peak_of, base_of, holder_of, needed = sizes
    value, reason = np.full(price.shape, np.nan), np.zeros(price.shape, np.uint8)
    surge, ratio, drawdown = np.empty(price.shape), np.empty(price.shape), np.empty(price.shape)
    sessions = price.shape[1]
    level, market, traded, rise = np.empty(sessions), np.empty(sessions), np.empty(sessions), np.empty(sessions)
    for row in range(price.shape[0]):
        for t in range(sessions):
            level[t] = price[row, t] if price[row, t] > 0.0 else np.nan
            market[t] = index[row, t] if index[row, t] > 0.0 else np.nan
            traded[t] = shares[row, t] if shares[row, t] >= 0.0 else np.nan
            rise[t] = level[t] / level[t - rise_of] - market[t] / market[t - rise_of] if t >= rise_of else np.nan
            near = newest_first(traded, t, rise_of)
            usual = newest_first(traded, t - peak_of, base_of) / base_of if t >= peak_of else np.nan
            steepest, peak = highest(rise, t, peak_of), highest(level, t, peak_of)
            held, owned = newest_first(smart[row], t, holder_of), newest_first(individual[row], t, holder_of)
            surge[row, t] = steepest
            ratio[row, t] = near / rise_of / usual if usual > 0.0 else np.nan
            drawdown[row, t] = level[t] / peak - 1.0
            if math.isnan(level[t] + traded[t] + smart[row, t] + individual[row, t] + market[t]):
                reason[row, t] = MISSING
            elif t < needed - 1:
                reason[row, t] = SHORT
            elif math.isnan(steepest + peak + usual + held + owned + near):
                reason[row, t] = MISSING
            elif usual == 0.0:
                reason[row, t] = ZERO
            elif steepest >= steep and ratio[row, t] >= loud and held < 0.0 and owned > 0.0:
                value[row, t] = 1.0 if level[t] <= (1.0 - fall) * peak else 0.0
            else:
                reason[row, t] = NOTHING
    return value, reason, surge, ratio, drawdown
