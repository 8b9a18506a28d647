"""The tick grid of the exchange, by date and market."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from sugeup.market import rules

OLD, NEW, MIDPOINT = date(2022, 1, 3), date(2024, 1, 2), date(2025, 3, 4)


@pytest.mark.parametrize(
    ("price", "on", "market", "won"),
    [
        (1_500, OLD, "KOSPI", 5),
        (1_500, NEW, "KOSPI", 1),
        (15_000, OLD, "KOSDAQ", 50),
        (15_000, NEW, "KOSDAQ", 10),
        (150_000, OLD, "KOSPI", 500),
        (150_000, OLD, "KOSDAQ", 100),
        (150_000, NEW, "KOSPI", 100),
        (500_000, NEW, None, 1_000),
        (499_500, NEW, None, 500),
        (43_180, NEW, "ETF", 5),
        (1_999, NEW, "ETF", 1),
        (1_000, date(2023, 1, 24), None, 5),
        (1_000, date(2023, 1, 25), None, 1),
    ],
)
def test_the_tick_depends_on_price_date_and_market(price: int, on: date, market: str | None, won: int) -> None:
    assert rules.tick(price, on, market) == won
    frame = pl.DataFrame({"price": [price], "on": [on], "market": [market]}, schema_overrides={"market": pl.String})
    assert frame.select(rules.tick_of("price", "on", "market")).item() == won


def test_there_is_no_tick_before_the_first_table() -> None:
    assert rules.tick(10_000, date(2005, 1, 3)) is None
    frame = pl.DataFrame({"price": [10_001], "on": [date(2005, 1, 3)]})
    assert frame.select(rules.off_grid("price", "on")).item() is False


def test_prices_are_rounded_to_the_nearest_tick() -> None:
    assert rules.round_to_tick(92_802.3, NEW) == 92_800
    assert rules.round_to_tick(92_850, NEW) == 92_900
    frame = pl.DataFrame({"price": [92_802.3, 1_999.6], "on": [NEW, NEW]})
    assert frame.select(rules.rounded_to_tick("price", "on")).to_series().to_list() == [92_800, 2_000]


@pytest.mark.parametrize(
    ("price", "on", "off"),
    [
        (30_517, MIDPOINT, True),
        (20_375, MIDPOINT, False),
        (20_375, NEW, True),
        (2_092, MIDPOINT, False),
        (2_093, MIDPOINT, True),
        (60_000, NEW, False),
    ],
)
def test_midpoint_trades_lie_on_half_the_grid_since_march_2025(price: int, on: date, off: bool) -> None:
    frame = pl.DataFrame({"price": [price], "on": [on]})
    assert frame.select(rules.off_grid("price", "on")).item() is off
