"""분봉: bars of a minute of one stock, thirty of today or a hundred and twenty of any day of the past year.

The vendor gives the volume of the minute and the turnover since the open. The turnover of a minute is the difference to
the row before, so the oldest row of a full page is left for the next page, which begins with it.
"""

from __future__ import annotations

from datetime import date, datetime

import polars as pl

from sugeup.market.sessions import SEOUL
from sugeup.records import Kind
from sugeup.sources.files.layout import ROW
from sugeup.sources.kis import origins
from sugeup.sources.kis.markets import security
from sugeup.sources.kis.route import STOCK, Route
from sugeup.sources.replies import moments
from sugeup.sources.replies.pages import PADDING, page
from sugeup.sources.replies.paging import one, session_before, until, written
from sugeup.sources.replies.sheet import Block, Field, Sheet
from sugeup.sources.replies.timed import IDLE, OLDER, newest, timed, traded
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

REPEATED = "oldest row of a full page: the next page begins with it"
_CLOSE = "153000"
_BLOCK = Block(
    ("output2",),
    (
        Field("stck_bsop_date", "session", kind=Kind.DATE),
        Field("stck_cntg_hour", "hour", kind=Kind.TEXT),
        Field("stck_oprc", "raw_open", zero=False),
        Field("stck_hgpr", "raw_high", zero=False),
        Field("stck_lwpr", "raw_low", zero=False),
        Field("stck_prpr", "raw_close", zero=False),
        Field("cntg_vol", "volume"),
        Field("acml_tr_pbmn", "amount"),
    ),
    dated="stck_bsop_date",
)
TODAY = Route("inquire_time_itemchartprice", "FHKST03010200", f"{STOCK}/inquire-time-itemchartprice", (_BLOCK,))
PAST = Route("inquire_time_dailychartprice", "FHKST03010230", f"{STOCK}/inquire-time-dailychartprice", (_BLOCK,))
TODAY_ROWS, PAST_ROWS = 30, 120


def today(ask: Ask) -> Request:
    """Thirty minutes of the running day at and before a time; the first page ends at the close."""
    return TODAY.request(
        {
            "FID_COND_MRKT_DIV_CODE": "J",
            "FID_INPUT_ISCD": security(one(ask)),
            "FID_INPUT_HOUR_1": _hour(ask),
            "FID_PW_DATA_INCU_YN": "Y",
            "FID_ETC_CLS_CODE": "",
        }
    )


def past(ask: Ask) -> Request:
    """A hundred and twenty minutes at and before a moment of the past year."""
    return PAST.request(
        {
            "FID_COND_MRKT_DIV_CODE": "J",
            "FID_INPUT_ISCD": security(one(ask)),
            "FID_INPUT_HOUR_1": _hour(ask),
            "FID_INPUT_DATE_1": written(until(ask)),
            "FID_PW_DATA_INCU_YN": "Y",
            "FID_FAKE_TICK_INCU_YN": "",
        }
    )


def of_today(ask: Ask, reply: Reply) -> Page:
    """Bars of the running session; minutes that have not ended are not kept."""
    return _page(ask, reply, TODAY, TODAY_ROWS)


def of_past(ask: Ask, reply: Reply) -> Page:
    """Bars of any session of the past year; a page may reach into the day before."""
    return _page(ask, reply, PAST, PAST_ROWS)


def _page(ask: Ask, reply: Reply, route: Route, cap: int) -> Page:
    sheet = route.sheet(route.document(reply), route.blocks[0])
    full = sheet.height + sheet.faults.height + sheet.padding >= cap
    turned, repeated = _turned(sheet, full=full)
    after = _before(ask, reply, sheet, full=full, back=route is PAST)
    inside, notes = timed(turned, turned.columns["session"], reply)
    busy, idle = traded(inside)
    single, older = newest(busy)
    notes |= {PADDING: sheet.padding, IDLE: idle, OLDER: older, REPEATED: repeated}
    frame = single.frame.with_columns(pl.lit(one(ask)).alias("code"))
    return page(
        ask, frame, origins.EXACT if route is TODAY else origins.CHART, faulty=sheet.faults, after=after, notes=notes
    )


def _turned(sheet: Sheet, *, full: bool) -> tuple[Sheet, int]:
    """The rows with the turnover of the minute; the oldest of a full page has none yet, unless it opens the day.

    Where the row before was rejected, the turnover is null, because the difference would be that of two minutes.
    """
    rows = sheet.across(["session", "hour", "amount", ROW])
    amounts: list[int | None] = []
    mask: list[bool] = []
    for (day, hour, total, number), following in zip(rows, [*rows[1:], None][: len(rows)], strict=True):
        last = following is None
        before: int | None = 0
        if following is not None and following[0] == day:
            before = following[2] if following[3] == number + 1 else None
        amounts.append(None if total is None or before is None else total - before)
        mask.append(not (last and full and not _opens(day, hour)))
    kept = Sheet({**sheet.columns, "amount": amounts}, sheet.kinds, sheet.faults, sheet.padding).keep(mask)
    return kept, len(mask) - sum(mask)


def _before(ask: Ask, reply: Reply, sheet: Sheet, *, full: bool, back: bool) -> Ask | None:
    """The page that ends with the oldest row of this one; of a page that is not full, the day before (`back`).

    Minutes to come are padding, so a page asked for too late in the running day is followed by one that ends now.
    """
    rows = [(day, hour) for day, hour in sheet.across(["session", "hour"]) if day is not None and hour is not None]
    if not rows:
        return None
    day, hour = min(rows)
    if day < ask.first:
        return None
    now = moments.received(reply)
    if day == now.date():
        hour = min(hour, f"{now:%H%M}00")
    if full and not _opens(day, hour):
        cursor = f"{written(day)}{hour}"
        return None if cursor >= _cursor(ask) else ask.at(cursor)
    earlier = session_before(ask.first, day) if back else None
    if earlier is None:
        return None
    cursor = f"{written(earlier)}{_closing(earlier)}"
    return ask.at(cursor) if cursor < _cursor(ask) else None


def _opens(day: date | None, hour: str | None) -> bool:
    """Whether a row is the first minute of its session."""
    opened = moments.regular(day)[0] if day is not None else None
    return opened is not None and hour is not None and hour[:4] <= f"{opened:%H%M}"


def _cursor(ask: Ask) -> str:
    return ask.cursor or f"{written(ask.last)}{_closing(ask.last)}"


def _hour(ask: Ask) -> str:
    return _cursor(ask)[8:]


def _closing(day: date) -> str:
    closed = moments.regular(day)[1]
    return _CLOSE if closed is None else datetime.strftime(closed.astimezone(SEOUL), "%H%M%S")


ROUTES = {TODAY.name: TODAY, PAST.name: PAST}
ENDPOINTS = (
    Endpoint(
        TODAY.name,
        "minute_bars",
        origins.EXACT,
        Scope.STOCK,
        Reach.TODAY,
        today,
        of_today,
    ),
    Endpoint(
        PAST.name,
        "minute_bars",
        origins.CHART,
        Scope.STOCK,
        Reach.PAST,
        past,
        of_past,
        span=1,
        depth=245,
    ),
)
