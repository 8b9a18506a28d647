"""Sums of members of sectors: what a compiled pass adds is what adding stock by stock gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.metrics.kernels import members

SECTORS, SESSIONS = 3, 6


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6))
def test_sums_of_members_are_those_of_adding_stock_by_stock(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape = (5, SESSIONS)
    member = rng.integers(-1, SECTORS, shape)
    rows = rng.permutation(7)[:5]
    foreign, institution, amount, cap = (
        np.where(rng.random((7, SESSIONS)) < 0.3, np.nan, rng.integers(0, 4, (7, SESSIONS)).astype(float))
        for _ in range(4)
    )
    both = np.zeros((7, SECTORS, SESSIONS))
    one = np.zeros((4, SECTORS, SESSIONS))
    for stock, row in enumerate(rows):
        for t in range(SESSIONS):
            known = cap[row, : t + 1][np.isfinite(cap[row, : t + 1])]
            size, at = (known[-1] if known.size else 0.0), member[stock, t]
            if at < 0:
                continue
            whole = np.isfinite([foreign[row, t], institution[row, t], amount[row, t]]).all() or amount[row, t] == 0
            won = [np.nan_to_num(part[row, t]) if whole else 0.0 for part in (foreign, institution, amount)]
            both[:, at, t] += [size, size if whole else 0.0, known.size > 0, 1, *won]
            net = foreign[row, t]
            lost = size if np.isnan(net) and amount[row, t] != 0 else 0.0
            one[:, at, t] += [np.nan_to_num(net), lost, np.isfinite(net), net > 0]
    assert np.array_equal(both, members.both(member, rows, foreign, institution, amount, cap, SECTORS))
    assert np.array_equal(one, members.one(member, rows, foreign, amount, cap, SECTORS))
