"""Loops over sessions of the two-state model: filtered probabilities, and the fit by expectation and maximisation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

LEAST_SIGMA = 1e-3  # of the sample: a state on a few equal returns would have an endless likelihood


@njit(cache=True)
def filtered(ret: Any, mu: Any, sigma: Any, p00: float, p11: float, prob: Any, ahead: Any) -> float:
    """P(state 0) given the returns up to each session, and before that session; the log-likelihood of the returns.

    `prob` and `ahead` are filled. A missing return is a step of prediction only.
    """
    likelihood = 0.0
    before = (1.0 - p11) / (2.0 - p00 - p11)
    for t in range(ret.size):
        ahead[t] = before
        here = before
        if not math.isnan(ret[t]):
            z0, z1 = (ret[t] - mu[0]) / sigma[0], (ret[t] - mu[1]) / sigma[1]
            log0, log1 = -0.5 * z0 * z0 - math.log(sigma[0]), -0.5 * z1 * z1 - math.log(sigma[1])
            top = max(log0, log1)
            weight0, weight1 = before * math.exp(log0 - top), (1.0 - before) * math.exp(log1 - top)
            total = weight0 + weight1
            if total > 0.0:
                here = weight0 / total
                likelihood += math.log(total) + top
            else:  # the likelier state was impossible before: the other one is certain
                here = 0.0 if log0 > log1 else 1.0
                likelihood += min(log0, log1)
        prob[t] = here
        before = here * p00 + (1.0 - here) * (1.0 - p11)
    observed: float = np.sum(~np.isnan(ret))
    return likelihood - 0.9189385332046727 * observed


@njit(cache=True)
def climb(ret: Any, mu: Any, sigma: Any, stay: Any, steps: int, tolerance: float) -> Any:
    """Steps of expectation and maximisation from (mu, sigma, stay), which are overwritten.

    Returns (log-likelihood, steps taken, whether the last one gained less than `tolerance`). Hamilton 1990.
    """
    n = ret.size
    prob, ahead, smooth = np.empty(n), np.empty(n), np.empty(n)
    present = ret[~np.isnan(ret)]
    floor = LEAST_SIGMA * np.std(present)
    likelihood = filtered(ret, mu, sigma, stay[0], stay[1], prob, ahead)
    for step in range(steps):
        smooth[n - 1] = prob[n - 1]
        held0, held1, left0, left1 = 0.0, 0.0, 0.0, 0.0
        for t in range(n - 2, -1, -1):  # Kim 1994: backwards, with the joint probability of both sessions
            up0 = smooth[t + 1] / max(ahead[t + 1], 1e-300)
            up1 = (1.0 - smooth[t + 1]) / max(1.0 - ahead[t + 1], 1e-300)
            both00 = prob[t] * stay[0] * up0
            both01 = prob[t] * (1.0 - stay[0]) * up1
            both10 = (1.0 - prob[t]) * (1.0 - stay[1]) * up0
            both11 = (1.0 - prob[t]) * stay[1] * up1
            held0 += both00
            left0 += both01
            left1 += both10
            held1 += both11
            smooth[t] = both00 + both01
        weight0 = weight1 = sum0 = sum1 = 0.0
        for t in range(n):
            if not math.isnan(ret[t]):
                weight0 += smooth[t]
                weight1 += 1.0 - smooth[t]
                sum0 += smooth[t] * ret[t]
                sum1 += (1.0 - smooth[t]) * ret[t]
        if min(weight0, weight1, held0 + left0, held1 + left1) <= 1e-9:
            return likelihood, step, False  # a state died out
        mu[0], mu[1] = sum0 / weight0, sum1 / weight1
        square0 = square1 = 0.0
        for t in range(n):
            if not math.isnan(ret[t]):
                square0 += smooth[t] * (ret[t] - mu[0]) ** 2
                square1 += (1.0 - smooth[t]) * (ret[t] - mu[1]) ** 2
        sigma[0] = max(math.sqrt(square0 / weight0), floor)
        sigma[1] = max(math.sqrt(square1 / weight1), floor)
        stay[0], stay[1] = held0 / (held0 + left0), held1 / (held1 + left1)
        for state in range(2):
            stay[state] = min(max(stay[state], 1e-6), 1.0 - 1e-6)
        grown = filtered(ret, mu, sigma, stay[0], stay[1], prob, ahead)
        gain, likelihood = grown - likelihood, grown
        if abs(gain) < tolerance:
            return likelihood, step + 1, True
    return likelihood, steps, False
