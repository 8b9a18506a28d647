"""Shared statistics against scipy, and every way of having no answer."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from sugeup.errors import Refused
from sugeup.metrics import samples, statistics
from tests.metrics import closed_form

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 2))
GAPPED = st.lists(st.one_of(NUMBERS, st.none(), st.integers(-3, 3)), min_size=20, max_size=60)
GAP = float("nan")


@given(GAPPED, NUMBERS)
@settings(max_examples=60, deadline=None)
def test_the_robust_z_is_the_distance_in_median_deviations(past: list[Any], x: float) -> None:
    known = [value for value in past if value is not None]
    outcome = statistics.robust_z(x, past, min_n=1).at()
    if not known:
        assert "MISSING_INPUT" == outcome["reason"]
        return
    scale = float(stats.median_abs_deviation(known)) * 1.4826
    if scale > 0:
        assert math.isclose((x - np.median(known)) / scale, outcome["value"], rel_tol=1e-9, abs_tol=1e-12)
        assert "MAD" == outcome["method"]
    else:
        assert outcome["method"] == (None if len(set(known)) == 1 else "MEAN_AD")


@given(GAPPED, NUMBERS)
@settings(max_examples=60, deadline=None)
def test_a_percentile_lies_between_its_ends_and_agrees_with_scipy(past: list[Any], x: float) -> None:
    known = [value for value in past if value is not None]
    value = statistics.percentile_rank(x, past, min_n=1).at()["value"]
    if known:
        assert math.isclose(float(stats.percentileofscore(known, x, "mean")), value, rel_tol=1e-9, abs_tol=1e-9)
        assert 0 <= value <= 100


@given(GAPPED, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_rank_correlation_agrees_with_scipy_and_ignores_the_order_of_the_pairs(x: list[Any], shuffle: Any) -> None:
    y = [None if shuffle.random() < 0.1 else shuffle.randint(-5, 5) for _ in x]
    pairs = [(a, b) for a, b in zip(x, y, strict=True) if a is not None and b is not None]
    outcome = statistics.spearman(x, y, min_n=2).at()
    assert len(pairs) == outcome["n"]
    if outcome["value"] is not None:
        expected = float(stats.spearmanr(*zip(*pairs, strict=True)).statistic)
        assert math.isclose(expected, outcome["value"], rel_tol=1e-9, abs_tol=1e-12)
        order = list(range(len(x)))
        shuffle.shuffle(order)
        assert outcome == statistics.spearman([x[k] for k in order], [y[k] for k in order], min_n=2).at()


def test_many_samples_at_once_give_the_digits_of_each_alone() -> None:
    """A panel answer and a single-stock answer that differ would make one of them wrong."""
    market = closed_form.panel(6, 80, seed=9, gaps=0.1)
    x, y = market["net"] / 1e9, market["ret"]
    together = {
        "spearman": statistics.spearman(x, y),
        "newey_west_t": statistics.newey_west_t(x),
        "robust_z": statistics.robust_z(x[:, -1], x[:, :-1]),
        "bootstrap": statistics.block_bootstrap_mean(x),
        "hhi": statistics.hhi(x),
    }
    for row in range(6):
        assert together["spearman"].at(row) == statistics.spearman(x[row], y[row]).at()
        assert together["newey_west_t"].at(row) == statistics.newey_west_t(x[row]).at()
        assert together["robust_z"].at(row) == statistics.robust_z(x[row, -1], x[row, :-1]).at()
        assert together["bootstrap"].at(row) == statistics.block_bootstrap_mean(x[row]).at()
        assert together["hhi"].at(row) == statistics.hhi(x[row]).at()


def test_the_error_of_a_mean_is_that_of_newey_and_west() -> None:
    x = np.array(closed_form.ret(60))
    away, n = x - x.mean(), 60
    covariances = [(away[lag:] * away[: n - lag]).sum() / n for lag in range(6)]
    squared = covariances[0] + 2 * sum((1 - lag / 6) * covariances[lag] for lag in range(1, 6))
    outcome = statistics.newey_west_t(x).at()
    assert math.isclose(x.mean() / math.sqrt(squared / n), outcome["value"], rel_tol=1e-9)
    gapped = np.insert(x, [5, 30], np.nan)
    assert outcome == statistics.newey_west_t(gapped).at()


@given(st.integers(20, 200), st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_a_bootstrap_interval_holds_its_mean_and_repeats_itself(n: int, seed: int) -> None:
    x = np.random.default_rng(seed).normal(0, 1, n)
    outcome = statistics.block_bootstrap_mean(x).at()
    assert outcome["lo"] <= outcome["value"] <= outcome["hi"]
    assert outcome["block"] ** 3 >= n > (outcome["block"] - 1) ** 3
    assert outcome == statistics.block_bootstrap_mean(x).at()


def test_blocks_may_be_as_long_as_the_sample() -> None:
    outcome = statistics.block_bootstrap_mean(range(20), block=500).at()
    assert (9.5, 20) == (outcome["value"], outcome["block"])
    assert math.isclose(outcome["lo"], outcome["hi"])


@given(hits=st.integers(0, 300), misses=st.integers(0, 300), conf=st.sampled_from([0.8, 0.95, 0.99]))
@settings(max_examples=50, deadline=None)
def test_wilson_bounds_agree_with_scipy(hits: int, misses: int, conf: float) -> None:
    n = hits + misses
    outcome = statistics.wilson_interval(hits, n, conf=conf).at()
    if n == 0:
        assert {"value": None, "reason": "ZERO_DENOMINATOR", "lo": None, "hi": None} == outcome
        return
    expected = stats.binomtest(hits, n).proportion_ci(conf, "wilson")
    assert math.isclose(float(expected.low), outcome["lo"], rel_tol=1e-9, abs_tol=1e-12)
    assert math.isclose(float(expected.high), outcome["hi"], rel_tol=1e-9, abs_tol=1e-12)
    assert 0 <= outcome["lo"] <= outcome["value"] <= outcome["hi"] <= 1


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
@settings(max_examples=50, deadline=None)
def test_adjusted_p_values_agree_with_scipy(p: list[float]) -> None:
    expected = stats.false_discovery_control(p)
    assert np.allclose(expected, statistics.bh_adjust(p).value, rtol=1e-9, atol=1e-12)


def test_a_test_that_was_not_made_does_not_count() -> None:
    outcome = statistics.bh_adjust([0.01, GAP, 0.04])
    assert [0.02, None, 0.04] == [outcome.at(place)["value"] for place in range(3)]
    assert "MISSING_INPUT" == outcome.at(1)["reason"]
    with pytest.raises(Refused, match=r"p=1\.2"):
        statistics.bh_adjust([1.2])


@given(st.lists(st.tuples(st.integers(0, 15), st.integers(0, 1)), min_size=1, max_size=80))
@settings(max_examples=50, deadline=None)
def test_calibration_is_the_best_rising_fit_whatever_the_order(pairs: list[tuple[int, int]]) -> None:
    score, outcome = np.array(pairs).T
    distinct, fitted = samples.rising_fit(score.astype(float), outcome.astype(float))
    means = [outcome[score == value].mean() for value in distinct]
    weights = [int((score == value).sum()) for value in distinct]
    expected = optimize.isotonic_regression(means, weights=weights).x
    assert np.allclose(expected, fitted)
    back = statistics.isotonic(score[::-1], outcome[::-1], distinct, min_n=1)
    assert np.allclose(expected, back.value)


def test_a_probability_is_held_at_the_ends_and_read_linearly_between_scores() -> None:
    outcome = statistics.isotonic([1, 2, 3, 5], [0, 0, 1, 1], [-9, 2.5, 99, GAP], min_n=4)
    assert [0.0, 0.5, 1.0, None] == [outcome.at(place)["value"] for place in range(4)]


def test_too_few_resolved_signals_calibrate_nothing() -> None:
    """A confidence out of 50 signals is an invention."""
    unresolved = [GAP] * 150 + [1] * 50
    assert "UNCALIBRATED" == statistics.isotonic(range(200), unresolved, [3]).at(0)["reason"]
    with pytest.raises(Refused, match=r"outcome=0\.5"):
        statistics.isotonic([1, 2], [0, 0.5], [1])


def test_brier_leaves_unresolved_predictions_out() -> None:
    outcome = statistics.brier([0.5, 0.5, 0.9, GAP], [1, 0, GAP, 1]).at()
    assert {"value": 0.25, "reference": 0.25, "skill": 0.0} == outcome
    assert statistics.brier([0.9], [1]).at()["skill"] is None
    assert "MISSING_INPUT" == statistics.brier([], []).at()["reason"]
    with pytest.raises(Refused, match="prob"):
        statistics.brier([1.1], [1])


@given(least=st.integers(-2, 220), n=st.integers(0, 200), p=st.sampled_from([0.0, 0.01, 0.3, 0.5, 0.97, 1.0]))
@settings(max_examples=100, deadline=None)
def test_the_binomial_tail_is_exact(least: int, n: int, p: float) -> None:
    chance = Fraction(p)
    terms = (math.comb(n, hits) * chance**hits * (1 - chance) ** (n - hits) for hits in range(max(least, 0), n + 1))
    assert math.isclose(float(sum(terms)), samples.binomial_tail(least, n, p), rel_tol=1e-9, abs_tol=1e-300)


def test_the_binomial_tail_holds_for_many_trials() -> None:
    for least in (100, 49_000, 50_000, 50_500, 52_000):
        expected = float(stats.binom.sf(least - 1, 100_000, 0.5))
        assert math.isclose(expected, samples.binomial_tail(least, 100_000, 0.5), rel_tol=1e-7)


def test_overlapping_outcomes_count_once() -> None:
    """Five-day outcomes of daily signals share four of their five days."""
    daily, weekly = (statistics.hit_rate(132, 240, 0.5, h).at() for h in (1, 5))
    assert (240, 48) == (daily["n_eff"], weekly["n_eff"])
    assert weekly["lo"] < daily["lo"] and weekly["p_value"] > daily["p_value"]


@pytest.mark.parametrize(
    ("hits", "n", "base", "reason"),
    [
        (GAP, 9, 0.5, "MISSING_INPUT"),
        (1, GAP, 0.5, "MISSING_INPUT"),
        (1, 9, GAP, "MISSING_INPUT"),
        (0, 0, 0.5, "ZERO_DENOMINATOR"),
        (2, 4, 0.5, "INSUFFICIENT_HISTORY"),
    ],
)
def test_a_hit_rate_without_an_answer_says_why(hits: float, n: float, base: float, reason: str) -> None:
    got = statistics.hit_rate(hits, n, base, 5).at()
    assert (None, reason, None, None) == (got["value"], got["reason"], got["p_value"], got["lift"])


def test_hit_rates_of_many_signals_come_in_one_call() -> None:
    outcome = statistics.hit_rate([132, 0], [240, 0], 0.5, 5)
    assert statistics.hit_rate(132, 240, 0.5, 5).at() == outcome.at(0)
    assert "ZERO_DENOMINATOR" == outcome.at(1)["reason"]


def test_counts_that_cannot_be_are_refused() -> None:
    for wrong in (
        lambda: statistics.wilson_interval(5, 4),
        lambda: statistics.wilson_interval(-1, 4),
        lambda: statistics.wilson_interval(1, 4, conf=1),
        lambda: statistics.hit_rate(1, 4, 1.5, 1),
        lambda: statistics.hit_rate(1, 4, 0.5, 0),
        lambda: statistics.spearman([1, 2], [1, 2, 3]),
    ):
        with pytest.raises(Refused):
            wrong()


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (statistics.robust_z(GAP, range(30)), "MISSING_INPUT"),
        (statistics.robust_z(1, [GAP] * 30), "MISSING_INPUT"),
        (statistics.robust_z(1, []), "INSUFFICIENT_HISTORY"),
        (statistics.robust_z(1, [5] * 30), "ZERO_VARIANCE"),
        (statistics.percentile_rank(1, range(19)), "INSUFFICIENT_HISTORY"),
        (statistics.percentile_rank(1, []), "INSUFFICIENT_HISTORY"),
        (statistics.hhi([]), "ZERO_DENOMINATOR"),
        (statistics.hhi([1, GAP]), "MISSING_INPUT"),
        (statistics.spearman([GAP] * 30, range(30)), "MISSING_INPUT"),
        (statistics.spearman([], []), "INSUFFICIENT_HISTORY"),
        (statistics.newey_west_t([]), "INSUFFICIENT_HISTORY"),
        (statistics.newey_west_t([GAP] * 30), "MISSING_INPUT"),
        (statistics.newey_west_t([1.1] * 30), "ZERO_VARIANCE"),
        (statistics.newey_west_t([0.0] * 30), "ZERO_VARIANCE"),
        (statistics.block_bootstrap_mean(range(19)), "INSUFFICIENT_HISTORY"),
        (statistics.block_bootstrap_mean([GAP] * 19), "MISSING_INPUT"),
    ],
)
def test_a_sample_without_an_answer_says_why(outcome: Any, reason: str) -> None:
    answer = outcome.at()
    assert (None, reason) == (answer["value"], answer["reason"])
    assert all(part is None for name, part in answer.items() if name not in ("value", "reason", "n"))
