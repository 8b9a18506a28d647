"""Arithmetic on samples: the last axis is the sample, NaN is missing and left out; leading axes are other samples."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sugeup.errors import Refused
from sugeup.metrics.dense import Floats, between, cells
from sugeup.metrics.outcome import Reason, codes


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
    distinct, where = np.unique(score, return_inverse=True)
    weights = np.bincount(where).astype(np.float64)
    sums = np.bincount(where, weights=outcome)
    pools: list[tuple[float, float, int]] = []
    for total, weight in zip(sums.tolist(), weights.tolist(), strict=True):
        size = 1
        while pools and pools[-1][0] * weight >= total * pools[-1][1]:
            lower = pools.pop()
            total, weight, size = total + lower[0], weight + lower[1], size + lower[2]
        pools.append((total, weight, size))
    fitted = np.repeat([total / weight for total, weight, _ in pools], [size for *_, size in pools])
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


def binomial_tail(least: int, n: int, p: float) -> float:
    """P(B ≥ least) of a binomial count B on n trials, exact: the shorter tail is summed from its largest term."""
    if least <= 0:
        return 1.0
    if least > n or p <= 0.0:
        return 0.0
    if p >= 1.0:
        return 1.0
    upper = least > n * p
    k = least if upper else least - 1
    log_term = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    term = math.exp(log_term + k * math.log(p) + (n - k) * math.log1p(-p))
    odds, terms = p / (1.0 - p), []
    while term > 0.0:
        terms.append(term)
        term *= (n - k) / (k + 1) * odds if upper else k / (n - k + 1) / odds
        k += 1 if upper else -1
        if term < terms[0] * 1e-18:
            break
    return math.fsum(terms) if upper else 1.0 - math.fsum(terms)


def binomial_counts(hits: ArrayLike, n: ArrayLike, conf: float) -> tuple[Floats, Floats, NDArray[np.uint8]]:
    """Hits, trials and the reason of every proportion that is null. Raises Refused unless 0 <= hits <= n."""
    between("conf", conf, 0, 1, open_ended=True)
    won, trials = cells(hits=hits, n=n)
    wrong = (won < 0) | (trials < 0) | (won > trials)
    if wrong.any():
        raise Refused(f"hits={won[wrong][0]:g} of n={trials[wrong][0]:g} is not allowed; allowed: 0 <= hits <= n.")
    missing = np.isnan(won) | np.isnan(trials)
    return won, trials, codes(won.shape, (missing, Reason.MISSING_INPUT), (trials == 0, Reason.ZERO_DENOMINATOR))


def must_be_binary(happened: Floats) -> None:
    """Raises Refused unless every outcome is 0, 1 or missing."""
    wrong = ~(np.isnan(happened) | (happened == 0) | (happened == 1))
    if wrong.any():
        raise Refused(f"outcome={happened[wrong][0]:g} is not allowed; allowed: 0, 1 or null.")
