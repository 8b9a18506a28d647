"""Minute bars end at their day exactly, lie on the grid, and do not depend on who else was asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.market import rules
from sugeup.sandbox.intraday_clock import curve, grid
from sugeup.sandbox.intraday_draws import autoregressive, normals
from sugeup.sandbox.intraday_minutes import minutes
from sugeup.sandbox.intraday_prices import tick_sizes
from sugeup.sandbox.views import LEAVES, StockDay

ON = date(2025, 3, 10)
NOTHING = np.zeros(len(LEAVES), dtype=np.int64)


def stock(number: int, seed: int, *, volume: int | None = None) -> StockDay:
    """A stock with a plausible day of its own."""
    numbers = np.random.default_rng([seed, number])
    market = "KOSPI" if number % 3 == 0 else "KOSDAQ"
    walk = np.exp(0.03 * np.cumsum(numbers.standard_normal(30)) / 5) * np.exp(numbers.uniform(6, 12))
    made = [rules.round_to_tick(max(one, 100.0), ON, market) for one in walk]
    shares = int(np.exp(numbers.uniform(0, 16))) if volume is None else volume
    low, high = min(made), max(made)
    if shares < 16:
        low, high = min(made[0], made[-1]), max(made[0], made[-1])
    if shares == 1:
        made, low, high = [made[0]], made[0], made[0]
    paid = int(low * shares + (high - low) * shares * numbers.uniform(0.3, 0.7))
    return StockDay(
        code=f"{number:06d}",
        session=ON,
        market=market,
        cap=10**11,
        size=float(numbers.uniform(-2, 3)),
        raw_open=made[0],
        raw_high=high,
        raw_low=low,
        raw_close=made[-1],
        base_price=made[0],
        volume=shares,
        amount=paid,
        buy_volume=NOTHING,
        sell_volume=NOTHING,
        buy_amount=NOTHING,
        sell_amount=NOTHING,
        program_buy_volume=0,
        program_sell_volume=0,
        program_buy_amount=0,
        program_sell_amount=0,
        sigma=0.03,
        halted=False,
    )


def day_of(rows: pl.DataFrame) -> dict[str, int]:
    return {
        "raw_open": rows["raw_open"][0],
        "raw_high": int(rows["raw_high"].max()),  # type: ignore[arg-type]
        "raw_low": int(rows["raw_low"].min()),  # type: ignore[arg-type]
        "raw_close": rows["raw_close"][-1],
        "volume": int(rows["volume"].sum()),
        "amount": int(rows["amount"].sum()),
    }


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**31))
def test_the_bars_of_a_day_give_back_its_prices_its_volume_and_its_turnover_to_the_won(seed: int) -> None:
    stocks = [stock(number, seed) for number in range(12)]
    rows = minutes(seed, ON, stocks).frame()
    for one in stocks:
        own = rows.filter(pl.col("code") == one.code)
        assert {name: getattr(one, name) for name in day_of(own)} == day_of(own)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**31))
def test_every_price_lies_on_the_grid_and_inside_the_bar_and_the_turnover_between(seed: int) -> None:
    stocks = [stock(number, seed) for number in range(12)]
    rows = minutes(seed, ON, stocks).frame()
    for market in ("KOSPI", "KOSDAQ"):
        codes = [one.code for one in stocks if one.market == market]
        part = rows.filter(pl.col("code").is_in(codes))
        for name in ("raw_open", "raw_high", "raw_low", "raw_close"):
            prices = part[name].to_numpy()
            assert 0 == np.count_nonzero(prices % tick_sizes(prices, ON, market))
    inside = (
        (pl.col("raw_low") <= pl.min_horizontal("raw_open", "raw_close"))
        & (pl.col("raw_high") >= pl.max_horizontal("raw_open", "raw_close"))
        & (pl.col("volume") > 0)
        & (pl.col("amount") >= pl.col("raw_low") * pl.col("volume"))
        & (pl.col("amount") <= pl.col("raw_high") * pl.col("volume"))
    )
    assert 0 == len(rows.filter(~inside))


def test_one_stock_alone_has_the_same_bars_as_among_all() -> None:
    stocks = [stock(number, 5) for number in range(60)]
    whole = minutes(2026, ON, stocks).frame()
    for one in stocks[::7]:
        assert whole.filter(pl.col("code") == one.code).equals(minutes(2026, ON, [one]).frame())
    assert whole.equals(minutes(2026, ON, stocks).frame())
    assert not whole.equals(minutes(2027, ON, stocks).frame())


@pytest.mark.parametrize("volume", [1, 2, 15, 16, 17, 99, 400, 999, 1_000])
def test_a_day_of_few_shares_still_adds_up(volume: int) -> None:
    stocks = [stock(number, 9, volume=volume) for number in range(20)]
    made = minutes(3, ON, stocks)
    assert [volume] * 20 == made.shares.sum(axis=1).tolist()
    assert [one.amount for one in stocks] == made.won.sum(axis=1).tolist()


def test_a_halted_stock_has_no_rows_and_neither_has_an_empty_choice() -> None:
    halted = replace(stock(1, 1), halted=True, volume=0, amount=0, raw_open=None, raw_high=None, raw_low=None)
    assert 0 == len(minutes(1, ON, [halted]).frame())
    assert {"000002"} == set(minutes(1, ON, [halted, stock(2, 1, volume=10_000)]).frame()["code"])
    assert minutes(1, ON, [stock(2, 1)]).frame().schema == minutes(1, ON, []).frame().schema


def test_a_day_at_one_price_has_bars_of_one_price() -> None:
    flat = stock(4, 2, volume=50_000)
    price = flat.raw_close
    flat = replace(flat, raw_open=price, raw_high=price, raw_low=price, amount=price * 50_000)
    rows = minutes(1, ON, [flat]).frame()
    assert {price} == {*rows["raw_open"], *rows["raw_high"], *rows["raw_low"], *rows["raw_close"]}
    assert price * 50_000 == rows["amount"].sum()


def test_a_regular_session_has_381_bars_and_the_auction_is_labelled_half_past_three() -> None:
    minutes_of = grid(ON)
    assert 381 == minutes_of.length
    assert ["00:00", "06:19", "06:30"] == [
        f"{moment:%H:%M}" for moment in minutes_of.at(minutes_of.bars[[0, -2, -1]]).to_list()
    ]
    assert [9 * 60, 15 * 60 + 30, 15 * 60 + 40] == minutes_of.snapshots[[0, -2, -1]].tolist()


@pytest.mark.parametrize(
    ("session", "opened", "length"), [(date(2025, 1, 2), 600, 321), (date(2025, 11, 13), 600, 381)]
)
def test_the_first_session_of_a_year_is_short_and_the_day_of_the_exam_is_shifted(
    session: date, opened: int, length: int
) -> None:
    assert (opened, length) == (grid(session).open, grid(session).length)
    assert 1.0 == pytest.approx(curve("KOSPI", length - 1).sum())


def test_snapshots_lag_by_half_a_minute_and_end_with_everything() -> None:
    minutes_of = grid(ON)
    seen = minutes_of.seen(np.arange(1, 382) * 10)
    assert [0, 5, 15] == seen[:3].tolist()
    assert 3810 == seen[-1]
    assert 3800 == seen[-2]
    assert 0 <= np.diff(seen).min()


def test_draws_of_a_scope_do_not_depend_on_the_others() -> None:
    both = normals(1, "x", ON, ["a", "b"], 3)
    assert both[1].tolist() == normals(1, "x", ON, ["b"], 3)[0].tolist()
    assert both[0].tolist() != normals(1, "y", ON, ["a"], 3)[0].tolist()
    series = autoregressive(normals(1, "x", ON, ["a"], 50_000), 0.8)
    assert 0.8 == pytest.approx(np.corrcoef(series[0, 1:], series[0, :-1])[0, 1], abs=0.02)
