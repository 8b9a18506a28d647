"""곡선: paths of prices around the signals told most often, and what probabilities said against what happened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sugeup.research import calibration, events, walkforward
from sugeup.research.detectors import Found
from sugeup.research.figures import Figures
from sugeup.research.stability import AHEAD, SIGNS

KINDS, DIAGRAMS = 6, 3


def paths(market: Figures, found: Sequence[Found], most: int = KINDS) -> list[dict[str, Any]]:
    """Event studies of the kinds with most signals: cumulated abnormal return by offset, sign x return, with a band.

    Sessions are resampled in blocks as long as the part of the path after the signal.
    """
    sided = [one for one in found if one.direction in SIGNS and one.fired.any()]
    told: list[dict[str, Any]] = []
    for one in sorted(sided, key=lambda one: (-int(one.fired.sum()), one.kind, one.direction)):
        steps = events.study(one.fired, market.excess, sign=SIGNS[one.direction], block=events.AFTER)
        if steps[0].n and len(told) < most:
            points = [[step.offset, step.mean, step.lo, step.hi] for step in steps]
            told.append({"kind": one.kind, "direction": one.direction, "n": steps[0].n, "points": points})
    return told


def reliabilities(level: str, market: Figures, found: Sequence[Found]) -> list[dict[str, Any]]:
    """Walk-forward probabilities of each kind with a strength against what happened, in ten bins."""
    ahead = events.forward(market, AHEAD)
    told = []
    for one in found:
        if one.direction not in SIGNS:
            continue
        row, at = np.nonzero(one.fired & np.isfinite(ahead) & np.isfinite(one.strength))
        if not len(row):
            continue
        happened = (SIGNS[one.direction] * ahead[row, at] > 0).astype(np.float64)
        days, known = ([market.days[place + back] for place in at] for back in (0, AHEAD))
        said = walkforward.predictions(one.strength[row, at], happened, days, known, least=calibration.LEAST)
        tried = np.isfinite(said)
        if tried.any():
            bins = calibration.reliability(said[tried], happened[tried])
            told.append({"level": level, "kind": one.kind, "tried": int(tried.sum()), "bins": bins})
    return told


def most_tried(told: Sequence[dict[str, Any]], most: int = DIAGRAMS) -> list[dict[str, Any]]:
    """The diagrams with most probabilities."""
    return sorted(told, key=lambda one: (-one["tried"], one["level"], one["kind"]))[:most]
