"""다시 뽑기: the difference between two rates or means over the same sessions, resampled in blocks of sessions."""

from __future__ import annotations

from typing import Any

import numpy as np

from sugeup.metrics import samples
from sugeup.research.figures import Flags, Floats

DRAWS, SEED, CONF = 2000, 20240101, 0.95
LEAST = 20
"""Sessions with something to compare; fewer give no interval."""

Sums = tuple[Floats, Floats]
"""By session: sum of the values, and how many they are; both (sessions,), 0 where there is none."""


def sums(values: Floats | Flags, inside: Flags) -> Sums:
    """Sums by session of (rows, sessions), or of (sessions,), of what lies inside."""
    rows, held = np.atleast_2d(values), np.atleast_2d(inside)
    return np.where(held, rows, 0.0).sum(axis=0), held.sum(axis=0).astype(np.float64)


def difference(ours: Sums, base: Sums, block: int) -> dict[str, Any]:
    """Mean of ours less mean of the base: `lift`, `lift_lo`, `lift_hi` and a two-sided `chance`; None where unknown.

    Whole blocks of neighbouring sessions are drawn together, of both at once, because what happens on a session and on
    the next is one event. chance = 2 x the smaller share of draws on one side of 0. Künsch 1989; Politis & Romano 1992.
    """
    if not ours[1].sum() or not base[1].sum():
        return {"lift": None, "lift_lo": None, "lift_hi": None, "chance": None}
    lift = float(ours[0].sum() / ours[1].sum() - base[0].sum() / base[1].sum())
    if np.count_nonzero(ours[1]) < LEAST:
        return {"lift": lift, "lift_lo": None, "lift_hi": None, "chance": None}
    length = min(block, len(ours[0]))
    top, many, below, all_ = (samples.circular_means(part, length, DRAWS, SEED) for part in (*ours, *base))
    drawn = np.where(many > 0, top / np.where(many > 0, many, 1), np.nan) - below / np.where(all_ > 0, all_, np.nan)
    drawn = drawn[np.isfinite(drawn)]
    low, high = np.quantile(drawn, [(1 - CONF) / 2, (1 + CONF) / 2])
    side = 1 + int(min(np.count_nonzero(drawn <= 0), np.count_nonzero(drawn >= 0)))
    return {
        "lift": lift,
        "lift_lo": float(low),
        "lift_hi": float(high),
        "chance": min(1.0, 2 * side / (len(drawn) + 1)),
    }
