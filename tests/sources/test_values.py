"""Values of files are read as our kinds whatever type the file gave them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from sugeup.records import Kind
from sugeup.sources.files.values import typed


def read(values: list[object] | pl.Series, kind: Kind, name: str = "x") -> tuple[list[object], list[str]]:
    frame = pl.DataFrame({name: values}, strict=False).with_columns(row=pl.int_range(1, pl.len() + 1))
    taken, wrong = typed(frame, {name: kind})
    return taken[name].to_list(), wrong["reason"].to_list()


@pytest.mark.parametrize("written", ["2024-01-02", "20240102", "2024/01/02", "2024-01-02 00:00:00", " 2024.01.02 "])
def test_a_date_may_be_written_in_several_ways(written: str) -> None:
    assert read([written], Kind.DATE) == ([date(2024, 1, 2)], [])


@pytest.mark.parametrize("written", ["2024-13-02", "어제", "2024-1-2", "2024-01-02 09:30:00", "240102"])
def test_what_is_no_date_is_a_fault_with_the_way_to_write_one(written: str) -> None:
    assert read([written], Kind.DATE) == ([None], ["x is not a date: write YYYY-MM-DD or YYYYMMDD"])


def test_a_number_of_eight_digits_is_a_date() -> None:
    assert read([20240102], Kind.DATE) == ([date(2024, 1, 2)], [])


def test_a_time_without_an_offset_is_seoul_time() -> None:
    expected = datetime(2026, 6, 19, 1, 3, tzinfo=UTC)
    for written in ("2026-06-19 10:03:00", "2026-06-19T10:03", "2026-06-19T01:03:00Z", "2026-06-19 10:03:00+09:00"):
        assert read([written], Kind.INSTANT) == ([expected], []), written
    assert read([datetime(2026, 6, 19, 10, 3)], Kind.INSTANT) == ([expected], [])


def test_codes_keep_their_zeros_and_letters() -> None:
    assert read(["5930", "005930", "0009K0"], Kind.TEXT, "code") == (["005930", "005930", "0009K0"], [])
    assert read([5930, 660], Kind.TEXT, "code") == (["005930", "000660"], [])
    assert read([5930.0], Kind.TEXT, "code") == (["005930"], [])


def test_whole_numbers_may_carry_commas_and_a_decimal_zero() -> None:
    assert read(["1,234,567", "-5", "+7", "3.0", ""], Kind.INTEGER) == ([1234567, -5, 7, 3, None], [])


@pytest.mark.parametrize("written", ["1.5", "1억", "NaN", "inf", "-", "12 won", "9" * 30])
def test_what_is_no_whole_number_is_a_fault(written: str) -> None:
    values, reasons = read([written], Kind.INTEGER)
    assert values == [None]
    assert "not a whole number" in reasons[0]


def test_not_a_number_and_infinity_are_faults_in_typed_columns_too() -> None:
    series = pl.Series([1.0, float("nan"), float("inf"), None])
    assert read(series, Kind.NUMBER) == ([1.0, None, None, None], ["x is not a finite number"] * 2)
    assert len(read(series, Kind.INTEGER)[1]) == 2


def test_a_list_in_a_column_is_a_fault_not_a_crash() -> None:
    for kind in Kind:
        values, reasons = read(pl.Series([[1], None]), kind)
        assert (values, len(reasons)) == ([None, None], 1), kind


def test_truth_is_written_in_words_or_digits() -> None:
    assert read(["true", "False", "1", "0"], Kind.BOOLEAN) == ([True, False, True, False], [])
    assert read(["ja"], Kind.BOOLEAN)[1] == ["x is not true or false"]
