"""Features of the anomaly model: by hand, causal, without units, and null wherever a figure is missing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.metrics import anomaly_features
from sugeup.metrics.anomaly_features import FEATURES, Features, features, volume_spike
from sugeup.metrics.statistics import robust_z

Panels = dict[str, Any]


def market(stocks: int = 3, sessions: int = 90, seed: int = 1) -> Panels:
    rng = np.random.default_rng(seed)
    turnover = np.round(rng.lognormal(20, 1, (stocks, sessions)))
    flows = {name: np.round(turnover * rng.normal(0, 0.1, turnover.shape)) for name in ("foreign", "institution")}
    return flows | {
        "individual": -flows["foreign"] - flows["institution"],
        "turnover": turnover,
        "excess_ret": rng.normal(0, 0.02, turnover.shape),
        "close_share": rng.uniform(0.05, 0.3, turnover.shape),
        "program": np.round(turnover * rng.uniform(0.1, 0.6, turnover.shape)),
        "short_value": np.round(turnover * rng.uniform(0, 0.1, turnover.shape)),
    }


def column(found: Features, name: str) -> np.ndarray:
    return found.values[..., found.names.index(name)]


def test_every_feature_is_its_definition_on_one_day() -> None:
    panels = market(1)
    found, day = features(**panels), 80
    one = {name: panel[0] for name, panel in panels.items()}
    smart = (one["foreign"] + one["institution"]) / one["turnover"]
    z_of = {
        "foreign_z": one["foreign"] / one["turnover"],
        "institution_z": one["institution"] / one["turnover"],
        "individual_z": one["individual"] / one["turnover"],
        "turnover_z": np.log(one["turnover"]),
        "smart_z": smart,
        "abs_return_z": np.abs(one["excess_ret"]),
        "close_share_z": one["close_share"],
    }
    expected = {name: robust_z(x[day], x[day - 60 : day]).at()["value"] for name, x in z_of.items()}
    foreign, institution = one["foreign"][day], one["institution"][day]
    sizes = sorted([abs(foreign), abs(institution)])
    expected |= {
        "flow_change": smart[day] - smart[day - 1],
        "alignment": np.sign(foreign * institution) * sizes[0] / sizes[1],
        "program_share": one["program"][day] / (2 * one["turnover"][day]),
        "short_share": one["short_value"][day] / one["turnover"][day],
    }
    assert FEATURES == found.names == tuple(expected)
    assert pytest.approx(expected) == dict(zip(found.names, found.values[0, day], strict=True))


def test_twenty_sessions_of_past_are_the_least() -> None:
    z = column(features(**market(1)), "foreign_z")[0]
    assert np.isnan(z[:20]).all() and np.isfinite(z[20:]).all()


def test_the_future_changes_no_feature_and_the_newest_sessions_are_those_of_the_whole() -> None:
    panels = market(4, 120)
    whole = features(**panels)
    known = features(**{name: panel[:, :100] for name, panel in panels.items()})
    assert whole.values[:, :100].tobytes() == known.values.tobytes()
    newest = features(**panels, last=7)
    assert whole.values[:, -7:].tobytes() == newest.values.tobytes()
    assert whole.values.shape == features(**panels, last=1000).values.shape
    assert (4, 0, 11) == features(**{name: panel[:, :0] for name, panel in panels.items()}).values.shape


@given(st.floats(1e-6, 1e6), st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_the_unit_of_money_and_the_order_of_stocks_do_not_matter(unit: float, seed: int) -> None:
    panels = market(3, 70, seed)
    won = {"foreign", "institution", "individual", "turnover", "program", "short_value"}
    scaled = features(**{name: panel[::-1] * (unit if name in won else 1) for name, panel in panels.items()})
    np.testing.assert_allclose(features(**panels).values[::-1], scaled.values, rtol=1e-6, atol=1e-8)


def test_when_everybody_turns_around_flows_change_sign_and_agreement_does_not() -> None:
    panels = market()
    turned = features(**{n: -p if n in ("foreign", "institution", "individual") else p for n, p in panels.items()})
    before = features(**panels)
    for name in FEATURES:
        sign = -1 if name in ("foreign_z", "institution_z", "individual_z", "smart_z", "flow_change") else 1
        np.testing.assert_allclose(sign * column(before, name), column(turned, name), rtol=1e-9, atol=1e-12)


def test_a_halted_session_is_no_row_and_enters_no_past() -> None:
    panels = market(2)
    halted = {name: panel.copy() for name, panel in panels.items()}
    halted["turnover"][0, 70] = 0
    found = features(**halted)
    assert np.isnan(found.values[0, 70]).all()
    missing = {name: panel.copy() for name, panel in panels.items()}
    for panel in missing.values():
        panel[0, 70] = np.nan
    assert found.values[0, 71:].tobytes() == features(**missing).values[0, 71:].tobytes()
    assert found.values[1].tobytes() == features(**panels).values[1].tobytes()


def test_a_panel_that_does_not_exist_takes_its_feature_away_and_a_hole_its_row() -> None:
    panels = market()
    del panels["close_share"], panels["short_value"]
    found = features(**panels)
    assert tuple(name for name in FEATURES if name not in ("close_share_z", "short_share")) == found.names
    assert 3 * 70 == len(found.rows())
    panels["program"][1, 85] = np.nan
    assert 3 * 70 - 1 == len(features(**panels).rows())
    assert 3 * 5 == len(found.rows(slice(85, 90)))


def test_a_spike_is_measured_against_traded_sessions_only() -> None:
    turnover = np.array([[100.0] * 30 + [0.0] * 10 + [700.0]])
    assert 7.0 == volume_spike(turnover)[0, -1]
    assert np.isnan(volume_spike(turnover)[0, :20]).all() and np.isnan(volume_spike(turnover)[0, 35])
    assert (1, 2) == volume_spike(turnover, last=2).shape
    assert 60 == anomaly_features.REFERENCE
