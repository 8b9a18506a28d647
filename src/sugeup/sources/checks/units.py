"""In which unit a figure seems to be, told from how far it is from what it should be near."""

from __future__ import annotations

import polars as pl

_UNITS = (
    (1_000, "thousand (천)"),
    (1_000_000, "million (백만)"),
    (100_000_000, "hundred million (억)"),
    (1_000_000_000_000, "trillion (조)"),
)


def unit_of(ratio: pl.Expr, *, centre: float = 1.0) -> pl.Expr:
    """Words for a figure that is `ratio` times what it should be: `looks like million (백만) won: …`; never null."""
    said = pl.lit("is implausible")
    for size, word in _UNITS:
        small, large = (ratio * size / centre).log10().abs() < 1.5, (ratio / size / centre).log10().abs() < 1.5
        said = pl.when(small).then(pl.lit(f"looks like {word} won: give won, multiply by {size:,}")).otherwise(said)
        said = pl.when(large).then(pl.lit(f"is about {size:,} times too large")).otherwise(said)
    return said


def rounding_unit(frame: pl.DataFrame, columns: list[str]) -> int:
    """The largest of 1, a thousand, a million and a hundred million that divides every figure of these columns."""
    if frame.is_empty() or not columns:
        return 1
    for unit in (100_000_000, 1_000_000, 1_000):
        if frame.select(pl.all_horizontal((pl.col(name) % unit == 0).fill_null(True).all() for name in columns)).item():
            return unit
    return 1
