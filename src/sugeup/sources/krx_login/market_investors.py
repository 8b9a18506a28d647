"""투자자별 거래실적 일별 (12009): what each investor bought and sold in a market, by day, stocks alone.

Bought and sold, won and shares are four questions about the same days, up to two years of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from sugeup.errors import Refused
from sugeup.market import investors
from sugeup.records import Kind
from sugeup.sources.files.exchange_investors import ADDS, GROUPS, LEAVES, with_nets
from sugeup.sources.krx_login import origins
from sugeup.sources.krx_login.net_purchases import SETTLED
from sugeup.sources.krx_login.question import MARKETS, Question, block, hours, place
from sugeup.sources.replies import moments
from sugeup.sources.replies.pages import RUNNING, page
from sugeup.sources.replies.paging import any_session, one, until, written
from sugeup.sources.replies.parts import joined
from sugeup.sources.replies.sheet import Field
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

YEARS = timedelta(days=700)
"""Days of one question; of more than 730 the page gives nothing."""
TOTAL = "__all"
PARTS = (("amount", "sell"), ("amount", "buy"), ("volume", "sell"), ("volume", "buy"))
_MEASURED = {"volume": "1", "amount": "2"}
_SIDED = {"sell": "1", "buy": "2"}


def columns(part: tuple[str, str]) -> tuple[str, ...]:
    """Our columns that a question fills."""
    measure, side = part
    return tuple(investors.column(leaf, side, measure) for leaf in LEAVES)


QUESTION = Question(
    "krx_login_market_investors",
    "MDCSTAT02203",
    tuple(
        block(
            "output",
            Field("TRD_DD", "session", kind=Kind.DATE),
            *(Field(f"TRDVAL{number}", name) for number, name in enumerate(columns(part), 1)),
            Field("TRDVAL_TOT", TOTAL),
            dated="TRD_DD",
        )
        for part in PARTS
    ),
)


def build(ask: Ask) -> Request:
    """A window of days of one market: one measure and side, by the place of the cursor."""
    if one(ask) not in MARKETS:
        raise Refused(f"{one(ask)!r} is not offered here; allowed: {', '.join(MARKETS)}.")
    measure, side = PARTS[place(ask)]
    return QUESTION.request(
        mktId=MARKETS[one(ask)],
        etf="",
        etn="",
        elw="",
        detailView="1",
        trdVolVal=_MEASURED[measure],
        askBid=_SIDED[side],
        strtDd=written(_start(ask)),
        endDd=written(_end(ask)),
    )


def by_part(ask: Ask, reply: Reply) -> Page:
    """The columns of one question; the next one is about the same days, and after the last one earlier days."""
    number = place(ask)
    sheet = QUESTION.table(reply, number)
    names = columns(PARTS[number])
    wrong = [
        (row, ADDS, f"{sum(parts)} ≠ {total}")
        for row, total, *parts in sheet.across(["row", TOTAL, *names])
        if total is not None and None not in parts and sum(parts) != total
    ]
    summed = sheet.reject(wrong)
    today = moments.unsettled(reply, SETTLED)
    settled = summed.keep([day != today for day in summed.columns["session"]])
    last = number == len(PARTS) - 1 or (number == 0 and not sheet.height)
    after = _earlier(ask) if last else ask.at(f"{written(_end(ask))}.{number + 1}")
    frame = settled.frame.drop(TOTAL).with_columns(pl.lit(one(ask)).alias("market"))
    notes = {RUNNING: summed.height - settled.height}
    found = page(ask, frame, origins.MARKET, faulty=settled.faults, after=after, notes=notes)
    return Page(found.frame, found.after, found.faults, found.notes, part=not last)


def whole(ask: Ask, pages: Sequence[Page]) -> Page:
    """The rows of four answers with net and the two sums; of zeros throughout there is no row."""
    found = joined(pages, ("market", "session"), [columns(part) for part in PARTS])
    names = [name for part in PARTS for name in columns(part)]
    if not set(names) <= set(found.frame.columns):
        return Page(found.frame.clear(), found.after, found.faults, found.notes)
    kept = found.frame.filter(pl.any_horizontal(pl.col(names).fill_null(0) != 0))
    summed = kept.with_columns(
        pl.sum_horizontal((f"{leaf}_{side}_{measure}" for leaf in leaves), ignore_nulls=False).alias(
            f"{group}_{side}_{measure}"
        )
        for group, leaves in GROUPS.items()
        for measure, side in PARTS
    )
    days = {day: hours(day) for day in summed["session"].unique()}
    rows = with_nets(summed, [*LEAVES, *GROUPS]).with_columns(
        pl.col("session").replace_strict(days, default="REGULAR", return_dtype=pl.String).alias("hours")
    )
    return Page(rows, found.after, found.faults, found.notes)


def _end(ask: Ask) -> date:
    return until(ask)


def _start(ask: Ask) -> date:
    return max(ask.first, _end(ask) - YEARS)


def _earlier(ask: Ask) -> Ask | None:
    end = _start(ask) - timedelta(days=1)
    return ask.at(f"{written(end)}.0") if any_session(ask.first, end) else None


QUESTIONS = {QUESTION.name: QUESTION}
ENDPOINTS = (
    Endpoint(
        QUESTION.name,
        "investor_day_market",
        origins.MARKET,
        Scope.MARKET,
        Reach.PAST,
        build,
        by_part,
        span=YEARS.days,
        published=SETTLED,
        join=whole,
    ),
)
