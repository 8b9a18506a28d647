"""공개 시각: when a row of each dataset becomes known, as dated rules, for rows without a first-seen stamp.

A computation as of T may use only rows with `known_at <= T`, so these times decide what a back-test can see. They are
conservative starting values; a collector replaces them by the moment at which it first saw the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from sugeup.market import sessions

SEOUL = ZoneInfo("Asia/Seoul")


@dataclass(frozen=True)
class Rule:
    """Final rows of `dataset` are public `lag` sessions after the session, at `at` in Seoul, from `valid_from` on."""

    dataset: str
    valid_from: date
    lag: int
    at: time
    evidence: str


SLOTS: tuple[time, ...] = (time(9, 30), time(10, 0), time(11, 20), time(13, 20), time(14, 30))
"""Nominal times in Seoul of the five tallies of a session (가집계), give or take `SLOT_TOLERANCE`."""
SLOT_TOLERANCE = timedelta(minutes=10)

_ALWAYS = date(1900, 1, 1)
_EVENING = time(18, 30)
_CONFIRMED = "confirmed next morning since Nextrade trades to 20:00"

RULES: tuple[Rule, ...] = (
    Rule("daily_bars", _ALWAYS, 0, _EVENING, "exchange end-of-day file"),
    Rule("daily_bars", date(2026, 9, 14), 1, time(8, 10), "KRX trades to 20:00 since then: confirmed next morning"),
    Rule("index_day", _ALWAYS, 0, _EVENING, "exchange end-of-day file"),
    Rule("investor_day_stock", _ALWAYS, 0, _EVENING, "exchange investor statistics after the close"),
    Rule("investor_day_stock", date(2025, 3, 4), 1, time(8, 10), _CONFIRMED),
    Rule("investor_day_market", _ALWAYS, 0, _EVENING, "exchange investor statistics after the close"),
    Rule("investor_day_market", date(2025, 3, 4), 1, time(8, 10), _CONFIRMED),
    Rule("short_day", _ALWAYS, 0, _EVENING, "short-selling statistics of the day"),
    Rule("program_day_market", _ALWAYS, 0, _EVENING, "programme statistics after the close"),
    Rule("program_day_market", date(2025, 3, 4), 1, time(8, 10), _CONFIRMED),
    Rule("program_day_stock", _ALWAYS, 0, _EVENING, "programme statistics after the close"),
    Rule("program_day_stock", date(2025, 3, 4), 1, time(8, 10), _CONFIRMED),
    Rule("lending", _ALWAYS, 2, time(8, 0), "conservative: booked when trades settle, T+2"),
    Rule("credit", _ALWAYS, 2, time(8, 0), "conservative: loans are booked when trades settle, T+2"),
    Rule("short_balance", _ALWAYS, 3, _EVENING, "reported by T+2, public the session after"),
    Rule("foreign_holding", _ALWAYS, 1, time(8, 0), "settled holdings of the previous session"),
    Rule("market_funds", _ALWAYS, 2, time(8, 0), "conservative: loans are booked when trades settle, T+2"),
    Rule("filings", _ALWAYS, 0, _EVENING, "conservative: reports are taken until the evening of the day of filing"),
    Rule(
        "stock_estimate",
        _ALWAYS,
        0,
        time(14, 40),
        "the last slot; a row of slots 1 to 5 from 09:40, 10:10, 11:30, 13:30, 14:40: nominal times and ten minutes",
    ),
)


def known_at(dataset: str, session: date) -> datetime:
    """First moment at which a final row of that session is public, in UTC.

    A dataset without a rule is known at midnight of its date (reference data, dated from the day it was seen).
    """
    rule = max(
        (rule for rule in RULES if rule.dataset == dataset and rule.valid_from <= session),
        key=lambda rule: rule.valid_from,
        default=None,
    )
    if rule is None:
        return datetime.combine(session, time(0), SEOUL).astimezone(ZoneInfo("UTC"))
    day = sessions.next(session, rule.lag) if rule.lag else session
    return datetime.combine(day, rule.at, SEOUL).astimezone(ZoneInfo("UTC"))


def slot_time(slot: str, day: str, beyond: timedelta = timedelta(0)) -> pl.Expr:
    """Nominal time of the slot in a column on the day in another, and a span beyond it; null for no slot."""
    minutes = {number: at.hour * 60 + at.minute for number, at in enumerate(SLOTS, 1)}
    since = pl.col(slot).replace_strict(minutes, default=None, return_dtype=pl.Int64)
    local = pl.col(day).cast(pl.Datetime("us")) + pl.duration(minutes=since) + beyond
    return local.dt.replace_time_zone("Asia/Seoul").dt.convert_time_zone("UTC")


def stamp(dataset: str, frame: pl.DataFrame, dated: str) -> pl.DataFrame:
    """The frame with `known_at` filled by rule where it is missing.

    A row with a moment is known when the minute of that moment ends, a tally when its slot is certain to be out.
    """
    if "at" in frame.columns:
        stamped = pl.col("at").dt.truncate("1m") + timedelta(minutes=1)
    elif "slot" in frame.columns:
        stamped = slot_time("slot", dated, SLOT_TOLERANCE)
    else:
        days = frame[dated].unique().to_list()
        stamped = pl.col(dated).replace_strict(
            days, [known_at(dataset, day) for day in days], return_dtype=pl.Datetime("us", "UTC")
        )
    if "known_at" in frame.columns:
        stamped = pl.coalesce(pl.col("known_at"), stamped)
    return frame.with_columns(stamped.alias("known_at"))


def ruled(dataset: str) -> bool:
    """Whether rows of the dataset have a time of publication of their own."""
    return any(rule.dataset == dataset for rule in RULES)
