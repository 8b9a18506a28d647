"""The shortest correct numba (or numpy) versions of further metrics over samples: see `bench.metrics_baseline`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from bench.metrics_baseline import MISSING, SHORT, ZERO, ratios, share_below
from bench.rows_baseline import NO_PATTERN
from bench.samples_baseline import _robust_z, tail
from sugeup.metrics.outcome import Reason

SIDES = np.array(["SELL_CASH_BUY_FUTURES", "", "BUY_CASH_SELL_FUTURES"])
OPPORTUNITIES = np.array(["LOW", "MODERATE", "HIGH", ""])
NO_SKILL = int(Reason.NO_SKILL)
ABSENT = np.iinfo(np.int64).min


def conformal(score: Any, ref: Any) -> Any:
    past = np.sort(ref[~np.isnan(ref)])
    p = (1 + past.size - np.searchsorted(past, score)) / (past.size + 1)
    p[np.isnan(score)] = np.nan
    return p, np.where(np.isnan(p), MISSING, 0).astype(np.uint8), 10 * np.log(p) / np.log(1 / (past.size + 1)) + 0.0


@njit(cache=True)
def intensity(x: Any, ref: Any) -> Any:
    value, reason, place = np.full(x.size, np.nan), np.zeros(x.size, np.uint8), np.full(x.size, np.nan)
    for row in range(x.size):
        found, n = share_below(x[row], ref[row])
        reason[row] = MISSING if math.isnan(x[row]) or n == 0 else SHORT if n < 20 else 0
        if not reason[row]:
            place[row], value[row] = found, (found >= 50) + (found >= 85)
    return value, reason, place


def window_dressing(x: Any, ref: Any) -> Any:
    z, reason, _ = _robust_z(x, ref)
    return np.where(reason > 0, np.nan, z >= 2), reason, z


@njit(cache=True)
def impact_bps(side: Any, before: Any, after: Any) -> Any:
    value, reason = np.full(side.size, np.nan), np.zeros(side.size, np.uint8)
    for i in range(side.size):
        if math.isnan(side[i]) or not before[i] >= 0 or not after[i] >= 0:
            reason[i] = MISSING
        elif before[i] == 0:
            reason[i] = ZERO
        else:
            value[i] = side[i] * ((after[i] - before[i]) / before[i]) * 10_000
    return value, reason


@njit(cache=True)
def _basis(future: Any, index: Any, rate: Any, days: Any, dividends: Any) -> Any:
    value, reason, extra = (
        np.full(future.size, np.nan),
        np.zeros(future.size, np.uint8),
        np.full((3, future.size), np.nan),
    )
    side, chance = np.full(future.size, 1, np.uint8), np.full(future.size, 3, np.uint8)
    for i in range(future.size):
        reason[i] = MISSING
        if not (future[i] > 0 and index[i] > 0):
            continue
        value[i] = future[i] - index[i]
        fair = index[i] * (1 + rate[i] * days[i] / 365) - dividends[i]
        if days[i] >= 0 and fair > 0:
            reason[i] = 0
            away, band = future[i] - fair, index[i] * 10 / 10_000
            extra[0, i], extra[1, i], extra[2, i] = fair, away, 100 * away / fair
            side[i] = 1 + np.sign(away)
            chance[i] = (abs(away) > band) + (abs(away) > 2 * band)
    return value, reason, extra, side, chance


def basis(*given: Any) -> Any:
    value, reason, extra, side, chance = _basis(*given)
    return value, reason, *extra, SIDES[side], OPPORTUNITIES[chance]


@njit(cache=True)
def gtw_momentum(before: Any, now: Any, price: Any, move: Any) -> Any:
    value, reason = np.full(len(before), np.nan), np.zeros(len(before), np.uint8)
    for row in range(len(before)):
        old = new = 0.0
        n = 0
        known = (before[row] >= 0) & (now[row] >= 0) & (price[row] >= 0) & np.isfinite(move[row])
        for k in np.flatnonzero(known):
            old += before[row, k] * price[row, k]
            new += now[row, k] * price[row, k]
            n += 1
        if n == 0 or old == 0 or new == 0:
            reason[row] = ZERO if n else MISSING
            continue
        value[row] = 0.0
        for k in np.flatnonzero(known):
            value[row] += (now[row, k] / new - before[row, k] / old) * price[row, k] * move[row, k]
    return value, reason


@njit(cache=True)
def _hamilton(ret: Any, mu: Any, sigma: Any, p00: float, p11: float) -> Any:
    value, reason, prob = np.full(ret.shape, np.nan), np.zeros(ret.shape, np.uint8), np.full(ret.shape, np.nan)
    lasts = 1 / (1 - p00), 1 / (1 - p11)
    sure, stays = np.full(ret.shape, np.nan), np.full(ret.shape, np.nan)
    for row in range(len(ret)):
        before, begun = (1 - p11) / (2 - p00 - p11), False
        for t in range(ret.shape[1]):
            here = before
            if not math.isnan(ret[row, t]):
                begun = True
                z0, z1 = (ret[row, t] - mu[0]) / sigma[0], (ret[row, t] - mu[1]) / sigma[1]
                first, second = (
                    math.exp(-z0 * z0 / 2) / sigma[0] * before,
                    math.exp(-z1 * z1 / 2) / sigma[1] * (1 - before),
                )
                here = first / (first + second)
            before = here * p00 + (1 - here) * (1 - p11)
            prob[row, t] = here
            if begun:
                sure[row, t] = max(here, 1 - here)
                value[row, t] = here < 0.5
                stays[row, t] = lasts[1] if here < 0.5 else lasts[0]
            else:
                reason[row, t] = MISSING
    return value, reason, prob, sure, stays


def hamilton(ret: Any) -> Any:
    return _hamilton(ret, np.array([0.0005, -0.001]), np.array([0.015, 0.03]), 0.98, 0.95)


@njit(cache=True)
def bias(net: Any) -> Any:
    rows = len(net)
    value, reason, p_value = np.full(rows, np.nan), np.zeros(rows, np.uint8), np.full(rows, np.nan)
    bought, number = np.zeros(rows, np.int64), np.zeros(rows, np.int64)
    for row in range(rows):
        up, down = (net[row] > 0).sum(), (net[row] < 0).sum()
        bought[row], number[row] = up, up + down
        if up + down < 15:
            reason[row] = SHORT if np.isfinite(net[row]).any() else MISSING
            continue
        p_value[row] = min(1.0, 2 * tail(max(up, down), up + down, 0.5))
        value[row] = 1 + (np.sign(up - down) if p_value[row] <= 0.05 else 0)
    return value, reason, p_value, bought, number


@njit(cache=True)
def sector_dispersion(net: Any, turnover: Any) -> Any:
    cells = net.shape[1]
    value, reason, number = np.full(cells, np.nan), np.zeros(cells, np.uint8), np.zeros(cells, np.int64)
    for t in range(cells):
        total, n, known = 0.0, 0, 0
        for k in range(len(net)):
            known += math.isfinite(net[k, t]) and math.isfinite(turnover[k, t])
            if math.isfinite(net[k, t]) and turnover[k, t] > 0:
                total += 100 * net[k, t] / turnover[k, t]
                n += 1
        number[t] = n
        if n < 5:
            reason[t] = SHORT if known else MISSING
            continue
        square = 0.0
        for k in range(len(net)):
            if math.isfinite(net[k, t]) and turnover[k, t] > 0:
                square += (100 * net[k, t] / turnover[k, t] - total / n) ** 2
        value[t] = math.sqrt(square / (n - 1))
    return value, reason, number


@njit(cache=True)
def accumulation(net: Any, turnover: Any, excess: Any) -> Any:
    value, reason, place = np.full(net.shape, np.nan), np.empty(net.shape, np.uint8), np.full(net.shape, np.nan)
    same, sure = np.full(net.shape, ABSENT), np.full(net.shape, np.nan)
    total, gained, r = np.full(net.shape, np.nan), np.full(net.shape, np.nan), np.empty(net.shape[1])
    for row in range(len(net)):
        ratios(net[row], turnover[row], 10, r, reason[row])
        for t in range(r.size):
            if t >= 9:
                total[row, t], gained[row, t] = net[row, t - 9 : t + 1].sum(), excess[row, t - 9 : t + 1].sum()
            if not math.isnan(total[row, t]):
                side, same[row, t] = np.sign(total[row, t]), 0
                for k in range(t - 9, t + 1):
                    same[row, t] += side != 0 and np.sign(net[row, k]) == side
                sure[row, t] = tail(same[row, t], 10, 0.5)
            if not reason[row, t]:
                p, n = share_below(r[t], r[max(0, t - 259) : max(0, t - 9)])
                if n < 60:
                    reason[row, t] = SHORT
                    continue
                place[row, t] = p
                bought = r[t] > 0 and p >= 90 and same[row, t] >= 7
                if math.isnan(gained[row, t]):
                    reason[row, t] = MISSING
                elif bought or (r[t] < 0 and p <= 10 and same[row, t] >= 7):
                    value[row, t] = bought
                else:
                    reason[row, t] = NO_PATTERN
    return value, reason, place, same, sure, total, gained


def quality_weighted_flow(*net: Any) -> Any:
    value = 0.5 * net[0] + 0.3 * net[1] + 0.2 * net[2]
    return value, np.where(np.isnan(value), MISSING, 0).astype(np.uint8)


@njit(cache=True)
def _timing_hm(sign: Any, after: Any) -> Any:
    rows = len(sign)
    reason, counts = np.zeros(rows, np.uint8), np.zeros((rows, 4), np.int64)
    for row in range(rows):
        known = 0
        for k in range(sign.shape[1]):
            s, f = sign[row, k], after[row, k]
            both = math.isfinite(s) and math.isfinite(f)
            known += both
            if both and s != 0 and f != 0:
                counts[row, 0] += s > 0 and f > 0
                counts[row, 1] += 1
                counts[row, 2] += f > 0
                counts[row, 3] += s > 0
        n, ups = counts[row, 1], counts[row, 2]
        reason[row] = MISSING if known == 0 else SHORT if n < 40 else ZERO if ups in (0, n) else 0
    return reason, counts


def timing_hm(sign: Any, after: Any) -> Any:
    from sugeup.metrics.timing import hypergeometric_tail

    reason, counts = _timing_hm(sign, after)
    hits, n, ups, buys = counts.T
    with np.errstate(invalid="ignore", divide="ignore"):
        p_up, p_down = hits / ups, (n - ups - (buys - hits)) / (n - ups)
    p_up[reason > 0], p_down[reason > 0] = np.nan, np.nan
    tails = [math.nan if why else hypergeometric_tail(*row) for why, row in zip(reason, counts.tolist(), strict=True)]
    return p_up + p_down - 1, reason, p_up, p_down, np.array(tails)


@njit(cache=True)
def block_threshold(ticks: Any, adv: Any) -> Any:
    value, reason = np.full(len(ticks), np.nan), np.zeros(len(ticks), np.uint8)
    for row in range(len(ticks)):
        known = np.sort(ticks[row][~np.isnan(ticks[row])])
        reason[row] = MISSING if not adv[row] >= 0 or known.size == 0 else SHORT if known.size < 1000 else 0
        if not reason[row]:
            place = 0.995 * (known.size - 1)
            below = int(place)
            above = known[min(below + 1, known.size - 1)]
            quantile = known[below] + (above - known[below]) * (place - below)
            value[row] = max(quantile, 0.0005 * adv[row], 100_000_000.0)
    return value, reason


@njit(cache=True)
def _execution_style(flow: Any, volume: Any) -> Any:
    value, reason, extra = np.full(len(flow), np.nan), np.zeros(len(flow), np.uint8), np.full((3, len(flow)), np.nan)
    bins = flow.shape[1]
    for row in range(len(flow)):
        mine, all_ = flow[row].sum(), volume[row].sum()
        if not ((flow[row] >= 0).all() and (volume[row] >= 0).all()):
            reason[row] = MISSING
            continue
        if mine == 0 or all_ == 0:
            reason[row] = ZERO
            continue
        ours = theirs = vwap = twap = 0.0
        for k in range(bins):
            ours += flow[row, k]
            theirs += volume[row, k]
            vwap = max(vwap, abs(ours / mine - theirs / all_))
            twap = max(twap, abs(ours / mine - (k + 1) / bins))
        late = flow[row, -1] / mine - volume[row, -1] / all_
        extra[0, row], extra[1, row], extra[2, row] = vwap, twap, late
        value[row] = 1.0 if twap <= 0.1 and vwap - twap >= 0.02 else 0.0
        if vwap <= 0.1 and twap - vwap >= 0.02:
            value[row] = 2.0
        if late >= 0.15:
            value[row] = 3.0
    return value, reason, extra


def execution_style(flow: Any, volume: Any) -> Any:
    value, reason, extra = _execution_style(flow, volume)
    return value, reason, *extra


@njit(cache=True)
def rotation_strength(net: Any, weight: Any, turnover: Any) -> Any:
    cells = net.shape[1]
    value, reason = np.full(cells, np.nan), np.zeros(cells, np.uint8)
    for t in range(cells):
        whole = traded = moved = 0.0
        for k in range(len(net)):
            whole += net[k, t]
            traded += turnover[k, t]
        for k in range(len(net)):
            d = net[k, t] - weight[k, t] * whole
            moved += d if d > 0 else 0.0
        reason[t] = MISSING if math.isnan(whole + traded) else ZERO if traded == 0 else 0
        if not reason[t]:
            value[t] = 100 * moved / traded
    return value, reason


@njit(cache=True)
def forecast(x: Any) -> Any:
    rows = len(x)
    value, reason, phi = np.full(rows, np.nan), np.zeros(rows, np.uint8), np.full(rows, np.nan)
    level, skill = np.full(rows, np.nan), np.full(rows, np.nan)
    for row in range(rows):
        known = x[row][~np.isnan(x[row])]
        n = known.size
        if n < 80:
            reason[row] = SHORT if n else MISSING
            continue
        centre = known.mean()
        v = known - centre
        sx = sy = sxx = sxy = 0.0
        missed = plain = slope = start = 0.0
        total = v[0]
        for t in range(1, n + 1):
            if t >= 60 and t < n:
                missed += (v[t] - start - slope * v[t - 1]) ** 2
                plain += (v[t] - total / t) ** 2
            if t < n:
                sx += v[t - 1]
                sy += v[t]
                sxx += v[t - 1] * v[t - 1]
                sxy += v[t - 1] * v[t]
                total += v[t]
                if t > 1:
                    slope = (sxy - sx * sy / t) / (sxx - sx * sx / t)
                    start = (sy - slope * sx) / t
        phi[row], level[row], skill[row] = slope, start + centre * (1 - slope), 1 - missed / plain
        if skill[row] > 0:
            value[row] = level[row] + slope * known[-1]
        else:
            reason[row] = NO_SKILL
    return value, reason, phi, level, skill
