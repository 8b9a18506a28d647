"""고른 순매수: by hand, with gaps, whatever the unit, and without the future."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sugeup.errors import Refused
from sugeup.metrics.evened_flow import evened_flow


def test_every_session_of_the_window_counts_alike_whatever_its_turnover() -> None:
    past = [10, -10] * 40
    quiet = evened_flow([*past, 30, 30], [100] * 82, n=2)
    busy = evened_flow([*past, 30, 30_000], [100] * 81 + [100_000], n=2)
    expected = {"value": np.sqrt(2) * 0.3 / 0.1, "mean": 0.3, "known": 80}
    assert pytest.approx(expected) == quiet.at(-1)
    assert pytest.approx(expected) == busy.at(-1)


def test_the_past_ends_before_the_window_begins() -> None:
    net = [10, -10] * 40 + [90, 90, 90]
    assert 80 == evened_flow(net, [100] * 83, n=3).at(-1)["known"]
    assert 30 == evened_flow(net, [100] * 83, n=3, past=30, min_n=20).at(-1)["known"]
    assert pytest.approx(np.sqrt(3) * 0.9 / 0.1) == evened_flow(net, [100] * 83, n=3, past=30, min_n=20).at(-1)["value"]


@pytest.mark.parametrize(
    ("net", "turnover", "reason"),
    [
        ([1] * 5 + [None], [9] * 6, "MISSING_INPUT"),
        ([1] * 5 + [1], [9] * 5 + [0], "MISSING_INPUT"),
        ([1, 2, 3, 4, None, 6], [9] * 6, "MISSING_INPUT"),
        ([1], [9], "INSUFFICIENT_HISTORY"),
        ([1, None, None, None, 5, 6], [9] * 6, "INSUFFICIENT_HISTORY"),
        ([3, 3, 3, 3, 5, 6], [9] * 6, "ZERO_VARIANCE"),
    ],
)
def test_a_null_says_why(net: list[int | None], turnover: list[int], reason: str) -> None:
    expected = {"value": None, "reason": reason, "mean": None}
    assert expected == {k: v for k, v in evened_flow(net, turnover, n=2, min_n=3).at(-1).items() if k != "known"}


def test_a_window_of_no_session_is_refused() -> None:
    with pytest.raises(Refused, match="n=0"):
        evened_flow([1], [1], n=0)


@given(st.integers(0, 2**32 - 1), st.floats(0.001, 1e6))
def test_the_unit_of_money_does_not_matter(seed: int, factor: float) -> None:
    draw = np.random.default_rng(seed)
    net, turnover = draw.normal(0, 1e9, (2, 90)), draw.uniform(1e9, 1e10, (2, 90))
    expected = evened_flow(net, turnover).value
    np.testing.assert_allclose(evened_flow(net * factor, turnover * factor).value, expected, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(evened_flow(-net, turnover).value, -expected, rtol=1e-9)
