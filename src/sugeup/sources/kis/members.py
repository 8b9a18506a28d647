"""거래원: the five brokers through whom most was bought of a stock today, and the five through whom most was sold."""

from __future__ import annotations

import polars as pl

from sugeup.records import Kind
from sugeup.sources.files.layout import ROW
from sugeup.sources.kis import origins
from sugeup.sources.kis.markets import security
from sugeup.sources.kis.route import STOCK, Route
from sugeup.sources.replies import moments
from sugeup.sources.replies.pages import EMPTY, UNDATED, page
from sugeup.sources.replies.paging import one
from sugeup.sources.replies.sheet import Block, Field
from sugeup.sources.replies.timed import stamp
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

RANKS = range(1, 6)
_SIDES = {"BUY": "shnu", "SELL": "seln"}
_PARTS = (
    ("member_code", "{0}_mbcr_no{1}", Kind.TEXT),
    ("member_name", "{0}_mbcr_name{1}", Kind.TEXT),
    ("volume", "total_{0}_qty{1}", Kind.INTEGER),
    ("share_pct", "{0}_mbcr_rlim{1}", Kind.NUMBER),
    ("foreign_house", "{0}_mbcr_glob_yn_{1}", Kind.BOOLEAN),
)
MEMBERS = Route(
    "inquire_member",
    "FHKST01010600",
    f"{STOCK}/inquire-member",
    (
        Block(
            ("output",),
            tuple(
                Field(name.format(word, rank), f"{side}{rank}{column}", kind=kind)
                for side, word in _SIDES.items()
                for rank in RANKS
                for column, name, kind in _PARTS
            ),
        ),
    ),
)


def members(ask: Ask) -> Request:
    """The brokers of one stock at this moment."""
    return MEMBERS.request({"FID_COND_MRKT_DIV_CODE": "J", "FID_INPUT_ISCD": security(one(ask))})


def by_rank(ask: Ask, reply: Reply) -> Page:
    """Ten rows at most, stamped with the minute of receipt; a rank that nobody holds yet has none."""
    sheet = MEMBERS.sheet(MEMBERS.document(reply), MEMBERS.blocks[0])
    wide = sheet.frame
    parts = [
        wide.select(
            *(pl.col(f"{side}{rank}{column}").alias(column) for column, _, _ in _PARTS),
            pl.lit(side).alias("side"),
            pl.lit(rank, dtype=pl.Int64).alias("rank"),
        )
        for side in _SIDES
        for rank in RANKS
    ]
    every = pl.concat(parts)
    day = moments.running(reply)
    held = every.filter(pl.col("volume") > 0)
    rows = held if day else held.clear()
    stamped = stamp(stamp(rows, reply.received_at), moments.minute(reply), "at").with_columns(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW),
        pl.lit(one(ask)).alias("code"),
        pl.lit(day, dtype=pl.Date).alias("session"),
    )
    notes = {EMPTY: every.height - held.height, UNDATED: 0 if day else held.height}
    return page(ask, stamped, origins.EXACT, faulty=sheet.faults, notes=notes, hours=moments.hours(reply))


ROUTES = {MEMBERS.name: MEMBERS}
ENDPOINTS = (
    Endpoint(
        "inquire_member",
        "broker_members",
        origins.EXACT,
        Scope.STOCK,
        Reach.NOW,
        members,
        by_rank,
    ),
)
