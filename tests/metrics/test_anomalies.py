"""How strange, which ones, and in what way: p-values by hand, false alarms held to their share, and every type."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.errors import Refused
from sugeup.metrics import anomalies
from tests.metrics.test_vectors import six_digits
from tests.support.vectors import evaluate

FAR = {"foreign_z": 4.2, "institution_z": 1.0, "turnover_z": 3.1, "smart_z": 2.0, "close_share_z": 0.5}
EXAMPLES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "ano.conformal": (
        {"score": 9.5, "ref": [i / 6 for i in range(60)]},
        {"value": 0.0655738, "severity": 6.62774},
    ),
    "ano.type": ({"z": FAR, "foreign_sign": 1, "institution_sign": 1}, {"value": "FOREIGN_LARGE_FLOW"}),
}


@pytest.mark.parametrize("id", EXAMPLES)
def test_a_worked_example_agrees_and_without_an_input_there_is_no_value(id: str) -> None:
    inputs, expected = EXAMPLES[id]
    assert expected == six_digits(evaluate(id, inputs))
    for name in inputs:
        for given_ in (inputs | {name: None}, {key: part for key, part in inputs.items() if key != name}):
            cell = evaluate(id, given_)
            assert (None, "MISSING_INPUT") == (cell["value"], cell["reason"])


@given(st.integers(-20, 20), st.lists(st.integers(-20, 20), min_size=60, max_size=80), st.randoms(), st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_a_p_value_counts_the_scores_at_least_as_large(score: int, past: list[int], draw: Any, scale: int) -> None:
    cell = anomalies.conformal(score, past).at()
    p = (1 + sum(other >= score for other in past)) / (len(past) + 1)
    assert {"value": p, "severity": pytest.approx(10 * np.log(p) / -np.log(len(past) + 1))} == cell
    assert 0 <= cell["severity"] <= 10
    shuffled = draw.sample(past, len(past))
    assert cell == anomalies.conformal(scale * score, [scale * other for other in shuffled]).at()
    rows = np.array([past, shuffled], dtype=float)
    assert [cell, cell] == [anomalies.conformal(score, rows).at(row) for row in range(2)]


def test_a_p_value_needs_sixty_past_scores() -> None:
    nothing = {"value": None, "reason": "INSUFFICIENT_HISTORY", "severity": None}
    assert nothing == anomalies.conformal(1, [*range(59), None]).at()
    assert nothing == anomalies.conformal(1, []).at()
    assert nothing == anomalies.conformal(1, np.zeros((1, 3))).at(0)
    assert "MISSING_INPUT" == anomalies.conformal(1, [None] * 70).at()["reason"]
    assert {"value": 1.0, "severity": 0.0} == anomalies.conformal(-1, range(60)).at()


def typed(foreign: float = 0, institution: float = 0, turnover: float = 0, smart: float = 0, close: float = 0) -> Any:
    z = dict(zip(anomalies.NAMED, (foreign, institution, turnover, smart, close), strict=True))
    return anomalies.type(z, np.sign(foreign), np.sign(institution)).at()["value"]


def test_every_type_has_its_day() -> None:
    days = {
        "FOREIGN_INSTITUTION_SAME_SIDE": typed(foreign=-3, institution=-3.5, turnover=20),
        "FOREIGN_LARGE_FLOW": typed(foreign=-3.5, institution=3),
        "INSTITUTION_LARGE_FLOW": typed(foreign=2.99, institution=3.5),
        "TURNOVER_SPIKE": typed(turnover=3, smart=2.9),
        "COMBINED_LARGE_FLOW": typed(foreign=2.5, institution=2.5, smart=3),
        "CLOSING_CONCENTRATION": typed(close=-8, turnover=7),
        "MULTIVARIATE_ONLY": typed(2.99, 2.99, 2.99, 2.99, 2.99),
    }
    assert list(days) == list(days.values())
    assert set(anomalies.TYPES) == set(days)


@given(st.lists(st.floats(-9, 9), min_size=5, max_size=5))
@settings(max_examples=80, deadline=None)
def test_the_type_of_a_day_mirrors_when_everybody_turns_around(z: list[float]) -> None:
    assert typed(*z) == typed(*(-part for part in z))


def test_a_day_with_a_missing_feature_has_no_type() -> None:
    for name in FAR:
        assert {"value": None, "reason": "MISSING_INPUT"} == anomalies.type(FAR | {name: None}, 1, 1).at()
    with pytest.raises(Refused, match="no 'price_z'; allowed: foreign_z"):
        anomalies.type(FAR | {"price_z": 1}, 1, 1)
    with pytest.raises(Refused, match="cut=0"):
        anomalies.type(FAR, 1, 1, cut=0)


def test_among_ordinary_stocks_almost_no_day_rings_and_planted_ones_do() -> None:
    """A fixed share of alarms, whatever the data, is the fault of a contamination rate."""
    rng = np.random.default_rng(3)
    rang = []
    for _ in range(40):
        past, today = rng.gamma(2, size=20_000), rng.gamma(2, size=500)
        rang.append(np.nansum(anomalies.judged(today, past).value) > 0)
    assert np.mean(rang) <= 0.15
    today[:5] = 60
    found = anomalies.judged(today, past)
    assert set(range(5)) <= set(np.flatnonzero(found.value == 1))
    cell = found.at(0)
    assert (True, 10.0) == (cell["value"], cell["severity"])
    assert cell["p"] <= cell["p_adj"] <= 0.05


def test_a_calibration_too_short_to_ever_ring_says_so() -> None:
    scores = np.full(100, 9.0)
    scores[0] = np.nan
    short = anomalies.judged(scores, np.arange(1900) / 1900)
    assert ["MISSING_INPUT", "INSUFFICIENT_HISTORY"] == [short.at(place)["reason"] for place in (0, 1)]
    assert None is not short.at(1)["p"]
    assert True is anomalies.judged(scores, np.arange(1980) / 1980).at(1)["value"]
