"""Answers in the shapes of the member pages.

Field names and the figures of single rows are those of the examples in pykrx 1.2.9 (MIT); the rows of investors and of
programme trading are made up, because an example of one stock by every investor is nowhere printed. The industry of a
stock has its name of today: the example's, 서비스업, is one that the exchange gave up in 2024.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

from sugeup.sources.files.exchange_investors import ALL, CODES
from sugeup.sources.krx_login.net_purchases import PARTS
from sugeup.sources.vendor import Ask, Endpoint, Reply, Scope

DAY = date(2021, 1, 22)
NIGHT = datetime(2021, 2, 10, 12, 0, tzinfo=UTC)
"""Long after everything of the day is public."""
CODE = "095570"

BARS = {
    "ISU_SRT_CD": CODE, "ISU_ABBRV": "AJ네트웍스", "MKT_NM": "KOSPI", "SECT_TP_NM": "", "TDD_CLSPRC": "5,400",
    "FLUC_TP_CD": "1", "CMPPREVDD_PRC": "70", "FLUC_RT": "1.31", "TDD_OPNPRC": "5,330", "TDD_HGPRC": "5,470",
    "TDD_LWPRC": "5,260", "ACC_TRDVOL": "90,129", "ACC_TRDVAL": "485,098,680", "MKTCAP": "252,840,393,000",
    "LIST_SHRS": "46,822,295", "MKT_ID": "STK",
}  # fmt: skip
HOLDING = {
    "ISU_SRT_CD": CODE, "ISU_ABBRV": "AJ네트웍스", "TDD_CLSPRC": "4,510", "FLUC_TP_CD": "2", "CMPPREVDD_PRC": "-50",
    "FLUC_RT": "-1.10", "LIST_SHRS": "46,822,295", "FORN_HD_QTY": "4,983,122", "FORN_SHR_RT": "10.64",
    "FORN_ORD_LMT_QTY": "46,822,295", "FORN_LMT_EXHST_RT": "10.64",
}  # fmt: skip
TRADES = {
    "ISU_CD": CODE, "ISU_ABBRV": "AJ네트웍스", "SECUGRP_NM": "주권", "CVSRTSELL_TRDVOL": "32", "ACC_TRDVOL": "180,458",
    "TRDVOL_WT": "0.02", "CVSRTSELL_TRDVAL": "134,240", "ACC_TRDVAL": "757,272,515", "TRDVAL_WT": "0.02",
}  # fmt: skip
BALANCE = {
    "ISU_CD": CODE, "ISU_ABBRV": "AJ네트웍스", "BAL_QTY": "33,055", "LIST_SHRS": "46,822,295",
    "BAL_AMT": "134,864,400", "MKTCAP": "191,034,963,600", "BAL_RTO": "0.07",
}  # fmt: skip
MARKET = {
    "TRD_DD": "2021/01/22", "TRDVAL1": "27,190,933", "TRDVAL2": "2,735,154", "TRDVAL3": "8,774,207",
    "TRDVAL4": "3,338,979", "TRDVAL5": "454,546", "TRDVAL6": "170,392", "TRDVAL7": "24,992,280",
    "TRDVAL8": "6,020,990", "TRDVAL9": "927,119,399", "TRDVAL10": "108,740,962", "TRDVAL11": "1,685,142",
    "TRDVAL_TOT": "1,111,222,984",
}  # fmt: skip
PURCHASE = {
    "ISU_SRT_CD": "006400", "ISU_NM": "삼성SDI", "ASK_TRDVOL": "1,298,644", "BID_TRDVOL": "1,636,929",
    "NETBID_TRDVOL": "338,285", "ASK_TRDVAL": "899,322,500,000", "BID_TRDVAL": "1,125,880,139,000",
    "NETBID_TRDVAL": "226,557,639,000",
}  # fmt: skip
PROGRAM = [
    {
        "ITM_TP_NM": label, "ASK_TRDVOL": f"{sold:,}", "BID_TRDVOL": f"{bought:,}",
        "NETBID_TRDVOL": f"{bought - sold:,}",
        "ASK_TRDVAL": f"{9_000 * sold:,}", "BID_TRDVAL": f"{9_000 * bought:,}",
        "NETBID_TRDVAL": f"{9_000 * (bought - sold):,}",
    }
    for label, sold, bought in (("차익", 1_000, 4_500), ("비차익", 61_000, 60_000), ("전체", 62_000, 64_500))
]  # fmt: skip
SECTOR = {
    "ISU_SRT_CD": CODE, "ISU_ABBRV": "AJ네트웍스", "MKT_TP_NM": "KOSPI", "IDX_IND_NM": "일반서비스",
    "TDD_CLSPRC": "7,280", "CMPPREVDD_PRC": "80", "FLUC_RT": "1.11", "MKTCAP": "340,866,307,600", "FLUC_TP_CD": "1",
}  # fmt: skip
MEMBER = {
    "ISU_SRT_CD": "005930", "ISU_ABBRV": "삼성전자", "TDD_CLSPRC": "89,400", "FLUC_TP_CD": "1", "STR_CMP_PRC": "2,600",
    "FLUC_RT": "3.00", "MKTCAP": "533,698,559,970,000",
}  # fmt: skip
RECORDED: dict[str, tuple[str, list[dict[str, str]]]] = {
    "krx_login_bars": ("OutBlock_1", [BARS]),
    "krx_login_list": ("OutBlock_1", [BARS]),
    "krx_login_foreign_holding": ("output", [HOLDING]),
    "krx_login_short_trades": ("OutBlock_1", [TRADES]),
    "krx_login_short_balance": ("OutBlock_1", [BALANCE]),
    "krx_login_market_investors": ("output", [MARKET]),
    "krx_login_net_purchases": ("output", [PURCHASE]),
    "krx_login_program": ("output", PROGRAM),
    "krx_login_sectors": ("block1", [SECTOR]),
    "krx_login_index_members": ("output", [MEMBER]),
}


def ask(endpoint: Endpoint, cursor: str = "") -> Ask:
    """What the recorded rows answer."""
    if endpoint.scope is Scope.MARKET:
        return Ask(("KOSPI",), DAY, DAY, cursor)
    return Ask((CODE, "006400"), DAY, DAY, cursor)


def document(endpoint: Endpoint) -> dict[str, Any]:
    """The recorded answer, to be changed at will."""
    block, rows = RECORDED[endpoint.name]
    return {block: [dict(row) for row in rows], "CURRENT_DATETIME": "2021.02.10 PM 09:00:00"}


def reply(found: Any, status: int = 200, at: datetime = NIGHT) -> Reply:
    """A reply with that as JSON, or with those bytes."""
    body = found if isinstance(found, bytes) else json.dumps(found, ensure_ascii=False).encode()
    return Reply(status, {}, body, at)


def purchases(code: str, bought: dict[str, int], sold: dict[str, int]) -> dict[str, list[dict[str, str]]]:
    """Rows of one stock by investor code; 전체 is the sum. Who bought and sold nothing is not listed."""
    found = {}
    for investor in (ALL, *CODES.values()):
        whole = investor == ALL
        buy = sum(bought.values()) if whole else bought.get(investor, 0)
        sell = sum(sold.values()) if whole else sold.get(investor, 0)
        if buy or sell:
            found[investor] = [_row(code, buy, sell)]
    return found


def asks() -> list[Ask]:
    """The asks of one day of net purchases."""
    return [Ask((CODE,), DAY, DAY, str(number) if number else "") for number in range(len(PARTS))]


def _row(code: str, buy: int, sell: int) -> dict[str, str]:
    return {
        "ISU_SRT_CD": code, "ISU_NM": "이름", "ASK_TRDVOL": f"{sell:,}", "BID_TRDVOL": f"{buy:,}",
        "NETBID_TRDVOL": f"{buy - sell:,}", "ASK_TRDVAL": f"{5_400 * sell:,}", "BID_TRDVAL": f"{5_400 * buy:,}",
        "NETBID_TRDVAL": f"{5_400 * (buy - sell):,}",
    }  # fmt: skip
