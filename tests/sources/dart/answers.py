"""Answers of the regulator for tests: shapes of the specification, figures that were made up for them.

Names and types of fields are those of src/sugeup/specifications/dart.json, which says what it was compiled from; nobody
recorded an answer here. Who reports is a part such as 주요주주 A, never a person.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

from sugeup.sources.vendor import Ask, Reply
from sugeup.specifications import specification

SPECIFICATION = specification("dart")
DAY = date(2025, 6, 2)
EVENING = datetime(2025, 6, 2, 10, 0, tzinfo=UTC)
CORP, CODE = "00126380", "005930"
_NUMBER = {"rcept_no": "20250602000123", "corp_code": CORP, "corp_name": "삼성전자"}
FEED = {
    "corp_cls": "Y",
    "corp_name": "삼성전자",
    "corp_code": CORP,
    "stock_code": CODE,
    "report_nm": "주식등의대량보유상황보고서(일반)",
    "rcept_no": "20250602000123",
    "flr_nm": "주요주주 A",
    "rcept_dt": "20250602",
    "rm": "",
}
MAJOR = _NUMBER | {
    "rcept_dt": "2025-06-02",
    "report_tp": "일반",
    "repror": "주요주주 A",
    "stkqy": "1,190,000,000",
    "stkqy_irds": "-99,646",
    "stkrt": "19.69",
    "stkrt_irds": "-0.01",
    "ctr_stkqy": "-",
    "ctr_stkrt": "-",
    "report_resn": "- 장내매도\n- 특별관계자 변동",
}
OFFICER = _NUMBER | {
    "rcept_dt": "20250602",
    "repror": "임원 A",
    "isu_exctv_rgist_at": "등기임원",
    "isu_exctv_ofcps": "사장",
    "isu_main_shrholdr": "-",
    "sp_stock_lmp_cnt": "12,500",
    "sp_stock_lmp_irds_cnt": "500",
    "sp_stock_lmp_rate": "0.00",
    "sp_stock_lmp_irds_rate": "0.00",
}
_COMPANY = _NUMBER | {"corp_cls": "Y"}
_HELD = {"aq_wtn_div_ostk": "148,000,000", "aq_wtn_div_ostk_rt": "2.48", "eaq_ostk": "-", "eaq_ostk_rt": "-"}
BUY = _COMPANY | {"aqpln_stk_ostk": "12,500,000", "aqpln_stk_estk": "-", "aqpln_prc_ostk": "1,000,000,000,000"} | _HELD
SELL = _COMPANY | {"dppln_stk_ostk": "2,000,000", "dppln_stk_estk": "-"} | _HELD
TRUST = _COMPANY | {"ctr_prc": "1,000,000,000"} | _HELD
TRUST_END = _COMPANY | {"ctr_prc_bfcc": "1,000,000,000", "ctr_prc_atcc": "-"} | _HELD
STATUS = _COMPANY | {
    "acqs_mth1": "총계",
    "acqs_mth2": "총계",
    "acqs_mth3": "총계",
    "stock_knd": "보통주식",
    "bsis_qy": "100,000",
    "change_qy_acqs": "5,000",
    "change_qy_dsps": "-",
    "change_qy_incnr": "1,000",
    "trmend_qy": "104,000",
    "rm": "-",
}
ROWS: dict[str, dict[str, str]] = {
    "majorstock": MAJOR,
    "elestock": OFFICER,
    "tsstkAqDecsn": BUY,
    "tsstkDpDecsn": SELL,
    "tsstkAqTrctrCnsDecsn": TRUST,
    "tsstkAqTrctrCcDecsn": TRUST_END,
    "tesstkAcqsDspsSttus": STATUS,
}
CALLS = {
    "dart_holdings": ("majorstock", "elestock"),
    "dart_treasury_decisions": ("tsstkAqDecsn", "tsstkDpDecsn", "tsstkAqTrctrCnsDecsn", "tsstkAqTrctrCcDecsn"),
    "dart_treasury_status": ("tesstkAcqsDspsSttus",),
}


def ask(call: str = "", first: date = DAY, last: date = DAY) -> Ask:
    """The day; with a call, as it stands when that call is due."""
    period = "202511013" if call == "tesstkAcqsDspsSttus" else ""
    cursor = f"20250602@1@1,{call}:{CORP}:{CODE}:{period}" if call else ""
    return Ask(("dart_holdings",), first, last, cursor)


def feed(*rows: dict[str, str], page: int = 1, pages: int = 1) -> dict[str, Any]:
    """A page of the feed."""
    total = (pages - 1) * 100 + len(rows)
    head = {"status": "000", "message": "정상", "page_no": page, "page_count": 100, "total_count": total}
    return head | {"total_page": pages, "list": list(rows)}


def told(*rows: dict[str, str]) -> dict[str, Any]:
    """The answer of a call."""
    return {"status": "000", "message": "정상", "list": list(rows)}


def status(code: str) -> dict[str, str]:
    """An answer without rows."""
    return {"status": code, "message": SPECIFICATION["status"][code]}


def reply(body: Any, http: int = 200) -> Reply:
    """A body as it is sent."""
    return Reply(http, {}, body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode(), EVENING)
