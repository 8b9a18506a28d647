"""Figures of one key by two sources: the current row and the rows that lost against it, side by side."""

from __future__ import annotations

from datetime import date

import polars as pl

from sugeup.market import investors
from sugeup.records import Dataset, Kind
from sugeup.store import delta
from sugeup.store.delta import Span
from sugeup.store.lake import Lake

SCHEMA = {
    "scope": pl.String(),
    "dated": pl.Date(),
    "column": pl.String(),
    "source": pl.String(),
    "value": pl.Float64(),
    "other_source": pl.String(),
    "other_value": pl.Float64(),
}


def rivals(lake: Lake, dataset: Dataset, start: date) -> pl.DataFrame:
    """Pairs of different figures since a date: scope, date, column, and both sources with what they say.

    Of each source the row that it said last; prices, amounts and volumes in the dataset's units. Where one source
    counts 국가·지자체 inside 연기금등, the two of the others are added before they are compared.
    """
    span = Span(dataset, start, None)
    wanted = list(dataset.frame_schema)
    both = [delta.collect(dataset, lake._files(dataset, past=past), span, wanted) for past in (False, True)]
    rows = pl.concat(both).sort("ingested_at", descending=True)
    rows = rows.unique([*dataset.full_key, "source"], keep="first", maintain_order=True)
    numbers = [
        column.name
        for column in dataset.columns
        if column.kind in (Kind.INTEGER, Kind.NUMBER) and column.name not in dataset.key
    ]
    keys = list(dataset.full_key)
    shared = rows.filter(pl.col("source").n_unique().over(keys) > 1)
    if shared.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    long = (
        _alike(shared, keys)
        .select(*keys, "source", *(pl.col(name).cast(pl.Float64) for name in numbers))
        .unpivot(numbers, index=[*keys, "source"], variable_name="column", value_name="value")
        .drop_nulls("value")
    )
    pairs = long.join(long, on=[*keys, "column"], suffix="_other").filter(pl.col("source") < pl.col("source_other"))
    return (
        pairs.filter(pl.col("value") != pl.col("value_other"))
        .select(
            pl.col(dataset.scope).alias("scope"),
            pl.col(dataset.dated).alias("dated"),
            "column",
            "source",
            "value",
            pl.col("source_other").alias("other_source"),
            pl.col("value_other").alias("other_value"),
        )
        .sort("dated", "scope", "column")
    )


def _alike(rows: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Rows whose 연기금등 means the same for every source of a key."""
    changed = []
    for side in investors.SIDES:
        for measure in investors.MEASURES:
            pension, government = (investors.column(one, side, measure) for one in ("pension_fund", "government"))
            if not {pension, government} <= set(rows.columns):
                continue
            inside = (pl.col(pension).is_not_null() & pl.col(government).is_null()).any().over(keys)
            changed += [
                pl.when(inside)
                .then(pl.col(pension) + pl.col(government).fill_null(0))
                .otherwise(pension)
                .alias(pension),
                pl.when(inside).then(None).otherwise(government).alias(government),
            ]
    return rows.with_columns(changed)
