"""Generated markets: stocks by sessions with nulls, halts, sessions without trading and late listings."""

from __future__ import annotations

import numpy as np

STOCKS, SESSIONS = 2800, 2500
SEED = 20260227
GROUPS = 4
Panel = dict[str, np.ndarray]


def market(stocks: int = STOCKS, sessions: int = SESSIONS, seed: int = SEED) -> Panel:
    """Won amounts of one investor and of the whole trading, returns, and what the other metrics eat."""
    rng = np.random.default_rng(seed)
    shape = (stocks, sessions)
    turnover = np.round(rng.lognormal(22, 1, shape))
    net = np.round(turnover * rng.normal(0, 0.1, shape))
    bought = np.round(0.5 * (turnover * rng.uniform(0.2, 0.6, shape) + net))
    ret = np.round(rng.normal(0, 0.02, shape), 4)
    listed = np.where(rng.random(stocks) < 0.2, rng.integers(0, sessions, stocks), 0)
    early = np.arange(sessions) < listed[:, None]
    halted = (rng.random(shape) < 0.005) & ~early
    quiet = (rng.random(shape) < 0.002) & ~early
    net[halted], bought[halted], ret[halted], turnover[halted] = np.nan, np.nan, np.nan, 0
    net[quiet], bought[quiet], turnover[quiet] = 0, 0, 0
    for series in (net, turnover, ret, bought):
        series[early | (rng.random(shape) < 0.003)] = np.nan
    return {"net": net, "turnover": turnover, "ret": ret, "bought": bought, "sold": bought - net}


def samples(stocks: int = STOCKS, sessions: int = SESSIONS, seed: int = SEED) -> Panel:
    """What the shared statistics and the bookkeeping are asked about, a whole market at a time."""
    rng = np.random.default_rng(seed + 1)
    shape = (stocks, sessions)
    gaps = rng.random(shape) < 0.003
    weights = np.round(rng.lognormal(22, 1, shape))
    weights[rng.random(stocks) < 0.01, 0] = np.nan
    weights[:1] = 0
    probability = np.where(gaps, np.nan, rng.random(shape))
    trials = rng.integers(0, 400, shape).astype(np.float64)
    groups = np.round(rng.normal(0, 1e9, (GROUPS - 1, *shape)))
    groups[0][gaps] = np.nan
    factor = np.where(rng.random(shape) < 0.001, 5.0, 1.0)
    factor[:, sessions // 3][rng.random(stocks) < 0.02] = np.nan
    return {
        "weights": weights,
        "probability": probability,
        "outcome": (rng.random(shape) < 0.3 + 0.4 * np.nan_to_num(probability)).astype(np.float64),
        "hits": np.where(gaps, np.nan, np.round(trials * rng.random(shape))),
        "trials": trials,
        "base": rng.uniform(0.3, 0.7, shape),
        "groups": np.concatenate([groups, -groups.sum(axis=0, keepdims=True)]),
        "shares": np.where(gaps, np.nan, rng.integers(10**6, 10**9, shape)),
        "factor": factor,
    }
