"""Faults strike this vendor as any other: a page in place of figures, rows missing in a bare list, renamed fields."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sugeup.sandbox import faults
from tests.sandbox.test_naver_contract import ENDPOINTS, EVENING, FREELY, asking, path, rows, usual
from tests.support.sandboxes import made


def struck(fault: str, name: str, rate: float = 1.0, amount: float | None = None) -> tuple[Any, Any, Any]:
    """The answer without the fault, with it, and asked again."""
    sandbox = made(EVENING, options=FREELY)
    with asking(sandbox) as http:
        whole = http.get(path(name), params=usual(name))
        sandbox.world.faults.switch(fault, rate, amount)
        return whole, http.get(path(name), params=usual(name)), http.get(path(name), params=usual(name))


@pytest.mark.parametrize("name", ENDPOINTS)
def test_a_page_comes_with_a_status_of_success(name: str) -> None:
    _, found, _ = struck("page", name)
    assert (200, "text/html", faults.SHELL) == (found.status_code, found.headers["content-type"], found.content)


@pytest.mark.parametrize("name", ENDPOINTS)
def test_rows_are_missing_inside_a_page_once(name: str) -> None:
    whole, short, again = (rows(found.json()) for found in struck("short_page", name, amount=0.3))
    assert len(short) < len(whole)
    assert (whole[0], whole[-1]) == (short[0], short[-1])
    assert whole == again


@pytest.mark.parametrize("name", ENDPOINTS)
def test_one_field_of_every_row_has_another_name_for_good(name: str) -> None:
    whole, changed, again = (rows(found.json()) for found in struck("renamed_field", name))
    gone = set(whole[0]) - set(changed[0])
    assert (1, {f"{one}_new" for one in gone}) == (len(gone), set(changed[0]) - set(whole[0]))
    assert changed == again


def test_a_malformed_list_is_no_json() -> None:
    _, found, _ = struck("malformed", "stock_trend")
    with pytest.raises(json.JSONDecodeError):
        found.json()


def test_a_quota_counts_all_callers_as_one() -> None:
    sandbox = made(EVENING, options=FREELY)
    sandbox.world.faults.switch("quota", 1.0, 2)
    with asking(sandbox) as http:
        codes = [
            http.get(path("market_trend_daily"), params=usual("market_trend_daily", startIdx=str(number))).status_code
            for number in range(4)
        ]
    assert [200, 200, 429, 429] == codes
