"""Unusual rotations in simulated markets: blind to the future, silent without events, both sides of a strong one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sugeup.faces import evaluating_market
from sugeup.metrics.evened_sectors import MEMBERS
from sugeup.research import detection, detectors_more, leakage, rules
from sugeup.research.figures import Figures
from sugeup.research.unusual_sectors import NAMES, evened, judged, names, unusual_rotations
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.plan import Plan

pytestmark = pytest.mark.slow
STOCKS, SESSIONS, AT = 300, 300, 250
NAME = ("unusual_rotation",)


def market(strength: float, seed: int) -> SimulatedMarket:
    plan = Plan(seed=seed, stocks=STOCKS, first=date(2025, 1, 2), sessions=SESSIONS, events=strength)
    return SimulatedMarket(plan)


@pytest.fixture(scope="module")
def planted() -> SimulatedMarket:
    """One in which money leaves one sector for another late enough to be judged."""
    return market(4.0, 103)


@pytest.fixture(scope="module")
def seen(planted: SimulatedMarket) -> Figures:
    return evaluating_market.read(planted)


def test_figures_of_later_sessions_change_no_signal(seen: Figures) -> None:
    assert [] == leakage.looks_ahead(seen, AT, seed=3, names=NAME)


def test_a_planted_rotation_is_told_on_both_sides_and_nothing_else_is(planted: SimulatedMarket, seen: Figures) -> None:
    events = detection.events(planted.labels, seen.days)
    assert 2 == sum(one.kind == "sector_rotation" for one in events)
    for one in unusual_rotations(seen):
        told = detection.tally(one, rules.of(one.kind, one.direction), events, seen.codes)
        assert (1, 1) == (told.found.total(), told.events.total())
        assert told.alarms == told.true


def test_without_events_nothing_is_told() -> None:
    quiet = evaluating_market.read(market(0.0, 104))
    told = unusual_rotations(quiet)
    assert [0, 0] == [int(one.fired.sum()) for one in told]
    assert all(one.judged[:, -100:].any() for one in told)


def test_buying_turned_into_selling_is_told_on_the_other_side(seen: Figures) -> None:
    mirrored = replace(seen, net={name: -net for name, net in seen.net.items()})
    inflow, outflow = unusual_rotations(seen)
    turned_in, turned_out = unusual_rotations(mirrored)
    assert inflow.fired.any()
    np.testing.assert_array_equal(inflow.fired, turned_out.fired)
    np.testing.assert_array_equal(outflow.fired, turned_in.fired)


def test_the_unit_of_money_changes_no_signal(seen: Figures) -> None:
    for one, other in zip(
        unusual_rotations(seen), unusual_rotations(seen.over(lambda part: part * 1024.0)), strict=True
    ):
        np.testing.assert_array_equal(one.fired, other.fired)


def test_a_sector_of_few_stocks_or_without_figures_is_not_judged(seen: Figures) -> None:
    flow, side = evened(seen), judged(seen).value
    sizes = np.array([sum(one == name for one in seen.sectors) for name in names(seen)])
    assert (sizes < MEMBERS).any() and np.isnan(side[sizes < MEMBERS]).all()
    assert np.isnan(side[np.isnan(flow.value)]).all() and np.isfinite(side[:, -1]).any()
    dark = next(name for name, size in zip(names(seen), sizes, strict=True) if size > 2 * MEMBERS)
    rows = [at for at, one in enumerate(seen.sectors) if one == dark]
    net = {name: part.copy() for name, part in seen.net.items()}
    for part in net.values():
        part[rows, AT] = np.nan
    hidden = judged(replace(seen, net=net))
    assert np.isnan(hidden.value[names(seen).index(dark), AT])


def test_every_kind_has_a_rule_and_a_market_without_sectors_has_no_signal(seen: Figures) -> None:
    told = detectors_more.detect(seen, NAME)
    assert [(kind, side) for side, kind in NAMES.items()] == [(one.kind, one.direction) for one in told]
    assert all(rules.of(one.kind, one.direction).tests for one in told)
    assert [] == unusual_rotations(replace(seen, sectors=(None,) * STOCKS))
