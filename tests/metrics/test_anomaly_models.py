"""Models of ordinary days: they find planted strangers, are not bent by outliers, and refuse what does not fit."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from sugeup.errors import ConfigError, NoData, Refused
from sugeup.metrics import anomaly_models as models
from sugeup.metrics.anomalies import judged

NAMES = ("foreign_z", "smart_z", "turnover_z")


def ordinary(rows: int, seed: int = 1) -> np.ndarray:
    """Rows whose first two features move together."""
    rng = np.random.default_rng(seed)
    base = rng.normal(size=(rows, 3))
    base[:, 1] = 0.9 * base[:, 0] + 0.3 * base[:, 1]
    return base * [1, 5, 0.01] + [0, 10, 3]


def fitted(rows: np.ndarray | None = None, **more: Any) -> models.AnomalyModel:
    return models.fit(ordinary(5000) if rows is None else rows, NAMES, first="2025-01-02", last="2025-12-30", **more)


def test_a_row_against_the_habit_is_stranger_than_a_large_one_along_it() -> None:
    along, against = [3, 10 + 15 * 0.9, 3], [1, 10 - 5, 3]
    far, near = models.scores(fitted(), [against, along], NAMES)
    assert far > near


def test_scores_of_ordinary_rows_are_distances_of_a_normal_cloud() -> None:
    distances = models.scores(fitted(), ordinary(5000, 2), NAMES)
    assert 0.95 < np.corrcoef(np.sort(distances**2), np.sort(np.random.default_rng(3).chisquare(3, 5000)))[0, 1]


def test_a_fifth_of_wild_rows_does_not_bend_the_model() -> None:
    """A mean and a covariance would be drawn to the outliers and call them ordinary."""
    spoilt = ordinary(5000)
    spoilt[:1000] = [20, -200, 9]
    clean, model = fitted(), fitted(spoilt)
    np.testing.assert_allclose(clean.parts["location"], model.parts["location"], atol=0.6)
    found = models.scores(model, [[20, -200, 9], [0, 10, 3]], NAMES)
    assert found[0] > 20 * found[1]


def test_units_and_order_of_rows_do_not_matter() -> None:
    rows, today = ordinary(2000), ordinary(50, 4)
    units = np.array([1000, 0.001, 7])
    plain = models.scores(fitted(rows), today, NAMES)
    np.testing.assert_allclose(plain, models.scores(fitted(units * rows), units * today, NAMES), rtol=1e-6)
    np.testing.assert_allclose(plain, models.scores(fitted(rows[::-1]), today, NAMES), rtol=1e-9)


def test_features_are_found_by_name_and_a_missing_one_leaves_the_row_unscored() -> None:
    model, today = fitted(), ordinary(4, 5)
    today[2, 1] = np.nan
    plain = models.scores(model, today, NAMES)
    assert [False, False, True, False] == list(np.isnan(plain))
    wider = np.column_stack([np.full(4, np.nan), today[:, ::-1]])
    assert plain.tobytes() == models.scores(model, wider, ("other", *NAMES[::-1])).tobytes()
    assert (2, 2) == models.scores(model, today.reshape(2, 2, 3), NAMES).shape
    with pytest.raises(Refused, match="it needs foreign_z, smart_z, turnover_z"):
        models.scores(model, today[:, :2], NAMES[:2])


def test_a_feature_that_never_varied_is_dropped_by_name() -> None:
    """Short sales are 0 for every stock through a ban: a scaler would divide by it."""
    rows = np.column_stack([ordinary(1500), np.zeros(1500)])
    model = models.fit(rows, (*NAMES, "short_share"), first="a", last="b")
    assert (NAMES, ("short_share",)) == (model.features, model.dropped)
    again = np.column_stack([rows[:, 0], rows[:, 0], rows[:, 2]])  # two features that are one
    assert np.isfinite(models.scores(models.fit(again, NAMES, first="a", last="b"), again, NAMES)).all()


def test_too_few_rows_or_too_short_a_history_are_said() -> None:
    short = ordinary(1001)
    short[:2] = np.nan
    with pytest.raises(NoData, match="999 complete rows"):
        fitted(short)
    with pytest.raises(NoData, match="no feature varies"):
        fitted(np.ones((2000, 3)))
    with pytest.raises(NoData, match="279 sessions"):
        models.training(279)
    assert (slice(20, 270), slice(270, 300)) == models.training(300)
    with pytest.raises(Refused, match="kind='LSTM'"):
        fitted(kind="LSTM")
    with pytest.raises(Refused, match="3 columns"):
        fitted(np.ones((2000, 2)))


def test_from_fit_to_verdict_the_planted_stocks_ring() -> None:
    model = models.calibrated(fitted(), ordinary(6000, 7), NAMES)
    assert 6000 == model.calibration.size and (np.diff(model.calibration) >= 0).all()
    today = ordinary(200, 8)
    today[:3] = [[9, -40, 3], [0, 10, 3.2], [-9, 60, 2.9]]
    verdict = judged(models.scores(model, today, NAMES), model.calibration)
    assert {0, 1, 2} <= set(np.flatnonzero(verdict.value == 1)) and np.nansum(verdict.value) <= 5


def stump() -> models.AnomalyModel:
    """A forest of two trees over one feature, grown by hand: 4 rows each, split at 0 and, on the right, at 2."""
    usual = 2 * (np.log(3) + models.EULER) - 2 * 3 / 4
    parts = {
        "roots": np.array([0, 5], np.int32),
        "left": np.array([1, 1, 3, 3, 4, 5], np.int32),
        "right": np.array([2, 1, 4, 3, 4, 5], np.int32),
        "feature": np.zeros(6, np.int16),
        "threshold": np.array([0.0, np.inf, 2.0, np.inf, np.inf, np.inf]),
        "path": np.array([0.0, 1 + 1.0, 0.0, 2.0, 2.0, usual]),
        "usual": np.array([usual]),
    }
    one = np.ones(1)
    return models.AnomalyModel(models.ISOLATION_FOREST, ("x",), (), 0 * one, one, "a", "b", 4, parts, np.empty(0))


def test_a_forest_scores_by_the_mean_depth_of_its_leaves() -> None:
    usual = stump().parts["usual"][0]
    found = models.scores(stump(), [[-1.0], [0.0], [1.0], [3.0], [np.nan]], ["x"])
    expected = [2 ** -((2 + usual) / 2 / usual)] * 4
    assert pytest.approx([*expected, np.nan], nan_ok=True) == list(found)


def test_without_scikit_learn_a_forest_is_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    with pytest.raises(ConfigError, match=r"sugeup\[ml\]"):
        fitted(kind=models.ISOLATION_FOREST)
