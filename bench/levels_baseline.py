"""The shortest correct numba versions of metrics of price levels: see `bench.metrics_baseline`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from bench.metrics_baseline import CONSTANT, MISSING, SHORT, ZERO
from bench.rows_baseline import NO_PATTERN, NOISE

QUADRANTS = np.array(["LAGGING", "IMPROVING", "WEAKENING", "LEADING", ""])


@njit(cache=True)
def _relative_strength(level: Any, market: Any) -> Any:
    value, reason = np.full(level.shape, np.nan), np.zeros(level.shape, np.uint8)
    momentum, place = np.full(level.shape, np.nan), np.full(level.shape, 4, np.uint8)
    for row in range(len(level)):
        strength = np.where((level[row] > 0) & (market[row] > 0), 100 * level[row] / market[row], np.nan)
        ratio, change = standing(strength), np.full(strength.size, np.nan)
        change[10:] = 100 * (ratio[10:] / ratio[:-10] - 1)
        moved = standing(change)
        for t in range(strength.size):
            if math.isnan(strength[t]) or t < 128:
                reason[row, t] = MISSING if math.isnan(strength[t]) else SHORT
            elif np.isnan(strength[t - 128 : t + 1]).any():
                reason[row, t] = MISSING
            elif math.isnan(moved[t]):
                reason[row, t] = CONSTANT
            else:
                value[row, t], momentum[row, t] = ratio[t], moved[t]
                place[row, t] = 2 * (ratio[t] >= 100) + (moved[t] >= 100)
    return value, reason, momentum, place


@njit(cache=True)
def standing(x: Any) -> Any:
    """100 + distance from the mean of 60 in standard deviations."""
    found = np.full(x.size, np.nan)
    for t in range(59, x.size):
        past = x[t - 59 : t + 1]
        mean = past.mean()
        away = past - mean
        if np.abs(away).max() > NOISE * abs(mean):
            found[t] = 100 + (x[t] - mean) / math.sqrt((away * away).sum() / 59)
    return found


def relative_strength(level: Any, market: Any) -> Any:
    value, reason, momentum, place = _relative_strength(level, market)
    return value, reason, momentum, QUADRANTS[place]


@njit(cache=True)
def surge_dump(close: Any, volume: Any, smart: Any, individual: Any, index: Any) -> Any:
    value, reason = np.full(close.shape, np.nan), np.zeros(close.shape, np.uint8)
    extra = np.full((3, *close.shape), np.nan)
    for row in range(len(close)):
        c, m = np.where(close[row] > 0, close[row], np.nan), np.where(index[row] > 0, index[row], np.nan)
        v, rise = np.where(volume[row] >= 0, volume[row], np.nan), np.full(c.size, np.nan)
        rise[5:] = c[5:] / c[:-5] - m[5:] / m[:-5]
        for t in range(c.size):
            absent = math.isnan(c[t] + v[t] + smart[row, t] + individual[row, t] + m[t])
            steepest = rise[max(0, t - 9) : t + 1].max() if t >= 9 else np.nan
            peak = c[max(0, t - 9) : t + 1].max() if t >= 9 else np.nan
            usual = v[max(0, t - 29) : max(0, t - 9)].sum() / 20 if t >= 10 else np.nan
            recent = v[max(0, t - 4) : t + 1].sum()
            held = smart[row, max(0, t - 2) : t + 1].sum(), individual[row, max(0, t - 2) : t + 1].sum()
            ratio = recent / 5 / usual if usual > 0 else np.nan
            extra[0, row, t], extra[1, row, t], extra[2, row, t] = steepest, ratio, c[t] / peak - 1
            if absent or t < 30:
                reason[row, t] = MISSING if absent else SHORT
            elif math.isnan(steepest + peak + usual + held[0] + held[1] + recent):
                reason[row, t] = MISSING
            elif usual == 0:
                reason[row, t] = ZERO
            elif steepest >= 0.2 and ratio >= 3 and held[0] < 0 and held[1] > 0:
                value[row, t] = c[t] <= 0.9 * peak
            else:
                reason[row, t] = NO_PATTERN
    return value, reason, extra[0], extra[1], extra[2]
