"""투자자별 매매동향 of a market: net by day, net by minute, and both sides as they stand.

In these questions the vendor's 기관계 has 국가·지자체 in it, as ours has, and 17 is all foreigners. Amounts come in
hundred million won and volumes in thousand shares; volumes of derivatives are contracts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import polars as pl

from sugeup.market import investors
from sugeup.records import Kind
from sugeup.sources.files.layout import EOK
from sugeup.sources.ls import markets, origins
from sugeup.sources.ls.origins import THOUSAND
from sugeup.sources.ls.question import VENUE, Question, listed
from sugeup.sources.replies import moments
from sugeup.sources.replies.bars import CLOSED
from sugeup.sources.replies.pages import EMPTY, UNDATED, Days, filled, page
from sugeup.sources.replies.paging import one, session_before, until, written
from sugeup.sources.replies.parts import joined
from sugeup.sources.replies.sheet import Block, Field, Sheet
from sugeup.sources.replies.sums import institution
from sugeup.sources.replies.timed import OLDER, newest, stamp, timed
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

GROUPS = {
    "individual": "08",
    "foreign": "17",
    "institution": "18",
    "financial_investment": "01",
    "investment_trust": "03",
    "bank": "04",
    "insurance": "02",
    "other_financial": "05",
    "pension_fund": "06",
    "other_corporation": "07",
    "government": "11",
    "private_fund": "00",
}
LEAVES = GROUPS | {"foreign_registered": "09", "foreign_other": "10"}
_WORDS = {
    "individual": "ind",
    "foreign": "for",
    "institution": "sys",
    "financial_investment": "sto",
    "investment_trust": "inv",
    "bank": "ban",
    "insurance": "ins",
    "other_financial": "fin",
    "pension_fund": "mon",
    "other_corporation": "etc",
    "government": "nat",
    "private_fund": "pef",
}
_DAY = Field("date", "session", kind=Kind.DATE)
_HOUR = Field("time", "hour", kind=Kind.TEXT)
_UNITS = {"amount": EOK, "volume": THOUSAND}
_SIDES = {"buy": "ms", "sell": "md", "net": "svolume"}


def _net(name: str, measure: str) -> str:
    return investors.column(name, "net", measure)


def _nets(measure: str, names: dict[str, str], word: str, unit: int) -> tuple[Field, ...]:
    return tuple(Field(f"{word}_{code}", _net(name, measure), unit) for name, code in names.items())


DAYS = Question(
    "t1665",
    "/stock/chart",
    tuple(
        listed("t1665OutBlock1", _DAY, *_nets("amount", LEAVES, "sa", EOK), *_nets("volume", LEAVES, "sv", counted))
        for counted in (THOUSAND, 1)
    ),
    beside=("t1665OutBlock",),
)
"""The second block is that of derivatives, whose volumes are contracts."""
CHART = Question(
    "t1621",
    "/stock/investor",
    (
        listed(
            "t1621OutBlock1",
            _DAY,
            _HOUR,
            *(Field(f"{word}msamt", _net(name, "amount"), EOK) for name, word in _WORDS.items()),
            *(Field(f"{word}msvol", _net(name, "volume"), THOUSAND) for name, word in _WORDS.items()),
        ),
    ),
    beside=("t1621OutBlock",),
)


def _panel(number: int, measure: str, unit: int) -> Block:
    return Block(
        (f"t1601outblock{number}",),
        tuple(
            Field(f"{word}_{code}", investors.column(name, side, measure), unit)
            for name, code in GROUPS.items()
            for side, word in _SIDES.items()
        ),
    )


PANEL = Question(
    "t1601",
    "/stock/investor",
    tuple(
        _panel(number, measure, _UNITS[measure] if number <= markets.PANELS["KOSDAQ"] or measure == "amount" else 1)
        for number in markets.PANELS.values()
        for measure in _UNITS
    ),
    beside=("t1601OutBlock6",),
    calls=2,
)
MEASURES = {"amount": "2", "volume": "1"}
"""Won before shares; the words of t1601 and t1602, where 1 is shares and 2 is won."""


def days(ask: Ask) -> Request:
    """A window of days of one market or industry, day by day and not added up."""
    market, sector = markets.day(one(ask))
    return DAYS.request(
        {
            "market": market,
            "upcode": sector,
            "gubun2": "1",
            "gubun3": "1",
            "from_date": written(ask.first),
            "to_date": written(until(ask)),
            "exchgubun": VENUE,
        }
    )


def by_day(ask: Ask, reply: Reply) -> Page:
    """Net purchases of every leaf, registered and other foreigners apart."""
    scope = one(ask)
    found = _BY_DAY[scope in markets.DERIVATIVES].parse(ask, reply)
    frame = found.frame.with_columns(pl.lit(markets.products(scope)).alias("products"))
    return Page(frame, found.after, found.faults, found.notes)


def _daily(block: int, counted: int) -> Days:
    own = Question(DAYS.name, DAYS.path, (DAYS.blocks[block],), beside=DAYS.beside)
    measures = tuple(field.column for field in DAYS.blocks[block].fields if field is not _DAY)
    settled = institution(EOK, counted, with_government=True)
    return Days(own, origins.MARKET, "market", measures, prepare=settled, published=CLOSED)


_BY_DAY = (_daily(0, THOUSAND), _daily(1, 1))


def chart(ask: Ask) -> Request:
    """Minutes of today, or of the session before at the cursor `before`."""
    _, sector = markets.written(one(ask), {name: markets.MINUTES[name] for name in markets.PROGRAMS})
    return CHART.request(
        {"upcode": sector, "nmin": 1, "cnt": 500, "bgubun": "1" if ask.cursor else "0", "exchgubun": VENUE}
    )


def by_minute(ask: Ask, reply: Reply) -> Page:
    """Net purchases since the open, minute by minute, won and shares."""
    sheet = CHART.table(reply)
    inside, notes = timed(sheet, sheet.columns["session"], reply)
    single, older = newest(inside)
    measures = [field.column for field in CHART.blocks[0].fields if field not in (_DAY, _HOUR)]
    full, empty = filled(single, measures)
    sound = institution(EOK, THOUSAND, with_government=True)(full)
    found = [day for day in sheet.columns["session"] if day is not None]
    back = not ask.cursor and bool(found) and session_before(ask.first, min(found)) is not None
    return page(
        ask,
        sound.frame.with_columns(pl.lit(one(ask)).alias("market")),
        origins.MARKET,
        faulty=sound.faults,
        after=ask.at("before") if back else None,
        notes={**notes, OLDER: older, EMPTY: empty},
    )


def panel(ask: Ask) -> Request:
    """Every market as it stands: won, and at a cursor shares."""
    measure = "volume" if ask.cursor else "amount"
    markets.written(one(ask), markets.PANELS)
    return PANEL.request(
        {
            "gubun1": MEASURES[measure],
            "gubun2": MEASURES[measure],
            "gubun3": "",
            "gubun4": MEASURES[measure],
            "exchgubun": VENUE,
        }
    )


def standing(ask: Ask, reply: Reply) -> Page:
    """One measure of the cumulative row, stamped with the minute in which the first of the two answers came.

    The two answers lie a moment apart: amounts are a little older than volumes.
    """
    measure = "volume" if ask.cursor else "amount"
    number = markets.written(one(ask), markets.PANELS)
    block = 2 * (number - 1) + (measure == "volume")
    sheet = PANEL.table(reply, block)
    minute = datetime.fromisoformat(ask.cursor) if ask.cursor else moments.minute(reply)
    day = moments.running(reply)
    sound = _sound(sheet, one(ask), measure)
    frame = sound.frame.with_columns(
        pl.lit(one(ask)).alias("market"),
        pl.lit(day, dtype=pl.Date).alias("session"),
        pl.lit(minute.astimezone(UTC)).cast(pl.Datetime("us", "UTC")).alias("at"),
    )
    if ask.cursor:
        frame = stamp(frame, reply.received_at)
    found = page(
        ask,
        frame if day else frame.clear(),
        origins.MARKET,
        faulty=sound.faults,
        after=None if ask.cursor or day is None else ask.at(minute.isoformat()),
        notes={UNDATED: 0 if day else frame.height},
        hours=moments.hours(reply),
        products=markets.products(one(ask)),
    )
    return Page(found.frame, found.after, found.faults, found.notes, part=found.after is not None)


def _sound(sheet: Sheet, scope: str, measure: str) -> Sheet:
    unit = 1 if scope in markets.DERIVATIVES and measure == "volume" else _UNITS[measure]
    return institution(unit, unit, with_government=True)(sheet)


def both(ask: Ask, pages: Sequence[Page]) -> Page:
    """The row of two answers; zeros throughout are no row."""
    columns = {
        measure: [investors.column(name, side, measure) for name in GROUPS for side in investors.SIDES]
        for measure in _UNITS
    }
    if len(pages) == 1:
        return pages[0]
    found = joined(pages, ("market", "session", "at"), [columns["amount"], [*columns["volume"], "known_at"]])
    some = pl.any_horizontal(pl.col([*columns["amount"], *columns["volume"]]).fill_null(0) != 0)
    kept = found.frame.filter(some)
    notes = {**found.notes, **({EMPTY: found.frame.height - kept.height} if found.frame.height > kept.height else {})}
    return Page(kept, found.after, found.faults, notes)


QUESTIONS = {question.name: question for question in (DAYS, CHART, PANEL)}
ENDPOINTS = (
    Endpoint(
        "t1665",
        "investor_day_market",
        origins.MARKET,
        Scope.MARKET,
        Reach.PAST,
        days,
        by_day,
        span=430,
        published=CLOSED,
        pace=DAYS.pace,
    ),
    Endpoint(
        "t1601",
        "investor_minute_market",
        origins.MARKET,
        Scope.MARKET,
        Reach.NOW,
        panel,
        standing,
        pace=PANEL.pace,
        join=both,
    ),
    Endpoint(
        "t1621",
        "investor_minute_market",
        origins.MARKET,
        Scope.MARKET,
        Reach.PAST,
        chart,
        by_minute,
        span=3,
        depth=2,
        pace=CHART.pace,
    ),
)
