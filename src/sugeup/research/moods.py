"""극단적 심리 뒤의 지수: what the index did in twenty sessions after scores in the extreme deciles of their past."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sugeup.metrics import statistics
from sugeup.metrics.windows import cut_windows
from sugeup.research import detectors, events, resampling
from sugeup.research.figures import Flags, Floats

AHEAD, BLOCK = 20, 60
"""Sessions of the return; sessions drawn together, because a score stays extreme for weeks and returns overlap.

On 5,000 sessions of noise with scores of such memory p is up to 0.10 in 11% of the trials, up to 0.05 in 6%.
"""
PAST, LEAST = 1000, 250
"""Past scores among which the decile is taken, at most and at least."""
ENDS = {"LOWEST": (0.0, 10.0), "HIGHEST": (90.0, 100.0)}


def ranked(score: Floats) -> Floats:
    """Percentile of each score among those before it, (sessions,); NaN where fewer than 250 are known."""
    past = cut_windows(score[None], PAST + 1, len(score))[0, :, :-1]
    found: Floats = statistics.percentile_rank(score, past, min_n=LEAST).value
    return found


def rows(scores: Mapping[str, Floats], ahead: Floats) -> list[dict[str, Any]]:
    """For each score and end: mean return after it, mean of all sessions that have a rank, difference and chance.

    scores: name -> (sessions,), 0-100; ahead: return of the next sessions, (sessions,), decimal.
    """
    found = []
    for name, score in scores.items():
        rank = ranked(score)
        known = np.isfinite(rank) & np.isfinite(ahead)
        for end, (low, high) in ENDS.items():
            inside = known & (rank >= low) & (rank <= high)
            if not inside.any():
                continue
            apart = resampling.difference(resampling.sums(ahead, inside), resampling.sums(ahead, known), BLOCK)
            runs = int(np.count_nonzero(np.diff(inside.astype(np.int8), prepend=0) == 1))
            about = {"score": name, "end": end, "n": int(inside.sum()), "runs": runs, "all": int(known.sum())}
            mean, base = float(ahead[inside].mean()), float(ahead[known].mean())
            found.append(about | {"mean": mean, "base": base, "halves": _halves(ahead, inside, known)} | apart)
    return found


def _halves(ahead: Floats, inside: Flags, known: Flags) -> list[float | None]:
    """The difference within the older half of the known sessions and within the newer one."""
    older = np.cumsum(known) <= known.sum() / 2
    return [
        float(ahead[inside & half].mean() - ahead[known & half].mean()) if (inside & half).any() else None
        for half in (older, ~older)
    ]


def corrected(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with `p_adj` over all of them, and `differs`: p_adj up to 0.10."""
    adjusted = events.adjusted([row["chance"] for row in told])
    return [
        row | {"p_adj": p, "differs": p is not None and p <= detectors.ALPHA}
        for row, p in zip(told, adjusted, strict=True)
    ]
