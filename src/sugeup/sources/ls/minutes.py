"""장중 추이 in pages: what a market's investors (t1602) and program orders (t1632) have done since the open, by minute.

One question is about won or about shares, and pages go back in time. First every page of won is turned, then every
page of shares, and the rows are joined. Changes against the row before, which both questions offer, are not asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from sugeup.market import investors
from sugeup.records import Kind
from sugeup.sources.files.layout import EOK
from sugeup.sources.ls import market_flows, markets, origins, program
from sugeup.sources.ls.origins import THOUSAND
from sugeup.sources.ls.question import VENUE, Question, listed
from sugeup.sources.ls.turning import at, continues, key, placed, word
from sugeup.sources.replies import moments
from sugeup.sources.replies.pages import UNDATED, page
from sugeup.sources.replies.paging import one
from sugeup.sources.replies.parts import joined
from sugeup.sources.replies.sheet import Field, Sheet
from sugeup.sources.replies.sums import institution
from sugeup.sources.replies.timed import OLDER, newest, timed
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

LATER = "minute that had not ended when the first answer came"
_HOUR = Field("time", "hour", kind=Kind.TEXT)
_ROWS = 500
_KEY = ("market", "session", "at")

FLOWS = Question(
    "t1602",
    "/stock/investor",
    tuple(
        listed(
            "t1602OutBlock1",
            _HOUR,
            *(
                Field(f"sv_{code}", investors.column(name, "net", measure), unit)
                for name, code in market_flows.GROUPS.items()
            ),
            dated="time",
        )
        for measure, unit in (("amount", EOK), ("volume", THOUSAND), ("volume", 1))
    ),
    beside=("t1602OutBlock",),
)
"""The third block is that of derivatives, whose volumes are contracts."""
PROGRAMS = Question("t1632", "/stock/program", program.trades("t1632OutBlock1", _HOUR), beside=("t1632OutBlock",))


@dataclass(frozen=True)
class Series:
    """One of the two questions; `fields`: what is sent of a scope, of won or shares, and of the place of a page."""

    question: Question
    source: str
    fields: Callable[[str, bool, str, str], Mapping[str, str | int]]
    prepare: Callable[[Sheet, str, bool], Sheet]
    columns: tuple[tuple[str, ...], tuple[str, ...]]

    def build(self, ask: Ask) -> Request:
        """A page of one measure."""
        second, _, day, hour, following = placed(ask, 5)
        return self.question.request(self.fields(one(ask), bool(second), day, hour), following)

    def parse(self, ask: Ask, reply: Reply) -> Page:
        """Rows of the running session, one a minute, up to the minute in which the first answer came."""
        scope = one(ask)
        second, told = placed(ask, 5)[:2]
        block = (2 if scope in markets.DERIVATIVES else 1) if second else 0
        sheet = self.question.table(reply, block)
        hours = [None if hour is None else str(hour)[:6] for hour in sheet.columns["hour"]]
        day = moments.running(reply)
        known = Sheet({**sheet.columns, "hour": hours}, sheet.kinds, sheet.faults, sheet.padding)
        some = known.keep([day is not None] * known.height)
        inside, notes = timed(some, [day] * some.height, reply)
        single, older = newest(inside)
        cut = datetime.fromisoformat(told) if told else moments.minute(reply)
        before = single.keep([moment < cut for moment in single.columns["at"]])
        kept = self.prepare(before, scope, bool(second))
        after = self._after(ask, reply, cut.isoformat(), there=bool(some.height))
        notes = {**notes, OLDER: older, UNDATED: sheet.height - some.height, LATER: single.height - before.height}
        frame = kept.frame.with_columns(pl.lit(scope).alias("market"))
        found = page(
            ask,
            frame,
            self.source,
            faulty=kept.faults,
            after=after,
            notes=notes,
            products=markets.products(scope),
        )
        return Page(found.frame, found.after, found.faults, found.notes, part=after is not None)

    def join(self, ask: Ask, pages: Sequence[Page]) -> Page:
        """The rows of all pages with both measures; those of zeros throughout are none."""
        found = joined(pages, _KEY, self.columns)
        measures = [*self.columns[0], *self.columns[1]]
        if not set(measures) <= set(found.frame.columns):
            return Page(found.frame.clear(), found.after, found.faults, found.notes)
        kept = found.frame.filter(pl.any_horizontal(pl.col(measures).fill_null(0) != 0))
        kept = kept.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("row"))
        return Page(kept, found.after, found.faults, found.notes)

    def _after(self, ask: Ask, reply: Reply, cut: str, *, there: bool) -> Ask | None:
        """The page before this one; behind the last one, the first of the other measure."""
        if not there:
            return None
        second, _, _, before, _ = placed(ask, 5)
        beside = f"{self.question.name}OutBlock"
        document = self.question.document(reply)
        hour = word(document, beside, "cts_time") or word(document, beside, "time")
        back = hour.isdigit() and hour[:2] >= "09" and (not before or hour < before)
        if back and continues(reply) is not False:
            return at(ask, second, cut, word(document, beside, "date"), hour, key(reply))
        return None if second else at(ask, "1", cut, "", "", "")


def _flow_fields(scope: str, second: bool, _day: str, hour: str) -> Mapping[str, str | int]:
    market, sector = markets.written(scope, markets.MINUTES)
    return {
        "market": market,
        "upcode": sector,
        "gubun1": market_flows.MEASURES["volume" if second else "amount"],
        "gubun2": "0",
        "cts_time": hour or " ",
        "cts_idx": 0,
        "cnt": _ROWS,
        "gubun3": " ",
        "exchgubun": VENUE,
    }


def _flow_sums(sheet: Sheet, scope: str, second: bool) -> Sheet:
    shares = 1 if scope in markets.DERIVATIVES else THOUSAND
    return institution(EOK, shares, with_government=True)(sheet)


def _program_fields(scope: str, second: bool, day: str, hour: str) -> Mapping[str, str | int]:
    return {
        "gubun": markets.written(scope, markets.PROGRAMS),
        "gubun1": program.WON["volume" if second else "amount"],
        "gubun2": "0",
        "gubun3": "0",
        "date": day or " ",
        "time": hour or " ",
        "exchgubun": VENUE,
    }


def _columns(question: Question) -> tuple[tuple[str, ...], tuple[str, ...]]:
    first, second = (tuple(one.column for one in block.fields[1:]) for block in question.blocks[:2])
    return first, second


_FLOWS = Series(FLOWS, origins.MARKET, _flow_fields, _flow_sums, _columns(FLOWS))
_PROGRAMS = Series(
    PROGRAMS, origins.MILLIONS, _program_fields, lambda sheet, _scope, _second: sheet, _columns(PROGRAMS)
)

QUESTIONS = {FLOWS.name: FLOWS, PROGRAMS.name: PROGRAMS}
ENDPOINTS = (
    Endpoint(
        "t1602",
        "investor_minute_market",
        origins.MARKET,
        Scope.MARKET,
        Reach.TODAY,
        _FLOWS.build,
        _FLOWS.parse,
        pace=FLOWS.pace,
        join=_FLOWS.join,
    ),
    Endpoint(
        "t1632",
        "program_minute_market",
        origins.MILLIONS,
        Scope.MARKET,
        Reach.TODAY,
        _PROGRAMS.build,
        _PROGRAMS.parse,
        pace=PROGRAMS.pace,
        join=_PROGRAMS.join,
    ),
)
