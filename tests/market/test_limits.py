"""The price limit is recognised with its ticks, on both sides and in both regimes."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from sugeup.market import limits


@pytest.mark.parametrize(
    ("on", "base", "price", "expected"),
    [
        (date(2026, 2, 27), 10_000, 13_000, True),
        (date(2026, 2, 27), 10_000, 12_990, False),
        (date(2026, 2, 27), 10_000, 7_000, True),
        (date(2026, 2, 27), 10_000, 7_010, False),
        (date(2026, 2, 27), 1_605, 2_085, True),  # 481 won of room end between two ticks of 5 won
        (date(2026, 2, 27), 1_605, 2_080, False),
        (date(2015, 6, 12), 10_000, 11_500, True),
        (date(2015, 6, 15), 10_000, 11_500, False),
        (date(2026, 2, 27), None, 11_500, False),
    ],
)
def test_a_close_at_the_limit_is_recognised(on: date, base: int | None, price: int, expected: bool) -> None:
    frame = pl.DataFrame({"session": [on], "base": [base], "price": [price]}, schema_overrides={"base": pl.Int64})
    assert [expected] == frame.select(limits.at_limit("price", "base", "session")).to_series().to_list()
