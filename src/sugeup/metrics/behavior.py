"""How investors behave (행동 지표)."""

from __future__ import annotations

from numpy.typing import ArrayLike

from sugeup.metrics.dense import lines, whole
from sugeup.metrics.outcome import Outcome
from sugeup.registry import metric


@metric(
    "beh.consistency",
    korean="매매 일관성",
    formula="size of the summed net purchases ÷ sum of their sizes; null_expectation = 1 ÷ √n, the value that noise "
    "reaches",
    unit="0-1",
    window="20 sessions; null sessions are left out",
    null_rule="MISSING_INPUT: no session of the window is present; INSUFFICIENT_HISTORY: fewer than min_n present; "
    "ZERO_DENOMINATOR: all are 0",
    source="path efficiency, Kaufman 1995, Smarter Trading",
)
def consistency(net: ArrayLike, *, window: int = 20, min_n: int = 20) -> Outcome:
    """How one-sided the last sessions were (매매 일관성): 1 is only buying or only selling, 0 is back and forth.

    net: (..., sessions) in KRW, oldest first; one value per session. Extras: `direction` 1, -1 or 0;
    `null_expectation`, to read the value against; both null with the value.

    >>> consistency([1.0] * 20).at(-1)
    {'value': 1.0, 'direction': 1, 'null_expectation': 0.22360679774997896}
    """
    span, least = whole("window", window, 1), whole("min_n", min_n, 1)
    from sugeup.metrics.kernels import rolling

    shape, (flow,) = lines(net=net)
    value, direction, noise, reason = rolling.one_way(flow, span, least)
    extra = {"direction": direction.reshape(shape), "null_expectation": noise.reshape(shape)}
    return Outcome(value.reshape(shape), reason.reshape(shape), extra)
