"""종목별 외국인·기관: net volumes of three groups and the shares that foreigners hold, of one stock by day."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time
from typing import Any

from sugeup.errors import Refused
from sugeup.market import publication
from sugeup.records import Kind
from sugeup.sources.naver import hours, origins, turning
from sugeup.sources.naver.route import KRX, Route, block
from sugeup.sources.replies.pages import Days
from sugeup.sources.replies.paging import one
from sugeup.sources.replies.sheet import Field, Sheet
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

PUBLISHED = time(18, 10)
"""Time in Seoul from which the figures of the day stand, as users of the vendor's pages saw it."""
_CODE = re.compile(r"[0-9A-Z]{6}")
_NETS = {
    "individualPureBuyQuant": "individual_net_volume",
    "foreignerPureBuyQuant": "foreign_net_volume",
    "organPureBuyQuant": "institution_net_volume",
}
_HELD = "held_shares"
NOT_SETTLED = "holding that is not settled yet"


class Trend(Route):
    """A question about one stock; its rows name it."""

    def of(self, code: str, document: Mapping[str, Any]) -> None:
        """SchemaDrift when the rows are of another stock than was asked for."""
        for row in self.rows(document, self.blocks[0]):
            told = row.get("itemCode", code)
            if told != code:
                raise self.drift("itemCode", f"rows of another stock came than of {code}")


TREND = Trend(
    "stock_trend",
    "/api/domestic/detail/{code}/trend",
    (
        block(
            Field("bizdate", "session", kind=Kind.DATE),
            *(Field(name, column) for name, column in _NETS.items()),
            Field("frgnStock", _HELD, zero=True),
            Field("tradeVolume", "traded"),
        ),
    ),
    most=60,
)
_FLOWS = Days(TREND, origins.STOCK, "code", tuple(_NETS.values()), witnesses=("traded",), published=PUBLISHED)
_HOLDING = Days(TREND, origins.STOCK, "code", (_HELD,), witnesses=("traded",))


def trend(ask: Ask) -> Request:
    """One page of days of a stock; Refused for what is no code."""
    code = one(ask)
    if not _CODE.fullmatch(code):
        raise Refused(f"{code!r} is no code of a stock: six digits or capital letters.", code="UNKNOWN_STOCK")
    size = turning.size(ask, TREND.most)
    return TREND.request({"tradeType": KRX}, turning.number(ask), size, path=TREND.path.replace("{code}", code))


def _sheet(ask: Ask, reply: Reply) -> tuple[Sheet, Ask | None]:
    document = TREND.document(reply)
    TREND.of(one(ask), document)
    sheet = TREND.sheet(document, TREND.blocks[0])
    return sheet, turning.older(ask, TREND, document, sheet, turning.size(ask, TREND.most))


def flows(ask: Ask, reply: Reply) -> Page:
    """Net volumes of the three groups; a day on which nothing was told of any is no row."""
    sheet, after = _sheet(ask, reply)
    found = _without(_FLOWS.page(ask, reply, sheet, after), _HELD)
    return Page(hours.told(found.frame, reply, known=False), found.after, found.faults, found.notes)


def holding(ask: Ask, reply: Reply) -> Page:
    """Shares held by foreigners on the day of each row, as far as the day's holdings are settled."""
    sheet, after = _sheet(ask, reply)
    settled = sheet.keep(
        [
            day is None or publication.known_at("foreign_holding", day) <= reply.received_at
            for day in sheet.columns["session"]
        ]
    )
    found = _without(_HOLDING.page(ask, reply, settled, after), *_NETS.values())
    early = sheet.height - settled.height
    return Page(found.frame, found.after, found.faults, {**found.notes, **({NOT_SETTLED: early} if early else {})})


def _without(found: Page, *names: str) -> Page:
    return Page(found.frame.drop(names), found.after, found.faults, found.notes)


ROUTES = {TREND.name: TREND}
ENDPOINTS = (
    Endpoint(
        "naver_stock_trend",
        "investor_day_stock",
        origins.STOCK,
        Scope.STOCK,
        Reach.PAST,
        trend,
        flows,
        span=80,
        published=PUBLISHED,
    ),
    Endpoint("naver_stock_holding", "foreign_holding", origins.STOCK, Scope.STOCK, Reach.PAST, trend, holding, span=80),
)
