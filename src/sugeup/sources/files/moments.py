"""Moments of a file as session and minute, and what lies before the open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import polars as pl

from sugeup.errors import NoData
from sugeup.market import sessions

BEFORE_OPEN = "before the session's open, where every figure is 0"
EXPECTED = "before the session's open, where the level is an expected one (예상지수)"
OLDER = "older snapshot of the same minute"


def timed(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with `session`, the day of `ts` in Seoul, and `at`, its minute."""
    return frame.with_columns(
        pl.col("ts").dt.convert_time_zone("Asia/Seoul").dt.date().alias("session"),
        pl.col("ts").dt.truncate("1m").alias("at"),
    )


def since_open(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of a timed frame from the open of their session on; those of no session stay, to be rejected later."""
    opened = _each_day(frame, sessions.open_at)
    return frame.filter((pl.col("ts") >= opened).fill_null(True))


def after_close(frame: pl.DataFrame) -> pl.Expr:
    """Whether `ts` of a timed frame lies at or behind the regular close; null where that is not known."""
    return pl.col("ts") >= _each_day(frame, sessions.close_at)


def counted(counts: dict[str, int]) -> dict[str, int]:
    """Counts by reason without those that are 0."""
    return {reason: count for reason, count in counts.items() if count}


def _each_day(frame: pl.DataFrame, edge: Callable[[date], datetime | None]) -> pl.Expr:
    found = {day: _or_none(edge, day) for day in frame["session"].unique().drop_nulls().to_list()}
    return pl.col("session").replace_strict(found, default=None, return_dtype=pl.Datetime("us", "UTC"))


def _or_none(edge: Callable[[date], datetime | None], day: date) -> datetime | None:
    try:
        return edge(day)
    except NoData:
        return None
