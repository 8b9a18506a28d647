"""The record of a group of investors: what its flow earned, how it ranks stocks, and the weight that it deserves."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sugeup.errors import Refused
from sugeup.metrics import smart_skill
from tests.metrics import closed_form
from tests.metrics.test_vectors import six_digits
from tests.support.vectors import evaluate

FLOW = {f"S{i:02}": i for i in range(10)}
FORWARD = {f"S{i:02}": 3 * i % 10 for i in range(10)}
EXAMPLES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "smt.information_ratio": ({"active": closed_form.ret(80)}, {"value": 0.368806, "t": 0.207799, "n": 80}),
    "smt.mimicking_return": (
        {"net_prev": {"A": 300, "B": -200, "C": 100}, "excess_ret": {"A": 0.01, "B": -0.02, "C": 0.005}},
        {"value": 0.0125},
    ),
    "smt.selection_ic": ({"flow": FLOW, "fwd": FORWARD}, {"value": 0.272727, "n": 10}),
    "smt.quality_weights": (
        {"ic": {"pension": 0.04, "trust": 0.02, "bank": -0.01}, "n": {"pension": 100, "trust": 50, "bank": 100}},
        {"value": {"pension": 0.727273, "trust": 0.272727, "bank": 0.0}},
    ),
    "smt.quality_weighted_flow": (
        {"net": {"pension": 100, "trust": -40, "bank": 10}, "weights": {"pension": 0.7, "trust": 0.3}},
        {"value": 58.0},
    ),
}


@pytest.mark.parametrize("id", EXAMPLES)
def test_a_worked_example_agrees_and_without_an_input_there_is_no_value(id: str) -> None:
    inputs, expected = EXAMPLES[id]
    assert expected == six_digits(evaluate(id, inputs))
    for name in inputs:
        for given_ in (inputs | {name: None}, {key: part for key, part in inputs.items() if key != name}):
            cell = evaluate(id, given_)
            assert (None, "MISSING_INPUT") == (cell["value"], cell["reason"])


RETURNS = st.lists(st.integers(-300, 300).map(lambda bp: bp / 1e4), min_size=60, max_size=90)


@given(RETURNS, st.floats(0.1, 10))
@settings(max_examples=40, deadline=None)
def test_an_information_ratio_has_no_unit_and_turns_with_the_sign(active: list[float], scale: float) -> None:
    cell = smart_skill.information_ratio(active).at()
    if len(set(active)) == 1:
        assert ("ZERO_VARIANCE", None) == (cell["reason"], cell["t"])
        return
    assert pytest.approx(np.mean(active) / np.std(active, ddof=1) * math.sqrt(252)) == cell["value"]
    assert pytest.approx(stats.ttest_1samp(active, 0).statistic) == cell["t"]
    assert pytest.approx(cell["value"]) == smart_skill.information_ratio([scale * x for x in active]).at()["value"]
    assert pytest.approx(-cell["value"]) == smart_skill.information_ratio([-x for x in active]).at()["value"]


def test_an_information_ratio_closes_gaps_and_needs_sixty_sessions() -> None:
    active = [0.01, None, -0.02, 0.03] * 20
    assert {"value": None, "reason": "INSUFFICIENT_HISTORY", "t": None, "n": 59} == smart_skill.information_ratio(
        active[:-1]
    ).at()
    closed = [x for x in active if x is not None]
    assert pytest.approx(smart_skill.information_ratio(closed).at()) == smart_skill.information_ratio(active).at()
    assert "MISSING_INPUT" == smart_skill.information_ratio([None] * 70).at()["reason"]
    assert "INSUFFICIENT_HISTORY" == smart_skill.information_ratio([]).at()["reason"]


@given(st.dictionaries(st.text(max_size=3), st.tuples(st.integers(-99, 99), st.floats(-0.3, 0.3)), min_size=1))
@settings(max_examples=60, deadline=None)
def test_a_mimicking_return_turns_with_the_flow_and_ignores_unit_and_order(
    stocks: dict[str, tuple[int, float]],
) -> None:
    net, ret = ({code: pair[side] for code, pair in stocks.items()} for side in (0, 1))
    cell = smart_skill.mimicking_return(net, ret).at()
    if not any(net.values()):
        assert {"value": None, "reason": "ZERO_DENOMINATOR"} == cell
        return
    order = random.Random(3).sample(sorted(net), len(net))  # noqa: S311 - an order, not a secret
    shuffled = smart_skill.mimicking_return({code: 7 * net[code] for code in order}, ret).at()["value"]
    assert math.isclose(cell["value"], shuffled, abs_tol=1e-12)
    turned = smart_skill.mimicking_return({code: -part for code, part in net.items()}, ret).at()["value"]
    assert math.isclose(-cell["value"], turned, abs_tol=1e-12)
    assert abs(cell["value"]) <= max(map(abs, ret.values())) + 1e-12


def test_a_halted_or_new_stock_is_left_out_of_the_portfolio() -> None:
    net = {"A": 300, "B": 100, "HALTED": 500, "NEW": None}
    ret = {"A": 0.01, "B": 0.03, "HALTED": None, "NEW": 0.2, "UNTRADED": 0.1}
    assert pytest.approx(0.015) == smart_skill.mimicking_return(net, ret).at()["value"]
    assert "MISSING_INPUT" == smart_skill.mimicking_return({"A": 1}, {"B": 0.1}).at()["reason"]
    assert "MISSING_INPUT" == smart_skill.mimicking_return({}, {}).at()["reason"]


def test_a_panel_gives_every_date_at_once() -> None:
    rng = np.random.default_rng(4)
    net, ret = rng.normal(size=(6, 20)), rng.normal(size=(6, 20))
    net[2, 3] = ret[4, 5] = np.nan
    many = smart_skill.mimicking_return(net, ret)
    for date in range(6):
        by_name = [{str(stock): side[date, stock] for stock in range(20)} for side in (net, ret)]
        assert pytest.approx(smart_skill.mimicking_return(*by_name).at()["value"]) == many.at(date)["value"]
    with pytest.raises(Refused, match="two maps or two arrays"):
        smart_skill.selection_ic({"A": 1}, [1.0])


@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=10, max_size=30))
@settings(max_examples=60, deadline=None)
def test_a_rank_correlation_over_stocks_is_that_of_scipy(pairs: list[tuple[int, int]]) -> None:
    flow, forward = ([pair[side] for pair in pairs] for side in (0, 1))
    cell = smart_skill.selection_ic(flow, forward).at()
    if len(set(flow)) == 1 or len(set(forward)) == 1:
        assert {"value": None, "reason": "ZERO_VARIANCE", "n": len(pairs)} == cell
    else:
        assert {"value": pytest.approx(stats.spearmanr(flow, forward).statistic, abs=1e-9), "n": len(pairs)} == cell


def test_nine_stocks_are_too_few_for_a_rank_correlation() -> None:
    few = {code: part for code, part in FLOW.items() if code != "S00"}
    assert {"value": None, "reason": "INSUFFICIENT_HISTORY", "n": 9} == smart_skill.selection_ic(few, FORWARD).at()


def test_a_shuffled_market_shows_no_skill() -> None:
    rng = np.random.default_rng(6)
    ics = smart_skill.selection_ic(rng.normal(size=(400, 200)), rng.normal(size=(400, 200))).value
    assert abs(ics.mean()) < 3 * ics.std() / math.sqrt(400)
    assert pytest.approx(1 / math.sqrt(199), rel=0.2) == ics.std()


def test_a_bad_record_weighs_nothing_and_no_record_is_left_out() -> None:
    ic = {"bank": -0.2, "insurance": None, "pension_fund": 0.02, "foreign": 0.02, "private_fund": 0.1}
    n = {"bank": 50, "insurance": 50, "pension_fund": 50, "foreign": 0, "private_fund": None}
    assert {"bank": 0.0, "pension_fund": 1.0, "foreign": 0.0} == smart_skill.quality_weights(ic, n).value


def test_when_nobody_has_skill_nobody_gets_an_even_share() -> None:
    assert {"value": None, "reason": "NO_SKILL"} == smart_skill.quality_weights(
        {"a": -0.1, "b": 0.0}, {"a": 9, "b": 9}
    ).at()
    assert "MISSING_INPUT" == smart_skill.quality_weights({"a": None}, {"a": 9}).at()["reason"]
    assert "MISSING_INPUT" == smart_skill.quality_weights({}, {}).at()["reason"]
    with pytest.raises(Refused, match=r"n\.a=-1"):
        smart_skill.quality_weights({"a": 0.1}, {"a": -1})


@given(st.dictionaries(st.sampled_from("abcdefg"), st.tuples(st.floats(-1, 1), st.integers(0, 500)), min_size=1))
@settings(max_examples=60, deadline=None)
def test_weights_are_shares_in_any_order(record: dict[str, tuple[float, int]]) -> None:
    ic, n = ({name: pair[side] for name, pair in record.items()} for side in (0, 1))
    weights = smart_skill.quality_weights(ic, n).value
    if weights is not None:
        assert pytest.approx(1) == sum(weights.values())
        assert all(weight >= 0 and (weight == 0 or ic[name] > 0) for name, weight in weights.items())
        backwards = smart_skill.quality_weights(ic, dict(reversed(n.items()))).value
        assert weights == backwards


def test_a_weighted_flow_with_a_hole_is_no_flow() -> None:
    net = {"a": np.array([10.0, np.nan, 30.0]), "b": np.array([1.0, 2.0, 3.0]), "c": np.array([np.nan] * 3)}
    outcome = smart_skill.quality_weighted_flow(net, {"a": 0.5, "b": 1})
    assert [6.0, None, 18.0] == [outcome.at(place)["value"] for place in range(3)]
    for net_, weights in (({"a": 1}, {}), ({"a": 1}, {"b": 1}), ({"a": 1}, {"a": None}), ({}, {"a": 1})):
        assert {"value": None, "reason": "MISSING_INPUT"} == smart_skill.quality_weighted_flow(net_, weights).at()
