"""The shortest correct numba version of every metric that runs over a market: the bare baseline of `bench.metrics`.

Each function takes matrices of shape (rows, columns), or flat arrays where every cell stands alone, NaN for missing,
and returns what the product returns: the value, the code of the reason of every null, then the extras in the product's
order. The loops are the definitions written down: no window is kept up to date, nothing is shared between cells, and
inputs are trusted.
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
GAP = int(Reason.CORPORATE_ACTION_GAP)
UNCALIBRATED = int(Reason.UNCALIBRATED)
Z95 = 1.959963984540054


@njit(cache=True)
def quotient(part: float, total: float, absent: bool) -> Any:
    if absent:
        return np.nan, MISSING
    return (np.nan, ZERO) if total == 0 else (part / total, 0)


@njit(cache=True)
def net_ratio(bought: Any, sold: Any) -> Any:
    value, reason = np.empty(bought.size), np.empty(bought.size, np.uint8)
    for i in range(bought.size):
        b, s = bought[i], sold[i]
        value[i], reason[i] = quotient(100 * (b - s), b + s, not (b >= 0 and s >= 0))
    return value, reason


@njit(cache=True)
def avg_price(amount: Any, volume: Any) -> Any:
    value, reason = np.empty(amount.size), np.empty(amount.size, np.uint8)
    for i in range(amount.size):
        a, v = amount[i], volume[i]
        value[i], reason[i] = quotient(a, v, not (a >= 0 and v >= 0))
    return value, reason


@njit(cache=True)
def participation(bought: Any, sold: Any, turnover: Any) -> Any:
    value, reason = np.empty(bought.size), np.empty(bought.size, np.uint8)
    for i in range(bought.size):
        b, s, t = bought[i], sold[i], turnover[i]
        value[i], reason[i] = quotient(100 * (b + s), 2 * t, not (b >= 0 and s >= 0 and t >= 0))
    return value, reason


@njit(cache=True)
def ratios(net: Any, turnover: Any, window: int, ratio: Any, reason: Any) -> None:
    for t in range(net.size):
        above, below, nulls, zeros = 0.0, 0.0, 0, 0
        for k in range(max(0, t - window + 1), t + 1):
            above += net[k]
            below += turnover[k]
            nulls += not (math.isfinite(net[k]) and turnover[k] >= 0)
            zeros += turnover[k] == 0
        ratio[t], reason[t] = np.nan, 0
        if not (math.isfinite(net[t]) and turnover[t] >= 0):
            reason[t] = HALTED if turnover[t] == 0 else MISSING
        elif t < window - 1:
            reason[t] = SHORT
        elif nulls or zeros:
            reason[t] = MISSING if nulls else ZERO
        else:
            ratio[t] = above / below


@njit(cache=True)
def share_below(x: float, past: Any) -> Any:
    below = equal = n = 0
    for p in past:
        below += p < x
        equal += p == x
        n += not math.isnan(p)
    return 100 * (below + 0.5 * equal) / max(n, 1), n


@njit(cache=True)
def trend(net: Any, turnover: Any) -> Any:
    value, ratio, place = np.full(net.shape, np.nan), np.empty(net.shape), np.full(net.shape, np.nan)
    reason = np.empty(net.shape, np.uint8)
    for row in range(len(net)):
        r = ratio[row]
        ratios(net[row], turnover[row], 5, r, reason[row])
        for t in range(r.size):
            if not reason[row, t]:
                p, n = share_below(r[t], r[max(0, t - 254) : max(0, t - 4)])
                if n < 60:
                    reason[row, t] = SHORT
                else:
                    place[row, t] = p
                    value[row, t] = 2 if r[t] > 0 and p >= 70 else 0 if r[t] < 0 and p <= 30 else 1
    return value, reason, ratio, place


@njit(cache=True)
def intensity(net: Any, turnover: Any) -> Any:
    value, reason, r = np.full(net.shape, np.nan), np.empty(net.shape, np.uint8), np.empty(net.shape[1])
    for row in range(len(net)):
        ratios(net[row], turnover[row], 1, r, reason[row])
        r = np.abs(r)
        for t in range(r.size):
            if not reason[row, t]:
                p, n = share_below(r[t], r[max(0, t - 250) : t])
                if n < 60:
                    reason[row, t] = SHORT
                else:
                    value[row, t] = 1 + 9 * p / 100
    return value, reason


@njit(cache=True)
def scaled_distance(x: float, past: Any) -> Any:
    """Robust z of x against complete values, and which scale it took: 1 MAD, 2 mean deviation, 0 none."""
    middle = np.median(past)
    away = np.abs(past - middle)
    scale, method = 1.4826 * np.median(away), 1
    if scale == 0:
        scale, method = 1.2533 * away.mean(), 2
    return ((x - middle) / scale, method) if scale > 0 else (np.nan, 0)


@njit(cache=True)
def momentum_score(net: Any, turnover: Any) -> Any:
    value, z, reason = np.full(net.shape, np.nan), np.full(net.shape, np.nan), np.empty(net.shape, np.uint8)
    x, full, unused = np.empty(net.shape[1]), np.empty(net.shape[1]), np.empty(net.shape[1], np.uint8)
    for row in range(len(net)):
        ratios(net[row], turnover[row], 1, x, unused)
        ratios(net[row], turnover[row], 20, full, reason[row])
        s = np.full(x.size, np.nan)
        for t in range(x.size):
            if reason[row, t]:
                continue
            s[t] = x[t - 4 : t + 1].mean() - x[t - 19 : t + 1].mean()
            past = s[max(0, t - 60) : t]
            past = past[~np.isnan(past)]
            if past.size < 20:
                reason[row, t] = SHORT
                continue
            z[row, t], method = scaled_distance(s[t], past)
            if method:
                value[row, t] = 5 * math.erfc(-z[row, t] / math.sqrt(2))
            else:
                reason[row, t] = CONSTANT
    return value, reason, z


@njit(cache=True)
def window_pairs(net: Any, turnover: Any, ret: Any, x: Any, y: Any) -> int:
    n = 0
    for k in range(net.size):
        if math.isfinite(net[k]) and turnover[k] > 0 and math.isfinite(ret[k]):
            x[n], y[n] = net[k] / turnover[k], ret[k]
            n += 1
    return n


@njit(cache=True)
def counted_ranks(x: Any, ranks: Any) -> None:
    for i in range(x.size):
        below = equal = 0
        for k in range(x.size):
            below += x[k] < x[i]
            equal += x[k] == x[i]
        ranks[i] = below + 0.5 * (equal + 1)


@njit(cache=True)
def correlation(x: Any, y: Any) -> float:
    a, b = x - x.mean(), y - y.mean()
    spread = (a * a).sum() * (b * b).sum()
    return (a * b).sum() / math.sqrt(spread) if spread > 0 else np.nan


@njit(cache=True)
def price_correlation(net: Any, turnover: Any, ret: Any) -> Any:
    value, reason, number = np.full(net.shape, np.nan), np.zeros(net.shape, np.uint8), np.empty(net.shape, np.int64)
    x, y, left, right = np.empty(60), np.empty(60), np.empty(60), np.empty(60)
    for row in range(len(net)):
        for t in range(net.shape[1]):
            span = slice(max(0, t - 59), t + 1)
            number[row, t] = n = window_pairs(net[row, span], turnover[row, span], ret[row, span], x, y)
            if n < 20:
                reason[row, t] = SHORT if n else MISSING
                continue
            counted_ranks(x[:n], left[:n])
            counted_ranks(y[:n], right[:n])
            value[row, t] = correlation(left[:n], right[:n])
            reason[row, t] = CONSTANT if math.isnan(value[row, t]) else 0
    return value, reason, number


@njit(cache=True)
def kyle_lambda(net: Any, turnover: Any, ret: Any) -> Any:
    value, reason, number = np.full(net.shape, np.nan), np.zeros(net.shape, np.uint8), np.empty(net.shape, np.int64)
    t_value, x, y = np.full(net.shape, np.nan), np.empty(60), np.empty(60)
    for row in range(len(net)):
        for t in range(net.shape[1]):
            span = slice(max(0, t - 59), t + 1)
            number[row, t] = n = window_pairs(net[row, span], turnover[row, span], ret[row, span], x, y)
            if n < 20:
                reason[row, t] = SHORT if n else MISSING
                continue
            low, high = x[:n].min(), x[:n].max()
            if high - low <= 8 * 2.220446049250313e-16 * max(abs(low), abs(high)):
                reason[row, t] = CONSTANT
                continue
            a, b = x[:n] - x[:n].mean(), y[:n] - y[:n].mean()
            value[row, t] = slope = (a * b).sum() / (a * a).sum()
            u = a * (b - slope * a)
            total = (u * u).sum()
            for step in range(1, 6):
                total += 2 * (1 - step / 6) * (u[step:] * u[:-step]).sum()
            error = math.sqrt(max(total, 0.0)) / (a * a).sum()
            if error > 0:
                t_value[row, t] = slope / error
    return value, reason, t_value, number


@njit(cache=True)
def amihud(ret: Any, turnover: Any) -> Any:
    value, reason, number = np.full(ret.shape, np.nan), np.zeros(ret.shape, np.uint8), np.empty(ret.shape, np.int64)
    for row in range(len(ret)):
        for t in range(ret.shape[1]):
            total, n = 0.0, 0
            for k in range(max(0, t - 19), t + 1):
                if math.isfinite(ret[row, k]) and turnover[row, k] > 0:
                    total += abs(ret[row, k]) / turnover[row, k]
                    n += 1
            number[row, t] = n
            if n < 10:
                reason[row, t] = SHORT if n else MISSING
            else:
                value[row, t] = total / n * 1e9
    return value, reason, number


@njit(cache=True)
def change_vs(net: Any) -> Any:
    value, reason = np.full(net.shape, np.nan), np.zeros(net.shape, np.uint8)
    for row in range(len(net)):
        for t in range(net.shape[1]):
            if math.isnan(net[row, t]):
                reason[row, t] = MISSING
            elif t < 24:
                reason[row, t] = SHORT
            else:
                value[row, t] = net[row, t - 4 : t + 1].sum() - net[row, t - 24 : t - 19].sum()
                reason[row, t] = MISSING if math.isnan(value[row, t]) else 0
    return value, reason


@njit(cache=True)
def consistency(net: Any) -> Any:
    value, reason, noise = np.full(net.shape, np.nan), np.zeros(net.shape, np.uint8), np.full(net.shape, np.nan)
    direction = np.full(net.shape, -128, np.int8)
    for row in range(len(net)):
        for t in range(net.shape[1]):
            total, size, n = 0.0, 0.0, 0
            for k in range(max(0, t - 19), t + 1):
                if math.isfinite(net[row, k]):
                    total += net[row, k]
                    size += abs(net[row, k])
                    n += 1
            if n < 20:
                reason[row, t] = SHORT if n else MISSING
            elif size == 0:
                reason[row, t] = ZERO
            else:
                value[row, t], noise[row, t] = abs(total) / size, 1 / math.sqrt(n)
                direction[row, t] = np.sign(total)
    return value, reason, direction, noise
