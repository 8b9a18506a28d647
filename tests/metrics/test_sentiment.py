"""Scores of sentiment: bands, missing components, what each component did, and how far investors differ."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.errors import Refused
from sugeup.metrics import sentiment
from tests.metrics.test_vectors import six_digits
from tests.support.vectors import evaluate

PERCENT = st.integers(0, 200).map(lambda half: half / 2)
SIZE = st.just(0.0) | st.floats(0.01, 100)
GIVEN = st.dictionaries(st.sampled_from(sentiment.COMPONENTS), st.none() | PERCENT)
EXAMPLES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "sen.type_score": (
        {"components": {"flow_pct": 82, "persistence_pct": 75, "breadth_pct": 60}},
        {"value": 72.3333, "n": 3, "label": "BULLISH"},
    ),
    "sen.overall": (
        {"components": dict(zip(sentiment.COMPONENTS, (70, 65, 55, 40, 60, 72), strict=True))},
        {"value": 60.3333, "n": 6, "label": "BULLISH"},
    ),
    "sen.divergence": (
        {
            "score": {"foreign": 78.5, "institution": 58.2, "individual": 45.3},
            "participation": {"institution": 20, "individual": 50},
        },
        {"value": 29.5143, "institution_vs_individual": 12.9},
    ),
}


@pytest.mark.parametrize("id", EXAMPLES)
def test_a_worked_example_agrees_and_without_an_input_there_is_no_value(id: str) -> None:
    inputs, expected = EXAMPLES[id]
    assert expected == six_digits(evaluate(id, inputs))
    for name in inputs:
        for given_ in (inputs | {name: None}, {key: part for key, part in inputs.items() if key != name}):
            cell = evaluate(id, given_)
            assert (None, "MISSING_INPUT") == (cell["value"], cell["reason"])


def test_the_bands_close_where_the_reference_says() -> None:
    words = {
        19.99: "STRONGLY_BEARISH", 20: "BEARISH", 39.99: "BEARISH", 40: "NEUTRAL", 60: "NEUTRAL", 60.01: "BULLISH",
        80: "BULLISH", 80.01: "STRONGLY_BULLISH", 0: "STRONGLY_BEARISH", 100: "STRONGLY_BULLISH",
    }  # fmt: skip
    got = sentiment.type_score({"flow_pct": list(words), "breadth_pct": list(words)})
    assert words == {score: got.at(place)["label"] for place, score in enumerate(words)}


@given(GIVEN)
@settings(max_examples=80, deadline=None)
def test_a_score_is_the_mean_of_what_is_there_and_its_impacts_add_up(components: dict[str, float | None]) -> None:
    present = [part for part in components.values() if part is not None]
    cell = sentiment.overall(components).at()
    if len(present) < 4:
        reason = "INSUFFICIENT_HISTORY" if components else "MISSING_INPUT"
        assert {"value": None, "reason": reason, "n": len(present), "label": None} == cell
    else:
        assert (pytest.approx(np.mean(present)), len(present)) == (cell["value"], cell["n"])
        effects = sentiment.impacts(components)
        assert {name for name, part in components.items() if part is None} == {
            name for name, effect in effects.items() if np.isnan(effect)
        }
        assert pytest.approx(cell["value"] - 50, abs=1e-9) == np.nansum(list(effects.values()))
    mirrored = sentiment.overall({name: None if part is None else 100 - part for name, part in components.items()})
    if cell["value"] is not None:
        assert pytest.approx(100 - cell["value"]) == mirrored.at()["value"]


def test_names_and_percentiles_outside_the_list_are_refused() -> None:
    with pytest.raises(Refused, match="no 'vix'; allowed: breadth, momentum"):
        sentiment.overall({"vix": 3})
    with pytest.raises(Refused, match="flow_pct=101"):
        sentiment.type_score({"flow_pct": 101})


def test_a_score_changes_only_when_the_same_things_were_measured() -> None:
    today = {"breadth": 60, "momentum": 60, "basis": 60, "credit": 60, "smart_flow": None}
    yesterday = {"breadth": 50, "momentum": 50, "basis": 50, "credit": 50}
    assert 10.0 == sentiment.change(today, yesterday, min_components=4).at()["value"]
    other = sentiment.change(today, yesterday | {"smart_flow": 50}, min_components=4).at()
    assert {"value": None, "reason": "MISSING_INPUT"} == other
    few = sentiment.change({"breadth": 50}, {"breadth": 40}, min_components=4).at()
    assert {"value": None, "reason": "INSUFFICIENT_HISTORY"} == few


def test_ten_points_in_a_week_are_a_trend() -> None:
    got = sentiment.trend([10, 9.99, -9.99, -10, None])
    words = ["INCREASINGLY_BULLISH", "STABLE", "STABLE", "INCREASINGLY_BEARISH", None]
    assert words == [got.at(place)["value"] for place in range(5)]


@given(st.tuples(PERCENT, PERCENT, PERCENT), SIZE, SIZE, st.floats(0.1, 9))
@settings(max_examples=80, deadline=None)
def test_a_divergence_turns_with_the_scores_and_ignores_the_unit_of_participation(
    scores: tuple[float, float, float], some: float, others: float, unit: float
) -> None:
    names = ("foreign", "institution", "individual")

    def cell(values: list[float], scale: float = 1) -> dict[str, Any]:
        sizes = {"institution": scale * some, "individual": scale * others}
        return sentiment.divergence(dict(zip(names, values, strict=True)), sizes).at()

    now = cell(list(scores))
    assert pytest.approx(scores[1] - scores[2]) == now["institution_vs_individual"]
    if some + others == 0:
        assert (None, "ZERO_DENOMINATOR") == (now["value"], now["reason"])
        return
    assert -100 <= now["value"] <= 100
    assert pytest.approx(now["value"], abs=1e-9) == cell(list(scores), unit)["value"]
    assert pytest.approx(-now["value"], abs=1e-9) == cell([100 - score for score in scores])["value"]


def test_without_a_foreign_score_the_two_at_home_are_still_compared() -> None:
    cell = sentiment.divergence({"institution": 60, "individual": 50}, {"institution": 1, "individual": 1}).at()
    assert {"value": None, "reason": "MISSING_INPUT", "institution_vs_individual": 10.0} == cell
    with pytest.raises(Refused, match=r"participation\.individual=-1"):
        sentiment.divergence({}, {"individual": -1})
