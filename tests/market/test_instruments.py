"""Codes as clients write them, and names as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sugeup.market import instruments
from sugeup.market.instruments import Listed

KNOWN = [
    Listed("005930", "삼성전자", "Samsung Electronics", "KOSPI"),
    Listed("005935", "삼성전자우", "", "KOSPI"),
    Listed("009150", "삼성전기", "Samsung Electro-Mechanics", "KOSPI"),
    Listed("000660", "SK하이닉스", "SK hynix", "KOSPI"),
    Listed("035420", "NAVER", "NAVER", "KOSPI"),
    Listed("0009K0", "에임드바이오", "", "KOSDAQ"),
]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (5930, "005930"),
        ("5930", "005930"),
        (" 005930 ", "005930"),
        ("A005930", "005930"),
        ("0009k0", "0009K0"),
        ("삼성전자", None),
        ("1234567", None),
        ("", None),
        (-5, None),
        ("A12345", None),
    ],
)
def test_a_code_is_completed_or_declined(written: str | int, code: str | None) -> None:
    assert code == instruments.normalise(written)


@given(st.integers(0, 999_999))
def test_every_number_of_six_digits_is_a_code(number: int) -> None:
    assert f"{number:06d}" == instruments.normalise(number) == instruments.normalise(f"{number:06d}")


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("삼성전자", "005930"),
        ("삼전", "005930"),
        ("ㅅㅅㅈㅈ", "005930"),
        ("하이닉스", "000660"),
        ("sk하이닉", "000660"),
        ("Samsung Electronics", "005930"),
        ("hynix", "000660"),
        ("naver", "035420"),
        ("005930", "005930"),
        ("5935", "005935"),
        ("삼성전쟈", "005930"),
        ("0009K", "0009K0"),
    ],
)
def test_the_stock_that_was_meant_comes_first(query: str, first: str) -> None:
    assert first == instruments.search(query, KNOWN)[0].code


@pytest.mark.parametrize("query", ["", "  ", "quux", "ㅋㅋㅋㅋ", "!!!"])
def test_nothing_is_found_where_nothing_is_alike(query: str) -> None:
    assert [] == instruments.search(query, KNOWN)


@given(st.text(max_size=30))
def test_any_text_can_be_searched(query: str) -> None:
    found = instruments.search(query, KNOWN)
    assert len(found) == len({entry.code for entry in found})
