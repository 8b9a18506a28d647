"""잠정과 확정: how far figures told early are from the final ones of the session, and whether they have its sign."""

from __future__ import annotations

from typing import Any

import numpy as np

from sugeup.metrics import statistics
from sugeup.research.figures import Floats

COIN = 0.5
"""An estimate that has the sign of the final figure no more often is withdrawn."""
LEAST = 30
"""Fewer signs to compare decide nothing."""


def row(early: Floats, final: Floats, size: Floats, **about: Any) -> dict[str, Any]:
    """Mean absolute revision and share of equal signs of one estimate.

    early, final: net purchases of the same stocks and sessions; size: what was traded, in the same unit; all (cells,).
    `revision`: mean of the size of final - early ÷ traded, %; `net`: the mean size of the final net, % of traded, which
    is the revision of an estimate of 0; `changed`: share of the cells on which the final figure is another. Signs are
    compared where neither is 0; `withdrawn` when they agree on half of them or fewer, null below 30 of them.
    """
    known = np.isfinite(early) & np.isfinite(final) & (size > 0)
    first, last, traded = early[known], final[known], size[known]
    told: dict[str, Any] = about | {"n": int(known.sum()), "revision": None, "net": None, "changed": None}
    if known.any():
        told |= {
            "revision": float((100 * np.abs(last - first) / traded).mean()),
            "net": float((100 * np.abs(last) / traded).mean()),
            "changed": float((first != last).mean()),
        }
    signed = (first != 0) & (last != 0)
    agreed = int((np.sign(first) == np.sign(last))[signed].sum())
    cell = statistics.wilson_interval(agreed, int(signed.sum())).at()
    value, few = cell["value"], int(signed.sum()) < LEAST
    return told | {
        "agreement": {name: cell.get(name) for name in ("value", "lo", "hi")} | {"n": int(signed.sum())},
        "withdrawn": None if few or value is None else value <= COIN,
    }
