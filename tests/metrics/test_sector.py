"""Sectors: sums of their members, relative strength, the two money-flow indices."""

from __future__ import annotations

import math
import statistics
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.metrics import sector

WON = st.integers(0, 10**13)
MEMBERS = st.dictionaries(st.sampled_from("ABCDEFG"), st.tuples(WON, WON), min_size=1)


@given(members=MEMBERS, factor=st.integers(2, 99))
@settings(max_examples=80, deadline=None)
def test_a_sector_is_the_sum_of_its_stocks(members: dict[str, tuple[int, int]], factor: int) -> None:
    rows = [{"code": code, "buy": buy, "sell": sell} for code, (buy, sell) in members.items()]
    cell = sector.aggregate(rows, top=len(rows)).at()
    assert cell["buy"] - cell["sell"] == cell["value"] == sum(entry["net"] for entry in cell["top"])
    assert [abs(entry["net"]) for entry in cell["top"]] == sorted(
        (abs(b - s) for b, s in members.values()), reverse=True
    )
    if any(buy != sell for buy, sell in members.values()):
        assert math.isclose(100, sum(abs(entry["contribution"]) for entry in cell["top"]), rel_tol=1e-12)
        assert 1 / len(rows) <= cell["concentration"] * (1 + 1e-12)
        assert cell["concentration"] <= 1 + 1e-12
    scaled = [{**row, "buy": factor * row["buy"], "sell": factor * row["sell"]} for row in reversed(rows)]
    again = sector.aggregate(scaled, top=len(rows)).at()
    assert [entry["code"] for entry in cell["top"]] == [entry["code"] for entry in again["top"]]
    assert pytest.approx(cell["net_ratio"]) == again["net_ratio"]


def test_a_sector_in_which_nothing_was_traded_has_no_ratio() -> None:
    cell = sector.aggregate([{"code": "A", "buy": 0, "sell": 0}]).at()
    expected = {"value": 0, "buy": 0, "sell": 0, "net_ratio": None, "concentration": None}
    assert expected | {"top": [{"code": "A", "net": 0, "contribution": None}]} == cell
    even = sector.aggregate([{"code": "A", "buy": 5, "sell": 5}]).at()
    assert (0, 0.0, None) == (even["value"], even["net_ratio"], even["concentration"])


@pytest.mark.parametrize("amount", [None, -1, math.nan])
def test_one_stock_that_is_not_known_leaves_no_partial_sum(amount: Any) -> None:
    rows = [{"code": "A", "buy": 5, "sell": 1}, {"code": "B", "buy": amount, "sell": 1}]
    cell = sector.aggregate(rows).at()
    assert (None, "MISSING_INPUT", None, None) == (cell["value"], cell["reason"], cell["buy"], cell["top"])
    assert "MISSING_INPUT" == sector.aggregate([]).at()["reason"]


def wandering(length: int, seed: int) -> np.ndarray:
    return 1000 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, length)))


def naive_strength(level: np.ndarray, market: np.ndarray, n: int, k: int) -> tuple[float, float]:
    rs = [100 * a / b for a, b in zip(level, market, strict=True)]
    ratio = [100 + (rs[t] - statistics.fmean(rs[t - n + 1 : t + 1])) / statistics.stdev(rs[t - n + 1 : t + 1])
             for t in range(n - 1, len(rs))]  # fmt: skip
    roc = [100 * (ratio[t] / ratio[t - k] - 1) for t in range(k, len(ratio))]
    return ratio[-1], 100 + (roc[-1] - statistics.fmean(roc[-n:])) / statistics.stdev(roc[-n:])


@given(seed=st.integers(0, 10**6), extra=st.integers(0, 20), factor=st.floats(0.01, 100))
@settings(max_examples=30, deadline=None)
def test_relative_strength_is_where_the_ratio_stands_in_its_own_past(seed: int, extra: int, factor: float) -> None:
    level, market = wandering(129 + extra, seed), wandering(129 + extra, seed + 1)
    cell = sector.relative_strength(level, market).at(-1)
    value, momentum = naive_strength(level, market, 60, 10)
    assert pytest.approx(value, rel=1e-9) == cell["value"]
    assert pytest.approx(momentum, rel=1e-8) == cell["momentum"]
    named = {(True, True): "LEADING", (True, False): "WEAKENING", (False, True): "IMPROVING", (False, False): "LAGGING"}
    assert named[value >= 100, momentum >= 100] == cell["quadrant"]
    scaled = sector.relative_strength(level * factor, market).at(-1)
    assert pytest.approx(cell["value"], rel=1e-9) == scaled["value"]
    assert "INSUFFICIENT_HISTORY" == sector.relative_strength(level[:128], market[:128]).at(-1)["reason"]


@pytest.mark.parametrize("spoil", [np.nan, 0.0, -3.0])
@pytest.mark.parametrize(("place", "reason"), [(-1, "MISSING_INPUT"), (-129, "MISSING_INPUT"), (-130, None)])
def test_one_missing_level_silences_the_window_that_needs_it(spoil: float, place: int, reason: str | None) -> None:
    level, market = wandering(140, 3), wandering(140, 4)
    market[place] = spoil
    assert reason == sector.relative_strength(level, market).at(-1).get("reason")


def test_a_sector_that_is_the_market_has_no_relative_strength() -> None:
    level = wandering(140, 5)
    cell = sector.relative_strength(level * 3, level).at(-1)
    assert {"value": None, "reason": "ZERO_VARIANCE", "momentum": None, "quadrant": None} == cell


def naive_mfi(high: Any, low: Any, close: Any, volume: Any, n: int) -> float | None:
    typical = [(a + b + c) / 3 for a, b, c in zip(high, low, close, strict=True)]
    up = down = 0.0
    for t in range(len(typical) - n, len(typical)):
        money = typical[t] * volume[t]
        up += money if typical[t] > typical[t - 1] else 0
        down += money if typical[t] < typical[t - 1] else 0
    return None if up + down == 0 else 100 * up / (up + down)


@given(prices=st.lists(st.integers(1, 8), min_size=15, max_size=40), seed=st.integers(0, 99), factor=st.integers(2, 50))
@settings(max_examples=80, deadline=None)
def test_the_price_index_weighs_rises_and_falls_by_money(prices: list[int], seed: int, factor: int) -> None:
    rng = np.random.default_rng(seed)
    volume = rng.integers(0, 50, len(prices))
    high, low = np.array(prices) + 1, np.array(prices) - 1
    expected = naive_mfi(high, low, prices, volume, 14)
    cell = sector.mfi(high, low, prices, volume).at(-1)
    assert (None if expected is None else pytest.approx(expected, rel=1e-12, abs=1e-12)) == cell["value"]
    if expected is None:
        assert "ZERO_DENOMINATOR" == cell["reason"]
    else:
        scaled = sector.mfi(high * factor, low * factor, np.array(prices) * factor, volume * factor).at(-1)
        assert pytest.approx(expected, rel=1e-9, abs=1e-12) == scaled["value"]


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [(-1, np.nan, "MISSING_INPUT"), (-15, np.nan, "MISSING_INPUT"), (-16, np.nan, None), (-3, -1.0, "MISSING_INPUT")],
)
def test_the_price_index_needs_every_figure_of_its_window(place: int, value: float, reason: str | None) -> None:
    price = np.arange(20, dtype=float) + 100
    volume = np.full(20, 10.0)
    volume[place] = value
    assert reason == sector.mfi(price, price, price, volume).at(-1).get("reason")
    assert "INSUFFICIENT_HISTORY" == sector.mfi(price, price, price, [10] * 20).at(13)["reason"]
    assert 100.0 == sector.mfi(price, price, price, [10] * 20).at(14)["value"]


@given(net=st.lists(st.integers(-(10**12), 10**12), min_size=20, max_size=20), factor=st.integers(2, 99))
def test_the_flow_index_is_the_share_of_buying(net: list[int], factor: int) -> None:
    cell = sector.flow_mfi(net).at(-1)
    size = sum(map(abs, net))
    if size == 0:
        assert {"value": None, "reason": "ZERO_DENOMINATOR"} == cell
        return
    assert math.isclose(100 * sum(max(one, 0) for one in net) / size, cell["value"], rel_tol=1e-12)
    turned = sector.flow_mfi([-one for one in net]).at(-1)["value"]
    assert math.isclose(100 - cell["value"], turned, abs_tol=1e-9)
    assert math.isclose(cell["value"], sector.flow_mfi([factor * one for one in net]).at(-1)["value"], rel_tol=1e-12)


@pytest.mark.parametrize(
    ("net", "expected"),
    [
        ([None] * 20, {"value": None, "reason": "MISSING_INPUT"}),
        ([None] * 6 + [1] * 14, {"value": None, "reason": "INSUFFICIENT_HISTORY"}),
        ([None] * 5 + [1] * 15, {"value": 100.0}),
        ([-9] + [1] * 20, {"value": 100.0}),
        ([1] * 14, {"value": None, "reason": "INSUFFICIENT_HISTORY"}),
    ],
)
def test_the_flow_index_wants_fifteen_of_twenty_sessions(net: list[Any], expected: dict[str, Any]) -> None:
    assert expected == sector.flow_mfi(net).at(-1)


def test_the_newest_sessions_alone_are_the_end_of_all_of_them() -> None:
    level, market = wandering(200, 7).reshape(1, -1), wandering(200, 8)
    assert sector.relative_strength(level, market, last=5).value.tobytes() == (
        sector.relative_strength(level, market).value[:, -5:].tobytes()
    )
    assert (1, 5) == sector.mfi(level, level, level, level, last=5).value.shape
    assert (1, 3) == sector.flow_mfi(level, last=3).value.shape
