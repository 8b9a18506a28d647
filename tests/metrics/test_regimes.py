"""The two-state model of the index: filtered probabilities by hand, fits of planted regimes, and honest refusals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.errors import Refused
from sugeup.metrics import regimes
from tests.support.vectors import evaluate

MODEL: dict[str, Any] = {"mu": [0.0005, -0.001], "sigma": [0.008, 0.022], "p00": 0.98, "p11": 0.95}
EXAMPLE = {"ret": [0.002, -0.004, 0.03, -0.035, 0.025], **MODEL}


def planted(sessions: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns of a market with the regimes of MODEL, and the true states."""
    rng = np.random.default_rng(seed)
    states, state = np.empty(sessions, dtype=int), 0
    for session in range(sessions):
        states[session] = state
        state = state if rng.random() < (MODEL["p00"], MODEL["p11"])[state] else 1 - state
    return rng.normal(np.array(MODEL["mu"])[states], np.array(MODEL["sigma"])[states]), states


def test_the_worked_example_agrees_to_six_digits() -> None:
    cell = evaluate("sen.hamilton_filter", EXAMPLE)
    assert "RISK_OFF" == cell["value"]
    assert pytest.approx([0.872095, 0.936238, 0.0876607, 7.2821e-05, 0.00267129], rel=1e-5) == cell["prob"]
    assert (pytest.approx(0.997329, rel=1e-6), pytest.approx(20)) == (cell["confidence"], cell["expected_duration"])


def bayes(ret: list[float | None], mu: Any, sigma: Any, p00: float, p11: float) -> list[float]:
    """The definition, session by session."""
    before, found = (1 - p11) / (2 - p00 - p11), []
    for one in ret:
        here = before
        if one is not None:
            dense = [math.exp(-0.5 * ((one - mu[k]) / sigma[k]) ** 2) / sigma[k] for k in range(2)]
            here = before * dense[0] / (before * dense[0] + (1 - before) * dense[1])
        found.append(here)
        before = here * p00 + (1 - here) * (1 - p11)
    return found


@given(
    st.lists(st.none() | st.floats(-0.05, 0.05), min_size=1, max_size=30),
    st.floats(0.05, 0.99),
    st.floats(0.05, 0.99),
    st.floats(0.5, 50),
)
@settings(max_examples=60, deadline=None)
def test_the_filter_is_bayes_rule_in_any_unit(ret: list[float | None], p00: float, p11: float, unit: float) -> None:
    cell = regimes.hamilton_filter(ret, MODEL["mu"], MODEL["sigma"], p00, p11).at(-1)
    expected = bayes(ret, MODEL["mu"], MODEL["sigma"], p00, p11)
    assert pytest.approx(expected, rel=1e-9, abs=1e-12) == cell["prob"]
    if all(one is None for one in ret):
        assert (None, "MISSING_INPUT", None) == (cell["value"], cell["reason"], cell["confidence"])
        return
    calm = expected[-1] >= 0.5
    if abs(expected[-1] - 0.5) > 1e-9:
        assert ("RISK_ON" if calm else "RISK_OFF") == cell["value"]
        assert pytest.approx(1 / (1 - (p00 if calm else p11))) == cell["expected_duration"]
    scaled = regimes.hamilton_filter(
        [None if one is None else unit * one for one in ret],
        unit * np.array(MODEL["mu"]),
        unit * np.array(MODEL["sigma"]),
        p00,
        p11,
    )
    assert pytest.approx(cell["prob"], rel=1e-6, abs=1e-9) == scaled.at(-1)["prob"]


def test_a_missing_session_is_predicted_and_a_crash_does_not_break_the_filter() -> None:
    cell = regimes.hamilton_filter([0.0, None, -0.9, 0.0], **MODEL).at(-1)
    predicted = cell["prob"][0] * 0.98 + (1 - cell["prob"][0]) * 0.05
    assert pytest.approx(predicted) == cell["prob"][1]
    assert 0 <= cell["prob"][2] < 1e-300
    assert all(0 <= part <= 1 for part in cell["prob"])


def test_a_model_without_two_kinds_of_days_has_no_skill() -> None:
    near = regimes.hamilton_filter([0.01], [0, 0], [0.01, 0.0122], 0.9, 0.9).at(-1)
    assert {"value": None, "reason": "NO_SKILL", "prob": None, "confidence": None, "expected_duration": None} == near
    assert "NO_SKILL" == regimes.hamilton_filter([0.01], [0, 0], [0.02, 0.01], 0.9, 0.9).at(-1)["reason"]
    assert "RISK_ON" == regimes.hamilton_filter([0.0], [0, 0], [0.01, 0.0123], 0.9, 0.9).at(-1)["value"]


@pytest.mark.parametrize("name", EXAMPLE)
def test_without_one_of_its_inputs_there_is_no_regime(name: str) -> None:
    cell = evaluate("sen.hamilton_filter", EXAMPLE | {name: None})
    assert (None, "MISSING_INPUT") == (cell["value"], cell["reason"])


def test_impossible_parameters_are_refused() -> None:
    for wrong in ({"sigma": [0.0, 1.0]}, {"p00": 1.0}, {"p11": 0.0}, {"mu": [0.0]}):
        with pytest.raises(Refused):
            regimes.hamilton_filter([0.01], **MODEL | wrong)


def test_the_newest_sessions_are_those_of_the_whole_and_an_empty_series_has_none() -> None:
    ret, _ = planted(60, 1)
    whole, newest = (regimes.hamilton_filter(ret, **MODEL, last=last) for last in (None, 3))
    assert whole.value[-3:].tobytes() == newest.value.tobytes()
    assert {"value": None, "reason": "INSUFFICIENT_HISTORY"}.items() <= regimes.hamilton_filter(
        [], **MODEL
    ).at().items()


def test_spells_spread_wider_than_their_mean_suggests() -> None:
    assert (3, 14, 45) == regimes.duration_quantiles(0.95)
    assert (1, 1, 1) == regimes.duration_quantiles(0.01)
    draws = np.random.default_rng(2).geometric(1 - 0.95, 200_000)
    for share, quantile in zip((0.1, 0.5, 0.9), regimes.duration_quantiles(0.95), strict=True):
        assert (draws < quantile).mean() < share <= (draws <= quantile).mean() + 0.005


def test_a_fit_finds_planted_regimes_in_any_unit_and_through_gaps() -> None:
    ret, states = planted(2500, 3)
    ret[100:110] = np.nan
    model = regimes.fit(ret)
    assert ("", 2490) == (model.reason, model.sessions)
    assert pytest.approx((0.008, 0.022), rel=0.1) == model.sigma
    assert pytest.approx((0.98, 0.95), abs=0.02) == (model.p00, model.p11)
    told = regimes.hamilton_filter(ret, model.mu, model.sigma, model.p00, model.p11)
    assert (told.value == states).mean() > 0.9
    percent = regimes.fit(100 * ret)
    assert pytest.approx(np.array(model.sigma) * 100, rel=1e-3) == np.array(percent.sigma)
    assert pytest.approx(model.log_likelihood - 2490 * math.log(100), abs=1e-3) == percent.log_likelihood
    assert model == regimes.fit(ret)


def test_the_likelihood_reported_is_that_of_the_returns() -> None:
    ret, _ = planted(900, 4)
    model = regimes.fit(ret)
    total, before = 0.0, (1 - model.p11) / (2 - model.p00 - model.p11)
    for one in ret:
        dense = [
            math.exp(-0.5 * ((one - model.mu[k]) / model.sigma[k]) ** 2) / model.sigma[k] / math.sqrt(2 * math.pi)
            for k in range(2)
        ]
        both = before * dense[0] + (1 - before) * dense[1]
        total += math.log(both)
        here = before * dense[0] / both
        before = here * model.p00 + (1 - here) * (1 - model.p11)
    assert pytest.approx(total, rel=1e-9) == model.log_likelihood


@pytest.mark.slow
@pytest.mark.parametrize("sessions", [750, 2000])
def test_independent_returns_have_no_regimes(sessions: int) -> None:
    """The ratio of variances alone would accept every second such series: a state on two sessions has any variance."""
    rng = np.random.default_rng(5)
    normal = [regimes.fit(0.01 * rng.normal(size=sessions)).reason for _ in range(12)]
    assert ["NO_SKILL"] * 12 == normal
    heavy = [regimes.fit(0.01 * rng.standard_t(4, size=sessions)).reason for _ in range(12)]
    assert heavy.count("NO_SKILL") >= 11


def test_too_short_or_constant_returns_have_no_model() -> None:
    assert "INSUFFICIENT_HISTORY" == regimes.fit(planted(749, 1)[0]).reason
    constant = regimes.fit([0.001] * 800)
    assert ("NO_SKILL", True) == (constant.reason, math.isnan(constant.p00))
    with pytest.raises(Refused, match="one series"):
        regimes.fit([[0.0]])


def test_a_walk_through_the_months_never_learns_from_the_month_itself() -> None:
    ret, _ = planted(1000, 6)
    month = 202001 + np.arange(1000) // 50
    whole, models = regimes.walk_forward(ret, month, starts=4)
    assert {"INSUFFICIENT_HISTORY"} == {models[key].reason for key in list(models)[:15]}
    assert (whole.reason[:750] > 0).all() and (whole.reason[750:] == 0).all()
    cut, _ = regimes.walk_forward(ret[:880], month[:880], starts=4)
    assert whole.extra["prob"][:880].tobytes() == cut.extra["prob"].tobytes()
    spoilt = ret.copy()
    spoilt[880:] *= -50
    other, _ = regimes.walk_forward(spoilt, month, starts=4)
    assert whole.extra["prob"][:880].tobytes() == other.extra["prob"][:880].tobytes()
    frozen = models[int(month[860])]
    assert frozen == regimes.fit(ret[:850], starts=4)
    by_hand = regimes.hamilton_filter(ret[:900], frozen.mu, frozen.sigma, frozen.p00, frozen.p11)
    assert pytest.approx(by_hand.extra["prob"][850:900], abs=1e-9) == whole.extra["prob"][850:900]
    assert by_hand.at(870)["value"] == whole.at(870)["value"]
    with pytest.raises(Refused, match="never fall"):
        regimes.walk_forward(ret, month[::-1])
