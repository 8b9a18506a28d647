"""대량보유와 임원·주요주주: who holds how much of a company, by the reports of its holders.

Both calls give every report about a company since there are any, whatever days are asked for; those of other days are
left out.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from sugeup.records import Kind
from sugeup.sources.dart import feed, origins
from sugeup.sources.dart.feed import Due
from sugeup.sources.dart.question import Question, listed
from sugeup.sources.replies.pages import page
from sugeup.sources.replies.sheet import Field
from sugeup.sources.vendor import Ask, Page, Reply, Request

FEED_OF = "D"
_RECEIPT = Field("rcept_no", "receipt_no", kind=Kind.TEXT)
_DAY = Field("rcept_dt", "filed_on", kind=Kind.DATE)
_HOLDER = Field("repror", "holder", kind=Kind.TEXT)

MAJOR = Question(
    "majorstock",
    listed(
        _RECEIPT,
        _DAY,
        _HOLDER,
        Field("stkqy", "held_shares"),
        Field("stkrt", "held_pct", kind=Kind.NUMBER),
        Field("stkqy_irds", "change_shares"),
    ),
)
OFFICER = Question(
    "elestock",
    listed(
        _RECEIPT,
        _DAY,
        _HOLDER,
        Field("sp_stock_lmp_cnt", "held_shares"),
        Field("sp_stock_lmp_rate", "held_pct", kind=Kind.NUMBER),
        Field("sp_stock_lmp_irds_cnt", "change_shares"),
    ),
)
QUESTIONS: Mapping[str, Question] = {one.name: one for one in (MAJOR, OFFICER)}
_KINDS = {MAJOR.name: "MAJOR", OFFICER.name: "OFFICER"}


def company(due: Due, ask: Ask) -> Request:
    """Every report of one kind about one company."""
    return QUESTIONS[due.call].request({"corp_code": due.corp})


def reports(due: Due, ask: Ask, reply: Reply) -> Page:
    """The reports that were filed on the days asked for."""
    sheet = QUESTIONS[due.call].table(reply)
    return page(
        ask, identified(sheet.frame, due, _KINDS[due.call]), origins.FILED, faulty=sheet.faults, dated="filed_on"
    )


def identified(frame: pl.DataFrame, due: Due, kind: str) -> pl.DataFrame:
    """The frame with the company and the kind of report."""
    return frame.with_columns(
        pl.lit(due.code).alias("code"), pl.lit(due.corp).alias("corp_code"), pl.lit(kind).alias("kind")
    )


_WANTED = feed.expects([("대량보유상황보고서", MAJOR.name), ("소유상황보고서", OFFICER.name)])


ENDPOINTS = (feed.endpoint("dart_holdings", FEED_OF, _WANTED, company, reports),)
