"""프로그램 매매: of a stock in won and shares, of a market in millions and thousands, by day and as it runs."""

from __future__ import annotations

import polars as pl

from sugeup.records import Kind
from sugeup.records.program import KINDS
from sugeup.sources.files.layout import MILLION
from sugeup.sources.kis import markets, origins
from sugeup.sources.kis.markets import security
from sugeup.sources.kis.origins import THOUSAND
from sugeup.sources.kis.route import STOCK, Route
from sugeup.sources.replies import moments
from sugeup.sources.replies.bars import CLOSED
from sugeup.sources.replies.pages import EMPTY, UNDATED, Days, filled, page
from sugeup.sources.replies.paging import one, until, written
from sugeup.sources.replies.sheet import Block, Field, Sheet
from sugeup.sources.replies.timed import OLDER, newest, timed
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

_PREFIXES = dict(zip(KINDS, ("whol", "arbt", "nabt"), strict=True))
_SIDES = {"buy": "shnu", "sell": "seln", "net": "ntby"}


def _trades(*kinds: str, won: int, shares: int | None) -> list[Field]:
    """Both sides and net of these kinds; without volumes where `shares` is None."""
    found = []
    for kind in kinds:
        for side, word in _SIDES.items():
            name = f"{_PREFIXES[kind]}_smtn_{word}"
            found.append(Field(f"{name}_tr_pbmn", f"{kind}_{side}_amount", won))
            if shares is not None:
                found.append(Field(f"{name}_{'qty' if side == 'net' else 'vol'}", f"{kind}_{side}_volume", shares))
    return found


_DAY = Field("stck_bsop_date", "session", kind=Kind.DATE)
_HOUR = Field("bsop_hour", "hour", kind=Kind.TEXT)
_TRADED = Field("acml_vol", "traded")
_OWN = _trades("program", won=1, shares=1)
_WHOLE = _trades(*KINDS, won=MILLION, shares=THOUSAND)
_PARTS = _trades("arbitrage", "non_arbitrage", won=MILLION, shares=None)

STOCK_DAY = Route(
    "program_trade_by_stock_daily",
    "FHPPG04650201",
    f"{STOCK}/program-trade-by-stock-daily",
    (Block(("output",), (_DAY, *_OWN, _TRADED), dated=_DAY.name),),
)
STOCK_MINUTE = Route(
    "program_trade_by_stock",
    "FHPPG04650101",
    f"{STOCK}/program-trade-by-stock",
    (Block(("output",), (_HOUR, *_OWN), dated=_HOUR.name),),
)
MARKET_DAY = Route(
    "comp_program_trade_daily",
    "FHPPG04600001",
    f"{STOCK}/comp-program-trade-daily",
    (Block(("output",), (_DAY, *_WHOLE), dated=_DAY.name),),
)
MARKET_MINUTE = Route(
    "comp_program_trade_today",
    "FHPPG04600101",
    f"{STOCK}/comp-program-trade-today",
    (
        Block(
            ("output", "output1"),
            (_HOUR, *_PARTS, Field("whol_smtn_ntby_tr_pbmn", "program_net_amount", MILLION)),
            dated=_HOUR.name,
        ),
    ),
)


def _columns(fields: list[Field]) -> tuple[str, ...]:
    return tuple(one.column for one in fields)


def stock_day(ask: Ask) -> Request:
    """Thirty sessions of one stock up to a day."""
    return STOCK_DAY.request(_stock(ask) | {"FID_INPUT_DATE_1": written(until(ask))})


def stock_minute(ask: Ask) -> Request:
    """The last changes of one stock today."""
    return STOCK_MINUTE.request(_stock(ask))


def _stock(ask: Ask) -> dict[str, str]:
    return {"FID_COND_MRKT_DIV_CODE": "J", "FID_INPUT_ISCD": security(one(ask))}


def market_day(ask: Ask) -> Request:
    """Sessions of one market up to a day; the vendor keeps about eight months."""
    return MARKET_DAY.request(_market(ask) | {"FID_INPUT_DATE_1": written(until(ask)), "FID_INPUT_DATE_2": ""})


def market_minute(ask: Ask) -> Request:
    """The last thirty minutes of one market; all six parameters have to be sent."""
    blank = dict.fromkeys(("FID_SCTN_CLS_CODE", "FID_INPUT_ISCD", "FID_COND_MRKT_DIV_CODE1", "FID_INPUT_HOUR_1"), "")
    return MARKET_MINUTE.request(_market(ask) | blank)


def _market(ask: Ask) -> dict[str, str]:
    return {"FID_COND_MRKT_DIV_CODE": "J", "FID_MRKT_CLS_CODE": markets.letter(one(ask), markets.PROGRAMS)}


def _minutes(reply: Reply, route: Route) -> tuple[Sheet, dict[str, int]]:
    """One row a minute of the running session."""
    sheet = route.sheet(route.document(reply), route.blocks[0])
    measures = tuple(one.column for one in route.blocks[0].fields if one is not _HOUR)
    full, empty = filled(sheet, measures)
    day = moments.running(reply)
    undated = 0 if day else full.height
    inside, notes = timed(full.keep([day is not None] * full.height), [day] * (full.height - undated), reply)
    single, older = newest(inside)
    return single, {**notes, EMPTY: empty, OLDER: older, UNDATED: undated}


def by_stock(ask: Ask, reply: Reply) -> Page:
    """Cumulative program trading of one stock by minute."""
    sheet, notes = _minutes(reply, STOCK_MINUTE)
    frame = sheet.frame.with_columns(pl.lit(one(ask)).alias("code"))
    return page(ask, frame, origins.EXACT, faulty=sheet.faults, notes=notes)


def by_market(ask: Ask, reply: Reply) -> Page:
    """Cumulative program trading of one market by minute; bought and sold in all are the sums of the two parts."""
    sheet, notes = _minutes(reply, MARKET_MINUTE)
    sums = [
        pl.sum_horizontal(f"arbitrage_{side}_amount", f"non_arbitrage_{side}_amount", ignore_nulls=False).alias(
            f"program_{side}_amount"
        )
        for side in ("buy", "sell")
    ]
    frame = sheet.frame.with_columns(pl.lit(one(ask)).alias("market"), *sums)
    return page(ask, frame, origins.MARKET, faulty=sheet.faults, notes=notes)


_STOCK_DAY = Days(STOCK_DAY, origins.EXACT, "code", _columns(_OWN), witnesses=("traded",), published=CLOSED)
_MARKET_DAY = Days(MARKET_DAY, origins.MARKET, "market", _columns(_WHOLE), published=CLOSED)

ROUTES = {route.name: route for route in (STOCK_DAY, STOCK_MINUTE, MARKET_DAY, MARKET_MINUTE)}
ENDPOINTS = (
    Endpoint(
        "program_trade_by_stock_daily",
        "program_day_stock",
        origins.EXACT,
        Scope.STOCK,
        Reach.PAST,
        stock_day,
        _STOCK_DAY.parse,
        span=40,
        published=CLOSED,
    ),
    Endpoint(
        "program_trade_by_stock",
        "program_minute_stock",
        origins.EXACT,
        Scope.STOCK,
        Reach.TODAY,
        stock_minute,
        by_stock,
    ),
    Endpoint(
        "comp_program_trade_daily",
        "program_day_market",
        origins.MARKET,
        Scope.MARKET,
        Reach.PAST,
        market_day,
        _MARKET_DAY.parse,
        span=40,
        published=CLOSED,
        depth=160,
    ),
    Endpoint(
        "comp_program_trade_today",
        "program_minute_market",
        origins.MARKET,
        Scope.MARKET,
        Reach.TODAY,
        market_minute,
        by_market,
    ),
)
