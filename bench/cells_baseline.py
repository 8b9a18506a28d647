"""The shortest correct numba versions of metrics where every cell stands alone: see `bench.metrics_baseline`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from bench.metrics_baseline import MISSING, SHORT, ZERO
from sugeup.metrics.outcome import Reason

OVER, UNSOURCED, NO_BUYER = (
    int(Reason.RECONCILIATION_FAILED),
    int(Reason.NOT_AVAILABLE_FROM_SOURCE),
    int(Reason.NOT_NET_BUYER),
)
FOCUS = np.array([[6.0, 2, 0], [4, 0, 3], [0, 1, 5]])
TURNS = np.array(["", "TO_BUY", "TO_SELL"])
TRENDS = np.array(["DECREASING", "FLAT", "INCREASING", ""])
MOODS = np.array(["STRONGLY_BEARISH", "BEARISH", "NEUTRAL", "BULLISH", "STRONGLY_BULLISH", ""])


@njit(cache=True)
def blank(n: int, extras: int) -> Any:
    return np.full(n, np.nan), np.zeros(n, np.uint8), np.full((extras, n), np.nan)


@njit(cache=True)
def _strength(turnover: Any, foreign: Any, institution: Any, individual: Any, other: Any) -> Any:
    value, reason, extra = blank(turnover.size, 6)
    for i in range(turnover.size):
        f, g, h, o = foreign[i], institution[i], individual[i], other[i]
        total = 0.5 * (abs(f) + abs(g) + abs(h) + abs(o))
        if math.isnan(total):
            reason[i] = MISSING
            continue
        value[i], extra[1, i] = total, f + g
        if not turnover[i] >= 0:
            reason[i] = MISSING
        elif turnover[i] == 0:
            reason[i] = ZERO
        else:
            extra[0, i] = 100 * total / turnover[i]
        if total > 0:
            extra[2, i], extra[3, i] = abs(f) / total, abs(g) / total
            extra[4, i], extra[5, i] = abs(h) / total, abs(o) / total
    return value, reason, extra


def strength(*given: Any) -> Any:
    value, reason, extra = _strength(*given)
    return value, reason, *extra


@njit(cache=True)
def alignment(foreign: Any, institution: Any) -> Any:
    value, reason, _ = blank(foreign.size, 0)
    for i in range(foreign.size):
        low, high = min(abs(foreign[i]), abs(institution[i])), max(abs(foreign[i]), abs(institution[i]))
        if math.isnan(foreign[i] + institution[i]):
            reason[i] = MISSING
        elif high == 0:
            reason[i] = ZERO
        else:
            value[i] = np.sign(foreign[i]) * np.sign(institution[i]) * (low / high)
    return value, reason


@njit(cache=True)
def stealth(flow: Any, move: Any) -> Any:
    value, reason = flow * (100 - move) / 100, np.zeros(flow.size, np.uint8)
    reason[np.isnan(value)] = MISSING
    return value, reason


@njit(cache=True)
def _flow_reversal(now: Any, before: Any) -> Any:
    value, reason, direction = np.full(now.size, np.nan), np.zeros(now.size, np.uint8), np.zeros(now.size, np.uint8)
    for i in range(now.size):
        if math.isnan(now[i] + before[i]):
            reason[i] = MISSING
            continue
        met = now[i] * before[i] < 0 and abs(now[i]) >= 1 and abs(before[i]) >= 1
        value[i] = met
        if met:
            direction[i] = 1 if now[i] > 0 else 2
    return value, reason, direction


def flow_reversal(now: Any, before: Any) -> Any:
    value, reason, direction = _flow_reversal(now, before)
    return value, reason, TURNS[direction]


@njit(cache=True)
def focus(foreign: Any, institution: Any, foreign_days: Any, institution_days: Any) -> Any:
    value, reason, _ = blank(foreign.size, 0)
    for i in range(foreign.size):
        if math.isnan(foreign[i] + institution[i] + foreign_days[i] + institution_days[i]):
            reason[i] = MISSING
            continue
        f = (foreign[i] >= 2 and foreign_days[i] >= 3) - (foreign[i] <= -2 and 5 - foreign_days[i] >= 3)
        g = (institution[i] >= 2 and institution_days[i] >= 3) - (institution[i] <= -2 and 5 - institution_days[i] >= 3)
        value[i] = FOCUS[f + 1, g + 1]
    return value, reason


@njit(cache=True)
def _change(held0: Any, held1: Any, all0: Any, all1: Any, won0: Any, won1: Any) -> Any:
    value, reason, extra = blank(held0.size, 4)
    trend = np.full(held0.size, 3, np.uint8)
    for i in range(held0.size):
        known = held0[i] >= 0 and held1[i] >= 0 and all0[i] >= 0 and all1[i] >= 0 and won0[i] >= 0 and won1[i] >= 0
        if not known:
            reason[i] = MISSING
        elif all0[i] == 0 or all1[i] == 0:
            reason[i] = ZERO
        else:
            value[i] = 100 * (held1[i] / all1[i] - held0[i] / all0[i])
            shares = held1[i] - held0[i]
            quantity, price = shares * won0[i], held1[i] * (won1[i] - won0[i])
            extra[0, i], extra[1, i], extra[2, i], extra[3, i] = shares, quantity + price, quantity, price
            trend[i] = 1 + (value[i] >= 0.01) - (value[i] <= -0.01)
    return value, reason, extra, trend


def change(*given: Any) -> Any:
    value, reason, extra, trend = _change(*given)
    return value, reason, *extra, TRENDS[trend]


@njit(cache=True)
def limit(held: Any, most: Any) -> Any:
    value, reason, extra = blank(held.size, 1)
    for i in range(held.size):
        if not (held[i] >= 0 and most[i] >= 0):
            reason[i] = MISSING
        elif most[i] == 0:
            reason[i] = ZERO
        else:
            value[i], extra[0, i] = 100 * held[i] / most[i], most[i] - held[i]
    return value, reason, extra[0]


@njit(cache=True)
def concentration_bounds(foreign: Any, treasury: Any) -> Any:
    value, reason, extra = blank(foreign.size, 2)
    for i in range(foreign.size):
        f, t = foreign[i] / 100, treasury[i] / 100
        rest = 1 - f - t
        reason[i] = MISSING if not (f >= 0 and t >= 0) else OVER if rest < -1e-9 else UNSOURCED
        if reason[i] == UNSOURCED:
            known, square = f**2 + t**2, max(rest, 0.0) ** 2
            extra[0, i], extra[1, i] = known + square / 2, known + square
    return value, reason, extra[0], extra[1]


@njit(cache=True)
def summary(bought: Any, sold: Any, traded: Any) -> Any:
    value, reason, extra = blank(bought.size, 2)
    for i in range(bought.size):
        gross = bought[i] + sold[i]
        known = bought[i] >= 0 and sold[i] >= 0
        if not known or gross == 0:
            reason[i] = ZERO if known else MISSING
        else:
            value[i] = 100 * bought[i] / gross
        if known and traded[i] > 0:
            extra[0, i], extra[1, i] = 100 * gross / (2 * traded[i]), 100 * (bought[i] - sold[i]) / traded[i]
        elif not reason[i]:
            reason[i] = ZERO if traded[i] == 0 else MISSING
    return value, reason, extra[0], extra[1]


@njit(cache=True)
def implied_futures_leg(bought: Any, sold: Any) -> Any:
    value, reason, extra = blank(bought.size, 1)
    for i in range(bought.size):
        if not (bought[i] >= 0 and sold[i] >= 0):
            reason[i] = MISSING
        elif bought[i] + sold[i] == 0:
            reason[i] = ZERO
        else:
            extra[0, i] = ratio = (bought[i] - sold[i]) / (bought[i] + sold[i])
            value[i] = 2.0 if ratio >= 0.1 else 0.0 if ratio <= -0.1 else 1.0
    return value, reason, extra[0]


@njit(cache=True)
def foreign_class(foreign: Any, program: Any) -> Any:
    value, reason, extra = blank(foreign.size, 1)
    for i in range(foreign.size):
        if math.isnan(foreign[i] + program[i]):
            reason[i] = MISSING
        elif foreign[i] == 0:
            reason[i] = ZERO
        else:
            same = np.sign(foreign[i]) == np.sign(program[i])
            share = min(abs(foreign[i]), abs(program[i])) / abs(foreign[i]) if same else 0.0
            value[i], extra[0, i] = (share >= 0.3) + (share >= 0.7), share
    return value, reason, extra[0]


@njit(cache=True)
def unrealized_gain(bought: Any, price: Any, net: Any) -> Any:
    value, reason, _ = blank(net.size, 0)
    for i in range(net.size):
        if math.isnan(net[i]):
            reason[i] = MISSING
        elif net[i] <= 0:
            reason[i] = NO_BUYER
        elif not (bought[i] >= 0 and price[i] >= 0):
            reason[i] = MISSING
        elif bought[i] == 0:
            reason[i] = ZERO
        else:
            value[i] = 100 * ((price[i] - bought[i]) / bought[i])
    return value, reason


@njit(cache=True)
def _composite(parts: Any, least: int) -> Any:
    value, reason, _ = blank(parts.shape[1], 0)
    n, label = np.zeros(value.size, np.int64), np.full(value.size, 5, np.uint8)
    for i in range(value.size):
        total = 0.0
        for part in parts[:, i]:
            if not math.isnan(part):
                total += part
                n[i] += 1
        if n[i] < least:
            reason[i] = SHORT
        else:
            x = value[i] = total / n[i]
            label[i] = (x >= 20) + (x >= 40) + (x > 60) + (x > 80)
    return value, reason, n, label


def type_score(*parts: Any) -> Any:
    value, reason, n, label = _composite(np.stack(parts), 2)
    return value, reason, n, MOODS[label]


def overall(*parts: Any) -> Any:
    value, reason, n, label = _composite(np.stack(parts), 4)
    return value, reason, n, MOODS[label]


@njit(cache=True)
def divergence(foreign: Any, institution: Any, individual: Any, some: Any, others: Any) -> Any:
    value, reason, extra = blank(foreign.size, 1)
    for i in range(foreign.size):
        extra[0, i] = institution[i] - individual[i]
        total = some[i] + others[i]
        if math.isnan(foreign[i] + extra[0, i] + total):
            reason[i] = MISSING
        elif total == 0:
            reason[i] = ZERO
        else:
            value[i] = foreign[i] - (some[i] * institution[i] + others[i] * individual[i]) / total
    return value, reason, extra[0]


@njit(cache=True)
def anomaly_type(foreign_sign: Any, institution_sign: Any, z: Any) -> Any:
    value, reason, _ = blank(foreign_sign.size, 0)
    for i in range(foreign_sign.size):
        best, at, total = -1.0, 0, foreign_sign[i] + institution_sign[i]
        for k in range(len(z)):
            total += z[k, i]
            if abs(z[k, i]) > best:
                best, at = abs(z[k, i]), k
        if math.isnan(total):
            reason[i] = MISSING
        elif abs(z[0, i]) >= 3 and abs(z[1, i]) >= 3 and foreign_sign[i] * institution_sign[i] > 0:
            value[i] = len(z) + 1
        else:
            value[i] = 1 + at if best >= 3 else 0
    return value, reason
