"""외인기관 종목별 요약 (t1716): three groups of investors, shares held by foreigners and short sales, day by day.

One question answers three of ours; each asks it anew, because a page holds rows of one dataset.
"""

from __future__ import annotations

import polars as pl

from sugeup.records import Kind
from sugeup.sources.files.layout import MILLION
from sugeup.sources.ls import origins
from sugeup.sources.ls.question import Question, listed
from sugeup.sources.replies import moments
from sugeup.sources.replies.bars import CLOSED
from sugeup.sources.replies.pages import EMPTY, PADDING, RUNNING, Days, filled, page
from sugeup.sources.replies.paging import earlier, one, until, written
from sugeup.sources.replies.sheet import Field
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

_DAY = Field("date", "session", kind=Kind.DATE)
_TRADED = Field("volume", "traded")
_GROUPS = {"individual": "krx_0008", "foreign": "krx_0009", "institution": "krx_0018"}
_BLOCK = "t1716OutBlock"
TABLE = Question(
    "t1716",
    "/stock/frgr-itt",
    (
        listed(_BLOCK, _DAY, *(Field(name, f"{group}_net_volume") for group, name in _GROUPS.items())),
        listed(
            _BLOCK,
            _DAY,
            Field("fsc_listing", "held_shares", zero=False),
            Field("fsc_sjrate", "limit_use_pct", kind=Kind.NUMBER),
            Field("close", "close"),
            Field("change", "change"),
            Field("diff", "printed", kind=Kind.NUMBER),
        ),
        listed(_BLOCK, _DAY, Field("gm_volume", "short_volume"), Field("gm_value", "short_amount", MILLION), _TRADED),
    ),
)
GROUPS, HELD, SHORT = range(3)
_CLOSE_ENOUGH = (0.8, 1.25)
_MOVED = 0.5


def table(ask: Ask) -> Request:
    """A window of days of one stock, as they are: no programme is taken off the groups."""
    return TABLE.request(
        {
            "shcode": one(ask),
            "gubun": "0",
            "fromdt": written(ask.first),
            "todt": written(until(ask)),
            "prapp": 0,
            "prgubun": "0",
            "orggubun": "0",
            "frggubun": "0",
        }
    )


def _days(block: int, *measures: str, witnesses: tuple[str, ...] = ()) -> Days:
    own = Question(TABLE.name, TABLE.path, (TABLE.blocks[block],))
    return Days(own, origins.SUMMARY, "code", measures, witnesses=witnesses, published=CLOSED)


def holding(ask: Ask, reply: Reply) -> Page:
    """Shares held, of sessions whose holdings are public at the receipt; the share of the limit in its true scale."""
    sheet = TABLE.table(reply, HELD)
    days = [day for day in sheet.columns["session"] if day is not None]
    public = moments.settled(reply)
    full, empty = filled(sheet, ("held_shares",))
    old = full.keep([day is not None and day <= public for day in full.columns["session"]])
    size = scale(old.across(["close", "change", "printed"]), old.columns["limit_use_pct"])
    used = pl.lit(None, dtype=pl.Float64) if size is None else pl.col("limit_use_pct") / size
    frame = old.frame.with_columns(used.alias("limit_use_pct"), pl.lit(one(ask)).alias("code"))
    return page(
        ask,
        frame.drop("close", "change", "printed"),
        origins.HOLDING,
        faulty=sheet.faults,
        after=earlier(ask, min(days)) if days else None,
        notes={PADDING: sheet.padding, EMPTY: empty, RUNNING: full.height - old.height},
    )


def scale(prices: list[tuple[int | None, int | None, float | None]], used: list[float | None]) -> int | None:
    """By how much the percentages of an answer are too large: 1 or 100, None when its prices do not say.

    `prices`: close, change and the printed change in %. A use of the limit beyond 100% has been multiplied too.
    """
    told: set[int] = set()
    for close, change, printed in prices:
        before = (close or 0) - (change or 0)
        if not change or not printed or before <= 0 or abs(change / before) * 100 < _MOVED:
            continue
        ratio = abs(printed) / (abs(change) / before * 100)
        told |= {size for size in (1, 100) if _CLOSE_ENOUGH[0] <= ratio / size <= _CLOSE_ENOUGH[1]}
    if not told and any(value is not None and value > 100 for value in used):
        told = {100}
    return told.pop() if len(told) == 1 else None


_GROUPS_DAYS = _days(GROUPS, *(f"{group}_net_volume" for group in _GROUPS))
_SHORT_DAYS = _days(SHORT, "short_volume", "short_amount", witnesses=("traded",))

QUESTIONS = {TABLE.name: TABLE}
ENDPOINTS = (
    Endpoint(
        "t1716",
        "investor_day_stock",
        origins.SUMMARY,
        Scope.STOCK,
        Reach.PAST,
        table,
        _GROUPS_DAYS.parse,
        span=140,
        published=CLOSED,
        pace=TABLE.pace,
    ),
    Endpoint(
        "t1716_holding",
        "foreign_holding",
        origins.HOLDING,
        Scope.STOCK,
        Reach.PAST,
        table,
        holding,
        span=140,
        pace=TABLE.pace,
        lane=TABLE.name,
    ),
    Endpoint(
        "t1716_short",
        "short_day",
        origins.SUMMARY,
        Scope.STOCK,
        Reach.PAST,
        table,
        _SHORT_DAYS.parse,
        span=140,
        published=CLOSED,
        pace=TABLE.pace,
        lane=TABLE.name,
    ),
)
