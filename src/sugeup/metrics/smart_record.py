"""The record of a group over many dates (투자자 유형별 성과 기록): what `smt.quality_weights` weighs."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sugeup.errors import Refused
from sugeup.metrics.dense import floats, whole
from sugeup.metrics.outcome import Reason, Single
from sugeup.metrics.smart_skill import selection_ic
from sugeup.metrics.statistics import newey_west_t, wilson_interval

QUARTERS = 8


def selection_record(
    flow: ArrayLike, fwd: ArrayLike, quarter: ArrayLike, *, h: int = 5, min_stocks: int = 10
) -> Single:
    """Mean rank correlation of a group's flow with what followed, over dates h apart (종목 선택 능력의 기록).

    flow, fwd: (sessions, stocks), net ÷ turnover at t and return from t+1 to t+h, null where the outcome is not known
    yet; quarter: (sessions,), whole numbers such as 20264. Dates are counted back from the newest one with an outcome,
    so that no outcome overlaps another. Value: mean; extras `t` (Newey-West, from 20 dates), `n` dates,
    `consistency`, share of quarters with a positive mean, with `lo` and `hi` (Wilson), from 8 quarters.
    MISSING_INPUT: no date with enough stocks.
    """
    step = whole("h", h, 1)
    flows, later, quarters = floats("flow", flow), floats("fwd", fwd), floats("quarter", quarter)
    if flows.ndim != 2 or flows.shape != later.shape or quarters.shape != flows.shape[:1]:
        raise Refused(
            f"flow and fwd must be (sessions, stocks) and quarter (sessions,); received {flows.shape}, {later.shape}, "
            f"{quarters.shape}."
        )
    ic = selection_ic(flows, later, min_stocks=min_stocks).value
    known = np.flatnonzero(np.isfinite(ic))
    chosen = np.arange(known[-1] if known.size else -1, -1, -step)[::-1]
    chosen = chosen[np.isfinite(ic[chosen])]
    extra: dict[str, float | int | None] = dict.fromkeys(("t", "n", "consistency", "lo", "hi"))
    extra["n"] = int(chosen.size)
    if not chosen.size:
        return Single(None, Reason.MISSING_INPUT.name, extra)
    extra["t"] = newey_west_t(ic[chosen]).at()["value"]
    means = [ic[chosen][quarters[chosen] == one].mean() for one in np.unique(quarters[chosen])]
    if len(means) >= QUARTERS:
        share = wilson_interval(sum(mean > 0 for mean in means), len(means)).at()
        extra |= {"consistency": share["value"], "lo": share["lo"], "hi": share["hi"]}
    return Single(float(ic[chosen].mean()), extra=extra)
