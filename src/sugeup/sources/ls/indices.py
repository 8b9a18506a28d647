"""지수: levels of an index by day with the counts of stocks that rose and fell, and the names of sectors."""

from __future__ import annotations

import polars as pl

from sugeup.records import Kind
from sugeup.sources.files.layout import MILLION
from sugeup.sources.ls import markets, origins
from sugeup.sources.ls.origins import THOUSAND
from sugeup.sources.ls.question import Question, listed
from sugeup.sources.ls.turning import at, continues, key, placed, word
from sugeup.sources.replies import moments
from sugeup.sources.replies.bars import CLOSED
from sugeup.sources.replies.pages import EMPTY, UNDATED, Days, filled, page
from sugeup.sources.replies.paging import one, written
from sugeup.sources.replies.sheet import Field
from sugeup.sources.replies.timed import stamp
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

ROWS = 100


def _level(name: str, column: str) -> Field:
    return Field(name, column, kind=Kind.NUMBER, zero=False)


DAYS = Question(
    "t1514",
    "/indtp/market-data",
    (
        listed(
            "t1514OutBlock1",
            Field("date", "session", kind=Kind.DATE),
            _level("openjisu", "open"),
            _level("highjisu", "high"),
            _level("lowjisu", "low"),
            _level("jisu", "close"),
            Field("volume", "volume", THOUSAND),
            Field("value1", "amount", MILLION),
            Field("high", "advancers"),
            Field("low", "decliners"),
            Field("unchg", "unchanged"),
        ),
    ),
    beside=("t1514OutBlock",),
)
"""`high` and `low` are counts of stocks here; prices are called openjisu, highjisu, lowjisu."""
NOW = Question(
    "t1511",
    "/indtp/market-data",
    (
        listed(
            "t1511OutBlock",
            _level("openjisu", "open"),
            _level("highjisu", "high"),
            _level("lowjisu", "low"),
            _level("pricejisu", "close"),
            Field("volume", "volume", THOUSAND),
            Field("value", "amount", MILLION),
            Field("highjo", "advancers"),
            Field("lowjo", "decliners"),
            Field("unchgjo", "unchanged"),
            dated=None,
        ),
    ),
    calls=10,
)
SECTORS = Question(
    "t8424",
    "/indtp/market-data",
    (
        listed(
            "t8424OutBlock",
            Field("upcode", "sector", kind=Kind.TEXT),
            Field("hname", "sector_name", kind=Kind.TEXT),
            dated=None,
        ),
    ),
)
_MEASURES = ("open", "high", "low", "close", "volume", "amount")


def history(ask: Ask) -> Request:
    """A hundred days of one index or industry, newest first, from where the last reply ended."""
    day, following = placed(ask, 2)
    return DAYS.request(
        {
            "upcode": markets.index(one(ask)),
            "gubun1": " ",
            "gubun2": "1",
            "cts_date": day or " ",
            "cnt": ROWS,
            "rate_gbn": "1",
        },
        following,
    )


def by_day(ask: Ask, reply: Reply) -> Page:
    """Levels and counts by day; the next page is where the vendor says, as long as it leads back to wanted days."""
    sheet = DAYS.table(reply)
    found = [day for day in sheet.columns["session"] if day is not None]
    told = word(DAYS.document(reply), "t1514OutBlock", "cts_date")
    before = placed(ask, 2)[0]
    leads = told.isdigit() and len(told) == 8 and told > written(ask.first) and (not before or told < before)
    more = bool(found) and leads and min(found) > ask.first and continues(reply) is not False
    after = at(ask, told, key(reply)) if more else None
    return _DAYS.page(ask, reply, sheet, after)


def now(ask: Ask) -> Request:
    """One index as it stands."""
    return NOW.request({"upcode": markets.index(one(ask))})


def counted(ask: Ask, reply: Reply) -> Page:
    """The index of the session that has closed, provisional for ever. None before the close."""
    sheet = NOW.table(reply)
    full, empty = filled(sheet, _MEASURES)
    day = moments.closed(reply)
    frame = full.frame if day else full.frame.clear()
    dated = stamp(frame, reply.received_at).with_columns(
        pl.lit(one(ask)).alias("index_code"),
        pl.lit(day, dtype=pl.Date).alias("session"),
        pl.lit(False).alias("final"),
    )
    notes = {EMPTY: empty, UNDATED: 0 if day else full.height}
    return page(ask, dated, origins.MILLIONS, faulty=sheet.faults, notes=notes, hours=moments.hours(reply))


def sectors_request() -> Request:
    """Every sector of the vendor."""
    return SECTORS.request({"gubun1": ""})


def sectors(reply: Reply) -> dict[str, str]:
    """Codes and names of sectors (reply to `sectors_request`); names without the blanks that stretch them."""
    sheet = SECTORS.table(reply)
    listed_ones = sheet.across(["sector", "sector_name"])
    return {code: "".join(name.split()) for code, name in listed_ones if code and name}


_DAYS = Days(DAYS, origins.MILLIONS, "index_code", _MEASURES, published=CLOSED)

QUESTIONS = {question.name: question for question in (DAYS, NOW)}
ENDPOINTS = (
    Endpoint(
        "t1514",
        "index_day",
        origins.MILLIONS,
        Scope.INDEX,
        Reach.PAST,
        history,
        by_day,
        span=140,
        published=CLOSED,
        pace=DAYS.pace,
    ),
    Endpoint(
        "t1511",
        "index_day",
        origins.MILLIONS,
        Scope.INDEX,
        Reach.TODAY,
        now,
        counted,
        published=CLOSED,
        pace=NOW.pace,
    ),
)
