"""후보: statistics that no answer uses yet, measured beside those that do, to learn what would find more.

A change of a definition needs proof; this is where it is looked for. Mean of the daily net ÷ turnover over a few
sessions, in standard deviations of the stock's own daily figures over 120 sessions before: no busy day outweighs the
others as it does in Σnet ÷ Σturnover, and the scale stands on 120 figures instead of a dozen independent windows.
"""

from __future__ import annotations

import numpy as np

from sugeup.research.detectors import ALPHA, Found, tested
from sugeup.research.figures import Figures, Floats

PAST, LEAST = 120, 60
SPANS = {"foreign_surge": 3, "institution_same_side": 5, "building": 15}


def evened(market: Figures, investor: str, span: int) -> Floats:
    """The statistic at every session; NaN where a session of the span is missing or fewer than 60 before it are known.

    Past figures end before the span begins.
    """
    daily = market.ratio(investor)
    known = np.isfinite(daily)
    filled = np.where(known, daily, 0.0)
    count, total, squares = (_sums(part, PAST) for part in (known.astype(np.float64), filled, filled**2))
    n, mean_of, square_of = (_earlier(part, span) for part in (count, total, squares))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = mean_of / n
        spread = np.sqrt(np.maximum(square_of / n - mean**2, 0))
        now = _sums(filled, span) / span
        whole = _sums(known.astype(np.float64), span) > span - 0.5
        z = np.sqrt(span) * (now - mean) / np.where(spread > 1e-9, spread, np.nan)
    found: Floats = np.where(whole & (n >= LEAST), z, np.nan)
    return found


def _sums(values: Floats, span: int) -> Floats:
    """Sum of the last `span` values at every session, of what there is of them at the beginning."""
    total = np.cumsum(values, axis=1)
    found = total.copy()
    found[:, span:] -= total[:, :-span]
    return found


def _earlier(values: Floats, by: int) -> Floats:
    found = np.zeros(values.shape)
    found[:, by:] = values[:, :-by]
    return found


def candidates(market: Figures) -> list[Found]:
    """The kinds that a signal exists for, found by the evened mean: p against all stocks, BH over them."""
    wanted = (
        ("FOREIGN_SURGE", "foreign", "BUY", "foreign_surge"),
        ("INSTITUTION_SAME_SIDE", "institution", "BUY", "institution_same_side"),
        ("FOREIGN_ACCUMULATION", "foreign", "BUY", "building"),
        ("FOREIGN_DISTRIBUTION", "foreign", "SELL", "building"),
        ("INSTITUTION_ACCUMULATION", "institution", "BUY", "building"),
        ("INSTITUTION_DISTRIBUTION", "institution", "SELL", "building"),
    )
    made: dict[tuple[str, str], tuple[Floats, Floats, Floats]] = {}
    found = []
    for kind, investor, side, span in wanted:
        if (investor, span) not in made:
            z = evened(market, investor, SPANS[span])
            made[investor, span] = z, *tested(z)
        z, p, adjusted = made[investor, span]
        right = z > 0 if side == "BUY" else z < 0
        found.append(Found(kind, side, right & (adjusted <= ALPHA), np.isfinite(adjusted), 100 * (1 - p)))
    return found
