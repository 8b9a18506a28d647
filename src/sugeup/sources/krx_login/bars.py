"""전종목 시세 (12001): prices, turnover and listed shares of every stock of a market on one day."""

from __future__ import annotations

import polars as pl

from sugeup.records import Kind
from sugeup.sources.krx_login import origins
from sugeup.sources.krx_login.net_purchases import SETTLED
from sugeup.sources.krx_login.question import MARKETS, Question, block, following, hours, place
from sugeup.sources.replies.bars import traded
from sugeup.sources.replies.pages import EMPTY, told
from sugeup.sources.replies.paging import written
from sugeup.sources.replies.sheet import Field
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

QUESTION = Question(
    "krx_login_bars",
    "MDCSTAT01501",
    (
        block(
            "OutBlock_1",
            Field("ISU_SRT_CD", "code", kind=Kind.TEXT),
            Field("TDD_CLSPRC", "raw_close", zero=False),
            Field("CMPPREVDD_PRC", "change"),
            Field("TDD_OPNPRC", "raw_open"),
            Field("TDD_HGPRC", "raw_high"),
            Field("TDD_LWPRC", "raw_low"),
            Field("ACC_TRDVOL", "volume"),
            Field("ACC_TRDVAL", "amount"),
            Field("MKTCAP", "market_cap", zero=False),
            Field("LIST_SHRS", "listed_shares", zero=False),
        ),
    ),
)


def build(ask: Ask) -> Request:
    """Every stock of one market on the day."""
    return QUESTION.request(mktId=tuple(MARKETS.values())[place(ask)], trdDd=written(ask.last))


def parse(ask: Ask, reply: Reply) -> Page:
    """Bars of the stocks asked for; on a day without trading the page gives rows without a price, which are none."""
    sheet = QUESTION.table(reply)
    priced = sheet.frame.filter(pl.col("raw_close").is_not_null())
    mine = priced.filter(pl.col("code").is_in(list(ask.scopes)))
    based = mine.with_columns(
        (pl.col("raw_close") - pl.col("change")).alias("base_price"), pl.lit(ask.last).alias("session")
    )
    frame = told(traded(based.drop("change")), origins.SCREEN, hours=hours(ask.last))
    notes = {EMPTY: sheet.height - priced.height} if sheet.height > priced.height else {}
    return Page(frame, following(ask, tuple(MARKETS)), sheet.faults, notes)


QUESTIONS = {QUESTION.name: QUESTION}
ENDPOINTS = (
    Endpoint(
        QUESTION.name,
        "daily_bars",
        origins.SCREEN,
        Scope.STOCK,
        Reach.PAST,
        build,
        parse,
        published=SETTLED,
        sweep=True,
    ),
)
