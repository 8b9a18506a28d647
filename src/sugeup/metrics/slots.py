"""Bins of the session clock (시간대 구간): increments, profiles, and what is unusual for the same bin of past sessions.

A matrix has sessions in rows, oldest first, and bins (or cells: bins of several series) in columns; NaN is missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import comb

import numpy as np
from numpy.typing import NDArray

from sugeup.metrics import samples, statistics
from sugeup.metrics.dense import Floats
from sugeup.metrics.outcome import Outcome, Reason, Single, codes

POOL = 1_000
"""Past z-scores that an empirical p-value needs at least."""


def increments(cumulative: Floats) -> Floats:
    """Traded in each bin: (..., bins), from a running total at the bounds of the bins, (..., bins + 1).

    The rule of `acc.snapshot_increment` for many sessions at once: null when either bound is, never interpolated.
    """
    found: Floats = np.diff(cumulative, axis=-1)
    return found


def shares(parts: Floats) -> Floats:
    """Each bin's share in the sum of the positive parts of a session; all null where a bin is, or nothing is positive.

    parts: (..., bins). For shares of net sales hand in the negated parts.
    """
    positive = np.where(parts > 0, parts, np.where(np.isnan(parts), np.nan, 0.0))
    total = positive.sum(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, positive / total, np.nan)


def newest(past: Floats, n: int) -> Floats:
    """(cells, n): the last n known values of each column of (sessions, cells), newest first, NaN behind them."""
    found: Floats = samples.compacted(past.T[:, ::-1])[:, :n]
    return found


def intensity(now: Floats, past: Floats, *, window: int = 20) -> Outcome:
    """How strong a bin is against the same bin of past sessions (강도): 1 + 9 · percentile ÷ 100, from 1 to 10.

    now: (cells,), |net| ÷ turnover of the bin; past: (sessions, cells). Fewer than `window` past values of a cell:
    INSUFFICIENT_HISTORY. Extra `percentile` 0-100.
    """
    rank = statistics.percentile_rank(now, newest(past, window), min_n=window)
    return Outcome(1 + 9 * rank.value / 100, rank.reason, {"percentile": rank.value})


def past_z(x: Floats, *, least: int = statistics.MIN_SAMPLE) -> Floats:
    """Robust z (`tk.robust_z`) of every session's cells against the sessions before it; NaN with fewer than `least`."""
    z = np.full(x.shape, np.nan)
    for place in range(least, len(x)):
        z[place] = statistics.robust_z(x[place], x[:place].T, min_n=least).value
    return z


def unusual(x: Floats, *, pool: int = POOL) -> Outcome:
    """Which cells of the newest session are unusual: z, and p-values against the pooled z of the sessions before.

    x: (sessions, cells), the newest last. p = (1 + pooled z at least as large) ÷ (n + 1), on absolute z; `p_adj` is p
    after Benjamini and Hochberg over all cells. With fewer than `pool` pooled values every cell is
    INSUFFICIENT_HISTORY. Extras `p`, `p_adj`, `n` (pooled values).
    """
    z = past_z(x)
    now, pooled = np.abs(z[-1]), np.sort(np.abs(z[:-1][np.isfinite(z[:-1])]))
    n = len(pooled)
    at_least = n - np.searchsorted(pooled, now, side="left")
    absent = ~np.isfinite(x[-1])
    short = ~np.isfinite(now) | (n < pool)
    reason = codes(now.shape, (absent, Reason.MISSING_INPUT), (short, Reason.INSUFFICIENT_HISTORY))
    p = np.where(reason > 0, np.nan, (1 + at_least) / (n + 1))
    adjusted = statistics.bh_adjust(p).value if now.size else p
    extra = {"p": p, "p_adj": adjusted, "n": np.full(now.shape, n, dtype=np.int64)}
    return Outcome(np.where(reason > 0, np.nan, z[-1]), reason, extra)


def likeness(profiles: Floats, *, min_sessions: int = 10, conf: float = 0.95) -> Single:
    """How alike the days run (일중 패턴 일관성): median rank correlation of a day with the mean of the others.

    profiles: (sessions, bins) in figures that do not depend on the size of the day; incomplete sessions are left out.
    INSUFFICIENT_HISTORY with fewer than min_sessions, ZERO_VARIANCE when no day varies. Extras: `n` sessions, `ci` from
    order statistics of the median.
    """
    whole = profiles[np.isfinite(profiles).all(axis=-1)] if profiles.shape[-1] else profiles[:0]
    n = len(whole)
    if n < min_sessions:
        return Single(None, Reason.INSUFFICIENT_HISTORY.name, {"n": n, "ci": None})
    others = (whole.sum(axis=0) - whole) / (n - 1)
    rho = statistics.spearman(whole, others, min_n=2).value
    known = np.sort(rho[np.isfinite(rho)])
    if len(known) < min_sessions:
        return Single(None, Reason.ZERO_VARIANCE.name, {"n": len(known), "ci": None})
    return Single(float(np.median(known)), "", {"n": len(known), "ci": _median_interval(known, conf)})


def batches(z: Floats, *, cut: float = 3, part: float = 0.5, window: int = 20, min_sessions: int = 10) -> Single:
    """Bins that are unusual again and again (집중 매매 시간대): |net| at `cut` z or above in `part` of `window`.

    z: (sessions, bins), past-only z of |net|; its last `window` sessions count. Value: places of the bins, perhaps
    none; INSUFFICIENT_HISTORY when no bin has a z in min_sessions. Extra `n`: sessions with a z.
    """
    recent = z[-window:]
    n = int(np.isfinite(recent).sum(axis=0).max(initial=0))
    if n < min_sessions:
        return Single(None, Reason.INSUFFICIENT_HISTORY.name, {"n": n})
    with np.errstate(invalid="ignore"):
        often = (recent >= cut).sum(axis=0) >= part * window
    return Single([int(place) for place in np.flatnonzero(often)], "", {"n": n})


def busiest(x: Floats, *, top: int = 2, min_sessions: int = 10) -> Single:
    """The bins with the highest medians over the sessions, in the order of the day, the earlier ones of equals.

    x: (sessions, bins). INSUFFICIENT_HISTORY when no bin has min_sessions. Extra `n`: sessions of the best known bin.
    """
    n = samples.counts(x.T)
    middle = np.where(n >= min_sessions, samples.median(x.T), np.nan)
    most = int(n.max(initial=0))
    if not np.isfinite(middle).any():
        return Single(None, Reason.INSUFFICIENT_HISTORY.name, {"n": most})
    order = np.argsort(-middle, kind="stable")[:top]
    return Single(sorted(int(place) for place in order if np.isfinite(middle[place])), "", {"n": most})


def most_frequent(labels: Sequence[str], *, min_sessions: int = 10) -> Single:
    """The label of most sessions; NO_PATTERN when two are equally frequent. Extras: `n` sessions, `share` of them."""
    n = len(labels)
    if n < min_sessions:
        return Single(None, Reason.INSUFFICIENT_HISTORY.name, {"n": n, "share": None})
    ranked = Counter(labels).most_common(2)
    if len(ranked) == 2 and ranked[0][1] == ranked[1][1]:
        return Single(None, Reason.NO_PATTERN.name, {"n": n, "share": ranked[0][1] / n})
    return Single(ranked[0][0], "", {"n": n, "share": ranked[0][1] / n})


def _median_interval(ordered: NDArray[np.float64], conf: float) -> tuple[float, float] | None:
    """The narrowest symmetric pair of order statistics that holds the median with `conf` or more; None if none does."""
    n, found = len(ordered), None
    for rank in range(1, n // 2 + 1):
        outside = 2 * sum(comb(n, below) for below in range(rank)) / 2**n
        if 1 - outside >= conf:
            found = float(ordered[rank - 1]), float(ordered[n - rank])
    return found
