"""How a flow goes on, window by window: slope of each value on the one before it, and the variance ratio.

Sums are taken in the order in which numpy adds up to 128 neighbouring numbers, eight at a time, so that a market gives
the same digits as one stock.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

ROUNDING = 8 * 2.220446049250313e-16  # a spread below this share of the level is rounding noise, not variation


@njit(cache=True)
def added(x: Any, n: int) -> float:
    """Sum of the first n numbers as numpy adds up to 128 neighbours, eight at a time; more one after the other."""
    if n < 8 or n > 128:
        total = 0.0
        for k in range(n):
            total += x[k]
        return total
    a, b, c, d, e, f, g, h = x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]
    k = 8
    while k < n - n % 8:
        a += x[k]
        b += x[k + 1]
        c += x[k + 2]
        d += x[k + 3]
        e += x[k + 4]
        f += x[k + 5]
        g += x[k + 6]
        h += x[k + 7]
        k += 8
    whole: float = ((a + b) + (c + d)) + ((e + f) + (g + h))
    while k < n:
        whole += x[k]
        k += 1
    return whole


@njit(cache=True)
def persistence(x: Any, window: int, least: int, q: int, last: int) -> Any:
    """Slope, variance ratio, values present and whether they are constant, of the window up to each last session.

    Slope and ratio are NaN where fewer than `least` values are present; nulls are closed up.
    """
    rows, sessions = x.shape
    slope, ratio = np.full((rows, last), np.nan), np.full((rows, last), np.nan)
    number, constant = np.zeros((rows, last), np.int64), np.zeros((rows, last), np.bool_)
    values, work, left, right = np.empty(window), np.empty(window), np.empty(window), np.empty(window)
    for row in range(rows):
        for place in range(last):
            end = sessions - last + place
            n = 0
            for k in range(max(0, end - window + 1), end + 1):
                if x[row, k] == x[row, k]:
                    values[n] = x[row, k]
                    n += 1
            number[row, place] = n
            if n < least:
                continue
            values[n:] = 0.0
            mean = added(values, window) / n
            widest = 0.0
            work[:] = 0.0
            for k in range(n):
                left[k] = values[k] - mean
                widest = max(widest, abs(left[k]))
                work[k] = left[k] * left[k]
            single = added(work, window) / (n - 1)
            flat = widest <= ROUNDING * abs(mean) or not single > 0
            if n > q:
                work[:] = 0.0
                for k in range(n - q + 1):
                    total = 0.0
                    for step in range(q):
                        total += left[k + step]
                    work[k] = total * total
                together = added(work, window - q + 1) / (q * (n - q + 1) * (1 - q / n))
                ratio[row, place] = together / single if single != 0 else np.nan
            work[:] = values
            work[n - 1] = 0.0
            before = added(work, window - 1) / (n - 1)
            after = added(values[1:], window - 1) / (n - 1)
            widest = 0.0
            left[:] = 0.0
            right[:] = 0.0
            for k in range(n - 1):
                left[k], right[k] = values[k] - before, values[k + 1] - after
                widest = max(widest, abs(left[k]))
            constant[row, place] = flat or widest <= ROUNDING * abs(before)
            for k in range(window - 1):
                work[k] = left[k] * right[k]
            cross = added(work, window - 1)
            for k in range(window - 1):
                work[k] = left[k] * left[k]
            square = added(work, window - 1)
            slope[row, place] = cross / square if square != 0 else math.nan
    return slope, ratio, number, constant
