"""The shortest correct numba versions of the technical indicators: see `bench.metrics_baseline`.

Bars that are not complete are left out and the others closed up, as the product does.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from bench.metrics_baseline import MISSING, SHORT, ZERO

CROSSES = np.array(["DEAD", "NONE", "GOLDEN", ""])


@njit(cache=True)
def _null(shape: Any) -> Any:
    return np.full(shape, np.nan), np.full(shape, MISSING, np.uint8)


@njit(cache=True)
def sma(close: Any) -> Any:
    value, reason = _null(close.shape)
    for row in range(len(close)):
        at = np.flatnonzero(~np.isnan(close[row]))
        x = close[row][at]
        for t in range(x.size):
            reason[row, at[t]] = 0 if t >= 19 else SHORT
            if t >= 19:
                value[row, at[t]] = x[t - 19 : t + 1].sum() / 20
    return value, reason


@njit(cache=True)
def smoothed(x: Any, n: int, start: int, weight: float) -> Any:
    found, level = np.full(x.size, np.nan), 0.0
    for t in range(start, x.size):
        if t < start + n:
            level += x[t] / n
        else:
            level += (x[t] - level) * weight
        if t >= start + n - 1:
            found[t] = level
    return found


@njit(cache=True)
def ema(close: Any) -> Any:
    value, reason = _null(close.shape)
    for row in range(len(close)):
        at = np.flatnonzero(~np.isnan(close[row]))
        found = smoothed(close[row][at], 20, 0, 2 / 21)
        for t in range(at.size):
            value[row, at[t]] = found[t]
            reason[row, at[t]] = SHORT if t < 19 else 0
    return value, reason


@njit(cache=True)
def rsi(close: Any) -> Any:
    value, reason = _null(close.shape)
    for row in range(len(close)):
        at = np.flatnonzero(~np.isnan(close[row]))
        x = close[row][at]
        step = np.zeros(x.size)
        step[1:] = x[1:] - x[:-1]
        up, down = smoothed(np.maximum(step, 0), 14, 1, 1 / 14), smoothed(np.maximum(-step, 0), 14, 1, 1 / 14)
        for t in range(at.size):
            if t < 14:
                reason[row, at[t]] = SHORT
            elif up[t] + down[t] > 0:
                value[row, at[t]], reason[row, at[t]] = 100 * up[t] / (up[t] + down[t]), 0
            else:
                reason[row, at[t]] = ZERO
    return value, reason


@njit(cache=True)
def crossing(now: float, before: float) -> int:
    if math.isnan(now) or math.isnan(before):
        return 3
    return 1 + (now > 0 and before <= 0) - (now < 0 and before >= 0)


@njit(cache=True)
def _macd(close: Any) -> Any:
    value, reason = _null(close.shape)
    signal, gap, cross = np.full(close.shape, np.nan), np.full(close.shape, np.nan), np.full(close.shape, 3, np.uint8)
    for row in range(len(close)):
        at = np.flatnonzero(~np.isnan(close[row]))
        x = close[row][at]
        line = smoothed(x, 12, 0, 2 / 13) - smoothed(x, 26, 0, 2 / 27)
        smooth = smoothed(line, 9, 25, 2 / 10)
        for t in range(at.size):
            reason[row, at[t]] = SHORT if t < 33 else 0
            if t >= 33:
                value[row, at[t]], signal[row, at[t]], gap[row, at[t]] = line[t], smooth[t], line[t] - smooth[t]
                cross[row, at[t]] = crossing(line[t] - smooth[t], line[t - 1] - smooth[t - 1])
    return value, reason, signal, gap, cross


def macd(close: Any) -> Any:
    value, reason, signal, gap, cross = _macd(close)
    return value, reason, signal, gap, CROSSES[cross]


@njit(cache=True)
def cross(fast: Any, slow: Any) -> Any:
    value, reason = _null(fast.shape)
    for row in range(len(fast)):
        at = np.flatnonzero(~np.isnan(fast[row] + slow[row]))
        gap = (fast[row] - slow[row])[at]
        for t in range(at.size):
            reason[row, at[t]] = SHORT if t < 1 else 0
            if t:
                value[row, at[t]] = crossing(gap[t], gap[t - 1])
    return value, reason


@njit(cache=True)
def bollinger(close: Any) -> Any:
    value, reason = _null(close.shape)
    upper, lower = np.full(close.shape, np.nan), np.full(close.shape, np.nan)
    place, width = np.full(close.shape, np.nan), np.full(close.shape, np.nan)
    for row in range(len(close)):
        at = np.flatnonzero(~np.isnan(close[row]))
        x = close[row][at]
        for t in range(at.size):
            reason[row, at[t]] = SHORT if t < 19 else 0
            if t >= 19:
                past = x[t - 19 : t + 1]
                middle = past.sum() / 20
                away = past - middle
                flat = np.abs(away).max() <= 8 * 2.220446049250313e-16 * abs(middle)
                reach = 0.0 if flat else 2 * math.sqrt((away * away).sum() / 20)
                k = at[t]
                value[row, k], upper[row, k], lower[row, k] = middle, middle + reach, middle - reach
                if reach > 0:
                    place[row, k] = (x[t] - lower[row, k]) / (upper[row, k] - lower[row, k])
                if middle != 0:
                    width[row, k] = (upper[row, k] - lower[row, k]) / middle
    return value, reason, upper, lower, place, width


@njit(cache=True)
def atr(high: Any, low: Any, close: Any) -> Any:
    value, reason = _null(close.shape)
    for row in range(len(close)):
        at = np.flatnonzero(~np.isnan(high[row] + low[row] + close[row]))
        h, b, c = high[row][at], low[row][at], close[row][at]
        reach = np.zeros(at.size)
        for t in range(1, at.size):
            reach[t] = max(h[t] - b[t], abs(h[t] - c[t - 1]), abs(b[t] - c[t - 1]))
        found = smoothed(reach, 14, 1, 1 / 14)
        for t in range(at.size):
            value[row, at[t]] = found[t]
            reason[row, at[t]] = SHORT if t < 14 else 0
    return value, reason


@njit(cache=True)
def obv(close: Any, volume: Any) -> Any:
    value, reason = _null(close.shape)
    for row in range(len(close)):
        total, before = 0.0, np.nan
        for t in range(close.shape[1]):
            if not math.isnan(close[row, t] + volume[row, t]):
                side = 1.0 if math.isnan(before) else np.sign(close[row, t] - before)
                total += side * volume[row, t]
                value[row, t], reason[row, t], before = total, 0, close[row, t]
    return value, reason


@njit(cache=True)
def engulfing(start: Any, high: Any, low: Any, close: Any) -> Any:
    value, reason = _null(close.shape)
    for row in range(len(close)):
        last = -1
        for t in range(close.shape[1]):
            if math.isnan(start[row, t] + high[row, t] + low[row, t] + close[row, t]):
                continue
            reason[row, t] = SHORT if last < 0 else 0
            if last >= 0:
                o, c, before, after = start[row, t], close[row, t], start[row, last], close[row, last]
                covers = max(o, c) >= max(before, after) and min(o, c) <= min(before, after)
                covers = covers and abs(c - o) > abs(after - before)
                white, was_white = c >= o, after >= before
                value[row, t] = 1.0 + (covers and white and not was_white) - (covers and not white and was_white)
            last = t
    return value, reason


@njit(cache=True)
def morning_star(start: Any, high: Any, low: Any, close: Any) -> Any:
    value, reason = _null(close.shape)
    for row in range(len(close)):
        at = np.flatnonzero(~np.isnan(start[row] + high[row] + low[row] + close[row]))
        o, c = start[row][at], close[row][at]
        body = np.abs(c - o)
        for t in range(at.size):
            reason[row, at[t]] = SHORT if t < 12 else 0
            if t >= 12:
                usual = body[t - 12 : t - 2].sum() / 10, body[t - 11 : t - 1].sum() / 10, body[t - 10 : t].sum() / 10
                met = c[t - 2] < o[t - 2] and body[t - 2] > usual[0] and body[t - 1] <= usual[1] and body[t] > usual[2]
                met = met and max(o[t - 1], c[t - 1]) < min(o[t - 2], c[t - 2])
                met = met and c[t] >= o[t] and c[t] > c[t - 2] + 0.3 * body[t - 2]
                value[row, at[t]] = 1.0 + met
    return value, reason
