"""Pages: a history is walked from its newest row to its first without gap or double."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest

from tests.support.sandboxes import Caller, calling, made, market

MARKET = market()
CODE = MARKET.codes[0]
LAST = MARKET.sessions[-1]


@pytest.fixture(scope="module")
def caller() -> Iterator[Caller]:
    with calling(made(f"{LAST + timedelta(days=10)}T09:00")) as found:
        yield found


def walk(page: Callable[[str], list[dict[str, str]]], key: str) -> list[str]:
    """Dates of every page, the next anchor a day before the oldest row."""
    found: list[str] = []
    anchor = LAST + timedelta(days=9)
    while rows := page(f"{anchor:%Y%m%d}"):
        found += [row[key] for row in rows if row[key]]
        oldest = date.fromisoformat(found[-1])
        assert oldest <= anchor
        anchor = oldest - timedelta(days=1)
    return found


def days(sessions: tuple[date, ...] = MARKET.sessions) -> list[str]:
    return [f"{day:%Y%m%d}" for day in reversed(sessions)]


ANCHORED: dict[str, tuple[str, str, int]] = {
    "investor_trade_by_stock_daily": ("output2", "stck_bsop_date", 30),
    "program_trade_by_stock_daily": ("output", "stck_bsop_date", 30),
    "comp_program_trade_daily": ("output", "stck_bsop_date", 30),
    "mktfunds": ("output", "bsop_date", 30),
}


@pytest.mark.parametrize("name", ANCHORED)
def test_an_anchor_walks_back_through_every_session_once(caller: Caller, name: str) -> None:
    block, key, most = ANCHORED[name]
    given = {"FID_INPUT_ISCD": CODE} if "stock" in name else {}

    def page(anchor: str) -> list[dict[str, str]]:
        rows: list[dict[str, str]] = caller.ask(name, FID_INPUT_DATE_1=anchor, **given)[block]
        assert most >= len(rows)
        return rows

    assert days() == walk(page, key)


def test_margin_is_walked_by_the_date_of_settlement(caller: Caller) -> None:
    found: list[str] = []
    anchor = LAST + timedelta(days=9)
    while rows := caller.ask("daily_credit_balance", FID_INPUT_ISCD=CODE, FID_INPUT_DATE_1=f"{anchor:%Y%m%d}")[
        "output"
    ]:
        found += [row["deal_date"] for row in rows]
        anchor = date.fromisoformat(rows[-1]["stlm_date"]) - timedelta(days=1)
    assert days() == found


@pytest.mark.parametrize(
    ("name", "block", "key", "most"),
    [
        ("inquire_daily_itemchartprice", "output2", "stck_bsop_date", 100),
        ("daily_short_sale", "output2", "stck_bsop_date", 100),
        ("daily_loan_trans", "output1", "bsop_date", 100),
        ("inquire_daily_indexchartprice", "output2", "stck_bsop_date", 50),
    ],
)
def test_a_window_gives_its_newest_rows_and_its_end_is_moved_back(
    caller: Caller, name: str, block: str, key: str, most: int
) -> None:
    first, last = ("START_DATE", "END_DATE") if name == "daily_loan_trans" else ("FID_INPUT_DATE_1", "FID_INPUT_DATE_2")
    scope = {"MKSC_SHRN_ISCD": CODE} if name == "daily_loan_trans" else {"FID_INPUT_ISCD": CODE}
    if "index" in name:
        scope = {"FID_INPUT_ISCD": "0001"}

    def page(end: str) -> list[dict[str, str]]:
        rows: list[dict[str, str]] = caller.ask(name, **scope, **{first: "20250301", last: end})[block]
        assert most >= len([row for row in rows if row[key]])
        return [row for row in rows if row[key]]

    assert days() == walk(page, key)


def test_a_window_that_begins_before_the_first_row_ends_with_padding(caller: Caller) -> None:
    given = {"FID_INPUT_ISCD": CODE, "FID_INPUT_DATE_1": "20240101", "FID_INPUT_DATE_2": "20250310"}
    rows = caller.ask("daily_short_sale", **given)["output2"]
    assert {""} == set(rows[-1].values())
    assert days(MARKET.sessions[:5]) == [row["stck_bsop_date"] for row in rows[:-1]]


def test_the_last_thirty_sessions_are_all_that_three_groups_have(caller: Caller) -> None:
    rows = caller.ask("inquire_investor", FID_INPUT_ISCD=CODE)["output"]
    assert days()[:30] == [row["stck_bsop_date"] for row in rows]


def test_minutes_go_back_over_the_night_if_asked(caller: Caller) -> None:
    given = {"FID_INPUT_ISCD": CODE, "FID_INPUT_DATE_1": f"{LAST:%Y%m%d}", "FID_INPUT_HOUR_1": "093000"}
    alone = caller.ask("inquire_time_dailychartprice", FID_PW_DATA_INCU_YN="N", **given)["output2"]
    more = caller.ask("inquire_time_dailychartprice", FID_PW_DATA_INCU_YN="Y", **given)["output2"]
    assert {f"{LAST:%Y%m%d}"} == {row["stck_bsop_date"] for row in alone}
    assert 120 == len(more)
    assert alone == more[: len(alone)]
    assert 120 == len({(row["stck_bsop_date"], row["stck_cntg_hour"]) for row in more})


@pytest.mark.parametrize(("period", "rows"), [("W", 16), ("M", 4), ("Y", 1)])
def test_longer_bars_hold_the_days_they_are_made_of(caller: Caller, period: str, rows: int) -> None:
    given = {"FID_INPUT_ISCD": CODE, "FID_INPUT_DATE_1": "20250301", "FID_INPUT_DATE_2": "20250630"}
    bars = caller.ask("inquire_daily_itemchartprice", FID_PERIOD_DIV_CODE=period, **given)["output2"]
    daily = caller.ask("inquire_daily_itemchartprice", **given)["output2"]
    assert rows == len(bars)
    assert sum(int(row["acml_vol"]) for row in daily) == sum(int(row["acml_vol"]) for row in bars)
    assert max(int(row["stck_hgpr"]) for row in daily) == max(int(row["stck_hgpr"]) for row in bars)


def test_a_calendar_is_walked_by_its_first_day(caller: Caller) -> None:
    found: list[str] = []
    day = date(2025, 5, 1)
    for _ in range(3):
        rows = caller.ask("chk_holiday", BASS_DT=f"{day:%Y%m%d}")["output"]
        found += [row["bass_dt"] for row in rows]
        day += timedelta(days=len(rows))
    assert [f"{date(2025, 5, 1) + timedelta(days=number):%Y%m%d}" for number in range(72)] == found
