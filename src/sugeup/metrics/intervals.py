"""Confidence intervals of measures that stand on few observations: circular block bootstrap with a fixed seed."""

from __future__ import annotations

import numpy as np

from sugeup.metrics.dense import Floats
from sugeup.metrics.samples import average_ranks, cube_root_up

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
    block = cube_root_up(n)
    starts = np.random.default_rng(SEED).integers(0, n, size=(DRAWS, -(-n // block)))
    places = ((starts[..., None] + np.arange(block)) % n).reshape(DRAWS, -1)[:, :n]
    ranks = average_ranks(pairs[:, places])
    centred = ranks - ranks.mean(axis=-1, keepdims=True)
    norms = np.sqrt((centred**2).sum(axis=-1))
    products = norms[0] * norms[1]
    varied = products > 0
    values = (centred[0] * centred[1]).sum(axis=-1)[varied] / products[varied]
    low, high = np.quantile(values, [(1 - conf) / 2, (1 + conf) / 2])
    return float(low), float(high)
