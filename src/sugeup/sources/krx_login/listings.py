"""What is listed, from 전종목 시세 (12001) of the session before: code, name, market and listed shares."""

from __future__ import annotations

import polars as pl

from sugeup.market import sessions
from sugeup.records import Kind
from sugeup.sources.krx_login import origins
from sugeup.sources.krx_login.question import MARKETS, Question, block, following, place
from sugeup.sources.replies import moments
from sugeup.sources.replies.pages import page
from sugeup.sources.replies.paging import written
from sugeup.sources.replies.sheet import Field
from sugeup.sources.replies.timed import stamp
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

LONG = "code of another form than six characters"
CODE = r"^[0-9][0-9A-Z]{5}$"

QUESTION = Question(
    "krx_login_list",
    "MDCSTAT01501",
    (
        block(
            "OutBlock_1",
            Field("ISU_SRT_CD", "code", kind=Kind.TEXT),
            Field("ISU_ABBRV", "name", kind=Kind.TEXT),
            Field("LIST_SHRS", "listed_shares", zero=False),
        ),
    ),
)


def build(ask: Ask) -> Request:
    """Every stock of one market, as of the session before the day."""
    market = tuple(MARKETS.values())[place(ask)]
    return QUESTION.request(mktId=market, trdDd=written(sessions.previous(ask.last)))


def parse(ask: Ask, reply: Reply) -> Page:
    """What each code is, from the day of the question on. Its kind and the day of its listing are not told: null."""
    sheet = QUESTION.table(reply)
    kept = sheet.frame.filter(pl.col("code").str.contains(CODE))
    shown = stamp(kept, reply.received_at).select(
        "row",
        "code",
        pl.lit(moments.received(reply).date()).alias("valid_from"),
        "known_at",
        "name",
        pl.lit(tuple(MARKETS)[place(ask)]).alias("market"),
        "listed_shares",
    )
    return page(
        ask,
        shown,
        origins.SCREEN,
        faulty=sheet.faults,
        after=following(ask, tuple(MARKETS)),
        notes={LONG: sheet.height - kept.height},
        dated="valid_from",
    )


QUESTIONS = {QUESTION.name: QUESTION}
ENDPOINTS = (Endpoint(QUESTION.name, "instruments", origins.SCREEN, Scope.NONE, Reach.NOW, build, parse),)
