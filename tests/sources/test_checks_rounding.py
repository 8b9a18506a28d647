"""Turnover against volume and price, where the source rounds amounts: a few shares are no million won."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup import records
from sugeup.sources import checks

MILLION = 1_000_000
NOW = datetime(2025, 6, 2, 10, tzinfo=UTC)


def faults(volume: int, amount: int, unit: int) -> int:
    row = {
        "row": [1], "code": ["005930"], "session": [date(2025, 6, 2)], "at": [datetime(2025, 6, 2, 1, tzinfo=UTC)],
        "raw_open": [8_430], "raw_high": [8_430], "raw_low": [8_430], "raw_close": [8_430], "volume": [volume],
        "amount": [amount], "source": ["x"], "venue": ["KRX"], "products": ["STOCK"], "hours": ["REGULAR"],
    }  # fmt: skip
    schema = {"row": pl.Int64, "at": pl.Datetime("us", "UTC")}
    context = checks.Context(now=NOW, unit_won=unit)
    return checks.check(
        records.dataset("minute_bars"), pl.DataFrame(row, schema_overrides=schema), context
    ).faults.height


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 10**6))
def test_an_amount_that_is_rounded_to_the_unit_of_its_source_is_taken(volume: int) -> None:
    amount = (volume * 8_430 + MILLION // 2) // MILLION * MILLION
    assert 0 == faults(volume, amount, MILLION)


@settings(deadline=None, max_examples=30)
@given(st.integers(2_000, 10**6))
def test_an_amount_in_another_unit_is_refused_all_the_same(volume: int) -> None:
    amount = (volume * 8_430 + 500) // 1_000 * MILLION
    assert 1 == faults(volume, amount, MILLION)


def test_where_nothing_is_rounded_a_missing_amount_is_refused() -> None:
    assert 1 == faults(27, 0, 1)
    assert 0 == faults(27, 27 * 8_430, 1)
