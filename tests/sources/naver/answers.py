"""Answers of the vendor in the shape of the specification, and the few that were quoted in public."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sugeup.market.sessions import SEOUL
from sugeup.sources.naver import NAVER
from sugeup.sources.vendor import Ask, Endpoint, Page, Reply, Scope
from sugeup.specifications import specification

RECORDED = Path(__file__).parents[2] / "recorded" / "naver"
SPECIFICATION = specification("naver")
DAY = date(2026, 9, 8)
"""A session before the exchange traded in the evening."""
EVENING = datetime(2026, 9, 8, 19, 0, tzinfo=SEOUL).astimezone(UTC)
MORNING = datetime(2026, 9, 9, 9, 0, tzinfo=SEOUL).astimezone(UTC)
QUESTIONS = {
    "naver_market_daily": "market_trend_daily",
    "naver_market_time": "market_trend_time",
    "naver_program_daily": "market_trend_program",
    "naver_program_time": "market_trend_program",
    "naver_deposits": "market_trend_deposit",
    "naver_stock_trend": "stock_trend",
    "naver_stock_holding": "stock_trend",
}
SCOPES = {Scope.MARKET: ("KOSPI",), Scope.STOCK: ("005930",), Scope.NONE: ()}
ENDPOINTS = list(NAVER.endpoints)
Row = dict[str, Any]


def specified(endpoint: Endpoint) -> Row:
    """What the specification says about the question of an endpoint."""
    return dict(SPECIFICATION["endpoints"][QUESTIONS[endpoint.name]])


def everyone(bought: int = 9_000_000_000, sold: int = 7_000_000_000) -> list[Row]:
    """The twelve investors of a row, each a little larger than the one before."""
    return [
        {
            "investorGubun": code,
            "diffValue": str(bought - sold),
            "sellQuant": str(1_000 + place),
            "sellPrice": str(sold + place * 1_000_000),
            "buyQuant": str(3_000 + place),
            "buyPrice": str(bought + place * 1_000_000),
        }
        for place, code in enumerate(SPECIFICATION["investors"])
    ]


def row(endpoint: Endpoint, day: date = DAY, time: str = "") -> Row:
    """One plausible row."""
    name = QUESTIONS[endpoint.name]
    written = {"bizdate": f"{day:%Y%m%d}", "time": time}
    if name in {"market_trend_daily", "market_trend_time"}:
        return written | {"netAmounts": everyone()}
    if name == "market_trend_program":
        figures = {"diff": (5, 2), "biDiff": (40, 60), "totalDiff": (45, 62)}
        return written | {
            f"{prefix}{word}Amt": str(value * 1_000_000_000)
            for prefix, (buy, sell) in figures.items()
            for word, value in (("Buy", buy), ("Sell", sell), ("PureBuy", buy - sell))
        }
    fields = specified(endpoint)["fields"]
    told = dict.fromkeys(fields, "1000")
    return told | {"bizdate": written["bizdate"]} | ({"itemCode": "005930"} if "itemCode" in fields else {})


def document(endpoint: Endpoint, rows: Sequence[Any], *, last: bool = True) -> Any:
    """The rows as the vendor sends them: a page, or a bare list."""
    if specified(endpoint)["shape"] == "list":
        return list(rows)
    return {"totalElements": str(len(rows)), "totalPages": "1", "first": True, "last": last, "content": list(rows)}


def reply(found: Any, at: datetime = EVENING, status: int = 200, kind: str = "application/json") -> Reply:
    """An answer as it comes over the wire."""
    body = found if isinstance(found, bytes) else json.dumps(found).encode()
    return Reply(status, {"content-type": kind}, body, at)


def ask(endpoint: Endpoint, first: date = DAY, last: date = DAY) -> Ask:
    """A question about the usual scope."""
    return Ask(SCOPES[endpoint.scope], first, last)


def parsed(endpoint: Endpoint, rows: Sequence[Any], at: datetime = MORNING, asked: Ask | None = None) -> Page:
    """The page of these rows, the next morning where nothing else is said."""
    return endpoint.parse(asked or ask(endpoint), reply(document(endpoint, rows), at))


def time_of(endpoint: Endpoint) -> str:
    """A time of day where the rows have one."""
    return "100000" if endpoint.name.endswith("_time") else ""


def recorded(name: str) -> Any:
    """A quoted answer without the note on where it is from."""
    found = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
    del found["_provenance"]
    return found.get("rows", found)
