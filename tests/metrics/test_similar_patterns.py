"""Windows of the past that look like the newest one: distances by hand, no peeking, and the odds of luck."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.errors import Refused
from sugeup.metrics.similar_patterns import similar_patterns
from tests.metrics.test_vectors import six_digits

WAVES = [round(math.sin(0.9 * i) + 0.3 * math.sin(2.3 * i), 6) for i in range(40)]
PRICES = [round(100 + 3 * math.sin(0.5 * i) + 0.2 * i, 4) for i in range(40)]


def test_the_worked_example_agrees_to_six_digits() -> None:
    cell = six_digits(similar_patterns(WAVES, PRICES).at())
    assert [
        {"start": 21, "distance": 0.561175, "similarity": 0.968508, "outcome": 0.0359806},
        {"start": 0, "distance": 0.981923, "similarity": 0.903583, "outcome": -0.0307183},
    ] == cell["value"]
    assert (0.00247209, 28) == (cell["base_mean"], cell["n"])


@given(st.integers(0, 10**6), st.integers(2, 8), st.integers(1, 4), st.integers(1, 4))
@settings(max_examples=30, deadline=None)
def test_the_answer_is_that_of_the_definition_written_out(seed: int, m: int, h: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    series, price = rng.integers(-3, 4, 60).astype(float), 100 + rng.normal(size=60)
    series[rng.integers(0, 60 - m, 4)] = np.nan
    query = series[-m:]
    cell = similar_patterns(series, price, m=m, h=h, k=k).at()
    if np.ptp(query) == 0:
        assert "ZERO_VARIANCE" == cell["reason"]
        return
    past = {}
    for start in range(60):
        window = series[start : start + m]
        if start + m - 1 + h < 60 - m and np.isfinite(window).all() and np.ptp(window) > 0:
            rho = float(np.corrcoef(window, query)[0, 1])
            past[start] = (math.sqrt(max(0, 2 * m * (1 - rho))), price[start + m - 1 + h] / price[start + m - 1] - 1)
    assert (len(past), pytest.approx(np.mean([outcome for _, outcome in past.values()]))) == (
        cell["n"],
        cell["base_mean"],
    )
    starts = [found["start"] for found in cell["value"]]
    assert 1 <= len(starts) <= k
    for place, found in enumerate(cell["value"]):
        far = [s for s in past if all(abs(s - other) >= math.ceil(m / 2) for other in starts[:place])]
        assert found["start"] in far
        assert pytest.approx(min(past[s][0] for s in far), abs=1e-6) == found["distance"]
        assert pytest.approx(past[found["start"]][1]) == found["outcome"]


@given(st.floats(0.01, 1000), st.floats(-100, 100))
@settings(max_examples=30, deadline=None)
def test_scale_and_level_of_the_flow_and_the_currency_of_the_price_do_not_matter(scale: float, level: float) -> None:
    before = similar_patterns(WAVES, PRICES).at()
    after = similar_patterns([scale * x + level for x in WAVES], [scale * p for p in PRICES]).at()
    assert [found["start"] for found in before["value"]] == [found["start"] for found in after["value"]]
    for one, other in zip(before["value"], after["value"], strict=True):
        assert pytest.approx(one, rel=1e-6, abs=1e-6) == other


def test_an_outcome_that_reaches_into_the_query_is_not_used() -> None:
    """The newest sessions are in every copy of themselves: counting them would be looking at the answer."""
    series = [0, 1, 0, 5, 5, 6, 5, 0, 1, 0]
    found = similar_patterns(series, range(100, 110), m=3, h=2, k=9).at()
    assert [0, 2] == sorted(one["start"] for one in found["value"])
    assert "INSUFFICIENT_HISTORY" == similar_patterns(series, range(100, 110), m=3, h=5).at()["reason"]


def test_prices_after_the_query_began_change_nothing() -> None:
    spoilt = [*PRICES[:36], 1.0, 9.0, 2.0, 5.0]
    assert similar_patterns(WAVES, PRICES).at() == similar_patterns(WAVES, spoilt).at()


def test_holes_and_flat_stretches_are_passed_over_or_null() -> None:
    assert "ZERO_VARIANCE" == similar_patterns([*WAVES[:35], *[0.1] * 5], PRICES).at()["reason"]
    assert "MISSING_INPUT" == similar_patterns([*WAVES[:-1], None], PRICES).at()["reason"]
    for series, price in (([], []), (None, PRICES), (WAVES, None), ([None] * 40, PRICES), (WAVES, [None] * 40)):
        assert {"value": None, "reason": "MISSING_INPUT", "base_mean": None, "mean": None, "n": 0, "p_value": None} == (
            similar_patterns(series, price).at()
        )
    assert "INSUFFICIENT_HISTORY" == similar_patterns([1.0, 2.0], [1.0, 2.0]).at()["reason"]
    holed = [None if 10 <= i < 15 else x for i, x in enumerate(WAVES)]
    assert 28 - 9 == similar_patterns(holed, PRICES).at()["n"]
    with pytest.raises(Refused, match="of one length"):
        similar_patterns(WAVES, PRICES[:-1])


def test_luck_is_called_luck_and_a_planted_pattern_is_not() -> None:
    rng = np.random.default_rng(8)
    values = [
        similar_patterns(rng.normal(size=150), 100 * np.exp(np.cumsum(0.01 * rng.normal(size=150)))).at()["p_value"]
        for _ in range(60)
    ]
    assert 0.02 <= np.mean(np.array(values) <= 0.1) <= 0.2
    flow, moves = 0.05 * rng.normal(size=200), 0.002 * rng.normal(size=200)
    for start in (20, 70, 120, 195):
        flow[start : start + 5] += [0, 3, 1, 4, 1]
        moves[start + 5 : start + 8] += 0.03
    price = 100 * np.exp(np.cumsum(moves))
    planted = similar_patterns(flow, price, k=3).at()
    assert {20, 70, 120} == {found["start"] for found in planted["value"]}
    assert planted["p_value"] < 0.01
    assert planted == similar_patterns(flow, price, k=3).at()
