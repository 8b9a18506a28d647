"""What the sandbox answers is the market's truth in the vendor's units: nothing lost but what rounding takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sugeup.market import investors
from sugeup.sandbox.kis.envelope import hundredths, padded, units
from sugeup.sandbox.kis.fields import column
from tests.support.sandboxes import SMALL, Caller, calling, made, market

MARKET = market()
DAY = date(2025, 4, 15)
LATER = "2025-04-18T19:00"
CODES = [MARKET.codes[at] for at in (0, 7, 19, 33)]


@pytest.fixture(scope="module")
def caller() -> Iterator[Caller]:
    with calling(made(LATER)) as found:
        yield found


def truth(dataset: str, code: str, day: date = DAY) -> dict[str, Any]:
    rows = MARKET.rows(dataset, day, day, [code]).to_dicts()
    assert rows, (dataset, code)
    return rows[0]


def away(value: int, unit: int) -> str:
    """Half away from zero, by another road."""
    return str(int((Decimal(value) / unit).quantize(Decimal(1), ROUND_HALF_UP)))


def of_day(rows: list[dict[str, str]], key: str = "stck_bsop_date", day: date = DAY) -> dict[str, str]:
    return next(row for row in rows if row[key] == f"{day:%Y%m%d}")


@given(st.integers(-(10**15), 10**15), st.sampled_from([1, 1_000, 10_000, 1_000_000, 100_000_000]))
def test_larger_units_are_rounded_half_away_from_zero(value: int, unit: int) -> None:
    assert away(value, unit) == units(value, unit)


@given(st.integers(-(10**16), 10**16))
def test_a_padded_number_reads_back(value: int) -> None:
    assert value == int(padded(value))
    assert 18 == len(padded(value))


@given(st.floats(-1e6, 1e6))
def test_two_decimals_are_never_a_negative_zero(value: float) -> None:
    assert "-0.00" != hundredths(value)
    assert abs(float(hundredths(value)) - value) <= 0.005 + 1e-9 * abs(value)


def test_missing_is_empty_and_not_zero() -> None:
    assert ("", "") == (units(None, 1_000), hundredths(None))


@pytest.mark.parametrize("code", CODES)
def test_every_group_of_a_stock_is_the_truth_in_shares_and_million_won(caller: Caller, code: str) -> None:
    found = of_day(
        caller.ask("investor_trade_by_stock_daily", FID_INPUT_ISCD=code, FID_INPUT_DATE_1="20250416")["output2"]
    )
    known = truth("investor_day_stock", code)
    for side in investors.SIDES:
        for measure in investors.MEASURES:
            name = f"_{side}_{measure}"
            known[f"orgn{name}"] = known[f"institution{name}"] - known[f"government{name}"]
            known[f"etc{name}"] = known[f"other_corporation{name}"] + known[f"government{name}"]
    seen = {field: column(field) for field in found if column(field)}
    assert 90 == len(seen)
    for field, ours in seen.items():
        assert ours is not None
        expected = away(known[ours], 1_000_000) if ours.endswith("amount") else str(known[ours])
        assert expected == found[field], field
    bar = truth("daily_bars", code)
    assert str(bar["amount"]) == found["acml_tr_pbmn"]
    assert str(bar["raw_close"]) == found["stck_clpr"]
    assert str(bar["raw_close"] - bar["base_price"]) == found["prdy_vrss"]


@pytest.mark.parametrize("code", CODES)
def test_the_three_groups_agree_with_the_finer_answer(caller: Caller, code: str) -> None:
    coarse = {row["stck_bsop_date"]: row for row in caller.ask("inquire_investor", FID_INPUT_ISCD=code)["output"]}
    fine = caller.ask("investor_trade_by_stock_daily", FID_INPUT_ISCD=code, FID_INPUT_DATE_1="20250418")["output2"]
    shared = 0
    for row in fine:
        for field in set(row) & set(coarse.get(row["stck_bsop_date"], {})):
            assert row[field] == coarse[row["stck_bsop_date"]][field]
            shared += 1
    assert shared > 500


@pytest.mark.parametrize("code", CODES)
def test_bars_programme_short_sales_lending_and_margin_are_the_truth(caller: Caller, code: str) -> None:
    window = {"FID_INPUT_ISCD": code, "FID_INPUT_DATE_1": "20250401", "FID_INPUT_DATE_2": "20250418"}
    bar, known = of_day(caller.ask("inquire_daily_itemchartprice", **window)["output2"]), truth("daily_bars", code)
    names = {"stck_oprc": "raw_open", "stck_hgpr": "raw_high", "stck_lwpr": "raw_low", "stck_clpr": "raw_close"}
    assert {name: str(known[ours] or 0) for name, ours in names.items()} == {name: bar[name] for name in names}
    assert (str(known["volume"]), str(known["amount"])) == (bar["acml_vol"], bar["acml_tr_pbmn"])
    assert known["base_price"] == int(bar["stck_clpr"]) - int(bar["prdy_vrss"])

    days = caller.ask("program_trade_by_stock_daily", FID_INPUT_ISCD=code, FID_INPUT_DATE_1="20250418")["output"]
    program, known = of_day(days), truth("program_day_stock", code)
    assert str(known["program_net_amount"]) == program["whol_smtn_ntby_tr_pbmn"]
    assert str(known["program_buy_volume"]) == program["whol_smtn_shnu_vol"]

    short, known = of_day(caller.ask("daily_short_sale", **window)["output2"]), truth("short_day", code)
    assert (str(known["short_volume"]), str(known["short_amount"])) == (short["ssts_cntg_qty"], short["ssts_tr_pbmn"])

    given = {"MKSC_SHRN_ISCD": code, "START_DATE": "20250401", "END_DATE": "20250418"}
    lent, known = of_day(caller.ask("daily_loan_trans", **given)["output1"], "bsop_date"), truth("lending", code)
    assert str(known["balance_shares"]) == lent["rmnd_stcn"]
    assert away(known["balance_amount"], 1_000_000) == lent["rmnd_amt"]

    margin = caller.ask("daily_credit_balance", FID_INPUT_ISCD=code, FID_INPUT_DATE_1="20250418")["output"]
    owed, known = of_day(margin, "deal_date"), truth("credit", code)
    assert "20250417" == owed["stlm_date"]
    assert str(known["loan_balance_shares"]) == owed["whol_loan_rmnd_stcn"]
    assert away(known["loan_balance_amount"], 10_000) == owed["whol_loan_rmnd_amt"]
    assert away(known["stock_loan_balance_amount"], 10_000) == owed["whol_stln_rmnd_amt"]


def test_a_market_is_in_thousand_shares_and_million_won(caller: Caller) -> None:
    found = of_day(
        caller.ask("inquire_investor_daily_by_market", FID_INPUT_DATE_1="20250418", FID_INPUT_DATE_2="20250418")[
            "output"
        ]
    )
    known = MARKET.rows("investor_day_market", DAY, DAY, ["KOSPI"]).to_dicts()[0]
    assert away(known["foreign_registered_net_amount"], 1_000_000) == found["frgn_reg_ntby_pbmn"]
    assert away(known["individual_net_volume"], 1_000) == found["prsn_ntby_qty"]
    assert away(known["private_fund_net_volume"], 1_000) == found["pe_fund_ntby_vol"]
    level = MARKET.rows("index_day", DAY, DAY, ["KOSPI"]).to_dicts()[0]
    assert f"{level['close']:.2f}" == found["bstp_nmix_prpr"]


def test_the_programme_of_a_market_and_the_funds_are_the_truth(caller: Caller) -> None:
    found = of_day(caller.ask("comp_program_trade_daily", FID_INPUT_DATE_1="20250418")["output"])
    known = MARKET.rows("program_day_market", DAY, DAY, ["KOSPI"]).to_dicts()[0]
    assert away(known["arbitrage_buy_amount"], 1_000_000) == found["arbt_smtn_shnu_tr_pbmn"]
    assert away(known["non_arbitrage_sell_volume"], 1_000) == found["nabt_smtn_seln_vol"]
    assert away(known["program_net_amount"], 1_000_000) == found["whol_smtn_ntby_tr_pbmn"]
    funds = of_day(caller.ask("mktfunds", FID_INPUT_DATE_1="20250418")["output"], "bsop_date")
    known = MARKET.rows("market_funds", DAY, DAY).to_dicts()[0]
    assert away(known["deposits"], 10**8) == funds["cust_dpmn_amt"]
    assert away(known["loan_balance_amount"], 10**8) == funds["crdt_loan_rmnd"]


@pytest.mark.parametrize("code", CODES[:2])
def test_minutes_of_a_day_are_the_truth_and_add_up_to_it(caller: Caller, code: str) -> None:
    day = {"FID_INPUT_ISCD": code, "FID_INPUT_DATE_1": "20250415", "FID_PW_DATA_INCU_YN": "N"}
    found: list[dict[str, str]] = []
    hour = "153000"
    while page := caller.ask("inquire_time_dailychartprice", FID_INPUT_HOUR_1=hour, **day)["output2"]:
        found += page
        minute = int(page[-1]["stck_cntg_hour"][:2]) * 60 + int(page[-1]["stck_cntg_hour"][2:4]) - 1
        hour = f"{minute // 60:02d}{minute % 60:02d}00"
    known = MARKET.rows("minute_bars", DAY, DAY, [code])
    assert known["volume"].to_list() == [int(row["cntg_vol"]) for row in reversed(found)]
    assert known["amount"].cum_sum().to_list() == [int(row["acml_tr_pbmn"]) for row in reversed(found)]
    assert truth("daily_bars", code)["amount"] == int(found[0]["acml_tr_pbmn"])


def test_sums_of_short_sales_depend_on_the_first_day_asked_for(caller: Caller) -> None:
    given = {"FID_INPUT_ISCD": CODES[0], "FID_INPUT_DATE_2": "20250415"}
    early = caller.ask("daily_short_sale", FID_INPUT_DATE_1="20250401", **given)["output2"][0]
    late = caller.ask("daily_short_sale", FID_INPUT_DATE_1="20250415", **given)["output2"][0]
    assert late["ssts_cntg_qty"] == late["acml_ssts_cntg_qty"]
    assert int(early["acml_ssts_cntg_qty"]) >= int(late["acml_ssts_cntg_qty"])
    assert early["ssts_cntg_qty"] == late["ssts_cntg_qty"]


def test_lending_of_a_market_answers_where_a_stock_was_meant(caller: Caller) -> None:
    given = {"MKSC_SHRN_ISCD": CODES[0], "START_DATE": "20250415", "END_DATE": "20250415"}
    stock = caller.ask("daily_loan_trans", MRKT_DIV_CLS_CODE="3", **given)["output1"][0]
    whole = caller.ask("daily_loan_trans", MRKT_DIV_CLS_CODE="1", **given)["output1"][0]
    assert int(whole["rmnd_stcn"]) > int(stock["rmnd_stcn"])


def test_a_code_that_is_not_there_gives_nothing_rather_than_an_error(caller: Caller) -> None:
    assert [] == caller.ask("inquire_investor", FID_INPUT_ISCD="000000")["output"]
    assert [] == caller.ask("investor_trend_estimate", MKSC_SHRN_ISCD="000000")["output2"]
    assert "0" == caller.ask("inquire_price", FID_INPUT_ISCD="000000")["output"]["stck_prpr"]
    assert (
        "0" == caller.ask("inquire_price", FID_INPUT_ISCD=CODES[0], FID_COND_MRKT_DIV_CODE="NX")["output"]["acml_vol"]
    )
    pair = {"FID_INPUT_ISCD": "KSQ", "FID_INPUT_ISCD_2": "0001"}
    zeros = caller.ask("inquire_investor_time_by_market", **pair)["output"]
    assert [{"0"}] == [set(row.values()) for row in zeros]


def test_adjusted_bars_lie_on_the_scale_after_a_split() -> None:
    plan = replace(SMALL, stocks=200, sessions=100)
    larger = market(plan)
    action = larger.rows("corporate_actions", larger.sessions[5], larger.sessions[-5]).row(0, named=True)
    with calling(made(f"{larger.sessions[-1]}T19:00", plan=plan)) as late:
        given = {"FID_INPUT_ISCD": action["code"], "FID_INPUT_DATE_1": "20250301", "FID_INPUT_DATE_2": "20251231"}
        raw = late.ask("inquire_daily_itemchartprice", FID_ORG_ADJ_PRC="1", **given)["output2"]
        scaled = late.ask("inquire_daily_itemchartprice", FID_ORG_ADJ_PRC="0", **given)["output2"]
    marked = [row for row in raw if row["mod_yn"] == "Y"]
    assert [f"{action['effective_session']:%Y%m%d}"] == [row["stck_bsop_date"] for row in marked]
    assert [f"{action['share_factor']:.2f}"] == [row["prtt_rate"] for row in marked]
    assert int(int(raw[-1]["stck_clpr"]) * action["price_factor"] + 0.5) == int(scaled[-1]["stck_clpr"])
    assert raw[0] == scaled[0]
