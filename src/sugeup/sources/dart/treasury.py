"""자기주식: what a company decides to buy or sell of its own shares, and what it holds at the end of a period.

A row tells no day of filing; the first eight figures of its number do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from sugeup.records import Kind
from sugeup.sources.dart import feed, origins
from sugeup.sources.dart.feed import Due
from sugeup.sources.dart.holdings import identified
from sugeup.sources.dart.question import Question, listed
from sugeup.sources.replies import values
from sugeup.sources.replies.pages import page
from sugeup.sources.replies.paging import written
from sugeup.sources.replies.sheet import Field, Row, Sheet
from sugeup.sources.vendor import Ask, Page, Reply, Request

DECISIONS_OF, PERIODS_OF = "B", "A"
OLDER = "another report of the same period"
_COMPANY = (Field("rcept_no", "receipt_no", kind=Kind.TEXT), Field("corp_name", "holder", kind=Kind.TEXT))
_BEFORE = (
    Field("aq_wtn_div_ostk", "held_profit"),
    Field("eaq_ostk", "held_other"),
    Field("aq_wtn_div_ostk_rt", "pct_profit", kind=Kind.NUMBER),
    Field("eaq_ostk_rt", "pct_other", kind=Kind.NUMBER),
)
"""Held before the decision: bought out of profits, and otherwise."""

BUY = Question("tsstkAqDecsn", listed(*_COMPANY, Field("aqpln_stk_ostk", "planned"), *_BEFORE))
SELL = Question("tsstkDpDecsn", listed(*_COMPANY, Field("dppln_stk_ostk", "planned"), *_BEFORE))
TRUST = Question("tsstkAqTrctrCnsDecsn", listed(*_COMPANY, *_BEFORE))
TRUST_END = Question("tsstkAqTrctrCcDecsn", listed(*_COMPANY, *_BEFORE))
STATUS = Question(
    "tesstkAcqsDspsSttus",
    listed(
        *_COMPANY,
        Field("change_qy_acqs", "bought"),
        Field("change_qy_dsps", "sold"),
        Field("change_qy_incnr", "cancelled"),
        Field("trmend_qy", "held_shares"),
    ),
)
QUESTIONS: Mapping[str, Question] = {one.name: one for one in (BUY, SELL, TRUST, TRUST_END, STATUS)}
_KINDS = {
    BUY.name: "TREASURY_BUY",
    SELL.name: "TREASURY_SELL",
    TRUST.name: "TREASURY_TRUST",
    TRUST_END.name: "TREASURY_TRUST_END",
}
_SIGNS = {BUY.name: 1, SELL.name: -1}
_WANTED = feed.expects(
    [
        ("자기주식취득신탁계약체결결정", TRUST.name),
        ("자기주식취득신탁계약해지결정", TRUST_END.name),
        ("자기주식취득결정", BUY.name),
        ("자기주식처분결정", SELL.name),
    ]
)
_PERIOD = re.compile(r"(사업|반기|분기)보고서.*\((\d{4})\.(\d{2})\)")
_REPORTS = {("사업", "12"): "11011", ("반기", "06"): "11012", ("분기", "03"): "11013", ("분기", "09"): "11014"}
"""Reports of a year that ends in December, and their codes."""


def decisions_of(due: Due, ask: Ask) -> Request:
    """The decisions of one kind of a company in these days."""
    return QUESTIONS[due.call].request(
        {"corp_code": due.corp, "bgn_de": written(ask.first), "end_de": written(ask.last)}
    )


def decisions(due: Due, ask: Ask, reply: Reply) -> Page:
    """What is planned and what is held before it; a trust plans won and no shares."""
    sheet = _dated(QUESTIONS[due.call].table(reply))
    sign = _SIGNS.get(due.call)
    frame = sheet.frame.with_columns(
        _sum("held_profit", "held_other").alias("held_shares"),
        _sum("pct_profit", "pct_other").round(2).alias("held_pct"),
        (pl.lit(None, pl.Int64) if sign is None else sign * pl.col("planned")).alias("change_shares"),
    ).drop("held_profit", "held_other", "pct_profit", "pct_other", "planned", strict=False)
    return page(ask, identified(frame, due, _KINDS[due.call]), origins.FILED, faulty=sheet.faults, dated="filed_on")


def period_of(report: str, corp: str, code: str) -> Due | None:
    """The period that a report closes; None for a report of none, and of a year that does not end in December."""
    found = _PERIOD.search(report)
    kind = None if found is None else _REPORTS.get((found[1], found[3]))
    return None if found is None or kind is None else Due(STATUS.name, corp, code, f"{found[2]}{kind}")


def status_of(due: Due, ask: Ask) -> Request:
    """Treasury stock in the report of a period."""
    return STATUS.request({"corp_code": due.corp, "bsns_year": due.period[:4], "reprt_code": due.period[4:]})


def status(due: Due, ask: Ask, reply: Reply) -> Page:
    """The total of ordinary shares at the end of the period; no row where the company tells no number."""
    sheet = _dated(STATUS.table(reply, _total))
    told = sheet.keep([held is not None for held in sheet.columns["held_shares"]])
    moved = pl.col("bought").fill_null(0) - pl.col("sold").fill_null(0) - pl.col("cancelled").fill_null(0)
    some = pl.any_horizontal(pl.col("bought", "sold", "cancelled").is_not_null())
    frame = told.frame.with_columns(pl.when(some).then(moved).alias("change_shares"))
    frame = frame.drop("bought", "sold", "cancelled")
    found = page(ask, identified(frame, due, "TREASURY_STATUS"), origins.FILED, faulty=sheet.faults, dated="filed_on")
    older = told.height - found.frame.height
    return Page(found.frame, None, found.faults, {OLDER: older} if older else {})


def _total(row: Row) -> bool:
    """Whether a row is the total of ordinary shares."""
    return "총계" in str(row.get("acqs_mth1") or "") and str(row.get("stock_knd") or "").strip().startswith("보통")


def _dated(sheet: Sheet) -> Sheet:
    """The rows with the day of filing that their numbers begin with; a number without one is a fault."""
    numbers = [str(number or "") for number in sheet.columns["receipt_no"]]
    days, bad = values.days([number[:8] for number in numbers])
    wrong = [
        (sheet.columns["row"][place], "rcept_no does not begin with a day", numbers[place][:80])
        for place, day in enumerate(days)
        if day is None or place in bad
    ]
    columns = {**sheet.columns, "filed_on": days}
    return Sheet(columns, {**sheet.kinds, "filed_on": pl.Date()}, sheet.faults, sheet.padding).reject(wrong)


def _sum(*names: str) -> pl.Expr:
    """The sum of what is told; null where nothing is."""
    some = pl.any_horizontal(pl.col(name).is_not_null() for name in names)
    return pl.when(some).then(pl.sum_horizontal(names))


ENDPOINTS = (
    feed.endpoint("dart_treasury_decisions", DECISIONS_OF, _WANTED, decisions_of, decisions),
    feed.endpoint("dart_treasury_status", PERIODS_OF, period_of, status_of, status),
)
