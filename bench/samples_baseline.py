"""The shortest correct numba versions of the shared statistics and the bookkeeping: see `bench.metrics_baseline`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from bench.metrics_baseline import (
    CONSTANT,
    GAP,
    MISSING,
    SHORT,
    UNCALIBRATED,
    Z95,
    correlation,
    quotient,
    scaled_distance,
    share_below,
)

METHODS = np.array(["", "MAD", "MEAN_AD"])


@njit(cache=True)
def scarce(n: int, length: int, least: int) -> int:
    return MISSING if n == 0 and length else SHORT if n < least else 0


@njit(cache=True)
def _robust_z(x: Any, ref: Any) -> Any:
    value, reason, method = np.full(x.size, np.nan), np.zeros(x.size, np.uint8), np.zeros(x.size, np.uint8)
    for row in range(x.size):
        past = ref[row][~np.isnan(ref[row])]
        reason[row] = MISSING if math.isnan(x[row]) else scarce(past.size, ref.shape[1], 20)
        if not reason[row]:
            value[row], method[row] = scaled_distance(x[row], past)
            reason[row] = 0 if method[row] else CONSTANT
    return value, reason, method


def robust_z(x: Any, ref: Any) -> Any:
    value, reason, method = _robust_z(x, ref)
    return value, reason, METHODS[method]


@njit(cache=True)
def percentile_rank(x: Any, ref: Any) -> Any:
    value, reason = np.full(x.size, np.nan), np.zeros(x.size, np.uint8)
    for row in range(x.size):
        place, n = share_below(x[row], ref[row])
        reason[row] = MISSING if math.isnan(x[row]) else scarce(n, ref.shape[1], 20)
        if not reason[row]:
            value[row] = place
    return value, reason


@njit(cache=True)
def hhi(weights: Any) -> Any:
    rows, members = weights.shape
    value, normalized = np.full(rows, np.nan), np.full(rows, np.nan)
    reason, number = np.zeros(rows, np.uint8), np.zeros(rows, np.int64)
    for row in range(rows):
        total = square = 0.0
        n = 0
        for w in weights[row]:
            total += abs(w)
            square += w * w
            n += not math.isnan(w)
        number[row] = n
        value[row], reason[row] = quotient(square, total * total, n < members)
        if n > 1:
            normalized[row] = (value[row] - 1 / n) / (1 - 1 / n)
    return value, reason, normalized, number


@njit(cache=True)
def sorted_ranks(x: Any) -> Any:
    order, ranks = np.argsort(x), np.empty(x.size)
    first = 0
    for last in range(x.size):
        if last == x.size - 1 or x[order[last + 1]] != x[order[last]]:
            ranks[order[first : last + 1]] = 0.5 * (first + last) + 1
            first = last + 1
    return ranks


@njit(cache=True)
def spearman(x: Any, y: Any) -> Any:
    rows = len(x)
    value, reason, number = np.full(rows, np.nan), np.zeros(rows, np.uint8), np.zeros(rows, np.int64)
    for row in range(rows):
        both = np.isfinite(x[row]) & np.isfinite(y[row])
        number[row] = n = both.sum()
        reason[row] = scarce(n, x.shape[1], 20)
        if not reason[row]:
            value[row] = correlation(sorted_ranks(x[row][both]), sorted_ranks(y[row][both]))
            reason[row] = CONSTANT if math.isnan(value[row]) else 0
    return value, reason, number


@njit(cache=True)
def newey_west_t(x: Any) -> Any:
    rows = len(x)
    value, mean, se = np.full(rows, np.nan), np.full(rows, np.nan), np.full(rows, np.nan)
    reason = np.zeros(rows, np.uint8)
    for row in range(rows):
        known = x[row][~np.isnan(x[row])]
        n = known.size
        reason[row] = scarce(n, x.shape[1], 20)
        if reason[row]:
            continue
        away = known - known.mean()
        total = (away * away).sum()
        for step in range(1, 6):
            total += 2 * (1 - step / 6) * (away[step:] * away[:-step]).sum()
        if np.abs(away).max() <= 8 * 2.220446049250313e-16 * abs(known.mean()) or total <= 0:
            reason[row] = CONSTANT
        else:
            mean[row], se[row] = known.mean(), math.sqrt(total) / n
            value[row] = mean[row] / se[row]
    return value, reason, mean, se


@njit(cache=True)
def _resampled(sample: Any, starts: Any, block: int, means: Any) -> None:
    for draw in range(len(starts)):
        total, n = 0.0, 0
        for start in starts[draw]:
            for k in range(start, start + min(block, sample.size - n)):
                total += sample[k % sample.size]
                n += 1
        means[draw] = total / n


def block_bootstrap_mean(x: Any) -> Any:
    rows = len(x)
    value, lo, hi = np.full(rows, np.nan), np.full(rows, np.nan), np.full(rows, np.nan)
    reason, used, means = np.zeros(rows, np.uint8), np.full(rows, np.iinfo(np.int64).min), np.empty(2000)
    for row in range(rows):
        sample = x[row][np.isfinite(x[row])]
        reason[row] = scarce(sample.size, x.shape[1], 20)
        if not reason[row]:
            used[row] = block = math.ceil(round(sample.size ** (1 / 3), 9))
            starts = np.random.default_rng(20240101).integers(0, sample.size, (2000, -(-sample.size // block)))
            _resampled(sample, starts, block, means)
            value[row] = sample.mean()
            lo[row], hi[row] = np.quantile(means, [0.025, 0.975])
    return value, reason, lo, hi, used


@njit(cache=True)
def wilson(share: float, n: float) -> Any:
    if not n > 0:
        return np.nan, np.nan
    centre = share + Z95 * Z95 / (2 * n)
    reach = Z95 * math.sqrt(share * (1 - share) / n + (Z95 / (2 * n)) ** 2)
    scale = 1 + Z95 * Z95 / n
    return max(min((centre - reach) / scale, share), 0.0), min(max((centre + reach) / scale, share), 1.0)


@njit(cache=True)
def wilson_interval(hits: Any, n: Any) -> Any:
    value, lo, hi = np.empty(n.size), np.empty(n.size), np.empty(n.size)
    reason = np.empty(n.size, np.uint8)
    for i in range(n.size):
        h, m = hits[i], n[i]
        value[i], reason[i] = quotient(h, m, math.isnan(h + m))
        lo[i], hi[i] = wilson(value[i], m)
    return value, reason, lo, hi


@njit(cache=True)
def bh_adjust(p: Any) -> Any:
    value, reason = np.full(p.shape, np.nan), np.zeros(p.shape, np.uint8)
    for row in range(len(p)):
        order = np.argsort(p[row])
        m = p.shape[1] - np.isnan(p[row]).sum()
        least = 1.0
        for k in range(m - 1, -1, -1):
            least = min(least, p[row, order[k]] * m / (k + 1))
            value[row, order[k]] = least
        for k in order[m:]:
            reason[row, k] = MISSING
    return value, reason


@njit(cache=True)
def isotonic(score: Any, outcome: Any, query: Any) -> Any:
    both = np.isfinite(score) & np.isfinite(outcome)
    x, y = score[both], outcome[both]
    if x.size < 200:
        return np.full(query.shape, np.nan), np.full(query.shape, UNCALIBRATED, np.uint8)
    order = np.argsort(x)
    x, y = x[order], y[order]
    total, weight, start = np.empty(x.size), np.empty(x.size), np.empty(x.size + 1, np.int64)
    pools = 0
    for k in range(x.size):
        if k and x[k] == x[k - 1]:
            total[pools - 1] += y[k]
            weight[pools - 1] += 1
        else:
            total[pools], weight[pools], start[pools] = y[k], 1, k
            pools += 1
        if k == x.size - 1 or x[k + 1] != x[k]:
            while pools > 1 and total[pools - 2] * weight[pools - 1] >= total[pools - 1] * weight[pools - 2]:
                pools -= 1
                total[pools - 1] += total[pools]
                weight[pools - 1] += weight[pools]
    start[pools] = x.size
    fitted = np.empty(x.size)
    for k in range(pools):
        fitted[start[k] : start[k + 1]] = total[k] / weight[k]
    value = np.interp(query, x, fitted)
    return value, np.where(np.isnan(query), MISSING, 0).astype(np.uint8)


@njit(cache=True)
def brier(prob: Any, outcome: Any) -> Any:
    rows = len(prob)
    value, reference, skill = np.full(rows, np.nan), np.full(rows, np.nan), np.full(rows, np.nan)
    reason = np.zeros(rows, np.uint8)
    for row in range(rows):
        error = won = 0.0
        n = 0
        for p, y in zip(prob[row], outcome[row]):  # noqa: B905 - numba knows no strict
            if math.isfinite(p) and math.isfinite(y):
                error += (p - y) ** 2
                won += y
                n += 1
        if n == 0:
            reason[row] = MISSING
            continue
        value[row], reference[row] = error / n, won / n * (1 - won / n)
        if reference[row] > 0:
            skill[row] = 1 - value[row] / reference[row]
    return value, reason, reference, skill


@njit(cache=True)
def tail(least: int, n: int, p: float) -> float:
    """P(B ≥ least), term by term upwards or as the complement, whichever side is shorter."""
    if least <= 0 or least > n or p <= 0 or p >= 1:
        return 1.0 if least <= 0 or (p >= 1 and least <= n) else 0.0
    upper = least > n * p
    k = least if upper else least - 1
    term = math.exp(
        math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * math.log(p) + (n - k) * math.log1p(-p)
    )
    total, smallest = 0.0, term * 1e-18
    while term > smallest:
        total += term
        term *= (n - k) / (k + 1) * (p / (1 - p)) if upper else k / (n - k + 1) / (p / (1 - p))
        k += 1 if upper else -1
    return total if upper else 1 - total


@njit(cache=True)
def hit_rate(hits: Any, n: Any, base: Any) -> Any:
    value, lo, hi = np.empty(n.size), np.empty(n.size), np.empty(n.size)
    lift, p_value = np.empty(n.size), np.full(n.size, np.nan)
    reason, independent = np.empty(n.size, np.uint8), np.zeros(n.size, np.int64)
    for i in range(n.size):
        h, m, b = hits[i], n[i], base[i]
        value[i], reason[i] = quotient(h, m, math.isnan(h + m + b))
        if not math.isnan(h + m + b):
            independent[i] = m // 5
        if not reason[i] and independent[i] == 0:
            value[i], reason[i] = np.nan, SHORT
        lo[i], hi[i] = wilson(value[i], independent[i])
        lift[i] = value[i] - b
        if not reason[i]:
            count = independent[i]
            p_value[i] = tail(int(np.rint(value[i] * count)), count, b)
    return value, reason, lo, hi, lift, independent, p_value


@njit(cache=True)
def closure_check(groups: Any, unit: float) -> Any:
    shape = groups[0].size
    value, tolerance = np.empty(shape), np.empty(shape)
    reason, ok = np.zeros(shape, np.uint8), np.empty(shape, np.bool_)
    for i in range(value.size):
        total = 0.0
        for group in groups:
            total += group[i]
        value[i], tolerance[i] = total, np.nan if math.isnan(total) else unit * len(groups)
        ok[i], reason[i] = abs(total) <= unit * len(groups), MISSING if math.isnan(total) else 0
    return value, reason, tolerance, ok


@njit(cache=True)
def split_adjust(shares: Any, factor: Any) -> Any:
    value, reason = np.empty(shares.shape), np.zeros(shares.shape, np.uint8)
    for row in range(len(shares)):
        later = 1.0
        for t in range(shares.shape[1] - 1, -1, -1):
            value[row, t] = shares[row, t] * later
            if math.isnan(value[row, t]):
                reason[row, t] = MISSING if math.isnan(shares[row, t]) else GAP
            later *= factor[row, t]
    return value, reason
