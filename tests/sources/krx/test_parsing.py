"""Lists of a day become rows: halts, base prices, names of indices, kinds of shares, days that are not out yet."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from sugeup.errors import ConfigError, NoData, Refused, SchemaDrift
from sugeup.market.sector_names import INDUSTRIES
from sugeup.sources.krx import KRX
from sugeup.sources.krx.indices import index_code
from sugeup.sources.krx.judging import judge
from sugeup.sources.vendor import Outcome, Request
from tests.sources.krx.answers import DAY, HALTED, INDEX, LISTED, MORNING, ROWS, STOCK, ask, reply

BARS, INDICES, LIST = (KRX.endpoint(name) for name in ROWS)
REQUEST = Request("/sto/stk_bydd_trd", {"basDd": "20250602"}, {"AUTH_KEY": "the-key-of-a-test"})


def test_a_bar_has_the_price_from_which_its_change_is_counted() -> None:
    row = BARS.parse(ask(BARS), reply([STOCK])).frame.row(0, named=True)
    assert ("005930", DAY, 56_800, 56_200) == (row["code"], row["session"], row["raw_close"], row["base_price"])
    assert (5_919_637_922, 336_237_600_000_000) == (row["listed_shares"], row["market_cap"])
    assert ("TRADED", "krx_api", "KRX") == (row["status"], row["source"], row["venue"])


def test_a_stock_that_did_not_trade_is_halted_and_has_no_range() -> None:
    row = BARS.parse(ask(BARS), reply([STOCK, HALTED])).frame.row(1, named=True)
    assert ("HALTED", None, None, None) == tuple(row[name] for name in ("status", "raw_open", "raw_high", "raw_low"))
    assert (387, 387, 0, 0) == tuple(row[name] for name in ("raw_close", "base_price", "volume", "amount"))


def test_stocks_that_were_not_asked_for_are_left_out_and_counted() -> None:
    page = BARS.parse(ask(BARS), reply([STOCK, STOCK | {"ISU_CD": "000660"}]))
    assert ["005930"] == page.frame["code"].to_list()
    assert [1] == list(page.notes.values())


def test_thousands_may_be_set_apart_and_a_dash_is_no_figure() -> None:
    row = BARS.parse(ask(BARS), reply([STOCK | {"TDD_CLSPRC": "56,800", "LIST_SHRS": "-"}])).frame.row(0, named=True)
    assert (56_800, None) == (row["raw_close"], row["listed_shares"])


@pytest.mark.parametrize("endpoint", [BARS, INDICES], ids=lambda one: one.name)
def test_a_day_of_zeros_is_not_published_and_no_trading_of_zero(endpoint: object) -> None:
    one = BARS if endpoint is BARS else INDICES
    texts = {"BAS_DD", "ISU_CD", "ISU_NM", "MKT_NM", "SECT_TP_NM", "IDX_CLSS", "IDX_NM"}
    zeros = [{name: value if name in texts else "0" for name, value in row.items()} for row in ROWS[one.name]]
    with pytest.raises(NoData) as refused:
        one.parse(ask(one), reply(zeros))
    assert "NOT_PUBLISHED_YET" == refused.value.code and "2025-06-02" in refused.value.message


def test_an_empty_list_is_a_closed_day_unless_it_is_that_of_the_last_session() -> None:
    week = datetime(2025, 6, 12, tzinfo=UTC)
    assert 0 == BARS.parse(ask(BARS), reply([], at=week)).frame.height
    with pytest.raises(NoData):
        BARS.parse(ask(BARS), reply([], at=MORNING))


def test_indices_are_told_apart_by_name_and_others_are_left_out() -> None:
    page = INDICES.parse(ask(INDICES), reply([*ROWS["krx_index_dd_trd"], INDEX | {"IDX_NM": "코스피 대형주"}]))
    assert ["KOSPI", "KOSPI200", "0013"] == page.frame["index_code"].to_list()
    assert (2698.97, 395_000_000) == page.frame.select("close", "volume").row(0)
    assert 1 == sum(page.notes.values())


def test_every_industry_is_found_by_its_name_in_its_market_however_it_is_set() -> None:
    for one in INDUSTRIES:
        assert one.code == index_code(one.market, one.korean)
        assert one.code == index_code(one.market, one.korean.replace("·", "").replace(" ", ""))
    assert (None, None) == (index_code("KOSPI", "코스닥"), index_code("KOSDAQ", "코스닥 150"))


def test_a_security_is_what_the_exchange_lists_it_as() -> None:
    rows = [
        LISTED,
        LISTED | {"ISU_SRT_CD": "005935", "KIND_STKCERT_TP_NM": "구형우선주"},
        LISTED | {"ISU_SRT_CD": "900110", "SECUGRP_NM": "외국주권", "PARVAL": "무액면"},
        LISTED | {"ISU_SRT_CD": "334890", "SECUGRP_NM": "부동산투자회사"},
        LISTED | {"ISU_SRT_CD": "088980", "SECUGRP_NM": "사회간접자본투융자회사"},
    ]
    frame = LIST.parse(ask(LIST), reply(rows)).frame
    assert ["STOCK", "STOCK", "STOCK", "REIT", "FUND"] == frame["kind"].to_list()
    assert [False, True, False, False, False] == frame["is_preferred"].to_list()
    assert [100, 100, None, 100, 100] == frame["par_amount"].to_list()
    first = frame.row(0, named=True)
    assert ("KR7005930003", "삼성전자", "KOSPI") == (first["isin"], first["name"], first["market"])
    assert (date(1975, 6, 11), date(2025, 6, 4)) == (first["listed_on"], first["valid_from"])


def test_a_list_that_is_not_out_yet_is_no_market_without_stocks() -> None:
    with pytest.raises(NoData):
        LIST.parse(ask(LIST), reply([]))


def test_a_par_value_in_words_is_a_fault_and_takes_no_row_with_it() -> None:
    page = LIST.parse(ask(LIST), reply([LISTED, LISTED | {"ISU_SRT_CD": "005935", "PARVAL": "없음"}]))
    assert (1, 1) == (page.frame.height, page.faults.height)


def test_an_api_that_was_not_applied_for_is_named_with_where_to_apply() -> None:
    with pytest.raises(ConfigError) as refused:
        judge(REQUEST, reply({"respMsg": "Unauthorized API Call", "respCode": "401"}, 401))
    assert "stk_bydd_trd" in refused.value.message and "openapi.krx.co.kr" in str(refused.value.hint)


def test_a_wrong_key_is_named_with_its_setting_and_never_shown() -> None:
    with pytest.raises(ConfigError) as refused:
        judge(REQUEST, reply({"respMsg": "Unauthorized Key the-key-of-a-test", "respCode": "401"}, 401))
    assert "SUGEUP_KRX_API_KEY" in str(refused.value.hint)


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, {"OutBlock_1": []}, Outcome.DONE),
        (429, {"respMsg": "Too Many Requests"}, Outcome.LIMITED),
        (500, {"respMsg": "error"}, Outcome.AGAIN),
        (503, ["<html>"], Outcome.AGAIN),
    ],
)
def test_a_reply_is_taken_by_its_status(status: int, body: object, outcome: Outcome) -> None:
    assert outcome == judge(REQUEST, reply(body, status)).outcome


def test_a_question_that_the_exchange_does_not_know_is_refused() -> None:
    with pytest.raises(Refused):
        judge(REQUEST, reply({"respMsg": "Not Found"}, 404))


@pytest.mark.parametrize("name", ["ISU_CD", "TDD_CLSPRC", "CMPPREVDD_PRC", "BAS_DD"])
def test_a_field_that_is_gone_is_drift_naming_it(name: str) -> None:
    with pytest.raises(SchemaDrift) as drift:
        BARS.parse(ask(BARS), reply([{key: value for key, value in STOCK.items() if key != name}]))
    assert {"vendor": "krx", "endpoint": "stk_bydd_trd", "field": name} == drift.value.details
