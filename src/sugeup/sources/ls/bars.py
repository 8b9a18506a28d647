"""일봉과 분봉: tonight's bars of fifty codes a call, the raw history of one stock, its bars of a minute."""

from __future__ import annotations

from datetime import date

import polars as pl

from sugeup.errors import Refused
from sugeup.records import Kind
from sugeup.sources.files.layout import MILLION
from sugeup.sources.ls import origins
from sugeup.sources.ls.question import Question, listed
from sugeup.sources.ls.turning import at, continues, key, placed, word
from sugeup.sources.replies import moments
from sugeup.sources.replies.bars import CLOSED, PRICES, traded
from sugeup.sources.replies.pages import EMPTY, UNDATED, Days, filled, page
from sugeup.sources.replies.paging import any_session, one, until, written
from sugeup.sources.replies.sheet import Field, Sheet
from sugeup.sources.replies.timed import IDLE, OLDER, newest, timed
from sugeup.sources.replies.timed import traded as busy
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

BATCH = 50
_MEASURES = (*PRICES, "raw_close", "volume", "amount")
_LEVELS = (Field("open", "raw_open"), Field("high", "raw_high"), Field("low", "raw_low"))

SEVERAL = Question(
    "t8407",
    "/stock/market-data",
    (
        listed(
            "t8407OutBlock1",
            Field("shcode", "code", kind=Kind.TEXT),
            *_LEVELS,
            Field("price", "raw_close", zero=False),
            Field("volume", "volume"),
            Field("value", "amount", MILLION),
            dated=None,
        ),
    ),
    calls=5,
)
CHART = Question(
    "t8410",
    "/stock/chart",
    (
        listed(
            "t8410OutBlock1",
            Field("date", "session", kind=Kind.DATE),
            *_LEVELS,
            Field("close", "raw_close", zero=False),
            Field("jdiff_vol", "volume"),
            Field("value", "amount", MILLION),
        ),
    ),
    beside=("t8410OutBlock",),
)
MINUTES = Question(
    "t8412",
    "/stock/chart",
    (
        listed(
            "t8412OutBlock1",
            Field("date", "session", kind=Kind.DATE),
            Field("time", "hour", kind=Kind.TEXT),
            *(Field(field.name, field.column, zero=False) for field in _LEVELS),
            Field("close", "raw_close", zero=False),
            Field("jdiff_vol", "volume"),
            Field("value", "amount", MILLION),
        ),
    ),
    beside=("t8412OutBlock",),
)
ROWS = 500


def several(ask: Ask) -> Request:
    """Codes one behind the other, without anything between them."""
    if not 0 < len(ask.scopes) <= BATCH:
        raise Refused(f"{len(ask.scopes)} codes were asked for; allowed: 1 to {BATCH} a call.")
    wrong = [code for code in ask.scopes if len(code) != 6]
    if wrong:
        raise Refused(f"{wrong[0]!r} is no code of six characters: it would shift those behind it.")
    return SEVERAL.request({"nrec": len(ask.scopes), "shcode": "".join(ask.scopes)})


def tonight(ask: Ask, reply: Reply) -> Page:
    """Bars of the session that has closed at the receipt; before the close and overnight there are none."""
    sheet = SEVERAL.table(reply)
    day = moments.closed(reply)
    full, empty = filled(sheet.keep([price is not None for price in sheet.columns["raw_close"]]), _MEASURES)
    dated = traded(full.frame if day else full.frame.clear()).with_columns(
        pl.lit(day, dtype=pl.Date).alias("session"),
        pl.lit(reply.received_at).cast(pl.Datetime("us", "UTC")).alias("known_at"),
    )
    counted = {EMPTY: empty, UNDATED: 0 if day else full.height}
    return page(ask, dated, origins.STOCK, faulty=sheet.faults, notes=counted, hours=moments.hours(reply))


def history(ask: Ask) -> Request:
    """Raw prices (sujung N) of a window of days; of more than five hundred rows the newest come."""
    return CHART.request(
        {
            "shcode": one(ask),
            "gubun": "2",
            "qrycnt": ROWS,
            "sdate": written(ask.first),
            "edate": written(until(ask)),
            "cts_date": "",
            "comp_yn": "N",
            "sujung": "N",
        }
    )


def minutes(ask: Ask) -> Request:
    """Five hundred bars of a minute up to the end of a day, or from where the last reply ended."""
    day, hour, following = placed(ask, 3)
    return MINUTES.request(
        {
            "shcode": one(ask),
            "ncnt": 1,
            "qrycnt": ROWS,
            "nday": "0",
            "sdate": written(ask.first),
            "stime": "",
            "edate": written(ask.last),
            "etime": "",
            "cts_date": day,
            "cts_time": hour,
            "comp_yn": "N",
        },
        following,
    )


def by_minute(ask: Ask, reply: Reply) -> Page:
    """Bars of the regular session; minutes without a trade and those that had not ended are not kept."""
    sheet = MINUTES.table(reply)
    inside, notes = timed(sheet, sheet.columns["session"], reply)
    some, idle = busy(inside)
    single, older = newest(some)
    frame = single.frame.with_columns(pl.lit(one(ask)).alias("code"))
    return page(
        ask,
        frame,
        origins.STOCK,
        faulty=sheet.faults,
        after=_before(ask, reply, sheet),
        notes={**notes, IDLE: idle, OLDER: older},
    )


def _before(ask: Ask, reply: Reply, sheet: Sheet) -> Ask | None:
    """The page that the vendor points at, as long as it lies before this one and a wanted session before it."""
    document = MINUTES.document(reply)
    day, hour = (word(document, "t8412OutBlock", name) for name in ("cts_date", "cts_time"))
    rows = [found for found in sheet.columns["session"] if found is not None]
    if not (day.isdigit() and len(day) == 8 and rows) or continues(reply) is False:
        return None
    told = placed(ask, 3)
    if told[0] and (day, hour) >= (told[0], told[1]):
        return None
    oldest = min(rows)
    if oldest < ask.first or (day < written(oldest) and not any_session(ask.first, _day(day))):
        return None
    return at(ask, day, hour, key(reply))


def _day(text: str) -> date:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise MINUTES.drift("cts_date", f"{text!r} is no day") from None


_HISTORY = Days(CHART, origins.STOCK, "code", _MEASURES, shape=traded, published=CLOSED)

QUESTIONS = {question.name: question for question in (SEVERAL, CHART, MINUTES)}
ENDPOINTS = (
    Endpoint(
        "t8407",
        "daily_bars",
        origins.STOCK,
        Scope.STOCK,
        Reach.TODAY,
        several,
        tonight,
        batch=BATCH,
        published=CLOSED,
        pace=SEVERAL.pace,
    ),
    Endpoint(
        "t8410",
        "daily_bars",
        origins.STOCK,
        Scope.STOCK,
        Reach.PAST,
        history,
        _HISTORY.parse,
        span=700,
        published=CLOSED,
        pace=CHART.pace,
    ),
    Endpoint(
        "t8412",
        "minute_bars",
        origins.STOCK,
        Scope.STOCK,
        Reach.PAST,
        minutes,
        by_minute,
        span=1,
        pace=MINUTES.pace,
    ),
)
