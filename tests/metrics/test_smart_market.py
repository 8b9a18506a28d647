"""Trend of a price, betas and flow by beta: the figures beside a smart-money signal."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.errors import Refused
from sugeup.metrics.smart_market import beta_tilt, betas, price_trend


def noise(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=n)


def test_a_steady_rise_is_upward_and_its_mirror_downward() -> None:
    level = 0.01 * np.arange(20) + 0.005 * noise(20)
    for sign, word in ((1, "UPWARD"), (-1, "DOWNWARD")):
        found = price_trend(np.exp(sign * level)).at()
        slope, _ = np.polyfit(np.arange(20), sign * level, 1)
        assert word == found["value"]
        assert pytest.approx(slope) == found["slope"] and abs(found["t"]) >= 2


def test_a_price_that_wanders_is_sideways_and_a_line_without_error_is_a_trend() -> None:
    assert "SIDEWAYS" == price_trend(np.exp(0.02 * noise(20, 3))).at()["value"]
    assert "SIDEWAYS" == price_trend([10.0] * 20).at()["value"]
    assert "UPWARD" == price_trend(2.0 ** np.arange(20)).at()["value"]


def test_t_is_that_of_newey_and_west_worked_out_by_hand() -> None:
    y = 0.004 * np.arange(20) + 0.01 * noise(20, 4)
    x = np.arange(20) - 9.5
    slope = (x * y).sum() / (x * x).sum()
    u = x * (y - y.mean() - slope * x)
    spread = (u * u).sum() + 2 * sum((1 - lag / 6) * (u[lag:] * u[:-lag]).sum() for lag in range(1, 6))
    assert pytest.approx(slope / (np.sqrt(spread) / (x * x).sum())) == price_trend(np.exp(y)).at()["t"]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 999), scale=st.floats(0.01, 1000))
def test_the_unit_of_the_price_changes_no_trend(seed: int, scale: float) -> None:
    price = np.exp(0.01 * np.cumsum(noise(20, seed)))
    assert pytest.approx(price_trend(price).at()["slope"], abs=1e-12) == price_trend(scale * price).at()["slope"]


def test_a_trend_needs_every_session() -> None:
    assert "INSUFFICIENT_HISTORY" == price_trend(np.arange(1.0, 20)).at()["reason"]
    assert "MISSING_INPUT" == price_trend([*range(1, 20), np.nan]).at()["reason"]


def test_beta_is_the_slope_on_the_market_over_the_sessions_of_both() -> None:
    market = 0.01 * noise(60)
    ret = np.array([1.5 * market + 0.001, market * -0.5, 0.01 * noise(60, 9)])
    ret[1, :10] = np.nan
    found = betas(ret, market)
    assert pytest.approx([1.5, -0.5]) == found[:2].tolist()
    assert pytest.approx(np.polyfit(market, ret[2], 1)[0]) == found[2]
    ret[0, 5:30] = np.nan
    assert np.isnan(betas(ret, market)[0])
    with pytest.raises(Refused):
        betas(ret, market[:-1])


def test_tilt_is_flow_into_the_highest_third_less_flow_into_the_lowest() -> None:
    beta = np.arange(30.0)
    net, turnover = np.zeros((30, 2)), np.full((30, 2), 100.0)
    net[20:, 0], net[:10, 0], net[20:, 1] = 5, -5, 1
    assert [0.1, 0.01] == pytest.approx(beta_tilt(net, turnover, beta).tolist())
    turnover[25, 1] = np.nan
    assert pytest.approx(0.01) == beta_tilt(net, turnover, beta)[1]
    assert np.isnan(beta_tilt(net, turnover, np.where(beta < 2, np.nan, beta))).all()
    with pytest.raises(Refused):
        beta_tilt(net, turnover, beta[:-1])
