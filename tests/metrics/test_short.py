"""Short selling: every type at its boundary, the rule of the date, days to cover."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.errors import Refused
from sugeup.market import overheating
from sugeup.metrics import short

CALM = {
    "ret_pct": 0.0, "short_ratio": 0.0, "quarter_ratio": 4.8, "multiple": 0.0, "avg40_ratio": 0.0,
    "days_traded_40": 40, "banned_today": False,
}  # fmt: skip
FIGURES = tuple(CALM)


def verdict(market: str = "KOSPI", rule: overheating.Rule | None = None, **figures: Any) -> str | None:
    answer: str | None = short.overheat(market, **CALM | figures, rule=rule).at()["value"]
    return answer


@pytest.mark.parametrize(
    ("market", "ret", "share", "multiple", "mean", "expected"),
    [
        ("KOSPI", -5.0, 15.0, 6.0, 0, "TYPE1"),
        ("KOSPI", -4.99, 15.0, 6.0, 0, "NONE"),
        ("KOSPI", -5.0, 14.99, 6.0, 0, "NONE"),
        ("KOSPI", -5.0, 15.0, 5.99, 0, "NONE"),
        ("KOSPI", -9.99, 15.0, 6.0, 0, "TYPE1"),
        ("KOSPI", -10.0, 0.0, 6.0, 0, "TYPE2"),
        ("KOSPI", -10.0, 15.0, 6.0, 0, "TYPE2"),
        ("KOSPI", -30.0, 0.0, 5.99, 0, "NONE"),
        ("KOSPI", 9.0, 0.0, 9.0, 20.0, "NONE"),
        ("KOSPI", -3.0, 30.0, 2.0, 0, "TYPE4"),
        ("KOSPI", -2.99, 30.0, 2.0, 0, "NONE"),
        ("KOSPI", -3.0, 29.99, 2.0, 0, "NONE"),
        ("KOSPI", -3.0, 30.0, 1.99, 0, "NONE"),
        ("KOSPI", -5.0, 30.0, 6.0, 0, "TYPE1"),
        ("KOSPI", -12.0, 30.0, 3.0, 0, "TYPE4"),
        ("KOSDAQ", -5.0, 15.0, 5.0, 0, "TYPE1"),
        ("KOSDAQ", -10.0, 0.0, 5.0, 9.0, "TYPE2"),
        ("KOSDAQ", 9.0, 0.0, 5.0, 5.0, "TYPE3"),
        ("KOSDAQ", 9.0, 0.0, 5.0, 4.99, "NONE"),
        ("KOSDAQ", 9.0, 0.0, 4.99, 5.0, "NONE"),
        ("KOSDAQ", -3.0, 30.0, 5.0, 5.0, "TYPE3"),
        ("KOSDAQ", -3.0, 30.0, 4.99, 5.0, "TYPE4"),
        ("KONEX", -5.0, 15.0, 5.0, 9.0, "TYPE1"),
        ("KONEX", 9.0, 0.0, 5.0, 9.0, "NONE"),
        ("KONEX", -3.0, 30.0, 2.0, 9.0, "TYPE4"),
    ],
)
def test_each_type_begins_where_the_exchange_says(
    market: str, ret: float, share: float, multiple: float, mean: float, expected: str
) -> None:
    figures = {"ret_pct": ret, "short_ratio": share, "multiple": multiple, "avg40_ratio": mean}
    assert expected == verdict(market, **figures)


@pytest.mark.parametrize(
    ("quarter", "expected"),
    [(7.1, 20), (6.3, 18), (6.0, 18), (4.8, 15), (4.5, 15), (4.49, 12), (2.5, 9), (0.4, 0)],
)
def test_the_threshold_is_three_times_the_rounded_share_of_the_quarter(quarter: float, expected: float) -> None:
    """Shares of the four quarters of 2017 and the floors that the exchange announced for them; halves round up."""
    assert expected == short.overheat("KOSPI", **CALM | {"quarter_ratio": quarter}).at()["threshold"]
    assert min(expected, 10) == short.overheat("KOSPI", **CALM | {"quarter_ratio": quarter}, cap=10).at()["threshold"]


def test_a_fall_on_a_banned_day_prolongs_the_ban() -> None:
    assert "EXTENDED" == verdict(banned_today=True, ret_pct=-5.0)
    assert "NONE" == verdict(banned_today=True, ret_pct=-4.99)
    assert "NONE" == verdict(banned_today=False, ret_pct=-5.0)
    assert "EXTENDED" == verdict(banned_today=1, ret_pct=-12.0, multiple=9.0)
    assert "TYPE3" == verdict("KOSDAQ", banned_today=True, ret_pct=3.0, multiple=9.0, avg40_ratio=9.0)


def test_a_stock_that_hardly_traded_is_not_judged() -> None:
    """Half of the forty sessions must have seen trade; a suspended stock is treated like a new one."""
    expected = {"value": None, "reason": "NEW_LISTING", "threshold": None}
    assert expected == short.overheat("KOSPI", **CALM | {"days_traded_40": 19}).at()
    assert "NONE" == verdict(days_traded_40=20)


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("market", overheating.MARKETS)
def test_a_missing_figure_never_reads_as_calm(market: str, name: str) -> None:
    cell = short.overheat(market, **CALM | {name: None}).at()
    if name == "avg40_ratio" and market != "KOSDAQ":
        assert "NONE" == cell["value"]
    else:
        assert (None, "MISSING_INPUT") == (cell["value"], cell["reason"])


def test_the_rule_of_the_date_decides() -> None:
    april, crash = overheating.on(date(2025, 4, 1)), overheating.on(date(2020, 3, 11))
    heavy = {"ret_pct": -3.0, "short_ratio": 20.0, "multiple": 2.0}
    assert ["NONE", "TYPE4", "NONE"] == [verdict(rule=rule, **heavy) for rule in (None, april, crash)]
    fall = {"ret_pct": -20.0, "multiple": 2.0, "banned_today": True}
    assert ["EXTENDED", "TYPE2"] == [verdict(rule=rule, **fall) for rule in (april, crash)]
    assert "TYPE2" == verdict("KOSDAQ", crash, ret_pct=-20.0, multiple=1.5)


def test_the_seed_rule_of_twenty_percent_is_not_the_exchange_rule() -> None:
    assert "NONE" == verdict(ret_pct=-2.0, short_ratio=22.0, multiple=7.0)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_a_market_gives_each_stock_its_own_verdict(seed: int) -> None:
    rng = np.random.default_rng(seed)
    listed = rng.choice(overheating.MARKETS, 60)
    figures = {
        "ret_pct": rng.choice([-12.0, -10, -7, -5, -4, -3, 1], 60),
        "short_ratio": rng.choice([1.0, 15, 30], 60),
        "quarter_ratio": rng.choice([4.8, 6.7], 60),
        "multiple": rng.choice([1.0, 2, 5, 6], 60),
        "avg40_ratio": rng.choice([1.0, 5, np.nan], 60),
        "days_traded_40": rng.choice([40.0, 12, np.nan], 60, p=[0.8, 0.1, 0.1]),
        "banned_today": rng.choice([0.0, 1], 60),
    }
    outcome = short.overheat(listed, **figures)
    for place in range(60):
        alone = short.overheat(str(listed[place]), **{name: part[place] for name, part in figures.items()})
        assert alone.at() == outcome.at(place)
    assert ((outcome.reason > 0) == np.isnan(outcome.value)).all()


def test_markets_that_cannot_be_read_are_refused() -> None:
    with pytest.raises(Refused, match="market='NASDAQ' is not allowed; allowed: KOSPI, KOSDAQ, KONEX"):
        verdict("NASDAQ")
    with pytest.raises(Refused, match="shapes do not fit together: market"):
        short.overheat(["KOSPI", "KOSDAQ"], **CALM | {"ret_pct": [1.0, 2.0, 3.0]})
    with pytest.raises(Refused, match="cap=101"):
        short.overheat("KOSPI", **CALM, cap=101)
    assert 15.0 == short.overheat("KOSPI", **CALM, cap=100).at()["threshold"]
    assert "MISSING_INPUT" == short.overheat(np.array([None, "KOSPI"], dtype=object), **CALM).at(0)["reason"]


VOLUMES = st.lists(st.none() | st.integers(0, 10**9), min_size=1, max_size=30)


@given(balance=st.integers(0, 10**9), volume=VOLUMES, factor=st.integers(1, 50))
@settings(max_examples=80, deadline=None)
def test_days_to_cover_is_the_balance_in_average_traded_sessions(
    balance: int, volume: list[int | None], factor: int
) -> None:
    traded = [shares for shares in volume[-20:] if shares]
    cell = short.days_to_cover(balance, volume).at()
    if len(traded) < 10:
        assert None is cell["value"]
    else:
        assert math.isclose(balance * len(traded) / sum(traded), cell["value"], rel_tol=1e-12)
        split = [None if shares is None else factor * shares for shares in volume]
        assert math.isclose(cell["value"], short.days_to_cover(factor * balance, split).at()["value"], rel_tol=1e-12)


@pytest.mark.parametrize(
    ("balance", "volume", "reason"),
    [
        (None, [100] * 20, "NOT_PUBLISHED_YET"),
        (None, [None] * 20, "NOT_PUBLISHED_YET"),
        (5, [None] * 20, "MISSING_INPUT"),
        (-5, [100] * 20, "MISSING_INPUT"),
        (5, [100] * 9, "INSUFFICIENT_HISTORY"),
        (5, [], "INSUFFICIENT_HISTORY"),
        (5, [0] * 20, "ZERO_DENOMINATOR"),
        (5, [0] * 11 + [100] * 9, "INSUFFICIENT_HISTORY"),
        (5, [0] * 19 + [100], "INSUFFICIENT_HISTORY"),
        (5, [None] * 19 + [100], "INSUFFICIENT_HISTORY"),
    ],
)
def test_a_balance_that_cannot_be_covered_in_days_says_why(balance: Any, volume: list[Any], reason: str) -> None:
    assert {"value": None, "reason": reason} == short.days_to_cover(balance, volume).at()


def test_halted_sessions_do_not_slow_the_cover() -> None:
    """A session without trade is skipped: it says nothing about how fast the stock trades."""
    assert 5.0 == short.days_to_cover(500, [100] * 10 + [0] * 5 + [None] * 5).at()["value"]
    assert 0.0 == short.days_to_cover(0, [100] * 20).at()["value"]
    assert 50.0 == short.days_to_cover(500, [10**6] * 5 + [10] * 20).at()["value"]


def test_a_whole_market_is_covered_at_once() -> None:
    outcome = short.days_to_cover([100, 200, None], np.full((3, 20), 50.0))
    assert [2.0, 4.0, None] == [outcome.at(stock)["value"] for stock in range(3)]


def test_a_missing_share_is_missing_even_where_it_is_handed_in_twice() -> None:
    share = np.array([np.nan, 40.0])
    found = short.overheat("KOSPI", -3.5, share, 4.8, np.array([3.0, 3.0]), share, 40, banned_today=False)
    assert [{"value": None, "reason": "MISSING_INPUT"}, {"value": "TYPE4"}] == [
        {name: told for name, told in found.at(at).items() if name != "threshold"} for at in range(2)
    ]
