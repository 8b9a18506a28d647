"""공매도: shares sold short of one stock by session. The vendor has no balances of short positions (공매도 잔고)."""

from __future__ import annotations

from sugeup.records import Kind
from sugeup.sources.kis import origins
from sugeup.sources.kis.markets import security
from sugeup.sources.kis.route import STOCK, Route
from sugeup.sources.replies.bars import CLOSED
from sugeup.sources.replies.pages import Days
from sugeup.sources.replies.paging import one, until, written
from sugeup.sources.replies.sheet import Block, Field
from sugeup.sources.vendor import Ask, Endpoint, Reach, Request, Scope

DAILY = Route(
    "daily_short_sale",
    "FHPST04830000",
    f"{STOCK}/daily-short-sale",
    (
        Block(
            ("output2",),
            (
                Field("stck_bsop_date", "session", kind=Kind.DATE),
                Field("ssts_cntg_qty", "short_volume"),
                Field("ssts_tr_pbmn", "short_amount"),
                Field("acml_vol", "traded"),
            ),
            dated="stck_bsop_date",
        ),
    ),
)


def daily(ask: Ask) -> Request:
    """A window of days; of more than a hundred rows the newest come. The fields acml_* depend on it: unread."""
    return DAILY.request(
        {
            "FID_COND_MRKT_DIV_CODE": "J",
            "FID_INPUT_ISCD": security(one(ask)),
            "FID_INPUT_DATE_1": written(ask.first),
            "FID_INPUT_DATE_2": written(until(ask)),
        }
    )


_DAILY = Days(DAILY, origins.EXACT, "code", ("short_volume", "short_amount"), witnesses=("traded",), published=CLOSED)
"""A session that traded without a short sale has zeros, which are told."""

ROUTES = {DAILY.name: DAILY}
ENDPOINTS = (
    Endpoint(
        "daily_short_sale",
        "short_day",
        origins.EXACT,
        Scope.STOCK,
        Reach.PAST,
        daily,
        _DAILY.parse,
        span=140,
        published=CLOSED,
    ),
)
