"""The list of a market's programme trading by session."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.errors import NoData, Refused
from sugeup.usecases.program_series import get_market_program
from tests.support.archives import days, open_archive, rows

CASE = registry.load("sugeup.usecases.program_series", "get_market_program")


@pytest.fixture
def stored(tmp_path: Path) -> Archive:
    archive = open_archive(tmp_path)
    given = [
        {
            "market": market,
            "session": day,
            "program_net_amount": -number,
            "arbitrage_buy_amount": 10 * number,
            "arbitrage_sell_amount": 20 * number,
            "non_arbitrage_buy_amount": 30 * number,
            "non_arbitrage_sell_amount": 21 * number,
        }
        for number, day in enumerate(days(10), 10**8)
        for market in ("KOSPI", "KOSDAQ")
    ]
    archive.fill("program_day_market", rows("program_day_market", given))
    return archive


def test_sessions_run_newest_first_by_page(stored: Archive) -> None:
    first = get_market_program(stored, market="KOSPI", limit=7)
    second = get_market_program(stored, market="KOSPI", limit=7, cursor=first.next_cursor)
    assert [*reversed(days(10))] == [row.session for page in (first, second) for row in page.rows]
    assert (10, None) == (second.total, second.next_cursor)
    assert "2026-02-27T15:30:00+09:00" == first.as_of


def test_a_row_has_what_its_source_publishes_and_the_whole_of_two_parts(stored: Archive) -> None:
    row = get_market_program(stored, market="KOSPI", start=days(1)[-1]).rows[0]
    number = 10**8 + 9
    assert {"buy_amount": 40 * number, "sell_amount": 41 * number, "net_amount": -number} == row.program["program"]
    assert {"buy_amount": 10 * number, "sell_amount": 20 * number} == row.program["arbitrage"]


def test_the_text_is_in_eok_and_the_rows_are_flat(stored: Archive) -> None:
    answer = get_market_program(stored, market="KOSDAQ", limit=2)
    text = "\n".join(map(str, CASE.text(answer)))
    assert "2026-02-27" in text and "40.00" in text and "2 of 10" in text
    flat = CASE.rows(answer)
    assert 6 == len(flat) and all(set(flat[0]) == set(one) for one in flat)


def test_what_is_not_stored_is_named_with_the_job_that_collects_it(stored: Archive, tmp_path: Path) -> None:
    with pytest.raises(NoData, match=r"KOSPI from 2026-03-02.*sugeup job run daily"):
        get_market_program(stored, market="KOSPI", start=date(2026, 3, 2))
    with pytest.raises(NoData, match="NOT_COLLECTED"):
        get_market_program(open_archive(tmp_path / "empty"), market="KOSPI")


def test_a_bad_range_or_market_is_refused(stored: Archive) -> None:
    with pytest.raises(Refused, match="start=2026-02-27 is after end=2026-02-26"):
        get_market_program(stored, market="KOSPI", start=date(2026, 2, 27), end=date(2026, 2, 26))
    with pytest.raises(Refused, match="'KOSDAQ'"):
        registry.bind(CASE, stored)(market="ALL")
