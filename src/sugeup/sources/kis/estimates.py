"""장중 가집계: what two groups are thought to have bought of a stock since the open, at five times of the day."""

from __future__ import annotations

import polars as pl

from sugeup.sources.kis import origins
from sugeup.sources.kis.markets import security
from sugeup.sources.kis.route import STOCK, Route
from sugeup.sources.replies import moments
from sugeup.sources.replies.pages import UNDATED, page
from sugeup.sources.replies.paging import one
from sugeup.sources.replies.sheet import Block, Field
from sugeup.sources.replies.timed import stamp
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

TALLIES = Route(
    "investor_trend_estimate",
    "HHPTJ04160200",
    f"{STOCK}/investor-trend-estimate",
    (
        Block(
            ("output2",),
            (
                Field("bsop_hour_gb", "slot"),
                Field("frgn_fake_ntby_qty", "foreign_net_volume"),
                Field("orgn_fake_ntby_qty", "institution_net_volume"),
            ),
            dated="bsop_hour_gb",
        ),
    ),
)
_UNPUBLISHED = {"institution_net_volume": 1, "foreign_net_volume": 2}
"""The slot in which a group is not entered, whatever the figure says."""


def tallies(ask: Ask) -> Request:
    """All slots of one stock so far today."""
    return TALLIES.request({"MKSC_SHRN_ISCD": security(one(ask))})


def by_slot(ask: Ask, reply: Reply) -> Page:
    """The slots of the running session, known at the receipt, never final; before the open there is no day for them."""
    sheet = TALLIES.sheet(TALLIES.document(reply), TALLIES.blocks[0])
    day = moments.running(reply)
    frame = sheet.frame if day else sheet.frame.clear()
    shown = stamp(frame, reply.received_at).with_columns(
        pl.lit(one(ask)).alias("code"),
        pl.lit(day, dtype=pl.Date).alias("session"),
        pl.lit(False).alias("final"),
        *(pl.when(pl.col("slot") != slot).then(pl.col(name)).alias(name) for name, slot in _UNPUBLISHED.items()),
    )
    notes = {UNDATED: 0 if day else sheet.height}
    return page(ask, shown, origins.EXACT, faulty=sheet.faults, notes=notes)


ROUTES = {TALLIES.name: TALLIES}
ENDPOINTS = (
    Endpoint(
        "investor_trend_estimate",
        "stock_estimate",
        origins.EXACT,
        Scope.STOCK,
        Reach.TODAY,
        tallies,
        by_slot,
    ),
)
