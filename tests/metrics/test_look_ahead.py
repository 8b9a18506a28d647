"""No metric may know the future: the value at T comes from the columns up to T, bit for bit."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.metrics import behavior, investor, ownership
from sugeup.metrics.outcome import Outcome
from tests.metrics import closed_form
from tests.metrics.test_vectors import BOOK

Panel = dict[str, np.ndarray]
SERIES: dict[str, Callable[[Panel], Outcome]] = {
    "inv.trend": lambda p: investor.trend(p["net"], p["turnover"], ref=40, min_ref=10),
    "inv.intensity": lambda p: investor.intensity(p["net"], p["turnover"], ref=40, min_ref=10),
    "inv.momentum_score": lambda p: investor.momentum_score(p["net"], p["turnover"]),
    "inv.price_correlation": lambda p: investor.price_correlation(p["net"], p["turnover"], p["ret"]),
    "inv.change_vs": lambda p: investor.change_vs(p["net"], period=5, lag=5),
    "inv.kyle_lambda": lambda p: investor.kyle_lambda(p["net"], p["turnover"], p["ret"]),
    "inv.amihud": lambda p: investor.amihud(p["ret"], p["turnover"]),
    "beh.consistency": lambda p: behavior.consistency(p["net"], min_n=15),
    "own.streak": lambda p: ownership.streak(p["turnover"]),
}
CASES = [pytest.param(metric, id=id) for id, metric in SERIES.items()]


def parts(outcome: Outcome, until: int) -> list[bytes]:
    """Every bit of a result up to a session."""
    return [array[..., : until + 1].tobytes() for array in (outcome.value, outcome.reason, *outcome.extra.values())]


def test_every_causal_metric_of_the_reference_is_tested_here() -> None:
    assert set(BOOK["causal_series_metrics"]) <= set(SERIES)


@pytest.mark.parametrize("metric", CASES)
def test_a_past_value_never_changes_when_the_future_arrives(metric: Callable[[Panel], Outcome]) -> None:
    """A back-test that peeks earns money that no user will ever earn."""
    full = closed_form.panel(4, 260, seed=11)
    expected = metric(full)
    assert np.isfinite(expected.value).sum() > 100
    for until in random.Random(5).sample(range(260), 50):  # noqa: S311 - dates to look at, not a secret
        known = {name: series[:, : until + 1] for name, series in full.items()}
        assert parts(expected, until) == parts(metric(known), until)
        spoilt = {name: series.copy() for name, series in full.items()}
        for series in spoilt.values():
            series[:, until + 1 :] *= -1000
        assert parts(expected, until) == parts(metric(spoilt), until)


@pytest.mark.parametrize("metric", CASES)
def test_a_stock_gives_the_same_digits_alone_as_inside_the_market(metric: Callable[[Panel], Outcome]) -> None:
    full = closed_form.panel(5, 150, seed=3)
    market = metric(full)
    for stock in range(5):
        alone = metric({name: series[stock] for name, series in full.items()})
        assert market.value[stock].tobytes() == alone.value.tobytes()
        assert market.reason[stock].tobytes() == alone.reason.tobytes()
    shuffled = metric({name: series[::-1] for name, series in full.items()})
    assert market.value[::-1].tobytes() == shuffled.value.tobytes()


@pytest.mark.parametrize("metric", CASES)
@given(seed=st.integers(0, 10**6), gaps=st.floats(0, 0.5), sessions=st.integers(0, 90))
@settings(max_examples=15, deadline=None)
def test_every_null_has_a_reason_and_no_number_is_nan(
    metric: Callable[[Panel], Outcome], seed: int, gaps: float, sessions: int
) -> None:
    outcome = metric(closed_form.panel(2, sessions, seed, gaps))
    assert ((outcome.reason > 0) == np.isnan(outcome.value)).all()
    for session in range(sessions):
        cell = outcome.at(1, session)
        assert ("reason" in cell) == (cell["value"] is None)
        assert all(part is None or not isinstance(part, float) or np.isfinite(part) for part in cell.values())


@pytest.mark.parametrize("metric", CASES)
def test_infinite_and_huge_figures_do_not_leak(metric: Callable[[Panel], Outcome]) -> None:
    spoilt = closed_form.panel(1, 120, seed=2)
    spoilt["net"][0, 100], spoilt["turnover"][0, 105], spoilt["ret"][0, 110] = np.inf, -5.0, -np.inf
    outcome = metric(spoilt)
    assert ((outcome.reason > 0) == np.isnan(outcome.value)).all()
    assert not np.isinf(outcome.value).any()


@pytest.mark.parametrize("metric", CASES)
def test_narrow_floats_are_computed_in_full_precision(metric: Callable[[Panel], Outcome]) -> None:
    full = {name: series.astype(np.float32) for name, series in closed_form.panel(1, 100, seed=8).items()}
    widened = {name: series.astype(np.float64) for name, series in full.items()}
    assert metric(full).value.tobytes() == metric(widened).value.tobytes()
