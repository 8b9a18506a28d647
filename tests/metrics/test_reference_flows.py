"""The worked examples of behaviour, flow, sector and pattern metrics, and what each says without one of its inputs."""

from __future__ import annotations

import math
from typing import Any

import pytest

from sugeup.errors import Refused
from sugeup.registry import metrics
from tests.metrics import closed_form
from tests.metrics.test_vectors import BOOK, six_digits
from tests.support.vectors import evaluate

Case = tuple[str, dict[str, Any], dict[str, Any]]
FAMILIES = ("beh.", "flow.", "sec.", "pat.", "smt.technical")
BUYERS, SELLERS = [6, 1, 4, 5, 2, 3, 7, 0, 3, 4, 6, 2], [1, 5, 3, 1, 4, 3, 0, 6, 4, 2, 1, 4]
CLOSES = [round(100 + 5 * math.sin(0.8 * i) + 0.3 * i, 4) for i in range(20)]
BARS = {
    "high": [close + 1 for close in CLOSES],
    "low": [close - 1 for close in CLOSES],
    "close": CLOSES,
    "volume": [1000 + 50 * (i % 4) for i in range(20)],
}
NETS = {"SEMI": 300, "BANK": -200, "BIO": 50, "AUTO": -100}
CAPS = {"SEMI": 0.4, "BANK": 0.2, "BIO": 0.1, "AUTO": 0.3}
SURGING = [100.0] * 21 + [100, 101, 102, 104, 106, 110, 118, 128, 139, 132, 120]
DUMPED = {
    "close": SURGING,
    "volume": [1000] * 22 + [1000] * 5 + [4780] * 5,
    "smart_net": [-1] * 32,
    "individual_net": [1] * 32,
    "bench": [300] * 32,
}
EXAMPLES: list[Case] = [
    (
        "beh.gtw_momentum",
        {
            "shares_prev": [100, 200, 50],
            "shares_now": [120, 180, 50],
            "price_prev": [10, 5, 20],
            "ret_prev": [0.1, -0.05, 0.02],
        },
        {"value": 0.00731183},
    ),
    (
        "beh.herding_fhw",
        {"buyers": BUYERS, "sellers": SELLERS},
        {"value": 0.240431, "h2": 0.0578072, "overdispersion_p": 0.0044692, "n_stocks": 12},
    ),
    (
        "beh.timing_hm",
        {
            "net_sign": [1 if math.sin(1.3 * i) > 0 else -1 for i in range(60)],  # the first, sin 0, counts as sold
            "fwd": [math.sin(1.3 * i + 0.9) for i in range(60)],
        },
        {"value": 0.433036, "p_up": 0.71875, "p_down": 0.714286, "p_value": 0.000882433},
    ),
    ("flow.alignment", {"foreign_net": 300, "institution_net": -120}, {"value": -0.4}),
    (
        "flow.persistence",
        {"net": closed_form.net(80), "turnover": closed_form.turnover(80)},
        {"value": 0.442764, "half_life": 0.850782, "variance_ratio": 1.03835, "n": 60},
    ),
    (
        "flow.rotation_strength",
        {"net": NETS, "weight": CAPS, "turnover": {"SEMI": 4000, "BANK": 1500, "BIO": 1000, "AUTO": 2500}},
        {"value": 3.61111},
    ),
    ("sec.mfi", BARS, {"value": 57.5156}),
    (
        "sec.rotation_signal",
        {"z": [0.2, 1.1, 0.7, 0.4, -1.2, -0.6, -0.4], "p_adj": [0.9, 0.05, 0.3, 0.6, 0.04, 0.3, 0.5]},
        {"value": ["NEUTRAL", "INFLOW", "INFLOW", "NEUTRAL", "OUTFLOW", "OUTFLOW", "NEUTRAL"]},
    ),
    ("pat.surge_dump", DUMPED, {"value": "DUMP", "surge": 0.336538, "volume_ratio": 4.78, "drawdown": -0.136691}),
]


@pytest.mark.parametrize(("id", "inputs", "expected"), EXAMPLES, ids=[example[0] for example in EXAMPLES])
def test_a_worked_example_agrees_to_six_digits(id: str, inputs: dict[str, Any], expected: dict[str, Any]) -> None:
    assert expected == six_digits(evaluate(id, inputs))


def public_examples() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Inputs of the first public vector of each id."""
    found: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
    for vector in BOOK["vectors"]:
        if vector["id"].startswith(FAMILIES):
            found.setdefault(vector["id"], (vector["inputs"], vector["params"]))
    return [(id, inputs, params) for id, (inputs, params) in found.items()]


ALL = public_examples() + [(id, inputs, {}) for id, inputs, _ in EXAMPLES]
STANDS = {  # what each metric can still say, because its value does not need that input
    ("flow.strength", "turnover"): {"transfer_pct"},
    ("smt.technical", "price"): {"zone"},
    ("smt.technical", "volume"): {"zone"},
}
GAPS = [(id, inputs, params, name) for id, inputs, params in ALL for name in inputs]


ELSEWHERE = {"beh.consistency", "sec.evened_flow", "sec.unusual_rotation"}
"""Held against definitions and gaps in modules of their own: the last two need whole markets as inputs."""


def test_every_metric_of_these_families_has_an_example() -> None:
    mine = {id for id in metrics() if id.startswith(FAMILIES)} - ELSEWHERE
    assert mine == {id for id, _, _ in ALL} - ELSEWHERE


@pytest.mark.parametrize(("id", "inputs", "params", "name"), GAPS, ids=[f"{case[0]}-{case[3]}" for case in GAPS])
def test_what_an_absent_input_takes_away_is_null_and_says_so(
    id: str, inputs: dict[str, Any], params: dict[str, Any], name: str
) -> None:
    """A NEUTRAL, a 50 or an empty list out of absent data would read as a calm market."""
    for given in (inputs | {name: None}, {key: value for key, value in inputs.items() if key != name}):
        after = evaluate(id, given, params)
        if (id, name) in STANDS:
            assert (evaluate(id, inputs, params)["value"], "MISSING_INPUT") == (after["value"], after["reason"])
            assert STANDS[id, name] == {key for key, part in after.items() if part is None}
        else:
            assert (None, "MISSING_INPUT") == (after["value"], after["reason"])


WRONG: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("flow.stealth", {"flow_percentile": 101, "abs_return_percentile": 5}, {}, "flow_percentile=101"),
    ("flow.rotation_matrix", {"net": NETS, "weight": {**CAPS, "BIO": 0.5}}, {}, "weights that add to 1.4"),
    ("flow.rotation_matrix", {"net": {"A": 1}, "weight": {"A": -1}}, {}, "weight=-1"),
    ("sec.rotation_signal", {"z": [1], "p_adj": [2]}, {}, "p_adj=2"),
    ("sec.rotation_signal", {"z": [1], "p_adj": [0.5]}, {"exit": 2}, "exit=2 with enter=1"),
    ("sec.aggregate", {"rows": [{"code": "A", "buy": 1, "sell": 1}] * 2}, {}, "'A' occurs twice"),
    ("beh.herding_lsv", {"buyers": [1.5], "sellers": [1]}, {}, "buyers=1.5"),
    ("beh.herding_fhw", {"buyers": [1], "sellers": [-1]}, {}, "sellers=-1"),
    ("beh.herding_sias", {"d_now": [[2]], "d_prev": [[1]]}, {}, "d_now: 2"),
    ("beh.herding_sias", {"d_now": [[1]], "d_prev": [[1, 0]]}, {}, "same stocks and traders"),
    ("pat.accumulation", {"net": [1], "turnover": [1], "excess_ret": [0]}, {"days": 11}, "days=11"),
    ("pat.accumulation", {"net": [1], "turnover": [1], "excess_ret": [0]}, {"pct": 40}, "pct=40"),
    ("pat.surge_dump", DUMPED, {"dd": 2}, "dd=2"),
    ("smt.technical", {"high": [1, 2], "low": [1], "price": [1], "volume": [1]}, {}, "one length"),
    ("smt.technical", {"high": [1], "low": [1], "price": [1, 2], "volume": [1]}, {}, "one length"),
    ("tec.macd", {"close": [1.0]}, {"fast": 26}, "fast=26 with slow=26"),
    ("tec.candle", {"pattern": "CUP", "open": [1], "high": [1], "low": [1], "close": [1]}, {}, "pattern='CUP'"),
]


@pytest.mark.parametrize(("id", "inputs", "params", "said"), WRONG, ids=[f"{case[0]}-{case[3]}" for case in WRONG])
def test_an_argument_that_makes_no_sense_is_refused_by_name(
    id: str, inputs: dict[str, Any], params: dict[str, Any], said: str
) -> None:
    with pytest.raises(Refused, match=said):
        evaluate(id, inputs, params)
