"""Unusual flow in simulated markets: blind to the future and to the unit of money, silent where nothing was planted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sugeup.faces import evaluating_market
from sugeup.metrics.unusual_flow import FLOWS, POOL, WINDOWS
from sugeup.research import candidates, detection, detectors_more, leakage, rules
from sugeup.research.figures import Figures
from sugeup.research.unusual import judged, unusual
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.plan import Plan

pytestmark = pytest.mark.slow
STOCKS, SESSIONS, AT = 150, 240, 200


def market(strength: float, seed: int = 11) -> SimulatedMarket:
    return SimulatedMarket(Plan(seed=seed, stocks=STOCKS, sessions=SESSIONS, events=strength, event_count=2))


@pytest.fixture(scope="module")
def planted() -> SimulatedMarket:
    return market(3.0)


@pytest.fixture(scope="module")
def seen(planted: SimulatedMarket) -> Figures:
    return evaluating_market.read(planted)


@pytest.mark.torture
def test_figures_of_later_sessions_change_no_signal_and_no_candidate(seen: Figures) -> None:
    assert [] == leakage.looks_ahead(seen, AT, seed=3, names=("unusual_flow",))
    whole = candidates.candidates(seen)
    for one, other in zip(whole, candidates.candidates(leakage.future_changed(seen, AT, 3)), strict=True):
        np.testing.assert_array_equal(one.fired[:, : AT + 1], other.fired[:, : AT + 1])
        np.testing.assert_array_equal(one.judged[:, : AT + 1], other.judged[:, : AT + 1])


def test_a_stock_without_figures_of_the_session_is_not_judged(seen: Figures) -> None:
    assert [] == leakage.invented(seen, list(range(0, STOCKS, 2)), AT, ("unusual_flow",))


def test_the_unit_of_money_changes_no_signal(seen: Figures) -> None:
    in_thousands = seen.over(lambda part: part * 1024.0)
    for one, other in zip(unusual(seen), unusual(in_thousands), strict=True):
        np.testing.assert_array_equal(one.fired, other.fired)


def test_buying_turned_into_selling_is_told_on_the_other_side(seen: Figures) -> None:
    """Of institutions, who are judged by their flows alone; price and volume of the simulated events stay buying's."""
    mirrored = replace(seen, net={name: -net for name, net in seen.net.items()})
    buys, sells = unusual(seen)[2:]
    assert buys.fired.any()
    turned_buys, turned_sells = unusual(mirrored)[2:]
    np.testing.assert_array_equal(buys.fired, turned_sells.fired)
    np.testing.assert_array_equal(sells.fired, turned_buys.fired)


def test_without_events_hardly_an_alarm_and_with_them_most_alarms_are_right(
    planted: SimulatedMarket, seen: Figures
) -> None:
    quiet = evaluating_market.read(market(0.0))
    assert 2 >= sum(int(one.fired.any(axis=1).sum()) for one in unusual(quiet))
    events = detection.events(planted.labels, seen.days)
    counts = [detection.tally(one, rules.of(one.kind, one.direction), events, seen.codes) for one in unusual(seen)]
    buying = counts[0] + counts[2]
    assert 4 <= buying.alarms and 0.7 < buying.true / buying.alarms
    assert 0.4 < buying.found.total() / buying.events.total()


def test_the_nightly_family_is_a_year_and_every_kind_has_a_rule(seen: Figures) -> None:
    assert 250 == POOL
    told = detectors_more.detect(seen, ("unusual_flow",))
    of_stocks = [rule for rule in rules.RULES if "UNUSUAL" in rule.kind and not rule.kind.startswith("SECTOR")]
    assert {(rule.kind, rule.direction) for rule in of_stocks} == {(one.kind, one.direction) for one in told}
    for investor, spans in WINDOWS.items():
        traded = np.isfinite(seen.net[FLOWS[investor][0]])
        side = judged(seen, investor, spans[0]).value
        assert np.isnan(side[~traded]).all() and np.isfinite(side).any()
