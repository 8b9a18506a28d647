"""프로그램매매 (12012): what programme orders bought and sold in a market on one day, 차익 and 비차익."""

from __future__ import annotations

from typing import Any

import polars as pl

from sugeup.errors import Refused
from sugeup.records import Kind
from sugeup.sources.krx_login import origins
from sugeup.sources.krx_login.net_purchases import SETTLED
from sugeup.sources.krx_login.question import MARKETS, Question, block, place
from sugeup.sources.replies.pages import EMPTY, told
from sugeup.sources.replies.paging import written
from sugeup.sources.replies.sheet import Field
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

KINDS = {"차익": "arbitrage", "비차익": "non_arbitrage", "전체": "program"}
_FIGURES = ("sell_volume", "buy_volume", "net_volume", "sell_amount", "buy_amount", "net_amount")

QUESTION = Question(
    "krx_login_program",
    "MDCSTAT02601",
    (
        block(
            "output",
            Field("ITM_TP_NM", "kind", kind=Kind.TEXT),
            Field("ASK_TRDVOL", "sell_volume"),
            Field("BID_TRDVOL", "buy_volume"),
            Field("NETBID_TRDVOL", "net_volume"),
            Field("ASK_TRDVAL", "sell_amount"),
            Field("BID_TRDVAL", "buy_amount"),
            Field("NETBID_TRDVAL", "net_amount"),
        ),
    ),
)


def _scope(ask: Ask) -> str:
    strange = [scope for scope in ask.scopes if scope not in MARKETS]
    if strange or not ask.scopes:
        raise Refused(f"{', '.join(strange) or 'nothing'} is not offered here; allowed: {', '.join(MARKETS)}.")
    return ask.scopes[place(ask)]


def build(ask: Ask) -> Request:
    """One market on the day, in shares and won. The page adds up the days between two dates: one day is asked for."""
    day = written(ask.last)
    return QUESTION.request(mktId=MARKETS[_scope(ask)], strtDd=day, endDd=day, share="1", money="1")


def parse(ask: Ask, reply: Reply) -> Page:
    """One row of the market; none where every figure is 0 or missing. SchemaDrift for a kind that nobody knows."""
    sheet = QUESTION.table(reply)
    number = place(ask) + 1
    after = ask.at(str(number)) if number < len(ask.scopes) else None
    row: dict[str, Any] = {"market": _scope(ask), "session": ask.last}
    for kind, *figures in sheet.across(["kind", *_FIGURES]):
        if kind not in KINDS:
            raise QUESTION.drift("ITM_TP_NM", f"a kind {kind!r} is not one of {', '.join(KINDS)}")
        row |= {f"{KINDS[kind]}_{name}": value for name, value in zip(_FIGURES, figures, strict=True)}
    columns = [f"{kind}_{name}" for kind in KINDS.values() for name in _FIGURES]
    spoken = any(row.get(name) for name in columns)
    schema = {"market": pl.String, "session": pl.Date, **dict.fromkeys(columns, pl.Int64)}
    frame = pl.DataFrame([row] if spoken else [], schema=schema)
    notes = {EMPTY: 1} if sheet.height and not spoken else {}
    return Page(told(frame, origins.SCREEN), after, sheet.faults, notes)


QUESTIONS = {QUESTION.name: QUESTION}
ENDPOINTS = (
    Endpoint(
        QUESTION.name,
        "program_day_market",
        origins.SCREEN,
        Scope.MARKET,
        Reach.PAST,
        build,
        parse,
        published=SETTLED,
        sweep=True,
    ),
)
