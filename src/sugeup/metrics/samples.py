"""Arithmetic on samples: the last axis is the sample, NaN is missing and left out; leading axes are other samples."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sugeup.errors import Refused
from sugeup.metrics.dense import Floats, between, cells

CELLS = 1 << 13
"""So many numbers are ranked in numpy; more by a compiled loop, which takes half a second until it runs first."""


def counts(x: Floats) -> Floats:
    """How many values of each sample are present."""
    present: Floats = np.isfinite(x).sum(axis=-1).astype(np.float64)
    return present


def compacted(x: Floats) -> Floats:
    """Present values of each sample moved to the front in their order, NaN behind them."""
    return np.take_along_axis(x, np.argsort(np.isnan(x), axis=-1, kind="stable"), axis=-1)


def median(x: Floats) -> Floats:
    """Median of the present values of each sample; NaN when there is none."""
    if not x.shape[-1]:
        return np.full(x.shape[:-1], np.nan)
    ordered, n = np.sort(x, axis=-1), counts(x).astype(np.int64)
    low, high = np.maximum((n - 1) // 2, 0)[..., None], np.minimum(n // 2, x.shape[-1] - 1)[..., None]
    middle = np.take_along_axis(ordered, low, axis=-1) + np.take_along_axis(ordered, high, axis=-1)
    return np.where(n > 0, 0.5 * middle[..., 0], np.nan)


def average_ranks(x: Floats) -> Floats:
    """Ranks from 1 within each sample, ties sharing their mean rank; 0 where x is missing."""
    if x.size > CELLS:
        from sugeup.metrics.kernels import ranks as kernels

        found: Floats = kernels.average_ranks(np.ascontiguousarray(x).reshape(-1, x.shape[-1])).reshape(x.shape)
        return found
    order = np.argsort(x, axis=-1, kind="stable")
    ordered = np.take_along_axis(x, order, axis=-1)
    place = np.broadcast_to(np.arange(x.shape[-1]), x.shape)
    fresh = np.ones(x.shape, dtype=bool)
    fresh[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    closing = np.ones(x.shape, dtype=bool)
    closing[..., :-1] = fresh[..., 1:]
    first = np.maximum.accumulate(np.where(fresh, place, 0), axis=-1)
    last = np.flip(np.minimum.accumulate(np.flip(np.where(closing, place, x.shape[-1]), -1), axis=-1), -1)
    ranks = np.empty(x.shape)
    np.put_along_axis(ranks, order, 0.5 * (first + last) + 1.0, axis=-1)
    return np.where(np.isnan(x), 0.0, ranks)


def rank_correlation(x: Floats, y: Floats) -> tuple[Floats, NDArray[np.int64], NDArray[np.bool_]]:
    """Correlation of average ranks over the complete pairs of each sample, their number, whether a side is constant."""
    both = np.isfinite(x) & np.isfinite(y)
    left, right = (average_ranks(np.where(both, side, np.nan)) for side in (x, y))
    n = both.sum(axis=-1)
    centre = n * (0.5 * (n + 1)) ** 2
    spread = ((left**2).sum(axis=-1) - centre) * ((right**2).sum(axis=-1) - centre)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.clip(((left * right).sum(axis=-1) - centre) / np.sqrt(spread), -1, 1), n, spread <= 0


def serial_mean(x: Floats, lag: int) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Mean of each sample, its standard error with Bartlett weights over `lag` steps, and whether it is constant."""
    n, values = counts(x), compacted(x)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(values, axis=-1) / n
        away = np.nan_to_num(values - mean[:, None])
        total = (away**2).sum(axis=-1)
        for step in range(1, min(lag, x.shape[-1] - 1) + 1):
            total += 2 * (1 - step / (lag + 1)) * (away[:, step:] * away[:, :-step]).sum(axis=-1)
        se = np.sqrt(np.maximum(total, 0)) / n
    constant = np.abs(away).max(axis=-1, initial=0) <= 8 * np.finfo(float).eps * np.abs(mean)
    return mean, se, constant | (se <= 0)


def stepped_up(p: Floats) -> Floats:
    """Benjamini-Hochberg adjusted p of each family."""
    order = np.argsort(p, axis=-1, kind="stable")
    ordered = np.take_along_axis(p, order, axis=-1)
    raw = ordered * counts(p)[:, None] / np.arange(1, p.shape[-1] + 1)
    stepped = np.flip(np.fmin.accumulate(np.flip(raw, -1), axis=-1), -1)
    value = np.empty(p.shape)
    np.put_along_axis(value, order, np.minimum(stepped, 1), axis=-1)
    return np.where(np.isnan(p), np.nan, value)


def variance_ratio(x: Floats, span: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Overlapping variance ratio over `span` steps of each sample, and whether the sample is constant.

    Missing values are closed up. NaN for span values or fewer. Lo & MacKinlay 1988.
    """
    n, values = counts(x), compacted(x)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(values, axis=-1) / n
        away = values - mean[:, None]
        single = np.nansum(away**2, axis=-1) / (n - 1)
        if values.shape[-1] < span:
            sums = np.full((len(values), 1), np.nan)
        else:
            sums = np.lib.stride_tricks.sliding_window_view(away, span, axis=-1).sum(axis=-1)
        together = np.nansum(sums**2, axis=-1) / (span * (n - span + 1) * (1 - span / n))
        widest = np.abs(np.nan_to_num(away)).max(axis=-1, initial=0)
        constant = widest <= 8 * np.finfo(float).eps * np.abs(mean)
        return np.where(n > span, together / single, np.nan), constant | ~(single > 0)


def circular_means(x: Floats, block: int, draws: int, seed: int) -> Floats:
    """Means of `draws` resamples of a complete one-dimensional sample, each made of blocks that wrap around its end."""
    n = x.size
    pieces = -(-n // block)
    tail = n - (pieces - 1) * block
    circle = np.concatenate([x, x[: block - 1]])
    whole_blocks = np.lib.stride_tricks.sliding_window_view(circle, block).sum(axis=-1)
    last_blocks = np.lib.stride_tricks.sliding_window_view(circle[: n + tail - 1], tail).sum(axis=-1)
    starts = np.random.default_rng(seed).integers(0, n, size=(draws, pieces))
    means: Floats = (whole_blocks[starts[:, :-1]].sum(axis=-1) + last_blocks[starts[:, -1]]) / n
    return means


def cube_root_up(n: int) -> int:
    """Smallest whole number whose cube is at least n."""
    root: int = round(n ** (1 / 3))
    return root if root**3 >= n else root + 1


def rising_fit(score: Floats, outcome: Floats) -> tuple[Floats, Floats]:
    """Non-decreasing fit of outcome on score by pooling adjacent violators: the distinct scores, the fitted means."""
    from sugeup.metrics.kernels import samples as kernels

    distinct, where = np.unique(score, return_inverse=True)
    weights = np.bincount(where)
    fitted: Floats = kernels.pooled(np.bincount(where, weights=outcome), weights)
    return distinct, fitted


def wilson_bounds(share: Floats, n: Floats, conf: float) -> tuple[Floats, Floats]:
    """Wilson score bounds of a proportion observed on n trials; NaN where n is 0."""
    z = NormalDist().inv_cdf(0.5 + conf / 2)
    trials = np.where(n > 0, n, np.nan)
    centre = share + z * z / (2 * trials)
    reach = z * np.sqrt(share * (1 - share) / trials + (z / (2 * trials)) ** 2)
    scale = 1 + z * z / trials
    lo, hi = (centre - reach) / scale, (centre + reach) / scale
    return np.maximum(np.minimum(lo, share), 0.0), np.minimum(np.maximum(hi, share), 1.0)  # rounding at 0% and 100%


def binomial_tail(least: ArrayLike, n: ArrayLike, p: Floats) -> Floats:
    """P(B ≥ least) of binomial counts B on n trials, exact, cell by cell; NaN where p is."""
    from sugeup.metrics.kernels import samples as kernels

    counted, trials, chance = np.broadcast_arrays(np.asarray(least, np.int64), np.asarray(n, np.int64), p)
    tails: Floats = kernels.tails(counted.ravel(), trials.ravel(), chance.astype(np.float64).ravel())
    return tails.reshape(chance.shape)


def binomial_counts(hits: ArrayLike, n: ArrayLike, conf: float) -> tuple[Floats, Floats]:
    """Hits and trials in one shape. Raises Refused unless 0 <= hits <= n."""
    between("conf", conf, 0, 1, open_ended=True)
    won, trials = cells(hits=hits, n=n)
    wrong = (won < 0) | (trials < 0) | (won > trials)
    if wrong.any():
        raise Refused(f"hits={won[wrong][0]:g} of n={trials[wrong][0]:g} is not allowed; allowed: 0 <= hits <= n.")
    return won, trials


def must_be_binary(happened: Floats) -> None:
    """Raises Refused unless every outcome is 0, 1 or missing."""
    wrong = ~(np.isnan(happened) | (happened == 0) | (happened == 1))
    if wrong.any():
        raise Refused(f"outcome={happened[wrong][0]:g} is not allowed; allowed: 0, 1 or null.")
