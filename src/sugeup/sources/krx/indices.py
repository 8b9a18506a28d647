"""지수: levels of the markets and their industries on one day. The exchange tells names, no codes."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from sugeup.market import sector_names
from sugeup.records import Kind
from sugeup.sources.krx import origins
from sugeup.sources.krx.question import LAG, PUBLISHED, Question, following, listed, place
from sugeup.sources.replies.pages import page
from sugeup.sources.replies.sheet import Field
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

UNKNOWN = "index of another kind than markets and industries"
OTHERS = "index that was not asked for"
NAMES: Mapping[str, Mapping[str, str]] = {
    "KOSPI": {"코스피": "KOSPI", "코스피200": "KOSPI200"},
    "KOSDAQ": {"코스닥": "KOSDAQ"},
}
"""Indices that are no industries: market → name without blanks → our code."""


def _level(name: str, column: str) -> Field:
    return Field(name, column, kind=Kind.NUMBER, zero=False)


_FIELDS = listed(
    Field("BAS_DD", "session", kind=Kind.DATE),
    Field("IDX_NM", "name", kind=Kind.TEXT),
    _level("OPNPRC_IDX", "open"),
    _level("HGPRC_IDX", "high"),
    _level("LWPRC_IDX", "low"),
    _level("CLSPRC_IDX", "close"),
    Field("ACC_TRDVOL", "volume"),
    Field("ACC_TRDVAL", "amount"),
)
QUESTIONS = (
    Question("kospi_dd_trd", "/idx/kospi_dd_trd", "KOSPI", _FIELDS),
    Question("kosdaq_dd_trd", "/idx/kosdaq_dd_trd", "KOSDAQ", _FIELDS),
)
_FIGURES = ("CLSPRC_IDX", "ACC_TRDVOL", "ACC_TRDVAL")


def index_code(market: str, name: str) -> str | None:
    """Our code of an index of a market by its Korean name; None for one that is neither a market nor an industry."""
    return NAMES[market].get(sector_names.bare(name)) or sector_names.numbered(market, name)


def one_day(ask: Ask) -> Request:
    """Every index of a market on the day, one market after the other."""
    return QUESTIONS[place(ask, QUESTIONS)].request(ask.last)


def levels(ask: Ask, reply: Reply) -> Page:
    """The indices that are asked for. Counts of stocks are null: the exchange does not tell them here."""
    question = QUESTIONS[place(ask, QUESTIONS)]
    sheet = question.table(reply, ask.last, _FIGURES)
    codes = [index_code(question.market, name or "") for name in sheet.columns["name"]]
    sheet.columns["index_code"] = codes
    whole = type(sheet)(sheet.columns, {**sheet.kinds, "index_code": pl.String()}, sheet.faults, sheet.padding)
    known = whole.keep([code is not None for code in codes])
    wanted = frozenset(ask.scopes)
    mine = known.keep([code in wanted for code in known.columns["index_code"]]) if wanted else known
    return page(
        ask,
        mine.frame.drop("name"),
        origins.DAY,
        faulty=sheet.faults,
        after=following(ask, QUESTIONS),
        notes={UNKNOWN: whole.height - known.height, OTHERS: known.height - mine.height},
    )


ENDPOINTS = (
    Endpoint(
        "krx_index_dd_trd",
        "index_day",
        origins.DAY,
        Scope.INDEX,
        Reach.PAST,
        one_day,
        levels,
        published=PUBLISHED,
        sweep=True,
        lag=LAG,
    ),
)
