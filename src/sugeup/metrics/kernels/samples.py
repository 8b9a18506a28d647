"""Loops over samples: exact tails of binomial counts, pooling of adjacent violators."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit


@njit(cache=True)
def tail(least: int, n: int, p: float) -> float:
    """P(B ≥ least) of a binomial count B on n trials: the shorter tail is summed from its largest term.

    The terms are added with the running error of Neumaier 1974, so that small ones are not lost.
    """
    if least <= 0:
        return 1.0
    if least > n or p <= 0.0:
        return 0.0
    if p >= 1.0:
        return 1.0
    upper = least > n * p
    k = least if upper else least - 1
    log_term = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    term = math.exp(log_term + k * math.log(p) + (n - k) * math.log1p(-p))
    odds, smallest = p / (1.0 - p), term * 1e-18
    total = lost = 0.0
    while term > 0.0:
        grown = total + term
        lost += (total - grown) + term if total >= term else (term - grown) + total
        total = grown
        term *= (n - k) / (k + 1) * odds if upper else k / (n - k + 1) / odds
        k += 1 if upper else -1
        if term < smallest:
            break
    return total + lost if upper else 1.0 - (total + lost)


@njit(cache=True)
def tails(least: Any, n: Any, p: Any) -> Any:
    """`tail` of every cell of three flat arrays; NaN where p is."""
    result = np.full(p.size, np.nan)
    for cell in range(p.size):
        if not math.isnan(p[cell]):
            result[cell] = tail(least[cell], n[cell], p[cell])
    return result


@njit(cache=True)
def pooled(total: Any, weight: Any) -> Any:
    """Non-decreasing means: neighbours are pooled as long as the mean of the left one is not below the right one's.

    The sums `total` and their weights are overwritten by those of the pools.
    """
    size = np.empty(total.size, np.int64)
    pools = 0
    for k in range(total.size):
        total[pools], weight[pools], size[pools] = total[k], weight[k], 1
        while pools and total[pools - 1] * weight[pools] >= total[pools] * weight[pools - 1]:
            total[pools - 1] += total[pools]
            weight[pools - 1] += weight[pools]
            size[pools - 1] += size[pools]
            pools -= 1
        pools += 1
    fitted = np.empty(total.size)
    last = 0
    for pool in range(pools):
        fitted[last : last + size[pool]] = total[pool] / weight[pool]
        last += size[pool]
    return fitted
