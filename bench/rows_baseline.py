"""The shortest correct numba versions of metrics along sessions or over a sample: see `bench.metrics_baseline`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from bench.metrics_baseline import CONSTANT, MISSING, SHORT, ZERO, correlation, share_below
from bench.samples_baseline import sorted_ranks
from sugeup.metrics.outcome import Reason

NO_PATTERN, UNPUBLISHED = int(Reason.NO_PATTERN), int(Reason.NOT_PUBLISHED_YET)
NOISE = 8 * 2.220446049250313e-16
BANDS = np.array(["STRONG_OUTFLOW", "OUTFLOW", "NEUTRAL", "INFLOW", "STRONG_INFLOW", ""])


@njit(cache=True)
def feedback(net: Any, turnover: Any, logret: Any) -> Any:
    value, reason = np.full(net.shape, np.nan), np.zeros(net.shape, np.uint8)
    number, x, y = np.zeros(net.shape, np.int64), np.empty(120), np.empty(120)
    for row in range(len(net)):
        for t in range(net.shape[1]):
            n, flows, moves = 0, 0, 0
            for k in range(max(0, t - 119), t + 1):
                known = math.isfinite(net[row, k]) and turnover[row, k] > 0
                flows += known
                moves += math.isfinite(logret[row, k])
                if known and k >= 5:
                    past = logret[row, k - 5 : k].sum()
                    if math.isfinite(past):
                        x[n], y[n] = net[row, k] / turnover[row, k], past
                        n += 1
            number[row, t] = n
            if n < 40:
                reason[row, t] = SHORT if flows and moves else MISSING
                continue
            value[row, t] = correlation(sorted_ranks(x[:n]), sorted_ranks(y[:n]))
            reason[row, t] = CONSTANT if math.isnan(value[row, t]) else 0
    return value, reason, np.maximum(value, 0), np.maximum(-value, 0), number


@njit(cache=True)
def persistence(net: Any, turnover: Any) -> Any:
    value, reason = np.full(net.shape, np.nan), np.zeros(net.shape, np.uint8)
    half, ratio = np.full(net.shape, np.nan), np.full(net.shape, np.nan)
    number, x = np.zeros(net.shape, np.int64), np.empty(60)
    for row in range(len(net)):
        for t in range(net.shape[1]):
            n = 0
            for k in range(max(0, t - 59), t + 1):
                if math.isfinite(net[row, k]) and turnover[row, k] > 0:
                    x[n] = net[row, k] / turnover[row, k]
                    n += 1
            number[row, t] = n
            if n < 40:
                reason[row, t] = SHORT if n else MISSING
                continue
            before, after = x[: n - 1] - x[: n - 1].mean(), x[1:n] - x[1:n].mean()
            away = x[:n] - x[:n].mean()
            if np.abs(before).max() <= NOISE * abs(x[: n - 1].mean()) or np.abs(away).max() <= NOISE * abs(
                x[:n].mean()
            ):
                reason[row, t] = CONSTANT
                continue
            value[row, t] = slope = (before * after).sum() / (before * before).sum()
            if 0 < slope < 1:
                half[row, t] = math.log(0.5) / math.log(slope)
            total = 0.0
            for k in range(n - 4):
                total += away[k : k + 5].sum() ** 2
            single = (away * away).sum() / (n - 1)
            ratio[row, t] = total / (5 * (n - 4) * (1 - 5 / n)) / single
    return value, reason, half, ratio, number


@njit(cache=True)
def flow_mfi(net: Any) -> Any:
    value, reason = np.full(net.shape, np.nan), np.zeros(net.shape, np.uint8)
    for row in range(len(net)):
        for t in range(net.shape[1]):
            bought, size, n = 0.0, 0.0, 0
            for k in range(max(0, t - 19), t + 1):
                if math.isfinite(net[row, k]):
                    bought += max(net[row, k], 0.0)
                    size += abs(net[row, k])
                    n += 1
            reason[row, t] = 0 if n >= 15 else SHORT if n else MISSING
            if not reason[row, t]:
                value[row, t] = 100 * bought / size if size else np.nan
                reason[row, t] = 0 if size else ZERO
    return value, reason


@njit(cache=True)
def mfi(high: Any, low: Any, close: Any, volume: Any) -> Any:
    value, reason = np.full(high.shape, np.nan), np.zeros(high.shape, np.uint8)
    for row in range(len(high)):
        typical = (high[row] + low[row] + close[row]) / 3
        money = typical * np.where(volume[row] >= 0, volume[row], np.nan)
        for t in range(high.shape[1]):
            if math.isnan(money[t]):
                reason[row, t] = MISSING
            elif t < 14:
                reason[row, t] = SHORT
            else:
                up = down = 0.0
                nulls = 0
                for k in range(t - 14, t + 1):
                    nulls += math.isnan(money[k])
                    if k > t - 14:
                        up += money[k] if typical[k] > typical[k - 1] else 0.0
                        down += money[k] if typical[k] < typical[k - 1] else 0.0
                if nulls or up + down == 0:
                    reason[row, t] = MISSING if nulls else ZERO
                else:
                    value[row, t] = 100 * up / (up + down)
    return value, reason


@njit(cache=True)
def streak(held: Any) -> Any:
    value, reason = np.full(held.shape, np.nan), np.zeros(held.shape, np.uint8)
    for row in range(len(held)):
        run, side = 0, 2.0
        for t in range(held.shape[1]):
            now, before = held[row, t], held[row, t - 1] if t else np.nan
            if math.isnan(now) or math.isnan(before):
                reason[row, t] = SHORT if t == 0 and not math.isnan(now) else MISSING
                side = 2.0
                continue
            flat = abs(now - before) <= NOISE / 2 * max(abs(now), abs(before))
            sign = 0.0 if flat else np.sign(now - before)
            run = run + 1 if sign == side else 1
            side = sign
            value[row, t] = sign * run
    return value, reason


@njit(cache=True)
def rotation_signal(z: Any, p: Any) -> Any:
    value, reason = np.full(z.shape, np.nan), np.zeros(z.shape, np.uint8)
    for row in range(len(z)):
        state = 0.0
        for t in range(z.shape[1]):
            now = z[row, t]
            if math.isnan(now + p[row, t]):
                reason[row, t], state = MISSING, 0.0
                continue
            if p[row, t] <= 0.1 and abs(now) >= 1:
                state = np.sign(now)
            elif now * state < 0.5:
                state = 0.0
            value[row, t] = state + 1
    return value, reason


@njit(cache=True)
def information_ratio(active: Any) -> Any:
    rows = len(active)
    value, reason, t_value = np.full(rows, np.nan), np.zeros(rows, np.uint8), np.full(rows, np.nan)
    number = np.zeros(rows, np.int64)
    for row in range(rows):
        x = active[row][~np.isnan(active[row])]
        number[row] = n = x.size
        if n < 60:
            reason[row] = SHORT if n else MISSING
            continue
        away = x - x.mean()
        if np.abs(away).max() <= NOISE * abs(x.mean()):
            reason[row] = CONSTANT
            continue
        daily = x.mean() / math.sqrt((away * away).sum() / (n - 1))
        value[row], t_value[row] = daily * math.sqrt(252), daily * math.sqrt(n)
    return value, reason, t_value, number


@njit(cache=True)
def mimicking_return(net: Any, ret: Any) -> Any:
    value, reason = np.full(len(net), np.nan), np.zeros(len(net), np.uint8)
    for row in range(len(net)):
        gained = gross = 0.0
        n = 0
        for k in range(net.shape[1]):
            if math.isfinite(net[row, k]) and math.isfinite(ret[row, k]):
                gained += net[row, k] * ret[row, k]
                gross += abs(net[row, k])
                n += 1
        reason[row] = MISSING if n == 0 else ZERO if gross == 0 else 0
        if not reason[row]:
            value[row] = gained / gross
    return value, reason


@njit(cache=True)
def selection_ic(flow: Any, fwd: Any) -> Any:
    rows = len(flow)
    value, reason, number = np.full(rows, np.nan), np.zeros(rows, np.uint8), np.zeros(rows, np.int64)
    for row in range(rows):
        both = np.isfinite(flow[row]) & np.isfinite(fwd[row])
        number[row] = n = both.sum()
        if n < 10:
            reason[row] = SHORT if n else MISSING
            continue
        value[row] = correlation(sorted_ranks(flow[row][both]), sorted_ranks(fwd[row][both]))
        reason[row] = CONSTANT if math.isnan(value[row]) else 0
    return value, reason, number


@njit(cache=True)
def days_to_cover(balance: Any, volume: Any) -> Any:
    value, reason = np.full(balance.size, np.nan), np.zeros(balance.size, np.uint8)
    for row in range(balance.size):
        total, n, present = 0.0, 0, 0
        for v in volume[row, -20:]:
            present += v >= 0
            if v > 0:
                total += v
                n += 1
        if math.isnan(balance[row]):
            reason[row] = UNPUBLISHED
        elif balance[row] < 0 or present == 0:
            reason[row] = MISSING
        elif present < 10:
            reason[row] = SHORT
        elif n < 10:
            reason[row] = SHORT if n else ZERO
        else:
            value[row] = balance[row] / (total / n)
    return value, reason


@njit(cache=True)
def _market_index(x: Any, ref: Any) -> Any:
    value, reason, band = np.full(x.size, np.nan), np.zeros(x.size, np.uint8), np.full(x.size, 5, np.uint8)
    for row in range(x.size):
        place, n = share_below(x[row], ref[row])
        reason[row] = MISSING if math.isnan(x[row]) or n == 0 else SHORT if n < 60 else 0
        if not reason[row]:
            value[row] = place
            band[row] = (place >= 10) + (place >= 30) + (place > 70) + (place > 90)
    return value, reason, band


def market_index(x: Any, ref: Any) -> Any:
    value, reason, band = _market_index(x, ref)
    return value, reason, BANDS[band]


@njit(cache=True)
def efficiency(ret: Any) -> Any:
    rows = len(ret)
    value, reason, ratio = np.full(rows, np.nan), np.zeros(rows, np.uint8), np.full(rows, np.nan)
    number = np.zeros(rows, np.int64)
    for row in range(rows):
        x = ret[row][~np.isnan(ret[row])]
        number[row] = n = x.size
        if n < 60:
            reason[row] = SHORT if n else MISSING
            continue
        away = x - x.mean()
        if np.abs(away).max() <= NOISE * abs(x.mean()):
            reason[row] = CONSTANT
            continue
        total = 0.0
        for k in range(n - 4):
            total += away[k : k + 5].sum() ** 2
        ratio[row] = total / (5 * (n - 4) * (1 - 5 / n)) / ((away * away).sum() / (n - 1))
        value[row] = 1 - min(1.0, abs(ratio[row] - 1))
    return value, reason, ratio, number


@njit(cache=True)
def timing_forward(net: Any, ret: Any, bench: Any) -> Any:
    rows = len(net)
    value, reason = np.full(rows, np.nan), np.zeros(rows, np.uint8)
    extra, counts = np.full((5, rows), np.nan), np.zeros((2, rows), np.int64)
    for row in range(rows):
        sums, ups, downs, hits = np.zeros(3), 0, 0, 0
        n = n_buy = n_sell = 0
        for t in range(net.shape[1] - 5):
            mine = theirs = 1.0
            for k in range(t + 1, t + 6):
                mine *= 1 + ret[row, k]
                theirs *= 1 + bench[row, k]
            after = (mine - 1) - (theirs - 1)
            if math.isnan(after) or math.isnan(net[row, t]):
                continue
            n += 1
            sums[0] += after
            ups += after > 0
            downs += after < 0
            if net[row, t] > 0:
                n_buy += 1
                sums[1] += after
                hits += after > 0
            elif net[row, t] < 0:
                n_sell += 1
                sums[2] += after
                hits += after < 0
        counts[0, row], counts[1, row] = n_buy, n_sell
        given = np.isfinite(net[row]).any() and np.isfinite(ret[row]).any() and np.isfinite(bench[row]).any()
        if not given or n_buy < 20 or n_sell < 20:
            reason[row] = SHORT if given else MISSING
            continue
        base, both = sums[0] / n, n_buy + n_sell
        buy, sell = sums[1] / n_buy - base, base - sums[2] / n_sell
        value[row] = (n_buy * buy + n_sell * sell) / both
        extra[0, row], extra[1, row], extra[2, row], extra[3, row] = buy, sell, base, hits / both
        extra[4, row] = (n_buy * (ups / n) + n_sell * (downs / n)) / both
    return value, reason, extra[0], extra[1], extra[2], extra[3], extra[4], counts[0], counts[1]


@njit(cache=True)
def herding_fhw(buyers: Any, sellers: Any) -> Any:
    rows = len(buyers)
    value, reason, number = np.full(rows, np.nan), np.zeros(rows, np.uint8), np.zeros(rows, np.int64)
    h2, spread = np.full(rows, np.nan), np.full(rows, np.nan)
    for row in range(rows):
        known, b, n = 0, 0.0, 0.0
        for k in range(buyers.shape[1]):
            both = buyers[row, k] + sellers[row, k]
            known += both == both
            if both >= 5:
                b += buyers[row, k]
                n += both
                number[row] += 1
        if known == 0 or number[row] < 10:
            reason[row] = SHORT if known else MISSING
            continue
        p = b / n
        if p <= 0 or p >= 1:
            reason[row] = CONSTANT
            continue
        total = chi = 0.0
        for k in range(buyers.shape[1]):
            both = buyers[row, k] + sellers[row, k]
            if both >= 5:
                squared, noise = (buyers[row, k] - p * both) ** 2, both * p * (1 - p)
                total += (squared - noise) / (both * (both - 1))
                chi += squared / noise
        h2[row], spread[row] = total / number[row], chi
        value[row] = math.sqrt(max(h2[row], 0.0))
    return value, reason, h2, spread, number


def crowding(value: Any, reason: Any, h2: Any, spread: Any, number: Any) -> Any:
    """The p-value of the spread beside it, by the same exact tail."""
    from sugeup.metrics.herding import chi_square_tail

    tails = [
        math.nan if why else chi_square_tail(x, n - 1)
        for why, x, n in zip(reason.tolist(), spread.tolist(), number.tolist(), strict=True)
    ]
    return value, reason, h2, np.array(tails), number
