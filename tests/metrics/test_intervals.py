"""The interval of a rank correlation is that of the resamples drawn one by one."""

from __future__ import annotations

import numpy as np
import pytest

from sugeup.metrics import intervals
from sugeup.metrics.samples import cube_root_up


def ranks(values: np.ndarray) -> np.ndarray:
    """Average ranks, by comparing every pair."""
    lesser = (values[None, :] < values[:, None]).sum(axis=1)
    equal = (values[None, :] == values[:, None]).sum(axis=1)
    return np.asarray(lesser + 0.5 * (equal + 1))


def one_by_one(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    n, block = len(x), cube_root_up(len(x))
    starts = np.random.default_rng(intervals.SEED).integers(0, n, size=(intervals.DRAWS, -(-n // block)))
    found = []
    for row in starts:
        places = np.concatenate([(start + np.arange(block)) % n for start in row])[:n]
        first, second = ranks(x[places]), ranks(y[places])
        if np.ptp(first) and np.ptp(second):
            found.append(np.corrcoef(first, second)[0, 1])
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


@pytest.mark.parametrize(("n", "ties"), [(3, False), (20, True), (60, False), (61, True)])
def test_the_interval_is_the_quantiles_of_the_resamples(n: int, ties: bool) -> None:
    draw = np.random.default_rng(n)
    x, y = draw.normal(size=(2, n))
    x, y = (np.round(x), np.round(y)) if ties else (x, y)
    gaps = np.full(5, np.nan)
    found = intervals.spearman(np.concatenate([gaps, x]), np.concatenate([np.zeros(5), y]))
    assert found == pytest.approx(one_by_one(x, y), abs=1e-12)


def test_a_constant_series_and_two_pairs_have_no_interval() -> None:
    assert intervals.spearman(np.ones(10), np.arange(10.0)) is None
    assert intervals.spearman(np.arange(2.0), np.arange(2.0)) is None
