"""The shortest correct numba versions of crowding, timing and rules by case: see `bench.metrics_baseline`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from bench.metrics_baseline import CONSTANT, MISSING, SHORT, ZERO
from bench.rows_baseline import NO_PATTERN, NOISE
from bench.samples_baseline import _robust_z
from sugeup.metrics.outcome import Reason

NEW = int(Reason.NEW_LISTING)
ROUNDING = 8 * 2.220446049250313e-16


@njit(cache=True)
def distance(n: int, p: float) -> float:
    m = min(math.floor(n * p) + 1, n)
    ways = math.lgamma(n + 1) - math.lgamma(m + 1) - math.lgamma(n - m + 1)
    return 2 * m * math.exp(ways + m * math.log(p) + (n - m + 1) * math.log1p(-p)) / n


@njit(cache=True)
def herding_lsv(buyers: Any, sellers: Any) -> Any:
    rows = len(buyers)
    found, reason, number = np.full((4, rows), np.nan), np.zeros(rows, np.uint8), np.zeros(rows, np.int64)
    for row in range(rows):
        known, b, n = 0, 0.0, 0.0
        for k in range(buyers.shape[1]):
            both = buyers[row, k] + sellers[row, k]
            known += both == both
            if both >= 5:
                b, n, number[row] = b + buyers[row, k], n + both, number[row] + 1
        if known == 0 or number[row] < 10:
            reason[row] = SHORT if known else MISSING
            continue
        p, sums, counts = b / n, np.zeros(3), np.zeros(3)
        for k in range(buyers.shape[1]):
            both = buyers[row, k] + sellers[row, k]
            if both >= 5:
                excess = abs(buyers[row, k] / both - p) - (distance(int(both), p) if 0 < p < 1 else 0.0)
                side = int(np.sign(buyers[row, k] * n - b * both))
                sums[0], counts[0] = sums[0] + excess, counts[0] + 1
                if side:
                    sums[side], counts[side] = sums[side] + excess, counts[side] + 1
        found[0, row], found[1, row] = sums[0] / counts[0], p
        found[2, row], found[3, row] = sums[1] / counts[1], sums[2] / counts[2]
    return found[0], reason, found[1], number, found[2], found[3]


@njit(cache=True)
def herding_sias(now: Any, before: Any) -> Any:
    groups, stocks, traders = now.shape
    value, own, reason = np.full(groups, np.nan), np.full(groups, np.nan), np.zeros(groups, np.uint8)
    number = np.zeros(groups, np.int64)
    for g in range(groups):
        share, n = np.zeros((2, stocks)), np.zeros((2, stocks))
        mean = np.zeros(2)
        for i in range(stocks):
            for k in range(traders):
                for side in range(2):
                    cell = (now if side == 0 else before)[g, i, k]
                    if cell == cell:
                        share[side, i], n[side, i] = share[side, i] + cell, n[side, i] + 1
            if n[0, i] and n[1, i]:
                number[g] += 1
                share[:, i] /= n[:, i]
                mean += share[:, i]
        if number[g] < 10:
            reason[g] = SHORT if number[g] else MISSING
            continue
        mean /= number[g]
        cross = mine = left = right = 0.0
        widest = np.zeros(2)
        for i in range(stocks):
            if not (n[0, i] and n[1, i]):
                continue
            a, b = share[0, i] - mean[0], share[1, i] - mean[1]
            cross, left, right = cross + a * b, left + a * a, right + b * b
            widest[0], widest[1] = max(widest[0], abs(a)), max(widest[1], abs(b))
            for k in range(traders):
                x, y = now[g, i, k], before[g, i, k]
                if x == x and y == y:
                    mine += (x - mean[0]) / n[0, i] * ((y - mean[1]) / n[1, i])
        if widest.min() <= ROUNDING:
            reason[g] = CONSTANT
            continue
        value[g], own[g] = cross / math.sqrt(left * right), mine / math.sqrt(left * right)
    return value, reason, own, value - own, number


@njit(cache=True)
def active_slot(share: Any) -> Any:
    groups, sessions, slots = share.shape
    value, reason = np.full(groups, np.nan), np.zeros(groups, np.uint8)
    middle, even = np.full(groups, np.nan), np.full(groups, np.nan)
    kept = np.empty((sessions, slots))
    for g in range(groups):
        n = 0
        for t in range(sessions):
            if not np.isnan(share[g, t]).any():
                kept[n] = share[g, t]
                n += 1
        if n < 10:
            reason[g] = SHORT if n else MISSING
            continue
        best, highest = 0, -np.inf
        for slot in range(slots):
            median = np.median(kept[:n, slot])
            if median > highest:
                best, highest = slot, median
        middle[g], even[g] = highest, 1 / slots
        if highest > even[g]:
            value[g] = best
        else:
            reason[g] = NO_PATTERN
    return value, reason, middle, even


@njit(cache=True)
def _swept(top: Any, bottom: Any, end: Any, start: Any, volume: Any, score: Any, unlike: Any) -> Any:
    shape = top.shape
    value, reason = np.full(shape, np.nan), np.zeros(shape, np.uint8)
    deep, loud = np.full(shape, np.nan), np.full(shape, np.nan)
    for row in range(shape[0]):
        for t in range(shape[1]):
            if math.isnan(top[row, t] + bottom[row, t] + end[row, t] + volume[row, t] + start[row, t]):
                reason[row, t] = MISSING
                continue
            if t < 21:
                reason[row, t] = SHORT
                continue
            spread, floor, ceiling, gaps = 0.0, np.inf, -np.inf, math.isnan(end[row, t - 21])
            for k in range(t - 20, t):
                gaps |= math.isnan(top[row, k] + bottom[row, k] + end[row, k] + volume[row, k])
                size = max(top[row, k] - bottom[row, k], abs(top[row, k] - end[row, k - 1]))
                spread += max(size, abs(bottom[row, k] - end[row, k - 1]))
                floor, ceiling = min(floor, bottom[row, k]), max(ceiling, top[row, k])
            if gaps or spread == 0 or unlike[row, t]:
                reason[row, t] = MISSING if gaps else ZERO if spread == 0 else CONSTANT
                continue
            under, over = (floor - bottom[row, t]) * 20 / spread, (top[row, t] - ceiling) * 20 / spread
            loud[row, t], deep[row, t] = score[row, t], max(under, over)
            if score[row, t] >= 2 and under >= 0.5 and end[row, t] > floor:
                value[row, t], deep[row, t] = 0, under
            elif score[row, t] >= 2 and over >= 0.5 and end[row, t] < ceiling:
                value[row, t], deep[row, t] = 1, over
            else:
                reason[row, t] = NO_PATTERN
    return value, reason, deep, loud


def liquidity_sweep(start: Any, top: Any, bottom: Any, end: Any, volume: Any) -> Any:
    score, unlike = np.full(top.shape, np.nan), np.ones(top.shape, np.bool_)
    for t in range(20, top.shape[1]):
        score[:, t], why, _ = _robust_z(np.ascontiguousarray(volume[:, t]), np.ascontiguousarray(volume[:, t - 20 : t]))
        unlike[:, t] = why > 0
    return _swept(top, bottom, end, start, volume, score, unlike)


@njit(cache=True)
def overheat(ret: Any, share: Any, quarter: Any, multiple: Any, days: Any, barred: Any) -> Any:
    """The rule in force for a stock of KOSPI, which does not ask for the mean of 40 sessions."""
    value, reason, floor = np.full(ret.size, np.nan), np.zeros(ret.size, np.uint8), np.full(ret.size, np.nan)
    for i in range(ret.size):
        least = min(3 * math.floor(quarter[i] + 0.5), 20.0) if quarter[i] == quarter[i] else np.nan
        if days[i] < 20:
            reason[i] = NEW
            continue
        floor[i] = least
        if math.isnan(ret[i] + share[i] + quarter[i] + multiple[i] + days[i] + barred[i]):
            reason[i] = MISSING
            continue
        value[i] = 0
        if barred[i] > 0 and ret[i] <= -5:
            value[i] = 5
        elif multiple[i] >= 6 and -10 < ret[i] <= -5 and share[i] >= least:
            value[i] = 1
        elif multiple[i] >= 6 and ret[i] <= -10:
            value[i] = 2
        elif multiple[i] >= 2 and ret[i] <= -3 and share[i] >= 30:
            value[i] = 4
    return value, reason, floor


@njit(cache=True)
def timing_tm(y: Any, market: Any) -> Any:
    rows = len(y)
    found, reason = np.full((4, rows), np.nan), np.zeros(rows, np.uint8)
    for row in range(rows):
        both = ~np.isnan(y[row] + market[row])
        held, index = y[row][both], market[row][both]
        n = held.size
        if n < 60:
            reason[row] = SHORT if n else MISSING
            continue
        size, ordered = np.abs(index).max(), np.sort(index)
        if (np.diff(ordered) > NOISE * size).sum() < 2:
            reason[row] = CONSTANT
            continue
        x = np.ones((n, 3))
        x[:, 1] = index / size
        x[:, 2] = x[:, 1] ** 2
        inverse = np.linalg.inv(x.T @ x)
        slopes = inverse @ (x.T @ held)
        left = held - x @ slopes
        if np.abs(left).max() <= 64 * NOISE * np.abs(held).max():
            left[:] = 0
        score = x * left.reshape(-1, 1)
        meat = score.T @ score
        for step in range(1, 6):
            cross = score[step:].T @ score[:-step]
            meat += (1 - step / 6) * (cross + cross.T)
        last = inverse[2].copy()
        spread = last @ (meat @ last)
        found[0, row], found[2, row], found[3, row] = slopes[2] / size**2, slopes[0], slopes[1] / size
        if spread > 0:
            found[1, row] = slopes[2] / math.sqrt(spread)
    return found[0], reason, found[1], found[2], found[3]
