"""수급 예측의 적중: does a forecast of flows tell the sign of the next week's better than the sign of the last week?

The event is the sign of Σnet ÷ Σturnover over the next five sessions; the benchmark says that it stays as it was over
the last five (sign persistence), on the same stocks and sessions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sugeup.metrics import alerts, flow, investor, statistics
from sugeup.research import detectors, events, resampling
from sugeup.research.detectors import WEEK
from sugeup.research.figures import Figures, Floats

INVESTORS = ("foreign", "institution", "individual")
BLOCK = 20
"""Sessions drawn together."""
AT_ONCE = 64
"""Histories handed to `flow.forecast` at once."""


def after(weekly: Floats) -> Floats:
    """What the flow of the five sessions after each session was, (stocks, sessions); NaN where not known."""
    found = np.full(weekly.shape, np.nan)
    found[:, :-WEEK] = weekly[:, WEEK:]
    return found


def forecast(x: Floats) -> Floats:
    """Sign of `flow.forecast` on every fifth session from what was known then, (stocks, sessions); NaN elsewhere."""
    found = np.full(x.shape, np.nan)
    place = np.arange(x.shape[1])
    row, end = (part.ravel() for part in np.meshgrid(np.arange(len(x)), place[WEEK - 1 :: WEEK], indexing="ij"))
    known = np.isfinite(x[row, end])
    row, end = row[known], end[known]
    for first in range(0, len(row), AT_ONCE):
        rows, ends = row[first : first + AT_ONCE], end[first : first + AT_ONCE]
        history = np.where(place <= ends[:, None], x[rows], np.nan)[:, : ends.max() + 1]
        found[rows, ends] = np.sign(flow.forecast(history).value)
    return found


def trend(market: Figures, one: str) -> Floats:
    """`inv.trend` as a sign: 1 ACCUMULATING, -1 DISTRIBUTING, NaN when neutral or not known."""
    label = investor.trend(market.net[one], market.turnover).value - 1
    return np.where(label == 0, np.nan, label)


def reversal(market: Figures, one: str) -> Floats:
    """`alr.flow_reversal` as a sign: 1 to buying, -1 to selling, NaN without a turn."""
    now = detectors.scores(market, one)
    before = np.full(now.shape, np.nan)
    before[:, WEEK:] = now[:, :-WEEK]
    told = alerts.flow_reversal(now, before)
    return np.where(told.value == 1, np.where(told.extra["direction"] == "TO_BUY", 1.0, -1.0), np.nan)


def rows(level: str, market: Figures) -> list[dict[str, Any]]:
    """One row for each investor and signal that said something."""
    found = []
    for one in INVESTORS:
        last = detectors.weekly(market, one)
        said: Mapping[str, tuple[Floats, int]] = {
            "flow.forecast": (forecast(market.ratio(one)), 1),
            "inv.trend": (trend(market, one), WEEK),
            "alr.flow_reversal": (reversal(market, one), WEEK),
        }
        for signal, (sign, overlap) in said.items():
            told = judged(sign, last, after(last), overlap)
            if told is not None:
                found.append({"level": level, "investor": one, "signal": signal} | told)
    return found


def judged(said: Floats, last: Floats, later: Floats, overlap: int) -> dict[str, Any] | None:
    """Hit rate of signs against the sign of what came later, and of the sign of the last week on the same cells.

    said: 1, -1 or NaN; last, later: Σnet ÷ Σturnover before and after, all (stocks, sessions). `base`: hit rate of the
    last sign on the same cells; `everywhere`: on all cells. None where nothing was said.
    """
    known = np.isfinite(last) & np.isfinite(later) & (later != 0)
    inside = known & np.isfinite(said)
    if not inside.any():
        return None
    right, kept = np.sign(later) == said, np.sign(later) == np.sign(last)
    hits, n, base = int(right[inside].sum()), int(inside.sum()), float(kept[inside].mean())
    cell = statistics.hit_rate(hits, n, base, overlap).at()
    apart = resampling.difference(resampling.sums(right, inside), resampling.sums(kept, inside), BLOCK)
    shown = {name: cell.get(name) for name in ("value", "lo", "hi", "n_eff", "p_value")}
    about = {"n": n, "hits": hits, "base": base, "everywhere": float(kept[known].mean())}
    return about | shown | {name: apart[name] for name in ("lift", "lift_lo", "lift_hi")}


def corrected(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with `p_adj` over all of them, and `beats`: lower bound of the lift above 0 and p_adj up to 0.10."""
    adjusted = events.adjusted([row["p_value"] for row in told])
    return [
        row | {"p_adj": p, "beats": bool(p is not None and p <= detectors.ALPHA and (row["lift_lo"] or 0) > 0)}
        for row, p in zip(told, adjusted, strict=True)
    ]
