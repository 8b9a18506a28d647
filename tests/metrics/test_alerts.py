"""Conditions of alerts: boundaries, mirrors, and a missing figure that neither rings nor silences."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.errors import Refused
from sugeup.metrics import alerts

Z = st.floats(-5, 5)
DAYS = st.integers(0, 5)


@pytest.mark.parametrize(
    ("now", "before", "turned", "direction"),
    [
        (1.0, -1.0, True, "TO_BUY"),
        (-1.0, 1.0, True, "TO_SELL"),
        (0.99, -1.0, False, None),
        (1.0, -0.99, False, None),
        (2.0, 2.0, False, None),
        (-2.0, -2.0, False, None),
        (0.0, 0.0, False, None),
    ],
)
def test_a_turn_needs_two_strong_weeks_of_opposite_signs(
    now: float, before: float, turned: bool, direction: str | None
) -> None:
    assert {"value": turned, "direction": direction} == alerts.flow_reversal(now, before).at()


def test_without_a_cut_the_signs_alone_decide_and_zero_has_none() -> None:
    turns = [alerts.flow_reversal(now, -0.1, cut=0).at()["value"] for now in (0.1, 0.0, -0.1)]
    assert [True, False, False] == turns
    assert [False, False] == [alerts.flow_reversal(now, 0.0, cut=0).at()["value"] for now in (0.1, -0.1)]
    with pytest.raises(Refused, match="cut=-1"):
        alerts.flow_reversal(1, -1, cut=-1)


@given(now=Z, before=Z)
@settings(max_examples=80, deadline=None)
def test_a_turn_of_sales_mirrors_a_turn_of_purchases(now: float, before: float) -> None:
    cell, mirror = alerts.flow_reversal(now, before).at(), alerts.flow_reversal(-now, -before).at()
    assert cell["value"] == mirror["value"]
    other = {"TO_BUY": "TO_SELL", "TO_SELL": "TO_BUY", None: None}
    assert other[cell["direction"]] == mirror["direction"]


def test_a_missing_z_neither_rings_nor_silences() -> None:
    outcome = alerts.flow_reversal([None, 2.0, 2.0], [-2.0, None, -2.0])
    missing = {"value": None, "reason": "MISSING_INPUT", "direction": None}
    assert [missing, missing, {"value": True, "direction": "TO_BUY"}] == [outcome.at(place) for place in range(3)]


BUY, NOTHING, SELL = (2.0, 3), (0.0, 3), (-2.0, 2)
LABELS = {
    (BUY, BUY): "DOUBLE_BUY",
    (SELL, SELL): "DOUBLE_SELL",
    (BUY, NOTHING): "FOREIGN_BUY",
    (SELL, NOTHING): "FOREIGN_SELL",
    (NOTHING, BUY): "INSTITUTION_BUY",
    (NOTHING, SELL): "INSTITUTION_SELL",
    (NOTHING, NOTHING): "NONE",
    (BUY, SELL): "NONE",
    (SELL, BUY): "NONE",
}


def focused(foreign: tuple[float, float], institution: tuple[float, float], **params: Any) -> Any:
    return alerts.focus(foreign[0], institution[0], foreign[1], institution[1], **params).at()["value"]


def test_every_pair_of_sides_has_its_label() -> None:
    assert set(itertools.product((BUY, NOTHING, SELL), repeat=2)) == set(LABELS)
    assert LABELS == {pair: focused(*pair) for pair in LABELS}


def test_a_side_needs_both_a_strong_flow_and_most_of_the_days() -> None:
    for almost in ((1.99, 5), (2.0, 2), (-1.99, 0), (-2.0, 3)):
        assert "NONE" == focused(almost, NOTHING)
        assert "INSTITUTION_BUY" == focused(almost, BUY)
    assert "FOREIGN_BUY" == focused((1.0, 5), NOTHING, z_cut=1, days=5)
    assert "FOREIGN_SELL" == focused((-1.0, 0), NOTHING, z_cut=1, days=5)


@given(foreign=st.tuples(Z, DAYS), institution=st.tuples(Z, DAYS))
@settings(max_examples=80, deadline=None)
def test_selling_is_buying_in_the_mirror(foreign: tuple[float, int], institution: tuple[float, int]) -> None:
    mirrored = [(-z, 5 - days) for z, days in (foreign, institution)]
    expected = focused(foreign, institution).replace("BUY", "?").replace("SELL", "BUY").replace("?", "SELL")
    assert expected == focused(*mirrored)


@pytest.mark.parametrize("place", range(4))
def test_a_missing_figure_leaves_the_focus_open(place: int) -> None:
    figures: list[Any] = [2.3, 2.1, 4, 3]
    figures[place] = None
    assert {"value": None, "reason": "MISSING_INPUT"} == alerts.focus(*figures).at()


def test_days_beyond_a_week_are_refused() -> None:
    for bad in ({"foreign_days": 6}, {"institution_days": -1}):
        with pytest.raises(Refused, match="is not allowed; allowed: numbers from 0 to 5"):
            alerts.focus(**{"foreign_z": 1, "institution_z": 1, "foreign_days": 1, "institution_days": 1} | bad)
    with pytest.raises(Refused, match="z_cut=0"):
        alerts.focus(1, 1, 1, 1, z_cut=0)
