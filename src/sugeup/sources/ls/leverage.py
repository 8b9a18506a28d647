"""공매도, 대차, 신용: short sales of the day, shares lent between institutions, loans of brokers to individuals."""

from __future__ import annotations

from datetime import date

import polars as pl

from sugeup.market import sessions
from sugeup.market.calendar_tables import FIRST, LAST
from sugeup.records import Kind
from sugeup.sources.files.layout import MILLION
from sugeup.sources.ls import origins
from sugeup.sources.ls.question import Question, listed
from sugeup.sources.ls.turning import at, continues, key, placed, word
from sugeup.sources.replies.bars import CLOSED
from sugeup.sources.replies.pages import EMPTY, PADDING, Days, filled, page
from sugeup.sources.replies.paging import one, until, written
from sugeup.sources.replies.sheet import Field, Sheet
from sugeup.sources.replies.timed import stamp
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

SETTLEMENT = 2
"""Sessions from a trade to its settlement."""
_DAY = Field("date", "session", kind=Kind.DATE)
_SETTLED = Field("mmdate", "settled", kind=Kind.DATE)
_TRADED = Field("volume", "traded")
_LENT = ("new_shares", "repaid_shares", "balance_shares", "balance_amount")

SHORT = Question(
    "t1927",
    "/stock/etc",
    (listed("t1927OutBlock1", _DAY, Field("gm_vo", "short_volume"), Field("gm_va", "short_amount", MILLION), _TRADED),),
    beside=("t1927OutBlock",),
)
LENDING = Question(
    "t1941",
    "/stock/etc",
    (
        listed(
            "t1941OutBlock1",
            _DAY,
            Field("upvolume", "new_shares"),
            Field("dnvolume", "repaid_shares"),
            Field("tovolume", "balance_shares"),
            Field("tovalue", "balance_amount", MILLION),
            _TRADED,
        ),
    ),
)
_STEPS = {"new": "n", "repaid": "s", "balance": "j"}
CREDIT = Question(
    "t1926",
    "/stock/etc",
    (
        listed(
            "t1926OutBlock",
            _SETTLED,
            *(
                Field(f"{letter}{step}{ending}", f"{kind}_{ours}_{measure}", unit)
                for kind, letter in (("loan", "y"), ("stock_loan", "d"))
                for measure, ending, unit in (("shares", "volume", 1), ("amount", "price", MILLION))
                for ours, step in _STEPS.items()
            ),
            dated="mmdate",
        ),
    ),
)
LOANS = Question(
    "t1921",
    "/stock/etc",
    (
        listed(
            "t1921OutBlock1",
            _SETTLED,
            *(Field(f"{step}volume", f"loan_{ours}_shares") for ours, step in _STEPS.items()),
            Field("price", "loan_balance_amount", MILLION),
            dated="mmdate",
        ),
    ),
    beside=("t1921OutBlock",),
)


def short(ask: Ask) -> Request:
    """A window of days of one stock; the day from which the vendor goes on is left blank."""
    return SHORT.request({"shcode": one(ask), "date": "", "sdate": written(ask.first), "edate": written(until(ask))})


def lending(ask: Ask) -> Request:
    """A window of days of one stock."""
    return LENDING.request({"shcode": one(ask), "sdate": written(ask.first), "edate": written(until(ask))})


def credit(ask: Ask) -> Request:
    """Loans of one stock as they were last settled."""
    return CREDIT.request({"shcode": one(ask)})


def settled(ask: Ask, reply: Reply) -> Page:
    """One row, dated by the trade two sessions before the day of settlement that the answer tells."""
    sheet = CREDIT.table(reply)
    measures = [field.column for field in CREDIT.blocks[0].fields if field is not _SETTLED]
    full, empty = filled(_by_trade(sheet), measures)
    frame = stamp(full.frame, reply.received_at).with_columns(pl.lit(one(ask)).alias("code"))
    notes = {EMPTY: empty, PADDING: sheet.padding}
    return page(ask, frame, origins.STOCK, faulty=full.faults, notes=notes, dated="")


def loans(ask: Ask) -> Request:
    """Loans for buying one stock, newest first, from where the last reply ended."""
    day, index, following = placed(ask, 3)
    return LOANS.request({"shcode": one(ask), "gubun": "1", "date": day, "idx": int(index or 0)}, following)


def by_trade(ask: Ask, reply: Reply) -> Page:
    """Loans by the day of the trade; the next page is where the vendor says, as long as it leads back."""
    sheet = _by_trade(LOANS.table(reply))
    full, empty = filled(sheet, [field.column for field in LOANS.blocks[0].fields if field is not _SETTLED])
    frame = full.frame.with_columns(pl.lit(one(ask)).alias("code"))
    notes = {EMPTY: empty, PADDING: sheet.padding}
    return page(ask, frame, origins.LOANS, faulty=sheet.faults, after=_before(ask, reply, sheet), notes=notes)


def _before(ask: Ask, reply: Reply, sheet: Sheet) -> Ask | None:
    document = LOANS.document(reply)
    day, index = (word(document, "t1921OutBlock", name) for name in ("date", "idx"))
    found = [day for day in sheet.columns["session"] if day is not None]
    before = placed(ask, 3)[0]
    if not found or continues(reply) is False or not (day.isdigit() and len(day) == 8 and index.isdigit()):
        return None
    if min(found) <= ask.first or (before and day >= before):
        return None
    return at(ask, day, index, key(reply))


def _by_trade(sheet: Sheet) -> Sheet:
    """The sheet with `session` in place of the day of settlement; a day that is none is a fault."""
    wrong: list[tuple[int, str, str]] = []
    traded: list[date | None] = []
    for number, day in sheet.across(["row", "settled"]):
        known = day is not None and FIRST <= day <= LAST and sessions.is_session(day)
        traded.append(sessions.previous(day, SETTLEMENT) if known else None)
        if not known:
            wrong.append((number, "mmdate is no day of settlement: there was no session", str(day)))
    columns = {"row": sheet.columns["row"], "session": traded} | {
        name: values for name, values in sheet.columns.items() if name not in {"row", "settled"}
    }
    kinds = {name: sheet.kinds["settled" if name == "session" else name] for name in columns}
    return Sheet(columns, kinds, sheet.faults, sheet.padding).reject(wrong)


_SHORT = Days(SHORT, origins.STOCK, "code", ("short_volume", "short_amount"), witnesses=("traded",), published=CLOSED)
_LENDING = Days(LENDING, origins.STOCK, "code", _LENT, witnesses=("traded",), published=CLOSED)

QUESTIONS = {question.name: question for question in (SHORT, LENDING, CREDIT, LOANS)}
ENDPOINTS = (
    Endpoint(
        "t1927",
        "short_day",
        origins.STOCK,
        Scope.STOCK,
        Reach.PAST,
        short,
        _SHORT.parse,
        span=140,
        published=CLOSED,
        pace=SHORT.pace,
    ),
    Endpoint(
        "t1941",
        "lending",
        origins.STOCK,
        Scope.STOCK,
        Reach.PAST,
        lending,
        _LENDING.parse,
        span=140,
        published=CLOSED,
        pace=LENDING.pace,
    ),
    Endpoint("t1926", "credit", origins.STOCK, Scope.STOCK, Reach.NOW, credit, settled, pace=CREDIT.pace),
    Endpoint("t1921", "credit", origins.LOANS, Scope.STOCK, Reach.PAST, loans, by_trade, span=30, pace=LOANS.pace),
)
