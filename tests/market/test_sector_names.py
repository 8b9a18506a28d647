"""Names of the exchange's industries: one name a code, a market by the first digit, both languages."""

from __future__ import annotations

import re

import pytest

from sugeup.market import sector_names


def test_every_code_is_listed_once_in_the_market_of_its_first_digit() -> None:
    codes = [one.code for one in sector_names.INDUSTRIES]
    assert sorted(set(codes)) == codes
    for one in sector_names.INDUSTRIES:
        assert re.fullmatch(r"[01][0-9]{3}", one.code)
        assert {"0": "KOSPI", "1": "KOSDAQ"}[one.code[0]] == one.market
        assert one.evidence and one.english.isascii() and re.search("[가-힣]", one.korean)


def test_one_industry_has_one_name_in_both_markets_and_no_market_has_a_name_twice() -> None:
    english = {(one.korean, one.english) for one in sector_names.INDUSTRIES}
    assert len({korean for korean, _ in english}) == len(english)
    for market in ("KOSPI", "KOSDAQ"):
        names = [one.korean for one in sector_names.INDUSTRIES if one.market == market]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize(("code", "name"), [("0013", "전기·전자"), ("0029", "IT 서비스"), ("1024", "제약")])
def test_a_code_has_its_name(code: str, name: str) -> None:
    found = sector_names.industry(code)
    assert found is not None and name == found.korean == sector_names.korean()[code]


@pytest.mark.parametrize("code", ["0001", "0022", "2001", "G4530", ""])
def test_a_code_of_no_industry_has_no_name(code: str) -> None:
    assert sector_names.industry(code) is None
