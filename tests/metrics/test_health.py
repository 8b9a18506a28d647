"""The score of the system: one dead part is not averaged away, an unknown one is not taken for healthy."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.errors import Refused
from sugeup.metrics import health

PARTS = st.dictionaries(
    st.text("abc", min_size=1, max_size=3),
    st.tuples(st.floats(0.001, 0.999), st.integers(1, 9)),
    min_size=1,
    max_size=5,
)


def component(value: Any, good: Any = 0, bad: Any = 1, weight: Any = 1) -> dict[str, Any]:
    return {"value": value, "good": good, "bad": bad, "weight": weight}


def test_all_good_is_a_hundred_and_better_than_good_is_no_more() -> None:
    for value in (0, -5):
        assert {"value": 100.0, "parts": {"a": 1.0}} == health.score({"a": component(value)}).at()


def test_one_dead_part_gives_zero_however_small_its_weight() -> None:
    answer = health.score({"a": component(0, weight=99), "b": component(7, weight=0.01)}).at()
    assert {"value": 0.0, "parts": {"a": 1.0, "b": 0.0}} == answer


def test_a_part_without_weight_is_shown_and_does_not_count() -> None:
    assert 50.0 == health.score({"a": component(0.5), "b": component(1, weight=0)}).value
    assert "ZERO_DENOMINATOR" == health.score({"b": component(1, weight=0)}).reason


@given(PARTS, st.integers(1, 100))
@settings(max_examples=60, deadline=None)
def test_the_score_is_the_weighted_geometric_mean_in_any_unit(parts: dict[str, tuple[float, int]], unit: int) -> None:
    given_parts = {name: component(1 - u, weight=weight) for name, (u, weight) in parts.items()}
    total = sum(weight for _, weight in parts.values())
    expected = 100 * math.prod(u ** (weight / total) for u, weight in parts.values())
    answer = health.score(given_parts).value
    assert math.isclose(expected, answer, rel_tol=1e-9)
    seconds = {name: component(unit * (1 - u), 0, unit, 3 * weight) for name, (u, weight) in parts.items()}
    assert math.isclose(answer, health.score(dict(reversed(seconds.items()))).value, rel_tol=1e-9)


def test_a_ratio_is_good_when_it_is_high() -> None:
    good, bad = health.BANDS["completeness"]
    assert good > bad
    assert {"c": 0.5} == {
        name: round(part, 9)
        for name, part in health.score({"c": component((good + bad) / 2, good, bad)}).extra["parts"].items()
    }


@pytest.mark.parametrize("field", health.FIELDS)
def test_an_unknown_part_leaves_no_score_and_the_others_are_still_shown(field: str) -> None:
    for broken in (component(0.5) | {field: None}, {key: part for key, part in component(0.5).items() if key != field}):
        expected = {"value": None, "reason": "MISSING_INPUT", "parts": {"a": 0.75, "b": None}}
        assert expected == health.score({"a": component(0.25), "b": broken}).at()


def test_nothing_measured_is_not_healthy() -> None:
    assert {"value": None, "reason": "MISSING_INPUT", "parts": {}} == health.score({}).at()


def test_bands_that_mean_nothing_are_refused() -> None:
    with pytest.raises(Refused, match="a: good=1 and bad=1"):
        health.score({"a": component(1, 1, 1)})
    with pytest.raises(Refused, match="a: weight=-1"):
        health.score({"a": component(0, weight=-1)})
    with pytest.raises(Refused, match=r"a\.value must hold numbers"):
        health.score({"a": component("fast")})


def test_the_bands_of_the_own_score_can_be_used_as_they_are() -> None:
    best = {name: component(good, good, bad) for name, (good, bad) in health.BANDS.items()}
    worst = {name: component(bad, good, bad) for name, (good, bad) in health.BANDS.items()}
    assert [100.0, 0.0] == [health.score(best).value, health.score(worst).value]
