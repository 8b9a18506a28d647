"""이상 수급 판정: few false alarms in a year of nothing, events told, and what it takes to be told."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sugeup.errors import Refused
from sugeup.metrics import ordinary_figures
from sugeup.metrics import unusual_flow as unusual
from sugeup.metrics.outcome import Outcome
from sugeup.metrics.unusual_flow import either, one_sided, unusual_flow

STOCKS, SESSIONS, SPAN = 120, 320, 5


def ordinary(seed: int, tails: float | None = None) -> np.ndarray:
    """z of overlapping windows of independent sessions, normal or with heavy tails."""
    draw = np.random.default_rng(seed)
    shape = (STOCKS, SESSIONS + SPAN)
    daily = draw.standard_normal(shape) if tails is None else draw.standard_t(tails, shape)
    summed = daily.cumsum(axis=1)
    return np.asarray((summed[:, SPAN:] - summed[:, :-SPAN]) / math.sqrt(SPAN))


def told(z: np.ndarray, first: int = 60) -> int:
    """Signals on all sessions from `first` on."""
    evenings = (unusual_flow(z[:, : at + 1], stretch=2 * SPAN) for at in range(first, z.shape[1]))
    return sum(int(np.isin(one.value, (0, 2)).sum()) for one in evenings)


@pytest.mark.slow
@pytest.mark.parametrize("tails", [None, 8.0])
def test_in_years_without_events_false_alarms_are_rare(tails: float | None) -> None:
    """While nothing was told, an evening's bar is alpha ÷ figures of the family, on each of two sides."""
    first, times = 60, 25
    years = [told(ordinary(seed, tails), first) for seed in range(times)]
    promised = 2 * unusual.ALPHA * sum(1 / min(at + 1, unusual.POOL) for at in range(first, SESSIONS))
    assert 0.3 < promised < 0.4
    spread = math.sqrt(times * promised * (1 - promised))
    assert times * promised + 2 * spread >= sum(one > 0 for one in years)


def test_an_event_is_told_on_its_side_and_its_mirror_on_the_other() -> None:
    z = ordinary(1)
    z[7, -1], z[9, -1] = 7.0, -7.0
    found = unusual_flow(z, stretch=2 * SPAN)
    assert ["BUY", "SELL", "NONE"] == [found.at(row)["value"] for row in (7, 9, 11)]
    assert found.at(7)["p_adj"] < 0.001 and 1e-6 > found.at(7)["p"]
    mirrored = unusual_flow(-z, stretch=2 * SPAN)
    assert ["SELL", "BUY"] == [mirrored.at(row)["value"] for row in (7, 9)]


def test_many_events_of_the_year_lower_the_bar_for_one_more() -> None:
    z = ordinary(2)
    z[0, -1] = 4.35
    alone = unusual_flow(z, stretch=2 * SPAN).at(0)
    z[range(1, 40), range(100, 295, 5)] = 9.0
    beside = unusual_flow(z, stretch=2 * SPAN).at(0)
    assert "NONE" == alone["value"] and "BUY" == beside["value"]
    assert beside["p_adj"] < alone["p_adj"]


def test_events_of_the_past_do_not_hide_in_the_distribution_of_ordinary_figures() -> None:
    z = ordinary(3)
    sizes = np.abs(z).ravel()
    scale, degrees = ordinary_figures.fitted(sizes)
    sizes[: sizes.size // 500] = 12.0
    touched = ordinary_figures.fitted(sizes)
    assert pytest.approx(1.0, abs=0.03) == scale and degrees > 50
    assert pytest.approx(scale, rel=0.02) == touched[0] and touched[1] > 15


def test_a_year_dense_with_events_is_fitted_as_if_they_were_not_there() -> None:
    """Twelve stocks with an event of ten sessions each: one figure in two hundred, where the shoulders are fitted."""
    z = ordinary(7)
    plain = ordinary_figures.ordinary(z, 2 * SPAN, unusual.ALPHA)
    z[:12, 150:170] = 9.0
    assert plain[1] / 2 > ordinary_figures.fitted(np.abs(z).ravel())[1]
    scale, degrees = ordinary_figures.ordinary(z, 2 * SPAN, unusual.ALPHA)
    assert pytest.approx(plain[0], rel=0.02) == scale and pytest.approx(plain[1], rel=0.3) == degrees


def test_a_statistic_of_one_side_tells_nothing_of_the_other() -> None:
    z = ordinary(8)
    z[7, -1], z[9, -1] = 7.0, -7.0
    told = unusual_flow(z, stretch=2 * SPAN)
    buys, sells = (one_sided(told, z[:, -1], side) for side in ("BUY", "SELL"))
    assert [("BUY", "NONE"), ("NONE", "SELL")] == [(one.at(7)["value"], one.at(9)["value"]) for one in (buys, sells)]
    assert 1 - told.at(9)["p"] == buys.at(9)["p"] and 1.0 == buys.at(9)["p_adj"]
    both = either([(3, buys), (3, sells)])
    assert [("BUY", 0), ("SELL", 1)] == [(both.at(row)["value"], both.at(row)["part"]) for row in (7, 9)]


@pytest.mark.parametrize("degrees", [4.0, 10.0, 30.0])
def test_the_tail_is_that_of_students_t(degrees: float) -> None:
    x = np.array([0.0, 1.0, 2.5, 4.0, 5.0])
    exact = stats.t.sf(x, degrees)
    assert (np.abs(ordinary_figures.tail(x, degrees) / exact - 1) < 0.08).all()
    drawn = np.abs(np.random.default_rng(5).standard_t(degrees, 200_000)) * 1.7
    scale, found = ordinary_figures.fitted(drawn)
    assert pytest.approx(1.7, rel=0.02) == scale and pytest.approx(degrees, rel=0.25) == found


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_p_adj_is_the_level_at_which_a_stock_is_told(seed: int) -> None:
    z = ordinary(seed % 1000)[:, :100]
    draw = np.random.default_rng(seed)
    z[draw.integers(0, STOCKS, 30), draw.integers(0, 100, 30)] = draw.uniform(3, 7, 30)
    z[:5, -1] = draw.uniform(3, 6, 5)
    level = unusual_flow(z, stretch=10).extra["p_adj"]
    for row in range(5):
        if 0 < level[row] < 0.9:
            above, below = (unusual_flow(z, stretch=10, alpha=level[row] * part).at(row) for part in (1.001, 0.999))
            assert ("BUY", "NONE") == (above["value"], below["value"])


def test_windows_of_several_lengths_speak_for_the_one_that_shows_it_best() -> None:
    z = {3: ordinary(4), 15: ordinary(5)}
    z[15][2, -1] = 8.0
    z[3][4, -1] = np.nan
    found = either([(span, unusual_flow(one, stretch=2 * span)) for span, one in z.items()])
    assert {"value": "BUY", "span": 15} == {name: found.at(2)[name] for name in ("value", "span")}
    alone: Outcome = unusual_flow(z[15], stretch=30)
    assert alone.at(2)["p"] == found.at(2)["p"] and 2 * alone.at(2)["p_adj"] == found.at(2)["p_adj"]
    assert "NONE" == found.at(4)["value"]


def test_two_lengths_share_the_false_alarms_that_one_alone_may_make() -> None:
    z = {3: ordinary(9), 15: ordinary(10)}
    z[15][2, -1] = 4.65
    alone = unusual_flow(z[15], stretch=30)
    assert "BUY" == alone.at(2)["value"] and unusual.ALPHA / 2 < alone.at(2)["p_adj"]
    assert "NONE" == either([(3, unusual_flow(z[3], stretch=6)), (15, alone)]).at(2)["value"]
    assert "BUY" == either([(15, alone), (15, alone)]).at(2)["value"]


def test_what_cannot_be_judged_says_why() -> None:
    z = ordinary(6)
    z[3, -1] = np.nan
    assert "MISSING_INPUT" == unusual_flow(z).at(3)["reason"]
    assert "INSUFFICIENT_HISTORY" == unusual_flow(z[:, -20:]).at(0)["reason"]
    assert "ZERO_VARIANCE" == unusual_flow(np.zeros(z.shape)).at(0)["reason"]
    with pytest.raises(Refused, match=r"stocks, sessions"):
        unusual_flow([1.0, 2.0])
    with pytest.raises(Refused, match="alpha=1"):
        unusual_flow(z, alpha=1.0)


def test_no_p_is_ever_zero_and_no_figure_that_is_judged_lacks_one() -> None:
    calm = [0.5, -0.5] * 60
    told = unusual_flow([[*calm, 1e9], [*calm, 0.0]], stretch=5, min_n=200)
    assert 0 < told.at(0)["p"] <= told.at(0)["p_adj"] < 1e-200
    assert ("NONE", 0.5, 1.0) == tuple(told.at(1)[name] for name in ("value", "p", "p_adj"))
