"""What came after a session: the return ahead of the index, and intervals of what groups gained by their timing."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from sugeup.metrics.dense import Floats
from sugeup.metrics.intervals import DRAWS, SEED

Interval = tuple[float, float]


def excess(ret: Floats, bench: Floats, h: int) -> Floats:
    """f of `beh.timing_forward`: compounded return over the h sessions after each, less that of the index.

    ret, bench: (..., sessions), decimal. NaN where one of those returns is missing, and on the last h sessions.
    """
    found: Floats = np.full(np.broadcast_shapes(ret.shape, bench.shape), np.nan)
    ended = ret.shape[-1] - h
    if ended > 0:
        ahead = [
            np.prod([1 + side[..., step : step + ended] for step in range(1, h + 1)], axis=0) for side in (ret, bench)
        ]
        found[..., :ended] = ahead[0] - ahead[1]
    return found


def timing(net: Floats, after: Floats, block: int, *, conf: float = 0.95) -> dict[str, Interval] | None:
    """Intervals of `value`, `buy_timing` and `sell_timing` of `beh.timing_forward`: circular block bootstrap.

    net: (sessions,) in KRW or shares; after: (sessions,), the f of each. Sessions that lack one are closed up, blocks
    have `block` sessions, the base is taken anew in every resample. None without a purchase and a sale.
    """
    known = np.isfinite(net) & np.isfinite(after)
    flow, gained = net[known], after[known]
    bought, sold = flow > 0, flow < 0
    if not bought.any() or not sold.any():
        return None
    rows = np.stack([bought * gained, bought, sold * gained, sold, gained])
    with np.errstate(invalid="ignore", divide="ignore"):
        up, n_buy, down, n_sell, whole = _resampled(rows, block)
        base = whole / len(flow)
        buy, sell = up / n_buy - base, base - down / n_sell
        overall = (n_buy * buy + n_sell * sell) / (n_buy + n_sell)
    parts = {"value": overall, "buy_timing": buy, "sell_timing": sell}
    return {name: _middle(drawn, conf) for name, drawn in parts.items()}


def skill(sign: Floats, after: Floats, *, conf: float = 0.95) -> Interval | None:
    """Interval of `beh.timing_hm` over periods that do not overlap: bootstrap of periods; None where it is undefined.

    sign, after: (periods,), as the metric takes them; periods with a zero or a null are left out.
    """
    known = np.isfinite(sign) & np.isfinite(after) & (sign != 0) & (after != 0)
    bought, up = sign[known] > 0, after[known] > 0
    if up.all() or not up.any():
        return None
    with np.errstate(invalid="ignore", divide="ignore"):
        hits, ups, misses, downs = _resampled(np.stack([bought & up, up, bought & ~up, ~up]), 1)
        drawn = hits / ups + (1 - misses / downs) - 1
    return _middle(drawn, conf)


def _middle(drawn: Floats, conf: float) -> Interval:
    low, high = np.quantile(drawn[np.isfinite(drawn)], [(1 - conf) / 2, (1 + conf) / 2])
    return float(low), float(high)


def _resampled(rows: Floats, block: int) -> Floats:
    """(rows, DRAWS): sums of each row over resamples of as many sessions, in circular blocks; the last is cut short.

    Sums of blocks are taken first and then drawn, which needs no product of large matrices and gives the same digits on
    every machine.
    """
    n = rows.shape[1]
    length = min(block, n)
    starts = _starts(n, length)
    round_trip = np.concatenate([rows, rows[:, : length - 1]], axis=1).astype(np.float64)
    rest = n - (starts.shape[1] - 1) * length
    whole, cut = (sliding_window_view(round_trip, size, axis=1).sum(axis=-1)[:, :n] for size in (length, rest))
    found: Floats = whole[:, starts[:, :-1]].sum(axis=-1) + cut[:, starts[:, -1]]
    return found


@lru_cache(maxsize=8)
def _starts(n: int, block: int) -> NDArray[np.int64]:
    """(DRAWS, blocks): where each block of each resample begins."""
    return np.random.default_rng(SEED).integers(0, n, size=(DRAWS, -(-n // block)))
