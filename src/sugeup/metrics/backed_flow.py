"""뒷받침된 순매수: a group's buying weighed together with what price and volume say in the same sessions.

Heavy buying by one group moves the price and is seen in volume. One series of flows is often large by chance; that it
is, and that the stock ran ahead of its index on more than its usual volume, seldom.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sugeup.errors import Refused
from sugeup.metrics.dense import Floats, floats, newest, whole
from sugeup.metrics.evened_flow import LEAST, PAST, evened
from sugeup.metrics.outcome import Outcome, Reason, codes
from sugeup.registry import metric

SIDES = ("BUY", "SELL")
WEIGHTS = np.array([1.0, 1 / 3, 1 / 3])
"""What is taken to be added to flow, return and volume, in standard deviations of each: flow speaks, both back it."""
FARTHEST = 4.0
"""Where return and volume are cut off: news alone is no buying."""
SPAN, ENOUGH = 3, 1000
ALIKE = 1e-9
"""Determinant of the correlations below which the parts tell the same."""


@metric(
    "smt.backed_flow",
    korean="뒷받침된 순매수",
    formula="w'S⁻¹e ÷ √(w'S⁻¹w): e = smt.evened_flow, the same statistic of return less index and of ln volume (both "
    "cut off at ±4), each ÷ its standard deviation over all stocks; S their correlations over all stocks; w = 1, 1/3, "
    "1/3; SELL: volume with its sign turned",
    unit="standard deviations of the figures of all stocks; above 0 bought, below 0 sold",
    window="3 sessions, held against the 250 before them; scales and correlations from all sessions but the newest",
    null_rule="MISSING_INPUT: flow, return or volume of a session of the window is null; INSUFFICIENT_HISTORY: fewer "
    "than min_n known sessions before the window, or than 1,000 figures of all stocks; ZERO_VARIANCE: one of the three "
    "never changes or tells what the others do",
    source="definition; linear discriminant (Fisher 1936) whose direction is set beforehand",
)
def backed_flow(
    net: ArrayLike,
    turnover: ArrayLike,
    excess_ret: ArrayLike,
    volume: ArrayLike,
    *,
    n: int = SPAN,
    side: str = "BUY",
    past: int = PAST,
    min_n: int = LEAST,
    last: int | None = None,
) -> Outcome:
    """Did a group buy unusually much for this stock, and did price and volume go with it (뒷받침된 순매수)?

    net, turnover: (stocks, sessions) in one unit, oldest first; excess_ret: return less that of the index, decimal;
    volume: shares on one basis. `side`: BUY or SELL, what is looked for; volume backs either. Answers for the `last`
    sessions, with the scales and correlations of all but the newest. Extras: the parts `flow`, `ret`, `volume`.

    >>> even = [[0.01, -0.01] * 60] * 20
    >>> backed_flow(even, [[1.0] * 120] * 20, even, [[100, 200] * 60] * 20).at(0, -1)["reason"]
    'ZERO_VARIANCE'
    """
    span, reach, least, kept = whole("n", n, 1), whole("past", past, 2), whole("min_n", min_n, 2), newest(last)
    if side not in SIDES:
        raise Refused(f"side={side!r} is not allowed; allowed: {', '.join(SIDES)}.")
    named = {"net": net, "turnover": turnover, "excess_ret": excess_ret, "volume": volume}
    given = {name: floats(name, values) for name, values in named.items()}
    if len({array.shape for array in given.values()}) > 1 or given["net"].ndim != 2 or not given["net"].shape[1]:
        shown = ", ".join(f"{name} {array.shape}" for name, array in given.items())
        raise Refused(f"the four series must be (stocks, sessions) of one shape; received {shown}.")
    told = parts(**given, n=span, past=reach, min_n=least)
    cut = slice(None if kept is None else -kept, None)
    e, why = (np.array([getattr(part, name) for part in told]) for name in ("value", "reason"))
    spread = covariance(e[:, :, :-1])
    e, why = e[:, :, cut], why[:, :, cut]
    value = weighed(e, spread, side)
    alike = spread is not None and not usable(spread)
    reason = codes(
        value.shape,
        *(((why == code).any(axis=0), code) for code in (Reason.MISSING_INPUT, Reason.INSUFFICIENT_HISTORY)),
        ((why == Reason.ZERO_VARIANCE).any(axis=0) | alike, Reason.ZERO_VARIANCE),
        (np.full(value.shape, spread is None), Reason.INSUFFICIENT_HISTORY),
    )
    names = ("flow", "ret", "volume")
    extra = {name: np.where(reason > 0, np.nan, part) for name, part in zip(names, e, strict=True)}
    return Outcome(np.where(reason > 0, np.nan, value), reason, extra)


def parts(
    net: Floats, turnover: Floats, excess_ret: Floats, volume: Floats, *, n: int, past: int = PAST, min_n: int = LEAST
) -> tuple[Outcome, Outcome, Outcome]:
    """Flow, return and volume of each session, evened over `n`; the last two cut off. Arrays (stocks, sessions)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        flow = np.where(turnover > 0, net / turnover, np.nan)
        busy = np.log(np.where(volume > 0, volume, np.nan))
    first, *others = (evened(one, n, past, min_n) for one in (flow, excess_ret, busy))
    ret, vol = (Outcome(np.clip(one.value, -FARTHEST, FARTHEST), one.reason, one.extra) for one in others)
    return first, ret, vol


def covariance(e: Floats) -> Floats | None:
    """Of the three parts over all stocks and sessions, (3, 3); None where fewer than 1,000 cells have all of them."""
    cells = e.reshape(len(e), -1)
    cells = cells[:, np.isfinite(cells).all(axis=0)]
    return np.cov(cells) if cells.shape[1] >= ENOUGH else None


def usable(spread: Floats) -> bool:
    """Whether each of the three parts varies and tells something that the other two do not."""
    scale = np.sqrt(np.diag(spread))
    return bool((scale > 0).all()) and float(np.linalg.det(spread / np.outer(scale, scale))) > ALIKE


def weighed(e: Floats, spread: Floats | None, side: str) -> Floats:
    """The statistic, (stocks, sessions), from its three parts and the covariance of ordinary ones; NaN without one."""
    if spread is None or not usable(spread):
        return np.full(e.shape[1:], np.nan)
    scale = np.sqrt(np.diag(spread)) * np.array([1.0, 1.0, 1.0 if side == "BUY" else -1.0])
    direction = np.linalg.solve(spread / np.outer(scale, scale), WEIGHTS)
    found: Floats = np.tensordot(direction / scale, e, axes=1) / np.sqrt(WEIGHTS @ direction)
    return found
