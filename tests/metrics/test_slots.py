"""Bins of the session clock: increments without invention, references that look back only, p-values that are pooled."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sugeup.metrics import accounting, slots, statistics

TOTAL = st.one_of(st.none(), st.integers(-(10**13), 10**13))


@given(st.lists(TOTAL, min_size=6, max_size=6))
def test_increments_are_those_of_the_snapshot_rule(totals: list[int | None]) -> None:
    times = [f"09:{10 * n:02d}" for n in range(6)]
    told = accounting.snapshot_increment(times, totals, 10, "09:00", "09:50").value
    assert told is not None
    given_totals = np.array([np.nan if total is None else total for total in totals])
    found = slots.increments(given_totals)
    assert [row["inc"] for row in told] == [None if np.isnan(value) else value for value in found]


def test_shares_are_of_the_positive_parts_and_a_gap_leaves_none() -> None:
    matrix = np.array([[1.0, -5.0, 3.0], [1.0, np.nan, 3.0], [-1.0, -2.0, 0.0]])
    found = slots.shares(matrix)
    assert [0.25, 0.0, 0.75] == found[0].tolist()
    assert np.isnan(found[1:]).all()


def test_intensity_takes_the_last_twenty_known_values_of_a_bin() -> None:
    past = np.arange(30.0)[:, None]
    past[-1] = np.nan
    outcome = slots.intensity(np.array([18.5]), past)
    # Known values 9 to 28: 10 of the 20 lie below 18.5.
    assert 1 + 9 * 0.5 == outcome.value[0]
    assert "INSUFFICIENT_HISTORY" == slots.intensity(np.array([1.0]), past[:19]).at(0)["reason"]


@given(st.integers(20, 40), st.integers(0, 2**32 - 1))
def test_a_later_session_never_changes_the_z_of_an_earlier_one(sessions: int, seed: int) -> None:
    x = np.random.default_rng(seed).normal(size=(sessions + 2, 3))
    assert np.array_equal(slots.past_z(x)[:-2], slots.past_z(x[:-2]), equal_nan=True)


def test_z_is_against_the_sessions_before_alone() -> None:
    x = np.append(np.arange(1.0, 21.0), 35.0)[:, None]
    z = slots.past_z(x)
    assert np.isnan(z[:20]).all()
    assert statistics.robust_z(35, range(1, 21)).at()["value"] == z[20, 0]


def test_unusual_needs_a_thousand_pooled_values_and_counts_the_larger_ones() -> None:
    x = np.random.default_rng(7).normal(size=(61, 30))
    x[-1, 4] = 80.0
    found = slots.unusual(x)
    pooled = np.abs(slots.past_z(x)[20:-1]).ravel()
    assert 40 * 30 == len(pooled) == found.extra["n"][0]
    for cell in (0, 4):
        larger = int((pooled >= abs(found.value[cell])).sum())
        assert (1 + larger) / 1201 == pytest.approx(found.extra["p"][cell])
    assert 30 / 1201 == pytest.approx(found.extra["p_adj"][4])
    short = slots.unusual(x[:, :20])
    assert np.isnan(short.value).all()
    assert "INSUFFICIENT_HISTORY" == short.at(0)["reason"]


def test_pure_noise_is_rarely_listed() -> None:
    wrong = [
        (slots.unusual(np.random.default_rng(seed).standard_t(3, size=(61, 40))).extra["p_adj"] <= 0.05).any()
        for seed in range(40)
    ]
    assert sum(wrong) <= 4


def test_days_that_run_alike_score_one_and_noise_scores_near_zero() -> None:
    shape = np.array([3.0, 1.0, -2.0, 0.5, 5.0])
    alike = slots.likeness(np.outer(np.arange(1.0, 13.0), shape))
    assert (1.0, (1.0, 1.0), 12) == (alike.value, alike.extra["ci"], alike.extra["n"])
    noise = slots.likeness(np.random.default_rng(3).normal(size=(20, 14)))
    low, high = noise.extra["ci"]
    assert low < 0 < high
    assert low <= noise.value <= high
    assert "INSUFFICIENT_HISTORY" == slots.likeness(np.ones((9, 5))).reason
    assert "ZERO_VARIANCE" == slots.likeness(np.ones((12, 5))).reason


def test_the_interval_of_a_median_of_twenty_are_the_sixth_and_the_fifteenth() -> None:
    assert (5.0, 14.0) == slots._median_interval(np.arange(20.0), 0.95)
    assert slots._median_interval(np.arange(4.0), 0.95) is None


def test_a_batch_is_a_bin_that_is_unusual_on_half_of_the_sessions() -> None:
    z = np.zeros((20, 3))
    z[::2, 1] = 3.0
    z[:9, 2] = 5.0
    assert ([1], 20) == (slots.batches(z).value, slots.batches(z).extra["n"])
    assert "INSUFFICIENT_HISTORY" == slots.batches(z[:9]).reason


def test_the_busiest_bins_come_in_the_order_of_the_day() -> None:
    x = np.tile([1.0, 9.0, 2.0, 8.0, np.nan], (10, 1))
    assert [1, 3] == slots.busiest(x).value
    assert "INSUFFICIENT_HISTORY" == slots.busiest(x[:9]).reason


def test_a_label_needs_ten_sessions_and_a_majority_over_the_next() -> None:
    assert "A" == slots.most_frequent(["A"] * 6 + ["B"] * 5).value
    assert "NO_PATTERN" == slots.most_frequent(["A"] * 5 + ["B"] * 5).reason
    assert "INSUFFICIENT_HISTORY" == slots.most_frequent(["A"] * 9).reason
