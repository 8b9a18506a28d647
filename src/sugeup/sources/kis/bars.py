"""일봉: tonight's bars of thirty codes a call, the raw history of one, and the marks of rights that stand beside it."""

from __future__ import annotations

import polars as pl

from sugeup.errors import Refused
from sugeup.records import Kind
from sugeup.sources.files.layout import ROW
from sugeup.sources.kis import origins
from sugeup.sources.kis.markets import security, unmarked
from sugeup.sources.kis.route import STOCK, Route
from sugeup.sources.replies import moments
from sugeup.sources.replies.bars import CLOSED, traded
from sugeup.sources.replies.pages import EMPTY, UNDATED, Days, filled, page
from sugeup.sources.replies.paging import one, until, written
from sugeup.sources.replies.sheet import Block, Field
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

BATCH = 30
_MEASURES = ("raw_open", "raw_high", "raw_low", "raw_close", "volume", "amount")

MULTI = Route(
    "intstock_multprice",
    "FHKST11300006",
    f"{STOCK}/intstock-multprice",
    (
        Block(
            ("output",),
            (
                Field("inter_shrn_iscd", "code", kind=Kind.TEXT),
                Field("inter2_oprc", "raw_open"),
                Field("inter2_hgpr", "raw_high"),
                Field("inter2_lwpr", "raw_low"),
                Field("inter2_prpr", "raw_close", zero=False),
                Field("inter2_sdpr", "base_price", zero=False),
                Field("acml_vol", "volume"),
                Field("acml_tr_pbmn", "amount"),
            ),
        ),
    ),
)
_DAY = Field("stck_bsop_date", "session", kind=Kind.DATE)
_CHART = "/".join((STOCK, "inquire-daily-itemchartprice"))
CHART = Route(
    "inquire_daily_itemchartprice",
    "FHKST03010100",
    _CHART,
    (
        Block(
            ("output2",),
            (
                _DAY,
                Field("stck_oprc", "raw_open"),
                Field("stck_hgpr", "raw_high"),
                Field("stck_lwpr", "raw_low"),
                Field("stck_clpr", "raw_close", zero=False),
                Field("prdy_vrss", "change"),
                Field("acml_vol", "volume"),
                Field("acml_tr_pbmn", "amount"),
            ),
            dated="stck_bsop_date",
        ),
    ),
)
MARKS = Route(
    CHART.name,
    CHART.tr_id,
    _CHART,
    (
        Block(
            ("output2",),
            (
                _DAY,
                Field("stck_clpr", "raw_close", zero=False),
                Field("prdy_vrss", "change"),
                Field("flng_cls_code", "mark", kind=Kind.TEXT),
                Field("prtt_rate", "ratio", kind=Kind.NUMBER),
            ),
            dated="stck_bsop_date",
        ),
    ),
)
_KINDS = {"01": "RIGHTS", "02": "DIVIDEND", "03": "DIVIDEND", "04": "RIGHTS", "05": "DIVIDEND", "06": "RIGHTS"}
"""락 구분: 권리락, 배당락, 분배락, 권배락, 중간배당락, 권리중간배당락; any other mark is OTHER."""


def several(ask: Ask) -> Request:
    """Thirty places, the unused ones blank: the vendor wants to see every parameter."""
    if not 0 < len(ask.scopes) <= BATCH:
        raise Refused(f"{len(ask.scopes)} codes were asked for; allowed: 1 to {BATCH} a call.")
    params: dict[str, str] = {}
    for place in range(1, BATCH + 1):
        asked = place <= len(ask.scopes)
        params[f"FID_COND_MRKT_DIV_CODE_{place}"] = "J" if asked else ""
        params[f"FID_INPUT_ISCD_{place}"] = security(ask.scopes[place - 1]) if asked else ""
    return MULTI.request(params)


def tonight(ask: Ask, reply: Reply) -> Page:
    """Bars of the session that has closed at the receipt; before the close and overnight there are none."""
    sheet = MULTI.sheet(MULTI.document(reply), MULTI.blocks[0])
    day = moments.closed(reply)
    full, empty = filled(sheet.keep([price is not None for price in sheet.columns["raw_close"]]), _MEASURES)
    frame = full.frame if day else full.frame.clear()
    dated = traded(frame).with_columns(
        pl.col("code").map_elements(unmarked, return_dtype=pl.String),
        pl.lit(day, dtype=pl.Date).alias("session"),
        pl.lit(reply.received_at).cast(pl.Datetime("us", "UTC")).alias("known_at"),
    )
    counted = {EMPTY: empty, UNDATED: 0 if day else full.height}
    return page(ask, dated, origins.EXACT, faulty=sheet.faults, notes=counted, hours=moments.hours(reply))


def history(ask: Ask) -> Request:
    """Raw prices of a window of days; of more than a hundred rows the newest hundred come."""
    return CHART.request(
        {
            "FID_COND_MRKT_DIV_CODE": "J",
            "FID_INPUT_ISCD": security(one(ask)),
            "FID_INPUT_DATE_1": written(ask.first),
            "FID_INPUT_DATE_2": written(until(ask)),
            "FID_PERIOD_DIV_CODE": "D",
            "FID_ORG_ADJ_PRC": "1",
        }
    )


def _based(frame: pl.DataFrame) -> pl.DataFrame:
    base = (pl.col("raw_close") - pl.col("change")).alias("base_price")
    return traded(frame.with_columns(base)).drop("change")


def _marked(frame: pl.DataFrame) -> pl.DataFrame:
    """Days with a mark of rights: the base price over the close of the row before is the factor of prices."""
    before = frame.sort("session").with_columns(
        pl.col("raw_close").shift(1).alias("before"), (pl.col("raw_close") - pl.col("change")).alias("base")
    )
    told = before.filter((pl.col("mark").is_not_null() & (pl.col("mark") != "00")) | (pl.col("ratio") != 0))
    factor = pl.col("base") / pl.col("before")
    return told.select(
        ROW,
        pl.col("session").alias("effective_session"),
        pl.col("session"),
        pl.col("mark").replace_strict(_KINDS, default="OTHER").alias("kind"),
        factor.alias("price_factor"),
        pl.concat_str(
            pl.format("flng_cls_code {}", pl.col("mark").fill_null("-")),
            pl.format("prtt_rate {}", pl.col("ratio").fill_null(0.0)),
            pl.when(factor.is_not_null()).then(pl.format("base_price {} / close {}", "base", "before")),
            separator=", ",
            ignore_nulls=True,
        ).alias("evidence"),
    )


_HISTORY = Days(CHART, origins.CHART, "code", _MEASURES, shape=_based, published=CLOSED)
_MARKS = Days(MARKS, origins.CHART, "code", ("raw_close",), shape=_marked, published=CLOSED)


def marks(ask: Ask, reply: Reply) -> Page:
    """Marks of rights in the window; `session` only dates them, the dataset has `effective_session`."""
    found = _MARKS.parse(ask, reply)
    return Page(found.frame.drop("session"), found.after, found.faults, found.notes)


ROUTES = {
    "intstock_multprice": MULTI,
    "inquire_daily_itemchartprice": CHART,
    "inquire_daily_itemchartprice_marks": MARKS,
}
ENDPOINTS = (
    Endpoint(
        "intstock_multprice",
        "daily_bars",
        origins.EXACT,
        Scope.STOCK,
        Reach.TODAY,
        several,
        tonight,
        batch=BATCH,
        published=CLOSED,
    ),
    Endpoint(
        "inquire_daily_itemchartprice",
        "daily_bars",
        origins.CHART,
        Scope.STOCK,
        Reach.PAST,
        history,
        _HISTORY.parse,
        span=140,
        published=CLOSED,
    ),
    Endpoint(
        "inquire_daily_itemchartprice_marks",
        "corporate_actions",
        origins.CHART,
        Scope.STOCK,
        Reach.PAST,
        history,
        marks,
        span=140,
        published=CLOSED,
    ),
)
