"""프로그램 매매: orders of many stocks at once, by market and by stock, of the day and cumulative since the open.

A way of entering orders that every group of investors uses: it is shown beside them and never added to them. 차익
(arbitrage) against futures and 비차익 add to the whole; per stock they are not told apart.
"""

from __future__ import annotations

from sugeup.records.flows import MARKET
from sugeup.records.schema import AT, CODE, SESSION, Column, Dataset, Partition, integer

KINDS: dict[str, str] = {"program": "프로그램", "arbitrage": "차익", "non_arbitrage": "비차익"}
"""Id in column names and Korean name; the first is the sum of the others."""
_SIDES = {"buy": ("매수", "Bought"), "sell": ("매도", "Sold"), "net": ("순매수", "Bought minus sold")}
_MEASURES = {"amount": ("거래대금", "won"), "volume": ("거래량", "shares")}


def _trades(kind: str, when: str) -> list[Column]:
    entered = {"program": "program orders", "arbitrage": "arbitrage orders", "non_arbitrage": "other program orders"}
    return [
        integer(
            f"{kind}_{side}_{measure}",
            unit,
            f"{KINDS[kind]} {korean} {measured}",
            f"{said} by {entered[kind]} {when}, {unit}.",
        )
        for measure, (measured, unit) in _MEASURES.items()
        for side, (korean, said) in _SIDES.items()
    ]


_DAY = "on the session"
_MINUTE = "since the open"

PROGRAM_DAY_MARKET = Dataset(
    "program_day_market",
    "시장 프로그램 매매 일별",
    "What program orders bought and sold in one market on one session.",
    ("market", "session"),
    (MARKET, SESSION, *(column for kind in KINDS for column in _trades(kind, _DAY))),
    Partition.YEAR,
    scope="market",
)
PROGRAM_DAY_STOCK = Dataset(
    "program_day_stock",
    "종목 프로그램 매매 일별",
    "What program orders bought and sold of one stock on one session.",
    ("code", "session"),
    (CODE, SESSION, *_trades("program", _DAY)),
    Partition.MONTH,
    scope="code",
)
PROGRAM_MINUTE_MARKET = Dataset(
    "program_minute_market",
    "시장 프로그램 매매 장중 누적",
    "What program orders had bought and sold in one market since the open, minute by minute (cumulative).",
    ("market", "session", "at"),
    (MARKET, SESSION, AT, *(column for kind in KINDS for column in _trades(kind, _MINUTE))),
    Partition.DAY,
    scope="market",
)
PROGRAM_MINUTE_STOCK = Dataset(
    "program_minute_stock",
    "종목 프로그램 매매 장중 누적",
    "What program orders had bought and sold of one stock since the open, minute by minute (cumulative).",
    ("code", "session", "at"),
    (CODE, SESSION, AT, *_trades("program", _MINUTE)),
    Partition.DAY,
    scope="code",
)
DATASETS = (PROGRAM_DAY_MARKET, PROGRAM_DAY_STOCK, PROGRAM_MINUTE_MARKET, PROGRAM_MINUTE_STOCK)
