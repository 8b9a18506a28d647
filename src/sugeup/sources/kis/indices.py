"""지수: levels of an index by day and by minute, and the counts of stocks that rose and fell."""

from __future__ import annotations

import polars as pl

from sugeup.records import Kind
from sugeup.sources.files.layout import MILLION
from sugeup.sources.kis import markets, origins
from sugeup.sources.kis.origins import THOUSAND
from sugeup.sources.kis.route import STOCK, Route
from sugeup.sources.replies import moments
from sugeup.sources.replies.bars import CLOSED
from sugeup.sources.replies.pages import EMPTY, UNDATED, Days, filled, page
from sugeup.sources.replies.paging import one, until, written
from sugeup.sources.replies.sheet import Block, Field
from sugeup.sources.replies.timed import OLDER, newest, stamp, timed
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

_LEVELS = (
    Field("bstp_nmix_oprc", "open", kind=Kind.NUMBER, zero=False),
    Field("bstp_nmix_hgpr", "high", kind=Kind.NUMBER, zero=False),
    Field("bstp_nmix_lwpr", "low", kind=Kind.NUMBER, zero=False),
    Field("bstp_nmix_prpr", "close", kind=Kind.NUMBER, zero=False),
)
_AMOUNT = Field("acml_tr_pbmn", "amount", MILLION)
_TRADED = (Field("acml_vol", "volume", THOUSAND), _AMOUNT)
_COUNTS = (
    Field("ascn_issu_cnt", "advancers"),
    Field("down_issu_cnt", "decliners"),
    Field("stnr_issu_cnt", "unchanged"),
)
_DAY = Field("stck_bsop_date", "session", kind=Kind.DATE)
_MEASURES = tuple(field.column for field in (*_LEVELS, *_TRADED))

CHART = Route(
    "inquire_daily_indexchartprice",
    "FHKUP03500100",
    f"{STOCK}/inquire-daily-indexchartprice",
    (Block(("output2",), (_DAY, *_LEVELS, *_TRADED), dated=_DAY.name),),
)
BOARD = Route(
    "inquire_index_category_price",
    "FHPUP02140000",
    f"{STOCK}/inquire-index-category-price",
    (
        Block(("output1",), (*_LEVELS, *_TRADED, *_COUNTS)),
        Block(
            ("output2",),
            (
                Field("bstp_cls_code", "sector", kind=Kind.TEXT),
                Field("hts_kor_isnm", "sector_name", kind=Kind.TEXT),
            ),
        ),
    ),
)
MINUTE = Route(
    "inquire_time_indexchartprice",
    "FHKUP03500200",
    f"{STOCK}/inquire-time-indexchartprice",
    (
        Block(
            ("output2",),
            (_DAY, Field("stck_cntg_hour", "hour", kind=Kind.TEXT), *_LEVELS, _AMOUNT),
            dated=_DAY.name,
        ),
    ),
)


def chart(ask: Ask) -> Request:
    """A window of days of one index; of more than about fifty rows the newest fifty come."""
    return CHART.request(
        {
            "FID_COND_MRKT_DIV_CODE": "U",
            "FID_INPUT_ISCD": markets.index(one(ask)),
            "FID_INPUT_DATE_1": written(ask.first),
            "FID_INPUT_DATE_2": written(until(ask)),
            "FID_PERIOD_DIV_CODE": "D",
        }
    )


def board(ask: Ask) -> Request:
    """One of the three main indices with its sectors."""
    scope = one(ask)
    letter = markets.letter(scope, markets.BOARDS)
    return BOARD.request(
        {
            "FID_COND_MRKT_DIV_CODE": "U",
            "FID_INPUT_ISCD": markets.index(scope),
            "FID_COND_SCR_DIV_CODE": "20214",
            "FID_MRKT_CLS_CODE": letter,
            "FID_BLNG_CLS_CODE": "0",
        }
    )


def minute(ask: Ask) -> Request:
    """The last 102 minutes of one index, without the marker rows after the close."""
    return MINUTE.request(
        {
            "FID_COND_MRKT_DIV_CODE": "U",
            "FID_ETC_CLS_CODE": "1",
            "FID_INPUT_ISCD": markets.index(one(ask)),
            "FID_INPUT_HOUR_1": "60",
            "FID_PW_DATA_INCU_YN": "Y",
        }
    )


def counted(ask: Ask, reply: Reply) -> Page:
    """The index of the session that has closed, with counts of stocks; provisional for ever. None before the close."""
    sheet = BOARD.sheet(BOARD.document(reply), BOARD.blocks[0])
    full, empty = filled(sheet, _MEASURES)
    day = moments.closed(reply)
    frame = full.frame if day else full.frame.clear()
    dated = stamp(frame, reply.received_at).with_columns(
        pl.lit(one(ask)).alias("index_code"),
        pl.lit(day, dtype=pl.Date).alias("session"),
        pl.lit(False).alias("final"),
    )
    notes = {EMPTY: empty, UNDATED: 0 if day else full.height}
    return page(ask, dated, origins.BOARD, faulty=sheet.faults, notes=notes, hours=moments.hours(reply))


def sectors(reply: Reply) -> dict[str, str]:
    """Codes and names of the sectors beside a main index (reply to `board`)."""
    sheet = BOARD.sheet(BOARD.document(reply), BOARD.blocks[1])
    return {code: name for code, name in sheet.across(["sector", "sector_name"]) if code and name}


def by_minute(ask: Ask, reply: Reply) -> Page:
    """Levels by minute and the cumulative turnover of the index's market; the volume is a minute's: not kept."""
    sheet = MINUTE.sheet(MINUTE.document(reply), MINUTE.blocks[0])
    inside, notes = timed(sheet, sheet.columns["session"], reply)
    single, older = newest(inside)
    full, empty = filled(single, [field.column for field in _LEVELS])
    frame = full.frame.with_columns(pl.lit(one(ask)).alias("index_code"))
    return page(ask, frame, origins.MARKET, faulty=sheet.faults, notes={**notes, OLDER: older, EMPTY: empty})


_CHART = Days(CHART, origins.MARKET, "index_code", _MEASURES, published=CLOSED)

ROUTES = {route.name: route for route in (CHART, BOARD, MINUTE)}
ENDPOINTS = (
    Endpoint(
        "inquire_daily_indexchartprice",
        "index_day",
        origins.MARKET,
        Scope.INDEX,
        Reach.PAST,
        chart,
        _CHART.parse,
        span=70,
        published=CLOSED,
    ),
    Endpoint(
        "inquire_index_category_price",
        "index_day",
        origins.BOARD,
        Scope.INDEX,
        Reach.TODAY,
        board,
        counted,
        published=CLOSED,
    ),
    Endpoint(
        "inquire_time_indexchartprice",
        "index_minute",
        origins.MARKET,
        Scope.INDEX,
        Reach.TODAY,
        minute,
        by_minute,
    ),
)
