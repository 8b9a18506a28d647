"""Programme trading: boundaries of every label, signs, and what the tape does not say."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.errors import Refused
from sugeup.metrics import program

WON = st.integers(0, 10**13)
SCALES = st.integers(1, 1000)


def fair(futures: float, spot: float = 350.0, **other: Any) -> dict[str, Any]:
    """The basis cell with no interest and no dividends: fair value is the index itself."""
    given = {"rate": 0.0, "days": 10, "dividend_points": 0.0} | other
    return program.basis(futures, spot, **given).at()


def test_only_buying_is_a_hundred_and_only_selling_is_zero() -> None:
    assert [100.0, 0.0] == program.summary([7, 0], [0, 7], 100).value.tolist()


def test_no_programme_trade_is_null_and_not_fifty() -> None:
    cell = program.summary(0, 0, 8000).at()
    expected = {"value": None, "reason": "ZERO_DENOMINATOR", "participation": 0.0, "net_to_turnover": 0.0}
    assert expected == cell


def test_turnover_that_is_missing_or_zero_is_never_invented() -> None:
    outcome = program.summary([300] * 3, [100] * 3, [None, 0, -5])
    assert [75.0] * 3 == outcome.value.tolist()
    cells = [outcome.at(place) for place in range(3)]
    assert ["MISSING_INPUT", "ZERO_DENOMINATOR", "MISSING_INPUT"] == [cell["reason"] for cell in cells]
    assert {None} == {cell[name] for cell in cells for name in ("participation", "net_to_turnover")}
    for buy, sell in ((-1, 3), (3, -1), (None, 3), (3, None)):
        cell = program.summary(buy, sell, 10).at()
        assert {None, "MISSING_INPUT"} == set(cell.values()) and "MISSING_INPUT" == cell["reason"]


def test_participation_counts_both_sides_of_the_market() -> None:
    cell = program.summary(60, 40, 200).at()
    assert (60.0, 25.0, 10.0) == (cell["value"], cell["participation"], cell["net_to_turnover"])


@given(buy=WON, sell=WON, turnover=st.integers(1, 10**14), factor=SCALES)
@settings(max_examples=60, deadline=None)
def test_the_unit_of_money_changes_no_share_and_the_other_side_mirrors_it(
    buy: int, sell: int, turnover: int, factor: int
) -> None:
    one = program.summary(buy, sell, turnover).at()
    many = program.summary(factor * buy, factor * sell, factor * turnover).at()
    other = program.summary(sell, buy, turnover).at()
    for name in ("participation", "net_to_turnover"):
        assert pytest.approx(one[name], rel=1e-9, abs=1e-9) == many[name]
    assert one["value"] is many["value"] is other["value"] is None or buy + sell > 0
    if buy + sell:
        assert pytest.approx(one["value"], rel=1e-9) == many["value"]
        assert pytest.approx(100 - one["value"], abs=1e-9) == other["value"]
    assert pytest.approx(-one["net_to_turnover"], abs=1e-9) == other["net_to_turnover"]


@pytest.mark.parametrize(
    ("futures", "side", "opportunity"),
    [
        (350.0, None, "LOW"),
        (350.25, "BUY_CASH_SELL_FUTURES", "LOW"),
        (349.75, "SELL_CASH_BUY_FUTURES", "LOW"),
        (350.5, "BUY_CASH_SELL_FUTURES", "MODERATE"),
        (349.5, "SELL_CASH_BUY_FUTURES", "MODERATE"),
        (351.0, "BUY_CASH_SELL_FUTURES", "HIGH"),
        (349.0, "SELL_CASH_BUY_FUTURES", "HIGH"),
    ],
)
def test_an_opportunity_is_measured_in_bands_of_the_index(futures: float, side: str | None, opportunity: str) -> None:
    cell = fair(futures)
    assert (side, opportunity) == (cell["side"], cell["opportunity"])
    assert math.isclose(100 * (futures - 350) / 350, cell["deviation_pct"], abs_tol=1e-12)


def test_a_deviation_on_the_edge_of_a_band_belongs_to_the_lower_one() -> None:
    """128 * 2^-7 has no rounding: 1.0 is exactly one band, 2.0 exactly two."""
    edges = [program.basis(128 + away, 128, 0, 0, 0, band_bp=78.125).at()["opportunity"] for away in (1.0, 2.0, 2.5)]
    assert ["LOW", "MODERATE", "HIGH"] == edges


def test_a_future_above_spot_can_still_be_cheap() -> None:
    """The market basis is positive and the deviation negative: interest explains more than the whole distance."""
    cell = fair(351.0, rate=0.05, days=73)
    assert (1.0, "SELL_CASH_BUY_FUTURES") == (cell["value"], cell["side"])
    assert math.isclose(353.5, cell["theoretical"])


def test_without_a_price_there_is_no_basis_at_all() -> None:
    for futures, spot in ((None, 350.0), (350.0, None), (0.0, 350.0), (350.0, 0.0)):
        cell = program.basis(futures, spot, 0.03, 10, 0).at()
        assert {"MISSING_INPUT"} == {part for part in cell.values() if part is not None}
    for cell in (fair(352.0, days=-1), fair(352.0, dividend_points=400.0)):
        assert (2.0, None, "MISSING_INPUT") == (cell["value"], cell["theoretical"], cell["reason"])
    with pytest.raises(Refused, match="band_bp=0"):
        fair(350.0, band_bp=0)


@given(futures=st.floats(100, 900), spot=st.floats(100, 900), rate=st.floats(0, 0.1), days=st.integers(0, 90))
@settings(max_examples=60, deadline=None)
def test_the_deviation_is_the_basis_less_the_cost_of_carry(futures: float, spot: float, rate: float, days: int) -> None:
    cell = fair(futures, spot, rate=rate, days=days)
    assert math.isclose(cell["value"] - spot * rate * days / 365, cell["deviation"], rel_tol=1e-9, abs_tol=1e-9)
    doubled = fair(2 * futures, 2 * spot, rate=rate, days=days)
    assert (cell["side"], cell["opportunity"]) == (doubled["side"], doubled["opportunity"])
    assert math.isclose(cell["deviation_pct"], doubled["deviation_pct"], rel_tol=1e-9, abs_tol=1e-9)


def test_buying_the_stocks_means_selling_the_future() -> None:
    outcome = program.implied_futures_leg([55, 54, 45, 46, 0], [45, 46, 55, 54, 0])
    assert ["SHORT", "FLAT", "LONG", "FLAT", None] == [outcome.at(place)["value"] for place in range(5)]
    assert {"value": None, "reason": "ZERO_DENOMINATOR", "ratio": None} == outcome.at(4)
    for bought, sold in ((-1, 5), (5, -1), (None, 5)):
        assert "MISSING_INPUT" == program.implied_futures_leg(bought, sold).at()["reason"]


@given(buy=WON, sell=WON, factor=SCALES)
@settings(max_examples=60, deadline=None)
def test_the_futures_leg_turns_with_the_stock_leg(buy: int, sell: int, factor: int) -> None:
    mirror = {"SHORT": "LONG", "LONG": "SHORT", "FLAT": "FLAT", None: None}
    cell, other = program.implied_futures_leg(buy, sell).at(), program.implied_futures_leg(sell, buy).at()
    assert mirror[cell["value"]] == other["value"]
    assert cell["value"] == program.implied_futures_leg(factor * buy, factor * sell).at()["value"]


def test_intensity_is_read_against_the_same_minute_of_other_days() -> None:
    past = list(range(100))
    cells = [program.intensity(x, past).at() for x in (84.5, 84, 49.5, 49, -1)]
    assert ["HIGH", "MEDIUM", "MEDIUM", "LOW", "LOW"] == [cell["value"] for cell in cells]
    assert [85.0, 84.5, 50.0, 49.5, 0.0] == [cell["percentile"] for cell in cells]


def test_twenty_sessions_are_needed_for_an_intensity() -> None:
    assert "INSUFFICIENT_HISTORY" == program.intensity(1, [*range(19), None, None]).at()["reason"]
    assert "MISSING_INPUT" == program.intensity(None, range(20)).at()["reason"]
    assert [None, "HIGH"] == [program.intensity([None, 30], range(20)).at(place)["value"] for place in range(2)]


def by_definition(returns: list[float], q: int) -> float:
    n, mean = len(returns), math.fsum(returns) / len(returns)
    sums = [math.fsum(returns[k : k + q]) for k in range(n - q + 1)]
    m = q * (n - q + 1) * (1 - q / n)
    return (math.fsum((s - q * mean) ** 2 for s in sums) / m) / (math.fsum((r - mean) ** 2 for r in returns) / (n - 1))


@given(seed=st.integers(0, 10**6), q=st.integers(2, 9), gaps=st.integers(0, 20))
@settings(max_examples=40, deadline=None)
def test_the_variance_ratio_follows_its_definition_with_gaps_closed_up(seed: int, q: int, gaps: int) -> None:
    rng = np.random.default_rng(seed)
    returns = rng.normal(0, 0.001, 90).round(6)
    returns[rng.permutation(90)[:gaps]] = np.nan
    present = returns[np.isfinite(returns)].tolist()
    cell = program.efficiency(returns, q=q).at()
    ratio = by_definition(present, q)
    assert math.isclose(ratio, cell["variance_ratio"], rel_tol=1e-9)
    assert math.isclose(1 - min(1, abs(ratio - 1)), cell["value"], rel_tol=1e-9, abs_tol=1e-12)
    assert 90 - gaps == cell["n"]
    scaled = program.efficiency(-1000 * returns, q=q).at()
    assert math.isclose(cell["value"], scaled["value"], rel_tol=1e-9, abs_tol=1e-12)


def test_trends_and_reversals_are_both_inefficient() -> None:
    trending = program.efficiency([0.001] * 30 + [-0.001] * 30).at()
    reversing = program.efficiency([0.001, -0.001] * 30).at()
    assert trending["variance_ratio"] > 2 and 0.0 == trending["value"]
    assert reversing["variance_ratio"] < 0.25 and reversing["value"] < 0.25


def test_a_session_without_enough_minutes_has_no_efficiency() -> None:
    reasons = [program.efficiency(returns).at() for returns in ([], [None] * 60, [0.1, -0.1] * 29, [0.1] * 61)]
    assert [0, 0, 58, 61] == [cell["n"] for cell in reasons]
    expected = ["INSUFFICIENT_HISTORY", "MISSING_INPUT", "INSUFFICIENT_HISTORY", "ZERO_VARIANCE"]
    assert expected == [cell["reason"] for cell in reasons]
    assert "INSUFFICIENT_HISTORY" == program.efficiency([0.1, -0.1, 0.2], q=5, min_n=3).at()["reason"]
    with pytest.raises(Refused, match="q=1"):
        program.efficiency([0.1], q=1)


def test_many_sessions_give_the_digits_of_one() -> None:
    days = np.random.default_rng(3).normal(0, 0.001, (2, 3, 80))
    outcome = program.efficiency(days)
    assert (2, 3) == outcome.value.shape == outcome.extra["n"].shape
    assert program.efficiency(days[1, 2]).at() == outcome.at(1, 2)


def rows(*amounts: tuple[str, Any, Any]) -> list[dict[str, Any]]:
    return [{"code": code, "buy": buy, "sell": sell} for code, buy, sell in amounts]


def test_the_largest_stocks_are_those_with_the_most_trading_not_the_largest_net() -> None:
    found = program.top_stocks(rows(("A00001", 90, 0), ("A00002", 60, 50), ("A00003", 0, 0)), top=5).value or ()
    assert [("A00002", 10, 55.0), ("A00001", 90, 45.0), ("A00003", 0, 0.0)] == [tuple(row.values()) for row in found]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=12), st.randoms())
@settings(max_examples=60, deadline=None)
def test_shares_of_all_stocks_add_to_a_hundred_in_any_order_of_rows(pairs: list[tuple[int, int]], chance: Any) -> None:
    market = rows(*((f"{place:06d}", buy, sell) for place, (buy, sell) in enumerate(pairs)))
    answer = program.top_stocks(market, top=99).at()
    shuffled = program.top_stocks(chance.sample(market, len(market)), top=99).at()
    assert answer == shuffled
    if answer["value"]:
        assert math.isclose(100, math.fsum(row["ratio"] for row in answer["value"]))


def test_a_share_of_an_unknown_total_is_unknown() -> None:
    assert "MISSING_INPUT" == program.top_stocks([]).reason
    assert "MISSING_INPUT" == program.top_stocks(rows(("A00001", 1, 1), ("A00002", None, 1))).reason
    assert "ZERO_DENOMINATOR" == program.top_stocks(rows(("A00001", 0, 0))).reason
    assert ({"code": "A00001", "net": 1, "ratio": 100.0},) == program.top_stocks(rows(("A00001", 1, 0))).value
    with pytest.raises(Refused, match="'A00001' occurs twice"):
        program.top_stocks(rows(("A00001", 1, 1), ("A00001", 2, 2)))
    with pytest.raises(Refused, match="top=0"):
        program.top_stocks([], top=0)
