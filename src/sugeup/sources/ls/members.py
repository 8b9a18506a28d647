"""거래원: the five brokers through whom most was bought of a stock today, and the five through whom most was sold."""

from __future__ import annotations

import polars as pl

from sugeup.records import Kind
from sugeup.sources.files.layout import ROW
from sugeup.sources.ls import origins
from sugeup.sources.ls.question import VENUE, Question, listed
from sugeup.sources.replies import moments
from sugeup.sources.replies.pages import EMPTY, UNDATED, page
from sugeup.sources.replies.paging import one
from sugeup.sources.replies.sheet import Field
from sugeup.sources.replies.timed import stamp
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

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
    ),
    calls=10,
)


def members(ask: Ask) -> Request:
    """One stock at this moment, with its brokers."""
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


QUESTIONS = {MEMBERS.name: MEMBERS}
ENDPOINTS = (
    Endpoint("t1102", "broker_members", origins.STOCK, Scope.STOCK, Reach.NOW, members, by_rank, pace=MEMBERS.pace),
)
