"""증시자금: deposits, loans and unpaid purchases of the whole market in hundred million won."""

from __future__ import annotations

from sugeup.records import Kind
from sugeup.sources.files.layout import EOK
from sugeup.sources.kis import origins
from sugeup.sources.kis.route import STOCK, Route
from sugeup.sources.replies.pages import Days
from sugeup.sources.replies.paging import until, written
from sugeup.sources.replies.sheet import Block, Field
from sugeup.sources.vendor import Ask, Endpoint, Reach, Request, Scope

_MONEY = {
    "cust_dpmn_amt": "deposits",
    "uncl_amt": "receivables",
    "crdt_loan_rmnd": "loan_balance_amount",
    "futs_tfam_amt": "futures_deposits",
}
FUNDS = Route(
    "mktfunds",
    "FHKST649100C0",
    f"{STOCK}/mktfunds",
    (
        Block(
            ("output",),
            (
                Field("bsop_date", "session", kind=Kind.DATE),
                *(Field(name, column, EOK, zero=False) for name, column in _MONEY.items()),
            ),
            dated="bsop_date",
        ),
    ),
)


def funds(ask: Ask) -> Request:
    """Sessions up to a day, of the market as a whole."""
    return FUNDS.request({"FID_INPUT_DATE_1": written(until(ask))})


_FUNDS = Days(FUNDS, origins.FUNDS, "", tuple(_MONEY.values()))

ROUTES = {FUNDS.name: FUNDS}
ENDPOINTS = (
    Endpoint(
        "mktfunds",
        "market_funds",
        origins.FUNDS,
        Scope.NONE,
        Reach.PAST,
        funds,
        _FUNDS.parse,
        span=40,
    ),
)
