"""What one investor did: each rolling number against a plain re-computation, and every way of having no answer."""

from __future__ import annotations

import math
from statistics import NormalDist, median
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sugeup.errors import Refused
from sugeup.metrics import behavior, investor
from sugeup.metrics.statistics import robust_z
from tests.metrics import closed_form

PANEL = closed_form.panel(2, 180, seed=21, gaps=0.03)
NET, TURNOVER, RET = PANEL["net"], PANEL["turnover"], PANEL["ret"]
CELLS = [(stock, session) for stock in range(2) for session in range(180)]
HUNDRED = [100.0] * 100


def scaled(net: np.ndarray, turnover: np.ndarray, window: int) -> float | None:
    """Window ratio by its definition; None with a gap or a session without turnover."""
    if len(net) < window or window < 1:
        return None
    last = list(zip(net[-window:], turnover[-window:], strict=True))
    if any(math.isnan(n) or math.isnan(t) or t == 0 for n, t in last):
        return None
    return sum(n for n, _ in last) / sum(t for _, t in last)


def rank(x: float, past: list[float]) -> float:
    return 100 * (sum(p < x for p in past) + 0.5 * sum(p == x for p in past)) / len(past)


def agrees(expected: float | None, got: float | None) -> bool:
    return (
        expected == got if expected is None or got is None else math.isclose(expected, got, rel_tol=1e-9, abs_tol=1e-12)
    )


@pytest.mark.parametrize("size_only", [False, True])
def test_a_window_is_ranked_among_earlier_windows_that_share_no_session(size_only: bool) -> None:
    """A reference that contains today makes every day look ordinary."""
    if size_only:
        outcome = investor.intensity(NET, TURNOVER, window=3, ref=50, min_ref=20)
    else:
        outcome = investor.trend(NET, TURNOVER, window=3, ref=50, min_ref=20)
    for stock, session in CELLS:
        ratios = [scaled(NET[stock, : t + 1], TURNOVER[stock, : t + 1], 3) for t in range(session + 1)]
        past = [r for r in ratios[:-3][-50:] if r is not None]
        now, cell = ratios[-1], outcome.at(stock, session)
        if now is None or len(past) < 20:
            assert cell["value"] is None
        elif size_only:
            assert agrees(1 + 9 * rank(abs(now), [abs(p) for p in past]) / 100, cell["value"])
        else:
            percentile = rank(now, past)
            buying, selling = now > 0 and percentile >= 70, now < 0 and percentile <= 30
            label = "ACCUMULATING" if buying else "DISTRIBUTING" if selling else "NEUTRAL"
            assert label == cell["value"]
            assert agrees(now, cell["ratio"]) and agrees(percentile, cell["percentile"])


def test_shrinking_selling_is_never_called_accumulation() -> None:
    flow = [-5.0] * 95 + [-1.0] * 5
    assert {"value": "NEUTRAL", "ratio": -0.01, "percentile": 100.0} == investor.trend(flow, HUNDRED).at(-1)


def test_correlation_and_impact_use_the_complete_sessions_of_the_window() -> None:
    correlation = investor.price_correlation(NET, TURNOVER, RET, window=40)
    slope = investor.kyle_lambda(NET, TURNOVER, RET, window=40)
    for stock, session in CELLS[::7]:
        span = slice(max(0, session - 39), session + 1)
        flow, traded, move = NET[stock, span], TURNOVER[stock, span], RET[stock, span]
        known = np.isfinite(flow) & (traded > 0) & np.isfinite(move)
        x, y = flow[known] / traded[known], move[known]
        assert known.sum() == correlation.at(stock, session)["n"] == slope.at(stock, session)["n"]
        if known.sum() < 20:
            assert correlation.at(stock, session)["value"] is slope.at(stock, session)["value"] is None
            continue
        assert agrees(float(stats.spearmanr(x, y).statistic), correlation.at(stock, session)["value"])
        line = stats.linregress(x, y)
        assert agrees(float(line.slope), slope.at(stock, session)["value"])
        assert agrees(float(line.slope) / hac_error(x, y, float(line.slope)), slope.at(stock, session)["t"])


def hac_error(x: np.ndarray, y: np.ndarray, slope: float, lag: int = 5) -> float:
    """Newey-West standard error of the slope, written out with the full sandwich of a two-column regression."""
    design = np.column_stack([np.ones_like(x), x])
    residual = y - y.mean() - slope * (x - x.mean())
    scores = design * residual[:, None]
    middle = scores.T @ scores
    for step in range(1, lag + 1):
        cross = scores[step:].T @ scores[:-step]
        middle += (1 - step / (lag + 1)) * (cross + cross.T)
    bread = np.linalg.inv(design.T @ design)
    return float(np.sqrt((bread @ middle @ bread)[1, 1]))


def test_momentum_is_the_robust_z_of_the_spread_against_its_own_past() -> None:
    net, turnover, _ = closed_form.panel(2, 180, seed=4, gaps=0.005).values()
    outcome = investor.momentum_score(net, turnover)
    tested = 0
    for stock in range(2):
        x = [scaled(net[stock, : t + 1], turnover[stock, : t + 1], 1) for t in range(180)]
        spread = [
            None if t < 19 or None in x[t - 19 : t + 1] else np.mean(x[t - 4 : t + 1]) - np.mean(x[t - 19 : t + 1])
            for t in range(180)
        ]
        for t in range(180):
            past = [s for s in spread[max(0, t - 60) : t] if s is not None]
            cell = outcome.at(stock, t)
            if spread[t] is None or len(past) < 20:
                assert cell["value"] is None
                continue
            tested += 1
            middle = median(past)
            z = (spread[t] - middle) / (1.4826 * median(abs(p - middle) for p in past))
            assert agrees(z, cell["z"]) and agrees(10 * NormalDist().cdf(z), cell["value"])
            assert agrees(robust_z(spread[t], past).at()["value"], cell["z"])
    assert tested > 50


def test_illiquidity_consistency_and_change_follow_their_definitions() -> None:
    amihud = investor.amihud(RET, TURNOVER)
    consistency = behavior.consistency(NET, min_n=15)
    change = investor.change_vs(NET, period=4, lag=6)
    for stock, session in CELLS:
        pairs = list(zip(RET[stock, : session + 1], TURNOVER[stock, : session + 1], strict=True))[-20:]
        illiquid = [abs(r) / t * 1e9 for r, t in pairs if not math.isnan(r) and t > 0]
        expected = sum(illiquid) / len(illiquid) if len(illiquid) >= 10 else None
        assert agrees(expected, amihud.at(stock, session)["value"])
        flow = [n for n in NET[stock, : session + 1][-20:] if not math.isnan(n)]
        expected = abs(sum(flow)) / sum(map(abs, flow)) if len(flow) >= 15 else None
        assert agrees(expected, consistency.at(stock, session)["value"])
        now, before = NET[stock, session - 3 : session + 1].sum(), NET[stock, session - 9 : session - 5].sum()
        expected = now - before if session >= 9 and not math.isnan(now - before) else None
        assert expected == change.at(stock, session)["value"]


GAP = float("nan")


@pytest.mark.parametrize(
    ("reason", "net", "turnover"),
    [
        ("MISSING_INPUT", [*HUNDRED[1:], GAP], HUNDRED),
        ("MISSING_INPUT", HUNDRED, [*HUNDRED[1:], GAP]),
        ("MISSING_INPUT", [*HUNDRED[3:], GAP, 1, 1], HUNDRED),
        ("MISSING_INPUT", HUNDRED, [*HUNDRED[1:], -1]),
        ("HALTED", [*HUNDRED[1:], GAP], [*HUNDRED[1:], 0]),
        ("ZERO_DENOMINATOR", HUNDRED, [*HUNDRED[1:], 0]),
        ("ZERO_DENOMINATOR", HUNDRED, [*HUNDRED[3:], 0, 1, 1]),
        ("INSUFFICIENT_HISTORY", HUNDRED[:4], HUNDRED[:4]),
        ("INSUFFICIENT_HISTORY", HUNDRED[:30], HUNDRED[:30]),
        ("INSUFFICIENT_HISTORY", [], []),
    ],
)
def test_a_window_without_an_answer_says_why(reason: str, net: list[float], turnover: list[float]) -> None:
    """Half a window is not an answer, and "no trading today" is not the same as "we did not collect it"."""
    for outcome in (
        investor.trend(net, turnover),
        investor.intensity(net, turnover, window=5),
        investor.momentum_score(net, turnover),
    ):
        assert (None, reason) == (outcome.at(-1)["value"], outcome.at(-1)["reason"])


def test_a_ratio_without_enough_history_is_still_shown() -> None:
    short = investor.trend(HUNDRED[:30], HUNDRED[:30]).at(-1)
    assert {"value": None, "reason": "INSUFFICIENT_HISTORY", "ratio": 1.0, "percentile": None} == short


def test_a_gap_between_two_compared_periods_does_not_matter() -> None:
    assert {"value": 4.0} == investor.change_vs([1, GAP, 5], period=1, lag=2).at(-1)
    assert "MISSING_INPUT" == investor.change_vs([GAP, 1, 5], period=1, lag=2).at(-1)["reason"]


def test_whole_won_stay_whole() -> None:
    exact = investor.change_vs([9_007_199_254_740_990, 1], period=1, lag=1).at(-1)["value"]
    assert -9_007_199_254_740_989 == exact


@pytest.mark.parametrize(
    ("net", "turnover", "ret", "reason"),
    [
        ([GAP] * 30, HUNDRED[:30], range(30), "MISSING_INPUT"),
        (range(30), [0] * 30, range(30), "MISSING_INPUT"),
        (range(30), HUNDRED[:30], [GAP] * 30, "MISSING_INPUT"),
        (range(19), HUNDRED[:19], range(19), "INSUFFICIENT_HISTORY"),
        ([5] * 30, HUNDRED[:30], range(30), "ZERO_VARIANCE"),
        ([], [], [], "INSUFFICIENT_HISTORY"),
    ],
)
def test_pairs_without_an_answer_say_why(net: Any, turnover: Any, ret: Any, reason: str) -> None:
    for function in (investor.price_correlation, investor.kyle_lambda):
        assert reason == function(net, turnover, ret).at(-1)["reason"]


def test_a_share_of_turnover_that_only_differs_by_rounding_is_constant() -> None:
    traded = [float(7 + 3 * i) for i in range(30)]
    outcome = investor.kyle_lambda([0.1 * t for t in traded], traded, closed_form.ret(30))
    assert "ZERO_VARIANCE" == outcome.at(-1)["reason"]


def test_consistency_without_an_answer_says_why() -> None:
    assert "MISSING_INPUT" == behavior.consistency([GAP] * 30).at(-1)["reason"]
    assert "INSUFFICIENT_HISTORY" == behavior.consistency([1.0] * 19).at(-1)["reason"]
    assert "ZERO_DENOMINATOR" == behavior.consistency([0.0] * 20).at(-1)["reason"]
    balanced = behavior.consistency([1.0, -1.0] * 10).at(-1)
    assert (0.0, 0) == (balanced["value"], balanced["direction"])


def test_a_market_has_no_average_price() -> None:
    assert "OUT_OF_SCOPE" == investor.avg_price(5, 1, "MARKET").at()["reason"]
    with pytest.raises(Refused, match="STOCK, MARKET"):
        investor.avg_price(5, 1, "SECTOR")


def test_negative_amounts_are_not_believed() -> None:
    assert "MISSING_INPUT" == investor.net_ratio(-1, 5).at()["reason"]
    assert "MISSING_INPUT" == investor.participation(1, 5, -10).at()["reason"]
    assert "ZERO_DENOMINATOR" == investor.participation(0, 0, 0).at()["reason"]


def test_unusable_parameters_are_refused() -> None:
    for wrong in (
        lambda: investor.trend(HUNDRED, HUNDRED, window=0),
        lambda: investor.trend(HUNDRED, HUNDRED, hi=101),
        lambda: investor.momentum_score(HUNDRED, HUNDRED, fast=30),
        lambda: investor.change_vs(HUNDRED, lag=0),
        lambda: investor.amihud(HUNDRED, HUNDRED, scale=0),
    ):
        with pytest.raises(Refused):
            wrong()


@given(st.lists(st.tuples(*[st.integers(0, 10**15)] * 2), min_size=1, max_size=12))
@settings(max_examples=50, deadline=None)
def test_the_shares_of_all_groups_add_to_one_hundred(groups: list[tuple[int, int]]) -> None:
    """Groups buy and sell the same total; one more seller or buyer closes the market."""
    bought, sold = sum(b for b, _ in groups), sum(s for _, s in groups)
    groups = [*groups, (max(sold - bought, 0), max(bought - sold, 0))]
    turnover = max(bought, sold)
    shares = [investor.participation(b, s, turnover).at()["value"] for b, s in groups]
    assert shares == [None] * len(groups) if turnover == 0 else math.isclose(100, sum(shares), rel_tol=1e-9)


@given(seed=st.integers(0, 10**6), factor=st.sampled_from([2, 7, 1000]))
@settings(max_examples=15, deadline=None)
def test_the_unit_of_money_does_not_matter(seed: int, factor: int) -> None:
    market = closed_form.panel(1, 130, seed)
    net, turnover, ret = market.values()
    for function in (investor.trend, investor.intensity, investor.momentum_score):
        left, right = function(net, turnover), function(net * factor, turnover * factor)
        assert np.allclose(left.value, right.value, rtol=1e-9, equal_nan=True)
    left, right = investor.amihud(ret, turnover), investor.amihud(ret, turnover * factor)
    assert np.allclose(left.value, right.value * factor, rtol=1e-9, equal_nan=True)


@given(buy=st.integers(0, 10**16), sell=st.integers(0, 10**16))
@settings(max_examples=50, deadline=None)
def test_the_net_ratio_stays_between_its_ends(buy: int, sell: int) -> None:
    value = investor.net_ratio(buy, sell).at()["value"]
    assert value is None if buy + sell == 0 else -100 <= value <= 100
