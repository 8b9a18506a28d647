"""Sliding windows as samples: blocks change no digit, early windows are padded, rounding is no variation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.metrics import windows
from sugeup.metrics.outcome import Outcome, Reason


def total(past: np.ndarray, weight: np.ndarray) -> Outcome:
    """Sum of the products present in each window."""
    present = np.isfinite(past * weight)
    value = np.nansum(past * weight, axis=-1)
    reason = np.where(present.any(axis=-1), 0, Reason.MISSING_INPUT).astype(np.uint8)
    return Outcome(np.where(reason > 0, np.nan, value), reason, {"n": present.sum(axis=-1)})


@given(
    seed=st.integers(0, 10**6),
    window=st.integers(1, 12),
    cells=st.integers(1, 200),
    last=st.none() | st.integers(1, 40),
)
@settings(max_examples=60, deadline=None)
def test_working_in_blocks_changes_no_digit(seed: int, window: int, cells: int, last: int | None) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.normal(0, 1, (7, 30))
    rows[rng.random(rows.shape) < 0.2] = np.nan
    weight = rng.normal(0, 1, (7, 30))
    at_once = windows.over_windows(total, window, last, rows, weight)
    kept = windows.CELLS
    windows.CELLS = cells
    try:
        by_blocks = windows.over_windows(total, window, last, rows, weight)
    finally:
        windows.CELLS = kept
    assert at_once.value.tobytes() == by_blocks.value.tobytes()
    assert at_once.extra["n"].tolist() == by_blocks.extra["n"].tolist()
    for session in range(1, at_once.value.shape[1] + 1):
        end = 30 - session + 1
        past = slice(max(0, end - window), end)
        assert np.isfinite(rows[2, past]).sum() == at_once.extra["n"][2, -session]


@given(seed=st.integers(0, 10**6), window=st.integers(2, 20), level=st.floats(-1e9, 1e9))
@settings(max_examples=60, deadline=None)
def test_the_moving_mean_and_deviation_are_those_of_each_window(seed: int, window: int, level: float) -> None:
    row = level + np.random.default_rng(seed).normal(0, 100, 40)
    mean, spread = windows.moving(row[None, :], window)
    assert np.isnan(mean[0, : window - 1]).all()
    for t in range(window - 1, 40):
        past = row[t - window + 1 : t + 1]
        assert pytest.approx(past.mean(), rel=1e-12, abs=1e-9) == mean[0, t]
        assert pytest.approx(past.std(ddof=1), rel=1e-6) == spread[0, t]
    _, whole = windows.moving(row[None, :], window, 0)
    assert pytest.approx(row[:window].std(), rel=1e-6) == whole[0, window - 1]


def test_a_level_with_rounding_noise_does_not_vary() -> None:
    noisy = np.array([[0.1 + 0.2, 0.3, 0.1 + 0.2, 0.3]])
    assert [0.0, 0.0] == windows.moving(noisy, 3)[1][0, 2:].tolist()
    gap = np.array([[1.0, np.nan, 3.0, 4.0]])
    assert [True, True, True, False] == np.isnan(windows.moving(gap, 2)[0][0]).tolist()


@given(flags=st.lists(st.booleans(), min_size=1, max_size=30), window=st.integers(1, 12))
def test_flags_and_sums_look_back_over_the_window(flags: list[bool], window: int) -> None:
    row = np.array([flags])
    seen, summed = windows.any_within(row, window)[0], windows.moving_sum(row.astype(float), window)[0]
    for t in range(len(flags)):
        past = flags[max(0, t - window + 1) : t + 1]
        assert (any(past), sum(past)) == (seen[t], summed[t])
