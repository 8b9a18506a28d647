"""Confidence intervals of measures that stand on few observations: circular block bootstrap with a fixed seed."""

from __future__ import annotations

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
    block = cube_root_up(n)
    starts = np.random.default_rng(SEED).integers(0, n, size=(DRAWS, -(-n // block)))
    places = ((starts[..., None] + np.arange(block)) % n).reshape(DRAWS, -1)[:, :n]
    ranks = np.stack([_ranks(series, places) for series in pairs])
    centred = ranks - ranks.mean(axis=-1, keepdims=True)
    norms = np.sqrt((centred**2).sum(axis=-1))
    products = norms[0] * norms[1]
    varied = products > 0
    values = (centred[0] * centred[1]).sum(axis=-1)[varied] / products[varied]
    low, high = np.quantile(values, [(1 - conf) / 2, (1 + conf) / 2])
    return float(low), float(high)


def _ranks(series: Floats, places: np.ndarray) -> Floats:
    """Average ranks inside each resample, by counting: how often each value was drawn gives every rank at once."""
    values, kind = np.unique(series, return_inverse=True)
    drawn = kind[places]
    rows = np.arange(len(places))[:, None] * len(values)
    counts = np.bincount((rows + drawn).ravel(), minlength=len(places) * len(values)).reshape(len(places), -1)
    middle = np.cumsum(counts, axis=1) - 0.5 * (counts - 1)
    found: Floats = np.take_along_axis(middle, drawn, axis=1)
    return found
