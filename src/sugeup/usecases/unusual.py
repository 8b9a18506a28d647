"""How unusual a flow is, and since when: net ÷ turnover of a window, its z against its past, pooled p-values, runs.

The reference of a session never shares a session with its window: it ends `window` sessions earlier.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sugeup.metrics import anomalies, ownership, statistics
from sugeup.metrics.outcome import Outcome
from sugeup.metrics.windows import cut_windows, moving_sum

Floats = NDArray[np.float64]

REFERENCE = 60
"""Past windows that a z is measured against."""
POOL = 60
"""Past sessions whose z, of all members of a family, make the reference of an empirical p."""
POOLED = 1_000
"""Fewer pooled values give no p-value."""


def sums(daily: Floats, window: int) -> Floats:
    """Sum of the last `window` sessions at every session; NaN where one of them is missing or before the first."""
    total = moving_sum(daily, window)
    total[:, : window - 1] = np.nan
    return total


def ratios(net: Floats, turnover: Floats, window: int) -> Floats:
    """Σnet ÷ Σturnover over the last `window` sessions; NaN where a session lacks one of them or was not traded."""
    traded = np.where(turnover > 0, turnover, np.nan)
    ratio: Floats = sums(np.where(np.isnan(traded), np.nan, net), window) / sums(traded, window)
    return ratio


def zs(x: Floats, window: int, last: int = 1) -> Outcome:
    """`tk.robust_z` of window figures on each of the last sessions, shape (rows, last).

    x: (rows, sessions), figures of windows of `window` sessions, against the `REFERENCE` ones that end `window` or more
    sessions earlier.
    """
    last = min(last, x.shape[1])
    past = cut_windows(x, REFERENCE + window, last)[..., :REFERENCE]
    return statistics.robust_z(x[:, x.shape[1] - last :], past)


def streak(net: Floats) -> int | None:
    """For how many sessions in a row a flow has had the sign of its last one: -3 is the third of selling.

    net: (1, sessions), NaN where missing, which ends a run; None where the last one is. `own.streak` of what was
    gathered.
    """
    gathered = np.zeros((1, net.shape[1] + 1))
    np.cumsum(np.nan_to_num(net), axis=1, out=gathered[:, 1:])
    gathered[:, :-1][np.isnan(net)] = np.nan
    found = ownership.streak(gathered, last=1).value[0, -1]
    return None if np.isnan(found) or np.isnan(net[0, -1]) else int(found)


def reach(window: int, last: int = 1) -> int:
    """How many sessions of daily figures the z of the last sessions are computed from."""
    return 2 * window - 1 + REFERENCE + last - 1


def pooled_p(z: Floats, last: int = 1) -> Floats:
    """Empirical p of |z| on each of the last sessions, against the z of all rows over the `POOL` sessions before it.

    z: (rows, sessions). `ano.conformal` on |z| (metrics.md 2.2); NaN without a z, and where fewer than `POOLED` are
    pooled. Adjust over the family of a session before it is read as a signal.
    """
    size = np.abs(z)
    last = min(last, z.shape[1])
    found = np.full((z.shape[0], last), np.nan)
    for back in range(last):
        now = z.shape[1] - last + back
        pool = size[:, max(0, now - POOL) : now].ravel()
        found[:, back] = anomalies.conformal(size[:, now], pool, min_n=POOLED).value
    return found
