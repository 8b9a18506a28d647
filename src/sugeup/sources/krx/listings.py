"""종목 기본정보: what is listed, by the exchange's own list of the session before."""

from __future__ import annotations

import polars as pl

from sugeup.market import sessions
from sugeup.records import Kind
from sugeup.sources.krx import origins
from sugeup.sources.krx.question import Question, following, listed, place
from sugeup.sources.replies import moments, values
from sugeup.sources.replies.pages import page
from sugeup.sources.replies.sheet import Field
from sugeup.sources.replies.timed import stamp
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

LONG = "code of another form than six characters"
_CODE = r"^[0-9][0-9A-Z]{5}$"
_KINDS = {
    "주권": "STOCK",
    "외국주권": "STOCK",
    "주식예탁증권": "STOCK",
    "부동산투자회사": "REIT",
    "투자회사": "FUND",
    "사회간접자본투융자회사": "FUND",
}
"""증권구분 and our kinds; another one is OTHER."""
_ORDINARY = "보통주"
_NO_PAR = "무액면"

_FIELDS = listed(
    Field("ISU_SRT_CD", "code", kind=Kind.TEXT),
    Field("ISU_CD", "isin", kind=Kind.TEXT),
    Field("ISU_ABBRV", "name", kind=Kind.TEXT),
    Field("ISU_ENG_NM", "name_en", kind=Kind.TEXT),
    Field("LIST_DD", "listed_on", kind=Kind.DATE),
    Field("SECUGRP_NM", "group", kind=Kind.TEXT),
    Field("KIND_STKCERT_TP_NM", "share", kind=Kind.TEXT),
    Field("PARVAL", "par", kind=Kind.TEXT),
    Field("LIST_SHRS", "listed_shares", zero=False),
)
QUESTIONS = (
    Question("stk_isu_base_info", "/sto/stk_isu_base_info", "KOSPI", _FIELDS),
    Question("ksq_isu_base_info", "/sto/ksq_isu_base_info", "KOSDAQ", _FIELDS),
)


def list_of(ask: Ask) -> Request:
    """The list of a market as of the session before the day, one market after the other."""
    return QUESTIONS[place(ask, QUESTIONS)].request(sessions.previous(ask.last))


def instruments(ask: Ask, reply: Reply) -> Page:
    """What each code is, from the day of the question on. NoData while the list is not out: it is never empty."""
    question = QUESTIONS[place(ask, QUESTIONS)]
    before = sessions.previous(ask.last)
    sheet = question.table(reply, before, ("LIST_SHRS",))
    if not sheet.height and not sheet.faults.height:
        raise question.early(before, "the list is empty")
    priced = sheet.reject(_no_par(sheet.columns["row"], sheet.columns["par"]))
    day = moments.received(reply).date()
    six = pl.col("code").str.contains(_CODE)
    kept = priced.frame.filter(six)
    shown = stamp(kept, reply.received_at).select(
        "row",
        "code",
        pl.lit(day).alias("valid_from"),
        "known_at",
        "isin",
        "name",
        "name_en",
        pl.lit(question.market).alias("market"),
        pl.col("group").replace_strict(_KINDS, default="OTHER").alias("kind"),
        "listed_on",
        pl.Series("par_amount", values.integers(_pars(kept["par"].to_list()))[0], pl.Int64),
        "listed_shares",
        (pl.col("share") != _ORDINARY).alias("is_preferred"),
    )
    return page(
        ask,
        shown,
        origins.DAY,
        faulty=priced.faults,
        after=following(ask, QUESTIONS),
        notes={LONG: priced.height - kept.height},
        dated="valid_from",
    )


def _pars(texts: list[str | None]) -> list[str]:
    return ["" if text in {None, _NO_PAR} else str(text) for text in texts]


def _no_par(rows: list[int], texts: list[str | None]) -> list[tuple[int, str, str]]:
    bad = values.integers(_pars(texts))[1]
    return [(rows[place], "PARVAL is neither a whole number nor 무액면", str(texts[place])[:80]) for place in bad]


ENDPOINTS = (Endpoint("krx_base_info", "instruments", origins.DAY, Scope.NONE, Reach.NOW, list_of, instruments),)
