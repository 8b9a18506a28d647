"""외국인 보유와 공매도: every stock of a market on one day, in two questions (KOSPI, KOSDAQ)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC

import polars as pl

from sugeup.market import publication
from sugeup.records import Kind
from sugeup.sources.krx_login import origins
from sugeup.sources.krx_login.net_purchases import SETTLED
from sugeup.sources.krx_login.question import MARKETS, Question, block, following, place
from sugeup.sources.replies.pages import EMPTY, told
from sugeup.sources.replies.paging import written
from sugeup.sources.replies.sheet import Field, Sheet
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

STOCKS = "STMFRTSCIFDRFS"
"""주권, 투자회사, 리츠, 외국주권, 예탁증서: what the pages of short sales call stocks."""
UNPUBLISHED = "balance of 0 on a day whose balances are not published yet"
_NUMBERED = {"STK": "1", "KSQ": "2"}

HOLDING = Question(
    "krx_login_foreign_holding",
    "MDCSTAT03701",
    (
        block(
            "output",
            Field("ISU_SRT_CD", "code", kind=Kind.TEXT),
            Field("FORN_HD_QTY", "held_shares"),
            Field("FORN_ORD_LMT_QTY", "limit_shares", zero=False),
            Field("LIST_SHRS", "listed_shares", zero=False),
        ),
    ),
)
TRADES = Question(
    "krx_login_short_trades",
    "MDCSTAT30101",
    (
        block(
            "OutBlock_1",
            Field("ISU_CD", "code", kind=Kind.TEXT),
            Field("CVSRTSELL_TRDVOL", "short_volume"),
            Field("CVSRTSELL_TRDVAL", "short_amount"),
            Field("ACC_TRDVOL", "traded"),
        ),
    ),
)
BALANCE = Question(
    "krx_login_short_balance",
    "MDCSTAT30501",
    (
        block(
            "OutBlock_1",
            Field("ISU_CD", "code", kind=Kind.TEXT),
            Field("BAL_QTY", "balance_shares"),
            Field("BAL_AMT", "balance_amount"),
            Field("LIST_SHRS", "listed_shares", zero=False),
        ),
    ),
)


def _market(ask: Ask) -> str:
    return tuple(MARKETS.values())[place(ask)]


def holding(ask: Ask) -> Request:
    """Foreign holdings of one market on the day."""
    return HOLDING.request(searchType="1", mktId=_market(ask), trdDd=written(ask.last), isuLmtRto="0")


def trades(ask: Ask) -> Request:
    """Short sales of one market on the day."""
    return TRADES.request(mktId=_market(ask), trdDd=written(ask.last), inqCond=STOCKS)


def balance(ask: Ask) -> Request:
    """Short balances of one market at the end of the day."""
    return BALANCE.request(mktTpCd=_NUMBERED[_market(ask)], trdDd=written(ask.last))


def _holdings(sheet: Sheet, ask: Ask, reply: Reply) -> tuple[pl.DataFrame, dict[str, int]]:
    """Rows that tell a holding, with the share of the limit in use as it follows from the shares."""
    frame = sheet.frame
    kept = frame.filter(pl.col("held_shares").is_not_null())
    used = 100 * pl.col("held_shares") / pl.col("limit_shares")
    return kept.with_columns(used.alias("limit_use_pct")), {EMPTY: frame.height - kept.height}


def _trades(sheet: Sheet, ask: Ask, reply: Reply) -> tuple[pl.DataFrame, dict[str, int]]:
    """Rows of stocks that traded; a stock without a short sale has zeros, which are told."""
    frame = sheet.frame
    known = pl.col("short_volume").is_not_null() & (pl.col("traded").fill_null(0) > 0)
    kept = frame.filter(known).drop("traded")
    return kept, {EMPTY: frame.height - kept.height}


def _balances(sheet: Sheet, ask: Ask, reply: Reply) -> tuple[pl.DataFrame, dict[str, int]]:
    """Balances of a day that is published: the page fills days that are not with zeros."""
    frame = sheet.frame.filter(pl.col("balance_shares").is_not_null())
    spoken = frame.filter(pl.col("balance_shares") != 0)
    public = publication.known_at("short_balance", ask.last) <= reply.received_at.astimezone(UTC)
    kept = frame if public and spoken.height else spoken
    return kept, {UNPUBLISHED: frame.height - kept.height, EMPTY: sheet.height - frame.height}


Shaping = Callable[[Sheet, Ask, Reply], tuple[pl.DataFrame, dict[str, int]]]


def _parser(question: Question, source: str, shape: Shaping) -> Callable[[Ask, Reply], Page]:
    def parse(ask: Ask, reply: Reply) -> Page:
        sheet = question.table(reply)
        frame, notes = shape(sheet, ask, reply)
        mine = frame.filter(pl.col("code").is_in(list(ask.scopes))).with_columns(pl.lit(ask.last).alias("session"))
        counted = {said: count for said, count in notes.items() if count}
        return Page(told(mine, source), following(ask, tuple(MARKETS)), sheet.faults, counted)

    return parse


QUESTIONS = {one.name: one for one in (HOLDING, TRADES, BALANCE)}
ENDPOINTS = (
    Endpoint(
        HOLDING.name,
        "foreign_holding",
        origins.POSITION,
        Scope.STOCK,
        Reach.PAST,
        holding,
        _parser(HOLDING, origins.POSITION, _holdings),
        published=SETTLED,
        sweep=True,
    ),
    Endpoint(
        TRADES.name,
        "short_day",
        origins.SCREEN,
        Scope.STOCK,
        Reach.PAST,
        trades,
        _parser(TRADES, origins.SCREEN, _trades),
        published=SETTLED,
        sweep=True,
    ),
    Endpoint(
        BALANCE.name,
        "short_balance",
        origins.POSITION,
        Scope.STOCK,
        Reach.PAST,
        balance,
        _parser(BALANCE, origins.POSITION, _balances),
        published=SETTLED,
        sweep=True,
    ),
)
