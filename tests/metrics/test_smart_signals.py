"""Signals that survive a whole market of tests, stealthy trades, the record of a group, and words for readings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.errors import Refused
from sugeup.metrics import sentiment_labels, smart_signals
from sugeup.metrics.smart_record import selection_record


def test_a_pooled_p_counts_sizes_over_all_members() -> None:
    past = np.concatenate([np.arange(-500, 500) / 100, [np.nan]]).reshape(-1, 7)
    outcome = smart_signals.pooled_p([4.99, -6, None, 0], past)
    assert [4 / 1001, 1 / 1001, None, 1.0] == [outcome.at(place)["value"] for place in range(4)]
    assert pytest.approx(100 * (1 - 1 / 1001)) == outcome.at(1)["strength"]
    assert pytest.approx(3 * 1 / 1001) == outcome.at(1)["p_adj"]
    short = smart_signals.pooled_p([3.0], past.ravel()[:999]).at(0)
    assert {"value": None, "reason": "INSUFFICIENT_HISTORY", "p_adj": None, "strength": None} == short


def test_in_a_market_without_signals_almost_none_is_found() -> None:
    rng = np.random.default_rng(2)
    found = 0
    for _ in range(50):
        z = rng.standard_t(4, size=600)
        p = smart_signals.pooled_p(z, rng.standard_t(4, size=(600, 60)))
        found += bool(np.nansum(smart_signals.large_trade_cluster(z, p.extra["p_adj"]).value) > 0)
    assert found / 50 <= 0.2


def test_a_surge_needs_size_significance_and_four_days() -> None:
    outcome = smart_signals.foreign_surge([2, 2, 1.99, 2, None], [0.1, 0.1, 0.01, 0.11, 0.1], [4, 3, 5, 5, 5])
    assert [True, False, False, False, None] == [outcome.at(place)["value"] for place in range(5)]
    assert True is smart_signals.large_trade_cluster(2, 0.1).at()["value"]
    assert False is smart_signals.large_trade_cluster(-5, 0.001).at()["value"]
    with pytest.raises(Refused, match="net_buy_days=6"):
        smart_signals.foreign_surge(1, 1, 6)


def test_institutions_are_together_when_five_kinds_are_on_the_buying_side() -> None:
    def cell(*nets: float | None) -> tuple[object, ...]:
        found = smart_signals.institution_same_side(3, 0.01, list(nets)).at()
        return found["value"], found.get("reason"), found["coordination"]

    assert (True, None, pytest.approx(5 / 7)) == cell(1, 1, 1, 1, 1, -1, -1)
    assert (False, None, pytest.approx(4 / 6)) == cell(1, 1, 1, 1, -1, -1, 0)
    assert (None, "INSUFFICIENT_HISTORY", None) == cell(1, 1, 1, 1, 0, 0, 0)
    assert (None, "MISSING_INPUT", None) == cell(1, 1, 1, 1, 1, 1, None)
    with pytest.raises(Refused, match="seven kinds"):
        smart_signals.institution_same_side(3, 0.01, [1, 2])


def test_trades_of_middle_size_that_move_the_price_are_stealth() -> None:
    rng = np.random.default_rng(3)
    volume = np.tile([30.0, 40.0, 30.0], (60, 1))
    total = rng.choice([-1, 1], 60) * rng.integers(1, 9, 60)
    plain = smart_signals.stealth(total[:, None] * [0.3, 0.4, 0.3], volume).at()
    assert pytest.approx({"S": 0, "M": 0, "L": 0}, abs=1e-9) == plain["value"]
    assert (pytest.approx(1), False, 60) == (plain["ratio"], plain["stealth"], plain["n"])
    hidden = smart_signals.stealth(total[:, None] * [0.1, 0.8, 0.1], volume).at()
    assert pytest.approx({"S": -0.2, "M": 0.4, "L": -0.2}) == hidden["value"]
    assert (pytest.approx(2), True) == (hidden["ratio"], hidden["stealth"])
    moves = rng.normal(size=(60, 3))
    noise = smart_signals.stealth(moves, volume).at()
    assert noise["lo"] < noise["ratio"] < noise["hi"]
    assert noise == smart_signals.stealth(-moves, volume).at()  # falling tells the same as rising


def test_stealth_says_what_it_lacks() -> None:
    ones = np.ones((30, 3))
    few = smart_signals.stealth(ones[:19], ones[:19]).at()
    assert (None, "INSUFFICIENT_HISTORY", 19) == (few["value"], few["reason"], few["n"])
    assert "MISSING_INPUT" == smart_signals.stealth(ones * np.nan, ones).at()["reason"]
    assert "ZERO_DENOMINATOR" == smart_signals.stealth(ones, ones * [1, 0, 1]).at()["reason"]
    still = smart_signals.stealth(ones * [1, 0, -1], ones).at()
    assert ("INSUFFICIENT_HISTORY", 0) == (still["reason"], still["n"])
    with pytest.raises(Refused, match=r"\(sessions, 3\)"):
        smart_signals.stealth([1.0], [1.0])


def test_a_record_takes_dates_whose_outcomes_do_not_overlap() -> None:
    rng = np.random.default_rng(5)
    flow, later = rng.normal(size=(120, 40)), rng.normal(size=(120, 40))
    later[118:] = np.nan  # no outcome yet
    quarter = np.arange(120) // 10
    cell = selection_record(flow, later, quarter, h=5).at()
    assert 24 == cell["n"]
    spoilt = later.copy()
    spoilt[[10, 50, 116]] = 7  # days in between
    assert cell == selection_record(flow, spoilt, quarter, h=5).at()
    skilled = selection_record(flow, flow + 0.5 * later, quarter, h=5).at()
    assert skilled["value"] > 0.5 and skilled["t"] > 5 and 1.0 == skilled["consistency"]
    few = selection_record(flow[:30], later[:30], quarter[:30]).at()
    assert (6, None, None) == (few["n"], few["t"], few["consistency"])
    nothing = selection_record(flow * np.nan, later, quarter).at()
    assert (None, "MISSING_INPUT", 0) == (nothing["value"], nothing["reason"], nothing["n"])
    with pytest.raises(Refused, match="must be"):
        selection_record(flow, later, quarter[:-1])


def words(outcome: object, count: int) -> list[object]:
    return [outcome.at(place)["value"] for place in range(count)]  # type: ignore[attr-defined]


def test_readings_have_their_words_on_both_sides_of_every_edge() -> None:
    behaviors = sentiment_labels.behavior([1, 1, -1, -1, 0.99, 1, None], [1, -1, 1, -1, 5, 0.99, 1])
    expected = ["CHASING", "DIP_BUYING", "SELLING_STRENGTH", "SELLING_WEAKNESS", "MIXED", "MIXED", None]
    assert expected == words(behaviors, 7)
    assert ["DEFENSIVE", "BALANCED", "CYCLICAL", None] == words(sentiment_labels.positioning([-1, 0.99, 1, None]), 4)
    assert ["DOMESTIC_LED", "ALIGNED", "FOREIGN_LED"] == words(sentiment_labels.leadership([10, 89.9, 90]), 3)
    assert ["LOW", "MODERATE", "HIGH"] == words(sentiment_labels.risk_appetite([30, 30.1, 70]), 3)
    assert ["SHORT", "MEDIUM", "MEDIUM", "LONG"] == words(sentiment_labels.horizon([4.99, 5, 20, 20.01]), 4)


@given(st.floats(-4, 4), st.floats(-4, 4))
@settings(max_examples=40, deadline=None)
def test_whoever_buys_where_another_sells_has_the_opposite_behavior(flow: float, before: float) -> None:
    opposite = {"CHASING": "SELLING_WEAKNESS", "DIP_BUYING": "SELLING_STRENGTH", "MIXED": "MIXED"}
    opposite |= {other: one for one, other in opposite.items()}
    here, there = (sentiment_labels.behavior(sign * flow, sign * before).at()["value"] for sign in (1, -1))
    assert opposite[here] == there
