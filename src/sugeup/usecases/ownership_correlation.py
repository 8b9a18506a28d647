"""How changes of the foreign holding and of the price go together, and between which bounds owners are concentrated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sugeup.metrics import intervals, ownership, statistics
from sugeup.usecases.investor_blocks import Draft
from sugeup.usecases.ownership_models import Correlations, Level
from sugeup.usecases.ownership_scene import Scene

SESSIONS = 60
BLOCK, BLOCKS = 5, 50
"""Sessions of a block, and how many blocks are looked back at."""
_SHORT = {
    "INSUFFICIENT_HISTORY": "fewer observations than 20",
    "MISSING_INPUT": "no changes of the holding or no returns are stored",
    "ZERO_VARIANCE": "one side is constant",
}


def correlations(scene: Scene, treasury: Level) -> Correlations:
    """Spearman of daily changes over 60 sessions, of blocks of five, and the bounds of concentration."""
    draft = Draft({}, {})
    percent, ret = scene.percent, scene.column("ret")
    moved = np.diff(percent, prepend=np.nan)
    pair = moved[-SESSIONS:], ret[-SESSIONS:]
    _put(draft, "price_vs_foreign_ownership", *pair, window=f"{SESSIONS} sessions")
    note = f"up to {BLOCKS} blocks of {BLOCK} sessions, none overlapping"
    _put(draft, "volatility_vs_ownership_change", *_blocks(percent, ret), window=note)
    _concentration(draft, percent[scene.last], treasury)
    return Correlations(**draft.values, meta=draft.meta)


def _concentration(draft: Draft, foreign: float, treasury: Level) -> None:
    """The bounds need both shares of the stock; the value itself nobody can know."""
    own = treasury.percentage
    bounds = ownership.concentration_bounds(foreign, np.nan if own is None else own).at()
    about = {"unit": "0-1", "metric": "own.concentration_bounds"}
    note = "holders are not published; only bounds can be told"
    draft.put("ownership_concentration", None, reason="NOT_AVAILABLE_FROM_SOURCE", note=note, **about)
    told = treasury.meta["percentage"]
    for field, key in (("concentration_low", "lo"), ("concentration_high", "hi")):
        if bounds[key] is not None:
            draft.put(field, round(bounds[key], 4), as_of=told.as_of, note="treasury shares as reported", **about)
        elif own is None:
            draft.put(field, None, reason=told.reason, note=f"treasury shares (자사주): {told.note}", **about)
        else:
            note = "no percentage of foreigners is known, or it exceeds 100% with treasury shares"
            draft.put(field, None, reason=bounds["reason"], note=note, **about)


def _put(draft: Draft, field: str, x: NDArray[np.float64], y: NDArray[np.float64], *, window: str) -> None:
    outcome = statistics.spearman(x, y).at()
    interval = intervals.spearman(x, y) if outcome["value"] is not None else None
    draft.measure(
        field,
        outcome,
        3,
        window=window,
        n=outcome["n"],
        ci=None if interval is None else (round(interval[0], 3), round(interval[1], 3)),
        metric="tk.spearman",
        note=_SHORT.get(outcome.get("reason", "")),
    )


def _blocks(percent: NDArray[np.float64], ret: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Size of the change of the holding over each block, and the realised volatility of the same sessions."""
    count = min(BLOCKS, (len(percent) - 1) // BLOCK)
    if count <= 0:
        return np.empty(0), np.empty(0)
    ends = len(percent) - 1 - BLOCK * np.arange(count)[::-1]
    moved = np.abs(percent[ends] - percent[ends - BLOCK])
    inside = ret[ends[:, None] - np.arange(BLOCK)]
    return moved, np.sqrt((inside**2).sum(axis=1))
