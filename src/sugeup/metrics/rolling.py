"""Rolling measures of matrices of shape (rows, sessions), oldest session first: a few rows in numpy, markets compiled.

Compiled loops (`kernels.rolling`) take half a second until the first of them runs, longer than all the rest of an
answer about one stock; numpy needs room for every window of a row. So up to `CELLS` numbers are worked on here, more
there, with the same digits: sums are taken in the same order, afresh over each window. NaN is missing, `reason` holds
`Reason` codes. Every function answers for the last `last` sessions, None for all, from the columns that they need.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from sugeup.metrics.dense import Floats
from sugeup.metrics.outcome import Reason, codes

CELLS = 1 << 13
MIN_Z = 20  # fewest past values behind a robust z
MAD_TO_SD = 1.4826
MEAN_AD_TO_SD = 1.2533
ROUNDING = 8 * 2.220446049250313e-16  # a spread below this share of the level is rounding noise, not variation

Reasons = NDArray[np.uint8]
Counts = NDArray[np.int64]


def ratio_percentile(
    net: Floats, turnover: Floats, window: int, ref: int, least: int, size_only: bool, last: int | None = None
) -> tuple[Floats, Floats, Reasons]:
    """Window ratio (its size when `size_only`) and its rank among the `ref` windows that end `window` rows earlier."""
    last, (net, turnover) = _needed(ref + 2 * window - 1, last, net, turnover)
    if net.size > CELLS:
        return _compiled("ratio_percentile", last, net, turnover, window, ref, least, size_only)  # type: ignore[no-any-return]
    ratio, reason = _ratio(net, turnover, window, last + ref + window)
    ratio = np.abs(ratio) if size_only else ratio
    past = _windows(ratio, ref + window, last)[..., :ref]
    ratio, reason = ratio[:, -last:], reason[:, -last:]
    here = ratio[..., None]
    below, equal, present = (np.count_nonzero(found, axis=-1) for found in (past < here, past == here, past == past))
    with np.errstate(divide="ignore", invalid="ignore"):
        rank = 100.0 * (below + 0.5 * equal) / present
    few = (reason == 0) & (present < max(least, 1))
    rank[few | (reason > 0)] = np.nan
    return ratio, rank, np.where(few, np.uint8(Reason.INSUFFICIENT_HISTORY), reason)


def momentum(
    net: Floats, turnover: Floats, fast: int, slow: int, ref: int, last: int | None = None
) -> tuple[Floats, Floats, Reasons]:
    """10Φ(z) and z: robust z of (mean of the last `fast` - mean of the last `slow`) daily ratios in its last `ref`."""
    last, (net, turnover) = _needed(ref + slow, last, net, turnover)
    if net.size > CELLS:
        return _compiled("momentum", last, net, turnover, fast, slow, ref)  # type: ignore[no-any-return]
    daily, _ = _ratio(net, turnover, 1, last + ref + slow)
    _, reason = _ratio(net, turnover, slow, last + ref)
    near, far = (_sum(_windows(daily, span, last + ref)) for span in (fast, slow))
    spread = np.where(reason > 0, np.nan, near / fast - far / slow)
    past = np.sort(_windows(spread, ref + 1, last)[..., :ref], axis=-1)
    spread, reason = spread[:, -last:], reason[:, -last:]
    z, count = _robust_z(past, spread)
    short = (reason == 0) & (count < MIN_Z)
    z[short | (reason > 0)] = np.nan
    rules = ((short, Reason.INSUFFICIENT_HISTORY), ((reason == 0) & np.isnan(z), Reason.ZERO_VARIANCE))
    score = np.array([5.0 * math.erfc(-one / math.sqrt(2.0)) for one in z.ravel()]).reshape(z.shape)
    return score, z, np.where(reason > 0, reason, codes(z.shape, *rules))


def spearman(
    net: Floats, turnover: Floats, ret: Floats, window: int, least: int, last: int | None = None
) -> tuple[Floats, Counts, Reasons]:
    """Rank correlation of net ÷ turnover and return over the pairs present in the last `window` sessions."""
    last, (net, turnover, ret) = _needed(window, last, net, turnover, ret)
    if net.size > CELLS:
        return _compiled("spearman", last, net, turnover, ret, window, least)  # type: ignore[no-any-return]
    x, y = (_ranks(_windows(series, window, last)) for series in _pairs(net, turnover, ret))
    n = np.count_nonzero(x, axis=-1)
    centre = n * (0.5 * (n + 1)) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.sqrt(((x * x).sum(axis=-1) - centre) * ((y * y).sum(axis=-1) - centre))
        value = np.clip(((x * y).sum(axis=-1) - centre) / scale, -1.0, 1.0)
    reason = codes(n.shape, *_fewer(n, least), (~(scale > 0), Reason.ZERO_VARIANCE))
    return np.where(reason > 0, np.nan, value), n, reason


def impact(
    net: Floats, turnover: Floats, ret: Floats, window: int, least: int, lag: int, last: int | None = None
) -> tuple[Floats, Floats, Counts, Reasons]:
    """Least-squares slope of return on net ÷ turnover and its Newey-West t, over the pairs present in the window."""
    last, (net, turnover, ret) = _needed(window, last, net, turnover, ret)
    if net.size > CELLS:
        return _compiled("impact", last, net, turnover, ret, window, least, lag)  # type: ignore[no-any-return]
    x, y = (_windows(series, window, last) for series in _pairs(net, turnover, ret))
    absent = np.isnan(x)
    closed_up = np.argsort(absent, axis=-1, kind="stable")
    x, y, absent = (np.take_along_axis(array, closed_up, axis=-1) for array in (x, y, absent))
    n = window - np.count_nonzero(absent, axis=-1)
    low, high = np.where(absent, np.inf, x).min(axis=-1), np.where(absent, -np.inf, x).max(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        x, y = (np.where(absent, 0.0, array - (_sum(array) / n)[..., None]) for array in (x, y))
        xx = _sum(x * x)
        slope = _sum(x * y) / xx
        error = np.sqrt(_long_run_sum(x * (y - slope[..., None] * x), n, lag)) / xx
        t_value = np.where(error > 0.0, slope / error, np.nan)
        constant = high - low <= ROUNDING * np.maximum(np.abs(low), np.abs(high))
    reason = codes(n.shape, *_fewer(n, least), (constant, Reason.ZERO_VARIANCE))
    slope, t_value = (np.where(reason > 0, np.nan, array) for array in (slope, t_value))
    return slope, t_value, n, reason


def illiquidity(
    ret: Floats, turnover: Floats, window: int, least: int, scale: float, last: int | None = None
) -> tuple[Floats, Counts, Reasons]:
    """Mean of |return| ÷ turnover * `scale` over the traded sessions of the window."""
    last, (ret, turnover) = _needed(window, last, ret, turnover)
    if ret.size > CELLS:
        return _compiled("illiquidity", last, ret, turnover, window, least, scale)  # type: ignore[no-any-return]
    traded = np.isfinite(ret) & (turnover > 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        daily = np.where(traded, np.abs(ret) / turnover, np.nan)
        n = _count(traded, window, last)
        value = _sum(_windows(daily, window, last)) / n * scale
    reason = codes(n.shape, *_fewer(n, least))
    return np.where(reason > 0, np.nan, value), n, reason


def one_way(
    net: Floats, window: int, least: int, last: int | None = None
) -> tuple[Floats, NDArray[np.int8], Floats, Reasons]:
    """|Σnet| ÷ Σ|net| over the n sessions present in the window, the sign of Σnet and 1 ÷ √n."""
    last, (net,) = _needed(window, last, net)
    if net.size > CELLS:
        return _compiled("one_way", last, net, window, least)  # type: ignore[no-any-return]
    past = _windows(net, window, last)
    total, size, n = _sum(past), _sum(np.abs(past)), _count(np.isfinite(net), window, last)
    reason = codes(n.shape, *_fewer(n, least), (size == 0.0, Reason.ZERO_DENOMINATOR))
    with np.errstate(divide="ignore", invalid="ignore"):
        value, noise = (np.where(reason > 0, np.nan, array) for array in (np.abs(total) / size, 1.0 / np.sqrt(n)))
    return value, np.where(reason > 0, -128, np.sign(total)).astype(np.int8), noise, reason


def change(net: Floats, period: int, lag: int, last: int | None = None) -> tuple[Floats, Reasons]:
    """Sum of the last `period` sessions minus the sum of as many ending `lag` sessions earlier."""
    last, (net,) = _needed(period + lag, last, net)
    if net.size > CELLS:
        return _compiled("change", last, net, period, lag)  # type: ignore[no-any-return]
    past = _windows(net, period + lag, last)
    value = _sum(past[..., lag:], skip=False) - _sum(past[..., :period], skip=False)
    rules = (
        (~np.isfinite(net[:, -last:]), Reason.MISSING_INPUT),
        (_early(net, period + lag, last), Reason.INSUFFICIENT_HISTORY),
        (~np.isfinite(value), Reason.MISSING_INPUT),
    )
    reason = codes(value.shape, *rules)
    return np.where(reason > 0, np.nan, value), reason


def _needed(reach: int, last: int | None, *arrays: Floats) -> tuple[int, list[Floats]]:
    """How many sessions are answered, and the columns that they are computed from: `reach` up to each of them."""
    sessions = arrays[0].shape[1]
    last = sessions if last is None else min(last, sessions)
    return last, [array[:, max(0, sessions - last - reach + 1) :] for array in arrays]


def _compiled(name: str, last: int, *given: Any) -> Any:
    """The same by the compiled loop of that name."""
    from sugeup.metrics.kernels import rolling

    whole = (np.require(one, requirements=["C", "W"]) if isinstance(one, np.ndarray) else one for one in given)
    return tuple(part[:, part.shape[1] - last :] for part in getattr(rolling, name)(*whole))


def _windows(array: Floats, window: int, last: int) -> Floats:
    """(rows, last, window): the `window` cells up to each of the last sessions, oldest first; NaN before the first."""
    rows, sessions = array.shape
    last = min(last, sessions)
    inside = array[:, max(0, sessions - last - window + 1) :]
    padded = np.full((rows, last + window - 1), np.nan)
    padded[:, padded.shape[1] - inside.shape[1] :] = inside
    return sliding_window_view(padded, window, axis=1) if last else np.empty((rows, 0, window))


def _sum(past: Floats, *, skip: bool = True) -> Floats:
    """Sum of the last axis, one after the other as a loop adds them; `skip`: without NaN."""
    added = np.where(np.isnan(past), 0.0, past) if skip else past
    return np.cumsum(added, axis=-1)[..., -1]


def _count(flags: NDArray[np.bool_], window: int, last: int) -> Counts:
    """How many flags are set in the windows of the last sessions."""
    total = np.zeros((flags.shape[0], flags.shape[1] + window), np.int64)
    np.cumsum(flags, axis=1, out=total[:, window:])
    return (total[:, window:] - total[:, :-window])[:, -last:]


def _early(array: Floats, window: int, last: int) -> NDArray[np.bool_]:
    """Which of the last sessions have fewer than `window` up to them."""
    return np.arange(array.shape[1])[-last:] < window - 1


def _fewer(n: Counts, least: int) -> tuple[tuple[NDArray[np.bool_], Reason], ...]:
    """Why a window with n observations has no value."""
    few = n < least
    return (few & (n == 0), Reason.MISSING_INPUT), (few, Reason.INSUFFICIENT_HISTORY)


def _ratio(net: Floats, turnover: Floats, window: int, last: int) -> tuple[Floats, Reasons]:
    """Σnet ÷ Σturnover over `window` sessions; null when any session of the window is null or has no turnover."""
    idle = turnover == 0.0
    absent = ~(np.isfinite(net) & (turnover >= 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = _sum(_windows(net, window, last)) / _sum(_windows(turnover, window, last))
    now = (absent[:, -last:], idle[:, -last:])
    reason = codes(
        ratio.shape,
        (now[0] & now[1], Reason.HALTED),
        (now[0], Reason.MISSING_INPUT),
        (_early(net, window, last), Reason.INSUFFICIENT_HISTORY),
        (_count(absent, window, last) > 0, Reason.MISSING_INPUT),
        (_count(idle, window, last) > 0, Reason.ZERO_DENOMINATOR),
    )
    return np.where(reason > 0, np.nan, ratio), reason


def _pairs(net: Floats, turnover: Floats, ret: Floats) -> tuple[Floats, Floats]:
    """Net ÷ turnover and return of the sessions that have both; NaN elsewhere."""
    known = np.isfinite(net) & (turnover > 0.0) & np.isfinite(ret)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(known, net / turnover, np.nan), np.where(known, ret, np.nan)


def _ranks(past: Floats) -> Floats:
    """Average ranks inside the last axis; 0 for NaN."""
    order = np.argsort(past, axis=-1)
    ordered = np.take_along_axis(past, order, axis=-1)
    place = np.arange(past.shape[-1])
    begins = np.ones(past.shape, bool)
    begins[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    ends = np.ones(past.shape, bool)
    ends[..., :-1] = begins[..., 1:]
    first = np.maximum.accumulate(np.where(begins, place, 0), axis=-1)
    last = np.minimum.accumulate(np.where(ends, place, place[-1])[..., ::-1], axis=-1)[..., ::-1]
    ranks = np.empty(past.shape)
    np.put_along_axis(ranks, order, np.where(np.isnan(ordered), 0.0, 0.5 * (first + last) + 1.0), axis=-1)
    return ranks


def _robust_z(past: Floats, x: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Robust z of x against values in ascending order, NaN last, and how many there are; NaN where it is no number."""
    n = np.count_nonzero(~np.isnan(past), axis=-1)
    low, high = np.maximum(n - 1, 0)[..., None] // 2, np.minimum(n // 2, past.shape[-1] - 1)[..., None]

    def middle(ordered: Floats) -> Floats:
        found: Floats = np.take_along_axis(ordered, low, axis=-1) + np.take_along_axis(ordered, high, axis=-1)
        return found[..., 0]

    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        median = 0.5 * middle(past)
        away = np.abs(past - median[..., None])
        scale = MAD_TO_SD * 0.5 * middle(np.sort(away, axis=-1))
        scale = np.where(scale == 0.0, MEAN_AD_TO_SD * _sum(away) / n, scale)
        z = (x - median) / scale
        return np.where((scale > 0.0) & np.isfinite(scale) & np.isfinite(z), z, np.nan), n


def _long_run_sum(u: Floats, n: NDArray[np.int64], lag: int) -> Floats:
    """Σu² + 2Σ(1 - l/(lag+1))Σu[t]u[t-l] over the first n of the last axis; zeros follow them."""
    total, run = np.zeros(n.shape), np.zeros(n.shape)
    for t in range(u.shape[-1] + lag):
        if t < u.shape[-1]:
            run += u[..., t]
        if t > lag:
            run -= u[..., t - lag - 1]
        total += np.where(t < n + lag, run * run, 0.0)
    found: Floats = total / (lag + 1)
    return found
