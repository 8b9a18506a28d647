"""Patterns: each condition at its boundary, the figures behind a pattern that is not there, the missing session."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.metrics import investor, patterns, rolling
from tests.metrics import closed_form


def calm(days: list[float], quiet: int = 100) -> dict[str, Any]:
    """A market that went back and forth, then ten days."""
    net = [1.0, -1.0] * (quiet // 2) + days
    return {"net": net, "turnover": [100.0] * len(net), "excess_ret": [0.001] * len(net)}


@pytest.mark.parametrize(
    ("days", "value", "same", "reason"),
    [
        ([9.0] * 7 + [-9.0] * 3, "ACCUMULATION", 7, None),
        ([9.0] * 6 + [-9.0] * 4, None, 6, "NO_PATTERN"),
        ([9.0] * 6 + [0.0] * 4, None, 6, "NO_PATTERN"),
        ([-9.0] * 7 + [9.0] * 3, "DISTRIBUTION", 7, None),
        ([1.0, -1.0] * 5, None, 0, "NO_PATTERN"),
    ],
)
def test_buying_counts_as_accumulation_on_seven_days_of_ten(
    days: list[float], value: str | None, same: int, reason: str | None
) -> None:
    cell = patterns.accumulation(**calm(days)).at(-1)
    assert (value, same, reason) == (cell["value"], cell["same_sign_days"], cell.get("reason"))
    tail = sum(math.comb(10, k) for k in range(same, 11)) / 1024
    assert (tail, sum(days)) == (cell["sign_p"], cell["cum_net"])
    assert math.isclose(0.01, cell["cum_excess_ret"], rel_tol=1e-12)


def test_steady_buying_that_is_usual_for_the_stock_is_no_pattern() -> None:
    """The standard is the stock's own year: the percentile decides, at 90 as at 10."""
    usual = calm([5.0] * 10)
    usual["net"] = [5.0] * len(usual["net"])
    cell = patterns.accumulation(**usual).at(-1)
    assert (None, 50.0, 10) == (cell["value"], cell["percentile"], cell["same_sign_days"])
    assert "ACCUMULATION" == patterns.accumulation(**usual, pct=50).at(-1)["value"]


@given(seed=st.integers(0, 10**6), gaps=st.floats(0, 0.05), factor=st.integers(2, 50))
@settings(max_examples=30, deadline=None)
def test_selling_is_the_mirror_of_buying_whatever_the_unit(seed: int, gaps: float, factor: int) -> None:
    panel = closed_form.panel(1, 160, seed, gaps)
    net, turnover, ret = (panel[name][0] for name in ("net", "turnover", "ret"))
    settings_ = {"ref": 100, "min_ref": 20, "days": 6, "pct": 80}
    cell = patterns.accumulation(net, turnover, ret, **settings_).at(-1)
    scaled = patterns.accumulation(factor * net, factor * turnover, ret, **settings_).at(-1)
    turned = patterns.accumulation(-net, turnover, ret, **settings_).at(-1)
    assert cell["value"] == scaled["value"]
    mirror = {"ACCUMULATION": "DISTRIBUTION", "DISTRIBUTION": "ACCUMULATION", None: None}
    assert (mirror[cell["value"]], cell.get("reason")) == (turned["value"], turned.get("reason"))
    trend = investor.trend(net, turnover, window=10, ref=100, min_ref=20).at(-1)
    if cell["percentile"] is not None:
        assert trend["percentile"] == cell["percentile"]
        assert math.isclose(100 - cell["percentile"], turned["percentile"], abs_tol=1e-9)


@pytest.mark.parametrize(
    ("name", "place", "value", "reason"),
    [
        ("excess_ret", -10, None, "MISSING_INPUT"),
        ("excess_ret", -11, None, None),
        ("net", -10, None, "MISSING_INPUT"),
        ("turnover", -3, 0.0, "ZERO_DENOMINATOR"),
    ],
)
def test_a_gap_inside_the_window_leaves_no_pattern_to_claim(
    name: str, place: int, value: Any, reason: str | None
) -> None:
    given_ = calm([9.0] * 10)
    given_[name] = [*given_[name]]
    given_[name][place] = value
    series = {key: np.array(part, dtype=float) for key, part in given_.items()}
    assert reason == patterns.accumulation(**series).at(-1).get("reason")


def test_accumulation_of_a_halted_or_young_stock_says_so() -> None:
    halted = {key: np.array(part, dtype=float) for key, part in calm([9.0] * 10).items()}
    halted["net"][-1], halted["turnover"][-1] = np.nan, 0.0
    assert "HALTED" == patterns.accumulation(**halted).at(-1)["reason"]
    young = patterns.accumulation(**calm([9.0] * 10, quiet=60)).at(-1)
    assert (None, "INSUFFICIENT_HISTORY", 10) == (young["value"], young["reason"], young["same_sign_days"])


def surge(**changes: Any) -> dict[str, Any]:
    """A rise of 20% in five sessions on three times the volume, sold by all but individuals."""
    close = np.array([100.0] * 22 + [100, 100, 105, 110, 115, 120, 125, 124, 123, 122])
    series = {
        "close": close,
        "volume": np.array([100.0] * 27 + [300.0] * 5),
        "smart_net": np.array([5.0] * 29 + [-1.0] * 3),
        "individual_net": np.array([-5.0] * 29 + [1.0] * 3),
        "bench": np.full(32, 1000.0),
    }
    for name, (place, value) in changes.items():
        series[name][place] = value
    return series


@pytest.mark.parametrize(
    ("changes", "value", "reason"),
    [
        ({}, "SURGE", None),
        ({"close": (-1, 112.5)}, "DUMP", None),
        ({"close": (-1, 112.6)}, "SURGE", None),
        ({"volume": (-1, 299.0)}, None, "NO_PATTERN"),
        ({"smart_net": (-1, 2.0)}, None, "NO_PATTERN"),
        ({"individual_net": (-2, -2.0)}, None, "NO_PATTERN"),
        ({"bench": (slice(-6, None), 1100.0)}, None, "NO_PATTERN"),
        ({"volume": (slice(2, 22), 0.0)}, None, "ZERO_DENOMINATOR"),
        ({"volume": (2, np.nan)}, None, "MISSING_INPUT"),
        ({"volume": (1, np.nan)}, "SURGE", None),
        ({"close": (17, np.nan)}, None, "MISSING_INPUT"),
        ({"close": (16, np.nan)}, "SURGE", None),
        ({"smart_net": (-3, np.nan)}, None, "MISSING_INPUT"),
        ({"smart_net": (-4, np.nan)}, "SURGE", None),
        ({"bench": (-1, 0.0)}, None, "MISSING_INPUT"),
    ],
)
def test_a_surge_needs_all_of_its_marks(changes: dict[str, Any], value: str | None, reason: str | None) -> None:
    cell = patterns.surge_dump(**surge(**changes)).at(-1)
    assert (value, reason) == (cell["value"], cell.get("reason"))


def test_a_surge_is_measured_against_the_index_and_the_weeks_before() -> None:
    cell = patterns.surge_dump(**surge()).at(-1)
    assert {"value": "SURGE", "surge": 0.25, "volume_ratio": 3.0, "drawdown": 122 / 125 - 1} == cell
    short = {name: part[1:] for name, part in surge().items()}
    assert "SURGE" == patterns.surge_dump(**short).at(-1)["value"]
    short = {name: part[2:] for name, part in surge().items()}
    assert "INSUFFICIENT_HISTORY" == patterns.surge_dump(**short).at(-1)["reason"]


@given(seed=st.integers(0, 10**6), factor=st.floats(0.01, 100))
@settings(max_examples=30, deadline=None)
def test_a_surge_does_not_hang_on_the_unit(seed: int, factor: float) -> None:
    rng = np.random.default_rng(seed)
    series = surge(volume=(slice(-5, None), 333.0))
    series["close"] = 100 * np.exp(np.cumsum(rng.normal(0.01, 0.05, 32)))
    before = patterns.surge_dump(**series).at(-1)
    scaled = {name: factor * part for name, part in series.items()}
    after = patterns.surge_dump(**scaled).at(-1)
    assert before["value"] == after["value"]
    assert pytest.approx(before["surge"], rel=1e-9) == after["surge"]


def quiet_bars(last: tuple[float, float, float, float, float]) -> dict[str, np.ndarray]:
    """21 quiet bars and one more: open, high, low, close, volume."""
    i = np.arange(21)
    bars = {"open": 102 + i % 2, "high": 105 + i % 3, "low": 100 - i % 2, "close": 102 + i % 2, "volume": 1000 + 10 * i}
    return {name: np.append(part.astype(float), one) for (name, part), one in zip(bars.items(), last, strict=True)}


@pytest.mark.parametrize(
    ("bar", "value", "reason"),
    [
        ((101, 104, 94, 101, 2500), "DOWN_SWEEP", None),
        ((101, 104, 94, 99, 2500), None, "NO_PATTERN"),
        ((101, 104, 97, 101, 2500), None, "NO_PATTERN"),
        ((101, 104, 94, 101, 1150), None, "NO_PATTERN"),
        ((105, 112, 104, 105, 2500), "UP_SWEEP", None),
        ((105, 112, 104, 107, 2500), None, "NO_PATTERN"),
        ((105, 110, 104, 105, 2500), None, "NO_PATTERN"),
        ((105, 120, 90, 103, 2500), "DOWN_SWEEP", None),
        ((np.nan, 104, 94, 101, 2500), None, "MISSING_INPUT"),
    ],
)
def test_a_sweep_runs_through_the_level_and_comes_back_on_volume(
    bar: Any, value: str | None, reason: str | None
) -> None:
    cell = patterns.liquidity_sweep(**quiet_bars(bar)).at(-1)
    assert (value, reason) == (cell["value"], cell.get("reason"))


@given(seed=st.integers(0, 10**6), factor=st.integers(2, 50))
@settings(max_examples=40, deadline=None)
def test_a_sweep_upward_is_the_mirror_of_one_downward(seed: int, factor: int) -> None:
    rng = np.random.default_rng(seed)
    close = 1000 + rng.integers(-9, 10, 30).astype(float)
    bars = {
        "open": close,
        "high": close + rng.integers(0, 9, 30),
        "low": close - rng.integers(0, 9, 30),
        "close": close,
    }
    bars["low"][-1] -= 12
    volume = rng.integers(1, 99, 30).astype(float)
    cell = patterns.liquidity_sweep(**bars, volume=volume).at(-1)
    mirror = {"open": -bars["open"], "high": -bars["low"], "low": -bars["high"], "close": -bars["close"]}
    turned = patterns.liquidity_sweep(**{name: part + 3000 for name, part in mirror.items()}, volume=volume).at(-1)
    other = {"DOWN_SWEEP": "UP_SWEEP", "UP_SWEEP": "DOWN_SWEEP", None: None}
    if "DOWN_SWEEP" not in (cell["value"], turned["value"]) or cell["value"] != turned["value"]:
        assert other[cell["value"]] == turned["value"]
    assert pytest.approx(cell["depth_atr"]) == turned["depth_atr"]
    scaled = patterns.liquidity_sweep(**{name: factor * part for name, part in bars.items()}, volume=volume * 7).at(-1)
    assert pytest.approx(cell["depth_atr"]) == scaled["depth_atr"]
    assert pytest.approx(cell["volume_z"]) == scaled["volume_z"]


def test_a_sweep_cannot_be_seen_without_history_range_or_changing_volume() -> None:
    bars = quiet_bars((101, 104, 94, 101, 2500))
    short = {name: part[1:] for name, part in bars.items()}
    assert "INSUFFICIENT_HISTORY" == patterns.liquidity_sweep(**short).at(-1)["reason"]
    assert "ZERO_VARIANCE" == patterns.liquidity_sweep(**bars | {"volume": np.full(22, 5.0)}).at(-1)["reason"]
    bars["close"][0] = np.nan  # the close before the twenty bars belongs to the first true range
    assert "MISSING_INPUT" == patterns.liquidity_sweep(**bars).at(-1)["reason"]


@pytest.mark.parametrize(
    ("now", "others", "value", "reason"),
    [
        (0.09, [0.001 * k for k in range(20)], True, None),
        (-0.09, [0.001 * k for k in range(20)], False, None),
        (0.01, [0.001 * k for k in range(20)], False, None),
        (None, [0.001 * k for k in range(20)], None, "MISSING_INPUT"),
        (0.09, [0.001 * k for k in range(19)], None, "INSUFFICIENT_HISTORY"),
        (0.09, [0.002] * 20, None, "ZERO_VARIANCE"),
    ],
)
def test_window_dressing_is_an_unusual_end_of_a_quarter(
    now: Any, others: list[float], value: bool | None, reason: str | None
) -> None:
    cell = patterns.window_dressing(now, others).at()
    assert (value, reason) == (cell["value"], cell.get("reason"))
    assert (value is None) == (cell["z"] is None)


def test_independent_days_seldom_look_like_accumulation() -> None:
    """Five days in a row happen by chance in one of sixteen windows; this rule is stricter."""
    rng = np.random.default_rng(5)
    net = rng.normal(0, 1, (60, 600))
    outcome = patterns.accumulation(net, np.full(net.shape, 10.0), np.zeros(net.shape))
    judged = outcome.reason[:, 320:]
    assert ((judged == 0).mean()) < 0.2
    assert set(np.unique(judged)) <= {0, 15}


@pytest.mark.parametrize("last", [None, 3])
def test_a_market_has_the_digits_of_a_few_rows(last: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiled loops take over for a market: figures, reasons and extras are the same bit for bit."""
    rng = np.random.default_rng(7)
    shape = (12, 120)
    close = 10_000 * np.exp(np.cumsum(rng.normal(0, 0.03, shape), axis=1))
    close[:2] = 5_000.0
    high, low = close * (1 + rng.random(shape) * 0.02), close * (1 - rng.random(shape) * 0.02)
    high[0] = low[0] = close[0]
    volume = rng.lognormal(3, 1, shape)
    volume[2:4] = np.where(rng.random((2, 120)) < 0.8, 100.3, volume[2:4])
    volume[4], volume[5, 40:80] = 50.0, 0.0
    net, excess = rng.normal(0, 1e9, shape), rng.normal(0, 0.02, shape)
    net[6] = np.abs(net[6])
    for array in (close, high, low, volume, net, excess):
        array[rng.random(shape) < 0.01] = np.nan
    bars, index = (close, high, low, close, volume), np.full(shape, 2_500.0)
    asked: list[Any] = [
        lambda: patterns.liquidity_sweep(*bars, vol_z=0.5, atr_mult=0.1, last=last),
        lambda: patterns.liquidity_sweep(*bars, n=5, last=last),
        lambda: patterns.surge_dump(close, volume, net, -net, index, surge=0, vol_mult=0.5, dd=0.02, last=last),
        lambda: patterns.accumulation(net, np.abs(net) + 1e9, excess, min_ref=20, days=5, pct=60, last=last),
    ]
    for ask in asked:
        monkeypatch.setattr(rolling, "CELLS", 1 << 30)
        expected = ask()
        monkeypatch.setattr(rolling, "CELLS", 0)
        found = ask()
        np.testing.assert_array_equal(expected.value, found.value)
        np.testing.assert_array_equal(expected.reason, found.reason)
        for name, extra in expected.extra.items():
            np.testing.assert_array_equal(extra, found.extra[name], err_msg=name)
        if last is None:
            assert (expected.reason == 0).any()
