"""Confidence intervals of measures that stand on few observations: circular block bootstrap with a fixed seed."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from sugeup.metrics.dense import Floats
from sugeup.metrics.samples import cube_root_up

DRAWS = 2000
SEED = 20240101


def spearman(x: Floats, y: Floats, *, conf: float = 0.95) -> tuple[float, float] | None:
    """Percentile interval of the rank correlation of two series in time order, resampled in blocks of pairs.

    Pairs with a missing member are left out first; blocks have the length of the cube root of n, rounded up, and wrap
    around the end; a resample without variance is left out. None for fewer than three pairs or a constant series.
    Künsch 1989; Politis & Romano 1992.
    """
    present = np.isfinite(x) & np.isfinite(y)
    pairs = np.stack([x[present], y[present]])
    n = pairs.shape[1]
    if n < 3 or (pairs == pairs[:, :1]).all(axis=1).any():
        return None
    drawn = _drawn(n)
    first, second = (_centred(series.tobytes()) for series in pairs)
    # Ranks are halves, so that every sum is exact, in whatever order it is taken.
    weighted = drawn * first
    squares = np.einsum("ij,ij->j", weighted, first), np.einsum("ij,ij->j", drawn * second, second)
    norms = np.sqrt(squares[0]) * np.sqrt(squares[1])
    varied = norms > 0
    values = np.einsum("ij,ij->j", weighted, second)[varied] / norms[varied]
    low, high = np.quantile(values, [(1 - conf) / 2, (1 + conf) / 2])
    return float(low), float(high)


@lru_cache(maxsize=8)
def _drawn(n: int) -> Floats:
    """(n, DRAWS): how often each of n pairs is drawn in each resample, which depends on nothing else."""
    block = cube_root_up(n)
    starts = np.random.default_rng(SEED).integers(0, n, size=(DRAWS, -(-n // block)))
    places = ((starts[..., None] + np.arange(block)) % n).reshape(DRAWS, -1)[:, :n]
    rows = np.arange(DRAWS)[:, None] * n
    counts = np.bincount((rows + places).ravel(), minlength=DRAWS * n).reshape(DRAWS, n)
    found: Floats = np.ascontiguousarray(counts.T, dtype=np.float64)
    return found


@lru_cache(maxsize=2)
def _centred(values: bytes) -> Floats:
    """(n, DRAWS): average rank of each member of a float64 series inside each resample, less the mean rank.

    The last ones are kept: the flows of several groups are held against one series of returns.
    """
    series = np.frombuffer(values, dtype=np.float64)
    drawn = _drawn(len(series))
    below = np.zeros((len(series) + 1, DRAWS))
    order = np.argsort(series)
    np.cumsum(drawn[order], axis=0, out=below[1:])
    ordered = series[order]
    sides = [np.searchsorted(ordered, series, side=side) for side in ("left", "right")]
    found: Floats = below[sides[0]]
    found += below[sides[1]]
    found *= 0.5
    found -= 0.5 * len(series)
    return found
