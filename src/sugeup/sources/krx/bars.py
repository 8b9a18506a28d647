"""일봉: the prices of every stock of KOSPI and of KOSDAQ on one day, two calls."""

from __future__ import annotations

import polars as pl

from sugeup.records import Kind
from sugeup.sources.krx import origins
from sugeup.sources.krx.question import LAG, PUBLISHED, Question, following, listed, place
from sugeup.sources.replies.bars import traded
from sugeup.sources.replies.pages import page
from sugeup.sources.replies.sheet import Field
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

OTHERS = "stock that was not asked for"
PRICELESS = "stock without a closing price"

_FIELDS = listed(
    Field("BAS_DD", "session", kind=Kind.DATE),
    Field("ISU_CD", "code", kind=Kind.TEXT),
    Field("TDD_OPNPRC", "raw_open"),
    Field("TDD_HGPRC", "raw_high"),
    Field("TDD_LWPRC", "raw_low"),
    Field("TDD_CLSPRC", "raw_close", zero=False),
    Field("CMPPREVDD_PRC", "change"),
    Field("ACC_TRDVOL", "volume"),
    Field("ACC_TRDVAL", "amount"),
    Field("LIST_SHRS", "listed_shares", zero=False),
    Field("MKTCAP", "market_cap", zero=False),
)
QUESTIONS = (
    Question("stk_bydd_trd", "/sto/stk_bydd_trd", "KOSPI", _FIELDS),
    Question("ksq_bydd_trd", "/sto/ksq_bydd_trd", "KOSDAQ", _FIELDS),
)
_FIGURES = ("TDD_CLSPRC", "ACC_TRDVOL", "ACC_TRDVAL", "MKTCAP")


def one_day(ask: Ask) -> Request:
    """Every stock of a market on the day, one market after the other."""
    return QUESTIONS[place(ask, QUESTIONS)].request(ask.last)


def bars(ask: Ask, reply: Reply) -> Page:
    """Raw prices of the stocks that are asked for; no row for a stock that the exchange does not list that day."""
    question = QUESTIONS[place(ask, QUESTIONS)]
    sheet = question.table(reply, ask.last, _FIGURES)
    wanted = frozenset(ask.scopes)
    mine = sheet.keep([code in wanted for code in sheet.columns["code"]]) if wanted else sheet
    priced = mine.keep([price is not None for price in mine.columns["raw_close"]])
    base = (pl.col("raw_close") - pl.col("change")).alias("base_price")
    return page(
        ask,
        traded(priced.frame.with_columns(base)).drop("change"),
        origins.DAY,
        faulty=sheet.faults,
        after=following(ask, QUESTIONS),
        notes={OTHERS: sheet.height - mine.height, PRICELESS: mine.height - priced.height},
    )


ENDPOINTS = (
    Endpoint(
        "krx_bydd_trd",
        "daily_bars",
        origins.DAY,
        Scope.STOCK,
        Reach.PAST,
        one_day,
        bars,
        published=PUBLISHED,
        sweep=True,
        lag=LAG,
    ),
)
