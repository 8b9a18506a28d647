"""When a figure is there: nothing before its time, empty or refused as the vendor does it, corrected next morning."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.sandbox.moment import Moment
from sugeup.sandbox.sandbox import Sandbox
from tests.support.sandboxes import ENDPOINTS, FREELY, SMALL, calling, evening, made, market, usual

MARKET = market()
CODE = MARKET.codes[0]
DAY = date(2025, 4, 15)
TODAY = "20250415"


def ask(sandbox: Sandbox, name: str, **given: str) -> dict[str, Any]:
    with calling(sandbox) as caller:
        return dict(caller.send(name, **given).json())


def at(clock: str, name: str, day: date = DAY, **given: str) -> dict[str, Any]:
    return ask(made(f"{day}T{clock}"), name, **given)


def test_investors_of_a_stock_are_refused_for_today_until_twenty_to_four() -> None:
    given = {"FID_INPUT_ISCD": CODE, "FID_INPUT_DATE_1": TODAY}
    for clock in ("00:01", "09:30", "15:39:59"):
        refused = at(clock, "investor_trade_by_stock_daily", **given)
        assert ("2", "OPSQ2001", "TIME LIMIT 00:00 ~ 15:40") == (refused["rt_cd"], refused["msg_cd"], refused["msg1"])
    assert TODAY == at("15:40:00", "investor_trade_by_stock_daily", **given)["output2"][0]["stck_bsop_date"]


def test_an_anchor_of_yesterday_works_at_any_hour() -> None:
    given = {"FID_INPUT_ISCD": CODE, "FID_INPUT_DATE_1": "20250414"}
    assert "20250414" == at("10:49", "investor_trade_by_stock_daily", **given)["output2"][0]["stck_bsop_date"]


def test_todays_row_of_three_groups_is_there_but_empty_until_it_is_filled_in() -> None:
    before = at("10:00", "inquire_investor", FID_INPUT_ISCD=CODE)["output"][0]
    assert (TODAY, "0") == (before["stck_bsop_date"], before["prdy_vrss_sign"])
    assert {""} == {value for name, value in before.items() if name[:4] in {"prsn", "frgn", "orgn"}}
    after = at("15:40", "inquire_investor", FID_INPUT_ISCD=CODE)["output"][0]
    assert TODAY == after["stck_bsop_date"]
    assert "" not in after.values()


def test_tallies_appear_one_by_one() -> None:
    seen = {
        clock: [row["bsop_hour_gb"] for row in at(clock, "investor_trend_estimate", MKSC_SHRN_ISCD=CODE)["output2"]]
        for clock in ("09:29", "09:30", "10:05", "11:20", "14:29", "14:30", "18:00")
    }
    assert [] == seen["09:29"]
    assert ["1"] == seen["09:30"]
    assert ["2", "1"] == seen["10:05"]
    assert ["3", "2", "1"] == seen["11:20"]
    assert ["4", "3", "2", "1"] == seen["14:29"]
    assert ["5", "4", "3", "2", "1"] == seen["14:30"] == seen["18:00"]
    assert [] == at("12:00", "investor_trend_estimate", date(2025, 4, 19), MKSC_SHRN_ISCD=CODE)["output2"]


def test_institutions_are_nothing_in_the_first_tally_and_foreigners_stay_in_the_second() -> None:
    for code in MARKET.codes[:10]:
        rows = at("10:05", "investor_trend_estimate", MKSC_SHRN_ISCD=code)["output2"]
        assert "0" * 18 == rows[1]["orgn_fake_ntby_qty"]
        assert rows[1]["frgn_fake_ntby_qty"] == rows[0]["frgn_fake_ntby_qty"]


def test_margin_and_lending_come_two_sessions_later_in_the_morning() -> None:
    day = date(2025, 4, 17)
    given = {"FID_INPUT_ISCD": CODE, "FID_INPUT_DATE_1": "20250417"}
    lent = {"MKSC_SHRN_ISCD": CODE, "START_DATE": "20250401", "END_DATE": "20250417"}
    before = at("07:59", "daily_credit_balance", day, **given)["output"][0]
    after = at("08:00", "daily_credit_balance", day, **given)["output"][0]
    assert ("20250414", "20250416") == (before["deal_date"], before["stlm_date"])
    assert ("20250415", "20250417") == (after["deal_date"], after["stlm_date"])
    assert "20250414" == at("07:59", "daily_loan_trans", day, **lent)["output1"][0]["bsop_date"]
    assert "20250415" == at("08:00", "daily_loan_trans", day, **lent)["output1"][0]["bsop_date"]


def test_foreign_holding_is_that_of_the_session_before() -> None:
    held = {row["session"]: row["held_shares"] for row in _holding()}
    for clock, day in (("07:59", date(2025, 4, 11)), ("08:05", date(2025, 4, 14)), ("19:00", date(2025, 4, 14))):
        assert str(held[day]) == at(clock, "inquire_price", FID_INPUT_ISCD=CODE)["output"]["frgn_hldn_qty"]


def _holding() -> list[dict[str, Any]]:
    return MARKET.rows("foreign_holding", date(2025, 4, 1), DAY, [CODE]).to_dicts()


def test_short_sales_of_today_come_in_the_evening() -> None:
    given = {"FID_INPUT_ISCD": CODE, "FID_INPUT_DATE_1": "20250401", "FID_INPUT_DATE_2": TODAY}
    assert "20250414" == at("18:29", "daily_short_sale", **given)["output2"][0]["stck_bsop_date"]
    assert TODAY == at("18:30", "daily_short_sale", **given)["output2"][0]["stck_bsop_date"]


def test_a_price_runs_with_the_minutes_that_have_ended() -> None:
    minutes = MARKET.rows("minute_bars", DAY, DAY, [CODE])
    base = MARKET.rows("daily_bars", DAY, DAY, [CODE])["base_price"][0]
    before = at("08:59", "inquire_price", FID_INPUT_ISCD=CODE)["output"]
    assert (str(base), "0") == (before["stck_prpr"], before["acml_vol"])
    done = minutes.filter(pl.col("at") < evening(DAY, 10, 30).astimezone(UTC))
    running = at("10:30:40", "inquire_price", FID_INPUT_ISCD=CODE)["output"]
    assert str(done["volume"].sum()) == running["acml_vol"]
    assert str(done["amount"].sum()) == running["acml_tr_pbmn"]
    assert str(done["raw_close"][-1]) == running["stck_prpr"]
    closed = at("15:31", "inquire_price", FID_INPUT_ISCD=CODE)["output"]
    assert str(minutes["volume"].sum()) == closed["acml_vol"]


def test_minutes_that_have_not_ended_are_padded_as_the_vendor_does() -> None:
    rows = at("10:30:40", "inquire_time_itemchartprice", FID_INPUT_ISCD=CODE, FID_INPUT_HOUR_1="103500")["output2"]
    hours = [row["stck_cntg_hour"] for row in rows[:7]]
    assert ["103500", "103400", "103300", "103200", "103100", "103000"] == hours[:6]
    assert hours[6] < "103000"
    assert {rows[6]["stck_prpr"]} == {row["stck_prpr"] for row in rows[:6]}
    assert ["0"] * 5 + [rows[6]["cntg_vol"]] == [row["cntg_vol"] for row in rows[:6]]


def test_the_market_counts_from_zero_each_morning_and_ends_at_the_days_figures() -> None:
    seen = {clock: at(clock, "inquire_investor_time_by_market")["output"][0] for clock in ("08:30", "11:00", "16:00")}
    assert {"0"} == set(seen["08:30"].values())
    assert 0 < int(seen["11:00"]["prsn_shnu_vol"]) < int(seen["16:00"]["prsn_shnu_vol"])
    days = at("16:00", "inquire_investor_daily_by_market", FID_INPUT_DATE_1=TODAY, FID_INPUT_DATE_2=TODAY)["output"]
    assert TODAY == days[0]["stck_bsop_date"]
    assert days[0]["prsn_ntby_tr_pbmn"] == seen["16:00"]["prsn_ntby_tr_pbmn"]
    friday, sunday = date(2025, 4, 18), date(2025, 4, 20)
    counted = [at("16:00", "inquire_investor_time_by_market", day)["output"] for day in (friday, sunday)]
    assert counted[0] == counted[1]


def test_programme_minutes_repeat_the_close_under_later_times() -> None:
    rows = at("17:00", "comp_program_trade_today")["output"]
    assert "170000" == rows[0]["bsop_hour"]
    assert 30 == len(rows)
    assert 1 == len({tuple(value for name, value in row.items() if name != "bsop_hour") for row in rows})
    assert "180500" == at("19:00", "comp_program_trade_today")["output"][0]["bsop_hour"]


def test_older_days_of_a_markets_programme_are_an_error() -> None:
    assert "OPSQ2001" == at("19:00", "comp_program_trade_daily", FID_INPUT_DATE_1="20240701")["msg_cd"]


EVERYTHING = replace(FREELY, revisions=1.0)


def test_evening_figures_are_corrected_next_morning_and_keep_every_identity() -> None:
    given = {"FID_INPUT_ISCD": CODE, "FID_INPUT_DATE_1": TODAY}
    name = "investor_trade_by_stock_daily"
    evenings = [ask(made(f"{DAY}T{clock}", options=EVERYTHING), name, **given) for clock in ("15:45", "23:00")]
    early = ask(made("2025-04-16T07:59", options=EVERYTHING), name, **given)
    final = ask(made("2025-04-16T08:00", options=EVERYTHING), name, **given)
    assert evenings[0]["output2"][0] == evenings[1]["output2"][0] == early["output2"][0]
    assert final["output2"][0] != early["output2"][0]
    assert final["output2"][1:] == early["output2"][1:]
    known = MARKET.rows("investor_day_stock", DAY, DAY, [CODE]).row(0, named=True)
    assert str(known["individual_net_volume"]) == final["output2"][0]["prsn_ntby_qty"]
    for row in (early["output2"][0], final["output2"][0]):
        net = {name: int(row[f"{name}_ntby_qty"]) for name in ("prsn", "frgn", "orgn", "etc", "frgn_reg", "frgn_nreg")}
        assert 0 == net["prsn"] + net["frgn"] + net["orgn"] + net["etc"]
        assert net["frgn"] == net["frgn_reg"] + net["frgn_nreg"]
        assert int(row["prsn_shnu_vol"]) - int(row["prsn_seln_vol"]) == net["prsn"]
        sides = [
            sum(int(row[f"{who}_{side}_vol"]) for who in ("prsn", "frgn", "orgn", "etc")) for side in ("shnu", "seln")
        ]
        assert sides[0] == sides[1]


@pytest.mark.slow
def test_only_a_small_share_of_stocks_is_corrected() -> None:
    plan = replace(SMALL, stocks=300)
    changed = 0
    evening_, morning = (made(f"{DAY}T20:00", plan=plan), made("2025-04-16T08:00", plan=plan))
    with calling(evening_) as first, calling(morning) as second:
        for code in market(plan).codes:
            rows = [
                caller.ask("investor_trade_by_stock_daily", FID_INPUT_ISCD=code, FID_INPUT_DATE_1=TODAY)["output2"]
                for caller in (first, second)
            ]
            changed += bool(rows[0]) and rows[0][0] != rows[1][0]
    assert 1 <= changed <= 15


@settings(max_examples=25, deadline=None)
@given(
    moment=st.datetimes(datetime(2025, 3, 1), datetime(2025, 6, 25)),
    name=st.sampled_from(
        sorted(
            name for name, entry in ENDPOINTS.items()
            if entry["tr_id"] and name in {
                "inquire_investor", "inquire_daily_itemchartprice", "program_trade_by_stock_daily", "daily_short_sale",
                "daily_loan_trans", "daily_credit_balance", "inquire_daily_indexchartprice", "mktfunds",
                "inquire_investor_daily_by_market", "comp_program_trade_daily", "inquire_time_indexchartprice",
                "inquire_time_dailychartprice", "investor_trade_by_stock_daily",
            }
        )
    ),
)  # fmt: skip
def test_nothing_of_a_later_session_is_ever_shown(moment: datetime, name: str) -> None:
    sandbox = made(moment.replace(tzinfo=evening(DAY).tzinfo))
    entry = ENDPOINTS[name]
    given = {param: usual(name, param, described) for param, described in entry["params"].items()}
    stock = {"FID_INPUT_ISCD", "MKSC_SHRN_ISCD"} & set(given)
    for param in stock:
        given[param] = given[param] or CODE
    for param in given:
        if param in {"FID_INPUT_DATE_2", "END_DATE"} or (
            param == "FID_INPUT_DATE_1" and "FID_INPUT_DATE_2" not in given
        ):
            given[param] = "20250630"
    body = ask(sandbox, name, **given)
    today = f"{moment:%Y%m%d}"
    for rows in body.values():
        for row in rows if isinstance(rows, list) else []:
            for key in ("stck_bsop_date", "bsop_date", "deal_date"):
                assert row.get(key, "") <= today


@given(st.datetimes(datetime(2025, 3, 4), datetime(2025, 6, 16)), st.integers(0, 4))
def test_what_is_public_only_ever_grows(moment: datetime, lag: int) -> None:
    zone = evening(DAY).tzinfo
    first = Moment(moment.replace(tzinfo=zone), MARKET.sessions)
    second = Moment((moment + timedelta(hours=7)).replace(tzinfo=zone), MARKET.sessions)
    for before, after in (
        (first.closed, second.closed),
        (first.investors, second.investors),
        (first.public(lag, evening(DAY, 8, 0).time()), second.public(lag, evening(DAY, 8, 0).time())),
    ):
        assert before is None or (after is not None and before <= after)
        assert after is None or after <= second.day


@pytest.mark.parametrize("clock", ["07:30", "08:30", "09:00:05", "15:20", "15:30", "23:59"])
def test_every_snapshot_answers_at_any_hour(clock: str) -> None:
    for name in ("inquire_price", "inquire_member", "program_trade_by_stock", "inquire_index_price", "volume_rank"):
        given = {"FID_INPUT_ISCD": CODE} if "index" not in name and "rank" not in name else {"FID_INPUT_ISCD": "0001"}
        assert "0" == at(clock, name, **given)["rt_cd"]
