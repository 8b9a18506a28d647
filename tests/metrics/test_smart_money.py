"""Large executions, their impact, the nature of a foreigner's net, paper gain, and the market's smart-money index."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.errors import Refused
from sugeup.metrics import smart_money
from tests.metrics.test_vectors import six_digits
from tests.support.vectors import evaluate

AMOUNT = st.integers(-(10**9), 10**9)


def without(id: str, inputs: dict[str, Any], name: str) -> tuple[Any, Any]:
    """Value and reason when one input is null."""
    cell = evaluate(id, inputs | {name: None})
    return cell["value"], cell["reason"]


EXAMPLES = [
    ("smt.block_threshold", {"tick_values": [10**6 * (1 + 37 * i % 1000) for i in range(1000)], "adv": 4 * 10**11}),
    ("smt.wpc", {"dp": [10, -5, 5, 0, 20, -10], "size_class": list("SSMMML")}),
    ("smt.impact_bps", {"side": 1, "price_before": 70000, "price_after": 70140}),
    ("smt.foreign_class", {"foreign_net": 100, "program_net": 80}),
    ("smt.unrealized_gain", {"avg_buy_price": 78200, "current_price": 78500, "net_volume": 1000}),
    ("smt.market_index", {"x": 0.012, "ref": [0.0005 * (i - 30) for i in range(60)]}),
]
RESULTS: dict[str, dict[str, Any]] = {
    "smt.block_threshold": {"value": 995005000.0},
    "smt.wpc": {"value": {"S": 0.25, "M": 1.25, "L": -0.5}},
    "smt.impact_bps": {"value": 20.0},
    "smt.foreign_class": {"value": "PROGRAM_DRIVEN", "program_share": 0.8},
    "smt.unrealized_gain": {"value": 0.383632},
    "smt.market_index": {"value": 90.8333, "interpretation": "STRONG_INFLOW"},
}


@pytest.mark.parametrize(("id", "inputs"), EXAMPLES, ids=list(RESULTS))
def test_a_worked_example_agrees_and_without_an_input_there_is_no_value(id: str, inputs: dict[str, Any]) -> None:
    assert RESULTS[id] == six_digits(evaluate(id, inputs))
    for name in inputs:
        assert (None, "MISSING_INPUT") == without(id, inputs, name)


def test_the_largest_of_the_three_thresholds_decides() -> None:
    ticks = np.arange(1, 1001) * 1e6
    by_ticks, by_turnover, by_floor = (
        smart_money.block_threshold(ticks, adv, floor=floor).at()["value"]
        for adv, floor in ((0, 0), (4e12, 0), (0, 5e9))
    )
    assert (np.quantile(ticks, 0.995), 2e9, 5e9) == (pytest.approx(by_ticks), by_turnover, by_floor)


def test_a_block_threshold_needs_a_thousand_ticks_and_skips_missing_ones() -> None:
    ticks = [1e9, None] * 1000
    assert {"value": 1e9} == smart_money.block_threshold(ticks, 0).at()
    short = smart_money.block_threshold(ticks[:-2], 0).at()
    assert {"value": None, "reason": "INSUFFICIENT_HISTORY"} == short
    assert "INSUFFICIENT_HISTORY" == smart_money.block_threshold([], 1).at()["reason"]
    assert "MISSING_INPUT" == smart_money.block_threshold([None] * 5, 1).at()["reason"]
    assert "MISSING_INPUT" == smart_money.block_threshold(ticks, -1).at()["reason"]


def test_thresholds_of_many_stocks_are_those_of_each_alone() -> None:
    ticks = np.random.default_rng(1).lognormal(17, 1, (3, 1500))
    ticks[1, ::7] = np.nan
    adv = np.array([1e10, 1e13, np.nan])
    together = smart_money.block_threshold(ticks, adv)
    alone = [smart_money.block_threshold(ticks[stock], adv[stock]).at() for stock in range(3)]
    assert alone == [together.at(stock) for stock in range(3)]


@given(st.lists(st.integers(-20, 20), min_size=1, max_size=40), st.integers(1, 9), st.randoms())
@settings(max_examples=60, deadline=None)
def test_price_contributions_add_to_one_whatever_the_unit_and_the_order(dp: list[int], unit: int, draw: Any) -> None:
    trades = [(change, draw.choice("SML")) for change in dp]
    cell = smart_money.wpc(*zip(*trades, strict=True)).at()
    if sum(dp) == 0:
        assert {"value": None, "reason": "ZERO_DENOMINATOR"} == cell
        return
    assert math.isclose(1, sum(cell["value"].values()), abs_tol=1e-9)
    assert {size for _, size in trades} == set(cell["value"])
    draw.shuffle(trades)
    scaled = smart_money.wpc([-unit * change for change, _ in trades], [size for _, size in trades]).value
    assert pytest.approx(cell["value"]) == scaled


def test_a_trade_without_price_change_or_class_leaves_every_share_unknown() -> None:
    missing = {"value": None, "reason": "MISSING_INPUT"}
    for changes, classes in (([1, None], ["S", "M"]), ([1, 2], ["S", None]), ([], [])):
        assert missing == smart_money.wpc(changes, classes).at()
    with pytest.raises(Refused, match="'XL' is not allowed; allowed: S, M, L"):
        smart_money.wpc([1], ["XL"])
    with pytest.raises(Refused, match="2 trades and size_class 1"):
        smart_money.wpc([1, 2], ["S"])


@given(st.sampled_from([1, -1]), st.integers(1, 10**6), st.integers(0, 10**6), st.integers(2, 9))
@settings(max_examples=60, deadline=None)
def test_impact_turns_with_the_side_and_ignores_the_unit(side: int, before: int, after: int, unit: int) -> None:
    value = smart_money.impact_bps(side, before, after).at()["value"]
    assert pytest.approx(-value) == smart_money.impact_bps(-side, before, after).at()["value"]
    assert pytest.approx(value) == smart_money.impact_bps(side, unit * before, unit * after).at()["value"]


def test_a_trade_of_a_call_auction_has_no_impact_and_a_side_of_two_is_refused() -> None:
    outcome = smart_money.impact_bps([1, None, 1, -1], [100, 100, 0, 100], [99, 101, 101, -1])
    assert ["", "MISSING_INPUT", "ZERO_DENOMINATOR", "MISSING_INPUT"] == [
        outcome.at(place).get("reason", "") for place in range(4)
    ]
    with pytest.raises(Refused, match="side=2 is not allowed"):
        smart_money.impact_bps(2, 1, 1)


def test_the_share_of_programmes_decides_what_a_foreign_net_is() -> None:
    cases = {
        (100, 70): ("PROGRAM_DRIVEN", 0.7),
        (100, 69): ("MIXED", 0.69),
        (-100, -30): ("MIXED", 0.3),
        (100, 29): ("DISCRETIONARY", 0.29),
        (100, -90): ("DISCRETIONARY", 0.0),
        (100, 0): ("DISCRETIONARY", 0.0),
        (100, 500): ("PROGRAM_DRIVEN", 1.0),
    }
    got = {pair: tuple(smart_money.foreign_class(*pair).at().values()) for pair in cases}
    assert cases == got
    nothing = {"value": None, "reason": "ZERO_DENOMINATOR", "program_share": None}
    assert nothing == smart_money.foreign_class(0, 10).at()


@given(AMOUNT, AMOUNT, st.integers(1, 1000))
@settings(max_examples=60, deadline=None)
def test_the_class_of_a_foreign_net_knows_no_direction_and_no_unit(foreign: int, program: int, unit: int) -> None:
    cell = smart_money.foreign_class(foreign, program).at()
    assert cell == smart_money.foreign_class(-foreign, -program).at()
    scaled = smart_money.foreign_class(unit * foreign, unit * program).at()
    assert cell["value"] == scaled["value"] and pytest.approx(cell["program_share"]) == scaled["program_share"]


def test_who_sold_on_balance_has_no_paper_gain() -> None:
    reasons = [
        smart_money.unrealized_gain(*case).at().get("reason", "")
        for case in ((100, 90, 1), (100, 90, 0), (None, 90, -1), (0, 90, 1), (100, None, 1))
    ]
    assert ["", "NOT_NET_BUYER", "NOT_NET_BUYER", "ZERO_DENOMINATOR", "MISSING_INPUT"] == reasons
    assert -10.0 == smart_money.unrealized_gain(100, 90, 1).at()["value"]


def test_the_bands_of_the_index_close_where_the_reference_says() -> None:
    past = list(range(100))
    places = {9.5: "STRONG_OUTFLOW", 10: "OUTFLOW", 29.5: "OUTFLOW", 30: "NEUTRAL", 70: "NEUTRAL", 70.5: "INFLOW"}
    places |= {90: "INFLOW", 90.5: "STRONG_INFLOW"}
    cells = {percentile: smart_money.market_index(_at(percentile), past).at() for percentile in places}
    assert {percentile: {"value": percentile, "interpretation": word} for percentile, word in places.items()} == cells


def _at(percentile: float) -> float:
    """The x that has this percentile among 0..99."""
    return percentile - 0.5


def test_without_a_quarter_of_history_the_index_is_null_and_not_50() -> None:
    nothing = {"value": None, "reason": "INSUFFICIENT_HISTORY", "interpretation": None}
    assert nothing == smart_money.market_index(0.01, [0.0] * 59).at()
