"""The metric reference's public vectors, worked examples and machine-readable properties for these families."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.metrics import closed_form
from tests.support.vectors import evaluate

BOOK = json.loads((Path(__file__).parents[1] / "fixtures" / "metric_vectors.json").read_text())
SCORES = [i / 200 for i in range(200)]
HAPPENED = [int((7 * i) % 10 < 2 + 6 * i / 200) for i in range(200)]
ONE_TO_TWENTY = list(range(1, 21))
ZIGZAG = [3, -1, 2, 4, -2] * 4
FLOWS_330 = {"net": closed_form.net(330), "turnover": closed_form.turnover(330)}
FLOWS_80 = {"net": closed_form.net(80), "turnover": closed_form.turnover(80), "ret": closed_form.ret(80)}
RETURNS = [0.01, -0.02, 0.005, None, 0.03, -0.01, 0.02, 0.01, -0.005, 0.015, 0.02]
TURNOVERS = [billions * 10**9 for billions in (2, 4, 1, 0, 3, 2, 4, 1, 1, 3, 2)]
EXAMPLES: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ("tk.robust_z", {"x": 35, "ref": ONE_TO_TWENTY}, {}, {"value": 3.305, "method": "MAD"}),
    ("tk.percentile_rank", {"x": 10, "ref": ONE_TO_TWENTY}, {}, {"value": 47.5}),
    ("tk.hhi", {"weights": [50, -30, 20]}, {}, {"value": 0.38, "normalized": 0.07, "n": 3}),
    ("tk.spearman", {"x": list(range(20)), "y": [i * i for i in range(19)] + [0]}, {}, {"value": 0.728845, "n": 20}),
    ("tk.bh_adjust", {"p": [0.01, 0.04, 0.03, 0.2]}, {}, {"value": [0.04, 0.0533333, 0.0533333, 0.2]}),
    ("tk.wilson_interval", {"hits": 60, "n": 100}, {}, {"value": 0.6, "lo": 0.502003, "hi": 0.690599}),
    (
        "tk.brier",
        {"prob": [0.9, 0.2, 0.6, 0.4], "outcome": [1, 0, 1, 1]},
        {},
        {"value": 0.1425, "reference": 0.1875, "skill": 0.24},
    ),
    ("tk.isotonic", {"score": SCORES, "outcome": HAPPENED, "query": [0.1, 0.5, 0.9]}, {}, {"value": [0.3, 0.6, 0.8]}),
    (
        "tk.block_bootstrap_mean",
        {"x": closed_form.ret(40)},
        {},
        {"value": 0.0001559, "lo": -0.00106376, "hi": 0.00126891, "block": 4},
    ),
    ("tk.newey_west_t", {"x": closed_form.ret(40)}, {}, {"value": 0.520894, "mean": 0.0001559, "se": 0.000299293}),
    (
        "acc.snapshot_increment",
        {
            "times": ["09:10", "09:20", "09:30"],
            "cumulative": [120, 90, 150],
            "interval_minutes": 10,
            "open": "09:00",
            "close": "09:30",
        },
        {},
        {"value": [{"time": "09:00", "inc": 120}, {"time": "09:10", "inc": -30}, {"time": "09:20", "inc": 60}]},
    ),
    (
        "acc.split_adjust",
        {"shares": [100, 120, 600, 650], "factor": [1, 1, 5, 1]},
        {},
        {"value": [500.0, 600.0, 600.0, 650.0]},
    ),
    ("inv.trend", FLOWS_330, {}, {"value": "DISTRIBUTING", "ratio": -0.0159711, "percentile": 24.0}),
    ("inv.intensity", FLOWS_330, {}, {"value": 1.216}),
    ("inv.momentum_score", FLOWS_330, {}, {"value": 3.67968, "z": -0.33724}),
    ("inv.participation", {"buy_amount": 300, "sell_amount": 200, "turnover": 1000}, {}, {"value": 25.0}),
    ("inv.price_correlation", FLOWS_80, {}, {"value": 0.431459, "n": 60}),
    ("inv.kyle_lambda", FLOWS_80, {}, {"value": 0.0555664, "t": 5.85858, "n": 60}),
    ("inv.amihud", {"ret": RETURNS, "turnover": TURNOVERS}, {}, {"value": 0.0065, "n": 10}),
    ("beh.consistency", {"net": ZIGZAG}, {}, {"value": 0.5, "direction": 1, "null_expectation": 0.223607}),
    (
        "val.hit_rate",
        {"hits": 132, "n": 240, "base": 0.5},
        {"h": 5},
        {"value": 0.55, "lo": 0.41082, "hi": 0.68177, "lift": 0.05, "n_eff": 48, "p_value": 0.332733},
    ),
]


def names(entries: list[dict[str, Any]]) -> list[str]:
    return [f"{entry['id']}-{place}" for place, entry in enumerate(entries)]


@pytest.mark.parametrize("vector", BOOK["vectors"], ids=names(BOOK["vectors"]))
def test_a_public_vector_gives_its_expected_output(vector: dict[str, Any]) -> None:
    got = evaluate(vector["id"], vector["inputs"], vector["params"])
    default = BOOK["tolerance"]["default"]
    override = BOOK["tolerance"]["overrides"].get(vector["id"], {"keys": []})
    whole_is_null = vector["expected"]["value"] is None
    for key, expected in vector["expected"].items():
        if whole_is_null and expected is None and key != "value":
            continue
        tolerance = {"rel": 0, "abs": override["abs"]} if key in override["keys"] else default
        same(expected, got[key], tolerance)


def same(expected: Any, got: Any, tolerance: dict[str, float]) -> None:
    """Numbers within tolerance, everything else exactly."""
    if isinstance(expected, list):
        assert len(expected) == len(got)
        for left, right in zip(expected, got, strict=True):
            same(left, right, tolerance)
    elif isinstance(expected, dict):
        assert set(expected) == set(got)
        for key in expected:
            same(expected[key], got[key], tolerance)
    elif isinstance(expected, int | float) and not isinstance(expected, bool):
        assert pytest.approx(expected, **tolerance) == got
    else:
        assert expected == got
        assert type(expected) is type(got)


@pytest.mark.parametrize(("id", "inputs", "params", "expected"), EXAMPLES, ids=[example[0] for example in EXAMPLES])
def test_a_worked_example_agrees_to_six_digits(
    id: str, inputs: dict[str, Any], params: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert expected == six_digits(evaluate(id, inputs, params))


def six_digits(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: six_digits(part) for key, part in value.items()}
    if isinstance(value, list):
        return [six_digits(part) for part in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


@pytest.mark.parametrize("rule", BOOK["properties"], ids=names(BOOK["properties"]))
def test_a_property_of_the_reference_holds(rule: dict[str, Any]) -> None:
    before = evaluate(rule["id"], rule["inputs"], rule["params"])["value"]
    after = evaluate(rule["id"], transformed(rule), rule["params"])["value"]
    expected = {
        "unchanged": before,
        "negated": -before,
        "complement10": 10 - before,
        "complement100": 100 - before,
        "divided": before / (rule["factor"] or 1),
    }[rule["expect"]]
    assert pytest.approx(expected, rel=1e-9, abs=1e-9) == after


def transformed(rule: dict[str, Any]) -> dict[str, Any]:
    inputs = dict(rule["inputs"])
    for key in rule["keys"]:
        if rule["property"] == "permute":
            inputs[key] = random.Random(7).sample(inputs[key], len(inputs[key]))  # noqa: S311 - an order, not a secret
        else:
            factor = -1 if rule["property"] == "negate" else rule["factor"]
            values = inputs[key]
            inputs[key] = [factor * part for part in values] if isinstance(values, list) else factor * values
    return inputs


MISSING = [
    (id, inputs, params, name)
    for id, inputs, params, _ in EXAMPLES
    for name in inputs
    if id != "acc.snapshot_increment"  # its clock times are arguments: without them it is refused, not null
]


@pytest.mark.parametrize(("id", "inputs", "params", "name"), MISSING, ids=[f"{case[0]}-{case[3]}" for case in MISSING])
def test_without_one_of_its_inputs_a_metric_has_no_value(
    id: str, inputs: dict[str, Any], params: dict[str, Any], name: str
) -> None:
    """A zero, a 50 or a NEUTRAL out of absent data is the lie that this product exists to avoid."""
    expected = (
        "UNCALIBRATED" if (id, name) in {("tk.isotonic", "score"), ("tk.isotonic", "outcome")} else "MISSING_INPUT"
    )
    got = [
        evaluate(id, inputs | {name: None}, params),
        evaluate(id, {k: v for k, v in inputs.items() if k != name}, params),
    ]
    if (id, name) == ("acc.split_adjust", "factor"):
        assert {"value": [None, None, None, 650.0]} == got[0] == got[1]
    else:
        assert [(None, expected)] * 2 == [(cell["value"], cell["reason"]) for cell in got]


def test_an_unknown_metric_is_named_in_the_error() -> None:
    with pytest.raises(KeyError, match=r"inv\.nothing"):
        evaluate("inv.nothing", {}, {})
