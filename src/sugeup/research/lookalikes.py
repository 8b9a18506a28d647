"""유사 패턴의 적중: does the mean outcome of the nearest past windows tell the sign of what the price did next?

As the tracker shows it: 20 sessions of net ÷ turnover, five nearest windows, five sessions ahead. The benchmark is the
sign of the mean outcome of all windows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sugeup.metrics import statistics
from sugeup.metrics.similar_patterns import similar_patterns
from sugeup.research import resampling
from sugeup.research.figures import Figures, Floats

LENGTH, AHEAD, NEAREST = 20, 5, 5
BLOCK, DRAWS, SEED = 20, 2000, 20240101
UNLIKELY = 0.10


def tried(market: Figures, investor: str) -> dict[str, Floats]:
    """`mean`, `base_mean` and `p_value` of every fifth session from what was known then, and `outcome`, what followed.

    Each (stocks, sessions), NaN where not asked or not known.
    """
    x, price = market.ratio(investor), market.price("close")
    found = {name: np.full(market.shape, np.nan) for name in ("mean", "base_mean", "p_value", "outcome")}
    for at in range(LENGTH - 1, market.shape[1] - AHEAD, AHEAD):
        for row in range(len(market.codes)):
            later = price[row, at + AHEAD] / price[row, at]
            if not np.isfinite(later) or not np.isfinite(x[row, at]):
                continue
            first = int(np.argmax(np.isfinite(x[row])))
            history, prices = x[row, first : at + 1], price[row, first : at + 1]
            cell = similar_patterns(history, prices, m=LENGTH, h=AHEAD, k=NEAREST).at()
            if cell["value"] is None:
                continue
            found["outcome"][row, at] = later - 1
            for name in ("mean", "base_mean", "p_value"):
                found[name][row, at] = cell[name]
    return found


def judged(told: dict[str, Floats]) -> dict[str, Any]:
    """Hit rate of the sign of the mean, of the sign of the base mean, and how chance does.

    `chance`: share of 2,000 rearrangements of whole sessions of outcomes, whose windows do not overlap, after which
    the signs are right as often. `unlikely`: share of single answers with p up to 0.10; by chance alone it is 0.10.
    """
    known = np.isfinite(told["mean"]) & np.isfinite(told["outcome"]) & (told["outcome"] != 0)
    if not known.any():
        return {"n": 0}
    signs = {name: np.sign(told[name]) for name in ("mean", "base_mean", "outcome")}
    right, usual = signs["mean"] == signs["outcome"], signs["base_mean"] == signs["outcome"]
    hits, n, base = int(right[known].sum()), int(known.sum()), float(usual[known].mean())
    cell = statistics.hit_rate(hits, n, base, 1).at()
    apart = resampling.difference(resampling.sums(right, known), resampling.sums(usual, known), BLOCK)
    unlikely = statistics.wilson_interval(int((told["p_value"][known] <= UNLIKELY).sum()), n).at()
    return {
        "n": n,
        "hits": hits,
        "base": base,
        **{name: cell.get(name) for name in ("value", "lo", "hi")},
        **{name: apart[name] for name in ("lift", "lift_lo", "lift_hi")},
        "chance": _rearranged(signs["mean"], np.where(known, signs["outcome"], np.nan)),
        "unlikely": {name: unlikely[name] for name in ("value", "lo", "hi")},
    }


def _rearranged(said: Floats, happened: Floats) -> float:
    """Share of rearrangements of sessions with at least as many of the signs right, by the share of known pairs."""
    used = np.flatnonzero(np.isfinite(happened).any(axis=0))
    said, happened = said[:, used], happened[:, used]

    def share(order: Any) -> float:
        moved = happened[:, order]
        pairs = np.isfinite(said) & np.isfinite(moved)
        return float((said == moved)[pairs].mean()) if pairs.any() else 0.0

    reached = share(np.arange(len(used)))
    chance = np.random.default_rng(SEED)
    as_good = sum(share(chance.permutation(len(used))) >= reached for _ in range(DRAWS))
    return (1 + as_good) / (DRAWS + 1)
