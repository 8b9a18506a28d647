"""Checks of rows that have a moment: inside the session's hours, trades in order, tallies of a slot that has them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import polars as pl

from sugeup.market import publication, sessions
from sugeup.records import Dataset
from sugeup.sources.checks.context import Context
from sugeup.sources.files.layout import faults, no_faults

_TIMED = {"ticks", "minute_bars", "index_minute", "program_minute_market", "program_minute_stock"}
_AFTER_CLOSE = timedelta(minutes=10)
_WIDEST = (time(8, 0), time(20, 0))
_SLOT_COLUMNS = {"institution_net_volume": 1, "foreign_net_volume": 2}
"""Columns of a tally and the slot in which they are not published."""


def moments(dataset: Dataset, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """The moment is of the session's day, a minute's start where minutes are the key, and known no earlier."""
    if "at" not in frame.columns:
        return no_faults()
    at = pl.col("at")
    day = at.dt.convert_time_zone("Asia/Seoul").dt.date()
    found = [faults(frame, day != pl.col("session"), "at is not on the day of the session in Seoul", at)]
    if "at" in dataset.key:
        found.append(faults(frame, at != at.dt.truncate("1m"), "at is not the start of a minute", at))
    if "known_at" in frame.columns:
        found.append(faults(frame, pl.col("known_at") < at, "known_at lies before at", pl.col("known_at")))
    return pl.concat(found)


def hours(dataset: Dataset, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """The moment lies inside the regular session of that day, or ten minutes behind it, when the close is settled.

    Rows of another venue than the exchange, and rows whose `hours` are TOTAL, lie between 08:00 and 20:00.
    """
    if dataset.name not in _TIMED or frame.is_empty():
        return no_faults()
    kinds = frame.select("session", "venue", "hours").unique().rows()
    spans = pl.DataFrame(
        [(*kind, *_span(*kind)) for kind in kinds],
        schema={
            "session": pl.Date,
            "venue": pl.String,
            "hours": pl.String,
            "__open": pl.Datetime("us", "Asia/Seoul"),
            "__close": pl.Datetime("us", "Asia/Seoul"),
        },
        orient="row",
    )
    timed = frame.join(spans, on=["session", "venue", "hours"], how="left")
    said = pl.format(
        "at lies outside the hours {} to {} in Seoul; rows with after-market trading have the hours TOTAL",
        pl.col("__open").dt.strftime("%H:%M"),
        pl.col("__close").dt.strftime("%H:%M"),
    )
    local = pl.col("at").dt.convert_time_zone("Asia/Seoul")
    outside = (local < pl.col("__open")) | (local > pl.col("__close"))
    return faults(timed, outside, said, local)


def trades(dataset: Dataset, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """A trade has a price, a share at least and one of two sides; the next of the sequence is not earlier in time."""
    if dataset.name != "ticks" or frame.is_empty():
        return no_faults()
    found = [
        faults(frame, pl.col(name) == 0, f"{name} is 0: a trade has one", pl.col(name)) for name in ("price", "volume")
    ]
    if "side" in frame.columns:
        found.append(
            faults(frame, ~pl.col("side").is_in([1, -1]), "side is not 1 (buyer), -1 (seller) or empty", pl.col("side"))
        )
    ordered = frame.sort("code", "session", "venue", "seq")
    reached = pl.col("at").cum_max().over("code", "session", "venue")
    found.append(
        faults(ordered, pl.col("at") < reached, "at lies before the moment of a trade with a smaller seq", pl.col("at"))
    )
    return pl.concat(found)


def inside_day(dataset: Dataset, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Prices of the exchange's regular session lie inside the stored range of the day."""
    names = {"ticks": ("price",), "minute_bars": ("raw_low", "raw_high")}.get(dataset.name)
    if names is None or context.bars is None or frame.is_empty():
        return no_faults()
    regular = (pl.col("venue") == "KRX") & (pl.col("hours") != "TOTAL")
    bars = context.bars.rename({"raw_low": "__low", "raw_high": "__high"})
    priced = frame.filter(regular).join(bars, on=["code", "session"], how="inner")
    return pl.concat(
        [no_faults()]
        + [
            faults(
                priced,
                (pl.col(name) < pl.col("__low")) | (pl.col(name) > pl.col("__high")),
                f"{name} lies outside the prices of that day",
                pl.format("{} outside {} to {}", name, "__low", "__high"),
            )
            for name in names
            if name in priced.columns
        ]
    )


def tallies(dataset: Dataset, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """A tally is of one of five slots, holds no group that is not published in its slot, and is not known before it."""
    if dataset.name != "stock_estimate":
        return no_faults()
    slots = len(publication.SLOTS)
    found = [faults(frame, ~pl.col("slot").is_between(1, slots), f"slot is not 1 to {slots}", pl.col("slot"))]
    found += [
        faults(
            frame,
            (pl.col("slot") == slot) & pl.col(name).is_not_null(),
            f"{name} is not published in slot {slot} (NOT_PUBLISHED_YET): leave it empty, whatever the screen shows",
            pl.col(name),
        )
        for name, slot in _SLOT_COLUMNS.items()
        if name in frame.columns
    ]
    if "known_at" in frame.columns:
        earliest = publication.slot_time("slot", "session", -publication.SLOT_TOLERANCE)
        found.append(
            faults(frame, pl.col("known_at") < earliest, "known_at lies before the slot's time", pl.col("known_at"))
        )
    return pl.concat(found)


CHECKS = (moments, hours, trades, inside_day, tallies)


def _span(day: date, venue: str, covered: str) -> tuple[datetime | None, datetime | None]:
    """First and last moment that rows of a session may have; none where the hours of that day are not known."""
    if venue != "KRX" or covered == "TOTAL":
        return (
            datetime.combine(day, _WIDEST[0], sessions.SEOUL),
            datetime.combine(day, _WIDEST[1], sessions.SEOUL),
        )
    opened, closed = sessions.open_at(day), sessions.close_at(day)
    return opened, None if closed is None else closed + _AFTER_CLOSE
