"""No metric may know the future: the value at T comes from the columns up to T, bit for bit."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.metrics import behavior, candles, flow, investor, ownership, patterns, regimes, rotation, sector, technical
from sugeup.metrics.evened_flow import evened_flow
from sugeup.metrics.outcome import Outcome
from tests.metrics import closed_form
from tests.metrics.test_vectors import BOOK

Panel = dict[str, np.ndarray]


def bars(p: Panel) -> Panel:
    """Open, high, low and close around the turnover taken for a price."""
    middle, net = p["turnover"].astype(np.float64), p["net"].astype(np.float64)
    reach, ends = np.abs(net), (middle + net, middle - net / 2)
    return {"open": ends[0], "high": middle + reach, "low": middle - reach, "close": ends[1]}


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
    "beh.feedback": lambda p: behavior.feedback(p["net"], p["turnover"], p["ret"], window=60, min_n=20),
    "flow.persistence": lambda p: flow.persistence(p["net"], p["turnover"], window=40, min_n=20),
    "sec.relative_strength": lambda p: sector.relative_strength(p["turnover"], np.ones_like(p["turnover"]), n=8, k=3),
    "sec.mfi": lambda p: sector.mfi(p["turnover"], p["turnover"], p["turnover"], p["turnover"], n=9),
    "sec.flow_mfi": lambda p: sector.flow_mfi(p["net"]),
    "sec.rotation_signal": lambda p: rotation.rotation_signal(p["ret"] * 60, np.abs(np.tanh(p["ret"])), q=0.2),
    "smt.evened_flow": lambda p: evened_flow(p["net"], p["turnover"], n=4, past=40, min_n=10),
    "pat.accumulation": lambda p: patterns.accumulation(
        p["net"], p["turnover"], p["ret"], window=3, ref=20, min_ref=5, days=2, pct=60
    ),
    "pat.surge_dump": lambda p: patterns.surge_dump(
        p["turnover"], p["turnover"], p["net"], -p["net"], p["turnover"] * 0 + 1, surge=0.1, vol_mult=0.5
    ),
    "pat.liquidity_sweep": lambda p: patterns.liquidity_sweep(
        p["turnover"],
        p["turnover"] * 4.0,
        p["turnover"] / 4.0,
        p["turnover"],
        np.abs(p["net"]),
        n=3,
        atr_mult=0,
        vol_z=-9,
    ),
    "tec.sma": lambda p: technical.sma(p["turnover"]),
    "tec.ema": lambda p: technical.ema(p["turnover"]),
    "tec.rsi": lambda p: technical.rsi(p["turnover"]),
    "tec.macd": lambda p: technical.macd(p["turnover"]),
    "tec.cross": lambda p: technical.cross(p["turnover"], p["net"] * 10),
    "tec.bollinger": lambda p: technical.bollinger(p["turnover"]),
    "tec.atr": lambda p: technical.atr(*(bars(p)[side] for side in ("high", "low", "close"))),
    "tec.obv": lambda p: technical.obv(p["turnover"], p["turnover"]),
    "tec.candle": lambda p: candles.candle("ENGULFING", *bars(p).values()),
    "sen.hamilton_filter": lambda p: regimes.hamilton_filter(p["ret"], [0.001, -0.001], [0.01, 0.03], 0.98, 0.95),
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
