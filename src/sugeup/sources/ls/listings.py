"""종목 목록: what is listed on KOSPI and KOSDAQ as the vendor lists it today."""

from __future__ import annotations

import polars as pl

from sugeup.errors import Refused
from sugeup.records import Kind
from sugeup.sources.ls import origins
from sugeup.sources.ls.question import Question, listed
from sugeup.sources.replies import moments
from sugeup.sources.replies.pages import page
from sugeup.sources.replies.sheet import Field
from sugeup.sources.replies.timed import stamp
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

MARKETS = {"KOSPI": "1", "KOSDAQ": "2"}
LONG = "code that is not of six characters"
UNKNOWN = "market that is neither KOSPI nor KOSDAQ"
_FUNDS = {"1": "ETF", "2": "ETN"}
_SHARES = "01"
LIST = Question(
    "t8436",
    "/stock/etc",
    (
        listed(
            "t8436OutBlock",
            Field("shcode", "code", kind=Kind.TEXT),
            Field("expcode", "isin", kind=Kind.TEXT),
            Field("hname", "name", kind=Kind.TEXT),
            Field("gubun", "board", kind=Kind.TEXT),
            Field("etfgubun", "fund", kind=Kind.TEXT),
            Field("bu12gubun", "group", kind=Kind.TEXT),
            dated="shcode",
        ),
    ),
    calls=2,
)


def everything(ask: Ask) -> Request:
    """Both markets at once, or the one that is named."""
    wrong = [scope for scope in ask.scopes if scope not in MARKETS]
    if wrong or len(ask.scopes) > 1:
        raise Refused(f"{', '.join(wrong or ask.scopes)}: one of {', '.join(MARKETS)} is listed, or both unnamed.")
    return LIST.request({"gubun": MARKETS[ask.scopes[0]] if ask.scopes else "0"})


def instruments(ask: Ask, reply: Reply) -> Page:
    """What each code is, from the day of the reply on."""
    sheet = LIST.table(reply)
    day = moments.received(reply).date()
    names = {number: market for market, number in MARKETS.items()}
    whole = stamp(sheet.frame, reply.received_at).with_columns(
        pl.lit(day).alias("valid_from"),
        pl.col("board").replace_strict(names, default=None, return_dtype=pl.String).alias("market"),
        pl.when(pl.col("fund").is_in(list(_FUNDS)))
        .then(pl.col("fund").replace_strict(_FUNDS, default=None, return_dtype=pl.String))
        .when(pl.col("group") == _SHARES)
        .then(pl.lit("STOCK"))
        .otherwise(pl.lit("OTHER"))
        .alias("kind"),
    )
    short = whole.filter(pl.col("code").str.contains(r"^[0-9][0-9A-Z]{5}$"))
    known = short.filter(pl.col("market").is_not_null())
    shown = known.drop("board", "fund", "group")
    notes = {LONG: whole.height - short.height, UNKNOWN: short.height - known.height}
    return page(ask, shown, origins.LISTING, faulty=sheet.faults, notes=notes, dated="valid_from", products="ALL")


QUESTIONS = {LIST.name: LIST}
ENDPOINTS = (
    Endpoint("t8436", "instruments", origins.LISTING, Scope.NONE, Reach.NOW, everything, instruments, pace=LIST.pace),
)
