"""평범한 값의 분포: Student's t fitted to what most figures of a year are, so that the few events do not hide in it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sugeup.metrics.dense import Floats

MIDDLE, OUTER = 0.6827, 0.99  # shares of sizes whose quantiles fix scale and tail: one standard deviation, and 1 in 100
DEGREES = np.array([3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200, 400, 1000], dtype=np.float64)
STEP, FARTHEST = 0.002, 50_000  # sizes are counted in such steps, up to so many of them
ROUNDS = 3  # times that stretches which stand out are taken out and the rest is fitted anew
LOOKED_AT = 2.5  # scales from which on a value may be a discovery
LEAST = float(np.finfo(np.float64).tiny)  # p below which none is told
_ONE, _FAR = 1.0, 2.5758293  # normal quantiles of the two shares
_ERFC = np.frompyfunc(math.erfc, 1, 1)


def ordinary(z: Floats, length: int, alpha: float) -> tuple[float, float]:
    """Scale and degrees of freedom of the figures that are no events; (nan, nan) where there is none.

    z: (stocks, sessions). Stretches of `length` sessions that stand out on either side at `alpha`, and their
    neighbours, are taken out, and the rest is fitted anew, until nothing more stands out: without that a stock with
    strong events makes the tail wide in which others would have to stand out.
    """
    kept = np.isfinite(z)
    if not kept.any():
        return math.nan, math.nan
    scale, degrees = fitted(np.abs(z[kept]))
    for _ in range(ROUNDS):
        if not scale > 0:
            break
        left = np.isfinite(z) & ~_outstanding(np.abs(z) / scale, length, degrees, alpha)
        if np.count_nonzero(left) == np.count_nonzero(kept):
            break
        kept = left
        scale, degrees = fitted(np.abs(z[kept]))
    return scale, degrees


def fitted(sizes: Floats) -> tuple[float, float]:
    """Scale and degrees of freedom of Student's t that has the middle and the shoulders of these sizes; (n,), n > 0."""
    counted = np.cumsum(np.bincount(np.minimum(sizes / STEP, FARTHEST).astype(np.int64)))
    middle, outer = (STEP * float(np.searchsorted(counted, share * sizes.size)) for share in (MIDDLE, OUTER))
    if middle <= 0:
        return 0.0, float(DEGREES[-1])
    one, far = _quantile(_ONE, DEGREES), _quantile(_FAR, DEGREES)
    degrees = float(np.interp(-outer / middle, -far / one, DEGREES))
    return middle / float(_quantile(_ONE, np.array(degrees))), degrees


def tail(x: Floats, degrees: float) -> Floats:
    """P(T > x) of Student's t for x from 0 on, by Wallace's normal score: a tenth too high at most (3 degrees).

    Never 0: where it is smaller than any number, the smallest one stands for it.
    """
    score = (8 * degrees + 1) / (8 * degrees + 3) * np.sqrt(degrees * np.log1p(x * x / degrees))
    return np.maximum(np.array(0.5 * _ERFC(score * math.sqrt(0.5)), dtype=np.float64), LEAST)


def tops(x: Floats, length: int) -> Floats:
    """Largest value of each stretch, 0 where none is looked at; (rows, stretches).

    x: (rows, sessions) in scales. Stretches are counted back from the newest session and what is left over at the
    beginning belongs to none; fewer sessions than `length` are one stretch.
    """
    cut = stretched(x, length)
    count = max(1, x.shape[1] // length)
    row, place = np.nonzero(cut > LOOKED_AT)
    found = np.zeros((len(cut), count))
    np.maximum.at(found, (row, place // (cut.shape[1] // count)), cut[row, place])
    return found


def stretched(x: Floats, length: int) -> Floats:
    """The sessions that belong to a stretch."""
    return x[:, -min(x.shape[1], max(1, x.shape[1] // length) * length) :]


def levels(sizes: Floats, n: int, degrees: float) -> Floats:
    """Benjamini-Hochberg's level of each of the sizes, largest first, among `n` hypotheses; not made monotonous."""
    found: Floats = n * tail(sizes, degrees) / np.arange(1, sizes.size + 1)
    return found


def _outstanding(x: Floats, length: int, degrees: float, alpha: float) -> NDArray[np.bool_]:
    """Sessions of stretches that stand out on either side at `alpha`, with their neighbours."""
    found = np.zeros(x.shape, bool)
    highest = tops(x, length)
    ordered = -np.sort(-highest[highest > 0])
    told = np.flatnonzero(levels(ordered, int(np.isfinite(stretched(x, length)).sum()), degrees) <= alpha)
    if not told.size:
        return found
    struck = highest >= ordered[told[-1]]
    wide = struck.copy()
    wide[:, 1:] |= struck[:, :-1]
    wide[:, :-1] |= struck[:, 1:]
    width = stretched(x, length).shape[1] // highest.shape[1]
    marked = np.repeat(wide, width, axis=1)
    found[:, -marked.shape[1] :] = marked
    found[:, : -marked.shape[1]] = wide[:, :1]
    return found


def _quantile(score: float, degrees: Floats) -> Floats:
    """Where Student's t is as rare as a normal score."""
    inner = (score * (8 * degrees + 3) / (8 * degrees + 1)) ** 2 / degrees
    found: Floats = np.sqrt(degrees * np.expm1(inner))
    return found
