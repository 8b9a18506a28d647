"""Reads the values of a file as our kinds, whatever type the file gave them: text of a CSV or types of a Parquet file.

A value that does not fit is a fault of its row, with a reason in words; an empty text is null. Codes keep their
leading zeros: a number is padded to six digits. A time without an offset is Seoul time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from sugeup.records import Kind
from sugeup.sources.files.layout import FAULT_SCHEMA, ROW

_DATE = r"^(\d{4})[-./]?(\d{2})[-./]?(\d{2})(?:[ T]00:00(?::00(?:\.0+)?)?)?$"
_OFFSET = r"(?:Z|[+-]\d{2}:?\d{2})$"


def typed(frame: pl.DataFrame, kinds: Mapping[str, Kind]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The columns of `kinds` with `row`, read as their kinds, and the faults of values that do not fit (then null)."""
    taken, found = [pl.col(ROW)], []
    for name, kind in kinds.items():
        text = written(frame.schema[name], name)
        read, allowed = _READERS[kind](frame.schema[name], name)
        taken.append((_padded(read) if name == "code" else read).alias(name))
        found.append(
            frame.lazy()
            .select(ROW, text.alias("value"), read.alias("__read"))
            .filter(pl.col("value").is_not_null() & pl.col("__read").is_null())
            .select(ROW, pl.lit(f"{name} {allowed}").alias("reason"), "value")
        )
    empty = pl.DataFrame(schema=FAULT_SCHEMA)
    wrong = pl.concat(
        [empty, *(one.select(pl.col(n).cast(k) for n, k in FAULT_SCHEMA.items()) for one in pl.collect_all(found))]
    )
    return frame.select(taken), wrong


def written(dtype: pl.DataType, name: str) -> pl.Expr:
    """The column as the text that stands in the file, stripped; empty is null, and a value that has no text says so."""
    if dtype.is_nested() or dtype == pl.Binary:
        return pl.when(pl.col(name).is_not_null()).then(pl.lit(f"a value of type {dtype}"))
    stripped = pl.col(name).cast(pl.String).str.strip_chars()
    return pl.when(stripped != "").then(stripped)


def _padded(code: pl.Expr) -> pl.Expr:
    short = code.str.contains(r"^\d{1,5}$")
    return pl.when(short).then(code.str.zfill(6)).otherwise(code)


def _as_text(dtype: pl.DataType, name: str) -> tuple[pl.Expr, str]:
    if dtype.is_nested() or dtype == pl.Binary:
        return pl.lit(None, dtype=pl.String), "is not text"
    if dtype.is_float():
        return written(dtype, name).str.replace(r"\.0$", ""), "is not text"
    return written(dtype, name), "is not text"


def _as_integer(dtype: pl.DataType, name: str) -> tuple[pl.Expr, str]:
    allowed = "is not a whole number: digits only, no unit, no NaN or infinity"
    if dtype.is_integer():
        return pl.col(name).cast(pl.Int64, strict=False), allowed
    if dtype.is_float():
        whole = pl.col(name).is_finite() & (pl.col(name) == pl.col(name).round(0))
        return pl.when(whole).then(pl.col(name)).cast(pl.Int64, strict=False), allowed
    digits = written(dtype, name).str.replace_all(",", "").str.replace(r"\.0+$", "").str.strip_prefix("+")
    return pl.when(digits.str.contains(r"^-?\d+$")).then(digits).cast(pl.Int64, strict=False), allowed


def _as_number(dtype: pl.DataType, name: str) -> tuple[pl.Expr, str]:
    allowed = "is not a finite number"
    if dtype.is_numeric():
        number = pl.col(name).cast(pl.Float64, strict=False)
    else:
        number = written(dtype, name).str.replace_all(",", "").cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number), allowed


def _as_date(dtype: pl.DataType, name: str) -> tuple[pl.Expr, str]:
    allowed = "is not a date: write YYYY-MM-DD or YYYYMMDD"
    if dtype == pl.Date:
        return pl.col(name), allowed
    if isinstance(dtype, pl.Datetime):
        local = pl.col(name) if dtype.time_zone is None else pl.col(name).dt.convert_time_zone("Asia/Seoul")
        return pl.when(local.dt.time() == pl.time(0, 0)).then(local.dt.date()), allowed
    digits = written(dtype, name).str.replace(_DATE, "${1}${2}${3}")
    return pl.when(digits.str.contains(r"^\d{8}$")).then(digits).str.to_date("%Y%m%d", strict=False), allowed


def _as_instant(dtype: pl.DataType, name: str) -> tuple[pl.Expr, str]:
    allowed = "is not a time: write YYYY-MM-DDTHH:MM:SS, with an offset unless it is Seoul time"
    if isinstance(dtype, pl.Datetime):
        micro = pl.col(name).dt.cast_time_unit("us")
        if dtype.time_zone is None:
            micro = micro.dt.replace_time_zone("Asia/Seoul")
        return micro.dt.convert_time_zone("UTC"), allowed
    text = written(dtype, name).str.replace("T", " ", literal=True).str.replace(r"Z$", "+00:00")
    text = text.str.replace(r"^(\d{4}-\d{2}-\d{2} \d{2}:\d{2})($|[+-])", "${1}:00${2}")
    aware = pl.when(text.str.contains(_OFFSET)).then(text)
    there = aware.str.to_datetime("%Y-%m-%d %H:%M:%S%.f%z", time_unit="us", time_zone="UTC", strict=False)
    local = text.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False)
    seoul = local.dt.replace_time_zone("Asia/Seoul", ambiguous="earliest", non_existent="null")
    return pl.coalesce(there, seoul.dt.convert_time_zone("UTC")), allowed


def _as_boolean(dtype: pl.DataType, name: str) -> tuple[pl.Expr, str]:
    words = {"true": True, "1": True, "false": False, "0": False}
    text = written(dtype, name).str.to_lowercase()
    return text.replace_strict(words, default=None, return_dtype=pl.Boolean), "is not true or false"


_READERS: dict[Kind, Callable[[pl.DataType, str], tuple[pl.Expr, str]]] = {
    Kind.TEXT: _as_text,
    Kind.INTEGER: _as_integer,
    Kind.NUMBER: _as_number,
    Kind.DATE: _as_date,
    Kind.INSTANT: _as_instant,
    Kind.BOOLEAN: _as_boolean,
}
