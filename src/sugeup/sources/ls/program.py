"""프로그램 매매: of a market in million won and thousand shares, of a stock in thousand won and shares.

Which word means won and which shares changes from one question to the next: 0 is won in those about markets, and shares
in that about a stock. Each market question is put twice, and the two answers make the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from sugeup.records import Kind
from sugeup.records.program import KINDS
from sugeup.sources.files.layout import MILLION
from sugeup.sources.ls import markets, origins
from sugeup.sources.ls.origins import THOUSAND
from sugeup.sources.ls.question import VENUE, Question, listed
from sugeup.sources.ls.turning import at, continues, key, placed, word
from sugeup.sources.replies import moments
from sugeup.sources.replies.bars import CLOSED
from sugeup.sources.replies.pages import EMPTY, PADDING, RUNNING, UNDATED, filled, page
from sugeup.sources.replies.paging import earlier, one, until, written
from sugeup.sources.replies.parts import joined
from sugeup.sources.replies.sheet import Block, Field, Sheet
from sugeup.sources.replies.timed import OLDER, newest, timed
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

WON = {"amount": "0", "volume": "1"}
"""Won before shares; the words of t1632, t1633 and t1662."""
_UNITS = {"amount": MILLION, "volume": THOUSAND}
_WORDS = dict(zip(KINDS, ("tot", "cha", "bcha"), strict=True))
_SIDES = {"buy": "1", "sell": "2", "net": "3"}
_DAY = Field("date", "session", kind=Kind.DATE)
_HOUR = Field("time", "hour", kind=Kind.TEXT)
_LATER = "minute that had not ended when the first of two answers came"


def _columns(measure: str) -> list[str]:
    return [f"{kind}_{side}_{measure}" for kind in KINDS for side in _SIDES]


def trades(name: str, first: Field) -> tuple[Block, ...]:
    """The same fields twice: as won, and as shares."""
    return tuple(
        listed(
            name,
            first,
            *(
                Field(f"{word}{number}", f"{kind}_{side}_{measure}", unit)
                for kind, word in _WORDS.items()
                for side, number in _SIDES.items()
            ),
            dated=first.name,
        )
        for measure, unit in _UNITS.items()
    )


MARKET_DAY = Question("t1633", "/stock/program", trades("t1633OutBlock1", _DAY), beside=("t1633OutBlock",))
MARKET_MINUTE = Question("t1662", "/stock/program", trades("t1662OutBlock", _HOUR))
_OWN = (
    Field("stksvalue", "program_buy_amount", THOUSAND),
    Field("offervalue", "program_sell_amount", THOUSAND),
    Field("svalue", "program_net_amount", THOUSAND),
    Field("stksvolume", "program_buy_volume"),
    Field("offervolume", "program_sell_volume"),
    Field("svolume", "program_net_volume"),
)
STOCK = Question(
    "t1637",
    "/stock/program",
    (
        listed("t1637OutBlock1", _DAY, *_OWN),
        listed("t1637OutBlock1", _DAY, _HOUR, *(field for field in _OWN if "_net_" in field.column)),
    ),
    beside=("t1637OutBlock",),
)
_OWN_COLUMNS = tuple(field.column for field in _OWN)


def market_day(ask: Ask) -> Request:
    """A window of days of one market, in won or, at the second place, in shares."""
    day, place = _second(ask)
    return MARKET_DAY.request(
        {
            "gubun": markets.written(one(ask), markets.PROGRAMS),
            "gubun1": WON["volume" if place else "amount"],
            "gubun2": "0",
            "gubun3": "1",
            "fdate": written(ask.first),
            "tdate": day or written(ask.last),
            "gubun4": "0",
            "date": " ",
            "exchgubun": VENUE,
        }
    )


def _second(ask: Ask) -> tuple[str, bool]:
    """The day at which the page ends, and whether it is the second answer to the same question."""
    day, _, place = ask.cursor.partition(".")
    return day, bool(place)


def by_day(ask: Ask, reply: Reply) -> Page:
    """One measure of the days asked for; the other one follows, and then earlier days."""
    _, second = _second(ask)
    sheet = MARKET_DAY.table(reply, int(second))
    days = [day for day in sheet.columns["session"] if day is not None]
    today = moments.unsettled(reply, CLOSED)
    settled = sheet.keep([day != today for day in sheet.columns["session"]])
    frame = settled.frame.with_columns(pl.lit(one(ask)).alias("market"))
    last = second or not days
    back = earlier(ask, min(days)) if days else None
    found = page(
        ask,
        frame,
        origins.MILLIONS,
        faulty=settled.faults,
        after=back if last else ask.at(f"{written(until(ask))}.1"),
        notes={PADDING: sheet.padding, RUNNING: sheet.height - settled.height},
    )
    return Page(found.frame, found.after, found.faults, found.notes, part=not last)


def days(ask: Ask, pages: Sequence[Page]) -> Page:
    """The rows of two answers."""
    return _whole(pages, ("market", "session"))


def market_minute(ask: Ask) -> Request:
    """Every minute of the running day of one market, in won or, at the cursor, in shares."""
    return MARKET_MINUTE.request(
        {
            "gubun": markets.written(one(ask), markets.PROGRAMS),
            "gubun1": WON["volume" if ask.cursor else "amount"],
            "gubun3": "0",
            "exchgubun": VENUE,
        }
    )


def by_minute(ask: Ask, reply: Reply) -> Page:
    """One measure by minute; the second answer is cut where the first one ended."""
    sheet = MARKET_MINUTE.table(reply, int(bool(ask.cursor)))
    single, notes = _minutes(sheet, reply)
    cut = datetime.fromisoformat(ask.cursor) if ask.cursor else moments.minute(reply)
    kept = single.keep([moment < cut for moment in single.columns["at"]])
    last = bool(ask.cursor) or not kept.height
    frame = kept.frame.with_columns(pl.lit(one(ask)).alias("market"))
    after = None if last else ask.at(cut.isoformat())
    notes = {**notes, _LATER: single.height - kept.height}
    found = page(ask, frame, origins.MILLIONS, faulty=sheet.faults, after=after, notes=notes)
    return Page(found.frame, found.after, found.faults, found.notes, part=not last)


def minutes(ask: Ask, pages: Sequence[Page]) -> Page:
    """The rows of two answers."""
    return _whole(pages, ("market", "session", "at"))


def _minutes(sheet: Sheet, reply: Reply) -> tuple[Sheet, dict[str, int]]:
    """The newest row of each minute of the running session; before it there is none."""
    day = moments.running(reply)
    some = sheet if day else sheet.keep([False] * sheet.height)
    inside, notes = timed(some, [day] * some.height, reply)
    single, older = newest(inside)
    return single, {**notes, OLDER: older, UNDATED: sheet.height - some.height}


def _whole(pages: Sequence[Page], by: tuple[str, ...]) -> Page:
    """Rows with both measures; those of zeros throughout are none."""
    measures = [*_columns("amount"), *_columns("volume")]
    found = joined(pages, by, [_columns("amount"), _columns("volume")])
    if any(name not in found.frame.columns for name in measures):
        return Page(found.frame.clear(), found.after, found.faults, found.notes)
    kept = found.frame.filter(pl.any_horizontal(pl.col(measures).fill_null(0) != 0))
    notes = {**found.notes, **({EMPTY: found.frame.height - kept.height} if found.frame.height > kept.height else {})}
    return Page(kept, found.after, found.faults, notes)


def stock_day(ask: Ask) -> Request:
    """Days of one stock, newest first, from where the last reply ended."""
    day, index, following = placed(ask, 3)
    return STOCK.request(_stock(ask, "1", day, int(index or 0)), following)


def stock_minute(ask: Ask) -> Request:
    """The running day of one stock, as for a chart: all of it at once, net alone."""
    return STOCK.request(_stock(ask, "0", "", 9999))


def _stock(ask: Ask, kind: str, day: str, index: int) -> dict[str, str | int]:
    return {
        "gubun1": "1",
        "gubun2": kind,
        "shcode": one(ask),
        "date": day,
        "time": "",
        "cts_idx": index,
        "exchgubun": VENUE,
    }


def of_stock(ask: Ask, reply: Reply) -> Page:
    """Program trading of one stock by day. The code in the answer may be a cut one (A00593): it is not read.

    Both sides 0 beside a net that is not: the vendor left them out.
    """
    sheet = STOCK.table(reply)
    full, empty = filled(sheet, _OWN_COLUMNS)
    today = moments.unsettled(reply, CLOSED)
    settled = full.keep([day != today for day in full.columns["session"]])
    lacking = [
        pl.when((pl.col(f"program_{side}_{measure}") == 0) & _one_sided(measure))
        .then(None)
        .otherwise(pl.col(f"program_{side}_{measure}"))
        .alias(f"program_{side}_{measure}")
        for side in ("buy", "sell")
        for measure in ("amount", "volume")
    ]
    return page(
        ask,
        settled.frame.with_columns(lacking).with_columns(pl.lit(one(ask)).alias("code")),
        origins.PROGRAM,
        faulty=sheet.faults,
        after=_older(ask, reply, sheet),
        notes={PADDING: sheet.padding, EMPTY: empty, RUNNING: full.height - settled.height},
    )


def _one_sided(measure: str) -> pl.Expr:
    buy, sell, net = (pl.col(f"program_{side}_{measure}") for side in _SIDES)
    return (buy == 0) & (sell == 0) & (net != 0)


def _older(ask: Ask, reply: Reply, sheet: Sheet) -> Ask | None:
    """The page at the place that the vendor tells, as long as it leads back to days that are wanted."""
    found = [day for day in sheet.columns["session"] if day is not None]
    index = word(STOCK.document(reply), "t1637OutBlock", "cts_idx")
    if not found or continues(reply) is False or not index.isdigit() or int(index) in (0, 9999):
        return None
    oldest = min(found)
    before = placed(ask, 3)[0]
    if oldest <= ask.first or (before and written(oldest) >= before):
        return None
    return at(ask, written(oldest), index, key(reply))


def by_stock(ask: Ask, reply: Reply) -> Page:
    """Net program purchases of one stock since the open, minute by minute."""
    sheet = STOCK.table(reply, 1)
    day = moments.running(reply)
    some = sheet.keep([day is not None and found == day for found in sheet.columns["session"]])
    inside, notes = timed(some, some.columns["session"], reply)
    single, older = newest(inside)
    frame = single.frame.with_columns(pl.lit(one(ask)).alias("code"))
    notes = {**notes, OLDER: older, UNDATED: sheet.height - some.height}
    return page(ask, frame, origins.PROGRAM, faulty=sheet.faults, notes=notes)


QUESTIONS = {question.name: question for question in (MARKET_DAY, MARKET_MINUTE, STOCK)}
ENDPOINTS = (
    Endpoint(
        "t1633",
        "program_day_market",
        origins.MILLIONS,
        Scope.MARKET,
        Reach.PAST,
        market_day,
        by_day,
        span=140,
        published=CLOSED,
        pace=MARKET_DAY.pace,
        join=days,
    ),
    Endpoint(
        "t1662",
        "program_minute_market",
        origins.MILLIONS,
        Scope.MARKET,
        Reach.TODAY,
        market_minute,
        by_minute,
        pace=MARKET_MINUTE.pace,
        join=minutes,
    ),
    Endpoint(
        "t1637",
        "program_day_stock",
        origins.PROGRAM,
        Scope.STOCK,
        Reach.PAST,
        stock_day,
        of_stock,
        span=30,
        published=CLOSED,
        pace=STOCK.pace,
    ),
    Endpoint(
        "t1637_minute",
        "program_minute_stock",
        origins.PROGRAM,
        Scope.STOCK,
        Reach.TODAY,
        stock_minute,
        by_stock,
        pace=STOCK.pace,
        lane=STOCK.name,
    ),
)
