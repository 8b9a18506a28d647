"""현재가: one stock as it stands, which is tonight's bar with 기준가 and the shares listed, and its 거래원.

Of brokers there are the five through whom most was bought today, and the five through whom most was sold.
"""

from __future__ import annotations

import polars as pl

from sugeup.records import Kind
from sugeup.sources.files.layout import MILLION, ROW
from sugeup.sources.ls import origins
from sugeup.sources.ls.origins import THOUSAND
from sugeup.sources.ls.question import VENUE, Question, listed
from sugeup.sources.replies import moments
from sugeup.sources.replies.bars import CLOSED, PRICES, traded
from sugeup.sources.replies.pages import EMPTY, UNDATED, filled, page
from sugeup.sources.replies.paging import one
from sugeup.sources.replies.sheet import Field
from sugeup.sources.replies.timed import stamp
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

_MEASURES = (*PRICES, "raw_close", "volume", "amount")
RANKS = range(1, 6)
_SIDES = {"BUY": ("bid", "s"), "SELL": ("offer", "d")}
_PARTS = (
    ("member_code", "{0}nocd{2}", Kind.TEXT),
    ("member_name", "{0}no{2}", Kind.TEXT),
    ("volume", "{1}vol{2}", Kind.INTEGER),
    ("share_pct", "{1}diff{2}", Kind.NUMBER),
)
MEMBERS = Question(
    "t1102",
    "/stock/market-data",
    (
        listed(
            "t1102OutBlock",
            *(
                Field(name.format(*words, rank), f"{side}{rank}{column}", kind=kind)
                for side, words in _SIDES.items()
                for rank in RANKS
                for column, name, kind in _PARTS
            ),
            dated=None,
        ),
        listed(
            "t1102OutBlock",
            Field("open", "raw_open"),
            Field("high", "raw_high"),
            Field("low", "raw_low"),
            Field("price", "raw_close", zero=False),
            Field("recprice", "base_price", zero=False),
            Field("volume", "volume"),
            Field("value", "amount", MILLION),
            Field("listing", "listed_shares", THOUSAND, zero=False),
            dated=None,
        ),
    ),
    calls=10,
)


def members(ask: Ask) -> Request:
    """One stock at this moment."""
    return MEMBERS.request({"shcode": one(ask), "exchgubun": VENUE})


def by_rank(ask: Ask, reply: Reply) -> Page:
    """Ten rows at most, stamped with the minute of receipt; a rank that nobody holds yet has none."""
    sheet = MEMBERS.table(reply)
    wide = sheet.frame
    every = pl.concat(
        wide.select(
            *(pl.col(f"{side}{rank}{column}").alias(column) for column, _, _ in _PARTS),
            pl.lit(side).alias("side"),
            pl.lit(rank, dtype=pl.Int64).alias("rank"),
        )
        for side in _SIDES
        for rank in RANKS
    )
    day = moments.running(reply)
    held = every.filter(pl.col("volume") > 0)
    rows = held if day else held.clear()
    stamped = stamp(stamp(rows, reply.received_at), moments.minute(reply), "at").with_columns(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW),
        pl.lit(one(ask)).alias("code"),
        pl.lit(day, dtype=pl.Date).alias("session"),
    )
    notes = {EMPTY: every.height - held.height, UNDATED: 0 if day else held.height}
    return page(ask, stamped, origins.STOCK, faulty=sheet.faults, notes=notes, hours=moments.hours(reply))


def tonight(ask: Ask, reply: Reply) -> Page:
    """The bar of the session that has closed at the receipt; before the close and overnight there is none."""
    sheet = MEMBERS.table(reply, 1)
    day = moments.closed(reply)
    full, empty = filled(sheet.keep([price is not None for price in sheet.columns["raw_close"]]), _MEASURES)
    rows = traded(full.frame if day else full.frame.clear())
    dated = stamp(rows, reply.received_at).with_columns(
        pl.lit(one(ask)).alias("code"), pl.lit(day, dtype=pl.Date).alias("session")
    )
    notes = {EMPTY: empty, UNDATED: 0 if day else full.height}
    return page(ask, dated, origins.STOCK, faulty=sheet.faults, notes=notes, hours=moments.hours(reply))


QUESTIONS = {MEMBERS.name: MEMBERS}
ENDPOINTS = (
    Endpoint("t1102", "broker_members", origins.STOCK, Scope.STOCK, Reach.NOW, members, by_rank, pace=MEMBERS.pace),
    Endpoint(
        "t1102_bar",
        "daily_bars",
        origins.STOCK,
        Scope.STOCK,
        Reach.TODAY,
        members,
        tonight,
        published=CLOSED,
        pace=MEMBERS.pace,
        lane=MEMBERS.name,
    ),
)
