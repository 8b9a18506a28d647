"""Every answer has the fields of the specification, and is written as recorded answers are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sugeup.sandbox.kis.routes import routes
from tests.support.sandboxes import ENDPOINTS, Caller, calling, made, market

RECORDED = Path(__file__).parents[1] / "recorded" / "kis"
SERVED = sorted(route.name for route in routes().values() if route.answer is not None)
EVENING, MIDDAY = "2025-04-15T18:45", "2025-04-15T11:00:20"
WANTED = tuple(
    """inquire_price intstock_multprice inquire_daily_itemchartprice inquire_time_itemchartprice
inquire_time_dailychartprice inquire_investor investor_trade_by_stock_daily inquire_investor_time_by_market
inquire_investor_daily_by_market foreign_institution_total investor_trend_estimate inquire_member program_trade_by_stock
program_trade_by_stock_daily comp_program_trade_today comp_program_trade_daily investor_program_trade_today
daily_short_sale short_sale daily_loan_trans daily_credit_balance inquire_index_price inquire_index_category_price
inquire_daily_indexchartprice inquire_time_indexchartprice inquire_time_fuopchartprice futures_inquire_price chk_holiday
mktfunds search_stock_info volume_rank market_cap bulk_trans_num display_board_top""".split()  # noqa: SIM905
)
UNSEEN = {
    "inquire_price": {"new_hgpr_lwpr_cls_code", "apprch_rate", "mang_issu_cls_code"},
    "inquire_daily_itemchartprice": {"itewhol_loan_rmnd_ratem", "itewhol_loan_rmnd_ratem name"},
    "comp_program_trade_today": {"bstp_nmix_prpr", "bstp_nmix_prdy_vrss", "prdy_vrss_sign"},
    "inquire_time_fuopchartprice": {"kospi200_prdy_vrss", "kospi200_prdy_ctrt", "kospi200_prdy_vrss_sign"},
    "futures_inquire_price": {"hist_vltl", "hts_ints_vltl", "acpr"},
    "inquire_index_price": {"bstp_nmix_prdy_vrss_sign"},
    "search_stock_info": {"cptt_trad_tr_psbl_yn", "nxt_tr_stop_yn"},
}
"""Fields on which recorded answers and the specification differ (kis.md)."""


@pytest.fixture(scope="module", params=[EVENING, MIDDAY])
def caller(request: pytest.FixtureRequest) -> Iterator[Caller]:
    with calling(made(request.param)) as found:
        yield found


def asked(caller: Caller, name: str) -> dict[str, Any]:
    """An answer with rows in it."""
    code = market().codes[3]
    given = {"FID_INPUT_ISCD": code, "MKSC_SHRN_ISCD": code, "PDNO": code}
    entry = ENDPOINTS[name]
    chosen = {
        param: value
        for param, value in given.items()
        if param in entry["params"] and not entry["params"][param].get("allowed")
    }
    if name == "inquire_time_indexchartprice":
        chosen.pop("FID_INPUT_ISCD")
    if name in {"futures_inquire_price", "display_board_top", "inquire_time_fuopchartprice"}:
        session = market().sessions[29]
        chosen["FID_INPUT_ISCD"] = market().rows("futures_minute", session, session)["contract"][0]
    if name == "intstock_multprice":
        chosen = {}
        for number, one in enumerate(market().codes[:29], 1):
            chosen |= {f"FID_COND_MRKT_DIV_CODE_{number}": "J", f"FID_INPUT_ISCD_{number}": one}
        chosen |= {"FID_COND_MRKT_DIV_CODE_30": "U", "FID_INPUT_ISCD_30": "0001"}
    if name == "investor_trade_by_stock_daily":
        chosen["FID_INPUT_DATE_1"] = "20250414"
    return caller.ask(name, **chosen)


def rows(value: Any) -> list[dict[str, str]]:
    return [value] if isinstance(value, dict) else list(value)


def pattern(text: str) -> str:
    """How a value is written: digits with their decimals and padding, or text."""
    if text == "":
        return "empty"
    if re.fullmatch(r"-?0\d{16,}", text):
        return f"padded to {len(text)}"
    if number := re.fullmatch(r"-?\d+(\.(\d+))?", text):
        return f"{len(number[2] or '')} decimals"
    return "text"


def test_every_endpoint_that_a_dataset_needs_is_served() -> None:
    assert sorted(WANTED) == SERVED


@pytest.mark.parametrize("name", WANTED)
def test_an_answer_has_exactly_the_fields_of_the_specification(caller: Caller, name: str) -> None:
    body = asked(caller, name)
    blocks = {block["key"]: block for block in ENDPOINTS[name]["blocks"]}
    assert {*blocks, *ENDPOINTS[name]["envelope"]} == set(body)
    for key, block in blocks.items():
        assert (dict if block["shape"] == "object" else list) is type(body[key])
        for row in rows(body[key]):
            assert set(block["fields"]) == set(row)
            assert all(isinstance(value, str) for value in row.values())


@pytest.mark.parametrize("name", [name for name in WANTED if (RECORDED / f"{name}.json").exists()])
def test_an_answer_is_written_as_the_recorded_one(caller: Caller, name: str) -> None:
    recorded = json.loads((RECORDED / f"{name}.json").read_text())
    blocks = {block["key"]: block["fields"] for block in ENDPOINTS[name]["blocks"]}
    body = asked(caller, name)
    assert {key for key in recorded if not key.startswith("_")} == set(body)
    for key, value in recorded.items():
        if key.startswith("_") or isinstance(value, str):
            continue
        assert type(value) is type(body[key])
        if not value or not body[key]:
            continue
        theirs = {field: {pattern(row[field]) for row in rows(value) if field in row} for field in rows(value)[0]}
        assert set(theirs) ^ set(rows(body[key])[0]) <= UNSEEN.get(name, set())
        for row in rows(body[key]):
            for field, known in theirs.items():
                free = blocks[key][field] in {"code", "text"} if field in blocks[key] else True
                if field in row and row[field] and not free and known != {"empty"}:
                    assert pattern(row[field]) in known, (field, row[field], known)


@pytest.mark.parametrize("name", WANTED)
def test_a_page_is_never_longer_than_the_vendor_makes_it(caller: Caller, name: str) -> None:
    most = ENDPOINTS[name]["rows"]
    longest = max(len(value) for value in asked(caller, name).values() if not isinstance(value, str))
    if most:
        assert longest <= max(most, len(ENDPOINTS[name]["blocks"][0]["fields"]))


def test_the_tally_is_padded_to_eighteen_characters(caller: Caller) -> None:
    found = asked(caller, "investor_trend_estimate")["output2"]
    assert found
    for row in found:
        assert all(18 == len(row[name]) for name in row if name != "bsop_hour_gb")


def test_a_holiday_answer_is_padded_with_spaces(caller: Caller) -> None:
    found = caller.send("chk_holiday", BASS_DT="20250501")
    body = found.json()
    assert "KIOK0500" == body["msg_cd"]
    assert "M" == found.headers["tr_cont"]
    assert 20 == len(body["ctx_area_nk"])
    assert ["N", "Y", "N", "N", "N"] == [row["opnd_yn"] for row in body["output"][:5]]
    assert ["05", "06", "07", "01", "02"] == [row["wday_dvsn_cd"] for row in body["output"][:5]]
