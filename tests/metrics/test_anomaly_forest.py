"""What the extra `ml` adds: forests grown by scikit-learn, scored without it, and groups of flagged days."""

from __future__ import annotations

import importlib.util
import sys

import numpy as np
import pytest

from sugeup.errors import ConfigError, Refused
from sugeup.metrics import anomaly_models as models
from sugeup.metrics.anomaly_artefacts import from_bytes, to_bytes
from sugeup.metrics.anomaly_clusters import clusters
from tests.metrics.test_anomaly_models import NAMES, fitted, ordinary
from tests.support.required import unavailable


def needs_the_extra() -> None:
    if importlib.util.find_spec("sklearn") is None:
        unavailable("scikit-learn is not installed: pip install 'sugeup[ml]'")


def test_a_forest_scores_as_scikit_learn_does_and_comes_back_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    needs_the_extra()
    from sklearn.ensemble import IsolationForest

    model, today = fitted(kind=models.ISOLATION_FOREST), ordinary(500, 2)
    theirs = IsolationForest(n_estimators=models.TREES, max_samples=models.SAMPLE, random_state=models.SEED)
    theirs.fit((ordinary(5000) - model.centre) / model.scale)
    ours = models.scores(model, today, NAMES)
    np.testing.assert_allclose(-theirs.score_samples((today - model.centre) / model.scale), ours, rtol=1e-12)
    data = to_bytes(model)
    assert data == to_bytes(fitted(kind=models.ISOLATION_FOREST))
    monkeypatch.setitem(sys.modules, "sklearn", None)
    assert ours.tobytes() == models.scores(from_bytes(data), today, NAMES).tobytes()


def test_a_forest_finds_the_stranger() -> None:
    needs_the_extra()
    found = models.scores(fitted(kind=models.ISOLATION_FOREST), [[9, -40, 4], [0, 10, 3]], NAMES)
    assert found[0] > found[1]


def test_two_kinds_of_strange_days_are_two_groups_and_the_rest_is_unclustered() -> None:
    needs_the_extra()
    rng = np.random.default_rng(4)
    days = np.concatenate([rng.normal(0, 0.1, (40, 2)), rng.normal(3, 0.1, (30, 2)), rng.uniform(8, 40, (4, 2))])
    found = clusters(days * [1e9, 0.01])
    assert 1 == len(set(found[:40])) == len(set(found[40:70]))
    assert {-1} == set(found[70:]) and found[0] != found[40]


def test_a_handful_of_days_has_no_groups_and_needs_no_extra() -> None:
    assert [-1, -1, -1] == list(clusters([[1.0], [2.0], [3.0]]))
    assert [] == list(clusters(np.empty((0, 2))))
    for wrong in ([[1.0, np.nan]], np.zeros((9, 4)), [1.0]):
        with pytest.raises(Refused, match="complete rows of 1 to 3 features"):
            clusters(wrong)


def test_without_scikit_learn_groups_are_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.cluster", None)
    with pytest.raises(ConfigError, match="which is not installed"):
        clusters(np.arange(20.0).reshape(-1, 2))
