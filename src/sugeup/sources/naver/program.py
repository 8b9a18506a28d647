"""프로그램 매매동향 of a market in won: 차익, 비차익 and both, by day since 2005 and by minute today. No volumes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sugeup.records import Kind
from sugeup.records.program import KINDS
from sugeup.sources.naver import market_pages, origins, turning
from sugeup.sources.naver.market_pages import market
from sugeup.sources.naver.route import KRX, Route, block
from sugeup.sources.replies.bars import CLOSED
from sugeup.sources.replies.pages import Days
from sugeup.sources.replies.paging import written
from sugeup.sources.replies.sheet import Field
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

_PREFIXES = dict(zip(KINDS, ("totalDiff", "diff", "biDiff"), strict=True))
_SIDES = {"buy": "BuyAmt", "sell": "SellAmt", "net": "PureBuyAmt"}
_TRADES = tuple(
    Field(f"{prefix}{word}", f"{kind}_{side}_amount")
    for kind, prefix in _PREFIXES.items()
    for side, word in _SIDES.items()
)
MEASURES = tuple(field.column for field in _TRADES)
_DAY = Field("bizdate", "session", kind=Kind.DATE)
BY_DAY = Route(
    "market_trend_program",
    "/api/domestic/market/trendProgram",
    (block(_DAY, *_TRADES),),
    most=100,
    begins=date(2005, 1, 21),
)
BY_MINUTE = replace(BY_DAY, blocks=(block(_DAY, Field("time", "hour", kind=Kind.TEXT), *_TRADES),), begins=None)


def days(ask: Ask) -> Request:
    """One page of days of a market."""
    return _asked(BY_DAY, ask, "DAY", turning.size(ask, BY_DAY.most))


def minutes(ask: Ask) -> Request:
    """One page of minutes of a market; the vendor gives the newest session."""
    return _asked(BY_MINUTE, ask, "TIME", BY_MINUTE.most)


def _asked(route: Route, ask: Ask, period: str, size: int) -> Request:
    params = {"tradeType": KRX, "krxMarketType": market(ask), "bizdate": written(ask.last), "periodType": period}
    return route.request(params, turning.number(ask), size)


_BY_DAY = Days(BY_DAY, origins.PROGRAM, "market", MEASURES, published=CLOSED)


def by_day(ask: Ask, reply: Reply) -> Page:
    """Both sides and net of the three; the row of a running session is left out."""
    return market_pages.by_day(BY_DAY, _BY_DAY, ask, reply)


def by_minute(ask: Ask, reply: Reply) -> Page:
    """Cumulative figures, one row a minute of the regular session."""
    return market_pages.by_minute(BY_MINUTE, MEASURES, ask, reply)


ROUTES = {BY_DAY.name: BY_DAY, f"{BY_DAY.name}_minutes": BY_MINUTE}
ENDPOINTS = (
    Endpoint(
        "naver_program_daily",
        "program_day_market",
        origins.PROGRAM,
        Scope.MARKET,
        Reach.PAST,
        days,
        by_day,
        span=140,
        published=CLOSED,
    ),
    Endpoint(
        "naver_program_time",
        "program_minute_market",
        origins.MINUTES,
        Scope.MARKET,
        Reach.TODAY,
        minutes,
        by_minute,
        published=CLOSED,
    ),
)
