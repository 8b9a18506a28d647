"""The worked examples of programme, ownership, intraday, short-selling, alert and health metrics, and their inputs."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.metrics.test_vectors import six_digits
from tests.support.vectors import evaluate

Case = tuple[str, dict[str, Any], dict[str, Any]]
MINUTES = [round(0.0005 * math.sin(2.2 * i) + 0.0002 * math.cos(0.4 * i), 7) for i in range(120)]
OVERHEATED = {
    "market": "KOSPI", "ret_pct": -6.0, "short_ratio": 16.0, "quarter_ratio": 4.8, "multiple": 7.0, "avg40_ratio": 2.0,
    "days_traded_40": 40, "banned_today": False,
}  # fmt: skip
HOLDING = {"shares0": 1000, "shares1": 1100, "listed0": 5000, "listed1": 5000, "price0": 100, "price1": 110}
HALF = [[0.1, 0.4, 0.2, 0.3]] * 6 + [[0.2, 0.3, 0.25, 0.25]] * 6
TRADED = [
    {"code": "005930", "buy": 400, "sell": 200},
    {"code": "000660", "buy": 100, "sell": 250},
    {"code": "035420", "buy": 30, "sell": 20},
]
PARTS = {
    "freshness_s": {"value": 90, "good": 60, "bad": 300, "weight": 2},
    "error_rate": {"value": 0.02, "good": 0.01, "bad": 0.1, "weight": 1},
    "completeness": {"value": 0.97, "good": 0.99, "bad": 0.8, "weight": 2},
}
EXAMPLES: list[Case] = [
    (
        "prg.summary",
        {"buy": 234567890000, "sell": 198765432000, "turnover": 8000000000000},
        {"value": 54.1311, "participation": 2.70833, "net_to_turnover": 0.447531},
    ),
    (
        "prg.basis",
        {"futures": 352.5, "spot": 350.0, "rate": 0.035, "days": 40, "dividend_points": 0.6},
        {
            "value": 2.5,
            "theoretical": 350.742,
            "deviation": 1.75753,
            "deviation_pct": 0.50109,
            "side": "BUY_CASH_SELL_FUTURES",
            "opportunity": "HIGH",
        },
    ),
    (
        "prg.implied_futures_leg",
        {"arb_buy": 123456789000, "arb_sell": 98765432000},
        {"value": "SHORT", "ratio": 0.111111},
    ),
    (
        "prg.intensity",
        {"x": 0.031, "ref": [0.01 + 0.001 * i for i in range(20)]},
        {"value": "HIGH", "percentile": 100.0},
    ),
    ("prg.efficiency", {"ret": MINUTES}, {"value": 0.612923, "variance_ratio": 0.612923, "n": 120}),
    (
        "prg.top_stocks",
        {"rows": TRADED},
        {"value": [{"code": "005930", "net": 200, "ratio": 60.0}, {"code": "000660", "net": -150, "ratio": 35.0}]},
    ),
    (
        "own.change",
        HOLDING,
        {
            "value": 2.0,
            "shares_change": 100,
            "value_change": 21000,
            "quantity_effect": 10000,
            "price_effect": 11000,
            "trend": "INCREASING",
        },
    ),
    ("own.streak", {"shares": [10, 12, 11, 12, 13, 15]}, {"value": 3}),
    (
        "own.milestones",
        {"dates": ["d1", "d2", "d3", "d4", "d5", "d6"], "pct": [49.8, 50.1, 49.9, 50.2, 49.7, 50.0]},
        {
            "value": [
                {"date": "d2", "level": 50.0, "direction": "UP", "pct": 50.1},
                {"date": "d5", "level": 50.0, "direction": "DOWN", "pct": 49.7},
                {"date": "d6", "level": 50.0, "direction": "UP", "pct": 50.0},
            ]
        },
    ),
    ("own.limit", {"foreign_shares": 400, "limit_shares": 490}, {"value": 81.6327, "room_shares": 90}),
    (
        "own.concentration_bounds",
        {"foreign_pct": 52.34, "treasury_pct": 0.21},
        {"value": None, "reason": "NOT_AVAILABLE_FROM_SOURCE", "lo": 0.386527, "hi": 0.499102},
    ),
    (
        "itd.execution_style",
        {
            "flow": [20, 12, 8, 8, 7, 7, 6, 6, 6, 7, 8, 10, 15],
            "volume": [22, 12, 8, 7, 7, 6, 6, 6, 6, 7, 8, 10, 15],
        },
        {"value": "VWAP_LIKE", "d_vwap": 0.0166667, "d_twap": 0.112821, "close_excess": 0.0},
    ),
    ("itd.bias", {"net": [1] * 15 + [-1] * 5}, {"value": "BUY", "p_value": 0.0413895, "n_pos": 15, "n": 20}),
    ("itd.active_slot", {"share": HALF}, {"value": 1, "median": 0.35, "uniform": 0.25}),
    (
        "itd.windows",
        {"turnover_share": [[0.4, 0.2, 0.1, 0.1, 0.2]] * 10, "illiq": [[5, 3, 1, 2, 4]] * 10},
        {"value": {"high_liquidity": [0, 1], "low_impact": [2, 3]}},
    ),
    ("sht.overheat", OVERHEATED, {"value": "TYPE1", "threshold": 15}),
    ("sht.days_to_cover", {"balance_shares": 500000, "volume": [100000] * 20}, {"value": 5.0}),
    ("alr.flow_reversal", {"z_now": 1.4, "z_prev": -1.2}, {"value": True, "direction": "TO_BUY"}),
    (
        "alr.focus",
        {"foreign_z": 2.3, "institution_z": 2.1, "foreign_days": 4, "institution_days": 3},
        {"value": "DOUBLE_BUY"},
    ),
    (
        "hlt.score",
        {"components": PARTS},
        {"value": 88.5627, "parts": {"freshness_s": 0.875, "error_rate": 0.888889, "completeness": 0.894737}},
    ),
]


@pytest.mark.parametrize(("id", "inputs", "expected"), EXAMPLES, ids=[example[0] for example in EXAMPLES])
def test_a_worked_example_agrees_to_six_digits(id: str, inputs: dict[str, Any], expected: dict[str, Any]) -> None:
    assert expected == six_digits(evaluate(id, inputs))


STANDS = {  # what each metric can still say, because its value does not need that input
    ("prg.summary", "turnover"): {"participation", "net_to_turnover"},
    ("prg.basis", "rate"): {"theoretical", "deviation", "deviation_pct", "side", "opportunity"},
    ("prg.basis", "days"): {"theoretical", "deviation", "deviation_pct", "side", "opportunity"},
    ("prg.basis", "dividend_points"): {"theoretical", "deviation", "deviation_pct", "side", "opportunity"},
}
NOT_ASKED = {("sht.overheat", "avg40_ratio")}  # KOSPI has no type that looks at it
LATER = {("sht.days_to_cover", "balance_shares"): "NOT_PUBLISHED_YET"}
GAPS = [(id, inputs, name) for id, inputs, _ in EXAMPLES for name in inputs]


@pytest.mark.parametrize(("id", "inputs", "name"), GAPS, ids=[f"{case[0]}-{case[2]}" for case in GAPS])
def test_what_an_absent_input_takes_away_is_null_and_says_so(id: str, inputs: dict[str, Any], name: str) -> None:
    """A NONE, a 50 or an empty list out of absent data would read as a calm market."""
    before = evaluate(id, inputs)
    for given in (inputs | {name: None}, {key: value for key, value in inputs.items() if key != name}):
        after = evaluate(id, given)
        if (id, name) in NOT_ASKED:
            assert before == after
        elif (id, name) in STANDS:
            assert (before["value"], "MISSING_INPUT") == (after["value"], after["reason"])
            assert STANDS[id, name] == {key for key, part in after.items() if part is None}
        else:
            assert (None, LATER.get((id, name), "MISSING_INPUT")) == (after["value"], after["reason"])
