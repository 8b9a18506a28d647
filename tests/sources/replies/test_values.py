"""Texts of the vendor become numbers in our units, null where there is nothing, and a fault where there is nonsense."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sugeup.sources.replies import values


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("-00000000000903000", -903000),
        ("000000000000000000", 0),
        ("  42 ", 42),
        ("+7", 7),
        ("81800.00", 81800),
        ("", None),
        ("   ", None),
        ("-", None),
    ],
)
def test_whole_numbers_are_read_as_the_vendor_pads_them(text: str, number: int | None) -> None:
    assert ([number], []) == values.integers([text])


@pytest.mark.parametrize("text", ["n/a", "1,000", "1_000", "٣", "1e3", "12.5", "--1", "0x10", "9" * 30, "NaN"])
def test_what_is_no_whole_number_is_told_by_its_place(text: str) -> None:
    assert ([5, None, 6], [1]) == values.integers(["5", text, "6"])


def test_bare_numbers_and_nothing_are_taken_and_lists_are_not() -> None:
    assert ([5, None, None, None], [2, 3]) == values.integers([5, None, [1], True])


@given(st.lists(st.integers(-(2**40), 2**40), min_size=1), st.sampled_from([1, 1_000, 10_000, 1_000_000, 100_000_000]))
def test_units_multiply_every_figure_within_the_largest(figures: list[int], unit: int) -> None:
    found, bad = values.integers([f"{figure:+019d}" for figure in figures], unit)
    fits = [abs(figure) <= values.LARGEST // unit for figure in figures]
    assert [figure * unit if fit else None for figure, fit in zip(figures, fits, strict=True)] == found
    assert [place for place, fit in enumerate(fits) if not fit] == bad


@given(st.text(max_size=12))
def test_no_text_breaks_a_reader(text: str) -> None:
    for read in values.READERS.values():
        found, bad = read(["1", text], 1)
        assert 2 == len(found)
        assert set(bad) <= {0, 1}


def test_numbers_days_flags_words_and_times() -> None:
    assert ([-0.83, 100.0, None], [2]) == values.numbers(["-0.83", " 100", "inf"])
    assert ([date(2024, 6, 10), None, None, None], [3]) == values.days(["20240610", "0", "", "20241332"])
    assert ([True, False, None, None], [3]) == values.flags(["Y", "N", "", "X"])
    assert ([None, "골드만"], []) == values.words(["  ", " 골드만  "])
    assert [time(15, 30, 4), None, None, None] == [values.clock(text) for text in ("153004", "999999", "253000", "")]
