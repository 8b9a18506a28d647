"""Checks of marks and events: a warning has a step and nothing else has one; factors that turn a share into another."""

from __future__ import annotations

import polars as pl

from sugeup.records import Dataset
from sugeup.sources.checks.context import Context
from sugeup.sources.files.layout import faults, no_faults

_STEPS = ("1", "2", "3")
_VALUE_KEPT = ("SPLIT", "CONSOLIDATION")
_SLACK = 0.02


def levels(dataset: Dataset, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """A warning (시장경고) has a step of 1 to 3; another mark has none."""
    if dataset.name != "designations" or "level" not in frame.columns:
        return no_faults()
    level, warning = pl.col("level"), pl.col("kind") == "WARNING"
    wrong = (warning & ~level.is_in(list(_STEPS)).fill_null(False)) | (~warning & level.is_not_null())
    return faults(frame, wrong, "level is 1, 2 or 3 for a WARNING, and empty for any other mark", level)


def factors(dataset: Dataset, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Factors are above 0; where only the number of shares changes, shares times price stays."""
    if dataset.name != "corporate_actions":
        return no_faults()
    names = [name for name in ("share_factor", "price_factor") if name in frame.columns]
    found = [faults(frame, pl.col(name) <= 0, f"{name} is not above 0", pl.col(name)) for name in names]
    if len(names) == 2:
        product = pl.col("share_factor") * pl.col("price_factor")
        found.append(
            faults(
                frame,
                pl.col("kind").is_in(list(_VALUE_KEPT)) & ((product - 1).abs() > _SLACK),
                "share_factor times price_factor is not 1, though the event changes the number of shares alone",
                pl.format("{} × {}", "share_factor", "price_factor"),
            )
        )
    return pl.concat([no_faults(), *found])


CHECKS = (levels, factors)
