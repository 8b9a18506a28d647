"""Recorded answers of the vendor as replies, and what the specification says about the question behind each of them.

Recordings that are rightly left out whole (minutes after the close, minutes without a trade, an index among stocks) are
changed in `ADJUSTED`, in the one way that it says, so that their rows can be looked at.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sugeup.sources.kis import KIS
from sugeup.sources.kis.route import Route
from sugeup.sources.kis.vendor import ROUTES
from sugeup.sources.vendor import Ask, Endpoint, Reply, Scope
from sugeup.specifications import specification

RECORDED = Path(__file__).parents[2] / "recorded" / "kis"
SPECIFICATION = specification("kis")
CLOSED = datetime(2026, 11, 24, 6, 50, tzinfo=UTC)
"""15:50 in Seoul on a session, after the close and before the after-market."""
MOMENTS = {"futures_inquire_price": datetime(2022, 1, 11, 6, 40, tzinfo=UTC)}
"""Answers of one moment that say when it was: the contract had 58 days to its last one."""
SCOPES = {Scope.STOCK: "005930", Scope.MARKET: "KOSPI", Scope.INDEX: "KOSPI", Scope.CONTRACT: "101V09"}
Document = dict[str, Any]

ASKED = [endpoint for endpoint in KIS.endpoints if endpoint.name in ROUTES]
"""Endpoints that are asked through the interface; the others are files."""


def _two_hours_earlier(row: Document) -> None:
    row["bsop_hour"] = f"{int(row['bsop_hour']) - 20000:06d}"


def _in_the_session(row: Document) -> None:
    row["stck_cntg_hour"] = {"999999": "153000", "888888": "152900"}[row["stck_cntg_hour"]]


def _with_a_trade(row: Document) -> None:
    row["cntg_vol"] = "3"


def _with_a_mark(row: Document) -> None:
    row["flng_cls_code"] = "01"


ADJUSTED: dict[str, Callable[[Document], None]] = {
    "comp_program_trade_today": _two_hours_earlier,
    "inquire_time_indexchartprice": _in_the_session,
    "inquire_time_fuopchartprice": _with_a_trade,
    "inquire_daily_itemchartprice_marks": _with_a_mark,
}


def recorded(name: str) -> Document:
    """A recorded answer without the note on where it is from."""
    found = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
    del found["_provenance"]
    return dict(found)


def document(endpoint: Endpoint) -> Document:
    """The recorded answer to an endpoint, changed as `ADJUSTED` says; of several stocks only the stocks."""
    found = recorded(ROUTES[endpoint.name].name)
    if endpoint.name == "intstock_multprice":
        found["output"] = [
            row for row in found["output"] if row["inter_shrn_iscd"].isdigit() and "." not in row["inter2_prpr"]
        ]
    for row in rows(found, ROUTES[endpoint.name]) if endpoint.name in ADJUSTED else ():
        ADJUSTED[endpoint.name](row)
    return found


def rows(found: Document, route: Route, block: int = 0) -> list[Document]:
    """The rows of a block of an answer, to be read or changed."""
    listed = found[key(found, route, block)]
    return listed if isinstance(listed, list) else [listed]


def key(found: Document, route: Route, block: int = 0) -> str:
    """Under which name a block stands in an answer."""
    return next(name for name in route.blocks[block].keys if name in found)


def reply(found: Document, at: datetime = CLOSED, status: int = 200) -> Reply:
    """An answer as it comes over the wire."""
    return Reply(status, {"content-type": "application/json"}, json.dumps(found).encode(), at)


def ask(endpoint: Endpoint, first: date = date(2020, 1, 2), last: date = date(2026, 11, 24)) -> Ask:
    """A question about the usual scope of an endpoint."""
    scope = SCOPES.get(endpoint.scope)
    return Ask(() if scope is None else (scope,), first, last)


def specified(route: Route) -> Document:
    """What the specification says about a route."""
    return dict(SPECIFICATION["endpoints"][route.name])


def specified_fields(route: Route) -> dict[str, dict[str, str]]:
    """Fields and their units by block of a route, as the specification has them."""
    return {block["key"]: block["fields"] for block in specified(route)["blocks"]}
