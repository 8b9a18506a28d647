"""고른 업종 수급·이상 순환매: each member one vote, a rotation between two sectors, few false alarms, no future."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.errors import Refused
from sugeup.metrics import evened_sectors
from sugeup.metrics.evened_sectors import LEAST, SPAN, evened_sector_flow, unusual_rotation
from sugeup.metrics.outcome import Outcome
from sugeup.metrics.unusual_flow import ALPHA, POOL

SIZES = (5, 8, 12, 20, 6, 9, 15, 5, 30, 10)
SECTOR = np.repeat(np.arange(len(SIZES)), SIZES)
STOCKS, SESSIONS = len(SECTOR), 200


def votes(seed: int, sessions: int = SESSIONS) -> np.ndarray:
    """z of overlapping windows of independent sessions."""
    summed = np.random.default_rng(seed).standard_normal((STOCKS, sessions + SPAN)).cumsum(axis=1)
    return np.asarray((summed[:, SPAN:] - summed[:, :-SPAN]) / math.sqrt(SPAN))


def rotated(seed: int, size: float = 2.0) -> np.ndarray:
    """Every member of sector 3 is bought and every one of sector 6 sold over the last ten sessions."""
    z = votes(seed)
    ramp = size * np.arange(1, SPAN + 1) / SPAN
    z[SECTOR == 3, -SPAN:] += ramp
    z[SECTOR == 6, -SPAN:] -= ramp
    return z


def rotation(flow: Outcome, last: int | None = None, market: np.ndarray | None = None) -> Outcome:
    return unusual_rotation(flow.value[:, :last], flow.extra["n"][:, :last], market)


def judged(z: np.ndarray, market: np.ndarray | None = None) -> Outcome:
    return rotation(evened_sector_flow(z, SECTOR), None, market)


def test_a_sector_is_the_mean_of_its_members_beside_the_middle_of_the_market() -> None:
    z = np.array([[3.0, 1.0], [1.0, 1.0], [0.0, np.nan], [-2.0, 1.0], [-2.0, -3.0]])
    found = evened_sector_flow(z, [0, 0, 1, 1, -1], min_members=2)
    assert pytest.approx([math.sqrt(2) * 2.0, -math.sqrt(2)]) == found.value[:, 0].tolist()
    assert {"value": 0.0, "n": 2} == found.at(0, 1)
    assert {"value": None, "reason": "MISSING_INPUT", "n": 1} == found.at(1, 1)


def test_no_member_counts_more_than_the_cap_whatever_it_was_bought() -> None:
    z = votes(1)
    z[0] = 4.0
    expected = evened_sector_flow(z, SECTOR).value
    z[0] = 400.0
    np.testing.assert_array_equal(evened_sector_flow(z, SECTOR).value, expected)


def test_buying_of_a_whole_market_is_in_no_sector() -> None:
    z, market = votes(2) / 4, (SECTOR >= 5).astype(int)
    expected = evened_sector_flow(z, SECTOR, market).value
    np.testing.assert_allclose(evened_sector_flow(z + 1.5 * market[:, None], SECTOR, market).value, expected, atol=1e-9)


def test_a_stock_counts_for_the_sector_that_it_had_on_the_session() -> None:
    z = votes(3)
    moved = np.repeat(SECTOR[:, None], SESSIONS, axis=1)
    moved[0, 100:] = 1
    found, before = evened_sector_flow(z, moved), evened_sector_flow(z, SECTOR)
    np.testing.assert_array_equal(found.value[:, :100], before.value[:, :100])
    assert ([5, 4], [8, 9]) == (found.extra["n"][0, 99:101].tolist(), found.extra["n"][1, 99:101].tolist())
    assert ("MISSING_INPUT", None) == tuple(found.at(0, -1)[name] for name in ("reason", "value"))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_order_of_the_stocks_does_not_matter_and_selling_mirrors_buying(seed: int) -> None:
    z = votes(seed, 20)
    expected = evened_sector_flow(z, SECTOR).value
    order = np.random.default_rng(seed).permutation(STOCKS)
    np.testing.assert_allclose(evened_sector_flow(z[order], SECTOR[order]).value, expected, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(evened_sector_flow(-z, SECTOR).value, -expected, rtol=1e-9, atol=1e-9)


def test_a_past_value_never_changes_when_the_future_arrives() -> None:
    z = votes(10, 40)
    expected = evened_sector_flow(z, SECTOR).value[:, :20].tobytes()
    assert expected == evened_sector_flow(z[:, :20], SECTOR).value.tobytes()
    z[:, 20:] *= -1000
    assert expected == evened_sector_flow(z, SECTOR).value[:, :20].tobytes()


def test_a_rotation_is_told_on_both_sides_with_the_partner_and_on_no_other_sector() -> None:
    found = judged(rotated(4, 1.6))
    assert ["BUY", "SELL"] == [found.names()[row] for row in (3, 6)]
    assert {"NONE"} == {name for row, name in enumerate(found.names()) if row not in (3, 6)}
    assert (6, 3) == (found.at(3)["partner"], found.at(6)["partner"])
    assert found.at(3)["p_adj"] == found.at(6)["p_adj"] < ALPHA and 1e-4 > found.at(3)["p"]
    assert 1.0 == found.at(0)["p_adj"] and found.at(0)["partner"] is None
    mirrored = judged(-rotated(4, 1.6))
    assert ["SELL", "BUY"] == [mirrored.names()[row] for row in (3, 6)]


def test_what_one_sector_gains_alone_is_seldom_told_as_a_rotation() -> None:
    """However much it is, the other side has to stand out by itself."""
    struck = 0
    for seed in range(30):
        z = votes(seed, 100)
        z[SECTOR == 1, -1] += 3.0
        struck += "SELL" in judged(z).names()
    assert 4 >= struck


def test_sectors_of_different_markets_are_never_partners() -> None:
    apart = np.array([0.0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
    assert ["BUY", "SELL"] == [judged(rotated(6)).names()[row] for row in (3, 6)]
    assert {"NONE"} == set(judged(rotated(6), apart).names())


def test_the_unit_of_the_figures_changes_no_judgement() -> None:
    flow = evened_sector_flow(rotated(7), SECTOR)
    one, other = (unusual_rotation(flow.value * factor, flow.extra["n"]) for factor in (1.0, 1.7))
    assert one.names() == other.names()
    np.testing.assert_allclose(one.extra["p_adj"], other.extra["p_adj"], rtol=0.2, atol=1e-12)


def test_sessions_before_the_year_change_nothing() -> None:
    flow = evened_sector_flow(votes(8, POOL + 60), SECTOR)
    expected = unusual_rotation(flow.value[:, -POOL - 1 :], flow.extra["n"][:, -POOL - 1 :])
    flow.value[:, : 60 - 1] = 50.0
    found = rotation(flow)
    assert expected.names() == found.names()
    np.testing.assert_array_equal(expected.extra["p"], found.extra["p"])


@pytest.mark.slow
def test_in_years_without_events_a_rotation_is_hardly_ever_told() -> None:
    """Ten independent years: at 10% of the family on each side, two would be as promised."""
    struck = 0
    for seed in range(10):
        flow = evened_sector_flow(votes(seed, 320), SECTOR)
        struck += any("BUY" in rotation(flow, at + 1).names() for at in range(LEAST, 320))
    assert 2 >= struck


def test_what_cannot_be_judged_says_why() -> None:
    flow = evened_sector_flow(votes(9), SECTOR)
    flow.value[3, -1] = np.nan
    alone = np.array([0.0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
    assert ["MISSING_INPUT"] * 2 == [rotation(flow, None, alone).at(row)["reason"] for row in (3, 9)]
    assert {"value": None, "reason": "MISSING_INPUT", "p": None, "p_adj": None, "partner": None} == rotation(flow).at(3)
    short = unusual_rotation(flow.value[:, -LEAST:], flow.extra["n"][:, -LEAST:])
    assert "INSUFFICIENT_HISTORY" == short.at(0)["reason"]
    assert "ZERO_VARIANCE" == unusual_rotation(np.zeros(flow.value.shape), flow.extra["n"]).at(0)["reason"]
    with pytest.raises(Refused, match=r"sectors, sessions"):
        unusual_rotation([1.0, 2.0], [5, 5])
    with pytest.raises(Refused, match=r"members must be"):
        unusual_rotation(flow.value, [5])
    with pytest.raises(Refused, match=r"stocks, sessions"):
        evened_sector_flow([1.0], [0])
    with pytest.raises(Refused, match=r"a number for each of 10 rows"):
        rotation(flow, None, np.array([1.0, 2.0]))
    with pytest.raises(Refused, match="sector=-2"):
        evened_sector_flow([[1.0]], [-2])
    assert 5 == evened_sectors.MEMBERS


def test_a_stock_or_sector_without_a_market_is_refused() -> None:
    with pytest.raises(Refused, match="row 1 has none"):
        evened_sector_flow([[1.0], [1.0]], [0, 0], [0, math.nan])
    with pytest.raises(Refused, match="row 0 has none"):
        unusual_rotation([[1.0], [1.0]], [[5], [5]], [math.nan, 0])
