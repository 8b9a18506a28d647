"""Timing: exact tests of direction, the quadratic fit, and event returns that start after the day of the trade."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sugeup.metrics import timing

PERIODS = st.lists(st.tuples(st.sampled_from([-1, 0, 1, None]), st.sampled_from([-0.02, 0.0, 0.01, None])), min_size=1)


@given(
    periods=st.lists(st.tuples(st.sampled_from([-1, 0, 1]), st.sampled_from([-0.02, 0.0, 0.01])), min_size=40) | PERIODS
)
@settings(max_examples=120, deadline=None)
def test_direction_is_tested_as_drawing_without_putting_back(periods: list[tuple[Any, Any]]) -> None:
    signs, moves = ([one[side] for one in periods] for side in (0, 1))
    used = [(s, m) for s, m in periods if s and m]
    up, buys = sum(m > 0 for _, m in used), sum(s > 0 for s, _ in used)
    hits = sum(s > 0 and m > 0 for s, m in used)
    cell = timing.timing_hm(signs, moves).at()
    if len(used) < 40:
        complete = any(s is not None and m is not None for s, m in periods)
        assert ("INSUFFICIENT_HISTORY" if complete else "MISSING_INPUT") == cell["reason"]
        return
    if up in (0, len(used)):
        assert "ZERO_DENOMINATOR" == cell["reason"]
        return
    sold_down = sum(s < 0 and m < 0 for s, m in used)
    assert pytest.approx(hits / up + sold_down / (len(used) - up) - 1, abs=1e-12) == cell["value"]
    assert pytest.approx(stats.hypergeom.sf(hits - 1, len(used), up, buys), rel=1e-9) == cell["p_value"]
    turned = timing.timing_hm([s and -s for s in signs], moves).at()
    assert pytest.approx(-cell["value"], abs=1e-12) == turned["value"]


def test_coin_flippers_have_no_skill() -> None:
    rng = np.random.default_rng(1)
    outcome = timing.timing_hm(rng.choice([-1, 1], (600, 60)), rng.normal(0, 0.02, (600, 60)))
    assert abs(float(outcome.value.mean())) < 0.02
    assert (outcome.extra["p_value"] <= 0.05).mean() < 0.07


def naive_curve(y: np.ndarray, m: np.ndarray, lag: int) -> tuple[np.ndarray, float]:
    design = np.column_stack([np.ones_like(m), m, m * m])
    inverse = np.linalg.inv(design.T @ design)
    slopes = inverse @ design.T @ y
    score = design * (y - design @ slopes)[:, None]
    meat = score.T @ score
    for step in range(1, lag + 1):
        cross = score[step:].T @ score[:-step]
        meat += (1 - step / (lag + 1)) * (cross + cross.T)
    return slopes, slopes[2] / math.sqrt((inverse @ meat @ inverse)[2, 2])


@given(seed=st.integers(0, 10**6), bend=st.floats(-5, 5), lag=st.integers(0, 8), length=st.integers(60, 130))
@settings(max_examples=40, deadline=None)
def test_the_bend_and_its_t_are_those_of_the_regression(seed: int, bend: float, lag: int, length: int) -> None:
    rng = np.random.default_rng(seed)
    m = rng.normal(0, 1, length)
    y = 0.2 + 0.5 * m + bend * m * m + rng.normal(0, 1, length)
    slopes, t = naive_curve(y, m, lag)
    cell = timing.timing_tm(y, m, lag=lag).at()
    assert pytest.approx(slopes.tolist(), rel=1e-8, abs=1e-10) == [cell["alpha"], cell["beta"], cell["value"]]
    assert pytest.approx(t, rel=1e-6) == cell["t"]
    holes = timing.timing_tm(np.insert(y, 7, np.nan), np.insert(m, 7, 0.3), lag=lag).at()
    assert pytest.approx(cell) == holes
    smaller = timing.timing_tm(y * 1e-2, m * 1e-2, lag=lag).at()
    assert pytest.approx(cell["value"] * 1e2, rel=1e-6, abs=1e-7) == smaller["value"]
    assert pytest.approx(cell["t"], rel=1e-6) == smaller["t"]


@pytest.mark.parametrize(
    ("y", "mkt", "reason"),
    [
        ([0.1] * 60, [0.01] * 60, "ZERO_VARIANCE"),
        ([0.1, 0.2] * 30, [0.01, -0.01] * 30, "ZERO_VARIANCE"),
        ([0.1] * 59, [0.01, -0.01, 0.02] * 19 + [0.0] * 2, "INSUFFICIENT_HISTORY"),
        ([None] * 60, [0.01] * 60, "MISSING_INPUT"),
    ],
)
def test_a_curve_through_too_few_points_is_null(y: list[Any], mkt: list[Any], reason: str) -> None:
    expected = {"value": None, "reason": reason, "t": None, "alpha": None, "beta": None}
    assert expected == timing.timing_tm(y, mkt).at()


def naive_forward(net: Any, ret: Any, bench: Any, h: int) -> dict[str, float]:
    after = []
    for t in range(len(net) - h):
        stock = index = 1.0
        for k in range(t + 1, t + h + 1):
            stock *= 1 + ret[k]
            index *= 1 + bench[k]
        after.append((net[t], stock - index))
    known = [(n, f) for n, f in after if np.isfinite(n) and np.isfinite(f)]
    bought, sold = [f for n, f in known if n > 0], [f for n, f in known if n < 0]
    base = sum(f for _, f in known) / len(known)
    buy, sell = sum(bought) / len(bought) - base, base - sum(sold) / len(sold)
    both = len(bought) + len(sold)
    return {
        "value": (len(bought) * buy + len(sold) * sell) / both,
        "buy_timing": buy,
        "sell_timing": sell,
        "base": base,
        "hit_rate": (sum(f > 0 for f in bought) + sum(f < 0 for f in sold)) / both,
        "n_buy": len(bought),
        "n_sell": len(sold),
    }


@given(seed=st.integers(0, 10**6), h=st.integers(1, 20), gaps=st.floats(0, 0.02))
@settings(max_examples=40, deadline=None)
def test_event_returns_begin_after_the_day_of_the_trade(seed: int, h: int, gaps: float) -> None:
    rng = np.random.default_rng(seed)
    net = np.round(rng.normal(0, 3, 160))
    ret, bench = rng.normal(0, 0.02, 160), rng.normal(0, 0.01, 160)
    ret[rng.random(160) < gaps] = np.nan
    cell = timing.timing_forward(net, ret, bench, h=h, min_side=10).at()
    if cell["value"] is None:
        assert min(cell["n_buy"], cell["n_sell"]) < 10
        return
    expected = naive_forward(net, ret, bench, h)
    assert pytest.approx(expected, rel=1e-9, abs=1e-12) == {name: cell[name] for name in expected}
    turned = timing.timing_forward(-net, ret, bench, h=h, min_side=10).at()
    assert pytest.approx(-cell["value"], abs=1e-12) == turned["value"]
    spoilt = ret.copy()
    spoilt[0] = 9.0  # the return of the first day is nobody's outcome
    assert pytest.approx(cell) == timing.timing_forward(net, spoilt, bench, h=h, min_side=10).at()


def test_who_only_moves_the_price_of_the_day_has_no_skill() -> None:
    """The rule that counted the day of the trade found 0.75% of skill here."""
    rng = np.random.default_rng(3)
    net = rng.normal(0, 1, (40, 2500))
    ret = 0.005 * net + rng.normal(0, 0.02, net.shape)
    outcome = timing.timing_forward(net, ret, np.zeros(2500))
    assert abs(float(outcome.value.mean())) < 0.0015
    assert abs(float((outcome.extra["hit_rate"] - outcome.extra["base_hit_rate"]).mean())) < 0.01


@pytest.mark.parametrize(
    ("net", "reason", "sides"),
    [
        ([1, -1] * 22, "INSUFFICIENT_HISTORY", (20, 19)),
        ([1] * 44, "INSUFFICIENT_HISTORY", (39, 0)),
        ([None] * 44, "MISSING_INPUT", (0, 0)),
        ([1, -1], "INSUFFICIENT_HISTORY", (0, 0)),
    ],
)
def test_timing_needs_twenty_purchases_and_twenty_sales(net: list[Any], reason: str, sides: tuple[int, int]) -> None:
    cell = timing.timing_forward(net, [0.01] * len(net), [0.0] * len(net)).at()
    assert (None, reason, *sides) == (cell["value"], cell["reason"], cell["n_buy"], cell["n_sell"])
    assert cell["base"] is None


def test_a_market_gives_each_stock_its_own_timing() -> None:
    rng = np.random.default_rng(9)
    net, ret, bench = rng.normal(0, 1, (5, 90)), rng.normal(0, 0.02, (5, 90)), rng.normal(0, 0.01, 90)
    outcome = timing.timing_forward(net, ret, bench)
    assert [timing.timing_forward(net[k], ret[k], bench).at() for k in range(5)] == [outcome.at(k) for k in range(5)]
