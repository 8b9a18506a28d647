"""Rows of the member pages become rows of ours: exact won and shares, null where the page is silent, never 0."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup import records
from sugeup.errors import SchemaDrift
from sugeup.market import investors
from sugeup.sources.checks import Context, check
from sugeup.sources.files.exchange_investors import ABSENT, APART, CODES
from sugeup.sources.krx_login import VENDOR
from sugeup.sources.krx_login.net_purchases import PARTS
from sugeup.sources.krx_login.question import place
from sugeup.sources.vendor import Ask, Page
from tests.sources.krx_login.answers import CODE, DAY, MARKET, NIGHT, RECORDED, ask, asks, document, purchases, reply

PURCHASES = VENDOR.endpoint("krx_login_net_purchases")


def parsed(name: str, change: Callable[[dict[str, Any]], object] = lambda _: None, at: datetime = NIGHT) -> Page:
    """The page of a recorded answer, after a change to its first row."""
    endpoint = VENDOR.endpoint(name)
    found = document(endpoint)
    change(found[RECORDED[name][0]][0])
    return endpoint.parse(ask(endpoint), reply(found, at=at))


def day_of(rows: dict[str, list[dict[str, str]]], codes: tuple[str, ...] = (CODE,)) -> Page:
    """The joined page of one day of net purchases; every row is on the first market's page."""
    assert PURCHASES.join is not None
    pages = []
    for one in asks():
        investor, market = PARTS[int(one.cursor or 0)]
        answer = {"output": rows.get(investor, []) if market == "STK" else []}
        pages.append(PURCHASES.parse(replace(one, scopes=codes), reply(answer)))
    assert [True] * 25 + [False] == [page.part for page in pages]
    return PURCHASES.join(Ask(codes, DAY, DAY), pages)


def test_prices_of_a_day_are_raw_and_the_base_price_follows_from_the_change() -> None:
    row = parsed("krx_login_bars").frame.to_dicts()[0]
    assert (5_330, 5_470, 5_260, 5_400, 5_330) == tuple(
        row[name] for name in ("raw_open", "raw_high", "raw_low", "raw_close", "base_price")
    )
    assert (90_129, 485_098_680, 46_822_295, 252_840_393_000) == tuple(
        row[name] for name in ("volume", "amount", "listed_shares", "market_cap")
    )
    assert ("TRADED", DAY, "REGULAR") == (row["status"], row["session"], row["hours"])


def test_a_halted_stock_has_no_opening_highest_and_lowest_price() -> None:
    zeros = dict.fromkeys(("TDD_OPNPRC", "TDD_HGPRC", "TDD_LWPRC", "ACC_TRDVOL", "ACC_TRDVAL", "CMPPREVDD_PRC"), "0")
    row = parsed("krx_login_bars", lambda found: found.update(zeros)).frame.to_dicts()[0]
    assert ("HALTED", None, 5_400) == (row["status"], row["raw_open"], row["raw_close"])


def test_a_day_without_trading_gives_dashes_and_no_row() -> None:
    dashes = {name: "-" for name in RECORDED["krx_login_bars"][1][0] if name.isupper() and name != "ISU_SRT_CD"}
    page = parsed("krx_login_bars", lambda found: found.update(dashes))
    assert (0, 0) == (page.frame.height, page.faults.height)


def test_the_share_of_the_limit_in_use_follows_from_the_shares() -> None:
    """The page prints 10.64; the library would make 10.640625 of it."""
    row = parsed("krx_login_foreign_holding").frame.to_dicts()[0]
    assert (4_983_122, 46_822_295, 46_822_295) == (row["held_shares"], row["limit_shares"], row["listed_shares"])
    assert 100 * 4_983_122 / 46_822_295 == row["limit_use_pct"]


@pytest.mark.parametrize("missing", ["", "-", None])
def test_a_holding_that_is_not_told_is_no_row_and_a_limit_that_is_not_told_is_null(missing: str | None) -> None:
    assert 0 == parsed("krx_login_foreign_holding", lambda row: row.update(FORN_HD_QTY=missing)).frame.height
    row = parsed("krx_login_foreign_holding", lambda row: row.update(FORN_ORD_LMT_QTY=missing)).frame.to_dicts()[0]
    assert (None, None) == (row["limit_shares"], row["limit_use_pct"])


def test_a_stock_that_traded_without_a_short_sale_has_zeros_and_one_that_did_not_trade_no_row() -> None:
    nothing = {"CVSRTSELL_TRDVOL": "0", "CVSRTSELL_TRDVAL": "0"}
    row = parsed("krx_login_short_trades", lambda found: found.update(nothing)).frame.to_dicts()[0]
    assert (0, 0) == (row["short_volume"], row["short_amount"])
    assert 0 == parsed("krx_login_short_trades", lambda found: found.update(nothing, ACC_TRDVOL="0")).frame.height


def test_a_balance_of_zero_counts_only_once_the_day_is_published() -> None:
    """2021-01-22 and three sessions: public on 2021-01-27 from 18:30 on."""
    other = dict(RECORDED["krx_login_short_balance"][1][0], ISU_CD="006400", BAL_QTY="0", BAL_AMT="0")
    endpoint = VENDOR.endpoint("krx_login_short_balance")
    found = document(endpoint)
    found["OutBlock_1"].append(other)
    early = datetime(2021, 1, 27, 9, 0, tzinfo=UTC)
    assert [33_055] == endpoint.parse(ask(endpoint), reply(found, at=early)).frame["balance_shares"].to_list()
    assert [33_055, 0] == endpoint.parse(ask(endpoint), reply(found)).frame["balance_shares"].to_list()
    found["OutBlock_1"] = [other]
    assert 0 == endpoint.parse(ask(endpoint), reply(found)).frame.height


def test_rows_of_other_stocks_than_those_asked_for_are_left_out() -> None:
    for name in ("krx_login_bars", "krx_login_foreign_holding", "krx_login_short_trades", "krx_login_short_balance"):
        endpoint = VENDOR.endpoint(name)
        page = endpoint.parse(Ask(("000001",), DAY, DAY), reply(document(endpoint)))
        assert (0, "1") == (page.frame.height, page.after.cursor if page.after else "")
        assert endpoint.parse(Ask(("000001",), DAY, DAY, "1"), reply(document(endpoint))).after is None


def test_programme_trading_comes_by_kind_and_adds_up() -> None:
    row = parsed("krx_login_program").frame.to_dicts()[0]
    assert (3_500, -1_000, 2_500) == tuple(
        row[f"{kind}_net_volume"] for kind in ("arbitrage", "non_arbitrage", "program")
    )
    assert 9_000 * 62_000 == row["program_sell_amount"]
    with pytest.raises(SchemaDrift, match="ITM_TP_NM"):
        parsed("krx_login_program", lambda found: found.update(ITM_TP_NM="기타"))


def market_pages(rows: list[dict[str, str]]) -> Page:
    endpoint = VENDOR.endpoint("krx_login_market_investors")
    assert endpoint.join is not None
    pages, part = [], ask(endpoint)
    for _ in range(4):
        pages.append(endpoint.parse(part, reply({"output": rows})))
        if pages[-1].after is None:
            break
        part = pages[-1].after
    return endpoint.join(ask(endpoint), pages)


def test_four_answers_make_a_market_s_day() -> None:
    row = market_pages([MARKET]).frame.to_dicts()[0]
    assert 27_190_933 == row["financial_investment_buy_amount"] == row["financial_investment_sell_volume"]
    assert 67_656_491 == row["institution_buy_volume"]  # 기관 합계 of the same day in the library's examples
    assert 110_426_104 == row["foreign_sell_amount"]  # 외국인 합계 likewise
    assert 0 == row["individual_net_amount"]
    assert "government_net_amount" not in row
    assert 0 == market_pages([]).frame.height


def test_a_market_s_day_that_does_not_add_up_is_rejected() -> None:
    page = market_pages([dict(MARKET, TRDVAL9="927,119,398")])
    assert (0, True) == (page.frame.height, page.faults.height > 0)


def test_years_of_a_market_are_asked_for_in_windows() -> None:
    endpoint = VENDOR.endpoint("krx_login_market_investors")
    first = Ask(("KOSPI",), date(2015, 1, 2), date(2021, 1, 22))
    query, ends, part, asked = endpoint.build(first).query, [], first, 0
    assert ("20190222", "20210122") == (query["strtDd"], query["endDd"])
    while part is not None and asked < 40:
        ends.append(endpoint.build(part).query["endDd"])
        following = endpoint.parse(part, reply({"output": [MARKET]})).after
        part, asked = following, asked + 1
    assert ["20210122"] * 4 + ["20190221"] * 4 + ["20170322"] * 4 + ["20150421"] * 4 == ends


def test_who_did_not_trade_a_stock_has_zero_because_the_others_add_up() -> None:
    page = day_of(purchases(CODE, {"8000": 700, "9000": 250, "7000": 50}, {"8000": 400, "1000": 600}))
    row = page.frame.to_dicts()[0]
    assert (300, 250, -600, 50) == tuple(
        row[f"{name}_net_volume"] for name in ("individual", "foreign_registered", "financial_investment", "government")
    )
    assert (0, 0) == (row["bank_buy_amount"], row["bank_net_volume"])
    assert (250, -550) == (row["foreign_net_volume"], row["institution_net_volume"])
    assert 5_400 * 700 == row["individual_buy_amount"]
    assert {ABSENT: 8} == dict(page.notes)
    assert 0 == page.faults.height


def test_government_is_null_where_the_exchange_lists_nobody_under_it() -> None:
    frame = day_of(purchases(CODE, {"8000": 700, "6000": 50}, {"8000": 400, "1000": 350})).frame
    row = frame.to_dicts()[0]
    assert (None, None) == (row["government_buy_volume"], row["government_net_amount"])
    assert -300 == row["institution_net_volume"]


def test_a_stock_whose_investors_do_not_add_to_the_whole_is_rejected() -> None:
    rows = purchases(CODE, {"8000": 700, "9000": 250}, {"8000": 950})
    del rows["9000"]
    page = day_of(rows)
    assert (0, [APART]) == (page.frame.height, page.faults["reason"].to_list())


def test_where_the_whole_market_is_empty_nothing_more_is_asked() -> None:
    page = PURCHASES.parse(Ask((CODE,), DAY, DAY), reply({"output": []}))
    assert (None, False) == (page.after, page.part)
    assert PURCHASES.join is not None
    assert 0 == PURCHASES.join(Ask((CODE,), DAY, DAY), [page]).frame.height


def test_where_nobody_traded_the_stocks_asked_for_nothing_more_is_asked() -> None:
    """Halted stocks are asked for twice, because a row may be missing by chance: with two questions, not with 26."""
    rows = purchases(CODE, {"8000": 700}, {"9000": 700})
    halted, asked = Ask(("000001",), DAY, DAY), []
    part: Ask | None = halted
    pages = []
    while part is not None:
        asked.append(PARTS[place(part)])
        pages.append(PURCHASES.parse(part, reply({"output": rows["9999"]})))
        part = pages[-1].after
    assert [("9999", "STK"), ("9999", "KSQ")] == asked
    assert PURCHASES.join is not None
    assert (0, 0) == (PURCHASES.join(halted, pages).frame.height, PURCHASES.join(halted, pages).faults.height)


def test_stocks_of_kosdaq_alone_are_asked_of_every_investor() -> None:
    first = PURCHASES.parse(
        Ask((CODE,), DAY, DAY), reply({"output": purchases("000001", {"8000": 1}, {"9000": 1})["9999"]})
    )
    assert first.after is not None
    second = PURCHASES.parse(first.after, reply({"output": purchases(CODE, {"8000": 1}, {"9000": 1})["9999"]}))
    assert second.after is not None and 2 == place(second.after)


@settings(deadline=None)
@given(
    bought=st.dictionaries(st.sampled_from(sorted(CODES.values())), st.integers(1, 10**9), min_size=1),
    parted=st.lists(st.sampled_from(sorted(CODES.values())), min_size=1, max_size=12, unique=True),
)
def test_every_row_of_net_purchases_passes_the_identities(bought: dict[str, int], parted: list[str]) -> None:
    """Whatever is bought is sold by somebody: nets add to zero, leaves to their sums, bought less sold is net."""
    total = sum(bought.values())
    share = total // len(parted)
    sold = dict.fromkeys(parted, share)
    sold[parted[0]] += total - share * len(parted)
    page = day_of(purchases(CODE, bought, sold))
    frame = page.frame.with_columns(pl.lit(1, pl.Int64).alias("row"))
    context = Context(now=NIGHT, unit_won=1, unit_shares=1)
    found = check(records.dataset("investor_day_stock"), frame, context)
    assert [] == found.faults.rows() and {} == dict(found.warnings)
    groups = [f"{group}_net_amount" for group in investors.GROUPS]
    assert 0 == frame.select(pl.sum_horizontal(groups)).item()


def test_since_the_after_market_it_is_not_known_which_hours_a_figure_covers() -> None:
    endpoint = VENDOR.endpoint("krx_login_bars")
    for day, hours in ((date(2026, 9, 11), "REGULAR"), (date(2026, 9, 14), "UNKNOWN")):
        page = endpoint.parse(Ask((CODE,), day, day), reply(document(endpoint)))
        assert [hours] == page.frame["hours"].to_list()


def test_a_recorded_answer_is_valid_json_of_text() -> None:
    for name in RECORDED:
        found = json.loads(reply(document(VENDOR.endpoint(name))).body)
        assert all(isinstance(value, str) for row in found[RECORDED[name][0]] for value in row.values())
