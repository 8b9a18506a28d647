"""The simulated market has the habits of the real one: a reduced run against the bands, and what measures it."""

from __future__ import annotations

import numpy as np
import pytest

from sugeup.sandbox import report_text
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.measures import acf, correlation, kurtosis, pair_correlation, streak
from sugeup.sandbox.plan import Plan
from sugeup.sandbox.report import daily, means, outside
from sugeup.sandbox.targets import targets

ALLOWED = 14
"""Misses allowed in one small market: bands are meant for means over three large ones."""


@pytest.mark.slow
def test_a_reduced_market_lies_in_nearly_all_bands() -> None:
    found = daily(SimulatedMarket(Plan(seed=1, stocks=2_000, sessions=250)))
    missed = [target.name for target in outside(found)]
    assert 132 == len(targets("daily"))
    assert len(missed) <= ALLOWED, missed


def test_bands_hold_the_real_value_and_names_are_unique() -> None:
    assert all(target.lo <= target.value <= target.hi for target in targets())
    assert len({target.name for target in targets()}) == len(targets())


def test_figures_of_series_whose_figures_are_known() -> None:
    chance = np.random.default_rng(5)
    noise = chance.standard_normal((4_000, 3))
    chain = np.empty_like(noise)
    chain[0] = noise[0]
    for row in range(1, len(noise)):
        chain[row] = 0.6 * chain[row - 1] + 0.8 * noise[row]
    assert acf(chain, 1) == pytest.approx([0.6] * 3, abs=0.05)
    assert acf(chain, 2) == pytest.approx([0.36] * 3, abs=0.06)
    assert kurtosis(noise) == pytest.approx([0.0] * 3, abs=0.3)
    shared = chance.standard_normal((4_000, 1))
    assert 0.5 == pytest.approx(pair_correlation(noise + shared), abs=0.05)
    assert correlation(noise, noise + shared) == pytest.approx([0.5**0.5] * 3, abs=0.05)


def test_runs_end_at_a_change_of_sign_and_at_a_missing_value() -> None:
    signs = np.array([[1.0], [2.0], [-1.0], [np.nan], [-3.0], [-1.0], [0.0]])
    assert [5 / 3] == streak(signs).tolist()


def test_missing_values_are_left_out_of_correlations_in_pairs() -> None:
    chance = np.random.default_rng(1)
    left, right = chance.standard_normal((2, 200, 1))
    gaps = left.copy()
    gaps[::3] = np.nan
    kept = np.isfinite(gaps[:, 0])
    assert correlation(left[kept], right[kept])[0] == pytest.approx(correlation(gaps, right)[0])


def test_the_mean_over_markets_is_taken_figure_by_figure() -> None:
    assert {"a": 2.0, "b": 5.0} == means([{"a": 1.0, "b": 4.0}, {"a": 3.0, "b": 6.0}])


def test_the_page_counts_and_names_what_misses_its_band() -> None:
    facts = targets()
    found = {fact.name: fact.value for fact in facts} | {facts[0].name: facts[0].hi + 1}
    page = report_text.page(facts, found, {fact.name: fact.value for fact in facts})
    assert f"131 of 132 lie in their band. Outside: `{facts[0].name}`." in page
    assert "132 of 132 daily facts lie in their band." in page
    assert len(facts) == page.count("\n| `")
