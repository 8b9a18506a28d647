"""Checks of every dataset: a whole and well-formed key, a day that is a past exchange session, signs that are right."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import polars as pl

from sugeup.market import sessions
from sugeup.market.calendar_tables import FIRST, LAST
from sugeup.records import Dataset, Kind
from sugeup.records.schema import SIGN
from sugeup.sources.checks.context import Context
from sugeup.sources.files.layout import ROW, faults, no_faults

CODE = r"^[0-9A-Z]{6}$"
_SEOUL = ZoneInfo("Asia/Seoul")
_WEEKEND = ("weekend (Saturday)", "weekend (Sunday)")


def identify(dataset: Dataset, frame: pl.DataFrame, context: Context) -> list[pl.DataFrame]:
    """Faults of the identity of a row: without one, nothing else is checked on it."""
    found = [_required(dataset, frame), _words(dataset, frame)]
    if "code" in dataset.key:
        found.append(
            faults(
                frame,
                ~pl.col("code").str.contains(CODE),
                "the code is malformed: six characters, digits or capital letters",
                pl.col("code"),
            )
        )
    found.append(_dated(dataset, frame, context))
    return found


def known(dataset: Dataset, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """A stated time of knowledge lies between the row's date and now: an earlier one would let a test look ahead."""
    if "known_at" not in frame.columns:
        return no_faults()
    start = pl.col(dataset.dated).cast(pl.Datetime("us")).dt.replace_time_zone("Asia/Seoul").dt.convert_time_zone("UTC")
    return pl.concat(
        [
            faults(frame, pl.col("known_at") < start, f"known_at lies before the {dataset.dated}", pl.col("known_at")),
            faults(frame, pl.col("known_at") > context.now, "known_at lies in the future", pl.col("known_at")),
        ]
    )


def signs(dataset: Dataset, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Nothing but net figures, changes and directions may be negative."""
    counted = [
        column.name
        for column in dataset.columns
        if column.kind is Kind.INTEGER
        and column.name in frame.columns
        and "_net_" not in column.name
        and not column.name.startswith("change_")
        and column.unit != SIGN
    ]
    return pl.concat(
        [no_faults()] + [faults(frame, pl.col(name) < 0, f"{name} is negative", pl.col(name)) for name in counted]
    )


def provisional(dataset: Dataset, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """A row of a dataset that has no final figures does not call itself final."""
    if not dataset.provisional or "final" not in frame.columns:
        return no_faults()
    return faults(frame, pl.col("final"), f"final is true, but {dataset.korean} {dataset.name} is always provisional")


CHECKS = (known, signs, provisional)


def _required(dataset: Dataset, frame: pl.DataFrame) -> pl.DataFrame:
    needed = [column.name for column in dataset.columns if column.required]
    return pl.concat(
        [no_faults()]
        + [
            faults(frame, pl.col(name).is_null() if name in frame.columns else pl.lit(True), f"{name} is empty")
            for name in needed
            if name != "products"
        ]
    )


def _words(dataset: Dataset, frame: pl.DataFrame) -> pl.DataFrame:
    return pl.concat(
        [no_faults()]
        + [
            faults(
                frame,
                ~pl.col(column.name).is_in(list(column.values)),
                f"{column.name} is not one of {', '.join(column.values)}",
                pl.col(column.name),
            )
            for column in dataset.all_columns
            if column.values and column.name in frame.columns
        ]
    )


def _dated(dataset: Dataset, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    today = context.now.astimezone(_SEOUL).date()
    days = [day for day in frame[dataset.dated].unique().to_list() if day is not None]
    wrong = {day: said for day in days if (said := _verdict(day, today, traded=dataset.dated == "session"))}
    if not wrong:
        return no_faults()
    reason = pl.col(dataset.dated).replace_strict(wrong, default=None, return_dtype=pl.String)
    return frame.select(ROW, reason.alias("reason"), pl.col(dataset.dated).cast(pl.String).alias("value")).filter(
        pl.col("reason").is_not_null()
    )


def _verdict(day: date, today: date, *, traded: bool) -> str | None:
    if day > today:
        return f"the date lies in the future (today is {today})"
    if not FIRST <= day <= LAST:
        return f"OUT_OF_HISTORY: the trading calendar covers {FIRST} to {LAST}"
    if not traded or sessions.is_session(day):
        return None
    closure = sessions.closure(day)
    return f"no exchange session: {closure.reason if closure else _WEEKEND[day.weekday() - 5]}"
