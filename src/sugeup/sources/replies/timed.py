"""Rows with a time of day: their minute, and which of them are left out and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

import polars as pl

from sugeup.records.schema import FRAME_TYPES, Kind
from sugeup.sources.replies import moments
from sugeup.sources.replies.sheet import Sheet
from sugeup.sources.vendor import Reply

MARKER = "row without a time of day (markers 888888 and 999999, hours beyond 24)"
UNFINISHED = "minute that had not ended at the receipt"
OUTSIDE = "outside the regular session"
OLDER = "older snapshot of the same minute"
IDLE = "minute without a trade"
MINUTE = timedelta(minutes=1)
Span = Callable[[date], tuple[datetime | None, datetime | None]]


def timed(
    sheet: Sheet, days: Sequence[date | None], reply: Reply, span: Span = moments.regular
) -> tuple[Sheet, dict[str, int]]:
    """The rows with `session` and `at` (minute, UTC) in place of the column `hour`; newest first, as the vendor sends.

    Left out: rows without a time, minutes that had not ended at the receipt (the vendor pads the future with the last
    price), and rows outside the regular session, up to ten minutes behind its close.
    """
    columns = {name: list(values) for name, values in sheet.columns.items() if name != "hour"}
    columns["session"] = list(days)
    columns["at"] = moments.instants(list(days), sheet.columns["hour"])
    kinds = {name: kind for name, kind in sheet.kinds.items() if name != "hour"}
    kinds |= {"session": pl.Date(), "at": FRAME_TYPES[Kind.INSTANT]}
    whole = Sheet(columns, kinds, sheet.faults, sheet.padding)
    dated = whole.keep([at is not None for at in columns["at"]])
    ended = dated.keep([at + MINUTE <= reply.received_at for at in dated.columns["at"]])
    inside = ended.keep([_inside(span(day), at) for day, at in ended.across(["session", "at"])])
    return inside, {
        MARKER: whole.height - dated.height,
        UNFINISHED: dated.height - ended.height,
        OUTSIDE: ended.height - inside.height,
    }


def newest(sheet: Sheet) -> tuple[Sheet, int]:
    """One row a minute, the first that the vendor lists, which is the newest; and how many are left out."""
    seen: set[datetime] = set()
    mask = []
    for at in sheet.columns["at"]:
        mask.append(at not in seen)
        seen.add(at)
    return sheet.keep(mask), len(mask) - sum(mask)


def traded(sheet: Sheet) -> tuple[Sheet, int]:
    """The minutes with a trade, and how many have none: the vendor repeats the last price for them."""
    some = sheet.keep([volume is None or volume > 0 for volume in sheet.columns["volume"]])
    return some, sheet.height - some.height


def _inside(span: tuple[datetime | None, datetime | None], at: datetime) -> bool:
    opened, closed = span
    return opened is not None and closed is not None and opened <= at <= closed + moments.SETTLING


def stamp(frame: pl.DataFrame, moment: datetime, column: str = "known_at") -> pl.DataFrame:
    """The frame with one moment in a column."""
    return frame.with_columns(pl.lit(moment.astimezone(UTC)).cast(pl.Datetime("us", "UTC")).alias(column))
