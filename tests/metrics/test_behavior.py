"""How investors behave: feedback on past returns, holdings that chase winners, concentration."""

from __future__ import annotations

import math
from functools import reduce
from operator import add  # `sum` adds floats in another way from Python 3.12 on
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sugeup.metrics import behavior
from tests.metrics import closed_form


@given(seed=st.integers(0, 10**6), gaps=st.floats(0, 0.3), lookback=st.integers(1, 8))
@settings(max_examples=40, deadline=None)
def test_feedback_is_the_rank_correlation_with_the_returns_before(seed: int, gaps: float, lookback: int) -> None:
    panel = closed_form.panel(1, 160, seed, gaps)
    net, turnover, ret = (panel[name][0] for name in ("net", "turnover", "ret"))
    pairs = [
        (net[t] / turnover[t], reduce(add, ret[t - lookback : t].tolist(), 0.0))
        for t in range(40, 160)
        if turnover[t] > 0 and np.isfinite(net[t]) and np.isfinite(ret[t - lookback : t]).all()
    ]
    cell = behavior.feedback(net, turnover, ret, lookback=lookback).at(-1)
    assert len(pairs) == cell["n"]
    if len(pairs) < 40:
        assert cell["value"] is None
        return
    expected = stats.spearmanr(*zip(*pairs, strict=True)).statistic
    assert pytest.approx(expected, abs=1e-12) == cell["value"]
    assert pytest.approx(max(expected, 0), abs=1e-12) == cell["momentum_following"]
    assert pytest.approx(max(-expected, 0), abs=1e-12) == cell["contrarian_score"]
    turned = behavior.feedback(-net, turnover, ret, lookback=lookback).at(-1)
    assert pytest.approx(-expected, abs=1e-12) == turned["value"]
    scaled = behavior.feedback(3 * net, 3 * turnover, ret, lookback=lookback).at(-1)
    assert cell["value"] == scaled["value"]


def test_price_pressure_of_the_same_day_is_no_momentum() -> None:
    """An investor who moves the price by buying must not look like one who follows it."""
    rng = np.random.default_rng(2)
    net = rng.normal(0, 1, 2000)
    cell = behavior.feedback(net, np.ones(2000), 0.01 * net, window=1500, last=1).at(-1)
    assert abs(cell["value"]) < 0.1
    follower = np.concatenate([[0.0], net[:-1]])
    assert behavior.feedback(follower, np.ones(2000), net, window=1500, last=1).at(-1)["momentum_following"] > 0.3


@pytest.mark.parametrize(
    ("net", "ret", "reason", "n"),
    [
        ([1.0] * 60, [0.01, -0.01, 0.02] * 20, "ZERO_VARIANCE", 55),
        ([1.0, 2.0] * 30, [0.0] * 60, "ZERO_VARIANCE", 55),
        ([1.0, 2.0] * 22, [0.01, -0.02] * 22, "INSUFFICIENT_HISTORY", 39),
        ([1.0, 2.0], [0.01, -0.02], "INSUFFICIENT_HISTORY", 0),
        ([None] * 60, [0.01] * 60, "MISSING_INPUT", 0),
    ],
)
def test_feedback_without_enough_to_compare_says_why(net: list[Any], ret: list[Any], reason: str, n: int) -> None:
    expected = {"value": None, "reason": reason, "momentum_following": None, "contrarian_score": None, "n": n}
    assert expected == behavior.feedback(net, [10] * len(net), ret).at(-1)


HOLDINGS = st.lists(
    st.tuples(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 10**6), st.floats(-0.3, 0.3)), min_size=1
)


@given(stocks=HOLDINGS, factor=st.integers(2, 50))
@settings(max_examples=60, deadline=None)
def test_holdings_are_compared_at_the_prices_before(stocks: list[tuple[int, int, int, float]], factor: int) -> None:
    before, now, price, move = (list(column) for column in zip(*stocks, strict=True))
    cell = behavior.gtw_momentum(before, now, price, move).at()
    old = sum(a * p for a, p in zip(before, price, strict=True))
    new = sum(a * p for a, p in zip(now, price, strict=True))
    if old == 0 or new == 0:
        assert {"value": None, "reason": "ZERO_DENOMINATOR"} == cell
        return
    expected = sum((b * p / new - a * p / old) * r for a, b, p, r in stocks)
    assert math.isclose(expected, cell["value"], rel_tol=1e-9, abs_tol=1e-12)
    doubled = behavior.gtw_momentum([factor * a for a in before], now, price, move).at()["value"]
    assert math.isclose(cell["value"], doubled, rel_tol=1e-9, abs_tol=1e-12)
    with_gap = behavior.gtw_momentum([*before, 5], [*now, 900], [*price, 10], [*move, None]).at()["value"]
    assert math.isclose(cell["value"], with_gap, rel_tol=1e-9, abs_tol=1e-12)


def test_a_rise_alone_is_no_purchase() -> None:
    """Constant prices: the holder who did nothing chased nothing."""
    assert 0.0 == behavior.gtw_momentum([10, 20], [10, 20], [100, 100], [0.5, -0.5]).at()["value"]
    nobody = behavior.gtw_momentum([None, -1], [10, 20], [100, 100], [0.5, -0.5]).at()
    assert {"value": None, "reason": "MISSING_INPUT"} == nobody


@given(net=st.dictionaries(st.text(min_size=1), st.integers(-(10**12), 10**12), min_size=1), k=st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_concentration_is_the_share_of_the_largest(net: dict[str, int], k: int) -> None:
    cell = behavior.concentration(net, k=k).at()
    sizes = sorted(map(abs, net.values()), reverse=True)
    assert len(net) == cell["n"]
    if not any(sizes):
        assert (None, "ZERO_DENOMINATOR", None) == (cell["value"], cell["reason"], cell["hhi"])
        return
    assert math.isclose(sum(sizes[:k]) / sum(sizes), cell["value"], rel_tol=1e-12)
    assert math.isclose(sum((one / sum(sizes)) ** 2 for one in sizes), cell["hhi"], rel_tol=1e-9)
    turned = behavior.concentration({name: -7 * one for name, one in reversed(net.items())}, k=k).at()
    assert pytest.approx(cell) == turned


def test_concentration_of_a_market_that_is_not_wholly_known_is_null() -> None:
    cell = behavior.concentration({"A": 5, "B": None}).at()
    assert {"value": None, "reason": "MISSING_INPUT", "hhi": None, "hhi_normalized": None, "n": 1} == cell
    single = behavior.concentration({"A": [5, 0], "B": [5, 2]}, k=1)
    assert [0.5, 1.0] == [single.at(day)["value"] for day in range(2)]
