"""The shortest correct version of the evened flow: every past is added up anew."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from bench.metrics_baseline import CONSTANT, MISSING, SHORT

SPAN, PAST, LEAST = 5, 250, 60


@njit(cache=True)
def evened_flow(net: Any, turnover: Any) -> Any:
    value, mean, reason = np.full(net.shape, np.nan), np.full(net.shape, np.nan), np.zeros(net.shape, np.uint8)
    known = np.zeros(net.shape, np.int64)
    for row in range(len(net)):
        x = np.where(turnover[row] > 0, net[row] / turnover[row], np.nan)
        for t in range(x.size):
            n, total, squares = 0, 0.0, 0.0
            for k in range(max(0, t - SPAN - PAST + 1), t - SPAN + 1):
                if math.isfinite(x[k]):
                    n, total, squares = n + 1, total + x[k], squares + x[k] ** 2
            known[row, t] = n
            if math.isnan(x[t]):
                reason[row, t] = MISSING
                continue
            if t < SPAN - 1:
                reason[row, t] = SHORT
                continue
            now = x[t - SPAN + 1 : t + 1].mean()
            if math.isnan(now) or n < LEAST:
                reason[row, t] = MISSING if math.isnan(now) else SHORT
                continue
            spread = math.sqrt(max(squares / n - (total / n) ** 2, 0.0))
            if spread <= 1e-9:
                reason[row, t] = CONSTANT
                continue
            mean[row, t], value[row, t] = now, math.sqrt(SPAN) * (now - total / n) / spread
    return value, reason, mean, known
