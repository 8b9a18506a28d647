"""Groups among flagged days (이상 거래일 묶음), to describe them: a day outside every group is no stranger for it."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sugeup.errors import ConfigError, Refused
from sugeup.metrics import samples
from sugeup.metrics.dense import floats, whole

UNCLUSTERED = -1
MOST_DIMENSIONS = 3


def clusters(flagged: ArrayLike, *, least: int = 5) -> NDArray[np.int64]:
    """Group number of each flagged day from 0, or -1, unclustered (DBSCAN; Ester et al. 1996).

    flagged: (days, at most 3 features), complete, else Refused; each feature is scaled by its median absolute
    deviation. A group has at its core days with `least` neighbours, themselves included, within a distance read off the
    knee of the sorted distances to the neighbour of that number. Needs the extra `ml`, else ConfigError.
    """
    points, near = floats("flagged", flagged), whole("least", least, 2)
    if points.ndim != 2 or not 1 <= points.shape[1] <= MOST_DIMENSIONS or np.isnan(points).any():
        raise Refused(
            f"flagged must be complete rows of 1 to {MOST_DIMENSIONS} features; received shape {points.shape}, "
            f"{int(np.isnan(points).sum())} missing."
        )
    if len(points) < near:
        return np.full(len(points), UNCLUSTERED)
    try:
        found: Any = importlib.import_module("sklearn.cluster")
    except ImportError:
        raise ConfigError(
            "groups of days are found by scikit-learn, which is not installed.",
            hint="Install the extra: pip install 'sugeup[ml]'.",
        ) from None
    columns = np.ascontiguousarray(points.T)
    away = np.abs(columns - samples.median(columns)[:, None])
    spread = samples.median(away)
    spread = np.where(spread > 0, spread, away.mean(axis=1))
    scaled = points / np.where(spread > 0, spread, 1)
    reach = _knee(np.sort(_neighbour(scaled, near)))
    labels = found.DBSCAN(eps=max(reach, float(np.finfo(float).tiny)), min_samples=near).fit_predict(scaled)
    return np.asarray(labels, dtype=np.int64)


def _neighbour(points: NDArray[np.float64], near: int) -> NDArray[np.float64]:
    """Distance of each point to its neighbour of that number, itself being the first."""
    distances = np.sqrt(((points[:, None] - points) ** 2).sum(axis=-1))
    return np.sort(distances, axis=1)[:, near - 1]


def _knee(ascending: NDArray[np.float64]) -> float:
    """The distance farthest below the straight line between the smallest and the largest one."""
    line = np.linspace(ascending[0], ascending[-1], ascending.size)
    return float(ascending[(line - ascending).argmax()])
