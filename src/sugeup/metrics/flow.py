"""Flow of the whole market or of one stock (자금 흐름): size, agreement, persistence and a tested forecast."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sugeup.metrics import samples
from sugeup.metrics.dense import Floats, between, by_blocks, cells, lines, newest, whole
from sugeup.metrics.outcome import Outcome, Reason, codes
from sugeup.metrics.windows import newest_sessions, on_leading_axes, over_windows
from sugeup.registry import metric

GROUPS = ("foreign", "institution", "individual", "other_corporation")
COMPILED = 1 << 16
"""Numbers in windows from which on persistence is told by a compiled loop, with the same digits."""


@dataclass(frozen=True, eq=False)
class Strength(Outcome):
    """An outcome whose extras `dominance_{group}` read as one map `dominance` in a single cell."""

    def at(self, *index: int) -> dict[str, Any]:
        """One cell as plain values; `dominance` is null as a whole when no group has one."""
        cell = super().at(*index)
        parts = {group: cell.pop(f"dominance_{group}") for group in GROUPS}
        return cell | {"dominance": parts if any(part is not None for part in parts.values()) else None}


@metric(
    "flow.strength",
    korean="자금 이동 규모",
    formula="half the sum of the sizes of the nets of the four groups: what changed hands between them; transfer_pct = "
    "100 * value ÷ turnover; directional = foreign + institution; dominance = size of a group's net ÷ value",
    unit="KRW; transfer_pct in %; dominance 0-1",
    window="the period of the amounts",
    null_rule="MISSING_INPUT: any of the four groups is null; a null or negative turnover takes only transfer_pct "
    "away, ZERO_DENOMINATOR when it is 0; dominance is null when no group has a net",
    source="the nets of all groups add to zero, so half of their sizes is what moved",
)
def strength(net: Mapping[str, ArrayLike], turnover: ArrayLike) -> Strength:
    """How much money moved between the investor groups, and who moved it (자금 이동 규모).

    net: foreign, institution, individual and other_corporation, each (...) in KRW; turnover: (...), one-sided, in KRW.
    Extras `transfer_pct`, `directional` and `dominance` (arrays `dominance_{group}`).

    >>> flows = {"foreign": 60, "institution": -40, "individual": -20, "other_corporation": 0}
    >>> strength(flows, 1000).at()["dominance"]
    {'foreign': 1.0, 'institution': 0.6666666666666666, 'individual': 0.3333333333333333, 'other_corporation': 0.0}
    """

    def work(traded: Floats, *nets: Floats) -> Outcome:
        sizes = np.abs(nets)
        absent = np.isnan(sizes).any(axis=0)
        transfer = 0.5 * sizes.sum(axis=0)
        rules = ((absent | ~(traded >= 0), Reason.MISSING_INPUT), (traded == 0, Reason.ZERO_DENOMINATOR))
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(absent | ~(traded > 0), np.nan, 100 * transfer / traded)
            parts = [np.where(absent | (transfer == 0), np.nan, size / transfer) for size in sizes]
        named = {f"dominance_{group}": part for group, part in zip(GROUPS, parts, strict=True)}
        directional = np.where(absent, np.nan, nets[0] + nets[1])
        extra = {"transfer_pct": share, "directional": directional, **named}
        return Outcome(np.where(absent, np.nan, transfer), codes(transfer.shape, *rules), extra)

    found = by_blocks(work, *cells(turnover=turnover, **{group: net.get(group) for group in GROUPS}))
    return Strength(found.value, found.reason, found.extra)


@metric(
    "flow.alignment",
    korean="외국인·기관 동조",
    formula="sign of foreign_net * institution_net, times the smaller of their sizes ÷ the larger",
    unit="-1 to 1",
    window="the period of the amounts",
    null_rule="MISSING_INPUT: either net is null; ZERO_DENOMINATOR: both are 0",
    source="definition",
)
def alignment(foreign_net: ArrayLike, institution_net: ArrayLike) -> Outcome:
    """Do foreigners and institutions pull in one direction (외국인·기관 동조)? 1 equally, -1 against each other.

    foreign_net, institution_net: (...) in KRW.

    >>> alignment(300, -120).at()
    {'value': -0.4}
    """

    def work(foreign: Floats, institution: Floats) -> Outcome:
        low, high = np.minimum(np.abs(foreign), np.abs(institution)), np.maximum(np.abs(foreign), np.abs(institution))
        rules = ((np.isnan(low), Reason.MISSING_INPUT), (high == 0, Reason.ZERO_DENOMINATOR))
        reason = codes(low.shape, *rules)
        with np.errstate(invalid="ignore", divide="ignore"):
            value = np.sign(foreign) * np.sign(institution) * (low / high) + 0.0
        return Outcome(np.where(reason > 0, np.nan, value), reason)

    return by_blocks(work, *cells(foreign_net=foreign_net, institution_net=institution_net))


@metric(
    "flow.stealth",
    korean="조용한 매집",
    formula="flow_percentile * (100 - abs_return_percentile) ÷ 100",
    unit="0-100",
    window="10 sessions: the percentiles of their flow and of the size of their excess return",
    null_rule="MISSING_INPUT: either percentile is null",
    source="idea of Barclay & Warner 1993, Journal of Financial Economics 34: informed size without a price move",
)
def stealth(flow_percentile: ArrayLike, abs_return_percentile: ArrayLike) -> Outcome:
    """Is somebody buying without moving the price (조용한 매집)? High: strong inflow, hardly any move.

    flow_percentile, abs_return_percentile: (...), 0-100, else Refused; the flow is signed.

    >>> stealth(90, 20).at()
    {'value': 72.0}
    """
    named = {"flow_percentile": flow_percentile, "abs_return_percentile": abs_return_percentile}
    for name, values in named.items():
        between(name, values, 0, 100)

    def work(flow: Floats, move: Floats) -> Outcome:
        value = flow * (100 - move) / 100
        return Outcome(value, codes(value.shape, (np.isnan(value), Reason.MISSING_INPUT)))

    return by_blocks(work, *cells(**named))


@metric(
    "flow.persistence",
    korean="수급 지속성",
    formula="least-squares slope of x on the x before it, x = net ÷ turnover; half_life = ln ½ ÷ ln slope, null unless "
    "the slope is between 0 and 1; variance_ratio of sums over q sessions, overlapping",
    unit="slope; half_life in sessions; ratio",
    window="60 sessions; sessions without x are left out and the rest closed up",
    null_rule="MISSING_INPUT: no session of the window has x; INSUFFICIENT_HISTORY: fewer than min_n have; "
    "ZERO_VARIANCE: x is constant",
    source="Froot, O'Connell & Seasholes 2001, Journal of Financial Economics 59; Lo & MacKinlay 1988",
)
def persistence(
    net: ArrayLike, turnover: ArrayLike, *, window: int = 60, min_n: int = 40, q: int = 5, last: int | None = None
) -> Outcome:
    """Does buying go on the next day (수급 지속성), and how long until half of it is gone?

    net, turnover: (..., sessions) in KRW, oldest first; one value per session. Extras: `half_life`, `variance_ratio`
    (1: no memory, above: persistent), `n` sessions used.

    >>> round(persistence([1, 1, 0, 0] * 10, [1] * 40).at(-1)["value"], 6)
    0.026316
    """
    span, least, reach = whole("window", window, 3), whole("min_n", min_n, 3), whole("q", q, 2)
    shape, (flow, traded) = lines(net=net, turnover=turnover)
    with np.errstate(invalid="ignore", divide="ignore"):
        daily = np.where(traded > 0, flow / traded, np.nan)

    def told(slope: Floats, ratio: Floats, n: Any, constant: Any) -> Outcome:
        few = n < least
        rules = ((few & (n == 0), Reason.MISSING_INPUT), (few, Reason.INSUFFICIENT_HISTORY))
        reason = codes(n.shape, *rules, (constant, Reason.ZERO_VARIANCE))
        with np.errstate(invalid="ignore", divide="ignore"):
            half = np.where((slope > 0) & (slope < 1), math.log(0.5) / np.log(np.abs(slope)), np.nan)
        slope, half, ratio = (np.where(reason > 0, np.nan, part) for part in (slope, half, ratio))
        return Outcome(slope, reason, {"half_life": half, "variance_ratio": ratio, "n": n.astype(np.int64)})

    def work(x: Floats) -> Outcome:
        n = samples.counts(x)
        ratio, constant = samples.variance_ratio(x, reach)
        slope, flat = _lagged_slope(samples.compacted(x), n)
        return told(slope, ratio, n, constant | flat)

    kept = newest(last)
    answered = daily.shape[1] if kept is None else min(kept, daily.shape[1])
    if daily.shape[0] * answered * span > COMPILED and reach < span <= 128:
        from sugeup.metrics.kernels import persistence as kernels

        parts = kernels.persistence(np.ascontiguousarray(daily), span, least, reach, answered)
        return newest_sessions(told(*parts), shape, None)
    found = over_windows(work, span, kept, daily)
    return newest_sessions(found, shape, None)


@metric(
    "flow.forecast",
    korean="수급 1일 예측",
    formula="intercept + phi * newest x, least squares of x on the x before it over all rows; oos_r2 = 1 - summed "
    "squared errors of that rule ÷ those of the mean so far, each row from min_train on predicted from the rows before",
    unit="unit of x (net ÷ turnover)",
    window="all rows handed in, nulls closed up",
    null_rule="MISSING_INPUT: rows were given and all are null; INSUFFICIENT_HISTORY: fewer than min_train + min_oos; "
    "ZERO_VARIANCE: constant; NO_SKILL: oos_r2 is not above 0 (it is still given, with phi and intercept)",
    source="Campbell & Thompson 2008, Review of Financial Studies 21, for the out-of-sample R²",
)
def forecast(x: ArrayLike, *, min_train: int = 60, min_oos: int = 20) -> Outcome:
    """Tomorrow's flow from today's (수급 예측), said only if that rule has beaten the mean so far.

    x: (..., sessions), oldest first. Extras: `phi`, `intercept`, `oos_r2`.

    >>> forecast([1.0, -0.5] * 50).at()["value"]
    1.0
    """
    train, tested = whole("min_train", min_train, 3), whole("min_oos", min_oos, 1)
    shape, (rows,) = lines(x=x)

    def work(rows: Floats) -> Outcome:
        n, values = samples.counts(rows), samples.compacted(rows)
        few = n < train + tested
        with np.errstate(invalid="ignore", divide="ignore"):
            centre = np.nansum(values, axis=-1) / n
            away = np.nan_to_num(values - centre[:, None])
            slopes, intercepts, means, flat = _expanding_fit(away, values)
            place = np.arange(rows.shape[-1])
            judged = (place >= train) & (place < n[:, None])
            before = np.concatenate([np.zeros((len(away), 1)), away[:, :-1]], axis=-1)
            missed = np.where(judged, away - intercepts[:, :-1] - slopes[:, :-1] * before, 0)
            plain = np.where(judged, away - means[:, :-1], 0)
            skill = 1 - (missed**2).sum(axis=-1) / (plain**2).sum(axis=-1)
        end = n.astype(np.int64)[:, None]
        phi, level, dull = (np.take_along_axis(part, end, axis=-1)[:, 0] for part in (slopes, intercepts, flat))
        short = ((few & (n == 0) & (rows.shape[-1] > 0), Reason.MISSING_INPUT), (few, Reason.INSUFFICIENT_HISTORY))
        reason = codes(n.shape, *short, (dull | ~np.isfinite(skill), Reason.ZERO_VARIANCE))
        none = reason > 0
        phi, level, skill = (np.where(none, np.nan, part) for part in (phi, level + centre * (1 - phi), skill))
        newest_x = np.take_along_axis(values, np.maximum(end - 1, 0), axis=-1)[:, 0] if rows.shape[-1] else phi
        reason = np.where(none, reason, codes(n.shape, (~(skill > 0), Reason.NO_SKILL)))
        value = np.where(reason > 0, np.nan, level + phi * newest_x)
        return Outcome(value, reason, {"phi": phi, "intercept": level, "oos_r2": skill})

    return on_leading_axes(by_blocks(work, rows), shape)


def _lagged_slope(values: Floats, n: Floats) -> tuple[Floats, Any]:
    """Least-squares slope of each value on the one before it, of rows whose n values stand in front; and if flat."""
    known = np.isfinite(values[:, 1:])
    before, after = np.where(known, values[:, :-1], np.nan), values[:, 1:]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(before, axis=-1) / (n - 1)
        left = np.nan_to_num(before - mean[:, None])
        right = np.nan_to_num(after - (np.nansum(after, axis=-1) / (n - 1))[:, None])
        flat = np.abs(left).max(axis=-1, initial=0) <= 8 * np.finfo(float).eps * np.abs(mean)
        return (left * right).sum(axis=-1) / (left * left).sum(axis=-1), flat


def _expanding_fit(away: Floats, values: Floats) -> tuple[Floats, Floats, Floats, Any]:
    """Column t: slope and intercept of a value on the one before it, mean, and if flat, over the first t columns."""
    count, length = away.shape
    slopes, intercepts, means = (np.zeros((count, length + 1)) for _ in range(3))
    flat = np.ones((count, length + 1), dtype=bool)
    if length < 2:
        return slopes, intercepts, means, flat
    x, y = away[:, :-1], away[:, 1:]
    pairs = np.arange(1, length)
    sx, sy, sxx, sxy = (part.cumsum(axis=-1) for part in (x, y, x * x, x * y))
    with np.errstate(invalid="ignore", divide="ignore"):
        known = np.nan_to_num(values[:, :-1], nan=0.0)
        low, high = np.minimum.accumulate(known, axis=-1), np.maximum.accumulate(known, axis=-1)
        flat[:, 2:] = high - low <= 8 * np.finfo(float).eps * np.maximum(np.abs(low), np.abs(high))
        steep = (sxy - sx * sy / pairs) / (sxx - sx * sx / pairs)
    slopes[:, 2:] = np.where(flat[:, 2:], 0.0, steep)
    intercepts[:, 2:] = (sy - slopes[:, 2:] * sx) / pairs
    means[:, 1:] = away.cumsum(axis=-1) / np.arange(1, length + 1)
    return slopes, intercepts, means, flat
