"""Bars of a day, and from when on the figures of a day no longer run."""

from __future__ import annotations

from datetime import time

import polars as pl

CLOSED = time(15, 45)
"""Time in Seoul from which the figures of the day no longer run; provisional until they are confirmed."""
PRICES = ("raw_open", "raw_high", "raw_low")


def traded(frame: pl.DataFrame) -> pl.DataFrame:
    """The bars with `status`: without volume the stock was halted, and has no opening, highest and lowest price."""
    halted = pl.col("volume") == 0
    return frame.with_columns(
        *(pl.when(pl.col(name) != 0).then(pl.col(name)).alias(name) for name in PRICES),
        pl.when(halted).then(pl.lit("HALTED")).when(~halted).then(pl.lit("TRADED")).alias("status"),
    )
