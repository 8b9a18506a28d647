"""외국인 보유: shares of a stock held by foreigners, a figure without a day beside its price."""

from __future__ import annotations

import polars as pl

from sugeup.records import Kind
from sugeup.sources.kis import origins
from sugeup.sources.kis.markets import security
from sugeup.sources.kis.route import STOCK, Route
from sugeup.sources.replies import moments
from sugeup.sources.replies.pages import EMPTY, page
from sugeup.sources.replies.paging import one
from sugeup.sources.replies.sheet import Block, Field
from sugeup.sources.replies.timed import stamp
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

PRICE = Route(
    "inquire_price",
    "FHKST01010100",
    f"{STOCK}/inquire-price",
    (
        Block(
            ("output",),
            (
                Field("frgn_hldn_qty", "held_shares"),
                Field("lstn_stcn", "listed_shares", zero=False),
                Field("hts_frgn_ehrt", "limit_use_pct", kind=Kind.NUMBER),
            ),
        ),
    ),
)


def price(ask: Ask) -> Request:
    """One stock as it stands."""
    return PRICE.request({"FID_COND_MRKT_DIV_CODE": "J", "FID_INPUT_ISCD": security(one(ask))})


def settled(ask: Ask, reply: Reply) -> Page:
    """The holding as of the newest session whose holdings are public; an unknown code, which has no shares, is no row.

    The share of the legal limit is the vendor's, rounded: the limit itself cannot be had from it.
    """
    sheet = PRICE.sheet(PRICE.document(reply), PRICE.blocks[0])
    known = sheet.keep([listed is not None for listed in sheet.columns["listed_shares"]])
    frame = stamp(known.frame, reply.received_at).with_columns(
        pl.lit(one(ask)).alias("code"), pl.lit(moments.settled(reply)).alias("session")
    )
    return page(ask, frame, origins.EXACT, faulty=sheet.faults, notes={EMPTY: sheet.height - known.height})


ROUTES = {PRICE.name: PRICE}
ENDPOINTS = (
    Endpoint(
        "inquire_price",
        "foreign_holding",
        origins.EXACT,
        Scope.STOCK,
        Reach.NOW,
        price,
        settled,
    ),
)
