"""Figures as vendors round them, on decimal numbers: another road than the sandbox's."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import polars as pl

THOUSAND, MILLION, EOK = 1_000, 1_000_000, 100_000_000


def rounded(figures: pl.Series, unit: int) -> pl.Series:
    """Half away from zero."""

    def one(value: int) -> int:
        return int((Decimal(value) / unit).quantize(Decimal(1), ROUND_HALF_UP)) * unit

    return pl.Series(figures.name, [None if value is None else one(value) for value in figures], dtype=pl.Int64)


def levels(figures: pl.Series) -> pl.Series:
    """Numbers with two decimals."""
    if figures.dtype != pl.Float64:
        return figures
    return pl.Series([None if value is None else float(f"{value:.2f}") for value in figures], dtype=pl.Float64)
