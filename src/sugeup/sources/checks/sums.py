"""Parts that must add to a whole, to within rounding."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from sugeup.sources.files.layout import faults


def unequal(frame: pl.DataFrame, whole: str, parts: Sequence[str], slack: int) -> pl.DataFrame:
    """The rows whose parts miss the whole by more than `slack` (in the figures' unit); null counts as not wrong."""
    added = pl.sum_horizontal(parts, ignore_nulls=False)
    wrong = (added - pl.col(whole)).abs() > slack
    return faults(frame, wrong, f"{' and '.join(parts)} do not add to {whole}", pl.format("{} ≠ {}", added, whole))
