"""Technical indicators: the digits of TA-Lib, closed bars around a halt, support and resistance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.metrics import sector, technical
from sugeup.metrics.outcome import Outcome
from tests.support.talib import talib

Bars = dict[str, np.ndarray]


def market(seed: int, length: int = 400) -> Bars:
    """Won prices of one stock, with sessions that close unchanged, and volumes."""
    rng = np.random.default_rng(seed)
    close = np.round(50_000 * np.exp(np.cumsum(rng.normal(0, 0.02, length) * (rng.random(length) > 0.1))))
    reach = np.round(close * rng.uniform(0, 0.02, (2, length)))
    volume = rng.integers(1, 10**6, length).astype(float)
    return {"high": close + reach[0], "low": close - reach[1], "close": close, "volume": volume}


SAME: dict[str, tuple[Callable[[Bars], Outcome], Callable[[Any, Bars], dict[str, Any]]]] = {
    "sma": (lambda b: technical.sma(b["close"]), lambda ta, b: {"value": ta.SMA(b["close"], 20)}),
    "ema": (lambda b: technical.ema(b["close"]), lambda ta, b: {"value": ta.EMA(b["close"], 20)}),
    "rsi": (lambda b: technical.rsi(b["close"]), lambda ta, b: {"value": ta.RSI(b["close"], 14)}),
    "bollinger": (
        lambda b: technical.bollinger(b["close"]),
        lambda ta, b: dict(zip(("upper", "value", "lower"), ta.BBANDS(b["close"], 20, 2.0, 2.0), strict=True)),
    ),
    "atr": (
        lambda b: technical.atr(b["high"], b["low"], b["close"]),
        lambda ta, b: {"value": ta.ATR(b["high"], b["low"], b["close"], 14)},
    ),
    "obv": (
        lambda b: technical.obv(b["close"], b["volume"]),
        lambda ta, b: {"value": ta.OBV(b["close"], b["volume"])},
    ),
    "mfi": (
        lambda b: sector.mfi(b["high"], b["low"], b["close"], b["volume"]),
        lambda ta, b: {"value": ta.MFI(b["high"], b["low"], b["close"], b["volume"], 14)},
    ),
}


@pytest.mark.parametrize("name", SAME)
@pytest.mark.parametrize("seed", range(4))
def test_an_indicator_is_the_one_of_talib(name: str, seed: int) -> None:
    """The same first session and the same digits as the library that traders compare with."""
    ours, theirs = SAME[name]
    bars = market(seed)
    outcome = ours(bars)
    for part, expected in theirs(talib(), bars).items():
        got = outcome.value if part == "value" else outcome.extra[part]
        assert (np.isnan(expected) == np.isnan(got)).all()
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-6, equal_nan=True)


@pytest.mark.parametrize("seed", range(4))
def test_macd_is_made_of_the_averages_of_talib_and_meets_its_macd(seed: int) -> None:
    """TA-Lib's own MACD begins its fast average later, to start both together: the difference fades away."""
    ta, close = talib(), market(seed)["close"]
    outcome = technical.macd(close)
    line = ta.EMA(close, 12) - ta.EMA(close, 26)
    signal = np.full(close.shape, np.nan)
    signal[25:] = ta.EMA(line[25:].copy(), 9)
    assert [33, 33] == [np.isnan(part).sum() for part in (outcome.value, signal)]
    np.testing.assert_allclose(outcome.value[33:], line[33:], rtol=1e-10, atol=1e-6)
    np.testing.assert_allclose(outcome.extra["signal"][33:], signal[33:], rtol=1e-10, atol=1e-6)
    theirs = ta.MACD(close, 12, 26, 9)
    for got, expected in zip((outcome.value, outcome.extra["signal"], outcome.extra["histogram"]), theirs, strict=True):
        assert (np.isnan(expected) == np.isnan(got)).all()
        np.testing.assert_allclose(got[200:], expected[200:], atol=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_a_cross_is_where_the_histogram_changes_sides(seed: int) -> None:
    outcome = technical.macd(market(seed)["close"])
    gap = outcome.extra["histogram"]
    for t in range(34, len(gap)):
        expected = "GOLDEN" if gap[t] > 0 >= gap[t - 1] else "DEAD" if gap[t] < 0 <= gap[t - 1] else "NONE"
        assert expected == outcome.at(t)["cross"]
    assert {"GOLDEN", "DEAD", "NONE"} <= set(outcome.extra["cross"][34:])
    assert outcome.at(33)["cross"] is None


@pytest.mark.parametrize(
    ("near", "far", "expected"),
    [
        ([1, 3], [2, 2], {"value": "GOLDEN"}),
        ([2, 3], [2, 2], {"value": "GOLDEN"}),
        ([3, 1], [2, 2], {"value": "DEAD"}),
        ([1, 2], [2, 2], {"value": "NONE"}),
        ([1, None, 3], [2, 2, 2], {"value": "GOLDEN"}),
        ([1, None], [2, 2], {"value": None, "reason": "MISSING_INPUT"}),
        ([3], [2], {"value": None, "reason": "INSUFFICIENT_HISTORY"}),
    ],
)
def test_lines_cross_at_the_session_after_which_they_have_changed_order(
    near: list[Any], far: list[Any], expected: dict[str, Any]
) -> None:
    assert expected == technical.cross(near, far).at(-1)


INDICATORS: dict[str, Callable[[Bars], Outcome]] = {name: ours for name, (ours, _) in SAME.items() if name != "mfi"} | {
    "macd": lambda b: technical.macd(b["close"])
}


@pytest.mark.parametrize("name", INDICATORS)
@given(seed=st.integers(0, 10**6), share=st.floats(0, 0.4))
@settings(max_examples=15, deadline=None)
def test_a_halted_session_is_no_observation(name: str, seed: int, share: float) -> None:
    """With and without the sessions on which nothing was traded, the others say the same."""
    bars = market(seed, 120)
    traded = np.random.default_rng(seed).random(120) >= share
    holed = {side: np.where(traded, part, np.nan) for side, part in bars.items()}
    alone = INDICATORS[name]({side: part[traded] for side, part in bars.items()})
    outcome = INDICATORS[name](holed)
    assert alone.value.tobytes() == outcome.value[traded].tobytes()
    assert {"value": None, "reason": "MISSING_INPUT"}.items() <= outcome.at(
        int(np.argmin(traded))
    ).items() or traded.all()
    for part in outcome.extra:
        assert alone.extra[part].tolist() == pytest.approx(outcome.extra[part][traded].tolist(), nan_ok=True)


@pytest.mark.parametrize("name", sorted(set(INDICATORS) - {"obv", "rsi"}))
@given(seed=st.integers(0, 10**6))
@settings(max_examples=10, deadline=None)
def test_a_split_rescales_prices_and_changes_nothing_else(name: str, seed: int) -> None:
    bars = market(seed, 120)
    split = {side: part / 4 for side, part in bars.items()}
    before, after = INDICATORS[name](bars), INDICATORS[name](split)
    np.testing.assert_array_equal(before.value / 4, after.value)
    assert INDICATORS["rsi"](bars).value.tobytes() == INDICATORS["rsi"](split).value.tobytes()


def test_a_price_that_never_moves_has_no_relative_strength() -> None:
    outcome = technical.rsi([100.0] * 20)
    assert "ZERO_DENOMINATOR" == outcome.at(-1)["reason"]
    assert "INSUFFICIENT_HISTORY" == outcome.at(13)["reason"]
    assert [100.0, 0.0] == [technical.rsi(series).at(-1)["value"] for series in (range(1, 21), range(20, 0, -1))]
    flat = technical.bollinger([100.0] * 20).at(-1)
    assert (100.0, 100.0, 100.0, None, 0.0) == tuple(flat.values())


def test_the_newest_sessions_alone_are_the_end_of_all_of_them() -> None:
    close = np.stack([market(seed, 90)["close"] for seed in range(3)])
    assert technical.macd(close, last=4).value.tobytes() == technical.macd(close).value[:, -4:].tobytes()
    assert (3, 0) == technical.sma(close[:, :0]).value.shape


@pytest.mark.parametrize(
    ("high", "low", "expected"),
    [
        ([5] * 20 + [99], [3] * 20 + [0], {"support": 3.0, "resistance": 5.0}),
        ([99] + [5] * 21, [0] + [3] * 21, {"support": 3.0, "resistance": 5.0}),
        ([5] * 20 + [None], [3] * 20 + [None], {"support": 3.0, "resistance": 5.0}),
    ],
)
def test_levels_are_those_of_the_month_before_the_newest_session(
    high: list[Any], low: list[Any], expected: dict[str, float]
) -> None:
    assert expected == technical.levels(high, low, [1], [1]).at()["value"]


@pytest.mark.parametrize(
    ("high", "low", "reason"),
    [
        ([5] * 20, [3] * 20, "INSUFFICIENT_HISTORY"),
        ([5] * 7 + [None] + [5] * 13, [3] * 21, "MISSING_INPUT"),
        ([5] * 21, [None] + [3] * 20, "MISSING_INPUT"),
    ],
)
def test_levels_that_are_not_known_leave_the_zone(high: list[Any], low: list[Any], reason: str) -> None:
    expected = {"value": None, "reason": reason, "zone": [1.0, 1.0]}
    assert expected == technical.levels(high, low, [1], [1]).at()


@pytest.mark.parametrize(
    ("price", "volume", "zone", "reason"),
    [
        ([3, 1, 2], [1, 1, 2], [1.0, 2.0], None),
        ([1, 2, 3, 4], [25, 25, 25, 25], [1.0, 3.0], None),
        ([1, 2, 3, None], [25, 25, 50, 900], [1.0, 3.0], None),
        ([1, 2], [0, 0], None, "ZERO_DENOMINATOR"),
        ([None, None], [1, 1], None, "MISSING_INPUT"),
        ([], [], None, "MISSING_INPUT"),
    ],
)
def test_the_zone_is_where_the_middle_half_was_traded(
    price: list[Any], volume: list[Any], zone: list[float] | None, reason: str | None
) -> None:
    cell = technical.levels([5] * 21, [3] * 21, price, volume).at()
    assert (zone, reason) == (cell["zone"], cell.get("reason"))
    assert {"support": 3.0, "resistance": 5.0} == cell["value"]
