"""The robust z of a whole market on many sessions is that of the single question, to rounding."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sugeup.errors import Refused
from sugeup.metrics.statistics import robust_z
from sugeup.metrics.window_scores import z_history

CELLS = st.one_of(st.floats(-1e6, 1e6), st.sampled_from([0.0, 1.0, np.nan]))


@settings(max_examples=60, deadline=None)
@given(x=arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 60)), elements=CELLS), gap=st.integers(1, 6))
def test_every_z_is_that_of_its_own_window_asked_alone(x: np.ndarray, gap: int) -> None:
    found = z_history(x, gap=gap, last=8, ref=12, least=5)
    assert (len(x), min(8, x.shape[1])) == found.shape
    for row in range(len(x)):
        for back in range(found.shape[1]):
            at = x.shape[1] - found.shape[1] + back
            past = x[row, max(0, at - gap - 11) : max(0, at - gap + 1)]
            alone = robust_z(x[row, at], past, min_n=5).at()["value"] if past.size else None
            expected = np.nan if alone is None else alone
            assert pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True) == found[row, back]


def test_a_past_that_hardly_varies_has_no_scale() -> None:
    """A spread near the smallest number there is would make a z that is no number."""
    x = np.array([[0.0, 2e-311] * 5 + [1.0, 1.0]])
    assert np.isnan(z_history(x, gap=1, last=1, ref=10, least=5)).all()
    assert "ZERO_VARIANCE" == robust_z(1.0, x[0, :10], min_n=5).at()["reason"]


def test_no_reference_shares_a_session_with_its_window() -> None:
    x = np.random.default_rng(1).normal(size=(1, 100))
    changed = x.copy()
    changed[0, -5:-1] = 1e9
    assert z_history(x, gap=5, last=1)[0, 0] == z_history(changed, gap=5, last=1)[0, 0]


def test_what_comes_later_changes_no_z_of_before() -> None:
    x = np.random.default_rng(2).normal(size=(3, 120))
    assert np.array_equal(z_history(x, gap=5, last=40)[:, :30], z_history(x[:, :-10], gap=5, last=30))


def test_blocks_of_rows_give_the_same_digits_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(3).normal(size=(50, 90))
    whole = z_history(x, gap=5, last=10)
    monkeypatch.setattr("sugeup.metrics.window_scores.ROWS", 1000)
    assert np.array_equal(whole, z_history(x, gap=5, last=10))


def test_windows_that_are_equal_or_few_have_no_z() -> None:
    assert np.isnan(z_history(np.ones((1, 80)), gap=5, last=3)).all()
    assert np.isnan(z_history(np.arange(24.0), gap=5, last=1)).all()
    assert np.isfinite(z_history(np.arange(25.0), gap=5, last=1)).all()


@pytest.mark.parametrize("wrong", [{"gap": 0, "last": 1}, {"gap": 1, "last": 0}, {"gap": 1, "last": 1, "ref": 0}])
def test_a_span_below_one_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(Refused):
        z_history([1.0, 2.0], **wrong)
