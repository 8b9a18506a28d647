"""투자자별 매매동향 of a stock: four questions for both sides and both measures, or one for the net volumes.

The vendor's 기관 lacks 국가·지자체 in these questions, unlike in those about markets, and what it calls 0017 here is
기타법인 with 국가, not foreigners: it is not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from sugeup.market import investors
from sugeup.records import Kind
from sugeup.sources.files.layout import MILLION
from sugeup.sources.ls import origins
from sugeup.sources.ls.question import VENUE, Question, listed
from sugeup.sources.replies import moments
from sugeup.sources.replies.bars import CLOSED
from sugeup.sources.replies.pages import EMPTY, PADDING, RUNNING, Days, page
from sugeup.sources.replies.paging import earlier, one, until, written
from sugeup.sources.replies.parts import joined
from sugeup.sources.replies.sheet import Field
from sugeup.sources.replies.sums import institution
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

CODES = {
    "private_fund": "0000",
    "financial_investment": "0001",
    "insurance": "0002",
    "investment_trust": "0003",
    "bank": "0004",
    "other_financial": "0005",
    "pension_fund": "0006",
    "other_corporation": "0007",
    "individual": "0008",
    "foreign_registered": "0009",
    "foreign_other": "0010",
    "government": "0011",
    "foreign": "0016",
    "institution": "0018",
}
_DAY = Field("date", "session", kind=Kind.DATE)


@dataclass(frozen=True)
class Part:
    """One of the questions that make a row: which measure and side, and the vendor's words for them."""

    measure: str
    side: str
    measured: str
    sided: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Our columns that the question fills."""
        return tuple(investors.column(investor, self.side, self.measure) for investor in CODES)


PARTS = (
    Part("amount", "buy", "0", "1"),
    Part("amount", "sell", "0", "2"),
    Part("volume", "buy", "1", "1"),
    Part("volume", "sell", "1", "2"),
)
"""volvalgb: 0 is won here and 1 is shares; t1636 and t1637 have it the other way round."""


def _figures(part: Part) -> tuple[Field, ...]:
    unit = MILLION if part.measure == "amount" else 1
    return tuple(Field(f"tjj{CODES[name]}", column, unit) for name, column in zip(CODES, part.columns, strict=True))


FLOWS = Question(
    "t1702",
    "/stock/frgr-itt",
    tuple(listed("t1702OutBlock1", _DAY, *_figures(part)) for part in PARTS),
)
NET = Question(
    "t1717",
    "/stock/frgr-itt",
    (
        listed(
            "t1717OutBlock",
            _DAY,
            *(Field(f"tjj{code}_vol", investors.column(name, "net", "volume")) for name, code in CODES.items()),
        ),
    ),
)


def flows(ask: Ask) -> Request:
    """A window of days of one stock: one measure and side, by the place of the cursor."""
    part = PARTS[_place(ask)]
    return FLOWS.request(
        {
            "shcode": one(ask),
            "fromdt": written(ask.first),
            "todt": written(until(ask)),
            "volvalgb": part.measured,
            "msmdgb": part.sided,
            "gubun": "0",
            "exchgubun": VENUE,
        }
    )


def _place(ask: Ask) -> int:
    place = ask.cursor.partition(".")[2]
    return int(place) if place else 0


def by_part(ask: Ask, reply: Reply) -> Page:
    """The columns of one question; the next question is about the same days, and after the last one earlier days.

    Where the first answer has no row, nothing more is asked.
    """
    place = _place(ask)
    sheet = FLOWS.table(reply, place)
    days = [day for day in sheet.columns["session"] if day is not None]
    today = moments.unsettled(reply, CLOSED)
    settled = sheet.keep([day != today for day in sheet.columns["session"]])
    sound = institution(MILLION, 1)(settled)
    last = place == len(PARTS) - 1 or (place == 0 and not days)
    back = earlier(ask, min(days)) if days else None
    after = back if last else ask.at(f"{written(until(ask))}.{place + 1}")
    frame = sound.frame.with_columns(pl.lit(one(ask)).alias("code"))
    notes = {PADDING: sheet.padding, RUNNING: sheet.height - settled.height}
    found = page(ask, frame, origins.STOCK, faulty=sound.faults, after=after, notes=notes)
    return Page(found.frame, found.after, found.faults, found.notes, part=not last)


def whole(ask: Ask, pages: Sequence[Page]) -> Page:
    """The rows of four answers, with what was bought less what was sold; of zeros throughout there is no row.

    Zeros throughout stand for figures that are not there yet, for a day without trading, and for a paper key.
    """
    found = joined(pages, ("code", "session"), [part.columns for part in PARTS])
    frame = found.frame
    measures = [name for part in PARTS for name in part.columns]
    if not set(measures) <= set(frame.columns):
        return Page(frame.clear(), found.after, found.faults, found.notes)
    nets = [
        (pl.col(investors.column(name, "buy", measure)) - pl.col(investors.column(name, "sell", measure))).alias(
            investors.column(name, "net", measure)
        )
        for name in CODES
        for measure in investors.MEASURES
    ]
    kept = frame.filter(pl.any_horizontal(pl.col(measures).fill_null(0) != 0)).with_columns(nets)
    notes = {**found.notes, **({EMPTY: frame.height - kept.height} if frame.height > kept.height else {})}
    return Page(kept, found.after, found.faults, notes)


def net(ask: Ask) -> Request:
    """Days of one stock up to one, newest first: of a list by day the vendor wants the start blank."""
    return NET.request(
        {"shcode": one(ask), "gubun": "0", "fromdt": " ", "todt": written(until(ask)), "exchgubun": VENUE}
    )


_NET = Days(
    NET,
    origins.NET,
    "code",
    tuple(investors.column(name, "net", "volume") for name in CODES),
    prepare=institution(1, 1),
    published=CLOSED,
)

QUESTIONS = {question.name: question for question in (FLOWS, NET)}
ENDPOINTS = (
    Endpoint(
        "t1702",
        "investor_day_stock",
        origins.STOCK,
        Scope.STOCK,
        Reach.PAST,
        flows,
        by_part,
        span=140,
        published=CLOSED,
        pace=FLOWS.pace,
        join=whole,
    ),
    Endpoint(
        "t1717",
        "investor_day_stock",
        origins.NET,
        Scope.STOCK,
        Reach.PAST,
        net,
        _NET.parse,
        span=140,
        published=CLOSED,
        pace=NET.pace,
    ),
)
