"""이상 수급 판정: which buying of a session is told, when false alarms must stay few over a year of evenings?

Corrected over the stocks of one evening alone, a few false alarms a week are allowed, and they add up beside events of
which there are few. Here the family is every stock on every session of a year.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sugeup.errors import Refused
from sugeup.metrics.dense import Floats, between, floats, whole
from sugeup.metrics.ordinary_figures import LOOKED_AT, levels, ordinary, stretched, tail, tops
from sugeup.metrics.outcome import Outcome, Reason, codes
from sugeup.registry import metric

POOL = 250  # sessions of the family
LEAST = 5000  # past values that the distribution of ordinary ones needs
ALPHA = 0.10
FLOWS = {
    "foreign": ("foreign",),
    "institution": ("financial_investment", "investment_trust", "private_fund", "insurance", "pension_fund"),
}
"""Whose statistics are added to one of an investor: of the institutions the five kinds that trade nearly every session.

They trade almost independently, so that what they do together stands out in the sum of their statistics (Stouffer,
Suchman, DeVinney, Star & Williams 1949), while the sum of their won has the scale of the largest.
"""
WINDOWS = {"foreign": (3, 10), "institution": (5, 15)}
"""Sessions in which buying is looked for: a burst, and a quiet accumulation."""
BACKED = ("foreign",)
"""Investors whose buying is weighed together with price and volume (`smt.backed_flow`): their flow is one series."""
SIDES = ("SELL", "NONE", "BUY")


@metric(
    "smt.unusual_flow",
    korean="이상 수급 판정",
    formula="p of Student's t whose scale and degrees fit the quantiles 0.6827 and 0.99 of the past sizes of z, fitted "
    "anew without the stretches that are told, up to three times; each stretch of `stretch` sessions of one stock is a "
    "hypothesis with p = stretch * smallest p; Benjamini-Hochberg at alpha over all stretches of 250 sessions; BUY or "
    "SELL where the newest session is as rare as one that is told",
    unit="BUY, SELL or NONE; p one-sided",
    window="the session, tested together with the 250 up to it",
    null_rule="MISSING_INPUT: z of the newest session is null; INSUFFICIENT_HISTORY: fewer than min_n past z of all "
    "stocks; ZERO_VARIANCE: the past z are all 0",
    source="empirical null: Efron 2004, 2007; Benjamini & Hochberg 1995 with a sliding batch of sessions as the family "
    "(compare Zrnic, Jiang, Ramdas & Jordan 2020; windows overlap, so no theorem covers it: docs/accuracy.md measures "
    "it); tail: Wallace 1959",
)
def unusual_flow(
    z: ArrayLike, *, stretch: int = 10, alpha: float = ALPHA, pool: int = POOL, min_n: int = LEAST
) -> Outcome:
    """Whose buying or selling on the newest session is no ordinary one (이상 수급), among all stocks of a year?

    z: (stocks, sessions) of one statistic such as `smt.evened_flow`, oldest first, None where there is none; the last
    `pool` + 1 sessions count. The null distribution is that of the sessions before the newest without what stands out
    among them, by its middle and its shoulders, so that events, which are few, do not hide in it. `stretch`: twice the
    window of z, as long as one event is seen. Extras: `p` one-sided, `p_adj` (smallest alpha at which it is told),
    `scale`, `degrees`.

    >>> unusual_flow([[0.5, -0.5] * 60 + [9.0], [0.5, -0.5] * 60 + [0.5]], stretch=5, min_n=200).names()
    ['BUY', 'NONE']
    """
    length, past, least = whole("stretch", stretch, 1), whole("pool", pool, 1), whole("min_n", min_n, 1)
    between("alpha", alpha, 0, 1, open_ended=True)
    every = floats("z", z)
    if every.ndim != 2 or not every.shape[1]:
        raise Refused(f"z must be (stocks, sessions) with at least one session; received shape {every.shape}.")
    now, before = every[:, -1], every[:, max(0, every.shape[1] - 1 - past) : -1]
    enough = np.count_nonzero(np.isfinite(before)) >= least
    scale, degrees = ordinary(before, length, ALPHA) if enough else (math.nan, math.nan)
    reason = codes(
        now.shape,
        (np.isnan(now), Reason.MISSING_INPUT),
        (np.full(now.shape, not enough), Reason.INSUFFICIENT_HISTORY),
        (np.full(now.shape, enough and not scale > 0), Reason.ZERO_VARIANCE),
    )
    value, p, adjusted = np.ones(now.shape), np.full(now.shape, np.nan), np.full(now.shape, np.nan)
    if (reason == 0).any():
        family = every[:, -past:]
        p, adjusted = tail(np.abs(now) / scale, degrees), np.ones(now.shape)
        for side, sign in ((0, -1.0), (2, 1.0)):
            right = sign * now > 0
            told = _stepped(sign * family / scale, length, degrees)
            adjusted[right] = told[right]
            value[right & (told <= alpha)] = side
    null_ = reason > 0
    figures = {"p": p, "p_adj": adjusted, "scale": np.full(now.shape, scale), "degrees": np.full(now.shape, degrees)}
    extra = {name: np.where(null_, np.nan, part) for name, part in figures.items()}
    return Outcome(np.where(null_, np.nan, value), reason, extra, SIDES)


def one_sided(told: Outcome, z: Floats, side: str) -> Outcome:
    """What is told of one side alone, where each side has a statistic of its own.

    told: of `z`, both (stocks,). The other side is NONE with the p of this one, which is above ½.
    """
    other = (z < 0) if side == "BUY" else (z > 0)
    extra = dict(told.extra)
    extra["p"] = np.where(other, 1 - told.extra["p"], told.extra["p"])
    extra["p_adj"] = np.where(other, 1.0, told.extra["p_adj"])
    return Outcome(np.where(other, SIDES.index("NONE"), told.value), told.reason, extra, SIDES)


def either(parts: Sequence[tuple[int, Outcome]], *, alpha: float = ALPHA) -> Outcome:
    """`smt.unusual_flow` in windows of several lengths, or of each side: the one that shows it best speaks.

    parts: length of the window in sessions and outcome, of equal shapes. Each length is a family of its own and gets an
    equal share of alpha, so that of all that is told together no more than alpha is false: `p_adj` is that of the
    length in extra `span`, times the number of lengths, and 1 at most; `part` is the place in `parts`. A stock is
    judged where one of them judges it.
    """
    outcomes, spans = [part for _, part in parts], np.array([span for span, _ in parts])
    adjusted, p = (np.array([part.extra[name] for part in outcomes]) for name in ("p_adj", "p"))
    adjusted = np.minimum(adjusted * len({span for span, _ in parts}), 1.0)
    best = np.lexsort((np.nan_to_num(p, nan=2.0), np.nan_to_num(adjusted, nan=2.0)), axis=0)[0]

    def chosen(rows: NDArray[Any]) -> NDArray[Any]:
        picked: NDArray[Any] = np.take_along_axis(rows, best[None], axis=0)[0]
        return picked

    value, reason = (chosen(np.array([getattr(part, name) for part in outcomes])) for name in ("value", "reason"))
    extra = {"p": chosen(p), "p_adj": chosen(adjusted), "span": spans[best], "part": best}
    value = np.where(np.isfinite(value) & (extra["p_adj"] > alpha), SIDES.index("NONE"), value)
    return Outcome(value, reason, extra, SIDES)


def _stepped(x: Floats, length: int, degrees: float) -> Floats:
    """Adjusted p of the newest session of each row: the level from which on its stretch and it are told; 1 for most.

    x: (stocks, sessions) in scales, on the side that is tested.
    """
    n = int(np.count_nonzero(np.isfinite(stretched(x, length))))
    highest = tops(x, length)
    ordered = -np.sort(-highest[highest > 0])
    found = np.ones(len(x))
    now = np.nan_to_num(x[:, -1])
    asked = np.flatnonzero(now > LOOKED_AT)
    if not asked.size:
        return found
    level = np.full(ordered.size + 1, np.inf)
    level[:-1] = np.minimum.accumulate(levels(ordered, n, degrees)[::-1])[::-1]
    above, upto = (np.searchsorted(-ordered, -now[asked], side=side) for side in ("left", "right"))
    alone = n * tail(now[asked], degrees) / upto
    found[asked] = np.minimum(np.minimum(level[above], alone), 1.0)
    return found
