"""대차와 신용: shares lent between institutions in million won, loans of brokers to individuals in ten thousand won."""

from __future__ import annotations

from datetime import date

from sugeup.market import sessions
from sugeup.records import Kind
from sugeup.sources.files.layout import MILLION
from sugeup.sources.kis import origins
from sugeup.sources.kis.markets import security
from sugeup.sources.kis.origins import MANWON
from sugeup.sources.kis.route import STOCK, Route
from sugeup.sources.replies import moments
from sugeup.sources.replies.bars import CLOSED
from sugeup.sources.replies.pages import Days
from sugeup.sources.replies.paging import any_session, earlier, one, until, written
from sugeup.sources.replies.sheet import Block, Field
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

SETTLEMENT = 2
"""Sessions from a trade to its settlement."""
_LENT = ("new_shares", "repaid_shares", "balance_shares", "balance_amount")

LENDING = Route(
    "daily_loan_trans",
    "HHPST074500C0",
    f"{STOCK}/daily-loan-trans",
    (
        Block(
            ("output1", "output2"),
            (
                Field("bsop_date", "session", kind=Kind.DATE),
                Field("new_stcn", "new_shares"),
                Field("rdmp_stcn", "repaid_shares"),
                Field("rmnd_stcn", "balance_shares"),
                Field("rmnd_amt", "balance_amount", MILLION),
                Field("acml_vol", "traded"),
            ),
            dated="bsop_date",
        ),
    ),
)
_STEPS = {"new": "new", "repaid": "rdmp", "balance": "rmnd"}
_LOANS = tuple(
    Field(f"whol_{word}_{step}_{ending}", f"{kind}_{ours}_{measure}", unit)
    for kind, word in (("loan", "loan"), ("stock_loan", "stln"))
    for measure, ending, unit in (("shares", "stcn", 1), ("amount", "amt", MANWON))
    for ours, step in _STEPS.items()
)
CREDIT = Route(
    "daily_credit_balance",
    "FHPST04760000",
    f"{STOCK}/daily-credit-balance",
    (
        Block(
            ("output",),
            (
                Field("deal_date", "session", kind=Kind.DATE),
                Field("stlm_date", "settled", kind=Kind.DATE),
                *_LOANS,
                Field("acml_vol", "traded"),
            ),
            dated="deal_date",
        ),
    ),
)


def lending(ask: Ask) -> Request:
    """A window of days of one stock: the division 3, because 1 and 2 give the total of a market whatever the code."""
    return LENDING.request(
        {
            "MRKT_DIV_CLS_CODE": "3",
            "MKSC_SHRN_ISCD": security(one(ask)),
            "START_DATE": written(ask.first),
            "END_DATE": written(until(ask)),
            "CTS": "",
        }
    )


def credit(ask: Ask) -> Request:
    """Thirty rows of one stock up to a day of settlement, two sessions after the trade."""
    return CREDIT.request(
        {
            "FID_COND_MRKT_DIV_CODE": "J",
            "FID_COND_SCR_DIV_CODE": "20476",
            "FID_INPUT_ISCD": security(one(ask)),
            "FID_INPUT_DATE_1": written(_settlement(ask)),
        }
    )


def by_trade(ask: Ask, reply: Reply) -> Page:
    """Loans dated by the trade; pages go back by settlement, as they are asked for.

    A day of settlement that lies ahead may be answered with nothing: then the day of receipt is asked for.
    """
    sheet = CREDIT.sheet(CREDIT.document(reply), CREDIT.blocks[0])
    traded = [day for day in sheet.columns["session"] if day is not None]
    settled = [day for day in sheet.columns["settled"] if day is not None]
    after = None
    if traded and settled and any_session(ask.first, min(traded)) and min(traded) > ask.first:
        after = earlier(ask, min(settled), anchor=_settlement(ask))
    today = moments.received(reply).date()
    if not traded and sheet.faults.is_empty() and _settlement(ask) > today:
        after = ask.at(written(today))
    return _CREDIT.page(ask, reply, sheet, after)


def _settlement(ask: Ask) -> date:
    return until(ask) if ask.cursor else sessions.next(ask.last, SETTLEMENT)


_LENDING = Days(LENDING, origins.STOCK, "code", _LENT, witnesses=("traded",), published=CLOSED)
_CREDIT = Days(
    CREDIT,
    origins.CREDIT,
    "code",
    tuple(one.column for one in _LOANS),
    witnesses=("traded",),
    shape=lambda frame: frame.drop("settled"),
)

ROUTES = {LENDING.name: LENDING, CREDIT.name: CREDIT}
ENDPOINTS = (
    Endpoint(
        "daily_loan_trans",
        "lending",
        origins.STOCK,
        Scope.STOCK,
        Reach.PAST,
        lending,
        _LENDING.parse,
        span=140,
        published=CLOSED,
    ),
    Endpoint(
        "daily_credit_balance",
        "credit",
        origins.CREDIT,
        Scope.STOCK,
        Reach.PAST,
        credit,
        by_trade,
        span=40,
    ),
)
