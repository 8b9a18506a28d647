"""The closed-form series of the metric reference's worked examples, and random panels for property tests."""

from __future__ import annotations

import math

import numpy as np


def net(length: int) -> list[float]:
    """Net purchases in won."""
    return [round(1e9 * (math.sin(1.3 * i) + 0.5 * math.sin(0.11 * i))) for i in range(length)]


def turnover(length: int) -> list[float]:
    """One-sided turnover in won."""
    return [round(1e10 * (2 + math.sin(0.37 * i))) for i in range(length)]


def ret(length: int) -> list[float]:
    """Daily returns, decimal."""
    return [round(0.01 * math.sin(2.1 * i + 0.4) + 0.004 * math.sin(1.3 * i), 6) for i in range(length)]


def panel(stocks: int, sessions: int, seed: int, gaps: float = 0.02) -> dict[str, np.ndarray]:
    """A random market of won amounts with missing cells, halted sessions (turnover 0, no net) and ties."""
    rng = np.random.default_rng(seed)
    traded = np.round(rng.lognormal(22, 1, (stocks, sessions)))
    flow = np.round(traded * rng.normal(0, 0.1, (stocks, sessions)))
    move = np.round(rng.normal(0, 0.02, (stocks, sessions)), 3)
    halted = rng.random((stocks, sessions)) < gaps / 2
    traded[halted], flow[halted], move[halted] = 0.0, np.nan, np.nan
    for series in (flow, traded, move):
        series[rng.random((stocks, sessions)) < gaps] = np.nan
    return {"net": flow, "turnover": traded, "ret": move}
