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


def bars(stocks: int = STOCKS, sessions: int = SESSIONS, seed: int = SEED) -> Panel:
    """Daily bars with gaps and halts, an index beside them, and two lines that cross."""
    rng = np.random.default_rng(seed + 2)
    shape = (stocks, sessions)
    close = np.round(10_000 * np.exp(np.cumsum(rng.normal(0, 0.02, shape), axis=1)))
    start = np.round(close * (1 + rng.normal(0, 0.01, shape)))
    high = np.round(np.maximum(start, close) * (1 + np.abs(rng.normal(0, 0.007, shape))))
    low = np.round(np.minimum(start, close) * (1 - np.abs(rng.normal(0, 0.007, shape))))
    volume = np.round(rng.lognormal(12, 1, shape))
    index = np.broadcast_to(np.round(2500 * np.exp(np.cumsum(rng.normal(0, 0.01, sessions))), 2), shape).copy()
    smart = np.round(rng.normal(0, 1e9, shape))
    for series in (start, high, low, close, volume):
        series[:, : sessions // 50][rng.random(stocks) < 0.2] = np.nan
    gaps = rng.random(shape) < 0.003
    for series in (start, high, low, close):
        series[gaps] = np.nan
    volume[gaps] = 0
    return {
        "open": start,
        "high": high,
        "low": low,
        "close": close,
        "volume": volume,
        "index": index,
        "smart": smart,
        "individual": -smart,
    }


def readings(stocks: int = STOCKS, sessions: int = SESSIONS, seed: int = SEED) -> Panel:
    """What metrics that work cell by cell eat: nets of groups, holdings, percentiles, z, each with nulls."""
    rng = np.random.default_rng(seed + 3)
    shape = (stocks, sessions)

    def holed(values: np.ndarray) -> np.ndarray:
        values[rng.random(shape) < 0.003] = np.nan
        return values

    listed = np.round(rng.lognormal(17, 1, shape))
    named = {
        "foreign": np.round(rng.normal(0, 1e9, shape)),
        "institution": np.round(rng.normal(0, 1e9, shape)),
        "individual": np.round(rng.normal(0, 1e9, shape)),
        "other": np.round(rng.normal(0, 1e8, shape)),
        "turnover": np.round(rng.lognormal(22, 1, shape)),
        "first_percent": np.round(rng.uniform(0, 100, shape), 1),
        "second_percent": np.round(rng.uniform(0, 100, shape), 1),
        "third_percent": np.round(rng.uniform(0, 100, shape), 1),
        "z": np.round(rng.normal(0, 2, shape), 2),
        "other_z": np.round(rng.normal(0, 2, shape), 2),
        "p": np.round(rng.random(shape), 3),
        "days": rng.integers(0, 6, shape).astype(np.float64),
        "listed": listed,
        "held": np.round(listed * rng.uniform(0, 0.6, shape)),
        "price": np.round(rng.lognormal(10, 1, shape)),
        "later_price": np.round(rng.lognormal(10, 1, shape)),
        "buyers": rng.integers(0, 12, shape).astype(np.float64),
        "sellers": rng.integers(0, 12, shape).astype(np.float64),
    }
    return {name: holed(values) for name, values in named.items()}
