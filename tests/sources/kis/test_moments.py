"""Rows without a date are dated by their receipt, rows of a running session are left out, pages lead back and end."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from sugeup.market import sessions
from sugeup.sources.kis import KIS, indices
from sugeup.sources.kis.vendor import ROUTES
from sugeup.sources.vendor import Ask, Endpoint, Page
from tests.sources.kis.answers import SPECIFICATION, ask, document, recorded, reply, rows

MONDAY, TUESDAY, SATURDAY = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 28)


def seoul(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=sessions.SEOUL).astimezone(UTC)


def at(name: str, moment: datetime, found: dict[str, Any] | None = None, **asked: Any) -> Page:
    endpoint = KIS.endpoint(name)
    return endpoint.parse(ask(endpoint, **asked), reply(found or document(endpoint), moment))


def dated(name: str, days: list[date]) -> dict[str, Any]:
    """The recorded answer with one row for each of these days, the first row repeated."""
    found = document(KIS.endpoint(name))
    listed = rows(found, ROUTES[name])
    field = ROUTES[name].blocks[0].dated
    first = copy.deepcopy(listed[-1])
    listed[:] = [{**first, str(field): day.strftime("%Y%m%d")} for day in days]
    return found


@pytest.mark.parametrize(
    ("moment", "session"),
    [
        (seoul(TUESDAY, 8, 30), None),
        (seoul(TUESDAY, 15, 30), None),
        (seoul(TUESDAY, 15, 40), TUESDAY),
        (seoul(TUESDAY, 19), TUESDAY),
        (seoul(SATURDAY, 12), None),
    ],
)
def test_tonights_bars_are_of_the_session_that_closed_today(moment: datetime, session: date | None) -> None:
    page = at("intstock_multprice", moment)
    assert ([session] if session else []) == page.frame["session"].unique().to_list()
    assert (0 if session else 2) == sum(page.notes.values())


@pytest.mark.parametrize("moment", [seoul(TUESDAY, 7), seoul(TUESDAY, 10), seoul(TUESDAY, 19), seoul(SATURDAY, 12)])
@pytest.mark.parametrize("endpoint", [one for one in KIS.endpoints if one.name in ROUTES], ids=lambda one: one.name)
def test_an_answer_at_any_hour_is_a_page_of_sessions_that_are_over_or_run(endpoint: Endpoint, moment: datetime) -> None:
    page = endpoint.parse(ask(endpoint, last=date(2026, 12, 31)), reply(document(endpoint), moment))
    days = page.frame[records_dated(endpoint)].to_list()
    assert all(sessions.is_session(day) and day <= moment.astimezone(sessions.SEOUL).date() for day in days)
    assert page.faults.is_empty()
    if (
        endpoint.reach.value != "past"
        and endpoint.dataset != "foreign_holding"
        and moment in {seoul(TUESDAY, 7), seoul(SATURDAY, 12)}
    ):
        assert {day for day in days if day >= MONDAY} == set()


def test_bars_seen_while_the_after_market_trades_do_not_say_which_hours_they_cover() -> None:
    assert {"REGULAR"} == set(at("intstock_multprice", seoul(TUESDAY, 15, 45)).frame["hours"])
    assert {"UNKNOWN"} == set(at("intstock_multprice", seoul(TUESDAY, 18)).frame["hours"])


def test_a_halted_stock_keeps_its_row_without_prices_that_never_were() -> None:
    endpoint = KIS.endpoint("intstock_multprice")
    found = document(endpoint)
    found["output"][0] |= {
        "inter2_oprc": "0",
        "inter2_hgpr": "0",
        "inter2_lwpr": "0",
        "acml_vol": "0",
        "acml_tr_pbmn": "0",
    }
    row = endpoint.parse(ask(endpoint), reply(found)).frame.row(0, named=True)
    assert ("HALTED", None, None, None, 77400, 0) == tuple(
        row[name] for name in ("status", "raw_open", "raw_high", "raw_low", "raw_close", "volume")
    )


def test_a_stock_that_is_not_traded_on_a_venue_has_zeros_and_no_row() -> None:
    for name in ("intstock_multprice", "inquire_price", "inquire_investor_time_by_market", "program_trade_by_stock"):
        endpoint = KIS.endpoint(name)
        found = document(endpoint)
        for row in rows(found, ROUTES[name]):
            row.update({field.name: "0" for field in ROUTES[name].blocks[0].fields if field.kind.value != "text"})
        page = endpoint.parse(ask(endpoint), reply(found))
        assert (0, 0) == (page.frame.height, page.faults.height), name


def test_the_minute_of_receipt_stamps_what_has_no_time() -> None:
    moment = datetime(2026, 11, 24, 1, 23, 45, tzinfo=UTC)
    row = at("inquire_investor_time_by_market", moment).frame.row(0, named=True)
    assert (moment.replace(second=0), moment, TUESDAY) == (row["at"], row["known_at"], row["session"])
    assert (None, -41092000000, -3588000) == (
        row.get("foreign_registered_net_amount"),
        row["foreign_net_amount"],
        row["foreign_net_volume"],
    )


def test_the_day_row_of_a_market_exists_only_after_the_close_and_is_never_final() -> None:
    assert 0 == at("inquire_investor_time_by_market_close", seoul(TUESDAY, 15, 20)).frame.height
    row = at("inquire_investor_time_by_market_close", seoul(TUESDAY, 15, 45)).frame.row(0, named=True)
    assert ("kis_minute_close", False, TUESDAY) == (row["source"], row["final"], row["session"])


def test_volumes_of_derivatives_are_contracts_and_their_products_are_not_stocks() -> None:
    endpoint = KIS.endpoint("inquire_investor_time_by_market")
    found = document(endpoint)
    leaves = ("scrt", "ivtr", "bank", "insu", "mrbn", "fund")
    for ending, private in (("ntby_qty", "ntby_vol"), ("shnu_vol", "shnu_vol"), ("seln_vol", "seln_vol")):
        row = found["output"][0]  # contracts are not rounded, so here the leaves add to the sum
        row[f"orgn_{ending}"] = str(
            sum(int(row[f"{leaf}_{ending}"]) for leaf in leaves) + int(row[f"pe_fund_{private}"])
        )
    future = endpoint.parse(Ask(("KOSPI200_FUTURES",), TUESDAY, TUESDAY), reply(found)).frame.row(0, named=True)
    assert (-3588, "ALL") == (future["foreign_net_volume"], future["products"])
    fund = endpoint.parse(Ask(("ETF",), TUESDAY, TUESDAY), reply(found)).frame.row(0, named=True)
    assert (-3588000, "ALL") == (fund["foreign_net_volume"], fund["products"])


@pytest.mark.parametrize(
    ("moment", "session"),
    [
        (seoul(TUESDAY, 7, 59), date(2026, 11, 20)),
        (seoul(TUESDAY, 8), MONDAY),
        (seoul(TUESDAY, 19), MONDAY),
        (seoul(SATURDAY, 12), date(2026, 11, 26)),
        (seoul(date(2026, 11, 30), 8, 5), date(2026, 11, 27)),
    ],
)
def test_holdings_are_of_the_newest_session_that_is_public(moment: datetime, session: date) -> None:
    frame = at("inquire_price", moment, last=date(2026, 12, 31)).frame
    assert [(session, moment)] == frame.select("session", "known_at").rows()


def test_slots_that_a_group_is_not_entered_in_are_null() -> None:
    found = at("investor_trend_estimate", seoul(TUESDAY, 14, 45)).frame.sort("slot")
    assert [(1, -23000, None), (2, None, 22000), (3, -26000, 37000)] == found.select(
        "slot", "foreign_net_volume", "institution_net_volume"
    ).rows()[:3]
    assert {False} == set(found["final"])


def test_todays_empty_strings_are_no_row() -> None:
    page = at("inquire_investor", seoul(TUESDAY, 15, 50))
    assert [date(2024, 6, 10)] == page.frame["session"].to_list()
    assert [1] == list(page.notes.values())


@pytest.mark.parametrize(
    "name",
    [
        "investor_trade_by_stock_daily",
        "program_trade_by_stock_daily",
        "inquire_daily_itemchartprice",
        "daily_short_sale",
    ],
)
def test_the_row_of_a_running_session_is_left_out(name: str) -> None:
    found = dated(name, [TUESDAY, MONDAY])
    assert [MONDAY] == at(name, seoul(TUESDAY, 11), found).frame["session"].to_list()
    assert [TUESDAY, MONDAY] == at(name, seoul(TUESDAY, 15, 45), found).frame["session"].to_list()


PAGED = [one for one in KIS.endpoints if one.name in ROUTES and one.reach.value == "past" and one.span > 1]


@pytest.mark.parametrize("endpoint", PAGED, ids=lambda one: one.name)
def test_pages_lead_back_day_by_day_until_the_first_one_asked_for(endpoint: Endpoint) -> None:
    days = list(sessions.sessions(date(2026, 1, 2), date(2026, 6, 30)))
    route = ROUTES[endpoint.name]
    template = copy.deepcopy(rows(document(endpoint), route)[-1])
    question: Ask | None = ask(endpoint, first=days[40], last=days[-1])
    seen: list[date] = []
    asked = 0
    while question is not None:
        asked += 1
        query = endpoint.build(question).query
        end = date.fromisoformat(next(v for k, v in reversed(query.items()) if v and "DATE" in k and "START" not in k))
        credit = endpoint.name == "daily_credit_balance"
        settled = {day: sessions.next(day, 2) for day in days}
        there = [day for day in days if (settled[day] if credit else day) <= end][-30:][::-1]
        found = document(endpoint)
        rows(found, route)[:] = [
            {
                **template,
                str(route.blocks[0].dated): f"{day:%Y%m%d}",
                **({"stlm_date": f"{settled[day]:%Y%m%d}"} if credit else {}),
            }
            for day in there
        ]
        page = endpoint.parse(question, reply(found))
        seen += page.frame[records_dated(endpoint)].to_list()
        question = page.after
    wanted = [day for day in days if day >= days[40]]
    assert asked == -(-len(wanted) // 30)
    if endpoint.dataset != "corporate_actions":
        assert wanted == sorted(seen)
    assert len(seen) == len(set(seen))


def records_dated(endpoint: Endpoint) -> str:
    return "effective_session" if endpoint.dataset == "corporate_actions" else "session"


@pytest.mark.parametrize("endpoint", PAGED, ids=lambda one: one.name)
def test_one_session_asked_for_is_one_page(endpoint: Endpoint) -> None:
    found = dated(endpoint.name, [MONDAY])
    if endpoint.name == "daily_credit_balance":
        found["output"][0]["stlm_date"] = f"{sessions.next(MONDAY, 2):%Y%m%d}"
    assert endpoint.parse(ask(endpoint, first=MONDAY, last=MONDAY), reply(found)).after is None


def test_a_vendor_that_ignores_the_day_asked_for_does_not_lead_in_circles() -> None:
    endpoint = KIS.endpoint("investor_trade_by_stock_daily")
    found = dated(endpoint.name, [TUESDAY, MONDAY])
    first = endpoint.parse(ask(endpoint), reply(found))
    assert first.after is not None
    assert "20261122" == first.after.cursor
    assert endpoint.parse(first.after, reply(found)).after is None


def test_on_a_day_with_a_late_close_the_figures_run_until_then() -> None:
    day = next(
        day for day in sessions.sessions(date(2025, 11, 1), date(2025, 11, 30)) if sessions.session(day).kind == "CSAT"
    )
    found = dated("program_trade_by_stock_daily", [day])
    assert 0 == at("program_trade_by_stock_daily", seoul(day, 16, 35), found).frame.height
    assert 1 == at("program_trade_by_stock_daily", seoul(day, 16, 40), found).frame.height


def test_padding_rows_are_counted_and_left_out() -> None:
    found = document(KIS.endpoint("daily_short_sale"))
    found["output2"] += [{**found["output2"][0], "stck_bsop_date": ""}, {}]
    page = at("daily_short_sale", seoul(TUESDAY, 19), found)
    assert (1, 0, [2]) == (page.frame.height, page.faults.height, list(page.notes.values()))


def test_a_session_without_a_short_sale_has_zeros_and_a_halted_one_has_no_row() -> None:
    found = dated("daily_short_sale", [TUESDAY, MONDAY])
    for row, traded in zip(found["output2"], ("0", "1000"), strict=True):
        row |= {"ssts_cntg_qty": "0", "ssts_tr_pbmn": "0", "acml_vol": traded}
    frame = at("daily_short_sale", seoul(TUESDAY, 19), found).frame
    assert [(MONDAY, 0, 0)] == frame.select("session", "short_volume", "short_amount").rows()


def test_the_vendors_institutions_have_to_be_the_leaves_without_the_government() -> None:
    endpoint = KIS.endpoint("investor_trade_by_stock_daily")
    found = document(endpoint)
    row = found["output2"][0]
    row |= {"etc_orgt_ntby_vol": "-500", "etc_orgt_ntby_tr_pbmn": "-36"}
    page = endpoint.parse(ask(endpoint), reply(found))
    assert (-571822 - 500) == page.frame["institution_net_volume"][0]
    row["orgn_ntby_qty"] = "-571823"
    spoiled = endpoint.parse(ask(endpoint), reply(found))
    assert (0, [1]) == (spoiled.frame.height, spoiled.faults["row"].to_list())
    assert "기관계" in spoiled.faults["reason"][0]


def test_loans_are_dated_by_the_trade_and_asked_for_by_settlement() -> None:
    endpoint = KIS.endpoint("daily_credit_balance")
    query = endpoint.build(ask(endpoint, first=MONDAY, last=TUESDAY)).query
    assert "20261126" == query["FID_INPUT_DATE_1"]
    page = endpoint.parse(ask(endpoint), reply(document(endpoint)))
    assert [date(2024, 3, 13), date(2024, 3, 12), date(2024, 3, 11)] == page.frame["session"].to_list()
    assert page.after is not None
    assert "20240312" == page.after.cursor


def test_a_settlement_that_lies_ahead_is_asked_for_as_of_today_when_it_is_answered_with_nothing() -> None:
    endpoint = KIS.endpoint("daily_credit_balance")
    asked = ask(endpoint, first=MONDAY, last=TUESDAY)
    page = endpoint.parse(asked, reply(recorded("empty_result"), seoul(TUESDAY, 19)))
    assert page.after is not None
    assert "20261124" == endpoint.build(page.after).query["FID_INPUT_DATE_1"]
    assert endpoint.parse(page.after, reply(recorded("empty_result"), seoul(TUESDAY, 19))).after is None


def test_sides_in_all_of_a_market_are_the_sums_of_the_two_parts() -> None:
    row = at("comp_program_trade_today", seoul(TUESDAY, 15, 50)).frame.row(0, named=True)
    assert (340275 + 2981823) * 1_000_000 == row["program_buy_amount"]
    assert row["program_buy_amount"] - row["program_sell_amount"] == row["program_net_amount"]


def test_closing_values_repeated_after_the_close_are_left_out() -> None:
    endpoint = KIS.endpoint("comp_program_trade_today")
    page = endpoint.parse(ask(endpoint), reply(recorded("comp_program_trade_today"), seoul(TUESDAY, 18)))
    assert (0, [3]) == (page.frame.height, list(page.notes.values()))


def test_changes_of_program_trading_within_a_minute_leave_the_newest() -> None:
    endpoint = KIS.endpoint("program_trade_by_stock")
    found = document(endpoint)
    newest = {**found["output"][0], "bsop_hour": "100059"}
    older = {**newest, "bsop_hour": "100001", "whol_smtn_ntby_qty": "1"}
    running = {**newest, "bsop_hour": "100102"}
    found["output"] = [running, newest, older]
    page = endpoint.parse(ask(endpoint), reply(found, seoul(TUESDAY, 10, 1)))
    assert [(seoul(TUESDAY, 10), 271483)] == page.frame.select("at", "program_net_volume").rows()
    assert 2 == sum(page.notes.values())


def test_open_days_of_the_vendor_are_those_of_our_calendar() -> None:
    from sugeup.sources.kis import calendar

    for name in ("chk_holiday", "chk_holiday.chuseok_2026"):
        told = calendar.open_days(reply(recorded(name)))
        assert told
        assert [(day, sessions.is_session(day)) for day, _ in told] == told
    request = calendar.holidays(date(2026, 9, 10))
    assert set(SPECIFICATION["endpoints"]["chk_holiday"]["params"]) == set(request.query)


def test_a_mark_of_rights_carries_the_factor_of_prices_and_its_evidence() -> None:
    found = dated("inquire_daily_itemchartprice", [TUESDAY, MONDAY])
    found["output2"][0] |= {"flng_cls_code": "01", "stck_clpr": "80000", "prdy_vrss": "800"}
    found["output2"][1] |= {"flng_cls_code": "00", "stck_clpr": "99000", "prdy_vrss": "0"}
    row = at("inquire_daily_itemchartprice_marks", seoul(TUESDAY, 19), found).frame.row(0, named=True)
    assert (TUESDAY, "RIGHTS", 0.8) == (row["effective_session"], row["kind"], row["price_factor"])
    assert "flng_cls_code 01, prtt_rate 0.0, base_price 79200 / close 99000" == row["evidence"]


def test_sectors_beside_an_index_are_told_by_code_and_name() -> None:
    found = indices.sectors(reply(document(KIS.endpoint("inquire_index_category_price"))))
    assert ("KOSPI200", 5) == (found["2001"], len(found))


def test_a_next_page_is_a_calendar_day_older() -> None:
    page = at("program_trade_by_stock_daily", seoul(TUESDAY, 19))
    assert page.after is not None
    assert date(2024, 5, 30) - timedelta(days=1) == date.fromisoformat(page.after.cursor)
