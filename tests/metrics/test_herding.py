"""Herding: exact expectations, exact tests, and nothing found where everybody decides alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sugeup.metrics import herding

STOCKS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=40)


def naive_lsv(stocks: list[tuple[int, int]]) -> list[float]:
    share = sum(b for b, _ in stocks) / sum(b + s for b, s in stocks)
    found = []
    for b, s in stocks:
        n = b + s
        chance = [math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(n + 1)]
        usual = sum(p * abs(k / n - share) for k, p in enumerate(chance))
        found.append(abs(b / n - share) - usual)
    return found


@given(stocks=STOCKS, seed=st.integers(0, 99))
@settings(max_examples=80, deadline=None)
def test_herding_is_the_distance_beyond_chance(stocks: list[tuple[int, int]], seed: int) -> None:
    counted = [(b, s) for b, s in stocks if b + s >= 5]
    buyers, sellers = (np.array(side) for side in zip(*stocks, strict=True))
    cell = herding.herding_lsv(buyers, sellers).at()
    assert len(counted) == cell["n_stocks"]
    if len(counted) < 10:
        assert (None, "INSUFFICIENT_HISTORY", None) == (cell["value"], cell["reason"], cell["p"])
        return
    each = naive_lsv(counted)
    assert pytest.approx(sum(each) / len(each), abs=1e-12) == cell["value"]
    above = [one for one, (b, s) in zip(each, counted, strict=True) if b / (b + s) > cell["p"]]
    assert (pytest.approx(sum(above) / len(above), abs=1e-12) if above else None) == cell["buy_side"]
    order = np.random.default_rng(seed).permutation(len(stocks))
    assert pytest.approx(cell) == herding.herding_lsv(buyers[order], sellers[order]).at()
    turned = herding.herding_lsv(sellers, buyers).at()
    assert pytest.approx(cell["value"], abs=1e-12) == turned["value"]
    assert pytest.approx(cell["buy_side"], abs=1e-12) == turned["sell_side"]


@given(stocks=STOCKS)
@settings(max_examples=80, deadline=None)
def test_the_corrected_measure_and_its_test_agree_with_the_textbook(stocks: list[tuple[int, int]]) -> None:
    counted = [(b, b + s) for b, s in stocks if b + s >= 5]
    buyers, sellers = zip(*stocks, strict=True)
    cell = herding.herding_fhw(buyers, sellers).at()
    if len(counted) < 10:
        assert (None, "INSUFFICIENT_HISTORY") == (cell["value"], cell["reason"])
        return
    p = sum(b for b, _ in counted) / sum(n for _, n in counted)
    if p in (0, 1):
        assert (None, "ZERO_VARIANCE") == (cell["value"], cell["reason"])
        return
    h2 = sum(((b - p * n) ** 2 - n * p * (1 - p)) / (n * (n - 1)) for b, n in counted) / len(counted)
    spread = sum((b - p * n) ** 2 / (n * p * (1 - p)) for b, n in counted)
    assert pytest.approx(h2, abs=1e-12) == cell["h2"]
    assert pytest.approx(math.sqrt(max(h2, 0)), abs=1e-7) == cell["value"]
    assert pytest.approx(stats.chi2.sf(spread, len(counted) - 1), rel=1e-9, abs=1e-12) == cell["overdispersion_p"]


@pytest.mark.parametrize("freedom", [1, 2, 9, 40, 2499])
def test_the_chi_square_tail_is_right_from_one_end_to_the_other(freedom: int) -> None:
    for share in (0.0, 0.01, 0.5, 0.9, 1.0, 1.1, 1.5, 3.0, 8.0):
        expected = stats.chi2.sf(share * freedom, freedom)
        assert pytest.approx(expected, rel=1e-8, abs=1e-13) == herding.chi_square_tail(share * freedom, freedom)


def test_traders_who_decide_alone_show_no_herding() -> None:
    """The corrected measure is near 0 and its test rejects about as often as promised; a herd is seen at once."""
    rng = np.random.default_rng(6)
    n = rng.integers(5, 8, (400, 200))
    alone = rng.binomial(n, 0.55)
    found = herding.herding_fhw(alone, n - alone)
    assert abs(float(found.extra["h2"].mean())) < 0.001
    assert 0.02 < (found.extra["overdispersion_p"] <= 0.05).mean() < 0.09
    leaning = np.clip(0.55 + rng.choice([-0.2, 0.2], n.shape), 0, 1)
    together = rng.binomial(n, leaning)
    herd = herding.herding_fhw(together, n - together)
    assert pytest.approx(0.2, abs=0.01) == float(herd.value.mean())
    assert (herd.extra["overdispersion_p"] < 1e-4).mean() > 0.99
    biased = herding.herding_lsv(together, n - together)
    assert float(biased.value.mean()) < 0.15


@pytest.mark.parametrize(
    ("buyers", "sellers", "reason"),
    [
        ([None] * 12, [3] * 12, "MISSING_INPUT"),
        ([], [], "INSUFFICIENT_HISTORY"),
        ([2] * 30, [2] * 30, "INSUFFICIENT_HISTORY"),
        ([4] * 9 + [None], [4] * 10, "INSUFFICIENT_HISTORY"),
    ],
)
def test_too_few_traders_or_stocks_give_no_herding(buyers: list[Any], sellers: list[Any], reason: str) -> None:
    for measure in (herding.herding_lsv, herding.herding_fhw):
        assert (None, reason) == (measure(buyers, sellers).at()["value"], measure(buyers, sellers).at()["reason"])


def test_a_market_of_buyers_only_is_chance_to_one_measure_and_no_question_to_the_other() -> None:
    assert 0.0 == herding.herding_lsv([6] * 10, [0] * 10).at()["value"]
    assert "ZERO_VARIANCE" == herding.herding_fhw([6] * 10, [0] * 10).at()["reason"]


def matrix(seed: int, gaps: float, stocks: int = 14, traders: int = 6) -> np.ndarray:
    rng = np.random.default_rng(seed)
    trades = rng.integers(0, 2, (stocks, traders)).astype(float)
    trades[rng.random(trades.shape) < gaps] = np.nan
    return trades


@given(seed=st.integers(0, 10**6), gaps=st.floats(0, 0.6))
@settings(max_examples=60, deadline=None)
def test_own_and_others_add_to_the_correlation_of_the_fractions(seed: int, gaps: float) -> None:
    now, before = matrix(seed, gaps), matrix(seed + 1, gaps)
    both = np.isfinite(now).any(axis=1) & np.isfinite(before).any(axis=1)
    cell = herding.herding_sias(now, before).at()
    assert both.sum() == cell["n_stocks"]
    if cell["value"] is None:
        return
    x, y = np.nanmean(now[both], axis=1), np.nanmean(before[both], axis=1)
    assert pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-12) == cell["value"]
    assert pytest.approx(cell["value"], abs=1e-12) == cell["own"] + cell["others"]
    own = sum(
        (now[k, j] - x.mean()) * (before[k, j] - y.mean()) / np.isfinite(now[k]).sum() / np.isfinite(before[k]).sum()
        for k in np.flatnonzero(both)
        for j in range(now.shape[1])
        if np.isfinite(now[k, j]) and np.isfinite(before[k, j])
    )
    assert pytest.approx(own / both.sum() / x.std() / y.std(), abs=1e-12) == cell["own"]
    order = np.random.default_rng(seed).permutation(len(now))
    assert pytest.approx(cell) == herding.herding_sias(now[order], before[order]).at()
    columns = np.random.default_rng(seed).permutation(now.shape[1])
    assert pytest.approx(cell) == herding.herding_sias(now[:, columns], before[:, columns]).at()


def test_a_trader_who_repeats_himself_is_no_herd() -> None:
    """One active trader per stock, who does the same again: all of the correlation is his own."""
    trades = np.full((12, 3), np.nan)
    trades[np.arange(12), np.arange(12) % 3] = np.arange(12) % 2
    cell = herding.herding_sias(trades, trades).at()
    assert (1.0, 1.0, 0.0) == (round(cell["value"], 12), round(cell["own"], 12), round(cell["others"], 12))


@pytest.mark.parametrize(
    ("now", "reason", "n"),
    [
        (np.full((12, 7), np.nan), "MISSING_INPUT", 0),
        (np.ones((9, 7)), "INSUFFICIENT_HISTORY", 9),
        (np.ones((12, 7)), "ZERO_VARIANCE", 12),
    ],
)
def test_followers_that_cannot_be_told_say_why(now: np.ndarray, reason: str, n: int) -> None:
    expected = {"value": None, "reason": reason, "own": None, "others": None, "n_stocks": n}
    assert expected == herding.herding_sias(now, now).at()
