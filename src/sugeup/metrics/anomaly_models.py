"""Models of ordinary days (이상 탐지 모형): fitted on the past, frozen with their scaler, scoring what comes after."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sugeup.errors import ConfigError, NoData, Refused
from sugeup.metrics import samples
from sugeup.metrics.dense import Floats, floats, whole

MAHALANOBIS, ISOLATION_FOREST = "MAHALANOBIS", "ISOLATION_FOREST"
FIT_SESSIONS, CALIBRATION_SESSIONS = 250, 30
LEAST_ROWS = 1000
CORE = 0.75  # share of the rows, the most ordinary ones, that shape the distance
STEPS = 100
THINNEST = 1e-8  # of the widest direction: a direction without spread would make rounding errors look strange
TREES, SAMPLE, SEED = 300, 256, 20240101
EULER = 0.5772156649015329
BLOCK = 1 << 14


@dataclass(frozen=True, eq=False)
class AnomalyModel:
    """A frozen model: `kind`, the features that it looks at, their scaler, and what the fit found.

    `dropped`: features that never varied while it was fitted (short selling in a ban). `centre`, `scale`: median and
    spread of each feature. `first`, `last`: the sessions of the fit, as text; `rows`: how many rows it saw. `parts`:
    the arrays of the kind. `calibration`: scores of the sessions after the fit, ascending.
    """

    kind: str
    features: tuple[str, ...]
    dropped: tuple[str, ...]
    centre: Floats
    scale: Floats
    first: str
    last: str
    rows: int
    parts: Mapping[str, NDArray[Any]]
    calibration: Floats


def training(first: int, *, fit: int = FIT_SESSIONS, calibrate: int = CALIBRATION_SESSIONS) -> tuple[slice, slice]:
    """Sessions to fit on and to calibrate on, for a model that scores from session index `first` on (월별 재학습).

    The calibration is held out: it lies between the fit and the month scored. Raises NoData when the history is short.
    """
    start = whole("first", first, 0) - whole("calibrate", calibrate, 1)
    if start < whole("fit", fit, 1):
        raise NoData(
            f"{first} sessions before the month scored are too few; needed: {fit} to fit and {calibrate} to calibrate.",
            code="OUT_OF_HISTORY",
            hint="Collect a longer history, or ask for a later month.",
        )
    return slice(start - fit, start), slice(start, start + calibrate)


def fit(rows: ArrayLike, names: Sequence[str], *, first: str, last: str, kind: str = MAHALANOBIS) -> AnomalyModel:
    """Learn what ordinary rows look like (이상 탐지 모형 적합); the same model for the same rows.

    rows: (rows, features), such as `Features.rows`; rows with a NaN are left out. kind: MAHALANOBIS, the distance from
    the middle of the most ordinary three quarters (minimum covariance determinant, Rousseeuw & Van Driessen 1999,
    concentrated from one deterministic start), or ISOLATION_FOREST (Liu, Ting & Zhou 2008; needs the extra `ml`, else
    ConfigError). Fewer than 1,000 rows: NoData. Every other kind is Refused.
    """
    given = floats("rows", rows)
    if given.ndim != 2 or given.shape[1] != len(names) or not names:
        raise Refused(f"rows must be a matrix with {len(names)} columns, one for each name; received {given.shape}.")
    complete = given[np.isfinite(given).all(axis=1)]
    if len(complete) < LEAST_ROWS:
        raise NoData(
            f"{len(complete)} complete rows are not enough to fit on; needed: {LEAST_ROWS}.",
            code="OUT_OF_HISTORY",
            hint="Collect a longer history or more stocks.",
        )
    centre, scale = _scaler(complete)
    varied = scale > 0
    if not varied.any():
        raise NoData("no feature varies in these rows.", code="OUT_OF_HISTORY", hint="Collect a longer history.")
    centre, scale = centre[varied], scale[varied]
    scaled = (complete[:, varied] - centre) / scale
    if kind == MAHALANOBIS:
        parts: Mapping[str, NDArray[Any]] = _ellipse(scaled)
    elif kind == ISOLATION_FOREST:
        parts = _forest(scaled)
    else:
        raise Refused(f"kind={kind!r} is not allowed; allowed: {MAHALANOBIS}, {ISOLATION_FOREST}.")
    kept = tuple(name for name, useful in zip(names, varied, strict=True) if useful)
    dropped = tuple(name for name, useful in zip(names, varied, strict=True) if not useful)
    return AnomalyModel(kind, kept, dropped, centre, scale, first, last, len(complete), parts, np.empty(0))


def scores(model: AnomalyModel, rows: ArrayLike, names: Sequence[str]) -> Floats:
    """How strange each row is, larger is stranger; NaN for a row with a missing feature of the model.

    rows: (..., features) in the order of `names`, which must hold every feature of the model, else Refused.
    """
    given = floats("rows", rows)
    absent = [name for name in model.features if name not in names]
    if absent or given.shape[-1:] != (len(names),):
        raise Refused(
            f"rows of shape {given.shape} with the features {', '.join(names)} do not suit the model; "
            f"it needs {', '.join(model.features)}."
        )
    chosen = given[..., [list(names).index(name) for name in model.features]]
    scaled = ((chosen - model.centre) / model.scale).reshape(-1, len(model.features))
    result = np.full(len(scaled), np.nan)
    complete = np.flatnonzero(np.isfinite(scaled).all(axis=1))
    work = _distances if model.kind == MAHALANOBIS else _isolation
    for start in range(0, complete.size, BLOCK):
        some = complete[start : start + BLOCK]
        result[some] = work(scaled[some], model.parts)
    return result.reshape(given.shape[:-1])


def calibrated(model: AnomalyModel, rows: ArrayLike, names: Sequence[str]) -> AnomalyModel:
    """The model with the scores of held-out rows, against which `anomalies.judged` reads the scores of later days."""
    found = scores(model, rows, names).ravel()
    return replace(model, calibration=np.sort(found[np.isfinite(found)]))


def _scaler(rows: Floats) -> tuple[Floats, Floats]:
    """Median and spread of each column: median absolute deviation, or the mean one when that is 0; 0 if constant."""
    columns = np.ascontiguousarray(rows.T)
    middle = samples.median(columns)
    away = np.abs(columns - middle[:, None])
    narrow, wide = 1.4826 * samples.median(away), 1.2533 * away.mean(axis=1)
    return middle, np.where(narrow > 0, narrow, wide)


def _ellipse(scaled: Floats) -> dict[str, NDArray[Any]]:
    """Middle and inverse covariance of the most ordinary rows, concentrated until they stay the same."""
    keep = max(scaled.shape[1] + 1, int(CORE * len(scaled)))
    parts: dict[str, NDArray[Any]] = {"location": np.zeros(scaled.shape[1]), "precision": np.eye(scaled.shape[1])}
    core = np.empty(0, dtype=np.int64)
    for _ in range(STEPS):
        chosen = np.sort(np.argpartition(_distances(scaled, parts), keep - 1)[:keep])
        if np.array_equal(chosen, core):
            break
        core = chosen
        location = scaled[core].mean(axis=0)
        spread, directions = np.linalg.eigh(np.atleast_2d(np.cov(scaled[core], rowvar=False)))
        spread = np.maximum(spread, THINNEST * max(spread[-1], np.finfo(float).tiny))
        parts = {"location": location, "precision": (directions / spread) @ directions.T}
    return parts


def _distances(scaled: Floats, parts: Mapping[str, NDArray[Any]]) -> Floats:
    away = scaled - parts["location"]
    squared: Floats = ((away @ parts["precision"]) * away).sum(axis=1)
    return np.sqrt(np.maximum(squared, 0))


def _forest(scaled: Floats) -> dict[str, NDArray[Any]]:
    """The trees of scikit-learn's isolation forest as arrays, so that scores need neither pickles nor scikit-learn."""
    try:
        ensemble: Any = importlib.import_module("sklearn.ensemble")
    except ImportError:
        raise ConfigError(
            "an isolation forest is fitted by scikit-learn, which is not installed.",
            hint="Install the extra: pip install 'sugeup[ml]', or use kind='MAHALANOBIS'.",
        ) from None
    size = min(SAMPLE, len(scaled))
    fitted = ensemble.IsolationForest(n_estimators=TREES, max_samples=size, random_state=SEED).fit(scaled)
    trees = [one.tree_ for one in fitted.estimators_]
    starts = np.cumsum([0, *(tree.node_count for tree in trees)])
    lefts, rights, features, thresholds, paths = [], [], [], [], []
    for tree, start in zip(trees, starts[:-1], strict=True):
        left, right = np.asarray(tree.children_left), np.asarray(tree.children_right)
        leaf, place = left < 0, np.arange(left.size)
        depth = np.zeros(left.size)
        for node in np.flatnonzero(~leaf):  # parents come before their children
            depth[left[node]] = depth[right[node]] = depth[node] + 1
        lefts.append(start + np.where(leaf, place, left))
        rights.append(start + np.where(leaf, place, right))
        features.append(np.where(leaf, 0, tree.feature))
        thresholds.append(np.where(leaf, np.inf, tree.threshold))
        paths.append(np.where(leaf, depth + _usual_depth(np.asarray(tree.n_node_samples, dtype=np.float64)), 0))
    return {
        "roots": starts[:-1].astype(np.int32),
        "left": np.concatenate(lefts).astype(np.int32),
        "right": np.concatenate(rights).astype(np.int32),
        "feature": np.concatenate(features).astype(np.int16),
        "threshold": np.concatenate(thresholds),
        "path": np.concatenate(paths),
        "usual": _usual_depth(np.array([float(size)])),
    }


def _isolation(scaled: Floats, parts: Mapping[str, NDArray[Any]]) -> Floats:
    """2 to the power of -(mean depth at which a row stands alone ÷ the usual depth)."""
    narrow = scaled.astype(np.float32)  # the trees were grown on such
    total = np.zeros(len(narrow))
    rows = np.arange(len(narrow))
    for root in parts["roots"]:
        node = np.full(len(narrow), root)
        while True:
            low = narrow[rows, parts["feature"][node]] <= parts["threshold"][node]
            below = np.where(low, parts["left"][node], parts["right"][node])
            if np.array_equal(below, node):
                break
            node = below
        total += parts["path"][node]
    mean: Floats = total / len(parts["roots"])
    return np.exp2(-mean / float(parts["usual"][0]))


def _usual_depth(n: Floats) -> Floats:
    """Mean depth of a leaf in a random tree over n rows; Liu, Ting & Zhou 2008."""
    many = np.maximum(n, 3)
    deep = 2 * (np.log(many - 1) + EULER) - 2 * (many - 1) / many
    return np.where(n <= 1, 0.0, np.where(n == 2, 1.0, deep))
