"""고른 순매수: is a group's buying over some sessions unusual for the stock, no session counting more than another?

Σnet ÷ Σturnover is led by the busiest session; here every session has one vote, and net ÷ turnover of a session is
nearly normal where won are not. The scale stands on a year of single sessions instead of a dozen separate windows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sugeup.metrics.dense import Floats, by_blocks, lines, newest, whole
from sugeup.metrics.outcome import Outcome, Reason, codes
from sugeup.metrics.windows import any_within, newest_sessions
from sugeup.registry import metric

SPAN, PAST, LEAST = 5, 250, 60
FLAT = 1e-9  # spread of net ÷ turnover below which all sessions count as equal


@metric(
    "smt.evened_flow",
    korean="고른 순매수",
    formula="√n * (mean of net ÷ turnover over the last n sessions - mean over the `past` sessions before them) ÷ "
    "standard deviation of those",
    unit="standard deviations of a mean of n independent sessions; above 0 bought more than usual",
    window="5 sessions, held against the 250 before them",
    null_rule="MISSING_INPUT: net or turnover of a session of the window is null, or nothing was traded; "
    "INSUFFICIENT_HISTORY: fewer than n sessions, or than min_n known ones before; ZERO_VARIANCE: those are all equal",
    source="definition; one-sample z with the stock's own past as the reference",
)
def evened_flow(
    net: ArrayLike,
    turnover: ArrayLike,
    *,
    n: int = SPAN,
    past: int = PAST,
    min_n: int = LEAST,
    last: int | None = None,
) -> Outcome:
    """Did a group buy unusually much for this stock, every session counting alike (고른 순매수)?

    net, turnover: (..., sessions) in one unit (KRW or shares), oldest first, turnover one-sided, None on a halt. The
    past ends before the window begins. Flows persist, so ordinary values scatter wider than 1: `smt.unusual_flow` holds
    them against those of all stocks. Extras: `mean`, of net ÷ turnover in the window; `known`, sessions of the past.

    >>> evened_flow([*[16, -16] * 30, 80], [128] * 61, n=1).at(-1)
    {'value': 5.0, 'mean': 0.625, 'known': 60}
    """
    span, reach, least, kept = whole("n", n, 1), whole("past", past, 2), whole("min_n", min_n, 2), newest(last)
    shape, (flow, traded) = lines(net=net, turnover=turnover)
    found = by_blocks(lambda one, other: evened(_shares(one, other), span, reach, least), flow, traded)
    return newest_sessions(found, shape, kept)


def _shares(flow: Floats, traded: Floats) -> Floats:
    """Net ÷ turnover of each session; NaN where nothing was traded."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = np.where(traded > 0, flow / traded, np.nan)
    return found


def evened(figures: Floats, span: int, reach: int = PAST, least: int = LEAST) -> Outcome:
    """The same statistic of any daily figure, (rows, sessions), NaN where there is none; extras `mean`, `known`."""
    absent = np.isnan(figures)
    daily = np.where(absent, 0.0, figures)
    count, total, squares = (_summed(part, reach) for part in ((~absent).astype(np.float64), daily, daily**2))
    known, sums, second = (_earlier(part, span) for part in (count, total, squares))
    with np.errstate(invalid="ignore", divide="ignore"):
        usual = sums / known
        spread = np.sqrt(np.maximum(second / known - usual**2, 0))
        mean = _summed(daily, span) / span
        value = np.sqrt(span) * (mean - usual) / spread
    reason = codes(
        figures.shape,
        (absent, Reason.MISSING_INPUT),
        (np.arange(figures.shape[-1]) < span - 1, Reason.INSUFFICIENT_HISTORY),
        (any_within(absent, span), Reason.MISSING_INPUT),
        (known < least, Reason.INSUFFICIENT_HISTORY),
        (spread <= FLAT, Reason.ZERO_VARIANCE),
    )
    null = reason > 0
    extra = {"mean": np.where(null, np.nan, mean), "known": np.rint(known).astype(np.int64)}
    return Outcome(np.where(null, np.nan, value), reason, extra)


def _summed(values: Floats, span: int) -> Floats:
    """Sum of the last `span` values at every session, of what there is of them at the beginning."""
    total = np.cumsum(values, axis=1)
    found: Floats = total.copy()
    found[:, span:] -= total[:, :-span]
    return found


def _earlier(values: Floats, by: int) -> Floats:
    found = np.zeros(values.shape)
    found[:, by:] = values[:, :-by]
    return found
