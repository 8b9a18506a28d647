"""투자자별 순매수 (12010): what one investor bought and sold of every stock of a market on a day.

Two markets and 전체 with twelve investors are 26 questions, which are asked one after the other and joined to the rows
of a day. A page leaves out a stock that its investor did not trade; 전체 shows whether that is all that is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time

import polars as pl

from sugeup.records import Kind
from sugeup.sources.files.exchange_investors import ABSENT, ALL, APART, CODES, NET, SIDES, combined
from sugeup.sources.files.layout import FAULT_SCHEMA
from sugeup.sources.krx_login import origins
from sugeup.sources.krx_login.question import MARKETS, Question, block, following, hours, place
from sugeup.sources.replies.pages import told
from sugeup.sources.replies.paging import written
from sugeup.sources.replies.sheet import Field
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

SETTLED = time(18, 0)
"""From then on the day's figures of investors are what the exchange calls final."""
PARTS = tuple((code, market) for code in (ALL, *CODES.values()) for market in MARKETS.values())
"""Investor and market of each question, in the order in which they are asked; 전체 first."""

_UNTRADED = "untraded."
"""In front of the place of KOSDAQ's 전체, where that of KOSPI had none of the stocks asked for."""

QUESTION = Question(
    "krx_login_net_purchases",
    "MDCSTAT02401",
    (
        block(
            "output",
            Field("ISU_SRT_CD", "code", kind=Kind.TEXT),
            Field("ASK_TRDVOL", "sell_volume"),
            Field("BID_TRDVOL", "buy_volume"),
            Field("NETBID_TRDVOL", "net_volume"),
            Field("ASK_TRDVAL", "sell_amount"),
            Field("BID_TRDVAL", "buy_amount"),
            Field("NETBID_TRDVAL", "net_amount"),
        ),
    ),
)


def build(ask: Ask) -> Request:
    """One investor in one market on the day, by the place of the cursor."""
    code, market = PARTS[place(ask)]
    day = written(ask.last)
    return QUESTION.request(mktId=market, invstTpCd=code, strtDd=day, endDd=day)


def by_part(ask: Ask, reply: Reply) -> Page:
    """The rows of one question, of the stocks asked for.

    Where 전체 of KOSPI is empty, or nobody traded one of these stocks in either market, nothing more is asked.
    """
    sheet = QUESTION.table(reply)
    number = place(ask)
    wrong = [
        (row, NET, f"{code} {buy} - {sell} ≠ {net}")
        for row, code, *figures in sheet.across(
            ["row", "code", "buy_amount", "sell_amount", "net_amount", "buy_volume", "sell_volume", "net_volume"]
        )
        for buy, sell, net in (figures[:3], figures[3:])
        if None not in (buy, sell, net) and buy - sell != net
    ]
    sound = sheet.reject(wrong)
    frame = sound.frame.filter(pl.col("code").is_in(list(ask.scopes))).select(
        "code",
        *SIDES,
        pl.lit(ask.last).alias("session"),
        pl.lit(PARTS[number][0]).alias("__investor"),
    )
    after = following(ask, PARTS)
    if number == 0:
        after = None if not sheet.height else after if frame.height else ask.at(f"{_UNTRADED}1")
    elif ask.cursor.startswith(_UNTRADED) and not frame.height:
        after = None
    return Page(frame, after, sound.faults, part=after is not None)


def whole(ask: Ask, pages: Sequence[Page]) -> Page:
    """The rows of the day: every investor's columns, net as bought less sold, and the two sums."""
    rows, apart, absent = combined(pl.concat([page.frame for page in pages]))
    faulty = [page.faults for page in pages]
    faulty.append(pl.DataFrame([(0, APART, code) for code in apart], schema=FAULT_SCHEMA, orient="row"))
    notes = {ABSENT: absent} if absent else {}
    return Page(told(rows, origins.SCREEN, hours=hours(ask.last)), pages[-1].after, pl.concat(faulty), notes)


QUESTIONS = {QUESTION.name: QUESTION}
ENDPOINTS = (
    Endpoint(
        QUESTION.name,
        "investor_day_stock",
        origins.SCREEN,
        Scope.STOCK,
        Reach.PAST,
        build,
        by_part,
        published=SETTLED,
        join=whole,
        sweep=True,
    ),
)
