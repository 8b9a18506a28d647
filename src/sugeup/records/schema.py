"""How a record is declared: columns with unit, Korean name and meaning; a key; a partition.

From one declaration derive the lake's schema (`Dataset.frame_schema`), the columns of a frame, a JSON schema and a page
of the data dictionary. Units: won and shares are integers; prices are raw (not adjusted); percent and index levels are
floats. Missing is null, never 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

import polars as pl


class Kind(StrEnum):
    """Type of a column, one word for every face and store."""

    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    DATE = "date"
    INSTANT = "instant"


FRAME_TYPES: dict[Kind, pl.DataType] = {
    Kind.INTEGER: pl.Int64(),
    Kind.NUMBER: pl.Float64(),
    Kind.TEXT: pl.String(),
    Kind.BOOLEAN: pl.Boolean(),
    Kind.DATE: pl.Date(),
    Kind.INSTANT: pl.Datetime("us", "UTC"),
}
_JSON_TYPES: dict[Kind, dict[str, str]] = {
    Kind.INTEGER: {"type": "integer"},
    Kind.NUMBER: {"type": "number"},
    Kind.TEXT: {"type": "string"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.INSTANT: {"type": "string", "format": "date-time"},
}


class Partition(StrEnum):
    """Which rows of a table lie in one folder: what an upsert of one session has to touch."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    WHOLE = "whole"


@dataclass(frozen=True)
class Column:
    """One column: `unit` is empty for text; `required` columns are never null."""

    name: str
    kind: Kind
    unit: str
    korean: str
    meaning: str
    required: bool = False
    values: tuple[str, ...] = ()


SIGN = "±1"
"""Unit of a column that holds a direction: negative without being a net figure."""

VENUES = ("KRX", "NXT", "CONSOLIDATED")
PRODUCTS = ("STOCK", "ALL")
HOURS = ("REGULAR", "TOTAL", "UNKNOWN")

PROVENANCE: tuple[Column, ...] = (
    Column("source", Kind.TEXT, "", "출처", "Name of the source that gave the row; a row has one source.", True),
    Column("venue", Kind.TEXT, "", "거래소", "Where the trades were made.", True, VENUES),
    Column("products", Kind.TEXT, "", "상품 범위", "STOCK: stocks only; ALL: with ETF, ETN and ELW.", True, PRODUCTS),
    Column("hours", Kind.TEXT, "", "시간 범위", "Trading hours that the figures cover.", True, HOURS),
    Column("known_at", Kind.INSTANT, "UTC", "공개 시각", "First moment at which anyone could know the row.", True),
    Column("ingested_at", Kind.INSTANT, "UTC", "저장 시각", "Moment at which the row was stored here.", True),
    Column("final", Kind.BOOLEAN, "", "확정 여부", "False while the figures are provisional (잠정).", True),
)
"""Columns of every dataset, after its own."""


@dataclass(frozen=True)
class Dataset:
    """One record type. `scope` is the key column that says whose row it is; `dated` the key column that holds its date.

    `key` does not repeat `venue`, which belongs to every key of a dataset that is traded (`traded`). `provisional`: its
    rows are never final, because no final figure is ever published. `every_day`: there may be rows of days on which the
    exchange is closed.
    """

    name: str
    korean: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    partition: Partition
    scope: str
    dated: str = "session"
    traded: bool = True
    provisional: bool = False
    every_day: bool = False

    @cached_property
    def all_columns(self) -> tuple[Column, ...]:
        """The dataset's own columns, then the provenance of the row."""
        return self.columns + PROVENANCE

    @cached_property
    def full_key(self) -> tuple[str, ...]:
        """Key as the store enforces it."""
        return (*self.key, "venue") if self.traded else self.key

    @cached_property
    def measures(self) -> tuple[str, ...]:
        """Names of the columns that hold the row's facts: neither key nor provenance."""
        return tuple(column.name for column in self.columns if column.name not in self.key)

    @cached_property
    def frame_schema(self) -> dict[str, pl.DataType]:
        """Column types of a frame and of the lake's table, in stored order."""
        return {column.name: FRAME_TYPES[column.kind] for column in self.all_columns}

    def column(self, name: str) -> Column:
        """The column of that name; KeyError when the dataset has none."""
        for column in self.all_columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name!r}")

    def json_schema(self) -> dict[str, Any]:
        """JSON schema of one row."""
        properties: dict[str, Any] = {}
        for column in self.all_columns:
            described = dict(_JSON_TYPES[column.kind]) | {"title": column.korean, "description": column.meaning}
            if column.values:
                described["enum"] = list(column.values)  # type: ignore[assignment]
            if column.unit:
                described["unit"] = column.unit
            properties[column.name] = described if column.required else {"anyOf": [described, {"type": "null"}]}
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": self.name,
            "description": self.meaning,
            "type": "object",
            "properties": properties,
            "required": [column.name for column in self.all_columns if column.required],
            "additionalProperties": False,
        }

    def empty(self) -> pl.DataFrame:
        """A frame of this dataset without rows."""
        return pl.DataFrame(schema=self.frame_schema)

    def conform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with exactly this dataset's columns, in order and of its types; absent ones are null.

        Raises polars.exceptions.PolarsError when a value does not fit its column.
        """
        present = set(frame.columns)
        return frame.select(
            (pl.col(name).cast(kind, strict=True) if name in present else pl.lit(None, dtype=kind)).alias(name)
            for name, kind in self.frame_schema.items()
        )


def integer(name: str, unit: str, korean: str, meaning: str) -> Column:
    """A nullable whole number."""
    return Column(name, Kind.INTEGER, unit, korean, meaning)


def number(name: str, unit: str, korean: str, meaning: str) -> Column:
    """A nullable number with decimals."""
    return Column(name, Kind.NUMBER, unit, korean, meaning)


def text(name: str, korean: str, meaning: str, *, required: bool = False, values: Iterable[str] = ()) -> Column:
    """Text."""
    return Column(name, Kind.TEXT, "", korean, meaning, required, tuple(values))


CODE = text("code", "종목코드", "Short code of the security: six characters, letters possible.", required=True)
AT = Column("at", Kind.INSTANT, "UTC", "시각", "Minute of the row, at its start.", True)
SESSION = Column("session", Kind.DATE, "", "거래일", "Exchange day in Seoul.", True)
