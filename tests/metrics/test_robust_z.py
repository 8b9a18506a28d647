"""One definition of the robust z, written several times for speed: a number everywhere, or null everywhere."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sugeup.metrics import rolling, window_scores
from sugeup.metrics.kernels import patterns as compiled_patterns
from sugeup.metrics.kernels import rolling as compiled
from sugeup.metrics.statistics import robust_z

LEAST = 3
LARGEST, SMALLEST = np.finfo(float).max, 5e-324
Way = Callable[[np.ndarray, float], float]


def _numpy(past: np.ndarray, x: float) -> float:
    return float(rolling._robust_z(np.sort(past)[None], np.array([x]))[0][0])


def _windows(past: np.ndarray, x: float) -> float:
    return float(window_scores._z(np.array([x]), past[None].copy(), LEAST)[0])


WAYS: dict[str, Way] = {
    "compiled": lambda past, x: float(compiled.robust_z(np.sort(past), x)[0]),
    "patterns": lambda past, x: float(compiled_patterns.unusual(np.sort(past), past, x)),
    "numpy": _numpy,
    "windows": _windows,
}
WILD = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0.0, 1.0, -1.0, 1e300, -1e300, 1e-300, LARGEST, -LARGEST, SMALLEST, 2e-311]),
)
STEPS = st.integers(-9, 9)
SIZES = st.sampled_from([1e-300, 1e-10, 1.0, 1e10, 1e200, 1e307])


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=200, deadline=None)
@given(past=st.lists(WILD, min_size=LEAST, max_size=12), x=WILD)
def test_there_is_a_number_or_null_and_never_an_infinite_figure(way: str, past: list[float], x: float) -> None:
    found, defined = WAYS[way](np.array(past), x), robust_z(x, past, min_n=LEAST).at()
    assert not math.isinf(found)
    assert "ZERO_VARIANCE" == defined["reason"] if defined["value"] is None else math.isfinite(defined["value"])


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=200, deadline=None)
@given(steps=st.lists(STEPS, min_size=LEAST, max_size=12), size=SIZES, step=STEPS, reach=SIZES)
@example(steps=[0, 0, 0, 1], size=1e-10, step=1, reach=1e307)
@example(steps=[0, 0, 0, 0, 9, 9, 9], size=1e307, step=1, reach=1.0)
@example(steps=[-9, -9, 0, 9, 9], size=1e307, step=9, reach=1e307)
def test_every_way_is_null_where_the_definition_is(
    way: str, steps: list[int], size: float, step: int, reach: float
) -> None:
    past, x = np.array(steps) * size, step * reach
    expected = robust_z(x, past, min_n=LEAST).at()["value"]
    expected = math.nan if expected is None else expected
    assert pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=True) == WAYS[way](past, x)


def test_a_null_of_the_compiled_z_has_no_method() -> None:
    assert 0 == compiled.robust_z(np.array([0.0, 0.0, 0.0, 1e-10]), 1e300)[1]
    assert (1, 2) == tuple(compiled.robust_z(np.array(past), 1.0)[1] for past in ([0.0, 1.0, 2.0], [0.0, 0.0, 3.0]))


@pytest.mark.parametrize("rows", [1, 400])
def test_momentum_of_ratios_beyond_all_numbers_is_null_with_its_reason(rows: int) -> None:
    """A few rows go through numpy and many through the compiled loops; both say why there is no figure."""
    net = np.tile(np.where(np.arange(60) % 2 == 0, 1e-200, -1e-200), (rows, 1))
    net[:, -1] = 1e200
    _, z, reason = rolling.momentum(net, np.ones_like(net), 1, 2, 25, 1)
    assert np.isnan(z).all() and (reason > 0).all()
