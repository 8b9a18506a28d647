"""The simulated member pages: the fields of the specification, the market's figures, nothing before its time."""

from __future__ import annotations

import functools
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from sugeup.market import sector_names
from sugeup.sandbox.krx_login.investors import CODES
from sugeup.sandbox.krx_login.sectors import named
from sugeup.sandbox.krx_login.service import DATA, PAGES
from sugeup.sandbox.sectors import ALL as SECTORS
from sugeup.sandbox.server import SandboxApp
from sugeup.sandbox.vendors import Options
from sugeup.specifications import specification
from tests.sandbox.test_krx_login_log_in import log_in
from tests.support.sandboxes import made, market

ENDPOINTS = specification("krx_login")["endpoints"]
EVERY = pytest.mark.parametrize("name", ENDPOINTS)
LATER = "2025-06-13T19:05"
DAY = "20250602"
LEAVES = [code for code in specification("krx_login")["investors"] if code not in {"7050", "9999"}]
Rows = list[dict[str, str]]


@functools.cache
def answered(at: str, name: str, **given: str) -> dict[str, Any]:
    """The answer to a question, by default about everything of KOSPI on one day, to a member."""
    facts = ENDPOINTS[name]
    usual = {key: value[0] if isinstance(value, list) else DAY for key, value in facts["parameters"].items()}
    if "invstTpCd" in usual:
        usual["invstTpCd"] = "9999"
    with TestClient(SandboxApp(made(at)), base_url="http://127.0.0.1") as http:
        log_in(http)
        return dict(http.post(DATA, data={"bld": facts["bld"], **usual, **given}).json())


def rows(at: str, name: str, **given: str) -> Rows:
    return list(answered(at, name, **given)[ENDPOINTS[name]["block"]])


def number(text: str) -> int:
    return int(text.replace(",", ""))


@EVERY
def test_a_page_has_the_block_and_the_fields_that_are_described(name: str) -> None:
    found = rows(LATER, name)
    assert found
    fields = set(ENDPOINTS[name]["fields"])
    for row in found:
        assert fields == set(row)
        assert all(isinstance(value, str) for value in row.values())


def test_the_sandbox_serves_every_page_that_is_described_and_no_other() -> None:
    assert {facts["bld"]: facts["block"] for facts in ENDPOINTS.values()} == {
        bld: block for bld, (block, _) in PAGES.items()
    }
    assert set(CODES) == set(specification("krx_login")["investors"])


def test_a_page_that_is_not_there_has_no_block() -> None:
    with TestClient(SandboxApp(made(LATER)), base_url="http://127.0.0.1") as http:
        log_in(http)
        assert ["CURRENT_DATETIME"] == list(http.post(DATA, data={"bld": "dbms/MDC/STAT/standard/MDCSTAT99999"}).json())


def test_the_two_markets_hold_every_listed_stock_once() -> None:
    found = [[row["ISU_SRT_CD"] for row in rows(LATER, "krx_login_bars", mktId=one)] for one in ("STK", "KSQ")]
    bars = market().rows("daily_bars", date(2025, 6, 2), date(2025, 6, 2))
    assert sorted(bars["code"].to_list()) == sorted([*found[0], *found[1]])
    balances = [len(rows(LATER, "krx_login_short_balance", mktTpCd=one)) for one in ("1", "2")]
    assert [len(found[0]), len(found[1])] == balances


def test_all_investors_of_a_stock_add_to_the_whole() -> None:
    whole = {row["ISU_SRT_CD"]: row for row in rows(LATER, "krx_login_net_purchases")}
    added = dict.fromkeys(whole, 0)
    for code in CODES:
        if code not in {"7050", "9999"}:
            for row in rows(LATER, "krx_login_net_purchases", invstTpCd=code):
                added[row["ISU_SRT_CD"]] += number(row["BID_TRDVAL"])
                assert number(row["BID_TRDVOL"]) or number(row["ASK_TRDVOL"])
    assert {code: number(row["BID_TRDVAL"]) for code, row in whole.items()} == added
    assert {0} == {number(row["NETBID_TRDVAL"]) for row in whole.values()}


def test_a_market_by_day_comes_newest_first_and_of_two_years_at_most() -> None:
    given = {"strtDd": "20250526", "endDd": "20250602"}
    days = [row["TRD_DD"] for row in rows(LATER, "krx_login_market_investors", **given)]
    assert ["2025/06/02", "2025/05/30", "2025/05/29", "2025/05/28", "2025/05/27", "2025/05/26"] == days
    far = (date(2025, 6, 2) - timedelta(days=731)).strftime("%Y%m%d")
    assert [] == rows(LATER, "krx_login_market_investors", strtDd=far, endDd="20250602")


def test_programme_trading_of_a_span_is_added_up() -> None:
    one, other, both = (
        number(rows(LATER, "krx_login_program", strtDd=first, endDd=last)[2]["BID_TRDVAL"])
        for first, last in ((DAY, DAY), ("20250530", "20250530"), ("20250530", DAY))
    )
    assert one + other == both


@pytest.mark.parametrize("code", [one.code for one in SECTORS])
def test_the_name_of_an_industry_leads_back_to_its_code_or_nowhere(code: str) -> None:
    """The simulated market numbers three industries of KOSPI otherwise than the exchange, and one beyond its list."""
    market_of = "KOSDAQ" if code.startswith("1") else "KOSPI"
    said = next(one.name for one in SECTORS if one.code == code)
    name = named(code, said, market_of)
    assert (None if code == "0031" else code) == sector_names.holding(market_of, name)


def test_every_stock_of_a_market_stands_once_under_the_industry_that_it_was_given() -> None:
    day = date(2025, 6, 2)
    given = dict(market().rows("sector_membership", market().sessions[0], day).select("code", "sector").rows())
    told: dict[str, str | None] = {}
    for one, name in (("STK", "KOSPI"), ("KSQ", "KOSDAQ")):
        found = rows(LATER, "krx_login_sectors", mktId=one)
        assert {name} == {row["MKT_TP_NM"] for row in found}
        told |= {row["ISU_SRT_CD"]: sector_names.holding(name, row["IDX_IND_NM"]) for row in found}
    assert {code: None if sector == "0031" else sector for code, sector in given.items()} == told
    assert [] == rows(LATER, "krx_login_sectors", trdDd="20250603")


def test_an_index_has_its_members_and_one_that_is_not_simulated_none() -> None:
    given = {"indIdx": "1", "indIdx2": "028"}
    large = set(np.array(market().codes)[market().stocks.kospi200])
    assert large == {row["ISU_SRT_CD"] for row in rows(LATER, "krx_login_index_members", **given)}
    assert [] == rows(LATER, "krx_login_index_members", indIdx="2", indIdx2="203")


PUBLISHED = {
    "krx_login_bars": ("2025-06-02T15:29", "2025-06-02T15:30"),
    "krx_login_list": ("2025-06-02T15:29", "2025-06-02T15:30"),
    "krx_login_sectors": ("2025-06-02T15:29", "2025-06-02T15:30"),
    "krx_login_index_members": ("2025-06-02T15:29", "2025-06-02T15:30"),
    "krx_login_program": ("2025-06-02T15:29", "2025-06-02T15:30"),
    "krx_login_net_purchases": ("2025-06-02T15:39", "2025-06-02T15:40"),
    "krx_login_market_investors": ("2025-06-02T15:39", "2025-06-02T15:40"),
    "krx_login_short_trades": ("2025-06-02T18:29", "2025-06-02T18:30"),
    "krx_login_foreign_holding": ("2025-06-04T07:59", "2025-06-04T08:00"),
    "krx_login_short_balance": ("2025-06-02T15:29", "2025-06-02T15:30"),
}


@EVERY
def test_nothing_is_there_before_its_time(name: str) -> None:
    before, after = PUBLISHED[name]
    assert [] == rows(before, name)
    assert rows(after, name)


def test_a_balance_is_zero_until_it_is_published() -> None:
    for moment, told in (("2025-06-09T18:29", False), ("2025-06-09T18:30", True)):
        found = rows(moment, "krx_login_short_balance")
        assert told is any(number(row["BAL_QTY"]) for row in found)


def test_prices_of_a_holiday_are_dashes() -> None:
    found = rows(LATER, "krx_login_bars", trdDd="20250603")
    assert {"-"} == {row["TDD_CLSPRC"] for row in found}


def test_figures_of_the_evening_are_corrected_next_morning_and_add_up_in_both() -> None:
    seen = []
    for moment in ("2025-06-09T19:05", "2025-06-10T08:01"):
        sandbox = made(moment, options=Options(revisions=1.0))
        with TestClient(SandboxApp(sandbox), base_url="http://127.0.0.1") as http:
            log_in(http)
            given = {"bld": ENDPOINTS["krx_login_net_purchases"]["bld"], "mktId": "STK"}
            given |= {"strtDd": "20250609", "endDd": "20250609"}
            answers = {
                code: http.post(DATA, data=given | {"invstTpCd": code}).json()["output"] for code in (*LEAVES, "9999")
            }
        bought = {code: sum(number(row["BID_TRDVAL"]) for row in answers[code]) for code in answers}
        assert bought["9999"] == sum(bought[code] for code in LEAVES)
        seen.append({row["ISU_SRT_CD"]: row["BID_TRDVOL"] for row in answers["8000"]})
    evening, morning = seen
    assert set(evening) == set(morning)
    assert evening != morning
