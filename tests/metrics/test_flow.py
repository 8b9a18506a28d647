"""Flow between groups: size and dominance, agreement, persistence, the forecast that must have earned its place."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.metrics import flow
from tests.metrics import closed_form

WON = st.integers(-(10**13), 10**13)


@given(foreign=WON, institution=WON, individual=WON, factor=st.integers(2, 1000), turnover=st.integers(1, 10**14))
@settings(max_examples=60, deadline=None)
def test_what_moved_is_what_the_buyers_got(
    foreign: int, institution: int, individual: int, factor: int, turnover: int
) -> None:
    nets = {"foreign": foreign, "institution": institution, "individual": individual}
    nets["other_corporation"] = -sum(nets.values())
    cell = flow.strength(nets, turnover).at()
    moved = sum(net for net in nets.values() if net > 0)
    assert moved == cell["value"]
    assert foreign + institution == cell["directional"]
    if moved:
        assert math.isclose(2, sum(cell["dominance"].values()), rel_tol=1e-12)
        assert max(cell["dominance"].values()) <= 1 + 1e-12
        scaled = flow.strength({name: factor * net for name, net in nets.items()}, factor * turnover).at()
        assert math.isclose(cell["transfer_pct"], scaled["transfer_pct"], rel_tol=1e-12)
        turned = flow.strength({name: -net for name, net in nets.items()}, turnover).at()
        assert cell["dominance"] == turned["dominance"]


def test_a_day_on_which_nothing_moved_has_a_size_and_no_dominance() -> None:
    still = dict.fromkeys(flow.GROUPS, 0)
    assert {"value": 0.0, "transfer_pct": 0.0, "directional": 0.0, "dominance": None} == flow.strength(still, 10).at()


@pytest.mark.parametrize(
    ("turnover", "reason"), [(0, "ZERO_DENOMINATOR"), (None, "MISSING_INPUT"), (-5, "MISSING_INPUT")]
)
def test_without_turnover_the_size_stands_and_its_share_does_not(turnover: Any, reason: str) -> None:
    cell = flow.strength({"foreign": 2, "institution": -1, "individual": -1, "other_corporation": 0}, turnover).at()
    assert (2.0, reason, None) == (cell["value"], cell["reason"], cell["transfer_pct"])
    assert cell["dominance"] is not None


def test_three_groups_are_not_a_market() -> None:
    cell = flow.strength({"foreign": 2, "institution": -1, "individual": -1}, 10).at()
    expected = {"value": None, "reason": "MISSING_INPUT", "transfer_pct": None, "directional": None, "dominance": None}
    assert expected == cell


def test_a_market_of_stocks_gives_each_its_own_strength() -> None:
    rng = np.random.default_rng(4)
    nets = {group: rng.integers(-99, 99, (6, 40)).astype(float) for group in flow.GROUPS}
    nets["individual"][2, 3] = np.nan
    turnover = rng.integers(0, 400, 40)
    outcome = flow.strength(nets, turnover)
    for stock, session in ((0, 0), (2, 3), (5, 39)):
        alone = flow.strength({group: part[stock, session] for group, part in nets.items()}, turnover[session])
        assert alone.at() == outcome.at(stock, session)


@given(foreign=WON, institution=WON, factor=st.integers(2, 99))
def test_alignment_is_symmetric_and_turns_with_the_sign(foreign: int, institution: int, factor: int) -> None:
    value = flow.alignment(foreign, institution).at()["value"]
    if foreign == institution == 0:
        assert value is None
        return
    assert -1 <= value <= 1
    assert value == flow.alignment(institution, foreign).at()["value"]
    assert math.isclose(-value, flow.alignment(-foreign, institution).at()["value"], abs_tol=0)
    assert math.isclose(value, flow.alignment(factor * foreign, factor * institution).at()["value"], rel_tol=1e-12)


@pytest.mark.parametrize(
    ("foreign", "institution", "expected"),
    [
        (0, 0, {"value": None, "reason": "ZERO_DENOMINATOR"}),
        (5, 0, {"value": 0.0}),
        (-7, -7, {"value": 1.0}),
        (-7, 7, {"value": -1.0}),
        (None, 7, {"value": None, "reason": "MISSING_INPUT"}),
    ],
)
def test_alignment_at_its_edges(foreign: Any, institution: Any, expected: dict[str, Any]) -> None:
    assert expected == flow.alignment(foreign, institution).at()


@pytest.mark.parametrize(
    ("flowing", "moving", "expected"), [(100, 0, 100.0), (100, 100, 0.0), (0, 50, 0.0), (50, 50, 25.0)]
)
def test_stealth_is_strong_flow_without_a_move(flowing: float, moving: float, expected: float) -> None:
    assert expected == flow.stealth(flowing, moving).at()["value"]


def naive_persistence(x: list[float], q: int) -> tuple[float, float]:
    """Slope by numpy's least squares, variance ratio written out."""
    slope = float(np.polyfit(x[:-1], x[1:], 1)[0])
    n, mean = len(x), sum(x) / len(x)
    m = q * (n - q + 1) * (1 - q / n)
    long = sum((sum(x[i : i + q]) - q * mean) ** 2 for i in range(n - q + 1)) / m
    return slope, long / (sum((value - mean) ** 2 for value in x) / (n - 1))


@given(seed=st.integers(0, 10**6), gaps=st.floats(0, 0.2), q=st.integers(2, 9))
@settings(max_examples=40, deadline=None)
def test_persistence_is_the_regression_on_yesterday_without_the_gaps(seed: int, gaps: float, q: int) -> None:
    panel = closed_form.panel(1, 90, seed, gaps)
    net, turnover = panel["net"][0], panel["turnover"][0]
    x = [a / b for a, b in zip(net[-60:], turnover[-60:], strict=True) if b > 0 and np.isfinite(a)]
    cell = flow.persistence(net, turnover, q=q).at(-1)
    assert len(x) == cell["n"]
    if len(x) < 40:
        assert "INSUFFICIENT_HISTORY" == cell["reason"]
        return
    slope, ratio = naive_persistence(x, q)
    assert pytest.approx(slope, rel=1e-9, abs=1e-12) == cell["value"]
    assert pytest.approx(ratio, rel=1e-9) == cell["variance_ratio"]
    half = math.log(0.5) / math.log(slope) if 0 < slope < 1 else None
    assert (None if half is None else pytest.approx(half, rel=1e-9)) == cell["half_life"]


@pytest.mark.parametrize(
    ("net", "reason"),
    [([1.0] * 60, "ZERO_VARIANCE"), ([None] * 60, "MISSING_INPUT"), ([1, -1] * 19, "INSUFFICIENT_HISTORY")],
)
def test_persistence_without_a_history_to_speak_of(net: list[Any], reason: str) -> None:
    cell = flow.persistence(net, [10] * len(net)).at(-1)
    assert (None, reason, None, None) == (cell["value"], cell["reason"], cell["half_life"], cell["variance_ratio"])


def test_a_flow_that_alternates_has_no_half_life() -> None:
    cell = flow.persistence([1, -1] * 30, [10] * 60).at(-1)
    assert (-1.0, None) == (round(cell["value"], 9), cell["half_life"])
    assert cell["variance_ratio"] < 0.3


def naive_forecast(x: list[float], train: int) -> tuple[float, float]:
    """Forecast and out-of-sample R², one regression a day."""
    missed = plain = 0.0
    for t in range(train, len(x)):
        slope, level = np.polyfit(x[: t - 1], x[1:t], 1)
        missed += (x[t] - level - slope * x[t - 1]) ** 2
        plain += (x[t] - sum(x[:t]) / t) ** 2
    slope, level = np.polyfit(x[:-1], x[1:], 1)
    return float(level + slope * x[-1]), 1 - missed / plain


@given(seed=st.integers(0, 10**6), memory=st.floats(-0.9, 0.9), length=st.integers(80, 140), level=st.floats(-1, 1))
@settings(max_examples=30, deadline=None)
def test_a_forecast_is_published_only_if_it_beat_the_mean(seed: int, memory: float, length: int, level: float) -> None:
    rng = np.random.default_rng(seed)
    x = [level]
    for shock in rng.normal(0, 0.1, length - 1):
        x.append(level + memory * (x[-1] - level) + shock)
    expected, skill = naive_forecast(x, 60)
    cell = flow.forecast(x).at()
    assert pytest.approx(skill, rel=1e-6, abs=1e-9) == cell["oos_r2"]
    if skill > 0:
        assert pytest.approx(expected, rel=1e-7, abs=1e-9) == cell["value"]
    else:
        assert (None, "NO_SKILL") == (cell["value"], cell["reason"])
    assert cell["phi"] is not None
    with_gaps = [value for one in x for value in (one, None)]
    closed_up = flow.forecast(with_gaps).at()
    assert cell.get("reason") == closed_up.get("reason")
    assert pytest.approx(cell["oos_r2"], rel=1e-9, abs=1e-12) == closed_up["oos_r2"]


@pytest.mark.parametrize(
    ("x", "reason"),
    [
        ([], "INSUFFICIENT_HISTORY"),
        ([0.1, 0.2] * 39 + [0.1], "INSUFFICIENT_HISTORY"),
        ([None] * 90, "MISSING_INPUT"),
        ([0.1] * 90, "ZERO_VARIANCE"),
    ],
)
def test_a_forecast_needs_eighty_flows_that_differ(x: list[Any], reason: str) -> None:
    assert {"value": None, "reason": reason, "phi": None, "intercept": None, "oos_r2": None} == flow.forecast(x).at()


def test_white_noise_is_seldom_forecast() -> None:
    rng = np.random.default_rng(8)
    outcome = flow.forecast(rng.normal(0, 1, (400, 250)))
    assert np.isfinite(outcome.value).mean() < 0.35
    persistent = np.cumsum(rng.normal(0, 1, (400, 250)), axis=-1)
    assert np.isfinite(flow.forecast(persistent).value).mean() > 0.95
