"""Returns after a session and the intervals of timing: the value of the metric, and no session seen too early."""

from __future__ import annotations

import numpy as np
import pytest

from sugeup.metrics import forward_returns, timing


def series(seed: int, n: int = 200) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    return draw.normal(0, 1e9, n), draw.normal(0, 0.02, n), draw.normal(0, 0.01, n)


def test_the_day_of_the_trade_is_left_out_and_the_last_sessions_have_no_outcome() -> None:
    ret, bench = np.array([0.5, 0.1, 0.2, -0.1]), np.array([0.0, 0.01, 0.0, 0.0])
    found = forward_returns.excess(ret, bench, 2)
    assert [1.1 * 1.2 - 1.01, 1.2 * 0.9 - 1.0] == pytest.approx(found[:2].tolist())
    assert np.isnan(found[2:]).all()


def test_a_missing_return_leaves_out_what_it_is_part_of() -> None:
    ret = np.array([0.0, 0.1, np.nan, 0.1, 0.1, 0.1])
    found = forward_returns.excess(ret, np.zeros(6), 2)
    assert [True, True, False, False, True, True] == np.isnan(found).tolist()


def test_fewer_sessions_than_the_horizon_have_no_outcome() -> None:
    assert np.isnan(forward_returns.excess(np.zeros(3), np.zeros(3), 5)).all()


def test_the_outcomes_are_those_of_the_timing_metric() -> None:
    net, ret, bench = series(3)
    after = forward_returns.excess(ret, bench, 5)
    cell = timing.timing_forward(net, ret, bench, h=5).at()
    known = np.isfinite(after)
    base = after[known].mean()
    assert cell["base"] == pytest.approx(base)
    assert cell["value"] == pytest.approx((np.sign(net) * (after - base))[known].mean())


def test_the_interval_lies_around_the_value_and_is_the_same_at_every_call() -> None:
    net, ret, bench = series(5)
    cell = timing.timing_forward(net, ret, bench, h=5).at()
    after = forward_returns.excess(ret, bench, 5)
    found = forward_returns.timing(net, after, 5)
    assert found is not None and found == forward_returns.timing(net, after, 5)
    for name, (low, high) in found.items():
        assert low < cell[name] < high


@pytest.mark.slow
def test_the_interval_covers_no_skill_about_as_often_as_it_says() -> None:
    """Of 120 groups without skill, about 5% may be shown with an interval that excludes it."""
    missed = 0
    for seed in range(120):
        net, ret, bench = series(1000 + seed)
        found = forward_returns.timing(net, forward_returns.excess(ret, bench, 5), 5)
        assert found is not None
        low, high = found["value"]
        missed += not low <= 0 <= high
    assert missed <= 18


def test_skill_that_is_there_is_seen() -> None:
    _, ret, bench = series(9)
    after = forward_returns.excess(ret, bench, 5)
    found = forward_returns.timing(np.where(np.isnan(after), 1.0, after), after, 5)
    assert found is not None and found["value"][0] > 0


def test_one_side_alone_has_no_interval() -> None:
    assert forward_returns.timing(np.ones(50), np.ones(50), 5) is None
    assert forward_returns.skill(np.ones(50), np.ones(50)) is None


def test_the_interval_of_skill_lies_around_it_and_leaves_out_zeros() -> None:
    draw = np.random.default_rng(4)
    sign, after = np.sign(draw.normal(size=80)), draw.normal(size=80)
    value = timing.timing_hm(sign, after).at()["value"]
    found = forward_returns.skill(sign, after)
    assert found is not None and found[0] < value < found[1]
    more = forward_returns.skill(np.append(sign, [0, np.nan]), np.append(after, [1.0, 1.0]))
    assert found == more
