"""The day by the clock (시간대별 수급): execution style, half-session bias, busiest slots.

Slots are bins of the session clock, measured from that day's open; a matrix has the sessions in rows and the slots in
columns. What a group's flow looks like over the day describes the group, not one trader's algorithm.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sugeup.errors import Refused
from sugeup.metrics import samples
from sugeup.metrics.dense import Floats, between, by_blocks, floats, lines, whole
from sugeup.metrics.outcome import Outcome, Reason, Single, codes
from sugeup.registry import metric

STYLES = ("UNCLASSIFIED", "TWAP_LIKE", "VWAP_LIKE", "CLOSE_WEIGHTED")
BIASES = ("SELL", "NEUTRAL", "BUY")


@metric(
    "itd.execution_style",
    korean="매매 시간 분포 유형",
    formula="d_vwap, d_twap: largest distance of the cumulative flow profile from the cumulative volume profile, and "
    "from an even one; close_excess: flow share - volume share of the last close_bins; CLOSE_WEIGHTED if close_excess "
    "≥ tilt; else VWAP_LIKE if d_vwap ≤ ks and smaller than d_twap by at least edge; else TWAP_LIKE, the other way "
    "round; else UNCLASSIFIED",
    unit="label; distances and close_excess as shares of the day",
    window="one session; a statement needs the most frequent label of 10 sessions",
    null_rule="MISSING_INPUT: a bin of either profile is null or negative, or there is none; ZERO_DENOMINATOR: no "
    "flow, or no volume",
    source="Kolmogorov distance of two profiles; Berkowitz, Logue & Noser 1988 for the volume-weighted benchmark",
)
def execution_style(
    flow: ArrayLike,
    volume: ArrayLike,
    *,
    ks: float = 0.10,
    edge: float = 0.02,
    close_bins: int = 1,
    tilt: float = 0.15,
) -> Outcome:
    """Does a group trade along with volume, evenly, or towards the close (매매 시간 분포)?

    flow: (..., bins), absolute same-side flow; volume: (..., bins), turnover of the market; both from the open on. ks,
    edge and tilt in 0-1, close_bins from 1, else Refused. Extras `d_vwap`, `d_twap`, `close_excess`.

    >>> execution_style([1, 1, 1, 7], [2, 2, 2, 4]).at()["value"]
    'CLOSE_WEIGHTED'
    """
    for name, share in (("ks", ks), ("edge", edge), ("tilt", tilt)):
        between(name, share, 0, 1)
    last = whole("close_bins", close_bins, 1)
    shape, (moved, traded) = lines(flow=flow, volume=volume)

    def work(moved: Floats, traded: Floats) -> Outcome:
        known = ((moved >= 0) & (traded >= 0)).all(axis=-1) & (moved.shape[-1] > 0)
        totals = moved.sum(axis=-1), traded.sum(axis=-1)
        idle = (totals[0] == 0) | (totals[1] == 0)
        reason = codes(known.shape, (~known, Reason.MISSING_INPUT), (idle, Reason.ZERO_DENOMINATOR))
        even = np.arange(1, moved.shape[-1] + 1) / max(1, moved.shape[-1])
        with np.errstate(invalid="ignore", divide="ignore"):
            ours, market = moved.cumsum(axis=-1) / totals[0][:, None], traded.cumsum(axis=-1) / totals[1][:, None]
            d_vwap = np.abs(ours - market).max(axis=-1, initial=0)
            d_twap = np.abs(ours - even).max(axis=-1, initial=0)
            late = moved[:, -last:].sum(axis=-1) / totals[0] - traded[:, -last:].sum(axis=-1) / totals[1]
            alike = np.where((d_twap <= ks) & (d_vwap - d_twap >= edge), 1.0, 0.0)
            alike = np.where((d_vwap <= ks) & (d_twap - d_vwap >= edge), 2.0, alike)
            value = np.where(late >= tilt, 3.0, alike)
        extra = {"d_vwap": d_vwap, "d_twap": d_twap, "close_excess": late}
        extra = {name: np.where(reason > 0, np.nan, part) for name, part in extra.items()}
        return Outcome(np.where(reason > 0, np.nan, value), reason, extra, STYLES)

    return _led(shape, by_blocks(work, moved, traded))


@metric(
    "itd.bias",
    korean="오전·오후 매매 성향",
    formula="exact two-sided binomial test of the signs of the nets against one half; BUY or SELL when p ≤ alpha, by "
    "the more frequent sign, else NEUTRAL",
    unit="label; p_value 0-1",
    window="the half-sessions handed in (20 days, before or from 12:00); days with net 0 do not count",
    null_rule="MISSING_INPUT: nets were given and all are null; INSUFFICIENT_HISTORY: fewer than min_n that are not 0",
    source="sign test, exact binomial",
)
def bias(net: ArrayLike, *, min_n: int = 15, alpha: float = 0.05) -> Outcome:
    """Does the group buy or sell in this half of the day more often than chance explains (오전·오후 매매 성향)?

    net: (..., days) in KRW, one half-session a day; min_n from 1, alpha in 0-1, else Refused. Extras `p_value`; `n_pos`
    days bought; `n` days that count.

    >>> bias([1] * 15 + [-1] * 4).at()["value"]
    'BUY'
    """
    least = whole("min_n", min_n, 1)
    between("alpha", alpha, 0, 1)
    shape, (rows,) = lines(net=net)

    def work(rows: Floats) -> Outcome:
        bought, sold = (rows > 0).sum(axis=-1), (rows < 0).sum(axis=-1)
        n = bought + sold
        absent = ~np.isfinite(rows).any(axis=-1) & (rows.shape[-1] > 0)
        reason = codes(n.shape, (absent, Reason.MISSING_INPUT), (n < least, Reason.INSUFFICIENT_HISTORY))
        fair = np.where(reason > 0, np.nan, 0.5)
        p_value = np.minimum(1, 2 * samples.binomial_tail(np.maximum(bought, sold), n, fair))
        with np.errstate(invalid="ignore"):
            label = 1.0 + np.where(p_value <= alpha, np.sign(bought - sold), 0)
        extra = {"p_value": p_value, "n_pos": bought.astype(np.int64), "n": n.astype(np.int64)}
        return Outcome(np.where(reason > 0, np.nan, label), reason, extra, BIASES)

    return _led(shape, by_blocks(work, rows))


@metric(
    "itd.active_slot",
    korean="주 매매 시간대",
    formula="the slot with the largest median share over the sessions, the earlier one of equals; only if that median "
    "is above the even share 1 ÷ slots",
    unit="index of the slot, from 0; median and uniform as shares of the day",
    window="the sessions handed in (20); a session with a null slot is left out, its other shares being unknown",
    null_rule="MISSING_INPUT: no session, or sessions were given and none is complete; INSUFFICIENT_HISTORY: fewer "
    "than min_sessions complete; NO_PATTERN: no slot stands out",
    source="definition",
)
def active_slot(share: ArrayLike, *, min_sessions: int = 10) -> Outcome:
    """When this group usually enters (주 매매 시간대), or leaves when the shares are those of net sales.

    share: (..., sessions, slots), share of each slot in the day's positive net increments; min_sessions from 1, else
    Refused. Extras: `median` of the slot found, `uniform`.

    >>> active_slot([[0.2, 0.5, 0.3]] * 10).at()["value"]
    1
    """
    least = whole("min_sessions", min_sessions, 1)
    matrix = _matrix("share", share)
    slots = matrix.shape[-1]
    complete = np.isfinite(matrix).all(axis=-1) & (slots > 0)
    n = complete.sum(axis=-1)
    middle = samples.median(np.swapaxes(np.where(complete[..., None], matrix, np.nan), -1, -2))
    best = np.where(np.isnan(middle), -np.inf, middle).argmax(axis=-1) if slots else np.zeros(n.shape, dtype=np.int64)
    highest = middle.max(axis=-1, initial=-np.inf)
    uniform = np.full(n.shape, 1 / max(1, slots))
    with np.errstate(invalid="ignore"):
        dull = ~(highest > uniform)
    short = ((n == 0, Reason.MISSING_INPUT), (n < least, Reason.INSUFFICIENT_HISTORY))
    reason = codes(n.shape, *short, (dull, Reason.NO_PATTERN))
    extra = {name: np.where(n < least, np.nan, part) for name, part in (("median", highest), ("uniform", uniform))}
    return Outcome(np.where(reason > 0, np.nan, best), reason, extra, tuple(range(slots)))


@metric(
    "itd.windows",
    korean="유동성 높은 시간대·충격 낮은 시간대",
    formula="high_liquidity: the `top` slots with the highest median turnover share; low_impact: those with the lowest "
    "median illiquidity; the earlier ones of equals; each list in the order of the day",
    unit="indices of slots, from 0",
    window="the sessions handed in (20); null cells are left out, and so is a slot with fewer than min_sessions",
    null_rule="MISSING_INPUT: either matrix is empty or wholly null; INSUFFICIENT_HISTORY: no slot of one of them has "
    "min_sessions",
    source="Amihud 2002 for the illiquidity of a slot; descriptive, no promise about executions",
)
def windows(turnover_share: ArrayLike, illiq: ArrayLike, *, top: int = 2, min_sessions: int = 10) -> Single:
    """At what times this market is deep, and at what times money moves it least (시간대별 유동성·가격 충격).

    turnover_share, illiq: (sessions, slots), same slots; share of the day's turnover, and |return| ÷ turnover; top and
    min_sessions from 1, else Refused. Value {"high_liquidity": [slot, ...], "low_impact": [slot, ...]}.

    >>> windows([[0.5, 0.3, 0.2]] * 10, [[3, 1, 2]] * 10, top=1).value
    {'high_liquidity': [0], 'low_impact': [1]}
    """
    most, least = whole("top", top, 1), whole("min_sessions", min_sessions, 1)
    matrices = [_matrix("turnover_share", turnover_share), _matrix("illiq", illiq)]
    if any(not np.isfinite(matrix).any() for matrix in matrices):
        return Single(None, Reason.MISSING_INPUT.name)
    if any(matrix.ndim != 2 for matrix in matrices) or matrices[0].shape[1] != matrices[1].shape[1]:
        shown = ", ".join(str(matrix.shape) for matrix in matrices)
        raise Refused(f"turnover_share and illiq must be matrices with the same slots; received shapes {shown}.")
    medians = []
    for matrix in matrices:
        columns = matrix.T
        medians.append(np.where(samples.counts(columns) >= least, samples.median(columns), np.nan))
    if any(np.isnan(median).all() for median in medians):
        return Single(None, Reason.INSUFFICIENT_HISTORY.name)
    return Single({"high_liquidity": _first(-medians[0], most), "low_impact": _first(medians[1], most)})


def _first(figures: Floats, most: int) -> list[int]:
    """Places of the smallest figures, earlier ones first among equals, in ascending order."""
    order = np.argsort(figures, kind="stable")[:most]
    return sorted(int(place) for place in order if np.isfinite(figures[place]))


def _matrix(name: str, values: ArrayLike | None) -> Floats:
    matrix = floats(name, [] if values is None else values)
    if matrix.ndim >= 2:
        return matrix
    if matrix.size:
        raise Refused(f"{name} must hold sessions in rows and slots in columns; received shape {matrix.shape}.")
    return matrix.reshape(0, 0)


def _led(shape: tuple[int, ...], rows: Outcome) -> Outcome:
    """The outcome of flattened samples in the shape of their leading axes."""
    lead = shape[:-1]
    extra = {name: part.reshape(lead) for name, part in rows.extra.items()}
    return Outcome(rows.value.reshape(lead), rows.reason.reshape(lead), extra, rows.labels)
