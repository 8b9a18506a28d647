"""A few rows are worked on in numpy and a market in compiled loops: nobody can tell from the figures."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sugeup.errors import Refused
from sugeup.metrics import behavior, investor, rolling
from sugeup.metrics.kernels import rolling as compiled
from sugeup.metrics.outcome import Outcome

MEASURES: dict[str, tuple[Any, ...]] = {
    "ratio_percentile": ("net", "turnover", ((5, 40, 10, False), (1, 30, 1, True), (20, 7, 3, True))),
    "momentum": ("net", "turnover", ((5, 20, 60), (1, 1, 25), (3, 3, 21), (2, 4, 10))),
    "spearman": ("net", "turnover", "ret", ((60, 20), (5, 2), (2, 2))),
    "impact": ("net", "turnover", "ret", ((60, 20, 5), (7, 3, 0), (10, 3, 12))),
    "illiquidity": ("ret", "turnover", ((20, 10, 1e9), (1, 1, 1.0))),
    "one_way": ("net", ((20, 20), (5, 1), (1, 1))),
    "change": ("net", ((1, 1), (5, 20), (60, 1))),
}


def panel(seed: int, rows: int, sessions: int, null: float, idle: float, levels: int) -> dict[str, np.ndarray]:
    """Figures with missing ones, sessions without trading and, with few `levels`, many ties and constant stretches."""
    draw = np.random.default_rng(seed)
    shape = (rows, sessions)
    figures = {
        "net": np.round(draw.normal(size=shape) * levels) * (1e8 if seed % 2 else 0.1),
        "turnover": np.round(draw.exponential(size=shape) * levels) * (1e9 if seed % 2 else 0.7),
        "ret": np.round(draw.normal(size=shape) * levels) / 100.0,
    }
    figures["turnover"][draw.random(shape) < idle] = 0.0
    for array in figures.values():
        array[draw.random(shape) < null] = np.nan
    return figures


@pytest.mark.parametrize("name", MEASURES)
@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(1, 4),
    sessions=st.integers(1, 140),
    null=st.sampled_from([0.0, 0.02, 0.3, 1.0]),
    idle=st.sampled_from([0.0, 0.05]),
    levels=st.sampled_from([1, 3, 10**6]),
)
def test_a_few_rows_have_the_digits_of_the_compiled_loops(name: str, **shape: Any) -> None:
    figures = panel(**shape)
    *inputs, parameters = MEASURES[name]
    arrays = [figures[one] for one in inputs]
    for chosen in parameters:
        expected = getattr(compiled, name)(*arrays, *chosen)
        found = getattr(rolling, name)(*arrays, *chosen)
        for one, other in zip(expected, found, strict=True):
            assert one.dtype == other.dtype
            if name == "momentum":  # the tail of the normal distribution comes from two libraries
                assert_allclose(other, one, rtol=1e-12, atol=0)
            else:
                assert_array_equal(other, one)


@pytest.mark.parametrize("cells", [0, rolling.CELLS], ids=["compiled", "numpy"])
@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize(("rows", "sessions"), [(1, 0), (1, 1), (2, 15), (3, 130)])
def test_the_last_sessions_alone_are_the_end_of_the_whole(
    name: str, cells: int, rows: int, sessions: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rolling, "CELLS", cells)
    *inputs, parameters = MEASURES[name]
    figures = panel(7, rows, sessions, 0.05, 0.05, 20)
    for chosen in parameters:
        whole = getattr(rolling, name)(*(figures[one] for one in inputs), *chosen)
        for last in (1, 2, 40, 200):
            end = getattr(rolling, name)(*(figures[one] for one in inputs), *chosen, last=last)
            for one, other in zip(whole, end, strict=True):
                assert_array_equal(other, one[:, max(0, sessions - last) :])


NEWEST: dict[str, Callable[..., Outcome]] = {
    "inv.trend": lambda p, **how: investor.trend(p["net"], p["turnover"], ref=40, min_ref=10, **how),
    "inv.intensity": lambda p, **how: investor.intensity(p["net"], p["turnover"], ref=40, min_ref=10, **how),
    "inv.momentum_score": lambda p, **how: investor.momentum_score(p["net"], p["turnover"], **how),
    "inv.price_correlation": lambda p, **how: investor.price_correlation(p["net"], p["turnover"], p["ret"], **how),
    "inv.change_vs": lambda p, **how: investor.change_vs(p["net"], period=5, lag=5, **how),
    "inv.kyle_lambda": lambda p, **how: investor.kyle_lambda(p["net"], p["turnover"], p["ret"], **how),
    "inv.amihud": lambda p, **how: investor.amihud(p["ret"], p["turnover"], **how),
    "beh.consistency": lambda p, **how: behavior.consistency(p["net"], min_n=15, **how),
}


@pytest.mark.parametrize("id", NEWEST)
def test_the_newest_session_may_be_asked_for_alone(id: str) -> None:
    figures = panel(3, 3, 130, 0.01, 0.01, 1000)
    whole, newest = NEWEST[id](figures), NEWEST[id](figures, last=1)
    assert (3, 1) == newest.value.shape == newest.reason.shape
    assert [whole.at(row, -1) for row in range(3)] == [newest.at(row, -1) for row in range(3)]
    with pytest.raises(Refused, match="last=0"):
        NEWEST[id](figures, last=0)


def test_a_few_rows_need_no_compiler() -> None:
    """The first answer of a process about one stock does not wait for numba."""
    code = "import sys; from sugeup.metrics.investor import amihud, trend; trend([1] * 300, [2] * 300)"
    code += "; amihud([1] * 9, [2] * 9); print('numba' in sys.modules)"
    assert "False\n" == subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_the_constants_are_the_same_in_both() -> None:
    for name in ("MIN_Z", "MAD_TO_SD", "MEAN_AD_TO_SD", "ROUNDING"):
        assert getattr(compiled, name) == getattr(rolling, name)
