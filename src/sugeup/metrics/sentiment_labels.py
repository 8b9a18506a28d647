"""Words for readings of sentiment (심리 지표의 명칭); each is null, MISSING_INPUT, without its input."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from sugeup.metrics.dense import Floats, between, by_blocks, cells
from sugeup.metrics.outcome import Outcome, Reason, codes

BEHAVIORS = ("MIXED", "CHASING", "DIP_BUYING", "SELLING_STRENGTH", "SELLING_WEAKNESS")
POSITIONS = ("DEFENSIVE", "BALANCED", "CYCLICAL")
LEADERSHIP = ("DOMESTIC_LED", "ALIGNED", "FOREIGN_LED")
APPETITES = ("LOW", "MODERATE", "HIGH")
HORIZONS = ("SHORT", "MEDIUM", "LONG")
STRONG = 1.0


def behavior(flow_z: ArrayLike, past_return_z: ArrayLike) -> Outcome:
    """How a group trades against what the index did before (개인 매매 행태).

    flow_z: (...), z of net ÷ turnover over 20 sessions; past_return_z: (...), z of the index return of the 5 sessions
    before. Both from 1 in size: CHASING (+, +), DIP_BUYING (+, -), SELLING_STRENGTH (-, +), SELLING_WEAKNESS (-, -);
    else MIXED.
    """

    def work(flow: Floats, before: Floats) -> Outcome:
        clear = (np.abs(flow) >= STRONG) & (np.abs(before) >= STRONG)
        place = np.where(clear, 1.0 + 2 * (flow < 0) + (before < 0), 0.0)
        reason = codes(flow.shape, (np.isnan(flow) | np.isnan(before), Reason.MISSING_INPUT))
        return Outcome(np.where(reason > 0, np.nan, place), reason, {}, BEHAVIORS)

    return by_blocks(work, *cells(flow_z=flow_z, past_return_z=past_return_z))


def positioning(tilt_z: ArrayLike) -> Outcome:
    """z of cyclical less defensive net ratio, (...): DEFENSIVE up to -1, CYCLICAL from 1, else BALANCED (포지션)."""
    return _banded(tilt_z, (-STRONG, STRONG), POSITIONS)


def leadership(percentile: ArrayLike) -> Outcome:
    """Percentile of `sen.divergence`, (...): FOREIGN_LED from 90, DOMESTIC_LED up to 10, else ALIGNED (수급 주도)."""
    between("percentile", percentile, 0, 100)
    return _banded(percentile, (10, 90), LEADERSHIP)


def risk_appetite(percentile: ArrayLike) -> Outcome:
    """Percentile of flow into the highest less the lowest beta third, (...): HIGH from 70, LOW up to 30 (위험 선호)."""
    between("percentile", percentile, 0, 100)
    return _banded(percentile, (30, 70), APPETITES)


def horizon(half_life: ArrayLike) -> Outcome:
    """Half-life of a group's flow in sessions, (...): SHORT below 5, MEDIUM up to 20, LONG above (매매 호흡)."""
    between("half_life", half_life, 0, math.inf)
    return _banded(half_life, (math.nextafter(5, 0), math.nextafter(20, math.inf)), HORIZONS)


def _banded(values: ArrayLike, edges: tuple[float, float], labels: Sequence[str]) -> Outcome:
    """First label up to the lower edge, last from the upper one, the middle one between."""

    def work(value: Floats) -> Outcome:
        reason = codes(value.shape, (np.isnan(value), Reason.MISSING_INPUT))
        place = 1.0 + (value >= edges[1]) - (value <= edges[0])
        return Outcome(np.where(reason > 0, np.nan, place), reason, {}, tuple(labels))

    return by_blocks(work, *cells(value=values))
