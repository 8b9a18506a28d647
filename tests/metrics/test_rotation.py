"""Money between sectors: margins of the matrix, dispersion, the signal that does not flicker, the ranking."""

from __future__ import annotations

import math
import statistics
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.metrics import patterns, rotation

SECTORS = st.dictionaries(
    st.sampled_from("ABCDEFGHIJ"),
    st.tuples(st.integers(-(10**12), 10**12), st.integers(1, 100), st.integers(1, 10**13)),
    min_size=2,
)


def parts(sectors: dict[str, tuple[int, int, int]]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    total = sum(weight for _, weight, _ in sectors.values())
    return (
        {name: net for name, (net, _, _) in sectors.items()},
        {name: weight / total for name, (_, weight, _) in sectors.items()},
        {name: turnover for name, (_, _, turnover) in sectors.items()},
    )


@given(sectors=SECTORS)
@settings(max_examples=100, deadline=None)
def test_rows_and_columns_of_the_matrix_add_to_what_each_sector_lost_and_got(
    sectors: dict[str, tuple[int, int, int]],
) -> None:
    net, weight, turnover = parts(sectors)
    cell = rotation.rotation_matrix(net, weight).at()
    scale = sum(map(abs, net.values())) + 1
    assert math.isclose(0, sum(cell["abnormal"].values()), abs_tol=1e-9 * scale)
    if cell["value"] is None:
        assert ("ZERO_DENOMINATOR", 0.0) == (cell["reason"], cell["moved"])
    else:
        for name, lost in cell["abnormal"].items():
            given_away = sum(cell["value"].get(name, {}).values())
            received = sum(row.get(name, 0) for row in cell["value"].values())
            assert math.isclose(max(-lost, 0), given_away, rel_tol=1e-9, abs_tol=1e-9 * scale)
            assert math.isclose(max(lost, 0), received, rel_tol=1e-9, abs_tol=1e-9 * scale)
    strength = rotation.rotation_strength(net, weight, turnover).at()["value"]
    assert math.isclose(100 * cell["moved"] / sum(turnover.values()), strength, rel_tol=1e-9, abs_tol=1e-12)


def test_buying_the_whole_market_is_no_rotation() -> None:
    """Weights of a third do not add to one in binary; what is left over is rounding, not rotation."""
    net, weight = {"A": 30, "B": 60, "C": 210}, {"A": 0.1, "B": 0.2, "C": 0.7}
    cell = rotation.rotation_matrix(net, weight).at()
    expected = {"value": None, "reason": "ZERO_DENOMINATOR", "abnormal": dict.fromkeys("ABC", 0.0), "moved": 0.0}
    assert expected == cell
    assert 0.0 == rotation.rotation_strength(net, weight, dict.fromkeys("ABC", 100)).at()["value"]


@pytest.mark.parametrize(
    ("net", "weight"),
    [
        ({}, {}),
        ({"A": None, "B": 1}, {"A": 0.5, "B": 0.5}),
        ({"A": 1}, {"A": 0.5, "B": 0.5}),
        ({"A": 1, "B": 1}, {"A": 1}),
    ],
)
def test_a_sector_that_is_not_known_leaves_no_attribution(net: dict[str, Any], weight: dict[str, Any]) -> None:
    expected = {"value": None, "reason": "MISSING_INPUT", "abnormal": None, "moved": None}
    assert expected == rotation.rotation_matrix(net, weight).at()
    assert "MISSING_INPUT" == rotation.rotation_strength(net, weight, dict.fromkeys(net, 5)).at()["reason"]


def test_rotation_strength_of_a_market_without_trade_is_null() -> None:
    half = {"A": 0.5, "B": 0.5}
    idle = rotation.rotation_strength({"A": 0, "B": 0}, half, {"A": 0, "B": 0}).at()
    assert {"value": None, "reason": "ZERO_DENOMINATOR"} == idle
    days = rotation.rotation_strength({"A": [10, 0], "B": [-10, 0]}, half, {"A": [100, 0], "B": [100, 0]})
    assert [5.0, None] == [days.at(day)["value"] for day in range(2)]


@given(sectors=SECTORS, factor=st.integers(2, 1000))
@settings(max_examples=60, deadline=None)
def test_dispersion_is_the_spread_of_the_sectors_shares(sectors: dict[str, tuple[int, int, int]], factor: int) -> None:
    net, _, turnover = parts(sectors)
    cell = rotation.sector_dispersion(net, turnover).at()
    assert len(net) == cell["n"]
    if len(net) < 5:
        assert (None, "INSUFFICIENT_HISTORY") == (cell["value"], cell["reason"])
        return
    expected = statistics.stdev(100 * net[name] / turnover[name] for name in net)
    assert math.isclose(expected, cell["value"], rel_tol=1e-9, abs_tol=1e-12)
    names = sorted(net, reverse=True)
    shuffled = {name: factor * net[name] for name in names}, {name: factor * turnover[name] for name in names}
    assert math.isclose(cell["value"], rotation.sector_dispersion(*shuffled).at()["value"], rel_tol=1e-9, abs_tol=1e-12)


def test_sectors_without_turnover_are_left_out_of_the_dispersion() -> None:
    net = {"A": 1, "B": 2, "C": 3, "D": 4, "E": 5, "F": None, "G": 9}
    turnover = {**dict.fromkeys("ABCDEF", 100), "G": 0}
    assert 5 == rotation.sector_dispersion(net, turnover).at()["n"]
    few = {"value": None, "reason": "INSUFFICIENT_HISTORY", "n": 0}
    assert few == rotation.sector_dispersion({"A": 1}, {"A": 0}).at()
    assert few | {"reason": "MISSING_INPUT"} == rotation.sector_dispersion({"A": None}, {"A": 5}).at()


def naive_signal(z: list[float | None], p: list[float | None]) -> list[str | None]:
    state, told = "NEUTRAL", []
    for score, sure in zip(z, p, strict=True):
        if score is None or sure is None:
            state = "NEUTRAL"
            told.append(None)
            continue
        if score >= 1 and sure <= 0.1:
            state = "INFLOW"
        elif score <= -1 and sure <= 0.1:
            state = "OUTFLOW"
        elif (state == "INFLOW" and score < 0.5) or (state == "OUTFLOW" and score > -0.5):
            state = "NEUTRAL"
        told.append(state)
    return told


SCORES = st.none() | st.sampled_from([-2.0, -1.0, -0.99, -0.5, -0.49, 0.0, 0.49, 0.5, 0.99, 1.0, 2.0])
CHANCES = st.none() | st.sampled_from([0.0, 0.1, 0.11, 1.0])


@given(days=st.lists(st.tuples(SCORES, CHANCES), min_size=1, max_size=40))
@settings(max_examples=200, deadline=None)
def test_a_signal_is_entered_on_evidence_kept_for_a_while_and_reset_by_a_gap(
    days: list[tuple[float | None, float | None]],
) -> None:
    z, p = [day[0] for day in days], [day[1] for day in days]
    outcome = rotation.rotation_signal(np.array(z, dtype=float), np.array(p, dtype=float))
    assert naive_signal(z, p) == [outcome.at(day)["value"] for day in range(len(days))]


def test_a_signal_can_turn_over_in_a_day_and_needs_evidence_again_after_a_gap() -> None:
    outcome = rotation.rotation_signal([1.5, -1.5, None, -0.9, -1.0], [0.01, 0.01, 0.01, 0.01, 0.2])
    assert ["INFLOW", "OUTFLOW", None, "NEUTRAL", "NEUTRAL"] == [outcome.at(day)["value"] for day in range(5)]


def test_a_ranking_names_the_best_first_and_equals_by_name() -> None:
    same = {"z5": 1.0, "z20": 1.0, "rs": 100.0}
    features: dict[str, Any] = {"C": same, "A": same, "B": {"z5": 2, "z20": 2, "rs": 101}, "D": {"z5": 9, "z20": None}}
    expected = [{"sector": "B", "score": 3.0}, {"sector": "A", "score": 1.5}, {"sector": "C", "score": 1.5}]
    assert {"value": expected} == rotation.ranker(features).at()
    assert {"value": None, "reason": "MISSING_INPUT"} == rotation.ranker({"D": features["D"]}).at()


@given(order=st.permutations("ABCDEFGHIJ"), factor=st.floats(0.1, 50))
@settings(max_examples=50, deadline=None)
def test_leadership_that_reverses_scores_one_and_one_that_stays_minus_one(order: list[str], factor: float) -> None:
    recent = {name: place * factor for place, name in enumerate(order)}
    prior = {name: -float(place) for place, name in enumerate(order)}
    assert {"value": 1.0, "n": 10} == patterns.rotation(recent, dict(sorted(prior.items()))).at()
    assert -1.0 == patterns.rotation(recent, recent).at()["value"]


@pytest.mark.parametrize(
    ("recent", "prior", "reason", "n"),
    [
        (dict.fromkeys("ABCDEFGH", 1), dict(zip("ABCDEFGH", range(8), strict=True)), "ZERO_VARIANCE", 8),
        (
            dict(zip("ABCDEFG", range(7), strict=True)),
            dict(zip("ABCDEFGH", range(8), strict=True)),
            "INSUFFICIENT_HISTORY",
            7,
        ),
        ({"A": 1}, {"B": 1}, "MISSING_INPUT", 0),
    ],
)
def test_a_rotation_that_cannot_be_judged_says_why(
    recent: dict[str, Any], prior: dict[str, Any], reason: str, n: int
) -> None:
    assert {"value": None, "reason": reason, "n": n} == patterns.rotation(recent, prior).at()
