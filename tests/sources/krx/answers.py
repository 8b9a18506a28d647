"""Answers of the exchange for tests: shapes of the specification, figures of 2025-06-02 that were made up for them.

Names and types of fields are those of src/sugeup/specifications/krx.json, which says what it was compiled from; nobody
recorded an answer here. The codes are real, the figures are not.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

from sugeup.sources.krx import KRX
from sugeup.sources.vendor import Ask, Endpoint, Reply
from sugeup.specifications import specification

SPECIFICATION = specification("krx")
DAY = date(2025, 6, 2)
MORNING = datetime(2025, 6, 4, 0, 0, tzinfo=UTC)
"""09:00 in Seoul on the next trading day (June 3 was an election day)."""
STOCK = {
    "BAS_DD": "20250602",
    "ISU_CD": "005930",
    "ISU_NM": "삼성전자",
    "MKT_NM": "KOSPI",
    "SECT_TP_NM": "",
    "TDD_CLSPRC": "56800",
    "CMPPREVDD_PRC": "600",
    "FLUC_RT": "1.07",
    "TDD_OPNPRC": "56500",
    "TDD_HGPRC": "57000",
    "TDD_LWPRC": "56400",
    "ACC_TRDVOL": "14300000",
    "ACC_TRDVAL": "811500000000",
    "MKTCAP": "336237600000000",
    "LIST_SHRS": "5919637922",
}
HALTED = STOCK | {
    "ISU_CD": "000040",
    "ISU_NM": "KR모터스",
    "TDD_CLSPRC": "387",
    "CMPPREVDD_PRC": "0",
    "FLUC_RT": "0.00",
    "TDD_OPNPRC": "0",
    "TDD_HGPRC": "0",
    "TDD_LWPRC": "0",
    "ACC_TRDVOL": "0",
    "ACC_TRDVAL": "0",
    "MKTCAP": "23000000000",
    "LIST_SHRS": "60000000",
}
INDEX = {
    "BAS_DD": "20250602",
    "IDX_CLSS": "KOSPI",
    "IDX_NM": "코스피",
    "CLSPRC_IDX": "2698.97",
    "CMPPREVDD_IDX": "1.30",
    "FLUC_RT": "0.05",
    "OPNPRC_IDX": "2702.43",
    "HGPRC_IDX": "2715.30",
    "LWPRC_IDX": "2690.10",
    "ACC_TRDVOL": "395000000",
    "ACC_TRDVAL": "8600000000000",
    "MKTCAP": "2208000000000000",
}
LISTED = {
    "ISU_CD": "KR7005930003",
    "ISU_SRT_CD": "005930",
    "ISU_NM": "삼성전자보통주",
    "ISU_ABBRV": "삼성전자",
    "ISU_ENG_NM": "SamsungElectronics",
    "LIST_DD": "19750611",
    "MKT_TP_NM": "KOSPI",
    "SECUGRP_NM": "주권",
    "SECT_TP_NM": "",
    "KIND_STKCERT_TP_NM": "보통주",
    "PARVAL": "100",
    "LIST_SHRS": "5919637922",
}
ROWS: dict[str, list[dict[str, str]]] = {
    "krx_bydd_trd": [STOCK, HALTED],
    "krx_index_dd_trd": [INDEX, INDEX | {"IDX_NM": "코스피 200"}, INDEX | {"IDX_NM": "전기·전자"}],
    "krx_base_info": [LISTED],
}
SCOPES = {"krx_bydd_trd": ("005930", "000040"), "krx_index_dd_trd": ("KOSPI", "KOSPI200", "0013"), "krx_base_info": ()}


def ask(endpoint: Endpoint, cursor: str = "") -> Ask:
    """What the rows answer."""
    day = MORNING.date() if endpoint.name == "krx_base_info" else DAY
    return Ask(SCOPES[endpoint.name], day, day, cursor)


def reply(rows: Any, status: int = 200, at: datetime = MORNING) -> Reply:
    """A list of rows as the exchange sends it, or any other body."""
    body = {"OutBlock_1": rows} if isinstance(rows, list) else rows
    return Reply(status, {}, json.dumps(body, ensure_ascii=False).encode(), at)


EVERY = [KRX.endpoint(name) for name in ROWS]
