"""Splitting over the minutes is exact, whatever the numbers are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.sandbox.intraday_split import walk


@settings(deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    minutes=st.integers(1, 40),
    columns=st.integers(1, 12),
    most=st.sampled_from([0, 1, 3, 1_000, 10**13]),
)
def test_rows_and_columns_add_to_what_was_given_and_nothing_is_below_zero(
    seed: int, minutes: int, columns: int, most: int
) -> None:
    numbers = np.random.default_rng(seed)
    rows = numbers.integers(0, most, (3, minutes), endpoint=True)
    cuts = np.sort(numbers.integers(0, rows.sum(axis=1, keepdims=True), (3, columns - 1), endpoint=True), axis=1)
    ends = np.concatenate([np.zeros((3, 1), dtype=np.int64), cuts, rows.sum(axis=1, keepdims=True)], axis=1)
    totals = np.diff(ends, axis=1)
    made = walk(rows, totals, np.exp(3 * numbers.standard_normal((3, minutes, columns))))
    assert rows.tolist() == made.sum(axis=2).tolist()
    assert totals.tolist() == made.sum(axis=1).tolist()
    assert 0 <= made.min(initial=0)


def test_a_liking_of_zero_still_trades_what_has_to_be_traded() -> None:
    made = walk(np.array([[5, 5]]), np.array([[4, 6]]), np.zeros((1, 2, 2)))
    assert [[5, 5]] == made.sum(axis=2).tolist()
    assert [[4, 6]] == made.sum(axis=1).tolist()


def test_totals_that_do_not_agree_are_refused_with_both_numbers() -> None:
    with pytest.raises(ValueError, match="minutes add to 5, columns to 6"):
        walk(np.array([[5]]), np.array([[6]]), np.ones((1, 1, 1)))
