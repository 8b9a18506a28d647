"""What followed when a flow looked like this before (유사 패턴): nearest windows of the past, against all windows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from sugeup.errors import Refused
from sugeup.metrics.dense import Floats, floats, whole
from sugeup.metrics.outcome import Reason, Single
from sugeup.registry import metric

NOISE = 8 * float(np.finfo(np.float64).eps)
DRAWS = 2000
SEED = 20240101
CELLS = 1 << 20  # random numbers held at once


@metric(
    "smt.similar_patterns",
    korean="유사 수급 패턴",
    formula="distance between the last m values and every earlier window of m, both with mean 0 and standard deviation "
    "1 (divisor m); similarity = 1 - distance² ÷ 2m; outcome = price h sessions after the window ÷ price at its end - "
    "1; the k nearest windows, ⌈m ÷ 2⌉ or more apart; base_mean = mean outcome of all windows; p_value = share of "
    "random choices of as many windows, equally far apart, whose mean outcome is as far from base_mean",
    unit="distance; similarity -1 to 1; outcomes as decimal returns; p 0-1",
    window="all windows whose outcome ended before the last m sessions began",
    null_rule="a window that is constant or holds a null, or whose prices are null, is left out; INSUFFICIENT_HISTORY: "
    "no window; MISSING_INPUT: no data, or a null in the last m values; ZERO_VARIANCE: they are constant",
    source="matrix profile distance, Yeh et al. 2016, IEEE ICDM; Law 2019",
)
def similar_patterns(series: ArrayLike, price: ArrayLike, *, m: int = 5, h: int = 3, k: int = 2) -> Single:
    """Past stretches that looked like the last m sessions, and what the price did after them (유사 패턴).

    series: (sessions,), such as net ÷ turnover, oldest first; price: (sessions,), adjusted closes of the same dates; m
    from 2, h and k from 1, else Refused. Records {"start" (index of the window's first session), "distance",
    "similarity", "outcome"}, nearest first; fewer than k when the past holds no more. Extras: `base_mean`; `mean` of
    the outcomes listed; `n` windows compared; `p_value` of 2,000 choices with a fixed seed. Outcomes without a small
    p_value are examples, not evidence.

    >>> flow, price = [0, 1, 0, 5, 9, 9, 9, 0, 2, 0], [10, 10, 10, 11, 10, 10, 10, 10, 10, 10]
    >>> similar_patterns(flow, price, m=3, h=1, k=1).value[0]["start"]
    0
    """
    length, ahead, most = whole("m", m, 2), whole("h", h, 1), whole("k", k, 1)
    flow, prices = (floats(name, [] if part is None else part) for name, part in (("series", series), ("price", price)))
    if flow.ndim != 1 or prices.ndim != 1 or (flow.size and prices.size and flow.size != prices.size):
        raise Refused(f"series and price must be of one length; received shapes {flow.shape} and {prices.shape}.")
    if not np.isfinite(flow).any() or not np.isfinite(prices).any():
        return _nothing(Reason.MISSING_INPUT)
    if flow.size < length:
        return _nothing(Reason.INSUFFICIENT_HISTORY)
    windows = sliding_window_view(flow, length)
    shapes, level = _standardised(windows)
    if not np.isfinite(windows[-1]).all():
        return _nothing(Reason.MISSING_INPUT)
    if level[-1]:
        return _nothing(Reason.ZERO_VARIANCE)
    past = _candidates(shapes, level, prices, length, ahead)
    if not past.start.size:
        return _nothing(Reason.INSUFFICIENT_HISTORY)
    distance = np.sqrt(((shapes[past.start] - shapes[-1]) ** 2).sum(axis=-1))
    chosen = _apart(distance[None], past.start, -(-length // 2), most)[0]
    chosen = chosen[chosen >= 0]
    base, mean = float(past.outcome.mean()), float(past.outcome[chosen].mean())
    value = [
        {
            "start": int(past.start[place]),
            "distance": float(distance[place]),
            "similarity": 1 - float(distance[place]) ** 2 / (2 * length),
            "outcome": float(past.outcome[place]),
        }
        for place in chosen
    ]
    p_value = _chance(past, -(-length // 2), most, abs(mean - base))
    extra = {"base_mean": base, "mean": mean, "n": int(past.start.size), "p_value": p_value}
    return Single(value, extra=extra)


@dataclass(frozen=True)
class _Past:
    start: NDArray[np.int64]
    outcome: Floats


def _nothing(reason: Reason) -> Single:
    return Single(None, reason.name, {"base_mean": None, "mean": None, "n": 0, "p_value": None})


def _standardised(windows: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Windows with mean 0 and standard deviation 1, NaN where one is not complete; and which of them are constant."""
    mean = windows.mean(axis=-1, keepdims=True)
    away = windows - mean
    flat = np.abs(away).max(axis=-1) <= NOISE * np.abs(mean[:, 0])
    with np.errstate(invalid="ignore", divide="ignore"):
        return away / np.sqrt((away**2).mean(axis=-1, keepdims=True)), flat


def _candidates(shapes: Floats, level: NDArray[np.bool_], prices: Floats, m: int, h: int) -> _Past:
    """Windows whose outcome ended before the newest window began, with their outcomes."""
    count = max(0, prices.size - 2 * m - h + 1)
    start = np.arange(count)
    ends, later = prices[start + m - 1], prices[start + m - 1 + h]
    usable = np.isfinite(shapes[:count]).all(axis=-1) & ~level[:count] & (ends > 0) & (later > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return _Past(start[usable], (later / ends - 1)[usable])


def _apart(distance: Floats, start: NDArray[np.int64], gap: int, k: int) -> NDArray[np.int64]:
    """(rows, k): places of the k nearest of each row, earlier ones first among equals, none within `gap` of another.

    -1 where no more are left.
    """
    left = distance.copy()
    chosen = np.full((len(left), k), -1)
    rows = np.arange(len(left))
    for turn in range(k):
        place = left.argmin(axis=-1)
        found = np.isfinite(left[rows, place])
        chosen[found, turn] = place[found]
        left[np.abs(start - start[place][:, None]) < gap] = np.inf
    return chosen


def _chance(past: _Past, gap: int, k: int, reached: float) -> float:
    """Share of random choices whose mean outcome is as far from the mean of all; the choice made counts as one."""
    chosen = _draws(past.start.tobytes(), gap, k)
    mean = np.where(chosen >= 0, past.outcome[chosen], 0).sum(axis=-1) / (chosen >= 0).sum(axis=-1)
    as_far = int((np.abs(mean - past.outcome.mean()) >= reached * (1 - NOISE)).sum())
    return (1 + as_far) / (DRAWS + 1)


@lru_cache(maxsize=16)
def _draws(starts: bytes, gap: int, k: int) -> NDArray[np.int64]:
    """The random choices for windows that start there, (draws, k). They hang on no figure, so stocks share them."""
    generator = np.random.default_rng(SEED)
    start = np.frombuffer(starts, np.int64)
    chosen, done = np.empty((DRAWS, k), np.int64), 0
    while done < DRAWS:
        count = min(DRAWS - done, max(1, CELLS // start.size))
        chosen[done : done + count] = _apart(generator.random((count, start.size)), start, gap, k)
        done += count
    return chosen
