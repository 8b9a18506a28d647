"""Trades add to their minute, stay inside its prices, and come in the order of time."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from sugeup import records
from sugeup.sandbox.intraday_minutes import minutes
from sugeup.sandbox.intraday_prices import tick_sizes
from sugeup.sandbox.intraday_ticks import executions
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.plan import Plan


@pytest.fixture(scope="module")
def market() -> SimulatedMarket:
    return SimulatedMarket(Plan(seed=3, stocks=120, sessions=8))


@pytest.fixture(scope="module")
def on(market: SimulatedMarket) -> date:
    return market.sessions[5]


@pytest.fixture(scope="module")
def codes(market: SimulatedMarket, on: date) -> list[str]:
    days = market.rows("daily_bars", on, on).filter(pl.col("volume") > 0).sort("volume")["code"]
    return [days[0], days[2], days[len(days) // 2], days[len(days) - 20]]


@pytest.fixture(scope="module")
def ticks(market: SimulatedMarket, on: date, codes: list[str]) -> pl.DataFrame:
    return market.rows("ticks", on, on, codes)


def test_trades_have_the_columns_of_the_record_and_count_up_in_time(ticks: pl.DataFrame) -> None:
    record = records.dataset("ticks")
    assert {column.name: record.frame_schema[column.name] for column in record.columns} == dict(ticks.schema)
    for _, part in ticks.group_by("code"):
        assert list(range(1, len(part) + 1)) == part["seq"].to_list()
        assert part["at"].is_sorted()


def test_trades_of_a_minute_add_to_its_volume_and_reach_its_four_prices(
    market: SimulatedMarket, on: date, codes: list[str], ticks: pl.DataFrame
) -> None:
    bars = market.rows("minute_bars", on, on, codes)
    made = (
        ticks.group_by("code", pl.col("at").dt.truncate("1m"), maintain_order=True)
        .agg(
            pl.col("volume").sum(),
            pl.col("price").first().alias("raw_open"),
            pl.col("price").max().alias("raw_high"),
            pl.col("price").min().alias("raw_low"),
            pl.col("price").last().alias("raw_close"),
            pl.len().alias("trades"),
        )
        .sort("code", "at")
    )
    assert bars["volume"].to_list() == made["volume"].to_list()
    both = bars.join(made, on=["code", "at"]).filter(pl.col("volume") > 3)
    assert 100 < len(both)
    for name in ("raw_open", "raw_high", "raw_low", "raw_close"):
        assert both[name].to_list() == both[f"{name}_right"].to_list()
    every = bars.join(made, on=["code", "at"])
    assert 0 == len(every.filter(pl.col("raw_high_right") > pl.col("raw_high")))
    assert 0 == len(every.filter(pl.col("raw_low_right") < pl.col("raw_low")))


def test_prices_lie_on_the_grid_and_sides_are_known_but_for_auctions(
    market: SimulatedMarket, on: date, codes: list[str], ticks: pl.DataFrame
) -> None:
    for code in codes:
        part = ticks.filter(pl.col("code") == code)
        prices = part["price"].to_numpy()
        assert 0 == np.count_nonzero(prices % tick_sizes(prices, on, market.stock_day(code, on).market))
    assert {1, -1, None} >= set(ticks["side"])
    assert 2 * len(codes) >= ticks["side"].null_count()
    assert 0 < ticks["volume"].min()  # type: ignore[operator]


def test_the_same_trades_come_again(market: SimulatedMarket, on: date, codes: list[str], ticks: pl.DataFrame) -> None:
    again = SimulatedMarket(market.plan).rows("ticks", on, on, codes[::-1])
    assert ticks.sort("code", "seq").equals(again.sort("code", "seq"))


def test_executions_without_moments_are_the_same_trades(
    market: SimulatedMarket, on: date, codes: list[str], ticks: pl.DataFrame
) -> None:
    for code in codes:
        made = minutes(market.plan.seed, on, [market.stock_day(code, on)])
        size, side, price = executions(market.plan.seed, made, 0)
        rows = ticks.filter(pl.col("code") == code).sort("seq")
        assert rows["volume"].to_list() == size.tolist()
        assert rows["price"].to_list() == price.tolist()
        assert rows["side"].fill_null(0).to_list() == side.tolist()
