"""Loops over matrices of shape (rows, sessions), oldest session first; NaN is missing, `reason` holds `Reason` codes.

Column t of every result reads columns up to t only, and sums are taken afresh over each window: nothing drifts, and a
stock gives the same digits alone as inside a market. Everything the loops call is in this one file on purpose: numba's
disk cache notices a change of the file that holds a kernel, not of a file that the kernel borrows from.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from sugeup.metrics.outcome import Reason

SHORT = int(Reason.INSUFFICIENT_HISTORY)
MISSING = int(Reason.MISSING_INPUT)
ZERO = int(Reason.ZERO_DENOMINATOR)
CONSTANT = int(Reason.ZERO_VARIANCE)
HALTED = int(Reason.HALTED)
MIN_Z = 20  # fewest past values behind a robust z
MAD_TO_SD = 1.4826
MEAN_AD_TO_SD = 1.2533
ROUNDING = 8 * 2.220446049250313e-16  # a spread below this share of the level is rounding noise, not variation


@njit(cache=True)
def ratio_row(net: Any, turnover: Any, window: int, ratio: Any, reason: Any) -> None:
    """Σnet ÷ Σturnover over `window` sessions; null when any session of the window is null or has no turnover."""
    nulls = zeros = 0
    for t in range(net.size):
        absent = not (math.isfinite(net[t]) and turnover[t] >= 0.0)
        nulls += absent
        zeros += turnover[t] == 0.0
        if t >= window:
            nulls -= not (math.isfinite(net[t - window]) and turnover[t - window] >= 0.0)
            zeros -= turnover[t - window] == 0.0
        ratio[t] = np.nan
        if absent:
            reason[t] = HALTED if turnover[t] == 0.0 else MISSING
        elif t < window - 1:
            reason[t] = SHORT
        elif nulls:
            reason[t] = MISSING
        elif zeros:
            reason[t] = ZERO
        else:
            above = below = 0.0
            for k in range(t - window + 1, t + 1):
                above += net[k]
                below += turnover[k]
            ratio[t] = above / below


@njit(cache=True)
def percentile(past: Any, x: float, least: int) -> float:
    """Percentile rank of x, ties counting half; NaN when fewer than `least` values of `past` are present."""
    below = equal = present = 0
    for k in range(past.size):
        below += past[k] < x
        equal += past[k] == x
        present += past[k] == past[k]
    return 100.0 * (below + 0.5 * equal) / present if present >= max(least, 1) else np.nan


@njit(cache=True)
def ratio_percentile(net: Any, turnover: Any, window: int, ref: int, least: int, size_only: bool) -> Any:
    """Window ratio (its size when `size_only`) and its rank among the `ref` windows that end `window` rows earlier."""
    ratio = np.empty(net.shape)
    rank = np.full(net.shape, np.nan)
    reason = np.zeros(net.shape, np.uint8)
    for row in range(net.shape[0]):
        values = ratio[row]
        ratio_row(net[row], turnover[row], window, values, reason[row])
        if size_only:
            for t in range(values.size):
                values[t] = abs(values[t])
        for t in range(values.size):
            if not reason[row, t]:
                past = values[max(0, t - window - ref + 1) : max(0, t - window + 1)]
                rank[row, t] = percentile(past, values[t], least)
                if math.isnan(rank[row, t]):
                    reason[row, t] = SHORT
    return ratio, rank, reason


@njit(cache=True)
def middle(ordered: Any) -> Any:
    """Median of values in ascending order, and their median absolute deviation from it."""
    n = ordered.size
    low, high = (n - 1) // 2, n // 2
    median = 0.5 * (ordered[low] + ordered[high])
    left, right = low, low + 1
    first = second = 0.0
    for k in range(high + 1):  # deviations in ascending order, walking outwards from the middle
        if right >= n or (left >= 0 and median - ordered[left] <= ordered[right] - median):
            second, left = median - ordered[left], left - 1
        else:
            second, right = ordered[right] - median, right + 1
        if k == low:
            first = second
    return median, 0.5 * (first + second)


@njit(cache=True)
def robust_z(ordered: Any, x: float) -> Any:
    """Robust z of x against values in ascending order, and the scale used: 1 MAD, 2 mean deviation.

    NaN and 0 where all are equal, or where they vary so little, or so much, that the z is no number.
    """
    n = ordered.size
    median, mad = middle(ordered)
    scale, method = MAD_TO_SD * mad, 1
    if scale == 0.0:
        total = 0.0
        for k in range(n):
            total += abs(ordered[k] - median)
        scale, method = MEAN_AD_TO_SD * total / n, 2
    z = (x - median) / scale if 0.0 < scale < math.inf else np.nan
    return (z, method) if math.isfinite(z) else (np.nan, 0)


@njit(cache=True)
def momentum(net: Any, turnover: Any, fast: int, slow: int, ref: int) -> Any:
    """10Φ(z) and z: robust z of (mean of the last `fast` - mean of the last `slow`) daily ratios in its last `ref`."""
    score, z = np.full(net.shape, np.nan), np.full(net.shape, np.nan)
    reason = np.zeros(net.shape, np.uint8)
    daily, full, spread = np.empty(net.shape[1]), np.empty(net.shape[1]), np.empty(net.shape[1])
    unused = np.zeros(net.shape[1], np.uint8)
    ordered = np.empty(ref + 1)
    for row in range(net.shape[0]):
        ratio_row(net[row], turnover[row], 1, daily, unused)
        ratio_row(net[row], turnover[row], slow, full, reason[row])
        count = 0
        for t in range(daily.size):
            spread[t] = np.nan
            if not reason[row, t]:
                near = far = 0.0
                for k in range(t - slow + 1, t + 1):
                    far += daily[k]
                for k in range(t - fast + 1, t + 1):
                    near += daily[k]
                spread[t] = near / fast - far / slow
                if count < MIN_Z:
                    reason[row, t] = SHORT
                else:
                    z[row, t], method = robust_z(ordered[:count], spread[t])
                    if method == 0:
                        reason[row, t] = CONSTANT
                    else:
                        score[row, t] = 5.0 * math.erfc(-z[row, t] / math.sqrt(2.0))
                place = np.searchsorted(ordered[:count], spread[t])
                for k in range(count, place, -1):
                    ordered[k] = ordered[k - 1]
                ordered[place] = spread[t]
                count += 1
            if t >= ref and not math.isnan(spread[t - ref]):
                place = np.searchsorted(ordered[:count], spread[t - ref])
                for k in range(place, count - 1):
                    ordered[k] = ordered[k + 1]
                count -= 1
    return score, z, reason


@njit(cache=True, fastmath={"reassoc"})
def rank_correlation(x: Any, y: Any, n: int) -> float:
    """Correlation of average ranks, NaN if one side is constant. Ranks are halves: sums are exact in any order."""
    xy = xx = yy = 0.0
    for k in range(x.size):
        xy += x[k] * y[k]
        xx += x[k] * x[k]
        yy += y[k] * y[k]
    centre = n * (0.5 * (n + 1)) ** 2
    scale = math.sqrt((xx - centre) * (yy - centre))
    return max(-1.0, min(1.0, (xy - centre) / scale)) if scale > 0.0 else np.nan


@njit(cache=True)
def enter(held: Any, rank: Any, slot: int, x: float) -> None:
    """Put x into a free slot of a window and keep the average ranks of all its values up to date."""
    own = 1.0
    for k in range(held.size):
        own += (held[k] < x) + 0.5 * (held[k] == x)
        rank[k] += (held[k] > x) + 0.5 * (held[k] == x)
    held[slot], rank[slot] = x, own


@njit(cache=True)
def leave(held: Any, rank: Any, slot: int) -> None:
    """Take the value out of a slot of a window and keep the average ranks of the others up to date."""
    x = held[slot]
    for k in range(held.size):
        rank[k] -= (held[k] > x) + 0.5 * (held[k] == x)
    held[slot], rank[slot] = np.nan, 0.0


@njit(cache=True)
def spearman(net: Any, turnover: Any, ret: Any, window: int, least: int) -> Any:
    """Rank correlation of net ÷ turnover and return over the pairs present in the last `window` sessions."""
    value = np.full(net.shape, np.nan)
    number = np.zeros(net.shape, np.int64)
    reason = np.zeros(net.shape, np.uint8)
    for row in range(net.shape[0]):
        flow, flow_rank = np.full(window, np.nan), np.zeros(window)
        move, move_rank = np.full(window, np.nan), np.zeros(window)
        n = 0
        for t in range(net.shape[1]):
            slot = t % window
            if not math.isnan(flow[slot]):
                leave(flow, flow_rank, slot)
                leave(move, move_rank, slot)
                n -= 1
            if math.isfinite(net[row, t]) and turnover[row, t] > 0.0 and math.isfinite(ret[row, t]):
                enter(flow, flow_rank, slot, net[row, t] / turnover[row, t])
                enter(move, move_rank, slot, ret[row, t])
                n += 1
            number[row, t] = n
            if n < least:
                reason[row, t] = SHORT if n else MISSING
                continue
            value[row, t] = rank_correlation(flow_rank, move_rank, n)
            if math.isnan(value[row, t]):
                reason[row, t] = CONSTANT
    return value, number, reason


@njit(cache=True)
def long_run_sum(u: Any, n: int, lag: int) -> float:
    """Σu² + 2Σ(1 - l/(lag+1))Σu[t]u[t-l]: the mean square of sums of lag+1 neighbours, zeros around them."""
    total = run = 0.0
    for t in range(n + lag):
        if t < n:
            run += u[t]
        if t > lag:
            run -= u[t - lag - 1]
        total += run * run
    return total / (lag + 1)


@njit(cache=True)
def impact(net: Any, turnover: Any, ret: Any, window: int, least: int, lag: int) -> Any:
    """Least-squares slope of return on net ÷ turnover and its Newey-West t, over the pairs present in the window."""
    slope, t_value = np.full(net.shape, np.nan), np.full(net.shape, np.nan)
    number = np.zeros(net.shape, np.int64)
    reason = np.zeros(net.shape, np.uint8)
    flow, x, y = np.empty(net.shape[1]), np.empty(window), np.empty(window)
    for row in range(net.shape[0]):
        for t in range(net.shape[1]):
            known = math.isfinite(net[row, t]) and turnover[row, t] > 0.0 and math.isfinite(ret[row, t])
            flow[t] = net[row, t] / turnover[row, t] if known else np.nan
            n = 0
            low, high, x_sum, y_sum = np.inf, -np.inf, 0.0, 0.0
            for k in range(max(0, t - window + 1), t + 1):
                if not math.isnan(flow[k]):
                    x[n], y[n] = flow[k], ret[row, k]
                    x_sum += x[n]
                    y_sum += y[n]
                    low, high = min(low, x[n]), max(high, x[n])
                    n += 1
            number[row, t] = n
            if n < least:
                reason[row, t] = SHORT if n else MISSING
                continue
            if high - low <= ROUNDING * max(abs(low), abs(high)):
                reason[row, t] = CONSTANT
                continue
            x_mean, y_mean = x_sum / n, y_sum / n
            xx = xy = 0.0
            for k in range(n):
                x[k] -= x_mean
                y[k] -= y_mean
                xx += x[k] * x[k]
                xy += x[k] * y[k]
            slope[row, t] = xy / xx
            for k in range(n):
                y[k] = x[k] * (y[k] - slope[row, t] * x[k])
            error = math.sqrt(long_run_sum(y, n, lag)) / xx
            if error > 0.0:
                t_value[row, t] = slope[row, t] / error
    return slope, t_value, number, reason


@njit(cache=True)
def illiquidity(ret: Any, turnover: Any, window: int, least: int, scale: float) -> Any:
    """Mean of |return| ÷ turnover * `scale` over the traded sessions of the window."""
    value = np.full(ret.shape, np.nan)
    number = np.zeros(ret.shape, np.int64)
    reason = np.zeros(ret.shape, np.uint8)
    daily = np.empty(ret.shape[1])
    for row in range(ret.shape[0]):
        for t in range(ret.shape[1]):
            traded = math.isfinite(ret[row, t]) and turnover[row, t] > 0.0
            daily[t] = abs(ret[row, t]) / turnover[row, t] if traded else np.nan
            total, n = 0.0, 0
            for k in range(max(0, t - window + 1), t + 1):
                if not math.isnan(daily[k]):
                    total += daily[k]
                    n += 1
            number[row, t] = n
            if n < least:
                reason[row, t] = SHORT if n else MISSING
            else:
                value[row, t] = total / n * scale
    return value, number, reason


@njit(cache=True)
def one_way(net: Any, window: int, least: int) -> Any:
    """|Σnet| ÷ Σ|net| over the n sessions present in the window, the sign of Σnet and 1 ÷ √n."""
    value = np.full(net.shape, np.nan)
    sign = np.full(net.shape, -128, np.int8)
    noise = np.full(net.shape, np.nan)
    reason = np.zeros(net.shape, np.uint8)
    for row in range(net.shape[0]):
        for t in range(net.shape[1]):
            total, size, n = 0.0, 0.0, 0
            for k in range(max(0, t - window + 1), t + 1):
                if math.isfinite(net[row, k]):
                    total += net[row, k]
                    size += abs(net[row, k])
                    n += 1
            if n < least:
                reason[row, t] = SHORT if n else MISSING
            elif size == 0.0:
                reason[row, t] = ZERO
            else:
                value[row, t] = abs(total) / size
                sign[row, t] = (total > 0.0) - (total < 0.0)
                noise[row, t] = 1.0 / math.sqrt(n)
    return value, sign, noise, reason


@njit(cache=True)
def change(net: Any, period: int, lag: int) -> Any:
    """Sum of the last `period` sessions minus the sum of as many ending `lag` sessions earlier."""
    value = np.full(net.shape, np.nan)
    reason = np.zeros(net.shape, np.uint8)
    for row in range(net.shape[0]):
        for t in range(net.shape[1]):
            if not math.isfinite(net[row, t]):
                reason[row, t] = MISSING
            elif t < period + lag - 1:
                reason[row, t] = SHORT
            else:
                now = before = 0.0
                for k in range(t - period + 1, t + 1):
                    now += net[row, k]
                    before += net[row, k - lag]
                if math.isfinite(now - before):
                    value[row, t] = now - before
                else:
                    reason[row, t] = MISSING
    return value, reason
