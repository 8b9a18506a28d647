"""The day by the clock: profiles against volume and clock, signs of half-sessions, slots that stand out."""

from __future__ import annotations

import math
from statistics import median
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sugeup.errors import Refused
from sugeup.metrics import intraday

BINS = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), min_size=1, max_size=14)
EVEN = [10] * 10
SMILE = [30, 10, 5, 5, 5, 5, 5, 5, 10, 20]


def style(flow: list[Any], volume: list[Any], **params: Any) -> dict[str, Any]:
    return intraday.execution_style(flow, volume, **params).at()


def test_the_clock_the_volume_and_the_close_are_told_apart() -> None:
    assert "VWAP_LIKE" == style(SMILE, SMILE)["value"]
    assert "TWAP_LIKE" == style(EVEN, SMILE)["value"]
    assert "CLOSE_WEIGHTED" == style([5] * 9 + [55], SMILE)["value"]
    assert "UNCLASSIFIED" == style([0] * 5 + [20] * 5, EVEN)["value"]


def test_a_flow_that_fits_both_profiles_belongs_to_neither() -> None:
    """In an even market the two benchmarks are one, and no label can be told from the other."""
    assert {"value": "UNCLASSIFIED", "d_vwap": 0.0, "d_twap": 0.0, "close_excess": 0.0} == style(EVEN, EVEN)


def test_the_close_is_looked_at_first_and_the_limits_belong_to_the_label() -> None:
    assert ("CLOSE_WEIGHTED", 0.25) == tuple(
        style([3, 3, 2], [4, 4, 0], tilt=0.25)[key] for key in ("value", "close_excess")
    )
    assert "TWAP_LIKE" == style([3, 3, 2], [4, 4, 0], tilt=0.2500001)["value"]
    edged = [6, 2, 4, 4], [6, 2, 6, 2]
    assert 0.125 == style(*edged)["d_vwap"] == style(*edged)["d_twap"]
    assert "UNCLASSIFIED" == style(*edged, ks=1, tilt=1)["value"]
    assert ["VWAP_LIKE", "UNCLASSIFIED"] == [style(SMILE, SMILE, edge=edge)["value"] for edge in (0.2, 0.21)]


def test_distances_at_their_limits_still_qualify() -> None:
    """Sixteenths have no rounding: the flow is 1/8 from the clock and 1/4 from the volume."""
    flow, front = [6, 2, 4, 4], [2, 6, 4, 4]
    labels = [style(flow, front, ks=ks, edge=edge)["value"] for ks, edge in ((0.125, 0.125), (0.124, 0), (1, 0.126))]
    assert ["TWAP_LIKE", "UNCLASSIFIED", "UNCLASSIFIED"] == labels
    assert ["VWAP_LIKE", "UNCLASSIFIED"] == [style(flow, [4] * 4, ks=ks, edge=0)["value"] for ks in (0.125, 0.124)]
    assert 1.0 == style([1, 0, 0], [0, 0, 5])["d_vwap"]


def test_two_closing_bins_count_together() -> None:
    assert 0.4 == style([1, 1, 4, 4], [4, 2, 2, 2], close_bins=2)["close_excess"]
    assert 0.0 == style([1, 1, 4, 4], [4, 2, 2, 2], close_bins=9)["close_excess"]


@given(bins=BINS, factor=st.integers(1, 1000))
@settings(max_examples=80, deadline=None)
def test_profiles_do_not_depend_on_units_and_follow_their_definition(bins: list[tuple[int, int]], factor: int) -> None:
    flow, volume = [pair[0] for pair in bins], [pair[1] for pair in bins]
    cell = style(flow, volume)
    if not sum(flow) or not sum(volume):
        assert "ZERO_DENOMINATOR" == cell["reason"]
        return
    ours, market = np.cumsum(flow) / sum(flow), np.cumsum(volume) / sum(volume)
    clock = np.arange(1, len(bins) + 1) / len(bins)
    assert math.isclose(np.abs(ours - market).max(), cell["d_vwap"], abs_tol=1e-12)
    assert math.isclose(np.abs(ours - clock).max(), cell["d_twap"], abs_tol=1e-12)
    assert math.isclose(flow[-1] / sum(flow) - volume[-1] / sum(volume), cell["close_excess"], abs_tol=1e-12)
    scaled = style([factor * part for part in flow], [factor * part for part in volume])
    for name in ("d_vwap", "d_twap", "close_excess"):
        assert math.isclose(cell[name], scaled[name], abs_tol=1e-12)


def test_a_profile_with_a_hole_has_no_shape() -> None:
    reasons = [style(flow, [1, 2, 3])["reason"] for flow in ([1, None, 1], [1, -1, 1], [0, 0, 0])]
    assert ["MISSING_INPUT", "MISSING_INPUT", "ZERO_DENOMINATOR"] == reasons
    assert "MISSING_INPUT" == style([], [])["reason"]
    for bad in ({"ks": 2}, {"edge": -1}, {"tilt": 2}, {"close_bins": 0}):
        with pytest.raises(Refused, match="is not allowed"):
            style(EVEN, EVEN, **bad)


def test_a_panel_of_groups_is_classified_at_once() -> None:
    outcome = intraday.execution_style([SMILE, EVEN], SMILE)
    assert [style(SMILE, SMILE), style(EVEN, SMILE)] == [outcome.at(group) for group in range(2)]


@given(st.lists(st.none() | st.integers(-3, 3), min_size=1, max_size=60), st.randoms())
@settings(max_examples=100, deadline=None)
def test_the_bias_is_an_exact_sign_test(net: list[int | None], chance: Any) -> None:
    cell = intraday.bias(net).at()
    counted = [part for part in net if part]
    bought = sum(part > 0 for part in counted)
    assert (bought, len(counted)) == (cell["n_pos"], cell["n"])
    if len(counted) < 15:
        missing = all(part is None for part in net)
        assert ("MISSING_INPUT" if missing else "INSUFFICIENT_HISTORY") == cell["reason"]
        return
    expected = stats.binomtest(bought, len(counted)).pvalue
    assert math.isclose(expected, cell["p_value"], rel_tol=1e-9)
    side = "BUY" if 2 * bought > len(counted) else "SELL"
    assert (side if expected <= 0.05 else "NEUTRAL") == cell["value"]
    assert cell == intraday.bias(chance.sample(net, len(net))).at()
    assert cell == intraday.bias([None if part is None else 10**9 * part for part in net]).at()
    mirror = {"BUY": "SELL", "SELL": "BUY", "NEUTRAL": "NEUTRAL"}
    assert mirror[cell["value"]] == intraday.bias([None if part is None else -part for part in net]).at()["value"]


@pytest.mark.parametrize("bought", range(21))
def test_twenty_days_are_judged_by_exact_counts(bought: int) -> None:
    cell = intraday.bias([5] * bought + [-7] * (20 - bought)).at()
    assert math.isclose(stats.binomtest(bought, 20).pvalue, cell["p_value"], rel_tol=1e-12)
    assert ("SELL" if bought <= 5 else "BUY" if bought >= 15 else "NEUTRAL") == cell["value"]


def test_an_even_record_is_never_a_bias() -> None:
    assert {"value": "NEUTRAL", "p_value": 1.0, "n_pos": 10, "n": 20} == intraday.bias([1, -1] * 10, alpha=1).at()
    assert "INSUFFICIENT_HISTORY" == intraday.bias([1] * 14 + [0] * 6).at()["reason"]
    assert "INSUFFICIENT_HISTORY" == intraday.bias([]).at()["reason"]
    for bad in ({"min_n": 0}, {"alpha": 1.5}):
        with pytest.raises(Refused, match="is not allowed"):
            intraday.bias([1], **bad)


@given(seed=st.integers(0, 10**6), sessions=st.integers(1, 25), slots=st.integers(1, 14))
@settings(max_examples=60, deadline=None)
def test_the_active_slot_has_the_largest_median_of_the_complete_sessions(seed: int, sessions: int, slots: int) -> None:
    rng = np.random.default_rng(seed)
    share = rng.integers(0, 6, (sessions, slots)) / 10
    share[rng.random((sessions, slots)) < 0.03] = np.nan
    cell = intraday.active_slot(share).at()
    complete = [row for row in share.tolist() if not any(map(math.isnan, row))]
    if len(complete) < 10:
        assert ("INSUFFICIENT_HISTORY" if complete else "MISSING_INPUT") == cell["reason"]
        assert None is cell["median"] is cell["uniform"]
        return
    medians = [median(row[slot] for row in complete) for slot in range(slots)]
    assert math.isclose(max(medians), cell["median"]) and math.isclose(1 / slots, cell["uniform"])
    assert (medians.index(max(medians)) if max(medians) > 1 / slots else None) == cell["value"]
    shuffled = intraday.active_slot(rng.permutation(share)).at()
    assert cell == shuffled


def test_an_even_day_has_no_active_slot_and_a_tie_goes_to_the_earlier() -> None:
    assert {"value": None, "reason": "NO_PATTERN", "median": 0.25, "uniform": 0.25} == intraday.active_slot(
        [[0.25] * 4] * 12
    ).at()
    found = intraday.active_slot([[0.1, 0.4, 0.1, 0.4]] * 10).at()["value"]
    assert 1 == found and isinstance(found, int)


def test_slots_need_sessions_in_rows() -> None:
    assert "INSUFFICIENT_HISTORY" == intraday.active_slot([[0.9, 0.1]] * 9).at()["reason"]
    assert "MISSING_INPUT" == intraday.active_slot([]).at()["reason"]
    with pytest.raises(Refused, match=r"share must hold sessions in rows and slots in columns; received shape \(2,\)"):
        intraday.active_slot([0.5, 0.5])
    stocks = intraday.active_slot(np.array([[[0.9, 0.1]] * 10, [[0.1, 0.9]] * 10]))
    assert [0, 1] == [stocks.at(stock)["value"] for stock in range(2)]


def test_windows_are_ranked_by_their_medians_and_told_in_the_order_of_the_day() -> None:
    share = [[0.1, 0.2, 0.3, 0.4]] * 10
    assert {"high_liquidity": [2, 3], "low_impact": [0, 3]} == intraday.windows(share, [[1, 3, 4, 2]] * 10).value
    assert {"high_liquidity": [3], "low_impact": [0]} == intraday.windows(share, [[1, 1, 1, 1]] * 10, top=1).value
    assert {"high_liquidity": [0, 1, 2, 3]} == {
        "high_liquidity": (intraday.windows(share, share, top=9).value or {})["high_liquidity"]
    }


def test_a_slot_without_trade_on_most_days_is_not_a_window() -> None:
    """Its few prints would make it look like the cheapest time of the day."""
    illiq = [[0.1, 5.0, 6.0]] * 9 + [[None, 5.0, 6.0]] * 3
    assert {"high_liquidity": [0], "low_impact": [1]} == intraday.windows([[0.5, 0.3, 0.2]] * 12, illiq, top=1).value


def test_windows_without_enough_sessions_say_so() -> None:
    good = [[0.5, 0.5]] * 10
    assert "INSUFFICIENT_HISTORY" == intraday.windows(good[:9], good).reason
    assert {"value": None, "reason": "MISSING_INPUT"} == intraday.windows(good, [[None, None]] * 10).at()
    with pytest.raises(Refused, match="same slots"):
        intraday.windows(good, [[0.5, 0.3, 0.2]] * 10)
    with pytest.raises(Refused, match="top=0"):
        intraday.windows(good, good, top=0)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_windows_do_not_depend_on_the_order_of_days_or_the_unit_of_impact(seed: int) -> None:
    rng = np.random.default_rng(seed)
    share, illiq = rng.integers(0, 5, (12, 6)) / 10, rng.integers(1, 5, (12, 6)) * 1.0
    expected = intraday.windows(share, illiq).value
    assert expected == intraday.windows(rng.permutation(share), 8.0 * rng.permutation(illiq)).value
