"""증시자금동향: deposits and loans of the whole market by day, in hundred million won, two sessions late."""

from __future__ import annotations

from datetime import date

from sugeup.records import Kind
from sugeup.sources.files.layout import EOK
from sugeup.sources.naver import origins, turning
from sugeup.sources.naver.route import Route, block
from sugeup.sources.replies.pages import Days
from sugeup.sources.replies.sheet import Field
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

_MONEY = {"customerDeposit": "deposits", "creditLoan": "loan_balance_amount"}
FUNDS = Route(
    "market_trend_deposit",
    "/api/domestic/market/trendDeposit",
    (
        block(
            Field("bizdate", "session", kind=Kind.DATE),
            *(Field(name, column, EOK, zero=False) for name, column in _MONEY.items()),
        ),
    ),
    most=100,
    begins=date(2002, 5, 3),
)
_FUNDS = Days(FUNDS, origins.FUNDS, "", tuple(_MONEY.values()))


def deposits(ask: Ask) -> Request:
    """One page of days."""
    return FUNDS.request({}, turning.number(ask), turning.size(ask, FUNDS.most))


def by_day(ask: Ask, reply: Reply) -> Page:
    """Deposits and loans; a printed 0 is not published yet."""
    document = FUNDS.document(reply)
    sheet = FUNDS.sheet(document, FUNDS.blocks[0])
    after = turning.older(ask, FUNDS, document, sheet, turning.size(ask, FUNDS.most))
    return _FUNDS.page(ask, reply, turning.left_out(ask, sheet), after)


ROUTES = {FUNDS.name: FUNDS}
ENDPOINTS = (
    Endpoint("naver_deposits", "market_funds", origins.FUNDS, Scope.NONE, Reach.PAST, deposits, by_day, span=140),
)
