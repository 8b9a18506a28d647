"""증시자금: deposits, loans and unpaid purchases of the whole market in hundred million won."""

from __future__ import annotations

from sugeup.records import Kind
from sugeup.sources.files.layout import EOK
from sugeup.sources.ls import origins
from sugeup.sources.ls.question import Question, listed
from sugeup.sources.replies.pages import Days
from sugeup.sources.replies.paging import until, written
from sugeup.sources.replies.sheet import Field
from sugeup.sources.vendor import Ask, Endpoint, Reach, Request, Scope

_MONEY = {
    "custmoney": "deposits",
    "outmoney": "receivables",
    "trjango": "loan_balance_amount",
    "futymoney": "futures_deposits",
}
FUNDS = Question(
    "t8428",
    "/stock/investinfo",
    (
        listed(
            "t8428OutBlock1",
            Field("date", "session", kind=Kind.DATE),
            *(Field(name, column, EOK, zero=False) for name, column in _MONEY.items()),
        ),
    ),
    beside=("t8428OutBlock",),
)


def funds(ask: Ask) -> Request:
    """A window of days; the index beside them is that of KOSPI, which is not read."""
    return FUNDS.request(
        {
            "fdate": written(ask.first),
            "tdate": written(until(ask)),
            "gubun": "1",
            "key_date": " ",
            "upcode": "001",
            "cnt": 100,
        }
    )


_FUNDS = Days(FUNDS, origins.FUNDS, "", tuple(_MONEY.values()))

QUESTIONS = {FUNDS.name: FUNDS}
ENDPOINTS = (
    Endpoint(
        "t8428", "market_funds", origins.FUNDS, Scope.NONE, Reach.PAST, funds, _FUNDS.parse, span=140, pace=FUNDS.pace
    ),
)
